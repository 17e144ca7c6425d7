"""The HTML page of a feed: for people who follow its link in a browser, and for readers that look for the files."""

from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.feeds.document import MEDIA_TYPES, FeedDocument
from publisher.templating import Templates

#: What the formats are called.
NAMES = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}
# Not from the locale, which differs from machine to machine.
_MONTHS = "January February March April May June July August September October November December".split()


def page(document: FeedDocument, zone: ZoneInfo, templates: Templates) -> bytes:
    """Return the feed's HTML page, complete in one file and without scripts.

    Args:
        document: the feed.
        zone: time zone in which its dates are told.
        templates: `feed/page.html` gets `feed`, its `files` and its dated `entries`.
    """
    files = [{"name": NAMES[form], "type": MEDIA_TYPES[form], "url": document.url(form)} for form in document.formats]
    entries = [
        {"entry": entry, "date": _date(entry.published, zone), "time": entry.published.astimezone(zone).isoformat()}
        for entry in document.entries
    ]
    return templates.render("feed/page.html", {"feed": document, "files": files, "entries": entries}).encode()


def _date(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
