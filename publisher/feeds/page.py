"""The HTML page of a feed: for people who follow its link in a browser, and for readers that look for the files."""

from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.config.formats import MEDIA_TYPES
from publisher.feeds.document import NEVER, Entry, FeedDocument
from publisher.feeds.offers import NAMES, OPML_NAME
from publisher.markup.dates import calendar_date
from publisher.templating import Templates


def page(document: FeedDocument, zone: ZoneInfo, templates: Templates) -> bytes:
    """Return the feed's HTML page, complete in one file and without scripts.

    Args:
        document: the feed; archive pages have no HTML page.
        zone: time zone in which its dates are told.
        templates: `feed/page.html` gets `feed`, its `files`, its `entries`, when it was `updated` (None where that is
            unknown), `opml_url`, and `older_url` of the newest archive page (empty where there is none).

    Raises:
        BrokenTemplateError: the publication's own template has a mistake.
    """
    values = {
        "feed": document,
        "files": [
            {"name": NAMES[form], "type": MEDIA_TYPES[form], "url": document.url(form)} for form in document.formats
        ],
        "entries": [_row(entry, zone) for entry in document.entries],
        "updated": _day(document.updated, zone) if document.updated != NEVER else None,
        "opml_url": document.folder_url + OPML_NAME,
        "older_url": document.archive_url(document.previous, document.formats[0]) if document.previous else "",
    }
    return templates.render("feed/page.html", values).encode()


def _row(entry: Entry, zone: ZoneInfo) -> tuple[str | tuple[str, ...], ...]:
    """Return what the page shows of an entry: a plain tuple, as the template looks at each of thousands."""
    local = entry.published.astimezone(zone)
    return (
        entry.url,
        entry.title,
        entry.summary if entry.summary != entry.title else "",
        entry.language,
        local.isoformat(),
        calendar_date(local),
        entry.section,
        ", ".join([author.name for author in entry.authors]),
        entry.tags,
    )


def _day(moment: datetime, zone: ZoneInfo) -> dict[str, str]:
    local = moment.astimezone(zone)
    return {"time": local.isoformat(), "date": calendar_date(local)}
