"""Turns of those who write to an SQLite file, also from several processes: one transaction or checkpoint at a time."""

import fcntl
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from publisher.store import sqlite
from publisher.store.errors import LOCKED, StoreError, StoreLocked

# Between two looks at whether the others are done, in seconds: the first, and the longest.
_LOOK, _LONGEST_LOOK = 0.0005, 0.02


class Turns:
    """A context manager in which nobody else writes; threads may share it, and one of them may enter it twice.

    The kernel lets go of it when the process ends, however it ends.

    Args:
        path: of a file beside the database. It is never removed: two processes could otherwise hold two files of its name.
        place: the database, for messages.
    """

    def __init__(self, path: Path, place: str) -> None:
        self._path = path
        self._place = place
        self._handle = -1
        self._depth = 0
        self._threads = threading.RLock()

    def __enter__(self) -> Self:
        """Wait for the turn.

        Raises:
            StoreLocked: others do not end.
            StoreError: the file cannot be used.
        """
        if not self._threads.acquire(timeout=sqlite.PATIENCE):
            raise StoreLocked(f"{self._place}: {LOCKED}")
        try:
            if not self._depth:
                self._take()
        except BaseException:
            self._threads.release()
            raise
        self._depth += 1
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._depth -= 1
        if not self._depth:
            fcntl.flock(self._handle, fcntl.LOCK_UN)
        self._threads.release()

    def close(self) -> None:
        """Close the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _take(self) -> None:
        try:
            if self._handle < 0:
                self._handle = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            if self._tries():
                return
            end, pause = time.monotonic() + sqlite.PATIENCE, _LOOK
            while not self._tries():
                if time.monotonic() >= end:
                    raise StoreLocked(f"{self._place}: {LOCKED}")
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_LOOK)
        except OSError as error:
            raise StoreError(f"{self._path}: cannot be used: {error.strerror or error}") from error

    def _tries(self) -> bool:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
