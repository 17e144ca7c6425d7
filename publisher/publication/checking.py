"""Finding the right rules for a file, a bundle, or a whole publication."""

import errno
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.check import Finding, check_bundle, check_feed, check_html, check_message
from publisher.errors import Problem
from publisher.files import read_file
from publisher.sources.base import Conventions
from publisher.sources.folder import READERS, load

#: For article files outside of any publication.
NEUTRAL = Conventions(url="https://publication.example/", permalink="{path}/", zone=ZoneInfo("UTC"), language="en")
_MANIFEST = "manifest.json"
#: The most that is read of a file, in bytes; single rules ask for less.
_LARGEST = 64 * 2**20
#: White space and byte order marks, also of two bytes a character.
_BEFORE_TEXT = b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"
_FEEDS = (".xml", ".atom", ".rss", ".rdf", ".opml", ".json")


def check_publication(folder: Path, problems: Iterable[Problem], outputs: Iterable[str]) -> tuple[Finding, ...]:
    """Return the problems of the articles and the findings in the outputs that exist, below the publication's folder."""
    findings = [Finding("article", problem) for problem in problems]
    for name in outputs:
        findings += _check_folder(folder / name) if (folder / name).is_dir() else []
    return tuple(_below(folder, finding) for finding in findings)


def _below(folder: Path, finding: Finding) -> Finding:
    """Call files as the articles' problems do: relative to the publication's folder."""
    path = finding.problem.path.removeprefix(f"{folder.as_posix()}/")
    return Finding(finding.rule, replace(finding.problem, path=path))


def check_paths(paths: Sequence[Path], assumed: Conventions = NEUTRAL) -> tuple[Finding, ...]:
    """Apply the rules that fit to each file and folder.

    Args:
        assumed: what holds where an article file is silent.
    """
    findings: list[Finding] = []
    for path in paths:
        findings += _check_folder(path) if path.is_dir() else _check_file(path, assumed)
    return tuple(findings)


def _check_folder(folder: Path) -> Iterator[Finding]:
    """Look at a folder and those below it; links to folders are not followed, as they may lead back here."""
    if (folder / _MANIFEST).is_file():
        yield from check_bundle(folder)
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from () if path.is_symlink() else _check_folder(path)
        elif path.name.endswith(_FEEDS):
            yield from _check_file(path, NEUTRAL)


def _unreadable(shown: str, error: OSError) -> Problem:
    reason = error.strerror or str(error)
    if error.errno == errno.EFBIG:
        return Problem(shown, f"the file {reason}", "split it; of a feed, keep the newest entries")
    return Problem(shown, f"cannot be read ({reason.removeprefix('is ')})", "name a file or folder that exists")


def _check_file(path: Path, assumed: Conventions) -> Iterable[Finding]:
    shown = path.as_posix()
    try:
        data = read_file(path, _LARGEST)
    except OSError as error:
        return [Finding("file", _unreadable(shown, error))]
    if path.suffix == ".eml":
        return check_message(data, shown)
    if path.suffix == ".html":
        return check_html(data, shown)
    if path.suffix in READERS and path.suffix not in _FEEDS:
        return [Finding("article", p) for p in load(path, shown, path.name, assumed).problems]
    if path.suffix in _FEEDS or data.lstrip(_BEFORE_TEXT)[:1] in (b"<", b"{"):
        return check_feed(data, shown)
    cure = "check knows feeds, bundles, .eml, .html and article files"
    return [Finding("file", Problem(shown, "is of no kind that can be checked", cure))]
