"""The database of subscribers and deliveries, and who works with it. Nothing in it is changed."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from publisher.delivery.accounts import broken_invariants
from publisher.delivery.atwork import HIGH_WATER
from publisher.delivery.ballast import BALLAST
from publisher.delivery.doctor.finding import Finding, error, note, ok
from publisher.delivery.epoch import epoch_fault
from publisher.delivery.lock import taken_by
from publisher.errors import PublisherError
from publisher.store import Store, StoreMissing

#: Clocks are set right by a few seconds now and then.
_TOLERANCE = timedelta(minutes=5)
_FIRST_YEAR = 2024


def state_findings(open_store: Callable[[], Store], folder: Path, now: datetime) -> Iterator[Finding]:
    """Judge the database.

    Args:
        open_store: opens it; raises `StoreMissing` where there is none.
        folder: the publication's.
        now: the clock.
    """
    try:
        busy = taken_by(folder)
    except OSError as fault:
        yield error("state.lock", f"the lock cannot be read: {fault.strerror}", "give yourself the right to")
        return
    if busy is not None:
        # Whoever reads for long keeps SQLite's writers waiting, and a run that waits too long stops.
        yield note("state.lock", f"a run is at work{f' ({busy})' if busy else ''}; the database was not looked at")
        yield from clock_findings(None, now)
        return
    yield ok("state.lock", "no run is at work")
    try:
        with open_store() as store:
            yield from _opened(store, folder, now)
    except StoreMissing:
        yield note(
            "state.database", "there is no database yet", "add subscribers with: publisher subscribers add ADDRESS"
        )
        yield from clock_findings(None, now)
    except PublisherError as fault:
        yield error("state.database", str(fault))


def _opened(store: Store, folder: Path, now: datetime) -> Iterator[Finding]:
    store.expect_sound()
    yield ok("state.database", f"{store.place} is sound, and its tables are those of this version")
    with store.reading() as connection:
        broken = broken_invariants(connection)
        mark = store.meta(connection, HIGH_WATER)
    for fault in broken[:10]:
        yield error(
            "state.ledger", fault, "keep a copy of the database before anything is sent from it, and report this"
        )
    if not broken:
        yield ok("state.ledger", "the ledger adds up")
    restored = epoch_fault(store, folder)
    yield error("state.epoch", str(restored)) if restored else ok("state.epoch", "the database is the last run's")
    yield from clock_findings(_moment(mark), now)
    if mark is not None and store.dialect == "sqlite" and not (folder / BALLAST).is_file():
        yield note("state.ballast", "there is no reserve for a full disk", "the next run makes one if there is room")


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.utcoffset() is not None else None


def clock_findings(mark: datetime | None, now: datetime) -> Iterator[Finding]:
    """Judge this machine's clock.

    Args:
        mark: the latest time that a run saw; None where none ran.
        now: the clock.
    """
    rule, cure = "machine.clock", "set the clock right; timedatectl shows whether it asks a time server"
    if now.year < _FIRST_YEAR:
        yield error(rule, f"the clock says {now:%Y-%m-%d %H:%M}, which cannot be", cure)
    elif mark is not None and now < mark - _TOLERANCE:
        yield error(rule, f"the clock says {now:%Y-%m-%d %H:%M}, before the last run at {mark:%Y-%m-%d %H:%M}", cure)
    else:
        yield ok(rule, f"the clock says {now:%Y-%m-%d %H:%M} UTC")
