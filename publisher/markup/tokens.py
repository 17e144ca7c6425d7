"""HTML as tokens, parted where browsers part it (HTML standard §13.2.5), in linear time whatever the input."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

# Every alternative of _TOKEN that has begun also ends, at the end of the input if need be: nothing is read twice.
# So no way back is kept from one attribute to the one before (`*+`): that took two hundred bytes for each byte of them.
_BLANK = r"[\t\n\f\r ]"
_VALUE = rf"""(?:{_BLANK}*={_BLANK}*(?:"(?P<double>[^"]*)(?:"|\Z)|'(?P<single>[^']*)(?:'|\Z)|(?P<bare>[^\t\n\f\r >"'][^\t\n\f\r >]*))?)?"""
_ATTRIBUTE = rf"[\t\n\f\r /]*(?P<name>[^\t\n\f\r />][^\t\n\f\r />=]*){_VALUE}"
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_TOKEN = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<(?P<raw>script|style)(?=[\t\n\f\r />]).*?(?:</(?P=raw)(?=[\t\n\f\r />])[^>]*(?:>|\Z)|\Z)"
    r"|<(?:[!?]|/(?![a-z]))[^>]*(?:>|\Z)"
    r"|<(?P<slash>/?)(?P<tag>[a-z][^\t\n\f\r />]*)"
    rf"(?P<attributes>(?:{re.sub('[?]P<[a-z]+>', '?:', _ATTRIBUTE)})*+)(?P<tail>[\t\n\f\r /]*)(?P<end>>|\Z)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Text:
    """Text between tags, its references undecoded, a stray `<` written as one."""

    html: str


@dataclass(frozen=True, slots=True)
class Start:
    """A start tag."""

    #: Lower case.
    name: str
    #: Values by lower-case name, their references undecoded; of two alike the first counts.
    attributes: Mapping[str, str]
    #: Whether a slash ends the tag; in HTML that means nothing, authors often mean that nothing is inside.
    closed: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """An end tag."""

    #: Lower case.
    name: str


def tokens(html: str) -> Iterator[Text | Start | End]:
    """Yield text and tags; comments, scripts, styles, declarations and an unfinished tag at the end are left out."""
    position = 0
    for found in _TOKEN.finditer(html):
        start, end = found.span()
        if start > position:
            yield _text(html[position:start])
        position = end
        slash, tag, attributes, tail, closed = found.group("slash", "tag", "attributes", "tail", "end")
        if tag and closed:
            name = tag.lower()
            yield End(name) if slash else Start(name, _attributes(attributes), tail.endswith("/"))
    if position < len(html):
        yield _text(html[position:])


def _text(html: str) -> Text:
    return Text(html.replace("<", "&lt;"))


def _attributes(written: str) -> Mapping[str, str]:
    attributes: dict[str, str] = {}
    if written:
        for found in _ATTRIBUTES.finditer(written):
            name, double, single, bare = found.groups()
            attributes.setdefault(name.lower(), double or single or bare or "")
    return attributes
