"""Whether the clock can be believed: a decision on values. A wrong one would send issues that are not due, or none."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

#: Clocks are set right by a few seconds now and then.
_TOLERANCE = timedelta(minutes=5)
#: Before this program existed.
_FIRST_YEAR = 2024
#: After a restart nobody knows how long the machine was off; longer than this, it is rather the clock.
_LONGEST_REST = timedelta(days=366)
_FORCE = "set the clock right; if it is right, go on once with: publisher run --force"


@dataclass(frozen=True, slots=True)
class Reading:
    """The clock and, beside it, one that nobody can set."""

    now: datetime
    #: Tells one start of the machine from the next; empty where it is unknown, and where the clock is no real one.
    boot: str = ""
    #: Seconds since then, also those in which the machine slept.
    uptime: float = 0.0

    def dump(self) -> str:
        """Return it as text."""
        return json.dumps({**asdict(self), "now": self.now.astimezone(UTC).isoformat()})


def read_reading(text: str) -> Reading:
    """Read what `Reading.dump` wrote.

    Raises:
        ValueError: it is damaged.
    """
    try:
        said = json.loads(text)
        now = datetime.fromisoformat(said["now"])
        if now.utcoffset() is None:
            raise ValueError("has no time zone")
        return Reading(now, str(said["boot"]), float(said["uptime"]))
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def clock_fault(reading: Reading, last: Reading | None, longest: timedelta) -> str:
    """Return what is wrong with the clock and what to do, as sentences; empty where nothing is.

    Args:
        reading: of now.
        last: of the last run; None for the first one.
        longest: the shortest period of the newsletters. By more than that, a clock that was set forward would
            make an issue too early.
    """
    now = reading.now
    if now.year < _FIRST_YEAR:
        return f"the clock says {_shown(now)}, which cannot be; nothing was made or sent; {_FORCE}"
    if last is None:
        return ""
    if now < last.now - _TOLERANCE:
        return f"the clock says {_shown(now)}, but the last run was at {_shown(last.now)}; nothing was made or sent; {_FORCE}"
    passed = now - last.now
    if reading.boot and reading.boot == last.boot:
        ahead = passed - timedelta(seconds=reading.uptime - last.uptime)
        if ahead > max(longest, _TOLERANCE):
            return (
                f"the clock was set forward by {_length(ahead)} since the last run, to {_shown(now)}; "
                f"nothing was made or sent; {_FORCE}"
            )
    elif passed > _LONGEST_REST:
        return f"the clock says {_shown(now)}, {_length(passed)} after the last run; nothing was made or sent; {_FORCE}"
    return ""


def _shown(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _length(span: timedelta) -> str:
    days = round(span / timedelta(days=1))
    return f"{days:,} days" if days > 1 else f"{round(span / timedelta(minutes=1)):,} minutes"
