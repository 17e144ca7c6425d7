"""Atom's links (RFC 4287 §4.2.7) and what follows from several of them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from publisher.check.feed_rules import Hit
from publisher.check.values import shown
from publisher.check.xmlfeed.dates import rfc3339
from publisher.check.xmlfeed.grammar import Element, Setting, called
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import filled, iri_reference, language, mime, whole

_REGISTRY = "http://www.iana.org/assignments/relation/"
#: From https://www.iana.org/assignments/link-relations/ what means something in a feed.
_RELATIONS = frozenset(
    """about alternate amphtml appendix archives author bookmark canonical chapter cite-as collection contents copyright
    current describedby describes duplicate edit edit-form edit-media enclosure first glossary help hub icon index item
    last latest-version license monitor next next-archive original payment predecessor-version prev prev-archive
    preview previous privacy-policy profile related replies search section self service shortlink start stylesheet
    subsection successor-version tag terms-of-service timemap type up version-history via""".split()
)
_HISTORY = ("current", "first", "last", "next", "next-archive", "prev-archive", "previous")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_FEED_TYPES = ("application/atom+xml", "application/rss+xml", "application/rdf+xml")


def relation(link: Node) -> str:
    """Return what a link leads to; without a word it is the page itself."""
    return link.attributes.get("rel", "alternate").removeprefix(_REGISTRY)


def _link(node: Node, setting: Setting) -> Iterator[Hit]:
    rel, href = relation(node), node.attributes.get("href")
    if rel not in _RELATIONS and not _URI.fullmatch(rel):
        yield Hit("atom.link.rel", shown(rel), *node.place)
    if href is not None and not _SCHEME.match(href):
        yield Hit("atom.link.relative", shown(href), *node.place)
    kind = node.attributes.get("type", "").partition(";")[0]
    if rel == "self" and kind and not any(mime(kind)) and kind not in _FEED_TYPES:
        yield Hit("atom.self.type", shown(kind), *node.place)
    if node.value:
        yield Hit("atom.link.text", shown(node.value), *node.place)
    if rel == "enclosure" and not (node.attributes.get("type") and node.attributes.get("length")):
        yield Hit("atom.enclosure.bare", shown(href or ""), *node.place)
    for name in ("thr:count", "thr:updated"):
        if name in node.attributes and rel != "replies":
            yield Hit(f"{setting.format}.attribute.unknown", f'{name} of a link that is not rel="replies"', *node.place)


LINK = Element(
    attributes={
        "href": (iri_reference,),
        "rel": (filled,),
        "type": (mime,),
        "hreflang": (language,),
        "title": (filled,),
        "length": (whole,),
        "rdf:type": (),
        "rdf:resource": (),
        "thr:count": (whole,),
        "thr:updated": (rfc3339,),
    },
    needs={"@href": "atom.link.empty"},
    many=True,
    free=True,
    visit=_link,
)


def alternates(node: Node) -> Iterator[Hit]:
    """Yield a hit when alternate links cannot be told apart (§4.1.1 and §4.1.2)."""
    links = [link for link in node.all("link") if relation(link) == "alternate"]
    kinds = Counter((link.attributes.get("type", ""), link.attributes.get("hreflang", "")) for link in links)
    if any(number > 1 for number in kinds.values()):
        yield Hit("atom.link.duplicate", called(node), *links[1].place)


def misplaced_history(entry: Node) -> Iterator[Hit]:
    """Yield links of an entry that lead to parts of a feed's history, which only the feed has (RFC 5005)."""
    for link in entry.all("link"):
        if relation(link) in _HISTORY:
            yield Hit("atom.link.history", f"{shown(relation(link))} in {called(entry)}", *link.place)


def history(feed: Node, links: Sequence[Node]) -> Iterator[Hit]:
    """Yield what contradicts itself in a feed's links to its other parts (RFC 5005)."""
    addresses = {relation(link): link.attributes.get("href", "") for link in links}
    complete, archive = feed.first("fh:complete"), feed.first("fh:archive")
    own = addresses.get("self")
    for link in links if complete else ():
        rel = relation(link)
        if rel in _HISTORY and not (rel == "current" and own in (None, addresses[rel])):
            yield Hit("atom.history.complete", f'a link with rel="{rel}"', *link.place)
    for end, beyond in (("first", "previous"), ("last", "next")):
        if own and addresses.get(end) == own and beyond in addresses:
            yield Hit("atom.history.end", f'the {end} part has a link with rel="{beyond}"', *feed.place)
    if archive and not complete:
        if not {"prev-archive", "next-archive"} & addresses.keys():
            yield Hit("atom.history.alone", "the archive", *archive.place)
        if "current" not in addresses:
            yield Hit("atom.history.current", "the archive", *archive.place)
