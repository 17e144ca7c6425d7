"""How subscriptions come, change and go: by the stated rules, in both databases."""

import threading
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from publisher.audience import subscriptions
from publisher.audience.addresses import parse_address
from publisher.audience.status import Cadence, Status, may_become
from publisher.audience.subscriptions import (
    Subscription,
    SubscriptionRefused,
    by_id,
    change,
    confirm,
    each,
    find,
    prefer,
    stream,
    subscribe,
    unsubscribe,
)
from publisher.audience.suppression import ALL, suppress, suppressed
from publisher.errors import UsageError
from publisher.store import Store
from publisher.store.keys import Keys
from publisher.store.tables import subscription as table

if TYPE_CHECKING:
    from tests.databases import Database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
KEYS = Keys.new()
ANN = "ann@reader.example"


def _add(connection: Connection, address: str = ANN, newsletter: str = "weekly", **more: object) -> Subscription:
    return subscribe(connection, KEYS, newsletter, address, now=NOW, **more)  # type: ignore[arg-type]


def test_a_subscription_has_what_was_given(store: Store) -> None:
    with store.writing() as connection:
        made = _add(
            connection,
            "Ann@Reader.example",
            name="  Ann\u2028 Example ",
            language="pt-BR",
            cadence=Cadence.MONTHLY,
            tags=["dawn", " sea ", "dawn", ""],
            consent_at=NOW,
            consent_source="a form\r\nBcc: x",
        )
        assert made == find(connection, "weekly", "ANN@reader.example") == by_id(connection, made.id)
    assert made == Subscription(
        made.id,
        "weekly",
        "Ann@reader.example",
        "Ann Example",
        Status.CONFIRMED,
        "pt-BR",
        Cadence.MONTHLY,
        ("dawn", "sea"),
        NOW,
        "a form Bcc: x",
        NOW,
        NOW,
        "",
    )


def test_one_person_has_one_subscription_of_a_newsletter(store: Store) -> None:
    with store.writing() as connection:
        first = _add(connection)
        assert _add(connection, ANN.upper(), name="Somebody else") == first
        assert _add(connection, newsletter="monthly").id != first.id
        assert connection.scalar(select(func.count()).select_from(table)) == 2


def test_who_was_asked_and_agrees_becomes_confirmed(store: Store) -> None:
    with store.writing() as connection:
        pending = _add(connection, status=Status.PENDING)
        agreed = subscribe(connection, KEYS, "weekly", ANN, now=LATER, consent_at=LATER, consent_source="told us")
        assert (agreed.id, agreed.status) == (pending.id, Status.CONFIRMED)
        assert (agreed.consent_at, agreed.consent_source, agreed.changed_at) == (LATER, "told us", LATER)
        assert _add(connection, status=Status.PENDING) == agreed


@pytest.mark.parametrize("status", [Status.UNSUBSCRIBED, Status.BOUNCED, Status.COMPLAINED, Status.SUPPRESSED])
def test_who_is_gone_is_not_subscribed_by_others(store: Store, status: Status) -> None:
    with store.writing() as connection:
        person = _add(connection)
        assert change(connection, person.id, status, "550 5.1.1 no such user", LATER)
        with pytest.raises(SubscriptionRefused, match=f"2026-11-23 it became {status.value}") as caught:
            _add(connection)
        assert "550 5.1.1" in str(caught.value)
        assert find(connection, "weekly", ANN) == by_id(connection, person.id)


@pytest.mark.parametrize(
    ("status", "comes_back"),
    [(Status.UNSUBSCRIBED, True), (Status.BOUNCED, True), (Status.COMPLAINED, False), (Status.SUPPRESSED, False)],
)
def test_who_asked_comes_back_unless_they_complained(store: Store, status: Status, comes_back: bool) -> None:
    with store.writing() as connection:
        person = _add(connection)
        change(connection, person.id, status, "", LATER)
        if comes_back:
            assert _add(connection, again=True).status is Status.CONFIRMED
            return
        with pytest.raises(SubscriptionRefused, match="comes back by signing up and confirming alone"):
            _add(connection, again=True)


def test_a_suppressed_address_is_not_subscribed_again_even_after_removal(store: Store) -> None:
    with store.writing() as connection:
        suppress(connection, KEYS, parse_address(ANN).key, ALL, "asked by letter", NOW)
        for newsletter, again in product(("weekly", "monthly"), (False, True)):
            with pytest.raises(SubscriptionRefused, match=r"gets nothing more \(asked by letter\)"):
                _add(connection, ANN.upper(), newsletter, again=again)
        assert _add(connection, "bob@reader.example").status is Status.CONFIRMED


def test_suppressing_ends_subscriptions_but_a_complaint_stays_one(store: Store) -> None:
    key = parse_address(ANN).key
    with store.writing() as connection:
        weekly, monthly = _add(connection).id, _add(connection, newsletter="monthly").id
        change(connection, monthly, Status.COMPLAINED, "junk", NOW)
        suppress(connection, KEYS, key, ALL, "first", NOW)
        suppress(connection, KEYS, key, ALL, "second", LATER)
        assert [by_id(connection, i).status for i in (weekly, monthly)] == [Status.SUPPRESSED, Status.COMPLAINED]  # type: ignore[union-attr]
        assert suppressed(connection, KEYS, key, "weekly") == "first"


def test_suppressing_for_one_newsletter_leaves_the_others(store: Store) -> None:
    key = parse_address(ANN).key
    with store.writing() as connection:
        weekly, monthly = _add(connection).id, _add(connection, newsletter="monthly").id
        suppress(connection, KEYS, key, "weekly", "wrong person", NOW)
        assert [by_id(connection, i).status for i in (weekly, monthly)] == [Status.SUPPRESSED, Status.CONFIRMED]  # type: ignore[union-attr]
        assert suppressed(connection, KEYS, key, "monthly") is None


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.CONFIRMED])
def test_a_persons_own_confirmed_wish_undoes_everything(store: Store, status: Status) -> None:
    with store.writing() as connection:
        person = _add(connection, status=Status.PENDING)
        change(connection, person.id, status, "some reason", NOW)
        suppress(connection, KEYS, parse_address(ANN).key, "weekly", "complained", NOW)
        assert confirm(connection, KEYS, person.id, LATER, "the link in the mail")
        back = by_id(connection, person.id)
        assert back is not None
        assert (back.status, back.reason, back.consent_at) == (Status.CONFIRMED, "", LATER)
        assert back.consent_source == "the link in the mail"
        assert suppressed(connection, KEYS, parse_address(ANN).key, "weekly") is None


def test_confirming_twice_or_nobody_changes_nothing(store: Store) -> None:
    with store.writing() as connection:
        person = _add(connection)
        assert not confirm(connection, KEYS, person.id, LATER, "link")
        assert not confirm(connection, KEYS, person.id + 1, LATER, "link")
        assert by_id(connection, person.id) == person


@pytest.mark.parametrize(("old", "new"), list(product(Status, Status)))
def test_a_change_follows_the_table(store: Store, old: Status, new: Status) -> None:
    with store.writing() as connection:
        person = _add(connection, status=Status.PENDING)
        if old is not Status.PENDING:
            assert change(connection, person.id, old, "before", NOW)
        assert change(connection, person.id, new, "after", LATER) is may_become(old, new)
        there = by_id(connection, person.id)
        assert there is not None
        assert there.status is (new if may_become(old, new) else old)


@given(st.lists(st.tuples(st.sampled_from(Status), st.booleans()), max_size=12))
def test_without_a_wish_of_their_own_who_left_never_comes_back(steps: list[tuple[Status, bool]]) -> None:
    status, gone = Status.CONFIRMED, False
    for new, own_wish in steps:
        if may_become(status, new, own_wish=own_wish):
            status, gone = new, new not in (Status.PENDING, Status.CONFIRMED)
            assert not (gone and new is Status.CONFIRMED)
        assert own_wish or not gone or status not in (Status.PENDING, Status.CONFIRMED)


def test_leaving_twice_changes_nothing(store: Store) -> None:
    with store.writing() as connection:
        person = _add(connection)
        assert unsubscribe(connection, person.id, NOW, "by the link")
        assert not unsubscribe(connection, person.id, LATER, "by mail")
        gone = by_id(connection, person.id)
        assert gone is not None
        assert (gone.status, gone.reason, gone.changed_at) == (Status.UNSUBSCRIBED, "by the link", NOW)
        assert not unsubscribe(connection, person.id + 1, NOW, "nobody")


def test_preferences_change_each_where_given(store: Store) -> None:
    with store.writing() as connection:
        person = _add(connection, name="Ann", tags=["sea"])
        assert prefer(connection, person.id, cadence=Cadence.WEEKLY, language="de")
        assert prefer(connection, person.id)
        there = by_id(connection, person.id)
        assert there is not None
        assert (there.name, there.tags, there.cadence, there.language) == ("Ann", ("sea",), Cadence.WEEKLY, "de")
        assert prefer(connection, person.id, tags=[], name="", language="")
        assert not prefer(connection, person.id + 1, name="x")
        assert not prefer(connection, person.id + 1)
        with pytest.raises(UsageError, match="Klingon! is no language"):
            prefer(connection, person.id, language="Klingon!")


def test_names_and_tags_are_no_longer_than_mails_bear_and_turn_no_text(store: Store) -> None:
    with store.writing() as connection:
        person = _add(connection, name="A\u202enn" + "n" * 16_000, tags=["\u2066sea\u2069", "x" * 5000, "\u202e"])
        assert (person.name, person.tags) == ("Ann" + "n" * 197, ("sea", "x" * 64))
        assert prefer(connection, person.id, name="אן \u200fX" + " " * 300, tags=[f"tag {one}" for one in range(51)])
        there = by_id(connection, person.id)
        assert there is not None
        assert (there.name, len(there.tags), there.tags[-1]) == ("אן \u200fX", 50, "tag 49")


def _ids(store: Store, **wanted: object) -> list[str]:
    streamed = [one.address for one in stream(store, **wanted)]  # type: ignore[arg-type]
    with store.reading() as connection:
        assert streamed == [one.address for one in each(connection, **wanted)]  # type: ignore[arg-type]
    return streamed


def test_filters_choose_and_pages_lose_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "PAGE", 3)
    with store.writing() as connection:
        for number in range(10):
            domain = "bücher.example" if number % 2 else "Reader.example"
            _add(connection, f"r{number}@{domain}", tags=["Sea"] if number in (1, 8) else [])
        _add(connection, "r@x.reader.example", "monthly", status=Status.PENDING)
        _add(connection, "r@otherreader.example", "monthly")
    assert len(_ids(store)) == 12
    assert _ids(store, tag="sea") == ["r1@xn--bcher-kva.example", "r8@reader.example"]
    assert len(_ids(store, domain="BÜCHER.example")) == 5
    assert _ids(store, domain="reader.example", newsletter="monthly") == ["r@x.reader.example"]
    assert _ids(store, status=Status.PENDING) == ["r@x.reader.example"]
    assert _ids(store, domain="rea_er.example") == []
    assert _ids(store, newsletter="daily") == []


def test_no_page_sorts_all_that_are_left(sqlite_database: "Database") -> None:
    """An index of newsletters would have each page do so: a million took three times as long."""

    def plan(connection: Connection) -> list[str]:
        said = subscriptions._selected("weekly", None, None).compile(connection)
        values = {**said.params, "after": 7, "limit": 1000}
        bound = tuple(values[name] for name in said.positiontup or ())
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", bound)]

    with sqlite_database.open() as store, store.writing() as connection:
        assert plan(connection) == ["SEARCH subscription USING INTEGER PRIMARY KEY (rowid>?)"]
        connection.exec_driver_sql("CREATE INDEX planted ON subscription (newsletter, address_key)")
        assert any("ORDER BY" in step for step in plan(connection))


def test_whoever_streams_keeps_nobody_waiting(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "PAGE", 2)
    with store.writing() as connection:
        people = [_add(connection, f"r{number}@reader.example") for number in range(6)]
    seen = []
    for one in stream(store):
        seen.append(one.id)
        with store.writing() as connection:
            unsubscribe(connection, one.id, LATER, "meanwhile")
    assert seen == [person.id for person in people]


def test_two_that_add_the_same_person_at_once_agree(database: "Database") -> None:
    database.open().close()
    found: list[int] = []

    def add() -> None:
        with database.open() as store, store.writing() as connection:
            found.append(_add(connection).id)

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
