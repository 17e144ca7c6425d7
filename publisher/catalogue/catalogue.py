"""What is published as of a moment: every article with its id, in one total order, and what is wrong with the rest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from publisher.article import Article, Status
from publisher.catalogue import duplicates
from publisher.catalogue.identity import changed_ids, global_id, mint, promised_ids
from publisher.catalogue.lock import NO_PAGES, Lock, Promise, content_hash
from publisher.catalogue.withdrawal import Confirmed, Remembered, departures, forgotten, unconfirmed_problem
from publisher.errors import Problem, Severity

#: Given ids, returns what readers were last shown under them, as far as that is known.
Remember = Callable[[frozenset[str]], Mapping[str, Remembered]]

_NOTHING_CONFIRMED = Confirmed()
#: By how much an entry that came back is later than its tombstone at least: the later of the two holds (RFC 6721).
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The articles of a publication as of a moment."""

    #: In every output: published descending, then id.
    articles: tuple[Article, ...] = ()
    #: Waiting for their time, soonest first.
    scheduled: tuple[Article, ...] = ()
    drafts: tuple[Article, ...] = ()
    #: Published once and taken back, by id.
    withdrawn: tuple[Promise, ...] = ()
    #: Those whose files say another id than the one they keep.
    renamed: tuple[Article, ...] = ()
    #: Ids of articles that are promised, cannot be shown, and nothing remembers.
    lost: tuple[str, ...] = ()
    #: Times of update that are still to come.
    awaited: tuple[datetime, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: What the lock says once `articles` are published.
    lock: Lock = field(default_factory=Lock)

    def each(self, change: Callable[[Article], Article]) -> "Catalogue":
        """Return the catalogue with each article changed."""
        return replace(
            self,
            articles=tuple(map(change, self.articles)),
            scheduled=tuple(map(change, self.scheduled)),
            drafts=tuple(map(change, self.drafts)),
        )


def compile_catalogue(
    found: Sequence[Article],
    problems: Sequence[Problem],
    lock: Lock,
    *,
    authority: str,
    zone: ZoneInfo,
    now: datetime,
    remember: Remember,
    confirmed: Confirmed = _NOTHING_CONFIRMED,
) -> Catalogue:
    """Decide what is published: a function of these values alone.

    Args:
        found: what the sources yielded, in a stable order.
        problems: what the sources could not read.
        lock: the promises so far.
        authority: tag authority (RFC 4151) for new ids where the lock has none yet.
        zone: names the day in new ids.
        now: articles of a later time are scheduled.
        remember: asked for the last published form of articles that were promised and are not published now.
        confirmed: which withdrawals and changes of ids are meant.
    """
    authority, now = lock.authority or authority, now.replace(microsecond=0)
    known = _with_known_ids([global_id(a, authority) for a in found], lock.promises)
    others = changed_ids(known, lock.promises)
    if confirmed.new_ids:
        confirmed = replace(confirmed, withdrawals=confirmed.withdrawals | {p.id for p in others.values()})
        others = {}
    renamed = [_renamed(known[n], promise) for n, promise in sorted(others.items())]
    known = [replace(a, id=others[n].id) if n in others else a for n, a in enumerate(known)]
    unique, clashes = duplicates.parted(known, lock.promises)
    drafts = tuple(a for a in unique if a.status is Status.DRAFT)
    dated = [_as_promised(a, lock.promises, now) for a in unique if a.status is Status.PUBLISHED]
    due, scheduled = _by_time(dated, lock.promises, now)
    published = _with_new_ids(due, authority, zone, lock.promises)
    errors = [*problems, *renamed, *clashes]

    ids = {a.id for a in published}
    held = {a.id: a for a in known if a.id}
    missing = [p for p in lock.promises.values() if p.withdrawn is None and p.id not in ids]
    leaving = departures(missing, held, errors, {a.id for a in (*drafts, *scheduled)}, confirmed)
    remembered = remember(frozenset(p.id for p in missing)) if missing else {}
    kept = _kept({i: r for i, r in remembered.items() if i not in leaving.confirmed}, lock.promises)
    lost = tuple(sorted((leaving.broken | leaving.unconfirmed) - remembered.keys()))
    gone = {i: _withdrawn(lock.promises[i], remembered.get(i), now) for i in leaving.confirmed}
    promises = {**lock.promises, **_promises(published, unique, lock.promises, now), **gone}
    return Catalogue(
        articles=_ordered([*_restored(published, promises), *kept]),
        scheduled=tuple(scheduled),
        drafts=drafts,
        withdrawn=tuple(p for _, p in sorted(promises.items()) if p.withdrawn),
        lost=lost,
        awaited=tuple(a.updated for a in found if a.updated and a.updated > now),
        renamed=_named(published, {p.id for p in others.values()}),
        problems=(
            *errors,
            *(unconfirmed_problem(lock.promises[i], held.get(i)) for i in sorted(leaving.unconfirmed)),
            *(forgotten(lock.promises[i]) for i in lost if i in leaving.broken),
            *_redated(unique, lock.promises),
            *duplicates.namesakes(published),
        ),
        lock=Lock(authority, MappingProxyType(promises), lock.feeds),
    )


def _promises(
    published: Iterable[Article], found: Iterable[Article], before: Mapping[str, Promise], now: datetime
) -> dict[str, Promise]:
    said = {a.id: a.published for a in found if a.id in before}
    return {a.id: promised(a, before.get(a.id), now, said.get(a.id)) for a in published}


def _named(articles: Iterable[Article], ids: AbstractSet[str]) -> tuple[Article, ...]:
    return tuple(article for article in articles if article.id in ids)


def promised(article: Article, before: Promise | None, now: datetime, said: datetime | None = None) -> Promise:
    """Return what is promised by publishing an article, which has its id and its time by now.

    Args:
        article: as it is published.
        before: what was promised so far.
        now: when a withdrawn article came back, which is a significant change of it.
        said: time of publication in its file, where readers may know another.
    """
    assert article.published
    restored = max(now, before.withdrawn + _SECOND) if before and before.withdrawn else None
    updated = max(filter(None, (article.updated, before.updated if before else None, restored)), default=None)
    made = Promise(
        id=article.id,
        published=article.published,
        path=article.path,
        title=article.title,
        content=content_hash(article),
        digest=article.digest,
        date=said if said != article.published else None,
        updated=updated,
        pages=before.pages if before else NO_PAGES,
    )
    return before if before == made and before else made


def _kept(remembered: Mapping[str, Remembered], promises: Mapping[str, Promise]) -> list[Article]:
    """Return what readers keep, with the file each article was last read from: a feed does not know it."""
    return [replace(r.article, path=promises[i].path) for i, r in remembered.items() if r.article]


def _withdrawn(promise: Promise, remembered: Remembered | None, now: datetime) -> Promise:
    return replace(promise, withdrawn=max(now, promise.changed), feeds=remembered.feeds if remembered else ())


def _restored(published: Iterable[Article], promises: Mapping[str, Promise]) -> list[Article]:
    """Let articles that came back say so: readers who forgot them take them for changed (RFC 6721 §4)."""
    return [a if a.updated == (when := promises[a.id].updated) else replace(a, updated=when) for a in published]


def _by_time(
    articles: Iterable[Article], promises: Mapping[str, Promise], now: datetime
) -> tuple[list[Article], list[Article]]:
    """Part what is due from what waits; what readers have is due, also where the clock went back."""
    due: list[Article] = []
    scheduled: list[Article] = []
    for article in articles:
        promise = promises.get(article.id)
        shown = promise is not None and promise.withdrawn is None
        (due if shown or (article.published and article.published <= now) else scheduled).append(article)
    return due, sorted(scheduled, key=_soonest)


def _ordered(articles: Iterable[Article]) -> tuple[Article, ...]:
    """Sort by publication descending, then id."""
    by_id = sorted(articles, key=lambda a: a.id)
    return tuple(sorted(by_id, key=_published, reverse=True))  # a reversed sort keeps the order of equals, too


def _published(article: Article) -> datetime:
    assert article.published
    return article.published


def _soonest(article: Article) -> tuple[datetime, str]:
    return (article.published or datetime.max.replace(tzinfo=UTC), article.path)


def _with_known_ids(articles: Sequence[Article], promises: Mapping[str, Promise]) -> list[Article]:
    ids = promised_ids(articles, promises)
    return [a.under(ids[n]) if n in ids else a for n, a in enumerate(articles)]


def _renamed(article: Article, promise: Promise) -> Problem:
    message = f"says another id than readers know it by; it keeps {promise.id}"
    cure = f"remove {article.id}, or make it new to every reader with: publisher build --force"
    return Problem(article.path, message, cure, article.line)


def _with_new_ids(
    articles: Iterable[Article], authority: str, zone: ZoneInfo, promises: Mapping[str, Promise]
) -> list[Article]:
    listed = list(articles)
    taken = {*promises, *(a.id for a in listed)}
    named = []
    for article in listed:
        identifier = article.id or mint(article, authority, zone, taken)
        taken.add(identifier)
        named.append(article if article.id else article.under(identifier))
    return named


def _as_promised(article: Article, promises: Mapping[str, Promise], now: datetime) -> Article:
    """Keep the first time of publication (RFC 4287 §4.2.9), and let no time of update come early or go back.

    An update before publication, such as one with a day but no hour, would make the entry older than it was.
    """
    promise = promises.get(article.id)
    published = promise.published if promise else article.published
    told = article.updated if published and article.updated and published <= article.updated <= now else None
    return as_promised(article, promise, told)


def as_promised(article: Article, promise: Promise | None, told: datetime | None = None) -> Article:
    """Return an article with the times readers know it by.

    Args:
        article: with the times its file says.
        promise: what readers were told; None for what they never saw.
        told: its own time of update, where that has come.
    """
    published = promise.published if promise else article.published
    updated = max(filter(None, (told, promise.updated if promise else None)), default=None)
    if (published, updated) == (article.published, article.updated):
        return article
    return replace(article, published=published, updated=updated)


def _redated(articles: Iterable[Article], promises: Mapping[str, Promise]) -> list[Problem]:
    return [
        Problem(
            article.path,
            f"has a new date of publication; readers keep the first, {promises[article.id].published.isoformat()}",
            "use `updated` to tell readers of a change",
            article.line,
            Severity.NOTE,
        )
        for article in articles
        if article.id in promises
        and article.published
        and article.status is Status.PUBLISHED
        and article.published != promises[article.id].published
    ]
