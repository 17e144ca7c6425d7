"""The statements of the ledger that run once a mail, as text: SQLAlchemy would take longer to write than the database to read.

Parameters are marked as SQLite has it; `Statements` turns them into what the driver of PostgreSQL wants. Whatever else is
done with deliveries, is done with the tables of publisher.store.tables.
"""

from dataclasses import dataclass
from functools import cache
from typing import Self


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements in the words of one database."""

    #: Answers to what this run armed. Another run's answers, and what is settled, are never touched.
    settle_armed: str
    #: Answers to what was refused before it was armed.
    settle_pending: str
    #: The intent: in the same breath, the reader is still one.
    arm: str
    #: What is armed by a run, of one issue.
    armed: str
    #: What a subscription is.
    status: str
    #: The reader is none any more.
    skip: str
    #: What a delivery is.
    state: str
    #: What is due, in the order of subscriptions.
    due: str
    #: New rows of a frozen issue.
    freeze: str
    #: Buckets of rates.
    rate: str

    @classmethod
    @cache
    def of(cls, dialect: str) -> Self:
        """Return the statements for `sqlite` or `postgresql`."""
        # Whoever unsubscribes meanwhile waits until the intent is written down, or comes first and is seen.
        share = " FOR SHARE" if dialect == "postgresql" else ""
        texts = {name: text.replace("{share}", share) for name, text in _TEXTS.items()}
        return cls(**{n: t.replace("?", "%s") if dialect == "postgresql" else t for n, t in texts.items()})


_TEXTS = {
    "settle_armed": """
        UPDATE delivery
        SET state = ?, attempts = attempts + ?, due_at = ?, stage = ?, reply = ?, reason = ?, done_at = ?
        WHERE issue_id = ? AND subscription_id = ? AND state = 'armed' AND armed_run = ?
    """,
    "settle_pending": """
        UPDATE delivery
        SET state = ?, attempts = attempts + ?, due_at = ?, stage = ?, reply = ?, reason = ?, done_at = ?
        WHERE issue_id = ? AND subscription_id = ? AND state = 'pending'
    """,
    "arm": """
        UPDATE delivery SET state = 'armed', armed_at = ?, armed_run = ?, due_at = NULL, done_at = ?
        WHERE issue_id = ? AND subscription_id = ? AND state = 'pending'
          AND EXISTS (SELECT 1 FROM subscription
                      WHERE subscription.id = delivery.subscription_id AND subscription.status = 'confirmed'{share})
    """,
    "armed": "SELECT subscription_id FROM delivery WHERE issue_id = ? AND state = 'armed' AND armed_run = ?",
    "status": "SELECT status FROM subscription WHERE id = ?",
    "state": "SELECT state FROM delivery WHERE issue_id = ? AND subscription_id = ?",
    "skip": """
        UPDATE delivery SET state = 'skipped', reason = ?, due_at = NULL, done_at = ?
        WHERE issue_id = ? AND subscription_id = ? AND state = 'pending'
    """,
    "due": """
        SELECT subscription_id, address, name, attempts FROM delivery
        WHERE issue_id = ? AND state = 'pending' AND subscription_id > ? AND (due_at IS NULL OR due_at <= ?)
        ORDER BY subscription_id LIMIT ?
    """,
    "freeze": "INSERT INTO delivery (issue_id, subscription_id, address, name, state) VALUES (?, ?, ?, ?, 'pending')",
    "rate": """
        INSERT INTO rate (scope, tokens, at) VALUES (?, ?, ?)
        ON CONFLICT (scope) DO UPDATE SET tokens = excluded.tokens, at = excluded.at
    """,
}
