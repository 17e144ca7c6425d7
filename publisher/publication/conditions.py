"""What every output depends on besides the articles: the settings, the templates, and this program itself."""

import os
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import publisher
from publisher.files import signature_of
from publisher.publication.folders import TEMPLATES_FOLDER


def reading_conditions(settings: object) -> str:
    """Return a digest of what readings of the sources depend on.

    Args:
        settings: what the articles' readers are told of them.
    """
    return _digest([repr(settings), *_program()])


def output_conditions(around: str, settings: object) -> str:
    """Return a digest of what the feeds depend on besides their articles.

    Args:
        around: the `surroundings`.
        settings: all of them.
    """
    return _digest([repr(settings), around])


def surroundings(folder: Path) -> str:
    """Return a digest of this program and of the publication's own templates."""
    return _digest([*_program(), *_tree(folder / TEMPLATES_FOLDER)])


def _digest(parts: list[str]) -> str:
    return sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _program() -> Iterator[str]:
    """Yield what changes when this program or a library of it is exchanged."""
    yield sys.version
    # Installing a package renames its metadata, and so changes the folder.
    yield from (signature_of(path) for path in sys.path if path.endswith(("site-packages", "dist-packages")))
    for folder in (Path(publisher.__file__).parent, Path(publisher.__file__).parent.parent / "templates"):
        yield from _tree(folder)


def _tree(folder: Path) -> Iterator[str]:
    """Yield each file below a folder with its signature; links are followed, but into no folder twice."""
    waiting, seen = [str(folder)], set()
    while waiting:
        above = waiting.pop()
        if (place := os.path.realpath(above)) in seen:
            continue
        seen.add(place)
        try:
            entries = sorted(os.scandir(above), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            # Of a link that leads nowhere `DirEntry.is_dir` would raise.
            if os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir():  # noqa: PTH112
                if entry.name != "__pycache__":
                    waiting.append(entry.path)
            else:
                yield f"{entry.path} {signature_of(entry.path)}"
