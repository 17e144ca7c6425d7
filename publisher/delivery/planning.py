"""Who gets an issue and who does not, and why: a decision on values, made for everybody before anything leaves."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Text, cast, select
from sqlalchemy.engine import Connection

from publisher.audience.status import Cadence, Status
from publisher.newsletter.mail import ReaderRefused
from publisher.newsletter.mail.addresses import reader_address
from publisher.store.tables import delivery, issue, subscription

#: How many subscriptions are in memory at once.
PAGE = 1000
#: How many addresses of each reason a plan names.
MOST_NAMED = 100
_COLUMNS = (
    *(subscription.c[name] for name in ("id", "address", "address_key", "name", "status", "cadence")),
    # Nearly all are empty: they are not worth reading one by one.
    cast(subscription.c.tags, Text).label("tags"),
)
_NO_TAGS = ("[]", "null")
_CONFIRMED, _EVERY = Status.CONFIRMED.value, Cadence.EVERY.value
_SPACE = 2**256


class Reason(Enum):
    """Why somebody gets nothing of an issue."""

    PENDING = "pending"
    """Has not confirmed the subscription."""

    UNSUBSCRIBED = "unsubscribed"
    """Left."""

    BOUNCED = "bounced"
    """The address takes no mail."""

    COMPLAINED = "complained"
    """Called a mail junk."""

    SUPPRESSED = "suppressed"
    """Shall get nothing, whoever asks."""

    CADENCE = "cadence"
    """Wants one issue a week or a month, and had it."""

    INTERESTS = "interests"
    """None of the articles has a tag of theirs."""

    REFUSED = "refused"
    """The address cannot stand in a mail."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What decides, beside the subscription itself."""

    newsletter: str
    now: datetime
    #: In which weeks and months begin.
    zone: ZoneInfo
    #: Tags of the issue's articles, casefolded; None where they are unknown: then interests keep nobody out.
    tags: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A subscription and what is decided about it."""

    id: int
    address: str
    name: str
    #: None: gets the issue.
    reason: Reason | None
    #: By which it is counted in the plan's hash.
    mark: int


@dataclass(slots=True)
class Plan:
    """Who would get an issue, and who would not."""

    #: What is sent: newsletter, key, digest of the bundle and the terms; the hash is over them, too.
    subject: str
    #: How many subscriptions there are.
    candidates: int = 0
    #: How many get it.
    included: int = 0
    excluded: Counter[Reason] = field(default_factory=Counter)
    #: Addresses by reason, some or all of them; None has those who get it.
    named: dict[Reason | None, list[str]] = field(default_factory=dict)
    #: How many of those who get it are at each domain; empty unless it was asked for.
    domains: Counter[str] = field(default_factory=Counter)
    #: How long the rates make it last at the least, in seconds.
    seconds: float = 0.0
    _sum: int = 0

    def add(self, candidate: Candidate, *, name: int = 0, domains: bool = False) -> None:
        """Count somebody.

        Args:
            candidate: who.
            name: keeps the addresses of up to so many of each reason.
            domains: counts the domain.
        """
        self.candidates += 1
        self._sum = (self._sum + candidate.mark) % _SPACE
        if candidate.reason is None:
            self.included += 1
        else:
            self.excluded[candidate.reason] += 1
        if name:
            names = self.named.setdefault(candidate.reason, [])
            if len(names) < name:
                names.append(candidate.address)
        if domains and candidate.reason is None:
            self.domains[candidate.address.rpartition("@")[2]] += 1

    @property
    def hash(self) -> str:
        """Return what changes when anybody's lot, or anything that is sent, does; the order of the database does not matter."""
        said = f"{self.subject}\n{self.candidates}\n{self.included}\n{self._sum:x}"
        return sha256(said.encode()).hexdigest()[:16]


def subject_of(newsletter: str, key: str, digest: str, terms: Mapping[str, object]) -> str:
    """Return what a plan is about."""
    return json.dumps([newsletter, key, digest, terms], sort_keys=True)


def outcome(
    row: Row[tuple[object, ...]], conditions: Conditions, served: Collection[tuple[int, Cadence]]
) -> Reason | None:
    """Return why a subscription gets nothing of an issue; None where it gets it.

    Args:
        row: of the subscription.
        conditions: of the issue.
        served: subscriptions that had an issue in this week or month.
    """
    if row.status != _CONFIRMED:
        return Reason(row.status)
    if row.cadence != _EVERY and (row.id, Cadence(row.cadence)) in served:
        return Reason.CADENCE
    if row.tags not in _NO_TAGS and conditions.tags is not None:
        wanted = {str(tag).casefold() for tag in json.loads(row.tags)}
        if wanted and not wanted & conditions.tags:
            return Reason.INTERESTS
    try:
        reader_address(row.address, smtputf8=True)
    except ReaderRefused:
        return Reason.REFUSED
    return None


def candidates(connection: Connection, conditions: Conditions) -> Iterator[list[Candidate]]:
    """Yield everybody who is or was subscribed, in pages.

    Args:
        connection: one whose snapshot stays, so that everybody is in it once.
        conditions: of the issue.
    """
    statement = select(*_COLUMNS).where(subscription.c.newsletter == conditions.newsletter)
    statement = statement.order_by(subscription.c.id).limit(PAGE)
    recent = _recent(connection, conditions)
    after = 0
    while rows := connection.execute(statement.where(subscription.c.id > after)).all():
        after = rows[-1].id
        served = _served(connection, recent, rows)
        yield [_candidate(row, outcome(row, conditions, served)) for row in rows]


def _candidate(row: Row[tuple[object, ...]], reason: Reason | None) -> Candidate:
    address, name = row.address, row.name
    said = f"{row.address_key}\n{address}\n{name}\n{reason.value if reason else ''}"
    mark = int.from_bytes(sha256(said.encode()).digest(), "big")
    return Candidate(row.id, address, name, reason, mark)


def _recent(connection: Connection, conditions: Conditions) -> dict[int, set[Cadence]]:
    """Return issues that were frozen in the week or the month of now, and in which of them."""
    found = connection.execute(select(issue.c.id, issue.c.frozen_at).where(issue.c.newsletter == conditions.newsletter))
    recent: dict[int, set[Cadence]] = {}
    here = conditions.now.astimezone(conditions.zone)
    for number, frozen in found:
        then = frozen.astimezone(conditions.zone)
        if then.isocalendar()[:2] == here.isocalendar()[:2]:
            recent.setdefault(number, set()).add(Cadence.WEEKLY)
        if (then.year, then.month) == (here.year, here.month):
            recent.setdefault(number, set()).add(Cadence.MONTHLY)
    return recent


def _served(
    connection: Connection, recent: Mapping[int, set[Cadence]], rows: Sequence[Row[tuple[object, ...]]]
) -> set[tuple[int, Cadence]]:
    """Return which of some subscriptions had, or will have, one of the recent issues."""
    sparing = [row.id for row in rows if row.cadence != _EVERY]
    if not sparing or not recent:
        return set()
    found = connection.execute(
        select(delivery.c.issue_id, delivery.c.subscription_id).where(
            delivery.c.issue_id.in_(list(recent)),
            delivery.c.subscription_id.in_(sparing),
            delivery.c.state.not_in(["failed", "skipped"]),
        )
    )
    return {(person, cadence) for number, person in found for cadence in recent[number]}


#: Gives the tags of articles by their ids, casefolded; None where they are unknown. Asked only where somebody has interests.
Tags = Callable[[Sequence[str]], frozenset[str] | None]


def has_interests(connection: Connection, newsletter: str) -> bool:
    """Say whether anybody wants articles with certain tags alone."""
    said = cast(subscription.c.tags, Text)
    found = select(subscription.c.id).where(subscription.c.newsletter == newsletter, said.not_in(_NO_TAGS))
    return connection.execute(found.limit(1)).first() is not None
