"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from typing import Any

from publisher.article import Author, Enclosure
from publisher.feeds.document import Entry, FeedDocument
from publisher.markup.dates import rfc3339


def json_feed(document: FeedDocument) -> bytes:
    """Return the feed as a JSON Feed file."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": document.title,
        "description": document.subtitle,
        "home_page_url": document.site_url,
        "feed_url": document.url("json"),
        "language": document.language,
        "authors": _authors(document.authors),
        "items": [_item(entry, document.language) for entry in document.entries],
    }
    return (json.dumps(_said(feed), ensure_ascii=False, indent=2) + "\n").encode()


def _item(entry: Entry, language: str) -> dict[str, Any]:
    return _said(
        {
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
            "tags": list(entry.tags),
            "language": entry.language if entry.language != language else "",
            "attachments": [_attachment(file) for file in entry.enclosures],
        }
    )


def _authors(authors: tuple[Author, ...]) -> list[dict[str, Any]]:
    return [_said({"name": author.name, "url": author.url}) for author in authors]


def _attachment(file: Enclosure) -> dict[str, Any]:
    return _said({"url": file.url, "mime_type": file.type, "title": file.title, "size_in_bytes": file.length})


def _said(members: dict[str, Any]) -> dict[str, Any]:
    """Leave out members that say nothing; `items` may be empty but must be there."""
    return {name: value for name, value in members.items() if value or name == "items"}
