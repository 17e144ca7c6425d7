"""The database of one publication: transactions that read, and transactions that write."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Self

from sqlalchemy import Engine, PoolProxiedConnection, delete, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from publisher.store.batch import Batch
from publisher.store.errors import DAMAGED, LOCKED, StoreDamaged, StoreLocked, told
from publisher.store.sqlite import ALONE, LATE, MODE, WRITING
from publisher.store.tables import meta
from publisher.store.turns import Turns

_TURN = "publisher_turn"


class Store:
    """Subscribers and deliveries. A context manager, which closes all connections; threads may share it.

    Args:
        engine: of the database.
        place: the file, or the server's address without password; for messages.
        path: the file of SQLite.
        turns: in which nobody else writes to it.
    """

    def __init__(self, engine: Engine, place: str, path: Path | None = None, turns: Turns | None = None) -> None:
        self._reading = engine
        self._writing = engine.execution_options(**{MODE: WRITING})
        self._late = engine.execution_options(**{MODE: LATE})
        self.place = place
        self.path = path
        #: `sqlite` or `postgresql`.
        self.dialect: str = engine.dialect.name
        self._turns = turns
        self._turn: AbstractContextManager[object] = turns or nullcontext()
        #: For batches.
        self._kept: PoolProxiedConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Store {self.place}>"

    def close(self) -> None:
        """Close all connections."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        self._reading.dispose()
        if self._turns is not None:
            self._turns.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees the database as it is now, whatever others write meanwhile.

        On SQLite, the log of changes grows as long as it lasts: keep it short.

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
            late: on SQLite, others may write until this one takes its turn (see `take_turn`), and it must not have read
                before that: for who fills temporary tables for long.

        Raises:
            StoreError: the database cannot be written; nothing was.
        """
        engine = self._late if late else self._writing
        with self._told(), ExitStack() as turns, ExitStack() as transaction:
            if not late:
                turns.enter_context(self._turn)
            connection = transaction.enter_context(engine.connect())
            transaction.enter_context(connection.begin())
            connection.info[_TURN] = partial(turns.enter_context, self._turn)
            yield connection

    def take_turn(self, connection: Connection) -> None:
        """Wait until nobody else writes: for who writes late, before the first statement that does.

        Raises:
            StoreLocked: another command writes and does not end.
        """
        connection.info[_TURN]()

    def stand_still(self, connection: Connection) -> None:
        """See the database from now on as it is now, in a transaction that writes: for its first statement.

        On SQLite that is so anyway.
        """
        if self.dialect == "postgresql":
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    @contextmanager
    def batch(self) -> Iterator[Batch]:
        """Give a transaction as `writing` does, of statements as text in the driver's own words; one thread at a time.

        Raises:
            StoreError: the database cannot be written; nothing was.
        """
        with self._turn:
            try:
                kept = self._kept = self._kept or self._writing.raw_connection()
                driver = kept.driver_connection
                assert driver is not None
                cursor = driver.cursor()
                if self.path is not None:
                    cursor.execute("BEGIN IMMEDIATE")
                try:
                    yield Batch(cursor)
                    driver.commit()
                except BaseException:
                    driver.rollback()
                    raise
            except self._driver_error as error:
                raise self._in_words(error) from None

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
        with self._told(), self._turn, self._reading.connect() as connection:
            connection.execution_options(**{MODE: ALONE}).exec_driver_sql(statement, values)

    def rewrite(self) -> None:
        """Write SQLite's file anew and empty its log: both may hold old content, such as an erased address.

        Raises:
            StoreLocked: another command keeps them.
            StoreError: the database cannot be used.
        """
        with self._told(), self._turn, self._reading.connect() as connection:
            alone = connection.execution_options(**{MODE: ALONE})
            alone.exec_driver_sql("VACUUM")
            busy, *_ = alone.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        if busy:
            raise StoreLocked(f"{self.place}: {LOCKED}")

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

    @property
    def _driver_error(self) -> type[Exception]:
        module = self._reading.dialect.loaded_dbapi
        kind: type[Exception] = module.Error
        return kind

    def _in_words(self, error: Exception) -> BaseException:
        """Return what a driver's error means, as SQLAlchemy would have told it where it is a mistake of this program."""
        raised = DBAPIError.instance(None, None, error, self._driver_error, hide_parameters=True)
        return (told(raised, self.place) if isinstance(raised, DBAPIError) else None) or raised
