"""Rows of CSV files with the lines they stand in; one bad row spoils no other."""

import csv
from collections import deque
from collections.abc import Iterator

from publisher.audience.importing.fields import RowRefused

#: The most lines of one row; a quotation mark that nobody closes would swallow the whole file.
_MOST_LINES = 100


class _TooLong(Exception):
    """A row goes on and on."""


class _Lines:
    """Lines that a reader may be given again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        #: Those of the present row.
        self.row: list[str] = []

    def each(self) -> Iterator[str]:
        row, again, lines = self.row, self._again, self._lines
        while True:
            if again:
                line = again.popleft()
            elif (line := next(lines, "")) == "":
                return
            row.append(line)
            if len(row) > _MOST_LINES:
                raise _TooLong
            yield line

    def back(self) -> None:
        """Give all lines of the present row again, but the first."""
        self._again.extendleft(reversed(self.row[1:]))
        self.row.clear()


def rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str] | RowRefused]]:
    """Yield the number of each row's first line, from 1, and its cells, or why there are none; empty rows are left out.

    After a row that cannot be read, reading goes on with the line behind its first.
    """
    kept, line = _Lines(lines), 1
    reader = csv.reader(kept.each(), delimiter=delimiter, strict=True)
    row = kept.row
    while True:
        try:
            for cells in reader:
                if cells:
                    yield line, cells
                line += len(row)
                row.clear()
        except (csv.Error, _TooLong) as error:
            yield line, _refused(error)
            kept.back()
            line += 1
            reader = csv.reader(kept.each(), delimiter=delimiter, strict=True)
        else:
            return


def _refused(error: Exception) -> RowRefused:
    if isinstance(error, _TooLong) or "unexpected end" in str(error) or "field limit" in str(error):
        return RowRefused("a quotation mark is opened and not closed", 'close it, or write a " that is meant as ""')
    return RowRefused(
        "a quotation mark ends a cell, and the cell goes on behind it",
        'write a " within a cell as "" and quote the cell',
    )
