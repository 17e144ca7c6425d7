"""Putting the lock and the feed files in place, and taking away those of tags that are gone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from publisher.catalogue import LOCK_NAME, Catalogue
from publisher.catalogue.lock import dump
from publisher.errors import Problem, Severity, SurroundingsError
from publisher.feeds import FeedFile
from publisher.files import put

FEEDS_FOLDER = "feeds"
_OURS = (".atom.xml", ".rss.xml", ".json", ".html")


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did, or would do. File names are relative to the publication's folder."""

    #: How many articles are published.
    articles: int
    #: New and changed files.
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    #: Feeds of tags that no article has any more.
    removed: tuple[str, ...]
    problems: tuple[Problem, ...]


def write_build(folder: Path, catalogue: Catalogue, files: Sequence[FeedFile], *, dry_run: bool) -> BuildReport:
    """Put all files in place, the lock first: an id is durable before any reader sees it.

    Raises:
        SurroundingsError: the disk refuses.
    """
    outputs = [(LOCK_NAME, dump(catalogue.lock)), *((f"{FEEDS_FOLDER}/{f.path}", f.data) for f in files)]
    store = _differs if dry_run else put
    changed = {name for name, data in outputs if store(folder / name, data)}
    stale = () if _has_errors(catalogue.problems) else _stale(folder, {name for name, _ in outputs})
    for name in () if dry_run else stale:
        _remove(folder / name)
    return BuildReport(
        articles=len(catalogue.articles),
        written=tuple(name for name, _ in outputs if name in changed),
        unchanged=tuple(name for name, _ in outputs if name not in changed),
        removed=stale,
        problems=catalogue.problems,
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
    tags = folder / FEEDS_FOLDER / "tags"
    names = (path.relative_to(folder).as_posix() for path in sorted(tags.glob("*")) if path.name.endswith(_OURS))
    return tuple(name for name in names if name not in current)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be removed: {error.strerror or error}") from error
