"""The loop that sends: it listens to the transport, writes down, and only then lets mails leave.

Each turn settles the answers that were read and arms the mails that are asked for in one transaction, for all connections.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from publisher.delivery.ledger import Ledger, RoomMade, Row
from publisher.delivery.rates import Limits
from publisher.delivery.retry import Halt, Patience, Settlement, settle
from publisher.delivery.states import State
from publisher.delivery.transport import Answered, Asked, Event, Features, Free, Mail, Transport, Verdict
from publisher.delivery.waiting import Waiting
from publisher.newsletter.mail import ReaderRefused
from publisher.store import StoreError

#: Between two looks at whether somebody wants it to stop, in seconds.
_BLINK = 0.25
#: The next question is usually right behind an answer: one transaction for both, if it comes within so many seconds.
_BREATH = 0.003
#: Longer than this nobody sits and waits for a rate; the next run goes on.
LONGEST_REST = 15 * 60.0


@dataclass(slots=True)
class Stop:
    """Somebody's wish to end; a signal's handler sets it, and does nothing else."""

    #: Nothing new leaves; what is on its way is finished.
    wanted: bool = False
    #: It is not waited for.
    at_once: bool = False

    def ask(self, *_: object) -> None:
        """Wish for the end; a second time, for it at once."""
        self.at_once = self.wanted
        self.wanted = True


@dataclass(slots=True)
class Tally:
    """What this run did so far."""

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    uncertain: int = 0
    skipped: int = 0

    def count(self, verdict: Verdict) -> None:
        """Count one more mail of which this became."""
        match verdict:
            case Verdict.SENT:
                self.sent += 1
            case Verdict.DEFERRED:
                self.deferred += 1
            case Verdict.FAILED:
                self.failed += 1
            case Verdict.UNCERTAIN:
                self.uncertain += 1

    @property
    def handled(self) -> int:
        """Return how many mails it had in hand."""
        return self.sent + self.deferred + self.failed + self.uncertain + self.skipped


@dataclass(frozen=True, slots=True)
class Means:
    """What the loop works with."""

    ledger: Ledger
    #: Makes a reader's mail: subscription, address, name, whether the relay takes addresses beyond ASCII.
    mail: Callable[[int, str, str, bool], Mail]
    transport: Transport
    limits: Limits
    clock: Callable[[], datetime]
    #: Nothing leaves from then on.
    until: datetime
    stop: Stop = field(default_factory=Stop)
    #: Is told how far it is.
    progress: Callable[[Tally], object] = lambda _: None
    #: At most so many mails leave; all where None.
    limit: int | None = None


class Loop:
    """Sends what is due of one issue. Everything happens in one thread; see `run`."""

    def __init__(self, means: Means, features: Features) -> None:
        self.tally = Tally()
        self._means = means
        self._ledger = means.ledger
        self._transport = means.transport
        self._features = features
        self._waiting = Waiting(means.ledger, means.limits, means.clock())
        self._patience = Patience(means.transport.lanes)
        self._halt: Halt | None = None
        self._full: StoreError | None = None
        self._left = means.limit
        #: Taken and not answered, by subscription.
        self._rows: dict[int, Row] = {}
        self._free: set[int] = set()
        #: Not yet dispatched, by lane.
        self._proposed: dict[int, Mail] = {}
        #: Of them, those whose bodies are waited for.
        self._asked: dict[int, Mail] = {}
        #: Dispatched and not answered: subscriptions.
        self._armed: set[int] = set()
        #: Made while the relay is at work, and not yet proposed.
        self._stock: deque[Mail] = deque()
        #: Read, and not yet written down.
        self._answers: list[Settlement] = []
        self._refusals: list[Settlement] = []

    def run(self) -> Halt | None:
        """Send until nothing is due any more, or something is in the way; return what that is.

        Raises:
            StoreError: the database refused; nothing left after that.
        """
        while not self._means.stop.at_once:
            now = self._means.clock()
            self._feed(now)
            if self._is_over(now):
                break
            self._make_ahead(now)
            events = self._transport.poll(self._rest(now))
            now = self._means.clock()
            for event in events:
                self._note(event, now)
            if self._asked or (self._unwritten and not (events and self._proposed)):
                self._turn()
        if self._unwritten or self._means.limits.changed:
            self._turn()
        if self._full is not None:
            raise self._full
        return self._halt

    @property
    def _unwritten(self) -> bool:
        return bool(self._answers or self._refusals)

    @property
    def _closing(self) -> bool:
        """Say whether what has not left shall not leave."""
        return self._halt is not None or self._means.stop.wanted

    @property
    def _ending(self) -> bool:
        return self._closing or self._left == 0

    def _is_over(self, now: datetime) -> bool:
        if self._proposed or self._armed or self._unwritten or (self._stock and not self._closing):
            return False
        if self._ending:
            return True
        wait = self._waiting.wait(now)
        if wait is not None and wait > LONGEST_REST:
            self._halt = Halt(self._means.limits.reason(now))
        return wait is None or wait > LONGEST_REST

    def _rest(self, now: datetime) -> float:
        """Return how long to listen at most, in seconds."""
        if self._unwritten:
            return _BREATH
        if self._free and not self._ending and (wait := self._waiting.wait(now)) is not None:
            return min(_BLINK, max(wait, 0.001))
        return _BLINK

    def _feed(self, now: datetime) -> None:
        """Propose mails on all free lanes; when it ends, take back what was not asked for."""
        if now >= self._means.until and self._halt is None:
            self._halt = Halt("its time has passed")
        if self._closing:
            for lane in [lane for lane in self._proposed if lane not in self._asked]:
                self._abandon(lane, now)
        while self._free and (mail := self._next(now)) is not None:
            lane = self._free.pop()
            self._proposed[lane] = mail
            self._transport.propose(lane, mail)

    def _next(self, now: datetime) -> Mail | None:
        """Return the next mail."""
        if self._closing:
            return None
        return self._stock.popleft() if self._stock else self._made(now)

    def _make_ahead(self, now: datetime) -> None:
        """Make a mail for each lane while the relay is at work; those that wait for a rate are made when they may leave."""
        if self._armed and not self._means.limits.any:
            while len(self._stock) < self._transport.lanes and (mail := self._made(now)) is not None:
                self._stock.append(mail)

    def _made(self, now: datetime) -> Mail | None:
        """Make the next mail; readers whose mails cannot be made are settled on the way."""
        if self._ending:
            return None
        while (row := self._waiting.take(now)) is not None:
            try:
                mail = self._means.mail(row.id, row.address, row.name, self._features.smtputf8)
            except ReaderRefused as error:
                key = (self._ledger.issue_id, row.id)
                self._refusals.append(Settlement(key, State.FAILED, "", "", reason=str(error)))
                self.tally.failed += 1
                self._waiting.spare(row, now)
                continue
            self._rows[row.id] = row
            if self._left is not None:
                self._left -= 1
            return mail
        return None

    def _note(self, event: Event, now: datetime) -> None:
        match event:
            case Free(lane):
                self._free.add(lane)
            case Asked(lane, mail):
                self._asked[lane] = mail
            case Answered():
                self._note_answer(event, now)
            case _:
                self._halt = self._halt or self._patience.note(event.outcome)

    def _note_answer(self, event: Answered, now: datetime) -> None:
        lane, mail, outcome = event.lane, event.mail, event.outcome
        number = mail.key[1]
        self._halt = self._halt or self._patience.note(outcome)
        row, armed = self._rows.pop(number), number in self._armed
        again = outcome.verdict is Verdict.DEFERRED and not outcome.counted
        if armed:
            self._armed.remove(number)
            self._answers.append(settle(mail.key, outcome, row.attempts, now))
        else:
            del self._proposed[lane]
            self._asked.pop(lane, None)
            if not again:
                self._refusals.append(settle(mail.key, outcome, row.attempts, now))
        if again:
            self._put_back(row, now)
        else:
            self.tally.count(outcome.verdict)

    def _put_back(self, row: Row, now: datetime) -> None:
        self._waiting.back(row, now)
        if self._left is not None:
            self._left += 1

    def _abandon(self, lane: int, now: datetime) -> None:
        mail = self._proposed.pop(lane)
        self._asked.pop(lane, None)
        self._put_back(self._rows.pop(mail.key[1]), now)
        self._transport.abandon(lane)

    def _turn(self) -> None:
        """Write down what was answered and what leaves next; then let it leave."""
        asked, self._asked = self._asked, {}
        now = self._means.clock()
        if self._closing:
            for lane in asked:
                self._abandon(lane, now)
            asked = {}
        allowed = self._write([mail.key[1] for mail in asked.values()], now)
        for lane, mail in asked.items():
            del self._proposed[lane]
            if mail.key[1] in allowed:
                self._armed.add(mail.key[1])
                then = self._next(now)
                self._transport.dispatch(lane, then)
                if then is not None:
                    self._proposed[lane] = then
            else:
                self._waiting.spare(self._rows.pop(mail.key[1]), now)
                self.tally.skipped += self._full is None
                self._transport.abandon(lane)
        self._means.progress(self.tally)

    def _write(self, arm: Sequence[int], now: datetime) -> set[int]:
        answers, refusals = self._answers, self._refusals
        self._answers, self._refusals = [], []
        rates = self._means.limits.changes()
        try:
            return self._ledger.step(answers, refusals, arm, rates, now)
        except RoomMade as made:
            self._full = made.error
            self._halt = Halt(str(made))
            return set()
