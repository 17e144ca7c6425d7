"""Whether a build has anything to do, found out without reading settings, lock or articles.

The last build noted what it depended on: the signatures of all files it read and wrote, and until when time alone
changes nothing. While all of that stands, the next build would do nothing, and need not be done.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from publisher.catalogue import LOCK_NAME, Catalogue
from publisher.catalogue.cache import last_standing
from publisher.config.location import CONFIG_NAME
from publisher.errors import Problem, Severity
from publisher.files import signature_of
from publisher.publication.conditions import surroundings
from publisher.publication.finding import find_files, listed
from publisher.publication.report import BuildReport
from publisher.websub.pending import PINGS


def standing_report(folder: Path, now: datetime) -> BuildReport | None:
    """Return the report of a build that has nothing to do; None where there may be something.

    Args:
        folder: the publication's.
        now: the clock.
    """
    noted = last_standing(folder)
    if noted is None or (folder / PINGS).exists():
        return None
    try:
        known = json.loads(noted)
        if not _stands(folder, known, now):
            return None
        problems = [Problem(p, message, cure, line, Severity.NOTE) for p, message, cure, line in known["notes"]]
        return BuildReport(known["articles"], (), (), (LOCK_NAME, *known["outputs"]), (), tuple(problems))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _stands(folder: Path, known: Mapping[str, Any], now: datetime) -> bool:
    start, end = (datetime.fromisoformat(moment) if moment else None for moment in known["span"])
    if not start or now < start or (end and now >= end):
        return False
    if any(signature_of(folder / name) != before for name, before in {**known["outputs"], **known["others"]}.items()):
        return False
    obstacles, files = find_files(folder, known["sources"])
    return not obstacles and listed(files.values()) == known["files"] and surroundings(folder) == known["surroundings"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a build depended on, and what it found."""

    folder: Path
    #: Signature of publisher.toml before it was read; likewise `surroundings`: who changes them during a build shall
    #: find that the next one sees it.
    settings: str
    surroundings: str
    sources: tuple[str, ...]
    #: Digest of the article files, as `finding.listed` takes it.
    files: str
    #: Other files it looked at, relative to the folder, with their signatures then.
    media: Mapping[str, str]
    #: Names of all its outputs.
    outputs: Iterable[str]

    def noted(self, catalogue: Catalogue, problems: Iterable[Problem], now: datetime, days: int) -> str | None:
        """Write down what has to stay as it is; None where something is wrong and is to be told at every build.

        Args:
            catalogue: what is published.
            problems: everything that is told of it.
            now: the clock.
            days: for how long withdrawals are told.
        """
        notes = []
        for p in problems:
            if p.severity is Severity.ERROR:
                return None
            notes.append([p.path, p.message, p.cure, p.line])
        end = min(_turns(catalogue, now, days), default=None)
        folders = sorted({name.rpartition("/")[0] for name in self.outputs})
        placed = {name: signature_of(self.folder / name) for name in (LOCK_NAME, *folders)}
        return json.dumps(
            {
                "span": [now.isoformat(), end.isoformat() if end else None],
                "surroundings": self.surroundings,
                "sources": self.sources,
                "files": self.files,
                "outputs": {name: signature_of(self.folder / name) for name in self.outputs},
                "others": {CONFIG_NAME: self.settings, **placed, **self.media},
                "articles": len(catalogue.articles),
                "notes": notes,
            }
        )


def _turns(catalogue: Catalogue, now: datetime, days: int) -> Iterable[datetime]:
    """Yield the moments at which time alone changes something."""
    for article in catalogue.scheduled:
        # It may be due by now: articles are published by whole seconds.
        if article.published:
            yield article.published
    yield from catalogue.awaited
    for promise in catalogue.withdrawn:
        if promise.withdrawn and (end := promise.withdrawn + timedelta(days=days)) > now:
            yield end
