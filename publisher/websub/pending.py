"""What the hub is still to be told, kept in a file until it is."""

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from publisher.config.location import CONFIG_NAME
from publisher.errors import Problem, Severity, SurroundingsError
from publisher.files import STATE_FOLDER, put, read_file
from publisher.markup.dates import rfc3339
from publisher.websub.patience import Patience

#: It exists while something is to be told. It may be deleted; then the hub learns of these changes with the next ones.
PINGS = f"{STATE_FOLDER}/pings.json"
#: How long a hub may be away before anybody is called, and how long until the next call.
GRACE = timedelta(hours=24)
_LARGEST = 4 * 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Pending:
    """What one hub is still to be told."""

    hub: str
    #: Since when the hub could not be told, by topic; None before the first try.
    topics: Mapping[str, datetime | None] = field(default_factory=lambda: MappingProxyType({}))
    #: When this was last reported as an error.
    reported: datetime | None = None


def remember(folder: Path, hub: str | None, changed: Iterable[str], offered: Collection[str]) -> None:
    """Write down which feeds the hub is to be told of, in addition to those that it still is to be told of.

    To be called before the files are put in place: a crash at any time later loses nothing.

    Args:
        folder: the publication's.
        hub: its address; None where nobody is told, which drops what was written down. Another hub than the last one
            does so, too: it has subscribers of its own, and naming it changes every feed.
        changed: addresses of the feed files that are new or have other bytes.
        offered: addresses of all feed files; what is none of them any more is dropped.

    Raises:
        SurroundingsError: the disk refuses.
    """
    if hub is None:
        _keep(folder, Pending(""))
        return
    known = _recall(folder, hub)
    topics = {topic: since for topic, since in known.topics.items() if topic in offered}
    _keep(folder, replace(known, topics=topics | {topic: topics.get(topic) for topic in changed}))


def send(folder: Path, hub: str | None, now: datetime, patience: Patience | None = None) -> tuple[Problem, ...]:
    """Tell the hub of what was written down, and strike out what it took.

    To be called when the files are in place, by the command that holds the publication.

    Args:
        folder: the publication's.
        hub: as in `remember`.
        now: from when on a failure counts.
        patience: how long to wait; half a minute at most where None.

    Returns:
        At most one problem. It is a note at first, as the next build tries again; once a topic has failed for
        `GRACE`, an error, once in each `GRACE`.

    Raises:
        SurroundingsError: the disk refuses. Nothing the hub does is raised.
        ValueError: `now` has no time zone.
    """
    if now.utcoffset() is None:
        raise ValueError(f"now needs a time zone: {now.isoformat()}")
    now = now.astimezone(UTC).replace(microsecond=0)
    pending = Pending("") if hub is None else _recall(folder, hub)
    if not pending.topics:
        return ()
    # A build that has nothing to tell loads no HTTP.
    from publisher.websub.hub import LATE, ping  # noqa: PLC0415

    failures = {one.topic: one.failure for one in ping(pending.hub, tuple(pending.topics), now, patience or Patience())}
    failed = {topic: failure for topic, failure in failures.items() if failure}
    left = replace(pending, topics={topic: min(pending.topics[topic] or now, now) for topic in failed})
    overdue = _overdue(left, now)
    _keep(folder, replace(left, reported=now) if overdue else left)
    if not failed:
        return ()
    # A topic that was tried says more than one whose turn never came.
    topic = min(failed, key=lambda topic: failed[topic] == LATE)
    return (_problem(left, topic, failed[topic], overdue=overdue),)


def _overdue(pending: Pending, now: datetime) -> bool:
    reported = pending.reported
    # A clock that was set back must not silence anybody.
    quiet = reported is not None and timedelta() <= now - reported < GRACE
    return not quiet and bool(pending.topics) and now - _oldest(pending) >= GRACE


def _oldest(pending: Pending) -> datetime:
    return min(since for since in pending.topics.values() if since)


def _problem(pending: Pending, topic: str, failure: str, *, overdue: bool) -> Problem:
    others = len(pending.topics) - 1
    feeds = f"{topic} and {others} more" if others else topic
    message = f"syndication.hub: {pending.hub} could not be told that {feeds} changed: {failure}"
    if not overdue:
        return Problem(CONFIG_NAME, message, "the next build tries again", severity=Severity.NOTE)
    cure = "correct the address, or set syndication.ping = false; until then each build tries again"
    return Problem(CONFIG_NAME, f"{message} (failing since {rfc3339(_oldest(pending))})", cure)


def _keep(folder: Path, pending: Pending) -> None:
    path = folder / PINGS
    if pending.topics:
        put(path, _dump(pending))
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be removed: {error.strerror or error}") from error


def _dump(pending: Pending) -> bytes:
    record = {
        "hub": pending.hub,
        "reported": pending.reported and rfc3339(pending.reported),
        "topics": {topic: since and rfc3339(since) for topic, since in sorted(pending.topics.items())},
    }
    return f"{json.dumps(record, ensure_ascii=False, indent=1)}\n".encode()


def _recall(folder: Path, hub: str) -> Pending:
    """Return what a hub is still to be told; a damaged file, or one of another hub, says nothing."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        record = json.loads(read_file(folder / PINGS, _LARGEST))
        if record["hub"] == hub:
            topics = {topic: _moment(since) for topic, since in record["topics"].items()}
            return Pending(hub, MappingProxyType(topics), _moment(record["reported"]))
    return Pending(hub)


def _moment(text: Any) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("has no time zone")
    return moment.astimezone(UTC)
