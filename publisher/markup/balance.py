"""Well-formed HTML of a bounded depth, whatever the tags an author left open, crossed or closed twice.

The sanitiser's parser takes quadratic time for deep nesting, and finds nesting where none is to be seen: open `<b>`
come back in every following paragraph. So it is handed only elements that are opened and closed in order. What it writes
takes quadratic time where a text or a value is long (measured with nh3 0.3.8: 6.5 s for a million `&`), so these are kept
short, too.
"""

import re
from collections import Counter
from collections.abc import Mapping

#: How deep elements may nest.
DEPTH = 100

_LONGEST_TEXT = 1 << 12
# Ends where no reference does, `&amp` and `;` for example.
_STRETCH = re.compile(rf".{{{_LONGEST_TEXT}}}[0-9A-Za-z#;]*", re.DOTALL)
#: How many characters a value may have: neither addresses nor anybody's words have more. Longer ones are left out.
LONGEST_VALUE = 1 << 14

VOID = frozenset(("br", "hr", "img", "source", "wbr"))
_CELLS = frozenset(("caption", "td", "th"))
_TABLE = frozenset(("table", "tbody", "td", "tfoot", "th", "thead", "tr"))
# HTML standard §13.2.6.4.7: these end an open paragraph.
_BLOCKS = frozenset(
    "address article aside blockquote details dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li ol p"
    " pre section summary table ul".split()
)
_PARAGRAPH = frozenset(("p",))
#: Elements that part the words on their sides.
_APART = _BLOCKS | _TABLE | _CELLS
_SECTIONS = frozenset(("tbody", "tfoot", "thead"))
_LISTS = frozenset(("ol", "ul"))
#: Elements that end an open one of the second kind, unless one of the third stands between them.
_SIBLINGS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "a": (frozenset(("a",)), _CELLS),
    "li": (frozenset(("li",)), _LISTS | _CELLS),
    **dict.fromkeys(("dd", "dt"), (frozenset(("dd", "dt")), frozenset(("dl",)) | _CELLS)),
    **dict.fromkeys(("rp", "rt"), (frozenset(("rp", "rt")), frozenset(("ruby",)))),
    **dict.fromkeys(("td", "th"), (frozenset(("td", "th")), frozenset(("tr", "table")))),
    "tr": (frozenset(("tr",)), frozenset(("table",))),
    **dict.fromkeys(_SECTIONS, (_SECTIONS, frozenset(("table",)))),
}


class Balance:
    """Collects tags and text, and closes what has to be closed; deeper than `DEPTH` it keeps the text alone."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        #: Text since the last tag.
        self._text: list[str] = []
        self._open: list[str] = []
        #: How many elements of a name were left out, inside of those open, and wait for their end.
        self._left_out: Counter[str] = Counter()

    def text(self, html: str) -> None:
        """Add text, in which `<` and `&` are references."""
        self._text.append(html)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Open an element, or add one that holds nothing (`VOID`); values have their references undecoded."""
        if name in _BLOCKS:
            self._close(_PARAGRAPH, _CELLS)
        if name in _SIBLINGS:
            self._close(*_SIBLINGS[name])
        if name not in VOID:
            if len(self._open) == DEPTH:
                self._left_out[name] += 1
                self._part(name)
                return
            self._open.append(name)
        self._write(f"<{name}{_written(attributes)}>" if attributes else f"<{name}>")

    def end(self, name: str) -> None:
        """Close the element, and those opened in it; what is not open, or out of reach, stays as it is."""
        if self._left_out.get(name):
            self._left_out[name] -= 1
            self._part(name)
        elif self._open and self._open[-1] == name:
            self._pop(1)
        else:
            self._close(frozenset((name,)), _barriers(name))

    def finish(self) -> str:
        """Close everything and return the HTML."""
        self._pop(len(self._open))
        self._write("")
        return "".join(self._pieces)

    def _part(self, name: str) -> None:
        """Keep the words apart that an element left out stood between."""
        if name in _APART and self._text and not self._text[-1].endswith((" ", "\n")):
            self._text.append(" ")

    def _write(self, tag: str) -> None:
        if self._text:
            text = "".join(self._text)
            self._text.clear()
            # Parsers drop one line end after <pre>; dropping all leaves nothing for the next one to drop.
            after_pre = self._pieces and self._pieces[-1].startswith("<pre")
            self._pieces.append(_parted(text.lstrip("\n") if after_pre else text))
        self._pieces.append(tag)

    def _close(self, names: frozenset[str], barriers: frozenset[str]) -> None:
        if names.isdisjoint(self._open):
            return
        for count, name in enumerate(reversed(self._open), 1):
            if name in names:
                self._pop(count)
                return
            if name in barriers:
                return

    def _pop(self, count: int) -> None:
        self._left_out.clear()
        for _ in range(count):
            self._write(f"</{self._open.pop()}>")


def _written(attributes: Mapping[str, str]) -> str:
    return "".join(
        f' {key}="{value.replace(chr(34), "&quot;")}"'
        for key, value in attributes.items()
        if len(value) <= LONGEST_VALUE
    )


def _parted(text: str) -> str:
    """Part a long text by comments, which the sanitiser drops."""
    return _STRETCH.sub(r"\g<0><!---->", text) if len(text) > _LONGEST_TEXT else text


def _barriers(name: str) -> frozenset[str]:
    """Return what an end tag does not reach through."""
    if name in _SIBLINGS and name != "a":
        return _SIBLINGS[name][1]
    if name in _TABLE:
        return frozenset()
    return _CELLS if name in _BLOCKS else _CELLS | _BLOCKS
