"""A mail as its parts (RFC 5322, RFC 2045, RFC 2046): read strictly, in one pass, and without trust in the file.

Python's own parser repairs in silence what this one has to tell, and takes time out of proportion for long fields.
"""

import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

#: Octets of a header; what is longer is not looked at.
_LARGEST_HEADER = 65_536
_MOST_PARTS = 500
_DEEPEST = 8
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_NAME = re.compile(r"[!-9;-~]+")
_WORD = r"[!#$%&'*+.0-9A-Z^_`a-z{|}~-]+"
_TYPE = re.compile(rf"({_WORD}/{_WORD})\s*")
_PARAMETER = re.compile(rf';\s*({_WORD})=({_WORD}|"(?:[^"\\]|\\.)*")\s*')
_QUOTED_PAIR = re.compile(r"\\(.)")
_STRAY_SIGN = re.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*\r?\n|\Z)")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\r\n]")
_LONGEST_ENCODED_LINE = 76
#: Character sets that are decoded as what they say; some others that Python knows take time out of proportion.
_CHARSETS = frozenset(
    """utf-8 us-ascii iso-8859-1 iso-8859-2 iso-8859-5 iso-8859-7 iso-8859-9 iso-8859-15 windows-1250 windows-1251
    windows-1252 windows-1256 koi8-r gb2312 gbk gb18030 big5 shift_jis euc-jp iso-2022-jp euc-kr""".split()
)


@dataclass(frozen=True, slots=True)
class Field:
    """A header field."""

    name: str
    #: Unfolded, without the white space around it; octets beyond ASCII as U+0080 to U+00FF.
    value: str
    #: Line of the file on which it begins, from 1.
    line: int
    #: As it is folded, without line ends.
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A mail, or a part of one."""

    fields: tuple[Field, ...]
    #: Media type in small letters.
    type: str
    parameters: Mapping[str, str]
    #: As it was sent.
    body: bytes
    children: tuple["Part", ...] = ()
    #: Rules that are broken, each with what breaks it and the line.
    faults: tuple[tuple[str, str, int], ...] = ()

    def first(self, name: str) -> str:
        """Return the value of the first field of a name; empty without one."""
        return next((field.value for field in self.fields if field.name.lower() == name), "")

    @property
    def encoding(self) -> str:
        """Return the content transfer encoding in small letters."""
        return self.first("content-transfer-encoding").lower() or "7bit"

    @property
    def content(self) -> bytes:
        """Return the body, decoded as far as it can be."""
        if self.encoding == "quoted-printable":
            return binascii.a2b_qp(self.body)
        if self.encoding == "base64":
            try:
                return binascii.a2b_base64(self.body)
            except binascii.Error:
                return b""
        return self.body

    @property
    def text(self) -> str:
        """Return the content as text with LF line ends."""
        charset = self.parameters.get("charset", "utf-8").lower()
        decoded = self.content.decode(charset if charset in _CHARSETS else "utf-8", "replace")
        return decoded.replace("\r\n", "\n")

    def walk(self) -> list["Part"]:
        """Return this part and all below it, in their order."""
        return [self, *(below for child in self.children for below in child.walk())]


def read(data: bytes) -> Part:
    """Read a mail; whatever is wrong with it becomes a fault of the part."""
    return _Reader().part(data, 1, 0)


class _Reader:
    def __init__(self) -> None:
        self.parts = 0

    def part(self, data: bytes, line: int, depth: int, assumed: str = "text/plain") -> Part:
        self.parts += 1
        header, body = _divided(data)
        fields, faults = _fields(header, line)
        kind, parameters, fault = _content_type(fields, assumed)
        faults += [("mail.part.type", fault, 0)] if fault else []
        if not kind.startswith("multipart/"):
            return Part(tuple(fields), kind, parameters, body, (), tuple(faults + _encoding_faults(fields, kind, body)))
        start = line + data.count(b"\n", 0, len(data) - len(body))
        children, below = self._children(body, parameters.get("boundary", ""), start, depth)
        return Part(tuple(fields), kind, parameters, b"", tuple(children), (*faults, *below))

    def _children(
        self, body: bytes, boundary: str, line: int, depth: int
    ) -> tuple[list[Part], list[tuple[str, str, int]]]:
        if not boundary:
            return [], [("mail.boundary", "there is none", line)]
        if depth >= _DEEPEST:
            return [], [("mail.nesting", f"parts are nested more than {_DEEPEST} deep", line)]
        delimiter = rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("latin-1", "replace")) + rb"(--)?[ \t]*(?=\r?\n|\Z)"
        children: list[Part] = []
        start, counted = -1, 0
        for found in re.finditer(delimiter, body):
            if start >= 0:
                line, counted = line + body.count(b"\n", counted, start), start
                children.append(self.part(body[start : found.start()], line, depth + 1))
            after = _LINE_END.match(body, found.end())
            start = after.end() if after else found.end()
            if found[1]:
                return children, []
            if self.parts > _MOST_PARTS:
                return children, [("mail.nesting", f"there are more than {_MOST_PARTS} parts", line)]
        if start < 0:
            return children, [("mail.boundary.open", "no part begins", line)]
        children.append(self.part(body[start:], line + body.count(b"\n", counted, start), depth + 1))
        return children, [("mail.boundary.open", "the last part has no end", line)]


def _divided(data: bytes) -> tuple[bytes, bytes]:
    if first := _LINE_END.match(data):
        return b"", data[first.end() :]
    end = _END_OF_HEADER.search(data)
    return (data[: end.start()], data[end.end() :]) if end else (data, b"")


def _fields(header: bytes, line: int) -> tuple[list[Field], list[tuple[str, str, int]]]:
    if len(header) > _LARGEST_HEADER:
        return [], [("mail.header.size", f"{len(header):,}", line)]
    fields: list[Field] = []
    faults: list[tuple[str, str, int]] = []
    gathered: list[str] = []
    for number, raw in enumerate([*_LINE_END.split(header), b""], start=line):
        text = raw.decode("latin-1")
        if text[:1] in (" ", "\t") and gathered:
            if not text.strip():
                faults.append(("mail.header.blank", gathered[0].partition(":")[0][:40], number))
            gathered.append(text)
            continue
        if gathered:
            _add(fields, faults, gathered, number - len(gathered))
        gathered = [text] if text else []
    return fields, faults


def _add(fields: list[Field], faults: list[tuple[str, str, int]], lines: list[str], number: int) -> None:
    name, colon, rest = lines[0].partition(":")
    if not colon or not _NAME.fullmatch(name):
        faults.append(("mail.header.syntax", f'"{lines[0][:40]}"', number))
        return
    fields.append(Field(name, "".join([rest, *lines[1:]]).strip(" \t"), number, tuple(lines)))


def _content_type(fields: list[Field], assumed: str) -> tuple[str, dict[str, str], str]:
    """Return media type, parameters, and what is wrong with the field, if something is."""
    value = next((field.value for field in fields if field.name.lower() == "content-type"), assumed)
    found = _TYPE.match(value)
    if not found:
        return assumed, {}, f'"{value[:60]}"'
    parameters: dict[str, str] = {}
    place = found.end()
    while parameter := _PARAMETER.match(value, place):
        parameters.setdefault(parameter[1].lower(), _unquoted(parameter[2]))
        place = parameter.end()
    return found[1].lower(), parameters, "" if place == len(value) else f'"{value[place : place + 60]}"'


def _unquoted(value: str) -> str:
    return _QUOTED_PAIR.sub(r"\1", value[1:-1]) if value.startswith('"') else value


def _encoding_faults(fields: list[Field], kind: str, body: bytes) -> list[tuple[str, str, int]]:
    encoding = next((f.value.lower() for f in fields if f.name.lower() == "content-transfer-encoding"), "7bit")
    if encoding not in ("quoted-printable", "base64", "7bit"):
        return [("mail.encoding", f"the {kind} part is sent as {encoding[:40]}", 0)]
    if encoding == "7bit":
        return [] if body.isascii() else [("mail.encoding", f"the {kind} part has octets beyond ASCII", 0)]
    if any(len(line) > _LONGEST_ENCODED_LINE for line in _LINE_END.split(body)):
        return [("mail.encoding", f"the {kind} part has encoded lines of more than 76 characters", 0)]
    wrong = _STRAY_SIGN if encoding == "quoted-printable" else _NOT_BASE64
    return [("mail.encoding", f"the {kind} part is no {encoding}", 0)] if wrong.search(body) else []
