"""Our reading of the cascade beside Chromium's: the same colours and letters, in light and in dark mode."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from publisher.check.mail.appearance import appearances
from publisher.check.mail.cascade import Compound, Scheme
from publisher.check.mail.page import page_of
from publisher.markup.colour import hexadecimal

STYLE = """
@media (prefers-color-scheme: dark) { .a { color: #aaaaaa !important } body { background-color: #101010 !important }
  td { background-color: #202020 } .c .a { color: #abcdef !important } }
@media (max-width: 10px) { .a { color: #123123 !important } }
@media print { .b { color: #321321 !important } }
@media screen and (prefers-color-scheme: light) { .b { background-color: #eeddcc } }
p.b { color: #b0b0b0 } .b { color: #bbbbbb } #d { color: #d00d00; font-size: 1.5em } [lang] { color: #14a600 }
.c > .a { font-weight: bold } .c * { font-size: 90% } div .a, h9 { background-color: #fafafa }
.e { font: italic bold 20px/1.2 Georgia, serif } .e b { font-weight: normal } .f { background: #0f0f0f }
.f { background-color: #1f1f1f !important } .g { color: rgba(0, 0, 0, 1); color: nonsense } .b:hover { color: red }
"""
BODY = """<p class="a">1</p><p class="b">2</p><b class="b">3</b><p id="d" class="b a">4 <small>5</small></p>
<p lang="de">6</p><div class="c"><p class="a">7</p><i><b class="a">8</b></i></div><div class="e">9 <b>10</b></div>
<table bgcolor="#c0ffee"><tr><td class="f" style="background-color: #ffffff">11</td><td style="color: #777777">12</td>
</tr></table><font color="#987654">13</font><h1>14</h1><h2 style="font-size: 14pt">15</h2><p class="g">16</p>
<p style="color: #555555 !important" class="a">17</p><p style="color: #666666; font-size: smaller" class="a b">18</p>"""
PAGE = f"""<!DOCTYPE html><html lang="en"><head><meta name="color-scheme" content="light dark"><style>{STYLE}</style></head>
<body style="background-color: #ffffff; color: #222222">{BODY}</body></html>"""
#: Of each element: its colour, its letters, and the nearest background. Browsers add a tbody of their own.
ASKED = """() => [...document.querySelectorAll('body *:not(tbody)')].map(element => {
  const own = getComputedStyle(element);
  let around = element;
  while (around && getComputedStyle(around).backgroundColor === 'rgba(0, 0, 0, 0)') around = around.parentElement;
  return [element.localName, own.color, getComputedStyle(around).backgroundColor, parseFloat(own.fontSize),
    parseInt(own.fontWeight) >= 600];
})"""


@pytest.fixture(scope="module")
def browser(needs_program: Callable[[str], str]) -> Iterator[Browser]:
    """Start Chromium without a network."""
    path, arguments = needs_program("chromium"), ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=arguments)
        yield chromium
        chromium.close()


def shown(browser: Browser, html: str, scheme: Scheme) -> list[tuple[Any, ...]]:
    """Return how Chromium shows each element."""
    page = browser.new_page(color_scheme=scheme.value)
    try:
        page.set_content(html)
        return [(tag, _written(one), _written(other), *rest) for tag, one, other, *rest in page.evaluate(ASKED)]
    finally:
        page.close()


def _written(colour: str) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


def computed(html: str, scheme: Scheme) -> list[tuple[Any, ...]]:
    """Return how each element looks by our own reading."""
    page = page_of(html.encode())
    assert page is not None
    found = appearances(page.elements, page.cascade, scheme)
    body = [element for element in page.elements if any(above.tag == "body" for above in element.iterancestors())]
    return [
        (str(one.tag), hexadecimal(own.colour), hexadecimal(own.background or (0, 0, 0)), pytest.approx(own.size, abs=0.1), own.bold)
        for one in body
        for own in (found[one],)
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", Scheme)
def test_colours_and_letters_are_those_of_chromium(browser: Browser, html: str, scheme: Scheme) -> None:
    assert shown(browser, PAGE, scheme) == computed(PAGE, scheme)
    assert shown(browser, html, scheme) == computed(html, scheme)


def test_a_wrong_reading_would_be_found(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting every selector alike is what premailer gets wrong."""
    monkeypatch.setattr(Compound, "weight", (0, 0, 0))
    assert shown(browser, PAGE, Scheme.LIGHT) != computed(PAGE, Scheme.LIGHT)
