"""Periods between the firings of a schedule."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import UsageError
from publisher.newsletter.schedule import period

BERLIN = ZoneInfo("Europe/Berlin")
_SCHEDULES = st.sampled_from(
    [
        "0 8 * * MON",
        "30 2 * * *",
        "0 8 1 * *",
        "0 8,20 * * *",
        "0 8 29 2 *",
        "*/20 * * * *",
        "0 */6 * * *",
        "0 0 * * 5L",
        "0 0 29 2 MON#5",
        "59 23 31 12 *",
    ]
)
_ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Tehran"]
)
_MOMENTS = st.integers(1_100_000_000, 2_500_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(_SCHEDULES, _ZONES, _MOMENTS)
def test_a_moment_is_in_its_period_and_nothing_fires_within(schedule: str, zone: str, now: datetime) -> None:
    found = period(schedule, ZoneInfo(zone), now)
    assert found.start.astimezone(UTC) <= now < found.end.astimezone(UTC)
    assert next(CronSim(schedule, found.start)) == found.end


@given(_SCHEDULES, _ZONES, _MOMENTS)
def test_periods_follow_each_other_under_different_keys(schedule: str, zone: str, now: datetime) -> None:
    found = period(schedule, ZoneInfo(zone), now)
    following = period(schedule, ZoneInfo(zone), found.end)
    assert following.start == found.end
    assert following.key != found.key
    assert period(schedule, ZoneInfo(zone), found.end - timedelta(microseconds=1)) == found


@pytest.mark.parametrize(
    ("schedule", "now", "key"),
    [
        ("0 8 * * MON", datetime(2026, 11, 22, 12, tzinfo=BERLIN), "2026-W47"),
        ("0 8 * * MON", datetime(2026, 11, 23, 7, 59, 59, tzinfo=BERLIN), "2026-W47"),
        ("0 8 * * MON", datetime(2026, 11, 23, 8, tzinfo=BERLIN), "2026-W48"),
        ("0 8 * * MON", datetime(2027, 1, 1, tzinfo=BERLIN), "2026-W53"),
        ("0 8 * * FRI", datetime(2027, 1, 2, tzinfo=BERLIN), "2026-W53"),
        ("0 8 1 * *", datetime(2026, 11, 1, 7, tzinfo=BERLIN), "2026-10"),
        ("0 8 1 * *", datetime(2026, 11, 1, 8, tzinfo=BERLIN), "2026-11"),
        ("0 8 29 2 *", datetime(2027, 5, 1, tzinfo=BERLIN), "2024-02"),
        ("0 8 1,15 * *", datetime(2026, 11, 20, tzinfo=BERLIN), "2026-W46"),
        ("0 0 1,29 1 *", datetime(2026, 1, 30, tzinfo=BERLIN), "2026-W05"),
        ("0 8 * * *", datetime(2026, 11, 22, 9, tzinfo=BERLIN), "2026-11-22"),
        ("0 8 * * MON,THU", datetime(2026, 11, 22, 9, tzinfo=BERLIN), "2026-11-19"),
        ("0 8,20 * * *", datetime(2026, 11, 22, 9, tzinfo=BERLIN), "2026-11-22T0800"),
        # 2:30 is absent on 29 March and twice there on 25 October 2026.
        ("30 2 * * *", datetime(2026, 3, 29, 3, 0, tzinfo=BERLIN), "2026-03-29"),
        ("30 2 * * *", datetime(2026, 3, 29, 1, 59, tzinfo=BERLIN), "2026-03-28"),
        ("30 2 * * *", datetime(2026, 10, 25, 0, 45, tzinfo=UTC), "2026-10-25"),
        ("30 2 * * *", datetime(2026, 10, 25, 1, 15, tzinfo=UTC), "2026-10-25"),
        ("30 2 * * *", datetime(2026, 10, 25, 1, 45, tzinfo=UTC), "2026-10-25"),
        ("0 * * * *", datetime(2026, 10, 25, 0, 15, tzinfo=UTC), "2026-10-25T0200"),
        ("0 * * * *", datetime(2026, 10, 25, 1, 15, tzinfo=UTC), "2026-10-25T0200-2"),
    ],
)
def test_keys_name_the_start_of_the_period(schedule: str, now: datetime, key: str) -> None:
    assert period(schedule, BERLIN, now).key == key


def test_the_day_is_that_of_the_zone() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert period("0 1 * * *", ZoneInfo("Pacific/Kiritimati"), now).key == "2026-11-23"


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_time_are_told_in_words(year: int) -> None:
    with pytest.raises(UsageError, match="has no dates around"):
        period(
            "0 8 31 12 *",
            BERLIN,
            datetime(year, 12, 31, 23, tzinfo=UTC) if year > 1 else datetime(1, 1, 1, 3, tzinfo=UTC),
        )
