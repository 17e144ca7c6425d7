"""One lane: a connection that is made when it is needed, rests when it is not, and comes back after it broke."""

from collections.abc import Callable
from dataclasses import replace

from publisher.delivery.smtp.connecting import Connected
from publisher.delivery.smtp.conversation import Conversation
from publisher.delivery.smtp.dialling import Dialling
from publisher.delivery.smtp.relay import Deadlines, Relay
from publisher.delivery.smtp.verdicts import broken
from publisher.delivery.smtp.wire import Wire
from publisher.delivery.transport import Answered, Event, Free, Mail, Scope, Stage, TransportRefused, Trouble, Verdict


class Lane:
    """Keeps one mail after the other going, whatever becomes of its connections.

    Args:
        number: named in the events.
        relay: where to connect.
        deadlines: for each stage.
        woken: called from another thread when an attempt to connect has ended.
    """

    def __init__(self, number: int, relay: Relay, deadlines: Deadlines, woken: Callable[[], object]) -> None:
        self.wire: Wire | None = None
        self._number = number
        self._relay = relay
        self._deadlines = deadlines
        self._woken = woken
        self._dialling: Dialling | None = None
        self._again: float | None = None  # when to dial, by the monotonic clock
        self._failures = 0
        self._mail: Mail | None = None  # waits for a connection
        self._free = False
        self._events: list[Event] = []

    # ------------------------------------------------------------ what the caller wants

    def dial(self) -> Dialling:
        """Begin to connect."""
        self._again = None
        self._dialling = Dialling(self._relay, self._deadlines, self._woken)
        return self._dialling

    def adopt(self, connected: Connected) -> None:
        """Take a connection into use."""
        self._dialling = None
        self.wire = Wire(connected, Conversation(self._number, connected.abilities), self._deadlines)
        if self._mail is None:
            if not self._free:
                self._say_free()
        else:
            mail, self._mail = self._mail, None
            self.wire.conversation.propose(mail)
            self._flush()

    def propose(self, mail: Mail) -> None:
        """Send an envelope; connect first where this lane rests."""
        assert self._free, "a mail is proposed on a free lane"
        self._free = False
        if self.wire is None:
            self._mail = mail
            if self._again is None and self._dialling is None:
                self.dial()
            return
        self.wire.conversation.propose(mail)
        self._flush()

    def dispatch(self, then: Mail | None) -> None:
        """Send the body of the mail that was asked for, unless the relay has spoken since; that mail is answered then."""
        if self.wire is not None and self.wire.conversation.asking:
            self.wire.read()
        if self.wire is not None and self.wire.conversation.asking:
            self.wire.conversation.dispatch(then)
            self._flush()
        elif then is not None:
            self._events.append(Answered(self._number, then, broken(Stage.MAIL, "connection lost", counted=False)))

    def abandon(self) -> None:
        """Take the proposed mail back."""
        if self._mail is not None:
            self._mail = None
            self._say_free()
        elif self.wire is not None and not self.wire.conversation.idle:
            self.wire.conversation.abandon()

    # ------------------------------------------------------------ what happened

    @property
    def deadline(self) -> float | None:
        """Return when this lane wants to be tended next, by the monotonic clock; None where only events matter."""
        if self._dialling is not None:
            return self._dialling.deadline
        if self.wire is None:
            return self._again
        # How long the caller takes to write its intent down is the caller's concern.
        return None if self.wire.conversation.asking else self.wire.deadline

    def ready(self, *, readable: bool) -> None:
        """Move bytes: the selector says that the socket is ready."""
        assert self.wire is not None, "only a connection is waited for"
        if readable:
            self.wire.read()
        self._flush()

    def tend(self, now: float) -> list[Event]:
        """Look after deadlines and attempts to connect, and return what happened."""
        if self._dialling is not None:
            self._look_at(self._dialling, now)
        elif self._again is not None and now >= self._again:
            self.dial()
        if self.wire is not None:
            self._look_after(self.wire, now)
        events, self._events = self._events, []
        return events

    def leave(self) -> None:
        """Say QUIT where a connection is idle; nobody waits for the reply."""
        if self.wire is not None and self.wire.conversation.idle and not self.wire.conversation.over:
            self.wire.conversation.quit()
            self.wire.write()

    def close(self) -> None:
        """End at once."""
        if self._dialling is not None:
            self._dialling.give_up()
        if self.wire is not None:
            self.wire.close()
        self.wire = self._dialling = self._again = None

    def _flush(self) -> None:
        if self.wire is not None and not self.wire.conversation.over:
            self.wire.write()

    def _look_at(self, dialling: Dialling, now: float) -> None:
        result = dialling.result()
        if isinstance(result, Connected):
            self.adopt(result)
        elif result is not None:
            self._dialling = None
            self._fail(result, now)

    def _look_after(self, wire: Wire, now: float) -> None:
        conversation = wire.conversation
        wire.watch(now)
        self._take_events(conversation)
        if conversation.over:
            self._replace(wire, now)
        elif conversation.idle and now >= wire.deadline:
            self.leave()
            self._rest(wire)

    def _take_events(self, conversation: Conversation) -> None:
        if conversation.events:
            self._free = self._free or any(isinstance(event, Free) for event in conversation.events)
            self._events += conversation.events
            conversation.events = []

    def _replace(self, wire: Wire, now: float) -> None:
        """Connect anew; at once where this connection was of use."""
        self._rest(wire)
        if wire.conversation.settled:
            self._failures = 0
        elif lost := [event.outcome for event in self._events if isinstance(event, Answered)]:
            # Each mail has its own answer; said twice, one mail of unknown fate would count as two.
            outcome = replace(lost[-1], verdict=Verdict.DEFERRED, scope=Scope.RECIPIENT, counted=False)
            self._events.append(Trouble(outcome))
            self._pause(now)
            return
        if not self._free:
            self.dial()

    def _rest(self, wire: Wire) -> None:
        wire.close()
        self.wire = None

    def _fail(self, refusal: TransportRefused, now: float) -> None:
        outcome = refusal.outcome
        if self._mail is not None:
            self._events.append(Answered(self._number, self._mail, replace(outcome, counted=False)))
            self._mail = None
        self._events.append(Trouble(outcome))
        if outcome.scope is not Scope.RUN:
            self._pause(now)

    def _pause(self, now: float) -> None:
        self._again = now + min(self._deadlines.pause * 2**self._failures, self._deadlines.longest_pause)
        self._failures = min(self._failures + 1, 30)

    def _say_free(self) -> None:
        self._free = True
        self._events.append(Free(self._number))
