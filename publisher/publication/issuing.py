"""Putting the bundle of a newsletter's next issue in place."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.catalogue import Catalogue
from publisher.config import NewsletterSettings, Settings
from publisher.errors import Problem, UsageError
from publisher.files import put
from publisher.newsletter import Issue, next_issue, read_past, render_bundle
from publisher.templating import Templates

ISSUES_FOLDER = "issues"


@dataclass(frozen=True, slots=True)
class IssueReport:
    """What became of a newsletter's next issue."""

    #: None: there is nothing new to put into one.
    issue: Issue | None
    #: The bundle's folder, relative to the publication's; empty without an issue.
    folder: str
    #: New and changed files of the bundle.
    written: tuple[str, ...]
    problems: tuple[Problem, ...]


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


def make_issue(
    folder: Path,
    settings: Settings,
    newsletter: NewsletterSettings,
    catalogue: Catalogue,
    templates: Templates,
    now: datetime,
    *,
    since: datetime | None = None,
    only: Sequence[str] = (),
    dry_run: bool = False,
) -> IssueReport:
    """Decide what is in the next issue and write its bundle.

    Args:
        since: takes articles from this time on, where the newsletter's own rule is not wanted.
        only: takes just the articles of these ids.

    Raises:
        PublisherError: an issue of the past is damaged, or the new one cannot be made.
        UsageError: `only` names an unknown article.
    """
    home = f"{ISSUES_FOLDER}/{newsletter.name}"
    past = read_past(folder / home)
    issue = next_issue(
        catalogue.articles, past, newsletter, settings.publication, settings.zone, now, since=since, only=only
    )
    if issue is None:
        return IssueReport(None, "", (), catalogue.problems)
    bundle = render_bundle(issue, settings, newsletter, templates)
    place = f"{home}/{issue.key}"
    written = () if dry_run else tuple(name for name, data in bundle.items() if put(folder / place / name, data))
    return IssueReport(issue, place, written, catalogue.problems)
