"""Looking at a relay without sending anything: reach it, encrypt, log in, take leave."""

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Timer

from publisher.delivery.smtp.connecting import connect
from publisher.delivery.smtp.envelopes import Abilities
from publisher.delivery.smtp.relay import Deadlines, Relay
from publisher.delivery.transport import Outcome, TransportRefused


@dataclass(frozen=True, slots=True)
class Probed:
    """What a relay showed."""

    relay: Relay
    #: Why there is no connection to it; None where there is one.
    refused: Outcome | None = None
    abilities: Abilities | None = None
    #: When its certificate ends; None without encryption.
    certified_until: datetime | None = None


def probe(relay: Relay, seconds: float) -> Probed:
    """Connect to a relay as a sender would, and leave before the first mail.

    Args:
        relay: where to, and as whom.
        seconds: how long all of it may take.
    """
    opened: list[socket.socket] = []
    # Each reply has its deadline; this one ends a relay that drips just quickly enough, again and again.
    timer = Timer(seconds, _shut, (opened,))
    timer.daemon = True
    timer.start()
    try:
        connected = connect(relay, Deadlines(connect=seconds, opening=seconds, command=seconds), opened.append)
    except TransportRefused as refused:
        return Probed(relay, refused.outcome)
    finally:
        timer.cancel()
    try:
        return Probed(relay, None, connected.abilities, _until(connected.socket))
    finally:
        _leave(connected.socket)


def _until(connection: socket.socket) -> datetime | None:
    certificate = connection.getpeercert() if isinstance(connection, ssl.SSLSocket) else None
    end = certificate.get("notAfter") if certificate else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC) if isinstance(end, str) else None


def _leave(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.settimeout(1)
        connection.sendall(b"QUIT\r\n")
        connection.recv(512)
    connection.close()


def _shut(opened: list[socket.socket]) -> None:
    for connection in opened:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
