"""The disposable cache: what came of each file when it was last read, and what each output was made from.

One SQLite file in the publication's state folder. Whatever is wrong with it, it is as good as empty; deleting it costs
the next build its speed and nothing else.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from publisher.files import STATE_FOLDER

CACHE = f"{STATE_FOLDER}/cache.db"
_TABLES = """
    CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS reading
        (path TEXT PRIMARY KEY, signature TEXT, bytes TEXT, media TEXT, said TEXT, good TEXT);
    CREATE TABLE IF NOT EXISTS output (path TEXT PRIMARY KEY, made_from TEXT, signature TEXT) WITHOUT ROWID;
"""

_READINGS = "SELECT path, signature, bytes, media, said, good FROM reading"
_OUTPUTS = "SELECT path, made_from, signature FROM output"


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of one file."""

    #: Changes whenever the file may have changed (`files.signature`).
    signature: str
    #: SHA-256 of its bytes, hexadecimal; empty where they could not be read.
    bytes: str
    #: Files that were measured for its articles: path and signature, a line each.
    media: str
    #: The reading, as `catalogue.packing` writes it.
    said: str
    #: The last one without errors; empty where that is this one.
    good: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What one output was made from, and how it lay on the disk then."""

    made_from: str
    signature: str


class Cache:
    """The cache of one publication.

    What cannot be written is not remembered; nothing fails for it.

    Args:
        folder: the publication's.
        conditions: whatever all readings depend on; under other conditions nothing is remembered.
        writing: whether anything shall be remembered; the caller has to `close` the cache then.
    """

    def __init__(self, folder: Path, conditions: str, *, writing: bool = False) -> None:
        self._path = folder / CACHE
        self._conditions = conditions
        self._writing = writing
        self._base: sqlite3.Connection | None = None

    def readings(self) -> Iterator[tuple[str, Kept]]:
        """Yield what came of each file, with its path."""
        for path, *kept in self._rows(_READINGS):
            if all(part.__class__ is str for part in kept):  # somebody else may have written here
                yield path, Kept(*kept)

    def outputs(self) -> dict[str, Made]:
        """Return what each output was made from, by path."""
        return {path: Made(*made) for path, *made in self._rows(_OUTPUTS)}

    def keep(self, read: Iterable[tuple[str, Kept]]) -> None:
        """Remember what came of files, by path, when everything is saved: thousands would fill the memory."""
        with suppress(sqlite3.Error, OSError):
            if self._writing:
                rows = ((path, k.signature, k.bytes, k.media, k.said, k.good) for path, k in read)
                self._begun().executemany("INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?, ?)", rows)

    def save(self, gone: Iterable[str], made: Mapping[str, Made], standing: str | None) -> None:
        """Save what was kept, forget the readings of files that are gone, and remember all outputs.

        Args:
            gone: paths.
            made: by path.
            standing: what has to stay as it is for the next build to have nothing to do; None where it always has.
        """
        with suppress(sqlite3.Error, OSError):
            base = self._begun()
            base.execute("DELETE FROM fact WHERE name = 'standing'")
            if standing is not None:
                base.execute("INSERT INTO fact VALUES ('standing', ?)", (standing,))
            base.executemany("DELETE FROM reading WHERE path = ?", ((path,) for path in gone))
            base.execute("DELETE FROM output")
            base.executemany(
                "INSERT INTO output VALUES (?, ?, ?)",
                ((path, one.made_from, one.signature) for path, one in made.items()),
            )
            base.execute("COMMIT")

    def close(self) -> None:
        """Forget what was kept and not saved."""
        if self._base is not None:
            self._base.close()
            self._base = None

    def _begun(self) -> sqlite3.Connection:
        """Return the base within its one transaction."""
        if self._base is None:
            try:
                self._begin()
            except sqlite3.DatabaseError:
                self.close()
                for place in _places(self._path):
                    place.unlink(missing_ok=True)  # damaged, or of another version
                self._begin()
        assert self._base is not None
        return self._base

    def _begin(self) -> None:
        _expect_ordinary(self._path)
        base = self._base = sqlite3.connect(self._path, isolation_level=None)
        base.execute("PRAGMA synchronous = OFF")  # what a crash may damage is made anew
        base.executescript(f"BEGIN IMMEDIATE; {_TABLES}")
        for query in (_READINGS, _OUTPUTS):
            base.execute(f"{query} LIMIT 0")  # tables of another version refuse this
        if not self._valid(base):
            base.execute("DELETE FROM reading")
        base.execute("INSERT OR REPLACE INTO fact VALUES ('conditions', ?)", (self._conditions,))

    def _rows(self, query: str) -> Iterator[tuple[str, ...]]:
        # A second connection would wait for what the first one is writing.
        opened = nullcontext(self._base) if self._base else _opened(self._path)
        with suppress(sqlite3.Error, OSError, ValueError), opened as base:
            if self._valid(base):
                yield from base.execute(query)

    def _valid(self, base: sqlite3.Connection) -> bool:
        return base.execute("SELECT value FROM fact WHERE name = 'conditions'").fetchone() == (self._conditions,)  # type: ignore[no-any-return]


def last_standing(folder: Path) -> str | None:
    """Return what has to stay as it is for the next build to have nothing to do, as `Cache.save` got it."""
    try:
        with _opened(folder / CACHE) as base:
            row = base.execute("SELECT value FROM fact WHERE name = 'standing'").fetchone()
    except (sqlite3.Error, OSError, ValueError):
        return None
    return row[0] if row else None


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    _expect_ordinary(path)
    # Another command may be writing for as long as it works: then one does without.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.2)) as base:
        yield base


def _places(path: Path) -> tuple[Path, Path]:
    """Return the base and its journal, which SQLite opens with it (https://www.sqlite.org/tempfiles.html)."""
    return path, path.with_name(f"{path.name}-journal")


def _expect_ordinary(path: Path) -> None:
    """Refuse what SQLite would wait for: a pipe may never open."""
    for place in _places(path):
        if place.exists() and not place.is_file():
            raise sqlite3.DatabaseError(f"{place} is no ordinary file")
