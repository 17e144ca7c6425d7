"""The parts of a mail: quoted-printable and base64 (RFC 2045), alternatives and pictures (RFC 2046, RFC 2387).

A slot in a part stands alone between two soft line breaks, so the bytes around it do not depend on what fills it: putting
an encoded value there gives the very bytes that encoding the part with that value gives.
"""

import re
from base64 import encodebytes
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Protocol

from publisher.newsletter.mail.headers import parameters_field, token_field
from publisher.newsletter.slots import SLOT

_SOFT_BREAK = b"=\r\n"
#: Of 76 (RFC 2045 §6.7), less the `=` of a soft line break.
_ROOM = 75
_UNSAFE = re.compile(r"[^\t -<>-~]+")
_TRAILING_BLANK = re.compile("[\t ]\\Z")
#: Read as an end, doubled, or altered on some ways where a line begins with them (RFC 5321 §4.5.2; mbox files).
_GUARDED = (".", "From ")
_CONTENT_ID = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


class Attachment(Protocol):
    """A picture that travels with the mail; the HTML names it as `cid:` and its content id."""

    @property
    def cid(self) -> str:
        """Content id (RFC 2392), without angle brackets: `NAME@host`."""

    @property
    def type(self) -> str:
        """Media type, such as `image/jpeg`."""

    @property
    def name(self) -> str:
        """File name."""

    @property
    def data(self) -> bytes:
        """The file."""


#: Gives the encoded bytes that stand for a slot's token in a part.
Fill = Callable[[str], bytes]


def alternatives(text: str, html: str, attached: Sequence[Attachment], fills: tuple[Fill, Fill]) -> tuple[str, bytes]:
    """Return the mail's own Content-Type field, and its body, which ends in CRLF.

    Boundaries are hashes of the content, slots unfilled. `=_` is in neither kind of encoded text (RFC 2045 §6.7, §6.8), so
    no part can hold one.

    Args:
        text: of the text part, with LF line ends and slots; so is `html`.
        html: of the HTML part.
        attached: pictures; with some, the HTML part stands with them in multipart/related.
        fills: what fills the slots of the text, and of the HTML.
    """
    pictures = [f"{one.cid} {sha256(one.data).hexdigest()}" for one in attached]
    content = "\0".join([text, html, *pictures])
    plain, rich = _text_part("plain", text, fills[0]), _text_part("html", html, fills[1])
    if attached:
        field, body = _multipart("related", content, [rich, *map(_picture, attached)], type="text/html")
        rich = field.encode("ascii") + b"\r\n\r\n" + body.removesuffix(b"\r\n")
    return _multipart("alternative", content, [plain, rich])


def quoted_printable(text: str, fill: Fill = str.encode) -> bytes:
    """Encode text with LF line ends (RFC 2045 §6.7) in lines that no way of transport alters, nor any server doubles a dot of.

    Args:
        text: without characters that XML forbids; see `publisher.markup.characters.legal`.
        fill: gives what stands for each slot; where absent, the slots stay as they are.
    """
    return b"\r\n".join(_line(line, fill) for line in text.split("\n"))


def quoted_value(value: str) -> bytes:
    """Encode what fills a slot: one line of text, of any length."""
    if len(value) <= _ROOM and not value.startswith(_GUARDED) and not _UNSAFE.search(value):
        return value.encode("ascii")
    return _soft_broken(_UNSAFE.sub(_octets, value))


def _line(line: str, fill: Fill) -> bytes:
    """Encode one line; after its last slot comes a soft line break, too, so that the value never ends the line."""
    *pieces, end = SLOT.split(line)
    before = [fill(piece) if index % 2 else quoted_value(piece) for index, piece in enumerate(pieces) if piece]
    encoded = _TRAILING_BLANK.sub(_octets, _UNSAFE.sub(_octets, end))
    return _SOFT_BREAK.join([*before, _soft_broken(encoded)])


def _octets(found: re.Match[str]) -> str:
    return f"={found[0].encode().hex('=').upper()}"


def _soft_broken(encoded: str) -> bytes:
    """Break encoded text into lines; neither an octet nor a character is divided."""
    lines, start = [], 0
    while True:
        guard = ""
        if encoded.startswith(_GUARDED, start):
            guard = f"={ord(encoded[start]):02X}"
            start += 1
        end = start + _ROOM - len(guard)
        if end >= len(encoded):
            lines.append(guard + encoded[start:])
            return _SOFT_BREAK.join(line.encode("ascii") for line in lines)
        end = _between_characters(encoded, end)
        lines.append(guard + encoded[start:end])
        start = end


def _between_characters(encoded: str, end: int) -> int:
    """Return the last place up to `end` that is neither within `=XX` nor between octets of one character."""
    octet = encoded.find("=", end - 2, end)
    end = octet if octet >= 0 else end
    while encoded[end] == "=" and encoded[end + 1] in "89AB":
        end -= 3
    return end


def _text_part(subtype: str, content: str, fill: Fill) -> bytes:
    """Write a part in quoted-printable, also where base64 were shorter: there the slots could not be found again."""
    header = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return header.encode("ascii") + quoted_printable(content, fill)


def _picture(one: Attachment) -> bytes:
    assert _MEDIA_TYPE.fullmatch(one.type)
    assert _CONTENT_ID.fullmatch(one.cid)
    fields = [
        token_field("Content-Type", one.type),
        "Content-Transfer-Encoding: base64",
        token_field("Content-ID", f"<{one.cid}>"),
        parameters_field("Content-Disposition", "inline", filename=one.name),
    ]
    lines = encodebytes(one.data).replace(b"\n", b"\r\n").removesuffix(b"\r\n")
    return "\r\n".join(fields).encode("ascii") + b"\r\n\r\n" + lines


def _multipart(kind: str, content: str, parts: Sequence[bytes], **parameters: str) -> tuple[str, bytes]:
    boundary = "=_" + sha256(f"{kind}\0{content}".encode()).hexdigest()[:32]
    delimiter = f"--{boundary}\r\n".encode()
    body = b"".join(delimiter + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
    return parameters_field("Content-Type", f"multipart/{kind}", **parameters, boundary=boundary), body
