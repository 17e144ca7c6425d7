"""What an import does, or would do."""

from collections.abc import Mapping
from dataclasses import dataclass

from publisher.errors import Problem


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file that was read."""

    #: As messages name it.
    path: str
    #: Its format, for people.
    format: str
    #: Rows that can be used, and those that cannot.
    rows: int
    refused: int
    notes: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One row, and what becomes of it."""

    #: `new`, `changed`, `repeated`, or why the person is kept out.
    outcome: str
    path: str
    #: From 1.
    line: int
    newsletter: str
    address: str
    #: What the row makes of the subscription.
    status: str
    #: What changes.
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What becomes of the rows: each is counted once."""

    files: tuple[FileRead, ...]
    #: How many subscriptions are new, by status.
    new: Mapping[str, int]
    changed: int
    #: How many subscriptions change, by field.
    fields: Mapping[str, int]
    unchanged: int
    #: How many people stay as they are, by what they are, although a row says otherwise.
    kept_out: Mapping[str, int]
    #: Rows beside another one of the same person that counts.
    repeated: int
    #: The first of each kind.
    examples: tuple[Example, ...]
    #: Whether it was done.
    applied: bool = False

    @property
    def refused(self) -> int:
        """Return how many rows cannot be used."""
        return sum(file.refused for file in self.files)

    @property
    def rows(self) -> int:
        """Return how many rows there are, whatever becomes of them."""
        return sum(file.rows for file in self.files) + self.refused

    @property
    def empty(self) -> bool:
        """Say whether nothing is to be done."""
        return not self.new and not self.changed
