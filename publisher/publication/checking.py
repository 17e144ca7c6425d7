"""Finding the right rules for a file, a bundle, or a whole publication."""

import errno
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.check import (
    Finding,
    Named,
    check_bundle,
    check_feed,
    check_html,
    check_message,
    subjects_beside,
)
from publisher.config.settings import CheckSettings
from publisher.errors import Problem, Severity
from publisher.files import read_file
from publisher.sources.base import Conventions
from publisher.sources.folder import READERS, load

#: For article files outside of any publication.
NEUTRAL = Conventions(url="https://publication.example/", permalink="{path}/", zone=ZoneInfo("UTC"), language="en")
_MANIFEST = "manifest.json"
_DEFAULT = CheckSettings()
#: Files of a bundle that look like something else: a mail, an article.
_OF_BUNDLES = ("issue.txt", "web.html")
#: White space and byte order marks, also of two bytes a character.
_BEFORE_TEXT = b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"
_FEEDS = (".xml", ".atom", ".rss", ".rdf", ".opml", ".json")


@dataclass(frozen=True, slots=True)
class Rooms:
    """A publication's folders, as far as they say what a file is."""

    #: What holds where an article file is silent.
    assumed: Conventions
    #: Folders of articles.
    sources: tuple[Path, ...] = ()
    #: The folder of feeds.
    feeds: Path | None = None

    def holds_article(self, path: Path) -> bool:
        """Say whether a file is an article, of whatever format."""
        return any(_within(path, source) for source in self.sources) and not self.holds_page(path)

    def holds_page(self, path: Path) -> bool:
        """Say whether a file is the page of a feed or of a past issue."""
        return self.feeds is not None and _within(path, self.feeds)


#: Outside of any publication.
NOWHERE = Rooms(NEUTRAL)


def _within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def check_publication(
    folder: Path, problems: Iterable[Problem], outputs: Iterable[str], check: CheckSettings = _DEFAULT
) -> tuple[Finding, ...]:
    """Return the problems of the articles and the findings in the outputs that exist, below the publication's folder.

    Args:
        folder: the publication's.
        problems: those of the articles.
        outputs: folders of feeds and of bundles, relative to it.
        check: what is looked for in mails.

    """
    findings = [Finding("article", problem) for problem in problems]
    files = _Files(check, NOWHERE)
    for name in outputs:
        findings += files.folder(folder / name) if (folder / name).is_dir() else []
    return tuple(_below(folder, finding) for finding in findings)


def _below(folder: Path, finding: Finding) -> Finding:
    """Call files as the articles' problems do: relative to the publication's folder."""
    path = finding.problem.path.removeprefix(f"{folder.as_posix()}/")
    return replace(finding, problem=replace(finding.problem, path=path))


def check_paths(paths: Sequence[Path], check: CheckSettings = _DEFAULT, rooms: Rooms = NOWHERE) -> tuple[Finding, ...]:
    """Apply the rules that fit to each file and folder.

    Args:
        paths: files and folders.
        check: what is looked for in mails.
        rooms: by which files are told apart that look alike.

    """
    files = _Files(check, rooms)
    findings: list[Finding] = []
    for path in paths:
        findings += files.folder(path) if path.is_dir() else files.file(path)
    return tuple(findings)


@dataclass(frozen=True, slots=True)
class _Files:
    """Files and folders, each judged by the rules of its kind."""

    check: CheckSettings
    rooms: Rooms
    #: The issues of each newsletter whose folder was met.
    past: dict[Path, tuple[Named, ...]] = field(default_factory=dict)

    def folder(self, folder: Path) -> Iterator[Finding]:
        """Look at a folder and those below it; links to folders are not followed, as they may lead back here."""
        if (folder / _MANIFEST).is_file():
            yield from check_bundle(folder, self.check, self._beside(folder))
            return
        for path in sorted(folder.iterdir()):
            if path.is_dir():
                yield from () if path.is_symlink() else self.folder(path)
            elif path.name.endswith(_FEEDS):
                yield from self.file(path)

    def _beside(self, bundle: Path) -> tuple[Named, ...]:
        home = bundle.absolute().parent
        if home not in self.past:
            self.past[home] = subjects_beside(bundle)
        return self.past[home]

    def file(self, path: Path) -> Iterable[Finding]:
        """Look at one file."""
        shown = path.as_posix()
        try:
            data = read_file(path)
        except OSError as error:
            return [Finding("file", _unreadable(shown, error))]
        if path.name in _OF_BUNDLES and (path.parent / _MANIFEST).is_file():
            return self._in_bundle(path)
        return self._judged(path, shown, data)

    def _judged(self, path: Path, shown: str, data: bytes) -> Iterable[Finding]:
        if path.suffix == ".eml":
            return check_message(data, shown, self.check)
        if path.suffix == ".html" and not self.rooms.holds_article(path):
            return self._html(path, shown, data)
        if path.suffix in READERS and path.suffix not in _FEEDS:
            return [Finding("article", p) for p in load(path, shown, path.name, self.rooms.assumed).problems]
        if path.suffix in _FEEDS or data.lstrip(_BEFORE_TEXT)[:1] in (b"<", b"{"):
            return check_feed(data, shown)
        cure = "check knows feeds, bundles, .eml, .html and article files"
        return [Finding("file", Problem(shown, "is of no kind that can be checked", cure))]

    def _html(self, path: Path, shown: str, data: bytes) -> list[Finding]:
        if not self.rooms.holds_page(path):
            return check_html(data, shown, self.check)
        cure = "check the feed beside it, or the issue that it is the page of"
        return [Finding("file", Problem(shown, "is a page, which no rule is about", cure, severity=Severity.NOTE))]

    def _in_bundle(self, path: Path) -> list[Finding]:
        """Look at a file as a part of its bundle; without a sound manifest nobody knows what it should be."""
        places = (path.as_posix(), (path.parent / _MANIFEST).as_posix())
        return [
            finding
            for finding in check_bundle(path.parent, self.check, self._beside(path.parent))
            if finding.problem.path in places
        ]


def _unreadable(shown: str, error: OSError) -> Problem:
    reason = error.strerror or str(error)
    if error.errno == errno.EFBIG:
        return Problem(shown, f"the file {reason}", "split it; of a feed, keep the newest entries")
    return Problem(shown, f"cannot be read ({reason.removeprefix('is ')})", "name a file or folder that exists")
