"""Putting the lock and the feed files in place, and taking away those of tags that are gone."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from publisher.article import Article
from publisher.catalogue import LOCK_NAME, Catalogue
from publisher.catalogue.lock import dump as dump_lock
from publisher.errors import Problem, Severity, SurroundingsError
from publisher.feeds import FeedFile
from publisher.files import put, put_all
from publisher.publication.memory import MEMORY
from publisher.publication.memory import dump as dump_memory

FEEDS_FOLDER = "feeds"
_SUFFIXES = (".atom.xml", ".rss.xml", ".json", ".html")


class ChangeKind(Enum):
    """What subscribers see of an article that the last build did not show them like this."""

    NEW = "new"
    """It appears."""

    UPDATED = "updated"
    """It has a new time of update: many readers show it again."""

    SILENT = "silent"
    """Its words change without a new time of update: few readers notice."""

    VANISHED = "vanished"
    """It leaves the feeds."""


@dataclass(frozen=True, slots=True)
class Change:
    """One article that differs from what the last build showed."""

    kind: ChangeKind
    article: Article


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did, or would do. File names are relative to the publication's folder."""

    #: How many articles are published.
    articles: int
    changes: tuple[Change, ...]
    #: New and changed files.
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    #: Feeds of tags that no article has any more.
    removed: tuple[str, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of earlier builds."""

    #: What the last build showed, by id; empty on a machine that did not see it.
    shown: Mapping[str, Article]
    #: Ids of all that was ever published.
    promised: AbstractSet[str]


def changes(past: Past, now: Sequence[Article]) -> tuple[Change, ...]:
    """Compare what the last build showed with what this one shows.

    Args:
        now: the published articles, in their order.
    """
    before = past.shown
    forgotten = past.promised - before.keys()
    found = [
        Change(_kind(before.get(article.id), article), article)
        for article in now
        if article.id not in forgotten and before.get(article.id) != article
    ]
    present = {article.id for article in now}
    gone = [Change(ChangeKind.VANISHED, article) for id_, article in sorted(before.items()) if id_ not in present]
    return (*found, *gone)


def _kind(before: Article | None, article: Article) -> ChangeKind:
    if before is None:
        return ChangeKind.NEW
    return ChangeKind.SILENT if before.updated == article.updated else ChangeKind.UPDATED


def write_build(
    folder: Path, catalogue: Catalogue, files: Sequence[FeedFile], past: Past, *, dry_run: bool
) -> BuildReport:
    """Put all files in place, the lock first: an id is durable before any reader sees it.

    Raises:
        SurroundingsError: the disk refuses.
    """
    outputs = [(f"{FEEDS_FOLDER}/{file.path}", file.data) for file in files]
    lock = dump_lock(catalogue.lock)
    stale = () if _has_errors(catalogue.problems) else _stale(folder, {name for name, _ in outputs})
    if dry_run:
        written = [name for name, data in ((LOCK_NAME, lock), *outputs) if _differs(folder / name, data)]
    else:
        written = [LOCK_NAME] if put(folder / LOCK_NAME, lock) else []
        written += put_all(folder, outputs)
        put(folder / MEMORY, dump_memory(catalogue.articles))
        for name in stale:
            _remove(folder / name)
    return BuildReport(
        articles=len(catalogue.articles),
        changes=changes(past, catalogue.articles),
        written=tuple(written),
        unchanged=tuple(name for name in (LOCK_NAME, *(name for name, _ in outputs)) if name not in set(written)),
        removed=stale,
        problems=(*catalogue.problems, *_leftovers(folder, {name for name, _ in outputs})),
    )


def _differs(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() != data
    except OSError:
        return True


def _has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity is Severity.ERROR for problem in problems)


def _stale(folder: Path, current: set[str]) -> tuple[str, ...]:
    """Name the files of tag feeds that exist no more; the folder `feeds/tags/` is ours alone."""
    return tuple(name for name in _feed_files(folder, "tags/*") if name not in current)


def _leftovers(folder: Path, current: set[str]) -> list[Problem]:
    """Note files that look like feeds but belong to none: somebody may still read them, so they are not removed."""
    cure = "remove it if nobody reads it any more"
    return [
        Problem(name, "belongs to no feed of the settings and is not brought up to date", cure, severity=Severity.NOTE)
        for name in _feed_files(folder, "*")
        if name not in current
    ]


def _feed_files(folder: Path, pattern: str) -> list[str]:
    found = sorted((folder / FEEDS_FOLDER).glob(pattern))
    return [path.relative_to(folder).as_posix() for path in found if path.name.endswith(_SUFFIXES)]


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be removed: {error.strerror or error}") from error
