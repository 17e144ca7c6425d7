"""Who is erased is gone from every byte, and stays away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.engine import Connection

from publisher.audience import erasing
from publisher.audience.addresses import parse_address
from publisher.audience.erasing import erase, known, remove
from publisher.audience.subscriptions import SubscriptionRefused, find, subscribe
from publisher.store import Store, StoreLocked, sqlite
from publisher.store.keys import Keys
from publisher.store.tables import delivery, issue, metadata, report
from publisher.store.upgrade import back_up

if TYPE_CHECKING:
    from tests.databases import Database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = Keys.new()
SECRET = "Zebedee.Quux"
PERSON = f"{SECRET}@reader.example"
NAME = "Xanthippe Qwertz"
STATES = ("pending", "armed", "uncertain", "held", "sent", "failed", "skipped")


def _fill(store: Store) -> None:
    """Write down a person in every place, among two hundred others, and let the pages be shuffled."""
    with store.writing() as connection:
        people = [f"reader{number}@reader.example" for number in range(200)]
        for address in (*people[:100], PERSON, *people[100:]):
            subscribe(connection, KEYS, "weekly", address, now=NOW, name=NAME if address == PERSON else "Reader")
        subscribe(connection, KEYS, "monthly", PERSON.lower(), now=NOW, name=NAME)
        person = find(connection, "weekly", PERSON)
        assert person is not None
        for number, state in enumerate(STATES, 1):
            row = {"newsletter": "weekly", "key": str(number), "number": number, "manifest": "{}", "digest": "d"}
            row |= {"bundle": "b", "state": "sending", "terms": {}, "candidates": 1, "excluded": {}}
            connection.execute(insert(issue).values(id=number, **row, frozen_at=NOW, expires_at=NOW))
            sent = {"issue_id": number, "state": state, "reply": f"550 5.1.1 <{PERSON.lower()}> unknown"}
            connection.execute(
                insert(delivery).values(
                    subscription_id=person.id, address=PERSON.upper()[:12] + PERSON[12:], name=NAME, **sent
                )
            )
            connection.execute(
                insert(delivery).values(
                    subscription_id=1, address=people[0], issue_id=number, state=state, reply="250 ok"
                )
            )
        about = {"at": NOW, "kind": "hard", "subscription_id": person.id}
        connection.execute(insert(report).values(digest="1", detail=f"no {SECRET}", **about))
        connection.execute(insert(report).values(digest="2", detail=f"to {PERSON}", at=NOW, kind="unknown"))
        connection.execute(insert(report).values(digest="3", detail="stays", at=NOW, kind="unknown"))
    with store.writing() as connection:
        connection.execute(text("UPDATE subscription SET name = name || ' moved' WHERE id % 2 = 0"))


def _forms() -> Iterator[bytes]:
    for word in (SECRET, NAME):
        for form in (word, word.lower(), word.upper(), word[:12].upper() + word[12:]):
            for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
                yield form.encode(encoding)


def hits(folder: Path) -> list[str]:
    """Return the files below a folder with the person's address or name, in several encodings."""
    forms = list(_forms())
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path.name for path in files if any(form in path.read_bytes() for form in forms)]


def _dump(store: Store) -> str:
    with store.reading() as connection:
        return repr([connection.execute(select(table)).all() for table in metadata.sorted_tables])


def test_no_byte_of_the_person_is_left_in_the_state_folder(sqlite_database: "Database") -> None:
    folder = sqlite_database.folder
    with sqlite_database.open() as store:
        _fill(store)
        assert set(hits(folder)) & {"state.db", "state.db-wal"}
        erase(store, KEYS, parse_address(PERSON), NOW)
        assert hits(folder) == []
    assert hits(folder) == []
    with sqlite_database.open() as store:
        assert "reader7@reader.example" in _dump(store)


def _places(store: Store, schema: str) -> Iterator[str]:
    """Yield the tables and indexes of a schema in whose files on the server's disk the person is."""
    with store.session() as connection:
        connection.exec_driver_sql("CHECKPOINT")
        folder = Path(connection.exec_driver_sql("SHOW data_directory").scalar_one())
        named = connection.exec_driver_sql(
            "SELECT relname, pg_relation_filepath(oid) FROM pg_class WHERE relnamespace = %s::regnamespace "
            "AND relkind IN ('r', 'i')",
            (schema,),
        ).all()
    for name, path in named:
        data = (folder / path).read_bytes().lower()
        if SECRET.lower().encode() in data or NAME.lower().encode() in data:
            yield name


def test_no_byte_of_the_person_is_left_in_the_tables_of_a_server(
    postgresql_database: "Database", monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgresql_database.open() as store:
        _fill(store)
        with store.session() as connection:
            schema = str(connection.exec_driver_sql("SELECT current_schema()").scalar())
        with monkeypatch.context() as patch:
            patch.setattr(erasing, "_rewrite_tables", lambda _: None)
            erase(store, KEYS, parse_address(PERSON), NOW)
        assert {"subscription", "delivery", "report"} <= set(_places(store, schema))  # as it would be without
        erase(store, KEYS, parse_address(PERSON), NOW)
        assert list(_places(store, schema)) == []


def test_a_table_that_somebody_keeps_is_told(postgresql_database: "Database", monkeypatch: pytest.MonkeyPatch) -> None:
    with postgresql_database.open() as store, postgresql_database.open() as other, other.writing() as busy:
        busy.execute(text("LOCK TABLE report IN ROW EXCLUSIVE MODE"))
        begin = store.session

        @contextmanager
        def impatient() -> Iterator[Connection]:
            with begin() as connection:
                connection.exec_driver_sql("SET lock_timeout = '50ms'")
                yield connection

        monkeypatch.setattr(store, "session", impatient)
        with pytest.raises(StoreLocked, match="is erased from all tables, but another command keeps"):
            erase(store, KEYS, parse_address(PERSON), NOW)
        with store.session() as connection:
            connection.exec_driver_sql("SET lock_timeout = '10s'")


def test_nothing_of_the_person_is_left_in_the_tables(store: Store) -> None:
    _fill(store)
    erase(store, KEYS, parse_address(PERSON.upper()), NOW)
    dump = _dump(store).lower()
    assert SECRET.lower() not in dump
    assert NAME.lower() not in dump
    assert KEYS.address_hash(PERSON.lower()) in dump
    assert "stays" in dump


def test_the_ledger_keeps_its_lines_and_sends_no_more(store: Store) -> None:
    _fill(store)
    done = erase(store, KEYS, parse_address(PERSON), NOW)
    assert (done.subscriptions, done.deliveries) == (2, 7)
    wanted = select(delivery.c.state, delivery.c.address, delivery.c.name, delivery.c.reply, delivery.c.reason)
    with store.reading() as connection:
        rows = connection.execute(wanted.where(delivery.c.subscription_id != 1).order_by(delivery.c.issue_id)).all()
        others = connection.execute(wanted.where(delivery.c.subscription_id == 1)).all()
    digest = KEYS.address_hash(PERSON.lower())
    assert [row.state for row in rows] == ["skipped", "armed", "skipped", "skipped", "sent", "failed", "skipped"]
    assert {(row.address, row.name, row.reply) for row in rows} == {(digest, "", "")}
    assert rows[0].reason == "erased"
    assert {(row.address, row.reply) for row in others} == {("reader0@reader.example", "250 ok")}


def test_who_was_removed_first_is_erased_from_the_ledger_all_the_same(sqlite_database: "Database") -> None:
    with sqlite_database.open() as store:
        _fill(store)
        with store.writing() as connection:
            assert remove(connection, parse_address(PERSON), None) == 2
        assert hits(sqlite_database.folder) != []
        with store.reading() as connection:
            assert known(connection, parse_address(PERSON)).deliveries == 7
        assert erase(store, KEYS, parse_address(PERSON), NOW).deliveries == 7
        with store.writing() as connection:
            connection.execute(text("DELETE FROM report WHERE subscription_id IS NOT NULL"))
        store.rewrite()
        assert hits(sqlite_database.folder) == []


def test_who_was_erased_does_not_come_back_by_any_import(store: Store) -> None:
    _fill(store)
    erase(store, KEYS, parse_address(PERSON), NOW)
    with store.writing() as connection:
        for newsletter in ("weekly", "monthly", "new"):
            with pytest.raises(SubscriptionRefused, match=r"gets nothing more \(erased\)"):
                subscribe(connection, KEYS, newsletter, PERSON.upper(), now=NOW, again=True)
        assert find(connection, "weekly", PERSON) is None


def test_who_was_removed_may_come_back(store: Store) -> None:
    _fill(store)
    with store.writing() as connection:
        assert remove(connection, parse_address(PERSON), "weekly") == 1
        assert find(connection, "weekly", PERSON) is None
        assert find(connection, "monthly", PERSON) is not None
        assert subscribe(connection, KEYS, "weekly", PERSON, now=NOW).address == PERSON


def test_erasing_twice_or_somebody_unknown_is_no_mistake(store: Store) -> None:
    _fill(store)
    erase(store, KEYS, parse_address(PERSON), NOW)
    assert erase(store, KEYS, parse_address(PERSON), NOW).subscriptions == 0
    assert erase(store, KEYS, parse_address("nobody@reader.example"), NOW).deliveries == 0


def test_backups_that_upgrades_left_go_too(sqlite_database: "Database") -> None:
    with sqlite_database.open() as store:
        _fill(store)
        assert store.path is not None
        backup = store.path.with_name("state-before-0002.db")
        back_up(store, backup)
        assert "state-before-0002.db" in hits(sqlite_database.folder)
        assert erase(store, KEYS, parse_address(PERSON), NOW).backups == (backup,)
        assert hits(sqlite_database.folder) == []


def test_a_file_that_is_busy_is_told_and_the_next_try_completes_it(
    sqlite_database: "Database", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    with sqlite_database.open() as store, sqlite_database.open() as other:
        _fill(store)
        real = store.rewrite

        def busy() -> None:
            with other.writing():
                real()

        monkeypatch.setattr(store, "rewrite", busy)
        with pytest.raises(StoreLocked, match="is erased from all tables, but another command"):
            erase(store, KEYS, parse_address(PERSON), NOW)
        monkeypatch.setattr(store, "rewrite", real)
        erase(store, KEYS, parse_address(PERSON), NOW)
        assert hits(sqlite_database.folder) == []


def test_a_log_that_somebody_still_reads_is_noticed(
    sqlite_database: "Database", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    with sqlite_database.open() as store, sqlite_database.open() as other:
        _fill(store)
        with other.reading() as connection:
            assert other.meta(connection, "n") is None
            with pytest.raises(StoreLocked, match="is erased from all tables, but another command"):
                erase(store, KEYS, parse_address(PERSON), NOW)
        erase(store, KEYS, parse_address(PERSON), NOW)
        assert hits(sqlite_database.folder) == []


def test_others_that_have_the_file_open_go_on_writing_safely(sqlite_database: "Database") -> None:
    with sqlite_database.open() as store, sqlite_database.open() as other:
        _fill(store)
        with other.writing() as connection:
            other.set_meta(connection, "n", "1")
        erase(store, KEYS, parse_address(PERSON), NOW)
        with other.writing() as connection:
            other.set_meta(connection, "n", "2")
        assert hits(sqlite_database.folder) == []
        store.expect_sound()
        with store.reading() as connection:
            assert store.meta(connection, "n") == "2"


@pytest.mark.parametrize("forgotten", ["_forget_deliveries", "_forget_reports", "_purge"])
def test_a_step_left_out_is_noticed(
    sqlite_database: "Database", monkeypatch: pytest.MonkeyPatch, forgotten: str
) -> None:
    monkeypatch.setattr(sqlite, "_SETTINGS", (*sqlite._SETTINGS, "PRAGMA secure_delete = OFF"))
    monkeypatch.setattr(erasing, forgotten, lambda *_: ())
    monkeypatch.setattr(erasing, "Erased", lambda *_: None)
    with sqlite_database.open() as store:
        _fill(store)
        erase(store, KEYS, parse_address(PERSON), NOW)
        assert hits(sqlite_database.folder) != []
