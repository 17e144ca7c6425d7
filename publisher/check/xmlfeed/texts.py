"""Atom's texts and contents (RFC 4287 §3.1 and §4.1.3), which are text, HTML, XHTML or a file."""

import binascii
from collections.abc import Iterator

from publisher.check.feed_rules import Hit
from publisher.check.feed_values import html_hits
from publisher.check.values import shown
from publisher.check.xmlfeed.grammar import Element, Setting, broken, looks_like_html, part
from publisher.check.xmlfeed.html import xhtml_in
from publisher.check.xmlfeed.names import local
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import mime, uri_reference

_TYPES = ("text", "html", "xhtml")


def is_binary(kind: str) -> bool:
    """Tell whether content of a media type is in Base64 (RFC 4287 §4.1.3.3)."""
    return "/" in kind and not kind.endswith(("+xml", "/xml")) and not kind.startswith("text/")


def _construct(node: Node, setting: Setting) -> Iterator[Hit]:
    kind = node.attributes.get("type", "text")
    if "src" in node.attributes:
        yield from _elsewhere(node, setting)
    elif not kind:
        yield Hit("value.empty", f"the type of {part(node)}", *node.place)
        yield from _no_elements(node, setting)
    elif kind not in _TYPES:
        yield Hit("atom.text.type", f"{shown(kind)} in <{local(node.name)}>", *node.place)
    else:
        yield from _judged(node, kind, setting)


def _content(node: Node, setting: Setting) -> Iterator[Hit]:
    kind = node.attributes.get("type", "text")
    if "src" in node.attributes:
        yield from _elsewhere(node, setting)
    elif not kind:
        yield Hit("value.empty", f"the type of {part(node)}", *node.place)
        yield from _no_elements(node, setting)
    elif kind in _TYPES:
        yield from _judged(node, kind, setting)
    elif any(mime(kind)) or kind.startswith("multipart/"):
        yield Hit("atom.text.type", f"{shown(kind)} in <{local(node.name)}>", *node.place)
    elif is_binary(kind):
        yield from _base64(node, setting)
    elif kind.startswith("text/"):
        yield from _no_elements(node, setting)
        if kind == "text/html":
            yield from html_hits(node.text, part(node), *node.place)
    elif node.children and node.value:
        yield Hit(f"{setting.format}.element.text", f"{shown(node.value)} in <{local(node.name)}>", *node.place)


def _elsewhere(node: Node, setting: Setting) -> Iterator[Hit]:
    """Check content that is in another file (§4.1.3.2)."""
    yield from broken(node.attributes["src"], (uri_reference,), "src", node.place)
    if "type" not in node.attributes:
        yield Hit("atom.content.untyped", f"<{local(node.name)}>", *node.place)
    elif any(mime(node.attributes["type"])):
        yield Hit("atom.text.type", f"{shown(node.attributes['type'])} in <{local(node.name)}>", *node.place)
    if node.value:
        yield Hit(f"{setting.format}.element.text", f"{shown(node.value)} in <{local(node.name)}>", *node.place)
    yield from _no_elements(node, setting)


def _base64(node: Node, setting: Setting) -> Iterator[Hit]:
    yield from _no_elements(node, setting)
    try:
        binascii.a2b_base64(node.value.encode("ascii"))
    except ValueError:
        yield Hit("atom.content.base64", f"<{local(node.name)}>", *node.place)


def _judged(node: Node, kind: str, setting: Setting) -> Iterator[Hit]:
    what = part(node)
    if kind == "xhtml":
        yield from _xhtml(node, what, setting)
        return
    yield from _no_elements(node, setting)
    if not node.text:
        yield Hit("value.empty", what, *node.place)
    elif kind == "html":
        yield from html_hits(node.text, what, *node.place)
    elif looks_like_html(node.text):
        yield Hit("atom.text.html", what, *node.place)


def _xhtml(node: Node, what: str, setting: Setting) -> Iterator[Hit]:
    if not node.value and not node.children:
        yield Hit("value.empty", what, *node.place)
    elif node.value or _beside_div(node):
        yield Hit("atom.xhtml.div", what, *node.place)
    for child in node.children:
        yield from xhtml_in(child, what, setting)


def _beside_div(node: Node) -> bool:
    """Tell whether an element stands where the div should. The W3C's service lets it pass behind a div of mere text."""
    said = False
    for child in node.children:
        if child.name != "xhtml:div" and not said:
            return True
        said = said or (child.name == "xhtml:div" and not child.children and bool(child.value))
    return False


def _no_elements(node: Node, setting: Setting) -> Iterator[Hit]:
    for child in node.children:
        what = f"<{local(child.name)}> in <{local(node.name)}>"
        yield Hit(f"{setting.format}.element.unknown", what, *child.place)


CONSTRUCT = Element(attributes={"type": (), "src": ()}, free=True, visit=_construct)
CONTENT = Element(attributes={"type": (), "src": ()}, free=True, visit=_content)
