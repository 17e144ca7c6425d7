"""The columns of a file, and what a format is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from publisher.audience.importing.fields import Fields

#: As wide as the header, and an empty cell.
Cells = Sequence[str]
#: Turns the cells of one row into what they say.
Translate = Callable[[Cells], Fields]


class Columns:
    """The names in a file's first row, in any order and case; remembers which were asked for.

    Args:
        header: the first row.
        file: name of the file, without its folder: some programs say there what its rows are.
        labels: takes labels of other programs for tags of interest.
    """

    def __init__(self, header: Sequence[str], file: str, *, labels: bool = False) -> None:
        self.header = tuple(name.strip() for name in header)
        self.file = file
        self._labels = labels
        self._places: dict[str, int] = {}
        for place, name in enumerate(self.header):
            self._places.setdefault(_folded(name), place)
        self._used: set[int] = set()
        self._remarks: list[str] = []

    @property
    def names(self) -> frozenset[str]:
        """Return the names in lower case, words parted by spaces."""
        return frozenset(self._places)

    @property
    def ignored(self) -> tuple[str, ...]:
        """Return the columns that nobody asked for."""
        return tuple(name for place, name in enumerate(self.header) if place not in self._used and name)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return what the user may want to know."""
        left_out = self.ignored
        return (*self._remarks, *([f"columns that are left out: {', '.join(left_out)}"] if left_out else []))

    def remark(self, words: str) -> None:
        """Note what the user may want to know."""
        self._remarks.append(words)

    def pick(self, *names: str) -> Callable[[Cells], str]:
        """Return what gives a row's cell in the first of these columns that is there; empty text where none is."""
        for name in names:
            if (place := self._places.get(name)) is not None:
                self._used.add(place)
                return itemgetter(place)
        return _nothing

    def pick_all(self, *columns: tuple[str, ...]) -> Callable[[Cells], tuple[str, ...]]:
        """Return what gives many cells at once, each as `pick` does: a tenth of the time for a million rows."""
        places = [next((self._places[name] for name in names if name in self._places), -1) for names in columns]
        self._used.update(places)
        # Behind the last column, rows have an empty cell, which stands for those that are missing.
        return itemgetter(*places)

    def pick_labels(self, *names: str) -> Callable[[Cells], str]:
        """Return what gives a row's labels, which mean something else than a reader's interests; nothing unless wanted."""
        return self.pick(*names) if self._labels else _nothing


def _nothing(_cells: Cells) -> str:
    return ""


def _folded(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())


@dataclass(frozen=True, slots=True)
class Format:
    """Whose file it is, and how its rows are read."""

    #: As `--format` takes it.
    name: str
    #: For people.
    title: str
    #: Names of columns, folded as `Columns.names`; a file that has all of one set is of this format.
    marks: tuple[frozenset[str], ...]
    #: Gives what reads each row.
    translator: Callable[[Columns], Translate]
    #: The same, of which a file needs no more than one set where the user says that it is of this format.
    trimmed: tuple[frozenset[str], ...] = ()

    def recognises(self, columns: Columns, *, named: bool = False) -> bool:
        """Say whether a file with these columns is of this format; `named`: because the user says so."""
        return any(mark <= columns.names for mark in (*self.marks, *(self.trimmed if named else ())))
