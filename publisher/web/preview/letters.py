"""The next issue of a newsletter, rendered and checked but not written, as the author's page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from publisher.check import check_bundle
from publisher.config.newsletter import NewsletterSettings
from publisher.errors import Problem, PublisherError
from publisher.files import read_file
from publisher.newsletter import MANIFEST, PastIssue, read_past
from publisher.publication import Publication
from publisher.publication.folders import ISSUES_FOLDER
from publisher.publication.issuing import find_newsletter
from publisher.web.preview.marks import Mark, marks

#: The most that is read of a file of a bundle, in bytes.
_LARGEST = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Letter:
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


def next_letter(publication: Publication, name: str, now: datetime) -> Letter:
    """Return the next issue of a newsletter or, where nothing is new, the last one that was made.

    Args:
        publication: is not changed.
        name: of the newsletter.
        now: the clock.

    Raises:
        UsageError: there is no such newsletter.
    """
    newsletter = find_newsletter(publication.settings, name)
    title = newsletter.title or publication.settings.publication.title
    try:
        report = publication.preview(name, now)
        if report.issue is None:
            return _last_letter(publication, newsletter, title, report.problems)
    except (PublisherError, OSError) as error:
        return Letter(title, failure=str(error), marks=marks((), _problems(publication, now), {}))
    issue = report.issue
    return Letter(
        title,
        subject=issue.subject,
        sender=_sender(report.files),
        preheader=issue.preheader,
        note=f"The next issue, number {issue.number}, for {issue.key}. Nothing is written; publisher issue {name} makes it.",
        files=report.files,
        marks=marks(report.findings, report.problems, report.files, [(a.title, a.path) for a in issue.articles]),
    )


def _last_letter(
    publication: Publication, newsletter: NewsletterSettings, title: str, problems: tuple[Problem, ...]
) -> Letter:
    home = publication.folder / ISSUES_FOLDER / newsletter.name
    past = read_past(home)
    if not past:
        failure = f"Nothing new for {newsletter.name}: publish an article to see its next issue."
        return Letter(title, failure=failure, marks=marks((), problems, {}))
    last = past[-1]
    files = _bundle(home / last.key, last)
    findings = check_bundle(home / last.key, publication.settings.check)
    return Letter(
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
    """Read the files of a bundle that its manifest names and that lie within it."""
    inside = [
        name for name in (*issue.files, MANIFEST) if ".." not in Path(name).parts and not Path(name).is_absolute()
    ]
    return {name: read_file(folder / name, _LARGEST) for name in inside if (folder / name).is_file()}


def _sender(files: Mapping[str, bytes]) -> str:
    header = files.get("issue.eml", b"").partition(b"\r\n\r\n")[0]
    return str(message_from_bytes(header, policy=default)["From"] or "")
