"""Rules for JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from publisher.check.feed_rules import Hit
from publisher.check.feed_values import control_hits, html_hits, is_rfc3339, is_uri, shown

_VERSIONS = ("https://jsonfeed.org/version/1", "https://jsonfeed.org/version/1.1")
_ESCAPED = re.compile(r"&(?:amp|lt|gt|quot|#\d+|#x[0-9A-Fa-f]+);")

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
_FEED_URLS = ("home_page_url", "feed_url", "next_url", "icon", "favicon")
_ITEM_URLS = ("url", "external_url", "image", "banner_image")


def json_hits(feed: Any) -> Iterator[Hit]:
    """Yield the broken rules of a JSON Feed, given as `json.loads` returns it."""
    if not isinstance(feed, dict) or not {"version", "items"} & feed.keys():
        yield Hit("feed.unknown", "this JSON")
        return
    version = _string(feed, "version")
    if version not in _VERSIONS:
        yield Hit("json.version", shown(version))
    yield from _object(feed, "the feed", _FEED_TYPES, _FEED_URLS)
    if not _string(feed, "title"):
        yield Hit("json.title.missing", "the feed")
    if not _string(feed, "feed_url"):
        yield Hit("json.self.missing", "the feed")
    if "items" not in feed:
        yield Hit("json.items.missing", "the feed")
    yield from _items(_list(feed, "items"), authored=_authored(feed))


def _items(items: Sequence[Any], *, authored: bool) -> Iterator[Hit]:
    seen = set()
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            yield Hit("json.type", f"item {number}")
            continue
        name = _string(item, "title") or _string(item, "id")
        yield from _item(item, f"item {number} {shown(name)}" if name else f"item {number}", authored=authored)
        identity = _string(item, "id")
        if identity in seen:
            yield Hit("json.id.duplicate", f"the id {shown(identity)}")
        if identity:
            seen.add(identity)


def _item(item: Mapping[str, Any], what: str, *, authored: bool) -> Iterator[Hit]:
    yield from _object(item, what, _ITEM_TYPES, _ITEM_URLS)
    if item.get("id") in (None, ""):
        yield Hit("json.id.missing", what)
    elif _string(item, "id") and not is_uri(_string(item, "id")):
        yield Hit("json.id.relative", f"the id {shown(_string(item, 'id'))}")
    if not (_string(item, "content_html") or _string(item, "content_text")):
        yield Hit("json.content.missing", what)
    for name in ("date_published", "date_modified"):
        if _string(item, name) and not is_rfc3339(_string(item, name)):
            yield Hit("json.date.invalid", f"the {name} {shown(_string(item, name))} of {what}")
    if not authored and not _authored(item):
        yield Hit("json.author.missing", what)
    yield from _attachments(_list(item, "attachments"), what)
    yield from html_hits(_string(item, "content_html"), what)


def _object(found: Mapping[str, Any], what: str, types: Mapping[str, type], urls: Sequence[str]) -> Iterator[Hit]:
    """Yield what is wrong with the parts that feeds and items share."""
    for name, kind in types.items():
        if name in found and not isinstance(found[name], kind):
            yield Hit("json.type", f"{name} of {what}")
    for name in urls:
        if _string(found, name) and not is_uri(_string(found, name)):
            yield Hit("json.url.relative", f"the {name} {shown(_string(found, name))}")
    if _ESCAPED.search(_string(found, "title")):
        yield Hit("json.title.html", shown(_string(found, "title")))
    for name in types:
        yield from control_hits(_string(found, name), f"{name} of {what}")
    for author in _list(found, "authors"):
        if not isinstance(author, dict) or not any(author.get(name) for name in ("name", "url", "avatar")):
            yield Hit("json.author.empty", what)


def _attachments(attachments: Sequence[Any], what: str) -> Iterator[Hit]:
    for file in attachments:
        if not isinstance(file, dict) or not (file.get("url") and file.get("mime_type")):
            yield Hit("json.attachment.incomplete", what)


def _authored(found: Mapping[str, Any]) -> bool:
    return bool(found.get("authors") or found.get("author"))


def _string(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _list(found: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = found.get(name)
    return value if isinstance(value, list) else ()
