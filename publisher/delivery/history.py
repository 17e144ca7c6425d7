"""What became of issues and their mails, read from the ledger; nothing is written here."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, func, select, type_coerce
from sqlalchemy.engine import Connection, RowMapping

from publisher.store import Store
from publisher.store.tables import delivery, issue

#: A pending mail that a relay could not take yet; the ledger knows it by its attempts.
DEFERRED = "deferred"
#: In the order in which they are told.
STATES = ("sent", DEFERRED, "pending", "armed", "uncertain", "held", "failed", "skipped")
#: What a person or a later run has yet to settle.
OPEN = (DEFERRED, "pending", "armed", "uncertain", "held")
_PAGE = 500
_MINUTE = len("2026-11-22T08:00")
_CODES = re.compile(r"(\d{3})[ -]?(\d\.\d{1,3}\.\d{1,3})?")
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>]+>?")


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """An issue whose audience is frozen, and how far it has come."""

    id: int
    newsletter: str
    key: str
    number: int
    subject: str
    #: A value of publisher.delivery.states.IssueState, and why it is in it.
    state: str
    reason: str
    #: The bundle's folder, relative to the publication's.
    bundle: str
    frozen_at: datetime
    expires_at: datetime
    done_at: datetime | None
    candidates: int
    #: How many subscriptions got nothing, by reason.
    excluded: Mapping[str, int]
    #: How many mails are in each of `STATES`; those that are in none are left out.
    counts: Mapping[str, int]

    @property
    def name(self) -> str:
        """Return what it is called on the command line."""
        return f"{self.newsletter}/{self.key}"

    @property
    def open(self) -> int:
        """Return how many mails are not settled."""
        return sum(self.counts.get(state, 0) for state in OPEN)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many mails came into a state in a minute; those deferred, how many are tried again in it."""

    minute: datetime
    state: str
    mails: int


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one mail."""

    subscription: int
    #: Its keyed hash after an erasure.
    address: str
    name: str
    #: One of `STATES`.
    state: str
    attempts: int
    #: When it came into the state; of one that is deferred, when it is tried again.
    at: datetime | None
    #: Where the conversation ended, and what was said there, or why it was skipped.
    stage: str
    reply: str


@dataclass(frozen=True, slots=True)
class Share:
    """The mails to one domain."""

    domain: str
    mails: int
    sent: int
    failed: int


def _state() -> ColumnElement[str]:
    waits = (delivery.c.state == "pending") & (delivery.c.attempts > 0)
    return case((waits, DEFERRED), else_=delivery.c.state)


def issues(
    connection: Connection, *, newsletter: str | None = None, key: str | None = None, most: int | None = None
) -> tuple[IssueRecord, ...]:
    """Return issues, newest first.

    Args:
        connection: that reads.
        newsletter: only its issues.
        key: only the issues of this period.
        most: how many at most; all where None.
    """
    chosen = select(issue).order_by(issue.c.frozen_at.desc(), issue.c.id.desc()).limit(most)
    if newsletter is not None:
        chosen = chosen.where(issue.c.newsletter == newsletter)
    if key is not None:
        chosen = chosen.where(issue.c.key == key)
    return tuple(_record(said, _counts(connection, said["id"])) for said in connection.execute(chosen).mappings())


def unfinished(connection: Connection) -> tuple[tuple[str, str, str], ...]:
    """Return newsletter, key and state of the issues that are being sent or paused, oldest first."""
    chosen = select(issue.c.newsletter, issue.c.key, issue.c.state).where(issue.c.state.in_(("sending", "paused")))
    return tuple((row[0], row[1], row[2]) for row in connection.execute(chosen.order_by(issue.c.id)))


def keys(connection: Connection, newsletter: str) -> frozenset[str]:
    """Return the periods whose issues have an audience: they have left, or are leaving."""
    return frozenset(connection.scalars(select(issue.c.key).where(issue.c.newsletter == newsletter)))


def tallies(connection: Connection, issue_id: int) -> tuple[Tally, ...]:
    """Return how many mails of an issue came into which state when, in the order of time."""
    state = _state().label("state")
    when = case((state == DEFERRED, delivery.c.due_at), else_=delivery.c.done_at)
    minute = func.substr(type_coerce(when, String), 1, _MINUTE).label("minute")
    chosen = select(minute, state, func.count()).where(delivery.c.issue_id == issue_id).group_by(minute, state)
    found = [(said, row_state, mails) for said, row_state, mails in connection.execute(chosen) if said]
    return tuple(Tally(datetime.fromisoformat(said).replace(tzinfo=UTC), *rest) for said, *rest in sorted(found))


def fates(store: Store, issue_id: int, states: Collection[str] = ()) -> Iterator[Fate]:
    """Yield what became of each mail of an issue, in the order of subscriptions, some hundreds at a time.

    Args:
        store: is read between the pages only, so that nobody waits for whoever looks at them.
        issue_id: whose mails.
        states: only mails in these of `STATES`; all where empty.
    """
    last = -1
    while True:
        with store.reading() as connection:
            rows = connection.execute(_page(issue_id, states, last)).all()
        for row in rows:
            number, address, name, state, attempts, at, stage, reply, reason = row
            yield Fate(number, address, name, state, attempts, at, stage, reason or reply)
        if len(rows) < _PAGE:
            return
        last = rows[-1].subscription_id


def _page(issue_id: int, states: Collection[str], after: int) -> Select[Any]:
    state, d = _state(), delivery.c
    when = case((state == DEFERRED, d.due_at), else_=d.done_at)
    at = type_coerce(when, d.due_at.type).label("at")
    columns = (d.subscription_id, d.address, d.name, state.label("fate"), d.attempts, at, d.stage, d.reply, d.reason)
    chosen = select(*columns).where(d.issue_id == issue_id, d.subscription_id > after)
    if states:
        chosen = chosen.where(state.in_(states))
    return chosen.order_by(d.subscription_id).limit(_PAGE)


def reasons(connection: Connection, issue_id: int, state: str) -> dict[str, int]:
    """Return why mails are in a state, the most frequent reason first: a reply's codes or words, without addresses."""
    d = delivery.c
    chosen = select(d.reason, d.reply, func.count()).where(d.issue_id == issue_id, _state() == state)
    found: Counter[str] = Counter()
    for reason, reply, mails in connection.execute(chosen.group_by(d.reason, d.reply)):
        found[without_addresses(reason) or codes(reply)] += mails
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def codes(reply: str) -> str:
    """Return a reply's codes (RFC 5321, RFC 3463), such as `550 5.1.1`; its words where it has none, without addresses."""
    known = _CODES.match(reply)
    if known is None:
        return without_addresses(reply) or "no reply"
    return " ".join(code for code in known.groups() if code)


def without_addresses(text: str) -> str:
    """Return words without the addresses in them."""
    return _ADDRESS.sub("…", text)


def shares(connection: Connection, issue_id: int, least: int, most: int) -> tuple[Share, ...]:
    """Return the domains that an issue went to, the largest first.

    Args:
        connection: that reads.
        issue_id: whose mails.
        least: domains of fewer readers are not told: their name may be a person's.
        most: how many domains at most.
    """
    address = delivery.c.address
    sqlite = connection.dialect.name == "sqlite"
    at = func.instr(address, "@") if sqlite else func.strpos(address, "@")
    domain = func.substr(address, at + 1).label("domain")
    mails = func.count().label("mails")
    sent, failed = (func.sum(case((delivery.c.state == state, 1), else_=0)) for state in ("sent", "failed"))
    chosen = (
        select(domain, mails, sent, failed)
        .where(delivery.c.issue_id == issue_id, at > 0)
        .group_by(domain)
        .having(func.count() >= least)
        .order_by(mails.desc(), domain)
        .limit(most)
    )
    return tuple(Share(*row) for row in connection.execute(chosen))


def _counts(connection: Connection, issue_id: int) -> dict[str, int]:
    state = _state().label("state")
    chosen = select(state, func.count()).where(delivery.c.issue_id == issue_id).group_by(state)
    found = {row[0]: row[1] for row in connection.execute(chosen)}
    return {state: found[state] for state in STATES if state in found}


def _record(said: RowMapping, counts: Mapping[str, int]) -> IssueRecord:
    return IssueRecord(
        id=said["id"],
        newsletter=said["newsletter"],
        key=said["key"],
        number=said["number"],
        subject=str(json.loads(said["manifest"]).get("subject", "")),
        state=said["state"],
        reason=said["reason"],
        bundle=said["bundle"],
        frozen_at=said["frozen_at"],
        expires_at=said["expires_at"],
        done_at=said["done_at"],
        candidates=said["candidates"],
        excluded=dict(said["excluded"]),
        counts=counts,
    )
