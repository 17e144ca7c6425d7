"""Chromium shows feeds and their pages as they are meant: readable by day and by night, on any screen, from the keyboard."""

import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from html import unescape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from publisher.templating import bundled

QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars"
).split()
WIDTHS = (320, 375, 1280)

#: Shows a file in frames of several widths and writes what it measures into its own title.
PROBE = """<!doctype html><title></title><body>{frames}<script>
function colours(node, view) {{
  let behind = node, background = view.getComputedStyle(node).backgroundColor;
  while (background === "rgba(0, 0, 0, 0)" && behind.parentElement) {{
    behind = behind.parentElement; background = view.getComputedStyle(behind).backgroundColor;
  }}
  return [node.localName, view.getComputedStyle(node).color, background];
}}
const shown = node => node.getClientRects().length > 0;
const says = node => [...node.childNodes].some(part => part.nodeType === 3 && part.textContent.trim());
function outlined(link, view) {{
  link.focus();
  const style = view.getComputedStyle(link);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}}
onload = () => document.title = JSON.stringify([...document.querySelectorAll("iframe")].map(frame => {{
  const page = frame.contentDocument, view = frame.contentWindow, all = [...page.documentElement.querySelectorAll("*")];
  const find = names => all.filter(node => names.split(" ").includes(node.localName) && shown(node));
  return {{
    asked: frame.clientWidth, wide: page.documentElement.scrollWidth,
    texts: all.filter(node => shown(node) && says(node) && !node.closest("head, svg")).map(n => colours(n, view)),
    shown: all.filter(node => shown(node) && says(node)).map(node => [node.nodeName, node.textContent]),
    said: view.getComputedStyle(page.documentElement, "::before").content,
    landmarks: find("header nav main footer").map(node => node.localName),
    headings: find("h1 h2 h3 h4 h5 h6").map(node => Number(node.localName[1])),
    nameless: find("a").filter(link => !(link.getAttribute("aria-label") || link.textContent).trim()).length,
    unlit: page.contentType === "text/html" ? find("a").filter(link => !outlined(link, view)).length : 0,
    copied: find("code").map(node => view.getComputedStyle(node).userSelect),
  }};
}}));
</script>"""
Measure = Callable[..., list[dict[str, Any]]]


class _Handler(SimpleHTTPRequestHandler):
    """Serves XML as the type under which browsers apply its style sheet."""

    extensions_map = {".xml": "application/xml", ".css": "text/css", ".html": "text/html", "": "text/plain"}  # noqa: RUF012

    def end_headers(self) -> None:
        """Let no test see what another one wrote within the same second."""
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture(scope="module")
def site(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Serve feeds on this machine; give their folder and its address."""
    folder = tmp_path_factory.mktemp("site")
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def measure(site: tuple[Path, str], tmp_path: Path, needs_program: Callable[[str], str]) -> Measure:
    """Give a function that shows a file in Chromium and returns what it measured at each width."""
    chromium, (folder, address) = needs_program("chromium"), site

    def show(name: str, *, dark: bool = False, data: bytes | None = None) -> list[dict[str, Any]]:
        if data is not None:
            (folder / name).write_bytes(data)
        frames = "".join(f'<iframe width="{width}" height="600" src="/{name}"></iframe>' for width in WIDTHS)
        (folder / "probe.html").write_text(PROBE.format(frames=frames), encoding="utf-8")
        scheme = f"--blink-settings=preferredColorScheme={0 if dark else 1}"
        command = [chromium, *QUIET, scheme, f"--user-data-dir={tmp_path}/profile", "--dump-dom"]
        done = subprocess.run(
            [*command, f"{address}/probe.html"], capture_output=True, check=True, encoding="utf-8", timeout=120
        )
        found = re.search("<title>(.*?)</title>", done.stdout, re.DOTALL)
        assert found
        return json.loads(unescape(found[1]))  # type: ignore[no-any-return]

    return show


def luminance(colour: str) -> float:
    """Return the relative luminance of `rgb(…)` (WCAG 2.2)."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def expect_readable(frames: list[dict[str, Any]], *, dark: bool) -> None:
    """Demand that nothing is cut off and that all text can be told from what is behind it."""
    assert [(f["asked"], f["wide"] <= f["asked"]) for f in frames] == [(width, True) for width in WIDTHS]
    texts = {tuple(text) for frame in frames for text in frame["texts"]}
    assert len(texts) > 3
    assert [text for text in texts if contrast(text[1], text[2]) < 4.5] == []
    assert {luminance(text[2]) < 0.2 for text in texts} == {dark}


def expect_accessible(frame: dict[str, Any]) -> None:
    """Demand landmarks, a ladder of headings, links that say where they lead and show where the keyboard is."""
    assert frame["landmarks"][:2] == ["header", "main"]
    assert frame["landmarks"].count("main") == 1
    assert frame["headings"].count(1) == 1
    assert [b for a, b in zip(frame["headings"], frame["headings"][1:], strict=False) if b > a + 1] == []
    assert (frame["nameless"], frame["unlit"]) == (0, 0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_page_fits_every_screen_and_all_its_text_can_be_read(measure: Measure, dark: bool) -> None:
    frames = measure("all.html", dark=dark)
    expect_readable(frames, dark=dark)
    assert frames[0]["copied"] == ["all"] * 3


def test_words_that_do_not_end_fit_every_screen(measure: Measure, files: dict[str, bytes]) -> None:
    long = files["all.html"].replace(b"A grey heron", b"heron" * 60).replace(b"birds", b"birds" * 40)
    long = long.replace(b"feeds/all.atom.xml", b"feeds/" + b"all" * 60)
    assert len(long) > len(files["all.html"]) + 1000
    expect_readable(measure("long.html", data=long), dark=False)


def test_a_page_has_landmarks_a_ladder_of_headings_and_a_visible_focus(measure: Measure) -> None:
    for frame in measure("all.html"):
        expect_accessible(frame)


def expect_flawless(frames: list[dict[str, Any]]) -> None:
    expect_readable(frames, dark=False)
    expect_accessible(frames[0])


WORDS = "".join(f"<{tag}>word</{tag}>" for tag in "p b i u em".split())
FLAWLESS = f"<header><h1>Title</h1></header><main><h2>Part</h2>{WORDS}<a href='#x'>Link</a></main>"
PLANTED = {
    "too wide": (WORDS, f"{WORDS}<p style='width: 2000px'>Wide.</p>"),
    "too pale": ("<p>", "<p style='color: #777777; background: #888888'>"),
    "always dark": ("<header>", "<style>body { color: #eeeeee; background: #000000 }</style><header>"),
    "no main": ("main>", "div>"),
    "two titles": ("<h2>Part</h2>", "<h1>Part</h1>"),
    "a heading left out": ("<h2>Part</h2>", "<h3>Part</h3>"),
    "a link without words": ("Link</a>", "<b> </b></a>"),
    "a focus that cannot be seen": ("<header>", "<style>a:focus { outline: none }</style><header>"),
}


def planted(measure: Measure, name: str, body: str) -> list[dict[str, Any]]:
    style = "<style>html { background: #ffffff } a:focus { outline: 3px solid }</style>"
    return measure(f"{name}.html", data=f"<!doctype html><html lang=en><title>x</title>{style}{body}".encode())


def test_a_page_without_a_mistake_is_found_flawless(measure: Measure) -> None:
    expect_flawless(planted(measure, "flawless", FLAWLESS))


@pytest.mark.parametrize("mistake", PLANTED)
def test_a_page_with_a_mistake_would_be_noticed(measure: Measure, mistake: str) -> None:
    right, wrong = PLANTED[mistake]
    assert right in FLAWLESS
    frames = planted(measure, mistake.replace(" ", "-"), FLAWLESS.replace(right, wrong))
    with pytest.raises(AssertionError):
        expect_flawless(frames)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["all.atom.xml", "all.rss.xml", "tags/birds.atom.xml"])
def test_a_feed_served_as_xml_shows_its_title_and_its_articles(measure: Measure, name: str, dark: bool) -> None:
    frames = measure(name, dark=dark)
    expect_readable(frames, dark=dark)
    for frame in frames:
        assert "This is a feed." in frame["said"]
        titles = [text for node, text in frame["shown"] if node == "title"]
        assert titles[0].startswith("Field Notes & Co")
        assert "A grey heron" in titles
        assert "<p>" not in "".join(text for _, text in frame["shown"] if text not in titles)


EXTRA = """<itunes:title>Podcast title</itunes:title><media:content url="https://cdn.example/x.mp4"><media:title>Film
</media:title></media:content><guid isPermaLink="false">tag:x</guid><category>Hidden</category>"""


def test_what_is_meant_for_programs_stays_out_of_sight(measure: Measure) -> None:
    """Titles of podcasts and films, tombstones, generators and addresses of hubs are not shown; the rights are."""
    rss = f"""<?xml version="1.0"?><?xml-stylesheet type="text/css" href="feed.css"?>
    <rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
    xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>
    <title>Field Notes</title><link>https://notes.example/</link><atom:link rel="hub" href="https://hub.example/"/>
    <copyright>Ada</copyright><generator>publisher</generator><ttl>60</ttl><itunes:author>Ada</itunes:author>
    <image><url>https://notes.example/x.png</url><title>Field Notes</title></image>
    <item><title>Heron</title><link>https://notes.example/heron/</link>{EXTRA}</item></channel></rss>"""
    atom = """<?xml version="1.0"?><?xml-stylesheet type="text/css" href="feed.css"?>
    <feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"><title>Field Notes</title>
    <id>tag:x</id><rights>Ada</rights><generator uri="https://p.example/">publisher</generator><icon>x</icon>
    <at:deleted-entry ref="tag:y" when="2026-01-31T12:00:00Z"><at:comment>Gone</at:comment></at:deleted-entry>
    <entry><title>Heron</title><id>tag:z</id><category term="Hidden"/><content type="html">Hidden</content></entry>
    </feed>"""
    shown = [measure(f"{name}.xml", data=text.encode())[0]["shown"] for name, text in (("rss", rss), ("atom", atom))]
    heron, notes, rights = ["title", "Heron"], ["title", "Field Notes"], ["copyright", "Ada"]
    assert shown[0] == [notes, rights, heron, ["link", "https://notes.example/heron/"]]
    assert shown[1] == [notes, ["rights", "Ada"], heron]


def test_a_style_sheet_that_forgets_a_namespace_would_be_noticed(measure: Measure, site: tuple[Path, str]) -> None:
    """The same style sheet, but for the bar that keeps out the titles of other vocabularies."""
    loose = bundled().text("feed/feed.css").replace("|item > |title", "item > title")
    (site[0] / "loose.css").write_text(loose, encoding="utf-8")
    rss = f"""<?xml version="1.0"?><?xml-stylesheet type="text/css" href="loose.css"?>
    <rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
    xmlns:media="http://search.yahoo.com/mrss/"><channel><item><title>Heron</title>{EXTRA}</item></channel></rss>"""
    shown = measure("loose.xml", data=rss.encode())[0]["shown"]
    assert ["itunes:title", "Podcast title"] in shown
