"""The rules for a whole mail: its lines, its header, and how its parts fit together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from publisher.check.mail.encoded import decoded
from publisher.check.mail.fields import field_hits
from publisher.check.mail.findings import MailHit
from publisher.check.mail.mime import Part
from publisher.newsletter.sizes import LONGEST_LINE

_ODD_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")
_LINE_ENDS = re.compile(rb"\r\n?|\n")
_LONG_LINE = re.compile(rb"[^\r\n]{%d,}+" % (LONGEST_LINE + 1))
_LONGEST_BOUNDARY = 70
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]*[0-9A-Za-z'()+_,./:=?-]")
#: Servers refuse more than this, after a third was added by encoding attachments.
_LARGE = 10_000_000


@dataclass(frozen=True, slots=True)
class Contents:
    """What a mail says to its readers."""

    subject: str
    #: None where there is no such part.
    text: str | None
    html: str | None
    #: Content-IDs of the other parts, without angle brackets.
    attached: frozenset[str]


def contents(mail: Part) -> Contents:
    """Return what a mail says; of several parts of one kind, the first."""
    parts = mail.walk()
    texts = {kind: next((one.text for one in parts if one.type == kind), None) for kind in ("text/plain", "text/html")}
    attached = frozenset(
        one.first("content-id").strip("<>") for one in parts if not one.type.startswith(("text/", "multipart/"))
    )
    return Contents(decoded(mail.first("subject")), texts["text/plain"], texts["text/html"], attached - {""})


def message_hits(data: bytes, mail: Part, *, listed: bool = False) -> Iterator[MailHit]:
    """Yield the broken rules of a mail, but for what its parts say.

    Args:
        data: the whole file.
        mail: the same, read.
        listed: whether it is known to go to a list.
    """
    yield from _line_hits(data)
    if len(data) > _LARGE:
        yield MailHit("mail.size", f"{len(data):,}")
    for part in mail.walk():
        yield from (MailHit(rule, what, line) for rule, what, line in part.faults)
    yield from field_hits(mail, listed=listed)
    yield from _part_hits(mail)


def _line_hits(data: bytes) -> Iterator[MailHit]:
    odd = _ODD_LINE_END.search(data)
    if odd:
        names = {b"\r": "a line ends in CR alone", b"\n": "a line ends in LF alone", b"\0": "there is a NUL byte"}
        yield MailHit("mail.line.ending", names[odd[0]], data.count(b"\n", 0, odd.start()) + 1)
    number, counted = 1, 0
    for line in _LONG_LINE.finditer(data):
        number, counted = number + len(_LINE_ENDS.findall(data, counted, line.start())), line.start()
        yield MailHit("mail.line.length", f"line {number}", number)


def _part_hits(mail: Part) -> Iterator[MailHit]:
    # Pictures may stand around the alternatives, though not between them.
    whole = mail.children[0] if mail.type in ("multipart/mixed", "multipart/related") and mail.children else mail
    kinds = [part.type for part in whole.children]
    if whole.type != "multipart/alternative" or len(kinds) < 2:
        yield MailHit("mail.parts", "it does not offer text and HTML to choose from")
    elif kinds[0] != "text/plain" or kinds[-1] not in ("text/html", "multipart/related"):
        yield MailHit("mail.parts", f"its parts are {', '.join(kinds)}")
    for part in mail.walk():
        if (
            part.type == "multipart/related"
            and part.children
            and not part.children[0].type.startswith(("text/", "mul"))
        ):
            yield MailHit("mail.parts", "its HTML does not come before its pictures")
        if part.type.startswith("multipart/"):
            yield from _boundary_hits(part.parameters.get("boundary", "-"))
        if part.type in ("text/plain", "text/html"):
            yield from _text_hits(part)


def _boundary_hits(boundary: str) -> Iterator[MailHit]:
    if len(boundary) > _LONGEST_BOUNDARY:
        yield MailHit("mail.boundary", f"it has {len(boundary)} characters")
    elif not _BOUNDARY.fullmatch(boundary):
        yield MailHit("mail.boundary", "it has characters that boundaries must not have")


def _text_hits(part: Part) -> Iterator[MailHit]:
    content, charset = part.content, part.parameters.get("charset", "us-ascii").lower()
    try:
        content.decode("ascii" if charset == "us-ascii" else "utf-8")
    except UnicodeDecodeError:
        charset = ""
    if charset not in ("utf-8", "us-ascii"):
        yield MailHit("mail.charset", part.type)
    if part.type == "text/plain" and not content.strip():
        yield MailHit("mail.text.empty")
