"""Extensions that may stand in feeds, or in entries, of every format."""

from collections.abc import Iterator

from publisher.check.feed_rules import Hit
from publisher.check.xmlfeed.dates import at_any_time, iso8601, w3cdtf
from publisher.check.xmlfeed.everywhere import ADDRESS, ADDRESSES, EVERYWHERE, RESOURCE, RESOURCES, TEXT, TEXTS
from publisher.check.xmlfeed.grammar import ANYTHING, Element, Setting, Table, each, plain, text
from publisher.check.xmlfeed.media import MEDIA, MEDIA_IN_ITEMS
from publisher.check.xmlfeed.shopping import SHOPPING
from publisher.check.xmlfeed.sync import SYNC_IN_FEEDS, SYNC_IN_ITEMS
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import (
    Fault,
    choice,
    fraction,
    integer,
    iri_reference,
    language,
    longest,
    mime,
    number_list,
    positive,
    uri,
    web_address,
    whole,
)

_REPLY = {"href": (iri_reference,), "ref": (uri,), "source": (iri_reference,), "type": (mime,)}


def _mime_or_address(value: str) -> Iterator[Fault]:
    yield from uri(value) if ":" in value else mime(value)


_LINK = Element(
    {},
    attributes={
        **RESOURCE.attributes,
        "l:lang": (language,),
        "l:rel": (uri,),
        "l:type": (_mime_or_address,),
        "l:title": (),
    },
    needs={"@l:rel": ""},
    many=True,
)
_ROBOTS = choice(
    *("all", "none", "index", "index,follow", "index,nofollow", "noindex", "noindex,follow", "noindex,nofollow"),
    *("follow", "follow,index", "follow,noindex", "nofollow", "nofollow,index", "nofollow,noindex"),
    fold=True,
)
RESTRICTION = Element({}, attributes={"relationship": (choice("allow", "deny"),)}, needs={"@relationship": ""})


def _comment_rss(node: Node, _setting: Setting) -> Iterator[Hit]:
    yield Hit("rss.wfw.case", f"<{node.name}>", *node.place)


#: What may stand in channels, feeds, items and entries.
SHARED: Table = {**EVERYWHERE, **MEDIA, "taxo:topics": ANYTHING, "l:link": _LINK}

#: What may stand in items and entries.
IN_ITEMS: Table = {
    **SHARED,
    **MEDIA_IN_ITEMS,
    **SHOPPING,
    **SYNC_IN_ITEMS,
    "annotate:reference": RESOURCE,
    "ag:source": TEXT,
    "ag:sourceURL": ADDRESS,
    "ag:timestamp": text(iso8601),
    **each("ev: startdate enddate", text(at_any_time(iso8601))),
    **each("ev: location organizer", ANYTHING),
    "ev:type": TEXT,
    **each("feedburner: awareness origEnclosureLink origLink", ADDRESS),
    **each("foaf: maker primaryTopic", ANYTHING),
    "slash:comments": text(whole),
    **each("slash: section department", TEXTS),
    "slash:hit_parade": text(number_list),
    "thr:total": text(whole),
    "thr:in-reply-to": Element({}, attributes=_REPLY, many=True),
    **each("wfw: comment commentRss", ADDRESS),
    "wfw:commentRSS": Element(kinds=(uri,), visit=_comment_rss),
    **each("wiki: diff history importance status version", TEXTS),
    **each("conversationsNetwork: introMilliseconds ratingCount", text(whole)),
    "conversationsNetwork:image": text(web_address),
    "conversationsNetwork:ratingAverage": text(fraction),
    "conversationsNetwork:ratingIndividual": text(positive),
    "conversationsNetwork:ratingTimestamp": text(iso8601),
    "trackback:ping": ADDRESS,
    "trackback:about": ADDRESSES,
}

_QUERY = {
    "role": (),
    "title": (longest(256),),
    "totalResults": (whole,),
    "searchTerms": (),
    "count": (whole,),
    "startIndex": (integer,),
    "startPage": (integer,),
    "language": (language,),
    "inputEncoding": (),
    "outputEncoding": (),
    "parameter": (),
}
_SORT = dict.fromkeys(("data-type", "default", "element", "label", "ns"), ())

#: What may stand in channels and feeds.
IN_FEEDS: Table = {
    **SHARED,
    **SYNC_IN_FEEDS,
    **each("admin: generatorAgent errorReportsTo", RESOURCE),
    **each("blogChannel: blogRoll mySubscriptions blink changes", ADDRESS),
    "sy:updatePeriod": text(choice("hourly", "daily", "weekly", "monthly", "yearly")),
    "sy:updateFrequency": text(positive),
    "sy:updateBase": text(w3cdtf),
    "foaf:maker": ANYTHING,
    "cp:server": RESOURCES,
    "wiki:interwiki": TEXTS,
    "thr:in-reply-to": Element({}, attributes=_REPLY, many=True),
    "cf:listinfo": Element(
        {
            "cf:sort": Element({}, attributes=_SORT, many=True),
            "cf:group": Element({}, attributes=dict.fromkeys(("element", "label", "ns"), ()), many=True),
        }
    ),
    "cf:treatAs": TEXT,
    **each("feedburner: awareness feedburnerHostname", ADDRESS),
    "feedburner:browserFriendly": plain(),
    "feedburner:emailServiceId": TEXT,
    "feedburner:feedFlare": Element(
        attributes={"href": (iri_reference,), "src": (iri_reference,)}, needs={"@href": "", "@src": ""}, many=True
    ),
    "feedburner:info": Element({}, attributes={"uri": (iri_reference,)}, needs={"@uri": ""}, many=True),
    **each("opensearch: totalResults itemsPerPage", text(whole)),
    "opensearch:startIndex": text(integer),
    "opensearch:Query": Element({}, attributes=_QUERY, needs={"@role": ""}, many=True),
    "xhtml:div": ANYTHING,
    "xhtml:meta": Element(
        {},
        attributes={"name": (choice("robots", fold=True),), "content": (_ROBOTS,)},
        needs={"@name": "", "@content": ""},
        many=True,
    ),
    **each("fh: archive complete", Element({}, many=True)),
}
