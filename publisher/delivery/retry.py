"""When a mail is tried again, and when trying has no sense: decisions on values."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.delivery.states import State
from publisher.delivery.transport import Outcome, Scope, Stage, Verdict

#: Between one attempt and the next; the last one is repeated until the issue expires (RFC 5321 §4.5.4.1).
STEPS = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
#: A mail that may have arrived is not sent again before: a slow relay has time to deliver it.
RESEND_AFTER = timedelta(minutes=15)
#: A relay that takes mails and never says so would send copies for ever.
MOST_RESENDS = 2
#: Of mails that may have arrived, in a row: it is the relay, and not the mail.
MOST_UNCERTAIN = 3
#: Of mails whose text a relay refuses, or by its policy, in a row: it is the issue, and not the reader.
MOST_REFUSED = 5
#: Of readers whom a relay refuses in the same words, in a row: it is the relay, and not the reader.
MOST_ALIKE = 10
#: Of attempts that fail before any mail is looked at, in a row: nothing gets through now.
MOST_RUN_FAULTS = 10

#: Why an issue is paused is told in logs, which name nobody.
_ADDRESS = re.compile(r"<?[^\s<>@]+@[^\s<>]+>?")
_POLICY = re.compile(r"5\d\d 5\.7\.")
# Said of the address itself (RFC 3463 §3.2), so any number of readers may be refused with it.
_OF_THE_ADDRESS = re.compile(r"5\d\d 5\.1\.")
_BEFORE_MAILS = (Stage.CONNECT, Stage.BANNER, Stage.HELLO, Stage.TLS, Stage.AUTH)
_OF_THE_TEXT = (Stage.DATA, Stage.BODY, Stage.DOT)
_STATES = {Verdict.SENT: State.SENT, Verdict.FAILED: State.FAILED, Verdict.UNCERTAIN: State.UNCERTAIN}


def next_attempt(attempts: int, now: datetime, not_before: timedelta = timedelta(0)) -> datetime:
    """Return when a mail that was deferred is tried again.

    Args:
        attempts: how many there were, the last one included; from 1.
        now: of the last one.
        not_before: what the relay wants to have passed, such as one that keeps a grey list.
    """
    return now + max(STEPS[min(attempts, len(STEPS)) - 1], not_before)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What the ledger is to say of one mail that was answered."""

    #: Issue and subscription.
    key: tuple[int, int]
    state: State
    stage: str
    reply: str
    #: What the number of attempts grows by.
    counted: int = 0
    due_at: datetime | None = None
    #: In words, where no relay said anything.
    reason: str = ""


def settle(key: tuple[int, int], outcome: Outcome, attempts: int, now: datetime) -> Settlement:
    """Return what the ledger is to say.

    Args:
        key: issue and subscription.
        outcome: what became of the mail.
        attempts: how many there were before.
        now: when it became known.
    """
    stage, reply, counted = outcome.stage.value, outcome.reply, int(outcome.counted)
    if outcome.verdict is Verdict.DEFERRED:
        due = next_attempt(attempts + 1, now, outcome.not_before) if outcome.counted else None
        return Settlement(key, State.PENDING, stage, reply, counted, due)
    return Settlement(key, _STATES[outcome.verdict], stage, reply, 1)


@dataclass(frozen=True, slots=True)
class Halt:
    """Why no further mail leaves."""

    #: A clause for people.
    reason: str
    #: The issue is paused, and waits for a person; otherwise the next run goes on.
    pause: bool = False


@dataclass(slots=True)
class Patience:
    """Counts troubles in a row, and says when it is enough."""

    #: How many connections there are: one hiccup of the relay may end them all.
    lanes: int = 1
    _uncertain: int = field(default=0, init=False)
    _refused: int = field(default=0, init=False)
    _faults: int = field(default=0, init=False)
    _alike: int = field(default=0, init=False)
    _words: str = field(default="", init=False)

    def note(self, outcome: Outcome) -> Halt | None:
        """Take note of what became of a mail, or of a connection; return why to halt, or None."""
        if _is_fault(outcome):
            self._faults += 1  # behind an uncertain mail, others come back from the same connection
        else:
            self._faults = 0
            self._uncertain = self._uncertain + 1 if outcome.verdict is Verdict.UNCERTAIN else 0
            self._refused = self._refused + 1 if _is_refused(outcome) else 0
            words = _told(outcome) if _is_of_the_reader(outcome) else ""
            self._alike = (self._alike + 1 if words == self._words else 1) if words else 0
            self._words = words
        return _scoped(outcome) or self._exhausted(outcome)

    def _exhausted(self, outcome: Outcome) -> Halt | None:
        if self._uncertain >= MOST_UNCERTAIN:
            words = f"{self._uncertain} times in a row nobody knows whether the relay took the mail: {_told(outcome)}"
            return Halt(words, pause=True)
        if self._refused >= MOST_REFUSED:
            return Halt(f"the relay refused {self._refused} mails in a row: {_told(outcome)}", pause=True)
        if self._alike >= MOST_ALIKE:
            return Halt(
                f"the relay refused {self._alike} readers in a row in the same words: {self._words}", pause=True
            )
        if self._faults >= MOST_RUN_FAULTS + self.lanes - 1:
            return Halt(f"nothing got through {self._faults} times in a row: {_told(outcome)}")
        return None


def _told(outcome: Outcome) -> str:
    return _ADDRESS.sub("an address", outcome.reply)


def _scoped(outcome: Outcome) -> Halt | None:
    if outcome.scope is Scope.RECIPIENT:
        return None
    return Halt(f"the relay refuses: {_told(outcome)}", pause=outcome.scope is Scope.ISSUE)


def _is_refused(outcome: Outcome) -> bool:
    """Say whether others of the issue may be refused like this one."""
    of_the_text = outcome.verdict is Verdict.FAILED and outcome.stage in _OF_THE_TEXT
    return of_the_text or _POLICY.match(outcome.reply) is not None


def _is_of_the_reader(outcome: Outcome) -> bool:
    """Say whether a reader was refused with words that may hold of everybody."""
    at_rcpt = outcome.verdict is Verdict.FAILED and outcome.stage is Stage.RCPT
    return at_rcpt and not _OF_THE_ADDRESS.match(outcome.reply)


def _is_fault(outcome: Outcome) -> bool:
    """Say whether it was no mail's fault."""
    return outcome.verdict is Verdict.DEFERRED and (not outcome.counted or outcome.stage in _BEFORE_MAILS)
