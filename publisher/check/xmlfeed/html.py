"""HTML within feeds: escaped, or as elements of XHTML."""

import re
from collections.abc import Iterator
from html import unescape

from publisher.check.feed_rules import Hit
from publisher.check.feed_values import html_hits, tag_hits
from publisher.check.xmlfeed.grammar import Element, Setting, part
from publisher.check.xmlfeed.names import local
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import iri_reference

#: Vocabularies that HTML may hold.
_WITHIN = ("svg:", "mathml:")
#: What a link leads to, or where a picture is.
_REFERENCE = re.compile(r"""<(?:a\s+href|img\s(?:[^<>]*\s)?src)=(?:"([^"]*)"|'([^']*)'|([\w-]+))[\s>]""", re.IGNORECASE)
_SCHEME = re.compile(r"\w+:")


def html_in(node: Node, _setting: Setting) -> Iterator[Hit]:
    """Yield what is unwanted in an element's escaped HTML."""
    yield from html_hits(node.text, part(node), *node.place)


def html_of_rss(node: Node, setting: Setting) -> Iterator[Hit]:
    """Yield the same, and relative addresses of links and pictures with a character that no address may have."""
    yield from html_in(node, setting)
    if setting.version == "0.91":  # which knows no HTML
        return
    for found in _REFERENCE.finditer(node.text):
        address = unescape(found[1] or found[2] or found[3] or "").strip()
        if not _SCHEME.match(address):
            yield from (
                Hit(fault.rule, f"an address in {part(node)}", *node.place, wanted=fault.wanted)
                for fault in iri_reference(address)
                if fault.rule == "value.uri.character"
            )


def xhtml_in(div: Node, what: str, setting: Setting) -> Iterator[Hit]:
    """Yield what is wrong or unwanted below an element of XHTML."""
    waiting = [div]
    while waiting:
        node = waiting.pop()
        if node.name.startswith("{}"):
            yield Hit("content.bare", f"<{local(node.name)}> in {what}", *node.place)
        elif node.name.startswith("xhtml:"):
            yield from tag_hits(local(node.name.partition(":")[2]), node.attributes, what, *node.place)
        elif not node.foreign and not node.name.startswith(_WITHIN):
            # A feed's own words in the middle of a text are a lost end tag or a lost namespace; in a picture they may
            # say who drew it.
            if not (node.parent and local(node.parent.name) == "svg:metadata"):
                yield Hit(f"{setting.format}.element.unknown", f"<{node.name}> in {what}", *node.place)
            continue
        waiting += reversed(node.children)


def body(node: Node, _setting: Setting) -> Iterator[Hit]:
    """Yield what is unwanted in an `xhtml:body`."""
    for child in node.tree():
        if child.name.startswith("xhtml:"):
            yield from tag_hits(child.name.partition(":")[2], child.attributes, part(node), *child.place)


HTML = Element(visit=html_of_rss)
