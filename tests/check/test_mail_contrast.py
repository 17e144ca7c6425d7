"""Contrast in light and dark mode, by our own reading of the cascade."""

from itertools import product

import pytest

from publisher.check import check_html
from publisher.check.mail import contrast
from publisher.check.mail.page import page_of
from publisher.markup.colour import hexadecimal

PAGE = """<!DOCTYPE html><html lang="en" dir="ltr"><head><title>a</title>{head}</head>
<body style="background-color:#ffffff">{body}</body></html>"""
DARK = "<style>@media (prefers-color-scheme: dark) {{ {} }}</style>"


def told(body: str, head: str = "") -> list[str]:
    findings = check_html(PAGE.format(head=head, body=body).encode(), "a.html")
    return [finding.problem.message for finding in findings if finding.rule.startswith("html.contrast")]


def colours(body: str, head: str = "") -> str:
    """Return the colours of the element with the id x, in light mode."""
    page = page_of(PAGE.format(head=head, body=body).encode())
    assert page is not None
    (found,) = (page.appearances[element] for element in page.elements if element.get("id") == "x")
    assert found.background is not None
    return f"{hexadecimal(found.colour)} on {hexadecimal(found.background)}"


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        ("", '<p id="x">a</p>', "#000000 on #ffffff"),
        ("", '<a id="x" href="https://a.example/">a</a>', "#0000ee on #ffffff"),
        ("", '<table bgcolor="#112233"><tr><td id="x">a</td></tr></table>', "#000000 on #112233"),
        ("", '<font color="red" id="x">a</font>', "#ff0000 on #ffffff"),
        ("", '<div style="color:#123456"><p id="x">a</p></div>', "#123456 on #ffffff"),
        ("", '<div style="color:#123456"><a href="b" style="color:inherit" id="x">a</a></div>', "#123456 on #ffffff"),
        ("", '<p id="x" style="background-color:rgba(0,0,0,0.5)">a</p>', "#000000 on #808080"),
        ("", '<p id="x" style="background:#112233 no-repeat">a</p>', "#000000 on #112233"),
        ("", '<p id="x" style="background:#112233; background-color:#445566">a</p>', "#000000 on #445566"),
        ("", '<p id="x" style="background-color:#445566; background:#112233">a</p>', "#000000 on #112233"),
        ("<style>p { color: #111111 }</style>", '<p id="x">a</p>', "#111111 on #ffffff"),
        ("<style>p { color: #111111 }</style>", '<p id="x" style="color:#222222">a</p>', "#222222 on #ffffff"),
        ("<style>p { color: #111111 !important }</style>", '<p id="x" style="color:#222222">a</p>', "#111111 on #ffffff"),
        (
            "<style>p { color: #111111 !important }</style>",
            '<p id="x" style="color:#222222 !important">a</p>',
            "#222222 on #ffffff",
        ),
        ("<style>.a { color: #111111 } p { color: #222222 }</style>", '<p id="x" class="a">a</p>', "#111111 on #ffffff"),
        ("<style>#x { color: #111111 } .a.b { color: #222222 }</style>", '<p id="x" class="a b">a</p>', "#111111 on #ffffff"),
        ("<style>.a { color: #111111 } .b { color: #222222 }</style>", '<p id="x" class="b a">a</p>', "#222222 on #ffffff"),
        ("<style>.a, .b { color: #111111 }</style>", '<p id="x" class="b">a</p>', "#111111 on #ffffff"),
        ("<style>.a .b { color: #111111 }</style>", '<div class="a"><i><p id="x" class="b">a</p></i></div>', "#111111 on #ffffff"),
        ("<style>.a > .b { color: #111111 }</style>", '<div class="a"><i><b id="x" class="b">a</b></i></div>', "#000000 on #ffffff"),
        ("<style>.a > .b { color: #111111 }</style>", '<div class="a"><b id="x" class="b">a</b></div>', "#111111 on #ffffff"),
        ("<style>[dir] { color: #111111 }</style>", '<p id="x" dir="ltr">a</p>', "#111111 on #ffffff"),
        ('<style>[dir="rtl"] { color: #111111 }</style>', '<p id="x" dir="ltr">a</p>', "#000000 on #ffffff"),
        ("<style>[dir^=l] { color: #111111 }</style>", '<p id="x" dir="ltr">a</p>', "#000000 on #ffffff"),
        ("<style>:root { color: #111111 }</style>", '<p id="x">a</p>', "#111111 on #ffffff"),
        ("<style>* { color: #111111 }</style>", '<p id="x">a</p>', "#111111 on #ffffff"),
        ("<style>p:hover { color: #111111 }</style>", '<p id="x">a</p>', "#000000 on #ffffff"),
        ("<style>p::first-line { color: #111111 }</style>", '<p id="x">a</p>', "#000000 on #ffffff"),
        ("<style>p + p { color: #111111 }</style>", '<p>b</p><p id="x">a</p>', "#000000 on #ffffff"),
        ("<style>@media screen { p { color: #111111 } }</style>", '<p id="x">a</p>', "#111111 on #ffffff"),
        ("<style>@media print { p { color: #111111 } }</style>", '<p id="x">a</p>', "#000000 on #ffffff"),
        ("<style>@media (max-width: 5px) { p { color: #111111 } }</style>", '<p id="x">a</p>', "#000000 on #ffffff"),
        ("<style>@media print, screen { p { color: #111111 } }</style>", '<p id="x">a</p>', "#111111 on #ffffff"),
        (DARK.format("p { color: #111111 }"), '<p id="x">a</p>', "#000000 on #ffffff"),
        (DARK.format("p { color: #111111 }").replace("dark", "light"), '<p id="x">a</p>', "#111111 on #ffffff"),
        ("<style>@media not screen { p { color: #111111 } }</style>", '<p id="x">a</p>', "#000000 on #ffffff"),
    ],
)  # fmt: skip
def test_colours_follow_the_cascade(head: str, body: str, expected: str) -> None:
    assert colours(body, head) == expected


@pytest.mark.parametrize(
    ("style", "large"),
    [
        ("font-size: 24px", True),
        ("font-size: 23.9px", False),
        ("font-size: 18pt", True),
        ("font-size: 14pt; font-weight: bold", True),
        ("font-size: 14pt; font-weight: 700", True),
        ("font-size: 14pt; font-weight: 600", False),
        ("font: bold 14pt/1.4 Georgia, serif", True),
        ("font: italic 14pt Georgia", False),
        ("font-size: 1.5em", True),
        ("font-size: 150%", True),
        ("font-size: x-large", True),
        ("font-size: larger", False),
        ("font-size: 1ch", False),
        ("font-size: calc(1px + 99px)", False),
    ],
)
def test_large_letters_need_less_contrast(style: str, large: bool) -> None:
    found = told(f'<p style="color:#949494; {style}">a</p>')
    assert bool(found) is not large


def test_headings_are_large_by_themselves() -> None:
    assert told('<h1 style="color:#949494">a</h1>') == []
    assert told('<h5 style="color:#949494">a</h5>')


def test_dark_mode_is_checked_where_the_mail_knows_it() -> None:
    unreadable = DARK.format(".a { color: #333333 !important; background-color: #222222 !important }")
    (message,) = told('<p class="a">a</p>', unreadable)
    assert message == 'text can hardly be read: "a" has 1.3:1 in dark mode (#333333 on #222222) and needs 4.5:1'
    readable = DARK.format(".a { color: #eeeeee !important; background-color: #222222 !important }")
    assert told('<p class="a">a</p>', readable) == []


def test_dark_rules_without_important_lose_to_inline_styles() -> None:
    """A mail that forgets it shows pale text on its dark background; Chromium does the same."""
    kept = DARK.format("body { background-color: #111111 !important } .a { color: #eeeeee }")
    (message,) = told('<p class="a" style="color:#222222">a</p>', kept)
    assert "#222222 on #111111" in message


def test_a_mail_that_only_says_it_knows_dark_mode_gets_a_dark_canvas() -> None:
    meta = '<meta name="color-scheme" content="light dark">'
    page = PAGE.format(head=meta, body='<p style="color:#222222">a</p>').replace(
        ' style="background-color:#ffffff"', ""
    )
    findings = check_html(page.encode(), "a.html")
    assert any("#222222 on #121212" in finding.problem.message for finding in findings)


def test_the_same_pair_of_colours_is_told_once_an_article() -> None:
    pale = '<p style="color:#dddddd">a</p>' * 5
    assert len(told(pale)) == 1
    assert len(told(f'<a name="article-1"></a>{pale}<a name="article-2"></a>{pale}')) == 2


def test_alt_texts_are_read_where_pictures_are_off() -> None:
    picture = '<img src="https://a.example/b.png" width="9" height="9" alt="An owl" style="color:#dddddd">'
    assert len(told(picture)) == 1
    assert told(picture.replace("An owl", "")) == []


def test_too_much_to_compare_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contrast, "_MOST_ELEMENTS", 3)
    assert told("<p>a</p>") == ["there is too much of it to compare all colours"]


def test_hexadecimal_colours_are_written_as_they_are_read() -> None:
    for parts in product((0, 1, 127, 255), repeat=3):
        written = "#" + "".join(f"{part:02x}" for part in parts)
        assert colours(f'<p id="x" style="color:{written}">a</p>') == f"{written} on #ffffff"
