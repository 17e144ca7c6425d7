"""What is written is there, what failed is not, and the database itself keeps what is settled."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, insert, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from publisher.store import Store, StoreError, StoreLocked, open_store, sqlite
from publisher.store.tables import delivery, issue, meta, report

if TYPE_CHECKING:
    from tests.databases import Database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _freeze(store: Store, state: str = "pending") -> None:
    with store.writing() as connection:
        connection.execute(
            insert(issue).values(
                id=1,
                newsletter="weekly",
                key="2026-W47",
                number=1,
                manifest="{}",
                digest="d",
                bundle="b",
                state="sending",
                terms={},
                candidates=1,
                excluded={},
                frozen_at=NOW,
                expires_at=NOW,
            )
        )
        connection.execute(insert(delivery).values(issue_id=1, subscription_id=7, address="ann@r.example", state=state))


def test_what_a_block_wrote_is_there_when_it_ends(store: Store) -> None:
    with store.writing() as connection:
        assert store.meta(connection, "epoch") is None
        store.set_meta(connection, "epoch", "1")
        store.set_meta(connection, "epoch", "2")
    with store.reading() as connection:
        assert store.meta(connection, "epoch") == "2"


def test_a_block_that_fails_writes_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(store)
    with store.reading() as connection:
        assert store.meta(connection, "epoch") is None


def _write_and_fail(store: Store) -> None:
    with store.writing() as connection:
        store.set_meta(connection, "epoch", "1")
        raise ZeroDivisionError


def test_a_reader_sees_one_moment(postgresql_database: "Database") -> None:
    """On SQLite, writers wait for it."""
    with postgresql_database.open() as store, store.reading() as reader:
        assert store.meta(reader, "epoch") is None
        with store.writing() as writer:
            store.set_meta(writer, "epoch", "1")
        assert store.meta(reader, "epoch") is None


def test_a_reader_cannot_write_to_a_server(postgresql_database: "Database") -> None:
    with postgresql_database.open() as store, pytest.raises(StoreError, match="read-only"):
        _write_while_reading(store)


def _write_while_reading(store: Store) -> None:
    with store.reading() as connection:
        store.set_meta(connection, "epoch", "1")


@pytest.mark.parametrize("state", ["sent", "failed", "skipped"])
def test_a_settled_delivery_stays_settled_whoever_writes(store: Store, state: str) -> None:
    _freeze(store, state)
    for statement in (
        "UPDATE delivery SET state = 'pending'",
        f"UPDATE delivery SET state = '{state}'",
        "UPDATE delivery SET subscription_id = 8",
        "DELETE FROM delivery",
    ):
        with pytest.raises(IntegrityError, match="a delivery that is settled stays"), store.writing() as connection:
            connection.execute(text(statement))


def test_the_address_of_a_settled_delivery_may_be_replaced(store: Store) -> None:
    _freeze(store, "sent")
    with store.writing() as connection:
        connection.execute(text("UPDATE delivery SET address = 'hash', name = '', reply = ''"))
    with store.reading() as connection:
        assert connection.execute(select(delivery.c.address, delivery.c.state)).all() == [("hash", "sent")]


@pytest.mark.parametrize("state", ["pending", "armed", "uncertain", "held"])
def test_an_open_delivery_may_change(store: Store, state: str) -> None:
    _freeze(store, state)
    with store.writing() as connection:
        assert connection.execute(update(delivery).values(state="sent")).rowcount == 1


def test_without_its_trigger_a_settled_delivery_would_change(store: Store) -> None:
    _freeze(store, "sent")
    drop = "DROP TRIGGER delivery_settled" + (" ON delivery" if store.dialect == "postgresql" else "")
    with store.writing() as connection:
        connection.execute(text(drop))
        assert connection.execute(update(delivery).values(state="pending")).rowcount == 1


def test_unknown_states_and_issues_are_refused(store: Store) -> None:
    _freeze(store)
    for wrong in ({"state": "lost"}, {"issue_id": 99}):
        with pytest.raises(IntegrityError), store.writing() as connection:
            connection.execute(update(delivery).values(**wrong))


def test_times_come_back_as_they_were_in_utc(store: Store) -> None:
    moment = datetime(2026, 11, 22, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    with store.writing() as connection:
        connection.execute(insert(report).values(digest="d", at=moment, kind="hard"))
        assert connection.scalar(select(report.c.at)) == moment
        assert connection.scalar(text("SELECT at FROM report")) == "2026-11-22T06:45:15.123456Z"


def test_a_time_without_zone_is_a_mistake_of_the_program(store: Store) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(StatementError, match="has no time zone"), store.writing() as connection:
        connection.execute(insert(report).values(digest="d", at=naive, kind="hard"))


def test_an_error_shows_no_values(store: Store) -> None:
    with pytest.raises(IntegrityError) as caught, store.writing() as connection:
        connection.execute(insert(meta), [{"name": "ann@r.example", "value": "secret"}] * 2)
    assert "secret" not in str(caught.value).replace("DETAIL:  Key (name)=(ann@r.example)", "")


def test_two_writers_take_turns(database: "Database") -> None:
    def count_up() -> None:
        with database.open() as store:
            for _ in range(20):
                with store.writing() as connection:
                    if store.dialect == "postgresql":
                        connection.execute(text("LOCK TABLE meta"))
                    store.set_meta(connection, "n", str(int(store.meta(connection, "n") or 0) + 1))

    database.open().close()
    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.open() as store, store.reading() as connection:
        assert store.meta(connection, "n") == "80"


def test_who_waits_too_long_is_told(sqlite_database: "Database", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.1)
    with sqlite_database.open() as first, sqlite_database.open() as second, first.writing():
        with (
            pytest.raises(StoreLocked, match=r"state\.db: another program is writing there") as caught,
            second.writing(),
        ):
            pass
        assert "\n" not in str(caught.value)


def test_who_writes_says_so_at_the_beginning(sqlite_database: "Database", monkeypatch: pytest.MonkeyPatch) -> None:
    """A deferred transaction would be refused at its first statement that writes, in spite of all patience."""
    statements: list[str] = []
    with sqlite_database.open() as store:
        event.listen(
            store._writing, "before_cursor_execute", lambda _c, _k, statement, *_: statements.append(statement)
        )
        with store.writing():
            pass
        with store.reading():
            pass
    assert statements == ["BEGIN IMMEDIATE"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("secure_delete", 1),
        ("mmap_size", None),
        ("busy_timeout", 10_000),
    ],
)
def test_sqlite_is_set_up_for_commits_that_last(sqlite_database: "Database", name: str, value: object) -> None:
    with sqlite_database.open() as store, store.writing() as connection:
        assert (connection.exec_driver_sql(f"PRAGMA {name}").scalar() or None) == (value or None)


def test_a_server_is_set_up_for_commits_that_last(postgresql_database: "Database") -> None:
    with postgresql_database.open() as store, store.reading() as connection:
        assert connection.scalar(text("SHOW synchronous_commit")) == "on"
        assert connection.scalar(text("SHOW lock_timeout")) == "10s"


_KILLED = """
import os, signal, sys
from pathlib import Path
from publisher.store import open_store
with open_store("sqlite:///.publisher/state.db", Path(sys.argv[1])) as store:
    with store.writing() as connection:
        store.set_meta(connection, "n", "whole")
    with store.writing() as connection:
        store.set_meta(connection, "n", "half")
        connection.exec_driver_sql("PRAGMA cache_spill = 1")
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_writer_leaves_what_was_committed(sqlite_database: "Database") -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED, sqlite_database.folder], check=False)
    assert done.returncode == -9
    with sqlite_database.open() as store, store.reading() as connection:
        assert store.meta(connection, "n") == "whole"


def test_every_commit_is_synced(sqlite_database: "Database", needs_program: Callable[[str], str]) -> None:
    """As the system sees it: between two commits there is at least one sync of the file."""
    strace = needs_program("strace")
    script = (
        "import os, sys; from pathlib import Path; from publisher.store import open_store\n"
        "with open_store('sqlite:///.publisher/state.db', Path(sys.argv[1])) as store:\n"
        "    for n in range(3):\n"
        "        with store.writing() as c: store.set_meta(c, 'n', str(n))\n"
        "        os.write(1, b'committed')\n"
    )
    sqlite_database.open().close()
    run = [strace, "-f", "-e", "trace=fdatasync,fsync,write", sys.executable, "-c", script, str(sqlite_database.folder)]
    traced = subprocess.run(run, capture_output=True, text=True, encoding="utf-8", check=False).stderr
    between = re.split(r'write\(1, "committed', traced)[:-1]
    assert len(between) == 3
    assert all(re.search(r"f(data)?sync\(\d+\) *= 0", part) for part in between)


def test_a_store_is_told_by_its_place(store: Store) -> None:
    assert repr(store).startswith("<Store ")


def test_the_database_is_the_owners_alone(sqlite_database: "Database") -> None:
    old = os.umask(0o000)
    try:
        with sqlite_database.open() as store:
            assert store.path is not None
            _freeze(store)
            for path in (store.path, store.path.with_name("state.db-wal"), store.path.with_name("state.lock")):
                assert path.stat().st_mode & 0o777 == 0o600
            assert store.path.parent.stat().st_mode & 0o777 == 0o700
    finally:
        os.umask(old)


def test_what_others_may_read_becomes_the_owners_alone(sqlite_database: "Database") -> None:
    sqlite_database.open().close()
    folder = sqlite_database.folder / ".publisher"
    (folder / "state.db").chmod(0o644)
    folder.chmod(0o755)
    sqlite_database.open().close()
    assert (folder / "state.db").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_no_password_is_told(postgresql_database: "Database", tmp_path: Path) -> None:
    with open_store(postgresql_database.url, tmp_path, password="s3cret") as store:
        assert "s3cret" not in repr(store) + store.place + repr(store.__dict__)


def test_an_sqlite3_shell_reads_it(sqlite_database: "Database") -> None:
    """The file is plain: whoever leaves this program takes their data along."""
    with sqlite_database.open() as store:
        _freeze(store)
    with sqlite3.connect(sqlite_database.folder / ".publisher" / "state.db") as base:
        assert base.execute("SELECT address FROM delivery").fetchone() == ("ann@r.example",)
    base.close()
