"""Whether text can be read on what is behind it, in light and in dark mode (WCAG 2.2, success criterion 1.4.3)."""

from collections.abc import Iterator, Mapping

from lxml import etree

from publisher.check.mail.appearance import Appearance, appearances
from publisher.check.mail.cascade import Scheme
from publisher.check.mail.findings import MailHit
from publisher.check.mail.page import Page
from publisher.check.values import line_of, shown
from publisher.markup.colour import contrast, hexadecimal

_NEEDED, _NEEDED_LARGE, _READABLE = 4.5, 3.0, 3.0
#: Pixels of letters that count as large: 18 points, or 14 in bold.
_LARGE, _LARGE_BOLD = 24.0, 14 * 4 / 3 - 0.01
#: Elements that are looked at; a mail of the largest allowed size has fewer.
_MOST_ELEMENTS = 50_000


def contrast_hits(page: Page) -> Iterator[MailHit]:
    """Yield texts whose colours are too much alike, each pair of colours once an article."""
    if len(page.elements) > _MOST_ELEMENTS or page.cascade.exhausted:
        yield MailHit("html.contrast.unknown")
        return
    texts = _texts(page)
    told: set[tuple[object, ...]] = set()
    yield from _scheme_hits(page, texts, page.appearances, "", told)
    if page.cascade.dark:
        yield from _scheme_hits(
            page, texts, appearances(page.elements, page.cascade, Scheme.DARK), " in dark mode", told
        )


def _texts(page: Page) -> list[tuple[etree._Element, str]]:
    """Return each element that shows letters, with its first ones; of pictures, what stands in their place."""
    first: dict[etree._Element, str] = {}
    for piece in page.pieces:
        if not piece.hidden and piece.element not in first and any(map(str.isalnum, piece.text)):
            first[piece.element] = piece.text
    for picture in page.root.iter("img"):
        if any(map(str.isalnum, picture.get("alt", ""))) and not page.appearances[picture].hidden:
            first[picture] = picture.get("alt", "")
    return list(first.items())


def _scheme_hits(
    page: Page,
    texts: list[tuple[etree._Element, str]],
    seen: Mapping[etree._Element, Appearance],
    mode: str,
    told: set[tuple[object, ...]],
) -> Iterator[MailHit]:
    for element, text in texts:
        own, article = seen[element], page.articles[element]
        if own.hidden or own.background is None:
            continue
        ratio = contrast(own.colour, own.background)
        large = own.size >= (_LARGE_BOLD if own.bold else _LARGE)
        needed = _NEEDED_LARGE if large else _NEEDED
        pair = (article, own.colour, own.background)
        if ratio >= needed or pair in told:
            continue
        told.add(pair)
        colours = f"{hexadecimal(own.colour)} on {hexadecimal(own.background)}"
        what = f"{shown(text)} has {ratio:.1f}:1{mode} ({colours}) and needs {needed:g}:1"
        rule = "html.contrast" if ratio < _READABLE else "html.contrast.low"
        yield MailHit(rule, what, line_of(element), article)
