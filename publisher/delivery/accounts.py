"""What the ledger adds up to: how many deliveries are in which state, and what must be true whenever anything is committed."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from publisher.delivery.states import OPEN, IssueState, State
from publisher.store.tables import delivery, issue, issue_article, run

_UNFINISHED = (IssueState.SENDING.value, IssueState.PAUSED.value)
_OPEN = [state.value for state in OPEN]


def counts(connection: Connection, issue_id: int) -> dict[State, int]:
    """Return how many deliveries of an issue are in each state, each state named."""
    found = connection.execute(
        select(delivery.c.state, func.count()).where(delivery.c.issue_id == issue_id).group_by(delivery.c.state)
    )
    known = {State(state): number for state, number in found}
    return {state: known.get(state, 0) for state in State}


def open_counts(connection: Connection, issue_id: int) -> dict[State, int]:
    """Return the same of states that are not settled, quickly."""
    found = connection.execute(
        select(delivery.c.state, func.count())
        .where(delivery.c.issue_id == issue_id, delivery.c.state.in_(_OPEN))
        .group_by(delivery.c.state)
    )
    known = {State(state): number for state, number in found}
    return {state: known.get(state, 0) for state in OPEN}


def broken_invariants(connection: Connection, *, lanes: int | None = None) -> list[str]:
    """Return what is wrong with the ledger, in words; nothing, whenever a transaction was committed.

    Args:
        connection: one that reads.
        lanes: how many mails may be on their way at once; not looked at where None.
    """
    return [*_wrong_sums(connection), *_wrong_ends(connection), *_wrong_arms(connection, lanes), *_strays(connection)]


def _wrong_sums(connection: Connection) -> Iterator[str]:
    columns = issue.c.id, issue.c.newsletter, issue.c.key, issue.c.candidates, issue.c.excluded
    for number, newsletter, key, candidates, excluded in connection.execute(select(*columns)).all():
        there = sum(counts(connection, number).values())
        out = sum(excluded.values())
        if candidates != out + there:
            yield f"{newsletter}/{key}: of {candidates} subscriptions {out} were left out and {there} are in the ledger"


def _wrong_ends(connection: Connection) -> Iterator[str]:
    ended = (
        select(issue.c.newsletter, issue.c.key, issue.c.state, func.count())
        .join(delivery, delivery.c.issue_id == issue.c.id)
        .where(issue.c.state.not_in(_UNFINISHED), delivery.c.state.in_(_OPEN))
        .group_by(issue.c.newsletter, issue.c.key, issue.c.state)
    )
    for newsletter, key, state, number in connection.execute(ended):
        yield f"{newsletter}/{key}: is {state}, but {number} deliveries are not settled"


def _wrong_arms(connection: Connection, lanes: int | None) -> Iterator[str]:
    armed = (
        select(delivery.c.armed_run, run.c.id, run.c.ended_at, func.count())
        .join(run, run.c.id == delivery.c.armed_run, isouter=True)
        .where(delivery.c.state == State.ARMED.value)
        .group_by(delivery.c.armed_run, run.c.id, run.c.ended_at)
    )
    for name, known, ended, number in connection.execute(armed):
        if known is None or ended is not None:
            yield f"{number} deliveries are on their way by run {name}, which is over"
        if lanes is not None and number > lanes:
            yield f"{number} deliveries are on their way at once; {lanes} may be"
    unarmed = select(func.count()).where(
        delivery.c.state.in_([State.SENT.value, State.ARMED.value, State.UNCERTAIN.value]),
        delivery.c.armed_at.is_(None) | delivery.c.armed_run.is_(None) | delivery.c.done_at.is_(None),
    )
    if number := connection.scalar(unarmed):
        yield f"{number} deliveries left without being armed"


def _strays(connection: Connection) -> Iterator[str]:
    known = select(issue.c.id)
    stray = select(func.count()).select_from(delivery).where(delivery.c.issue_id.not_in(known))
    if number := connection.scalar(stray):
        yield f"{number} deliveries belong to no issue"
    articles = select(func.count()).select_from(issue_article).where(issue_article.c.issue_id.not_in(known))
    if number := connection.scalar(articles):
        yield f"{number} articles belong to no issue"
