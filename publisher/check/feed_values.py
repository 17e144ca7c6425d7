"""What all feed formats have in common: times, addresses, and HTML that readers have to trust."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from lxml import etree

from publisher.check.feed_rules import Hit
from publisher.markup.characters import line as one_line
from publisher.markup.links import candidates

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_WEB = re.compile(r"https?://[^\s/?#<>\"]+[^\s<>\"]*", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_RFC822 = re.compile(
    rf"(?:(?P<weekday>{'|'.join(_DAYS)})\s*,\s*)?(?P<day>\d\d?)\s+(?P<month>{'|'.join(_MONTHS)})"
    r"\s+(?P<year>\d\d(?:\d\d)?)\s+(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60))?"
    r"\s+(?:[+-]\d{4}|UT|GMT|[ECMP][SD]T|[A-IK-Z])(?:\s*\([^()]*\))?",
    re.IGNORECASE | re.ASCII,
)

_ACTIVE = frozenset(
    {"script", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "meta", "base", "link"}
)
_URL_ATTRIBUTES = frozenset({"href", "src", "poster", "cite", "action", "data", "background"})
_SHOWN = 80


def shown(value: str) -> str:
    """Return a value as a message may show it: quoted, on one line, not too long."""
    text = one_line(value)
    return f'"{text if len(text) <= _SHOWN else text[:_SHOWN] + "…"}"'


def line_of(element: etree._Element) -> int:
    """Return the line on which an element begins; 0 where it is unknown."""
    line: Any = element.sourceline  # the stubs know no type for it
    return line or 0


def is_uri(value: str) -> bool:
    """Tell whether a value is an absolute URI (RFC 3986 §4.3) or IRI."""
    return bool(_URI.fullmatch(value))


def is_web_url(value: str) -> bool:
    """Tell whether a value is an absolute http or https address."""
    return bool(_WEB.fullmatch(value))


def is_rfc3339(value: str) -> bool:
    """Tell whether a value is a time as RFC 3339 §5.6 and RFC 4287 §3.3 define it."""
    found = _RFC3339.fullmatch(value)
    if not found:
        return False
    minute, second, zone = found.groups()
    try:
        datetime.fromisoformat(f"{minute}:{'59' if second == '60' else second}{zone}")  # :60 is a leap second
    except ValueError:
        return False
    return True


def is_rfc822(value: str) -> bool:
    """Tell whether a value is a date as RFC 822 §5 and RSS 2.0 define it, on a weekday that was one."""
    found = _RFC822.fullmatch(value)
    if not found:
        return False
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    try:
        day = date(year, _MONTHS.index(found["month"].title()) + 1, int(found["day"]))
    except ValueError:
        return False
    return len(found["year"]) == 2 or (found["weekday"] or "").title() in ("", _DAYS[day.weekday()])


def control_hits(text: str, what: str, line: int = 0) -> Iterator[Hit]:
    """Yield a hit when a text has control characters."""
    if _CONTROL.search(text):
        yield Hit("feed.control", what, line)


def html_hits(html: str, what: str, line: int = 0) -> Iterator[Hit]:
    """Yield what readers would not, or should not, show in a piece of HTML.

    Args:
        html: the HTML, no longer escaped.
        what: whose content it is, for the message.
        line: where it begins in its file.
    """
    if not html.strip():
        return
    # As bytes: lxml refuses text with an encoding declaration of its own.
    root = etree.fromstring(html.encode("utf-8", "replace"), etree.HTMLParser(encoding="utf-8", no_network=True))
    if root is not None:
        yield from tree_hits(root, what, line)


def tree_hits(root: etree._Element, what: str, line: int) -> Iterator[Hit]:
    """Yield the same for HTML that is parsed already, as in Atom's xhtml."""
    for element in root.iter("{*}*"):
        name = etree.QName(element).localname
        if name in _ACTIVE:
            yield Hit("content.active", f"{what} has <{name}>", line)
        for attribute, value in element.attrib.items():
            yield from _attribute_hits(str(attribute), str(value), what, line)


def _attribute_hits(name: str, value: str, what: str, line: int) -> Iterator[Hit]:
    if name.startswith("on"):
        yield Hit("content.handler", f"{what} has {name}=", line)
    elif name == "srcset":
        yield from (_relative(url, what, line) for url, _ in candidates(value) if not _SCHEME.match(url))
    elif name in _URL_ATTRIBUTES:
        url = re.sub(r"[\x00-\x20]", "", value)  # browsers overlook these
        if url.lower().startswith(("javascript:", "vbscript:")):
            yield Hit("content.javascript", f"the link {shown(url)} in {what}", line)
        elif not _SCHEME.match(url):
            yield _relative(url, what, line)


def _relative(url: str, what: str, line: int) -> Hit:
    return Hit("content.relative", f"the address {shown(url)} in {what}", line)
