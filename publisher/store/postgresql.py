"""PostgreSQL: the same tables and statements by another address."""

import logging
from typing import Any

from sqlalchemy import URL, Engine, QueuePool, create_engine, event
from sqlalchemy.engine import Connection

from publisher.store.errors import StoreError
from publisher.store.sqlite import MODE, PATIENCE, READING

# A commit that returned is on the disk, whatever the server's own settings say.
_SETTINGS = ("SET synchronous_commit = on", f"SET lock_timeout = '{PATIENCE:.0f}s'", "SET client_encoding = 'UTF8'")


def make_engine(url: URL, password: str) -> Engine:
    """Return an engine for a server.

    Args:
        url: its address.
        password: of the account; empty for none, or for the one that ~/.pgpass has.

    Raises:
        StoreError: psycopg is missing.
    """
    try:
        import psycopg  # noqa: PLC0415 # an extra, and slow to load
    except ImportError:
        raise StoreError(
            "[state] url: PostgreSQL needs psycopg; install it with: pip install 'publisher-feeds[postgres]'"
        ) from None
    url = url.set(drivername="postgresql+psycopg", password=password or url.password)
    # A connection that is lost is told in words; the pool would add a traceback.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    engine = create_engine(
        url,
        module=psycopg,
        poolclass=QueuePool,
        pool_size=2,
        max_overflow=30,
        hide_parameters=True,
        connect_args={"connect_timeout": int(PATIENCE), "application_name": "publisher"},
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(driver: Any, _record: object) -> None:
    for setting in _SETTINGS:
        driver.execute(setting)
    driver.commit()


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(MODE, READING) == READING:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
