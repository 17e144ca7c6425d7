"""Checks of feeds in XML: Atom, RSS of all versions, OPML, and the documents of the publishing protocol."""

from collections.abc import Iterator, Mapping
from html.entities import name2codepoint

from publisher.check.feed_rules import Hit
from publisher.check.feed_values import character_hits
from publisher.check.xmlfeed.app import CATEGORIES, SERVICE
from publisher.check.xmlfeed.atom import ANYWHERE, ENTRY_DOCUMENT, FEED
from publisher.check.xmlfeed.encoding import decode
from publisher.check.xmlfeed.grammar import Element, Setting, broken, judge
from publisher.check.xmlfeed.names import ATOM, CUSTOMARY, KNOWN, MEDIA, OLD_ATOM, XHTML, local, prefix_of
from publisher.check.xmlfeed.opml import OPML
from publisher.check.xmlfeed.rdf import RDF, RSS_1_1
from publisher.check.xmlfeed.rss import RSS, declares_entities
from publisher.check.xmlfeed.tree import Declared, Document, Node, NotXml, parse
from publisher.check.xmlfeed.values import iri_reference

#: Root element and the prefix of its namespace; which format it is, and its table.
_FORMATS: Mapping[tuple[str, str], tuple[str, Element]] = {
    ("feed", "atom"): ("atom", FEED),
    ("entry", "atom"): ("atom", ENTRY_DOCUMENT),
    ("rdf:RDF", "rdf"): ("rdf", RDF),
    ("Channel", "rss11"): ("rdf", RSS_1_1),
    ("opml", ""): ("opml", OPML),
    ("outlineDocument", ""): ("opml", OPML),
    ("service", "app"): ("app", SERVICE),
    ("categories", "app"): ("app", CATEGORIES),
}


def xml_hits(data: bytes) -> Iterator[Hit]:
    """Yield the broken rules of a feed in XML.

    Args:
        data: the whole file, in any encoding.
    """
    text, hits = decode(data)
    yield from hits
    try:
        document = parse(text.encode())
    except NotXml as error:
        yield Hit("feed.unreadable", error.reason, error.line, error.column)
        return
    yield from _declarations(document)
    yield from _root(document)
    yield from _everywhere(document.root)


def _root(document: Document) -> Iterator[Hit]:
    root, prefix = document.root, prefix_of(document.namespace)
    if root.name == "rss":
        if document.namespace:
            yield Hit("rss.namespace", document.namespace, *root.place)
        version = root.attributes.get("version", "2.0")
        yield from judge(root, RSS, Setting("rss", document, ANYWHERE, version))
    elif (root.name, prefix) in _FORMATS:
        if prefix == "atom" and document.namespace != ATOM:
            yield Hit("atom.namespace", document.namespace, *root.place)
        name, element = _FORMATS[root.name, prefix]
        yield from judge(root, element, Setting(name, document, ANYWHERE, root.attributes.get("version", "")))
    elif local(root.name) in ("feed", "entry") and document.namespace:
        yield Hit("atom.namespace", document.namespace, *root.place)
    else:
        yield Hit("feed.unknown", f"<{local(root.name)}>", *root.place)


def _declarations(document: Document) -> Iterator[Hit]:
    if document.doctype:
        yield Hit("feed.doctype", document.doctype[0], 1, 1)
    declared = name2codepoint if declares_entities(document) else {}
    for name, line, column in document.skipped:
        if name not in declared:
            yield Hit("feed.entity", f"&{name};", line, column)
    told = set()
    for found in document.namespaces:
        for hit in _namespace(found, document.namespace):
            if (hit.rule, hit.what) not in told:
                told.add((hit.rule, hit.what))
                yield hit


def _namespace(found: Declared, own: str) -> Iterator[Hit]:
    prefix, uri, line, column = found.prefix, found.uri, found.line, found.column
    if own == ATOM and prefix and (uri in (ATOM, XHTML) or prefix in ("atom", "xhtml")):
        yield Hit("atom.prefix", prefix, line, column)
    if uri == own:
        return
    if len(uri.split()) > 1:
        yield Hit("feed.namespace.blank", uri, line, column)
    elif uri == MEDIA.rstrip("/"):
        yield Hit("media.namespace", uri, line, column)
    elif uri and uri != OLD_ATOM and prefix in CUSTOMARY and uri not in CUSTOMARY[prefix]:
        yield Hit("feed.namespace.prefix", f"{prefix} stands for {uri}", line, column)
    elif uri and uri != OLD_ATOM and uri not in KNOWN:
        yield from broken(uri, (iri_reference,), "namespace", (line, column))
        yield Hit("feed.namespace.unknown", uri, line, column)


def _everywhere(root: Node) -> Iterator[Hit]:
    """Yield what is wrong wherever it stands: characters that nobody can have meant, and addresses that start others."""
    for node in root.tree():
        what, place = f"<{local(node.name)}>", node.place
        yield from character_hits(node.text, what, *place)
        for name, value in node.attributes.items():
            yield from character_hits(value, f"{local(name)} of {what}", *place)
        yield from broken(node.attributes.get("xml:base", ""), (iri_reference,), "xml:base", place)
