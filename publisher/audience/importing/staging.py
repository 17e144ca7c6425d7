"""A temporary table of all rows, and what becomes of each: one statement a rule."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.schema import CreateTable, DropTable

from publisher.audience.erasing import ERASED
from publisher.audience.importing.judging import STOPS, Staged
from publisher.audience.status import Status, may_become
from publisher.audience.suppression import ALL
from publisher.store.keys import Keys
from publisher.store.tables import Id, subscription, suppression

#: What becomes of a row, besides the reasons for which people are kept out. None: a new subscription.
CHANGED, UNCHANGED, REPEATED = "changed", "unchanged", "repeated"
#: Fields that change, as bits: a person's own, how they agreed, what they are.
NAME, LANGUAGE, CADENCE, TAGS, CONSENT, STATUS = (1 << number for number in range(6))

staging = Table(
    "importing",
    MetaData(),
    Column("seq", Id, primary_key=True),
    #: Number of the file, and the line there.
    Column("file", Integer, nullable=False, server_default="0"),
    Column("line", Integer, nullable=False),
    Column("newsletter", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False),
    #: Where it was needed as far as was known when the row was read.
    Column("hash", String(64)),
    Column("status", Text, nullable=False),
    Column("name", Text),
    Column("language", Text),
    Column("cadence", Text),
    #: A JSON list, as text.
    Column("tags", Text),
    #: Times as `Moment` keeps them.
    Column("consent_at", Text),
    Column("consent_source", Text),
    Column("created_at", Text),
    Column("changed_at", Text),
    Column("reason", Text, nullable=False, server_default=""),
    Column("outcome", Text),
    #: Of the subscription that there is already, and what it is.
    Column("subscription_id", Id),
    Column("fields", Integer, nullable=False, server_default="0"),
    prefixes=["TEMPORARY"],
)
_BATCH = 1000
_GIVEN = [column.name for column in staging.columns][1:-3]
_STOPS = [status.value for status in STOPS]
# The lower, the more a row counts when those of one address disagree.
_RANK = case({stop: number for number, stop in enumerate(_STOPS)}, value=staging.c.status, else_=len(_STOPS))
_BY_PERSON = Index("importing_person", staging.c.address_key, staging.c.newsletter)
_STOPPED, _WANTED = subscription.c.status.in_(_STOPS), staging.c.status.not_in(_STOPS)


def begin(connection: Connection) -> None:
    """Make the table; it goes with the transaction, or by `end`."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA temp.secure_delete = OFF")
    connection.execute(CreateTable(staging))


def end(connection: Connection) -> None:
    """Drop the table."""
    connection.execute(DropTable(staging))


def add(connection: Connection, file: int, batch: Sequence[tuple[int, Staged]]) -> None:
    """Add rows of a file, each with its line."""
    if not batch:
        return
    lines, staged = zip(*batch, strict=True)
    columns = ([file] * len(lines), lines, *zip(*staged, strict=True))
    # Columns without any value are left out: each costs as much as reading a cell does.
    given = {name: values for name, values in zip(_GIVEN, columns, strict=True) if any(values)}
    ready = list(zip(*given.values(), strict=True))
    # The driver's own way: values that are ready need nothing of what SQLAlchemy does for each of them.
    statement = insert(staging).compile(dialect=connection.dialect, column_keys=list(given))
    if statement.positional:
        connection.exec_driver_sql(str(statement), ready)
    else:
        connection.exec_driver_sql(str(statement), [dict(zip(given, row, strict=True)) for row in ready])


def lock(connection: Connection) -> None:
    """Keep everybody else from changing subscriptions until the transaction ends; reading them stays possible."""
    if connection.dialect.name == "sqlite":
        connection.execute(update(subscription).where(text("0")).values(status=""))
    else:
        connection.execute(text("LOCK TABLE subscription, suppression IN SHARE ROW EXCLUSIVE MODE"))


def decide(connection: Connection, keys: Keys) -> None:
    """Find out what becomes of each row, and write it beside it."""
    _BY_PERSON.create(connection)
    connection.execute(_mark_repeated())
    connection.execute(_mark_known())
    if any_suppressed(connection):
        _hash_all(connection, keys)
        for reason in (suppression.c.reason == ERASED, suppression.c.reason != ERASED):
            connection.execute(_mark_kept_out(reason))


def _hash_all(connection: Connection, keys: Keys) -> None:
    """Hash what is not hashed yet: somebody was suppressed for the first time while the files were read."""
    missing = select(staging.c.seq, staging.c.address_key).where(staging.c.hash.is_(None)).order_by(staging.c.seq)
    change = update(staging).where(staging.c.seq == bindparam("number")).values(hash=bindparam("digest"))
    while rows := connection.execute(missing.limit(_BATCH)).all():
        connection.execute(change, [{"number": row.seq, "digest": keys.address_hash(row.address_key)} for row in rows])


def any_suppressed(connection: Connection) -> bool:
    """Say whether anybody is suppressed."""
    return connection.execute(select(suppression.c.reason).limit(1)).first() is not None


def _mark_repeated() -> Any:
    """Let one row of each person count: the one that stops mail, else the first."""
    nth = func.row_number().over(
        partition_by=(staging.c.address_key, staging.c.newsletter), order_by=(_RANK, staging.c.seq)
    )
    # Mostly there are none, which the index alone can tell.
    person = (staging.c.address_key, staging.c.newsletter)
    several = select(*person).group_by(*person).having(func.count() > 1)
    numbered = select(staging.c.seq, nth.label("nth")).where(tuple_(*person).in_(several)).subquery()
    later = select(numbered.c.seq).where(numbered.c.nth > 1)
    return update(staging).where(staging.c.seq.in_(later)).values(outcome=REPEATED)


def _mark_known() -> Any:
    """Compare with the subscriptions that there are."""
    fields = _fields()
    outcome = case(
        (staging.c.status.in_(_STOPS), case((_may_become(), CHANGED), else_=UNCHANGED)),
        (_STOPPED, subscription.c.status),
        (fields > 0, CHANGED),
        else_=UNCHANGED,
    )
    same = and_(subscription.c.newsletter == staging.c.newsletter, subscription.c.address_key == staging.c.address_key)
    return (
        update(staging)
        .where(same, staging.c.outcome.is_(None))
        .values(
            outcome=outcome,
            subscription_id=subscription.c.id,
            fields=case((staging.c.status.in_(_STOPS), STATUS), else_=fields),
        )
    )


def _may_become() -> ColumnElement[bool]:
    pairs = [(old, new) for old in Status for new in Status if may_become(old, new)]
    return or_(*(and_(subscription.c.status == old.value, staging.c.status == new.value) for old, new in pairs))


def _fields() -> ColumnElement[int]:
    """Return the bits of what a row changes of a subscription that gets mail; what it does not say changes nothing."""
    new, old = staging.c, subscription.c
    confirmed = and_(old.status == Status.PENDING.value, new.status == Status.CONFIRMED.value)
    # Proof that there is already is never replaced.
    unknown = and_(old.consent_at.is_(None), old.consent_source == "")
    agreed = or_(new.consent_at.is_not(None), new.consent_source.is_not(None))
    bits: Sequence[tuple[int, ColumnElement[bool]]] = (
        (NAME, new.name != old.name),
        (LANGUAGE, new.language != old.language),
        (CADENCE, new.cadence != old.cadence),
        (TAGS, new.tags != cast(old.tags, Text)),
        (CONSENT, and_(agreed, or_(unknown, confirmed))),
        (STATUS, confirmed),
    )
    total: ColumnElement[int] = literal(0)
    for bit, differs in bits:
        total = total + case((differs, bit), else_=0)
    return total


def _mark_kept_out(reason: ColumnElement[bool]) -> Any:
    """Keep out who is suppressed although there is no subscription, or only one that asks."""
    open_ones = or_(staging.c.outcome.is_(None), and_(staging.c.outcome == CHANGED, _WANTED))
    return (
        update(staging)
        .where(
            suppression.c.address_hash == staging.c.hash,
            suppression.c.newsletter.in_([ALL, staging.c.newsletter]),
            open_ones,
            reason,
        )
        .values(outcome=case((suppression.c.reason == ERASED, ERASED), else_=Status.SUPPRESSED.value))
    )
