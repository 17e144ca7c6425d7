"""What the settings alone tell."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.config.load import load_settings
from publisher.config.settings import Settings
from publisher.delivery.doctor.configuration import configuration_findings
from publisher.delivery.doctor.finding import Level
from publisher.delivery.doctor.senders import senders_of
from publisher.newsletter.schedule import Period
from publisher.publication.authoring import lay_down
from tests.delivery.doctor.doctoring import Write

START = datetime(2026, 11, 16, 8, tzinfo=UTC)
WEEK = Period("2026-W47", START, START + timedelta(days=7))
KEY = '[[dkim]]\ndomain = "{}"\nselector = "a"\nkey = {{ env = "KEY" }}\n'


def found_in(settings: Settings, period: Period | None = WEEK) -> dict[str, Level]:
    found = configuration_findings(settings, senders_of(settings), {}, {"weekly": period})
    return {one.id: one.level for one in found if one.level not in (Level.OK, Level.NOTE)}


def test_good_settings_have_no_fault(write: Write) -> None:
    assert found_in(write()) == {}


@pytest.mark.parametrize(
    ("old", "new", "rule", "level"),
    [
        ('return_path = "bounce@notes.example"\n', "", "config.return-path", Level.WARNING),
        ('"bounce@notes.example"', '"a..b@notes.example"', "config.address", Level.ERROR),
        ('[web]\nurl = "https://notes.example/letters/"\n', "", "config.web", Level.ERROR),
        ('"https://notes.example/letters/"', '"http://notes.example/letters/"', "config.web", Level.ERROR),
        ('"https://notes.example/letters/"', '"http://localhost:8000/"', "config.web", Level.WARNING),
        ('"Ada Example, 1 Sample Street"', '" "', "config.postal-address", Level.WARNING),
        ('from = "Field Notes <letters@notes.example>"', "", "config.from", Level.WARNING),
        ("<letters@notes.example>", "<letters@other.example>", "config.list-id", Level.WARNING),
        (
            "<letters@notes.example>",
            '<letters@notes.example>"\nreply_to = "a..b@x.example',
            "config.address",
            Level.ERROR,
        ),
        ("<letters@notes.example>", '<letters@notes.example>"\nreply_to = "a@x.invalid', "config.address", Level.ERROR),
    ],
)
def test_one_fault_in_good_settings_is_found(write: Write, old: str, new: str, rule: str, level: Level) -> None:
    assert found_in(write((old, new))) == {rule: level}


def test_what_init_laid_down_is_told_until_it_is_changed(tmp_path: Path) -> None:
    def told() -> dict[str, Level]:
        settings = load_settings(tmp_path)
        found = configuration_findings(settings, senders_of(settings), {}, {"weekly": WEEK})
        return {one.message: one.level for one in found if one.id == "config.sample"}

    lay_down(tmp_path, None, None, START)
    path = tmp_path / "publisher.toml"
    for old, left in (("", 2), ("Ada Example", 1), ("1 Sample Street", 0)):
        path.write_text(path.read_text(encoding="utf-8").replace(old or "\0", "Own"), encoding="utf-8")
        assert list(told().values()) == [Level.NOTE] * left


def test_no_way_to_deliver_is_told(write: Write) -> None:
    old = '[delivery]\nurl = "smtp://relay.notes.example:587"\nreturn_path = "bounce@notes.example"\n'
    assert found_in(write((old, ""))) == {"config.delivery": Level.ERROR}


@pytest.mark.parametrize(("domain", "fits"), [("notes.example", True), ("example", True), ("other.example", False)])
def test_a_key_has_to_answer_for_the_sender(write: Write, domain: str, fits: bool) -> None:
    assert found_in(write(more=KEY.format(domain))) == ({} if fits else {"config.dkim": Level.ERROR})


@pytest.mark.parametrize(
    ("period", "level"),
    [(None, Level.ERROR), (Period("x", START, START + timedelta(minutes=5)), Level.WARNING)],
)
def test_odd_schedules_are_told(write: Write, period: Period | None, level: Level) -> None:
    assert found_in(write(), period) == {"config.schedule": level}


def test_secrets_that_are_not_there_are_told_without_them(write: Write) -> None:
    settings = write()
    faults = {"delivery.password": "delivery.password: the environment has no NAME", "state.keys": ""}
    found = list(configuration_findings(settings, senders_of(settings), faults, {"weekly": WEEK}))
    assert [one.level for one in found if one.id == "config.secret"] == [Level.ERROR, Level.OK]
