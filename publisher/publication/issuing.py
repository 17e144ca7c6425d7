"""Putting the bundle of a newsletter's next issue in place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from publisher.catalogue import LOCK_NAME, Catalogue
from publisher.catalogue.lock import dump
from publisher.check import Finding, check_files
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.errors import Problem, Severity
from publisher.feeds import plan_feeds, render_plans, render_shared
from publisher.files import Staging, put, put_all
from publisher.newsletter import Issue, PastIssue, Wording, next_issue, read_past
from publisher.newsletter.bundle import render_bundle
from publisher.publication.archive import Archive, archive_of, read_archives, taken_back
from publisher.publication.compiling import Compiled
from publisher.publication.folders import FEEDS_FOLDER, ISSUES_FOLDER
from publisher.publication.outputs import Outputs, remove
from publisher.publication.screenshots import SCREENSHOTS
from publisher.templating import Templates
from publisher.websub import remember


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
    #: Files of the archive that nobody shall read any more, relative to the publication's folder.
    removed: tuple[str, ...]
    #: What the check of the bundle found; an error among it keeps the bundle from being written.
    findings: tuple[Finding, ...]
    #: Of the articles, of their pictures and of older bundles.
    problems: tuple[Problem, ...]

    @property
    def blocked(self) -> bool:
        """Whether the issue must not leave like this."""
        return any(finding.problem.severity is Severity.ERROR for finding in self.findings)


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
    known: Sequence[PastIssue] = (),
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
        known: issues that left, as the ledger has them: their bundles may be gone.
        dry_run: writes nothing.

    Raises:
        PublisherError: an issue of the past is damaged, or the new one cannot be rendered.
        UsageError: `only` names an unknown article.
    """
    home = f"{ISSUES_FOLDER}/{newsletter.name}"
    past, catalogue = _with_known(read_past(folder / home), known), compiled.catalogue
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
        return IssueReport(None, "", {}, (), (), (), problems)
    bundle = render_bundle(issue, settings, newsletter, templates, catalogue.lock.authority, folder)
    place = f"{home}/{issue.key}"
    findings = tuple(check_files(bundle.files, place, settings.check, past))
    report = IssueReport(issue, place, bundle.files, (), (), findings, (*problems, *bundle.problems))
    if dry_run or report.blocked:
        return report
    # An id must be durable before a bundle names it: the next issue knows by it what was in this one.
    put(folder / LOCK_NAME, dump(catalogue.lock))
    written = [f"{place}/{name}" for name in put_all(folder / place, bundle.files.items())]
    if written:
        before = next((old.files for old in past if old.key == issue.key), ())
        _remove_outdated(folder / place, [name for name in before if name not in bundle.files])
    if not newsletter.archive:
        return replace(report, written=tuple(written))
    archive = archive_of(folder, settings, newsletter, catalogue)
    return _with_archive(replace(report, written=tuple(written)), issue.key, archive, catalogue, templates, now)


def _with_known(past: Sequence[PastIssue], known: Sequence[PastIssue]) -> tuple[PastIssue, ...]:
    """Return all issues so far; of those that left, the ledger knows best."""
    keys = {issue.key for issue in known}
    every = [*(issue for issue in past if issue.key not in keys), *known]
    return tuple(sorted(every, key=lambda issue: (issue.number, issue.key)))


def _remove_outdated(bundle: Path, gone: Iterable[str]) -> None:
    """Remove what the bundle had when it was made before: its pictures, and those that were taken of it."""
    for path in (*(bundle / name for name in gone), *bundle.glob(f"{SCREENSHOTS}/*.png")):
        path.unlink(missing_ok=True)


def _with_archive(
    report: IssueReport, key: str, archive: Archive, catalogue: Catalogue, templates: Templates, now: datetime
) -> IssueReport:
    """Bring the newsletter's archive up to date; of other issues, pages that are there are left to the next build.

    Args:
        report: of the issue that was made.
        key: its key.
        archive: with this issue.
        catalogue: what is published.
        templates: those of feeds.
        now: the clock.
    """
    folder, settings = archive.folder, archive.settings
    copies = [one for one in archive.copies() if one.key == key or not (folder / FEEDS_FOLDER / one.path).exists()]
    plans = tuple(plan for plan in (archive.plan(),) if plan)
    outputs = Outputs(folder, settings, plans, "", tuple(copies))
    with Staging(folder) as staging:
        failed = outputs.stage_copies({}, staging)
        # The style sheet that feeds name; the list of all feeds is for a build to write.
        outputs.stage(render_shared((), settings, archive.authority, templates), staging)
        for documents in render_plans(plans, settings, archive.authority, templates):
            outputs.stage(documents, staging)
        _tell_hub(outputs, staging, catalogue, now)
        written = staging.commit()
    removed = tuple(archive.obsolete())
    remove(folder, removed)
    known = {problem.path for problem in report.problems}
    told = [*dict.fromkeys(failed.values()), *(note for note in archive.notes() if note.path not in known)]
    return replace(report, written=(*report.written, *written), removed=removed, problems=(*report.problems, *told))


def _tell_hub(outputs: Outputs, staging: Staging, catalogue: Catalogue, now: datetime) -> None:
    """Write down what the hub is to be told by the next build, which finds the feed of issues as it shall be."""
    folder, settings = outputs.folder, outputs.settings
    if settings.syndication.hub and settings.syndication.ping and outputs.topics(staging.waiting):
        plans, _ = plan_feeds(catalogue.articles, settings, catalogue.lock, now)
        every = replace(outputs, plans=(*plans, *read_archives(folder, settings, catalogue).plans))
        remember(folder, settings.syndication.hub, outputs.topics(staging.waiting), every.topics(every.names()))


def _outdated(home: str, past: Sequence[PastIssue], issue: Issue | None, catalogue: Catalogue) -> list[Problem]:
    """Name bundles that wait to be sent with articles that nobody may see any more."""
    cure = "remove the folder, or publish the article again"
    waiting = [old for old in past if not old.sent and (issue is None or old.key != issue.key)]
    return [
        Problem(f"{home}/{key}", f'holds an article that is not published any more: "{title}"', cure)
        for key, title in taken_back(waiting, catalogue).items()
    ]
