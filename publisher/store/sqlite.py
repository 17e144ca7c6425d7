"""SQLite: a file of the owner's alone, and settings under which a commit that returned is on the disk."""

import os
import stat
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from sqlite3 import Connection as Driver
from urllib.parse import quote

from sqlalchemy import URL, Engine, QueuePool, create_engine, event
from sqlalchemy.engine import Connection

from publisher.files import STATE_FOLDER
from publisher.store.errors import StoreError, StoreMissing

#: How long a command waits for another one to finish writing, in seconds.
PATIENCE = 10.0
#: The execution option that says how transactions of a connection begin: READING where absent.
MODE = "publisher_mode"
READING, WRITING, LATE, ALONE = "reading", "writing", "late", "alone"
_BEGINNINGS = {READING: "BEGIN", WRITING: "BEGIN IMMEDIATE", LATE: "BEGIN"}

# WAL: a commit costs one sync instead of four, and nobody who writes waits for those who read. Up to 3.51.2 two connections
# that write or checkpoint at once may damage the file (https://www.sqlite.org/wal.html#walresetbug), so whoever does takes
# a turn (see publisher.store.turns); a checkpoint at closing has the file to itself, as only the last connection makes one.
# What the log keeps is old content, so an erasure empties it: see `Store.rewrite`. FULL then makes a commit durable
# (https://www.sqlite.org/pragma.html#pragma_synchronous).
_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA secure_delete = ON",
    "PRAGMA mmap_size = 0",
)


def path_of(url: URL, folder: Path) -> Path:
    """Return the file that an address such as `sqlite:///.publisher/state.db` names, relative to the publication's folder.

    Raises:
        StoreError: it names none.
    """
    if not url.database or url.database == ":memory:" or url.query:
        raise StoreError("[state] url: names no file; write it as sqlite:///.publisher/state.db")
    return folder / url.database


def prepare(path: Path, *, create: bool) -> None:
    """Make the file where it is missing, and see that nobody else may read or exchange it.

    Raises:
        StoreMissing: it is missing and not to be made.
        StoreError: it or its folder are open to others, are links, or cannot be made.
    """
    try:
        if not create and not path.parent.exists():
            raise _missing(path)
        prepare_folder(path.parent, create=create)
        if not os.path.lexists(path):
            _make(path, create=create)
        _expect_private_file(path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be used: {error.strerror or error}") from error


def _missing(path: Path) -> StoreMissing:
    return StoreMissing(f"{path}: there are no subscribers yet; add some with: publisher subscribers add ADDRESS")


def prepare_folder(folder: Path, *, create: bool) -> None:
    """Make the state folder where it is missing, and see that nobody else may exchange what lies in it.

    Raises:
        StoreError: it is missing and no state folder, a link, or open to others.
        OSError: it cannot be made.
    """
    if create and folder.name == STATE_FOLDER:
        folder.mkdir(mode=0o700, exist_ok=True)
    elif not folder.is_dir():
        raise StoreError(f"{folder}: there is no such folder; make it, or name another one as url in [state]")
    _expect_private_folder(folder)


def _make(path: Path, *, create: bool) -> None:
    if not create:
        raise _missing(path)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        return  # by another command in the same moment
    os.close(handle)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Put on the disk which files a folder has."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _expect_private_folder(folder: Path) -> None:
    state = folder.lstat()
    if stat.S_ISLNK(state.st_mode):
        raise StoreError(f"{folder}: is a link; move the folder itself here, or name its place as url in [state]")
    _expect_owner(folder, state)
    if stat.S_IMODE(state.st_mode) & 0o022:
        raise StoreError(f"{folder}: others may write there; make it yours alone with: chmod 700 {folder}")
    if folder.name == STATE_FOLDER and stat.S_IMODE(state.st_mode) & 0o077:
        folder.chmod(0o700)


def _expect_private_file(path: Path) -> None:
    state = path.lstat()
    if not stat.S_ISREG(state.st_mode):
        raise StoreError(f"{path}: is no ordinary file; move it away, or name another one as url in [state]")
    _expect_owner(path, state)
    if stat.S_IMODE(state.st_mode) & 0o077:
        path.chmod(0o600)


def _expect_owner(path: Path, state: os.stat_result) -> None:
    if state.st_uid != os.geteuid():
        raise StoreError(f"{path}: belongs to another account; run this as that account, cron's line too")


def make_engine(path: Path, turns: AbstractContextManager[object]) -> Engine:
    """Return an engine whose transactions begin as they are meant to: see `MODE`.

    Args:
        path: of the file.
        turns: in which nobody else writes.
    """
    engine = create_engine(
        # As a URI: SQLite never makes a file that nobody guarded.
        f"sqlite:///file:{quote(str(path.absolute()))}?mode=rw&uri=true",
        poolclass=QueuePool,
        pool_size=2,
        max_overflow=30,
        hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": PATIENCE, "check_same_thread": False},
    )
    event.listen(engine, "connect", partial(_configure, turns))
    event.listen(engine, "begin", _begin)
    return engine


def _configure(turns: AbstractContextManager[object], driver: Driver, _record: object) -> None:
    for setting in _SETTINGS:
        driver.execute(setting).fetchall()
    # The file remembers its mode, so that only its first connection sets it.
    if driver.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        with turns:
            driver.execute("PRAGMA journal_mode = WAL").fetchall()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later may be refused at once, however long others would wait for it:
    # who will write says so at the beginning (https://www.sqlite.org/lang_transaction.html).
    if beginning := _BEGINNINGS.get(connection.get_execution_options().get(MODE, READING)):
        connection.exec_driver_sql(beginning)
