"""The HTML page of a feed: for people who follow its link in a browser, and for readers that look for the files."""

from zoneinfo import ZoneInfo

from publisher.feeds.document import MEDIA_TYPES, Entry, FeedDocument
from publisher.markup.dates import calendar_date
from publisher.templating import Templates

#: What the formats are called.
NAMES = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}


def page(document: FeedDocument, zone: ZoneInfo, templates: Templates) -> bytes:
    """Return the feed's HTML page, complete in one file and without scripts.

    Args:
        document: the feed.
        zone: time zone in which its dates are told.
        templates: `feed/page.html` gets `feed`, its `files` and its dated `entries`.
    """
    files = [{"name": NAMES[form], "type": MEDIA_TYPES[form], "url": document.url(form)} for form in document.formats]
    entries = [_dated(entry, zone) for entry in document.entries]
    return templates.render("feed/page.html", {"feed": document, "files": files, "entries": entries}).encode()


def _dated(entry: Entry, zone: ZoneInfo) -> dict[str, object]:
    local = entry.published.astimezone(zone)
    return {"entry": entry, "date": calendar_date(local), "time": local.isoformat()}
