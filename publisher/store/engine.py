"""The database of one publication: transactions that read, and transactions that write."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from publisher.store.errors import DAMAGED, StoreDamaged, StoreLocked, told
from publisher.store.sqlite import ALONE, LATE, MODE, WRITING
from publisher.store.tables import meta


class Store:
    """Subscribers and deliveries. A context manager, which closes all connections; threads may share it.

    Args:
        engine: of the database.
        place: the file, or the server's address without password; for messages.
        path: the file of SQLite.
    """

    def __init__(self, engine: Engine, place: str, path: Path | None = None) -> None:
        self._reading = engine
        self._writing = engine.execution_options(**{MODE: WRITING})
        self._late = engine.execution_options(**{MODE: LATE})
        self.place = place
        self.path = path
        #: `sqlite` or `postgresql`.
        self.dialect: str = engine.dialect.name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Store {self.place}>"

    def close(self) -> None:
        """Close all connections."""
        self._reading.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees the database as it is now, whatever others write meanwhile.

        On SQLite, others wait with their commits as long as it lasts: keep it short.

        Raises:
            StoreError: the database cannot be read.
        """
        with self._told(), self._reading.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, *, late: bool = False) -> Iterator[Connection]:
        """Give a connection whose changes are on the disk when the block ends, all of them; none after an exception.

        On SQLite there is one at a time: others wait up to ten seconds for it.

        Args:
            late: on SQLite, others may write until this one does for the first time, and it must not have read before
                that: for who fills temporary tables for long.

        Raises:
            StoreError: the database cannot be written; nothing was.
        """
        with self._told(), (self._late if late else self._writing).connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """Give a connection outside of any transaction, for what lasts as long as it does, such as a server's lock.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._told(), self._reading.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def run_alone(self, statement: str, values: tuple[str, ...] = ()) -> None:
        """Run what SQLite allows outside of transactions alone, such as VACUUM.

        Raises:
            StoreError: the database cannot be used.
        """
        with self._told(), self._reading.connect() as connection:
            connection.execution_options(**{MODE: ALONE}).exec_driver_sql(statement, values)

    def rewrite(self) -> None:
        """Write SQLite's file anew and delete its journal: both may hold old content, such as an erased address.

        Raises:
            StoreLocked: another command keeps them.
            StoreError: the database cannot be used.
        """
        assert self.path is not None
        journal = self.path.with_name(f"{self.path.name}-journal")
        with self._told(), self._reading.connect() as connection:
            alone = connection.execution_options(**{MODE: ALONE})
            alone.exec_driver_sql("VACUUM")
            before = _inode(journal)
            # The one way to delete it under SQLite's own locks, also while others have the file open.
            alone.exec_driver_sql("PRAGMA journal_mode = DELETE")
            after = _inode(journal)
            alone.exec_driver_sql("PRAGMA journal_mode = PERSIST")
        if before is not None and before == after:
            raise StoreLocked(f"{journal}: another command keeps it; try again later")

    def meta(self, connection: Connection, name: str) -> str | None:
        """Return a value that the database itself must know; None where it was never set."""
        value: str | None = connection.scalar(select(meta.c.value).where(meta.c.name == name))
        return value

    def set_meta(self, connection: Connection, name: str, value: str) -> None:
        """Set a value that the database itself must know."""
        connection.execute(delete(meta).where(meta.c.name == name))
        connection.execute(insert(meta).values(name=name, value=value))

    def expect_sound(self) -> None:
        """Read the whole database and compare it with its indexes; on PostgreSQL, the server does so by itself.

        Raises:
            StoreDamaged: it contradicts itself.
        """
        if self.dialect == "sqlite":
            with self.reading() as connection:
                found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            if found != "ok":
                raise StoreDamaged(f"{self.place}: {DAMAGED}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            known = told(error, self.place)
            if known is None:
                raise
            raise known from None


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None
