// Opens and closes views, finds the places of findings in them, and follows each save.

const MARKED = "data-marked";
const scrolled = new Map();
let version = document.body.dataset.version;
let chosen = null;

const one = selector => document.querySelector(selector);
const all = selector => [...document.querySelectorAll(selector)];
const figure = view => one(`figure[data-view="${CSS.escape(view)}"]`);
const frameOf = shown => shown.querySelector("iframe");
const pageIn = frame => frame.contentDocument;

// ---------------------------------------------------------------- views

function views() {
  const known = all("#views button").map(button => button.dataset.view);
  const asked = decodeURIComponent(location.hash.slice(1)).split(",").filter(view => known.includes(view));
  return asked.length ? asked : all('#views button[data-open="yes"]').map(button => button.dataset.view);
}

function choose(wanted) {
  const order = all("#views button").map(button => button.dataset.view);
  history.replaceState(null, "", `#${order.filter(view => wanted.includes(view)).join(",")}`);
  show();
}

function toggle(view) {
  const open = views();
  const wanted = open.includes(view) ? open.filter(other => other !== view) : [...open, view];
  if (wanted.length) choose(wanted);
}

function show() {
  const open = views();
  for (const button of all("#views button")) button.setAttribute("aria-pressed", open.includes(button.dataset.view));
  for (const shown of all("figure")) {
    shown.style.width = `${shown.dataset.width}px`;
    const wanted = open.includes(shown.dataset.view);
    if (shown.hidden && wanted) load(shown);
    shown.hidden = !wanted;
  }
}

function load(shown) {
  const frame = frameOf(shown), address = `${shown.dataset.address}?version=${version}`;
  shown.dataset.version = version;
  frame.onload = () => settle(shown);
  if (frame.getAttribute("src")) frame.contentWindow.location.replace(address);
  else frame.src = address;
}

function settle(shown) {
  const page = pageIn(frameOf(shown));
  if (!page) return;
  page.documentElement.style.scrollbarWidth = "none";
  frameOf(shown).contentWindow.scrollTo(0, scrolled.get(shown.dataset.view) ?? 0);
  for (const button of all(".findings button")) mark(shown, button, "2px dashed #c77700");
  if (chosen) outline(shown, chosen);
  shown.dataset.settled = shown.dataset.version;
}

// ---------------------------------------------------------------- findings

// Of several elements on a line, that whose address the finding names.
function placeIn(shown, button) {
  const { file, line, article } = button.dataset;
  const seen = selector => [...pageIn(frameOf(shown)).querySelectorAll(selector)].filter(node => node.getClientRects().length);
  const named = node => [node.getAttribute("href"), node.getAttribute("src")].some(url => url && button.textContent.includes(url));
  const onLine = file === shown.dataset.file && line !== "0" ? seen(`[data-line="${line}"]`) : [];
  return onLine.find(named) ?? onLine[0] ?? (article !== "0" ? seen(`[data-article="${article}"]`)[0] : undefined);
}

function mark(shown, button, style) {
  const place = placeIn(shown, button);
  if (!place || place.matches("html, body")) return undefined;
  place.style.outline = style;
  place.style.outlineOffset = "3px";
  return place;
}

function outline(shown, button) {
  const page = pageIn(frameOf(shown));
  const before = page?.querySelector(`[${MARKED}]`);
  if (before) {
    before.style.outline = "2px dashed #c77700";
    before.removeAttribute(MARKED);
  }
  const place = mark(shown, button, "3px solid #d0342c");
  place?.setAttribute(MARKED, "");
  return place;
}

function locate(button) {
  const { file, line, article } = button.dataset;
  for (const other of all(".findings button")) other.setAttribute("aria-pressed", other === button);
  chosen = button;
  const able = all("figure").filter(shown => (file && line !== "0" && shown.dataset.file === file) || article !== "0");
  if (!able.some(shown => !shown.hidden) && able.length) choose([...views(), able[0].dataset.view]);
  for (const shown of able.filter(one => !one.hidden)) outline(shown, button)?.scrollIntoView({ block: "center" });
}

// ---------------------------------------------------------------- saves

async function refresh() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const shown of all("figure:not([hidden])")) {
    scrolled.set(shown.dataset.view, frameOf(shown).contentWindow?.scrollY ?? 0);
  }
  const listed = one("#side").scrollTop, folded = new Map(all("details").map(part => [part.dataset.name, part.open]));
  version = fresh.body.dataset.version;
  chosen = null;
  document.title = fresh.title;
  for (const id of ["side", "head", "views"]) one(`#${id}`).replaceWith(fresh.getElementById(id));
  one("#failure")?.remove();
  const failure = fresh.getElementById("failure");
  if (failure) one("#views").before(failure);
  one("#side").scrollTop = listed;
  for (const part of all("details")) part.open = folded.get(part.dataset.name) ?? part.open;
  const names = page => [...page.querySelectorAll("figure")].map(shown => shown.dataset.view).join();
  if (names(document) === names(fresh)) for (const shown of all("figure:not([hidden])")) load(shown);
  else one("#frames").replaceWith(fresh.getElementById("frames"));
  for (const shown of all("figure[hidden] iframe[src]")) shown.removeAttribute("src");
  document.body.dataset.version = version;
  show();
  say(`Shown as of ${new Date().toLocaleTimeString()}`);
}

function say(text, lost = false) {
  one("#state").textContent = text;
  one("#state").classList.toggle("lost", lost);
}

let ears = null;
let waiting = Promise.resolve();

function listen() {
  ears?.close();
  ears = new EventSource(`/events?known=${version}`);
  ears.onopen = () => { if (one("#state").classList.contains("lost")) say("Follows each save"); };
  ears.onerror = () => say("The preview has ended; start it again", true);
  ears.onmessage = () => { waiting = waiting.then(refresh).catch(() => say("The preview has ended; start it again", true)); };
}

// ---------------------------------------------------------------- the page

document.addEventListener("click", event => {
  const button = event.target.closest("button"), link = event.target.closest("nav a");
  if (button?.dataset.view) toggle(button.dataset.view);
  else if (button?.closest(".findings")) locate(button);
  else if (link) link.hash = location.hash;
});
addEventListener("hashchange", show);
// A browser opens few connections to one host: a page that nobody sees leaves them to others.
document.addEventListener("visibilitychange", () => document.hidden ? ears?.close() : listen());
show();
listen();
