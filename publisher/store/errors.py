"""What can go wrong with the database: one sentence each, which says what to do; no address and no password in it."""

import re
from collections.abc import Mapping

from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, IntegrityError, ProgrammingError

from publisher.errors import SurroundingsError, UsageError

_CODE = 0xFF
_FULL = "the disk is full; make room and run this again: what was under way was taken back"
_PRIVILEGE = "this account may not do that; grant it all rights on the tables of publisher"


class StoreError(SurroundingsError):
    """The database cannot be used."""


class StoreLocked(StoreError):
    """Another command is writing there, and does not end."""


class StoreDamaged(StoreError):
    """The file or server holds what cannot be read, or something else than subscribers and deliveries."""


class StoreNewer(StoreError):
    """A later version of the program changed the tables."""


class StoreFull(StoreError):
    """The disk has no room; nothing was written."""


class StoreMissing(StoreError):
    """There is no database yet, and none shall be made: nothing of the surroundings failed."""

    exit_status = UsageError.exit_status


#: Behind the place of a database that others keep.
LOCKED = "another program is writing there and does not end; wait for it, or end it, and run this again"
#: Behind the place of an SQLite file that contradicts itself.
DAMAGED = "is damaged; keep the file aside and put back a backup, or save what can be read with: sqlite3 FILE .recover"

#: By primary result code: https://www.sqlite.org/rescode.html
_SQLITE: Mapping[int, tuple[type[StoreError], str]] = {
    3: (StoreError, "cannot be used: permission denied"),
    5: (StoreLocked, LOCKED),
    6: (StoreLocked, LOCKED),
    8: (StoreError, "cannot be written; give yourself the right to write the file and its folder"),
    # Where the index of the log finds no room, this is what SQLite says of a full disk (SQLITE_IOERR_SHMSIZE).
    10: (
        StoreError,
        "the disk failed or is full: make room, or look into the system's log before anything is sent again",
    ),
    11: (StoreDamaged, DAMAGED),
    13: (StoreFull, _FULL),
    14: (StoreError, "cannot be opened; look at the rights of the file and its folder, and at the room on the disk"),
    26: (StoreDamaged, "is no database of publisher; move it away, or name another one as url in [state]"),
}

#: By SQLSTATE, or its class of two characters: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL: Mapping[str, tuple[type[StoreError], str]] = {
    "08": (StoreError, "the connection was lost; run this again: what was under way was taken back"),
    "25006": (StoreError, "takes nothing: it is read-only, as a replica is; name the primary server as url in [state]"),
    "28": (StoreError, "the account is refused; look at its name in url and at password in [state]"),
    "3D": (StoreError, "there is no such database; make it with: createdb NAME"),
    "40": (StoreLocked, LOCKED),
    "42501": (StoreError, _PRIVILEGE),
    "53100": (StoreFull, _FULL),
    "53": (StoreError, "the server has no room or no connection left; look into its log"),
    "55P03": (StoreLocked, LOCKED),
    "57": (StoreError, "the server is stopping or starting; run this again once it is there"),
    "58": (StoreError, "the server's disk failed; look into its log before anything is sent from here again"),
    "XX": (StoreDamaged, "the server reports damaged data; put back a backup"),
}

#: What a server says before there is a connection comes without a SQLSTATE.
_GREETINGS = (
    (re.compile(r"password authentication failed|no password supplied|role .* does not exist|no pg_hba"), "28"),
    (re.compile(r"database .* does not exist"), "3D"),
    (re.compile(r"too many (clients|connections)|remaining connection slots"), "53"),
    (re.compile(r"the database system is"), "57"),
)


def told(error: DBAPIError, place: str) -> StoreError | None:
    """Return what a driver's error means in words; None where it is a mistake of this program.

    Args:
        error: as SQLAlchemy raised it.
        place: the file, or the server's address without password.
    """
    if isinstance(error.orig, UnicodeError):
        return StoreDamaged(f"{place}: {DAMAGED}")
    code = getattr(error.orig, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _sentence(_SQLITE.get(code & _CODE), place)
    state = getattr(error.orig, "sqlstate", None)
    if state is None and isinstance(error, DatabaseError) and not isinstance(error, _OURS):
        return _unreached(str(error.orig), place)
    return _sentence(_POSTGRESQL.get(str(state)) or _POSTGRESQL.get(str(state)[:2]), place)


_OURS = (DataError, IntegrityError, ProgrammingError)


def _sentence(known: tuple[type[StoreError], str] | None, place: str) -> StoreError | None:
    if known is None:
        return None
    kind, words = known
    return kind(f"{place}: {words}")


def _unreached(said: str, place: str) -> StoreError | None:
    for pattern, state in _GREETINGS:
        if pattern.search(said):
            return _sentence(_POSTGRESQL[state], place)
    first = " ".join(said.split("\n", 1)[0].split())
    return StoreError(f"{place}: the server cannot be used: {first[:300]}")
