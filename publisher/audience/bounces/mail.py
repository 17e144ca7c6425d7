"""Mails of strangers, taken apart: nothing here raises, recurses far, or takes longer than its size warrants.

Python's `email` package follows parts as deep as they go, and reads a boundary's line once for each of them.
"""

import binascii
import quopri
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass

#: How deep parts lie within each other, and how many of them are looked at.
DEEPEST, MOST_PARTS = 8, 64
# Of the header of a part, in bytes; of a field's value, in characters.
_HEADER, _VALUE = 65_536, 8_192
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\A\r?\n")
_NEXT_FIELD = re.compile(r"\r?\n(?![ \t])")
_NAME = re.compile(r"[!-9;-~]{1,80}")
_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80})", re.ASCII)
_BOUNDARY = re.compile(r";\s*boundary\s*=\s*(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))", re.IGNORECASE)
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A mail, or a part of one."""

    #: Names in lower case, and values in their order, on one line each.
    fields: Fields
    #: As it came.
    raw: bytes

    def value(self, name: str) -> str:
        """Return the first value of a field; empty where there is none."""
        return next((value for field, value in self.fields if field == name), "")

    def values(self, *names: str) -> Iterator[str]:
        """Give all values of some fields, in the order of the names."""
        for name in names:
            yield from (value for field, value in self.fields if field == name)

    @property
    def type(self) -> str:
        """Its type in lower case, without parameters; text/plain where nothing else can be read."""
        found = _TYPE.match(self.value("content-type").lower())
        return found[1] if found else "text/plain"

    @property
    def body(self) -> bytes:
        """Its content, no longer encoded as base64 or quoted-printable."""
        match self.value("content-transfer-encoding").strip().lower():
            case "base64":
                try:
                    return b64decode(self.raw)
                except (binascii.Error, ValueError):
                    return self.raw
            case "quoted-printable":
                return quopri.decodestring(self.raw)
            case _:
                return self.raw

    @property
    def text(self) -> str:
        """Its content as text: UTF-8 where it is, else what each byte is in Latin-1."""
        return decode(self.body)


def parse(raw: bytes) -> Part:
    """Read the header of a mail or of a part; what is no field is left out."""
    if raw[:5] == b"From ":
        raw = raw.partition(b"\n")[2]
    end = _BLANK_LINE.search(raw, 0, _HEADER)
    if end is None and len(raw) > _HEADER:
        return Part((), raw)
    header, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    return Part(fields(decode(header)), body)


def fields(text: str) -> Fields:
    """Read lines of a header (RFC 5322 §2.2), unfolded."""
    found = []
    for line in _NEXT_FIELD.split(text):
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if colon and _NAME.fullmatch(name):
            found.append((name.lower(), " ".join(value[:_VALUE].split())))
    return tuple(found)


def walk(mail: Part, *, into_mails: bool = False) -> Iterator[Part]:
    """Give a mail and its parts, outer ones first and in their order.

    Args:
        mail: to start from.
        into_mails: goes on within mails that are parts, such as a forwarded report.
    """
    waiting, seen = [(mail, 0)], 0
    while waiting and seen < MOST_PARTS:
        part, depth = waiting.pop()
        seen += 1
        yield part
        if depth < DEEPEST:
            waiting += [(inner, depth + 1) for inner in reversed(_inner(part, into_mails=into_mails))]


def _inner(part: Part, *, into_mails: bool) -> list[Part]:
    if part.type.startswith("multipart/"):
        found = _BOUNDARY.search(part.value("content-type"))
        return _split(part.raw, found[1] or found[2]) if found else []
    if into_mails and part.type in ("message/rfc822", "message/global"):
        return [parse(part.body.lstrip(b"\r\n"))]
    return []


def _split(raw: bytes, boundary: str) -> list[Part]:
    """Cut at lines of the boundary (RFC 2046 §5.1.1); the last part may lack its end."""
    line = re.compile(rb"(?m)^--" + re.escape(boundary.rstrip().encode("utf-8", "replace")) + rb"(--)?[ \t]*\r?$\n?")
    parts, start = [], None
    for found in line.finditer(raw):
        if start is not None:
            parts.append(parse(_without_break(raw[start : found.start()])))
        start = None if found[1] else found.end()
        if found[1] or len(parts) == MOST_PARTS:
            return parts
    return parts if start is None else [*parts, parse(raw[start:])]


def _without_break(raw: bytes) -> bytes:
    return raw[:-2] if raw.endswith(b"\r\n") else raw.removesuffix(b"\n")


def decode(raw: bytes) -> str:
    """Return bytes as text, whatever they are."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
