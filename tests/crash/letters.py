"""The jobs that crash: sending an issue, in a process of its own."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from publisher import Publication
from publisher.delivery.loop import Stop
from publisher.delivery.sending import Order
from publisher.delivery.smtp.client import SmtpTransport
from publisher.delivery.smtp.relay import Deadlines
from publisher.delivery.states import Policy
from publisher.delivery.transport import TransportRefused
from publisher.delivery.transports import relay_of
from publisher.errors import SurroundingsError
from tests.crash import planted


def _clock(at: str) -> Callable[[], datetime]:
    ticks = iter(range(1_000_000_000))
    start = datetime.fromisoformat(at)
    return lambda: start + timedelta(milliseconds=next(ticks))


def _impatient(publication: Publication) -> SmtpTransport:
    """Speak to the relay as usual, but give up sooner."""
    settings = publication.settings.delivery
    assert settings
    deadlines = Deadlines(command=4, data=4, block=4, dot=4, pause=0.01, longest_pause=0.1)
    return SmtpTransport(relay_of(settings, "", publication.folder, "notes.example"), settings.connections, deadlines)


@contextmanager
def _signals(stop: Stop) -> Iterator[None]:
    before = [signal.signal(number, stop.ask) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        yield
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
            signal.signal(number, handler)


def send(folder: str, at: str, *, uncertain: str | None = None, wrong: str = "") -> int:
    """Send the publication's issue, or go on with it.

    Args:
        folder: the publication's.
        at: when, RFC 3339.
        uncertain: what to do with mails that may have arrived; None: what the settings say.
        wrong: a planted mistake, by its name.

    Returns:
        The exit status that the command has.
    """
    # Names of hosts are asked of nobody, and no test waits for one.
    os.environ["LC_ALL"] = "C"
    stop = Stop()
    order = Order(uncertain=None if uncertain is None else Policy(uncertain), resume=True)
    with planted.mistake(wrong), _signals(stop):
        publication = Publication.load(folder)
        try:
            return publication.send(
                "weekly/2026-W48", _clock(at), order=order, stop=stop, transport=lambda: _impatient(publication)
            ).status
        except (SurroundingsError, TransportRefused):
            return 4
