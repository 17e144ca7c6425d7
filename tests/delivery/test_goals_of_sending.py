"""Goals of sending that need more than one mail and one reader: slow relays, races, runs at once, weeks of cron."""

import os
import queue
import random
import sqlite3
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from publisher.audience.links import Links
from publisher.delivery import uncertain
from publisher.delivery.accounts import broken_invariants
from publisher.delivery.retry import MOST_RESENDS, MOST_UNCERTAIN
from publisher.delivery.sending import Order
from publisher.delivery.smtp import replies
from publisher.delivery.smtp.relay import Deadlines
from publisher.delivery.statements import Statements
from publisher.delivery.states import IssueState
from publisher.delivery.transport import Mail, TransportRefused, Verdict
from publisher.delivery.transports.memory import MemoryTransport
from publisher.store import open_store
from publisher.templating import Templates
from publisher.web.pages.desk import Desk
from tests.delivery.faultserver import Act, FaultServer, at
from tests.delivery.mailroom import NOW, Mailroom
from tests.delivery.smtp.driving import QUICK, client, drive, mail

pytestmark = pytest.mark.uncovered

if TYPE_CHECKING:
    pass

WHOLE = bool(os.environ.get("PUBLISHER_WHOLE"))

# ---------------------------------------------------------------- a relay that is slow, or does not stop talking

#: Of the whole reply that is slow, in seconds.
DEADLINE = 0.3
#: Between two bytes, in seconds: the reply of 500 would take thirty deadlines.
DRIP = 0.02
#: Of the others: no machine is so busy that they pass.
PATIENT = replace(QUICK, opening=10, command=10, data=10, block=10, dot=10)
STAGES = ["banner", "ehlo", "mail", "rcpt", "data", "dot"]
MEBIBYTE = 1 << 20


class Dripping(FaultServer):
    """Counts its pauses."""

    pauses = 0

    def wait(self, seconds: float) -> None:
        """Wait, and count it once the time has passed."""
        super().wait(seconds)
        self.pauses += 1


def verdict_of(server: FaultServer, deadlines: Deadlines) -> Verdict:
    """Send a mail, and say what became of it."""
    try:
        return drive(client(server.port, deadlines=deadlines), [mail()]).outcomes[1].verdict
    except TransportRefused as refusal:
        return refusal.outcome.verdict


@pytest.mark.parametrize("stage", STAGES)
def test_a_relay_that_drips_is_given_up_within_a_second_of_the_deadline(stage: str) -> None:
    """Told by what the relay had time to say, not by a clock: each pause lasts at least its time."""
    deadlines = replace(PATIENT, **{stage if stage in ("data", "dot") else "command": DEADLINE})
    with Dripping(at(stage, Act(b"250-" + b"x" * 500, drip=DRIP))) as server:
        assert verdict_of(server, deadlines) is (Verdict.UNCERTAIN if stage == "dot" else Verdict.DEFERRED)
    assert 1 < server.pauses <= (DEADLINE + 1) / DRIP


def expect_small(stage: str, reply: bytes, deadlines: Deadlines = PATIENT) -> None:
    """Let a relay say the same for ever, and demand that it costs little and that nobody believes it."""
    with FaultServer(at(stage, Act(reply, "flood", keep=True))) as server:
        tracemalloc.start()
        try:
            verdict, size = verdict_of(server, deadlines), tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert verdict in (Verdict.DEFERRED, Verdict.UNCERTAIN)
    assert (verdict is Verdict.UNCERTAIN) == (stage == "dot")
    assert size <= 20 * MEBIBYTE


@pytest.mark.parametrize("stage", STAGES)
def test_a_relay_that_floods_costs_less_than_20_mebibytes(stage: str) -> None:
    expect_small(stage, b"250-" + b"x" * 1000)


def test_replies_without_a_limit_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LONGEST_LINE", "MOST_LINES", "MOST_BYTES"):
        monkeypatch.setattr(replies, name, 1 << 40)
    with pytest.raises(AssertionError):
        expect_small("rcpt", b"250-" + b"x" * 60_000, replace(PATIENT, command=0.8))


# ---------------------------------------------------------------- a relay that takes mails and never says so


def copies_over(mailroom: Mailroom, connections: int, runs: int) -> Counter[str]:
    """Let a relay take every mail and break off, resume again and again, and say how often each reader got theirs."""
    mailroom.configure('uncertain = "resend"')
    mailroom.people(4)
    with FaultServer(at("dot", Act(b"", "drop", keep=True))) as server:
        for resumed in range(runs):
            report = mailroom.publication.send(
                "weekly/2026-W48",
                mailroom.clock,
                transport=lambda: client(server.port, connections, PATIENT),
                order=Order(resume=bool(resumed)),
            )
            if not resumed:
                assert report.state is IssueState.PAUSED
                assert MOST_UNCERTAIN <= len(server.mails()) < MOST_UNCERTAIN + connections
            mailroom.clock.on(minutes=16)
        taken = server.mails()
    copies = Counter(mail["recipient"] for mail in taken)
    assert len({(mail["recipient"], mail["message_id"], mail["sha256"]) for mail in taken}) == len(copies)
    mailroom.expect_sound()
    return copies


@pytest.mark.parametrize("connections", [1, 3])
def test_a_relay_that_takes_mails_and_breaks_off_gets_each_three_times_at_most(
    sqlite_mailroom: Mailroom, connections: int
) -> None:
    copies = copies_over(sqlite_mailroom, connections, 6)
    assert list(copies.values()) == [1 + MOST_RESENDS] * 4 == [3] * 4
    assert sqlite_mailroom.states() == {"held": 4}


@pytest.mark.parametrize("connections", [1, 3])
def test_a_mail_of_unknown_fate_counts_once_even_as_the_last(sqlite_mailroom: Mailroom, connections: int) -> None:
    sqlite_mailroom.people(MOST_UNCERTAIN - 1)
    with FaultServer(at("dot", Act(b"", "drop", keep=True))) as server:
        report = sqlite_mailroom.publication.send(
            "weekly/2026-W48",
            sqlite_mailroom.clock,
            transport=lambda: client(server.port, connections, PATIENT),
            order=Order(resume=False),
        )
        assert len(server.mails()) == MOST_UNCERTAIN - 1
    assert report.state is not IssueState.PAUSED
    sqlite_mailroom.expect_sound()


def test_copies_without_end_would_be_noticed(sqlite_mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uncertain, "MOST_RESENDS", 99)
    assert max(copies_over(sqlite_mailroom, 1, 4).values()) > 3


# ---------------------------------------------------------------- readers who leave at the very moment

#: How many leave while the issue leaves.
LEAVES = 1000 if WHOLE else 40
_WATCHED = {
    "sqlite": [
        "CREATE TABLE watched (seq INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT, person INTEGER)",
        (
            "CREATE TRIGGER watch_armed AFTER UPDATE OF state ON delivery WHEN NEW.state = 'armed' "
            "BEGIN INSERT INTO watched (what, person) VALUES ('armed', NEW.subscription_id); END"
        ),
        (
            "CREATE TRIGGER watch_left AFTER UPDATE OF status ON subscription WHEN NEW.status = 'unsubscribed' "
            "BEGIN INSERT INTO watched (what, person) VALUES ('left', NEW.id); END"
        ),
    ],
    "postgresql": [
        "CREATE TABLE watched (seq SERIAL PRIMARY KEY, what TEXT, person BIGINT)",
        (
            "CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF TG_TABLE_NAME = 'delivery' THEN INSERT INTO watched (what, person) VALUES ('armed', NEW.subscription_id); "
            "ELSE INSERT INTO watched (what, person) VALUES ('left', NEW.id); END IF; RETURN NULL; END $$"
        ),
        (
            "CREATE TRIGGER watch_armed AFTER UPDATE OF state ON delivery FOR EACH ROW "
            "WHEN (NEW.state = 'armed') EXECUTE FUNCTION watch()"
        ),
        (
            "CREATE TRIGGER watch_left AFTER UPDATE OF status ON subscription FOR EACH ROW "
            "WHEN (NEW.status = 'unsubscribed') EXECUTE FUNCTION watch()"
        ),
    ],
}


class Telling(MemoryTransport):
    """Tells of each mail as it is proposed, before the ledger is asked whether it may leave."""

    def __init__(self, lanes: int, tell: Callable[[int], object]) -> None:
        super().__init__(lanes=lanes)
        self._tell = tell

    def propose(self, lane: int, mail: Mail) -> None:
        self._tell(mail.key[1])
        super().propose(lane, mail)

    def dispatch(self, lane: int, then: Mail | None) -> None:
        if then is not None:
            self._tell(then.key[1])
        super().dispatch(lane, then)


@contextmanager
def leaving(mailroom: Mailroom, people: list[int]) -> Iterator[Callable[[int], object]]:
    """Let readers leave by their links, in a thread with a connection of its own, near the mail that is next."""
    proposed: queue.SimpleQueue[int | None] = queue.SimpleQueue()
    taken = threading.Semaphore(0)
    publication, chance, gone = mailroom.publication, random.Random(7), set[int]()
    links = Links("https://notes.example/letters/", publication._keys())
    told: list[BaseException] = []

    def leave() -> None:
        with open_store(publication.settings.state.url, mailroom.folder) as store:
            desk = Desk(publication.settings, store, publication._keys(), Templates(), lambda: NOW)
            while (person := proposed.get()) is not None:
                taken.release()
                place = people.index(person) + chance.choice((0, 0, 0, 1, 2, 5))
                if place >= len(people) or place in gone:
                    continue
                gone.add(place)
                time.sleep(chance.choice((0, 0, 0.0005, 0.002)))
                token = links.unsubscribe("weekly", people[place]).rpartition("/")[2]
                answer = desk.unsubscribe(token, {"List-Unsubscribe": "One-Click"})
                assert answer.status == 200

    def kept() -> None:
        try:
            leave()
        except BaseException as error:  # noqa: BLE001 -- told where the test is
            told.append(error)

    def tell(person: int) -> None:
        proposed.put(person)
        assert taken.acquire(timeout=60)  # from here on both are at it

    thread = threading.Thread(target=kept)
    thread.start()
    try:
        yield tell
    finally:
        proposed.put(None)
        thread.join()
    assert told == []


def expect_nobody_armed_who_left(mailroom: Mailroom, lanes: int) -> None:
    """Send while readers leave, and demand that both happened, in both orders, and no mail was armed for who had left."""
    people = mailroom.people(2 * LEAVES)
    with mailroom.store.writing() as connection:
        for statement in _WATCHED[mailroom.store.dialect]:
            connection.exec_driver_sql(statement)
    with leaving(mailroom, people) as tell:
        transport = Telling(lanes, tell)
        mailroom.send(transport)
    with mailroom.store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT what, person, seq FROM watched ORDER BY seq").all()
    armed = {person: seq for what, person, seq in rows if what == "armed"}
    left = {person: seq for what, person, seq in rows if what == "left"}
    assert [person for person in left if armed.get(person, 0) > left[person]] == []
    assert len(left) >= LEAVES
    assert left.keys() & armed.keys()
    assert left.keys() - armed.keys()
    assert armed.keys() == {mail.key[1] for mail in transport.taken}
    mailroom.expect_sound()


@pytest.mark.whole
@pytest.mark.parametrize("lanes", [1, 4])
def test_nobody_who_has_left_is_armed_however_close_it_was(mailroom: Mailroom, lanes: int) -> None:
    expect_nobody_armed_who_left(mailroom, lanes)


def test_asking_too_early_who_has_left_would_be_noticed(
    sqlite_mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Statements.of("sqlite")
    blind = replace(right, arm=right.arm.partition("AND EXISTS")[0])
    monkeypatch.setattr(Statements, "of", lambda _dialect: blind)
    with pytest.raises(AssertionError):
        expect_nobody_armed_who_left(sqlite_mailroom, 1)


# ---------------------------------------------------------------- a ledger that adds up

#: What must never be committed, and the words for it.
_BROKEN = {
    "DELETE FROM delivery WHERE subscription_id = 5": "4 are in the ledger",
    "UPDATE issue SET candidates = candidates + 1": "of 6 subscriptions",
    "UPDATE issue SET state = 'done'": "is done, but 3 deliveries are not settled",
    "UPDATE delivery SET state = 'armed', armed_at = 'x', done_at = 'x', armed_run = 99 WHERE state = 'pending'": "by run 99",
    "UPDATE delivery SET state = 'armed', armed_at = 'x', done_at = 'x', armed_run = 1 WHERE state = 'pending'": "2 may be",
    "UPDATE delivery SET state = 'sent' WHERE state = 'pending'": "left without being armed",
    "DELETE FROM issue": "belong to no issue",
}


@pytest.mark.parametrize("change", _BROKEN)
def test_a_ledger_that_does_not_add_up_would_be_noticed(sqlite_mailroom: Mailroom, change: str) -> None:
    sqlite_mailroom.people(5)
    sqlite_mailroom.send(order=Order(limit=2))
    with sqlite3.connect(sqlite_mailroom.path) as base:
        assert base.execute(change).rowcount > 0
    base.close()
    with sqlite_mailroom.store.reading() as connection:
        assert any(_BROKEN[change] in words for words in broken_invariants(connection, lanes=2))
