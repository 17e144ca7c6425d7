"""The one home of premailer: style sheet into style attributes, offline, and proof that nothing was lost on the way.

premailer loses text without a word where a parser gives up, so the result is compared with what went in.
"""

import logging
import re
from collections.abc import Sequence
from functools import lru_cache
from html import unescape
from typing import Any, Protocol

import cssutils
from lxml import etree
from premailer import Premailer

from publisher.errors import PublisherError
from publisher.newsletter.slots import UNSUBSCRIBE

_DOCTYPE = "<!DOCTYPE html>"
_KEPT_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_MSO_COMMENT = re.compile(r"<!--\[if .*?<!\[endif\]-->", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_KEPT_TEXT = 0.9


class Placed(Protocol):
    """An article as the template placed it: `<a href=URL>` around its title and a comment behind its end."""

    @property
    def number(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str: ...


class InliningError(PublisherError):
    """The mail lost a part while its styles were inlined; such a mail must not leave."""


class _OfflinePremailer(Premailer):  # type: ignore[misc]
    """premailer without connections and files: by itself it follows `@import` even with the network forbidden."""

    def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:
        return _sheet(css_body, validate)


@lru_cache(maxsize=8)
def _sheet(css: str, validate: bool) -> Any:
    return cssutils.CSSParser(fetcher=lambda _: (None, b"")).parseString(css, validate=validate)


def inline(html: str, css: str, articles: Sequence[Placed], unsubscribe: str = UNSUBSCRIBE) -> str:
    """Inline a style sheet into the HTML of a mail.

    Args:
        html: a whole document; `<style data-premailer="ignore">` stays as it is.
        css: rules with one class a selector, colours as `#rrggbb`.
        articles: what must be found in the result.
        unsubscribe: the address that must be as often in the result as in `html`.

    Raises:
        InliningError: something is missing afterwards; it names the article.
    """
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    tree = etree.fromstring(html.encode(), parser)
    try:
        inlined = _OfflinePremailer(css_text=css, **_OPTIONS).transform(tree, pretty_print=False)
    except (ValueError, TypeError, AttributeError, etree.LxmlError, SyntaxError) as error:
        raise InliningError(f"premailer cannot inline the mail's styles: {error}; look at email/style.css") from error
    result: str = etree.tostring(inlined, method="html", doctype=_DOCTYPE, encoding="unicode")
    _assert_articles(inlined, articles)
    _assert_frame(html, result, unsubscribe)
    return f"{result.rstrip()}\n"


_OPTIONS = {
    "base_url": None,
    "strip_important": False,  # else inline styles beat the kept media rules
    "keep_style_tags": False,
    "disable_validation": True,  # mso- properties are no mistakes
    "cssutils_logging_level": logging.CRITICAL,
    "allow_network": False,
    "allow_loading_external_files": False,
    "disable_basic_attributes": ["width", "height", "align", "valign"],  # else width="600" becomes "100%"
    "align_floating_images": False,
    "remove_classes": False,  # the kept rules need them
    "preserve_handlebar_syntax": False,
}


def _assert_articles(tree: Any, articles: Sequence[Placed]) -> None:
    titles = {" ".join("".join(heading.itertext()).split()) for heading in tree.iter("h2")}
    links = {link.get("href") for link in tree.iter("a")}
    ends = {(comment.text or "").strip() for comment in tree.iter(etree.Comment)}
    for article in articles:
        lost = [
            what
            for what, there in (
                ("title", article.title in titles),
                ("link", not article.url or article.url in links),
                ("end", f"end of article {article.number}" in ends),
            )
            if not there
        ]
        if lost:
            raise InliningError(
                f"article {article.number} of the mail, {article.title!r}, lost its {' and '.join(lost)} when styles "
                "were inlined; simplify its HTML, or compare your email/issue.html with the bundled one"
            )


def _assert_frame(before: str, after: str, unsubscribe: str) -> None:
    lost = [
        what
        for what, there in (
            ("doctype", after.startswith(_DOCTYPE)),
            ("conditional comments", _MSO_COMMENT.findall(before) == _MSO_COMMENT.findall(after)),
            ("kept style", _KEPT_STYLE.findall(before) == _KEPT_STYLE.findall(after)),
            ("unsubscribe address", before.count(unsubscribe) == after.count(unsubscribe) > 0),
            ("text", _text_length(after) >= _KEPT_TEXT * _text_length(before)),
        )
        if not there
    ]
    if lost:
        raise InliningError(
            f"the mail lost its {' and '.join(lost)} when styles were inlined; "
            "compare your email/issue.html with the bundled one"
        )


def _text_length(html: str) -> int:
    return len("".join(unescape(_TAG.sub(" ", html)).split()))
