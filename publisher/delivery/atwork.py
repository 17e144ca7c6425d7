"""The beginning and the end of a run that may send: the lock, the clock, the epoch, what a dead run left."""

import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, insert, update

from publisher.delivery import ballast
from publisher.delivery.epoch import accept_restore, epoch_fault, raise_epoch
from publisher.delivery.ledger import recover
from publisher.delivery.lock import holder, one_run
from publisher.errors import SurroundingsError
from publisher.store import Store, StoreError
from publisher.store.tables import run as table

#: The latest time that any run saw, in the database.
HIGH_WATER = "high_water_time"
#: Clocks are set right by a few seconds now and then.
_TOLERANCE = timedelta(minutes=5)
#: Runs are noted for so long: every five minutes one, they would be a hundred thousand a year.
_REMEMBERED = timedelta(days=30)
_LOST = "the run that sent it ended before it heard the answer"
_CUT = "the run was ended while this mail was on its way"


class ClockBack(SurroundingsError):
    """The clock is behind the last run's."""

    def __init__(self, now: datetime, mark: datetime) -> None:
        super().__init__(
            f"the clock says {_shown(now)}, but a run was at work at {_shown(mark)}; nothing was sent; set the clock right, "
            "or, if it is right, go on with --force"
        )


@dataclass(frozen=True, slots=True)
class AtWork:
    """A run that holds the lock, and may send."""

    #: In the database.
    id: int
    store: Store
    #: The publication's.
    folder: Path
    #: Gives the time, which passes while mails are sent.
    clock: Callable[[], datetime]
    #: Mails that a dead run had on their way: uncertain now.
    recovered: int = 0


@contextmanager
def at_work(
    store: Store,
    folder: Path,
    clock: Callable[[], datetime],
    *,
    restored: bool = False,
    force: bool = False,
    check: Callable[[], object] = lambda: None,
) -> Iterator[AtWork]:
    """Take the lock, see that clock and database can be believed, and declare uncertain what a dead run left.

    Args:
        store: the database.
        folder: the publication's.
        clock: gives the time.
        restored: accepts a database from a backup: all that is open waits for a person.
        force: believes the clock, whatever it says.
        check: is called under the lock before anything is written; what it raises is raised.

    Raises:
        AnotherRun: another run is at work.
        ClockBack: the clock is behind the last run's.
        RestoredBackup: the database is older than the last run.
        SurroundingsError: disk or database refuse.
    """
    began = clock()
    with one_run(folder, store, holder(began)):
        check()
        _believe(store, began, force=force)
        _expect_own(store, folder, began, restored=restored)
        raise_epoch(store, folder)
        ballast.take_on(folder)
        with store.writing() as connection:
            found = recover(connection, began, _LOST)
            values = {"started_at": began, "host": platform.node(), "pid": os.getpid()}
            number = connection.execute(insert(table).values(**values)).inserted_primary_key
            assert number is not None
            # Nothing is on its way now, so no mail needs the row of an earlier run; its number is given to no other.
            old = (table.c.id < number[0]) & (table.c.started_at < began - _REMEMBERED)
            connection.execute(delete(table).where(old))
        run = AtWork(number[0], store, folder, clock, found)
        try:
            yield run
        except BaseException:
            with suppress(StoreError):  # it counts as one that died, and nothing is lost by that
                _end(run, SurroundingsError.exit_status)
            raise
        _end(run, 0)


def _believe(store: Store, now: datetime, *, force: bool) -> None:
    with store.reading() as connection:
        said = store.meta(connection, HIGH_WATER)
    mark = datetime.fromisoformat(said) if said else None
    if mark is not None and now < mark - _TOLERANCE and not force:
        raise ClockBack(now, mark)
    if mark is None or now > mark or force:
        with store.writing() as connection:
            store.set_meta(connection, HIGH_WATER, now.astimezone(UTC).isoformat())


def _expect_own(store: Store, folder: Path, now: datetime, *, restored: bool) -> None:
    fault = epoch_fault(store, folder)
    if fault is None:
        return
    if not restored:
        raise fault
    with store.writing() as connection:
        accept_restore(connection, now)


def _end(run: AtWork, status: int) -> None:
    """Note the end; what was still on its way is in doubt."""
    now = run.clock()
    with run.store.writing() as connection:
        recover(connection, now, _CUT)
        connection.execute(update(table).where(table.c.id == run.id).values(ended_at=now, exit_status=status))
        said = run.store.meta(connection, HIGH_WATER)
        if said is None or now > datetime.fromisoformat(said):
            run.store.set_meta(connection, HIGH_WATER, now.astimezone(UTC).isoformat())


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
