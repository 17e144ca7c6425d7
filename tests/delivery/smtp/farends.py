"""A lane with a clock that tests set, attempts to connect that end as they are told, and the other ends of its connections."""

import socket

import pytest

from publisher.delivery.smtp import lanes
from publisher.delivery.smtp.connecting import Connected
from publisher.delivery.smtp.envelopes import Abilities
from publisher.delivery.smtp.lanes import Lane
from publisher.delivery.smtp.relay import Deadlines
from publisher.delivery.transport import Asked, Event, Outcome, Stage, TransportRefused, Verdict
from tests.delivery.smtp.driving import mail, relay

DEADLINES = Deadlines(command=10, data=10, block=10, dot=10, idle=30, pause=1, longest_pause=60)
REFUSED = Outcome(Verdict.DEFERRED, Stage.CONNECT, "connection refused")
ENVELOPE = b"MAIL FROM:<bounce@notes.example>\r\nRCPT TO:<reader%d@mail.example>\r\nDATA\r\n"
TAKEN = b"250 ok\r\n250 ok\r\n354 go\r\n"
#: By the monotonic clock, far ahead of the real one, so that what is late is late.
NOW = 1e9


class Attempt:
    """An attempt to connect."""

    def __init__(self, *_: object) -> None:
        self.deadline = NOW + 300
        self.came: Connected | TransportRefused | None = None
        self.given_up = False

    def result(self) -> Connected | TransportRefused | None:
        return self.came

    def give_up(self) -> None:
        self.given_up = True


class Relay:
    """The other ends of a lane's connections."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.attempts: list[Attempt] = []
        self.sockets: list[socket.socket] = []
        patch.setattr(lanes, "Dialling", self.dialling)
        self.lane = Lane(3, relay(25), DEADLINES, lambda: None)

    def dialling(self, *values: object) -> Attempt:
        self.attempts.append(Attempt(*values))
        return self.attempts[-1]

    def connection(self) -> Connected:
        ours, theirs = socket.socketpair()
        theirs.settimeout(5)
        self.sockets += [ours, theirs]
        return Connected(ours, Abilities(pipelining=True))

    def connect(self) -> socket.socket:
        """Let the attempt that goes on succeed; return the other end."""
        self.attempts[-1].came = self.connection()
        return self.sockets[-1]

    def connected(self) -> bool:
        return self.lane.wire is not None

    def refuse(self, outcome: Outcome = REFUSED) -> None:
        self.attempts[-1].came = TransportRefused("no", outcome)

    def tend(self, now: float = NOW) -> list[Event]:
        return self.lane.tend(now)

    def ask(self, theirs: socket.socket, number: int = 1) -> None:
        """Bring the lane to where it waits for a mail's body."""
        self.lane.propose(mail(number, b"a\r\n"))
        assert theirs.recv(4096) == ENVELOPE % number
        theirs.sendall(TAKEN)
        self.lane.ready(readable=True)
        assert [type(event) for event in self.tend()] == [Asked]
