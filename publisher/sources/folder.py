"""Article files: how their bytes become text, and what reads it."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from publisher.article import Article
from publisher.errors import Problem, Severity, SurroundingsError
from publisher.markup.characters import ILLEGAL, legal
from publisher.sources import markdown
from publisher.sources.base import Conventions, Document, Reader, Reading
from publisher.sources.frontmatter import FrontMatterError
from publisher.sources.scanning import (
    HTML,
    JSON,
    MARKDOWN,
    NDJSON,
    SPECIAL,
    TEXT,
    Found,
    printable,
    suffix_of,
    unreadable,
)


def _html(document: Document, conventions: Conventions) -> Reading:
    from publisher.sources import html

    return html.read(document, conventions)


def _json(document: Document, conventions: Conventions) -> Reading:
    from publisher.sources import records

    return records.read_json(document, conventions)


def _ndjson(document: Document, conventions: Conventions) -> Reading:
    from publisher.sources import records

    return records.read_ndjson(document, conventions)


def _text(document: Document, conventions: Conventions) -> Reading:
    from publisher.sources import newswire

    return newswire.read(document, conventions)


#: What reads a file, by its suffix in lower case.
READERS: Mapping[str, Reader] = {
    **dict.fromkeys(MARKDOWN, markdown.read),
    **dict.fromkeys(HTML, _html),
    **dict.fromkeys(JSON, _json),
    **dict.fromkeys(NDJSON, _ndjson),
    **dict.fromkeys(TEXT, _text),
}
#: What reads the metadata alone, where a format can leave the text for later.
_GLANCES: Mapping[str, Reader] = {
    suffix: markdown.glance if reader is markdown.read else reader for suffix, reader in READERS.items()
}
_MEBIBYTE = 1024 * 1024
#: Largest file of one article, and of many, in octets.
LIMIT, RECORDS_LIMIT = 4 * _MEBIBYTE, 32 * _MEBIBYTE
_RECORDS = frozenset((*JSON, *NDJSON))
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_OTHER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def load(path: str | Path, shown: str, name: str, conventions: Conventions) -> Reading:
    """Read one file with the reader of its suffix; whatever is wrong with it is a problem in the result.

    Args:
        path: the file.
        shown: what messages call it.
        name: where it lies in its source's folder.
        conventions: what holds where the article is silent.
    """
    return _read(READERS, path, printable(shown), printable(name), conventions)


def contents(found: Found) -> bytes | None:
    """Return the bytes of a file; None for one that `glance` has something to say about."""
    try:
        return _bytes(found.path, _limit(found.name))
    except (OSError, _Refusal):
        return None


def glance(found: Found, data: bytes | None, conventions: Conventions) -> Reading:
    """Read one file as `load` does, but leave the text of a post in it for `fill`.

    Args:
        found: the file.
        data: its `contents`.
        conventions: what holds where the article is silent.
    """
    return _read(_GLANCES, found.path, found.shown, found.name, conventions, data)


def fill(path: str, article: Article) -> Article:
    """Bring an article that `glance` found the content it left in its file.

    Args:
        path: the file.
        article: what was found in it.

    Raises:
        SurroundingsError: the file went away in the meantime, or became something else.
    """
    try:
        text, _ = _decoded(_bytes(path, LIMIT))
        return markdown.fill(text, article)
    except (OSError, _Refusal, FrontMatterError) as error:
        raise SurroundingsError(f"{path}: changed while it was read ({error}); build again") from error


def _read(
    readers: Mapping[str, Reader],
    path: str | Path,
    shown: str,
    name: str,
    conventions: Conventions,
    data: bytes | None = None,
) -> Reading:
    if (reader := readers.get(suffix_of(name))) is None:
        return Reading((), (Problem(shown, "is of no kind that can be read", f"use one of {', '.join(READERS)}"),))
    try:
        text, notes = _decoded(_bytes(path, _limit(name)) if data is None else data)
        reading = reader(Document(shown, name, text), conventions)
    except _Refusal as refusal:
        return Reading((), (Problem(shown, refusal.message, refusal.cure, refusal.line),))
    except OSError as error:
        obstacle = unreadable(error)
        return Reading((), (Problem(shown, obstacle.message, obstacle.cure),))
    except (RecursionError, ValueError) as error:
        # What libraries raise at input made to break them.
        return Reading((), (Problem(shown, f"cannot be read ({error})", "simplify it, or move it elsewhere"),))
    if not notes:
        return reading
    heard = tuple(Problem(shown, note, severity=Severity.NOTE) for note in notes)
    return Reading(reading.articles, heard + reading.problems)


def _limit(name: str) -> int:
    return RECORDS_LIMIT if suffix_of(name) in _RECORDS else LIMIT


class _Refusal(Exception):
    def __init__(self, message: str, cure: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure
        self.line = line


def _bytes(path: str | Path, limit: int) -> bytes:
    """Read a file that is one, and not too large; neither a pipe nor a huge file is even opened."""
    state = os.stat(path)
    if not stat.S_ISREG(state.st_mode):
        raise _Refusal(SPECIAL.message, SPECIAL.cure)
    if state.st_size > limit:
        size, most = f"{state.st_size / _MEBIBYTE:.1f} MiB", f"{limit // _MEBIBYTE} MiB"
        raise _Refusal(f"is too large: {size}, at most {most} are read", "split it, or move it elsewhere")
    with open(path, "rb") as file:
        return file.read(state.st_size)  # asking for the limit would make room for it, in thrice the time


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return text with LF line ends, and what was odd about its bytes."""
    try:
        text = data.decode("utf-8").lstrip("\ufeff")  # files that were joined begin with several
    except UnicodeDecodeError as error:
        raise _illegible(data, error.start) from None
    if "\0" in text:
        raise _illegible(data)
    if not text or text.isspace():
        raise _Refusal("is empty", "write the article, or remove the file")
    notes = [*_oddities(data)]
    plain = text.replace("\r\n", "\n").replace("\r", "\n") if notes else text
    clean = legal(plain)
    if clean is not plain:
        notes.append(_loss(plain))
    return clean, tuple(notes)


def _loss(text: str) -> str:
    """Say which characters are left out, and where the first of them is."""
    places = [found.start() for found in ILLEGAL.finditer(text)]
    first = places[0]
    line, column = text.count("\n", 0, first) + 1, first - text.rfind("\n", 0, first)
    many = (
        f"{len(places)} characters that no feed may hold, the first"
        if places[1:]
        else "a character that no feed may hold,"
    )
    return f"has {many} U+{ord(text[first]):04X} in line {line}, column {column}; the rest was read all the same"


def _illegible(data: bytes, bad: int = 0) -> _Refusal:
    """Say why bytes are no text: they hold a zero, or are not UTF-8 at the index `bad`."""
    if encoding := _foreign_encoding(data):
        return _Refusal(f"is {encoding} text", "save it as UTF-8")
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        return _Refusal("is binary, not text", "remove it, or give it another suffix", line)
    line = len((data[:bad] + b"x").splitlines())
    return _Refusal(f"is not UTF-8 text (byte 0x{data[bad]:02x})", "save it as UTF-8", line)


def _oddities(data: bytes) -> Iterator[str]:
    if data.startswith(_BYTE_ORDER_MARK):
        yield "begins with a byte order mark; it was read all the same"
    if b"\r" in data:
        which = "Windows (CRLF)" if b"\r\n" in data else "old Macs (CR)"
        yield f"has line ends of {which}; it was read all the same"


def _foreign_encoding(data: bytes) -> str:
    """Name UTF-16 or UTF-32 by its byte order mark or, failing that, by where its zero bytes stand."""
    for mark, name in _OTHER_MARKS:
        if data.startswith(mark):
            return name
    head = data[:4096]
    zeros = [head[start::4].count(0) * 4 / len(head) for start in range(4)]
    mostly = sum(share > 0.5 for share in zeros)
    never = sum(share < 0.05 for share in zeros)
    return {(3, 1): "UTF-32", (2, 2): "UTF-16"}.get((mostly, never), "")
