"""Files as they come: in which folder or archive, in which encoding, parted by what."""

import codecs
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, is_zipfile

from publisher.errors import PublisherError, UsageError

_HEAD = 65536
#: The longest line, in characters; what is longer comes in pieces, see `pass_over`.
LONGEST_LINE = 2**20
# Those of UTF-32 begin as one of UTF-16 does.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In a member's flags: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.4.4.
_ENCRYPTED = 1
_METHODS = (ZIP_STORED, ZIP_DEFLATED)
_QUOTED = re.compile(r'"[^"]*"')


class FileRefused(PublisherError):
    """A file holds no subscribers that can be read."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file, or a file within a zip file."""

    #: As messages name it.
    place: str
    #: Its name, without folders.
    name: str
    open: Callable[[], IO[bytes]]


def inputs(path: Path) -> list[Input]:
    """Return what a path names: the file itself, or each CSV file in a zip file.

    Raises:
        UsageError: it is missing, cannot be read, or is no ordinary file.
        FileRefused: it is a spreadsheet, or an archive without CSV files.
    """
    whole = Input(str(path), path.name, partial(_whole, path))
    with _told(whole):
        if str(path) == "-" and not path.exists():
            raise UsageError("-: standard input is not read here; save it as a file, and name that")
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{path}: is no ordinary file; name files or archives of CSV")
        if not is_zipfile(path):
            return [whole]
        # Its directory is read once for all members; it is closed with the last of them.
        archive = ZipFile(path)
    members = archive.infolist()
    if any(member.filename.startswith("xl/") for member in members):
        raise FileRefused(f"{path}: is a spreadsheet; save its sheet as CSV and import that")
    tables = [
        member
        for member in members
        if member.filename.lower().endswith(".csv") and not member.filename.startswith("__MACOSX/")
    ]
    if any(member.compress_type not in _METHODS or member.flag_bits & _ENCRYPTED for member in members):
        raise FileRefused(f"{path}: is encrypted, or packed in an unusual way; unpack it and import its files")
    if not tables:
        raise FileRefused(f"{path}: there is no CSV file in this archive")
    # By its entry: two members may have one name.
    return [
        Input(f"{path}/{member.filename}", Path(member.filename).name, partial(archive.open, member))
        for member in tables
    ]


def _whole(path: Path) -> IO[bytes]:
    return path.open("rb")


@contextmanager
def text(source: Input, encoding: str) -> Iterator[Iterator[str]]:
    """Give the lines of a file with their ends; what the encoding does not know becomes U+FFFD.

    Raises:
        UsageError: it cannot be read.
        FileRefused: it is damaged within its archive.
    """
    with _told(source), source.open() as raw, TextIOWrapper(raw, encoding, errors="replace", newline="") as stream:
        yield iter(partial(stream.readline, LONGEST_LINE), "")


def pass_over(line: str, lines: Iterator[str]) -> None:
    """Pass over the other pieces of a line that is too long, so that the next one is the next.

    Args:
        line: its first piece, as `text` gives it.
        lines: what is behind it.
    """
    while line and not line.endswith(("\n", "\r")):
        line = next(lines, "")


@contextmanager
def _told(source: Input) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"{source.place}: cannot be read: {error.strerror or error}") from None
    except (BadZipFile, zlib.error) as error:
        raise FileRefused(f"{source.place}: cannot be unpacked: {error}; unpack it and import its files") from None


def encoding_of(source: Input) -> str:
    """Find out a file's encoding: by its byte order mark, by its zeros, by whether all of it is UTF-8; else Windows-1252.

    Raises:
        FileRefused: it is no text.
    """
    with _told(source), source.open() as raw:
        head = raw.read(_HEAD)
        found = next((name for bom, name in _BOMS if head.startswith(bom)), "")
        if not found:
            found = _utf16(source, head) if b"\0" in head else "utf-8"
        if found == "utf-8-sig" or _is_all(found, head, raw):
            return found
    if found == "utf-8":
        return "cp1252"
    raise FileRefused(f"{source.place}: is damaged: not all of it is {found.upper()}; export the subscribers again")


def _is_all(encoding: str, head: bytes, rest: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while head:
            decoder.decode(head)
            head = rest.read(_HEAD)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf16(source: Input, head: bytes) -> str:
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > len(head) // 4 and not even:
        return "utf-16-le"
    if even > len(head) // 4 and not odd:
        return "utf-16-be"
    raise FileRefused(f"{source.place}: is no text file; export the subscribers as CSV")


def delimiter_of(line: str) -> str:
    """Return what parts the cells of a header: the comma, semicolon or tab that stands there most often."""
    if found := re.fullmatch(r"sep=(.)\s*", line):  # what Excel writes and reads
        return found[1]
    plain = _QUOTED.sub("", line)
    return max(",;\t", key=plain.count)
