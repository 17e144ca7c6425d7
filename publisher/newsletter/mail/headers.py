"""Header fields, each of one of three kinds; see RFC 5322 §2.2.3 and §3, RFC 2047, RFC 2231 for what is asked of them.

A *token* field (Message-ID, List-*, Auto-Submitted) is ASCII, never encoded, and folded only where a blank is. An
*address* field has encoded-words in its display name alone. A *text* field (Subject) is plain where it can be, else it is
encoded-words throughout. Whatever a record says, no control character and no line end of its own reaches a field.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote

from publisher.errors import UsageError
from publisher.newsletter.mail.addresses import split_mailbox
from publisher.newsletter.sizes import LONGEST_LINE
from publisher.newsletter.wording import one_line, unseen

_LINE = 76
# 75 characters an encoded-word (RFC 2047 §2), less `=?utf-8?b?` and `?=`, in groups of four for three octets.
_WORD_OCTETS = 45
_CHARSET = "utf-8''"
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
#: What careless parsers decode wherever it stands, also where RFC 2047 §5 has no encoded-word.
LOOKS_ENCODED = re.compile(r"=\?[^?]+\?[BQbq]\?[^?]*\?=")
#: Characters of a URI (RFC 3986 §2).
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")


def text_field(name: str, value: str) -> str:
    """Write an unstructured field such as Subject: plain where it is ASCII, else in encoded-words (RFC 2047)."""
    plain = one_line(value)
    if plain.isascii() and "=?" not in plain:
        field = _folded(name, plain)
        if all(len(line) <= _LINE for line in field.split("\r\n")):
            return field
    return _folded(name, _encoded(plain, first_room=_LINE - len(name) - 2))


def address_field(name: str, mailbox: str) -> str:
    """Write a field with one mailbox of the author's (RFC 5322 §3.4), its domain as A-labels (RFC 5890).

    Args:
        name: `From` or `Reply-To`.
        mailbox: `Field Notes <letters@notes.example>` or `letters@notes.example`.

    Raises:
        UsageError: the address cannot stand in a mail.
    """
    return mailbox_field(name, *split_mailbox(mailbox))


def mailbox_field(name: str, display: str, address: str) -> str:
    """Write a field with one mailbox.

    Args:
        name: of the field.
        display: the display name, of any characters; empty for none.
        address: ready to stand in a mail.
    """
    shown = one_line(display)
    if unseen(shown):
        return _folded(name, address, apart=True)
    return _folded(name, f"{_phrase(shown, len(name) + 2)} <{address}>")


def token_field(name: str, value: str) -> str:
    """Write a field of ASCII tokens; one that is too long to stand beside the field's name gets a line of its own.

    Raises:
        UsageError: a token is longer than a line may be.
    """
    assert value.isascii()
    assert value.isprintable()
    field = _folded(name, value, apart=True)
    if any(len(line) > LONGEST_LINE for line in field.split("\r\n")):
        raise UsageError(f"{name}: {value[:60]}… is longer than the {LONGEST_LINE} characters of a line; shorten it")
    return field


def list_field(name: str, uris: Sequence[str]) -> str:
    """Write a field of addresses about the list (RFC 2369 §2), folded between them alone.

    Args:
        name: `List-Unsubscribe` or `List-Archive`.
        uris: absolute, in ASCII.

    Raises:
        UsageError: one of them is no URI, or longer than a line may be.
    """
    for uri in uris:
        if not URI.fullmatch(uri) or LOOKS_ENCODED.search(uri):
            raise UsageError(f"{name}: {one_line(uri)} is no address; write it in ASCII and with its scheme")
    return token_field(name, ", ".join(f"<{uri}>" for uri in uris))


def list_id_field(display: str, identifier: str) -> str:
    """Write List-Id (RFC 2919 §2): with the list's name where that is ASCII and fits a line, as none is encoded here.

    Args:
        display: the list's name, of any characters.
        identifier: without angle brackets.
    """
    shown = one_line(display)
    phrase = shown if _ATOMS.fullmatch(shown) else _quoted(shown)
    fits = shown and shown.isascii() and "=?" not in shown and len(f"List-Id: {phrase}") <= _LINE
    return token_field("List-Id", f"{phrase} <{identifier}>" if fits else f"<{identifier}>")


def date_field(moment: datetime) -> str:
    """Write the Date field, with a numeric zone (RFC 5322 §3.3)."""
    offset = moment.utcoffset()
    assert offset is not None
    whole_minutes = moment if offset.seconds % 60 == 0 else moment.astimezone(UTC)
    return f"Date: {format_datetime(whole_minutes.replace(microsecond=0))}"


def parameters_field(name: str, value: str, **parameters: str) -> str:
    """Write a field of MIME, each parameter on a line of its own.

    Args:
        name: `Content-Type` or `Content-Disposition`.
        value: in ASCII.
        parameters: of any characters; what is long or not ASCII is written as RFC 2231 says.
    """
    written = [piece for key, text in parameters.items() for piece in _parameter(key, one_line(text))]
    return ";\r\n ".join([f"{name}: {value}", *written])


def _parameter(key: str, text: str) -> list[str]:
    plain = f"{key}={_quoted(text)}"
    if text.isascii() and len(plain) < _LINE:
        return [plain]
    # RFC 2231 §3 and §4: octets as %XX, in numbered pieces, and no octet divided.
    room = (_LINE - len(f" {key}*10*=utf-8'';")) // 3
    pieces = re.findall(f"(?:%..|[^%]){{1,{room}}}", quote(text, safe=""))
    return [f"{key}*{number}*={piece if number else f'{_CHARSET}{piece}'}" for number, piece in enumerate(pieces)]


def _phrase(display: str, used: int) -> str:
    """Write a display name: as atoms, as quoted-string, or in encoded-words, which a quoted-string must not hold."""
    if "=?" not in display and max(map(len, display.split())) < _LINE - used:
        if _ATOMS.fullmatch(display):
            return display
        if display.isascii():
            return _quoted(display)
    return _encoded(display, first_room=_LINE - used)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


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


def _folded(name: str, value: str, *, apart: bool = False) -> str:
    """Fold at blanks that are there (RFC 5322 §2.2.3); words longer than a line stay whole.

    Args:
        name: of the field.
        value: on one line.
        apart: whether the first word may leave the field's name alone on its line, which some read badly.
    """
    if len(name) + 2 + len(value) <= _LINE:
        return f"{name}: {value}".rstrip()
    lines = [f"{name}:"]
    for index, word in enumerate(value.split(" ")):
        if (index or apart) and len(lines[-1]) + 1 + len(word) > _LINE:
            lines.append(f" {word}")
        else:
            lines[-1] += f" {word}"
    return "\r\n".join(lines)
