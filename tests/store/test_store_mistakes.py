"""Whatever is wrong with the database: one clear sentence, which names the place and what to do."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from publisher.errors import SurroundingsError
from publisher.store import Store, StoreDamaged, StoreError, StoreMissing, open_store
from publisher.store.errors import told

if TYPE_CHECKING:
    from tests.databases import Database


def expect_sentence(error: pytest.ExceptionInfo[StoreError], place: str, status: int = 4) -> None:
    """Demand one line that names the place, and the exit status: 4 where surroundings failed."""
    words = str(error.value)
    assert place in words
    assert "\n" not in words
    assert "Traceback" not in words
    assert "sqlalche.me" not in words
    assert isinstance(error.value, SurroundingsError)
    assert error.value.exit_status == status


def _file(database: "Database") -> Path:
    with database.open() as store:
        assert store.path is not None
        return store.path


def _expect_refused(database: "Database", words: str, kind: type[StoreError] = StoreError) -> None:
    with pytest.raises(kind, match=words) as caught, database.open():
        pass
    expect_sentence(caught, ".publisher")


def test_what_is_no_database(sqlite_database: "Database") -> None:
    _file(sqlite_database).write_bytes(b"Dear diary, " * 1000)
    _expect_refused(sqlite_database, "is no database of publisher", StoreDamaged)


def test_a_database_of_another_program(sqlite_database: "Database") -> None:
    import sqlite3

    path = _file(sqlite_database)
    path.unlink()
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE songs (name TEXT)")
    base.close()
    _expect_refused(sqlite_database, "holds tables of another program", StoreDamaged)


def test_a_damaged_page_is_found_when_asked(sqlite_database: "Database") -> None:
    path = _file(sqlite_database)
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 5)
    with pytest.raises(StoreDamaged, match="is damaged") as caught, sqlite_database.open() as store:
        store.expect_sound()
    expect_sentence(caught, "state.db")


def test_a_sound_database_is_found_sound(store: Store) -> None:
    store.expect_sound()
    with store.reading() as connection:
        assert store.meta(connection, "epoch") is None


def test_a_shortened_file(sqlite_database: "Database") -> None:
    path = _file(sqlite_database)
    path.write_bytes(path.read_bytes()[:5000])
    _expect_refused(sqlite_database, "is damaged", StoreDamaged)


def test_an_empty_file_is_a_new_database(sqlite_database: "Database") -> None:
    _file(sqlite_database).write_bytes(b"")
    with sqlite_database.open() as store, store.reading() as connection:
        assert store.meta(connection, "epoch") is None


def _link_folder(folder: Path) -> None:
    (folder / ".publisher").rename(folder / "elsewhere")
    (folder / ".publisher").symlink_to("elsewhere")


def _link_file(folder: Path) -> None:
    (folder / ".publisher" / "state.db").rename(folder / "elsewhere.db")
    (folder / ".publisher" / "state.db").symlink_to(folder / "elsewhere.db")


def _open_folder(folder: Path) -> None:
    (folder / ".publisher").chmod(0o777)


def _folder_instead(folder: Path) -> None:
    (folder / ".publisher" / "state.db").unlink()
    (folder / ".publisher" / "state.db").mkdir()


def _file_instead(folder: Path) -> None:
    (folder / ".publisher").rename(folder / "elsewhere")
    (folder / ".publisher").write_text("", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_link_folder, "is a link; move the folder itself here"),
        (_link_file, "is no ordinary file"),
        (_open_folder, "others may write there; make it yours alone with: chmod 700"),
        (_folder_instead, "is no ordinary file"),
        (_file_instead, "cannot be used: File exists"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_place_that_is_not_the_owners_alone(
    sqlite_database: "Database", spoil: Callable[[Path], None], words: str
) -> None:
    _file(sqlite_database)
    spoil(sqlite_database.folder)
    _expect_refused(sqlite_database, words)


def test_a_place_of_another_account(sqlite_database: "Database", monkeypatch: pytest.MonkeyPatch) -> None:
    path = _file(sqlite_database)
    monkeypatch.setattr("os.geteuid", lambda: path.stat().st_uid + 1)
    _expect_refused(sqlite_database, "belongs to another account")


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no such folder; make it"):
        open_store("sqlite:///data/state.db", tmp_path)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///a.db?mode=ro"])
def test_an_address_that_names_no_file(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="names no file"):
        open_store(url, tmp_path)


def test_a_database_elsewhere_keeps_its_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    with open_store(f"sqlite:///{data}/letters.db", tmp_path) as store:
        assert store.path == data / "letters.db"
    assert data.stat().st_mode & 0o777 == 0o755


def test_missing_and_not_to_be_made(tmp_path: Path) -> None:
    (tmp_path / ".publisher").mkdir(mode=0o700)
    with pytest.raises(StoreMissing, match="publisher subscribers add ADDRESS") as caught:
        open_store("sqlite:///.publisher/state.db", tmp_path, create=False)
    expect_sentence(caught, "state.db", status=2)


_FULL = """
import resource, signal, sys
from pathlib import Path
from publisher.store import StoreError, open_store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open_store("sqlite:///.publisher/state.db", Path(sys.argv[1])) as store:
    with store.writing() as connection:
        store.set_meta(connection, "n", "before")
    size = store.path.stat().st_size
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        with store.writing() as connection:
            store.set_meta(connection, "n", "x" * 500_000)
    except StoreError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
"""


def test_a_disk_without_room_loses_nothing(sqlite_database: "Database") -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FULL, sqlite_database.folder],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "the disk " in done.stdout
    assert "make room" in done.stdout
    with sqlite_database.open() as store, store.reading() as connection:
        assert store.meta(connection, "n") == "before"


def test_a_file_that_cannot_be_written(sqlite_database: "Database") -> None:
    with sqlite_database.open() as store:
        with store.reading() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
            connection.exec_driver_sql("COMMIT")
            with pytest.raises(DBAPIError) as caught:
                connection.exec_driver_sql("DELETE FROM meta")
            connection.exec_driver_sql("BEGIN")
        error = told(caught.value, "state.db")
    assert "cannot be written; give yourself the right" in str(error)


class _Sqlite(Exception):
    def __init__(self, code: int) -> None:
        self.sqlite_errorcode = code


class _Server(Exception):
    def __init__(self, state: str | None, words: str = "") -> None:
        super().__init__(words or state)
        self.sqlstate = state


@pytest.mark.parametrize(
    ("orig", "words"),
    [
        (_Sqlite(3), "permission denied"),
        (_Sqlite(5), "wait for it"),
        (_Sqlite(261), "wait for it"),
        (_Sqlite(13), "disk is full"),
        (_Sqlite(14), "cannot be opened"),
        (_Sqlite(10 | 19 << 8), "disk failed or is full: make room, or look into the system's log"),
        (_Sqlite(11 | 1 << 8), "is damaged"),
        (_Server("53100"), "disk is full"),
        (_Server("53300"), "no connection left"),
        (_Server("55P03"), "wait for it"),
        (_Server("40P01"), "wait for it"),
        (_Server("57P01"), "stopping or starting"),
        (_Server("08006"), "connection was lost"),
        (_Server("42501"), "may not do that"),
        (_Server("58030"), "server's disk failed"),
        (_Server("XX001"), "damaged data"),
        (_Server(None, 'FATAL:  password authentication failed for user "x"\n'), "account is refused"),
        (_Server(None, 'FATAL:  database "x" does not exist'), "createdb"),
        (_Server(None, "FATAL:  sorry, too many clients already"), "no connection left"),
        (_Server(None, "FATAL:  the database system is starting up"), "stopping or starting"),
        (_Server(None, "server closed the connection\nunexpectedly"), "cannot be used: server closed the connection"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "is damaged"),
    ],
    ids=str,
)
def test_each_error_of_a_driver_has_words(orig: Exception, words: str) -> None:
    from sqlalchemy.exc import OperationalError

    error = told(OperationalError("SELECT 1", {}, orig), "the-place")
    assert str(error).startswith("the-place: ")
    assert words in str(error)


def test_a_mistake_of_the_program_keeps_its_traceback() -> None:
    assert told(IntegrityError("INSERT", {}, _Server(None, "x")), "place") is None
    assert told(IntegrityError("INSERT", {}, _Server("23505", "x")), "place") is None


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    url = "postgresql://letters@127.0.0.1:1/letters"
    with pytest.raises(StoreError, match="the server cannot be used") as caught:
        open_store(url, tmp_path, password="s3cret")
    expect_sentence(caught, "postgresql://letters@127.0.0.1:1/letters")
    assert "s3cret" not in str(caught.value)


def test_a_database_that_a_server_does_not_have(postgresql_database: "Database", tmp_path: Path) -> None:
    from sqlalchemy import make_url

    url = make_url(postgresql_database.url).set(database="missing").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="there is no such database; make it with: createdb") as caught:
        open_store(url, tmp_path)
    expect_sentence(caught, "missing")


def test_an_account_that_a_server_does_not_have(postgresql_database: "Database", tmp_path: Path) -> None:
    from sqlalchemy import make_url

    url = make_url(postgresql_database.url).set(username="nobody").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="the account is refused"):
        open_store(url, tmp_path, password="s3cret")


def test_a_lost_connection_is_told_and_the_next_one_works(postgresql_database: "Database") -> None:
    from sqlalchemy import text

    with postgresql_database.open() as store:
        with pytest.raises(StoreError, match=r"stopping or starting|connection was lost|cannot be used"):
            _end_own_connection(store)
        with store.writing() as connection:
            assert connection.scalar(text("SELECT 1")) == 1


def _end_own_connection(store: Store) -> None:
    from sqlalchemy import text

    with store.writing() as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def test_without_its_driver_a_server_is_out_of_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError, match=r"pip install 'publisher-feeds\[postgres\]'"):
        open_store("postgresql://letters@127.0.0.1/letters", tmp_path)
