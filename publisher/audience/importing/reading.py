"""A file whose format is known: its rows one by one, in flat memory."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from publisher.audience.addresses import AddressRefused, parse_address
from publisher.audience.formulas import bare
from publisher.audience.importing import ndjson
from publisher.audience.importing.columns import Columns, Format, Translate
from publisher.audience.importing.csvrows import rows as csv_rows
from publisher.audience.importing.fields import Fields, RowRefused
from publisher.audience.importing.formats import FORMATS
from publisher.audience.importing.formats.own import ADDRESS, OWN
from publisher.audience.importing.inputs import FileRefused, Input, delimiter_of, encoding_of, text
from publisher.errors import Problem, Severity

#: What `--format` takes besides `auto`.
NAMES = ("csv", "ndjson", *(form.name for form in FORMATS if form is not OWN))
_NDJSON = re.compile(r"\s*\{")
Row = tuple[int, Fields | RowRefused]


@dataclass(frozen=True, slots=True)
class Opened:
    """A file, looked at but not read."""

    source: Input
    #: Of the format, for people.
    title: str
    encoding: str
    #: What the user may want to know.
    notes: tuple[Problem, ...]
    #: None for NDJSON.
    _table: "_Table | None"

    def rows(self) -> Iterator[Row]:
        """Yield the line of each row, from 1, and what it says, or why it cannot be used."""
        with text(self.source, self.encoding) as lines:
            yield from ndjson.rows(lines) if self._table is None else self._table.rows(lines)


@dataclass(frozen=True, slots=True)
class _Table:
    delimiter: str
    width: int
    translate: Translate
    #: How many rows are no people's: the header, if there is one, and Excel's `sep=`.
    lead: int

    def rows(self, lines: Iterator[str]) -> Iterator[Row]:
        width, translate = self.width, self.translate
        for line, cells in islice(csv_rows(lines, self.delimiter), self.lead, None):
            try:
                if isinstance(cells, RowRefused):
                    raise cells
                if len(cells) != width:
                    cells = _fitted(cells, width)  # noqa: PLW2901 # as wide as the header
                cells.append("")
                if "'" in "".join(cells):
                    cells = [bare(cell) for cell in cells]  # noqa: PLW2901 # without the guards
                yield line, translate(cells)
            except RowRefused as refused:
                yield line, refused


def _fitted(cells: list[str], width: int) -> list[str]:
    """Return a row as wide as the header: programs leave out empty cells at the end, or add some."""
    if any(cell.strip() for cell in cells[width:]):
        raise RowRefused(
            f"there are {len(cells)} cells, and {width} in the first row",
            'put cells with commas in quotation marks (")',
        )
    return cells[:width] + [""] * (width - len(cells))


def look(source: Input, wanted: str = "auto", *, labels: bool = False) -> Opened:
    """Find out how a file is to be read.

    Args:
        source: the file.
        wanted: its format, one of `NAMES`; `auto` to find it out.
        labels: takes labels of other programs for tags of interest.

    Raises:
        FileRefused: it is no text, or has no column that is plainly one of addresses.
    """
    encoding = encoding_of(source)
    with text(source, encoding) as lines:
        first = next((line for line in lines if not line.isspace()), "")
    notes = (
        [_note(source, "is not in UTF-8; it is read as Windows-1252: look at names with accents")]
        if encoding == "cp1252"
        else []
    )
    if not first:
        raise FileRefused(f"{source.place}: is empty; export the subscribers again")
    if wanted == "ndjson" or (wanted == "auto" and _NDJSON.match(first)):
        return Opened(source, "NDJSON", encoding, tuple(notes), None)
    title, table, more = _table(source, encoding, delimiter_of(first), wanted, labels=labels)
    return Opened(source, title, encoding, (*notes, *more), table)


def _table(
    source: Input, encoding: str, delimiter: str, wanted: str, *, labels: bool
) -> tuple[str, _Table, Sequence[Problem]]:
    with text(source, encoding) as lines:
        lead, header = _header(source, csv_rows(lines, delimiter))
    columns = Columns(header, source.name, labels=labels)
    form = _format(columns, wanted)
    if form is not None and form.recognises(columns, named=wanted != "auto"):
        translate = form.translator(columns)
        notes = [_note(source, remark) for remark in columns.remarks]
        return form.title, _Table(delimiter, len(header), translate, lead), notes
    if form is None or form is OWN:
        for place, cell in enumerate(header):
            if _is_address(cell):
                return _headless(source, delimiter, header, lead, place)
    whose = f"no {form.title} export" if form is not None and form is not OWN else "no list of subscribers"
    raise FileRefused(
        f"{source.place}: this is {whose} that can be read; its columns are {', '.join(columns.header)[:500]}; "
        "call the one with addresses email"
    )


def _header(source: Input, found: Iterator[tuple[int, list[str] | RowRefused]]) -> tuple[int, list[str]]:
    for number, (line, cells) in enumerate(found, 1):
        if isinstance(cells, RowRefused):
            raise FileRefused(str(Problem(source.place, cells.message, cells.cure, line)))
        if number == 1 and "".join(cells[:1]).startswith("sep="):
            continue
        if any(cell.strip() for cell in cells):
            return number, cells
    raise FileRefused(f"{source.place}: is empty; export the subscribers again")


def _format(columns: Columns, wanted: str) -> Format | None:
    if wanted == "auto":
        return next((form for form in FORMATS if form.recognises(columns)), None)
    return next(form for form in FORMATS if form.name == wanted)


def _headless(
    source: Input, delimiter: str, first: Sequence[str], lead: int, place: int
) -> tuple[str, _Table, Sequence[Problem]]:
    header = ["" if number != place else ADDRESS[0] for number in range(len(first))]
    table = _Table(delimiter, len(first), OWN.translator(Columns(header, source.name)), lead - 1)
    others = "; the others are left out" if len(first) > 1 else ""
    return "CSV", table, [_note(source, f"the first row names no columns; column {place + 1} has addresses{others}")]


def _is_address(text: str) -> bool:
    try:
        parse_address(text)
    except AddressRefused:
        return False
    return True


def _note(source: Input, message: str) -> Problem:
    return Problem(source.place, message, severity=Severity.NOTE)
