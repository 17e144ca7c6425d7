"""An import from beginning to end: read, compare, show, and carry out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Select, func, literal, null, select
from sqlalchemy.engine import Connection

from publisher.audience.importing import staging as stage
from publisher.audience.importing.applying import apply
from publisher.audience.importing.fields import RowRefused
from publisher.audience.importing.inputs import FileRefused, inputs
from publisher.audience.importing.judging import Judge, Staged
from publisher.audience.importing.naming import gets_no_mail
from publisher.audience.importing.reading import Opened, Row, look
from publisher.audience.importing.report import Example, FileRead, ImportReport
from publisher.audience.importing.staging import CHANGED, REPEATED, UNCHANGED, staging
from publisher.errors import Problem, PublisherError
from publisher.store import Store

T = TypeVar("T")
BATCH = 5000
NEW = "new"
_NAMES = {
    stage.NAME: "name",
    stage.LANGUAGE: "language",
    stage.CADENCE: "cadence",
    stage.TAGS: "tags",
    stage.CONSENT: "consent",
    stage.STATUS: "status",
}


class ChangedMeanwhile(PublisherError):
    """The files or the subscriptions are not what they were when somebody agreed."""

    def __init__(self) -> None:
        super().__init__("the files or the subscribers changed while you looked; nothing was imported; import again")


class _Watch(Protocol):
    def __call__(self, items: Iterator[T], label: str, /) -> Iterator[T]: ...


@dataclass(frozen=True, slots=True)
class Talk:
    """Who hears what while files are read."""

    #: Each row that cannot be used.
    refused: Callable[[Problem], object]
    #: Sees batches of rows.
    watch: _Watch
    #: How many rows of each kind are examples.
    named: int


def import_files(
    store: Store,
    judge: Judge,
    paths: Sequence[Path],
    now: datetime,
    talk: Talk,
    *,
    format: str = "auto",  # noqa: A002 # as the option is called
    labels: bool = False,
    expected: ImportReport | None = None,
    carry_out: bool = False,
) -> ImportReport:
    """Import files, all of them or nothing; only say what would be done unless it is to be carried out.

    Rows are read into a temporary table while others may write; only then is the database locked, compared and changed,
    in one transaction.

    Args:
        store: the database.
        judge: what holds for all rows.
        paths: the files.
        now: the clock.
        talk: who hears what meanwhile.
        format: of the files; see `look`.
        labels: takes labels of other programs for tags of interest.
        expected: what somebody agreed to; None for anything.
        carry_out: does it.

    Raises:
        UsageError: a file cannot be read.
        FileRefused: a file is no list of subscribers.
        ChangedMeanwhile: it is not what somebody agreed to.
        StoreError: the database cannot be used.
    """
    opened = [look(source, format, labels=labels) for path in paths for source in inputs(path)]
    with store.reading() as connection:
        judge = replace(judge, hashing=stage.any_suppressed(connection))
    with store.writing(late=True) as connection:
        stage.begin(connection)
        files = [_take(connection, judge, number, file, talk) for number, file in enumerate(opened)]
        if carry_out:
            store.take_turn(connection)
            stage.lock(connection)
        stage.decide(connection, judge.keys)
        report = _report(connection, files, talk.named)
        if expected is not None and report != expected:
            raise ChangedMeanwhile
        if carry_out:
            apply(connection, now)
            report = replace(report, applied=True)
        stage.end(connection)
    return report


def _take(connection: Connection, judge: Judge, number: int, file: Opened, talk: Talk) -> FileRead:
    taken = refused = 0
    doubtful = not judge.sure and gets_no_mail(file.source.name)

    def usable() -> Iterator[tuple[int, Staged]]:
        nonlocal refused
        for line, fields in _certain(file) if doubtful else file.rows():
            try:
                if isinstance(fields, RowRefused):
                    raise fields
                yield line, judge.staged(fields)
            except RowRefused as error:
                refused += 1
                talk.refused(Problem(file.source.place, error.message, error.cure, line))

    for batch in talk.watch(_batches(usable()), f"reading {file.source.name}"):
        stage.add(connection, number, batch)
        taken += len(batch)
    return FileRead(file.source.place, file.title, taken, refused, file.notes)


def _certain(file: Opened) -> Iterator[Row]:
    """Yield rows that say what the person is; a file whose name says that nobody gets mail is else refused as a whole."""
    for line, fields in file.rows():
        if not (isinstance(fields, RowRefused) or fields.status):
            raise FileRefused(
                f"{file.source.place}:{line}: by the file's name these people get no mail, and the row does not say what they "
                "are; import what Mailchimp exported with --format mailchimp, others with --status unsubscribed, "
                "or with --status confirmed if they agreed to mail"
            )
        yield line, fields


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(items, BATCH)):
        yield batch


def _report(connection: Connection, files: Sequence[FileRead], named: int) -> ImportReport:
    outcome, status, bits = staging.c.outcome, staging.c.status, staging.c.fields
    decided = select(outcome, status, bits, func.count()).where(outcome.is_not(None)).group_by(outcome, status, bits)
    # Mostly all of them, and sorted by one column in half the time.
    new_ones = select(null(), status, literal(0), func.count()).where(outcome.is_(None)).group_by(status)
    counts = connection.execute(decided.union_all(new_ones)).all()
    by_outcome: dict[str, int] = {}
    new: dict[str, int] = {}
    fields: dict[str, int] = {}
    for became, word, changes, people in counts:
        by_outcome[became or NEW] = by_outcome.get(became or NEW, 0) + people
        if became is None:
            new[word] = people
        for name in _fields(changes) if became == CHANGED else ():
            fields[name] = fields.get(name, 0) + people
    kept_out = {name: n for name, n in sorted(by_outcome.items()) if name not in (NEW, CHANGED, UNCHANGED, REPEATED)}
    shown = [NEW, CHANGED, *kept_out, REPEATED]
    return ImportReport(
        files=tuple(files),
        new=dict(sorted(new.items())),
        changed=by_outcome.get(CHANGED, 0),
        fields={name: fields[name] for name in _NAMES.values() if name in fields},
        unchanged=by_outcome.get(UNCHANGED, 0),
        kept_out=kept_out,
        repeated=by_outcome.get(REPEATED, 0),
        examples=tuple(
            example for kind in shown if kind in by_outcome for example in _examples(connection, files, kind, named)
        ),
    )


def _examples(connection: Connection, files: Sequence[FileRead], kind: str, named: int) -> Iterator[Example]:
    own: Select[Any] = select(staging).order_by(staging.c.seq).limit(named)
    own = own.where(staging.c.outcome.is_(None) if kind == NEW else staging.c.outcome == kind)
    for row in connection.execute(own):
        bits = row.fields if kind == CHANGED else 0
        yield Example(
            kind, files[row.file].path, row.line, row.newsletter, row.address, row.status, tuple(_fields(bits))
        )


def _fields(bits: int) -> list[str]:
    return [name for bit, name in _NAMES.items() if bits & bit]
