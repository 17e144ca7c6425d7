"""The author opens the preview in a real browser, switches views, edits an article and sees it change."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Dialog, FrameLocator, Page, expect

from publisher.web.preview import app
from publisher.web.preview.issues import ShownIssue
from publisher.web.preview.marks import Mark

Served = Callable[[ShownIssue], AbstractContextManager[str]]

HTML = """<!DOCTYPE html>
<html lang="en"><head><style>@media (prefers-color-scheme: dark) { body { background: #000000 } }</style></head>
<body style="margin: 0">
<h2 class="headline">One</h2>
<div style="height: 3000px">Long.</div>
<!-- end of article 1 -->
<h2 class="headline">Two</h2>
<p>Words and <a href="http://localhost/one">a link</a>, and <a href="http://localhost/two">another</a>.</p>
<!-- end of article 2 -->
</body></html>
"""
LINK = Mark(
    "note",
    "html.link.local",
    'the link "http://localhost/two" leads home',
    "",
    "x",
    (),
    "issue.html",
    line=8,
    article=2,
)
ARTICLE = Mark("error", "", "its picture is missing", "draw one", "articles/two.md:3", article=2)
TEXT = Mark("note", "text.line", "a long line", "", "issue.txt:3", (), "issue.txt", line=3)
ISSUE = ShownIssue(
    "Field Notes",
    subject="Field Notes #1",
    files={"issue.html": HTML.encode(), "issue.txt": b"One\n\nTwo\n"},
    marks=(ARTICLE, LINK, TEXT),
)


def frame(page: Page, view: str) -> FrameLocator:
    return page.frame_locator(f'figure[data-view="{view}"] iframe')


def press(page: Page, label: str) -> None:
    page.get_by_role("group", name="Views").get_by_role("button", name=label, exact=True).click()


def expect_settled(page: Page, view: str, version: str) -> None:
    """Wait until a frame shows a version."""
    expect(page.locator(f'figure[data-view="{view}"]')).to_have_attribute("data-settled", version)


def background(page: Page, view: str) -> Any:
    frame(page, view).locator("h2").first.wait_for()
    return frame(page, view).locator("body").evaluate("body => getComputedStyle(body).backgroundColor")


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_the_author_switches_views_edits_an_article_and_sees_it_change(page: Page, program: Any, site: Path) -> None:
    page.goto(program.address)
    expect(frame(page, "desktop").get_by_text("the pond was still")).to_be_visible()
    expect(frame(page, "phone").get_by_text("the pond was still")).to_be_visible()
    press(page, "Text")
    press(page, "Phone")
    expect(page.locator('figure[data-view="phone"]')).to_be_hidden()
    expect(frame(page, "text").get_by_text("the pond was still")).to_be_visible()
    edit(site / "articles" / "first.md", "the pond was still", "the heron had come")
    expect(frame(page, "desktop").get_by_text("the heron had come")).to_be_visible()
    expect(frame(page, "text").get_by_text("the heron had come")).to_be_visible()
    expect(page.locator('figure[data-view="phone"]')).to_be_hidden()


def test_nothing_is_written_to_the_publication(page: Page, program: Any, site: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*")}
    page.goto(program.address)
    expect(frame(page, "desktop").get_by_text("the pond was still")).to_be_visible()
    page.get_by_role("link", name="Field Notes 2").click()
    expect(frame(page, "page").get_by_role("heading", name="First light")).to_be_visible()
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*")} == before


def test_a_feed_is_shown_as_page_and_as_source(page: Page, preview: str) -> None:
    page.goto(f"{preview}feeds/tags/dawn")
    expect(frame(page, "page").get_by_role("heading", name="First light")).to_be_visible()
    expect(frame(page, "atom").get_by_text("<title type=", exact=False).first).to_be_visible()
    press(page, "JSON")
    expect(frame(page, "json").get_by_text("https://jsonfeed.org/version/1.1", exact=False)).to_be_visible()


def test_a_broken_template_says_what_is_wrong_and_the_page_recovers(page: Page, preview: str, site: Path) -> None:
    page.goto(f"{preview}feeds/all")
    expect(frame(page, "page").get_by_role("heading", name="First light")).to_be_visible()
    (site / "templates" / "feed").mkdir(parents=True)
    template = site / "templates" / "feed" / "page.html"
    template.write_text("<p>{{ nobody }}</p>", encoding="utf-8")
    expect(page.get_by_role("alert")).to_contain_text("feed/page.html")
    expect(page.get_by_role("alert")).to_contain_text("nobody")
    template.write_text("<p>Mine, {{ feed.title }}</p>", encoding="utf-8")
    expect(frame(page, "page").get_by_text("Mine, Field Notes")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_broken_settings_say_what_is_wrong_and_the_page_recovers(page: Page, preview: str, site: Path) -> None:
    page.goto(preview)
    expect(frame(page, "desktop").get_by_text("the pond was still")).to_be_visible()
    edit(site / "publisher.toml", 'title = "Field Notes"', 'titel = "Field Notes"')
    expect(page.get_by_role("alert")).to_contain_text("titel")
    edit(site / "publisher.toml", 'titel = "Field Notes"', 'title = "Pond Notes"')
    expect(page.get_by_role("heading", level=1)).to_contain_text("Pond Notes")
    expect(frame(page, "desktop").get_by_text("the pond was still")).to_be_visible()


def test_an_article_that_cannot_be_read_is_named(page: Page, preview: str, site: Path) -> None:
    page.goto(preview)
    expect(page.get_by_text("It was early").or_(page.get_by_text("Findings"))).to_be_visible()
    edit(site / "articles" / "second.md", "2026-11-20", "some day")
    expect(page.locator(".findings li.error").first).to_contain_text("articles/second.md:3")


def test_what_check_finds_is_listed_and_found_in_the_frame(page: Page, preview: str, site: Path) -> None:
    edit(
        site / "articles" / "second.md",
        "language of its own",
        "[language](http://localhost/mud) of [its](https://x.example/) own",
    )
    page.goto(f"{preview}#desktop")
    page.locator(".findings button", has_text="http://localhost/mud").click()
    marked = frame(page, "desktop").locator("[data-marked]")
    expect(marked).to_have_text("language")
    expect(marked).to_be_in_viewport()


def test_a_save_keeps_the_place_where_the_author_reads(page: Page, preview: str, site: Path) -> None:
    edit(site / "articles" / "first.md", "It was early", "It was early.\n\n" + "Word after word. \n\n" * 200)
    page.goto(preview)
    expect_settled(page, "desktop", page.locator("body").get_attribute("data-version") or "")
    scrolled = "frame => frame.contentWindow.scrollY"
    desktop = page.locator('figure[data-view="desktop"] iframe')
    desktop.evaluate("frame => frame.contentWindow.scrollTo(0, 1234)")
    edit(site / "articles" / "first.md", "the pond was still", "the heron had come")
    expect(frame(page, "desktop").get_by_text("the heron had come")).to_have_count(1)
    expect_settled(page, "desktop", page.locator("body").get_attribute("data-version") or "")
    assert desktop.evaluate(scrolled) == 1234


def test_the_dark_view_is_dark_and_the_light_one_light_whatever_the_author_prefers(page: Page, served: Served) -> None:
    with served(ISSUE) as address:
        for preference in ("light", "dark"):
            page.emulate_media(color_scheme=preference)
            page.goto(f"{address}newsletters/weekly#desktop,dark")
            assert background(page, "dark") == "rgb(0, 0, 0)"
            assert background(page, "desktop") != "rgb(0, 0, 0)"


@pytest.mark.parametrize(
    ("finding", "view", "place"),
    [
        ("leads home", "desktop", "another"),
        ("its picture is missing", "desktop", "Two"),
        ("a long line", "text", "Two"),
        ("leads home", "source", "another</a>.</p>"),
    ],
)
def test_a_finding_leads_to_its_place(page: Page, served: Served, finding: str, view: str, place: str) -> None:
    with served(ISSUE) as address:
        page.goto(f"{address}newsletters/weekly#{view}")
        expect_settled(page, view, page.locator("body").get_attribute("data-version") or "")
        page.get_by_role("button", name=finding).click()
        marked = frame(page, view).locator("[data-marked]")
        expect(marked).to_contain_text(place)
        expect(marked).to_be_in_viewport()
        assert "solid" in marked.evaluate("node => node.style.outline")


def test_a_finding_opens_the_view_in_which_it_shows(page: Page, served: Served) -> None:
    with served(ISSUE) as address:
        page.goto(f"{address}newsletters/weekly#desktop")
        page.get_by_role("button", name="a long line").click()
        expect(frame(page, "text").locator("[data-marked]")).to_contain_text("Two")


HOSTILE = """<!DOCTYPE html><html><head><meta http-equiv="refresh" content="0; url=/newsletters/weekly">
<script>console.log("ran"); alert(1)</script><script src="/preview.js"></script>
<link rel="stylesheet" href="/preview.css"></head>
<body onload="console.log('ran')"><h2 class="headline">Hostile</h2>
<img src="x" onerror="console.log('ran')"><svg onload="console.log('ran')"></svg><details ontoggle="alert(1)" open>x</details>
<iframe srcdoc="<script>parent.console.log('ran')</script>"></iframe>
<object data="/preview.js"></object><embed src="/preview.js">
<form action="/"><button id="send">Send</button></form><a id="script" href="javascript:console.log('ran')">Script</a>
</body></html>"""


def heard(page: Page, address: str) -> list[str]:
    """Show a page and return what of it ran, or loaded something."""
    said: list[str] = []

    def refused(dialog: Dialog) -> None:
        said.append("dialog")
        dialog.dismiss()

    page.on("console", lambda message: said.append(message.text) if message.text == "ran" else None)
    page.on("dialog", refused)
    page.on("response", lambda answer: said.append(answer.url) if "/x" in answer.url else None)
    page.goto(address)
    return said


def test_hostile_content_runs_nothing_in_its_frame(page: Page, served: Served) -> None:
    with served(replace(ISSUE, files={"issue.html": HOSTILE.encode()}, marks=())) as address:
        said = heard(page, f"{address}newsletters/weekly#desktop")
        frame(page, "desktop").locator("#send").click()
        frame(page, "desktop").locator("#script").click()
        frame(page, "desktop").get_by_text("Hostile").wait_for()
        assert [word for word in said if word in ("ran", "dialog")] == []
        assert page.url.startswith(f"{address}newsletters/weekly")


def test_hostile_content_runs_nothing_outside_of_its_frame_either(page: Page, served: Served) -> None:
    with served(replace(ISSUE, files={"issue.html": HOSTILE.encode()}, marks=())) as address:
        said = heard(page, f"{address}frames/newsletters/weekly/desktop")
        page.get_by_text("Hostile").wait_for()
        assert [word for word in said if word in ("ran", "dialog")] == []
        assert page.url.endswith("/desktop")


def test_a_policy_that_lets_scripts_run_would_be_noticed(
    page: Page, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "FRAME_POLICY", "img-src {images}")
    quiet = HOSTILE.replace('http-equiv="refresh"', "")
    with served(replace(ISSUE, files={"issue.html": quiet.encode()}, marks=())) as address:
        assert "ran" in heard(page, f"{address}frames/newsletters/weekly/desktop")


def test_with_images_off_no_picture_is_asked_for(page: Page, served: Served) -> None:
    html = b'<h2>Pictures</h2><img src="/x.png" alt="A heron" width="300"><p style="background: url(/x.gif)">x</p>'
    with served(replace(ISSUE, files={"issue.html": html}, marks=())) as address:
        assert heard(page, f"{address}frames/newsletters/weekly/no-images") == []
        assert len(heard(page, f"{address}frames/newsletters/weekly/desktop")) == 2


def test_a_link_opens_a_page_of_its_own(page: Page, served: Served) -> None:
    with served(ISSUE) as address:
        page.goto(f"{address}newsletters/weekly#desktop")
        with page.expect_popup() as opened:
            frame(page, "desktop").get_by_text("a link").click()
        assert opened.value.evaluate("window.opener") is None
        assert page.url.startswith(address)


def test_the_page_itself_is_accessible(page: Page, preview: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(preview)
        expect(frame(page, "desktop").get_by_text("the pond was still")).to_be_visible()
        found = Axe().run(page, context="#side, #head, #views").response
        assert len(found["passes"]) > 10
        assert [one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")] == []
