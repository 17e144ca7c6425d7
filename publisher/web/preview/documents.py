"""Documents for frames: the very HTML that readers get, but for what a browser must be told to show it as they see it.

HTML is changed as little as possible, tag by tag, and what an article says is not touched.
"""

import re
from collections.abc import Collection, Iterator
from html import unescape
from typing import Literal

Scheme = Literal["light", "dark", "reader"]

#: Comments and style sheets whole, and start tags with their attributes, as templates and serialisers write them.
_TOKEN = re.compile(
    r"<!--(?P<comment>.*?)-->|(?P<style><style\b[^>]*>.*?</style\s*>)|<(?P<tag>[a-z][a-z0-9]*)"
    r"(?P<attributes>(?:[^>\"']|\"[^\"]*\"|'[^']*')*)>",
    re.DOTALL | re.IGNORECASE,
)
_END = re.compile(r"\s*end of article (\d+)\s*")
_HEADLINE = re.compile(r'\sclass="(?:[^"]*\s)?headline[\s"]')
_HREF = re.compile(r'\shref="([^"]*)"')
_ELSEWHERE = re.compile(r"(?:https?|mailto|tel|sms):", re.IGNORECASE)
_MEDIA = re.compile(r'(\smedia=")([^"]*)"')
_PREFERS = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_COLOR_SCHEME = re.compile(r"(?<![\w-])(color-scheme\s*:)[^;}]*", re.IGNORECASE)
_CONTENT = re.compile(r'(\scontent=")[^"]*"')
#: Media features that hold in any frame, and in none.
_ALWAYS, _NEVER = "(min-width: 0)", "(max-width: 0)"


def html_document(html: str, scheme: Scheme, lines: Collection[int] = ()) -> str:
    """Return HTML as a frame shows it: links open a page of their own, and places that findings name can be found.

    Each article's headline says `data-article`, its number in the issue, and each tag on a wanted line `data-line`.

    Args:
        html: of an issue, a web page or the page of a feed.
        scheme: whether style sheets are told that the reader prefers light or dark; `reader` leaves that to the browser.
        lines: on which findings are.
    """
    ends = [int(found[1]) for found in map(_END.fullmatch, re.findall(r"<!--(.*?)-->", html, re.DOTALL)) if found]
    numbering = _Numbering(marked=bool(ends))
    parts, position, line = [], 0, 1
    for token in _TOKEN.finditer(html):
        line += html.count("\n", position, token.start())
        parts += [html[position : token.start()], _shown(token, scheme, numbering, line if line in lines else 0)]
        line += token[0].count("\n")
        position = token.end()
    return "".join([*parts, html[position:]])


def article_lines(html: str) -> Iterator[int]:
    """Yield the line on which each article of an issue ends, as its HTML says in comments."""
    for found in re.finditer(r"<!-- end of article \d+ -->", html):
        yield html.count("\n", 0, found.start()) + 1


class _Numbering:
    """Counts articles while the tokens of a document pass by.

    Args:
        marked: whether comments say where each article ends; otherwise each headline begins one.
    """

    def __init__(self, *, marked: bool) -> None:
        self._marked = marked
        self._ended = 0
        self._begun = 0

    def end(self, number: int) -> None:
        """Take note of the end of an article."""
        self._ended = number

    def headline(self) -> int:
        """Return the number of the article whose headline this is; 0 where it has had one."""
        number = self._ended + 1 if self._marked else self._begun + 1
        if number == self._begun:
            return 0
        self._begun = number
        return number


def _shown(token: re.Match[str], scheme: Scheme, numbering: _Numbering, line: int) -> str:
    if token["comment"] is not None:
        if end := _END.fullmatch(token["comment"]):
            numbering.end(int(end[1]))
        return token[0]
    if token["style"] is not None:
        return _preferring(token[0], scheme)
    name, attributes = token["tag"].lower(), token["attributes"]
    added = f' data-line="{line}"' if line else ""
    if _HEADLINE.search(attributes) and (number := numbering.headline()):
        added += f' data-article="{number}"'
    if name in ("a", "area") and _leads_elsewhere(attributes):
        added += ' target="_blank" rel="noopener noreferrer"'
    return f"<{token['tag']}{added}{_for_scheme(name, attributes, scheme)}>"


def _leads_elsewhere(attributes: str) -> bool:
    found = _HREF.search(attributes)
    return bool(found and _ELSEWHERE.match(unescape(found[1]).strip()))


def _for_scheme(name: str, attributes: str, scheme: Scheme) -> str:
    if name == "meta" and "color-scheme" in attributes and scheme != "reader":
        return _CONTENT.sub(rf'\1{scheme}"', attributes)
    return _MEDIA.sub(lambda found: f'{found[1]}{_preferring(found[2], scheme)}"', attributes)


def _preferring(css: str, scheme: Scheme) -> str:
    """Let media queries and colours of the browser's own see a preference."""
    if scheme == "reader":
        return css
    asked = _PREFERS.sub(lambda found: _ALWAYS if found[1].lower() == scheme else _NEVER, css)
    return _COLOR_SCHEME.sub(rf"\1 {scheme}", asked)
