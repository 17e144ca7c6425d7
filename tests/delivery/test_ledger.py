"""The ledger's statements one by one: which rows each one finds, what it writes there, and what it leaves alone."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args

import pytest
from sqlalchemy import insert, update

from publisher.config.delivery import DeliverySettings
from publisher.delivery import ballast, ledger
from publisher.delivery.ledger import Ledger, LedgerBroken, RoomMade, Row, stamp
from publisher.delivery.retry import Settlement
from publisher.delivery.statements import Statements
from publisher.delivery.states import IssueState, Policy, State
from publisher.delivery.uncertain import decide, resolve
from publisher.store import Store, StoreFull
from publisher.store.tables import delivery, issue, rate, subscription
from tests.databases import Database

NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(minutes=20), NOW + timedelta(minutes=20)
OURS, OTHERS = 1, 2
RUN, DEAD = 10, 9


class Book:
    """A database with two issues for the same five readers; every test looks at the first."""

    def __init__(self, store: Store, folder: Any) -> None:
        self.store, self.folder = store, folder
        self.ledger = Ledger(store, folder, OURS, RUN)
        with store.writing() as connection:
            for number in (OURS, OTHERS):
                connection.execute(insert(issue).values(id=number, **_issue(number)))
            for reader in range(1, 6):
                connection.execute(insert(subscription).values(id=reader, **_subscription(reader)))
            rows = [(reader, f"r{reader}@mail.example", f"Reader {reader}") for reader in range(1, 6)]
            for number in (OURS, OTHERS):
                ledger.freeze(connection, number, iter(rows))
                ledger.freeze(connection, number, [])

    def put(self, reader: int, number: int = OURS, **values: object) -> None:
        with self.store.writing() as connection:
            where = (delivery.c.issue_id == number, delivery.c.subscription_id == reader)
            connection.execute(update(delivery).where(*where).values(**values))

    def status(self, reader: int, status: str) -> None:
        with self.store.writing() as connection:
            connection.execute(update(subscription).where(subscription.c.id == reader).values(status=status))

    def row(self, reader: int, number: int = OURS) -> Any:
        with self.store.reading() as connection:
            where = (delivery.c.issue_id == number, delivery.c.subscription_id == reader)
            return connection.execute(delivery.select().where(*where)).one()

    def states(self, number: int = OURS) -> list[str]:
        return [self.row(reader, number).state for reader in range(1, 6)]

    def step(self, armed: Any = (), unarmed: Any = (), arm: Sequence[int] = (), rates: Any = ()) -> set[int]:
        return self.ledger.step(armed, unarmed, arm, rates, NOW)

    def doing(self, work: Any, *values: Any, **named: Any) -> Any:
        with self.store.writing() as connection:
            return work(connection, *values, **named)


def _issue(number: int) -> dict[str, object]:
    return {
        "newsletter": "weekly",
        "key": f"2026-W4{number}",
        "number": number,
        "manifest": "",
        "digest": "",
        "bundle": "",
        "state": "sending",
        "terms": {},
        "candidates": 5,
        "excluded": {},
        "frozen_at": BEFORE,
        "expires_at": AFTER,
    }


def _subscription(reader: int) -> dict[str, object]:
    address = f"r{reader}@mail.example"
    words = {"newsletter": "weekly", "address": address, "address_key": address, "status": "confirmed", "tags": []}
    return {**words, "created_at": BEFORE, "changed_at": BEFORE}


@pytest.fixture
def book(sqlite_database: Database) -> Iterator[Book]:
    with sqlite_database.open() as store:
        yield Book(store, sqlite_database.folder)


def sent(reader: int) -> Settlement:
    return Settlement((OURS, reader), State.SENT, "dot", "250 ok", 1)


def later(reader: int) -> Settlement:
    return Settlement((OURS, reader), State.PENDING, "rcpt", "452 full", 1, AFTER)


def test_a_time_is_written_in_utc_to_the_microsecond() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))
    assert stamp(moment) == "2026-01-02T01:04:05.000000Z"
    assert stamp(moment.replace(microsecond=78)) == "2026-01-02T01:04:05.000078Z"


def test_the_domain_of_a_row_is_behind_its_last_at() -> None:
    assert Row(1, '"a@b"@mail.example', "", 0).domain == "mail.example"


def test_what_is_due_comes_by_subscription_a_page_at_a_time(book: Book) -> None:
    assert book.ledger.due(0, NOW, 2) == [Row(n, f"r{n}@mail.example", f"Reader {n}", 0) for n in (1, 2)]
    book.put(3, attempts=4, due_at=NOW)
    book.put(4, due_at=AFTER)
    book.put(5, state="held")
    assert [(row.id, row.attempts) for row in book.ledger.due(0, NOW, 9)] == [(1, 0), (2, 0), (3, 4)]
    assert [row.id for row in book.ledger.due(2, AFTER, 9)] == [3, 4]
    assert book.ledger.due(5, AFTER, 9) == []


def test_what_is_armed_says_when_and_by_whom_and_is_due_no_more(book: Book) -> None:
    book.put(1, due_at=BEFORE)
    assert book.step(arm=[1, 2]) == {1, 2}
    assert book.step() == set()
    for reader in (1, 2):
        row = book.row(reader)
        assert (row.state, row.armed_at, row.armed_run, row.due_at, row.done_at) == ("armed", NOW, RUN, None, NOW)
    assert book.states(OTHERS) == ["pending"] * 5
    assert [row.id for row in book.ledger.due(0, NOW, 9)] == [3, 4, 5]


def test_whoever_is_no_reader_any_more_is_skipped_with_the_reason(book: Book) -> None:
    book.put(2, due_at=BEFORE)
    book.status(2, "unsubscribed")
    book.doing(lambda connection: connection.execute(subscription.delete().where(subscription.c.id == 3)))
    book.put(4, state="armed", armed_run=RUN, armed_at=BEFORE)
    assert book.step(arm=[1, 2, 3]) == {1}
    assert book.states() == ["armed", "skipped", "skipped", "armed", "pending"]
    assert [book.row(reader).reason for reader in (1, 2, 3)] == ["", "unsubscribed since", "removed since"]
    assert (book.row(2).due_at, book.row(2).done_at) == (None, NOW)
    assert book.states(OTHERS) == ["pending"] * 5


def test_an_answer_is_written_where_this_run_armed_the_mail(book: Book) -> None:
    book.step(arm=[1, 2, 3])
    assert book.step(armed=[sent(1), later(2)], unarmed=[later(5)], arm=[4]) == {4}
    assert book.states() == ["sent", "pending", "armed", "armed", "pending"]
    one, two = book.row(1), book.row(2)
    assert (one.attempts, one.stage, one.reply, one.due_at, one.done_at) == (1, "dot", "250 ok", None, NOW)
    assert (two.attempts, two.stage, two.reply, two.due_at, two.done_at) == (1, "rcpt", "452 full", AFTER, None)
    assert (one.reason, book.row(5).attempts, book.row(5).due_at) == ("", 1, AFTER)
    book.step(unarmed=[Settlement((OURS, 5), State.FAILED, "", "", reason="no mail can be made")])
    assert (book.row(5).attempts, book.row(5).reason, book.row(5).done_at) == (1, "no mail can be made", NOW)
    assert book.states(OTHERS) == ["pending"] * 5


@pytest.mark.parametrize("state", ["pending", "held", "uncertain", "sent", "failed"])
def test_an_answer_whose_mail_is_not_armed_any_more_is_not_believed(book: Book, state: str) -> None:
    book.step(arm=[1, 2])
    book.put(1, state=state)
    words = "2 deliveries were to change in the ledger, and 1 did"
    with pytest.raises(LedgerBroken, match=words):
        book.step(armed=[sent(1), sent(2)])
    assert book.states()[:2] == [state, "armed"]


def test_an_answer_to_what_another_run_armed_is_not_believed(book: Book) -> None:
    book.put(1, state="armed", armed_run=DEAD, armed_at=BEFORE)
    with pytest.raises(LedgerBroken):
        book.step(armed=[sent(1)])
    with pytest.raises(LedgerBroken):
        book.step(unarmed=[later(1)])


def test_an_answer_about_somebody_who_was_erased_meanwhile_stops_nothing(book: Book) -> None:
    book.step(arm=[1, 2])
    for reader in (1, 3):
        book.put(reader, state="skipped", reason="erased", done_at=BEFORE)
    book.step(armed=[sent(1), sent(2)], unarmed=[later(3), later(4)])
    assert book.states() == ["skipped", "sent", "skipped", "pending", "pending"]
    assert (book.row(1).reason, book.row(3).attempts, book.row(4).attempts) == ("erased", 0, 1)


def test_rates_are_written_over_and_read_back(book: Book) -> None:
    book.step(rates=[("all", 0.5, BEFORE), ("day:2026-11-23", 3.0, NOW)])
    book.step(rates=[("all", -0.25, NOW)])
    with book.store.reading() as connection:
        assert ledger.stored_rates(connection) == {"all": (-0.25, NOW), "day:2026-11-23": (3.0, NOW)}
        assert len(connection.execute(rate.select()).all()) == 2


def _full_once(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    right, full = book.store.batch, [StoreFull("the disk is full")]

    def batch(self: Store) -> Any:
        if full:
            raise full.pop()
        return right()

    monkeypatch.setattr(Store, "batch", batch)


def test_a_full_disk_takes_the_ballast_for_answers_and_arms_nothing(book: Book, monkeypatch: Any) -> None:
    book.step(arm=[1])
    assert ballast.take_on(book.folder)
    _full_once(book, monkeypatch)
    with pytest.raises(RoomMade, match="the disk is full") as made:
        book.step(armed=[sent(1)], unarmed=[later(2)], arm=[3], rates=[("all", 0.0, NOW)])
    assert isinstance(made.value.error, StoreFull)
    assert book.states() == ["sent", "pending", "pending", "pending", "pending"]
    assert book.row(2).attempts == 1
    assert not (book.folder / ballast.BALLAST).exists()
    with book.store.reading() as connection:
        assert ledger.stored_rates(connection) == {}


def test_a_full_disk_without_ballast_writes_nothing(book: Book, monkeypatch: Any) -> None:
    book.step(arm=[1])
    (book.folder / ballast.BALLAST).unlink(missing_ok=True)
    _full_once(book, monkeypatch)
    with pytest.raises(StoreFull):
        book.step(armed=[sent(1)])
    assert book.states()[0] == "armed"


@pytest.mark.parametrize("state", IssueState)
def test_what_a_dead_run_left_armed_is_uncertain_while_its_issue_goes_on(book: Book, state: IssueState) -> None:
    book.put(1, state="armed", armed_run=DEAD, armed_at=BEFORE, attempts=2)
    book.doing(lambda c: c.execute(update(issue).where(issue.c.id == OURS).values(state=state.value)))
    goes_on = state in (IssueState.SENDING, IssueState.PAUSED)
    assert book.doing(ledger.recover, NOW, "the run was killed") == goes_on
    row = book.row(1)
    if goes_on:
        found = (row.state, row.attempts, row.stage, row.reply, row.done_at)
        assert found == ("uncertain", 3, "dot", "the run was killed", NOW)
    assert book.states()[1:] == ["pending"] * 4


#: Readers 1 to 5, one in each state.
EACH = ("pending", "armed", "uncertain", "held", "sent")


@pytest.fixture
def mixed(book: Book) -> Book:
    for number in (OURS, OTHERS):
        for reader, state in enumerate(EACH, 1):
            armed = {} if state == "pending" else {"armed_at": BEFORE, "armed_run": DEAD, "done_at": BEFORE}
            book.put(reader, number, state=state, due_at=AFTER if state == "pending" else None, **armed)
    return book


def test_skipping_takes_the_states_that_are_named(mixed: Book) -> None:
    assert mixed.doing(ledger.skip_open, OURS, (State.PENDING, State.HELD), "too late", NOW) == 2
    assert mixed.states() == ["skipped", "armed", "uncertain", "skipped", "sent"]
    assert (mixed.row(1).reason, mixed.row(1).due_at, mixed.row(1).done_at) == ("too late", None, NOW)
    assert mixed.states(OTHERS) == list(EACH)


def test_holding_keeps_the_reason_where_none_is_given(mixed: Book) -> None:
    mixed.put(3, reason="why")
    assert mixed.doing(ledger.hold, OURS, (State.PENDING, State.UNCERTAIN), NOW) == 2
    assert mixed.states() == ["held", "armed", "held", "held", "sent"]
    assert (mixed.row(1).due_at, mixed.row(1).done_at, mixed.row(3).reason) == (None, NOW, "why")
    assert mixed.doing(ledger.hold, OURS, (State.ARMED,), NOW, reason="a backup was put back") == 1
    assert mixed.row(2).reason == "a backup was put back"
    assert mixed.states(OTHERS) == list(EACH)


def test_sending_again_counts_and_stops_at_the_most(mixed: Book) -> None:
    both = (State.UNCERTAIN, State.HELD)
    mixed.put(4, resends=2)
    assert mixed.doing(ledger.resend, OURS, both, AFTER, most=2) == 1
    assert mixed.states() == ["pending", "armed", "pending", "held", "sent"]
    row = mixed.row(3)
    assert (row.resends, row.due_at, row.done_at) == (1, AFTER, None)
    assert mixed.doing(ledger.resend, OURS, both, NOW) == 1
    assert (mixed.row(4).state, mixed.row(4).resends) == ("pending", 3)
    assert mixed.states(OTHERS) == list(EACH)


def test_waking_leaves_alone_what_may_have_arrived(mixed: Book) -> None:
    mixed.doing(ledger.resend, OURS, (State.HELD,), AFTER)
    assert mixed.doing(ledger.wake, OURS) == 1
    assert (mixed.row(1).due_at, mixed.row(4).due_at) == (None, AFTER)
    assert mixed.doing(ledger.wake, OURS) == 0
    assert mixed.row(1, OTHERS).due_at == AFTER


@pytest.mark.parametrize(
    ("policy", "resends", "number", "state"),
    [
        (Policy.HOLD, 0, 1, "held"),
        (Policy.SKIP, 0, 1, "skipped"),
        (Policy.RESEND, 0, 1, "pending"),
        (Policy.RESEND, 1, 1, "pending"),
        (Policy.RESEND, 2, 1, "held"),
    ],
)
def test_the_settings_decide_about_what_is_uncertain(
    mixed: Book, policy: Policy, resends: int, number: int, state: str
) -> None:
    mixed.put(3, resends=resends)
    assert mixed.doing(resolve, OURS, policy, NOW) == number
    assert mixed.states() == ["pending", "armed", state, "held", "sent"]
    row = mixed.row(3)
    assert row.due_at == (NOW + timedelta(minutes=15) if state == "pending" else None)
    assert row.reason == ("given up: nobody knows whether it arrived" if state == "skipped" else "")


@pytest.mark.parametrize(
    ("policy", "number", "states"),
    [
        (Policy.HOLD, 1, ["held", "held"]),
        (Policy.SKIP, 2, ["skipped", "skipped"]),
        (Policy.RESEND, 2, ["pending", "pending"]),
    ],
)
def test_a_person_decides_about_what_is_held_too(mixed: Book, policy: Policy, number: int, states: list[str]) -> None:
    assert mixed.doing(decide, OURS, policy, NOW) == number
    assert mixed.states() == ["pending", "armed", *states, "sent"]
    assert mixed.states(OTHERS) == list(EACH)
    if policy is Policy.SKIP:
        assert mixed.row(4).reason == "given up: nobody knows whether it arrived"


@pytest.mark.parametrize(("minutes", "rest"), [(20, 0), (15, 0), (14, 1), (0, 15)])
def test_a_copy_that_a_person_wants_leaves_a_quarter_of_an_hour_after_the_last(
    mixed: Book, minutes: int, rest: int
) -> None:
    for reader, number in ((2, OURS), (5, OURS), (3, OTHERS)):  # these are not asked about
        mixed.put(reader, number, armed_at=AFTER)
    mixed.put(4, armed_at=NOW - timedelta(minutes=minutes))
    mixed.doing(decide, OURS, Policy.RESEND, NOW)
    assert {mixed.row(reader).due_at for reader in (3, 4)} == {NOW + timedelta(minutes=rest)}


def test_what_never_left_and_is_held_may_leave_at_once(mixed: Book) -> None:
    for reader in (3, 4):
        mixed.put(reader, state="held", armed_at=None, armed_run=None)
    mixed.doing(decide, OURS, Policy.RESEND, NOW)
    assert {mixed.row(reader).due_at for reader in (3, 4)} == {NOW}


def test_statements_are_in_the_words_of_their_database() -> None:
    here, there = Statements.of("sqlite"), Statements.of("postgresql")
    assert here.arm.rstrip().endswith("subscription.status = 'confirmed')")
    assert there.arm == here.arm.replace("?", "%s").replace("'confirmed')", "'confirmed' FOR SHARE)")
    for name in set(Statements.__slots__) - {"arm"}:
        assert getattr(there, name) == getattr(here, name).replace("?", "%s")
        assert "?" in getattr(here, name)


def test_policies_are_named_as_in_the_settings() -> None:
    known = get_args(DeliverySettings.model_fields["uncertain"].annotation)
    assert sorted(policy.value for policy in Policy) == sorted(known)
