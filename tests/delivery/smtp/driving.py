"""Sends mails through a transport as the loop does, and notes what became of each."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from publisher.delivery.smtp.client import SmtpTransport
from publisher.delivery.smtp.relay import Deadlines, Relay
from publisher.delivery.transport import Answered, Asked, Free, Mail, Outcome, Transport, Trouble

#: Short ones, so that a silent relay costs a test half a second.
QUICK = Deadlines(connect=2, opening=2, command=0.4, data=0.4, block=0.4, dot=0.4, idle=30, leave=0.5, pause=0.05)
BODY = (
    b"From: Letters <letters@notes.example>\r\nMessage-ID: <%d@notes.example>\r\n\r\nHello\r\n.dots\r\n..two\r\n"
    + 40 * (b"x" * 70 + b"\r\n")
)


def mail(number: int = 1, data: bytes | None = None, recipient: str = "", *, smtputf8: bool = False) -> Mail:
    return Mail(
        (1, number),
        "bounce@notes.example",
        recipient or f"reader{number}@mail.example",
        BODY % number if data is None else data,
        smtputf8=smtputf8,
        token=f"token{number}",
    )


def relay(port: int, **settings: object) -> Relay:
    return Relay("127.0.0.1", port, "notes.example", **{"security": "none", **settings})  # type: ignore[arg-type]


def client(port: int, lanes: int = 1, deadlines: Deadlines = QUICK, **settings: object) -> SmtpTransport:
    return SmtpTransport(relay(port, **settings), lanes, deadlines)


@dataclass
class Report:
    """What a transport said."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    troubles: list[Outcome] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)


def drive(transport: Transport, mails: Sequence[Mail], seconds: float = 20) -> Report:
    """Send each mail once, the next one proposed behind each, and take leave."""
    report = Report()
    transport.open()
    waiting = list(reversed(mails))
    end = time.monotonic() + seconds
    while len(report.outcomes) < len(mails):
        assert time.monotonic() < end, f"the transport hangs: {report}"
        for event in transport.poll(1):
            if isinstance(event, Free) and waiting:
                transport.propose(event.lane, waiting.pop())
            elif isinstance(event, Asked):
                report.asked.append(event.mail.key[1])
                transport.dispatch(event.lane, waiting.pop() if waiting else None)
            elif isinstance(event, Answered):
                assert event.mail.key[1] not in report.outcomes, "a mail is answered once"
                report.outcomes[event.mail.key[1]] = event.outcome
            elif isinstance(event, Trouble):
                report.troubles.append(event.outcome)
    transport.finish()
    return report
