"""What somebody tried on the check: nothing raises, nothing blocks an honest issue, nothing reaches the terminal as a command."""

from collections.abc import Callable

import pytest

from publisher.check import check_html, check_message
from publisher.errors import Severity
from publisher.newsletter.slots import SLOT

NINES = "9" * 4301


@pytest.mark.parametrize("ending", ["avif", "webp", "ico", "bmp", "tiff", "heic"])
def test_a_picture_that_some_programs_do_not_know_keeps_no_issue_back(html: str, ending: str) -> None:
    picture = f'<img src="https://x.example/a.{ending}" width="10" height="10" alt="a lake"><!-- here -->'
    findings = check_html(html.replace("<!-- here -->", picture).encode(), "a.html")
    assert not [one for one in findings if one.problem.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ('<img src="https://x.example/a.png" width="10" height="10" alt="the &lt;b&gt; key">', "the <b> key"),
        ('<p><a href="https://x.example/?a=1&amp;amp;b=2">Lakes</a></p>', "https://x.example/?a=1&amp;b=2"),
    ],
)
def test_alt_texts_and_addresses_may_look_like_html(
    html: str, text: str, mail: Callable[..., bytes], markup: str, said: str
) -> None:
    def found(page: str) -> set[str]:
        whole = text.replace("before.", f"before.\n{said}")
        return {one.rule for one in check_message(mail(page, whole), "a.eml")}

    assert "text.html" not in found(html.replace("<!-- here -->", markup))
    assert "text.html" in found(html)


@pytest.mark.parametrize(
    ("name", "is_sound"), [(r'"The \"best\" news"', True), (r'"a\\b"', True), ('"a"b"', False), ('"a\\"', False)]
)
def test_quoted_pairs_in_a_list_id_are_read(header: str, mail: Callable[..., bytes], name: str, is_sound: bool) -> None:
    spoilt = header.replace("List-Id: Field Notes", f"List-Id: {name}")
    assert spoilt != header
    findings = check_message(mail(header=spoilt), "a.eml")
    assert ("mail.list-id" not in {one.rule for one in findings}) is is_sound


@pytest.mark.parametrize(
    "spoilt",
    [
        f'<p style="font-size:{NINES}px">a</p>',
        f"<style>p {{ width: {NINES}px }} @media (min-width: {NINES}px) {{ p {{ color: red }} }}</style>",
        f'<font color="{NINES}">a</font>',
    ],
)
def test_endless_numbers_can_be_checked(html: str, spoilt: str) -> None:
    found = check_html(html.replace("<!-- here -->", spoilt).encode(), "a.html")
    assert not [one for one in found if one.problem.severity is Severity.ERROR]


def test_long_lines_are_told_with_their_numbers(mail: Callable[..., bytes]) -> None:
    data = mail() + b"a\rb\r\n" + b"x" * 998 + b"\r\n" + b"x" * 999 + b"\r\n"
    lines = [one.problem.line for one in check_message(data, "a.eml") if one.rule == "mail.line.length"]
    assert lines == [len(data.splitlines())]


@pytest.mark.parametrize(
    "spoilt",
    [
        '<img src="https://t.example/?@@ADDRESS@@" width="9" height="9" alt="">',
        '<a href="https://t.example/?@@NAME@@">Lakes</a>',
        '<p style="background: url(https://t.example/@@ADDRESS@@)">a</p>',
        "<style>p { background: url(https://t.example/@@ADDRESS@@) }</style>",
        '<img src="https://unsubscribe.invalid/@@UNSUBSCRIBE@@" width="9" height="9" alt="">',
    ],
)
def test_who_the_reader_is_stands_in_no_address(html: str, spoilt: str) -> None:
    assert "issue.reader" not in {one.rule for one in check_html(html.encode(), "a.html")}
    found = check_html(html.replace("<!-- here -->", spoilt).encode(), "a.html")
    assert Severity.ERROR in {one.problem.severity for one in found if one.rule == "issue.reader"}


def test_a_template_has_no_picture_of_one_pixel(html: str) -> None:
    pixel = '<img src="https://t.example/a.gif" width="1" height="1" alt="">'
    for before, is_tracking in (("<!-- here -->", False), ("<h1>", True)):
        found = check_html(html.replace(before, pixel + before).encode(), "a.html")
        assert ("html.image.tracking" in {one.rule for one in found}) is is_tracking
        assert "html.image.pixel" in {one.rule for one in found}


def test_a_slot_that_is_encoded_is_no_slot() -> None:
    """Nobody puts a reader's value there: an article's own address is written like this."""
    assert SLOT.search("https://notes.example/%40%40NAME%40%40") is None
    html = '<a href="https://notes.example/%40%40NAME%40%40">x</a>'
    assert "issue.reader" not in {one.rule for one in check_html(html.encode(), "a.html")}


def test_an_address_as_a_title_keeps_no_issue_back() -> None:
    html = (
        '<a name="article-1"></a><h2><a href="https://notes.example/6">https://other.example/x</a></h2>'
        '<a href="https://notes.example/6">https://third.example/</a><!-- end of article 1 -->'
    )
    found = [one for one in check_html(html.encode(), "a.html") if "disguised" in one.rule]
    assert [(one.rule, one.problem.severity) for one in found] == [
        ("html.link.disguised.title", Severity.NOTE),
        ("html.link.disguised", Severity.ERROR),
    ]
