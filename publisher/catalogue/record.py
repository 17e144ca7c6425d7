"""An article as a JSON object, in the words of the record schema (docs/records.md), and back."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from publisher.article import Article, Author, Citation, Enclosure, Image, Status
from publisher.markup.dates import rfc3339
from publisher.sources.episode_table import from_table, to_table


def to_record(article: Article) -> dict[str, Any]:
    """Return everything an article says, ready for `json.dumps`; keys without a value are left out."""
    record: dict[str, Any] = {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "summary": article.summary,
        "content_html": article.content,
        "highlights": list(article.highlights),
        "authors": [_without_empty({"name": a.name, "url": a.url, "email": a.email}) for a in article.authors],
        "tags": list(article.tags),
        "section": article.section,
        "language": article.language,
        "date_published": rfc3339(article.published) if article.published else None,
        "date_modified": rfc3339(article.updated) if article.updated else None,
        "image": article.image.url if article.image else None,
        "image_alt": article.image.alt if article.image else None,
        "image_width": article.image.width if article.image else None,
        "image_height": article.image.height if article.image else None,
        "image_type": article.image.type if article.image else None,
        "attachments": [_attachment(file) for file in article.enclosures],
        "podcast": to_table(article.episode) if article.episode else None,
        "sources": [_without_empty({"text": c.text, "url": c.url}) for c in article.sources],
        "status": article.status.value,
        "path": article.path,
        "line": article.line,
    }
    return _without_empty(record)


def _attachment(file: Enclosure) -> dict[str, Any]:
    return _without_empty(
        {
            "url": file.url,
            "mime_type": file.type,
            "size_in_bytes": file.length,
            "title": file.title,
            "duration_in_seconds": file.duration,
        }
    )


def _without_empty(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if value not in (None, "", [], 0)}


def from_record(record: Mapping[str, Any], language: str = "en") -> Article:
    """Return the article of a record that this program wrote: one of `to_record`, or an item of our own JSON feeds.

    Args:
        record: the object.
        language: of records that name none.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the record is damaged.
    """
    return Article(
        id=_text(record["id"]),
        title=_text(record["title"]),
        url=_text(record["url"]),
        summary=_text(record.get("summary", "")),
        content=_text(record.get("content_html", "")),
        highlights=tuple(map(_text, record.get("highlights", ()))),
        authors=tuple(
            Author(_text(a["name"]), _text(a.get("url", "")), _text(a.get("email", "")))
            for a in _list(record, "authors")
        ),
        tags=tuple(map(_text, _list(record, "tags"))),
        section=_text(record.get("section", "")),
        language=_text(record.get("language", language)),
        published=_moment(record.get("date_published")),
        updated=_moment(record.get("date_modified")),
        image=_image(record) if "image" in record else None,
        enclosures=tuple(
            Enclosure(
                _text(e["url"]),
                _text(e["mime_type"]),
                _number(e.get("size_in_bytes")),
                _text(e.get("title", "")),
                _number(e.get("duration_in_seconds")),
            )
            for e in _list(record, "attachments")
        ),
        episode=from_table(record["podcast"]) if "podcast" in record else None,
        sources=tuple(Citation(_text(c.get("text", "")), _text(c.get("url", ""))) for c in _list(record, "sources")),
        status=Status(record.get("status", Status.PUBLISHED.value)),
        path=_text(record.get("path", "")),
        line=int(record.get("line", 0)),
    )


def _image(record: Mapping[str, Any]) -> Image:
    width, height = (_number(record.get(key)) for key in ("image_width", "image_height"))
    alt, media = (_text(record.get(key, "")) for key in ("image_alt", "image_type"))
    return Image(_text(record["image"]), alt, width, height, media)


def _list(record: Mapping[str, Any], key: str) -> Iterable[Any]:
    found = record.get(key, ())
    if isinstance(found, str):
        raise TypeError(f"{key} is no list")
    return found  # type: ignore[no-any-return]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _number(value: object) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
