"""What a row of any file says about a person, in the words of our own files; and how cells are read."""

import csv
import re
from datetime import UTC, datetime
from typing import NamedTuple

from publisher.audience.status import Status


class Fields(NamedTuple):
    """One row, as text; empty where it does not say."""

    address: str
    newsletter: str = ""
    name: str = ""
    #: A value of `Status`.
    status: str = ""
    language: str = ""
    #: A value of `Cadence`.
    cadence: str = ""
    tags: tuple[str, ...] = ()
    consent_at: str = ""
    consent_source: str = ""
    created_at: str = ""
    changed_at: str = ""
    reason: str = ""


class RowRefused(ValueError):
    """A row cannot be used.

    Args:
        message: what is wrong, in one clause.
        cure: what to do about it.
    """

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure


# What other programs call what we call something else.
_WORDS = {status.value: status.value for status in Status} | {
    "subscribed": "confirmed",
    "active": "confirmed",
    "enabled": "confirmed",
    "unconfirmed": "pending",
    "unactivated": "pending",
    "inactive": "unsubscribed",
    "disabled": "unsubscribed",
    "deleted": "unsubscribed",
    "removed": "unsubscribed",
    "cleaned": "bounced",
    "undeliverable": "bounced",
    "spammy": "complained",
    "blocked": "suppressed",
    "blocklisted": "suppressed",
}
_TRUE, _FALSE = frozenset({"true", "1", "yes", "t", "y", "on"}), frozenset({"false", "0", "no", "f", "n", "off", ""})
# What Go and some databases print after a time.
_ZONE_NAME = re.compile(r" (?:UTC|GMT|Z)\Z")
_SPACED_OFFSET = re.compile(r" (?=[+-]\d\d:?\d\d\Z)")


def status_word(text: str) -> str:
    """Return a value of `Status` for a word of ours or of other programs; empty for none.

    Raises:
        RowRefused: nobody knows what it means.
    """
    if found := _WORDS.get(text) or _WORDS.get(word := text.strip().lower()):
        return found
    if not word:
        return ""
    raise RowRefused(f"nobody knows the status {text.strip()}", f"write one of {', '.join(s.value for s in Status)}")


def is_true(text: str) -> bool:
    """Read a cell that says yes or no; nothing means no.

    Raises:
        RowRefused: it says neither.
    """
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise RowRefused(f"{text.strip()} is neither true nor false", "write true or false")


def moment(text: str) -> str | None:
    """Return a time as the database keeps it, in UTC; without a zone it is taken for UTC. None for an empty cell.

    Raises:
        RowRefused: it is none.
    """
    text = text.strip()
    try:
        # 2026-11-22T08:00:00Z, which our own files have, is told without reckoning.
        if len(text) == 20 and text[-1] == "Z" and text[10] == "T" and datetime.fromisoformat(text):
            return f"{text[:-1]}.000000Z"
        plain = _SPACED_OFFSET.sub("", _ZONE_NAME.sub("", text))
        found = datetime.fromisoformat(plain) if plain else None
        if found is not None and found.utcoffset() is None:
            found = found.replace(tzinfo=UTC)
        return None if found is None else f"{found.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    except (ValueError, OverflowError):
        raise RowRefused(
            f"{text} is no time that can be read", "write it as 2026-11-22T08:00:00Z, or empty the cell"
        ) from None


def tags_in(cell: str) -> tuple[str, ...]:
    """Split tags at commas; one that has a comma itself stands in quotation marks, as in a CSV file."""
    if not cell.strip():
        return ()
    if '"' not in cell:
        return tuple(cell.split(","))
    return tuple(next(csv.reader([cell], skipinitialspace=True)))


def full_name(first: str, last: str) -> str:
    """Return a person's name of its two parts, either of which may be empty."""
    return f"{first.strip()} {last.strip()}".strip()
