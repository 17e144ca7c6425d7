"""Well-formed HTML of a bounded depth, whatever the tags an author left open, crossed or closed twice.

The sanitiser's parser takes quadratic time for deep nesting, and finds nesting where none is to be seen: open `<b>`
come back in every following paragraph. So it is handed only elements that are opened and closed in order.
"""

from collections.abc import Mapping

#: How deep elements may nest.
DEPTH = 100

VOID = frozenset(("br", "hr", "img", "source", "wbr"))
_CELLS = frozenset(("caption", "td", "th"))
_TABLE = frozenset(("table", "tbody", "td", "tfoot", "th", "thead", "tr"))
# HTML standard §13.2.6.4.7: these end an open paragraph.
_BLOCKS = frozenset(
    "address article aside blockquote details dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li ol p"
    " pre section summary table ul".split()
)
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


class TooDeep(ValueError):
    """Elements nest deeper than feed readers and mail programs follow."""

    def __init__(self) -> None:
        super().__init__(f"the content nests more than {DEPTH} elements")


class Balance:
    """Collects tags and text, and closes what has to be closed."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._open: list[str] = []

    def text(self, html: str) -> None:
        """Add text, in which `<` and `&` are references."""
        # Parsers drop one line end after <pre>; dropping all leaves nothing for the next one to drop.
        after_pre = self._pieces and self._pieces[-1].startswith("<pre")
        self._pieces.append(html.lstrip("\n") if after_pre else html)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Open an element, or add one that holds nothing (`VOID`); values have their references undecoded.

        Raises:
            TooDeep: it would be number 101 of those open.
        """
        if name in _BLOCKS:
            self._close(frozenset(("p",)), _CELLS)
        if name in _SIBLINGS:
            self._close(*_SIBLINGS[name])
        written = "".join(f' {key}="{value.replace(chr(34), "&quot;")}"' for key, value in attributes.items())
        self._pieces.append(f"<{name}{written}>")
        if name not in VOID:
            self._open.append(name)
            if len(self._open) > DEPTH:
                raise TooDeep

    def end(self, name: str) -> None:
        """Close the element, and those opened in it; what is not open, or out of reach, stays as it is."""
        self._close(frozenset((name,)), _barriers(name))

    def finish(self) -> str:
        """Close everything and return the HTML."""
        self._pop(len(self._open))
        return "".join(self._pieces)

    def _close(self, names: frozenset[str], barriers: frozenset[str]) -> None:
        for count, name in enumerate(reversed(self._open), 1):
            if name in names:
                self._pop(count)
                return
            if name in barriers:
                return

    def _pop(self, count: int) -> None:
        for _ in range(count):
            self._pieces.append(f"</{self._open.pop()}>")


def _barriers(name: str) -> frozenset[str]:
    """Return what an end tag does not reach through."""
    if name in _SIBLINGS and name != "a":
        return _SIBLINGS[name][1]
    if name in _TABLE:
        return frozenset()
    return _CELLS if name in _BLOCKS else _CELLS | _BLOCKS
