"""HTML within feeds: escaped, or as elements of XHTML."""

from collections.abc import Iterator

from publisher.check.feed_rules import Hit
from publisher.check.feed_values import html_hits, tag_hits
from publisher.check.xmlfeed.grammar import Element, Setting, part
from publisher.check.xmlfeed.names import local
from publisher.check.xmlfeed.tree import Node

#: Vocabularies that HTML may hold.
_WITHIN = ("svg:", "mathml:")


def html_in(node: Node, _setting: Setting) -> Iterator[Hit]:
    """Yield what is unwanted in an element's escaped HTML."""
    yield from html_hits(node.text, part(node), *node.place)


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
            # A feed's own words in the middle of a text are a lost end tag or a lost namespace.
            yield Hit(f"{setting.format}.element.unknown", f"<{node.name}> in {what}", *node.place)
            continue
        waiting += reversed([] if node.foreign and not node.name.startswith("{}") else node.children)


def body(node: Node, _setting: Setting) -> Iterator[Hit]:
    """Yield what is unwanted in an `xhtml:body`."""
    for child in node.tree():
        if child.name.startswith("xhtml:"):
            yield from tag_hits(child.name.partition(":")[2], child.attributes, part(node), *child.place)


HTML = Element(visit=html_in)
