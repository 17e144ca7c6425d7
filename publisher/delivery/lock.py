"""One sender at a time. The kernel lets go of the lock when the process ends, however it ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from publisher.errors import SurroundingsError
from publisher.files import STATE_FOLDER
from publisher.store import Store

#: Never removed: two processes could otherwise hold locks of two files of that name.
LOCK = f"{STATE_FOLDER}/run.lock"
# Two publications may live in one database, each in its schema.
_ADVISORY = "hashtext('publisher.run ' || current_schema())"
_LONGEST = 200


class AnotherRun(SurroundingsError):
    """Another run is at work, so this one is not needed."""

    def __init__(self, who: str) -> None:
        super().__init__(f"another run is at work{f' ({who})' if who else ''}; nothing was done")
        #: Since when, and which process; empty where unknown.
        self.who = who


@contextmanager
def one_run(folder: Path, store: Store | None, who: str) -> Iterator[None]:
    """Hold the publication's right to send.

    Args:
        folder: the publication's.
        store: the database; a server is asked for a lock, too, as the next run may be on another machine.
        who: tells others who has it, such as `since 2026-11-22 08:00 UTC, process 4711`.

    Raises:
        AnotherRun: it is taken.
        SurroundingsError: the lock cannot be used.
    """
    with _file_lock(folder, who), _server_lock(store):
        yield


@contextmanager
def _file_lock(folder: Path, who: str) -> Iterator[None]:
    path = folder / LOCK
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be used: {error.strerror or error}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherRun(os.pread(handle, _LONGEST, 0).decode("utf-8", "replace").strip()) from None
        _write(handle, who)
        yield
    finally:
        os.close(handle)


def _write(handle: int, who: str) -> None:
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{who}\n".encode(), 0)
    except OSError:
        pass  # on a full disk, nobody is told who holds it


@contextmanager
def _server_lock(store: Store | None) -> Iterator[None]:
    if store is None or store.dialect != "postgresql":
        yield
        return
    with store.session() as connection:
        if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_ADVISORY})").scalar():
            raise AnotherRun("on another machine")
        try:
            yield
        finally:
            with suppress(DBAPIError):  # a server that is gone has let go of it
                connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_ADVISORY})")


def taken_by(folder: Path) -> str | None:
    """Return who holds the lock, in words; None where nobody does."""
    try:
        handle = os.open(folder / LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(handle, _LONGEST, 0).decode("utf-8", "replace").strip()
    finally:
        os.close(handle)
    return None


def holder(now: datetime) -> str:
    """Return how this process is told to others."""
    return f"since {now:%Y-%m-%d %H:%M:%S} UTC, process {os.getpid()}"
