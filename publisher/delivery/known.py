"""The issues that the ledger knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.engine import Connection

from publisher.delivery.states import IssueState
from publisher.newsletter.issue import PastIssue
from publisher.newsletter.manifest import past_issue, read
from publisher.store.tables import issue

_COLUMNS = issue.c.id, issue.c.newsletter, issue.c.key, issue.c.state, issue.c.bundle


@dataclass(frozen=True, slots=True)
class Known:
    """An issue whose readers are frozen."""

    id: int
    newsletter: str
    key: str
    state: IssueState
    #: Its bundle's folder, relative to the publication's.
    bundle: str


def known_issue(connection: Connection, newsletter: str, key: str) -> Known | None:
    """Return an issue; None where its readers are not frozen."""
    return next(_known(connection, select(*_COLUMNS).filter_by(newsletter=newsletter, key=key)), None)


def known_issues(connection: Connection, newsletter: str) -> list[Known]:
    """Return a newsletter's issues."""
    return list(_known(connection, select(*_COLUMNS).filter_by(newsletter=newsletter).order_by(issue.c.id)))


def past_issues(connection: Connection, newsletter: str) -> tuple[PastIssue, ...]:
    """Return a newsletter's issues with what was in them, also of those whose bundles are gone."""
    found = connection.scalars(
        select(issue.c.manifest).where(issue.c.newsletter == newsletter).order_by(issue.c.number)
    )
    return tuple(past_issue(read(text.encode("utf-8", "surrogatepass")), sent=True) for text in found)


def _known(connection: Connection, statement: Select[Any]) -> Iterator[Known]:
    row: Row[Any]
    for row in connection.execute(statement):
        yield Known(row.id, row.newsletter, row.key, IssueState(row.state), row.bundle)
