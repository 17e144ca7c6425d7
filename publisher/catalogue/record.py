"""An article as a JSON object, in the words of the record schema (docs/records.md)."""

from datetime import UTC, datetime
from typing import Any

from publisher.article import Article


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
        "date_published": _moment(article.published),
        "date_modified": _moment(article.updated),
        "image": article.image.url if article.image else None,
        "image_alt": article.image.alt if article.image else None,
        "attachments": [
            _without_empty({"url": e.url, "mime_type": e.type, "size_in_bytes": e.length, "title": e.title})
            for e in article.enclosures
        ],
        "sources": [_without_empty({"text": c.text, "url": c.url}) for c in article.sources],
        "status": article.status.value,
        "path": article.path,
        "line": article.line,
    }
    return _without_empty(record)


def _without_empty(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if value not in (None, "", [], 0)}


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
