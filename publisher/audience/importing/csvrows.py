"""Rows of CSV files with the lines they stand in; one bad row spoils no other."""

import csv
from collections import deque
from collections.abc import Iterator

from publisher.audience.importing.fields import RowRefused
from publisher.audience.importing.inputs import LONGEST_LINE, pass_over

#: The most lines of one row; a quotation mark that nobody closes would swallow the whole file.
_MOST_LINES = 100


class _TooManyLines(Exception):
    """A row goes on and on."""


class _TooWide(Exception):
    """A line goes on and on."""


class _Lines:
    """Lines that a reader may be given again."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        #: Those of the present row.
        self.row: list[str] = []
        #: How many lines before it were passed over.
        self.passed = 0
        self._astray = False

    def each(self) -> Iterator[str]:
        row, again, lines, astray = self.row, self._again, self._lines, self._astray
        while True:
            fresh = not again
            if (line := next(lines, "") if fresh else again.popleft()) == "":
                return
            if astray and not row and "@" not in line and '"' not in line:
                self.passed += 1
                continue
            row.append(line)
            if len(line) >= LONGEST_LINE:
                if fresh:
                    pass_over(line, lines)
                raise _TooWide
            if len(row) > _MOST_LINES:
                raise _TooManyLines
            yield line

    def at_its_end(self) -> bool:
        """Say whether the present row is but the end of a cell whose beginning was given up."""
        return self._astray and "@" not in self.row[0]

    def back(self, *, astray: bool) -> None:
        """Give all lines of the present row again, but the first.

        Args:
            astray: a quotation mark was given up. Lines that may be of its cell, as they have neither an address nor a
                quotation mark, are passed over from now on where a row should begin: else a cell that is longer than the
                most lines would be refused line by line.
        """
        self._again.extendleft(reversed(self.row[1:]))
        self.row.clear()
        self._astray |= astray


def rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str] | RowRefused]]:
    """Yield the number of each row's first line, from 1, and its cells, or why there are none; empty rows are left out.

    After a row that cannot be read, reading goes on with the line behind its first; see `_Lines.back`.
    """
    kept, line = _Lines(lines), 1
    reader = csv.reader(kept.each(), delimiter=delimiter, strict=True)
    row = kept.row
    while True:
        try:
            for cells in reader:
                if cells:
                    yield line + kept.passed, cells
                line += len(row)
                row.clear()
        except (csv.Error, _TooManyLines, _TooWide) as error:
            open_quote = _is_open_quote(error, len(row))
            if not (open_quote and kept.at_its_end()):
                yield line + kept.passed, _refused(error, open_quote=open_quote)
            kept.back(astray=open_quote)
            line += 1
            reader = csv.reader(kept.each(), delimiter=delimiter, strict=True)
        else:
            return


def _is_open_quote(error: Exception, lines: int) -> bool:
    """Say whether a row of so many lines goes on because nobody closed a quotation mark."""
    if isinstance(error, _TooManyLines) or "unexpected end" in str(error):
        return True
    return lines > 1 and (isinstance(error, _TooWide) or "field limit" in str(error))


def _refused(error: Exception, *, open_quote: bool) -> RowRefused:
    if open_quote:
        return RowRefused("a quotation mark is opened and not closed", 'close it, or write a " that is meant as ""')
    if isinstance(error, _TooWide):
        return RowRefused(f"the line is longer than {LONGEST_LINE} characters", "shorten it, or delete it")
    if "field limit" in str(error):
        return RowRefused(f"a cell is longer than {csv.field_size_limit()} characters", "shorten it, or delete the row")
    return RowRefused(
        "a quotation mark ends a cell, and the cell goes on behind it",
        'write a " within a cell as "" and quote the cell',
    )
