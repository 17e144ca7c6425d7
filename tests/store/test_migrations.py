"""New databases and upgraded ones are the same, and each version of the program knows which it can use."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from publisher.store import Store, StoreDamaged, StoreMissing, StoreNewer, triggers
from publisher.store.tables import metadata
from publisher.store.upgrade import SCRIPTS, bring_up, latest

if TYPE_CHECKING:
    from tests.databases import Database

_SECOND = """
import sqlalchemy as sa
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    with op.batch_alter_table("subscription") as table:
        table.add_column(sa.Column("colour", sa.Text(), nullable=False, server_default="blue"))
"""


def _migrate(store: Store, target: str = "head") -> None:
    """Make the tables by migrations alone, from nothing."""
    with store.writing() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
        if store.dialect == "postgresql":
            connection.execute(text("DROP FUNCTION delivery_settled"))
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, target)


def _differences(connection: Connection) -> list[object]:
    # SQLite tells no empty default from none; there the statements themselves are compared.
    defaults = connection.dialect.name != "sqlite"
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": defaults})
    return list(compare_metadata(context, metadata))


def _definitions(store: Store) -> list[object]:
    """Return what the database itself says of checks, indexes and triggers."""
    queries = {
        "sqlite": "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2",
        "postgresql": "SELECT conname AS name, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = current_schema()::regnamespace UNION ALL"
        " SELECT indexname, replace(indexdef, current_schema(), '') FROM pg_indexes WHERE schemaname = current_schema()"
        " UNION ALL SELECT tgname, replace(pg_get_triggerdef(oid), current_schema(), '') FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgrelid = 'delivery'::regclass ORDER BY 1, 2",
    }
    with store.reading() as connection:
        rows = connection.execute(text(queries[store.dialect])).all()
    # Columns and constraints of a statement stand on lines of their own, in no order that matters.
    return [(*row[:-1], sorted(line.strip("\t ,") for line in (row[-1] or "").splitlines())) for row in rows]


def test_migrations_lead_to_the_tables_the_program_knows(store: Store) -> None:
    made = _definitions(store)
    _migrate(store)
    with store.reading() as connection:
        assert _differences(connection) == []
    assert _definitions(store) == made


@pytest.mark.parametrize("migrated", [False, True])
def test_no_number_that_links_and_tokens_name_comes_again(store: Store, migrated: bool) -> None:
    if migrated:
        _migrate(store)
    moment = "2026-11-22T12:00:00.000000Z"
    rows = {
        "run": f"started_at, host, pid) VALUES ('{moment}', 'x', 1",
        "subscription": "newsletter, address, address_key, status, tags, created_at, changed_at) "
        f"VALUES ('weekly', 'ann@reader.example', 'ann@reader.example', 'pending', '[]', '{moment}', '{moment}'",
        "issue": "newsletter, key, number, manifest, digest, bundle, state, terms, candidates, excluded, frozen_at, "
        f"expires_at) VALUES ('weekly', 'k', 1, '', '', '', 'done', '[]', 0, '[]', '{moment}', '{moment}'",
    }
    for name, row in rows.items():
        with store.writing() as connection:
            first = connection.scalar(text(f"INSERT INTO {name} ({row}) RETURNING id"))
            connection.execute(text(f"DELETE FROM {name}"))
            assert connection.scalar(text(f"INSERT INTO {name} ({row}) RETURNING id")) == first + 1


def test_a_column_that_no_migration_makes_is_noticed(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("ALTER TABLE subscription DROP COLUMN consent_source"))
    with store.reading() as connection:
        assert _differences(connection) != []


def test_a_new_database_needs_no_alembic_and_has_the_newest_number(store: Store) -> None:
    with store.reading() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == latest()


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """Give the scripts of a later version, which has a second migration."""
    folder = tmp_path / "migrations 100%"
    shutil.copytree(SCRIPTS, folder)
    (folder / "versions" / "0002_colour.py").write_text(_SECOND, encoding="utf-8")
    return folder


def _columns(store: Store) -> set[str]:
    with store.reading() as connection:
        return {column["name"] for column in inspect(connection).get_columns("subscription")}


def test_an_older_database_is_upgraded_and_keeps_what_it_has(store: Store, later: Path) -> None:
    insert = (
        "INSERT INTO subscription (newsletter, address, address_key, status, tags, created_at, changed_at)"
        " VALUES ('weekly', 'ann@notes.example', 'ann@notes.example', 'confirmed', '[]', '2026', '2026')"
    )
    with store.writing() as connection:
        connection.execute(text(insert))
    bring_up(store, create=False, scripts=later)
    assert "colour" in _columns(store)
    with store.reading() as connection:
        assert connection.execute(text("SELECT address, colour FROM subscription")).all() == [
            ("ann@notes.example", "blue")
        ]
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0002"


def test_an_upgrade_leaves_a_backup_for_the_owner_alone(
    sqlite_database: "Database", later: Path, tmp_path: Path
) -> None:
    with sqlite_database.open() as store:
        bring_up(store, create=False, scripts=later)
        assert store.path is not None
        copy = store.path.with_name("state-before-0002.db")
    assert copy.stat().st_mode & 0o777 == 0o600
    copy.replace(tmp_path / "publication" / ".publisher" / "state.db")
    with sqlite_database.open() as store:
        assert "colour" not in _columns(store)


def test_an_upgrade_that_fails_changes_nothing(store: Store, later: Path) -> None:
    script = later / "versions" / "0002_colour.py"
    script.write_text(_SECOND + "    raise RuntimeError('half way')\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match="half way"):
        bring_up(store, create=False, scripts=later)
    assert "colour" not in _columns(store)
    with store.reading() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0001"


def test_a_newer_database_is_refused_and_untouched(database: "Database", later: Path) -> None:
    with database.open() as store:
        bring_up(store, create=False, scripts=later)
    with pytest.raises(StoreNewer, match="was written by a later version of publisher"):
        database.open()


def test_tables_of_another_program_are_refused(store: Store, database: "Database") -> None:
    with store.writing() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(StoreDamaged, match="holds tables of another program"):
        database.open()


def test_without_create_nothing_is_made(database: "Database") -> None:
    from publisher.store import open_store

    with pytest.raises(StoreMissing, match="there are no subscribers yet"):
        open_store(database.url, database.folder, create=False)
    assert not (database.folder / ".publisher").exists()


def test_triggers_are_made_in_every_dialect() -> None:
    assert set(triggers.STATEMENTS) == {"sqlite", "postgresql"}
