"""The issues that the ledger knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.engine import Connection

from publisher.delivery.states import IssueState
from publisher.errors import Problem
from publisher.newsletter.issue import PastIssue
from publisher.newsletter.manifest import Unreadable, past_issue, read
from publisher.store.tables import issue, issue_article

_CURE = "nothing is sent twice, and the next issue is made without it; if more is damaged, put back a backup"
_COLUMNS = issue.c.id, issue.c.newsletter, issue.c.key, issue.c.state, issue.c.bundle, issue.c.plan


@dataclass(frozen=True, slots=True)
class Known:
    """An issue whose readers are frozen."""

    id: int
    newsletter: str
    key: str
    state: IssueState
    #: Its bundle's folder, relative to the publication's.
    bundle: str
    #: Hash of the plan that it follows.
    plan: str


def known_issue(connection: Connection, newsletter: str, key: str) -> Known | None:
    """Return an issue; None where its readers are not frozen."""
    return next(_known(connection, select(*_COLUMNS).filter_by(newsletter=newsletter, key=key)), None)


def known_issues(connection: Connection, newsletter: str) -> list[Known]:
    """Return a newsletter's issues."""
    return list(_known(connection, select(*_COLUMNS).filter_by(newsletter=newsletter).order_by(issue.c.id)))


def past_issues(connection: Connection, newsletter: str) -> tuple[tuple[PastIssue, ...], tuple[Problem, ...]]:
    """Return a newsletter's issues with what was in them, also of those whose bundles are gone.

    Of one whose manifest cannot be read, the ledger knows all that the next issue needs, and it is told.
    """
    columns = issue.c.id, issue.c.key, issue.c.number, issue.c.manifest, issue.c.frozen_at
    found: list[PastIssue] = []
    damaged: list[Any] = []
    problems: list[Problem] = []
    for row in connection.execute(select(*columns).where(issue.c.newsletter == newsletter)).all():
        try:
            found.append(past_issue(read(row.manifest.encode("utf-8", "surrogatepass")), sent=True))
        except Unreadable as error:
            damaged.append(row)
            problems.append(Problem(f"{newsletter}/{row.key}", f"its manifest in the database {error}", _CURE))
    begun = min((one.since for one in found), default=None)  # all issues of a newsletter reach back to the same
    found += [_from_ledger(connection, row, begun or row.frozen_at) for row in damaged]
    return tuple(sorted(found, key=lambda one: one.number)), tuple(problems)


def _from_ledger(connection: Connection, row: Row[Any], since: datetime) -> PastIssue:
    """Return an issue without what only its manifest says: its words, and the files of its bundle."""
    ids = tuple(connection.scalars(select(issue_article.c.article_id).where(issue_article.c.issue_id == row.id)))
    untitled = tuple(("", "") for _ in ids)
    return PastIssue(row.key, row.number, ids, since, True, row.frozen_at, "", "", (), untitled, {})


def _known(connection: Connection, statement: Select[Any]) -> Iterator[Known]:
    row: Row[Any]
    for row in connection.execute(statement):
        yield Known(row.id, row.newsletter, row.key, IssueState(row.state), row.bundle, row.plan)
