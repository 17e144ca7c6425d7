"""What a run leaves behind of itself: enough to judge the next one, and no more with each year."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from publisher.delivery import atwork
from publisher.delivery.epoch import RestoredBackup
from publisher.delivery.lost import noted
from publisher.store.tables import delivery, run
from tests.delivery.mailroom import Mailroom


def runs(mailroom: Mailroom) -> list[int]:
    with mailroom.store.reading() as connection:
        return list(connection.scalars(select(run.c.id).order_by(run.c.id)))


def expect_few_runs(mailroom: Mailroom) -> None:
    """Demand that months of runs leave those of its last month."""
    for _ in range(12):
        mailroom.clock.on(days=6)
        mailroom.recover()
    assert len(runs(mailroom)) <= 6


def test_runs_of_long_ago_are_forgotten_and_no_number_is_given_twice(mailroom: Mailroom) -> None:
    mailroom.people(3)
    mailroom.send()
    (first,) = runs(mailroom)
    expect_few_runs(mailroom)
    assert runs(mailroom)[-1] == first + 12
    with mailroom.store.reading() as connection:
        assert set(connection.scalars(select(delivery.c.armed_run))) == {first}
    mailroom.expect_sound()
    assert noted(mailroom.folder) == 13


def test_a_run_alone_in_a_year_keeps_its_own_row(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.recover()
    sqlite_mailroom.clock.on(days=400)
    sqlite_mailroom.recover()
    assert runs(sqlite_mailroom) == [2]


def test_clock_and_backup_are_judged_as_before_once_rows_are_gone(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.recover()
    expect_few_runs(sqlite_mailroom)
    sqlite_mailroom.clock.on(days=-40)
    with pytest.raises(atwork.ClockBack):
        sqlite_mailroom.recover()
    sqlite_mailroom.clock.on(days=41)
    with sqlite_mailroom.store.writing() as connection:
        sqlite_mailroom.store.set_meta(connection, "epoch", "2")  # as a backup of the second run has it
    with pytest.raises(RestoredBackup):
        sqlite_mailroom.recover()


def test_runs_that_are_kept_for_ever_are_noticed(sqlite_mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atwork, "_REMEMBERED", timedelta(days=9999))
    with pytest.raises(AssertionError):
        expect_few_runs(sqlite_mailroom)
