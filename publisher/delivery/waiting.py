"""The mails that are due, as many as are needed in memory, and which of them may leave now."""

from collections import deque
from datetime import datetime

from publisher.delivery.ledger import Ledger, Row
from publisher.delivery.rates import Limits

#: How many rows are read at once.
PAGE = 500
#: How many rows are looked at in order to find one whose domain has room.
_MOST = 20_000


class Waiting:
    """Gives one mail after the other, those first whose domains have room.

    Args:
        ledger: of the issue.
        limits: all rates.
        now: the clock; what becomes due later is for the next run.
        page: how many rows are read at once.
    """

    def __init__(self, ledger: Ledger, limits: Limits, now: datetime, page: int = PAGE) -> None:
        self._ledger = ledger
        self._limits = limits
        self._began = now
        self._page = page
        self._after = 0
        self._exhausted = False
        #: In turn, so that one large domain does not keep the others waiting.
        self._groups: dict[str, deque[Row]] = {}
        self._count = 0

    def take(self, now: datetime) -> Row | None:
        """Return a mail that may leave now, and count it; None where there is none, or none may."""
        if not self._count:
            self._read()
        while True:
            for group, rows in self._groups.items():
                if not self._limits.any or self._limits.wait(group or rows[0].domain, now) <= 0:
                    return self._taken(group, rows, now)
            if self._exhausted or self._count >= _MOST or not self._limits.any:
                return None
            self._read()

    def back(self, row: Row, now: datetime) -> None:
        """Put a mail back that was taken and certainly not sent."""
        self.spare(row, now)
        self._groups.setdefault(self._limits.group(row.domain), deque()).appendleft(row)
        self._count += 1

    def spare(self, row: Row, now: datetime) -> None:
        """Count a mail no more that was taken and will not be sent."""
        if self._limits.any:
            self._limits.give_back(row.domain, now)

    def wait(self, now: datetime) -> float | None:
        """Return for how many seconds nothing may leave; None where nothing is left."""
        if not self._count:
            self._read()
        if not self._count:
            return None
        return min(self._limits.wait(group or rows[0].domain, now) for group, rows in self._groups.items())

    def _taken(self, group: str, rows: deque[Row], now: datetime) -> Row:
        row = rows.popleft()
        self._count -= 1
        del self._groups[group]
        if rows:
            self._groups[group] = rows  # behind the others
        if self._limits.any:
            self._limits.take(row.domain, now)
        return row

    def _read(self) -> None:
        if self._exhausted:
            return
        rows = self._ledger.due(self._after, self._began, self._page)
        self._exhausted = len(rows) < self._page
        for row in rows:
            self._groups.setdefault(self._limits.group(row.domain), deque()).append(row)
        self._count += len(rows)
        if rows:
            self._after = rows[-1].id
