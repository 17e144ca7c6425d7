"""The periods of a schedule: one issue belongs to the time from one firing to the next. The one home of cronsim here.

Periods are named after their start, in the coarsest form that tells the schedule's firings apart: a month, an ISO
week, a day, a minute. The form depends on the schedule alone, so the names stay comparable for ever.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

from cronsim import CronSim

from publisher.errors import UsageError

# More than the largest jump of a local clock, a whole day (Samoa left out 30 December 2011).
_LARGEST_JUMP = timedelta(hours=26)
# Enough for every schedule to show its closest pair: one with four firings a year meets all calendars within 28 years.
_SAMPLE = 400


@dataclass(frozen=True, slots=True)
class Period:
    """The time from one firing of a schedule, included, to the next, excluded."""

    #: Names the period in paths and on the command line: `2026-11`, `2026-W47`, `2026-11-22` or `2026-11-22T0800`.
    key: str
    start: datetime
    end: datetime


def period(schedule: str, zone: ZoneInfo, now: datetime) -> Period:
    """Return the period that contains a moment.

    Firings are those of cron in local time: at an absent hour right after it, at a doubled hour once.

    Args:
        schedule: a cron expression of five fields.
        zone: where its hours and days are meant; also of the result's times.
        now: any aware time.

    Raises:
        UsageError: the schedule does not fire around that time.
    """
    try:
        start, end = _around(schedule, zone, now.astimezone(UTC))
    except (StopIteration, OverflowError, ValueError):
        raise UsageError(
            f"the schedule {schedule!r} has no dates around {now.isoformat()}; change one of them"
        ) from None
    return Period(_form(schedule)(start), start, end)


def _around(schedule: str, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    before = (now - _LARGEST_JUMP).replace(microsecond=0).astimezone(zone)
    start = next(CronSim(schedule, before, reverse=True))
    firings = CronSim(schedule, start)
    # Times of one zone compare by their wall clocks, which a doubled hour misleads: hence UTC.
    while (firing := next(firings)).astimezone(UTC) <= now:
        start = firing
    return start, firing


def _month(start: datetime) -> str:
    return f"{start:%Y-%m}"


def _week(start: datetime) -> str:
    year, week, _ = start.isocalendar()
    return f"{year}-W{week:02}"


def _day(start: datetime) -> str:
    return f"{start:%Y-%m-%d}"


def _minute(start: datetime) -> str:
    return f"{start:%Y-%m-%dT%H%M}" + ("-2" if start.fold else "")


@cache
def _form(schedule: str) -> Callable[[datetime], str]:
    """Return the function that names the schedule's periods."""
    firings = tuple(islice(_firings(schedule), _SAMPLE))
    for form in (_month, _week, _day):
        if all(form(one) != form(other) for one, other in pairwise(firings)):
            return form
    return _minute


def _firings(schedule: str) -> Iterator[datetime]:
    return CronSim(schedule, datetime(2000, 1, 1, tzinfo=UTC))
