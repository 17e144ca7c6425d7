"""From the sources and the lock to the catalogue."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from publisher.article import Article
from publisher.catalogue import LOCK_NAME, Catalogue, Confirmed, Lock, Remembered, compile_catalogue
from publisher.catalogue.cache import Cache
from publisher.catalogue.catalogue import as_promised
from publisher.catalogue.lock import Promise, content_hash, parse
from publisher.catalogue.packing import unpacked
from publisher.catalogue.withdrawal import emptied_sources
from publisher.config.settings import Settings
from publisher.errors import Problem, SurroundingsError, UsageError
from publisher.files import read_file
from publisher.publication.folders import FEEDS_FOLDER
from publisher.publication.reading import Library, read_library
from publisher.publication.watching import Watch
from publisher.sources.base import Reading

#: Stands for everything that is gone in `Confirmed`.
ALL = "all"
_LARGEST_LOCK = 512 * 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Compiled:
    """A catalogue, what it was made from, and the way to the texts."""

    catalogue: Catalogue
    library: Library
    #: The lock as it was.
    before: Lock


def compile_sources(
    folder: Path,
    settings: Settings,
    now: datetime,
    *,
    cache: Cache,
    watch: Watch,
    confirmed: Confirmed,
    meanwhile: Callable[[], object],
) -> Compiled:
    """Read the sources and decide what is published.

    Args:
        folder: the publication's.
        settings: the publication's.
        now: the clock.
        cache: remembers what files said.
        watch: sees the work while it is done.
        confirmed: which withdrawals and changes of ids are meant.
        meanwhile: is done while other processes read many files.

    Raises:
        ProblemsError: publisher.lock is damaged.
        SurroundingsError: publisher.lock cannot be read.
        UsageError: a withdrawal is confirmed of what was never published, or is still there.
        ValueError: `now` has no time zone.
    """
    if now.utcoffset() is None:
        raise ValueError(f"now needs a time zone: {now.isoformat()}")
    lock = _lock(folder)
    published = {promise.path for promise in lock.promises.values() if promise.withdrawn is None}
    reading, library = read_library(folder, settings, cache, watch, published, meanwhile)
    emptied = _emptied(settings, reading, [p for p in lock.promises.values() if not confirmed.covers(p)])
    catalogue = compile_catalogue(
        reading.articles,
        (*reading.problems, *emptied),
        lock,
        authority=_authority(settings, reading.articles, now),
        zone=settings.zone,
        now=now,
        remember=lambda ids: _remembered(folder, library, lock, ids),
        confirmed=confirmed,
    )
    _expect_meant(confirmed, catalogue, lock)
    return Compiled(catalogue, library, lock)


def _remembered(folder: Path, library: Library, lock: Lock, ids: frozenset[str]) -> dict[str, Remembered]:
    """Return what readers have of articles: their texts from the feeds, the rest from where it was read last."""
    from publisher.feeds.restore import last_published, with_head

    shown = last_published(folder / FEEDS_FOLDER, ids)
    heads = {i: head for i in ids if (head := _head(library, lock.promises[i]))}
    return {
        i: with_head(shown[i], heads[i]) if i in shown and i in heads else shown.get(i, Remembered(None))
        for i in shown.keys() | heads.keys()
    }


def _head(library: Library, promise: Promise) -> Article | None:
    if not (said := library.past.get(promise.path)):
        return None
    try:
        articles = unpacked(said, promise.path).articles
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None
    same = [a for a in articles if a.id == promise.id or (a.title, content_hash(a)) == (promise.title, promise.content)]
    return as_promised(replace(same[0], id=promise.id), promise) if same else None


def confirmation(settings: Settings, withdraw: Iterable[str], *, force: bool) -> Confirmed:
    """Return what the caller and the settings say is meant.

    Args:
        withdraw: ids, files and folders, or `all`.
        force: whether articles may take new ids.
    """
    named = frozenset(name.removeprefix("./").rstrip("/") for name in withdraw)
    always = settings.syndication.withdrawals == "accept"
    return Confirmed(named - {ALL}, everything=ALL in named, always=always, new_ids=force)


def _expect_meant(confirmed: Confirmed, catalogue: Catalogue, before: Lock) -> None:
    """Refuse to withdraw what is not there to be withdrawn: a slip of the pen shall not look like success."""
    published = {name for article in catalogue.articles for name in (article.id, article.path)}
    known = {name for p in before.promises.values() for name in (p.id, *_places(p.path))}
    for name in sorted(confirmed.withdrawals):
        if name in published:
            raise UsageError(f"{name}: is still published; remove its file or write status: withdrawn into it")
        if name not in known:
            raise UsageError(f"{name}: was never published; list what was with: publisher articles")


def _places(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts) + 1)]


def _emptied(settings: Settings, reading: Reading, promises: Iterable[Promise]) -> list[Problem]:
    return emptied_sources(
        [source.path for source in settings.sources],
        [*(article.path for article in reading.articles), *(p.path for p in reading.problems)],
        [promise for promise in promises if promise.withdrawn is None],
        [article.id for article in reading.articles],
    )


def _lock(folder: Path) -> Lock:
    path = folder / LOCK_NAME
    try:
        return parse(read_file(path, _LARGEST_LOCK))
    except FileNotFoundError:
        return Lock()
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be read: {error.strerror or error}") from error


def _authority(settings: Settings, articles: Iterable[Article], now: datetime) -> str:
    """Return the tag authority for new ids; where none is set, a lost lock must not change them from day to day."""
    oldest = min((a.published for a in articles if a.published), default=now)
    return settings.publication.authority or f"{settings.host},{oldest.astimezone(UTC):%Y-%m-%d}"
