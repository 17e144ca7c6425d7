"""A file that is only there to be given up: when the disk is full, what is on its way can still be written down."""

import os
from contextlib import suppress
from pathlib import Path

from publisher.files import STATE_FOLDER

#: Beside the database, on the same disk.
BALLAST = f"{STATE_FOLDER}/ballast"
_BYTES = 2**20


def take_on(folder: Path) -> bool:
    """Make the file where it is missing; say whether it is there. Without room for it there is none.

    Args:
        folder: the publication's.
    """
    path = folder / BALLAST
    try:
        if path.is_file() and path.stat().st_size == _BYTES:
            return True
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        try:
            os.write(handle, bytes(_BYTES))
            os.fsync(handle)
            complete = os.fstat(handle).st_size == _BYTES
        finally:
            os.close(handle)
    except OSError:
        complete = False
    if not complete:
        drop(folder)
    return complete


def drop(folder: Path) -> bool:
    """Give the file up; say whether that made room."""
    with suppress(OSError):
        (folder / BALLAST).unlink()
        return True
    return False
