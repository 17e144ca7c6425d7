"""Whether the database is the one that the last run left: a backup that was put back would send all over again.

Each run raises a number in the database and then, before anything leaves, writes it into a file beside it. A database that
is behind the file was replaced by an older one.
"""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import Connection

from publisher.delivery.ledger import hold
from publisher.delivery.lost import EPOCH, noted, number_of
from publisher.delivery.states import OPEN, UNFINISHED
from publisher.errors import SurroundingsError
from publisher.files import put
from publisher.store import Store
from publisher.store.tables import issue

_META = "epoch"


class RestoredBackup(SurroundingsError):
    """The database is older than the last run."""

    def __init__(self, place: str, number: int, expected: int) -> None:
        super().__init__(
            f"{place}: is older than the last run (number {number}, expected {expected}), as a backup that was put back is; "
            "nothing was sent, as it may have left already. Look at what is open with: publisher status; then let all "
            "that is open wait for your decision with: publisher send ISSUE --accept-restore. Who left since the backup is "
            "subscribed in it: let them leave again first"
        )


def epoch_fault(store: Store, folder: Path) -> RestoredBackup | None:
    """Return what is wrong where the database is older than the file says; None otherwise.

    Raises:
        SurroundingsError: the file cannot be read.
    """
    with store.reading() as connection:
        known = number_of(store.meta(connection, _META))
    expected = noted(folder)
    return RestoredBackup(store.place, known, expected) if known < expected else None


def raise_epoch(store: Store, folder: Path) -> None:
    """Note that a run begins: durably, in the database first.

    Raises:
        SurroundingsError: database or file cannot be written.
    """
    with store.writing() as connection:
        number = max(number_of(store.meta(connection, _META)), noted(folder)) + 1
        store.set_meta(connection, _META, str(number))
    path = folder / EPOCH
    put(path, f"{number}\n".encode())


def accept_restore(connection: Connection, now: datetime) -> int:
    """Let everything that is not settled wait for a person; return how many mails those are.

    Args:
        connection: one that writes.
        now: the clock.
    """
    started = connection.scalars(select(issue.c.id).where(issue.c.state.in_([s.value for s in UNFINISHED])))
    reason = "a backup was put back: it may have left already"
    return sum(hold(connection, number, OPEN, now, reason=reason) for number in started.all())
