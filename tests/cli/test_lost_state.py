"""A database or keys that are gone: told as what they are, by every command, and nothing is made in their place."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_sending import SETTINGS

ISSUE = "weekly/2026-W47"
#: Every command that reads or writes what is kept of readers.
COMMANDS = (
    ("status",),
    ("status", "weekly"),
    ("plan", "weekly"),
    ("send", "weekly"),
    ("send", "weekly", "--dry-run"),
    ("run",),
    ("issue", "weekly"),
    ("subscribers", "list"),
    ("subscribers", "export"),
    ("subscribers", "export", "--address", "ada@reader.example"),
    ("subscribers", "add", "new@reader.example"),
    ("subscribers", "remove", "ada@reader.example"),
    ("subscribers", "erase", "ada@reader.example"),
    ("subscribers", "erase", "ada@reader.example", "--dry-run"),
    ("subscribers", "import", "people.csv"),
    ("subscribers", "import", "people.csv", "--yes"),
    ("bounces", "returned"),
    ("bounces", "returned", "--dry-run"),
)
#: Those among them that change nothing.
LOOKING = (*(one for one in COMMANDS if "--dry-run" in one), COMMANDS[0], COMMANDS[2], COMMANDS[7], COMMANDS[14])


@pytest.fixture
def fresh(site: Path, cli_invoke: Any) -> Path:
    """Give a publication with an issue, to which nobody is subscribed."""
    (site / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    assert cli_invoke("issue", "weekly").exit_code == 0
    (site / "people.csv").write_text("email\nzoe@reader.example\n", encoding="utf-8")
    (site / "returned").write_text("", encoding="utf-8")
    return site


@pytest.fixture
def sent(fresh: Path, cli_invoke: Any) -> Path:
    """Give a publication whose issue went to one of two."""
    assert cli_invoke("subscribers", "add", "ada@reader.example", "ben@reader.example").exit_code == 0
    assert cli_invoke("send", "weekly", "--limit", "1").exit_code == 3
    return fresh


def tree(site: Path) -> dict[str, bytes]:
    """Return what lies in the state folder; opening even an empty database says of it that it is one."""
    quiet = ("run.lock", "told.json", "cache.db", "state.db-", "state.lock")
    return {
        str(path.relative_to(site)): path.read_bytes()
        for path in sorted((site / ".publisher").rglob("*"))
        if path.is_file() and not path.name.startswith(quiet)
    }


def lose(path: Path) -> None:
    for part in ("", "-wal", "-shm"):
        path.with_name(path.name + part).unlink(missing_ok=True)


@pytest.mark.parametrize("how", ["deleted", "emptied"])
def test_a_lost_database_is_named_by_every_command(sent: Path, cli_invoke: Any, how: str) -> None:
    database = sent / ".publisher/state.db"
    lose(database)
    if how == "emptied":
        database.touch(0o600)
    before = tree(sent)
    for command in COMMANDS:
        result = cli_invoke(*command)
        words = [line for line in result.stderr.splitlines() if line]
        assert (result.exit_code, len(words)) == (4, 1), (command, result.output)
        assert "state.db: there is no database, or an empty one, though .publisher/epoch knows of a run" in words[0]
        assert "Put back a backup" in words[0]
        assert "reader.example" not in words[0]
        assert tree(sent).keys() == before.keys(), command
        assert (sent / ".publisher/keys.json").read_bytes() == before[".publisher/keys.json"]
    assert len(list((sent / "out/new").glob("*"))) == 1


def test_after_a_lost_database_one_may_begin_anew(sent: Path, cli_invoke: Any) -> None:
    (sent / ".publisher").rename(sent / "away")
    assert cli_invoke("subscribers", "add", "new@reader.example").exit_code == 0
    assert "new@reader.example" in cli_invoke("subscribers", "list").stdout
    old, new = ((sent / place / "keys.json").read_bytes() for place in ("away", ".publisher"))
    assert json.loads(old)["links"] != json.loads(new)["links"]  # an old link must not mean somebody new


def test_lost_keys_are_named_by_every_command_and_no_others_are_made(sent: Path, cli_invoke: Any) -> None:
    keys = sent / ".publisher/keys.json"
    saved = keys.read_bytes()
    keys.unlink()
    for command in COMMANDS:
        result = cli_invoke(*command)
        assert result.exit_code == 4, (command, result.output)
        assert f"{keys}: is missing, though the database was written with it; put back the copy" in result.stderr
        assert not keys.exists(), command
    keys.touch(0o600)
    keys.write_bytes(saved)
    assert cli_invoke("send", "weekly").exit_code == 0
    assert len(list((sent / "out/new").glob("*"))) == 2


def test_new_keys_are_made_once_the_database_is_told_to_do_without_the_old_ones(sent: Path, cli_invoke: Any) -> None:
    import sqlite3

    (sent / ".publisher/keys.json").unlink()
    with sqlite3.connect(sent / ".publisher/state.db") as base:  # as docs/subscribers.md says
        base.execute("DELETE FROM meta WHERE name = 'keys'")
    base.close()
    assert cli_invoke("subscribers", "add", "new@reader.example").exit_code == 0
    assert cli_invoke("subscribers", "list").stdout.count("reader.example") == 3


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_whoever_only_looks_makes_neither_database_nor_keys(fresh: Path, cli_invoke: Any, command: Any) -> None:
    before = tree(fresh)
    assert "state" not in str(before)
    result = cli_invoke(*command)
    assert result.exit_code in (0, 2), result.output
    assert "Traceback" not in result.output
    assert tree(fresh) == before


def test_a_test_mail_leaves_without_keys_and_makes_none(fresh: Path, cli_invoke: Any) -> None:
    before = tree(fresh)
    assert cli_invoke("send", "weekly", "--to", "me@notes.example").exit_code == 0
    assert tree(fresh) == before


def test_a_dry_import_before_there_is_a_database_shows_what_would_be(fresh: Path, cli_invoke: Any) -> None:
    result = cli_invoke("subscribers", "import", "people.csv")
    assert "new              1  (1 confirmed)\n  people.csv:2  zoe@reader.example" in result.stdout
    assert cli_invoke("subscribers", "import", "people.csv", "--yes").exit_code == 0
    assert "zoe@reader.example" in cli_invoke("subscribers", "list").stdout
