"""What a build tells of itself."""

from dataclasses import dataclass
from enum import Enum

from publisher.errors import Problem


class ChangeKind(Enum):
    """What subscribers see of an article that the last build did not show them like this."""

    NEW = "new"
    """It appears."""

    UPDATED = "updated"
    """It has a new time of update: many readers show it again."""

    SILENT = "silent"
    """Its words change without a new time of update: few readers notice."""

    VANISHED = "vanished"
    """It leaves the feeds."""

    RENAMED = "id changed"
    """Its file says another id: every reader would take it for new, so it keeps the one they know."""


@dataclass(frozen=True, slots=True)
class Change:
    """One article that differs from what the last build showed."""

    kind: ChangeKind
    title: str
    #: Its file.
    path: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did, or would do. File names are relative to the publication's folder."""

    #: How many articles are published.
    articles: int
    changes: tuple[Change, ...]
    #: New and changed files.
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    #: Feeds of tags and the like that no article has any more.
    removed: tuple[str, ...]
    problems: tuple[Problem, ...]
