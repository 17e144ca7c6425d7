"""What becomes of mails of which nobody knows whether they arrived."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from publisher.delivery.ledger import hold, resend, skip_open
from publisher.delivery.retry import MOST_RESENDS, RESEND_AFTER
from publisher.delivery.states import Policy, State
from publisher.store.tables import delivery

_GIVEN_UP = "given up: nobody knows whether it arrived"


def resolve(connection: Connection, issue_id: int, policy: Policy, now: datetime) -> int:
    """Apply the settings to what is uncertain; return how many deliveries that were.

    Args:
        connection: one that writes.
        issue_id: of the issue.
        policy: of the settings.
        now: the clock.
    """
    doubtful = (State.UNCERTAIN,)
    if policy is Policy.SKIP:
        return skip_open(connection, issue_id, doubtful, _GIVEN_UP, now)
    again = 0
    if policy is Policy.RESEND:
        again = resend(connection, issue_id, doubtful, now + RESEND_AFTER, most=MOST_RESENDS)
    return again + hold(connection, issue_id, doubtful, now)


def decide(connection: Connection, issue_id: int, policy: Policy, now: datetime) -> int:
    """Carry out a person's decision about all that is uncertain or held; return how many deliveries that were.

    Args:
        connection: one that writes.
        issue_id: of the issue.
        policy: what the person wants.
        now: the clock.
    """
    waiting = (State.UNCERTAIN, State.HELD)
    if policy is Policy.SKIP:
        return skip_open(connection, issue_id, waiting, _GIVEN_UP, now)
    if policy is Policy.HOLD:
        return hold(connection, issue_id, (State.UNCERTAIN,), now)
    last = connection.scalar(
        select(func.max(delivery.c.armed_at)).where(
            delivery.c.issue_id == issue_id, delivery.c.state.in_([state.value for state in waiting])
        )
    )
    return resend(connection, issue_id, waiting, max(now, (last or now - RESEND_AFTER) + RESEND_AFTER))
