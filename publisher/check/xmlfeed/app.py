"""Documents of the Atom Publishing Protocol (RFC 5023): services and lists of categories."""

from collections.abc import Iterator

from publisher.check.feed_rules import Hit
from publisher.check.xmlfeed.atom import ATOM_WORDS, CATEGORY
from publisher.check.xmlfeed.everywhere import EVERYWHERE
from publisher.check.xmlfeed.grammar import Element, Setting
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import Fault, iri_reference, mime, yes_no


def _ranges(value: str) -> Iterator[Fault]:
    for part in value.split(",") if value else ():
        yield from mime(part.strip())


def _categories(node: Node, _setting: Setting) -> Iterator[Hit]:
    """What is elsewhere is not here, too (§7.2.1)."""
    if "href" in node.attributes and (node.children or {"fixed", "scheme"} & node.attributes.keys()):
        yield Hit("app.categories", "<categories>", *node.place)


CATEGORIES = Element(
    {"atom:category": CATEGORY},
    attributes={"scheme": (), "fixed": (yes_no,), "href": ()},
    many=True,
    visit=_categories,
)
_COLLECTION = Element(
    {
        **EVERYWHERE,
        "atom:title": ATOM_WORDS["atom:title"],
        "accept": Element(kinds=(_ranges,), many=True),
        "categories": CATEGORIES,
    },
    attributes={"href": (iri_reference,)},
    needs={"@href": "", "atom:title": ""},
    many=True,
)
_WORKSPACE = Element(
    {**EVERYWHERE, "atom:title": ATOM_WORDS["atom:title"], "collection": _COLLECTION},
    needs={"atom:title": ""},
    many=True,
)
SERVICE = Element({**EVERYWHERE, "workspace": _WORKSPACE}, needs={"workspace": ""})
