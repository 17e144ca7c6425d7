"""What carries mails away, as values and one small protocol; SMTP, files and programs all speak it.

A transport has lanes. On each, one mail after the other goes through the same steps:

    Free ─► propose ─► Asked ─► (the caller makes its intent durable) ─► dispatch ─► Answered ─► Free
               │                                                            │
               └──► Answered: refused, provably not sent                    └─ with `then`, the next one is proposed

Nothing of a mail's body leaves before `dispatch`, so a mail whose intent was never written down was never sent. Everything
is called from one thread; whatever blocks does so in `poll`, `open` and `finish`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Protocol

from publisher.errors import SurroundingsError

#: The most of a relay's words that is kept, in characters.
LONGEST_REPLY = 500


class Quick(Enum):
    """Members that are found in dictionaries by what they are: hashing their names takes as long as reading a reply."""

    __hash__ = object.__hash__


class Stage(Quick):
    """Where a conversation was when its outcome became known, in their order."""

    CONNECT = "connect"
    """Looking the relay up and reaching it."""

    BANNER = "banner"
    """Its greeting."""

    HELLO = "hello"
    """EHLO, HELO or LHLO."""

    TLS = "tls"
    """STARTTLS, the handshake, the certificate."""

    AUTH = "auth"
    """Name and password."""

    MAIL = "mail"
    """MAIL FROM: the sender."""

    RCPT = "rcpt"
    """RCPT TO: the reader."""

    DATA = "data"
    """The question whether the message may come."""

    BODY = "body"
    """The message, as long as its final dot has not left."""

    DOT = "dot"
    """Behind the final dot: the relay may have taken the mail."""


class Verdict(Quick):
    """What became of one mail."""

    SENT = "sent"
    """The relay took it and said so."""

    DEFERRED = "deferred"
    """Certainly not sent; trying again later may help."""

    FAILED = "failed"
    """Certainly not sent, and trying again does not help."""

    UNCERTAIN = "uncertain"
    """Nobody knows whether the relay took it."""


class Scope(Quick):
    """Whom an outcome concerns beside this mail: what the caller stops."""

    RECIPIENT = "recipient"
    """This mail alone; go on."""

    ISSUE = "issue"
    """Every mail of this issue: its sender or content is refused; pause it."""

    RUN = "run"
    """Every mail: password, certificate or the relay itself; stop."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mail or a connection, where, and in whose words."""

    verdict: Verdict
    stage: Stage
    #: The relay's reply ("550 5.1.1 no such user") or our words ("connection lost after the data"); printable, one line.
    reply: str
    scope: Scope = Scope.RECIPIENT
    #: False where the relay closed for reasons of its own: no attempt of this mail is used up.
    counted: bool = True
    #: The next attempt is not before this has passed; zero where any time will do.
    not_before: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail on its way: an envelope, and bytes that never change from one attempt to the next."""

    #: Issue and subscription: which delivery this is.
    key: tuple[int, int]
    #: Envelope sender; empty for none (`<>`).
    sender: str
    #: Envelope recipient.
    recipient: str
    #: The whole message; its lines end with CRLF, dots are as the author wrote them.
    data: bytes = field(repr=False)
    #: An address in its header goes beyond ASCII (RFC 6531).
    smtputf8: bool = False
    #: What a bounce names the delivery by (ENVID, RFC 3461); empty for none.
    token: str = ""
    #: Whoever made it has seen that `is_plain` holds for its data, so nobody needs to look again.
    plain: bool = False


def is_plain(text: bytes) -> bool:
    """Say whether a text is ASCII, has CR and LF as CRLF alone, and no line that begins with a dot.

    Where lines of such a text are exchanged for whole lines of another, the result is such a text.
    """
    ends = text.count(b"\r\n")
    return (
        text.isascii()
        and text.count(b"\r") == ends == text.count(b"\n")
        and b"\r\n." not in text
        and not text.startswith(b".")
    )


@dataclass(frozen=True, slots=True)
class Features:
    """What a transport takes."""

    #: Addresses beyond ASCII (RFC 6531).
    smtputf8: bool = True
    #: The largest message in bytes (RFC 1870); None where it does not say.
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Free:
    """Nothing is proposed or dispatched on this lane: a mail may be proposed."""

    lane: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The transport waits for this mail's body: write the intent down, then `dispatch` (or `abandon`)."""

    lane: int
    mail: Mail


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of this mail; the last that is said of it. A proposed mail may be answered without being asked for."""

    lane: int
    mail: Mail
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Trouble:
    """A lane could not be opened (again); no mail is concerned. The lane tries again by itself unless the scope is RUN."""

    outcome: Outcome


Event = Free | Asked | Answered | Trouble


class TransportRefused(SurroundingsError):
    """The transport cannot be used now: unreachable, wrong password, bad certificate, missing folder."""

    def __init__(self, message: str, outcome: Outcome) -> None:
        super().__init__(message)
        #: Its scope says whether waiting may help (RECIPIENT) or somebody has to act (RUN).
        self.outcome = outcome


class Transport(Protocol):
    """Carries mails away; see the module for the order of the steps."""

    #: How many mails may be on their way at once.
    lanes: int

    def open(self) -> Features:
        """Make the first lane ready; the others follow by themselves. Each says `Free` when it is.

        Raises:
            TransportRefused: it cannot be used now.
        """

    def propose(self, lane: int, mail: Mail) -> None:
        """Let the envelope go out on a free lane; nothing of the body leaves before `dispatch`."""

    def dispatch(self, lane: int, then: Mail | None) -> None:
        """Let body and final dot of the mail that was asked for leave: the intent is durable.

        Args:
            lane: of that mail.
            then: the next one, proposed in the same breath where the transport can; None for none, and the lane says
                `Free` after the answer.
        """

    def abandon(self, lane: int) -> None:
        """Take the proposed mail back: it is certainly not sent, and nothing more is said of it; `Free` follows."""

    def poll(self, timeout: float) -> Sequence[Event]:
        """Return what happened, `Answered` before `Asked`; wait for it where nothing did.

        Args:
            timeout: for how long at most, in seconds.
        """

    def finish(self) -> None:
        """Take leave politely, within seconds; what is still on its way is not waited for."""

    def close(self) -> None:
        """End at once."""
