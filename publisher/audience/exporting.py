"""Subscriptions as files that an import reads again without loss, and all that is known of one person."""

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from publisher.audience.addresses import Address, key_of
from publisher.audience.formulas import guarded, unguarded
from publisher.audience.subscriptions import Subscription
from publisher.errors import SurroundingsError, UsageError
from publisher.markup.dates import rfc3339
from publisher.store.keys import Keys
from publisher.store.sqlite import sync_folder
from publisher.store.tables import confirmation, delivery, issue, report, subscription, suppression

#: The columns of our own files, in their order.
COLUMNS = (
    "newsletter",
    "address",
    "name",
    "status",
    "language",
    "cadence",
    "tags",
    "consent_at",
    "consent_source",
    "created_at",
    "changed_at",
    "reason",
)
_BATCH = 1000


def csv_lines(subscriptions: Iterable[Subscription], *, raw: bool = False) -> Iterator[str]:
    """Yield a CSV file (RFC 4180), some rows at a time: UTF-8, all cells quoted, with a header.

    Args:
        subscriptions: what is written.
        raw: leaves out the apostrophe before what a spreadsheet would take for a formula; only a text that begins with
            such a one itself has another, which an import takes off.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    written = unguarded if raw else guarded
    for number, one in enumerate(subscriptions, 1):
        writer.writerow(map(written, _cells(one)))
        if number % _BATCH == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def ndjson_lines(subscriptions: Iterable[Subscription]) -> Iterator[str]:
    """Yield an NDJSON file, a line at a time: one JSON object for each subscription."""
    for one in subscriptions:
        document = dict(zip(COLUMNS, _cells(one), strict=True)) | {
            "tags": one.tags,
            "consent_at": _moment(one.consent_at),
        }
        yield json.dumps(document, ensure_ascii=False) + "\n"


def write_private(path: Path, pieces: Iterable[str]) -> None:
    """Write a file that only its owner may read; it has its name once it is whole and on the disk.

    Raises:
        UsageError: the target is no ordinary file.
        SurroundingsError: the disk or its permissions refuse.
    """
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: is no ordinary file; name a new one")
    beside = path.with_name(f".{path.name}.tmp")
    try:
        beside.unlink(missing_ok=True)  # left by a command that was killed
        handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                out.writelines(piece.encode() for piece in pieces)
                out.flush()
                os.fsync(out.fileno())
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be written: {error.strerror or error}") from error


def _cells(one: Subscription) -> list[str]:
    return [
        one.newsletter,
        one.address,
        one.name,
        one.status.value,
        one.language,
        one.cadence.value,
        _tags(one.tags),
        _moment(one.consent_at) or "",
        one.consent_source,
        rfc3339(one.created_at),
        rfc3339(one.changed_at),
        one.reason,
    ]


def _tags(tags: tuple[str, ...]) -> str:
    """Join tags by commas; one that has a comma or a quotation mark stands in quotation marks."""
    return ",".join('"' + tag.replace('"', '""') + '"' if {",", '"'} & set(tag) else tag for tag in tags)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else rfc3339(value)


def everything_about(connection: Connection, keys: Keys, address: Address) -> dict[str, Any]:
    """Return all that is kept of a person, as a JSON document: what they may ask for (GDPR, article 15).

    Args:
        connection: one that reads.
        keys: the publication's.
        address: of the person, in any form.
    """
    subscriptions = _rows(connection, select(subscription).where(subscription.c.address_key == address.key))
    own = [row["id"] for row in subscriptions]
    hashed = keys.address_hash(address.key)
    return {
        "address": address.text,
        "subscriptions": [_without(row, "address_key") for row in subscriptions],
        "deliveries": list(_deliveries(connection, address, own, hashed)),
        "reports": [
            _without(row, "digest")
            for row in _rows(connection, select(report).where(report.c.subscription_id.in_(own)).order_by(report.c.id))
        ],
        "suppressed": [
            _without(row, "address_hash")
            for row in _rows(connection, select(suppression).where(suppression.c.address_hash == hashed))
        ],
        "asked_to_confirm": [
            _without(row, "address_hash", "nonce")
            for row in _rows(connection, select(confirmation).where(confirmation.c.address_hash == hashed))
        ],
    }


def _deliveries(connection: Connection, address: Address, own: list[int], hashed: str) -> Iterator[dict[str, Any]]:
    """Yield the lines of the ledger: by subscription, and by address where the subscription is gone."""
    there = delivery.c.address.endswith(f"@{address.domain}", autoescape=True) | (delivery.c.address == hashed)
    statement = (
        select(issue.c.newsletter, issue.c.key.label("issue"), delivery)
        .join(issue, issue.c.id == delivery.c.issue_id)
        .where(there | delivery.c.subscription_id.in_(own))
        .order_by(delivery.c.issue_id, delivery.c.subscription_id)
    )
    for row in connection.execute(statement).yield_per(_BATCH).mappings():
        if row["subscription_id"] in own or row["address"] == hashed or key_of(row["address"]) == address.key:
            yield _plain(row)


def _rows(connection: Connection, statement: Any) -> list[dict[str, Any]]:
    return [_plain(row) for row in connection.execute(statement).mappings()]


def _plain(row: Any) -> dict[str, Any]:
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in row.items()}


def _without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
