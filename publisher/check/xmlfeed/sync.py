"""FeedSync, by which readers write back to a feed (http://feedsync.org/2007/feedsync)."""

import re
from collections.abc import Iterable, Iterator

from publisher.check.feed_rules import Hit
from publisher.check.values import shown
from publisher.check.xmlfeed.dates import rfc3339
from publisher.check.xmlfeed.grammar import Element, Setting, Table
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import Fault, choice, filled, true_false, up_to, uri

_count = up_to(2**31 - 1)
#: What may follow `urn:NAME:` (RFC 2141 §2.2); FeedSync makes URNs of its ids.
_SPECIFIC = re.compile(r"(?:[0-9a-zA-Z()+,\-.:=@;$_!*'/?#]|%[0-9a-fA-F]{2})+")


def _specific(value: str) -> Iterator[Fault]:
    if not _SPECIFIC.fullmatch(value):
        yield Fault("value.uri.urn")


def _history(node: Node, _setting: Setting) -> Iterator[Hit]:
    missing = [name for name in ("by", "when") if name not in node.attributes]
    if len(missing) == 2:
        yield Hit("sync.history", "<sx:history> has neither by nor when", *node.place)
    elif missing:
        yield Hit("sync.history.half", f"<sx:history> has no {missing[0]}", *node.place)


def _sharing(node: Node, setting: Setting) -> Iterator[Hit]:
    since, until = node.attributes.get("since"), node.attributes.get("until")
    if (since is None) != (until is None):
        missing = "since" if since is None else "until"
        yield Hit(f"{setting.format}.attribute.missing", f"<sx:sharing> has no {missing}", *node.place)
    elif since and until and since > until:
        yield Hit("sync.order", "<sx:sharing> ends before it begins", *node.place)


def same_syncs(entries: Iterable[Node]) -> Iterator[Hit]:
    """Yield entries that have an id of synchronisation in common."""
    seen: set[str] = set()
    for sync in (found for entry in entries if (found := entry.first("sx:sync"))):
        identity = sync.attributes.get("id", "")
        if identity in seen:
            yield Hit("sync.id.duplicate", f"the id {shown(identity)}", *sync.place)
        seen.add(identity)


_HISTORY = Element(
    {},
    attributes={"by": (filled, _specific), "sequence": (_count,), "when": (rfc3339,)},
    needs={"@sequence": ""},
    many=True,
    visit=_history,
)
_RELATED = Element(
    {},
    attributes={"link": (uri,), "title": (filled,), "type": (choice("complete", "aggregated"),)},
    needs={"@link": "", "@type": ""},
    many=True,
)
SYNC_IN_ITEMS: Table = {
    "sx:sync": Element(
        {"sx:history": _HISTORY, "sx:conflicts": Element(anything=True)},
        attributes={"deleted": (true_false,), "noconflicts": (true_false,), "id": (_specific,), "updates": (_count,)},
        needs={"@id": "", "@updates": "", "sx:history": ""},
        many=True,
    )
}
SYNC_IN_FEEDS: Table = {
    "sx:sharing": Element(
        {"sx:related": _RELATED},
        attributes={"expires": (rfc3339,), "since": (rfc3339,), "until": (rfc3339,)},
        many=True,
        visit=_sharing,
    )
}
