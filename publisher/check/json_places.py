"""Where the parts of a JSON document stand; the decoder of the standard library does not say."""

import re
from bisect import bisect_right

#: Strings, so that what looks like structure within them is none, and the structure.
_MARK = re.compile(r'"(?:[^"\\]++|\\.)*"|[{}\[\],]', re.DOTALL)
#: As deep as rules name parts: feed, items, one item, its attachments, one of them, its url.
_DEEPEST = 6

Path = tuple[str | int, ...]


class Places:
    """Lines and columns of the parts of one document, by their path from its root."""

    def __init__(self, text: str) -> None:
        """Note where each part begins.

        Args:
            text: JSON that was decoded without an error.
        """
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self._starts: dict[Path, int] = {(): 0}
        path: list[str | int] = []
        naming = False  # whether the next string is a name
        for found in _MARK.finditer(text):
            mark = found[0]
            if mark in "{[":
                self._note(path, found.start())
                path.append("" if mark == "{" else 0)
            elif mark in "}]":
                path.pop()
            elif mark == ",":
                path[-1] = path[-1] + 1 if isinstance(path[-1], int) else ""
            else:
                path[-1:] = [mark[1:-1]] if naming else path[-1:]
                self._note(path, found.start())
            naming = mark in "{," and isinstance(path[-1], str)

    def _note(self, path: list[str | int], start: int) -> None:
        if len(path) <= _DEEPEST:
            self._starts.setdefault(tuple(path), start)

    def of(self, *path: str | int) -> tuple[int, int]:
        """Return line and column of a part, from 1; of what is around it, where it has none of its own."""
        while path not in self._starts:
            path = path[:-1]
        start = self._starts[path]
        line = bisect_right(self._lines, start)
        return line, start - self._lines[line - 1] + 1
