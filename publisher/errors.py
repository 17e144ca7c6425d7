"""What can go wrong, as values and as exceptions.

Mistakes in the author's files are values (`Problem`): they are collected, so that all of them are told at once
and one bad file never stops the others. What the program cannot go on from is raised as a `PublisherError`,
sorted by what the caller does next; its `exit_status` is the process's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much a problem matters."""

    ERROR = "error"
    """The thing named could not be used; the command ends with status 1."""

    NOTE = "note"
    """The thing named was used all the same; the author may want to know."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in one file, in words an author can act on."""

    #: The file, relative to the publication's folder where it lies inside, with forward slashes.
    path: str
    #: What is wrong, in one clause without a full stop.
    message: str
    #: What to do about it, in one clause without a full stop; empty where the message says it all.
    cure: str = ""
    #: Line in the file, from 1; 0 where the whole file is meant.
    line: int = 0
    severity: Severity = Severity.ERROR
    #: Column in that line, from 1; 0 where it is unknown.
    column: int = 0

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part)
        return f"{place}: {self.message}" + (f"; {self.cure}" if self.cure else "")


class PublisherError(Exception):
    """Base of all expected failures: printed as one clear message, never as a traceback."""

    exit_status = 1

    def __reduce__(self) -> tuple[object, ...]:
        """Let it travel between processes, whatever its constructor takes."""
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(kind: type[PublisherError], args: tuple[object, ...], state: dict[str, object]) -> PublisherError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class ProblemsError(PublisherError):
    """The articles or the configuration have errors and nothing can be made of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class UsageError(PublisherError):
    """The caller asked for something that cannot be: wrong name, wrong folder, wrong option."""

    exit_status = 2


class SurroundingsError(PublisherError):
    """Disk, permissions, network or another run are in the way; trying again later may help."""

    exit_status = 4
