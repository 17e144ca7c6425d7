"""The only code that writes header fields of mails.

Python's `email` package would glue encoded-words, encode addresses and fold URIs apart; see RFC 5322 §2.2.3 and §3,
RFC 2047 and RFC 5890 for what is asked of a field.
"""

import re
from base64 import b64encode
from datetime import UTC, datetime
from email.utils import format_datetime

from publisher.errors import UsageError
from publisher.newsletter.wording import one_line

_LINE = 76
# 75 characters an encoded-word (RFC 2047 §2), less `=?utf-8?b?` and `?=`, in groups of four for three octets.
_WORD_OCTETS = 45
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?!.{254})(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+(?<!\.)")


def text_field(name: str, value: str) -> str:
    """Write an unstructured field such as Subject: plain where it is ASCII, else in encoded-words (RFC 2047)."""
    plain = one_line(value)
    if plain.isascii() and "=?" not in plain:
        field = _folded(f"{name}: {plain}")
        if _fits(field):
            return field
    return _folded(f"{name}: {_encoded(plain, first_room=_LINE - len(name) - 2)}")


def address_field(name: str, mailbox: str) -> str:
    """Write a field with one mailbox (RFC 5322 §3.4), its domain as A-labels (RFC 5890).

    Args:
        name: `From` or `Reply-To`.
        mailbox: `Field Notes <letters@notes.example>` or `letters@notes.example`.

    Raises:
        UsageError: the address cannot stand in a mail.
    """
    display, address = split_mailbox(mailbox)
    if not display:
        return _folded(f"{name}: {address}")
    return _folded(f"{name}: {_phrase(display, len(name) + 2)} <{address}>")


def token_field(name: str, value: str) -> str:
    """Write a field of ASCII tokens: never encoded, folded only where a blank is."""
    assert value.isascii()
    assert value.isprintable()
    return _folded(f"{name}: {value}")


def date_field(moment: datetime) -> str:
    """Write the Date field, with a numeric zone (RFC 5322 §3.3)."""
    offset = moment.utcoffset()
    assert offset is not None
    whole_minutes = moment if offset.seconds % 60 == 0 else moment.astimezone(UTC)
    return f"Date: {format_datetime(whole_minutes.replace(microsecond=0))}"


def split_mailbox(mailbox: str) -> tuple[str, str]:
    """Return the display name, empty where there is none, and the address in ASCII.

    Raises:
        UsageError: the address cannot stand in a mail.
    """
    display, bracket, rest = one_line(mailbox).rpartition("<")
    address = rest.removesuffix(">").strip() if bracket else one_line(mailbox)
    local, _, domain = address.rpartition("@")
    if not _LOCAL_PART.fullmatch(local) or len(local) > 64:
        raise UsageError(
            f"{address}: the part before @ cannot stand in a mail; use letters, digits and dots, "
            "as in letters@notes.example"
        )
    return display.strip().strip('"').strip(), f"{local}@{ascii_domain(domain)}"


def ascii_domain(domain: str) -> str:
    """Return a domain as A-labels.

    Raises:
        UsageError: it is no domain name.
    """
    try:
        ascii_form = domain.encode("idna").decode("ascii")
    except UnicodeError:
        ascii_form = ""
    if not _DOMAIN.fullmatch(ascii_form):
        raise UsageError(
            f"{domain or 'an empty name'} is no domain name for a mail; give the newsletter "
            'from = "letters@notes.example" and list_id = "weekly.notes.example" with a domain of yours'
        )
    return ascii_form


def _phrase(display: str, used: int) -> str:
    """Write a display name: as atoms, as quoted-string, or in encoded-words, which a quoted-string must not hold."""
    if "=?" not in display and max(map(len, display.split())) < _LINE - used:
        if _ATOMS.fullmatch(display):
            return display
        if display.isascii():
            return '"' + display.replace("\\", r"\\").replace('"', r"\"") + '"'
    return _encoded(display, first_room=_LINE - used)


def _encoded(text: str, first_room: int) -> str:
    """Return base64 encoded-words, each of whole characters, with one blank between."""
    words, octets = [], b""
    room = min(_WORD_OCTETS, (first_room - 12) // 4 * 3)
    for character in text:
        encoded = character.encode()
        if len(octets) + len(encoded) > room:
            words.append(octets)
            octets, room = b"", _WORD_OCTETS
        octets += encoded
    return " ".join(f"=?utf-8?b?{b64encode(word).decode('ascii')}?=" for word in [*words, octets])


def _folded(field: str) -> str:
    """Fold at blanks that are there (RFC 5322 §2.2.3); words longer than a line stay whole."""
    lines: list[str] = []
    for index, word in enumerate(field.split(" ")):
        # The second word stays beside the field's name: a first line without a value is read badly.
        if index > 1 and len(lines[-1]) + 1 + len(word) > _LINE:
            lines.append(f" {word}")
        elif lines:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "\r\n".join(lines)


def _fits(field: str) -> bool:
    return all(len(line) <= _LINE for line in field.split("\r\n"))
