"""A process that ends between any two steps loses nothing and repeats next to nothing; designs that would are caught."""

import os
import secrets
import shutil
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from publisher.delivery import atwork, ledger, terms
from publisher.delivery.ledger import Ledger
from publisher.delivery.lock import AnotherRun
from publisher.delivery.sending import Order
from publisher.delivery.states import Policy
from publisher.delivery.transport import Mail
from publisher.delivery.transports.memory import MemoryTransport
from publisher.store.upgrade import back_up
from tests.delivery.mailroom import Mailroom
from tests.delivery.mortal import Fuse, live

pytestmark = pytest.mark.uncovered

PEOPLE = 7
#: In CI, at every step.
STRIDE = 1 if os.environ.get("CI") else 4


@dataclass
class Trial:
    """A run that was killed, and the runs after it."""

    mailroom: Any
    lanes: int
    taken: list[Mail]
    #: Readers of whom nobody knew after the crash whether they had the mail.
    doubtful: set[str]

    def expect_kept(self) -> None:
        """Demand that nobody was lost, and copies are few, equal and known."""
        counts = Counter(mail.recipient for mail in self.taken)
        with self.mailroom.store.reading() as connection:
            rows = connection.exec_driver_sql("SELECT address, state FROM delivery").all()
        assert {state for _, state in rows} == {"sent"}
        assert [address for address, _ in rows if counts[address] == 0] == []
        twice = {address for address, number in counts.items() if number > 1}
        assert len(twice) <= self.lanes
        assert twice <= self.doubtful
        assert max(counts.values()) <= 2
        assert len({mail.data for mail in self.taken}) == len(counts)


def crash(mailroom: Mailroom, at: int, lanes: int) -> Trial | None:
    """Kill a run at a step, and let others finish; None where the run has no such step."""
    first, fuse = MemoryTransport(lanes=lanes), Fuse(at)
    if live(mailroom, first, fuse) is not None:
        return None
    mailroom.recover()
    with mailroom.store.reading() as connection:
        found = connection.exec_driver_sql("SELECT address FROM delivery WHERE state IN ('uncertain', 'held')")
        doubtful = {address for (address,) in found}
    taken = list(first.taken)
    for _ in range(3):
        again = MemoryTransport(lanes=lanes)
        report = live(mailroom, again, order=Order(uncertain=Policy.RESEND))
        taken += again.taken
        if report is None or report.status == 0:
            break
        mailroom.clock.on(minutes=20)
    return Trial(mailroom, lanes, taken, doubtful)


@pytest.fixture
def frozen(sqlite_mailroom: Any) -> Any:
    """Give a publication whose issue has just been frozen, and what puts it back to that."""
    sqlite_mailroom.people(PEOPLE)
    sqlite_mailroom.send(order=Order(limit=1), transport=MemoryTransport())
    path = sqlite_mailroom.path
    with sqlite_mailroom.store.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER delivery_settled")
        connection.exec_driver_sql(
            "UPDATE delivery SET state = 'pending', attempts = 0, done_at = NULL, armed_at = NULL, armed_run = NULL"
        )
        connection.exec_driver_sql("UPDATE issue SET state = 'sending'")
    copy = path.with_name("copy.db")
    back_up(sqlite_mailroom.store, copy)

    def back() -> None:
        sqlite_mailroom.store.close()
        for left in path.parent.glob("state.db-*"):
            left.unlink()
        shutil.copy(copy, path)
        (sqlite_mailroom.folder / ".publisher/epoch").unlink(missing_ok=True)

    sqlite_mailroom.back = back
    return sqlite_mailroom


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_run_killed_at_any_step_loses_nobody_and_repeats_at_most_one_mail_a_connection(
    frozen: Any, lanes: int
) -> None:
    at = 0
    while True:
        frozen.back()
        trial = crash(frozen, at, lanes)
        if trial is None:
            break
        trial.expect_kept()
        at += STRIDE
    assert at > 30


@pytest.mark.parametrize("step", [3, 9, 12, 13, 14, 17, 25])
def test_a_freeze_killed_at_any_step_is_whole_or_not_there(mailroom: Mailroom, step: int) -> None:
    mailroom.people(PEOPLE)
    trial = crash(mailroom, step, 2)
    assert trial is not None
    trial.expect_kept()


def test_held_mails_are_never_sent_twice(frozen: Any) -> None:
    for at in range(10, 40, 3):
        frozen.back()
        first = MemoryTransport(lanes=4)
        if live(frozen, first, Fuse(at)) is not None:
            break
        again = MemoryTransport(lanes=4)
        live(frozen, again)
        counts = Counter(mail.recipient for mail in [*first.taken, *again.taken])
        assert max(counts.values()) == 1
        held = frozen.states().get("held", 0)
        assert held <= 4
        assert PEOPLE - held <= len(counts)


def caught(frozen: Any, lanes: int = 1) -> bool:
    """Say whether any point of a killed run shows that a design is wrong."""
    for at in range(14, 60, 4):
        frozen.back()
        try:
            trial = crash(frozen, at, lanes)
            if trial is None:
                return False
            trial.expect_kept()
        except AssertionError:
            return True
    return False


def test_a_right_design_is_not_caught(frozen: Any) -> None:
    assert not caught(frozen)


def test_writing_all_down_at_the_end_is_caught(frozen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def step(self: Any, armed: Any, unarmed: Any, arm: Any, rates: Any, now: Any) -> Any:
        self.later = [*getattr(self, "later", ()), *armed]
        if not arm:
            with self._store.writing() as connection:
                for answer in self.later:
                    connection.exec_driver_sql(
                        "UPDATE delivery SET state = 'sent', armed_at = '', armed_run = ?, done_at = '' "
                        "WHERE subscription_id = ?",
                        (self._run, answer.key[1]),
                    )
        return set(arm)

    monkeypatch.setattr(Ledger, "step", step)
    assert caught(frozen)


def test_a_checkpoint_when_mails_are_fetched_is_caught(frozen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Ledger.due

    def due(self: Any, after: Any, now: Any, limit: Any) -> Any:
        rows = right(self, after, now, limit)
        with self._store.writing() as connection:
            connection.exec_driver_sql("UPDATE delivery SET state = 'sent', armed_at = '', armed_run = 1, done_at = ''")
        return rows

    monkeypatch.setattr(Ledger, "due", due)
    monkeypatch.setattr(Ledger, "step", lambda self, armed, unarmed, arm, rates, now: set(arm))
    assert caught(frozen)


def test_message_ids_by_lot_are_caught(frozen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "delivery_token", lambda *_: secrets.token_hex(16))
    assert caught(frozen, lanes=4)


def interfere(frozen: Any) -> tuple[list[Mail], list[object]]:
    """Let a second run begin while the first is at work; return all mails, and what the second one said."""
    said: list[Any] = []
    taken: list[Mail] = []

    def meddle(tally: Any, _total: Any) -> None:
        if tally.sent == 2 and not said:
            said.append(None)
            second = MemoryTransport(lanes=2)
            try:
                said[0] = live(frozen, second, order=Order(uncertain=Policy.RESEND))
            except AnotherRun as other:
                said[0] = other
            taken.extend(second.taken)

    first = MemoryTransport(lanes=2)
    frozen.send(first, progress=meddle)
    return [*first.taken, *taken], said


def test_a_second_run_does_nothing_while_one_is_at_work(frozen: Any) -> None:
    taken, (other,) = interfere(frozen)
    assert isinstance(other, AnotherRun)
    assert "process" in str(other)
    assert max(Counter(mail.recipient for mail in taken).values()) == 1


def test_two_runs_without_the_lock_are_caught(frozen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atwork, "one_run", lambda *_: nullcontext())
    with pytest.raises((AssertionError, ledger.LedgerBroken)):
        test_a_second_run_does_nothing_while_one_is_at_work(frozen)


def test_an_answer_to_what_another_run_armed_is_never_written_down(frozen: Any) -> None:
    one = ledger.Ledger(frozen.store, frozen.folder, 1, 1)
    other = ledger.Ledger(frozen.store, frozen.folder, 1, 2)
    (row, *_) = one.due(0, frozen.clock(), 10)
    assert one.step([], [], [row.id], [], frozen.clock()) == {row.id}
    from publisher.delivery.retry import Settlement
    from publisher.delivery.states import State

    answer = Settlement((1, row.id), State.SENT, "dot", "250 ok", 1)
    with pytest.raises(ledger.LedgerBroken):
        other.step([answer], [], [], [], frozen.clock())
    assert one.step([answer], [], [], [], frozen.clock()) == set()


def test_a_commit_that_fails_lets_nothing_leave(frozen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from publisher.store import StoreError

    def fail(*_: Any) -> Any:
        raise StoreError("the disk failed")

    monkeypatch.setattr(Ledger, "_write", fail)
    transport = MemoryTransport(lanes=4)
    with pytest.raises(StoreError):
        frozen.send(transport)
    assert transport.taken == []
    assert frozen.states() == {"pending": PEOPLE}


def test_a_full_disk_leaves_nothing_in_doubt(frozen: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from publisher.delivery.ballast import BALLAST
    from publisher.store import StoreFull

    right: Any = Ledger._write
    calls: list[Any] = []

    def write(self: Any, *values: Any) -> Any:
        calls.append(values)
        if (frozen.folder / BALLAST).exists() and len(calls) == 3:
            raise StoreFull("the disk is full")
        return right(self, *values)

    monkeypatch.setattr(Ledger, "_write", write)
    transport = MemoryTransport(lanes=2)
    with pytest.raises(StoreFull):
        frozen.send(transport)
    states = frozen.states()
    assert set(states) == {"sent", "pending"}
    assert states["sent"] == len(transport.taken)
    frozen.send(transport)
    assert frozen.states() == {"sent": PEOPLE}
    assert len(transport.taken) == PEOPLE


def test_the_epoch_is_durable_before_anything_leaves(frozen: Any) -> None:
    path = Path(frozen.folder / ".publisher/epoch")
    transport = MemoryTransport(fault=lambda _mail, _n: pytest.fail("too late") if not path.exists() else None)
    frozen.send(transport)
    assert len(transport.taken) == PEOPLE
