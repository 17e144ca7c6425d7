"""A transport that keeps mails in memory, with faults on demand: for tests, of this program and of those built on it."""

from collections.abc import Callable
from dataclasses import dataclass

from publisher.delivery.transport import (
    Answered,
    Asked,
    Event,
    Features,
    Free,
    Mail,
    Outcome,
    Scope,
    Stage,
    TransportRefused,
    Verdict,
)

_SENT = Outcome(Verdict.SENT, Stage.DOT, "250 2.0.0 kept")
_BEHIND = Outcome(Verdict.DEFERRED, Stage.MAIL, "connection lost", counted=False)
_LATE = (Stage.BODY, Stage.DOT)


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one attempt of one mail."""

    #: Its stage says when: BODY and DOT after the mail was dispatched, all others instead of asking for it.
    outcome: Outcome
    #: The mail is kept all the same: the answer was lost, or lied.
    taken: bool = False
    #: The connection ends with it: what is proposed behind comes back, uncounted.
    breaks: bool = False


@dataclass(slots=True)
class _Lane:
    proposed: Mail | None = None
    asked: bool = False
    dispatched: Mail | None = None


class MemoryTransport:
    """Takes every mail, or has the fault that is asked for.

    Args:
        lanes: how many mails may be on their way at once.
        pipelined: ask for the next mail together with the answer to the last; otherwise one `poll` later.
        features: what it claims to take.
        fault: from a mail and the number of its attempt, from 1, the fault it has; None for none.
        refusal: `open` raises it.
        idle: called with the seconds of a `poll` in which nothing happens; nothing is waited for by itself.
    """

    def __init__(
        self,
        *,
        lanes: int = 1,
        pipelined: bool = True,
        features: Features | None = None,
        fault: Callable[[Mail, int], Fault | None] = lambda _mail, _attempt: None,
        refusal: Outcome | None = None,
        idle: Callable[[float], object] = lambda _seconds: None,
    ) -> None:
        self.lanes = lanes
        #: Every mail that was kept, in order; a mail kept twice is here twice.
        self.taken: list[Mail] = []
        #: How often each mail was proposed, by its key.
        self.attempts: dict[tuple[int, int], int] = {}
        self.closed = False
        self._pipelined = pipelined
        self._features = features or Features()
        self._fault = fault
        self._refusal = refusal
        self._idle = idle
        self._state = [_Lane() for _ in range(lanes)]
        self._events: list[Event] = []
        self._faults: dict[tuple[int, int], Fault | None] = {}

    def open(self) -> Features:
        """Say that every lane is free."""
        if self._refusal is not None:
            raise TransportRefused(f"The transport refuses: {self._refusal.reply}", self._refusal)
        self._events += [Free(lane) for lane in range(self.lanes)]
        return self._features

    def propose(self, lane: int, mail: Mail) -> None:
        """Take note of an envelope."""
        state = self._state[lane]
        assert state.proposed is None, "a lane has at most one proposed mail"
        assert state.dispatched is None, "behind a dispatched mail, `then` proposes"
        self._propose(state, mail)

    def dispatch(self, lane: int, then: Mail | None) -> None:
        """Take the body of the mail that was asked for."""
        state = self._state[lane]
        assert state.proposed is not None, "only a proposed mail can be dispatched"
        assert state.asked, "a mail is dispatched after it was asked for"
        state.dispatched, state.proposed, state.asked = state.proposed, None, False
        fault = self._faults[state.dispatched.key]
        if fault is None or fault.taken:
            self.taken.append(state.dispatched)
        if then is not None:
            self._propose(state, then)

    def abandon(self, lane: int) -> None:
        """Forget the proposed mail."""
        state = self._state[lane]
        assert state.proposed is not None, "only a proposed mail can be abandoned"
        self._events = [event for event in self._events if not _concerns(event, lane, state.proposed)]
        state.proposed, state.asked = None, False
        if state.dispatched is None:
            self._events.append(Free(lane))

    def poll(self, timeout: float) -> list[Event]:
        """Return what happened since; one step of every lane."""
        for lane, state in enumerate(self._state):
            self._step(lane, state)
        events, self._events = self._events, []
        if not events:
            self._idle(timeout)
        return sorted(events, key=_is_asked)

    def finish(self) -> None:
        """Take no more."""
        self.closed = True

    def close(self) -> None:
        """Take no more."""
        self.closed = True

    def _propose(self, state: _Lane, mail: Mail) -> None:
        state.proposed = mail
        attempt = self.attempts[mail.key] = self.attempts.get(mail.key, 0) + 1
        self._faults[mail.key] = self._fault(mail, attempt)

    def _step(self, lane: int, state: _Lane) -> None:
        if state.dispatched is not None:
            self._answer(lane, state, state.dispatched)
            if not self._pipelined:
                return
        if state.proposed is not None and not state.asked:
            self._ask(lane, state, state.proposed)

    def _answer(self, lane: int, state: _Lane, mail: Mail) -> None:
        fault = self._faults[mail.key]
        state.dispatched = None
        self._events.append(Answered(lane, mail, fault.outcome if fault else _SENT))
        if fault is not None and fault.breaks and state.proposed is not None:
            self._events.append(Answered(lane, state.proposed, _BEHIND))
            state.proposed = None
        if state.proposed is None:
            self._events.append(Free(lane))

    def _ask(self, lane: int, state: _Lane, mail: Mail) -> None:
        fault = self._faults[mail.key]
        if fault is None or fault.outcome.stage in _LATE:
            state.asked = True
            self._events.append(Asked(lane, mail))
        else:
            state.proposed = None
            self._events += [Answered(lane, mail, fault.outcome), Free(lane)]


def refused(reply: str, stage: Stage = Stage.RCPT) -> Fault:
    """Return the fault of a relay that never takes this mail."""
    return Fault(Outcome(Verdict.FAILED, stage, reply))


def deferred(reply: str, stage: Stage = Stage.RCPT, scope: Scope = Scope.RECIPIENT) -> Fault:
    """Return the fault of a relay that does not take this mail now."""
    return Fault(Outcome(Verdict.DEFERRED, stage, reply, scope))


def lost(*, taken: bool) -> Fault:
    """Return the fault of a connection lost behind the final dot, whether or not the relay had taken the mail."""
    return Fault(Outcome(Verdict.UNCERTAIN, Stage.DOT, "connection lost after the data"), taken=taken, breaks=True)


def _is_asked(event: Event) -> bool:
    return isinstance(event, Asked)


def _concerns(event: Event, lane: int, mail: Mail) -> bool:
    return isinstance(event, Asked) and event.lane == lane and event.mail is mail
