"""Legal characters: what every feed, page and mail may carry."""

import re
from collections.abc import Iterable

# XML 1.0 §2.2 forbids all of these but U+007F-009F, which it discourages and mail programs misread.
#: What is dropped.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# The rest, but for CR: telling that nothing is to be done takes a third of the time of doing it.
_LEGAL = re.compile("[\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
_LINE_END = re.compile("\r\n?")
#: C0 and C1 controls, and those that turn the direction of text: parts of a regular expression's set.
CONTROLS, TURNING = "\x00-\x1f\x7f-\x9f", "\u202a-\u202e\u2066-\u2069"
# The sanitiser writes the first two; authors may write the third.
_BOXES = ("☐", "☑", "☒")


def legal(text: str) -> str:
    """Drop the characters XML 1.0 forbids and C1 controls; turn CRLF and CR into LF; keep tabs and line ends."""
    return text if _LEGAL.fullmatch(text) else ILLEGAL.sub("", _LINE_END.sub("\n", text))


def line(text: str) -> str:
    """Return legal text on one line, white space collapsed and stripped: for titles, names and tags.

    U+0085, U+2028 and U+2029 end lines, too, and count as white space; so do the controls that `str.split` splits at.
    """
    spaced = " ".join(text.split())  # first, as some of the illegal characters part words
    # What can be printed is legal, and this is the quickest way to tell.
    return spaced if spaced.isprintable() else " ".join(legal(spaced).split())


def ticks(texts: Iterable[str]) -> bool:
    """Say whether a text, given in pieces, begins with a box to tick."""
    return next((text.lstrip() for text in texts if text.strip()), "").startswith(_BOXES)
