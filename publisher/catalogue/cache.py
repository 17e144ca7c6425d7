"""The disposable cache: what came of each file when it was last read, and what each output was made from.

One SQLite file in the publication's state folder. Whatever is wrong with it, it is as good as empty; deleting it costs
the next build its speed and nothing else.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
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

    Args:
        folder: the publication's.
        conditions: whatever all readings depend on; under other conditions nothing is remembered.
    """

    def __init__(self, folder: Path, conditions: str) -> None:
        self._path = folder / CACHE
        self._conditions = conditions

    def readings(self) -> dict[str, Kept]:
        """Return what came of each file, by path."""
        rows = self._rows("SELECT path, signature, bytes, media, said, good FROM reading")
        return {path: Kept(*kept) for path, *kept in rows}

    def outputs(self) -> dict[str, Made]:
        """Return what each output was made from, by path."""
        return {path: Made(*made) for path, *made in self._rows("SELECT path, made_from, signature FROM output")}

    def save(
        self, read: Mapping[str, Kept], gone: Sequence[str], made: Mapping[str, Made], standing: str | None
    ) -> None:
        """Remember new readings, forget those of files that are gone, and remember all outputs.

        What cannot be written is not remembered; the outputs are in place all the same.

        Args:
            read: by path.
            gone: paths.
            made: by path.
            standing: what has to stay as it is for the next build to have nothing to do; None where it always has.
        """
        with suppress(sqlite3.Error, OSError):
            try:
                self._save(read, gone, made, standing)
            except sqlite3.DatabaseError:
                self._path.unlink(missing_ok=True)  # damaged, or of another version
                self._save(read, (), made, standing)

    def _save(
        self, read: Mapping[str, Kept], gone: Sequence[str], made: Mapping[str, Made], standing: str | None
    ) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as base:
            base.execute("PRAGMA synchronous = OFF")  # what a crash may damage is made anew
            base.executescript(f"BEGIN IMMEDIATE; {_TABLES}")
            if not self._valid(base):
                base.execute("DELETE FROM reading")
            base.execute("INSERT OR REPLACE INTO fact VALUES ('conditions', ?)", (self._conditions,))
            base.execute("DELETE FROM fact WHERE name = 'standing'")
            if standing is not None:
                base.execute("INSERT INTO fact VALUES ('standing', ?)", (standing,))
            base.executemany("DELETE FROM reading WHERE path = ?", ((path,) for path in gone))
            base.executemany(
                "INSERT OR REPLACE INTO reading VALUES (?, ?, ?, ?, ?, ?)",
                ((path, k.signature, k.bytes, k.media, k.said, k.good) for path, k in read.items()),
            )
            base.execute("DELETE FROM output")
            base.executemany(
                "INSERT INTO output VALUES (?, ?, ?)",
                ((path, one.made_from, one.signature) for path, one in made.items()),
            )
            base.execute("COMMIT")

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        try:
            with closing(_reading(self._path)) as base:
                return base.execute(query).fetchall() if self._valid(base) else []
        except (sqlite3.Error, OSError, ValueError):
            return []

    def _valid(self, base: sqlite3.Connection) -> bool:
        return base.execute("SELECT value FROM fact WHERE name = 'conditions'").fetchone() == (self._conditions,)  # type: ignore[no-any-return]


def last_standing(folder: Path) -> str | None:
    """Return what has to stay as it is for the next build to have nothing to do, as `Cache.save` got it."""
    try:
        with closing(_reading(folder / CACHE)) as base:
            row = base.execute("SELECT value FROM fact WHERE name = 'standing'").fetchone()
    except (sqlite3.Error, OSError, ValueError):
        return None
    return row[0] if row else None


def _reading(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
