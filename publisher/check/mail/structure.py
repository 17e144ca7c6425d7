"""Rules for the frame of a mail's HTML: what programs and screen readers need to know before the first word."""

import re
from collections.abc import Iterator

from lxml import etree

from publisher.check.clients.html import MOST_CSS, sheet_of
from publisher.check.mail.findings import MailHit
from publisher.check.mail.page import Page, text_of
from publisher.check.values import line_of, shown
from publisher.newsletter.sizes import LARGEST_HTML, LARGEST_STYLE
from publisher.newsletter.wording import direction

_LARGE = 90_000
_ACTIVE = frozenset("script form input button iframe object embed audio video link base".split())
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")


def structure_hits(page: Page) -> Iterator[MailHit]:
    """Yield the broken rules of the frame: sizes, doctype, language, title, headings, tables, active elements."""
    yield from _size_hits(page)
    if not page.data.lstrip()[:15].lower().startswith(b"<!doctype html"):
        yield MailHit("html.doctype", "", 1)
    yield from _language_hits(page)
    yield from _heading_hits(page)
    yield from _table_hits(page)
    for element in page.elements:
        if element.tag in _ACTIVE:
            yield MailHit("html.active", str(element.tag), *page.place(element))


def title_of(page: Page) -> str:
    """Return the text of the title element; empty without one."""
    return next((text_of(element) for element in page.root.iter("title")), "")


def _size_hits(page: Page) -> Iterator[MailHit]:
    size = len(page.data)
    if size > LARGEST_HTML:
        yield MailHit("html.size", f"{size:,}")
    elif size > _LARGE:
        yield MailHit("html.size.near", f"{size:,}")
    if page.cascade.unread:
        yield MailHit("html.style.unknown", f"{MOST_CSS:,}")
    for style in page.root.iter("style"):
        kept = len(sheet_of(style).encode())
        if kept > LARGEST_STYLE:
            yield MailHit("html.style.size", f"{kept:,}", line_of(style))


def _language_hits(page: Page) -> Iterator[MailHit]:
    if not page.root.get("lang"):
        yield MailHit("html.lang", "", line_of(page.root))
    if not page.root.get("dir"):
        yield MailHit("html.dir", "", line_of(page.root))
    if not title_of(page):
        yield MailHit("html.title", "", line_of(page.root))
    for element in page.elements:
        language = element.get("lang")
        if language is None:
            continue
        if language and not _LANGUAGE.fullmatch(language):
            yield MailHit("html.lang.unknown", shown(language), *page.place(element))
        elif language and direction(language) == "rtl" and _direction(element) not in ("rtl", "auto"):
            yield MailHit("html.dir.wrong", shown(language), *page.place(element))


def _direction(element: etree._Element) -> str:
    """Return the direction that an element or what is around it says; empty where nothing does."""
    said = element.get("dir")
    if said is None:
        said = next((above.get("dir") for above in element.iterancestors() if above.get("dir")), None)
    return (said or "").lower()


def _heading_hits(page: Page) -> Iterator[MailHit]:
    headings = [element for element in page.elements if element.tag in _HEADINGS]
    first = [element for element in headings if element.tag == "h1"]
    if len(first) != 1:
        yield MailHit("html.heading.first", str(len(first)), line_of(first[1]) if first else 0)
    level = 0
    for heading in headings:
        tag = str(heading.tag)
        own = _HEADINGS.index(tag) + 1
        if not text_of(heading) and not any(picture.get("alt") for picture in heading.iter("img")):
            yield MailHit("html.heading.empty", f"<{tag}>", *page.place(heading))
        if level and own > level + 1:
            what = f"<{tag}> {shown(text_of(heading))} follows <h{level}>"
            yield MailHit("html.heading.skipped", what, *page.place(heading))
        level = own


def _table_hits(page: Page) -> Iterator[MailHit]:
    headed: set[etree._Element] = set()
    open_tables: list[etree._Element] = []
    for event, element in etree.iterwalk(page.root, events=("start", "end"), tag=("table", "th")):
        if element.tag == "table":
            if event == "start":
                open_tables.append(element)
            else:
                open_tables.pop()
        elif event == "start" and open_tables:
            headed.add(open_tables[-1])
    for table in page.elements:
        if table.tag != "table":
            continue
        layout = table.get("role", "").lower() in ("presentation", "none")
        if layout and table in headed:
            yield MailHit("html.table.layout", "", *page.place(table))
        elif not layout and table not in headed:
            yield MailHit("html.table.headless", "", *page.place(table))
