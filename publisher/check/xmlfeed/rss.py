"""RSS 0.91, 0.92 and 2.0 (https://www.rssboard.org/rss-specification) with the advice of its best practices profile."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from publisher.check.feed_rules import Hit
from publisher.check.values import shown
from publisher.check.xmlfeed.atom import ATOM_WORDS, chosen
from publisher.check.xmlfeed.common import IN_FEEDS, IN_ITEMS, RESTRICTION
from publisher.check.xmlfeed.dates import rfc822, w3cdtf
from publisher.check.xmlfeed.everywhere import ADDRESS, ADDRESSES, EVERYWHERE, RESOURCE, TEXT, TEXTS
from publisher.check.xmlfeed.grammar import ANYTHING, Element, Setting, Table, called, each, plain, text
from publisher.check.xmlfeed.html import HTML, body
from publisher.check.xmlfeed.itunes import EPISODE, PODCAST, podcast_hits
from publisher.check.xmlfeed.shopping import too_many
from publisher.check.xmlfeed.sync import same_syncs
from publisher.check.xmlfeed.tree import Document, Node
from publisher.check.xmlfeed.values import (
    Fault,
    choice,
    filled,
    language,
    mailbox,
    mime,
    positive,
    up_to,
    uri,
    web_address,
    yes_no,
)

_VERSIONS = ("0.91", "0.92", "2.0")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: What says the same twice: RSS's own element and that of an extension.
_TWICE_IN_CHANNEL = (
    *(("managingEditor", "dc:creator"), ("category", "dc:subject"), ("pubDate", "dc:date")),
    *(("webMaster", "dc:publisher"), ("language", "dc:language"), ("copyright", "dc:rights")),
    *(("lastBuildDate", "dcterms:modified"), ("generator", "admin:generatorAgent")),
    ("creativeCommons:license", "cc:license"),
)
_TWICE_IN_ITEM = (
    *(("category", "dc:subject"), ("pubDate", "dc:date"), ("pubDate", "atom:published"), ("source", "dc:source")),
    *(("guid", "atom:id"), ("creativeCommons:license", "cc:license")),
)
_PICTURE_TYPES = ("jpg", "jpeg", "gif", "png")
_METADATA = frozenset(
    """title link description language copyright managingEditor webMaster pubDate lastBuildDate category generator docs
    cloud ttl image rating textInput skipHours skipDays atom:link""".split()
)


def _hours(node: Node, _setting: Setting) -> Iterator[Hit]:
    # The W3C's service notes midnight as 24 and takes it for 0 only behind a 0.
    hours = [hour.value.lstrip("0") or "0" for hour in node.all("hour")]
    named = [hour for hour in hours if hour != "24"]
    yield from _once_each(named, node)
    if "24" in hours and "0" in hours[: hours.index("24")]:
        yield Hit("rss.skip.duplicate", f"<{node.name}>", *node.place)
    for hour in node.all("hour"):
        if hour.value == "24":
            yield Hit("rss.hour.midnight", "the hour 24", *hour.place)
        elif not re.fullmatch(r"\d\d?", hour.value, re.ASCII) or int(hour.value) > 23:
            yield Hit("rss.hour", f"the hour {shown(hour.value)}", *hour.place)


def _days(node: Node, _setting: Setting) -> Iterator[Hit]:
    yield from _once_each([day.value for day in node.children], node)


def _once_each(values: Sequence[str], node: Node) -> Iterator[Hit]:
    if len(set(values)) < len(values):
        yield Hit("rss.skip.duplicate", f"<{node.name}>", *node.place)


def _image(node: Node, _setting: Setting) -> Iterator[Hit]:
    url = node.first("url")
    kind = url.value.rpartition(".")[2].lower() if url else ""
    if url and re.fullmatch(r"\w+", kind) and kind not in _PICTURE_TYPES:
        yield Hit("rss.image.type", shown(url.value), *url.place)


def _like_channel(channel: Node, image: Node) -> Iterator[Hit]:
    for name in ("title", "link"):
        its, ours = channel.first(name), image.first(name)
        if its and ours and its.value and its.value != ours.value:
            yield Hit("rss.image.other", f"the {name} {shown(ours.value)}", *ours.place)


def _guid(node: Node, _setting: Setting) -> Iterator[Hit]:
    permanent = node.attributes.get("isPermaLink", "true")
    if permanent not in ("true", "false"):
        yield Hit("rss.guid.boolean", shown(permanent), *node.place)
    elif permanent == "false" and re.fullmatch(r"\d{1,8}", node.value, re.ASCII):
        yield Hit("rss.guid.short", f"the guid {shown(node.value)}", *node.place)
    elif permanent == "false":
        return
    elif any(fault.rule != "value.uri.scheme" for fault in uri(node.value)) or _no_page(node.value):
        yield Hit("rss.guid.permalink", f"the guid {shown(node.value)}", *node.place)


def _no_page(value: str) -> bool:
    return value.lower().startswith(("tag:", "urn:uuid:"))


def _length(value: str) -> Iterator[Fault]:
    if not re.fullmatch(r"\+?\d+|-0+", value.strip(), re.ASCII):
        yield Fault("rss.enclosure.length")


IMAGE: Table = {
    **EVERYWHERE,
    "title": plain(filled),
    "url": ADDRESS,
    "link": ADDRESS,
    "description": plain(),
    "width": text(up_to(144)),
    "height": text(up_to(400)),
    **each("dc: creator subject", TEXTS),
    "dc:date": text(w3cdtf),
    "cc:license": ANYTHING,
}


def _field(value: str) -> Iterator[Fault]:
    if not re.match(r"[A-Za-z\[\]\\^_`]", value):
        yield Fault("rss.textinput.name")


TEXT_INPUT = Element(
    {
        **EVERYWHERE,
        "title": plain(),
        "description": TEXT,
        "name": text(_field),
        "link": ADDRESS,
        **each("dc: creator subject", TEXTS),
        "dc:date": text(w3cdtf),
    },
    attributes={"rdf:about": ()},
    needs=dict.fromkeys(("title", "description", "name", "link"), ""),
)
#: What channels of RSS 1.0 and RSS 2.0 have in common.
CHANNEL: Table = {
    **IN_FEEDS,
    **PODCAST,
    **chosen(
        ATOM_WORDS,
        "atom:author atom:category atom:contributor atom:generator atom:icon atom:id atom:link atom:logo atom:rights "
        "atom:subtitle atom:title atom:updated",
    ),
    "title": plain(filled),
    "link": ADDRESS,
    "description": plain(),
    "textInput": TEXT_INPUT,
    **each("dc: creator subject", TEXTS),
    "dc:date": text(w3cdtf),
    "cc:license": ANYTHING,
    "creativeCommons:license": ADDRESSES,
    "at:deleted-entry": ANYTHING,
}
#: What mod_content of RSS 1.0 lists: https://web.resource.org/rss/1.0/modules/content/
_ITEM_OF_BAG = Element({**each("content: format encoding", RESOURCE), "rdf:value": TEXT}, many=True)
#: What items of both have in common.
ITEM: Table = {
    **IN_ITEMS,
    **EPISODE,
    **chosen(
        ATOM_WORDS,
        "atom:category atom:contributor atom:id atom:link atom:published atom:summary atom:updated",
    ),
    "atom:title": ATOM_WORDS["atom:content"],
    "atom:content": replace(ATOM_WORDS["atom:content"], many=True),
    "atom:author": replace(ATOM_WORDS["atom:author"], many=False),
    "title": plain(filled),
    "link": ADDRESS,
    "description": HTML,
    "content:encoded": HTML,
    "content:items": Element({"rdf:Bag": Element({"rdf:li": Element({"content:item": _ITEM_OF_BAG}, many=True)})}),
    "xhtml:body": Element(free=True, visit=body, many=True),
    **each("dc: creator subject", TEXTS),
    "dc:date": text(w3cdtf, many=True),
    "cc:license": ANYTHING,
    "creativeCommons:license": ADDRESSES,
}


def _item(node: Node, setting: Setting) -> Iterator[Hit]:
    if node.first("title") is None and node.first("description") is None:
        yield Hit("rss.item.empty", called(node), *node.place)
    elif node.first("description") is None:
        yield Hit("rss.item.undescribed", called(node), *node.place)
    if node.first("guid") is None and setting.version.startswith("2."):
        yield Hit("rss.guid.missing", called(node), *node.place)
    yield from _authors(node)
    yield from too_many(node, setting)
    yield from _said_twice(node, _TWICE_IN_ITEM)
    if len(enclosures := node.all("enclosure")) > 1:
        yield Hit("rss.enclosure.several", called(node), *enclosures[1].place)
    names = [child.name for child in node.children]
    if "content:encoded" in names and "description" in names[names.index("content:encoded") :]:
        yield Hit("rss.content.order", called(node), *node.place)


def _authors(node: Node) -> Iterator[Hit]:
    author, creator = node.first("author"), node.first("dc:creator")
    if author and creator:
        yield Hit("rss.author.twice", called(node), *author.place)
    elif not (author or creator or node.first("atom:author") or node.first("itunes:author")):
        yield Hit("rss.author.missing", called(node), *node.place)


def _said_twice(node: Node, pairs: Sequence[tuple[str, str]]) -> Iterator[Hit]:
    present = {child.name: child for child in node.children}
    for own, other in pairs:
        if own in present and other in present:
            yield Hit("rss.said.twice", f"{called(node)} has {own} and {other}", *present[other].place)


def _channel(node: Node, setting: Setting) -> Iterator[Hit]:
    items = node.all("item")
    if setting.version.startswith("2.") and not any(
        link.attributes.get("rel") == "self" for link in node.all("atom:link")
    ):
        yield Hit("rss.self.missing", "the feed", *node.place)
    yield from _said_twice(node, _TWICE_IN_CHANNEL)
    yield from _order(node)
    for image in node.all("image"):
        yield from _like_channel(node, image)
    for box in node.all("textInput"):
        yield Hit("rss.textinput", "the feed", *box.place)
    if node.first("lastBuildDate") is None:
        for counted in (item.first("slash:comments") for item in items):
            if counted:
                yield Hit("rss.comments.undated", "the feed", *counted.place)
                break
    for name in ("guid", "atom:id"):
        yield from duplicates([found for item in items if (found := item.first(name))])
    yield from same_syncs(items)
    yield from podcast_hits(node)


def _order(channel: Node) -> Iterator[Hit]:
    """Yield a hit where something is said of the channel behind its items."""
    begun = False
    for child in channel.children:
        begun = begun or child.name == "item"
        if begun and child.name in _METADATA:
            yield Hit("rss.item.early", f"<{child.name}>", *child.place)
            return


def duplicates(ids: Sequence[Node]) -> Iterator[Hit]:
    """Yield ids that occur twice."""
    seen = set()
    for found in ids:
        if found.value in seen:
            yield Hit("rss.guid.duplicate", f"the {found.name} {shown(found.value)}", *found.place)
        if found.value:
            seen.add(found.value)


_ENCLOSURE = Element(
    {},
    attributes={"url": (web_address,), "length": (_length,), "type": (mime,)},
    needs=dict.fromkeys(("@url", "@length", "@type"), "rss.enclosure.incomplete"),
    many=True,
)
_CATEGORY = Element(kinds=(filled,), attributes={"domain": ()}, many=True, plain=True)
_ITEM = Element(
    {
        **ITEM,
        "author": text(mailbox),
        "category": _CATEGORY,
        "comments": ADDRESS,
        "enclosure": _ENCLOSURE,
        "guid": Element(attributes={"isPermaLink": ()}, visit=_guid),
        "pubDate": text(rfc822),
        "source": Element(attributes={"url": (uri,)}, needs={"@url": ""}, plain=True),
    },
    many=True,
    visit=_item,
)
_CLOUD = Element(
    {},
    attributes={"domain": (), "path": (), "registerProcedure": (), "protocol": (), "port": (positive,)},
    needs=dict.fromkeys(("@domain", "@path", "@registerProcedure", "@protocol", "@port"), ""),
)
_CHANNEL = Element(
    {
        **CHANNEL,
        "category": Element(attributes={"domain": ()}, many=True, plain=True),
        "cloud": _CLOUD,
        "copyright": plain(),
        "docs": ADDRESS,
        "generator": TEXT,
        "image": Element(IMAGE, needs=dict.fromkeys(("title", "url", "link"), ""), visit=_image),
        "item": _ITEM,
        "language": text(language),
        **each("lastBuildDate pubDate", text(rfc822)),
        **each("managingEditor webMaster", text(mailbox)),
        "rating": TEXTS,
        "skipDays": Element({"day": text(choice(*_DAYS), many=True)}, needs={"day": ""}, visit=_days),
        "skipHours": Element({"hour": TEXTS}, needs={"hour": ""}, visit=_hours),
        "ttl": text(positive),
    },
    attributes={"indexing:index": (yes_no,)},
    needs={name: f"rss.{name}.missing" for name in ("title", "link", "description")},
    visit=_channel,
)
#: The document types of RSS 0.91; the first is of a site that is long gone.
_OLD_TYPE = "http://my.netscape.com/publish/formats/rss-0.91.dtd"
_PUBLIC = "-//Netscape Communications//DTD RSS 0.91//EN"
_TYPES = (_OLD_TYPE, "http://www.rssboard.org/rss-0.91.dtd")


def declares_entities(document: Document) -> bool:
    """Tell whether a document has the type of RSS 0.91, which declares the entities of HTML, elsewhere."""
    _, public, system = document.doctype or ("", "", "")
    return public == _PUBLIC and system in _TYPES


def _version(node: Node, setting: Setting) -> Iterator[Hit]:
    version = node.attributes.get("version")
    if version not in _VERSIONS:
        yield Hit("rss.version", f"version {shown(version)}" if version is not None else "no version", *node.place)
    elif version != "2.0":
        yield Hit("rss.version.old", f"version {version}", *node.place)
    if setting.document.doctype and declares_entities(setting.document):
        system = setting.document.doctype[2]
        if system == _OLD_TYPE:
            yield Hit("rss.doctype.gone", system, 1, 1)
        if version != "0.91":
            yield Hit("rss.doctype", system, 1, 1)


RSS = Element(
    {"channel": _CHANNEL, "access:restriction": RESTRICTION},
    attributes={"version": ()},
    needs={"channel": "rss.channel.missing"},
    visit=_version,
)
