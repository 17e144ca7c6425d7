"""The files of all sources of a publication."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from publisher.errors import Problem
from publisher.publication.folders import FEEDS_FOLDER, ISSUES_FOLDER, TEMPLATES_FOLDER
from publisher.sources.scanning import Found, scan

#: Folders of a publication that hold no articles, even where the publication's own folder is a source.
_OUTPUTS = frozenset((FEEDS_FOLDER, ISSUES_FOLDER, TEMPLATES_FOLDER))


def find_files(folder: Path, sources: Iterable[str]) -> tuple[list[Problem], dict[str, Found]]:
    """Find each file once, also where one source lies within another, and none of our own outputs.

    Args:
        folder: the publication's.
        sources: folders below it.

    Returns:
        What stands in the way, and the files by their paths for messages, in the order in which they are read.
    """
    obstacles: dict[str, Problem] = {}
    files: dict[str, Found] = {}
    for source in sources:
        if source.partition("/")[0] in _OUTPUTS:
            cure = "this program writes there; name another folder in [[sources]] of publisher.toml"
            obstacles[source] = Problem(source, "cannot hold articles", cure)
            continue
        if not (folder / source).is_dir():
            cure = "make it, or name another folder in [[sources]] of publisher.toml"
            obstacles[source] = Problem(source, "is no folder of articles", cure)
            continue
        for found in scan(folder / source, source):
            shown = found.path if isinstance(found, Problem) else found.shown
            if shown.partition("/")[0] in _OUTPUTS:
                continue
            if isinstance(found, Problem):
                obstacles.setdefault(shown, found)
            else:
                files.setdefault(shown, found)
    return list(obstacles.values()), files


def listed(files: Iterable[Found]) -> str:
    """Return a digest of files and their signatures: while it stays, none of them has changed, come or gone."""
    return sha256("\n".join(f"{f.shown} {f.signature}" for f in files).encode("utf-8", "surrogatepass")).hexdigest()
