"""Legal characters: what every feed, page and mail may carry."""

import re

# XML 1.0 §2.2 forbids all of these but U+007F-009F, which it discourages and mail programs misread.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile("\r\n?")


def legal(text: str) -> str:
    """Drop the characters XML 1.0 forbids and C1 controls; turn CRLF and CR into LF; keep tabs and line ends."""
    return _ILLEGAL.sub("", _LINE_END.sub("\n", text))


def line(text: str) -> str:
    """Return legal text on one line, white space collapsed and stripped: for titles, names and tags.

    U+0085, U+2028 and U+2029 end lines, too, and count as white space; so do the controls that `str.split` splits at.
    """
    spaced = " ".join(text.split())  # first, as some of the illegal characters part words
    return " ".join(legal(spaced).split())
