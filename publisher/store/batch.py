"""Statements of one transaction as text and values, with nothing between them and the driver.

What runs once a mail goes this way: SQLAlchemy takes longer to hand a statement over than the database to run it.
"""

from collections.abc import Sequence
from typing import Any

Values = Sequence[Any]


class Batch:
    """One transaction's statements; `Store.batch` begins and ends it.

    Args:
        cursor: the driver's.
    """

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def each(self, statement: str, rows: Sequence[Values]) -> int:
        """Run a statement once a row, and return how many rows of the database that changed."""
        if len(rows) == 1:
            self._cursor.execute(statement, rows[0])
        else:
            self._cursor.executemany(statement, rows)
        return int(self._cursor.rowcount)

    def rows(self, statement: str, values: Values) -> list[tuple[Any, ...]]:
        """Return what a statement finds."""
        self._cursor.execute(statement, values)
        return list(self._cursor.fetchall())
