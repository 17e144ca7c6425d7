"""Inlining styles, offline and without losses."""

import builtins
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from publisher.newsletter.inline import InliningError, inline
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


def test_rules_become_attributes_and_the_kept_style_stays() -> None:
    result = inline(_MAIL, ".p { margin: 0 0 8px; mso-line-height-rule: exactly }", [Placed()])
    assert '<p class="p" style="margin:0 0 8px; mso-line-height-rule:exactly">Text &amp; more</p>' in result
    assert "<style>.p { color: #000000 !important; }</style>" in result
    assert "<!--[if mso]><xml><o:AllowPNG/></xml><![endif]-->" in result
    assert result.startswith("<!DOCTYPE html>\n<html")
    assert result.endswith("</html>\n")


def test_widths_stay_as_they_are() -> None:
    mail = _FRAME.format(_ARTICLE + '<table class="t" width="600"><tr><td>x</td></tr></table>')
    assert 'width="600"' in inline(mail, ".t { width: 100% }", [Placed()])


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


def test_what_premailer_stumbles_over_is_told_in_words() -> None:
    with pytest.raises(InliningError, match="premailer cannot inline"):
        inline(_MAIL, "[data-x='a,b'] { color: #000000 }", [Placed()])


def test_nothing_in_the_mail_is_told_in_words() -> None:
    with pytest.raises(InliningError, match="premailer cannot inline"):
        inline("", ".p { margin: 0 }", [])


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("Rivers</a>", "Lakes</a>", "title"),
        ("/rivers/", "/lakes/", "link"),
        ("end of article 1", "", "end"),
    ],
)
def test_a_lost_article_is_named(old: str, new: str, lost: str) -> None:
    with pytest.raises(InliningError, match=f"article 1 of the mail, 'Rivers', lost its {lost} when"):
        inline(_MAIL.replace(old, new), "", [Placed()])


def test_an_article_without_address_needs_no_link() -> None:
    assert "/lakes/" in inline(_MAIL.replace("/rivers/", "/lakes/"), "", [Placed(url="")])


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
        inline(_MAIL.replace(old, new), "", [Placed()])
