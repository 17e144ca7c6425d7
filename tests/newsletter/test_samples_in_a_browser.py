"""Chromium shows the sample issues, their mails and their web pages, as they are meant, by day and by night."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

NAMES = ("digest", "letter", "japanese", "arabic")
FILES = ("issue.html", "web.html")
SCHEMES = ("light", "dark")
WIDTHS = (320, 375, 600)
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: Of each picture: its words, how wide its file is, and how it is shown.
PICTURES = """[...document.images].map(picture => [picture.alt, picture.naturalWidth, picture.offsetWidth,
  picture.offsetHeight, !!(picture.getAttribute("width") && picture.getAttribute("height"))])"""


@pytest.fixture(scope="module")
def browser(needs_program: Callable[[str], str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=needs_program("chromium"), args=[*OPTIONS])
        yield chromium
        chromium.close()


@pytest.fixture
def show(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that shows HTML; what it wants to load from anywhere, it does not get."""
    contexts = []

    def shown(html: str, scheme: Any = "light", width: int = 600) -> Page:
        context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}, offline=True)
        context.route("**/*", lambda route: route.abort())
        contexts.append(context)
        page = context.new_page()
        page.set_content(html)
        return page

    yield shown
    for context in contexts:
        context.close()


def grave(page: Page) -> list[tuple[str, list[str]]]:
    """Return the serious and critical findings of axe-core, with the elements that they concern."""
    found = Axe().run(page).response
    assert len(found["passes"]) > 10
    return [
        (rule["id"], [node["html"] for node in rule["nodes"]])
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_serious_and_nothing_is_cut_off(
    samples: dict[str, Any], show: Callable[..., Page], name: str, file: str, scheme: str
) -> None:
    page = show(samples[name].page(file), scheme)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.set_viewport_size({"width": 375, "height": 800})
    assert json.dumps(grave(page), indent=1) == "[]"


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("name", NAMES)
def test_pictures_are_shown_as_large_as_they_say(
    samples: dict[str, Any], show: Callable[..., Page], name: str, file: str
) -> None:
    page = show(samples[name].page(file))
    page.wait_for_function("[...document.images].every(picture => picture.complete)")
    pictures = page.evaluate(PICTURES)
    assert len(pictures) >= 3
    for words, natural, width, height, sized in pictures:
        assert words or "Watch the video" in page.inner_text("body")
        assert natural >= width > 0
        assert height > 0
        assert sized


@pytest.mark.parametrize("name", NAMES)
def test_without_pictures_their_words_stand_in_their_place(
    samples: dict[str, Any], show: Callable[..., Page], name: str
) -> None:
    page = show(samples[name].text("issue.html"), width=375)
    pictures = page.evaluate(PICTURES)
    assert {natural for _, natural, *_ in pictures} == {0}
    described = [picture for picture in pictures if picture[0]]
    assert len(described) >= 2
    assert [words for words, _, width, height, _ in described if width < 50 or height < 16] == []


def test_axe_would_find_text_that_is_hard_to_read(samples: dict[str, Any], show: Callable[..., Page]) -> None:
    html = samples["letter"].page("issue.html")
    pale = html.replace('class="p" style="', 'class="p" style="color:#c8c8c8; ')
    assert pale != html
    ((rule, nodes),) = grave(show(pale))
    assert rule == "color-contrast"
    assert len(nodes) > 5
