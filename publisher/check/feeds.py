"""Checks of one feed file, ours or foreign: Atom, RSS 2.0 or JSON Feed; offline and without trust in the file."""

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

from publisher.check.atom import ENTRY, FEED, atom_hits
from publisher.check.feed_rules import RULES, Hit
from publisher.check.feed_values import control_hits, line_of
from publisher.check.finding import Finding
from publisher.check.jsonfeed import json_hits
from publisher.check.rss import rss_hits
from publisher.errors import Problem

_BOM = b"\xef\xbb\xbf"


def check_feed(data: bytes, path: str) -> list[Finding]:
    """Check a feed file against `RULES`.

    Args:
        data: the whole file.
        path: its name, for the problems.

    Returns:
        What was found, by line.
    """
    return sorted((_told(hit, path) for hit in _hits(data)), key=lambda finding: finding.problem.line)


def _told(hit: Hit, path: str) -> Finding:
    rule = RULES[hit.rule]
    return Finding(hit.rule, Problem(path, rule.message.format(hit.what), rule.cure, hit.line, rule.severity))


def _hits(data: bytes) -> Iterator[Hit]:
    start = data.removeprefix(_BOM).lstrip()[:1]
    if not start:
        yield Hit("feed.unreadable", "it is empty")
    elif start in (b"{", b"["):
        yield from _json(data)
    else:
        yield from _xml(data)


def _json(data: bytes) -> Iterator[Hit]:
    try:
        feed = json.loads(data)
    except json.JSONDecodeError as error:
        yield Hit("feed.unreadable", error.msg, error.lineno)
    except (ValueError, RecursionError) as error:
        yield Hit("feed.unreadable", str(error))
    else:
        yield from json_hits(feed)


def _xml(data: bytes) -> Iterator[Hit]:
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError as error:
        yield Hit("feed.unreadable", (error.msg or "it is not XML").rsplit(", line ", 1)[0], error.lineno or 0)
        return
    about: Any = root.getroottree().docinfo
    if about.doctype:
        yield Hit("feed.doctype", about.doctype, 1)
    if root.tag in (FEED, ENTRY):
        yield from atom_hits(root)
    elif root.tag == "rss":
        yield from rss_hits(root, data)
    else:
        yield Hit("feed.unknown", f"<{etree.QName(root).localname}>", line_of(root))
        return
    yield from _controls(root)


def _parser() -> etree.XMLParser:
    # A comment within a text would hide what follows it.
    return etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )


def _controls(root: etree._Element) -> Iterator[Hit]:
    for element in root.iter("{*}*"):
        yield from control_hits(element.text or "", f"<{etree.QName(element).localname}>", line_of(element))
