"""Putting the bundle of a newsletter's next issue in place."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from publisher.catalogue import LOCK_NAME, Catalogue
from publisher.catalogue.lock import dump
from publisher.check import Finding, check_files
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.errors import Problem, Severity, UsageError
from publisher.feeds import with_siblings
from publisher.files import put, put_all
from publisher.newsletter import Issue, PastIssue, Wording, next_issue, read_past
from publisher.newsletter.bundle import render_bundle
from publisher.publication.archive import Archive
from publisher.publication.compiling import Compiled
from publisher.publication.folders import FEEDS_FOLDER, ISSUES_FOLDER
from publisher.publication.screenshots import SCREENSHOTS
from publisher.templating import Templates


@dataclass(frozen=True, slots=True)
class IssueReport:
    """What became of a newsletter's next issue."""

    #: None: there is nothing new to put into one.
    issue: Issue | None
    #: The bundle's folder, relative to the publication's; empty without an issue.
    folder: str
    #: The bundle's files by name, also where they were not written.
    files: Mapping[str, bytes]
    #: New and changed files, relative to the publication's folder.
    written: tuple[str, ...]
    #: What the check of the bundle found; an error among it keeps the bundle from being written.
    findings: tuple[Finding, ...]
    #: Of the articles, of their pictures and of older bundles.
    problems: tuple[Problem, ...]

    @property
    def blocked(self) -> bool:
        """Whether the issue must not leave like this."""
        return any(finding.problem.severity is Severity.ERROR for finding in self.findings)


def find_newsletter(settings: Settings, name: str) -> NewsletterSettings:
    """Return a newsletter by its name.

    Raises:
        UsageError: there is none of that name.
    """
    for newsletter in settings.newsletters:
        if newsletter.name == name:
            return newsletter
    names = [newsletter.name for newsletter in settings.newsletters]
    if not names:
        raise UsageError(f'no newsletter is defined; add [[newsletters]] with name = "{name}" to publisher.toml')
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(names)}"
    raise UsageError(f"no newsletter is called {name}; {hint}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, where the newsletter's own rules are not wanted."""

    #: Articles from this time on.
    since: datetime | None = None
    #: Just the articles of these ids.
    only: Sequence[str] = ()
    wording: Wording = field(default_factory=Wording)


def make_issue(
    folder: Path,
    settings: Settings,
    newsletter: NewsletterSettings,
    compiled: Compiled,
    templates: Templates,
    now: datetime,
    *,
    wanted: Wanted,
    dry_run: bool = False,
) -> IssueReport:
    """Decide what is in the next issue, render it, check it, and write its bundle if it passes.

    Args:
        folder: the publication's.
        settings: the publication's.
        newsletter: whose issue it is.
        compiled: what is published.
        templates: those of mails, pages and feeds.
        now: the clock.
        wanted: exceptions from the newsletter's rules.
        dry_run: writes nothing.

    Raises:
        PublisherError: an issue of the past is damaged, or the new one cannot be rendered.
        UsageError: `only` names an unknown article.
    """
    home = f"{ISSUES_FOLDER}/{newsletter.name}"
    past, catalogue = read_past(folder / home), compiled.catalogue
    issue = next_issue(
        catalogue.articles,
        past,
        newsletter,
        settings.publication,
        settings.zone,
        now,
        since=wanted.since,
        only=wanted.only,
        wording=wanted.wording,
        whole=compiled.library.whole,
    )
    problems = (*catalogue.problems, *_outdated(home, past, issue, catalogue))
    if issue is None:
        return IssueReport(None, "", {}, (), (), problems)
    bundle = render_bundle(issue, settings, newsletter, templates, catalogue.lock.authority, folder)
    place = f"{home}/{issue.key}"
    findings = tuple(check_files(bundle.files, place, settings.check, past))
    report = IssueReport(issue, place, bundle.files, (), findings, (*problems, *bundle.problems))
    if dry_run or report.blocked:
        return report
    # An id must be durable before a bundle names it: the next issue knows by it what was in this one.
    put(folder / LOCK_NAME, dump(catalogue.lock))
    written = [f"{place}/{name}" for name in put_all(folder / place, bundle.files.items())]
    if written:
        before = next((old.files for old in past if old.key == issue.key), ())
        _remove_outdated(folder / place, [name for name in before if name not in bundle.files])
    if newsletter.archive:
        archive = Archive(folder, settings, newsletter, catalogue.lock.authority, read_past(folder / home))
        written += _put_archive(archive, templates)
    return replace(report, written=tuple(written))


def _remove_outdated(bundle: Path, gone: Iterable[str]) -> None:
    """Remove what the bundle had when it was made before: its pictures, and those that were taken of it."""
    for path in (*(bundle / name for name in gone), *bundle.glob(f"{SCREENSHOTS}/*.png")):
        path.unlink(missing_ok=True)


def _put_archive(archive: Archive, templates: Templates) -> list[str]:
    files = (one for file in archive.files(templates) for one in with_siblings(file, archive.settings))
    written = put_all(archive.folder / FEEDS_FOLDER, ((file.path, file.data) for file in files))
    return [f"{FEEDS_FOLDER}/{name}" for name in written]


def _outdated(home: str, past: Sequence[PastIssue], issue: Issue | None, catalogue: Catalogue) -> list[Problem]:
    """Name bundles that wait to be sent with articles that nobody may see any more."""
    published = {article.id for article in catalogue.articles}
    cure = "remove the folder, or publish the article again"
    return [
        Problem(f"{home}/{old.key}", f"holds an article that is not published any more: {min(gone)}", cure)
        for old in past
        if not old.sent and (issue is None or old.key != issue.key) and (gone := set(old.article_ids) - published)
    ]
