"""Times as text: one form for machines, one for people."""

from datetime import UTC, datetime

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def rfc3339(moment: datetime) -> str:
    """Return a time in UTC as RFC 3339 writes it, such as `2026-11-22T08:00:00Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def calendar_date(moment: datetime) -> str:
    """Return the day of a time in its own zone, such as `22 November 2026`, whatever the locale."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
