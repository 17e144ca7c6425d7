"""Checks of one feed file, ours or foreign, in XML or JSON; offline and without trust in the file."""

from collections import Counter
from collections.abc import Iterable, Iterator

from publisher.check.feed_rules import RULES, Hit
from publisher.check.finding import Finding
from publisher.check.jsonfeed import json_text_hits
from publisher.check.xmlfeed import xml_hits
from publisher.errors import Problem

_BOM = b"\xef\xbb\xbf"
#: Of each rule, and of all: more findings help nobody, and looking for them takes time.
_MOST, _ENOUGH = 1000, 100_000
#: Bytes of the largest file that is looked at. The W3C's service stops at five million.
_LARGEST = 20_000_000


def check_feed(data: bytes, path: str) -> list[Finding]:
    """Check a feed file against `RULES`.

    Args:
        data: the whole file.
        path: its name, for the problems.

    Returns:
        What was found, by line and column; of each rule the first thousand, and a note where a file has so much to
        tell that the rest was not looked for.
    """
    hits = sorted(_first(_hits(data)), key=lambda hit: (hit.line, hit.column))
    return [_told(hit, path) for hit in hits]


def _first(hits: Iterable[Hit]) -> Iterator[Hit]:
    told: Counter[str] = Counter()
    for number, hit in enumerate(hits, start=1):
        told[hit.rule] += 1
        if told[hit.rule] <= _MOST:
            yield hit
        if number >= _ENOUGH:
            yield Hit("feed.many", f"{_ENOUGH} findings", hit.line, hit.column)
            return


def _told(hit: Hit, path: str) -> Finding:
    rule = RULES[hit.rule]
    message, cure = rule.message.format(hit.what), rule.cure.format(hit.wanted)
    return Finding(hit.rule, Problem(path, message, cure, hit.line, rule.severity, hit.column))


def _hits(data: bytes) -> Iterator[Hit]:
    start = data.removeprefix(_BOM).lstrip()[:1]
    if not start:
        yield Hit("feed.unreadable", "it is empty")
    elif len(data) > _LARGEST:
        yield Hit("feed.large", f"{len(data)} bytes")
    elif start in (b"{", b"["):
        yield from json_text_hits(data)
    else:
        yield from xml_hits(data)
