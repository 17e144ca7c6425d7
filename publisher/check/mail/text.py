"""Rules for the text part of a mail, beside its HTML."""

import re
from collections.abc import Iterator

from publisher.check.mail.findings import MailHit
from publisher.check.mail.leftovers import left_in_text
from publisher.check.mail.page import Page
from publisher.check.mail.wording import words_of
from publisher.check.values import shown
from publisher.markup.wrapping import columns

_WIDEST = 78
#: Of the words of the HTML, so many have to be in the text; SpamAssassin's MPART_ALT_DIFF asks for about as many.
_SHARED = 0.5
#: So few words may differ altogether.
_FEW_WORDS = 20
_MARKUP = re.compile(
    r"</?(?:a|b|blockquote|br|center|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|span|strong|table|tbody|td|th|tr|u|ul)"
    r"(?:\s[^<>\n]{0,300})?/?>|&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[0-9a-f]{1,6});",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")


def text_hits(text: str, page: Page | None) -> Iterator[MailHit]:
    """Yield the broken rules of the text part.

    Args:
        text: with LF line ends.
        page: the HTML of the same mail; None without one.
    """
    if not text.strip():
        yield MailHit("mail.text.empty")
        return
    code, markup = (set(), set()) if page is None else _shown_code(page)
    for number, line in enumerate(text.split("\n"), start=1):
        if columns(line) > _WIDEST and "://" not in line and _squeezed(line) not in code:
            yield MailHit("text.wide", f"{columns(line)}", number)
        for found in _MARKUP.finditer(line):
            if _squeezed(found[0]) not in markup:
                yield MailHit("text.html", shown(found[0]), number)
    if page is None:
        yield from left_in_text(text)
        return
    said, wanted = set(words_of(text)), set(words_of(page.read))
    if len(wanted) > _FEW_WORDS and len(wanted & said) < _SHARED * len(wanted):
        yield MailHit("text.differs", f"{100 * len(wanted & said) // len(wanted)} %")


def _shown_code(page: Page) -> tuple[set[str], set[str]]:
    """Return the lines of code and the tags that readers of the HTML get as they are, without white space.

    The text part says pictures by their alt texts, and writes the addresses of links out.
    """
    lines = "".join(piece.text if piece.code else "\n" for piece in page.pieces).split("\n")
    said = ["".join(piece.text for piece in page.pieces)]
    said += [element.get(name, "") for element in page.elements for name in ("alt", "href", "src")]
    tags = _MARKUP.findall(" ".join(" ".join(said).split()))
    return {_squeezed(line) for line in lines}, {_squeezed(tag) for tag in tags}


def _squeezed(text: str) -> str:
    return _SPACE.sub("", text)
