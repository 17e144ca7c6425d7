"""Lists of feeds (http://opml.org/spec2.opml)."""

from collections.abc import Iterator

from publisher.check.feed_rules import Hit
from publisher.check.feed_values import html_hits
from publisher.check.values import shown
from publisher.check.xmlfeed.dates import rfc822
from publisher.check.xmlfeed.everywhere import EVERYWHERE
from publisher.check.xmlfeed.grammar import Element, Setting, each, text
from publisher.check.xmlfeed.html import HTML
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import (
    Fault,
    email,
    language,
    line_list,
    positive,
    true_false_folded,
    uri,
    web_address,
)

_VERSIONS = ("1.0", "1.1", "2.0")
_FEED_VERSIONS = ("RSS", "RSS1", "RSS2", "scriptingNews")
#: Attributes that only a subscription has.
_OF_FEEDS = frozenset("description htmlUrl language title version xmlUrl".split())


def _language(value: str) -> Iterator[Fault]:
    if value != "unknown":
        yield from language(value)


def _outlines(body: Node, setting: Setting) -> Iterator[Hit]:
    """Judge all outlines, however deep they nest."""
    for node in body.tree():
        if node is body:
            continue
        yield from _outline(node, setting)
        for name in ("text", "title", "description"):
            yield from html_hits(node.attributes.get(name, ""), f"the {name} of an <outline>", *node.place)


def _outline(node: Node, setting: Setting) -> Iterator[Hit]:
    given, what = node.attributes, f"<outline> {shown(node.attributes.get('text', ''))}"
    kind = given.get("type", "").lower()
    if kind == "rss":
        for name in {"xmlUrl", "title"} - given.keys():
            yield Hit("opml.outline.half", f"{what} has no {name}", *node.place)
    elif kind == "link" and "url" not in given:
        yield Hit("opml.outline.half", f"{what} has no url", *node.place)
    elif kind and kind != "link" and setting.version.startswith("1."):
        yield Hit("opml.outline.type", shown(given["type"]), *node.place)
    elif "type" not in given and _OF_FEEDS & given.keys():
        yield Hit("opml.outline.half", f"{what} has no type", *node.place)
    if given.get("version", "RSS") not in _FEED_VERSIONS:
        yield Hit("opml.outline.version", shown(given["version"]), *node.place)


def _table() -> Element:
    inner: dict[str, Element] = {**EVERYWHERE}
    outline = Element(
        inner,
        attributes={
            **dict.fromkeys(("category", "description", "text", "title", "type", "version", "xmlUrl"), ()),
            "created": (rfc822,),
            **dict.fromkeys(("htmlUrl", "url"), (uri,)),
            **dict.fromkeys(("isBreakpoint", "isComment"), (true_false_folded,)),
            "language": (_language,),
        },
        needs={"@text": ""},
        many=True,
    )
    inner["outline"] = outline
    return outline


def _version(node: Node, _setting: Setting) -> Iterator[Hit]:
    version = node.attributes.get("version")
    if version is not None and version not in _VERSIONS:
        yield Hit("opml.version", f"version {shown(version)}", *node.place)
    elif version is None and node.name == "opml":
        yield Hit("opml.attribute.missing", "<opml> has no version", *node.place)


_HEAD = Element(
    {
        **EVERYWHERE,
        **each("title ownerName", HTML),
        **each("dateCreated dateModified", text(rfc822)),
        "ownerEmail": text(email),
        "ownerId": text(web_address),
        "docs": text(uri),
        "expansionState": text(line_list),
        **each("vertScrollState windowTop windowLeft windowBottom windowRight", text(positive)),
    }
)
_BODY = Element({**EVERYWHERE, "outline": _table()}, needs={"outline": ""}, visit=_outlines)
OPML = Element(
    {**EVERYWHERE, "head": _HEAD, "body": _BODY},
    attributes={"version": ()},
    needs={"head": "", "body": ""},
    visit=_version,
)
