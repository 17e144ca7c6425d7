"""A ledger as sending leaves it, written by hand for tests of what reads it."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from publisher.store import Store
from publisher.store.tables import delivery, issue

BEGUN = datetime(2026, 11, 23, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

MANIFEST = {
    "format": 1,
    "number": 3,
    "subject": "Field Notes #3: High water",
    "date": "2026-11-01T00:00:00Z",
    "since": "2026-11-01T00:00:00Z",
    "articles": [],
    "files": {},
}


def write_issue(store: Store, rows: Sequence[Mapping[str, Any]], key: str = "2026-W48", **changed: Any) -> int:
    """Write an issue and its deliveries; what is not said is as usual."""
    said = {
        "newsletter": "weekly",
        "key": key,
        "number": 3,
        "manifest": json.dumps({**MANIFEST, "key": key}),
        "digest": "0" * 64,
        "bundle": f"issues/weekly/{key}",
        "state": "sending",
        "terms": {},
        "candidates": len(rows) + 3,
        "excluded": {"unsubscribed": 2, "pending": 1},
        "frozen_at": BEGUN,
        "expires_at": BEGUN + timedelta(hours=48),
        **changed,
    }
    with store.writing() as connection:
        result = connection.execute(insert(issue).values(said))
        (number,) = result.inserted_primary_key or (0,)
        plain = {"name": "", "attempts": 0, "due_at": None, "stage": "", "reply": "", "reason": "", "done_at": None}
        made = [{**plain, "issue_id": number, "subscription_id": n, **row} for n, row in enumerate(rows, 1)]
        if made:
            connection.execute(insert(delivery), made)
    return int(number)


def sent(name: str, minute: int, domain: str = "reader.example") -> dict[str, Any]:
    """Return a delivery that was sent so many minutes after the beginning."""
    at = BEGUN + minute * MINUTE
    return {
        "address": f"{name}@{domain}",
        "state": "sent",
        "attempts": 1,
        "stage": "dot",
        "reply": "250 ok",
        "done_at": at,
    }


def sample() -> list[dict[str, Any]]:
    """Return deliveries in every state."""
    return [
        *(sent(f"reader{n}", n // 4) for n in range(40)),
        *(sent(f"other{n}", 11, "post.example") for n in range(6)),
        sent("only", 12, "family.example"),
        {
            "address": "gone@reader.example",
            "state": "failed",
            "attempts": 1,
            "stage": "rcpt",
            "reply": "550 5.1.1 <gone@reader.example>: no such user",
            "done_at": BEGUN + 2 * MINUTE,
        },
        {
            "address": "full@post.example",
            "state": "pending",
            "attempts": 2,
            "stage": "rcpt",
            "reply": "452 4.2.2 mailbox full",
            "due_at": BEGUN + 30 * MINUTE,
        },
        {"address": "next@reader.example", "state": "pending"},
        {
            "address": "maybe@reader.example",
            "name": "May Be",
            "state": "uncertain",
            "attempts": 1,
            "stage": "dot",
            "reply": "connection lost after the data",
            "done_at": BEGUN + 9 * MINUTE,
        },
        {
            "address": "left@reader.example",
            "state": "skipped",
            "reason": "unsubscribed",
            "done_at": BEGUN + 3 * MINUTE,
        },
    ]
