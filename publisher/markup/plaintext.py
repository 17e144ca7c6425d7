"""HTML as plain text: on one line for summaries, laid out in columns for the text part of mails.

The layout walks the tree once, from start tag to end tag, without recursion. Inline text is gathered until a block
begins or ends, then wrapped behind the margins of the blocks around it: `> ` of a quote, the marker of a list item.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

from lxml import etree

from publisher.markup.characters import legal, ticks
from publisher.markup.grid import Cell, table_lines
from publisher.markup.wrapping import GLUE, WIDTH, columns, filled, words_of, wrap

__all__ = ["WIDTH", "columns", "to_line", "to_text", "wrap"]

_UNSEEN = ("head", "script", "style", "template", "iframe", "object", "svg")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
#: Blocks with a blank line before and after.
_SPACED = _HEADINGS | {
    "p", "div", "ul", "ol", "dl", "blockquote", "pre", "table", "hr", "figure", "figcaption", "caption",
    "section", "article", "header", "footer", "aside", "main", "nav", "address", "details", "summary",
}  # fmt: skip
_LISTS = frozenset({"ul", "ol", "dl"})
#: Blocks that follow each other line by line.
_TIGHT = frozenset({"li", "dt", "dd", "tr", "thead", "tbody", "tfoot"})
_CELLS = frozenset({"td", "th"})
_BLOCKS = _SPACED | _TIGHT | _CELLS

# A start or end tag of sanitised HTML: values in double quotes.
_TAG = re.compile(r'</?([a-z][a-z0-9]*)[^<>"]*(?:"[^"]*"[^<>"]*)*>')
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,9}")
# Soft hyphen and zero width space.
_ONLY_BREAKS = str.maketrans("", "", "\u00ad\u200b")
#: What no cell of a table in columns can hold.
_UNGRIDDED = (*_LISTS, *_HEADINGS, "blockquote", "hr", "pre", "table")
_CODE_INDENT = "    "


def to_line(html: str) -> str:
    """Return all text of sanitised HTML on one line, white space collapsed, without pictures."""
    return _collapsed(unescape(_TAG.sub(_blank, html)))


def to_text(html: str, width: int = WIDTH) -> str:
    """Lay sanitised HTML out as plain text.

    Args:
        html: nested at most 100 deep, with absolute URLs.
        width: columns in a line; East Asian wide characters take two. Only addresses and lines of code may be longer.

    Returns:
        Lines ending in LF, with at most one blank line between blocks; links are numbered `[1]` and listed at the end,
        each address once and unbroken. Empty where there is nothing to read.
    """
    layout = _Layout(width)
    for event, element in _walk(html):
        if event == "start":
            layout.start(element)
            layout.text(element.text)
        else:
            layout.end(element)
            layout.text(element.tail)
    return layout.finish()


def _blank(tag: re.Match[str]) -> str:
    return " " if tag[1] in _BLOCKS or tag[1] == "br" else ""


def _collapsed(text: str) -> str:
    return " ".join(text.translate(_ONLY_BREAKS).split())


def _walk(html: str) -> Iterator[tuple[str, etree._Element]]:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(f"<!DOCTYPE html><html><body>{legal(html)}</body></html>".encode(), parser)
    etree.strip_elements(root, *_UNSEEN, with_tail=False)
    yield from etree.iterwalk(root, events=("start", "end"))


@dataclass(slots=True)
class _Margin:
    """What the lines of one block begin with."""

    first: str
    rest: str

    def take(self) -> str:
        taken, self.first = self.first, self.rest
        return taken


@dataclass(slots=True)
class _Layout:
    width: int
    lines: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    margins: list[_Margin] = field(default_factory=list)
    #: Numbers of the open ordered lists, None for bulleted ones.
    counters: list[int | None] = field(default_factory=list)
    #: How many margins the blank line before the next line has; None for no blank line.
    blank: int | None = None
    #: How many lines and pieces of inline text there were when the open link began.
    link: tuple[int, int] = (0, 0)
    urls: dict[str, int] = field(default_factory=dict)
    #: How many `pre` elements are open.
    code: int = 0
    #: Rows of the open table; None outside of tables, and in those whose cells hold more than words.
    rows: list[list[Cell]] | None = None

    def start(self, element: etree._Element) -> None:
        """Enter an element."""
        tag = element.tag
        if tag in _CELLS:
            self.start_cell()
        elif tag in _BLOCKS and not self.code:
            self.boundary(element)
        self.open_block(element)
        self.open_inline(element)

    def open_block(self, element: etree._Element) -> None:
        """Set what stands inside a block apart from what is around it."""
        match element.tag:
            case "pre":
                self.code += 1
            case "blockquote":
                self.indent("> ", "> ")
            case "ul" | "ol":
                self.counters.append(_number(element.get("start"), 1) if element.tag == "ol" else None)
            case "li":
                self.item(element)
            case "dd":
                self.indent("    ", "    ")
            case "hr":
                self.put("* * *")
            case "table" if not self.code and next(element.iterdescendants(*_UNGRIDDED), None) is None:
                self.rows = []
            case "tr" if self.rows is not None:
                self.rows.append([])

    def open_inline(self, element: etree._Element) -> None:
        """Note where a link begins, and write what an empty element stands for."""
        match element.tag:
            case "a":
                self.link = len(self.lines), len(self.inline)
            case "br":
                self.inline.append("\n")
            case "img":
                self.picture(element)
            case "sup" if "".join(map(str, element.itertext())).strip().isdecimal():
                self.inline.append("^")  # x² and footnotes stay apart from the number before them
            case "rt" if _has_no_brackets(element):
                self.inline.append("(")
            case "q":
                self.inline.append("“")

    def end(self, element: etree._Element) -> None:
        """Leave an element."""
        tag = element.tag
        if tag in _CELLS:
            self.end_cell(element)
        elif tag == "pre":
            self.end_code()
        elif tag == "table":
            self.end_table()
        elif tag in _HEADINGS and not self.code:
            self.end_heading(element)
        else:
            self.end_inline(element)
        if tag in _BLOCKS - _CELLS and not self.code:
            self.close(element)

    def end_inline(self, element: etree._Element) -> None:
        """Write what stands behind an element's words."""
        match element.tag:
            case "a":
                self.end_link(element)
            case "rt" if _has_no_brackets(element):
                self.inline.append(")")
            case "q":
                self.inline.append("”")

    def close(self, element: etree._Element) -> None:
        """End a block and the margin that it set."""
        self.boundary(element)
        if element.tag in ("blockquote", "li", "dd") and self.margins:
            self.margins.pop()
            self.blank = None if self.blank is None else min(self.blank, len(self.margins))
        elif element.tag in ("ul", "ol"):
            self.counters.pop()

    def text(self, text: str | None) -> None:
        if text:
            self.inline.append(text if self.code else re.sub(r"\s", " ", text))

    def boundary(self, element: etree._Element) -> None:
        """End the paragraph in work; ask for a blank line unless the block sits close to its neighbours."""
        in_cell = self.rows is not None and element.tag not in ("table", "caption")
        if in_cell or (element.tag == "p" and _parent(element) in _CELLS):
            self.inline.append(" ")
            return
        self.flush()
        inner_list = element.tag in _LISTS and _parent(element) == "li"
        if element.tag in _SPACED and not inner_list:
            self.ask_blank()

    def ask_blank(self) -> None:
        if self.lines and self.blank is None:
            self.blank = len(self.margins)

    def flush(self) -> None:
        """Write the text in work as paragraphs."""
        text, self.inline = "".join(self.inline), []
        for index, part in enumerate(text.split("\n")):
            words = words_of(part)
            for line in filled(words, self.room()):
                self.put(line)
            if index and not words:
                self.ask_blank()

    def room(self) -> int:
        return max(1, self.width - sum(columns(margin.rest) for margin in self.margins))

    def put(self, line: str) -> None:
        """Write a line behind its margins, after the blank line that was asked for."""
        if self.blank is not None:
            self.lines.append("".join(margin.rest for margin in self.margins[: self.blank]).rstrip())
            self.blank = None
        self.lines.append(("".join([margin.take() for margin in self.margins]) + line.replace(GLUE, " ")).rstrip())

    def indent(self, first: str, rest: str) -> None:
        """Add a margin; beyond half the width, blocks no longer move to the right."""
        deep = self.room() - columns(first) < self.width // 2
        self.margins.append(_Margin("", "") if deep else _Margin(first, rest))

    def item(self, element: etree._Element) -> None:
        """Begin an item with its number or dash."""
        number = self.counters[-1] if self.counters else None
        marker = "- "
        if number is not None:
            number = _number(element.get("value"), number)
            self.counters[-1] = number + 1
            marker = f"{number}. "
        elif ticks(map(str, element.itertext())):
            self.indent("", "  ")  # a box to tick is marker enough
            return
        self.indent(marker, " " * len(marker))

    def start_cell(self) -> None:
        if self.rows is not None:
            self.inline.append(" ")
        elif "".join(self.inline).strip():
            self.inline.append(" | ")

    def end_cell(self, element: etree._Element) -> None:
        """Keep the words of a cell until the whole table is known."""
        if self.rows is None:
            return
        text, self.inline = " ".join(words_of("".join(self.inline))), []
        across, down = (max(1, _number(element.get(name), 1)) for name in ("colspan", "rowspan"))
        self.rows = self.rows or [[]]
        self.rows[-1].append(Cell(text, element.tag == "th", across, down))

    def end_table(self) -> None:
        rows, self.rows = self.rows, None
        for line in table_lines(rows or [], self.room()):
            self.put(line)

    def picture(self, element: etree._Element) -> None:
        """Write what a picture shows."""
        alt = _collapsed(element.get("alt") or "")
        if alt:
            self.inline.append(f"[{alt}]")

    def end_link(self, element: etree._Element) -> None:
        """Number a link whose address its words do not show."""
        url = "".join((element.get("href") or "").split())
        lines, pieces = self.link
        words = _collapsed("".join(self.inline[pieces:]))
        shown = words or len(self.lines) > lines or self.rows or element.find(".//img") is not None
        if not shown or not url or url.startswith("#") or words in (url, url.removeprefix("mailto:")):
            return
        number = self.urls.setdefault(url, len(self.urls) + 1)
        if not self.code:  # in code the mark would be read as code
            self.mark(f"[{number}]", beside_words=bool(words))

    def mark(self, mark: str, *, beside_words: bool) -> None:
        """Write the number of a link on the line on which its words end."""
        last = self.inline[-1] if beside_words else ""
        if last.strip():
            self.inline[-1] = last.rstrip()
            self.inline += [GLUE, mark, last[len(last.rstrip()) :]]
        else:
            self.inline += [" ", mark]

    def end_code(self) -> None:
        """Write code line by line, as it is."""
        self.code -= 1
        if self.code:
            return
        text, self.inline = "".join(self.inline), []
        for line in text.strip("\n").split("\n") if text.strip() else ():
            self.put(_CODE_INDENT + line)

    def end_heading(self, element: etree._Element) -> None:
        """Underline a heading."""
        before = len(self.lines)
        self.flush()
        if len(self.lines) > before:
            stroke = "=" if element.tag == "h1" else "-"
            length = columns(self.lines[-1]) - self.width + self.room()
            self.put(stroke * max(1, min(length, self.room())))

    def finish(self) -> str:
        """Return all lines, with the addresses of the links below them."""
        self.flush()
        if self.urls:
            self.ask_blank()
        for url, number in self.urls.items():
            self.put(f"[{number}] {url}")
        return "".join(f"{line}\n" for line in self.lines)


def _parent(element: etree._Element) -> str:
    parent = element.getparent()
    return "" if parent is None else str(parent.tag)


def _has_no_brackets(reading: etree._Element) -> bool:
    """Whether a reading aid would run into the word beside it: no `rp`, nor a bracket of its own."""
    near = (reading.getprevious(), reading.getnext())
    return all(each is None or each.tag != "rp" for each in near) and not (reading.text or "").startswith(("(", "（"))


def _number(text: str | None, otherwise: int) -> int:
    found = _NUMBER.match(text or "")
    return int(found[0]) if found else otherwise
