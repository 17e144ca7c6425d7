"""What a line of a news text is, judged by its shape alone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from publisher.sources import dates

#: Longest heading, in characters and in words.
HEADING_CHARACTERS, HEADING_WORDS = 100, 15

_CLOSING = ".!?…:;,。！？．：；，、؟؛،।॥۔-–—―"
_CLOSERS = "\"'“”‘’«»‹›」』)]）】*_ \N{NO-BREAK SPACE}"
_OPENING = re.compile(r"^[-–—―•…(（\[<>「『]")  # 「 because Japanese has no full stop before 」
_LABEL = re.compile(
    r"^(?:(?:photo|picture|image|video)?\s?(?:credit|caption)?|read more|read also|related|see also|watch):",
    re.IGNORECASE,
)
# HAMBURG, March 3 (Notes)
_DATELINE = re.compile(
    r"[^\d,a-z]{2,40},\s*(?:[\w. ]{2,20},\s*)?(?:[A-Z][a-z]{2,8}\.?\s+\d{1,2}|\d{1,2}\s+[A-Z][a-z]{2,8})\b[^.!?]{0,30}"
)
_OPEN_END = re.compile(r"(?:\?|\b(?:[A-Z]\.){2,})$")
_SMALL_WORDS = frozenset("a an and as at but by for from in of on or the to vs with".split())
_NAME = r"[^\W\d_a-z][\w.’'-]*"
_BYLINE = re.compile(
    rf"(?:By|BY|by)\s+(?P<names>{_NAME}(?:,?\s+(?:{_NAME}|and|AND|&|de|der|di|da|la|le|van|von|zu)){{0,12}})"
)
_AND = re.compile(r"\s+(?:and|AND|&)\s+")
_MARKER = re.compile(r"\s*(?:[-*·–]\s|[•‣▪◦・]|(?P<plain>\d{1,3})[.)]\s|\[(?P<framed>\d{1,3})\]\s)")

_SHORT_LINK = (
    r"(?:pic\.twitter\.com|pic\.x\.com|t\.co|bit\.ly|buff\.ly|dlvr\.it|fb\.me|lnkd\.in|ow\.ly|tinyurl\.com|trib\.al"
    r"|youtu\.be)/\w+"
)
_IN_LINK = r"[^\s<>\"“”„«»`{}|\\^、。「」『』（），；：！？]"
_LINK = re.compile(
    rf"(?<![\w@/.-])(?:(?:https?://|www\.){_IN_LINK}*\w{_IN_LINK}*|{_SHORT_LINK})",
    re.IGNORECASE,
)
_EMOJI = re.compile("[\N{VARIATION SELECTOR-16}\u2700-\u27bf\U0001f000-\U0001faff]")
_TAG_OR_HANDLE = re.compile(r"(?<![\w&/])[#@](?=\w*[^\W\d_])\w+")
_DAY = re.compile(
    r"\b(?:[^\W\d_]{3,9}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4}"
    r"|\d{1,2}(?:st|nd|rd|th|\.)?\s+[^\W\d_]{3,9}\.?,?\s+\d{4}|\d{4}-\d{2}-\d{2})\b"
)


@dataclass(frozen=True, slots=True)
class Link:
    """An address inside a text."""

    start: int
    end: int
    #: Absolute URL.
    url: str


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list."""

    #: Without its mark.
    text: str
    #: What it is numbered; None for `- ` and its like.
    number: int | None
    #: As written, without the space around it.
    line: str
    #: How far it is set in.
    indent: int


def links(text: str) -> Iterator[Link]:
    """Find the addresses in a text, without the punctuation that follows them."""
    for found in _LINK.finditer(text):
        address = _bare_address(found[0])
        url = address if address[:4].lower() == "http" else f"https://{address}"
        yield Link(found.start(), found.start() + len(address), url)


def _bare_address(address: str) -> str:
    """Leave out what ends a sentence, and brackets that the address did not open."""
    surplus = {")": address.count(")") - address.count("("), "]": address.count("]") - address.count("[")}
    end = len(address)
    while address[end - 1] in ".,;:!?'’…" or surplus.get(address[end - 1], 0) > 0:
        surplus[address[end - 1]] = surplus.get(address[end - 1], 0) - 1
        end -= 1
    return address[:end]


def without_links(text: str) -> str:
    """Return a text without the addresses in it."""
    ends = [0, *(end for link in links(text) for end in (link.start, link.end)), len(text)]
    return "".join(text[start:end] for start, end in zip(ends[::2], ends[1::2], strict=True))


def wordless(text: str) -> bool:
    """Whether a text has no words of its own: nothing but links, `#topics`, `@accounts` and signs."""
    return re.search(r"\w", _TAG_OR_HANDLE.sub("", without_links(text))) is None


def day(text: str) -> date | None:
    """Return the first date written in a text, as far as it can be read."""
    found = _DAY.search(text)
    try:
        return dates.moment(found[0], ZoneInfo("UTC")).date() if found else None
    except ValueError:
        return None


def is_day(line: str) -> bool:
    """Whether a line is a date and nothing else."""
    return _DAY.fullmatch(line) is not None and day(line) is not None


def indent(line: str) -> int:
    """Return how many blanks and tabs a line begins with."""
    return len(line) - len(line.lstrip(" \t"))


def item(line: str) -> Item | None:
    """Read a line as one of a list: `- `, `* `, `• `, `– `, `1. `, `1) `, `[1] `."""
    marker = _MARKER.match(line)
    if not marker or not re.search(r"\w", line[marker.end() :]):
        return None
    number = marker["plain"] or marker["framed"]
    return Item(line[marker.end() :].strip(), int(number) if number else None, line.strip(), indent(line))


def authors(line: str) -> tuple[str, ...]:
    """Return whom a byline names: `By Ada Example and Bo Example`. Nobody where the line is none."""
    found = _BYLINE.fullmatch(line)
    if not found:
        return ()
    if not _AND.search(found["names"]):
        return (found["names"],)  # a comma alone sets off an office: Ada Example, Editor
    return tuple(name for part in _AND.split(found["names"]) for name in re.split(r",\s*", part) if name)


def dateline(line: str) -> bool:
    """Whether a line says where and when, and nothing else: `HAMBURG, March 3 (Notes)`."""
    return _DATELINE.fullmatch(line) is not None


def bare(line: str) -> bool:
    """Whether a line can be a heading: short, open at its end, and neither label, post nor dateline.

    A question mark closes a line like a full stop does, except where each word has a capital: nobody asks so in a
    paragraph.
    """
    return (
        len(line) <= HEADING_CHARACTERS
        and len(line.split()) <= HEADING_WORDS
        and (line.rstrip(_CLOSERS)[-1:] not in _CLOSING or _capitalised(line))
        and any(character.isalnum() for character in line)
        and not (
            any(pattern.search(line) for pattern in (_OPENING, _LABEL, _TAG_OR_HANDLE, _EMOJI))
            or any(links(line))
            or dateline(line)
        )
    )


def _capitalised(line: str) -> bool:
    """Whether a line that ends with `?` or `U.S.` has capitals as only headings have: `What Comes Next?`."""
    words = [word for word in re.findall(r"[^\W\d_][\w'’-]*", line) if word not in _SMALL_WORDS]
    return len(words) > 2 and all(word[0].isupper() for word in words) and re.search(_OPEN_END, line) is not None


def headed(line: str, heading: re.Pattern[str]) -> bool:
    """Whether a line is one of the known headings, with or without `#`, `**` or a colon around it."""
    return heading.fullmatch(line.strip("#*_: \t\N{NO-BREAK SPACE}")) is not None


def opens_a_block(line: str) -> bool:
    """Whether a line is the heading of the highlights or of the sources."""
    return headed(line, HIGHLIGHTS) or headed(line, SOURCES)


#: Headings of the blocks that have a place of their own in an article.
HIGHLIGHTS = re.compile(r"at\s+a\s+glance|key\s+(?:points|takeaways|facts)|in\s+brief|highlights", re.IGNORECASE)
SOURCES = re.compile(r"sources?|references?|sources\s+and\s+references", re.IGNORECASE)
