"""SMTP as a transport: several lanes, one selector, one thread that sends."""

import selectors
import socket
import time
from contextlib import suppress

from publisher.delivery.smtp.connecting import Connected
from publisher.delivery.smtp.lanes import Lane
from publisher.delivery.smtp.relay import Deadlines, Relay
from publisher.delivery.smtp.wire import Wire
from publisher.delivery.transport import Asked, Event, Features, Mail

_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class SmtpTransport:
    """Sends mails to a relay over several connections at once.

    Args:
        relay: where to.
        lanes: how many connections.
        deadlines: for each stage.
    """

    def __init__(self, relay: Relay, lanes: int = 1, deadlines: Deadlines | None = None) -> None:
        self.lanes = lanes
        self._deadlines = deadlines or Deadlines()
        self._selector = selectors.DefaultSelector()
        # A thread that has connected wakes the one that waits here.
        self._bell, self._ear = socket.socketpair()
        self._bell.setblocking(False)
        self._ear.setblocking(False)
        self._selector.register(self._ear, _READ)
        self._lanes = [Lane(number, relay, self._deadlines, self._wake) for number in range(lanes)]
        self._watched: dict[Lane, tuple[Wire, int]] = {}

    def open(self) -> Features:
        """Connect the first lane; the others connect beside it from here on.

        Raises:
            TransportRefused: it could not be connected.
        """
        result = self._lanes[0].dial().wait()
        if not isinstance(result, Connected):
            self.close()
            raise result
        self._lanes[0].adopt(result)
        for lane in self._lanes[1:]:
            lane.dial()
        return Features(smtputf8=result.abilities.smtputf8, size=result.abilities.size)

    def propose(self, lane: int, mail: Mail) -> None:
        """Send the envelope."""
        self._lanes[lane].propose(mail)

    def dispatch(self, lane: int, then: Mail | None) -> None:
        """Send the body, and with it the next envelope where the relay takes both at once."""
        self._lanes[lane].dispatch(then)

    def abandon(self, lane: int) -> None:
        """Take the proposed mail back; behind 354, this costs the connection."""
        self._lanes[lane].abandon()

    def poll(self, timeout: float) -> list[Event]:
        """Return what happened; wait where nothing did."""
        now = time.monotonic()
        end = now + timeout
        while not (events := self._tend(now)) and now <= end:
            self._wait(min([end, *(lane.deadline for lane in self._lanes if lane.deadline is not None)]) - now)
            now = time.monotonic()
        return sorted(events, key=_is_asked)

    def finish(self) -> None:
        """Say QUIT on each idle connection, wait a little for the relay to close, and end."""
        for lane in self._lanes:
            lane.leave()
        end = time.monotonic() + self._deadlines.leave
        while (left := end - time.monotonic()) > 0 and any(map(_leaves, self._lanes)):
            self._watch()
            self._wait(left)
        self.close()

    def close(self) -> None:
        """Close all connections at once."""
        for lane in self._lanes:
            lane.close()
        self._selector.close()
        self._bell.close()
        self._ear.close()

    def _wake(self) -> None:
        with suppress(OSError):  # full: it rings already; closed: nobody listens any more
            self._bell.send(b"!")

    def _tend(self, now: float) -> list[Event]:
        events = [event for lane in self._lanes for event in lane.tend(now)]
        self._watch()
        return events

    def _wait(self, timeout: float) -> None:
        for key, mask in self._selector.select(max(timeout, 0.0)):
            lane = key.data
            if lane is None:
                with suppress(OSError):
                    self._ear.recv(4096)
            elif lane.wire is not None:
                lane.ready(readable=bool(mask & _READ))

    def _watch(self) -> None:
        """Let the selector know which sockets there are, and which have more to write."""
        for lane, (wire, _) in list(self._watched.items()):
            if lane.wire is not wire:
                # First of all: a new connection may have got the number of one that was closed.
                self._selector.unregister(wire.descriptor)
                del self._watched[lane]
        for lane in self._lanes:
            if lane.wire is not None:
                self._watch_wire(lane, lane.wire)

    def _watch_wire(self, lane: Lane, wire: Wire) -> None:
        mask = _READ | _WRITE if wire.blocked else _READ
        known = self._watched.get(lane)
        if known is None:
            self._selector.register(wire.descriptor, mask, lane)
        elif known[1] != mask:
            self._selector.modify(wire.descriptor, mask, lane)
        self._watched[lane] = (wire, mask)


def _leaves(lane: Lane) -> bool:
    wire = lane.wire
    return wire is not None and wire.conversation.waiting is not None and not wire.conversation.over


def _is_asked(event: Event) -> bool:
    return isinstance(event, Asked)
