"""The times of feed documents, which are in UTC to the second, as the formats write them."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def rfc3339(moment: datetime) -> str:
    """Return a time of a feed document as Atom and JSON Feed write it, such as `2026-11-22T08:00:00Z`."""
    return f"{moment.isoformat()[:19]}Z"


def rfc822(moment: datetime) -> str:
    """Return a time of a feed document as RSS writes it, whatever the locale: `Sun, 22 Nov 2026 08:00:00 +0000`."""
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day}, {moment.day:02} {month} {moment.year:04} {moment:%H:%M:%S} +0000"


def distinct(moments: Iterable[datetime]) -> list[str]:
    """Return times as Atom writes them, no two alike.

    The W3C Feed Validator warns of two entries with one `updated`, and readers that sort by it shuffle such entries.
    Those that share a second keep it, and are told apart and kept in order by fractions of it.

    Args:
        moments: newest first, as the entries of a feed.
    """
    written = [rfc3339(moment) for moment in moments]
    shared = Counter(written)
    if len(shared) == len(written):
        return written
    left = dict(shared)
    told = []
    for time in written:
        left[time] -= 1  # the last of them, the oldest, keeps the plain second
        told.append(f"{time[:-1]}.{_fraction(left[time])}Z" if left[time] else time)
    return told


def _fraction(number: int) -> str:
    """Return the digits of a fraction that grows with a number: an import may give thousands of articles one time."""
    return f"{number:03}" if number < 1000 else f"999{number:06}"
