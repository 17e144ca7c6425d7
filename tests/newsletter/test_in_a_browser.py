"""Chromium shows issues and their pages as they are meant: on narrow screens, by day and by night, without pictures."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from publisher import Publication

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
WIDTHS = (320, 375, 600)
LAYOUTS = ("digest", "full", "letter", "list")
LANGUAGES = ("en", "ar")
FILES = ("issue.html", "web.html")
NAMES = tuple(f"{layout}-{language}" for layout, language in product(LAYOUTS, LANGUAGES))
#: Each layout, each direction.
SOME = ("digest-ar", "full-en", "letter-ar", "list-en")
#: Accents that are hard to read, and everything else that can be set.
LOOKS = {
    "en": 'look = { accent = "#ffcc00", accent_dark = "#402000", background = "#102030", footer = ["Written by hand."], '
    'logo = { url = "https://notes.example/logo.png", width = 120, height = 40 } }',
    "ar": 'look = { font = "sans", accent = "#7c3aed" }',
}
SETTINGS = """\
[publication]
title = "Field Notes"
url = "https://notes.example/"
description = "Rivers, maps and the people who watch them."
authority = "notes.example,2026"
[[feeds]]
name = "all"
"""
WIDE = "| " + " | ".join("column" * 2 for _ in range(12)) + " |\n|" + "---|" * 12 + "\n" + "| cell " * 12 + "|\n"
RICH = f"""\
---
title: Everything an article can hold
date: 2026-11-22
authors: [Ada Example, Ben Example]
image: https://notes.example/lead.jpg
highlights: [One point, Two points]
sources: [https://office.example/yearbook.pdf]
---
See [the office](https://office.example/), `code()`[^1] and <kbd>Ctrl</kbd>, H<sub>2</sub>O, <mark>marked</mark>.

## Later

> What is quoted.

- [x] done
- [ ] open

1. One
   - Two

Term
: What it means

```
{"code " * 60}
```

{WIDE}

| a | b |
|---|---|
| {"long" * 30} | 2 |

<figure><img src="https://notes.example/gauge.png" alt="The gauge" width="700" height="300"><figcaption>It.</figcaption></figure>
<a href="https://notes.example/big/"><img src="https://notes.example/icon.png" alt=""></a>

<iframe src="https://www.youtube.com/embed/abc-EFG_123" title="A day"></iframe>

<video src="/v.mp4" poster="/p.jpg"></video>

<blockquote><p>High water.</p><a href="https://social.example/@ada/112233445566">1 May</a></blockquote>

---

[^1]: A note with a [link](https://office.example/note).
"""
HARD = f"---\ntitle: {'Long' * 40}\ndate: 2026-11-21\n---\n{'unbroken' * 40}\n"
ARABIC = """\
---
title: نهر طويل يروي حكاية المدينة
date: 2026-11-20
language: ar
highlights: [النقطة الأولى]
---
ارتفع منسوب النهر عند [الجسر](https://office.example/).

> النهر يفعل ما يريد.

- اقرأ المقياس

| المكان | المنسوب | التغير |
|---|:--|:-:|
| الجسر | 5 | 2 |
"""

#: What is seen of each text: its class, its colour, and the ground behind it.
TEXTS = """() => {
  const ground = node => {
    while (getComputedStyle(node).backgroundColor === "rgba(0, 0, 0, 0)" && node.parentElement) node = node.parentElement;
    return getComputedStyle(node).backgroundColor;
  };
  const said = node => node.offsetHeight && (node.tagName === "IMG" ? node.alt :
    [...node.childNodes].some(part => part.nodeType === 3 && part.textContent.trim()));
  return [...document.body.querySelectorAll("*")].filter(said)
    .map(node => [node.className, getComputedStyle(node).color, ground(node)]);
}"""
#: Where what is shown is not what the last rule of the kept style sheet for it says.
LOST = """() => {
  const wanted = new Map();
  const take = rules => { for (const rule of rules) {
    if (rule.media) { if (matchMedia(rule.media.mediaText).matches) take(rule.cssRules); continue; }
    for (const node of document.querySelectorAll(rule.selectorText)) {
      for (const name of rule.style) {
        const key = wanted.get(node) || wanted.set(node, new Map()).get(node);
        key.set(name, rule.style.getPropertyValue(name));
      }
    }
  }};
  for (const sheet of document.styleSheets) take(sheet.cssRules);
  const lost = []; let held = 0;
  for (const [node, rules] of wanted) for (const [name, value] of rules) {
    const shown = getComputedStyle(node).getPropertyValue(name), before = node.getAttribute("style");
    node.style.setProperty(name, value, "important");
    const meant = getComputedStyle(node).getPropertyValue(name);
    before === null ? node.removeAttribute("style") : node.setAttribute("style", before);
    if (shown === meant) held += 1; else lost.push([node.className, name, shown, meant]);
  }
  return { held, lost };
}"""


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make an issue in each layout and direction, of articles in both directions, some of them hard to fit."""
    folder = tmp_path_factory.mktemp("letters") / "publication"
    (folder / "articles").mkdir(parents=True)
    for name, text in {"rich": RICH, "hard": HARD, "arabic": ARABIC}.items():
        (folder / "articles" / f"{name}.md").write_text(text, encoding="utf-8")
    letters = [
        f'[[newsletters]]\nname = "{layout}-{language}"\nlanguage = "{language}"\n{LOOKS[language]}\n'
        f'layout = "{layout.replace("full", "digest")}"\ncontent = "{"full" if layout == "full" else "summary"}"\n'
        for layout, language in product(LAYOUTS, LANGUAGES)
    ]
    (folder / "publisher.toml").write_text(SETTINGS + "".join(letters), encoding="utf-8")
    publication = Publication.load(folder)
    return {name: folder / publication.issue(name, NOW).folder for name in NAMES}


@pytest.fixture(scope="module")
def browser(needs_program: Callable[[str], str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=needs_program("chromium"), args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that shows HTML, without anything from the network."""
    contexts = []

    def shown(html: str, scheme: Any = "light", width: int = 600) -> Page:
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.set_content(html)
        return page

    yield shown
    for context in contexts:
        context.close()


def luminance(colour: str) -> float:
    """Return the relative luminance of `rgb(…)` (WCAG 2.2)."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def text_of(bundle: Path, name: str) -> str:
    return (bundle / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "file"), [*product(NAMES, FILES[:1]), *product(SOME, FILES[1:])])
def test_nothing_is_cut_off_and_all_text_can_be_read(
    bundles: dict[str, Path], show: Callable[..., Page], name: str, file: str, scheme: str
) -> None:
    page = show(text_of(bundles[name], file), scheme)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    texts = {tuple(text) for text in page.evaluate(TEXTS)}
    assert len(texts) > 6
    assert [text for text in texts if contrast(text[1], text[2]) < 4.5] == []
    (sheet,) = {luminance(text[2]) for text in texts if text[0] in ("title", "sender")}
    assert sheet < 0.2 if scheme == "dark" else sheet > 0.8


def test_a_page_that_scrolls_sideways_would_be_noticed(show: Callable[..., Page]) -> None:
    page = show("<p style='width: 500px; color: #777; background: #888'>Wide.</p>", width=320)
    assert page.evaluate("document.documentElement.scrollWidth") > 320
    ((_, text, ground),) = page.evaluate(TEXTS)
    assert contrast(text, ground) < 4.5


@pytest.mark.parametrize(("scheme", "width"), [("light", 375), ("dark", 375), ("dark", 600)])
@pytest.mark.parametrize("name", SOME)
def test_kept_rules_win_over_inlined_ones(
    bundles: dict[str, Path], show: Callable[..., Page], name: str, scheme: str, width: int
) -> None:
    found = show(text_of(bundles[name], "issue.html"), scheme, width).evaluate(LOST)
    assert found["lost"] == []
    assert found["held"] > 20


def test_at_375_pixels_and_by_night_a_mail_is_another(bundles: dict[str, Path], show: Callable[..., Page]) -> None:
    style = "(name => { const s = getComputedStyle(document.querySelector(name)); return [s.paddingLeft, s.fontSize, s.backgroundColor]; })"
    html = text_of(bundles["full-en"], "issue.html")
    wide, narrow, dark = show(html), show(html, width=375), show(html, "dark", 375)
    assert wide.evaluate(f"{style}('.masthead')") == ["32px", "17px", "rgb(255, 255, 255)"]
    assert narrow.evaluate(f"{style}('.masthead')") == ["20px", "17px", "rgb(255, 255, 255)"]
    assert dark.evaluate(f"{style}('.masthead')") == ["20px", "17px", "rgb(27, 30, 34)"]
    assert [page.evaluate(f"{style}('.title')")[1] for page in (wide, narrow)] == ["34px", "29px"]


def test_kept_rules_that_lose_would_be_noticed(bundles: dict[str, Path], show: Callable[..., Page]) -> None:
    """So would rules whose `!important` the inliner took away."""
    html = text_of(bundles["full-en"], "issue.html")
    weak = show(html.replace(" !important", ""), "dark", 375).evaluate(LOST)
    assert len(weak["lost"]) > 50


@pytest.mark.parametrize("name", ["full-en", "full-ar"])
def test_bars_stand_where_the_lines_of_an_article_begin(
    bundles: dict[str, Path], show: Callable[..., Page], name: str
) -> None:
    sides = """name => [...document.querySelectorAll(name)].map(node => {
      const style = getComputedStyle(node);
      return [node.closest("[dir][lang]").dir, style.borderLeftWidth, style.borderRightWidth];
    })"""
    for file in FILES:
        page = show(text_of(bundles[name], file))
        assert page.evaluate(sides, ".panel") == [["ltr", "4px", "0px"], ["rtl", "0px", "4px"]]
        assert page.evaluate(sides, ".quote") == [["ltr", "3px", "0px"], ["rtl", "0px", "3px"]]
        starts = page.evaluate(
            """() => [...document.querySelectorAll(".headline")].map(node => getComputedStyle(node).textAlign)"""
        )
        assert starts == ["left", "left", "right"]


@pytest.mark.parametrize("name", ["full-en", "full-ar"])
def test_columns_of_tables_stand_on_the_side_that_is_said_for_them(
    bundles: dict[str, Path], show: Callable[..., Page], name: str
) -> None:
    sides = """() => [...document.querySelectorAll(".table tr")].filter(row => row.closest("[dir][lang]").lang === "ar")
      .map(row => [...row.cells].map(cell => getComputedStyle(cell).textAlign))"""
    for file in FILES:
        html = text_of(bundles[name], file)
        assert show(html).evaluate(sides) == [["right", "left", "center"]] * 2
        bare = show(re.sub("<td[^>]*>5<", "<td>5<", html)).evaluate(sides)
        assert bare[1] == ["right", "right", "center"]


@pytest.mark.parametrize("name", ["full-en", "letter-ar"])
def test_without_pictures_their_words_are_read(bundles: dict[str, Path], show: Callable[..., Page], name: str) -> None:
    page = show(text_of(bundles[name], "issue.html"), width=375)
    pictures = page.evaluate(
        "[...document.images].map(i => [i.alt, i.naturalWidth, i.offsetHeight, !!i.getAttribute('width')])"
    )
    assert len(pictures) >= 4
    assert {(seen, wide) for _, seen, _, wide in pictures} == {(0, True)}
    assert all(height >= 16 for alt, _, height, _ in pictures if alt)
    assert {"The gauge", "Picture" if name.endswith("en") else "صورة"} <= {alt for alt, *_ in pictures}
    assert "A day" in page.inner_text("body")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", SOME)
def test_axe_finds_nothing_serious(
    bundles: dict[str, Path], show: Callable[..., Page], name: str, file: str, scheme: str
) -> None:
    found = Axe().run(show(text_of(bundles[name], file), scheme, 375)).response
    grave = [rule for rule in found["violations"] if rule["impact"] in ("serious", "critical")]
    assert json.dumps([(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in grave], indent=1) == "[]"
    assert len(found["passes"]) > 10


def test_axe_would_find_a_picture_without_words(show: Callable[..., Page]) -> None:
    found = Axe().run(show('<html lang="en"><title>x</title><img src="x.png"></html>')).response
    assert "image-alt" in [rule["id"] for rule in found["violations"]]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Make an issue of so many articles that most are shown by their titles, some of them in another language."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "articles").mkdir()
    for number in range(1, 151):
        title, language = ("نهر طويل يروي حكاية المدينة", "ar") if number % 5 == 0 else ("A river and its town", "en")
        head = f"title: {title} {number}\nlanguage: {language}\ndate: 2026-11-22T08:00:00Z\nsummary: {'Words. ' * 60}"
        (folder / "articles" / f"{number}.md").write_text(f"---\n{head}\n---\nMore.\n", encoding="utf-8")
    (folder / "publisher.toml").write_text(f'{SETTINGS}[[newsletters]]\nname = "all"\n', encoding="utf-8")
    return text_of(folder / Publication.load(folder).issue("all", NOW).folder, "issue.html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_issue_shortened_to_titles_can_be_read(large: str, show: Callable[..., Page], scheme: str) -> None:
    page = show(large, scheme)
    assert page.evaluate("document.querySelectorAll('li a[name^=article]').length") > 50
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [text for text in page.evaluate(TEXTS) if contrast(text[1], text[2]) < 4.5] == []
    assert page.evaluate(LOST)["lost"] == []
    starts = page.evaluate(
        "[...new Set([...document.querySelectorAll('li')].map(e => e.firstChild.getBoundingClientRect().left))].length"
    )
    assert starts == 1
    found = Axe().run(page).response
    assert [rule["id"] for rule in found["violations"] if rule["impact"] in ("serious", "critical")] == []
