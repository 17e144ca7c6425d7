"""A summary for the article that has none: its opening, cut at a word."""

import re
import unicodedata

from publisher.markup.plaintext import to_line

#: Length of a summary taken from the content, in characters, with its ellipsis.
LENGTH = 280

_PARAGRAPH = re.compile(r"<p(?: [^>]*)?>(.*?)</p>", re.DOTALL)
_FOOTNOTE_MARK = re.compile(r'<sup(?: [^>]*)?><a href="#[^"]*"(?: [^>]*)?>[^<]*</a></sup>')
_LOOSE_END = " ,;:.–—-"


def opening(content: str) -> str:
    """Return the text of the first paragraph that has any, of at most `LENGTH` characters; else of all content.

    Args:
        content: sanitised HTML.
    """
    paragraphs = (_words(found[1]) for found in _PARAGRAPH.finditer(content))
    return shortened(next(filter(None, paragraphs), "") or _words(content))


def _words(html: str) -> str:
    return to_line(_FOOTNOTE_MARK.sub("", html))


def shortened(text: str, length: int = LENGTH) -> str:
    """Return the text, or as many of its words as fit, with an ellipsis; cut inside a word only where one fills it all."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    words = head if text[length - 1] == " " else head.rpartition(" ")[0]
    # Chinese and Japanese have no blanks to cut at.
    cut = words if len(words) > length // 2 else _whole(text, length - 1)
    return cut.rstrip(_LOOSE_END) + "…"


def _whole(text: str, length: int) -> str:
    """Cut so that no character loses its marks, and no emoji its other half."""
    while length > 1 and (_joins(text[length]) or text[length - 1] == "\u200d"):
        length -= 1
    return text[:length]


def _joins(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me", "Mc", "Cf") or "\U0001f3fb" <= character <= "\U0001f3ff"
