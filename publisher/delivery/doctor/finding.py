"""What the doctor says: findings, each with its cure."""

from dataclasses import dataclass
from enum import Enum

#: Parts of ids of findings whose cause lies in the author's own files.
_OWN = ("config", "message")


class Level(Enum):
    """How much a finding matters."""

    OK = "ok"
    """It was looked at and is well."""

    NOTE = "note"
    """It could not be looked at, or is worth knowing."""

    WARNING = "warning"
    """Mails leave, but some may not arrive, or soon will not."""

    ERROR = "error"
    """Mails do not leave, or receivers refuse them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    #: What it is about, such as `dns.spf`; the part before the dot is the place where it is mended.
    id: str
    level: Level
    #: What was found, in one clause without a full stop.
    message: str
    #: What to do about it, in one clause without a full stop; empty where the message says it all.
    cure: str = ""
    #: Lines of a zone file (RFC 1035 §5.1) that belong into the DNS, ready to paste.
    records: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.level.value} {self.id}: {self.message}" + (f"; {self.cure}" if self.cure else "")

    @property
    def is_own(self) -> bool:
        """Return whether its cause lies in the author's own files, and not in the surroundings."""
        return self.id.partition(".")[0] in _OWN


def ok(rule: str, message: str) -> Finding:
    """Return what is well."""
    return Finding(rule, Level.OK, message)


def note(rule: str, message: str, cure: str = "", *records: str) -> Finding:
    """Return what is worth knowing, or could not be looked at."""
    return Finding(rule, Level.NOTE, message, cure, records)


def warning(rule: str, message: str, cure: str = "", *records: str) -> Finding:
    """Return what may keep some mails from arriving."""
    return Finding(rule, Level.WARNING, message, cure, records)


def error(rule: str, message: str, cure: str = "", *records: str) -> Finding:
    """Return what keeps mails from leaving or arriving."""
    return Finding(rule, Level.ERROR, message, cure, records)
