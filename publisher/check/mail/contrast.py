"""Whether text can be read on what is behind it, in light and in dark mode (WCAG 2.2, success criterion 1.4.3)."""

from collections.abc import Iterator, Mapping

from lxml import etree

from publisher.check.feed_values import line_of, shown
from publisher.check.mail.cascade import Scheme
from publisher.check.mail.findings import MailHit
from publisher.check.mail.look import Look, contrast, hexadecimal, looks
from publisher.check.mail.page import Page

_NEEDED, _NEEDED_LARGE, _READABLE = 4.5, 3.0, 3.0
#: Pixels of letters that count as large: 18 points, or 14 in bold.
_LARGE, _LARGE_BOLD = 24.0, 14 * 4 / 3 - 0.01
#: Elements that are looked at; a mail of the largest allowed size has fewer.
_MOST_ELEMENTS = 50_000


def contrast_hits(page: Page) -> Iterator[MailHit]:
    """Yield texts whose colours are too much alike, each pair of colours once an article."""
    if len(page.elements) > _MOST_ELEMENTS or page.styles.exhausted:
        yield MailHit("html.contrast.unknown")
        return
    texts = _texts(page)
    told: set[tuple[object, ...]] = set()
    yield from _scheme_hits(page, texts, page.looks, "", told)
    if page.styles.dark:
        yield from _scheme_hits(page, texts, looks(page.elements, page.styles, Scheme.DARK), " in dark mode", told)


def _texts(page: Page) -> list[tuple[etree._Element, str]]:
    """Return each element that shows letters, with its first ones; of pictures, what stands in their place."""
    first: dict[etree._Element, str] = {}
    for piece in page.pieces:
        if not piece.hidden and piece.element not in first and any(map(str.isalnum, piece.text)):
            first[piece.element] = piece.text
    for picture in page.root.iter("img"):
        if any(map(str.isalnum, picture.get("alt", ""))) and not page.looks[picture].hidden:
            first[picture] = picture.get("alt", "")
    return list(first.items())


def _scheme_hits(
    page: Page,
    texts: list[tuple[etree._Element, str]],
    looked: Mapping[etree._Element, Look],
    mode: str,
    told: set[tuple[object, ...]],
) -> Iterator[MailHit]:
    for element, text in texts:
        look, article = looked[element], page.articles[element]
        if look.hidden or look.background is None:
            continue
        ratio = contrast(look.colour, look.background)
        large = look.size >= (_LARGE_BOLD if look.bold else _LARGE)
        needed = _NEEDED_LARGE if large else _NEEDED
        pair = (article, look.colour, look.background)
        if ratio >= needed or pair in told:
            continue
        told.add(pair)
        colours = f"{hexadecimal(look.colour)} on {hexadecimal(look.background)}"
        what = f"{shown(text)} has {ratio:.1f}:1{mode} ({colours}) and needs {needed:g}:1"
        rule = "html.contrast" if ratio < _READABLE else "html.contrast.low"
        yield MailHit(rule, what, line_of(element), article)
