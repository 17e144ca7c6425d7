"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from json import JSONEncoder
from json.encoder import encode_basestring
from typing import Any

from publisher.article import Author, Enclosure
from publisher.feeds.document import Entry, FeedDocument
from publisher.feeds.moments import rfc3339

_encode = JSONEncoder(ensure_ascii=False).encode


def json_feed(document: FeedDocument) -> bytes:
    """Return the feed as a JSON Feed file: one line a member, so that changes show in a diff of two versions."""
    pieces = ["{\n  "]
    _write(pieces, _feed(document), ",\n  ")
    pieces.append(',\n  "items": [')
    edge = "\n    {\n      "
    for entry in document.entries:
        pieces.append(edge)
        _write(pieces, _item(entry, document.language), ",\n      ")
        edge = "\n    },\n    {\n      "
    pieces.append("\n    }\n  ]\n}\n" if document.entries else "]\n}\n")
    return "".join(pieces).encode()


def _feed(document: FeedDocument) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": document.title,
        "description": document.subtitle,
        "home_page_url": document.site_url,
        # It tells the feeds apart, so that all pages of a feed have one.
        "feed_url": document.archive_url(document.current or document.name, "json"),
        "next_url": document.archive_url(document.previous, "json") if document.previous else "",
        "icon": document.logo or document.icon,
        "favicon": document.icon,
        "language": document.language,
        "authors": _authors(document.authors),
        "hubs": [{"type": "WebSub", "url": document.hub}] if document.hub else [],
    }


def _item(entry: Entry, language: str) -> dict[str, Any]:
    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.content,
        # An item needs one of the two kinds of content.
        "content_text": "" if entry.content else entry.summary,
        "image": entry.image.url if entry.image else "",
        "date_published": rfc3339(entry.published),
        "date_modified": rfc3339(entry.updated) if entry.updated else "",
        "authors": _authors(entry.authors),
        "tags": entry.tags,
        "language": entry.language if entry.language != language else "",
        "attachments": [_attachment(file) for file in entry.enclosures],
    }


def _authors(authors: tuple[Author, ...]) -> list[dict[str, str]]:
    return [{"name": author.name} | ({"url": author.url} if author.url else {}) for author in authors]


def _attachment(file: Enclosure) -> dict[str, Any]:
    members = {
        "url": file.url,
        "mime_type": file.type,
        "title": file.title,
        "size_in_bytes": file.length,
        "duration_in_seconds": file.duration,
    }
    return {name: value for name, value in members.items() if value}


def _write(pieces: list[str], members: dict[str, Any], edge: str) -> None:
    """Write the members of an object, but for those that say nothing.

    The standard library writes members on lines of their own in Python, and all on one line in C, ten times as fast.

    Args:
        pieces: what is written so far.
        members: in their order; the first says something.
        edge: what stands between two members.
    """
    between = '"'
    for name, value in members.items():
        if value:
            pieces += (between, name, '": ', encode_basestring(value) if value.__class__ is str else _encode(value))
            between = f'{edge}"'
