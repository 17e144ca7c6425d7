"""What stands above a news text: front matter, `Key: value` lines, a byline, a date, a headline."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from publisher.markup.characters import legal
from publisher.sources import frontmatter
from publisher.sources.frontmatter import Split
from publisher.sources.keys import AUTHORS, PUBLISHED, TITLE, Entries, known, plain
from publisher.sources.newswire.shapes import authors, bare, is_day

#: How many lines below the metadata, blank ones left out, may be searched for `Title: …`.
_NEAR_THE_TOP = 12

_PAIR = re.compile(r"(?P<key>[^\W\d_][\w -]{0,30}?)\s*[:：]\s*(?P<value>\S.*)")
#: What newsrooms call things, beside the names of metadata.
_NEWSROOM = {"headline": "title", "by": "author", "byline": "author"}
_TELLING = frozenset((*TITLE, *PUBLISHED, *AUTHORS))
# Ends of lines and pages as other systems write them.
_LINE_ENDS = str.maketrans(dict.fromkeys("\x0b\x0c\x85\u2028\u2029", "\n") | dict.fromkeys("\x1c\x1d\x1e\x1f", " "))


@dataclass(slots=True)
class Preface:
    """Metadata, and the text below it."""

    fields: dict[str, object]
    #: Line in the file of each key, from 1.
    places: dict[str, int]
    #: The text; lines taken out of it are empty.
    lines: list[str]
    #: Line in the file of the first of `lines`, from 1.
    first: int

    def value(self, names: tuple[str, ...]) -> object:
        """Return what the metadata has under the first of these names, or None."""
        entry = Entries(self.fields, self.places).first(names)
        return entry.value if entry else None

    def filled(self) -> Iterator[int]:
        """Yield the places in `lines` that are not blank, as they are when reached."""
        return (place for place in range(len(self.lines)) if self.lines[place].strip())

    def take(self, key: str, value: object, place: int) -> None:
        """Move what stands at a place of `lines` into the metadata."""
        self.fields[key] = value
        self.places[key] = self.first + place
        self.lines[place] = ""


def read(text: str) -> Preface:
    """Part the text of a file from what stands above it.

    Raises:
        FrontMatterError: there is front matter and it cannot be read.
    """
    text = legal(text.translate(_LINE_ENDS))
    top = next((line for line in text.split("\n") if line.strip()), "")
    # Plain `Key: value` lines are read here: a news text may follow them without a blank line.
    split = Split({}, text) if _PAIR.fullmatch(top.strip()) else frontmatter.split(text)
    preface = Preface(dict(split.fields), dict(split.lines), split.body.split("\n"), split.body_line)
    while _take_pairs(preface):
        pass
    if preface.value(TITLE) is None:
        _take_title(preface)
    _take_credits(preface)
    _take_headline(preface)
    _take_credits(preface)
    return preface


def _pair(line: str) -> tuple[str, str] | None:
    found = _PAIR.fullmatch(line.strip())
    return (_NEWSROOM.get(plain(found["key"]), found["key"]), found["value"]) if found else None


def _pairs(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the `Key: value` lines up to the first that is none."""
    for line in lines:
        if not (pair := _pair(line)):
            return
        yield pair


def _take_pairs(preface: Preface) -> bool:
    """Take the `Key: value` lines at the top up to the last that is known; False where there are none.

    One key alone must tell what it is: it may begin a sentence.
    """
    top = next(preface.filled(), 0)
    pairs = list(_pairs(preface.lines[top:]))
    names = [plain(key) for key, _ in pairs]
    count = max((index + 1 for index, name in enumerate(names) if known(name)), default=0)
    telling = count > 1 or not _TELLING.isdisjoint(names[:count])
    if not count or not known(names[0]) or not telling:
        return False
    if not set(map(plain, preface.fields)).isdisjoint(names[:count]):
        return False
    for place, (key, value) in enumerate(pairs[:count], top):
        preface.take(key, value, place)
    if preface.lines[top + count :][:1] == ["---"]:  # Hexo's end of metadata
        preface.lines[top + count] = ""
    return True


def _take_title(preface: Preface) -> None:
    for place in islice(preface.filled(), _NEAR_THE_TOP):
        pair = _pair(preface.lines[place])
        if pair and plain(pair[0]) in TITLE:
            preface.take("title", pair[1], place)
            return


def _take_headline(preface: Preface) -> None:
    """Take a first line that repeats the title, or is one because a byline or a date follows it."""
    top, below = [*islice(preface.filled(), 2), 0, 0][:2]
    line, title = preface.lines[top].strip(), preface.value(TITLE)
    if title is not None and line == str(title).strip():
        preface.lines[top] = ""
    elif title is None and bare(line) and _credit(preface, preface.lines[below].strip()):
        preface.take("title", line, top)


def _take_credits(preface: Preface) -> None:
    """Take the lines at the top that say who wrote and when."""
    for place in preface.filled():
        if not (credit := _credit(preface, preface.lines[place].strip())):
            return
        preface.take(*credit, place)


def _credit(preface: Preface, line: str) -> tuple[str, object] | None:
    names = authors(line)
    # Without a title above it, "By Sea and Rail" is a heading.
    sure = preface.value(TITLE) is not None or all(" " in name for name in names)
    if names and sure and preface.value(AUTHORS) is None:
        return "authors", list(names)
    if is_day(line) and preface.value(PUBLISHED) is None:
        return "date", line
    return None
