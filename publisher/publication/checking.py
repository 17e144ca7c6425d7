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
    unknown_rules,
)
from publisher.config.settings import CheckSettings
from publisher.errors import Problem
from publisher.files import read_file
from publisher.sources.base import Conventions
from publisher.sources.folder import READERS, load

#: For article files outside of any publication.
NEUTRAL = Conventions(url="https://publication.example/", permalink="{path}/", zone=ZoneInfo("UTC"), language="en")
_MANIFEST = "manifest.json"
_CONFIGURATION = "publisher.toml"
_DEFAULT = CheckSettings()
#: The most that is read of a file, in bytes; single rules ask for less.
_LARGEST = 64 * 2**20
#: White space and byte order marks, also of two bytes a character.
_BEFORE_TEXT = b" \t\r\n\x00\xef\xbb\xbf\xfe\xff"
_FEEDS = (".xml", ".atom", ".rss", ".rdf", ".opml", ".json")


def check_publication(
    folder: Path, problems: Iterable[Problem], outputs: Iterable[str], check: CheckSettings = _DEFAULT
) -> tuple[Finding, ...]:
    """Return the problems of the articles and the findings in the outputs that exist, below the publication's folder.

    Args:
        folder: the publication's.
        problems: those of the articles.
        outputs: folders of feeds and of bundles, relative to it.
        check: what is looked for in mails.

    Raises:
        UnknownClient: the settings name a mail program of which nothing is known.
    """
    findings = [*unknown_rules(check.ignore, _CONFIGURATION), *(Finding("article", problem) for problem in problems)]
    files = _Files(NEUTRAL, check)
    for name in outputs:
        findings += files.folder(folder / name) if (folder / name).is_dir() else []
    return tuple(_below(folder, finding) for finding in findings)


def _below(folder: Path, finding: Finding) -> Finding:
    """Call files as the articles' problems do: relative to the publication's folder."""
    path = finding.problem.path.removeprefix(f"{folder.as_posix()}/")
    return replace(finding, problem=replace(finding.problem, path=path))


def check_paths(
    paths: Sequence[Path], assumed: Conventions = NEUTRAL, check: CheckSettings = _DEFAULT
) -> tuple[Finding, ...]:
    """Apply the rules that fit to each file and folder.

    Args:
        paths: files and folders.
        assumed: what holds where an article file is silent.
        check: what is looked for in mails.

    Raises:
        UnknownClient: the settings name a mail program of which nothing is known.
    """
    files = _Files(assumed, check)
    findings = unknown_rules(check.ignore, _CONFIGURATION)
    for path in paths:
        findings += files.folder(path) if path.is_dir() else files.file(path)
    return tuple(findings)


@dataclass(frozen=True, slots=True)
class _Files:
    """Files and folders, each judged by the rules of its kind."""

    assumed: Conventions
    check: CheckSettings
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
            data = read_file(path, _LARGEST)
        except OSError as error:
            return [Finding("file", _unreadable(shown, error))]
        if path.suffix == ".eml":
            return check_message(data, shown, self.check)
        if path.suffix == ".html":
            return check_html(data, shown, self.check)
        if path.suffix in READERS and path.suffix not in _FEEDS:
            return [Finding("article", p) for p in load(path, shown, path.name, self.assumed).problems]
        if path.suffix in _FEEDS or data.lstrip(_BEFORE_TEXT)[:1] in (b"<", b"{"):
            return check_feed(data, shown)
        cure = "check knows feeds, bundles, .eml, .html and article files"
        return [Finding("file", Problem(shown, "is of no kind that can be checked", cure))]


def _unreadable(shown: str, error: OSError) -> Problem:
    reason = error.strerror or str(error)
    if error.errno == errno.EFBIG:
        return Problem(shown, f"the file {reason}", "split it; of a feed, keep the newest entries")
    return Problem(shown, f"cannot be read ({reason.removeprefix('is ')})", "name a file or folder that exists")
