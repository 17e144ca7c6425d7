"""Connecting beside the conversations that go on: one thread an attempt, and a deadline that no relay can move."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from publisher.delivery.smtp.connecting import Connected, connect, refused
from publisher.delivery.smtp.relay import Deadlines, Relay
from publisher.delivery.smtp.verdicts import broken
from publisher.delivery.transport import Stage, TransportRefused


class Dialling:
    """One attempt to connect.

    A name that is looked up cannot be hurried: past the deadline its thread is left alone, and what it brings is dropped.

    Args:
        relay: where to.
        deadlines: for each step, and for all of them.
        done: called from the thread at its end.
    """

    def __init__(self, relay: Relay, deadlines: Deadlines, done: Callable[[], object]) -> None:
        #: When this attempt is given up, by the monotonic clock.
        self.deadline = time.monotonic() + deadlines.opening
        self._relay = relay
        self._deadlines = deadlines
        self._done = done
        self._result: Connected | TransportRefused | None = None
        self._socket: socket.socket | None = None
        self._given_up = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._dial, name="publisher-dialling", daemon=True)
        self._thread.start()

    def wait(self) -> Connected | TransportRefused:
        """Wait for the end, or the deadline."""
        self._thread.join(max(0.0, self.deadline - time.monotonic()))
        return self.result() or self.give_up()

    def result(self) -> Connected | TransportRefused | None:
        """Return what came of it; None while it goes on and its deadline has not passed."""
        with self._lock:
            if self._result is not None:
                return self._result
        return self.give_up() if time.monotonic() >= self.deadline else None

    def give_up(self) -> TransportRefused:
        """Shut the socket under the thread's hands."""
        with self._lock:
            self._given_up = True
            if isinstance(self._result, Connected):
                self._result.socket.close()
            elif self._socket is not None:
                with suppress(OSError):  # shutting wakes a thread that reads, closing alone does not
                    self._socket.shutdown(socket.SHUT_RDWR)
        words = f"no connection within {self._deadlines.opening:g} seconds"
        return refused(self._relay, broken(Stage.CONNECT, words))

    def _dial(self) -> None:
        result: Connected | TransportRefused
        try:
            result = connect(self._relay, self._deadlines, self._note)
        except TransportRefused as refusal:
            result = refusal
        with self._lock:
            self._result = result
            if self._given_up and isinstance(result, Connected):
                result.socket.close()
        self._done()

    def _note(self, opened: socket.socket) -> None:
        with self._lock:
            self._socket = opened
            if self._given_up:
                opened.close()
