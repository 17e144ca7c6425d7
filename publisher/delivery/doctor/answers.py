"""What the DNS says, as values; where it comes from is another module's matter."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

#: Octets of one string in a TXT record (RFC 1035 §3.3).
_STRING = 255

Kind = Literal["TXT", "MX", "A", "AAAA", "PTR"]


class Standing(Enum):
    """What became of a question."""

    FOUND = "found"
    """There are records."""

    ABSENT = "absent"
    """There is no such name, or it has no such records."""

    FAILED = "failed"
    """No usable answer came."""

    UNKNOWN = "unknown"
    """Nobody was asked: the zone file does not cover the name, or the doctor works offline."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of the DNS."""

    standing: Standing
    #: The strings of each TXT record, joined; `10 mail.example` of MX; addresses; names without the dot at their end.
    values: tuple[str, ...] = ()
    #: Why there is no answer, a clause.
    reason: str = ""

    @property
    def is_silent(self) -> bool:
        """Return whether nobody knows what the DNS would say."""
        return self.standing in (Standing.FAILED, Standing.UNKNOWN)


#: Asks for the records of a name.
Lookup = Callable[[str, Kind], Answer]

ABSENT = Answer(Standing.ABSENT)


def unknown(reason: str) -> Answer:
    """Return what stands for a question that was not asked."""
    return Answer(Standing.UNKNOWN, (), reason)


def failed(reason: str) -> Answer:
    """Return what stands for a question without a usable answer."""
    return Answer(Standing.FAILED, (), reason)


def tags(record: str) -> dict[str, str]:
    """Read a list such as `v=DKIM1; k=rsa; p=…` (RFC 6376 §3.2); of a tag that stands there twice, the first counts."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, sign, value = part.partition("=")
        if sign:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def txt_line(name: str, record: str) -> str:
    """Return a TXT record as a line of a zone file (RFC 1035 §5.1), in strings of at most 255 octets."""
    strings = [f'"{record[start : start + _STRING]}"' for start in range(0, len(record), _STRING)]
    whole = strings[0] if len(strings) == 1 else f"( {' '.join(strings)} )"
    return f"{name}. IN TXT {whole}"
