"""Atom (RFC 4287) and RSS 2.0, written by feedgen: one generator object a format, as they share some of its fields."""

from functools import cache
from html import escape
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from feedgen.feed import FeedGenerator

from publisher.config.formats import MEDIA_TYPES
from publisher.config.kinds import Format
from publisher.feeds.document import Entry, FeedDocument
from publisher.feeds.extension import EntrySide, FeedSide
from publisher.feeds.moments import distinct

#: What the feeds call the program that wrote them, and where it lives.
PROGRAM = "publisher"
PROGRAM_URL = "https://publisher.example/"


def atom(document: FeedDocument) -> bytes:
    """Return the feed as an Atom file."""
    generator = _generator(document, "atom")
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
    if document.icon:
        generator.icon(document.icon)
    if document.logo:
        generator.logo(document.logo)
    moments = distinct(entry.changed for entry in document.entries)
    for entry, updated in zip(document.entries, moments, strict=True):
        _add(generator, entry, document).updated = updated
    return _complete(generator.atom_str(pretty=True), b"\n  </entry>", document)


def rss(document: FeedDocument) -> bytes:
    """Return the feed as an RSS 2.0 file."""
    generator = _generator(document, "rss")
    generator.link(href=document.site_url)
    generator.description(document.subtitle or document.title)
    generator.lastBuildDate(document.updated)
    generator.docs("")
    for entry in document.entries:
        _add(generator, entry, document)
    return _complete(generator.rss_str(pretty=True), b"\n    </item>", document)


def _generator(document: FeedDocument, form: Format) -> FeedGenerator:
    generator = FeedGenerator()
    generator.register_extension("publisher", FeedSide, EntrySide)
    generator.publisher.document = document
    generator.publisher.form = form
    generator.title(document.title)
    generator.language(document.language)
    if document.rights:
        generator.rights(document.rights)
    _name_program(generator, document, form)
    return generator


def _name_program(generator: FeedGenerator, document: FeedDocument, form: Format) -> None:
    """Name the program; only Atom has attributes for its version and address."""
    if not document.generator:
        generator.generator("")
    elif form == "atom":
        generator.generator(PROGRAM, version=_version(), uri=PROGRAM_URL)
    else:
        generator.generator(" ".join(filter(None, (PROGRAM, _version(), f"({PROGRAM_URL})"))))


def _add(generator: FeedGenerator, entry: Entry, document: FeedDocument) -> Any:
    """Add what feedgen says rightly in both formats, and return its hook; the hook says the rest."""
    element = generator.add_entry(order="append")
    element.id(entry.id)
    element.title(entry.title)
    element.link(href=entry.url, rel="alternate")
    element.summary(escape(entry.summary, quote=False), type="html")
    if entry.content:
        element.content(entry.content, type="html")
    hook = element.publisher
    hook.entry, hook.document = entry, document
    return hook


def _person(name: str, url: str) -> dict[str, str]:
    return {"name": name, "uri": url} if url else {"name": name}


def _complete(data: bytes, end: bytes, document: FeedDocument) -> bytes:
    """Count the entries: a file that lost some shall never reach a subscriber, who would lose them too."""
    if data.count(end) != len(document.entries):
        raise AssertionError(f"{document.name}: entries were lost in writing")
    return data


@cache
def _version() -> str | None:
    try:
        return version("publisher-feeds")
    except PackageNotFoundError:  # a bare checkout
        return None
