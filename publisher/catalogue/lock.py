"""publisher.lock: what readers were promised. One JSON object a line, sorted, so that git merges it line by line."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from publisher.article import Article
from publisher.errors import Problem, ProblemsError
from publisher.markup.dates import rfc3339

LOCK_NAME = "publisher.lock"
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


@dataclass(frozen=True, slots=True)
class Promise:
    """What readers were told of one article when it was first published."""

    #: The permanent id (RFC 4287 §4.2.6).
    id: str
    #: Time of first publication; it never changes (RFC 4287 §4.2.9).
    published: datetime
    #: File it was last read from; a renamed file is recognised by the other fields.
    path: str
    title: str
    #: SHA-256 of the content, hexadecimal.
    content: str


@dataclass(frozen=True, slots=True)
class Lock:
    """All promises of a publication."""

    #: Tag authority (RFC 4151) from which ids are minted; empty before the first build.
    authority: str = ""
    #: Promises by id.
    promises: Mapping[str, Promise] = field(default_factory=lambda: MappingProxyType({}))


def content_hash(article: Article) -> str:
    """Return the SHA-256 of an article's content, hexadecimal."""
    return sha256(article.content.encode()).hexdigest()


def promise(article: Article) -> Promise:
    """Return what is promised by publishing an article, which has its id and its time by now."""
    assert article.id
    assert article.published
    return Promise(article.id, article.published, article.path, article.title, content_hash(article))


def dump(lock: Lock) -> bytes:
    """Write a lock: the authority first, then the promises sorted by id."""
    rows: Iterable[Mapping[str, str]] = (
        {
            "id": p.id,
            "published": rfc3339(p.published),
            "path": p.path,
            "title": p.title,
            "content": p.content,
        }
        for _, p in sorted(lock.promises.items())
    )
    lines = [{"authority": lock.authority}, *rows]
    return "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines).encode()


def parse(data: bytes) -> Lock:
    """Read a lock.

    Raises:
        ProblemsError: lines are damaged, or contradict each other after a merge; all of them are named.
    """
    authorities: dict[str, int] = {}
    promises: dict[str, Promise] = {}
    problems: list[Problem] = []
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        try:
            _take(line, number, authorities, promises)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            problems.append(_damaged(line, number, error))
    if len(authorities) > 1:
        problems.append(_problem(f"names two authorities ({', '.join(authorities)})", max(authorities.values())))
    if problems:
        raise ProblemsError(problems)
    return Lock(next(iter(authorities), ""), MappingProxyType(promises))


class _ContradictionError(ValueError):
    pass


def _take(line: str, number: int, authorities: dict[str, int], promises: dict[str, Promise]) -> None:
    if not line.strip():
        return
    row: dict[str, Any] = json.loads(line)
    if "authority" in row:
        authorities.setdefault(_text(row, "authority"), number)
        return
    read = Promise(
        id=_text(row, "id"),
        published=_aware(datetime.fromisoformat(_text(row, "published"))),
        path=_text(row, "path"),
        title=_text(row, "title"),
        content=_text(row, "content"),
    )
    known = promises.setdefault(read.id, read)
    if known.published != read.published:
        raise _ContradictionError(f"promises {read.id} a second time, with another time of publication")


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is no text")
    return value


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("published has no time zone")
    return moment.astimezone(UTC)


def _damaged(line: str, number: int, error: Exception) -> Problem:
    if isinstance(error, _ContradictionError):
        return _problem(str(error), number)
    if line.startswith(_CONFLICT):
        return _problem("holds the mark of an unfinished merge", number)
    return _problem("is no line of a lock", number)


def _problem(message: str, line: int) -> Problem:
    cure = "keep the lines of both sides of a merge, each once, or restore the file from version control"
    return Problem(LOCK_NAME, message, cure, line)
