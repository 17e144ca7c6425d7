"""The one home of premailer: style sheet into style attributes, offline, and proof that nothing was lost on the way.

premailer loses text without a word where a parser gives up, so the result is compared with what went in. It inlines an
issue once: how large the result will be is told before, from its own rules.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import unescape
from typing import Any, NoReturn, Protocol

import cssutils
from lxml import etree
from lxml.cssselect import CSSSelector
from premailer import Premailer
from premailer.merge_style import csstext_to_pairs, merge_styles

from publisher.errors import PublisherError
from publisher.newsletter.sizes import LARGEST_STYLE
from publisher.newsletter.slots import UNSUBSCRIBE

#: Bytes of a style sheet that is inlined, four times those of the bundled one: each rule is held against each element.
LARGEST_SHEET = 32_768

_DOCTYPE = "<!DOCTYPE html>"
_KEPT_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
_IGNORED_STYLE = re.compile(r'<style data-premailer="ignore"[^>]*>(.*?)</style>', re.DOTALL)
_MSO_COMMENT = re.compile(r"<!--\[if .*?<!\[endif\]-->", re.DOTALL)
_END = re.compile(r"<!-- end of article ([0-9]+) -->")
_UNSEEN = re.compile(r"<head>.*?</head>|<!--.*?-->", re.DOTALL)
_MARKUP = re.compile(r"""(<!--.*?-->)|</?[A-Za-z!](?:[^<>"']|"[^"]*"|'[^']*')*>""", re.DOTALL)
_TAG = re.compile(r"""</?[A-Za-z!](?:[^<>"']|"[^"]*"|'[^']*')*>""")
_CLASS = re.compile(r"\.([A-Za-z_][\w-]*)")
#: Parsers drop it at the beginning; editors put it there.
_BYTE_ORDER_MARK = "\ufeff"
_IGNORED = ' data-premailer="ignore"'


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

    def _load_external(self, url: str) -> NoReturn:
        raise ValueError(f"it asks for {url}, and nothing is loaded for a mail")


@lru_cache(maxsize=8)
def _sheet(css: str, validate: bool) -> Any:
    return cssutils.CSSParser(fetcher=lambda _: (None, b"")).parseString(css, validate=validate)


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


class Styles:
    """A style sheet, ready to be inlined.

    Args:
        css: rules with one class a selector, colours as `#rrggbb`.

    Raises:
        InliningError: it is too long, or premailer does not understand it.
    """

    def __init__(self, css: str) -> None:
        if (size := len(css.encode())) > LARGEST_SHEET:
            raise InliningError(
                f"email/style.css has {size:,} bytes, more than the {LARGEST_SHEET:,} that are inlined; "
                "leave out what the templates do not use"
            )
        try:
            self._premailer = _OfflinePremailer(css_text=css, **_OPTIONS)
            rules, leftover = self._premailer._parse_style_rules(css, 0)  # noqa: SLF001 - the only way to its rules
            kept = self._premailer._css_rules_to_string(leftover)  # noqa: SLF001
            self._declarations = [csstext_to_pairs(bulk, validate=False) for *_, bulk in sorted(rules)]
        except Exception as error:  # it may stumble in any way
            raise _stumbled(error, "") from error
        self._kept = len(f'<style type="text/css">{kept}</style>'.encode()) if leftover else 0
        #: Rules by the one class of their selector, and those of other selectors.
        self._classes: dict[str, list[int]] = {}
        self._others: list[tuple[int, str]] = []
        for index, (_, selector, _) in enumerate(sorted(rules)):
            if single := _CLASS.fullmatch(selector):
                self._classes.setdefault(single[1], []).append(index)
            else:
                self._others.append((index, selector))
        self._added: dict[tuple[tuple[int, ...], str, str], int] = {}

    def size(self, html: str) -> int:
        """Return how many bytes a mail will have once its styles are inlined.

        It is exact but for rules in the mail's own `<style>` elements without `data-premailer="ignore"`.

        Args:
            html: a whole document.
        """
        tree = _parsed(html)
        matched = {element: self._matching(element) for element in tree.iter(etree.Element) if element.get("class")}
        for index, selector in self._others:
            for element in _selected(selector, tree):
                matched.setdefault(element, []).append(index)
        growth = sum(self._growth(element, tuple(sorted(rules))) for element, rules in matched.items() if rules)
        ignored = sum(style.get("data-premailer") == "ignore" for style in tree.iter("style"))
        return len(_document(tree).encode()) + growth + self._kept - ignored * len(_IGNORED)

    def _matching(self, element: etree._Element) -> list[int]:
        return [rule for name in {*element.get("class", "").split()} for rule in self._classes.get(name, ())]

    def _growth(self, element: etree._Element, rules: tuple[int, ...]) -> int:
        """Return the bytes that these rules add to an element, by what premailer itself makes of them."""
        key = rules, element.get("style", ""), element.get("bgcolor", "")
        if key not in self._added:
            given = {name: element.attrib[name] for name in ("style", "bgcolor") if name in element.attrib}
            styled = etree.Element("td", given)
            before = len(etree.tostring(styled, method="html", encoding="unicode").encode())
            declarations = [self._declarations[rule] for rule in rules]
            style = merge_styles(key[1], declarations, [""] * len(rules), remove_unset_properties=True)
            if style:
                styled.set("style", style)
            self._premailer._style_to_basic_html_attributes(styled, style, force=True)  # noqa: SLF001
            self._added[key] = len(etree.tostring(styled, method="html", encoding="unicode").encode()) - before
        return self._added[key]

    def inline(self, html: str, articles: Sequence[Placed], slots: Sequence[str] = (UNSUBSCRIBE,)) -> str:
        """Inline the style sheet into the HTML of a mail.

        Args:
            html: a whole document; `<style data-premailer="ignore">` stays as it is.
            articles: what must be found in the result.
            slots: what must be as often in the result as in `html`; the first of them at least once.

        Raises:
            InliningError: something is missing afterwards; it names the article.
        """
        html = _guarded(html.lstrip(_BYTE_ORDER_MARK))
        tree = _parsed(html)
        try:
            inlined = self._premailer.transform(tree, pretty_print=False)
        except Exception as error:
            raise _stumbled(error, self._culprit(html, articles)) from error
        result = _document(inlined)
        _assert_articles(html, result, articles)
        _assert_frame(html, result, slots)
        return result

    def _culprit(self, html: str, articles: Sequence[Placed]) -> str:
        """Name the article that premailer cannot inline alone either; none where the style sheet is to blame."""
        titles = {article.number: article.title for article in articles}
        if self._can_inline(""):
            for number, part in _parts(html).items():
                if number in titles and not self._can_inline(part):
                    return f" at article {number}, {titles[number]!r}"
        return ""

    def _can_inline(self, part: str) -> bool:
        try:
            self._premailer.transform(_parsed(f"{_DOCTYPE}<html><head></head><body>{part}"), pretty_print=False)
        except Exception:  # noqa: BLE001 - whatever it stumbles over
            return False
        return True


@lru_cache(maxsize=8)
def styles(css: str) -> Styles:
    """Return the style sheet, read once for all issues that have it.

    premailer's own cache is too small for a style sheet, and its size could only be set in the environment, before the
    import (PREMAILER_CACHE_MAXSIZE). Of what a larger one saves, this saves four fifths.
    """
    return Styles(css)


def _stumbled(error: Exception, where: str) -> InliningError:
    what = str(error) or type(error).__name__
    cure = "simplify its HTML" if where else "look at email/style.css"
    return InliningError(f"premailer cannot inline the mail's styles{where}: {what}; {cure}")


def _parsed(html: str) -> etree._Element:
    tree = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8", huge_tree=True))
    if tree is None:
        raise InliningError("the mail is empty; compare your templates in email/ with the bundled ones")
    return tree


def _document(tree: Any) -> str:
    document: str = etree.tostring(tree, method="html", doctype=_DOCTYPE, encoding="unicode")
    return f"{_guarded(document.rstrip())}\n"


def _guarded(html: str) -> str:
    """Write `<` and `>` in attributes as references, which serialisers need not: no alt text is taken for a comment."""
    return _MARKUP.sub(lambda found: found[0] if found[1] else f"<{_referred(found[0][1:-1])}>", html)


def _referred(inside: str) -> str:
    return inside.replace("<", "&lt;").replace(">", "&gt;")


def _selected(selector: str, tree: etree._Element) -> list[etree._Element]:
    try:
        return CSSSelector(selector)(tree)
    except (SyntaxError, etree.XPathError):
        return []  # premailer will say so


def _parts(html: str) -> Mapping[int, str]:
    """Return what stands before the end of each article, by its number; the rest of the mail is number 0."""
    *pairs, rest = _END.split(html)
    return {int(number): part for part, number in zip(pairs[::2], pairs[1::2], strict=True)} | {0: rest}


def _assert_articles(before: str, after: str, articles: Sequence[Placed]) -> None:
    put, found = _parts(before), _parts(after)
    tree = _parsed(after)
    titles = {_words(link) for link in tree.iter("a") if not link.get("href", "#").startswith("#")}
    titles |= {_words(heading) for heading in tree.iter("h2")}
    links = {link.get("href") for link in tree.iter("a")}
    for article in articles:
        part = found.get(article.number, "")
        lost = [
            what
            for what, there in (
                ("title", article.title in titles or (not article.url and article.title in _line(part))),
                ("link", not article.url or article.url in links),
                ("end", article.number in found),
                ("text", _said(put.get(article.number, "")) == _said(part)),
            )
            if not there
        ]
        if lost:
            raise InliningError(
                f"article {article.number} of the mail, {article.title!r}, lost its {' and '.join(lost)} when styles "
                "were inlined; simplify its HTML, or compare your templates in email/ with the bundled ones"
            )


def _words(element: etree._Element) -> str:
    return " ".join("".join(map(str, element.itertext())).split())


def _line(html: str) -> str:
    return " ".join(unescape(_TAG.sub("", _UNSEEN.sub("", html))).split())


def _said(html: str) -> str:
    """Return the text of HTML without white space."""
    return "".join(_line(html).split())


def _assert_frame(before: str, after: str, slots: Sequence[str]) -> None:
    styles = _KEPT_STYLE.findall(after)
    lost = [
        what
        for what, there in (
            ("doctype", after.startswith(_DOCTYPE)),
            ("conditional comments", _MSO_COMMENT.findall(before) == _MSO_COMMENT.findall(after)),
            ("kept style", {*_IGNORED_STYLE.findall(before)} <= {*styles}),
            ("unsubscribe address", slots[0] in after),
            ("slots", [before.count(slot) for slot in slots] == [after.count(slot) for slot in slots]),
            ("text", _said(before) == _said(after)),
        )
        if not there
    ]
    if lost:
        raise InliningError(
            f"the mail lost its {' and '.join(lost)} when styles were inlined; "
            "compare your templates in email/ with the bundled ones"
        )
    if (size := sum(len(style.encode()) for style in styles)) > LARGEST_STYLE:
        raise InliningError(
            f"the mail's head has {size:,} bytes of styles, and Gmail drops them all beyond {LARGEST_STYLE:,}; "
            "shorten email/kept.css"
        )
