"""Subscriptions: a person's address and one newsletter, how they come, change and go."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from publisher.audience.addresses import Address, parse_address, parse_domain
from publisher.audience.status import Cadence, Status, sources_of
from publisher.audience.suppression import lift, suppressed
from publisher.errors import PublisherError, UsageError
from publisher.markup.characters import TURNING, line
from publisher.store import Store
from publisher.store.keys import Keys
from publisher.store.tables import subscription as table

#: How many subscriptions are in memory at once.
PAGE = 1000
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
#: Characters of a name and of a tag, and tags of a person.
LONGEST_NAME, LONGEST_TAG, MOST_TAGS = 200, 64, 50
# Would turn what follows a name or a tag, in a mail's text or in a list on a screen.
_TURNING = re.compile(f"[{TURNING}]")


@dataclass(frozen=True, slots=True)
class Subscription:
    """A person's address and one newsletter."""

    #: Counted by the database.
    id: int
    #: Name of the newsletter, as in the settings.
    newsletter: str
    #: As mail is sent to it: the local part as given, the domain in ASCII and lower case.
    address: str
    #: Of the person; empty where unknown.
    name: str
    status: Status
    #: BCP 47; empty for the newsletter's own.
    language: str
    cadence: Cadence
    #: Tags of interest; empty for all articles.
    tags: tuple[str, ...]
    #: When and how the person agreed; None and empty where nobody knows.
    consent_at: datetime | None
    consent_source: str
    created_at: datetime
    #: When the status became what it is, and why, in words.
    changed_at: datetime
    reason: str


class SubscriptionRefused(PublisherError):
    """A person left, complained, was suppressed or erased, and comes back by their own confirmed wish alone."""


_COLUMNS = tuple(table.c[name] for name in Subscription.__dataclass_fields__)
_BY_ID = select(*_COLUMNS).where(table.c.id == bindparam("id"))
_BY_KEY = select(*_COLUMNS).where(
    table.c.newsletter == bindparam("newsletter"), table.c.address_key == bindparam("address_key")
)
_BY_KEY_TO_CHANGE = _BY_KEY.with_for_update()  # nothing on SQLite, where there is one writer


def record(row: Row[Any]) -> Subscription:
    """Return the record of a row with the columns of `Subscription`, in its order."""
    number, newsletter, address, name, status, language, cadence, tags, *rest = tuple(row)
    return Subscription(
        number, newsletter, address, name, Status(status), language, Cadence(cadence), tuple(tags), *rest
    )


def find(connection: Connection, newsletter: str, address: str | Address) -> Subscription | None:
    """Return the subscription of an address; None for none.

    Raises:
        AddressRefused: it is no address.
    """
    key = (address if isinstance(address, Address) else parse_address(address)).key
    row = connection.execute(_BY_KEY, {"newsletter": newsletter, "address_key": key}).first()
    return None if row is None else record(row)


def by_id(connection: Connection, id: int) -> Subscription | None:  # noqa: A002 # as the column is called
    """Return a subscription; None for none."""
    row = connection.execute(_BY_ID, {"id": id}).first()
    return None if row is None else record(row)


def subscribe(
    connection: Connection,
    keys: Keys,
    newsletter: str,
    address: str | Address,
    *,
    now: datetime,
    name: str = "",
    status: Status = Status.CONFIRMED,
    language: str = "",
    cadence: Cadence = Cadence.EVERY,
    tags: Sequence[str] = (),
    consent_at: datetime | None = None,
    consent_source: str = "",
    again: bool = False,
) -> Subscription:
    """Subscribe a person; one who is subscribed already stays as they are, but that `pending` may become `confirmed`.

    Args:
        connection: one that writes.
        keys: the publication's.
        newsletter: its name.
        address: of the person.
        now: the clock.
        name: of the person.
        status: `pending` or `confirmed`.
        language: BCP 47; empty for the newsletter's own.
        cadence: how often, at most.
        tags: of interest; none for all articles.
        consent_at: when the person agreed; None where nobody knows.
        consent_source: how they agreed, in words.
        again: takes a person back who left or whose address bounced: they asked for it.

    Raises:
        AddressRefused: it is no address.
        SubscriptionRefused: the person left, complained, was suppressed or erased.
        UsageError: the language is none.
    """
    found = address if isinstance(address, Address) else parse_address(address)
    values = {
        "newsletter": newsletter,
        "address": found.text,
        "address_key": found.key,
        **preferences(name=name, language=language, cadence=cadence, tags=tags),
        "status": status.value,
        "consent_at": consent_at,
        "consent_source": line(consent_source),
        "created_at": now,
        "changed_at": now,
    }
    there = connection.execute(_BY_KEY_TO_CHANGE, {"newsletter": newsletter, "address_key": found.key}).first()
    if there is None:
        _expect_unsuppressed(connection, keys, found, newsletter)
        if row := connection.execute(_INSERT_NEW[connection.dialect.name], values).first():
            return record(row)
        there = connection.execute(_BY_KEY_TO_CHANGE, {"newsletter": newsletter, "address_key": found.key}).one()
    return _renewed(connection, keys, record(there), values, again=again)


# Nothing where somebody else inserted it in the same moment.
_INSERT_NEW = {
    "sqlite": sqlite.insert(table).on_conflict_do_nothing().returning(*_COLUMNS),
    "postgresql": postgresql.insert(table).on_conflict_do_nothing().returning(*_COLUMNS),
}


def _expect_unsuppressed(connection: Connection, keys: Keys, address: Address, newsletter: str) -> None:
    reason = suppressed(connection, keys, address.key, newsletter)
    if reason is not None:
        raise SubscriptionRefused(
            f"{address.text} gets nothing more ({reason}) and comes back by signing up and confirming alone"
        )


def _renewed(
    connection: Connection, keys: Keys, old: Subscription, values: dict[str, Any], *, again: bool
) -> Subscription:
    wanted = Status(values["status"])
    if old.status is wanted or (old.status is Status.CONFIRMED and wanted is Status.PENDING):
        return old
    back = again and old.status in (Status.UNSUBSCRIBED, Status.BOUNCED)
    if not back and old.status is not Status.PENDING:
        raise SubscriptionRefused(_why_not(old))
    _expect_unsuppressed(connection, keys, parse_address(old.address), old.newsletter)
    changed = {name: values[name] for name in ("status", "consent_at", "consent_source", "changed_at")}
    connection.execute(update(table).where(table.c.id == old.id).values(**changed, reason=""))
    renewed = by_id(connection, old.id)
    assert renewed is not None
    return renewed


def _why_not(old: Subscription) -> str:
    day, reason = f"{old.changed_at:%Y-%m-%d}", f" ({old.reason})" if old.reason else ""
    words = {
        Status.UNSUBSCRIBED: "left; whoever asked you to come back is added with --again",
        Status.BOUNCED: "takes no mail; once it does, add it with --again",
        Status.COMPLAINED: "called a mail junk and comes back by signing up and confirming alone",
        Status.SUPPRESSED: "gets nothing more and comes back by signing up and confirming alone",
    }
    return f"{old.address}: on {day} it became {old.status.value}{reason}; it {words[old.status]}"


def confirm(connection: Connection, keys: Keys, id: int, now: datetime, source: str) -> bool:  # noqa: A002
    """Carry out a person's own wish, confirmed by a link that only they have: it undoes all that kept mail away.

    Args:
        connection: one that writes.
        keys: the publication's.
        id: of the subscription.
        now: the clock.
        source: how they confirmed, in words: the proof of consent.

    Returns:
        True when the subscription changed; False where it was confirmed already, or is gone.
    """
    key = connection.scalar(select(table.c.address_key).where(table.c.id == id))
    if key is None or not change(connection, id, Status.CONFIRMED, "", now, own_wish=True):
        return False
    connection.execute(update(table).where(table.c.id == id).values(consent_at=now, consent_source=line(source)))
    newsletter = connection.scalar(select(table.c.newsletter).where(table.c.id == id))
    lift(connection, keys, key, str(newsletter))
    return True


def change(
    connection: Connection,
    id: int,  # noqa: A002
    status: Status,
    reason: str,
    now: datetime,
    *,
    own_wish: bool = False,
) -> bool:
    """Change what a subscription is, where `publisher.audience.status.may_become` allows it; say whether it did.

    Args:
        connection: one that writes.
        id: of the subscription.
        status: what it becomes.
        reason: in words.
        now: the clock.
        own_wish: the person confirmed it, by a link that only they have.
    """
    done = connection.execute(
        _CHANGE,
        {
            "the_id": id,
            "sources": [old.value for old in sources_of(status, own_wish=own_wish)],
            "status": status.value,
            "reason": line(reason),
            "changed_at": now,
        },
    )
    return done.rowcount == 1


_CHANGE = update(table).where(
    table.c.id == bindparam("the_id"), table.c.status.in_(bindparam("sources", expanding=True))
)


def unsubscribe(connection: Connection, id: int, now: datetime, reason: str) -> bool:  # noqa: A002
    """Let a person leave; doing so again changes nothing. Say whether anything changed."""
    return change(connection, id, Status.UNSUBSCRIBED, reason, now)


def prefer(
    connection: Connection,
    id: int,  # noqa: A002
    *,
    name: str | None = None,
    language: str | None = None,
    cadence: Cadence | None = None,
    tags: Sequence[str] | None = None,
) -> bool:
    """Set what a person prefers, each where given; say whether the subscription is there.

    Raises:
        UsageError: the language is none.
    """
    values = preferences(name=name, language=language, cadence=cadence, tags=tags)
    if not values:
        return by_id(connection, id) is not None
    return connection.execute(update(table).where(table.c.id == id).values(**values)).rowcount == 1


def preferences(
    *,
    name: str | None = None,
    language: str | None = None,
    cadence: Cadence | None = None,
    tags: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return what a person prefers as values of the table's columns, each where given.

    Names and tags are on one line, no longer than `LONGEST_NAME` and `LONGEST_TAG`, and turn no direction of text; of tags
    the first `MOST_TAGS` are kept.

    Raises:
        UsageError: the language is none.
    """
    values: dict[str, Any] = {}
    if name is not None:
        values["name"] = short_name(name)
    if language is not None:
        if language and not _LANGUAGE.fullmatch(language):
            raise UsageError(f"{language} is no language, such as en or pt-BR")
        values["language"] = language
    if cadence is not None:
        values["cadence"] = cadence.value
    if tags is not None:
        values["tags"] = list(dict.fromkeys(tag for text in tags if (tag := _short(text, LONGEST_TAG))))[:MOST_TAGS]
    return values


def short_name(text: str) -> str:
    """Return a person's name as it is kept: on one line, no longer than `LONGEST_NAME`."""
    return _short(text, LONGEST_NAME)


def _short(text: str, most: int) -> str:
    # What is printable is legal and turns nothing: U+202A-202E and U+2066-2069 are of category Cf.
    spaced = " ".join(text.split()) if text.isprintable() else line(_TURNING.sub("", text))
    return spaced[:most].rstrip()


def each(
    connection: Connection,
    *,
    newsletter: str | None = None,
    status: Status | None = None,
    tag: str | None = None,
    domain: str | None = None,
) -> Iterator[Subscription]:
    """Yield subscriptions by id, in flat memory.

    On SQLite nobody can write while a transaction reads: see `stream`.

    Args:
        connection: one that reads.
        newsletter: only of this one.
        status: only those that are this.
        tag: only of people with this tag of interest, whatever its case.
        domain: only with an address there or below, in any form.

    Raises:
        AddressRefused: the domain is none.
    """
    statement = _selected(newsletter, status, domain)
    rows: Sequence[Row[Any]] = ()
    while rows := _page(connection, statement, rows):
        yield from _with_tag(rows, tag)


def stream(
    store: Store,
    *,
    newsletter: str | None = None,
    status: Status | None = None,
    tag: str | None = None,
    domain: str | None = None,
) -> Iterator[Subscription]:
    """Yield subscriptions as `each` does, each page in a transaction of its own: who takes them may take long.

    Whoever is subscribed when it begins and stays so is among them, once.

    Raises:
        AddressRefused: the domain is none.
        StoreError: the database cannot be read.
    """
    statement = _selected(newsletter, status, domain)
    rows: Sequence[Row[Any]] = ()
    while True:
        with store.reading() as connection:
            rows = _page(connection, statement, rows)
        if not rows:
            return
        yield from _with_tag(rows, tag)


def _page(connection: Connection, statement: Select[Any], before: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    return connection.execute(statement, {"after": before[-1].id if before else 0, "limit": PAGE}).all()


def _with_tag(rows: Sequence[Row[Any]], tag: str | None) -> Iterator[Subscription]:
    wanted = tag and tag.casefold()
    for row in rows:
        if wanted is None or wanted in (own.casefold() for own in row.tags):
            yield record(row)


def _selected(newsletter: str | None, status: Status | None, domain: str | None) -> Select[Any]:
    statement = select(*_COLUMNS).where(table.c.id > bindparam("after")).order_by(table.c.id).limit(bindparam("limit"))
    if newsletter is not None:
        statement = statement.where(table.c.newsletter == newsletter)
    if status is not None:
        statement = statement.where(table.c.status == status.value)
    if domain is not None:
        ascii_domain = parse_domain(domain)
        there, below = (table.c.address.endswith(f"{sign}{ascii_domain}", autoescape=True) for sign in "@.")
        statement = statement.where(there | below)
    return statement
