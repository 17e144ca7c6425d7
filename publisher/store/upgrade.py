"""Tables as this version knows them: made in a new database, upgraded in an older one, refused in a newer one."""

import os
import re
from pathlib import Path

from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table, inspect, select, text
from sqlalchemy.engine import Connection

from publisher.store import triggers  # noqa: F401 # they are made together with the tables
from publisher.store.engine import Store
from publisher.store.errors import StoreDamaged, StoreError, StoreMissing, StoreNewer
from publisher.store.sqlite import sync_folder
from publisher.store.tables import metadata

#: Alembic's scripts, one a step, named by the number that they lead to.
SCRIPTS = Path(__file__).with_name("migrations")
# As Alembic makes it. A new database gets it without Alembic, which takes longer to import than all else to do.
_VERSION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
_SCRIPT = re.compile(r"(\d{4})_\w+\.py")
# Any number; two commands that find an empty database in the same moment take turns.
_TURN = 7_237_851_446


def latest(scripts: Path = SCRIPTS) -> str:
    """Return the number of the newest tables, such as `0001`."""
    return max(found[1] for name in os.listdir(scripts / "versions") if (found := _SCRIPT.fullmatch(name)))  # noqa: PTH208


def bring_up(store: Store, *, create: bool, scripts: Path = SCRIPTS) -> None:
    """Bring the tables to what this version knows.

    Args:
        store: the database.
        create: makes them where there are none.
        scripts: the folder of migrations.

    Raises:
        StoreMissing: there are no tables, and `create` is False.
        StoreNewer: a later version of the program changed them.
        StoreDamaged: the database holds something else.
        StoreError: it cannot be used.
    """
    newest = latest(scripts)
    with store.reading() as connection:
        number = _number(store, connection)
    if number is None:
        if not create:
            raise StoreMissing(
                f"{store.place}: there are no subscribers yet; add some with: publisher subscribers add ADDRESS"
            )
        with store.writing() as connection:
            _wait_turn(connection)
            if (number := _number(store, connection)) is None:
                _make_all(connection, newest)
                return
    if number > newest:
        raise StoreNewer(
            f"{store.place}: was written by a later version of publisher (its tables are {number}, this version knows "
            f"{newest}); install that version again"
        )
    if number < newest:
        _upgrade(store, number, newest, scripts)


def _number(store: Store, connection: Connection) -> str | None:
    """Return the number of the tables that are there; None for an empty database."""
    tables = set(inspect(connection).get_table_names())
    if _VERSION.name in tables:
        number: str | None = connection.scalar(select(_VERSION.c.version_num))
        if number is not None and re.fullmatch(r"\d{4}", number):
            return number
    elif not tables & set(metadata.tables) and (store.dialect != "sqlite" or not tables):
        return None
    raise StoreDamaged(f"{store.place}: holds tables of another program; name a database of its own as url in [state]")


def _wait_turn(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def _make_all(connection: Connection, newest: str) -> None:
    metadata.create_all(connection, checkfirst=False)
    _VERSION.create(connection)
    connection.execute(_VERSION.insert().values(version_num=newest))


def _upgrade(store: Store, number: str, newest: str, scripts: Path) -> None:
    from alembic import command  # noqa: PLC0415 # slow to load, and seldom needed
    from alembic.config import Config  # noqa: PLC0415

    if store.path is not None:
        back_up(store, store.path.with_name(f"{store.path.stem}-before-{newest}{store.path.suffix}"))
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    with store.writing() as connection:
        _wait_turn(connection)
        if _number(store, connection) != number:
            return  # another command did it meanwhile
        config.attributes["connection"] = connection
        command.upgrade(config, newest)


def back_up(store: Store, target: Path) -> None:
    """Write a copy of an SQLite database as it is now, for the owner alone; one that is there already is replaced.

    Raises:
        StoreError: the disk refuses.
    """
    beside = target.with_name(f".{target.name}.tmp")
    try:
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        store.run_alone("VACUUM INTO ?", (str(beside),))
        with beside.open("rb") as copy:
            os.fsync(copy.fileno())
        beside.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise StoreError(f"{target}: cannot be written: {error.strerror or error}") from error
    finally:
        beside.unlink(missing_ok=True)
