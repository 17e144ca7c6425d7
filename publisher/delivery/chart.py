"""Numbers over time as small pictures: a row of blocks for terminals, bars for pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.delivery.history import Tally

_BLOCKS = " ▁▂▃▄▅▆▇█"
_PLAIN = " .:-=+*#@"
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in columns of equal width."""

    begin: datetime
    #: Width of a column; whole minutes.
    step: timedelta
    columns: int

    def column(self, moment: datetime) -> int:
        """Return the column of a moment; the first or last one for what lies outside."""
        return max(0, min(self.columns - 1, (moment - self.begin) // self.step))


def span_of(tallies: Sequence[Tally], columns: int) -> Span | None:
    """Return a span of at most so many columns that holds all tallies; None without any."""
    if not tallies:
        return None
    begin = min(tally.minute for tally in tallies)
    minutes = 1 + (max(tally.minute for tally in tallies) - begin) // _MINUTE
    width = -(-minutes // columns)
    return Span(begin, width * _MINUTE, -(-minutes // width))


def series(tallies: Iterable[Tally], span: Span, state: str) -> list[int]:
    """Return how many mails came into a state in each column of a span."""
    found = [0] * span.columns
    for tally in tallies:
        if tally.state == state:
            found[span.column(tally.minute)] += tally.mails
    return found


def blocks(values: Sequence[int], highest: int, *, plain: bool = False) -> str:
    """Draw values as a row of characters; what is not nothing is seen.

    Args:
        values: not negative.
        highest: gets the full height.
        plain: ASCII alone.
    """
    signs = _PLAIN if plain else _BLOCKS
    full = len(signs) - 1
    return "".join(signs[-(-value * full // highest) if highest else 0] for value in values)
