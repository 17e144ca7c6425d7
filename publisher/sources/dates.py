"""Dates as authors of blogs write them, and dates in the names of files."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?(?:\s*(?P<zone>[+-]\d{2}(?::?\d{2})?|[a-z]{1,4}))?(?:\s*\([^()]*\))?"
)
_TAIL = rf"(?:(?:t|,?\s+(?:at\s+)?){_TIME})?"
_FLAGS = re.ASCII | re.IGNORECASE
_FORMS = tuple(
    re.compile(form + _TAIL, _FLAGS)
    for form in (
        r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4})",
        rf"{_WEEKDAY}{_DAY}[\s-]+{_MONTH},?[\s-]+(?P<year>\d{{4}})",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}})",
    )
)
# What `datetime.fromisoformat` reads as `_FORMS` does, in every version of Python, and most posts have.
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ](?:[01]\d|2[0-3]):\d{2}(?::\d{2})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?", re.ASCII
)
_NUMBERS = re.compile(r"(?P<one>\d{1,2})(?P<sign>[-/])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4})(?P<rest>.*)", _FLAGS)
# RFC 5322 §4.3: the zone names that mean one thing everywhere.
_ZONES = {"z": 0, "ut": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5} | {
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
}
_IN_NAME = re.compile(
    r"(?:^|/)(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:T(\d{2})-(\d{2})(?:-(\d{2}))?)?(?=[-_/. ]|$)", re.ASCII
)
_MOVING = frozenset(("created", "last modified", "git created", "git last modified"))
_ACCEPTED = "write it as 2026-01-31, 2026-01-31 08:30 or 2026-01-31T08:30:00+01:00"


def moment(value: object, zone: ZoneInfo) -> datetime:
    """Return the instant an author means, in UTC.

    A date without a time is midnight. What names no zone is local time in `zone`: an hour that the clocks repeat
    is its first occurrence, an hour they leave out moves forward by what they skip.

    Args:
        value: a date or datetime (as TOML has them) or text: ISO 8601 and its relatives, RFC 5322, `2 January 2015`,
            `January 2nd, 2015 3:04pm`, `02.01.2015` (day first).
        zone: zone of what names none.

    Raises:
        ValueError: it is none of these; the message is a clause that says what is accepted.
    """
    if isinstance(value, datetime):
        return _instant(value, zone)
    if isinstance(value, date):
        return _instant(datetime(value.year, value.month, value.day), zone)
    if isinstance(value, str):
        return _instant(_iso(value) or _parsed(" ".join(value.split())), zone)
    raise ValueError(f"is no date: {_shown(value)}; {_ACCEPTED}")


def moving(value: object) -> bool:
    """Whether a value names no time but asks for the file's own, as Eleventy has it; a publication happens once."""
    return isinstance(value, str) and " ".join(value.lower().split()) in _MOVING


def from_name(name: str, zone: ZoneInfo) -> datetime | None:
    """Return the date in a file's path or a permalink, such as `2026-11-22-title.md` or `/2026/11/22/title/`.

    The last real date counts; None where there is none.
    """
    for found in reversed(list(_IN_NAME.finditer(name))):
        year, _, month, day, hour, minute, second = (
            int(part) if (part or "").isdecimal() else 0 for part in found.groups()
        )
        try:
            return _instant(datetime(year, month, day, hour, minute, second), zone)
        except ValueError:
            continue
    return None


def _instant(when: datetime, zone: ZoneInfo) -> datetime:
    try:
        # fold=0 is the first of two equal hours and, in a gap, the offset before it (PEP 495): both rules of `moment`.
        aware = when if when.utcoffset() is not None else when.replace(tzinfo=zone, fold=0)
        instant = aware.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"is out of range: {_shown(when.isoformat())}; {_ACCEPTED}") from None
    if instant.year < 1000:  # Hugo writes 0001-01-01 for "not set", and feeds want four digits
        raise ValueError(f"is out of range: {_shown(when.isoformat())}; {_ACCEPTED}")
    return instant


def _iso(text: str) -> datetime | None:
    """Read ISO 8601 in a quarter of the time that `_parsed` takes; None for anything else and for no real date."""
    if not _ISO.fullmatch(text):
        return None
    with suppress(ValueError):
        return datetime.fromisoformat(text)
    return None


def _parsed(text: str) -> datetime:
    for form in _FORMS:
        if found := form.fullmatch(text):
            return _built(found.groupdict(), text)
    if found := _NUMBERS.fullmatch(text):
        return _parsed(_day_first(found, text))
    raise ValueError(f"is no date: {_shown(text)}; {_ACCEPTED}")


def _day_first(found: re.Match[str], text: str) -> str:
    """Rewrite `31/01/2015` and `01/31/2015` with the day first; refuse what may be either."""
    one, two, year = int(found["one"]), int(found["two"]), found["year"]
    if one <= 12 and two <= 12 and one != two:
        raise ValueError(
            f"is ambiguous: {_shown(text)} may be the day or the month first; "
            f"write {year}-{one:02}-{two:02} or {year}-{two:02}-{one:02}"
        )
    day, month = (two, one) if two > 12 else (one, two)
    return f"{day}.{month}.{year}{found['rest']}"


def _built(part: dict[str, str | None], text: str) -> datetime:
    try:
        return datetime(
            int(part["year"] or 0),
            _month(part["month"] or ""),
            int(part["day"] or 0),
            _hour(int(part["hour"] or 0), part["half"]),
            int(part["minute"] or 0),
            int(part["second"] or 0),
            int((part["fraction"] or "0").ljust(6, "0")[:6]),
            tzinfo=_offset(part["zone"]),
        )
    except (ValueError, KeyError):
        raise ValueError(f"is no date that exists: {_shown(text)}; {_ACCEPTED}") from None


def _month(word: str) -> int:
    return int(word) if word.isdecimal() else _MONTHS.index(word[:3].lower()) + 1


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half.lower() == "p" else 0)


def _offset(name: str | None) -> timezone | None:
    """Return the zone of `+0100`, `+01:00`, `+01`, `Z` or `EST`; None for none."""
    if name is None:
        return None
    if name[0] not in "+-":
        return timezone(timedelta(hours=_ZONES[name.lower()]))
    hours, minutes = int(name[1:3]), int(name[-2:]) if len(name) > 3 else 0
    if minutes > 59:
        raise ValueError(name)
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if name[0] == "-" else span)


def _shown(value: object) -> str:
    text = str(value)
    return f'"{text if len(text) <= 40 else text[:39] + "…"}"'
