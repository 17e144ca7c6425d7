"""Where on the web an issue stands: its page, its pictures, the page that lists all issues, and the feeds to follow."""

from dataclasses import dataclass

from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import FeedSettings, Settings

#: Folder of the pages of issues, below the folder of feeds.
ARCHIVE = "issues"
# Endings and media types of feeds, as `feeds.document` has them; rooms beside each other do not import each other.
_FEEDS = {
    "atom": (".atom.xml", "application/atom+xml"),
    "rss": (".rss.xml", "application/rss+xml"),
    "json": (".json", "application/feed+json"),
}


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
    feeds = tuple(place for feed in settings.feeds if feed.name for place in _feed_places(settings, feed, feed.name))
    if not newsletter.archive:
        return Places(feeds=feeds)
    name = archive_name(newsletter)
    title = newsletter.title or settings.publication.title
    own = _feed_places(settings, FeedSettings(name=newsletter.name, title=title), name)
    home = f"{settings.feeds_url}{name}"
    return Places(f"{home}/{key}.html", f"{home}.html", f"{home}/{key}/images/", (*own, *feeds))


def _feed_places(settings: Settings, feed: FeedSettings, name: str) -> tuple[FeedPlace, ...]:
    title = feed.title or settings.publication.title
    return tuple(
        FeedPlace(title, f"{settings.feeds_url}{name}{ending}", media_type)
        for ending, media_type in (_FEEDS[form] for form in feed.formats)
    )
