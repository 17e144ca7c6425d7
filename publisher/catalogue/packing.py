"""Readings as text for the cache, in a form that is quick to take up again: thousands are, at every build."""

import json
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from sys import intern
from typing import Any

from publisher.article import Article, Author, Status
from publisher.catalogue.record import from_record, to_record
from publisher.errors import Problem, Severity
from publisher.sources.base import Reading

_STATUSES = {status.value: status for status in Status}
#: What few articles have; it is kept in the words of a record.
_RARE = ("image", "enclosures", "sources", "episode")


def packed(reading: Reading) -> str:
    """Write a reading down; the digest of each article is taken on the way."""
    articles = ", ".join(map(_packed, reading.articles))
    problems = [[p.path, p.message, p.cure, p.line, p.severity.value] for p in reading.problems]
    return f"[[{articles}], {json.dumps(problems)}]"


def unpacked(said: str, path: str) -> Reading:
    """Return the reading that `packed` wrote.

    Args:
        said: what it wrote.
        path: the file.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: somebody else wrote it.
    """
    articles, problems = json.loads(said)
    return Reading(
        tuple([_unpacked(article, path) for article in articles]),
        tuple([Problem(p, message, cure, line, Severity(kind)) for p, message, cure, line, kind in problems]),
    )


def _packed(article: Article) -> str:
    rare = any(getattr(article, name) for name in _RARE)
    said = [
        article.id,
        article.title,
        article.url,
        article.summary,
        article.content,
        article.highlights,
        [(author.name, author.url, author.email) for author in article.authors],
        article.tags,
        article.section,
        article.language,
        article.published.isoformat() if article.published else None,
        article.updated.isoformat() if article.updated else None,
        article.status.value,
        article.slug,
        article.body_digest,
        article.unread,
        to_record(replace(article, path="", line=0)) if rare else None,
    ]
    written = json.dumps(said)
    digest = sha256(written.encode()).hexdigest()[:16]
    return f'[{article.line}, "{digest}", {written[1:]}'


def _unpacked(row: list[Any], path: str) -> Article:
    (line, digest, id_, title, url, summary, content, highlights, authors, tags, section, language, *rest) = row
    published, updated, status, slug, body_digest, unread, rare = rest
    article = Article(
        id=id_,
        title=title,
        url=url,
        summary=summary,
        content=content,
        highlights=tuple(highlights),
        authors=tuple([_author(*author) for author in authors]),
        tags=tuple([intern(tag) for tag in tags]),
        section=section,
        language=language,
        published=datetime.fromisoformat(published) if published else None,
        updated=datetime.fromisoformat(updated) if updated else None,
        status=_STATUSES[status],
        path=path,
        line=line,
        slug=slug,
        body_digest=body_digest,
        digest=digest,
        unread=unread,
    )
    if not rare:
        return article
    record = from_record({"id": "", **rare})
    return replace(article, **{name: getattr(record, name) for name in _RARE})


@lru_cache(maxsize=1024)
def _author(name: str, url: str, email: str) -> Author:
    return Author(name, url, email)
