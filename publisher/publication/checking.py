"""Finding the right rules for a file, a bundle, or a whole publication."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from publisher.check import Finding, check_bundle, check_feed, check_html, check_message
from publisher.config import Settings
from publisher.errors import Problem
from publisher.publication.reading import conventions
from publisher.sources.folder import READERS, load

_MANIFEST = "manifest.json"
_FEEDS = (".xml", ".atom", ".rss", ".json")


def check_publication(problems: Iterable[Problem], outputs: Iterable[Path]) -> tuple[Finding, ...]:
    """Return the problems of the articles and the findings in the outputs that exist."""
    findings = [Finding("article", problem) for problem in problems]
    for folder in outputs:
        findings += _check_folder(folder) if folder.is_dir() else []
    return tuple(findings)


def check_paths(paths: Sequence[Path], settings: Settings) -> tuple[Finding, ...]:
    """Apply the rules that fit to each file and folder."""
    findings: list[Finding] = []
    for path in paths:
        findings += _check_folder(path) if path.is_dir() else _check_file(path, settings)
    return tuple(findings)


def _check_folder(folder: Path) -> Iterator[Finding]:
    if (folder / _MANIFEST).is_file():
        yield from check_bundle(folder)
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _check_folder(path)
        elif path.name.endswith(_FEEDS):
            yield from check_feed(path.read_bytes(), path.as_posix())


def _check_file(path: Path, settings: Settings) -> Iterable[Finding]:
    shown = path.as_posix()
    try:
        data = path.read_bytes()
    except OSError as error:
        problem = Problem(shown, f"cannot be read ({error.strerror or error})", "name a file or folder that exists")
        return [Finding("file", problem)]
    if path.suffix == ".eml":
        return check_message(data, shown)
    if path.suffix in _FEEDS:
        return check_feed(data, shown)
    if path.suffix == ".html":
        return check_html(data, shown)
    if path.suffix in READERS:
        return [Finding("article", p) for p in load(path, shown, path.name, conventions(settings)).problems]
    cure = "check knows feeds, bundles, .eml, .html and article files"
    return [Finding("file", Problem(shown, "is of no kind that can be checked", cure))]
