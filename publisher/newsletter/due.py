"""Whether a newsletter's next issue is due: a decision on values, made anew each time something runs.

A schedule counts from the run that first sees it: what fired before is nobody's debt. From then on each firing is settled
once, in order: an issue was made for it, there was nothing new, or it is too late. Where several firings were missed, one
issue under the name of the latest period makes up for all of them.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim

from publisher.newsletter.schedule import Period, period

#: Firings that are counted one by one; behind them it is enough to know that they were many.
MOST_MISSED = 1000


class Call(Enum):
    """What is to be done for a newsletter now."""

    WAIT = "wait"
    """The latest firing is settled."""

    MAKE = "make"
    """An issue is due."""

    GONE = "gone"
    """The issue of this period has left already: the author was quicker."""

    EXPIRED = "expired"
    """An issue was due and is too late: its articles go into the next one."""


@dataclass(frozen=True, slots=True)
class Settled:
    """Up to where the firings of a schedule are settled."""

    #: A cron expression of five fields, and the zone it is meant in: another one starts afresh.
    schedule: str
    zone: str
    #: Firings until then, included, are settled.
    until: datetime
    #: The beginning of the period in which the newsletter was first seen: how far its first issue reaches back, however
    #: late it comes.
    since: datetime

    def dump(self) -> str:
        """Return it as text."""
        moments = {name: getattr(self, name).astimezone(UTC).isoformat() for name in ("until", "since")}
        return json.dumps({**asdict(self), **moments})


def read_settled(text: str) -> Settled:
    """Read what `Settled.dump` wrote.

    Raises:
        ValueError: it is damaged.
    """
    try:
        said = json.loads(text)
        until, since = (datetime.fromisoformat(said[name]) for name in ("until", "since"))
        if until.utcoffset() is None or since.utcoffset() is None:
            raise ValueError("has no time zone")
        return Settled(str(said["schedule"]), str(said["zone"]), until, since)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done, and for which period."""

    call: Call
    #: The one that contains the present.
    period: Period
    #: Becomes true once the call is carried out.
    settled: Settled
    #: Firings before that of the period which nothing ran for; at most `MOST_MISSED`.
    missed: int = 0


def due(
    schedule: str,
    zone: ZoneInfo,
    now: datetime,
    settled: Settled | None,
    gone: Collection[str],
    lateness: timedelta | None = None,
) -> Due:
    """Decide what is to be done for a newsletter.

    Args:
        schedule: a cron expression of five fields.
        zone: where its hours and days are meant.
        now: any aware time.
        settled: what the last run left; None for a newsletter that is seen for the first time.
        gone: keys of the periods whose issues have left, or are leaving.
        lateness: how late an issue may be made after its firing; until the next one where None.

    Raises:
        UsageError: the schedule does not fire around that time.
    """
    current = period(schedule, zone, now)
    # Times of one zone compare by their wall clocks, which a doubled hour misleads: hence UTC.
    now, start = now.astimezone(UTC), current.start.astimezone(UTC)
    if settled is None or (settled.schedule, settled.zone) != (schedule, zone.key):
        # The very second of a firing is the firing's.
        until = now if start < now else now - timedelta(seconds=1)
        begun = period(schedule, zone, until).start.astimezone(UTC)
        settled = Settled(schedule, zone.key, until, min(begun, settled.since) if settled else begun)
    if start <= settled.until:
        return Due(Call.WAIT, current, settled)
    if current.key in gone:
        call = Call.GONE
    else:
        call = Call.EXPIRED if lateness is not None and now - start > lateness else Call.MAKE
    return Due(call, current, replace(settled, until=start), _missed(schedule, zone, settled.until, start))


def next_firings(schedule: str, zone: ZoneInfo, now: datetime, count: int) -> tuple[datetime, ...]:
    """Return the next times at which a schedule fires after a moment, in its zone.

    Raises:
        UsageError: the schedule does not fire around that time.
    """
    found: list[datetime] = []
    while len(found) < count:
        found.append(period(schedule, zone, found[-1] if found else now).end)
    return tuple(found)


def _missed(schedule: str, zone: ZoneInfo, settled: datetime, start: datetime) -> int:
    # One second earlier would find a firing again that is settled.
    firings = CronSim(schedule, settled.astimezone(zone))
    between = takewhile(lambda firing: firing.astimezone(UTC) < start, firings)
    return sum(1 for _, firing in zip(range(MOST_MISSED), between, strict=False) if firing.astimezone(UTC) > settled)
