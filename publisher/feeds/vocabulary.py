"""Names from other vocabularies that Atom and RSS share, and the elements both take from them alike."""

from lxml import etree

from publisher.article import Enclosure, Image
from publisher.config.formats import MEDIA_TYPES
from publisher.config.kinds import Format
from publisher.feeds.document import Entry, FeedDocument

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"
MEDIA = "http://search.yahoo.com/mrss/"
SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_CONTENT, _THUMBNAIL = f"{{{MEDIA}}}content", f"{{{MEDIA}}}thumbnail"
_MEDIUMS = frozenset(("audio", "image", "video"))


def history_links(document: FeedDocument, form: Format) -> list[dict[str, str]]:
    """Return the links to the feed's hub and to its other pages (WebSub §4, RFC 5005 §4), for a file in a format."""
    hub = [{"rel": "hub", "href": document.hub}] if document.hub else []
    # A single archive page has no neighbour, but needs one: what follows upon it is the current document.
    following = document.next or ("" if document.previous else document.current)
    pages = {"prev-archive": document.previous, "next-archive": following, "current": document.current}
    media_type = MEDIA_TYPES[document.archive_form(form)]
    return hub + [
        {"rel": relation, "type": media_type, "href": document.archive_url(name, form)}
        for relation, name in pages.items()
        if name
    ]


def mark_extent(parent: etree._Element, document: FeedDocument) -> None:
    """Say whether a document is the whole feed (RFC 5005 §2) or an archive page that stays as it is (§4)."""
    if document.extent != "newest":
        etree.SubElement(parent, f"{{{HISTORY}}}{document.extent}")


def add_picture(parent: etree._Element, image: Image) -> None:
    """Write the lead image: as content for readers, as thumbnail for lists (https://www.rssboard.org/media-rss)."""
    size = {name: str(value) for name, value in (("width", image.width), ("height", image.height)) if value}
    kind = {"type": image.type} if image.type else {}
    # Without title and description, which feedparser and others take for those of the entry.
    etree.SubElement(parent, _CONTENT, {"url": image.url, "medium": "image"} | kind | size)
    etree.SubElement(parent, _THUMBNAIL, {"url": image.url} | size)


def add_file(parent: etree._Element, file: Enclosure) -> None:
    """Write a file for which RSS has no place, as it knows one `enclosure` an item."""
    medium = file.type.partition("/")[0].lower()
    attributes = {"url": file.url, "type": file.type, "medium": medium if medium in _MEDIUMS else "document"}
    attributes |= {"fileSize": str(file.length)} if file.length else {}
    attributes |= {"duration": str(file.duration)} if file.duration else {}
    etree.SubElement(parent, _CONTENT, attributes)


def categories(entry: Entry, document: FeedDocument) -> list[tuple[str, str]]:
    """Return tags and section, each with the URI of what kind it is (RFC 4287 §4.2.2.2, RSS 2.0 `domain`)."""
    found = [(f"{document.folder_url}tags/", tag) for tag in entry.tags]
    return [*found, (f"{document.folder_url}sections/", entry.section)] if entry.section else found


def child(parent: etree._Element, name: str) -> etree._Element:
    """Return an element that feedgen wrote."""
    found = parent.find(name)
    assert found is not None, f"feedgen wrote no {name}"
    return found


def namespaces(entries: tuple[Entry, ...], *, files: bool) -> dict[str, str]:
    """Return the prefix of pictures and of further files, where an entry has any."""
    shown = any(entry.image or (files and len(entry.enclosures) > 1) for entry in entries)
    return {"media": MEDIA} if shown else {}
