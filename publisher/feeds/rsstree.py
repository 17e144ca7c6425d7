"""What of an RSS 2.0 channel (https://www.rssboard.org/rss-specification) feedgen cannot say, or says wrongly.

Titles, tags and rights are plain text of which nobody says so; descriptions are HTML.
"""

import re

from lxml import etree

from publisher.article import Enclosure
from publisher.config.formats import MEDIA_TYPES
from publisher.feeds.document import Entry, FeedDocument
from publisher.feeds.episode import foremost
from publisher.feeds.moments import rfc822, rfc3339
from publisher.feeds.plain import plain
from publisher.feeds.vocabulary import (
    ATOM,
    DC,
    SYNDICATION,
    add_file,
    add_picture,
    categories,
    child,
    history_links,
    mark_extent,
)

_LINK, _UPDATED = f"{{{ATOM}}}link", f"{{{ATOM}}}updated"
_CREATOR, _LANGUAGE = f"{{{DC}}}creator", f"{{{DC}}}language"
_PERIOD, _FREQUENCY = f"{{{SYNDICATION}}}updatePeriod", f"{{{SYNDICATION}}}updateFrequency"
#: Minutes in the periods of the syndication module (https://web.resource.org/rss/1.0/modules/syndication/).
_PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10080}
#: RSS 2.0 knows GIF, JPEG and PNG; an address without an ending may be any of them.
_OTHER_FORMAT = re.compile(r"\.(?!(gif|jpe?g|png)\b)\w+([?#]|$)", re.IGNORECASE)


def write_channel(rss: etree._Element, document: FeedDocument) -> None:
    """Name the site, this file, its page and the other pages; protect the plain texts."""
    channel = rss[0]
    plain(child(channel, "title"), document.title)
    plain(child(channel, "description"), document.subtitle or document.title)
    child(channel, "link").text = document.site_url
    child(channel, "lastBuildDate").text = rfc822(document.updated)
    if document.rights:
        plain(child(channel, "copyright"), document.rights)
    links = [
        {"rel": "self", "type": MEDIA_TYPES["rss"], "href": document.url("rss")},
        {"rel": "related", "type": "text/html", "href": document.page_url},
        *history_links(document, "rss"),
    ]
    for place, attributes in enumerate(links, start=3):
        channel.insert(place, etree.Element(_LINK, attributes))
    _image(channel, document)
    _pace(channel, document.ttl)
    mark_extent(channel, document)


def write_item(item: etree._Element, entry: Entry, document: FeedDocument) -> None:
    """Write what RSS 2.0 has no element for, or feedgen no honest one."""
    plain(child(item, "title"), entry.title)
    for domain, tag in categories(entry, document):
        plain(etree.SubElement(item, "category", {"domain": domain}), tag)
    for author in entry.authors:
        # RSS 2.0's own `author` is a mail address, and one at most.
        etree.SubElement(item, _CREATOR).text = author.name
    etree.SubElement(item, "pubDate").text = rfc822(entry.published)
    if entry.updated:
        etree.SubElement(item, _UPDATED).text = rfc3339(entry.updated)
    if entry.language != document.language:
        etree.SubElement(item, _LANGUAGE).text = entry.language
    if entry.enclosures:
        _files(item, entry.enclosures)
    if entry.image:
        add_picture(item, entry.image)


def _files(item: etree._Element, files: tuple[Enclosure, ...]) -> None:
    """Write one file as enclosure, as readers keep only one, and the others as media.

    RSS asks for the length; 0 says that nobody knows it (https://www.rssboard.org/rss-profile#element-channel-item-enclosure).
    """
    first = foremost(files)
    attributes = {"url": first.url, "length": str(first.length or 0), "type": first.type}
    etree.SubElement(item, "enclosure", attributes)
    for file in files:
        if file is not first:
            add_file(item, file)


def _image(channel: etree._Element, document: FeedDocument) -> None:
    """Write the picture, title and link those of the channel, as the specification asks for."""
    address = next((url for url in (document.logo, document.icon) if url and not _OTHER_FORMAT.search(url)), "")
    if address:
        image = etree.SubElement(channel, "image")
        etree.SubElement(image, "url").text = address
        plain(etree.SubElement(image, "title"), document.title)
        etree.SubElement(image, "link").text = document.site_url


def _pace(channel: etree._Element, minutes: int | None) -> None:
    """Say how often to look, in the syndication module's words too where its periods are a multiple of it."""
    if minutes is None:
        return
    etree.SubElement(channel, "ttl").text = str(minutes)
    period = next((name for name, length in _PERIODS.items() if length % minutes == 0), None)
    if period:
        etree.SubElement(channel, _PERIOD).text = period
        etree.SubElement(channel, _FREQUENCY).text = str(_PERIODS[period] // minutes)
