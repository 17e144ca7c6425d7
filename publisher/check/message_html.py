"""Rules for the HTML of a mail: what mail programs cut off, hide, refuse or cannot resolve."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from publisher.check.feed_rules import Hit
from publisher.check.feed_values import line_of, shown

_LARGEST = 100_000
_LARGE = 90_000
_LARGEST_STYLE = 16_384
_ACTIVE = ("script", "form", "input", "button", "iframe", "object", "embed", "audio", "video", "link", "base")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):.")
_LINKED = frozenset({"http", "https", "mailto", "tel", "sms"})
_LOCAL = re.compile(r"(?:.*\.)?localhost|127\.[0-9.]+|0\.0\.0\.0|::1")


def html_hits(data: bytes) -> Iterator[Hit]:
    """Yield the broken rules of a mail's HTML, UTF-8."""
    root = _parse(data)
    if root is None:
        yield Hit("html.unreadable", "")
        return
    yield from _size_hits(len(data))
    if not data.lstrip()[:15].lower().startswith(b"<!doctype html"):
        yield Hit("html.doctype", "", 1)
    if not root.get("lang"):
        yield Hit("html.lang", "", line_of(root))
    yield from _style_hits(root)
    for element in root.iter(*_ACTIVE):
        yield Hit("html.active", str(element.tag), line_of(element))
    for picture in root.iter("img"):
        yield from _picture_hits(picture)
    yield from _link_hits(root)


def _parse(data: bytes) -> etree._Element | None:
    if not data.strip():  # some versions of lxml raise here
        return None
    return etree.fromstring(data, etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True))


def _size_hits(size: int) -> Iterator[Hit]:
    if size > _LARGEST:
        yield Hit("html.size", f"{size:,}")
    elif size > _LARGE:
        yield Hit("html.size.near", f"{size:,}")


def _style_hits(root: etree._Element) -> Iterator[Hit]:
    for style in root.iter("style"):
        size = len("".join(map(str, style.itertext())).encode())
        if size > _LARGEST_STYLE:
            yield Hit("html.style.size", f"{size:,}", line_of(style))


def _picture_hits(picture: etree._Element) -> Iterator[Hit]:
    source, line = picture.get("src", "").strip(), line_of(picture)
    if picture.get("alt") is None:
        yield Hit("html.image.alt", shown(source), line)
    if not picture.get("width", "").isdecimal():
        yield Hit("html.image.width", shown(source), line)
    scheme = _scheme(source)
    if scheme == "http":
        yield Hit("html.image.insecure", shown(source), line)
    elif scheme not in ("https", "cid"):
        yield Hit("html.image.source", shown(source), line)


def _link_hits(root: etree._Element) -> Iterator[Hit]:
    places = {element.get(name) for element in root.iter() for name in ("id", "name")}
    for link in root.iter("a", "area"):
        address = link.get("href")
        rule = None if address is None else _broken(address.strip(), places)
        if rule:
            yield Hit(rule, shown(address or "".join(map(str, link.itertext()))), line_of(link))


def _broken(address: str, places: set[str | None]) -> str | None:
    scheme = _scheme(address)
    if address in ("", "#"):
        return "html.link.empty"
    if address.startswith("#"):
        return None if address[1:] in places else "html.link.empty"
    if not scheme:
        return "html.link.relative"
    if scheme not in _LINKED:
        return "html.link.scheme"
    return "html.link.local" if _LOCAL.fullmatch(_host(address)) else None


def _scheme(address: str) -> str:
    found = _SCHEME.match(address)
    return found[1].lower() if found else ""


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""
