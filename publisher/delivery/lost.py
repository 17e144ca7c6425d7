"""Whether a database that is not there was there once: the file beside it knows of the runs that were at work with it."""

from pathlib import Path

from publisher.errors import SurroundingsError
from publisher.files import STATE_FOLDER, read_file

#: Beside the database, but not in it: see publisher.delivery.epoch.
EPOCH = f"{STATE_FOLDER}/epoch"
_LARGEST = 64


class DatabaseLost(SurroundingsError):
    """The database is gone or empty, though runs were at work with it."""

    def __init__(self, place: str, folder: Path, runs: int) -> None:
        # Links and tokens of mails that were sent are numbers: with the same keys they would mean other people.
        super().__init__(
            f"{place}: there is no database, or an empty one, though {EPOCH} knows of {'a run' if runs == 1 else f'{runs:,} runs'} "
            "with it; nothing was changed. Put back a backup, or name the right database as url in [state]. To begin anew, "
            f"without its subscribers, without whoever left, and not knowing what was sent, move {folder / STATE_FOLDER} away"
        )


def expect_none_lost(place: str, folder: Path) -> None:
    """See that a database which is not there was never there.

    Args:
        place: where it should be, for the message.
        folder: the publication's.

    Raises:
        DatabaseLost: runs were at work with one.
        SurroundingsError: what they noted cannot be read.
    """
    if runs := noted(folder):
        raise DatabaseLost(place, folder, runs)


def noted(folder: Path) -> int:
    """Return the number of the last run, as the file beside the database has it; 0 where none ran.

    Raises:
        SurroundingsError: the file cannot be read.
    """
    path = folder / EPOCH
    try:
        return number_of(read_file(path, _LARGEST).decode("ascii", "replace").strip())
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be read: {error.strerror or error}") from error


def number_of(text: str | None) -> int:
    """Read the number of a run; 0 for what is none."""
    return int(text) if text and text.isascii() and text.isdigit() else 0
