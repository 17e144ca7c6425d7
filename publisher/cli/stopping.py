"""Ctrl-C and SIGTERM: as the end of whatever is done, or as a wish where what is on its way is finished and written down."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publisher.delivery.loop import Stop


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end a command in good order and in silence, its temporary files removed, and then the process.

    It dies by SIGINT, as shells want it: a loop of commands ends with it, and `$?` is 130
    (https://www.cons.org/cracauer/sigint.html). Outside of the block it does so at once: see publisher.__main__. Whoever
    calls the command line as a part of another program gets the KeyboardInterrupt.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_DFL:
        yield
        return
    came = False

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        nonlocal came
        came = True
        raise KeyboardInterrupt

    try:
        try:
            signal.signal(signal.SIGINT, interrupt)
            yield
        finally:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
    except BaseException:
        if not came:
            raise
        _die()


def _die() -> None:
    with suppress(OSError, ValueError):  # what was said before is heard
        sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGINT)


@contextmanager
def stopping() -> "Iterator[Stop]":
    """Give a wish to end that signals make; the handlers do nothing else, so no answer that was read is lost.

    A second one ends it at once.
    """
    from publisher.delivery.loop import Stop

    stop = Stop()
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
