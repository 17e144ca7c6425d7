"""Dates as authors write them."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from datetime import time as clock
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.sources import dates
from publisher.sources.dates import from_name, moment

BERLIN = ZoneInfo("Europe/Berlin")
MIDNIGHT = datetime(2015, 1, 1, 23, tzinfo=UTC)
EARLY = datetime(2015, 1, 2, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2015-01-02",
        "2015-1-2",
        "2015/01/02",
        "2015.01.02",
        " 2015-01-02 ",
        "02.01.2015",
        "2. 1. 2015",
        "January 2, 2015",
        "Jan 2, 2015",
        "Jan. 2nd 2015",
        "January 2nd, 2015",
        "2 January 2015",
        "2nd jan 2015",
        "02-Jan-2015",
        "Friday, January 2, 2015",
        "Fri, 2 Jan 2015",
        "2015-01-02T00:00",
        "2 January 2015, 12:00 am",
        date(2015, 1, 2),
        datetime(2015, 1, 2),  # noqa: DTZ001 - TOML has times without a zone
    ],
)
def test_a_day_is_its_midnight_in_the_zone(text: object) -> None:
    assert moment(text, BERLIN) == MIDNIGHT


@pytest.mark.parametrize(
    "text",
    [
        "2015-01-02 04:04",
        "2015-01-02 4:04:00",
        "2015-01-02T04:04:00",
        "2015-01-02T03:04:00Z",
        "2015-01-02t03:04z",
        "2015-01-02   03:04:00.000  +0000",
        "2015-01-02 04:04 +0100",
        "2015-01-02 04:04 +01:00",
        "2015-01-02 04:04 +01",
        "2015-01-01 22:04:00 -0500",
        "2015-01-01T22:04:00,000-05:00",
        "2015-01-02 03:04 UTC",
        "Thu, 01 Jan 2015 22:04:00 EST",
        "Fri, 02 Jan 2015 03:04:00 GMT",
        "Fri, 02 Jan 2015 04:04:00 +0100 (CET)",
        "January 2, 2015 4:04am",
        "January 2, 2015 at 04:04 a.m.",
        "2 January 2015 04:04",
        "2.1.2015 04:04",
        datetime(2015, 1, 2, 4, 4, tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_a_time_is_its_instant(text: object) -> None:
    assert moment(text, BERLIN) == EARLY
    assert moment(text, BERLIN).tzinfo is UTC


def test_fractions_of_a_second_are_kept_to_the_microsecond() -> None:
    assert moment("2015-01-02T03:04:05.1234567Z", BERLIN).microsecond == 123456


def test_noon_and_midnight_have_twelve_hours() -> None:
    assert moment("Jan 2, 2015 12:30pm", ZoneInfo("UTC")).hour == 12
    assert moment("Jan 2, 2015 3:04 PM", ZoneInfo("UTC")).hour == 15


def test_an_hour_the_clocks_repeat_is_its_first_occurrence() -> None:
    assert moment("2026-10-25 02:30", BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert moment(datetime.fromisoformat("2026-10-25T02:30").replace(fold=1), BERLIN) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_an_hour_the_clocks_leave_out_moves_forward() -> None:
    assert moment("2026-03-29 02:30", BERLIN).astimezone(BERLIN).hour == 3


@pytest.mark.parametrize(
    ("text", "expected"), [("31/01/2015", (1, 31)), ("01/31/2015 10:00", (1, 31)), ("5-5-2015", (5, 5))]
)
def test_numbers_of_which_one_can_only_be_the_day_are_understood(text: str, expected: object) -> None:
    local = moment(text, BERLIN).astimezone(BERLIN)
    assert (local.month, local.day) == expected


def test_a_date_that_may_be_two_says_how_to_write_both() -> None:
    with pytest.raises(ValueError, match=r'is ambiguous: "01/02/2015".*2015-01-02 or 2015-02-01'):
        moment("01/02/2015", BERLIN)


@pytest.mark.parametrize(
    "value",
    [1420167840, 1420167840.5, True, None, "14201678400", "", "soon", "Last Modified", [], clock(3, 4), "2015-01"],
)
def test_what_is_no_date_is_refused_with_an_example(value: object) -> None:
    with pytest.raises(ValueError, match=r"is no date: .*2026-01-31T08:30:00"):
        moment(value, BERLIN)


@pytest.mark.parametrize(
    "text",
    [
        "2015-02-30",
        "2015-13-01",
        "99.01.2015",
        "2015-01-02 24:00",
        "2015-01-02 13:04 pm",
        "2015-01-02 03:04 +01:99",
        "2015-01-02 03:04 +99:00",
        "2015-01-02 03:04 XYZ",
        "32/32/2015",
        "0000-01-01",
    ],
)
def test_a_date_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no date that exists"):
        moment(text, BERLIN)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+23:00", "9999-12-31 23:59 -23:00", "0001-01-01", "0001-01-01T00:00:00Z"]
)
def test_a_date_outside_of_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is out of range: .*; write it as"):
        moment(text, BERLIN)


def test_a_long_text_is_shown_in_part() -> None:
    with pytest.raises(ValueError, match=r"x{39}…"):
        moment("x" * 10_000, BERLIN)


@given(st.text())
def test_any_text_is_a_date_or_a_clause(text: str) -> None:
    try:
        told = str(moment(text, BERLIN).tzinfo)
    except ValueError as error:
        told = str(error)
    assert told.startswith(("UTC", "is "))


@given(st.datetimes(min_value=datetime(1973, 1, 1), max_value=datetime(9999, 12, 30), timezones=st.timezones()))  # noqa: DTZ001
def test_an_aware_time_keeps_its_instant(when: datetime) -> None:
    assert moment(when, BERLIN) == when.astimezone(UTC)
    assert moment(when.isoformat(), BERLIN) == when.astimezone(UTC)


def expect_the_same_in_full(text: str) -> None:
    """Expect what is read of ISO 8601 at once to be what reading it as any other date gives, mistakes included."""

    def told() -> datetime | str:
        try:
            return moment(text, BERLIN)
        except ValueError as error:
            return str(error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dates, "_ISO", re.compile("(?!)"))
        careful = told()
    assert told() == careful


@given(
    st.from_regex(
        r"[0-3]\d{3}-[01]\d-[0-3]\d([T ][0-2]\d:[0-6]\d(:[0-6]\d)?(Z|[+-][0-2]\d:?[0-9]\d)?)?\n?", fullmatch=True
    )
)
def test_iso_dates_read_at_once_are_the_same(text: str) -> None:
    expect_the_same_in_full(text)


@pytest.mark.parametrize(
    ("hasty", "text"),
    [
        (".*", "2026-W05-1"),
        (".*", "20260131"),
        (".*", "2026-01-31T08"),
        (r"\d{4}.*[+-]\d{2}:\d{2}", "2026-01-31T08:30+01:99"),
        (r"\d{4}.*[+-]\d{2}:\d{2}:\d{2}", "2026-01-31T08:30:00+01:00:30"),
    ],
)
def test_a_hastier_reading_of_iso_dates_is_found_out(hasty: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expect_the_same_in_full(text)
    monkeypatch.setattr(dates, "_ISO", re.compile(hasty))
    with pytest.raises(AssertionError):
        expect_the_same_in_full(text)


@pytest.mark.parametrize(
    "name",
    [
        "2026-11-22-title.md",
        "2026-11-22.md",
        "2026-11-22_title.md",
        "2026/11/22/title.md",
        "blog/2026/11/22/index.md",
        "_posts/2026-11-22-x.md",
        "2026-11-22/index.md",
        "2026-11-22-title/index.md",
        "/2026/11/22/title.html",
        "https://notes.example/2026/11/22/",
        "2020-01-01/2026-11-22-x.md",
        "2026-11-22-a/2026-13-01-b.md",
    ],
)
def test_a_name_tells_the_day(name: str) -> None:
    assert from_name(name, BERLIN) == datetime(2026, 11, 21, 23, tzinfo=UTC)


def test_a_name_may_tell_the_hour() -> None:
    assert from_name("2026-11-22T10-30-title.md", BERLIN) == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    assert from_name("2026-11-22T10-30-15.md", BERLIN) == datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)
    assert from_name("_posts/2026-1-2-x.md", BERLIN) == datetime(2026, 1, 1, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    "name",
    [
        "title.md",
        "2026-13-01-x.md",
        "2026-02-30.md",
        "2026/11/title.md",
        "12026-11-22.md",
        "2026-11-221.md",
        "x2026-11-22.md",
        "2026-11/22-x.md",
        "2026-11-22T25-00-x.md",
    ],
)
def test_a_name_without_a_real_date_tells_nothing(name: str) -> None:
    assert from_name(name, BERLIN) is None
