"""Kinds of dates. None reads a clock, so a date in the future is no finding."""

import re
from collections.abc import Iterator
from datetime import date

from publisher.check.xmlfeed.values import Fault, Kind

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
#: RFC 5322 §3.3 in its plain form, with the names of zones that RFC 822 knew.
_PLAIN = re.compile(
    rf"(?:(?P<weekday>{'|'.join(_DAYS)}), )?(?P<day>\d\d?) (?P<month>{'|'.join(_MONTHS)}) (?P<year>\d\d\d\d) {_CLOCK} "
    r"(?:[+-]?\d\d[03]0|UT|GMT|[ECMP][SD]T|Z)",
    re.ASCII,
)
#: All that RFC 822 §5 allows, comments apart.
_LOOSE = re.compile(
    rf"(?:(?P<weekday>{'|'.join(_DAYS)})\s*,\s*)?(?P<day>\d\d?)\s+(?P<month>{'|'.join(_MONTHS)})\s+"
    rf"(?P<year>\d\d(?:\d\d)?)\s+{_CLOCK}\s+(?:[+-]\d{{4}}|UT|GMT|[ECMP][SD]T|[A-IK-Z])",
    re.ASCII | re.IGNORECASE,
)
_COMMENT = re.compile(r"\([^()]*\)")
#: Comments in comments, which nobody writes, are looked into so deep.
_NESTED = 3
#: Before this year there were no feeds, but there were clocks that forgot their time.
_EARLIEST = 1990

_ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)"
    r"(?:T(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d*)?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?",
    re.ASCII,
)


def rfc822(value: str) -> Iterator[Fault]:
    """A date as RSS 2.0 wants it."""
    plain = found = _PLAIN.fullmatch(value)
    if not plain:
        bare = value
        for _ in range(_NESTED):
            bare = _COMMENT.sub(" ", bare)
        found = _LOOSE.fullmatch(bare.strip())
        yield Fault("rss.date.odd" if found else "rss.date.invalid")
    if not found:
        return
    year = int(found["year"]) + (2000 if len(found["year"]) == 2 else 0)
    day = _day(year, _MONTHS.index(found["month"].title()) + 1, int(found["day"]))
    if day is None:
        yield Fault("rss.date.invalid" if plain else "value.date.unreal")
    elif not _on_clock(found, 59):
        yield Fault("value.date.unreal")
    elif plain and found["weekday"] not in (None, _DAYS[day.weekday()]):
        yield Fault("rss.date.weekday", _DAYS[day.weekday()])
    elif year < _EARLIEST:
        yield Fault("value.date.early")


def _iso(rule: str, *needed: str, without: str = "") -> Kind:
    """Make a kind for a profile of ISO 8601.

    Args:
        rule: what is broken by other values.
        needed: parts that must be there; "zoned" needs a zone where there is a time.
        without: a part that must not be there.
    """

    def kind(value: str) -> Iterator[Fault]:
        found = _ISO.fullmatch(value)
        parts = found.groupdict() if found else {}
        parts["zoned"] = parts.get("zone") or ("" if parts.get("hour") else "no time")
        whole = found and all(parts[name] for name in needed) and not parts.get(without)
        if not found or not whole or not _on_clock(found, 60) or (found["day"] and not _on_calendar(found)):
            yield Fault(rule)
        elif not _on_calendar(found) or not _on_clock(found, 59):
            yield Fault("value.date.unreal")
        elif int(found["year"]) < _EARLIEST:
            yield Fault("value.date.early")

    return kind


rfc3339 = _iso("atom.date.invalid", "second", "zone")
w3cdtf = _iso("value.date.invalid", "zoned")
iso8601 = _iso("value.date.invalid")
iso8601_day = _iso("value.date.invalid", "day", without="hour")


def at_any_time(kind: Kind) -> Kind:
    """Return the kind for dates that may be long ago, as of events."""

    def unbounded(value: str) -> Iterator[Fault]:
        yield from (fault for fault in kind(value) if fault.rule != "value.date.early")

    return unbounded


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _on_calendar(found: re.Match[str]) -> bool:
    if found["day"]:
        return _day(int(found["year"]), int(found["month"]), int(found["day"])) is not None
    return not found["month"] or 1 <= int(found["month"]) <= 12


def _on_clock(found: re.Match[str], last_minute: int) -> bool:
    """Tell whether the time exists; second 60 is a leap second. The W3C's service knows a minute 60, too."""
    second = float((found["second"] or "0") + (found.groupdict().get("fraction") or ""))
    return int(found["hour"] or 0) < 24 and int(found["minute"] or 0) <= last_minute and second <= 60
