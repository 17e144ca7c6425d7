"""Rules for RSS 2.0 (https://www.rssboard.org/rss-specification)."""

import re
from collections.abc import Iterator, Sequence

from lxml import etree

from publisher.check.feed_rules import Hit
from publisher.check.feed_values import html_hits, is_rfc822, is_uri, is_web_url, line_of, shown

_ATOM = "{http://www.w3.org/2005/Atom}"
_CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
#: A title as the file spells it; only there is HTML told from talk about HTML, whose < is written as &#x3C;.
_TITLE = re.compile(rb"<title(?:\s[^>]{0,200})?>(.{0,2000}?)</title\s*>", re.DOTALL)
_CLOSING_TAG = re.compile(rb"(?:&lt;|<)/\w+(?:&gt;|>)")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")

_CHANNEL_SINGLE = ("title", "link", "description", "language", "pubDate", "lastBuildDate", "generator", "ttl", "image")
_ITEM_SINGLE = ("title", "link", "description", "author", "guid", "pubDate", "comments", "source", _ENCODED)


def rss_hits(root: etree._Element, data: bytes) -> Iterator[Hit]:
    """Yield the broken rules of an RSS file.

    Args:
        root: the parsed file.
        data: the same as it is written.
    """
    yield from _titles(data)
    if root.get("version") != "2.0":
        yield Hit("rss.version", f"version {shown(root.get('version', ''))}", line_of(root))
    channel = root.find("channel")
    if channel is None:
        yield Hit("rss.channel.missing", "the feed", line_of(root))
        return
    items = channel.findall("item")
    yield from _channel(channel)
    for item in items:
        yield from _item(item, _name(item))
    yield from _duplicates(items)


def _channel(channel: etree._Element) -> Iterator[Hit]:
    for name in ("title", "link", "description"):
        if channel.find(name) is None or (name == "link" and not channel.findtext(name, "").strip()):
            yield Hit(f"rss.{name}.missing", "the feed", line_of(channel))
    if not any(link.get("rel") == "self" for link in channel.findall(f"{_ATOM}link")):
        yield Hit("rss.self.missing", "the feed", line_of(channel))
    yield from _common(channel, "the feed", _CHANNEL_SINGLE)


def _item(item: etree._Element, what: str) -> Iterator[Hit]:
    yield from _common(item, what, _ITEM_SINGLE)
    described = item.find("description") is not None
    if not described and item.find("title") is None:
        yield Hit("rss.item.empty", what, line_of(item))
    elif not described:
        yield Hit("rss.item.undescribed", what, line_of(item))
    yield from _guid(item, what)
    yield from _authors(item, what)
    yield from _enclosures(item.findall("enclosure"), what)
    yield from _content(item, what)


def _common(element: etree._Element, what: str, single: Sequence[str]) -> Iterator[Hit]:
    for name in single:
        found = element.findall(name)
        if len(found) > 1:
            yield Hit("rss.element.duplicate", f"{what} has {etree.QName(name).localname}", line_of(found[1]))
    for name in ("pubDate", "lastBuildDate"):
        for date in element.findall(name):
            if not is_rfc822(_text(date)):
                yield Hit("rss.date.invalid", f"the {name} {shown(_text(date))}", line_of(date))
    for name in ("link", "comments"):
        for link in element.findall(name):
            if _text(link) and not is_uri(_text(link)):
                yield Hit("rss.link.relative", f"the {name} {shown(_text(link))}", line_of(link))


def _titles(data: bytes) -> Iterator[Hit]:
    line, counted = 1, 0
    for title in _TITLE.finditer(data):
        if _CLOSING_TAG.search(title[1]):
            line, counted = line + data.count(b"\n", counted, title.start()), title.start()
            yield Hit("rss.title.html", shown(title[1].decode("utf-8", "replace")), line)


def _guid(item: etree._Element, what: str) -> Iterator[Hit]:
    guid = item.find("guid")
    if guid is None or not _text(guid):
        yield Hit("rss.guid.missing", what, line_of(item))
        return
    permanent = guid.get("isPermaLink", "true")
    if permanent not in ("true", "false"):
        yield Hit("rss.guid.boolean", shown(permanent), line_of(guid))
    elif permanent == "true" and not is_web_url(_text(guid)):
        yield Hit("rss.guid.permalink", f"the guid {shown(_text(guid))}", line_of(guid))


def _duplicates(items: Sequence[etree._Element]) -> Iterator[Hit]:
    seen = set()
    for guid in (found for item in items if (found := item.find("guid")) is not None and _text(found)):
        if _text(guid) in seen:
            yield Hit("rss.guid.duplicate", f"the guid {shown(_text(guid))}", line_of(guid))
        seen.add(_text(guid))


def _authors(item: etree._Element, what: str) -> Iterator[Hit]:
    author, creator = item.find("author"), item.find(_CREATOR)
    if author is None and creator is None:
        yield Hit("rss.author.missing", what, line_of(item))
    if author is not None and creator is not None:
        yield Hit("rss.author.twice", what, line_of(author))
    if author is not None and not _ADDRESS.search(_text(author)):
        yield Hit("rss.author.address", shown(_text(author)), line_of(author))


def _enclosures(enclosures: Sequence[etree._Element], what: str) -> Iterator[Hit]:
    for file in enclosures:
        length = file.get("length", "")
        if not (file.get("url") and length and file.get("type")):
            yield Hit("rss.enclosure.incomplete", what, line_of(file))
        elif not re.fullmatch(r"\d+", length, re.ASCII):
            yield Hit("rss.enclosure.length", shown(length), line_of(file))
        if file.get("url") and not is_web_url(file.get("url", "")):
            yield Hit("rss.link.relative", f"the enclosure {shown(file.get('url', ''))}", line_of(file))
    if len(enclosures) > 1:
        yield Hit("rss.enclosure.several", what, line_of(enclosures[1]))


def _content(item: etree._Element, what: str) -> Iterator[Hit]:
    names = [child.tag for child in item]
    if _ENCODED in names and "description" in names and names.index(_ENCODED) < names.index("description"):
        yield Hit("rss.content.order", what, line_of(item))
    for name in ("description", _ENCODED):
        for content in item.findall(name):
            yield from html_hits(content.text or "", what, line_of(content))


def _name(item: etree._Element) -> str:
    name = item.findtext("title", "").strip() or item.findtext("guid", "").strip()
    return f"item {shown(name)}" if name else "an item"


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()
