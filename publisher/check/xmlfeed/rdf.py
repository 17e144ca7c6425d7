"""RSS 0.90, 1.0 (https://web.resource.org/rss/1.0/spec) and 1.1, which are RDF."""

from collections.abc import Iterator

from publisher.check.feed_rules import Hit
from publisher.check.values import shown
from publisher.check.xmlfeed.everywhere import RESOURCE, RESOURCES, TEXTS
from publisher.check.xmlfeed.grammar import ANYTHING, Element, Setting, Table, each
from publisher.check.xmlfeed.itunes import podcast_hits
from publisher.check.xmlfeed.names import local
from publisher.check.xmlfeed.rss import CHANNEL, IMAGE, ITEM, TEXT_INPUT
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import mime, uri_reference, yes_no

_ABOUT = {"rdf:about": (uri_reference,), "rdf:parseType": (), "rdf:resource": ()}
_LABELS: Table = each("rdfs: label comment", TEXTS)
_ITEM_TABLE: Table = {
    **ITEM,
    **_LABELS,
    "thr:children": ANYTHING,
    "trackback:ping": RESOURCE,
    "trackback:about": RESOURCES,
    "l:permalink": Element(attributes={**RESOURCE.attributes, "l:type": (mime,)}, visit=RESOURCE.visit),
}
ITEM_1 = Element(_ITEM_TABLE, attributes=_ABOUT, needs={"link": "", "title": ""}, many=True)
_SEQUENCE = Element({"rdf:li": Element({}, attributes={"resource": (), "rdf:resource": ()}, many=True)}, attributes={})


def _picture(node: Node, setting: Setting) -> Iterator[Hit]:
    """A channel refers to its picture, which stands beside it; RSS 1.1 has it within."""
    if "rdf:resource" in node.attributes:
        return
    for name in ("title", "url"):
        if node.first(name) is None:
            yield Hit(f"{setting.format}.element.missing", f"<image> has no {name}", *node.place)


def _channel(node: Node, setting: Setting) -> Iterator[Hit]:
    if "rdf:about" in node.attributes and node.first("items") is None:
        yield Hit(f"{setting.format}.element.missing", "the feed has no items", *node.place)
    yield from podcast_hits(node)


_CHANNEL_TABLE: Table = {
    **CHANNEL,
    **_LABELS,
    "image": Element(IMAGE, attributes=_ABOUT, visit=_picture),
    "items": Element({"rdf:Seq": _SEQUENCE, "item": ITEM_1}, attributes={"rdf:parseType": ()}),
    "textinput": ANYTHING,
}
_NEEDS = {name: f"rss.{name}.missing" for name in ("title", "link", "description")}
CHANNEL_1 = Element(_CHANNEL_TABLE, attributes={**_ABOUT, "indexing:index": (yes_no,)}, needs=_NEEDS, visit=_channel)


def _with_about(node: Node, setting: Setting) -> Iterator[Hit]:
    """Yield what has no name in RDF; RSS 0.90 knew none, nor does its channel stand in the namespace of 1.0."""
    if setting.document.data.find(b"http://my.netscape.com/rdf/simple/0.9/") >= 0:
        return
    for child in node.children:
        if child.name in ("channel", "item", "image", "textinput") and "rdf:about" not in child.attributes:
            yield Hit("rdf.attribute.missing", f"<{child.name}> has no rdf:about", *child.place)


def _named_once(node: Node) -> Iterator[Hit]:
    seen = set()
    for found in node.tree():
        about = found.attributes.get("rdf:about")
        if about is None or found.name in ("image", "textinput"):
            continue
        if about in seen and (found.name == "item" or found.foreign):
            yield Hit("rdf.about.duplicate", f"the rdf:about {shown(about)}", *found.place)
        seen.add(about)


def _mixed(node: Node) -> Iterator[Hit]:
    """Yield foreign elements that have both text and elements, which RDF cannot read."""
    for found in node.tree():
        literal = found.attributes.get("rdf:parseType") == "Literal"
        if found.foreign and found.children and found.value and not literal:
            yield Hit("rdf.mixed", f"<{found.name.rpartition('}')[2]}>", *found.place)


def _words_within(node: Node) -> Iterator[Hit]:
    """Yield words of RSS 1.1 within extensions, which its grammar forbids."""
    for found in node.tree():
        if ":" not in found.name or found.attributes.get("rdf:parseType") == "Literal":
            continue
        for child in found.children:
            if ":" not in child.name:
                yield Hit("rdf.element.unknown", f"<{child.name}> in <{local(found.name)}>", *child.place)
        for name in found.attributes:
            if name.startswith("rss11:"):
                yield Hit("rdf.attribute.unknown", f"{name} of <{local(found.name)}>", *found.place)


def _graph(node: Node, setting: Setting) -> Iterator[Hit]:
    yield from _with_about(node, setting)
    yield from _named_once(node)
    yield from _mixed(node)


def _graph_1_1(node: Node, setting: Setting) -> Iterator[Hit]:
    yield from _channel(node, setting)
    if node.first("items") is None:
        yield Hit(f"{setting.format}.element.missing", "the feed has no items", *node.place)
    yield from _named_once(node)
    yield from _mixed(node)
    yield from _words_within(node)


#: A picture beside the channel.
_IMAGE = Element(
    {name: part for name, part in IMAGE.items() if name not in ("description", "height", "width")},
    attributes=_ABOUT,
    needs=dict.fromkeys(("title", "url", "link"), ""),
    many=True,
)
_TEXT_INPUT = Element(TEXT_INPUT.children, attributes=_ABOUT, needs=TEXT_INPUT.needs, many=True)
RDF = Element(
    {
        "channel": CHANNEL_1,
        "item": ITEM_1,
        "image": _IMAGE,
        "textinput": _TEXT_INPUT,
        **each("cc:License taxo:topic rdf:Description", ANYTHING),
    },
    needs={"channel": "rss.channel.missing"},
    visit=_graph,
)
RSS_1_1 = Element(_CHANNEL_TABLE, attributes={**_ABOUT, "indexing:index": (yes_no,)}, needs=_NEEDS, visit=_graph_1_1)
