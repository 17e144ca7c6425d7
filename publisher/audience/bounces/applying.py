"""What a mail that came back changes: a report in the database, and subscriptions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from publisher.audience.bounces.identity import Named
from publisher.audience.bounces.kinds import Kind, Verdict
from publisher.audience.bounces.reading import Understood
from publisher.audience.bounces.rules import judge
from publisher.audience.status import Status
from publisher.audience.subscriptions import change, unsubscribe
from publisher.audience.suppression import ALL, suppress
from publisher.store.keys import Keys
from publisher.store.tables import delivery, report, subscription

#: For how long a bounce counts that may pass.
WINDOW = timedelta(days=60)

#: What somebody is who came back.
_BACK = (Status.PENDING.value, Status.CONFIRMED.value)

#: A row; its columns are known when it runs.
_Row = Any

_INSERT_NEW = {
    "sqlite": sqlite.insert(report).on_conflict_do_nothing().returning(report.c.id),
    "postgresql": postgresql.insert(report).on_conflict_do_nothing().returning(report.c.id),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A subscription that is no longer what it was."""

    subscription_id: int
    newsletter: str
    status: Status
    reason: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one mail."""

    verdict: Verdict
    named: Named | None = None
    changes: tuple[Change, ...] = ()
    #: It was read before, and counted then.
    repeated: bool = False


def apply(
    connection: Connection, keys: Keys, digest: str, understood: Understood, now: datetime, soft_limit: int
) -> Applied:
    """Write down a mail and change what follows from it, once for each digest.

    Args:
        connection: one that writes.
        keys: the publication's.
        digest: of the mail.
        understood: what it says.
        now: the clock.
        soft_limit: how many issues may bounce within 60 days before the address is given up.
    """
    row = None if understood.named is None else _subscription(connection, understood.named.subscription_id)
    verdict = _verdict(connection, understood, row)
    if not _written(connection, digest, verdict, understood.named, now):
        return Applied(verdict, understood.named, repeated=True)
    changes = () if row is None else _Effects(connection, keys, row, understood.named, now).of(verdict, soft_limit)
    return Applied(verdict, understood.named, changes)


def _subscription(connection: Connection, number: int) -> _Row | None:
    return connection.execute(select(subscription).where(subscription.c.id == number)).first()


def _delivery(connection: Connection, named: Named) -> _Row | None:
    return connection.execute(
        select(delivery.c.address, delivery.c.armed_at, delivery.c.done_at).where(
            delivery.c.issue_id == named.issue_id, delivery.c.subscription_id == named.subscription_id
        )
    ).first()


def _verdict(connection: Connection, understood: Understood, reader: _Row | None) -> Verdict:
    reading, named = understood.reading, understood.named
    silent = reading.kind in (Kind.UNREAD, Kind.IGNORED) and not reading.recipients
    if silent:
        return Verdict(reading.kind, "", reading.detail)
    if named is None:
        return Verdict(Kind.UNREAD, "", "it names no mail that was sent from here")
    if reader is None:
        return Verdict(Kind.IGNORED, "", "the subscription is gone")
    sent = _delivery(connection, named)
    verdict = judge(reading, reader.address if sent is None else sent.address)
    if verdict.kind in (Kind.HARD, Kind.SOFT) and sent is not None and (why := _too_late(reader, sent)):
        return Verdict(Kind.IGNORED, verdict.code, why)
    return verdict


def _too_late(reader: _Row, sent: _Row) -> str:
    """Return why a bounce says nothing about a subscription any more; nothing where it does."""
    if sent.address != reader.address:
        return "about an address that the reader no longer has"
    if not _came_later(reader, sent):
        return ""
    is_back = reader.status in _BACK
    return "about a mail from before the reader came back" if is_back else f"the reader is {reader.status} already"


def _came_later(reader: _Row, sent: _Row | None) -> bool:
    """Say whether a mail was sent before the subscription became what it is."""
    at = None if sent is None else sent.done_at or sent.armed_at
    return at is not None and reader.changed_at > at


def _written(connection: Connection, digest: str, verdict: Verdict, named: Named | None, now: datetime) -> bool:
    """Write a report down; False where it was there. One that nobody understood may be understood later."""
    values = {
        "digest": digest,
        "at": now,
        "kind": verdict.kind.value,
        "issue_id": None if named is None else named.issue_id,
        "subscription_id": None if named is None else named.subscription_id,
        "code": verdict.code,
        "detail": verdict.detail,
    }
    if connection.execute(_INSERT_NEW[connection.dialect.name].values(values)).first() is not None:
        return True
    again = update(report).where(report.c.digest == digest, report.c.kind == Kind.UNREAD.value)
    return verdict.kind is not Kind.UNREAD and connection.execute(again.values(values)).rowcount == 1


@dataclass(frozen=True, slots=True)
class _Effects:
    """What mails change for one reader."""

    connection: Connection
    keys: Keys
    reader: _Row
    named: Named | None
    now: datetime

    def of(self, verdict: Verdict, soft_limit: int) -> tuple[Change, ...]:
        """Change what follows from a verdict."""
        said = verdict.words
        match verdict.kind:
            case Kind.HARD:
                return self._bounced(said)
            case Kind.SOFT if (count := self._soft_bounces()) >= soft_limit:
                return self._bounced(f"{count} issues bounced within {WINDOW.days} days, the last one: {said}")
            case Kind.COMPLAINT:
                changes = self._everywhere(Status.COMPLAINED, verdict.detail)
                suppress(self.connection, self.keys, self.reader.address_key, ALL, verdict.detail, self.now)
                return changes
            case Kind.UNSUBSCRIBE if unsubscribe(self.connection, self.reader.id, self.now, verdict.detail):
                return (Change(self.reader.id, self.reader.newsletter, Status.UNSUBSCRIBED, verdict.detail),)
        return ()

    def _soft_bounces(self) -> int:
        """Count the issues that bounced lately: each once, and none from before a reader came back."""
        since = max(self.now - WINDOW, self.reader.changed_at)
        issues = select(func.count(report.c.issue_id.distinct())).where(
            report.c.subscription_id == self.reader.id, report.c.kind == Kind.SOFT.value, report.c.at >= since
        )
        return self.connection.scalar(issues) or 0

    def _bounced(self, reason: str) -> tuple[Change, ...]:
        """Give the address up, except where it came back after the mail was sent."""
        sent = None if self.named is None else _delivery(self.connection, self.named)
        return self._everywhere(Status.BOUNCED, reason, sent)

    def _everywhere(self, status: Status, reason: str, sent: _Row | None = None) -> tuple[Change, ...]:
        """Change the subscriptions of an address, to whatever newsletter."""
        same = select(subscription).where(subscription.c.address_key == self.reader.address_key)
        return tuple(
            Change(row.id, row.newsletter, status, reason)
            for row in self.connection.execute(same.order_by(subscription.c.id)).all()
            if not _came_later(row, sent) and change(self.connection, row.id, status, reason, self.now)
        )
