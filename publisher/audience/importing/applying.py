"""Carrying out what was decided about rows, all of it in one transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, case, cast, exists, func, insert, literal, or_, select, update
from sqlalchemy.engine import Connection

from publisher.audience.importing.judging import NOTED
from publisher.audience.importing.staging import (
    CADENCE,
    CHANGED,
    CONSENT,
    LANGUAGE,
    NAME,
    STATUS,
    TAGS,
    staging,
)
from publisher.audience.status import Cadence
from publisher.store.tables import Moment, subscription, suppression


def apply(connection: Connection, now: datetime) -> None:
    """Make new subscriptions, change those that differ, and remember who shall get nothing.

    Args:
        connection: one that writes, whose staging table has been decided about.
        now: the clock.
    """
    clock = literal(now, Moment)
    connection.execute(_remembered(clock))
    connection.execute(_changed(connection, clock))
    connection.execute(_new(connection, clock))


def _new(connection: Connection, clock: ColumnElement[Any]) -> Any:
    new = staging.c
    values = {
        "newsletter": new.newsletter,
        "address": new.address,
        "address_key": new.address_key,
        "name": func.coalesce(new.name, ""),
        "status": new.status,
        "language": func.coalesce(new.language, ""),
        "cadence": func.coalesce(new.cadence, Cadence.EVERY.value),
        "tags": _json(connection, func.coalesce(new.tags, "[]")),
        "consent_at": new.consent_at,
        "consent_source": func.coalesce(new.consent_source, ""),
        "created_at": func.coalesce(new.created_at, clock),
        "changed_at": func.coalesce(new.changed_at, clock),
        "reason": new.reason,
    }
    rows = select(*values.values()).where(new.outcome.is_(None)).order_by(new.seq)
    return insert(subscription).from_select(list(values), rows)


def _changed(connection: Connection, clock: ColumnElement[Any]) -> Any:
    new, old = staging.c, subscription.c

    def where(bit: int, value: ColumnElement[Any], otherwise: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((new.fields.bitwise_and(bit) != 0, value), else_=otherwise)

    values = {
        "name": where(NAME, new.name, old.name),
        "language": where(LANGUAGE, new.language, old.language),
        "cadence": where(CADENCE, new.cadence, old.cadence),
        "tags": where(TAGS, _json(connection, new.tags), old.tags),
        "consent_at": where(CONSENT, new.consent_at, old.consent_at),
        "consent_source": where(CONSENT, func.coalesce(new.consent_source, ""), old.consent_source),
        "status": where(STATUS, new.status, old.status),
        "changed_at": where(STATUS, clock, old.changed_at),
        "reason": where(STATUS, new.reason, old.reason),
    }
    return update(subscription).where(old.id == new.subscription_id, new.outcome == CHANGED).values(values)


def _remembered(clock: ColumnElement[Any]) -> Any:
    """Note who is suppressed or complained, so that nobody brings them back once their subscription is removed."""
    new = staging.c
    noted = exists().where(suppression.c.address_hash == new.hash, suppression.c.newsletter == new.newsletter)
    reason = case((new.reason == "", new.status), else_=new.reason)
    values = {"address_hash": new.hash, "newsletter": new.newsletter, "reason": reason, "at": clock}
    rows = select(*values.values()).where(
        new.status.in_(NOTED),
        or_(new.outcome.is_(None), new.outcome == CHANGED),
        ~noted,
    )
    return insert(suppression).from_select(list(values), rows)


def _json(connection: Connection, text: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return text as what a column of JSON takes; on SQLite that is text, and a cast would make a number of it."""
    return cast(text, JSON) if connection.dialect.name == "postgresql" else text
