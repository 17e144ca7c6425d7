"""What is published as of a moment: every article with its id, in one total order, and what is wrong with the rest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from publisher.article import Article, Status
from publisher.catalogue.identity import global_id, mint, promised_ids
from publisher.catalogue.lock import Lock, Promise, content_hash, promise
from publisher.errors import Problem, Severity

#: Given ids, returns the articles that readers were last shown under them, as far as that is known.
Remember = Callable[[frozenset[str]], Mapping[str, Article]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The articles of a publication as of a moment."""

    #: In every output: published descending, then id.
    articles: tuple[Article, ...] = ()
    #: Waiting for their time, soonest first.
    scheduled: tuple[Article, ...] = ()
    drafts: tuple[Article, ...] = ()
    #: Promised once and not there any more, by id.
    withdrawn: tuple[Promise, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: What the lock says once `articles` are published.
    lock: Lock = field(default_factory=Lock)


def compile_catalogue(
    found: Sequence[Article],
    problems: Sequence[Problem],
    lock: Lock,
    *,
    authority: str,
    zone: ZoneInfo,
    now: datetime,
    remember: Remember,
) -> Catalogue:
    """Decide what is published: a function of these values alone.

    Args:
        found: what the sources yielded, in a stable order.
        problems: what the sources could not read.
        lock: the promises so far.
        authority: tag authority (RFC 4151) for new ids where the lock has none yet.
        zone: names the day in new ids.
        now: articles of a later time are scheduled.
        remember: asked for the last published form of articles that were promised and cannot be read now.
    """
    authority = lock.authority or authority
    known = _with_known_ids([global_id(article, authority) for article in found], lock.promises)
    unique, clashes = _without_clashes(known, lock.promises)
    unique, doubles = _without_doubles(unique)
    dated = [_as_promised(a, lock.promises) for a in unique if a.status is Status.PUBLISHED]
    drafts = tuple(a for a in unique if a.status is Status.DRAFT)
    due, scheduled = _by_time(dated, now)
    published = _with_new_ids(due, authority, zone, lock.promises)
    errors = [*problems, *clashes, *doubles]
    present = {a.id for a in (*published, *drafts, *scheduled)}
    lost = _lost(errors, {a.id for a in known}, present, lock.promises)
    kept = dict(remember(lost)) if lost else {}
    return Catalogue(
        articles=tuple(sorted([*published, *kept.values()], key=_order)),
        scheduled=tuple(scheduled),
        drafts=drafts,
        withdrawn=tuple(p for i, p in sorted(lock.promises.items()) if i not in present | lost),
        problems=(
            *errors,
            *(_forgotten(lock.promises[i]) for i in sorted(lost - kept.keys())),
            *_redated(unique, lock.promises),
            *_namesakes(published),
        ),
        lock=Lock(authority, MappingProxyType({**lock.promises, **{a.id: promise(a) for a in published}})),
    )


def _by_time(articles: Iterable[Article], now: datetime) -> tuple[list[Article], list[Article]]:
    due: list[Article] = []
    scheduled: list[Article] = []
    for article in articles:
        (due if article.published and article.published <= now else scheduled).append(article)
    return due, sorted(scheduled, key=_soonest)


def _order(article: Article) -> tuple[float, str]:
    assert article.published
    return (-article.published.timestamp(), article.id)


def _soonest(article: Article) -> tuple[datetime, str]:
    return (article.published or datetime.max.replace(tzinfo=UTC), article.path)


def _with_known_ids(articles: Sequence[Article], promises: Mapping[str, Promise]) -> list[Article]:
    ids = promised_ids(articles, promises)
    return [replace(a, id=ids[n]) if n in ids else a for n, a in enumerate(articles)]


def _with_new_ids(
    articles: Iterable[Article], authority: str, zone: ZoneInfo, promises: Mapping[str, Promise]
) -> list[Article]:
    listed = list(articles)
    taken = {*promises, *(a.id for a in listed)}
    named = []
    for article in listed:
        identifier = article.id or mint(article, authority, zone, taken)
        taken.add(identifier)
        named.append(replace(article, id=identifier))
    return named


def _without_clashes(
    articles: Sequence[Article], promises: Mapping[str, Promise]
) -> tuple[list[Article], list[Problem]]:
    """Let an id stay with the file it was promised for; where the lock says nothing, no file gets it."""

    def rightful(same: Sequence[Article]) -> Article | None:
        promised = promises.get(same[0].id)
        holders = [a for a in same if promised and a.path == promised.path]
        return holders[0] if len(holders) == 1 else None

    return _unique(articles, lambda a: a.id, rightful, _clash)


def _without_doubles(articles: Sequence[Article]) -> tuple[list[Article], list[Problem]]:
    """Of files that say the same keep one; those that carry ids of their own may say what they like."""
    named = {_likeness(a): a for a in articles if a.id}
    anonymous = [a for a in articles if not a.id]
    kept, problems = _unique(anonymous, _likeness, lambda same: same[0], _double)
    copies = [a for a in kept if _likeness(a) in named]
    refused = {id(a) for a in anonymous} - {id(a) for a in kept} | {id(a) for a in copies}
    problems += [_double(copy, named[_likeness(copy)]) for copy in copies]
    return [a for a in articles if id(a) not in refused], problems


def _likeness(article: Article) -> object:
    return (article.title, article.published, content_hash(article))


def _unique(
    articles: Sequence[Article],
    key: Callable[[Article], object],
    keeper: Callable[[Sequence[Article]], Article | None],
    problem: Callable[[Article, Article], Problem],
) -> tuple[list[Article], list[Problem]]:
    """Keep one of the articles that share a key, or none; each one left out becomes a problem that names another."""
    groups: dict[object, list[Article]] = {}
    for article in articles:
        groups.setdefault(key(article) or object(), []).append(article)
    refused: set[int] = set()
    problems = []
    for same in (group for group in groups.values() if len(group) > 1):
        kept = keeper(same)
        for article in (a for a in same if a is not kept):
            refused.add(id(article))
            problems.append(problem(article, kept or next(a for a in same if a is not article)))
    return [a for a in articles if id(a) not in refused], problems


def _clash(article: Article, other: Article) -> Problem:
    cure = "give one of them another id, or none"
    return Problem(article.path, f"has the same id as {_place(other)}: {article.id}", cure, article.line)


def _double(article: Article, other: Article) -> Problem:
    return Problem(article.path, f"says the same as {_place(other)}", "remove one of them", article.line)


def _place(article: Article) -> str:
    return f"{article.path}:{article.line}" if article.line else article.path


def _as_promised(article: Article, promises: Mapping[str, Promise]) -> Article:
    """Keep the first time of publication (RFC 4287 §4.2.9)."""
    promised = promises.get(article.id)
    return replace(article, published=promised.published) if promised else article


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


def _namesakes(articles: Iterable[Article]) -> list[Problem]:
    """Note articles that share an address: their feeds are right, but a reader's click leads to one of them only."""
    first: dict[str, Article] = {}
    return [
        Problem(
            article.path,
            f"has the same address as {_place(first[article.url])}: {article.url}",
            "give one of them another slug, or set publication.permalink to a pattern with the date",
            article.line,
            Severity.NOTE,
        )
        for article in articles
        if first.setdefault(article.url, article) is not article
    ]


def _lost(
    problems: Iterable[Problem], known: AbstractSet[str], present: AbstractSet[str], promises: Mapping[str, Promise]
) -> frozenset[str]:
    """Return the ids of promised articles that are there but cannot be used: a mistake takes nothing from readers."""
    broken = {problem.path for problem in problems if problem.severity is Severity.ERROR}
    return frozenset(
        p.id for p in promises.values() if p.id not in present and (p.id in known or _concerns(broken, p.path))
    )


def _forgotten(promise: Promise) -> Problem:
    message = f'readers lose "{promise.title}": it cannot be read, and nothing here remembers what they had of it'
    return Problem(promise.path, message, "mend it, or bring back the feeds/ folder")


def _concerns(broken: set[str], path: str) -> bool:
    parts = path.split("/")
    return any("/".join(parts[:length]) in broken for length in range(1, len(parts) + 1))
