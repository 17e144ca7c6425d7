"""Inlining styles, offline and without losses."""

import builtins
import inspect
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from premailer import Premailer

from publisher.newsletter import inline as inlining
from publisher.newsletter.inline import InliningError, Styles, styles
from publisher.newsletter.slots import UNSUBSCRIBE


@dataclass(frozen=True)
class Placed:
    number: int = 1
    title: str = "Rivers"
    url: str = "https://notes.example/rivers/"


_FRAME = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><!--[if mso]><xml><o:AllowPNG/></xml><![endif]-->'
    '<style data-premailer="ignore">.p {{ color: #000000 !important; }}</style></head><body>{}'
    f'<a href="{UNSUBSCRIBE}">Leave</a></body></html>'
)
_ARTICLE = '<h2><a href="https://notes.example/rivers/">Rivers</a></h2><p class="p">Text &amp; more</p><!-- end of article 1 -->'
_MAIL = _FRAME.format(_ARTICLE)


def inline(html: str, css: str, articles: list[Placed]) -> str:
    """Inline, and see that the size was told before, to the byte."""
    told = Styles(css).size(html) if html else 0
    result = Styles(css).inline(html, articles)
    assert len(result.encode()) == told
    return result


def test_rules_become_attributes_and_the_kept_style_stays() -> None:
    result = inline(_MAIL, ".p { margin: 0 0 8px; mso-line-height-rule: exactly }", [Placed()])
    assert '<p class="p" style="margin:0 0 8px; mso-line-height-rule:exactly">Text &amp; more</p>' in result
    assert "<style>.p { color: #000000 !important; }</style>" in result
    assert "<!--[if mso]><xml><o:AllowPNG/></xml><![endif]-->" in result
    assert result.startswith("<!DOCTYPE html>\n<html")
    assert result.endswith("</html>\n")


def test_what_an_attribute_says_is_no_mark() -> None:
    trap = "<!-- end of article 1 --><!--[if mso]>'<![endif]-->"
    mail = _FRAME.format(f"<!-- it's ours --><p title='a'>x</p><img alt=\"{trap}\"><p>it's</p>{_ARTICLE}")
    result = inline(mail, "", [Placed()])
    assert f'alt="{trap.replace("<", "&lt;").replace(">", "&gt;")}"' in result
    assert '<!-- it\'s ours --><p title="a">x</p>' in result


def test_widths_stay_as_they_are() -> None:
    mail = _FRAME.format(_ARTICLE + '<table class="t" width="600"><tr><td>x</td></tr></table>')
    assert 'width="600"' in inline(mail, ".t { width: 100% }", [Placed()])


@pytest.mark.parametrize(
    ("css", "html"),
    [
        (".p { color: #123456; background-color: #fff } .q { color: #654321 }", '<p class="q p">x</p>'),
        (".p { background-color: #ffffff }", '<table bgcolor="#000000" class="p"><tr><td>x</td></tr></table>'),
        (".p { margin: 0 } .p { margin: 1px !important } p { padding: 0 }", '<p style="border:0;margin:0">x</p>'),
        (".p { font-family: \"Segoe UI\", 'Times New Roman' }", '<p style="font: x &quot;y&quot;">é 日本&nbsp;x</p>'),
        (".p, #a, p.p { margin: 0 } td > .p { margin: unset } a[href] { color: red }", '<p id="a">x</p>'),
        (".p:first-child { margin: 0 } .p:hover { color: red }", '<p class="p">x</p>'),
        ("@media (max-width: 9px) { .p { margin: 0 } } @font-face { font-family: x }", "<p>x</p>"),
        ("* { margin: 0 } .p { color: rgb(0 0 0 / 50%) } .absent { margin: 0 }", '<p class="p P x">x</p>'),
        ("", '<p class="p">x</p>'),
        (".p { }", '<a href="https://notes.example/é ü?a=1&b=2" class="p">x</a>'),
    ],
)
def test_the_size_is_told_before(css: str, html: str) -> None:
    mail = _FRAME.format(f"{html}{_ARTICLE}")
    result = inline(mail, css, [Placed()])
    assert "Rivers" in result
    assert Styles(css).size(mail.replace("Text", "Text" * 100)) == len(result.encode()) + 396


@pytest.mark.parametrize(
    "mail",
    [
        _MAIL.replace("<!DOCTYPE html>", "<!doctype html>"),
        _MAIL.removeprefix("<!DOCTYPE html>"),
        f"\ufeff{_MAIL}",
        _MAIL.replace("<body>", f"<body>{'<div>' * 254}{'</div>' * 254}"),
        _MAIL.replace("Text", f"{'<b>' * 260}Text{'</b>' * 260}"),
        _MAIL.replace("Text", "Text" * 2_800_000),
    ],
    ids=["lower case", "no doctype", "byte order mark", "deep before", "deep within", "11 MB"],
)
def test_what_makes_premailer_lose_text_loses_none(mail: str) -> None:
    result = Styles(".p { margin: 0 }").inline(mail, [Placed()])
    assert result.startswith("<!DOCTYPE html>\n<html")
    assert result.count("Text") == mail.count("Text")
    assert '<p class="p" style="margin:0">' in result


def test_a_sheet_is_read_once() -> None:
    assert styles(".p { margin: 3px }") is styles(".p { margin: 3px }")


@pytest.mark.parametrize("scheme", ["https://style.example/a.css", "file:///etc/hostname", "a.css"])
def test_imports_are_never_followed(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise AssertionError("something was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(builtins, "open", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    result = inline(_MAIL, f'@import url("{scheme}"); .p {{ margin: 1px }}', [Placed()])
    assert "margin:1px" in result


def test_a_template_cannot_load_style_sheets() -> None:
    mail = _MAIL.replace("</head>", '<link rel="stylesheet" href="https://style.example/a.css"></head>')
    assert "https://style.example/a.css" in inline(mail, "", [Placed()])


def test_nothing_is_loaded_even_when_premailer_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inlining, "_OPTIONS", inlining._OPTIONS | {"allow_network": True})
    mail = _MAIL.replace("</head>", '<link rel="stylesheet" href="https://style.example/a.css"></head>')
    with pytest.raises(InliningError, match=r"https://style\.example/a\.css, and nothing is loaded for a mail"):
        Styles("").inline(mail, [Placed()])


def test_the_selector_that_premailer_stumbles_over_is_the_sheets_fault() -> None:
    with pytest.raises(InliningError, match=r"premailer cannot inline the mail's styles: .*; look at email/style\.css"):
        Styles("[data-x='a,b'] { color: #000000 }").inline(_MAIL, [Placed()])


def test_a_sheet_that_premailer_cannot_read_is_told_in_words() -> None:
    nested = "@media screen { @media (max-width: 9px) { .p { margin: 0 } } }"
    with pytest.raises(InliningError, match=r"premailer cannot inline the mail's styles: .*; look at email/style\.css"):
        Styles(nested)


def test_a_selector_that_matches_nothing_readable_adds_nothing() -> None:
    assert Styles("[data-x='a,b'] { color: #000000 }").size(_MAIL) == Styles("").size(_MAIL)


def test_the_article_that_premailer_stumbles_over_is_named() -> None:
    trap = '<h2><a href="https://notes.example/lakes/">Lakes</a></h2><p style="p">x</p><!-- end of article 2 -->'
    with pytest.raises(InliningError, match=r"styles at article 2, 'Lakes': .*; simplify its HTML"):
        Styles("p { margin: 0 }").inline(
            _FRAME.format(_ARTICLE + trap), [Placed(), Placed(2, "Lakes", "https://notes.example/lakes/")]
        )


def test_nothing_in_the_mail_is_told_in_words() -> None:
    with pytest.raises(InliningError, match="the mail is empty; compare your templates"):
        Styles(".p { margin: 0 }").inline("", [])


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("Rivers</a>", "Lakes</a>", "title"),
        ("/rivers/", "/lakes/", "link"),
        ("end of article 1", "", "end"),
    ],
)
def test_a_lost_article_is_named(old: str, new: str, lost: str) -> None:
    with pytest.raises(InliningError, match=f"article 1 of the mail, 'Rivers', lost its {lost} "):
        Styles("").inline(_MAIL.replace(old, new), [Placed()])


@pytest.mark.parametrize("lost", ["Text", "more", "Rivers"])
def test_lost_words_are_missed(lost: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = inlining._document
    monkeypatch.setattr(inlining, "_document", lambda tree: document(tree).replace(lost, ""))
    with pytest.raises(InliningError, match=r"article 1 of the mail, 'Rivers', lost its (title and )?text when"):
        Styles("").inline(_MAIL, [Placed()])


def test_a_line_needs_no_heading() -> None:
    mail = _MAIL.replace("<h2>", "<p>").replace("</h2>", "</p>")
    assert "Rivers" in inline(mail, "", [Placed()])
    contents = '<p><a href="#article-1">Rivers</a> <a href="https://notes.example/rivers/">Lakes</a></p>'
    with pytest.raises(InliningError, match="lost its title"):
        Styles("").inline(_FRAME.format(f"{contents}<!-- end of article 1 -->"), [Placed()])


def test_an_article_without_address_needs_no_link() -> None:
    mail = _FRAME.format("<p>Rivers</p><!-- end of article 1 -->")
    assert "Rivers" in inline(mail, "", [Placed(url="")])


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        (UNSUBSCRIBE, "https://notes.example/", "unsubscribe address"),
        ("</head>", "<title><!--[if mso]>x<![endif]--></title></head>", "conditional comments"),
        ("</body>", "<div>" * 3000 + "deep" * 300 + "</div>" * 3000 + "</body>", "text"),
    ],
)
def test_a_lost_part_of_the_frame_is_named(old: str, new: str, lost: str) -> None:
    with pytest.raises(InliningError, match=f"the mail lost its .*{lost}"):
        Styles("").inline(_MAIL.replace(old, new), [Placed()])


def test_too_many_kept_styles_are_refused() -> None:
    rules = ".p { color: #000000 !important; }" * 500
    with pytest.raises(InliningError, match=r"has 16,533 bytes of styles, and Gmail drops .*; shorten email/kept\.css"):
        Styles("").inline(
            _MAIL.replace("</head>", f'<style data-premailer="ignore">{rules}</style></head>'), [Placed()]
        )


#: What premailer does not promise and is used all the same, with its parameters.
_UNPROMISED = {
    "_parse_css_string": ["self", "css_body", "validate"],
    "_load_external": ["self", "url"],
    "_parse_style_rules": ["self", "css_body", "ruleset_index"],
    "_css_rules_to_string": ["self", "rules"],
    "_style_to_basic_html_attributes": ["self", "element", "style_content", "force"],
}


def test_premailer_has_the_private_parts_that_are_used() -> None:
    """Its version is bounded for them, too."""
    own = inspect.getsource(inlining)
    used = {
        *re.findall(r"_premailer\.(_\w+)", own),
        *re.findall(r"def (_\w+)", inspect.getsource(inlining._OfflinePremailer)),
    }
    assert used == set(_UNPROMISED)
    assert {name: list(inspect.signature(getattr(Premailer, name)).parameters) for name in used} == _UNPROMISED
