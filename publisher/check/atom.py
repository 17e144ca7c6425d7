"""Rules for Atom feeds and entries (RFC 4287)."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from lxml import etree

from publisher.check.feed_rules import Hit
from publisher.check.feed_values import html_hits, is_rfc3339, is_uri, line_of, shown, tree_hits

_ATOM = "{http://www.w3.org/2005/Atom}"
FEED, ENTRY = f"{_ATOM}feed", f"{_ATOM}entry"
_DIV = "{http://www.w3.org/1999/xhtml}div"
_MARKUP = re.compile(r"</\w+>|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]\w+);")

#: §4.1.1 and §4.1.2: what a feed or entry has exactly once,
_REQUIRED = ("id", "title", "updated")
#: and at most once.
_SINGLE = (*_REQUIRED, "content", "generator", "icon", "logo", "published", "rights", "source", "subtitle", "summary")
_TEXTS = ("title", "subtitle", "summary", "rights")
_TYPES = ("text", "html", "xhtml")


def atom_hits(root: etree._Element) -> Iterator[Hit]:
    """Yield the broken rules of an Atom feed document or entry document."""
    if root.tag == ENTRY:
        yield from _entry(root, authored=False)
        return
    yield from _common(root, "the feed")
    if not any(link.get("rel") == "self" for link in root.findall(f"{_ATOM}link")):
        yield Hit("atom.self.missing", "the feed", line_of(root))
    entries = root.findall(ENTRY)
    for entry in entries:
        yield from _entry(entry, authored=root.find(f"{_ATOM}author") is not None)
    yield from _duplicates(entries)


def _entry(entry: etree._Element, *, authored: bool) -> Iterator[Hit]:
    what = _name(entry)
    yield from _common(entry, what)
    if not authored and not any(
        entry.find(path) is not None for path in (f"{_ATOM}author", f"{_ATOM}source/{_ATOM}author")
    ):
        yield Hit("atom.author.missing", what, line_of(entry))
    if entry.find(f"{_ATOM}content") is None:
        if not any(_relation(link) == "alternate" for link in entry.findall(f"{_ATOM}link")):
            yield Hit("atom.content.missing", what, line_of(entry))
        elif entry.find(f"{_ATOM}summary") is None:
            yield Hit("atom.summary.missing", what, line_of(entry))


def _common(element: etree._Element, what: str) -> Iterator[Hit]:
    """Yield what is wrong with the parts that feeds and entries share."""
    yield from _counts(element, what)
    yield from _id(element)
    for name in ("updated", "published"):
        for date in element.findall(_ATOM + name):
            missing = name == "updated" and not _text(date)  # told by `_counts`
            if not missing and not is_rfc3339(_text(date)):
                yield Hit("atom.date.invalid", f"the {name} {shown(_text(date))}", line_of(date))
    for person in (*element.findall(f"{_ATOM}author"), *element.findall(f"{_ATOM}contributor")):
        if not person.findtext(f"{_ATOM}name", "").strip():
            yield Hit("atom.author.nameless", what, line_of(person))
    for category in element.findall(f"{_ATOM}category"):
        if category.get("term") is None:
            yield Hit("atom.category.term", what, line_of(category))
    yield from _links(element.findall(f"{_ATOM}link"), what)
    for name in (*_TEXTS, "content"):
        for text in element.findall(_ATOM + name):
            yield from _text_construct(text, f"the {name} of {what}")


def _counts(element: etree._Element, what: str) -> Iterator[Hit]:
    for name in _REQUIRED:
        found = element.find(_ATOM + name)
        if found is None or (name != "title" and not _text(found)):
            yield Hit(f"atom.{name}.missing", what, line_of(element))
    for name in _SINGLE:
        found_all = element.findall(_ATOM + name)
        if len(found_all) > 1:
            yield Hit("atom.element.duplicate", f"{what} has {name}", line_of(found_all[1]))


def _id(element: etree._Element) -> Iterator[Hit]:
    found = element.find(f"{_ATOM}id")
    if found is not None and _text(found) and not is_uri(_text(found)):
        yield Hit("atom.id.relative", f"the id {shown(_text(found))}", line_of(found))


def _duplicates(entries: Sequence[etree._Element]) -> Iterator[Hit]:
    """Yield entries that nobody can tell apart; versions of one entry differ in `updated` (§4.1.1)."""
    seen = set()
    for entry in entries:
        key = (entry.findtext(f"{_ATOM}id", "").strip(), entry.findtext(f"{_ATOM}updated", "").strip())
        if key[0] and key in seen:
            yield Hit("atom.id.duplicate", f"the id {shown(key[0])}", line_of(entry))
        seen.add(key)


def _links(links: Sequence[etree._Element], what: str) -> Iterator[Hit]:
    for link in links:
        address = link.get("href", "").strip()
        if not address:
            yield Hit("atom.link.empty", what, line_of(link))
        elif not is_uri(address):
            yield Hit("atom.link.relative", shown(address), line_of(link))
        if _relation(link) == "enclosure" and not (link.get("type") and link.get("length")):
            yield Hit("atom.enclosure.bare", what, line_of(link))
    alternates = [link for link in links if _relation(link) == "alternate"]
    kinds = Counter((link.get("type"), link.get("hreflang")) for link in alternates)
    if any(number > 1 for number in kinds.values()):
        yield Hit("atom.link.duplicate", what, line_of(alternates[1]))


def _text_construct(element: etree._Element, what: str) -> Iterator[Hit]:
    """Check a text (§3.1) or content (§4.1.3), whose type may be a media type, too."""
    kind = element.get("type", "text")
    if kind not in _TYPES and (element.tag != f"{_ATOM}content" or "/" not in kind):
        yield Hit("atom.text.type", f"{shown(kind)} in {what}", line_of(element))
    elif kind == "html":
        yield from html_hits(element.text or "", what, line_of(element))
    elif kind == "xhtml" and [child.tag for child in element] != [_DIV]:
        yield Hit("atom.xhtml.div", what, line_of(element))
    elif kind == "xhtml":
        yield from tree_hits(element[0], what, line_of(element))
    elif kind == "text" and _MARKUP.search(element.text or ""):
        yield Hit("atom.text.html", what, line_of(element))


def _relation(link: etree._Element) -> str:
    return link.get("rel") or "alternate"


def _name(entry: etree._Element) -> str:
    name = entry.findtext(f"{_ATOM}title", "").strip() or entry.findtext(f"{_ATOM}id", "").strip()
    return f"entry {shown(name)}" if name else "an entry"


def _text(element: etree._Element) -> str:
    return (element.text or "").strip()
