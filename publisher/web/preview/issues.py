"""The next issue of a newsletter, rendered and checked but not written, as the author's page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from publisher.check import check_bundle
from publisher.check.mail.encoded import decoded
from publisher.check.mail.mime import read as read_mail
from publisher.config.newsletter import NewsletterSettings
from publisher.errors import Problem, PublisherError
from publisher.files import read_file
from publisher.newsletter import MANIFEST, PastIssue, read_past
from publisher.publication import Publication
from publisher.publication.folders import ISSUES_FOLDER
from publisher.web.preview.marks import Mark, marks


@dataclass(frozen=True, slots=True)
class ShownIssue:
    """One issue, or the reason why there is none to look at."""

    #: Of the newsletter.
    title: str
    #: Of its mail; empty without one.
    subject: str = ""
    sender: str = ""
    preheader: str = ""
    #: What kind of issue it is, a sentence.
    note: str = ""
    #: Why it cannot be shown; empty where it can.
    failure: str = ""
    #: Of the bundle, by name; empty without one.
    files: Mapping[str, bytes] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()


def shown_issue(publication: Publication, name: str, now: datetime) -> ShownIssue:
    """Return the next issue of a newsletter or, where nothing is new, the last one that was made.

    Args:
        publication: is not changed.
        name: of the newsletter.
        now: the clock.

    Raises:
        UsageError: there is no such newsletter.
    """
    newsletter = publication.settings.newsletter(name)
    title = newsletter.title or publication.settings.publication.title
    try:
        report = publication.preview(name, now)
        if report.issue is None:
            return _last_issue(publication, newsletter, title, report.problems)
    except (PublisherError, OSError) as error:
        return ShownIssue(title, failure=str(error), marks=marks((), _problems(publication, now), {}))
    issue = report.issue
    return ShownIssue(
        title,
        subject=issue.subject,
        sender=_sender(report.files),
        preheader=issue.preheader,
        note=f"The next issue, number {issue.number}, for {issue.key}. Nothing is written; publisher issue {name} makes it.",
        files=report.files,
        marks=marks(report.findings, report.problems, report.files, [(a.title, a.path) for a in issue.articles]),
    )


def _last_issue(
    publication: Publication, newsletter: NewsletterSettings, title: str, problems: tuple[Problem, ...]
) -> ShownIssue:
    home = publication.folder / ISSUES_FOLDER / newsletter.name
    past = read_past(home)
    if not past:
        failure = f"Nothing new for {newsletter.name}: publish an article to see its next issue."
        return ShownIssue(title, failure=failure, marks=marks((), problems, {}))
    last = past[-1]
    files = _bundle(home / last.key, last)
    findings = check_bundle(home / last.key, publication.settings.check)
    return ShownIssue(
        title,
        subject=last.subject,
        sender=_sender(files),
        preheader=last.preheader,
        note=f"Nothing new for {newsletter.name}: this is its last issue, {last.key}, as it was made.",
        files=files,
        marks=marks(findings, problems, files, [(title, "") for title, _ in last.articles]),
    )


def _problems(publication: Publication, now: datetime) -> tuple[Problem, ...]:
    try:
        return publication.articles(now, texts=False).problems
    except (PublisherError, OSError):
        return ()  # it is what has failed


def _bundle(folder: Path, issue: PastIssue) -> dict[str, bytes]:
    """Read the files of a bundle that its manifest names, as far as they are there."""
    return {name: read_file(folder / name) for name in (*issue.files, MANIFEST) if (folder / name).is_file()}


def _sender(files: Mapping[str, bytes]) -> str:
    return decoded(read_mail(files.get("issue.eml", b"")).first("from"))
