"""Durable, quiet writes: a file is either old or new, never torn, and untouched when nothing changed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from publisher.errors import SurroundingsError

#: Folder for what only this machine needs to know; owner-only.
STATE_FOLDER = ".publisher"


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
    try:
        if path.is_file() and not path.is_symlink() and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be written: {error.strerror or error}") from error
    return True


def _replace(path: Path, data: bytes) -> None:
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
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def exclusive(publication: Path) -> Iterator[None]:
    """Hold the publication for one writing command; the kernel lets go when the process ends, however it ends.

    The state folder itself is locked: a lock file would get a new time stamp at every run.

    Raises:
        SurroundingsError: another command is writing there, or the folder cannot be made.
    """
    folder = publication / STATE_FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise SurroundingsError(f"{folder}: cannot be used: {error.strerror or error}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SurroundingsError(
            f"{publication}: another publisher command is writing here; wait until it has finished"
        ) from error
    else:
        yield
    finally:
        os.close(handle)
