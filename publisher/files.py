"""Durable, quiet writes: a file is either old or new, never torn, and untouched when nothing changed; guarded reads."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from publisher.errors import SurroundingsError

#: Folder for what only this machine needs to know; owner-only.
STATE_FOLDER = ".publisher"
#: How long a command waits for another one to finish, in seconds.
PATIENCE = 60.0
_MEBIBYTE, _GIBIBYTE = 2**20, 2**30
#: The most that is read of a file of which nothing else is known, in bytes.
LARGEST = 64 * _MEBIBYTE


def signature(state: os.stat_result) -> str:
    """Return what changes whenever a file may have changed; reading it again tells whether it did."""
    later = state.st_ctime_ns - state.st_mtime_ns  # mostly nothing: thousands of signatures are kept at once
    return f"{state.st_size:x},{state.st_mtime_ns:x},{later:x},{state.st_ino:x}"


def signature_of(path: str | Path) -> str:
    """Return the signature of a file; empty for none."""
    try:
        return signature(os.stat(path))  # noqa: PTH116 # asked thousands of times
    except OSError:
        return ""


def read_file(path: Path, limit: int = LARGEST) -> bytes:
    """Read a file that is one, and not too large: a pipe may never open, a device never end, a huge file fill the memory.

    Args:
        path: the file; symbolic links are followed.
        limit: the most that is read, in bytes.

    Raises:
        OSError: it is missing or refused, no ordinary file, or larger (`errno.EFBIG`); `strerror` says which.
    """
    _expect_readable(path, path.stat(), limit)
    # Another file may have taken its place since. A pipe that did would be waited for here.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        state = os.fstat(file.fileno())
        _expect_readable(path, state, limit)
        return file.read(state.st_size)


def _expect_readable(path: Path, state: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise OSError(errno.EINVAL, "is no ordinary file", str(path))
    if state.st_size > limit:
        message = f"is too large: {_amount(state.st_size)}, at most {limit // _MEBIBYTE} MiB are read"
        raise OSError(errno.EFBIG, message, str(path))


def _amount(size: int) -> str:
    """Return a size in large units, rounded up: what is above a limit shall look so."""
    unit, name = (_GIBIBYTE, "GiB") if size >= _GIBIBYTE else (_MEBIBYTE, "MiB")
    return f"{-(-10 * size // unit) / 10:.1f} {name}"


def put(path: Path, data: bytes | bytearray) -> bool:
    """Write a file beside its target, sync it and rename it; leave an equal file alone.

    Servers derive ETags from time and size, so an untouched file spares every reader a download.

    Args:
        path: the target; missing folders are made.
        data: its whole content.

    Returns:
        True when the file is new or its bytes changed.

    Raises:
        SurroundingsError: the disk or its permissions refuse.
    """
    return bool(put_all(path.parent, [(path.name, data)]))


def put_all(folder: Path, files: Iterable[tuple[str, bytes | bytearray]]) -> list[str]:
    """Write files that belong together, each as `put` does: all of them beside their targets before the first is renamed.

    Args:
        folder: where they go.
        files: path below the folder and content of each; taken one by one, so that they need not all be in memory.

    Returns:
        The paths of those that are new or changed.

    Raises:
        SurroundingsError: the disk or its permissions refuse.
    """
    with Staging(folder) as staging:
        for name, data in files:
            staging.add(name, data)
        return staging.commit()


class Staging:
    """Files that lie beside their targets until all of them are there; what is not committed leaves no trace.

    Args:
        folder: where they go.
        dry_run: only notes which files would change.
    """

    def __init__(self, folder: Path, *, dry_run: bool = False) -> None:
        self._folder = folder
        self._dry_run = dry_run
        self._waiting: list[str] = []
        self._possible: set[str] = set()

    @property
    def waiting(self) -> tuple[str, ...]:
        """Return the files that will be put in place."""
        return tuple(self._waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in () if self._dry_run else {*self._waiting, *self._possible}:
            with suppress(OSError):
                _beside(self._folder / name).unlink()

    def part(self) -> Self:
        """Return a staging of the same kind for another process to add to, and this one to `adopt` from."""
        return type(self)(self._folder, dry_run=self._dry_run)

    def expect(self, names: Iterable[str]) -> None:
        """Announce files that other processes may add; see `adopt`."""
        self._possible.update(names)

    def adopt(self, names: Iterable[str]) -> None:
        """Take over files that lie beside their targets because another process added them."""
        self._waiting += names

    def add(self, name: str, data: bytes | bytearray) -> bool:
        """Write a file beside its target and sync it, unless the target has these bytes; say whether it has not.

        Raises:
            SurroundingsError: the disk or its permissions refuse.
        """
        path = self._folder / name
        with _told(path):
            if _holds(path, data):
                return False
            self._waiting.append(name)
            if self._dry_run:
                return True
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = _beside(path)
            with suppress(FileNotFoundError):
                beside.unlink()  # left by a run that was killed
            with beside.open("xb") as out:  # exclusive: never through a planted link
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
        return True

    def commit(self) -> list[str]:
        """Put all files in place, in the order in which they were added, and return their names.

        Raises:
            SurroundingsError: the disk or its permissions refuse; the files before are in place.
        """
        changed, self._waiting = self._waiting, []
        self._possible = set()
        for number, name in enumerate(changed):
            path = self._folder / name
            try:
                with _told(path):
                    _beside(path).replace(path)
            except SurroundingsError:
                self._waiting = changed[number:]
                raise
        for parent in sorted({(self._folder / name).parent for name in changed}):
            with _told(parent):
                _sync_folder(parent)
        return changed


def _holds(path: Path, data: bytes | bytearray) -> bool:
    """Say whether a file has these bytes; one of another size is not read, as it may be of any."""
    same = path.is_file() and not path.is_symlink() and path.stat().st_size == len(data)
    return same and path.read_bytes() == data


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be written: {error.strerror or error}") from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def exclusive(publication: Path) -> Iterator[None]:
    """Hold the publication for one writing command; the kernel lets go when the process ends, however it ends, and with
    it the processes that work for it: they may be writing still.

    Two commands that cron starts in the same minute do their work one after the other. The state folder itself is
    locked: a lock file would get a new time stamp at every run.

    Raises:
        SurroundingsError: another command has been writing there for longer than `PATIENCE`, or the folder cannot be
            made.
    """
    folder = publication / STATE_FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise SurroundingsError(f"{folder}: cannot be used: {error.strerror or error}") from error
    try:
        if not _locked(handle):
            raise SurroundingsError(f"{publication}: another publisher command is writing here; try again later")
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)
        else:
            return True
