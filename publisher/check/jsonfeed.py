"""Rules for JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from publisher.check.feed_rules import Hit
from publisher.check.feed_values import character_hits, html_hits
from publisher.check.json_places import Places
from publisher.check.values import shown
from publisher.check.xmlfeed.dates import rfc3339

_VERSIONS = ("https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1")
_ESCAPED = re.compile(r"&(?:amp|lt|gt|quot|#\d+|#x[0-9A-Fa-f]+);")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")

_FEED_TYPES: Mapping[str, type] = {
    **dict.fromkeys(("version", "title", "description", "home_page_url", "feed_url", "next_url", "language"), str),
    **dict.fromkeys(("icon", "favicon", "user_comment"), str),
    **dict.fromkeys(("items", "authors", "hubs"), list),
    "expired": bool,
    "author": dict,
}
_ITEM_TYPES: Mapping[str, type] = {
    **dict.fromkeys(("id", "url", "external_url", "title", "summary", "content_html", "content_text", "image"), str),
    **dict.fromkeys(("banner_image", "date_published", "date_modified", "language"), str),
    **dict.fromkeys(("authors", "tags", "attachments"), list),
    "author": dict,
}
#: Parts of a document; what has more wants to fill the memory.
_MOST = 500_000
_FEED_URLS = ("home_page_url", "feed_url", "next_url", "icon", "favicon")
_ITEM_URLS = ("url", "external_url", "image", "banner_image")


@dataclass(frozen=True, slots=True)
class _Part:
    """An object of the document: what it holds, what messages call it, and where it stands."""

    found: Mapping[str, Any]
    what: str
    places: Places
    path: tuple[str | int, ...] = ()

    def string(self, name: str) -> str:
        value = self.found.get(name)
        return value if isinstance(value, str) else ""

    def list(self, name: str) -> Sequence[Any]:
        value = self.found.get(name)
        return value if isinstance(value, list) else ()

    def hit(self, rule: str, what: str = "", *path: str | int) -> Hit:
        """Return a hit where a part of this object stands."""
        return Hit(rule, what or self.what, *self.places.of(*self.path, *path))


def json_text_hits(data: bytes) -> Iterator[Hit]:
    """Yield the broken rules of a file in JSON."""
    try:
        text = data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
        feed = _loaded(text)
        places = Places(text)
    except json.JSONDecodeError as error:
        yield Hit("feed.unreadable", error.msg, error.lineno, error.colno)
    except UnicodeDecodeError as error:
        yield Hit("feed.encoding", f"a byte is no {error.encoding}", data[: error.start].count(b"\n") + 1)
    except (ValueError, RecursionError) as error:
        yield Hit("feed.unreadable", str(error))
    else:
        yield from _feed(feed, places)


def _loaded(text: str) -> Any:
    if sum(map(text.count, "{[,")) > _MOST:
        raise ValueError(f"it has more than {_MOST} parts")
    return json.loads(text)


def _feed(found: Any, places: Places) -> Iterator[Hit]:
    if not isinstance(found, dict) or not {"version", "items"} & found.keys():
        yield Hit("feed.unknown", "this JSON", *places.of())
        return
    feed = _Part(found, "the feed", places)
    if feed.string("version") not in _VERSIONS:
        yield feed.hit("json.version", shown(feed.string("version")), "version")
    yield from _object(feed, _FEED_TYPES, _FEED_URLS)
    if not feed.string("title"):
        yield feed.hit("json.title.missing")
    if not feed.string("feed_url"):
        yield feed.hit("json.self.missing")
    if "items" not in found:
        yield feed.hit("json.items.missing")
    yield from _items(feed)


def _items(feed: _Part) -> Iterator[Hit]:
    seen = set()
    for index, found in enumerate(feed.list("items")):
        if not isinstance(found, dict):
            yield feed.hit("json.type", f"item {index + 1}", "items", index)
            continue
        item = _Part(found, f"item {index + 1}", feed.places, ("items", index))
        name = item.string("title") or item.string("id")
        named = _Part(found, f"{item.what} {shown(name)}", item.places, item.path) if name else item
        yield from _item(named, authored=_authored(feed.found))
        identity = item.string("id")
        if identity in seen:
            yield item.hit("json.id.duplicate", f"the id {shown(identity)}", "id")
        if identity:
            seen.add(identity)


def _item(item: _Part, *, authored: bool) -> Iterator[Hit]:
    yield from _object(item, _ITEM_TYPES, _ITEM_URLS)
    identity = item.string("id")
    if item.found.get("id") in (None, ""):
        yield item.hit("json.id.missing")
    elif identity and not _URI.fullmatch(identity):
        yield item.hit("json.id.relative", f"the id {shown(identity)}", "id")
    contents = [item.found.get(name) for name in ("content_html", "content_text")]
    if not any(isinstance(content, str) for content in contents):
        yield item.hit("json.content.missing")
    elif not any(contents):
        yield item.hit("json.content.empty")
    for name in ("date_published", "date_modified"):
        date = item.string(name)
        if date and any(fault.rule == "atom.date.invalid" for fault in rfc3339(date)):
            yield item.hit("json.date.invalid", f"the {name} {shown(date)} of {item.what}", name)
    if not authored and not _authored(item.found):
        yield item.hit("json.author.missing")
    yield from _attachments(item)
    yield from html_hits(item.string("content_html"), item.what, *item.places.of(*item.path, "content_html"))


def _object(part: _Part, types: Mapping[str, type], urls: Sequence[str]) -> Iterator[Hit]:
    """Yield what is wrong with the parts that feeds and items share."""
    for name, kind in types.items():
        if part.found.get(name) is not None and not isinstance(part.found[name], kind):
            yield part.hit("json.type", f"{name} of {part.what}", name)
    for name in urls:
        if part.string(name) and not _URI.fullmatch(part.string(name)):
            yield part.hit("json.url.relative", f"the {name} {shown(part.string(name))}", name)
    if _ESCAPED.search(part.string("title")):
        yield part.hit("json.title.html", shown(part.string("title")), "title")
    for name in types:
        yield from character_hits(part.string(name), f"{name} of {part.what}", *part.places.of(*part.path, name))
    for index, author in enumerate(part.list("authors")):
        if not isinstance(author, dict) or not any(author.get(name) for name in ("name", "url", "avatar")):
            yield part.hit("json.author.empty", "", "authors", index)


def _attachments(item: _Part) -> Iterator[Hit]:
    for index, file in enumerate(item.list("attachments")):
        if not isinstance(file, dict) or not (file.get("url") and file.get("mime_type")):
            yield item.hit("json.attachment.incomplete", "", "attachments", index)


def _authored(found: Mapping[str, Any]) -> bool:
    return bool(found.get("authors") or found.get("author"))
