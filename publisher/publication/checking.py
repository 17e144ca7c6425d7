"""Finding the right rules for a file, a bundle, or a whole publication."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.check import Finding, check_bundle, check_feed, check_html, check_message
from publisher.errors import Problem
from publisher.sources.base import Conventions
from publisher.sources.folder import READERS, load

#: For article files outside of any publication.
NEUTRAL = Conventions(url="https://publication.example/", permalink="{path}/", zone=ZoneInfo("UTC"), language="en")
_MANIFEST = "manifest.json"
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
    if (folder / _MANIFEST).is_file():
        yield from check_bundle(folder)
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _check_folder(path)
        elif path.name.endswith(_FEEDS):
            yield from _check_file(path, NEUTRAL)


def _bytes(path: Path) -> bytes:
    """Read a file; a pipe or a device, which may never end, is not opened."""
    if path.exists() and not path.is_file():
        raise OSError(0, "no ordinary file")
    return path.read_bytes()


def _check_file(path: Path, assumed: Conventions) -> Iterable[Finding]:
    shown = path.as_posix()
    try:
        data = _bytes(path)
    except OSError as error:
        problem = Problem(shown, f"cannot be read ({error.strerror or error})", "name a file or folder that exists")
        return [Finding("file", problem)]
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
