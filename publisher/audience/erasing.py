"""Removing people, and erasing them so that no byte of their address is left."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.engine import Connection

from publisher.audience.addresses import Address, key_of
from publisher.audience.suppression import ALL, note
from publisher.store import Store, StoreLocked
from publisher.store.keys import Keys
from publisher.store.sqlite import sync_folder
from publisher.store.tables import confirmation, delivery, report, subscription

#: Why an erased address gets nothing more.
ERASED = "erased"
#: States of deliveries that may still be sent and that no connection is busy with.
_OPEN = ("pending", "uncertain", "held")
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased of one person."""

    #: How many subscriptions, and how many lines of the ledger now have a keyed hash instead of the address.
    subscriptions: int
    deliveries: int
    #: Backups that upgrades had left and that are gone, as they had the address, too.
    backups: tuple[Path, ...] = ()


def remove(connection: Connection, address: Address, newsletter: str | None) -> int:
    """Remove the subscriptions of an address; it may be added or imported again. Return how many there were.

    What was sent stays in the ledger, and so does that an address is suppressed. Links that confirm are good no more, and
    no letter that asks leaves; how often the address was asked stays known.

    Args:
        connection: one that writes.
        address: of the person.
        newsletter: only of this one; of all where None.
    """
    own = subscription.c.address_key == address.key
    if newsletter is not None:
        own &= subscription.c.newsletter == newsletter
    asked = confirmation.c.subscription_id.in_(select(subscription.c.id).where(own))
    connection.execute(update(confirmation).where(asked).values(nonce="", due_at=None))
    return connection.execute(delete(subscription).where(own)).rowcount


def count(connection: Connection, address: Address, newsletter: str | None = None) -> int:
    """Return how many subscriptions an address has: of one newsletter, or of all."""
    statement = select(func.count()).where(subscription.c.address_key == address.key)
    if newsletter is not None:
        statement = statement.where(subscription.c.newsletter == newsletter)
    return connection.scalar(statement) or 0


def known(connection: Connection, address: Address) -> Erased:
    """Return what erasing an address would take."""
    rows = connection.execute(_ledger_of(address)).yield_per(_BATCH)
    return Erased(count(connection, address), sum(key_of(row.address) == address.key for row in rows))


def erase(store: Store, keys: Keys, address: Address, now: datetime) -> Erased:
    """Erase a person from everything that is kept; no import and nobody but they themselves bring them back.

    What is left is a keyed hash of the address, in the list of suppressed ones and where the ledger had the address.
    The file of SQLite, or PostgreSQL's tables, are then written anew, as free pages and logs may hold old content.

    Args:
        store: the database.
        keys: the publication's.
        address: of the person; it need not be known.
        now: the clock.

    Raises:
        StoreError: the database cannot be used. Where another command keeps it from being written anew, the person is
            erased from the tables all the same, and erasing them again completes it.
    """
    with store.writing() as connection:
        deliveries = _forget_deliveries(connection, keys, address, now)
        _forget_reports(connection, address)
        subscriptions = remove(connection, address, None)
        note(connection, keys, address.key, ALL, ERASED, now)
    return Erased(subscriptions, deliveries, _purge(store))


def _ledger_of(address: Address) -> Select[Any]:
    """Return the lines of the ledger with an address at this one's domain: whose it is, only its key tells."""
    columns = (delivery.c.issue_id, delivery.c.subscription_id, delivery.c.address, delivery.c.reply, delivery.c.state)
    return select(*columns).where(delivery.c.address.endswith(f"@{address.domain}", autoescape=True))


def _forget_deliveries(connection: Connection, keys: Keys, address: Address, now: datetime) -> int:
    """Replace an address in the ledger, however it was written when an issue was frozen; give up what is not sent."""
    rows = connection.execute(_ledger_of(address)).yield_per(_BATCH)
    found = [row for row in rows if key_of(row.address) == address.key]
    for row in found:
        values: dict[str, Any] = {
            "address": keys.address_hash(address.key),
            "name": "",
            "reply": _without(row.reply, address),
        }
        if row.state in _OPEN:
            values |= {"state": "skipped", "reason": ERASED, "done_at": now}
        mine = (delivery.c.issue_id == row.issue_id) & (delivery.c.subscription_id == row.subscription_id)
        connection.execute(update(delivery).where(mine).values(values))
    return len(found)


def _forget_reports(connection: Connection, address: Address) -> None:
    """Take out what was written down of bounces and complaints: it likes to quote."""
    own = select(subscription.c.id).where(subscription.c.address_key == address.key)
    connection.execute(update(report).where(report.c.subscription_id.in_(own)).values(detail=""))
    rows = connection.execute(select(report.c.id, report.c.detail).where(report.c.detail != "")).yield_per(_BATCH)
    for number in [row.id for row in rows if address.key in key_of(row.detail)]:
        connection.execute(update(report).where(report.c.id == number).values(detail=""))


def _without(reply: str, address: Address) -> str:
    """Return a relay's answer without the address: relays like to quote the one that they refuse."""
    return "" if address.key in key_of(reply) or address.key.partition("@")[0] in key_of(reply) else reply


def _purge(store: Store) -> tuple[Path, ...]:
    backups: tuple[Path, ...] = ()
    if store.path is not None:
        backups = tuple(sorted(store.path.parent.glob(f"{store.path.stem}-before-*{store.path.suffix}")))
        for backup in backups:
            backup.unlink(missing_ok=True)
        sync_folder(store.path.parent)
    try:
        if store.path is not None:
            store.rewrite()
        else:
            _rewrite_tables(store)
    except StoreLocked:
        raise StoreLocked(
            f"{store.place}: the person is erased from all tables, but another command keeps the file from being "
            "written anew, and old content may be left in it; erase the same address again later"
        ) from None
    return backups


def _rewrite_tables(store: Store) -> None:
    """Write PostgreSQL's tables and their indexes anew: a VACUUM that is not FULL leaves old rows' bytes where they were."""
    with store.session() as connection:
        for table in (subscription, delivery, report):
            connection.exec_driver_sql(f"VACUUM FULL {table.name}")
