"""The ledger: one row a delivery, and the only code that changes them.

Before the final dot of a mail leaves, its row says so, durably; the answer is written down together with the intents of the
mails that follow. After a crash, what is armed is in doubt, and nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.engine import Connection

from publisher.delivery.ballast import drop
from publisher.delivery.retry import Settlement
from publisher.delivery.statements import Statements
from publisher.delivery.states import State
from publisher.errors import SurroundingsError
from publisher.store import Batch, Store, StoreFull
from publisher.store.tables import delivery, issue, rate

Key = tuple[int, int]


class LedgerBroken(SurroundingsError):
    """The ledger does not say what this run wrote: another one is at work without the lock, or it is a bug."""

    def __init__(self, expected: int, changed: int) -> None:
        super().__init__(
            f"{expected} deliveries were to change in the ledger, and {changed} did: somebody else wrote there at the same "
            "time; nothing more was sent. See that one machine alone sends, and run this again"
        )


class RoomMade(Exception):
    """The disk is full. What was answered is written down all the same, nothing is armed, and the run has to stop."""

    def __init__(self, error: StoreFull) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True, slots=True)
class Row:
    """A delivery that is due."""

    id: int
    address: str
    name: str
    #: How many there were.
    attempts: int

    @property
    def domain(self) -> str:
        """Return the domain of its address."""
        return self.address.rpartition("@")[2]


def stamp(moment: datetime) -> str:
    """Return a time as publisher.store.tables.Moment keeps it."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


class Ledger:
    """The deliveries of one issue, as one run writes them.

    Args:
        store: the database.
        folder: the publication's; its ballast is given up when the disk is full.
        issue_id: whose deliveries.
        run_id: who writes.
    """

    def __init__(self, store: Store, folder: Path, issue_id: int, run_id: int) -> None:
        self.issue_id = issue_id
        self._store = store
        self._folder = folder
        self._run = run_id
        self._sql = Statements.of(store.dialect)

    def due(self, after: int, now: datetime, limit: int) -> list[Row]:
        """Return the next deliveries that are due, by subscription.

        Args:
            after: the last subscription that was seen; 0 for none.
            now: the clock.
            limit: how many at most.
        """
        with self._store.reading() as connection:
            found = connection.exec_driver_sql(self._sql.due, (self.issue_id, after, stamp(now), limit))
            return [Row(*row) for row in found]

    def step(
        self,
        armed: Sequence[Settlement],
        unarmed: Sequence[Settlement],
        arm: Sequence[int],
        rates: Sequence[tuple[str, float, datetime]],
        now: datetime,
    ) -> set[int]:
        """Write down what was answered, and in the same transaction what is to leave next.

        Args:
            armed: answers to mails that this run armed.
            unarmed: answers to mails that were refused before.
            arm: subscriptions whose mails are to leave.
            rates: buckets that changed.
            now: the clock.

        Returns:
            The subscriptions whose mails may leave now. The others are skipped: their readers are none any more.

        Raises:
            RoomMade: the disk was full.
            StoreError: nothing was written, and nothing may leave.
        """
        try:
            with self._store.batch() as batch:
                return self._write(batch, armed, unarmed, arm, rates, now)
        except StoreFull as error:
            if not drop(self._folder):
                raise
            with self._store.batch() as batch:
                self._write(batch, armed, unarmed, (), (), now)
            raise RoomMade(error) from error

    def _write(
        self,
        batch: Batch,
        armed: Sequence[Settlement],
        unarmed: Sequence[Settlement],
        arm: Sequence[int],
        rates: Sequence[tuple[str, float, datetime]],
        now: datetime,
    ) -> set[int]:
        at = stamp(now)
        if armed:
            rows = [(*_said(answer, at), self._run) for answer in armed]
            self._expect(batch, armed, batch.each(self._sql.settle_armed, rows))
        if unarmed:
            rows = [_said(answer, at) for answer in unarmed]
            self._expect(batch, unarmed, batch.each(self._sql.settle_pending, rows))
        if rates:
            batch.each(self._sql.rate, [(scope, tokens, stamp(moment)) for scope, tokens, moment in rates])
        return self._arm(batch, arm, at) if arm else set()

    def _arm(self, batch: Batch, arm: Sequence[int], at: str) -> set[int]:
        done = batch.each(self._sql.arm, [(at, self._run, at, self.issue_id, one) for one in arm])
        if done == len(arm):
            return set(arm)
        found = batch.rows(self._sql.armed, (self.issue_id, self._run))
        allowed = {number for (number,) in found} & set(arm)
        for one in arm:
            if one not in allowed:
                statuses = [status for (status,) in batch.rows(self._sql.status, (one,))]
                reason = f"{statuses[0]} since" if statuses else "removed since"
                batch.each(self._sql.skip, [(reason, at, self.issue_id, one)])
        return allowed

    def _expect(self, batch: Batch, answers: Sequence[Settlement], changed: int) -> None:
        """See that every answer found its delivery, but of those whose reader was erased meanwhile."""
        if changed == len(answers):
            return
        states = [batch.rows(self._sql.state, answer.key) for answer in answers]
        if changed + states.count([(State.SKIPPED.value,)]) != len(answers):
            raise LedgerBroken(len(answers), changed)


def freeze(connection: Connection, issue_id: int, rows: Iterable[tuple[int, str, str]]) -> None:
    """Write down who gets an issue.

    Args:
        connection: one that writes.
        issue_id: of the issue.
        rows: subscription, address and name of each; as many as are in memory at once.
    """
    values = [(issue_id, *row) for row in rows]
    if values:
        connection.exec_driver_sql(Statements.of(connection.dialect.name).freeze, values)


def recover(connection: Connection, now: datetime, reply: str) -> int:
    """Declare uncertain what dead runs left armed; the caller holds the lock, so they are dead. Return how many.

    Args:
        connection: one that writes.
        now: the clock.
        reply: why nobody knows more, in words.
    """
    doubtful = update(delivery).where(delivery.c.issue_id.in_(_started()), delivery.c.state == State.ARMED.value)
    values = {"state": State.UNCERTAIN.value, "stage": "dot", "reply": reply, "done_at": now}
    return connection.execute(doubtful.values(attempts=delivery.c.attempts + 1, **values)).rowcount


def _started() -> Select[tuple[int]]:
    # So that the index by issue and state is used.
    return select(issue.c.id).where(issue.c.state.in_(["sending", "paused"]))


def skip_open(connection: Connection, issue_id: int, states: Sequence[State], reason: str, now: datetime) -> int:
    """Skip all deliveries of an issue that are in one of some states; return how many.

    Args:
        connection: one that writes.
        issue_id: of the issue.
        states: which.
        reason: in words.
        now: the clock.
    """
    statement = update(delivery).where(_of(issue_id, states))
    values = {"state": State.SKIPPED.value, "reason": reason, "due_at": None, "done_at": now}
    return connection.execute(statement.values(**values)).rowcount


def hold(connection: Connection, issue_id: int, states: Sequence[State], now: datetime, *, reason: str = "") -> int:
    """Let deliveries of an issue wait for a person; return how many."""
    statement = update(delivery).where(_of(issue_id, states))
    values = {"state": State.HELD.value, "due_at": None, "done_at": now}
    return connection.execute(statement.values(**values, **({"reason": reason} if reason else {}))).rowcount


def resend(
    connection: Connection, issue_id: int, states: Sequence[State], due_at: datetime, most: int | None = None
) -> int:
    """Let deliveries of an issue be sent although they may have arrived; return how many.

    Args:
        connection: one that writes.
        issue_id: of the issue.
        states: which.
        due_at: not before.
        most: only those that were sent again fewer times; all where None.
    """
    statement = update(delivery).where(_of(issue_id, states))
    if most is not None:
        statement = statement.where(delivery.c.resends < most)
    values = {"state": State.PENDING.value, "resends": delivery.c.resends + 1, "due_at": due_at, "done_at": None}
    return connection.execute(statement.values(**values)).rowcount


def wake(connection: Connection, issue_id: int) -> int:
    """Make all that waits to be tried again due at once; return how many."""
    waiting = update(delivery).where(_of(issue_id, (State.PENDING,)), delivery.c.due_at.is_not(None))
    # What may have arrived keeps its rest.
    return connection.execute(waiting.where(delivery.c.resends == 0).values(due_at=None)).rowcount


def stored_rates(connection: Connection) -> dict[str, tuple[float, datetime]]:
    """Return the buckets of rates as they were left, by scope."""
    found = connection.execute(select(rate.c.scope, rate.c.tokens, rate.c.at))
    return {scope: (tokens, at) for scope, tokens, at in found}


def _of(issue_id: int, states: Sequence[State]) -> ColumnElement[bool]:
    return (delivery.c.issue_id == issue_id) & delivery.c.state.in_([state.value for state in states])


def _said(answer: Settlement, at: str) -> tuple[object, ...]:
    due = None if answer.due_at is None else stamp(answer.due_at)
    done = None if answer.state is State.PENDING else at
    said = (answer.state.value, answer.counted, due, answer.stage, answer.reply, answer.reason, done)
    return *said, *answer.key
