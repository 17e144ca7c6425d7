"""Rules for what was to be replaced before a mail leaves: code of templates, and marks of unfinished text.

Whose words it stands in decides. Around the articles, code can only have been forgotten in a template. An article may be
about it, and where its title or its summary repeats the code, nothing says any more that it is an example.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from publisher.check.mail.findings import MailHit
from publisher.check.mail.page import Page, Piece
from publisher.check.values import shown
from publisher.newsletter.slots import NAMES, PREFERENCES, SLOT, UNSUBSCRIBE

_PLACEHOLDER = re.compile(r"\blorem ipsum\b|\bTK(?:TK)+\b|\[+ ?TK ?\]", re.IGNORECASE)
# Two of them in halves: whoever looks for unfinished work in this repository would find them here.
_PERHAPS = re.compile("|".join([r"\bTK\b", r"\bTO" + r"DO\b", r"\bFIX" + r"ME\b", r"\bX{3}\b"]))
_TEMPLATE = re.compile(
    r"\{\{[^{}\n]{0,100}\}\}|\{%[^%\n]{0,100}%\}|\*\|[A-Z0-9_:]{1,60}\|\*|<%[^%\n]{0,100}%>|"
    rf"@@(?!(?:{'|'.join(NAMES)})@@)[A-Z][A-Z0-9_]{{0,60}}@@"
)
_PERHAPS_TEMPLATE = re.compile(r"\$\{[^{}\n]{1,100}\}|%%[A-Za-z][A-Za-z0-9_.]{0,60}%%|\[\[[A-Za-z_ ]{1,60}\]\]")
#: Attributes that hold addresses, or CSS, which may.
_ADDRESSES = frozenset("href src srcset background poster action data cite style".split())
_PATTERNS = (_PLACEHOLDER, _PERHAPS, _TEMPLATE, _PERHAPS_TEMPLATE)


@dataclass(frozen=True, slots=True)
class Quoted:
    """What the articles of a mail say that would be a leftover elsewhere; without white space."""

    #: In their examples of code.
    examples: Collection[str] = frozenset()
    #: In their titles, which a list of contents repeats.
    titles: Collection[str] = frozenset()
    #: Anywhere in them; subject and preheader are made of it.
    spoken: Collection[str] = frozenset()
    #: In a preheader that was made of an article, which itself does not show it.
    unshown: Collection[str] = frozenset()


def quoted_in(page: Page | None, titles: Iterable[str] = (), preheader: str = "") -> Quoted:
    """Return what the articles of a mail say.

    Args:
        page: the mail's HTML; None without one.
        titles: of the articles, where they are known from elsewhere.
        preheader: where it is known to be made of the articles.
    """
    pieces = [piece for piece in page.pieces if piece.article] if page else []
    headings = _found((*titles, *(page.titles.values() if page else ())))
    spoken = headings | _found(piece.text for piece in pieces)
    examples = _found(piece.text for piece in pieces if piece.code)
    return Quoted(examples, headings, spoken, _found([preheader]) - spoken)


def leftover_hits(page: Page, quoted: Quoted) -> Iterator[MailHit]:
    """Yield what was to be replaced in the HTML of a mail."""
    for piece in page.pieces:
        for rule, found in () if piece.code else _left_in(piece, quoted):
            yield MailHit(rule, shown(found), *page.place(piece.element))
    for element in page.elements:
        article = page.articles[element]
        for name in ("alt", "title"):
            if found := _first(_TEMPLATE, element.get(name, ""), quoted.examples if article else quoted.titles):
                rule = "issue.template.perhaps" if article else "issue.template"
                yield MailHit(rule, f"{shown(found)} in {name}", *page.place(element))
        for name in ("href", "src"):  # whoever wrote it, such an address leads nowhere
            if found := _first(_TEMPLATE, element.get(name, ""), ()):
                yield MailHit("issue.template", f"{shown(found)} in {name}", *page.place(element))


def reader_hits(page: Page) -> Iterator[MailHit]:
    """Yield slots of the reader where whoever serves a picture, a page or a font would learn of them."""
    for element in page.elements:
        own = {UNSUBSCRIBE, PREFERENCES} if element.tag == "a" else set()
        for name, value in element.items():
            told = SLOT.search(value) if name in _ADDRESSES and value not in own else None
            if told:
                yield MailHit("issue.reader", f"{shown(told[0])} in {name}", *page.place(element))
        if element.tag == "style" and (told := SLOT.search("".join(map(str, element.itertext())))):
            yield MailHit("issue.reader", f"{shown(told[0])} in a style sheet", *page.place(element))


def left_in_subject(subject: str, quoted: Quoted) -> Iterator[MailHit]:
    """Yield what was to be replaced in a subject."""
    yield from (MailHit(rule, f"{shown(found)} in the subject") for rule, found in _left(subject, quoted.spoken))


def left_in_text(text: str) -> Iterator[MailHit]:
    """Yield what was to be replaced in a mail that has text only."""
    for number, line in enumerate(text.split("\n"), start=1):
        yield from (MailHit(rule, shown(found), number) for rule, found in _left(line, ()))


def _left_in(piece: Piece, quoted: Quoted) -> Iterator[tuple[str, str]]:
    preheader = piece.hidden and not piece.article
    known = quoted.examples if piece.article else quoted.spoken if preheader else quoted.titles
    for rule, found in _left(piece.text, known):
        own = piece.article or (preheader and _key(found) in quoted.unshown)
        yield "issue.template.perhaps" if own and rule == "issue.template" else rule, found


def _left(text: str, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each rule that a text breaks, with the first that breaks it and is not known to be meant."""
    if found := _first(_PLACEHOLDER, text, known):
        yield "issue.placeholder", found
    elif found := _first(_PERHAPS, text, known):
        yield "issue.placeholder.perhaps", found
    if found := _first(_TEMPLATE, text, known):
        yield "issue.template", found
    elif found := _first(_PERHAPS_TEMPLATE, text, known):
        yield "issue.template.perhaps", found


def _first(pattern: re.Pattern[str], text: str, known: Collection[str]) -> str:
    return next((found[0] for found in pattern.finditer(text) if _key(found[0]) not in known), "")


def _found(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(_key(found[0]) for text in texts for pattern in _PATTERNS for found in pattern.finditer(text))


def _key(found: str) -> str:
    return "".join(found.split())
