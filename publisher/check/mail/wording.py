"""Rules for the words of a mail: subject, preheader, hidden text, and its length."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Protocol

from publisher.check.mail.findings import MailHit
from publisher.check.mail.leftovers import Quoted, left_in_subject
from publisher.check.mail.page import Page, Piece
from publisher.check.values import shown
from publisher.markup.characters import line as one_line

_LONGEST_SUBJECT = 70
_SHORTEST_PREHEADER, _LONGEST_PREHEADER = 20, 150
#: Words of a mail that is read to its end, as Buttondown's check has it.
_MOST_WORDS = 5_000
_SHOUTED_LETTERS = 8
_REPLY = re.compile(r"(?:re|fwd?|aw|wg|sv|tr|rv)\s*:", re.IGNORECASE)
_MARKS = re.compile(r"[!?！？]\s?[!?！？]|\${3}|€{3}")
#: Few, and only such as no honest subject needs; filters know them all.
_SPAM = re.compile(
    r"\b(?:100 ?% free|act now|buy now|cash bonus|click here|double your|earn \$|extra cash|free!|limited time offer|"
    r"make money|no obligation|order now|risk[- ]free|viagra|you(?:'ve| have) won)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d")
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)[\s©]{0,5}\d{4}(?:\s?[-–,]\s?\d{4}){0,9}", re.IGNORECASE)
_NONE = Quoted()
_WORD = re.compile(r"\w+")


class Named(Protocol):
    """Another issue of the same newsletter."""

    @property
    def key(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def subject(self) -> str: ...


def subject_hits(subject: str, past: Iterable[Named] = (), quoted: Quoted = _NONE) -> Iterator[MailHit]:
    """Yield the broken rules of a subject.

    Args:
        subject: decoded.
        past: earlier issues of the newsletter.
        quoted: what the articles say that it may repeat.
    """
    line = one_line(subject)
    if not line:
        yield MailHit("subject.empty")
        return
    if len(line) > _LONGEST_SUBJECT:
        yield MailHit("subject.long", str(len(line)))
    letters = [letter for letter in line if letter.isalpha()]
    cased = [letter for letter in letters if letter.lower() != letter.upper()]
    if len(cased) >= _SHOUTED_LETTERS and all(map(str.isupper, cased)):
        yield MailHit("subject.shouting", shown(line))
    for rule, pattern in (("subject.marks", _MARKS), ("subject.spam", _SPAM)):
        if found := pattern.search(line):
            yield MailHit(rule, shown(found[0]))
    if _REPLY.match(line):
        yield MailHit("subject.reply", shown(line))
    same = next((issue.key for issue in past if _folded(issue.subject) == _folded(line)), None)
    if same is not None:
        yield MailHit("subject.duplicate", same)
    yield from left_in_subject(line, quoted)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", one_line(text)).casefold()


def preheader_of(page: Page) -> tuple[str, int]:
    """Return what inboxes show after the subject, as it was meant: hidden text before the first visible; and its line."""
    said: list[Piece] = []
    for piece in page.pieces:
        if not piece.hidden and any(map(str.isalnum, piece.text)):
            break
        if piece.hidden and any(map(str.isalnum, piece.text)):
            said.append(piece)
    return one_line(" ".join(piece.text for piece in said)), page.place(said[0].element)[0] if said else 0


def preheader_hits(page: Page, subject: str | None) -> Iterator[MailHit]:
    """Yield the broken rules of the preheader; a subject that is not known is None."""
    preheader, line = preheader_of(page)
    if not preheader:
        yield MailHit("preheader.missing")
    elif subject is not None and _folded(preheader) == _folded(subject):
        yield MailHit("preheader.subject", shown(preheader), line)
    elif len(preheader) > _LONGEST_PREHEADER:
        yield MailHit("preheader.long", str(len(preheader)), line)
    elif sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in preheader) < _SHORTEST_PREHEADER:
        yield MailHit("preheader.short", shown(preheader), line)


def hidden_hits(page: Page) -> Iterator[MailHit]:
    """Yield text that is hidden after the first that is not, which filters take for a trick."""
    seen = False
    for piece in page.pieces:
        letters = any(map(str.isalnum, piece.text))
        if letters and piece.hidden and seen:
            yield MailHit("html.hidden", shown(piece.text), *page.place(piece.element))
        seen = seen or (letters and not piece.hidden)


def has_postal_address(page: Page) -> bool:
    """Tell whether anything below the articles may be a postal address: a number that is no year behind a ©.

    Laws ask senders of newsletters for one, the CAN-SPAM Act (15 U.S.C. §7704(a)(5)) for example. Hardly an address does
    without a number, of a house, a box or a district; what else stands there has none.
    """
    last = max((number for number, piece in enumerate(page.pieces) if piece.article), default=-1)
    below = "".join(piece.text for piece in page.pieces[last + 1 :] if not piece.hidden)
    return bool(_NUMBER.search(_COPYRIGHT.sub("", below)))


def length_hits(page: Page) -> Iterator[MailHit]:
    """Yield whether a mail is too long to be read."""
    words = len(words_of(page.read))
    if words > _MOST_WORDS:
        yield MailHit("issue.long", f"{words:,}")


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters; of writing without blanks, each character."""
    found = []
    for word in _WORD.findall(text):
        wide = not word.isascii() and any("\u0e00" <= letter <= "\u0eff" or letter >= "\u3040" for letter in word)
        found += list(word) if wide else [word.casefold()]
    return found
