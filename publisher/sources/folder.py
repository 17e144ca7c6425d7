"""A folder of article files: which of them count, and how their bytes become text."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from publisher.errors import Problem, Severity
from publisher.sources import html, markdown, newswire, records
from publisher.sources.base import Conventions, Document, Reader, Reading

#: What reads a file, by its suffix in lower case.
READERS: Mapping[str, Reader] = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd"), markdown.read),
    **dict.fromkeys((".html", ".htm"), html.read),
    ".json": records.read_json,
    **dict.fromkeys((".ndjson", ".jsonl"), records.read_ndjson),
    **dict.fromkeys((".txt", ".text"), newswire.read),
}
_MEBIBYTE = 1024 * 1024
#: Largest file of one article, and of many, in octets.
LIMIT, RECORDS_LIMIT = 4 * _MEBIBYTE, 32 * _MEBIBYTE
_RECORDS = frozenset((".json", ".ndjson", ".jsonl"))
_SKIPPED = frozenset(("node_modules",))
_SPECIAL = ("is no ordinary file", "remove it, or give it another suffix")
# Controls, line ends, and what turns the direction of text around.
_UNSEEMLY = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# UTF-32 first: its little-endian mark begins with that of UTF-16.
_OTHER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is to be read."""

    path: Path
    #: For messages: relative to the publication's folder, with forward slashes.
    shown: str
    #: Relative to the source's folder.
    name: str


def scan(folder: Path, shown_prefix: str) -> Iterator[Found | Problem]:
    """Yield the article files below a folder, in the code point order of their names, and what stands in the way.

    Hidden files, section pages (`_index.*`), `node_modules` and files of other kinds are passed over. Symbolic links
    are not followed, special files not opened.

    Args:
        folder: the source's folder.
        shown_prefix: how the folder is called in messages.
    """
    prefix = shown_prefix.rstrip("/")
    for name, obstacle in sorted(_walk(folder), key=lambda item: item[0]):
        shown = _printable(name if prefix in ("", ".") else f"{prefix}/{name}".rstrip("/"))
        if obstacle:
            yield Problem(shown, *obstacle)
        else:
            yield Found(folder / name, shown, _printable(name))


_Obstacle = tuple[str, str]


def _walk(folder: Path) -> Iterator[tuple[str, _Obstacle | None]]:
    """Yield names relative to the folder, each with a message and a cure if it cannot be read."""
    waiting = [""]
    while waiting:
        above = waiting.pop()
        try:
            entries = [entry for entry in os.scandir(folder / above) if not _passed_over(entry.name)]
        except OSError as error:
            yield above.rstrip("/"), _unreadable(error)
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{above}{entry.name}/")
            elif PurePosixPath(entry.name).suffix.lower() in READERS or _links_to_folder(entry):
                yield f"{above}{entry.name}", _obstacle(entry)


def _links_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _obstacle(entry: os.DirEntry[str]) -> _Obstacle | None:
    if entry.is_symlink():
        return "is a symbolic link, and links are not followed", "put the file or folder itself there"
    if not entry.is_file(follow_symlinks=False):
        return _SPECIAL
    return None


def _unreadable(error: OSError) -> _Obstacle:
    return f"cannot be read ({error.strerror or error})", "allow reading it, or move it elsewhere"


def _passed_over(name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED or name.split(".", maxsplit=1)[0] == "_index"


def _printable(name: str) -> str:
    """Show as backslash escapes what is not UTF-8 in a name, and what would break or colour a line on a terminal."""
    decoded = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _UNSEEMLY.sub(lambda found: found[0].encode("unicode_escape").decode(), decoded)


def load(path: Path, shown: str, name: str, conventions: Conventions) -> Reading:
    """Read one file with the reader of its suffix; whatever is wrong with it is a problem in the result.

    Args:
        path: the file.
        shown: what messages call it.
        name: where it lies in its source's folder.
        conventions: what holds where the article is silent.
    """
    shown, name = _printable(shown), _printable(name)
    suffix = PurePosixPath(name).suffix.lower()
    if (reader := READERS.get(suffix)) is None:
        return Reading((), (Problem(shown, "is of no kind that can be read", f"use one of {', '.join(READERS)}"),))
    try:
        text, notes = _decoded(_bytes(path, RECORDS_LIMIT if suffix in _RECORDS else LIMIT))
        reading = reader(Document(shown, name, text), conventions)
    except _Refusal as refusal:
        return Reading((), (Problem(shown, refusal.message, refusal.cure, refusal.line),))
    except OSError as error:
        return Reading((), (Problem(shown, *_unreadable(error)),))
    except (RecursionError, ValueError) as error:
        # What libraries raise at input made to break them.
        return Reading((), (Problem(shown, f"cannot be read ({error})", "simplify it, or move it elsewhere"),))
    heard = tuple(Problem(shown, note, severity=Severity.NOTE) for note in notes)
    return Reading(reading.articles, heard + reading.problems)


class _Refusal(Exception):
    def __init__(self, message: str, cure: str, line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure
        self.line = line


def _bytes(path: Path, limit: int) -> bytes:
    """Read a file that is one, and not too large; neither a pipe nor a huge file is even opened."""
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        raise _Refusal(*_SPECIAL)
    if state.st_size > limit:
        size, most = f"{state.st_size / _MEBIBYTE:.1f} MiB", f"{limit // _MEBIBYTE} MiB"
        raise _Refusal(f"is too large: {size}, at most {most} are read", "split it, or move it elsewhere")
    with path.open("rb") as file:
        return file.read(limit)


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return text with LF line ends, and what was odd about its bytes."""
    if encoding := _foreign_encoding(data):
        raise _Refusal(f"is {encoding} text", "save it as UTF-8")
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise _Refusal("is binary, not text", "remove it, or give it another suffix", line)
    try:
        text = data.decode("utf-8").lstrip("\ufeff")  # files that were joined begin with several
    except UnicodeDecodeError as error:
        bad = error.object[error.start]
        line = len((error.object[: error.start] + b"x").splitlines())
        raise _Refusal(f"is not UTF-8 text (byte 0x{bad:02x})", "save it as UTF-8", line) from None
    if not text.strip():
        raise _Refusal("is empty", "write the article, or remove the file")
    return text.replace("\r\n", "\n").replace("\r", "\n"), tuple(_oddities(data))


def _oddities(data: bytes) -> Iterator[str]:
    if data.startswith(_BYTE_ORDER_MARK):
        yield "begins with a byte order mark; it was read all the same"
    if b"\r\n" in data:
        yield "has line ends of Windows (CRLF); it was read all the same"
    elif b"\r" in data:
        yield "has line ends of old Macs (CR); it was read all the same"


def _foreign_encoding(data: bytes) -> str:
    """Name UTF-16 or UTF-32 by its byte order mark or, failing that, by where its zero bytes stand."""
    for mark, name in _OTHER_MARKS:
        if data.startswith(mark):
            return name
    head = data[:4096]
    zeros = [head[start::4].count(0) * 4 / len(head) for start in range(4)] if head else [0.0]
    mostly = sum(share > 0.5 for share in zeros)
    never = sum(share < 0.05 for share in zeros)
    return {(3, 1): "UTF-32", (2, 2): "UTF-16"}.get((mostly, never), "")
