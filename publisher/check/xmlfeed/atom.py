"""Atom feeds and entries (RFC 4287) with the publishing protocol's words (RFC 5023) and tombstones (RFC 6721)."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from publisher.check.feed_rules import Hit
from publisher.check.values import shown
from publisher.check.xmlfeed.common import IN_FEEDS, IN_ITEMS, RESTRICTION
from publisher.check.xmlfeed.dates import rfc3339, w3cdtf
from publisher.check.xmlfeed.everywhere import ADDRESSES, EVERYWHERE, RESOURCES, TEXTS
from publisher.check.xmlfeed.grammar import ANYTHING, Element, Setting, Table, broken, called, each, plain, text
from publisher.check.xmlfeed.itunes import EPISODE, PODCAST, podcast_hits
from publisher.check.xmlfeed.links import LINK, alternates, history, misplaced_history, relation
from publisher.check.xmlfeed.shopping import too_many
from publisher.check.xmlfeed.sync import same_syncs
from publisher.check.xmlfeed.texts import CONSTRUCT, CONTENT, is_binary
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import (
    Fault,
    filled,
    iri_reference,
    plain_email,
    uri,
    uri_reference,
    yes_no,
)

_TIME = Element(kinds=(rfc3339,), exact=True)
_PICTURE = Element(kinds=(filled, uri_reference), exact=True)
#: Percent-encoding that another spelling of the same address would not have (RFC 3986 §6.2.2).
_ODD_PERCENT = re.compile(r"%(?![0-9A-F]{2})|%(?:2D|2E|5F|7E|3[0-9]|[46][1-9A-F]|[57][0-9A])")
#: A mail address as it stands behind a name.
_IN_BRACKETS = re.compile(r"<[^<>@\s]{1,64}@[^<>@\s]{1,255}>")
_DOTS = re.compile(r"/\.{1,2}(?:/|$)")
_PORTS = {"http": "80", "https": "443", "ftp": "21"}
#: With fewer entries, one id for all may be chance.
_FEW = 9


def _identity(value: str) -> Iterator[Fault]:
    """A permanent id (§4.2.6), which is compared letter by letter."""
    faults = list(uri(value))
    yield from (Fault("atom.id.relative") if fault.rule == "value.uri.relative" else fault for fault in faults)
    if not faults and not _canonical(value):
        yield Fault("atom.id.canonical")


def _canonical(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    host, _, port = parts.netloc.rpartition("@")[2].partition(":")
    return (
        value.startswith(f"{parts.scheme}:")
        and host == host.lower()
        and not (":" in parts.netloc and port in ("", _PORTS.get(parts.scheme)))
        and not (parts.netloc and not parts.path)
        and value.isascii()
        and not _ODD_PERCENT.search(value)
        and not _DOTS.search(parts.path)
    )


def _no_address(value: str) -> Iterator[Fault]:
    if _IN_BRACKETS.search(value):
        yield Fault("atom.author.address")


def _person(prefix: str) -> Element:
    words: Table = {
        "name": plain(filled, _no_address),
        "email": text(plain_email),
        "uri": Element(kinds=(filled, iri_reference), exact=True),
    }
    return Element(
        {
            **{prefix + name: element for name, element in words.items()},
            **each("foaf: workplaceHomepage homepage weblog", RESOURCES),
            **each("foaf: plan firstName", TEXTS),
            "xhtml:div": ANYTHING,
        },
        attributes={"rdf:parseType": ()},
        needs={f"{prefix}name": "atom.author.nameless"},
        many=True,
    )


CATEGORY = Element(
    {},
    attributes={"term": (filled,), "scheme": (uri,), "label": ()},
    needs={"@term": "atom.category.term"},
    many=True,
)


def _generator(node: Node, _setting: Setting) -> Iterator[Hit]:
    if "uri" in node.attributes:
        yield from broken(node.attributes["uri"], (uri_reference,), "uri", node.place)


def words(prefix: str) -> Table:
    """Return Atom's elements.

    Args:
        prefix: `atom:` in documents of another format.
    """
    elements: Table = {
        **each("author contributor", _person(prefix)),
        "category": CATEGORY,
        "content": CONTENT,
        "generator": Element(kinds=(filled,), attributes={"uri": (), "version": ()}, plain=True, visit=_generator),
        **each("icon logo", _PICTURE),
        "id": Element(kinds=(_identity,), exact=True),
        "link": LINK,
        **each("published updated", _TIME),
        **each("rights subtitle summary title", CONSTRUCT),
    }
    return {prefix + name: element for name, element in elements.items()}


def chosen(table: Table, names: str) -> Table:
    """Return a part of a table."""
    return {name: table[name] for name in names.split()}


#: Atom's elements in other formats.
ATOM_WORDS = words("atom:")
#: What may stand anywhere.
ANYWHERE: Table = {**EVERYWHERE, **ATOM_WORDS, **each("app: workspace collection categories", ANYTHING)}

_WORDS = words("")
_METADATA = "author category contributor generator icon id link logo rights subtitle title updated"
_DUBLIN: Table = {
    **each("dc: creator subject", TEXTS),
    "dc:date": text(w3cdtf),
    "creativeCommons:license": ADDRESSES,
}


def _collection(node: Node, setting: Setting) -> Iterator[Hit]:
    if not (node.first("title") or node.first("atom:title")):
        yield Hit(f"{setting.format}.element.missing", "<app:collection> has no title", *node.place)


_COLLECTION = Element(
    {
        **EVERYWHERE,
        "atom:title": CONSTRUCT,
        "title": CONSTRUCT,
        "app:accept": text(many=True),
        "app:categories": ANYTHING,
    },
    attributes={"href": (iri_reference,)},
    needs={"@href": ""},
    visit=_collection,
)
_HEAD: Table = {
    **IN_FEEDS,
    **PODCAST,
    **_DUBLIN,
    **chosen(_WORDS, _METADATA),
    "app:collection": _COLLECTION,
    "access:restriction": RESTRICTION,
}
_REQUIRED = {"id": "atom.id.missing", "title": "atom.title.missing", "updated": "atom.updated.missing"}
_INDEXING = {"indexing:index": (yes_no,)}


def _source(node: Node, _setting: Setting) -> Iterator[Hit]:
    for name in ("id", "title", "updated"):
        if node.first(name) is None:
            yield Hit("atom.source.half", f"<source> has no {name}", *node.place)
    yield from alternates(node)


def _entry(node: Node, setting: Setting) -> Iterator[Hit]:
    content, summary = node.first("content"), node.first("summary")
    if content is None:
        if not any(relation(link) == "alternate" for link in node.all("link")):
            yield Hit("atom.content.missing", called(node), *node.place)
        if summary is None:
            yield Hit("atom.summary.missing", called(node), *node.place)
    elif summary is None and ("src" in content.attributes or is_binary(content.attributes.get("type", ""))):
        yield Hit("atom.summary.required", called(node), *node.place)
    yield from alternates(node)
    yield from misplaced_history(node)
    yield from too_many(node, setting)


_TOMBSTONE = Element(
    {**each("at: by comment", ANYTHING), **each("source link", ANYTHING)},
    attributes={"ref": (uri,), "when": (rfc3339,)},
    needs={"@ref": "", "@when": ""},
    many=True,
)
_CONTROL = Element({"app:draft": Element(kinds=(yes_no,), exact=True)})
ENTRY = Element(
    {
        **IN_ITEMS,
        **EPISODE,
        **_DUBLIN,
        **chosen(_WORDS, "author category content contributor id link published rights summary title updated"),
        "source": Element(_HEAD, visit=_source),
        "app:edited": _TIME,
        "app:control": _CONTROL,
    },
    attributes={"rdf:parseType": ()},
    needs=_REQUIRED,
    many=True,
    visit=_entry,
)


def _entry_document(node: Node, setting: Setting) -> Iterator[Hit]:
    yield from _entry(node, setting)
    yield from _unsigned([node])


def _feed(node: Node, _setting: Setting) -> Iterator[Hit]:
    links, entries = node.all("link"), node.all("entry")
    if not any(relation(link) == "self" for link in links):
        yield Hit("atom.self.missing", "the feed", *node.place)
    yield from alternates(node)
    yield from history(node, links)
    yield from _late(node)
    if node.first("author") is None:
        yield from _unsigned(entries)
    yield from _same_ids(entries)
    yield from _same_times(entries)
    yield from same_syncs(entries)
    yield from podcast_hits(node)


def _late(feed: Node) -> Iterator[Hit]:
    """Yield what stands behind entries though it is said of the feed."""
    begun = False
    for child in feed.children:
        begun = begun or child.name == "entry"
        if begun and child.name in _METADATA.split():
            yield Hit("atom.element.late", f"<{child.name}>", *child.place)


def _unsigned(entries: Sequence[Node]) -> Iterator[Hit]:
    for entry in entries:
        source = entry.first("source")
        if entry.first("author") is None and (source is None or source.first("author") is None):
            yield Hit("atom.author.missing", called(entry), *entry.place)


def _same_ids(entries: Sequence[Node]) -> Iterator[Hit]:
    """Yield entries that have an id in common; they should be versions of one article (§4.1.1)."""
    seen: set[str] = set()
    for entry in entries:
        identity = entry.first("id")
        if identity and identity.value:
            if identity.value in seen:
                yield Hit("atom.id.duplicate", f"the id {shown(identity.value)}", *identity.place)
            seen.add(identity.value)
    if len(entries) > _FEW and len(seen) == 1 and all(entry.first("id") for entry in entries):
        yield Hit("atom.id.same", f"the id {shown(seen.pop())}", *entries[0].place)


def _same_times(entries: Sequence[Node]) -> Iterator[Hit]:
    seen: set[str] = set()
    for entry in entries:
        updated = entry.first("updated")
        if updated and updated.value:
            if updated.value in seen:
                yield Hit("atom.updated.duplicate", f"the updated {shown(updated.value)}", *updated.place)
            seen.add(updated.value)


FEED = Element(
    {**_HEAD, "entry": ENTRY, "at:deleted-entry": _TOMBSTONE},
    attributes=_INDEXING,
    needs=_REQUIRED,
    visit=_feed,
)
ENTRY_DOCUMENT = Element(ENTRY.children, attributes=ENTRY.attributes, needs=_REQUIRED, visit=_entry_document)
