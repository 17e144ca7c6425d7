"""A small publication with one issue, whose mails go into memory."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from publisher import Publication
from tests.delivery.mailroom import ARTICLE, ISSUE, NOW, Mailroom, config

if TYPE_CHECKING:
    from tests.databases import Database


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a publication of which an issue was made; to be copied."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "articles").mkdir()
    for name in ("west", "east"):
        (folder / "articles" / f"{name}.md").write_text(ARTICLE.format(name=name), encoding="utf-8")
    (folder / "publisher.toml").write_text(config("sqlite:///.publisher/state.db"), encoding="utf-8")
    report = Publication.load(folder).issue("weekly", NOW)
    assert not report.blocked
    assert report.folder == f"issues/{ISSUE}"
    return folder


@pytest.fixture
def open_mailroom(made: Path) -> Iterator[Callable[["Database"], Mailroom]]:
    """Give what makes a publication with one issue, in a database."""
    stores = []

    def make(database: "Database") -> Mailroom:
        shutil.copytree(made, database.folder, dirs_exist_ok=True)
        (database.folder / "publisher.toml").write_text(config(database.url), encoding="utf-8")
        stores.append(database.open())
        return Mailroom(database.folder, stores[-1])

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def mailroom(open_mailroom: Callable[["Database"], Mailroom], database: "Database") -> Mailroom:
    """Give a publication with one issue, once with each kind of database."""
    return open_mailroom(database)


@pytest.fixture
def sqlite_mailroom(open_mailroom: Callable[["Database"], Mailroom], sqlite_database: "Database") -> Mailroom:
    """Give a publication with one issue, and SQLite."""
    return open_mailroom(sqlite_database)


@pytest.fixture
def postgresql_mailroom(open_mailroom: Callable[["Database"], Mailroom], postgresql_database: "Database") -> Mailroom:
    """Give one in a server's database."""
    return open_mailroom(postgresql_database)
