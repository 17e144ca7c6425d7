"""What the database itself refuses: a delivery that is sent, failed or skipped stays so, whoever writes."""

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.schema import Table

from publisher.store.tables import delivery

_SETTLED = "OLD.state IN ('sent', 'failed', 'skipped')"
_WORDS = "a delivery that is settled stays as it is"

_UPDATE = "CREATE TRIGGER delivery_settled BEFORE UPDATE OF issue_id, subscription_id, state ON delivery"
_DELETE = "CREATE TRIGGER delivery_kept BEFORE DELETE ON delivery"
_ON_SQLITE = f"WHEN {_SETTLED} BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
_ON_POSTGRESQL = f"FOR EACH ROW WHEN ({_SETTLED}) EXECUTE FUNCTION delivery_settled()"
_FUNCTION = f"""CREATE FUNCTION delivery_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'integrity_constraint_violation'; END
$$"""

#: Statements by dialect. The address and the name of a settled delivery may be replaced: a person may be erased.
STATEMENTS = {
    "sqlite": (f"{_UPDATE} {_ON_SQLITE}", f"{_DELETE} {_ON_SQLITE}"),
    "postgresql": (_FUNCTION, f"{_UPDATE} {_ON_POSTGRESQL}", f"{_DELETE} {_ON_POSTGRESQL}"),
}


def _make(_table: Table, connection: Connection, **_: object) -> None:
    for statement in STATEMENTS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


event.listen(delivery, "after_create", _make)
