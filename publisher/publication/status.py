"""How things stand: the last issues, what waits for whom, and what is due next."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from publisher.config.settings import Settings
from publisher.delivery.history import Fate, IssueRecord, Tally, fates, issues, reasons, tallies
from publisher.errors import UsageError
from publisher.publication.scheduling import NextDates, next_dates
from publisher.store import Store

_MOST_UNCERTAIN = 100


@dataclass(frozen=True, slots=True)
class IssueStanding:
    """One issue, and how it went."""

    issue: IssueRecord
    tallies: tuple[Tally, ...]
    #: Why mails were skipped.
    skipped: Mapping[str, int]
    #: Mails of which nobody knows whether they arrived, the first hundred.
    uncertain: tuple[Fate, ...]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """How a publication stands."""

    #: Newest first.
    issues: tuple[IssueStanding, ...]
    due: tuple[NextDates, ...]

    @property
    def open(self) -> int:
        """Return how many mails are not settled."""
        return sum(standing.issue.open for standing in self.issues)


def status_report(store: Store | None, settings: Settings, now: datetime, most: int) -> StatusReport:
    """Read how things stand.

    Args:
        store: None where nothing was ever kept.
        settings: the publication's.
        now: the clock.
        most: how many issues are told, of all newsletters together.
    """
    due = next_dates(settings, now, 1)
    if store is None:
        return StatusReport((), due)
    with store.reading() as connection:
        known = issues(connection, most=most)
    return StatusReport(tuple(standing_of(store, issue) for issue in known), due)


def standing_of(store: Store, issue: IssueRecord) -> IssueStanding:
    """Read how one issue went."""
    with store.reading() as connection:
        counted, skipped = tallies(connection, issue.id), reasons(connection, issue.id, "skipped")
    doubtful = {"uncertain", "held"} & issue.counts.keys()
    uncertain = islice(fates(store, issue.id, doubtful), _MOST_UNCERTAIN) if doubtful else ()
    return IssueStanding(issue, counted, skipped, tuple(uncertain))


def find_issue(store: Store | None, name: str) -> IssueRecord:
    """Return an issue by what it is called.

    Args:
        store: None where nothing was ever kept.
        name: `weekly` for its latest issue, `weekly/2026-W48`, or the bundle's folder.

    Raises:
        UsageError: no such issue was ever sent.
    """
    parts = name.strip("/").split("/")
    newsletter, key = (parts[-2], parts[-1]) if len(parts) > 1 else (parts[0], None)
    if store is not None:
        with store.reading() as connection:
            found = issues(connection, newsletter=newsletter, key=key, most=1)
            known = issues(connection, most=5)
        if found:
            return found[0]
        if known:
            raise UsageError(f"no issue called {name} was sent; there is {', '.join(issue.name for issue in known)}")
    raise UsageError(f"no issue called {name} was sent: none was at all; send one with: publisher send ISSUE")


def fates_of(store: Store, issue: IssueRecord, states: Collection[str]) -> Iterator[Fate]:
    """Yield what became of an issue's mails, some hundreds at a time."""
    return fates(store, issue.id, states)
