"""Articles that were published and are not there any more: a mistake, or what their author wants."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from publisher.article import Article, Status
from publisher.catalogue.lock import Promise
from publisher.errors import Problem, Severity


@dataclass(frozen=True, slots=True)
class Remembered:
    """What readers were last shown of an article."""

    #: None: it was published, but in no feed any more.
    article: Article | None
    #: Names of the feeds they find it in.
    feeds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What the caller says is meant as it is."""

    #: Ids, files and folders of published articles that shall leave the feeds.
    withdrawals: frozenset[str] = frozenset()
    #: Whether all that is gone shall leave, even a whole source.
    everything: bool = False
    #: Whether single articles that are gone leave without being asked for (`syndication.withdrawals = "accept"`).
    always: bool = False
    #: Whether articles may take new ids.
    new_ids: bool = False

    def covers(self, promise: Promise) -> bool:
        """Whether this article is among those that were named."""
        return self.everything or promise.id in self.withdrawals or _concerns(self.withdrawals, promise.path)


@dataclass(frozen=True, slots=True)
class Departures:
    """Published articles that the sources do not yield any more, by what becomes of them. All are ids."""

    #: They leave the feeds.
    confirmed: frozenset[str]
    #: Their files are there and cannot be used: they stay as readers know them.
    broken: frozenset[str]
    #: They are gone, or drafts again, and nobody said that this is meant: they stay, and are named.
    unconfirmed: frozenset[str]


def departures(
    missing: Iterable[Promise],
    found: Mapping[str, Article],
    problems: Iterable[Problem],
    present: AbstractSet[str],
    confirmed: Confirmed,
) -> Departures:
    """Sort what is missing.

    Args:
        missing: promises of published articles that are not published now.
        found: what the sources yielded, by id, refused articles among them.
        problems: of all files.
        present: ids of drafts and scheduled articles.
        confirmed: what is meant as it is.
    """
    bad = {problem.path for problem in problems if problem.severity is Severity.ERROR}
    groups: dict[str, set[str]] = {"confirmed": set(), "broken": set(), "unconfirmed": set()}
    for promise in missing:
        article = found.get(promise.id)
        if (article and article.status is Status.WITHDRAWN) or confirmed.covers(promise):
            groups["confirmed"].add(promise.id)
        elif promise.id not in present and (article or _concerns(bad, promise.path)):
            groups["broken"].add(promise.id)
        else:
            groups["confirmed" if confirmed.always else "unconfirmed"].add(promise.id)
    return Departures(**{name: frozenset(ids) for name, ids in groups.items()})


def unconfirmed_problem(promise: Promise, article: Article | None) -> Problem:
    """Tell of an article that readers keep until somebody says that it shall leave."""
    state = "is a draft again" if article else "is gone"
    return Problem(
        promise.path,
        f'"{promise.title}" was published and {state}; readers keep it until that is confirmed',
        f"bring it back, or run: publisher build --withdraw {promise.path}",
    )


def forgotten(promise: Promise) -> Problem:
    """Tell of an article that can be neither read nor remembered."""
    message = f'readers lose "{promise.title}": it cannot be read, and nothing here remembers what they had of it'
    return Problem(promise.path, message, "mend it, or bring back the feeds/ folder")


def emptied_sources(
    sources: Sequence[str], paths: Iterable[str], promises: Sequence[Promise], present: Iterable[str]
) -> list[Problem]:
    """Name the source folders in which not one file is left though articles of theirs were published.

    A folder that lost everything at once was hardly emptied on purpose: a disk is not mounted, a checkout went wrong.

    Args:
        sources: the folders, relative to the publication's.
        paths: of all files found in them, readable or not.
        promises: what is published.
        present: ids found anywhere: what was moved to another source is not lost.
    """
    found, known = set(paths), set(present)
    return [
        Problem(source, f"is empty, but {len(lost)} published articles were in it", EMPTIED)
        for source in sources
        if not any(_within(path, source) for path in found)
        and (lost := [p for p in promises if _within(p.path, source) and p.id not in known])
    ]


EMPTIED = "put them back; if readers shall lose them all, run: publisher build --withdraw all"


def _within(path: str, source: str) -> bool:
    return source in (".", path) or path.startswith(f"{source}/")


def _concerns(named: AbstractSet[str], path: str) -> bool:
    parts = path.split("/")
    return bool(named) and any("/".join(parts[:length]) in named for length in range(1, len(parts) + 1))
