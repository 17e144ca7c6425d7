"""The mail of an issue, taken apart once where readers differ, and put together for each of them.

What a signature needs (RFC 6376) is in reach: the fields of the header one by one, and the body as standing segments with
values between. A value begins a line and is followed by `=`, so segments and values can be brought into a canonical form
one by one, and the first segment hashed once an issue.
"""

import quopri
import re
from dataclasses import dataclass
from typing import Self

from publisher.errors import PublisherError
from publisher.newsletter.mail.message import LEAVE, NOBODY, ONE_CLICK
from publisher.newsletter.mail.reader import Reader, filler, own_fields
from publisher.newsletter.slots import SLOT, UNSUBSCRIBE

_FIELD = re.compile(rb"[!-9;-~]+:(?: [^\r\n]+)?(?:\r\n [^\r\n]+)*")
_SLOT = re.compile(SLOT.pattern.encode("ascii"))
_MESSAGE_ID = re.compile(rb"Message-ID: <([^<>@\s]+@[^<>@\s]+)>")
_BOUNDARY = re.compile(rb'multipart/alternative;\r\n boundary="(=_[0-9a-f]{32})"\Z')
#: The lists' own and all that RFC 5322 §3.6 and RFC 2045 §4 ask for.
_ONCE = tuple(
    b"""
    from to subject date message-id list-id list-unsubscribe list-unsubscribe-post auto-submitted mime-version content-type
    """.split()
)


class BrokenMessage(PublisherError):
    """A mail is not what an issue's bundle holds, so it cannot be made a reader's own."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}; it was changed after it was made: make the issue again")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value of the reader's comes in the body."""

    #: One of `publisher.newsletter.slots.SLOTS`.
    token: str
    #: Whether it is in the HTML part.
    markup: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """One reader's mail, in pieces."""

    #: The fields of the header, in order, each without the CRLF at its end.
    fields: tuple[bytes, ...]
    #: What comes behind each segment of the body but the last, encoded.
    values: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """One reader's mail."""

    data: bytes
    #: What of it is not in the mail of the issue: fields and values, one behind the other, with CRLF between them.
    own: bytes


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The mail of an issue, ready for readers."""

    #: The fields of the header, in order, each without the CRLF at its end; those in `own` are the mail's to nobody.
    fields: tuple[bytes, ...]
    #: Where `To`, `Message-ID` and `List-Unsubscribe` are in `fields`.
    own: tuple[int, int, int]
    #: Message-ID of the mail to nobody, without angle brackets.
    issue: str
    #: What of the body is the same for all: one segment more than there are slots.
    segments: tuple[bytes, ...]
    slots: tuple[Slot, ...]

    @classmethod
    def read(cls, eml: bytes, place: str = "issue.eml") -> Self:
        """Take apart what `message` made without a reader.

        Args:
            eml: the mail.
            place: names it in the message of an error.

        Raises:
            BrokenMessage: slots or header fields are not where they must be.
        """
        if not eml.count(b"\n") == eml.count(b"\r") == eml.count(b"\r\n") or not eml.isascii():
            raise BrokenMessage(place, "its line ends are not all CRLF, or not all of it is ASCII")
        header, _, body = eml.partition(b"\r\n\r\n")
        fields = _fields(header, place)
        names = [field.partition(b":")[0].lower() for field in fields]
        issue = _MESSAGE_ID.fullmatch(fields[names.index(b"message-id")])
        if not issue or not {NOBODY, LEAVE, ONE_CLICK} <= set(fields):
            raise BrokenMessage(place, "To, Message-ID or List-Unsubscribe are not those of a mail to nobody")
        segments, slots = _body(body, fields[names.index(b"content-type")], place)
        own = names.index(b"to"), names.index(b"message-id"), names.index(b"list-unsubscribe")
        return cls(fields, own, issue[1].decode("ascii"), segments, slots)

    def fill(self, reader: Reader, *, smtputf8: bool = False) -> Filled:
        """Return the reader's own mail, in pieces.

        Args:
            reader: whose.
            smtputf8: whether the server takes a local part beyond ASCII.

        Raises:
            ReaderRefused: the mail cannot go to this reader.
        """
        fields = list(self.fields)
        for place, field in zip(self.own, own_fields(reader, self.issue, smtputf8=smtputf8), strict=True):
            fields[place] = field
        fills = filler(reader, markup=False), filler(reader, markup=True)
        return Filled(tuple(fields), tuple([fills[slot.markup](slot.token) for slot in self.slots]))

    def message(self, reader: Reader, *, smtputf8: bool = False) -> bytes:
        """Return the reader's own mail: the bytes that `message` gives for this reader.

        Args:
            reader: whose.
            smtputf8: whether the server takes a local part beyond ASCII.

        Raises:
            ReaderRefused: the mail cannot go to this reader.
        """
        return self.write(reader, smtputf8=smtputf8).data

    def write(self, reader: Reader, *, smtputf8: bool = False) -> Written:
        """Return the same, and what of it is the reader's own."""
        return self.joined(self.fill(reader, smtputf8=smtputf8))

    def joined(self, filled: Filled, *before: bytes) -> Written:
        """Return the whole mail.

        Args:
            filled: of one reader.
            before: fields that stand before all others, such as a signature, each without the CRLF at its end.
        """
        pieces = [b"\r\n".join([*before, *filled.fields, b"", b""])]
        for segment, value in zip(self.segments, filled.values, strict=False):
            pieces += segment, value
        own = [*before, *[filled.fields[place] for place in self.own], *filled.values]
        return Written(b"".join([*pieces, self.segments[-1]]), b"\r\n".join(own))


def _fields(header: bytes, place: str) -> tuple[bytes, ...]:
    fields = tuple(re.split(rb"\r\n(?! )", header))
    if not all(map(_FIELD.fullmatch, fields)):
        raise BrokenMessage(place, "its header is no list of fields")
    names = [field.partition(b":")[0].lower() for field in fields]
    for name in _ONCE:
        if names.count(name) != 1:
            raise BrokenMessage(place, f"its header has the field {name.decode()} {names.count(name)} times")
    return fields


def _body(body: bytes, content_type: bytes, place: str) -> tuple[tuple[bytes, ...], tuple[Slot, ...]]:
    boundary = _BOUNDARY.search(content_type)
    delimiter = b"--%b\r\n" % (boundary[1] if boundary else b"")
    parts = [found.start() for found in re.finditer(rb"(?m)^" + re.escape(delimiter), body)]
    if len(parts) != 2:
        raise BrokenMessage(place, "it does not have two parts, text and HTML")
    found = list(_SLOT.finditer(body))
    alone = (body[one.start() - 2 : one.end() + 3] == b"\r\n%b=\r\n" % one[0] for one in found)
    if not all(alone) or len(_SLOT.findall(quopri.decodestring(body))) != len(found):
        raise BrokenMessage(place, "a slot for a value of the reader's does not stand alone on its line")
    slots = tuple(Slot(one[0].decode("ascii"), markup=one.start() > parts[1]) for one in found)
    for part, markup in (("text", False), ("HTML", True)):
        if Slot(UNSUBSCRIBE, markup) not in slots:
            raise BrokenMessage(place, f"its {part} part has no unsubscribe address")
    starts, ends = [one.start() for one in found], [one.end() for one in found]
    return tuple(body[start:end] for start, end in zip([0, *ends], [*starts, len(body)], strict=True)), slots
