"""Plain text in columns: where lines may break, and how wide characters are.

Rules for East Asian text: https://www.w3.org/TR/jlreq/#characters_not_starting_a_line and
https://www.w3.org/TR/clreq/#line_breaking_rules.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

#: Columns in a line of a mail.
WIDTH = 72

# These two only say where a line may break.
_UNSEEN = str.maketrans("", "", "\u00ad\u200b")
#: Blanks at which no line breaks: `5 km`, and the one before a French colon.
_FIXED = "\u00a0\u2007\u202f"
#: Stands for a blank at which no line shall break, until the line is written. No legal text holds it.
GLUE = "\x01"
# French sets a blank before these, and typewriters know only one kind of blank.
_HANGING = frozenset(";:!?»%€")
# More than this, and the next sign need not stay beside it: endless rows of them are no text.
_HUNG = 40
_BLANKS = re.compile(rf"[^\S{_FIXED}]+")
_FIXED_RUN = re.compile(rf"([{_FIXED}])[{_FIXED}]+")
# With what opens in front of it; in Japanese or Chinese text no blank sets an address apart. Bounded, so that words of
# a million letters or brackets take no time.
_URL = re.compile(r"((?<![(\[<\"'])[(\[<\"']*(?:[a-z][a-z0-9+.-]{0,20}://|mailto:)[!-~]+)", re.IGNORECASE)
_JOINER = "\u200d"
_NEVER_FIRST = frozenset(
    GLUE + "、。，．・：；？！‼⁇⁈⁉)]}）］｝〉》」』】〕〗〙〛｠”’»›…‥–〜～ー々〻ヽヾゝゞ,.:;?!%％‰℃°′″〟｡､･ｰﾞﾟ｣"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
)
_NEVER_LAST = frozenset("([{（［｛〈《「『【〔〖〘〚｟“‘«‹〝｢$£€￥＄￡#＃")


def wrap(text: str, width: int = WIDTH, first: str = "", rest: str | None = None) -> list[str]:
    """Break text into lines of at most `width` columns; an address stays whole.

    Args:
        text: plain text; white space is collapsed, except that blanks at which no line breaks stay what they are.
        width: columns in a line, margins included.
        first: what the first line begins with.
        rest: what the other lines begin with; blanks as wide as `first` where absent.
    """
    margin = " " * columns(first) if rest is None else rest
    lines = list(filled(words_of(text), max(1, width - max(columns(first), columns(margin)))))
    return [f"{margin if index else first}{line}" for index, line in enumerate(lines)]


def columns(text: str) -> int:
    """Return how many columns a text takes: wide characters two, combining and joining ones none (UAX #11)."""
    return len(text) if text.isascii() else sum(map(_column, text))


def words_of(text: str) -> list[str]:
    """Return what blanks part in a text, without what nobody sees."""
    words: list[str] = []
    for part in _BLANKS.split(text.translate(_UNSEEN)):
        word = _FIXED_RUN.sub(r"\1", part.strip(_FIXED))
        if word and words and (word in _HANGING or words[-1] == "«") and len(words[-1]) < _HUNG:
            words[-1] += GLUE + word
        elif word:
            words.append(word)
    return words


def filled(words: Iterable[str], room: int) -> Iterator[str]:
    """Give lines of at most `room` columns with as many words as fit into each."""
    line, used = "", 0
    for word in words:
        for index, piece in enumerate(_pieces(word, room)):
            glue = " " if index == 0 and line else ""
            size = columns(piece)
            if line and used + len(glue) + size > room:
                yield _written(line)
                line, used, glue = "", 0, ""
            line, used = line + glue + piece, used + len(glue) + size
    if line:
        yield _written(line)


def _written(line: str) -> str:
    return line.lstrip(GLUE).replace(GLUE, " ")


def _column(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _pieces(word: str, room: int) -> Iterator[str]:
    """Divide a word where a line may end: beside wide characters, and anywhere in a word wider than a line."""
    if word.isascii() and len(word) <= room:
        yield word
        return
    for index, part in enumerate(_URL.split(word)):
        if index % 2:
            yield part
        else:
            yield from _divided(part, room)


def _divided(word: str, room: int) -> Iterator[str]:
    start, used = 0, 0
    for index, character in enumerate(word):
        size = _column(character)
        if index > start and _may_break(word[index - 1], character, used + size > room):
            yield word[start:index]
            start, used = index, 0
        used += size
    if word:
        yield word[start:]


def _may_break(before: str, after: str, full: bool) -> bool:
    if before == _JOINER or _column(after) == 0:
        return False
    if full:
        return True
    return (_parts(before) or _parts(after)) and before not in _NEVER_LAST and after not in _NEVER_FIRST


def _parts(character: str) -> bool:
    """Whether a line may end beside a character: wide ones, but for Korean, which has blanks between its words."""
    return _column(character) == 2 and not "\uac00" <= character <= "\ud7a3"
