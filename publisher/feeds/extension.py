"""The one registered feedgen extension: whatever feedgen cannot say, or says wrongly, in Atom and RSS.

Inside feedgen's tree Atom elements have no namespace; in RSS they are in Atom's own. Feed hooks run before entries are
appended, entry hooks last on each entry, so that they may rewrite what feedgen wrote.
"""

import re
from email.utils import format_datetime

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from publisher.feeds.document import MEDIA_TYPES, Entry, FeedDocument
from publisher.markup.dates import rfc3339

_ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
_DC_NAMESPACE = "http://purl.org/dc/elements/1.1/"
_MEDIA_NAMESPACE = "http://search.yahoo.com/mrss/"
_ATOM, _DC, _MEDIA = f"{{{_ATOM_NAMESPACE}}}", f"{{{_DC_NAMESPACE}}}", f"{{{_MEDIA_NAMESPACE}}}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

#: What a validator, and some readers, would take for markup in plain text.


class FeedSide(BaseExtension):  # type: ignore[misc] # feedgen has no types
    """What the extension adds to a feed; `document` is set by the caller."""

    document: FeedDocument

    def extend_ns(self) -> dict[str, str]:
        """Declare prefixes; that of pictures only where there is one."""
        pictures = any(entry.image for entry in self.document.entries)
        return {"dc": _DC_NAMESPACE} | ({"media": _MEDIA_NAMESPACE} if pictures else {})

    def extend_atom(self, feed: etree._Element) -> None:
        """Type the texts and write times without fractions."""
        _typed(_child(feed, "title"), self.document.title)
        _child(feed, "updated").text = rfc3339(self.document.updated)
        if self.document.subtitle:
            _typed(_child(feed, "subtitle"), self.document.subtitle)
        self._style(feed)

    def extend_rss(self, rss: etree._Element) -> None:
        """Name the site, this file and its page; protect the plain texts."""
        channel = rss[0]
        _plain(_child(channel, "title"), self.document.title)
        _plain(_child(channel, "description"), self.document.subtitle or self.document.title)
        _child(channel, "link").text = self.document.site_url
        _child(channel, "lastBuildDate").text = format_datetime(self.document.updated)
        links = (
            {"rel": "self", "type": MEDIA_TYPES["rss"], "href": self.document.url("rss")},
            {"rel": "related", "type": "text/html", "href": self.document.page_url},
        )
        for place, attributes in enumerate(links, start=3):
            channel.insert(place, etree.Element(_ATOM + "link", attributes))
        self._style(rss)

    def _style(self, root: etree._Element) -> None:
        address = f"{self.document.to_folder}feed.css"
        root.addprevious(etree.ProcessingInstruction("xml-stylesheet", f'type="text/css" href="{address}"'))


class EntrySide(BaseEntryExtension):  # type: ignore[misc] # feedgen has no types
    """What the extension adds to an entry; `entry` and the feed's `language` are set by the caller."""

    entry: Entry
    language: str

    def extend_atom(self, element: etree._Element) -> None:
        """Write the links with all their attributes, times without fractions, and the entry's own language."""
        _typed(_child(element, "title"), self.entry.title)
        _child(element, "updated").text = rfc3339(self.entry.changed)
        _child(element, "published").text = rfc3339(self.entry.published)
        for link in element.findall("link"):
            element.remove(link)
        for attributes in self._links():
            etree.SubElement(element, "link", attributes)
        if self.entry.language != self.language:
            element.set(_LANG, self.entry.language)
        self._picture(element)

    def extend_rss(self, item: etree._Element) -> None:
        """Write what RSS 2.0 has no element for, or feedgen no honest one."""
        _plain(_child(item, "title"), self.entry.title)
        for category, tag in zip(item.findall("category"), self.entry.tags, strict=True):
            _plain(category, tag)
        for author in self.entry.authors:
            etree.SubElement(item, _DC + "creator").text = author.name
        etree.SubElement(item, "pubDate").text = format_datetime(self.entry.published)
        if self.entry.updated:
            etree.SubElement(item, _ATOM + "updated").text = rfc3339(self.entry.updated)
        if self.entry.language != self.language:
            etree.SubElement(item, _DC + "language").text = self.entry.language
        self._enclosure(item)
        self._picture(item)

    def _links(self) -> list[dict[str, str]]:
        page = {"rel": "alternate", "type": "text/html", "href": self.entry.url}
        files = [
            {"rel": "enclosure", "type": file.type, "href": file.url}
            | ({"length": str(file.length)} if file.length else {})
            | ({"title": file.title} if file.title else {})
            for file in self.entry.enclosures
        ]
        return [page, *files]

    def _enclosure(self, item: etree._Element) -> None:
        """Write the first file of known length: RSS asks for the length, and readers keep only one file."""
        for file in self.entry.enclosures:
            if file.length:
                attributes = {"url": file.url, "length": str(file.length), "type": file.type}
                etree.SubElement(item, "enclosure", attributes)
                return

    def _picture(self, element: etree._Element) -> None:
        if self.entry.image:
            etree.SubElement(element, _MEDIA + "content", {"url": self.entry.image.url, "medium": "image"})


def _child(parent: etree._Element, name: str) -> etree._Element:
    found = parent.find(name)
    assert found is not None, f"feedgen wrote no {name}"
    return found


def _typed(element: etree._Element, text: str) -> None:
    """Write a text construct as plain text (RFC 4287 §3.1.1): every reader shows it as it is, whatever it looks like."""
    element.set("type", "text")
    element.text = text


def _plain(element: etree._Element, text: str) -> None:
    """Write plain text into RSS, where nobody knows whether it is HTML: & and < as hexadecimal references."""
    element.text, last = "", None
    for part in re.split("([&<])", text):
        if part in ("&", "<"):
            last = etree.Entity("#x26" if part == "&" else "#x3C")
            element.append(last)
        elif last is None:
            element.text = part
        else:
            last.tail = part
