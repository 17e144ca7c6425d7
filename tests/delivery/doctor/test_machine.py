"""This machine and the database: facts in, findings out."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.config.delivery import DeliverySettings
from publisher.config.settings import Settings
from publisher.delivery.doctor.finding import Level
from publisher.delivery.doctor.machine import (
    Place,
    Room,
    cron_findings,
    place_findings,
    places,
    room_findings,
    rooms,
    target_findings,
    zone_findings,
)
from publisher.delivery.doctor.state import clock_findings, state_findings
from publisher.delivery.lock import one_run
from publisher.errors import SurroundingsError
from publisher.publication.scheduling import crontab
from publisher.store import Store, open_store

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MEBIBYTE = 2**20


def opened(folder: Path, *, create: bool = False) -> Store:
    return open_store("sqlite:///.publisher/state.db", folder, create=create)


def test_what_is_open_to_others_is_told(tmp_path: Path) -> None:
    opened(tmp_path, create=True).close()
    database = tmp_path / ".publisher" / "state.db"
    (tmp_path / "publisher.toml").touch(0o644)
    assert {one.level for one in place_findings(places(tmp_path, database), os.geteuid())} == {Level.OK}
    for path, mode in ((database, 0o644), (database.parent, 0o755), (tmp_path / "publisher.toml", 0o666)):
        before = path.stat().st_mode
        path.chmod(mode)
        (found,) = place_findings(places(tmp_path, database), os.geteuid())
        assert found.level is Level.ERROR
        assert f"chmod {'755' if path.suffix == '.toml' else oct(before)[-3:]} {path}" in found.cure
        path.chmod(before)


def test_links_and_other_peoples_files_are_told() -> None:
    link = Place("x", 0o777, 1, is_link=True, wanted=0o600)
    foreign = Place("x", 0o600, 2, is_link=False, wanted=0o600)
    assert [one.level for one in place_findings((link, foreign), 1)] == [Level.ERROR, Level.ERROR]


@pytest.mark.parametrize(
    ("free", "files", "level"),
    [
        (10 * MEBIBYTE, None, Level.ERROR),
        (100 * MEBIBYTE, None, Level.WARNING),
        (1000 * MEBIBYTE, 10, Level.WARNING),
        (1000 * MEBIBYTE, None, Level.OK),
    ],
)
def test_little_room_is_told(free: int, files: int | None, level: Level) -> None:
    assert [one.level for one in room_findings((Room("x", free, files),))] == [level]


def test_room_is_looked_for_above_folders_that_are_not_there_yet(tmp_path: Path) -> None:
    (room,) = rooms((tmp_path / "a" / "b", tmp_path))
    assert room.bytes > 0


def test_a_time_zone_that_is_unknown_here_is_told() -> None:
    assert [one.level for one in zone_findings("Europe/Berlin")] == [Level.OK]
    assert [one.level for one in zone_findings("Europe/Nowhere")] == [Level.ERROR]


@pytest.mark.parametrize(
    ("lines", "level"),
    [
        (("*/5 * * * * /usr/bin/publisher -C /srv/notes run",), Level.OK),
        (("#*/5 * * * * /usr/bin/publisher -C /srv/notes run",), Level.NOTE),
        (("*/5 * * * * /usr/bin/publisher -C /srv/other run",), Level.NOTE),
        (("*/5 * * * * /usr/bin/publisher -C /srv/notes2 run",), Level.NOTE),
        (("*/5 * * * * /usr/bin/publisher -C /srv/notes/old run",), Level.NOTE),
        (("*/5 * * * * cat /srv/notes/publisher run",), Level.NOTE),
        (("*/5 * * * * root cd /srv/notes/ && publisher -q run>/dev/null",), Level.OK),
        (("  @hourly publisher -C/srv/notes run",), Level.OK),
        (("NOTE=1 2 3 4 5 publisher -C /srv/notes run",), Level.NOTE),
        (("NOTE = 1 2 3 publisher -C /srv/notes run",), Level.NOTE),
        (("*/5 * * * * publisher -C '/srv/notes run",), Level.NOTE),
        (("*/5 * * * * cat%publisher -C /srv/notes run",), Level.NOTE),
        (("", "*/5 * * *", "MAILTO=you@notes.example"), Level.NOTE),
        (None, Level.NOTE),
    ],
)
def test_cron_is_looked_at(lines: tuple[str, ...] | None, level: Level) -> None:
    assert [one.level for one in cron_findings(lines, Path("/srv/notes"), is_needed=True)] == [level]


@pytest.mark.parametrize("name", ["notes", "100% mine", "it's", "Ärger & Co; #1", 'a "b" $c', "-C"])
def test_the_line_that_is_printed_is_found_whatever_the_folder_is_called(name: str) -> None:
    folder = Path("/srv") / name
    settings = Settings.model_validate({"publication": {"title": "Notes", "url": "https://notes.example/"}})
    lines = tuple(crontab(folder, settings, "/opt/python").splitlines())
    assert [one.level for one in cron_findings(lines, folder, is_needed=True)] == [Level.OK]
    assert [one.level for one in cron_findings(lines, Path("/srv/other"), is_needed=True)] == [Level.NOTE]


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("sendmail:/bin/sh", Level.OK),
        ("sendmail:/bin/none", Level.ERROR),
        ("folder:out", Level.OK),
        ("folder:a-file/out", Level.ERROR),
    ],
)
def test_other_ways_of_delivery_are_looked_at(url: str, level: Level, tmp_path: Path) -> None:
    (tmp_path / "a-file").touch()
    assert [one.level for one in target_findings(DeliverySettings(url=url), tmp_path)] == [level]


@pytest.mark.parametrize(
    ("mark", "now", "level"),
    [
        (None, NOW, Level.OK),
        (NOW, NOW, Level.OK),
        (NOW + timedelta(minutes=4), NOW, Level.OK),
        (NOW + timedelta(minutes=6), NOW, Level.ERROR),
        (None, NOW.replace(year=1970), Level.ERROR),
    ],
)
def test_the_clock_is_judged(mark: datetime | None, now: datetime, level: Level) -> None:
    assert [one.level for one in clock_findings(mark, now)] == [level]


def test_a_sound_database_is_well(tmp_path: Path) -> None:
    opened(tmp_path, create=True).close()
    found = list(state_findings(lambda: opened(tmp_path), tmp_path, NOW))
    assert {one.level for one in found} == {Level.OK}
    assert {one.id for one in found} >= {"state.database", "state.ledger", "state.epoch", "state.lock", "machine.clock"}


def test_no_database_is_a_note_and_none_is_made(tmp_path: Path) -> None:
    found = {one.id: one.level for one in state_findings(lambda: opened(tmp_path), tmp_path, NOW)}
    assert found["state.database"] is Level.NOTE
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    opened(tmp_path, create=True).close()
    (tmp_path / ".publisher" / "state.db").write_bytes(b"x" * 4096)
    found = {one.id: one.level for one in state_findings(lambda: opened(tmp_path), tmp_path, NOW)}
    assert found["state.database"] is Level.ERROR


def test_a_database_older_than_the_last_run_is_told(tmp_path: Path) -> None:
    opened(tmp_path, create=True).close()
    (tmp_path / ".publisher" / "epoch").write_text("7\n", encoding="utf-8")
    found = {one.id: one.level for one in state_findings(lambda: opened(tmp_path), tmp_path, NOW)}
    assert found["state.epoch"] is Level.ERROR


def test_a_run_at_work_is_left_alone(tmp_path: Path) -> None:
    def refuse() -> Store:
        raise SurroundingsError("nobody may look")

    with one_run(tmp_path, None, "process 7"):
        found = list(state_findings(refuse, tmp_path, NOW))
    assert [one.id for one in found] == ["state.lock", "machine.clock"]
    assert "process 7" in found[0].message
