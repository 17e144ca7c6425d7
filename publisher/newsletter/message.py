"""An issue as one mail (RFC 5322) with a text and an HTML part (RFC 2046 §5.1.4); the same bytes every time."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from publisher.newsletter.headers import address_field, ascii_domain, date_field, split_mailbox, text_field, token_field
from publisher.newsletter.slots import UNSUBSCRIBE

_LINE = 76
#: The slot is one unit, so that it is found in the encoded bytes, too.
_UNITS = re.compile(f"{re.escape(UNSUBSCRIBE)}|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the header of an issue says."""

    #: Mailbox of the sender.
    sender: str
    #: Mailbox for answers; empty for the sender's.
    reply_to: str
    subject: str
    date: datetime
    #: Identifier of the list (RFC 2919), without angle brackets.
    list_id: str
    #: Key of the issue's period.
    key: str


def message(envelope: Envelope, text: str, html: str) -> bytes:
    """Return the mail: CRLF line ends, ASCII only, lines of at most 76 characters but for unbreakable header words.

    It names no recipient; the sending part gives each reader his own `To` and fills the slots.

    Raises:
        UsageError: the sender's address or the list's identifier cannot stand in a mail.
    """
    parts = [_part("plain", text), _part("html", html)]
    # `=_` is in no quoted-printable text (RFC 2045 §6.7), so the boundary cannot be either.
    boundary = "=_" + sha256(b"".join(parts)).hexdigest()[:32]
    delimiter = f"--{boundary}\r\n".encode()
    body = b"".join(delimiter + part + b"\r\n" for part in parts)
    return f"{_header(envelope, boundary)}\r\n\r\n".encode("ascii") + body + f"--{boundary}--\r\n".encode()


def _header(envelope: Envelope, boundary: str) -> str:
    domain = split_mailbox(envelope.sender)[1].rpartition("@")[2]
    list_id = ascii_domain(envelope.list_id)
    number = sha256(f"{list_id}/{envelope.key}".encode()).hexdigest()[:32]
    fields = [
        address_field("From", envelope.sender),
        token_field("To", "undisclosed-recipients:;"),
        *([address_field("Reply-To", envelope.reply_to)] if envelope.reply_to else []),
        text_field("Subject", envelope.subject),
        date_field(envelope.date),
        token_field("Message-ID", f"<{number}.issue@{domain}>"),
        token_field("List-Id", f"<{list_id}>"),
        token_field("Auto-Submitted", "auto-generated"),
        token_field("MIME-Version", "1.0"),
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"',
    ]
    return "\r\n".join(fields)


def _part(subtype: str, content: str) -> bytes:
    """Write a part in quoted-printable, also where base64 were shorter: there the slots could not be found again."""
    header = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return header.encode("ascii") + quoted_printable(content)


def quoted_printable(text: str) -> bytes:
    """Encode text with LF line ends (RFC 2045 §6.7); neither a character nor a slot is divided between lines."""
    return "\r\n".join(_soft_broken(line) for line in text.split("\n")).encode("ascii")


def _soft_broken(line: str) -> str:
    units = [_encoded(unit) for unit in _UNITS.findall(line)]
    if units and units[-1] in (" ", "\t"):
        units[-1] = f"={ord(units[-1]):02X}"
    if line == "." or line.startswith("From "):  # read as an end, or altered, on some ways
        units[0] = f"={ord(line[0]):02X}"
    lines, used = [""], 0
    for unit in units:
        if used + len(unit) >= _LINE:  # leaves room for the `=` of a soft break
            lines[-1] += "="
            lines.append("")
            used = 0
        lines[-1] += unit
        used += len(unit)
    return "\r\n".join(lines)


def _encoded(unit: str) -> str:
    if unit == "\t" or (unit.isascii() and unit.isprintable() and unit != "="):
        return unit
    return "".join(f"={octet:02X}" for octet in unit.encode())
