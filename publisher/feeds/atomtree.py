"""What of an Atom feed (RFC 4287) feedgen cannot say, or says wrongly; in its tree Atom elements have no namespace."""

from lxml import etree

from publisher.article import Enclosure
from publisher.feeds.document import Entry, FeedDocument
from publisher.feeds.moments import rfc3339
from publisher.feeds.plain import construct, looks_like_markup, plain, unmistakable
from publisher.feeds.vocabulary import LANG, TOMBSTONES, add_picture, categories, child, history_links, mark_extent

_DELETED, _COMMENT = f"{{{TOMBSTONES}}}deleted-entry", f"{{{TOMBSTONES}}}comment"


def write_feed(feed: etree._Element, document: FeedDocument) -> None:
    """Type the texts, write times without fractions, and tell of other pages and of withdrawn entries."""
    texts = {"title": document.title, "subtitle": document.subtitle, "rights": document.rights}
    for name, text in texts.items():
        if text:
            construct(child(feed, name), text)
    child(feed, "updated").text = rfc3339(document.updated)
    for element, author in zip(feed.findall("author/name"), document.authors, strict=True):
        _name(element, author.name)
    place = feed.index(feed.findall("link")[-1]) + 1
    for offset, attributes in enumerate(history_links(document, "atom")):
        feed.insert(place + offset, etree.Element("link", attributes))
    mark_extent(feed, document)
    for stone in document.tombstones:
        deleted = etree.SubElement(feed, _DELETED, {"ref": stone.id, "when": rfc3339(stone.when)})
        if stone.title:
            construct(etree.SubElement(deleted, _COMMENT), stone.title)


def write_entry(element: etree._Element, entry: Entry, document: FeedDocument, updated: str) -> None:
    """Write what has attributes, and the times.

    Args:
        element: `id`, `title`, `updated`, `content`, `link` and `summary`, as feedgen wrote them.
        entry: what it says.
        document: the feed it is in.
        updated: time of its last change, RFC 3339.
    """
    construct(child(element, "title"), entry.title)
    child(element, "updated").text = updated
    etree.SubElement(element, "published").text = rfc3339(entry.published)
    # feedgen 1.0.0 forgets all but the address (https://github.com/lkiesow/python-feedgen/issues/135).
    page = child(element, "link")
    page.set("rel", "alternate")
    page.set("type", "text/html")
    for file in entry.enclosures:
        etree.SubElement(element, "link", _file_link(file))
    for author in entry.authors:
        person = etree.SubElement(element, "author")
        _name(etree.SubElement(person, "name"), author.name)
        if author.url:
            etree.SubElement(person, "uri").text = author.url
    for scheme, term in categories(entry, document):
        etree.SubElement(element, "category", {"term": term, "scheme": scheme, "label": unmistakable(term)})
    if entry.language != document.language:
        element.set(LANG, entry.language)
    if entry.image:
        add_picture(element, entry.image)


def _file_link(file: Enclosure) -> dict[str, str]:
    link = {"rel": "enclosure", "type": file.type, "href": file.url}
    link |= {"length": str(file.length)} if file.length else {}
    return link | ({"title": unmistakable(file.title)} if file.title else {})


def _name(element: etree._Element, text: str) -> None:
    """Write a name; a name construct has no type (RFC 4287 §3.2.1), and may look like markup all the same."""
    if looks_like_markup(text):
        plain(element, text)
    else:
        element.text = text
