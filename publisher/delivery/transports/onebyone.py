"""What transports share that take one mail after the other at once: files and programs."""

from abc import ABC, abstractmethod

from publisher.delivery.transport import Answered, Asked, Event, Features, Free, Mail, Outcome


class OneByOne(ABC):
    """A transport with one lane that asks for each mail and takes it while it is dispatched."""

    lanes = 1

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._proposed: Mail | None = None

    @abstractmethod
    def deliver(self, mail: Mail) -> Outcome:
        """Take a mail, durably, and say what became of it."""

    @abstractmethod
    def prepare(self) -> Features:
        """Make ready.

        Raises:
            TransportRefused: it cannot be used.
        """

    def open(self) -> Features:
        """Make ready, and say that the lane is free."""
        features = self.prepare()
        self._events.append(Free(0))
        return features

    def propose(self, lane: int, mail: Mail) -> None:
        """Ask for a mail."""
        assert self._proposed is None, "a lane has at most one proposed mail"
        self._proposed = mail
        self._events.append(Asked(lane, mail))

    def dispatch(self, lane: int, then: Mail | None) -> None:
        """Take the mail that was asked for."""
        assert self._proposed is not None, "only a proposed mail can be dispatched"
        mail, self._proposed = self._proposed, None
        self._events.append(Answered(lane, mail, self.deliver(mail)))
        if then is None:
            self._events.append(Free(lane))
        else:
            self.propose(lane, then)

    def abandon(self, lane: int) -> None:
        """Forget the proposed mail."""
        assert self._proposed is not None, "only a proposed mail can be abandoned"
        self._events = [event for event in self._events if not isinstance(event, Asked)]
        self._proposed = None
        self._events.append(Free(lane))

    def poll(self, timeout: float) -> list[Event]:  # noqa: ARG002 # nothing here is waited for
        """Return what happened."""
        events, self._events = self._events, []
        return events

    def finish(self) -> None:
        """End; every mail that was dispatched is answered for."""
        self.close()

    def close(self) -> None:
        """Forget what was proposed."""
        self._proposed = None
        self._events.clear()
