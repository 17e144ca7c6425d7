"""One conversation with a relay, without a socket: bytes go in, bytes to send and events come out.

With PIPELINING (RFC 2920), one write holds the body and dot of the dispatched mail and MAIL, RCPT and DATA of the next, so
that a mail costs one round trip; without, each command waits for its reply. Each question knows at which byte of all that
is sent it ends. A reply is believed only once the kernel took that byte: an answer to the final dot that comes before the
dot left is none (and the connection is not to be trusted).
"""

from collections import deque
from typing import NamedTuple

from publisher.delivery.smtp.envelopes import Abilities, body, mail_command, rcpt_command, unfit
from publisher.delivery.smtp.replies import Garbage, Reply, ReplyReader
from publisher.delivery.smtp.verdicts import broken, judge
from publisher.delivery.transport import Answered, Asked, Event, Free, Mail, Outcome, Quick, Stage, Verdict

_CLOSING = 421
_SEND_THE_BODY = 354
# Nothing is gained by handing more pieces to the kernel at once.
_PIECES = 16


class _Step(Quick):
    RSET = "rset"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    NOTHING = "nothing"  # the lone dot of a transaction that has no reader
    DOT = "dot"
    QUIT = "quit"


_STAGES = {
    _Step.RSET: Stage.MAIL,
    _Step.MAIL: Stage.MAIL,
    _Step.RCPT: Stage.RCPT,
    _Step.DATA: Stage.DATA,
    _Step.NOTHING: Stage.DATA,
    _Step.DOT: Stage.DOT,
    _Step.QUIT: Stage.MAIL,
}


class _Question(NamedTuple):
    step: _Step
    mail: Mail | None
    end: int  # of all bytes of this conversation


class Conversation:
    """What was asked, what was answered, and what follows.

    Args:
        lane: named in the events.
        abilities: what the relay offered.
    """

    def __init__(self, lane: int, abilities: Abilities) -> None:
        #: What happened; the caller takes it away.
        self.events: list[Event] = []
        #: Why the connection is to be closed; empty while it goes on.
        self.over = ""
        #: How many mails were settled here.
        self.settled = 0
        #: How many replies were read.
        self.replies = 0
        self._lane = lane
        self._abilities = abilities
        self._reader = ReplyReader()
        self._questions: deque[_Question] = deque()
        self._envelope: deque[tuple[_Step, bytes]] = deque()  # of the proposed mail, as far as it was not said
        self._unsent: deque[memoryview] = deque()
        self._said = self._handed = self._dot = (
            0  # bytes: put into _unsent, taken by the kernel, up to the last final dot
        )
        self._dispatched: Mail | None = None
        self._proposed: Mail | None = None
        self._asked = self._unwanted = False
        self._open = False  # a transaction: MAIL was accepted, and no dot followed

    # ------------------------------------------------------------ what the caller wants

    @property
    def idle(self) -> bool:
        """Whether nothing is proposed, dispatched or waited for."""
        return not (self._questions or self._proposed or self._dispatched)

    @property
    def asking(self) -> bool:
        """Whether a mail's body is waited for."""
        return self._asked

    def propose(self, mail: Mail) -> None:
        """Let an envelope go out; the body stays here."""
        assert self._proposed is None, "a lane has at most one proposed mail"
        reason = unfit(mail, self._abilities)
        if reason is not None:
            self.events.append(Answered(self._lane, mail, reason))
            self._say_free()
            return
        self._proposed, self._unwanted = mail, False
        self._envelope.extend([(_Step.RSET, b"RSET\r\n")] if self._open else [])
        self._envelope.append((_Step.MAIL, mail_command(mail, self._abilities)))
        self._envelope.append((_Step.RCPT, rcpt_command(mail, self._abilities)))
        self._envelope.append((_Step.DATA, b"DATA\r\n"))
        self._say_envelope()

    def dispatch(self, then: Mail | None) -> None:
        """Let the body of the mail that was asked for leave, and the envelope of the next one behind it."""
        assert self._proposed is not None, "only a proposed mail can be dispatched"
        assert self._asked, "a mail is dispatched after it was asked for"
        mail, self._proposed, self._asked, self._open = self._proposed, None, False, False
        self._dispatched = mail
        text, end = body(mail.data, plain=mail.plain)
        self._unsent.append(memoryview(text))
        self._said += len(text)
        self._dot = self._said + len(end)
        self._say(_Step.DOT, end, mail)
        if then is not None:
            self.propose(then)

    def abandon(self) -> None:
        """Take the proposed mail back. SMTP knows no way back behind 354: there the connection ends."""
        assert self._proposed is not None, "only a proposed mail can be abandoned"
        self.events = [
            event for event in self.events if not (isinstance(event, Asked) and event.mail is self._proposed)
        ]
        if self._asked:
            self._proposed = None
            self._end("a mail was taken back")
        elif any(question.mail is self._proposed for question in self._questions):
            self._unwanted = True
        else:
            self._proposed = None
            self._envelope.clear()
            self._say_free()

    def quit(self) -> None:
        """Take leave; only when idle."""
        self._say(_Step.QUIT, b"QUIT\r\n", None)

    # ------------------------------------------------------------ what the socket does

    @property
    def waiting(self) -> Stage | None:
        """Return what is waited for; None for nothing. BODY means: for the kernel to take the message."""
        if self._dispatched is not None and self._dot > self._handed:
            return Stage.BODY
        return _STAGES[self._questions[0].step] if self._questions else None

    @property
    def unsent(self) -> int:
        """Return how many bytes wait for the kernel."""
        return self._said - self._handed

    def outgoing(self) -> list[memoryview]:
        """Return the pieces that come next."""
        return [self._unsent[number] for number in range(min(len(self._unsent), _PIECES))]

    def handed(self, count: int) -> None:
        """Take note of how many bytes of them the kernel took."""
        self._handed += count
        while count:
            piece = self._unsent.popleft()
            if count < len(piece):
                self._unsent.appendleft(piece[count:])
                return
            count -= len(piece)

    def receive(self, data: bytes) -> None:
        """Take what the relay sent."""
        if self.over:
            return
        for reply in self._reader.feed(data):
            if not self._take(reply):
                return
        if self._reader.begun and not self._expects_a_reply():
            self._end("the relay spoke before it was asked")

    def _take(self, reply: Reply | Garbage) -> bool:
        """Take one reply, and say whether there may be another."""
        if isinstance(reply, Garbage):
            self._end(f"the relay sent {reply.words}")
        elif not self._expects_a_reply():
            self._end(self._unasked(reply))
        else:
            self.replies += 1
            self._answer(self._questions.popleft(), reply)
        return not self.over

    def lost(self, words: str) -> None:
        """Take note that the connection ended, or that a deadline passed."""
        if not self.over:
            self._end(words)

    # ------------------------------------------------------------ what follows from it

    def _say(self, step: _Step, data: bytes, mail: Mail | None) -> None:
        self._unsent.append(memoryview(data))
        self._said += len(data)
        self._questions.append(_Question(step, mail, self._said))

    def _say_envelope(self) -> None:
        """Say what may be said now of the proposed mail: all of it, or the next step."""
        while self._envelope and (self._abilities.pipelining or not self._questions):
            step, data = self._envelope.popleft()
            self._say(step, data, self._proposed)

    def _say_free(self) -> None:
        if self.idle and not self.over:
            self.events.append(Free(self._lane))

    def _expects_a_reply(self) -> bool:
        return bool(self._questions) and self._questions[0].end <= self._handed

    def _unasked(self, reply: Reply) -> str:
        if reply.code == _CLOSING:
            return reply.words
        return f"the relay answered before it was asked: {reply.words}"

    def _answer(self, question: _Question, reply: Reply) -> None:
        if question.step is _Step.DOT:
            self._settle(reply)
        elif question.step in (_Step.MAIL, _Step.RCPT, _Step.DATA):
            self._go_on(question, reply)
        elif reply.code == _CLOSING or question.step is _Step.QUIT:
            self._end(reply.words)
        elif question.step is _Step.RSET:
            self._open = False
        if not self.over:
            self._say_envelope()
            self._say_free()

    def _settle(self, reply: Reply) -> None:
        assert self._dispatched is not None, "a dot belongs to a mail"
        outcome = judge(Stage.DOT, reply)
        assert outcome is not None, "behind the dot, each reply is an outcome"
        mail, self._dispatched = self._dispatched, None
        self._tell(mail, outcome)
        if outcome.verdict is Verdict.UNCERTAIN or reply.code == _CLOSING:
            self._end(reply.words)

    def _go_on(self, question: _Question, reply: Reply) -> None:
        if question.mail is not self._proposed or self._proposed is None:
            self._after_refusal(question, reply)
            return
        outcome = judge(_STAGES[question.step], reply)
        if outcome is not None:
            self._refuse(self._proposed, outcome, reply)
            return
        self._open = True
        if question.step is _Step.DATA:
            self._ask(self._proposed)

    def _ask(self, mail: Mail) -> None:
        if self._unwanted:
            self._proposed = None
            self._end("a mail was taken back")
        else:
            self._asked = True
            self.events.append(Asked(self._lane, mail))

    def _refuse(self, mail: Mail, outcome: Outcome, reply: Reply) -> None:
        self._proposed = None
        self._envelope.clear()
        if not self._unwanted:
            self._tell(mail, outcome)
        if reply.code == _CLOSING or reply.code < 400:
            self._end(reply.words)

    def _after_refusal(self, question: _Question, reply: Reply) -> None:
        """Take the replies to the rest of a refused envelope (RFC 2920, section 3.1): DATA may have been accepted."""
        if reply.code == _CLOSING or (question.step is _Step.RCPT and reply.code < 400):
            self._end(reply.words)  # a lone dot would be an empty mail to a reader that was taken all the same
        elif question.step is _Step.DATA and reply.code == _SEND_THE_BODY:
            self._say(_Step.NOTHING, b".\r\n", None)

    def _tell(self, mail: Mail, outcome: Outcome) -> None:
        self.settled += 1
        self.events.append(Answered(self._lane, mail, outcome))

    def _end(self, words: str) -> None:
        """Give up the connection, and say of each mail whether the relay can have taken it."""
        self.over = words or "connection lost"
        # Where the relay closes between two mails, the one that was about to start is not to blame.
        blameless = self._dispatched is not None or (self.settled > 0 and not self._open)
        if self._dispatched is not None:
            stage = Stage.BODY if self._dot > self._handed else Stage.DOT
            self.events.append(Answered(self._lane, self._dispatched, broken(stage, self.over)))
        if self._proposed is not None and not self._unwanted:
            mail = self._proposed
            self.events = [event for event in self.events if not (isinstance(event, Asked) and event.mail is mail)]
            stage = next((_STAGES[asked.step] for asked in self._questions if asked.mail is mail), Stage.DATA)
            stage = stage if self._asked or self._questions else Stage.MAIL
            self.events.append(Answered(self._lane, mail, broken(stage, self.over, counted=not blameless)))
        self._dispatched = self._proposed = None
        self._asked = False
        self._questions.clear()
        self._envelope.clear()
        self._unsent.clear()
        self._handed = self._said
