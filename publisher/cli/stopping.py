"""SIGTERM and SIGINT as a wish: what is on its way is finished and written down. A second one ends it at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publisher.delivery.loop import Stop


@contextmanager
def stopping() -> "Iterator[Stop]":
    """Give a wish to end that signals make; the handlers do nothing else, so no answer that was read is lost."""
    from publisher.delivery.loop import Stop

    stop = Stop()
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
