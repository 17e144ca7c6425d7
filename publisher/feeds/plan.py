"""Which documents there will be, and what stands in each, before anything is rendered.

A feed is one current document and, where it keeps archives, closed pages of older articles (RFC 5005 §4). Pages are
numbered from the oldest and never take in another article, so that their addresses and their bytes last.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

from publisher.article import Article
from publisher.catalogue.lock import Lock, Promise
from publisher.config.formats import SUFFIXES
from publisher.config.kinds import Format
from publisher.config.settings import Settings
from publisher.feeds.document import NEVER, Extent, Tombstone, archive_formats
from publisher.feeds.selection import Selection, selections


@dataclass(frozen=True, slots=True)
class Plan:
    """One document: a feed as readers know it, or a page of its archive."""

    selection: Selection
    #: Path of its files below the folder of feeds, without their endings: `all`, `archive/all/12`.
    name: str
    #: Newest first.
    articles: tuple[Article, ...]
    updated: datetime
    extent: Extent
    #: Names of the neighbouring archive pages and, for such a page, of the current document; empty for none.
    previous: str = ""
    next: str = ""
    current: str = ""
    tombstones: tuple[Tombstone, ...] = ()

    @property
    def formats(self) -> tuple[Format, ...]:
        """Return the formats in which it is written."""
        formats = tuple(dict.fromkeys(self.selection.settings.formats))
        return archive_formats(formats) if self.extent == "archive" else formats

    @property
    def paths(self) -> tuple[str, ...]:
        """Return its files below the folder of feeds; people get a page about the feed, but none for old articles."""
        files = tuple(self.name + SUFFIXES[form] for form in self.formats)
        return files if self.extent == "archive" else (*files, f"{self.name}.html")

    def made_from(self, conditions: str) -> str:
        """Return a digest of everything its files are made from.

        Args:
            conditions: whatever all documents depend on: settings, templates, the program.
        """
        own = (conditions, self.name, self.selection.title, self.selection.settings, self.selection.language)
        place = (self.updated, self.extent, self.previous, self.next, self.current, self.tombstones)
        entries = [(a.id, a.digest or a, a.published, a.updated) for a in self.articles]
        return sha256(repr((own, place, entries)).encode("utf-8", "surrogatepass")).hexdigest()


def plan_feeds(
    articles: Sequence[Article], settings: Settings, lock: Lock, now: datetime
) -> tuple[tuple[Plan, ...], Lock]:
    """Plan all documents of a publication.

    Args:
        articles: the published ones, newest first, each with its id.
        settings: the publication's.
        lock: the promises, these articles among them.
        now: tombstones are set up for a time.

    Returns:
        The plans, archive pages before the documents that link to them, and the lock with the pages that were closed
        and the times of feeds that articles may leave.
    """
    promises, times, closed = dict(lock.promises), dict(lock.feeds), _closed_pages(lock)
    ever = max((promise.changed for promise in promises.values()), default=NEVER)
    buried = _buried(lock, settings, now)
    plans: list[Plan] = []
    for selection in selections(articles, settings):
        tombstones = tuple(Tombstone(p.id, when, p.title) for p, when in buried if _tells(selection, p))
        pages = closed.setdefault(selection.name, {}) if selection.settings.archived else {}
        if selection.settings.archived:
            _close_pages(selection, promises, pages)
        updated = max(_newest(selection.articles), *(stone.when for stone in tombstones), NEVER)
        if selection.total:
            updated = max(updated, ever)
        else:
            times[selection.name] = updated = max(updated, times.get(selection.name, NEVER))
        plans += _documents(selection, promises, pages, updated, tombstones)
    return tuple(plans), Lock(lock.authority, MappingProxyType(promises), MappingProxyType(times))


def _buried(lock: Lock, settings: Settings, now: datetime) -> list[tuple[Promise, datetime]]:
    """Return the articles withdrawn lately, the last one first."""
    span = timedelta(days=settings.syndication.tombstone_days)
    lately = [(p, p.withdrawn) for p in lock.promises.values() if p.withdrawn and now - p.withdrawn < span]
    return sorted(lately, key=lambda item: (-item[1].timestamp(), item[0].id))


def _tells(selection: Selection, withdrawn: Promise) -> bool:
    return selection.total or selection.name in withdrawn.feeds


def _newest(articles: Sequence[Article]) -> datetime:
    return max((a.updated or a.published for a in articles if a.published), default=NEVER)


def _closed_pages(lock: Lock) -> dict[str, dict[int, datetime]]:
    """Return the pages of each feed by their numbers, with the newest change on each, in one walk over all promises."""
    closed: dict[str, dict[int, datetime]] = {}
    for promise in lock.promises.values():
        for name, number in promise.pages.items():
            pages = closed.setdefault(name, {})
            pages[number] = max(pages.get(number, NEVER), promise.changed)
    return closed


def _close_pages(selection: Selection, promises: dict[str, Promise], pages: dict[int, datetime]) -> None:
    """Give articles that have no more room in the current document a page for good.

    A feed that never had pages begins with a short one, so that its current document is full.

    Args:
        selection: the feed.
        promises: get the numbers of the new pages.
        pages: of the feed so far, with the newest change on each; gets the new ones.
    """
    name, limit = selection.name, selection.settings.limit
    open_ = [a.id for a in selection.articles if a.id in promises and name not in promises[a.id].pages]
    excess, size = len(open_) - limit, max(1, limit // 2)
    if excess <= 0:
        return
    last = max(pages, default=0)
    oldest = open_[::-1]
    lengths = [size] * -(-excess // size)
    if last == 0:
        lengths[0] = excess - size * (len(lengths) - 1)
    start = 0
    for number, length in enumerate(lengths, last + 1):
        for identifier in oldest[start : start + length]:
            promise = promises[identifier]
            promises[identifier] = replace(promise, pages={**promise.pages, name: number})
            pages[number] = max(pages.get(number, NEVER), promise.changed)
        start += length


def _documents(
    selection: Selection,
    promises: Mapping[str, Promise],
    times: Mapping[int, datetime],
    updated: datetime,
    tombstones: tuple[Tombstone, ...],
) -> Iterator[Plan]:
    name, limit = selection.name, selection.settings.limit
    last = max(times, default=0)
    if last == 0:
        extent: Extent = "newest" if len(selection.articles) > limit else "complete"
        yield Plan(selection, name, selection.articles[:limit], updated, extent, tombstones=tombstones)
        return
    pages: dict[int, list[Article]] = {}
    for article in selection.articles:
        promise = promises.get(article.id)
        pages.setdefault(promise.pages.get(name, 0) if promise else 0, []).append(article)
    for number in range(1, last + 1):
        yield Plan(
            selection,
            _page(name, number),
            tuple(pages.get(number, ())),
            times.get(number, NEVER),
            "archive",
            previous=_page(name, number - 1) if number > 1 else "",
            next=_page(name, number + 1) if number < last else "",
            current=name,
        )
    current = tuple(pages.get(0, ()))
    yield Plan(selection, name, current, updated, "newest", previous=_page(name, last), tombstones=tombstones)


def _page(name: str, number: int) -> str:
    return f"archive/{name}/{number}"
