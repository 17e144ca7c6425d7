"""Where on the web an issue stands: its page, its pictures, the page that lists all issues, and the feeds to follow."""

from collections.abc import Iterable
from dataclasses import dataclass

from publisher.config.formats import MEDIA_TYPES, SUFFIXES
from publisher.config.kinds import Format
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings

#: Folder of the pages of issues, below the folder of feeds.
ARCHIVE = "issues"


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """A feed that browsers and feed readers find from the page of an issue."""

    title: str
    url: str
    #: Media type.
    type: str


@dataclass(frozen=True, slots=True)
class Places:
    """Addresses around an issue; empty where the newsletter has no archive."""

    #: Of the issue's page.
    web_url: str = ""
    #: Of the page that lists the newsletter's issues.
    archive_url: str = ""
    #: Of the folder of the issue's pictures, ending in a slash.
    images_url: str = ""
    feeds: tuple[FeedPlace, ...] = ()


def archive_name(newsletter: NewsletterSettings) -> str:
    """Return the name of the feed of a newsletter's issues: their path below the folder of feeds, without endings."""
    return f"{ARCHIVE}/{newsletter.name}"


def issue_id(authority: str, newsletter: str, key: str) -> str:
    """Return the permanent URI of an issue (RFC 4151), the same in its manifest and in the feed of issues."""
    return f"tag:{authority}:{ARCHIVE}/{newsletter}/{key}"


def places(settings: Settings, newsletter: NewsletterSettings, key: str) -> Places:
    """Return where the issue of a key stands.

    Args:
        settings: the publication's.
        newsletter: whose issue it is.
        key: of its period.
    """
    publication = settings.publication.title
    feeds = [
        place
        for feed in settings.feeds
        if feed.name
        for place in _feed_places(settings, feed.name, feed.title or publication, feed.formats)
    ]
    if not newsletter.archive:
        return Places(feeds=tuple(feeds))
    name = archive_name(newsletter)
    home = f"{settings.feeds_url}{name}"
    own = _feed_places(settings, name, newsletter.title or publication, tuple(SUFFIXES))
    return Places(f"{home}/{key}.html", f"{home}.html", f"{home}/{key}/images/", (*own, *feeds))


def _feed_places(settings: Settings, name: str, title: str, formats: Iterable[Format]) -> list[FeedPlace]:
    return [FeedPlace(title, f"{settings.feeds_url}{name}{SUFFIXES[form]}", MEDIA_TYPES[form]) for form in formats]
