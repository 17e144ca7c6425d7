"""Durable, quiet writes: a file is either old or new, never torn, and untouched when nothing changed."""

import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from publisher.errors import SurroundingsError

#: Folder for what only this machine needs to know; owner-only.
STATE_FOLDER = ".publisher"
#: How long a command waits for another one to finish, in seconds.
PATIENCE = 60.0


def put(path: Path, data: bytes) -> bool:
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


def put_all(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[str]:
    """Write files that belong together, each as `put` does; their folders are synced once, at the end.

    Args:
        folder: where they go.
        files: path below the folder and content of each.

    Returns:
        The paths of those that are new or changed.

    Raises:
        SurroundingsError: the disk or its permissions refuse; the files before are in place.
    """
    changed = []
    for name, data in files:
        path = folder / name
        try:
            if _replaced(path, data):
                changed.append(name)
        except OSError as error:
            raise SurroundingsError(f"{path}: cannot be written: {error.strerror or error}") from error
    for parent in sorted({(folder / name).parent for name in changed}):
        _sync_folder(parent)
    return changed


def _replaced(path: Path, data: bytes) -> bool:
    if path.is_file() and not path.is_symlink() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp")
    with suppress(FileNotFoundError):
        beside.unlink()  # left by a run that was killed
    try:
        with beside.open("xb") as out:  # exclusive: never through a planted link
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
    return True


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def exclusive(publication: Path) -> Iterator[None]:
    """Hold the publication for one writing command; the kernel lets go when the process ends, however it ends.

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
