"""On SQLite, whoever writes or empties the log takes a turn, also between processes; whoever reads takes none."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from publisher.store import Store, StoreError, StoreLocked, sqlite
from publisher.store.turns import Turns

if TYPE_CHECKING:
    from tests.databases import Database


def taken(path: Path) -> bool:
    """Say whether somebody has the turn."""
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def turns_of(store: Store) -> Path:
    assert store.path is not None
    return store.path.with_suffix(".lock")


def expect_turns(store: Store) -> None:
    """Write in every way there is, and see that each statement of it stands in a turn."""
    lock, seen = turns_of(store), []
    event.listen(store._reading, "before_cursor_execute", lambda _c, _k, said, *_: seen.append((said, taken(lock))))
    event.listen(store._writing, "commit", lambda _: seen.append(("COMMIT", taken(lock))))
    with store.writing() as connection:
        store.set_meta(connection, "n", "1")
    store.run_alone("VACUUM")
    store.rewrite()
    with store.batch() as batch:
        assert batch.each("UPDATE meta SET value = ? WHERE name = ?", [("2", "n"), ("3", "n")]) == 2
        assert taken(lock)
    assert {said.split(" ", 1)[0] for said, _ in seen} >= {"BEGIN", "COMMIT", "VACUUM", "PRAGMA", "INSERT"}
    assert [said for said, held in seen if not held] == []
    assert not taken(lock)


def test_whatever_writes_takes_a_turn(sqlite_database: "Database") -> None:
    with sqlite_database.open() as store:
        expect_turns(store)
        with store.reading() as connection:
            assert store.meta(connection, "n") == "3"
            assert not taken(turns_of(store))


def test_writing_without_a_turn_is_noticed(sqlite_database: "Database", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcntl, "flock", _only_for_this_test(fcntl.flock))
    with sqlite_database.open() as store, pytest.raises(AssertionError):
        expect_turns(store)


def _only_for_this_test(real: object) -> object:
    """Give a lock that nobody else sees."""

    def flock(handle: int, how: int) -> None:
        if how & fcntl.LOCK_NB and "state.lock" in str(Path(f"/proc/self/fd/{handle}").readlink()):
            assert callable(real)
            real(handle, how)
            real(handle, fcntl.LOCK_UN)

    return flock


def test_a_turn_is_waited_for_and_then_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    one, other = Turns(tmp_path / "lock", "here"), Turns(tmp_path / "lock", "here")
    with one, one, pytest.raises(StoreLocked, match="here: another program is writing"), other:
        pass
    with other, pytest.raises(StoreLocked), one:
        pass
    one.close()
    other.close()


def test_a_killed_process_gives_its_turn_back(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from publisher.store.turns import Turns\n"
        "with Turns(Path(sys.argv[1]), ''): os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", script, tmp_path / "lock"], check=False).returncode == -9
    with closed(Turns(tmp_path / "lock", "here")) as turns, turns:
        assert taken(tmp_path / "lock")


@contextmanager
def closed(turns: Turns) -> Iterator[Turns]:
    yield turns
    turns.close()


def test_a_lock_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="lock: cannot be used"), Turns(tmp_path / "none" / "lock", "here"):
        pass


def _fail(store: Store) -> None:
    mark = "%s" if store.dialect == "postgresql" else "?"
    with store.batch() as batch:
        batch.each(f"INSERT INTO meta (name, value) VALUES ({mark}, {mark})", [("n", "1")])
        raise RuntimeError


def test_a_transaction_that_fails_is_taken_back(database: "Database") -> None:
    with database.open() as store:
        with pytest.raises(RuntimeError):
            _fail(store)
        with store.reading() as connection:
            assert store.meta(connection, "n") is None


def _write_where_nobody_may(store: Store) -> None:
    with store.batch() as batch:
        batch.rows("PRAGMA query_only = ON", ())
        batch.each("UPDATE meta SET value = ?", [("2",)])


def test_a_batch_that_the_database_refuses_is_told_in_words(sqlite_database: "Database") -> None:
    with sqlite_database.open() as store:
        with store.batch() as batch:
            assert batch.rows("SELECT 1", ()) == [(1,)]
        with pytest.raises(StoreError, match="cannot be written"):
            _write_where_nobody_may(store)
