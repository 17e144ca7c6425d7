"""Designs that lose or repeat mails: each is put into the sender, and the tests of crashes must notice."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from publisher.delivery import atwork, terms
from publisher.delivery.ledger import Ledger
from publisher.delivery.retry import Settlement
from publisher.delivery.transport import Mail
from publisher.store import sqlite


@contextmanager
def commit_at_the_end() -> Iterator[None]:
    """Write nothing down before all is sent: after a crash, everybody gets it again."""
    step, kept = Ledger.step, []

    def late(
        self: Ledger,
        armed: Sequence[Settlement],
        unarmed: Sequence[Settlement],
        arm: Sequence[int],
        rates: Sequence[tuple[str, float, datetime]],
        now: datetime,
    ) -> set[int]:
        kept.append((self, list(armed), list(unarmed), list(arm), list(rates), now))
        return set(arm)

    with patch.object(Ledger, "step", late):
        yield
    for ledger, armed, unarmed, arm, rates, now in kept:
        step(ledger, armed, unarmed, arm, rates, now)


@contextmanager
def sent_when_fetched() -> Iterator[None]:
    """Call all sent that was taken from the queue, before it is: after a crash, they get nothing."""
    due = Ledger.due

    def eager(self: Ledger, after: int, now: datetime, limit: int) -> list[Any]:
        rows = due(self, after, now, limit)
        with self._store.writing() as connection:
            for row in rows:
                connection.exec_driver_sql(
                    "UPDATE delivery SET state = 'sent' WHERE subscription_id = ? AND state = 'pending'", (row.id,)
                )
        return rows

    def nothing(_self: Ledger, _armed: object, _unarmed: object, arm: Sequence[int], *_: object) -> set[int]:
        return set(arm)

    with patch.object(Ledger, "due", eager), patch.object(Ledger, "step", nothing):
        yield


@contextmanager
def random_message_id() -> Iterator[None]:
    """Give each attempt a Message-ID of its own: nobody can tell a copy."""
    make = terms.Mailing.mail

    def another(self: terms.Mailing, *args: Any, **options: Any) -> Mail:
        mail = make(self, *args, **options)
        token = secrets.token_hex(12).encode()
        head, _, rest = mail.data.partition(b"Message-ID: <")
        return Mail(
            **{
                **{name: getattr(mail, name) for name in mail.__slots__},
                "data": head + b"Message-ID: <" + token + rest[rest.index(b"@") :],
            }
        )

    with patch.object(terms.Mailing, "mail", another):
        yield


@contextmanager
def not_synced() -> Iterator[None]:
    """Trust that the disk will have it soon."""
    settings = tuple(one.replace("= FULL", "= OFF") for one in sqlite._SETTINGS)
    assert settings != sqlite._SETTINGS
    with patch.object(sqlite, "_SETTINGS", settings):
        yield


@contextmanager
def not_locked() -> Iterator[None]:
    """Let two runs be at work at once."""

    def unlocked(_folder: Path, _store: object, _holder: object) -> AbstractContextManager[None]:
        return nullcontext()

    with patch.object(atwork, "one_run", unlocked):
        yield


MISTAKES: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "": nullcontext,
    "commit at the end": commit_at_the_end,
    "sent when fetched": sent_when_fetched,
    "random Message-ID": random_message_id,
    "not synced": not_synced,
    "not locked": not_locked,
}


def mistake(name: str) -> AbstractContextManager[None]:
    """Put a mistake into this process; none for an empty name."""
    return MISTAKES[name]()
