"""publisher.lock: what readers were promised. One JSON object a line, sorted, so that git merges it line by line."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from publisher.article import Article
from publisher.errors import Problem, ProblemsError
from publisher.markup.dates import rfc3339

LOCK_NAME = "publisher.lock"
_encode = json.JSONEncoder(ensure_ascii=False).encode
_quoted: Callable[[str], str] = json.encoder.encode_basestring
# Years that leave room for time zones and for what is reckoned from them.
_FIRST_YEAR, _LAST_YEAR = 1000, 9990
# More than articles, as lines of old ones may have been taken out by hand.
_MOST_PAGES = 1000
_ID = re.compile(r"[^\s\ud800-\udfff]+")
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")

#: Of an article that is in no archive.
NO_PAGES: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Promise:
    """What readers were told of one article."""

    #: The permanent id (RFC 4287 §4.2.6).
    id: str
    #: Time of first publication; it never changes (RFC 4287 §4.2.9).
    published: datetime
    #: File it was last read from; a renamed file is recognised by the other fields.
    path: str
    title: str
    #: SHA-256 of the body as it stands in the file, hexadecimal.
    content: str
    #: Beginning of the SHA-256 of all the article says, hexadecimal: a change nobody was told of shows in it.
    digest: str = ""
    #: Publication as its file said it last, where that is another time than readers know.
    date: datetime | None = None
    #: Last significant change that readers were told of; None where there was none. It never goes back.
    updated: datetime | None = None
    #: When it was withdrawn; None for what is published.
    withdrawn: datetime | None = None
    #: Names of the feeds that had it when it was withdrawn.
    feeds: tuple[str, ...] = ()
    #: Number of its archive page in each feed that keeps archives, from 1; an article never leaves its page.
    pages: Mapping[str, int] = field(default_factory=lambda: NO_PAGES)

    @property
    def dated(self) -> datetime:
        """Return the time of publication that its file said last."""
        return self.date or self.published

    @property
    def changed(self) -> datetime:
        """Return when readers last saw something happen to it."""
        return max(filter(None, (self.published, self.updated, self.withdrawn)))


@dataclass(frozen=True, slots=True)
class Lock:
    """All promises of a publication."""

    #: Tag authority (RFC 4151) from which ids are minted; empty before the first build.
    authority: str = ""
    #: Promises by id.
    promises: Mapping[str, Promise] = field(default_factory=lambda: MappingProxyType({}))
    #: Time of the last change in feeds that articles may leave without being withdrawn, such as those of tags, by
    #: name: where the newest article loses its tag, the feed's time does not go back.
    feeds: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))


def content_hash(article: Article) -> str:
    """Return the SHA-256 of an article's body, hexadecimal."""
    return article.body_digest or sha256(article.content.encode()).hexdigest()


def dump(lock: Lock) -> bytearray:
    """Write a lock: the authority first, then the feeds and the promises, sorted."""
    data = bytearray(_dumped({"authority": lock.authority}))
    for name, when in sorted(lock.feeds.items()):
        data += _dumped({"feed": name, "updated": rfc3339(when)})
    for identifier in sorted(lock.promises):
        data += _line(lock.promises[identifier])
    return data  # no copy as bytes: there may be millions of them


def _line(p: Promise) -> bytes:
    # What every line has is put together by hand, in half the time.
    always = f'"id": {_quoted(p.id)}, "published": "{rfc3339(p.published)}", "path": {_quoted(p.path)}'
    always += f', "title": {_quoted(p.title)}, "content": {_quoted(p.content)}, "digest": {_quoted(p.digest)}'
    if not (p.date or p.updated or p.withdrawn or p.feeds or p.pages):
        return f"{{{always}}}\n".encode()
    row: dict[str, object] = {
        "date": rfc3339(p.date) if p.date else "",
        "updated": rfc3339(p.updated) if p.updated else "",
        "withdrawn": rfc3339(p.withdrawn) if p.withdrawn else "",
        "feeds": list(p.feeds),
        "pages": dict(sorted(p.pages.items())),
    }
    return f"{{{always}, {_encode({key: value for key, value in row.items() if value})[1:-1]}}}\n".encode()


def _dumped(row: Mapping[str, object]) -> bytes:
    return f"{_encode(row)}\n".encode()


def parse(data: bytes | bytearray) -> Lock:
    """Read a lock.

    Raises:
        ProblemsError: lines are damaged, or contradict each other after a merge; all of them are named.
    """
    found = _Found()
    problems: list[Problem] = []
    for number, line in enumerate(data.decode("utf-8-sig", "replace").split("\n"), 1):
        try:
            found.take(line, number)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            problems.append(_damaged(line, number, error))
    page, line_of_page = found.highest
    if page > _MOST_PAGES + len(found.promises):
        problems.append(_problem(f"names page {page} of an archive that has far fewer articles", line_of_page))
    if len(found.authorities) > 1:
        names = ", ".join(found.authorities)
        problems.append(_problem(f"names two authorities ({names})", max(found.authorities.values())))
    if problems:
        raise ProblemsError(problems)
    return Lock(next(iter(found.authorities), ""), MappingProxyType(found.promises), MappingProxyType(found.feeds))


class _ContradictionError(ValueError):
    pass


class _Found:
    """The lines of a lock, one after the other."""

    def __init__(self) -> None:
        self.authorities: dict[str, int] = {}
        self.promises: dict[str, Promise] = {}
        self.feeds: dict[str, datetime] = {}
        #: The last page of any archive, and the line that names it.
        self.highest = (0, 0)

    def take(self, line: str, number: int) -> None:
        if not line.strip():
            return
        row: dict[str, Any] = json.loads(line)
        if "authority" in row:
            self.authorities.setdefault(_text(row, "authority"), number)
        elif "feed" in row:
            name, when = _text(row, "feed"), _moment(row["updated"])
            self.feeds[name] = max(when, self.feeds.get(name, when))  # two after a merge
        else:
            self._promise(row, number)

    def _promise(self, row: Mapping[str, Any], number: int) -> None:
        read = Promise(
            id=_text(row, "id"),
            published=_moment(row["published"]),
            path=_text(row, "path"),
            title=_text(row, "title"),
            content=_text(row, "content"),
            digest=_text(row, "digest") if "digest" in row else "",
            date=_moment(row["date"]) if "date" in row else None,
            updated=_moment(row["updated"]) if "updated" in row else None,
            withdrawn=_moment(row["withdrawn"]) if "withdrawn" in row else None,
            feeds=tuple(map(str, row["feeds"])) if "feeds" in row else (),
            pages={str(name): _page(page) for name, page in row["pages"].items()} if "pages" in row else NO_PAGES,
        )
        if not _ID.fullmatch(read.id):
            raise ValueError(f"{read.id!r} is no id")
        self.highest = max(self.highest, (max(read.pages.values(), default=0), number))
        known = self.promises.get(read.id, read)
        if known.published != read.published:
            raise _ContradictionError(f"promises {read.id} a second time, with another time of publication")
        # Two after a merge: what readers were told last holds, and no article leaves its page.
        later = read if read.changed > known.changed else known
        self.promises[read.id] = replace(later, pages={**read.pages, **known.pages}) if known is not read else read


def _text(row: Mapping[str, Any], key: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is no text")
    return value


def _page(value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueError(f"{value!r} is no number of a page")
    return value


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError(f"{value} is out of range")
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _damaged(line: str, number: int, error: Exception) -> Problem:
    if isinstance(error, _ContradictionError):
        return _problem(str(error), number)
    if line.startswith(_CONFLICT):
        return _problem("holds the mark of an unfinished merge", number)
    return _problem("is no line of a lock", number)


def _problem(message: str, line: int) -> Problem:
    cure = "keep the lines of both sides of a merge, each once, or restore the file from version control"
    return Problem(LOCK_NAME, message, cure, line)
