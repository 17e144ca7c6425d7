"""What may stand where in a feed, as tables, and the walk that compares a document with them.

A table says of each element which values, attributes and children it has and how often. It is a value: the formats
differ in their tables, and the walk is written once.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from publisher.check.feed_rules import Hit
from publisher.check.values import shown
from publisher.check.xmlfeed.names import OLD_ATOM, local
from publisher.check.xmlfeed.tree import Document, Node
from publisher.check.xmlfeed.values import Kind, language

Table = Mapping[str, "Element"]
Visit = Callable[[Node, "Setting"], Iterator[Hit]]

_XML_ATTRIBUTES: Mapping[str, tuple[Kind, ...]] = {
    "xml:base": (),
    "xml:id": (),
    "xml:lang": (language,),
    "xml:space": (),
}
_OLD = f"{{{OLD_ATOM}}}"
_RDF_ATTRIBUTES = ("rdf:parseType", "rdf:datatype", "rdf:resource")
#: HTML in what should be plain text: the end of an element, or a character reference.
_END_TAG = re.compile(r"</(\w+)>")
_REFERENCE = re.compile(r"&(?:#\d|#x[0-9a-f]|[a-z]\w*;)", re.IGNORECASE)
#: A title may talk about HTML; then it spells < and & as references, which readers understand (RSS Best Practices).
_SPELLED = b"&#x"


@dataclass(frozen=True, slots=True)
class Element:
    """What an element may hold."""

    #: Elements by short name; None where there is text instead.
    children: Table | None = None
    #: What the text has to be.
    kinds: tuple[Kind, ...] = ()
    #: What each attribute has to be.
    attributes: Mapping[str, tuple[Kind, ...]] = field(default_factory=dict)
    #: Elements, and attributes with an @ before their name, that must be there, each with the rule that says so;
    #: "" for the format's general rule.
    needs: Mapping[str, str] = field(default_factory=dict)
    #: Whether siblings may have the same name.
    many: bool = False
    #: Whether white space around the text is a mistake.
    exact: bool = False
    #: Whether HTML in the text is a mistake.
    plain: bool = False
    #: Whether anything may be within, and on it.
    anything: bool = False
    #: Whether its own rules alone judge what is within.
    free: bool = False
    #: Rules of its own.
    visit: Visit | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What a rule has to know of the document around its element."""

    #: First part of the names of the general rules: atom, rss, rdf, opml or app.
    format: str
    document: Document
    #: Elements that may stand anywhere, though not with sense.
    everywhere: Table
    #: Version of RSS; empty in other formats.
    version: str = ""


ANYTHING = Element(anything=True, many=True)


def text(*kinds: Kind, many: bool = False) -> Element:
    """Describe an element with text and no attributes."""
    return Element(None, kinds, many=many)


def plain(*kinds: Kind) -> Element:
    """Describe an element with text that is no HTML."""
    return Element(None, kinds, plain=True)


def each(names: str, element: Element) -> Table:
    """Give several elements one description.

    Args:
        names: their names with blanks between; a first word that ends in a colon is a prefix to all.
    """
    words = names.split()
    prefix = words.pop(0) if words[0].endswith(":") else ""
    return {prefix + word: element for word in words}


def judge(node: Node, element: Element, setting: Setting) -> Iterator[Hit]:
    """Yield what is wrong with an element and all below it."""
    if element.anything:
        yield from _foreign(node, setting)
        return
    yield from _attributes(node, element, setting)
    if element.children is None and not element.free:
        yield from _text(node, element, setting)
    elif element.children is not None:
        yield from _children(node, element.children, setting)
    present = {child.name for child in node.children} | {f"@{name}" for name in node.attributes}
    for name, rule in element.needs.items():
        if name not in present and rule:
            yield Hit(rule, called(node), *node.place)
        elif name not in present:
            general = f"{setting.format}.{'attribute' if name.startswith('@') else 'element'}.missing"
            yield Hit(general, f"{called(node)} has no {name.lstrip('@')}", *node.place)
    if element.visit:
        yield from element.visit(node, setting)


def called(node: Node) -> str:
    """Return what messages call an element: an entry by its title, if it has one."""
    if node.name in ("feed", "channel", "Channel", "opml"):
        return "the feed"
    if node.name not in ("entry", "item"):
        return f"<{local(node.name)}>"
    return f"{node.name} {shown(node.label)}" if node.label else f"an {node.name}"


def part(node: Node) -> str:
    """Return what messages call an element that belongs to another: the content of entry "A grey heron"."""
    return f"the {local(node.name)} of {called(node.parent)}" if node.parent else called(node)


def broken(value: str, kinds: tuple[Kind, ...], name: str, place: tuple[int, int]) -> Iterator[Hit]:
    """Yield the rules that a value breaks."""
    for kind in kinds:
        for fault in kind(value):
            yield Hit(fault.rule, f"the {local(name)} {shown(value)}", *place, wanted=fault.wanted)


def _attributes(node: Node, element: Element, setting: Setting) -> Iterator[Hit]:
    for name, value in node.attributes.items():
        if name in element.attributes:
            yield from broken(value, element.attributes[name], name, node.place)
        elif name in _XML_ATTRIBUTES:
            if value:
                yield from broken(value, _XML_ATTRIBUTES[name], name, node.place)
        elif name.startswith("{"):
            if setting.format == "rss" and ":" not in node.name:
                yield Hit("rss.attribute.foreign", f"{local(name)} of <{node.name}>", *node.place)
        elif not (setting.format == "rdf" and name in _RDF_ATTRIBUTES):
            yield Hit(f"{setting.format}.attribute.unknown", f"{name} of <{local(node.name)}>", *node.place)


def _text(node: Node, element: Element, setting: Setting) -> Iterator[Hit]:
    if setting.format == "rdf":
        # A text that is for people holds no elements, not even with nothing else beside them.
        whole = element.plain or element.visit is not None
        if node.children and (node.value or whole) and node.attributes.get("rdf:parseType") != "Literal":
            yield Hit("rdf.mixed", called(node), *node.place)
    else:
        for child in node.children:
            yield Hit(
                f"{setting.format}.element.unknown", f"<{local(child.name)}> in <{local(node.name)}>", *child.place
            )
    value = node.value
    if element.exact and node.text != value:
        yield Hit("value.space", f"the {local(node.name)} {shown(value)}", *node.place)
    yield from broken(value, element.kinds, node.name, node.place)
    if element.plain and looks_like_html(value) and _SPELLED not in setting.document.raw(node):
        yield Hit("value.html", f"the {local(node.name)} {shown(value)}", *node.place)


def looks_like_html(value: str) -> bool:
    """Tell whether a text seems to be HTML."""
    return bool(_END_TAG.search(value) or _REFERENCE.search(value))


def _children(node: Node, children: Table, setting: Setting) -> Iterator[Hit]:
    if node.value:
        yield Hit(f"{setting.format}.element.text", f"{shown(node.value)} in <{local(node.name)}>", *node.place)
    seen = set()
    for child in node.children:
        # Dublin Core may be refined, as in dc:date.created.
        name = child.name.partition(".")[0] if child.name.startswith("dc:") else child.name
        if name in children:
            if child.name in seen and not children[name].many:
                yield Hit(f"{setting.format}.element.duplicate", f"{called(node)} has {name}", *child.place)
            yield from judge(child, children[name], setting)
        elif child.name.startswith(_OLD):
            yield Hit("atom.namespace", OLD_ATOM, *child.place)
        elif child.foreign:
            yield from _foreign(child, setting)
        elif name.startswith("xhtml:"):
            yield Hit("feed.element.odd", f"<{name}> in <{local(node.name)}>", *child.place)
        elif found := _odd(name, node, setting):
            yield Hit("feed.element.odd", f"<{name}> in <{local(node.name)}>", *child.place)
            yield from judge(child, found, setting)
        else:
            yield Hit(f"{setting.format}.element.unknown", f"<{name}> in <{local(node.name)}>", *child.place)
        seen.add(child.name)


def _odd(name: str, parent: Node, setting: Setting) -> Element | None:
    """Return what is known of an element that may stand anywhere, as Atom's own may in its extensions."""
    of_atom = f"atom:{name}" if setting.format == "atom" and ":" in parent.name else ""
    return setting.everywhere.get(name) or setting.everywhere.get(of_atom)


def _foreign(node: Node, setting: Setting) -> Iterator[Hit]:
    """Yield what may not even be in what nobody knows: in RSS 2.0, an extension's elements without a namespace."""
    if setting.format == "rss":
        for child in node.children:
            if ":" not in child.name and not child.foreign:
                yield Hit("rss.element.bare", f"<{child.name}> in <{local(node.name)}>", *child.place)
    elif node.name.startswith("{}"):
        yield Hit("feed.element.bare", f"<{local(node.name)}>", *node.place)
