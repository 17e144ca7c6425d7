"""Which files of a folder count as articles; none of them is opened."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from publisher.errors import Problem
from publisher.files import signature

#: Suffixes of Markdown posts, of HTML pages, of files with one record or many, and of plain text, in lower case.
MARKDOWN = (".md", ".markdown", ".mdown", ".mkd")
HTML = (".html", ".htm")
JSON, NDJSON = (".json",), (".ndjson", ".jsonl")
TEXT = (".txt", ".text")
SUFFIXES = frozenset((*MARKDOWN, *HTML, *JSON, *NDJSON, *TEXT))
_SKIPPED = frozenset(("node_modules",))
# Controls, line ends, and what turns the direction of text around.
_UNSEEMLY = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Found:
    """A file that is to be read."""

    #: The source's folder, ending in a slash, and the file's name below it.
    place: str
    raw: str
    #: For messages: relative to the publication's folder, with forward slashes.
    shown: str
    #: Relative to the source's folder.
    name: str
    #: Changes whenever the file may have changed (`files.signature`).
    signature: str = ""

    @property
    def path(self) -> str:
        """Return where it lies."""
        return self.place + self.raw


def scan(folder: Path, shown_prefix: str) -> Iterator[Found | Problem]:
    """Yield the article files below a folder, in the code point order of their names, and what stands in the way.

    Hidden files, section pages (`_index.*`), `node_modules` and files of other kinds are passed over. Symbolic links
    are not followed, special files not opened.

    Args:
        folder: the source's folder.
        shown_prefix: how the folder is called in messages.
    """
    prefix, place = shown_prefix.rstrip("/"), f"{folder}/"
    for name, state in sorted(_walk(folder), key=lambda item: item[0]):
        shown = printable(name if prefix in ("", ".") else f"{prefix}/{name}".rstrip("/"))
        if isinstance(state, Obstacle):
            yield Problem(shown, state.message, state.cure)
        else:
            yield Found(place, name, shown, printable(name), state)


@dataclass(frozen=True, slots=True)
class Obstacle:
    message: str
    cure: str


SPECIAL = Obstacle("is no ordinary file", "remove it, or give it another suffix")


def _walk(folder: Path) -> Iterator[tuple[str, Obstacle | str]]:
    """Yield names relative to the folder, each with its signature, or with a message and a cure if it cannot be read."""
    waiting = [""]
    while waiting:
        above = waiting.pop()
        try:
            entries = [entry for entry in os.scandir(folder / above) if not _passed_over(entry.name)]
        except OSError as error:
            yield above.rstrip("/"), unreadable(error)
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{above}{entry.name}/")
            elif suffix_of(entry.name) in SUFFIXES or _links_to_folder(entry):
                yield f"{above}{entry.name}", _state(entry)


def _links_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _state(entry: os.DirEntry[str]) -> Obstacle | str:
    if entry.is_symlink():
        return Obstacle("is a symbolic link, and links are not followed", "put the file or folder itself there")
    try:
        found = entry.stat(follow_symlinks=False)
    except OSError as error:
        return unreadable(error)
    return signature(found) if stat.S_ISREG(found.st_mode) else SPECIAL


def unreadable(error: OSError) -> Obstacle:
    return Obstacle(f"cannot be read ({error.strerror or error})", "allow reading it, or move it elsewhere")


def _passed_over(name: str) -> bool:
    return name.startswith(".") or name in _SKIPPED or name.split(".", maxsplit=1)[0] == "_index"


def printable(name: str) -> str:
    """Show as backslash escapes what is not UTF-8 in a name, and what would break or colour a line on a terminal."""
    if name.isascii() and name.isprintable():
        return name
    decoded = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _UNSEEMLY.sub(lambda found: found[0].encode("unicode_escape").decode(), decoded)


def suffix_of(name: str) -> str:
    """Return the suffix of a file's name in lower case."""
    return os.path.splitext(name)[1].lower()
