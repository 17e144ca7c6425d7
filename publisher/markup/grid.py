"""A table as plain text: in columns where they fit into the line, otherwise row by row as `head: value`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from publisher.markup.wrapping import columns, wrap

_GAP = 2
#: Tables of more columns are no data that anybody compares.
_MOST_COLUMNS = 12
#: Longer heads, or cells of several rows, would fill the page when they are repeated.
_REPEATED = 40
_FIGURE = re.compile(r"[-+−±~≈<>]?\s?[$€£¥]?\s?\d[\d.,\u00a0\u202f' ]*\s?(?:%|‰|[$€£¥])?|[-–—]|")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it is written: its words, and what it covers."""

    text: str
    head: bool = False
    #: Columns and rows, from 1.
    across: int = 1
    down: int = 1


@dataclass(slots=True)
class _Row:
    """A row in its place: cells by column, each with what it covers from there on."""

    cells: dict[int, Cell] = field(default_factory=dict)
    #: Cells of rows above that reach down to here.
    above: dict[int, Cell] = field(default_factory=dict)

    def text(self, column: int) -> str:
        cell = self.cells.get(column) or self.above.get(column)
        return cell.text if cell else ""


def table_lines(rows: Sequence[Sequence[Cell]], room: int) -> Iterator[str]:
    """Give the lines of a table.

    Args:
        rows: cells in their order; the first row is the heads where all its cells are heads.
        room: columns in a line. Only addresses may be longer.
    """
    written = [row for row in rows if any(cell.text for cell in row)]
    placed = _placed(written)
    count = max((column + cell.across for row in placed for column, cell in row.cells.items()), default=0)
    has_head = len(placed) > 1 and all(cell.head for cell in placed[0].cells.values())
    widths = _widths(placed, count)
    if count > 1 and widths and sum(widths) + _GAP * (count - 1) <= room:
        yield from _in_columns(placed, widths, has_head)
    elif count > 1 and has_head and all(columns(placed[0].text(column)) <= _REPEATED for column in range(count)):
        yield from _row_by_row(placed, count, room)
    else:
        for row in written:
            yield from wrap(_on_one_line(row), room, rest="  ")


def _placed(rows: Sequence[Sequence[Cell]]) -> list[_Row]:
    """Put each cell into its column, beside what reaches down from above; nothing where there are too many columns."""
    placed: list[_Row] = []
    reaching: dict[int, tuple[Cell, int]] = {}
    for cells in rows:
        row = _Row(above={column: cell for column, (cell, _) in reaching.items()})
        reaching = {column: (cell, down - 1) for column, (cell, down) in reaching.items() if down > 1}
        column = 0
        for cell in cells:
            while column in row.above:
                column += 1
            row.cells[column] = cell
            end = column + cell.across
            if end > _MOST_COLUMNS:
                return []
            if cell.down > 1:
                reaching |= dict.fromkeys(range(column, end), (cell, cell.down - 1))
            column = end
        placed.append(row)
    return placed


def _widths(rows: Sequence[_Row], count: int) -> list[int]:
    """Return the width of each column; nothing where a cell is wider than the columns that it covers."""
    widths = [1] * count
    cells = [item for row in rows for item in row.cells.items()]
    for column, cell in cells:
        if cell.across == 1:
            widths[column] = max(widths[column], columns(cell.text))
    return widths if all(columns(cell.text) <= _across(widths, column, cell) for column, cell in cells) else []


def _on_one_line(row: Sequence[Cell]) -> str:
    first, *others = [cell for cell in row if cell.text]
    rest = " | ".join(cell.text for cell in others)
    named = first.head and others and not others[0].head
    return f"{first.text}{': ' if named else ' | ' if others else ''}{rest}"


def _across(widths: Sequence[int], column: int, cell: Cell) -> int:
    return sum(widths[column : column + cell.across]) + _GAP * (cell.across - 1)


def _in_columns(rows: Sequence[_Row], widths: Sequence[int], has_head: bool) -> Iterator[str]:
    body = rows[1:] if has_head else rows
    figures = [
        all(_FIGURE.fullmatch(row.cells[column].text) for row in body if column in row.cells)
        for column in range(len(widths))
    ]
    for index, row in enumerate(rows):
        yield _line(row, widths, figures)
        if index == 0 and has_head:
            yield (" " * _GAP).join("-" * width for width in widths)


def _line(row: _Row, widths: Sequence[int], figures: Sequence[bool]) -> str:
    parts, column = [], 0
    while column < len(widths):
        cell = row.cells.get(column, Cell(""))
        blanks = " " * (_across(widths, column, cell) - columns(cell.text))
        parts.append(blanks + cell.text if figures[column] and cell.across == 1 else cell.text + blanks)
        column += cell.across
    return (" " * _GAP).join(parts).rstrip()


def _row_by_row(rows: Sequence[_Row], count: int, room: int) -> Iterator[str]:
    heads, *body = rows
    # A head above nothing is said once.
    empty = {column for column in range(count) if not any(row.text(column) for row in body)}
    for row in body:
        first = "- "
        for column in range(count):
            text = _said(row, column)
            if text or column in empty:
                head = heads.text(column)
                yield from wrap(f"{head}: {text}" if head else text, room, first, "    ")
                first = "  "
        empty = set()


def _said(row: _Row, column: int) -> str:
    """Return what a cell says; one that reaches down says it in each row, unless it is long."""
    own, above = row.cells.get(column), row.above.get(column)
    if own or above is None:
        return own.text if own else ""
    return above.text if columns(above.text) <= _REPEATED else ""
