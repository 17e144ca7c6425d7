"""The feeds as a build would write them, and what a check says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from publisher.check import check_feed
from publisher.errors import PublisherError, UsageError
from publisher.feeds import Plan, plan_feeds, render_plans
from publisher.publication import Publication
from publisher.publication.folders import TEMPLATES_FOLDER
from publisher.templating import Templates
from publisher.web.preview.marks import Mark, marks


@dataclass(frozen=True, slots=True)
class FeedTitle:
    """A feed in the list of all feeds."""

    #: Path of its files without their endings, such as `tags/python`.
    name: str
    title: str
    #: How many articles it holds.
    articles: int

    @property
    def folder(self) -> str:
        """Return the kind of feed of which there are many, such as `tags`; empty for others."""
        return self.name.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class ShownFeed:
    """The files of one feed, or the reason why there are none to look at."""

    title: str
    #: Of the reason; empty without one.
    failure: str = ""
    #: By ending: `html`, `atom.xml`, `rss.xml`, `json`.
    files: Mapping[str, bytes] = field(default_factory=dict)
    marks: tuple[Mark, ...] = ()


def feed_titles(publication: Publication, now: datetime) -> tuple[FeedTitle, ...]:
    """Return all feeds that a build would write now.

    Raises:
        PublisherError: the publication cannot be read.
    """
    catalogue = publication.articles(now, texts=False)
    plans, _ = plan_feeds(catalogue.articles, publication.settings, catalogue.lock, now)
    return tuple(FeedTitle(plan.name, plan.selection.title, len(plan.articles)) for plan in _current(plans))


def shown_feed(publication: Publication, name: str, now: datetime) -> ShownFeed:
    """Return one feed, rendered and checked but not written.

    Args:
        publication: is not changed.
        name: path of its files without their endings.
        now: the clock.

    Raises:
        UsageError: there is no such feed.
        PublisherError: the publication cannot be read.
    """
    catalogue = publication.articles(now)
    plans, lock = plan_feeds(catalogue.articles, publication.settings, catalogue.lock, now)
    plan = next((plan for plan in _current(plans) if plan.name == name), None)
    if plan is None:
        raise UsageError(f"no feed is called {name}")
    templates = Templates(publication.folder / TEMPLATES_FOLDER)
    try:
        (rendered,) = render_plans([plan], publication.settings, lock.authority, templates)
    except PublisherError as error:
        return ShownFeed(plan.selection.title, failure=str(error), marks=marks((), catalogue.problems, {}))
    files = {file.path.removeprefix(f"{name}."): file.data for file in rendered}
    findings = [
        finding
        for ending, data in files.items()
        if ending != "html"
        for finding in check_feed(data, f"{name}.{ending}")
    ]
    whole = {file.path: file.data for file in rendered}
    return ShownFeed(plan.selection.title, files=files, marks=marks(findings, catalogue.problems, whole))


def _current(plans: tuple[Plan, ...]) -> list[Plan]:
    return [plan for plan in plans if plan.extent != "archive"]
