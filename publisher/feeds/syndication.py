"""Atom (RFC 4287) and RSS 2.0, written by feedgen: one generator object a format, as they share some of its fields."""

from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from feedgen.feed import FeedGenerator
from lxml import etree

from publisher.feeds.document import MEDIA_TYPES, Entry, FeedDocument
from publisher.feeds.extension import EntrySide, FeedSide


def atom(document: FeedDocument) -> bytes:
    """Return the feed as an Atom file."""
    generator = _generator(document)
    generator.id(document.id)
    generator.updated(document.updated)
    generator.link(
        [
            {"rel": "self", "type": MEDIA_TYPES["atom"], "href": document.url("atom")},
            {"rel": "alternate", "type": "text/html", "href": document.site_url},
            {"rel": "related", "type": "text/html", "href": document.page_url},
        ]
    )
    generator.author([_person(author.name, author.url) for author in document.authors])
    if document.subtitle:
        generator.subtitle(document.subtitle)
    for entry in document.entries:
        _add_atom(generator, entry)
    return _checked(generator.atom_str(pretty=True), "{*}entry", document)


def rss(document: FeedDocument) -> bytes:
    """Return the feed as an RSS 2.0 file."""
    generator = _generator(document)
    generator.link(href=document.site_url)
    generator.description(document.subtitle or document.title)
    generator.lastBuildDate(document.updated)
    generator.docs("")
    for entry in document.entries:
        _add(generator, entry)
    return _checked(generator.rss_str(pretty=True), "channel/item", document)


def _generator(document: FeedDocument) -> FeedGenerator:
    generator = FeedGenerator()
    generator.register_extension("publisher", FeedSide, EntrySide)
    generator.publisher.document = document
    generator.title(document.title)
    generator.language(document.language)
    generator.generator("publisher", version=_version())
    return generator


def _add_atom(generator: FeedGenerator, entry: Entry) -> None:
    element = _add(generator, entry)
    element.updated(entry.changed)
    element.published(entry.published)
    element.author([_person(author.name, author.url) for author in entry.authors])


def _add(generator: FeedGenerator, entry: Entry) -> Any:
    """Add what both formats say; times and authors are left to each, as feedgen's own for RSS are of no use."""
    element = generator.add_entry(order="append")
    element.publisher.entry = entry
    element.publisher.language = generator.language()
    element.id(entry.id)
    element.title(entry.title)
    element.link(href=entry.url, rel="alternate")
    element.summary(escape(entry.summary, quote=False), type="html")
    if entry.content:
        element.content(entry.content, type="html")
    element.category([{"term": tag, "label": tag} for tag in entry.tags])
    return element


def _person(name: str, url: str) -> dict[str, str]:
    return {"name": name, "uri": url} if url else {"name": name}


def _checked(data: bytes, entries: str, document: FeedDocument) -> bytes:
    """Read the file as a strict reader would: what is written wrongly shall never reach a subscriber."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    if len(root.findall(entries)) != len(document.entries):
        raise AssertionError(f"{document.name}: entries were lost in writing")
    return data


def _version() -> str | None:
    try:
        return version("publisher-feeds")
    except PackageNotFoundError:  # a bare checkout
        return None
