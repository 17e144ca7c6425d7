"""Taking bounces: every mail of some mailboxes is read, written down, and put away."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from publisher.audience.bounces.applying import Applied, Change, apply
from publisher.audience.bounces.kinds import Kind, Reading, Verdict
from publisher.audience.bounces.mailboxes import Found, open_mailbox
from publisher.audience.bounces.reading import Understood, understand
from publisher.store import Store
from publisher.store.keys import Keys

#: How many mails are settled in one transaction: a send that runs meanwhile waits no longer than for these.
_BATCH = 50
#: How many mails are named one by one.
MOST_NAMED = 1000


@dataclass(frozen=True, slots=True)
class Unread:
    """A mail that somebody should look at."""

    place: str
    #: Why it was not understood, in words.
    reason: str
    #: It was told before.
    repeated: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail, for whoever wants to know all of them."""

    place: str
    verdict: Verdict
    issue_id: int | None
    subscription_id: int | None
    changes: tuple[Change, ...]
    repeated: bool


@dataclass(slots=True)
class BounceReport:
    """What came back."""

    #: New mails by what they are; UNREAD counts those that were met before, too.
    counts: Counter[Kind] = field(default_factory=Counter)
    #: Mails that had been read and counted before.
    repeated: int = 0
    #: How many subscriptions became what, by the value of their status.
    changed: Counter[str] = field(default_factory=Counter)
    #: The first thousand that nobody understood.
    unread: list[Unread] = field(default_factory=list)

    @property
    def news(self) -> bool:
        """Whether anything is there that was not told before."""
        told = [mail for mail in self.unread if not mail.repeated]
        return bool(told) or any(self.counts[kind] for kind in Kind if kind is not Kind.UNREAD)

    def add(self, mail: Taken) -> None:
        """Count a mail."""
        kind = mail.verdict.kind
        if kind is Kind.UNREAD:
            self.counts[kind] += 1
            if len(self.unread) < MOST_NAMED:
                self.unread.append(Unread(mail.place, mail.verdict.detail, mail.repeated))
        elif mail.repeated:
            self.repeated += 1
        else:
            self.counts[kind] += 1
        self.changed.update(change.status.value for change in mail.changes)


def take_bounces(
    store: Store,
    keys: Keys,
    paths: Iterable[Path],
    now: datetime,
    *,
    soft_limit: int,
    dry_run: bool = False,
    each: Callable[[Taken], None] = lambda _: None,
) -> BounceReport:
    """Read mailboxes, write down what came back, and change subscriptions accordingly.

    Whatever a mail holds, it keeps none of the others from being read; killed at any moment, the next reading goes on.

    Args:
        store: where subscriptions and deliveries are.
        keys: the publication's.
        paths: Maildirs and mbox files.
        now: the clock.
        soft_limit: how many issues may bounce within 60 days before an address is given up.
        dry_run: changes nothing, in the database or in a mailbox.
        each: is told of each mail.

    Raises:
        UsageError: a path is no mailbox; none is read then.
        SurroundingsError: a mailbox or the database cannot be used.
    """
    report = BounceReport()
    for mailbox in [open_mailbox(path) for path in paths]:
        for batch in _batches(mailbox.mails()):
            for found, taken in _settled(store, keys, batch, now, soft_limit, dry_run=dry_run):
                report.add(taken)
                each(taken)
                if not dry_run:
                    mailbox.settle(found, understood=taken.verdict.kind is not Kind.UNREAD)
    return report


def _batches(mails: Iterator[Found]) -> Iterator[Sequence[Found]]:
    while batch := list(islice(mails, _BATCH)):
        yield batch


def _settled(
    store: Store, keys: Keys, batch: Sequence[Found], now: datetime, soft_limit: int, *, dry_run: bool
) -> list[tuple[Found, Taken]]:
    """Settle a batch in one transaction; the reading, which takes longer, comes before it."""
    read = [(found, _understood(found, keys)) for found in batch]
    settled: list[tuple[Found, Taken]] = []
    with store.writing() as connection:
        trial = connection.begin_nested() if dry_run else None
        for found, understood in read:
            applied = apply(connection, keys, found.digest, understood, now, soft_limit)
            settled.append((found, _taken(found, applied)))
        if trial is not None:
            trial.rollback()
    return settled


def _understood(found: Found, keys: Keys) -> Understood:
    if found.fault:
        return Understood(Reading(Kind.UNREAD, found.fault), None)
    return understand(found.raw, keys)


def _taken(found: Found, applied: Applied) -> Taken:
    named = applied.named
    return Taken(
        found.place,
        applied.verdict,
        None if named is None else named.issue_id,
        None if named is None else named.subscription_id,
        applied.changes,
        applied.repeated,
    )
