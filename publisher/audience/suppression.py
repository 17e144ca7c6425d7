"""Addresses that get nothing more: kept as keyed hashes, so that they are known when the address itself is erased."""

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from publisher.audience.status import Status, sources_of
from publisher.markup.characters import line
from publisher.store.keys import Keys
from publisher.store.tables import subscription, suppression

#: Stands for every newsletter.
ALL = ""

_FIND = (
    select(suppression.c.reason)
    .where(
        suppression.c.address_hash == bindparam("hash"),
        suppression.c.newsletter.in_([ALL, bindparam("newsletter_name", type_=suppression.c.newsletter.type)]),
    )
    .order_by(suppression.c.newsletter)
)


def suppressed(connection: Connection, keys: Keys, address_key: str, newsletter: str) -> str | None:
    """Return why an address gets nothing of a newsletter, in words; None where it may."""
    wanted = {"hash": keys.address_hash(address_key), "newsletter_name": newsletter}
    reason: str | None = connection.scalar(_FIND, wanted)
    return reason


def suppress(connection: Connection, keys: Keys, address_key: str, newsletter: str, reason: str, now: datetime) -> None:
    """See to it that an address gets nothing more of a newsletter, not even when it is imported again.

    A subscription that complained stays so; any other becomes `suppressed`.

    Args:
        connection: one that writes.
        keys: the publication's.
        address_key: of the address.
        newsletter: its name; `ALL` for every one.
        reason: in words, without the address.
        now: the clock.
    """
    note(connection, keys, address_key, newsletter, reason, now)
    sources = [old.value for old in sources_of(Status.SUPPRESSED) if old is not Status.COMPLAINED]
    statement = update(subscription).where(
        subscription.c.address_key == address_key, subscription.c.status.in_(sources)
    )
    if newsletter != ALL:
        statement = statement.where(subscription.c.newsletter == newsletter)
    connection.execute(statement.values(status=Status.SUPPRESSED.value, reason=line(reason), changed_at=now))


def note(connection: Connection, keys: Keys, address_key: str, newsletter: str, reason: str, now: datetime) -> None:
    """Write down that an address gets nothing more; what was written down first stays."""
    entry = {"address_hash": keys.address_hash(address_key), "newsletter": newsletter}
    known = select(suppression.c.at).filter_by(**entry)
    if connection.execute(known).first() is None:
        connection.execute(insert(suppression).values(**entry, reason=line(reason), at=now))


def lift(connection: Connection, keys: Keys, address_key: str, newsletter: str) -> None:
    """Forget that an address gets nothing of a newsletter, as the person themselves confirmed that they want it."""
    connection.execute(
        delete(suppression).where(
            suppression.c.address_hash == keys.address_hash(address_key),
            suppression.c.newsletter.in_([ALL, newsletter]),
        )
    )
