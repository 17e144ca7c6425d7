"""Putting the bundle of a newsletter's next issue in place."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.catalogue import LOCK_NAME, Catalogue
from publisher.catalogue.lock import dump
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.errors import Problem, UsageError
from publisher.files import put, put_all
from publisher.newsletter import Issue, PastIssue, next_issue, read_past, render_bundle
from publisher.publication.compiling import Compiled
from publisher.publication.folders import ISSUES_FOLDER
from publisher.templating import Templates


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
    compiled: Compiled,
    templates: Templates,
    now: datetime,
    *,
    since: datetime | None = None,
    only: Sequence[str] = (),
    dry_run: bool = False,
) -> IssueReport:
    """Decide what is in the next issue and write its bundle.

    Args:
        compiled: what is published.
        since: takes articles from this time on, where the newsletter's own rule is not wanted.
        only: takes just the articles of these ids.

    Raises:
        PublisherError: an issue of the past is damaged, or the new one cannot be made.
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
        since=since,
        only=only,
        whole=compiled.library.whole,
    )
    problems = (*catalogue.problems, *_outdated(home, past, issue, catalogue))
    if issue is None:
        return IssueReport(None, "", (), problems)
    bundle = render_bundle(issue, settings, newsletter, templates)
    place = f"{home}/{issue.key}"
    if dry_run:
        return IssueReport(issue, place, (), problems)
    # An id must be durable before a bundle names it: the next issue knows by it what was in this one.
    put(folder / LOCK_NAME, dump(catalogue.lock))
    return IssueReport(issue, place, tuple(put_all(folder / place, bundle.items())), problems)


def _outdated(home: str, past: Sequence[PastIssue], issue: Issue | None, catalogue: Catalogue) -> list[Problem]:
    """Name bundles that wait to be sent with articles that nobody may see any more."""
    published = {article.id for article in catalogue.articles}
    cure = "remove the folder, or publish the article again"
    return [
        Problem(f"{home}/{old.key}", f"holds an article that is not published any more: {min(gone)}", cure)
        for old in past
        if not old.sent and (issue is None or old.key != issue.key) and (gone := set(old.article_ids) - published)
    ]
