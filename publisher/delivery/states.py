"""What an issue and each of its deliveries may be: the words of the ledger."""

from enum import Enum


class State(Enum):
    """What became of one issue for one reader."""

    PENDING = "pending"
    """It is to be sent, now or when it is due again."""

    ARMED = "armed"
    """It is on its way: written down before its final dot leaves, until the answer is written down."""

    UNCERTAIN = "uncertain"
    """Nobody knows whether the relay took it."""

    HELD = "held"
    """Likewise, and it waits for a person to decide."""

    SENT = "sent"
    """The relay took it and said so."""

    FAILED = "failed"
    """The relay does not take it, and never will."""

    SKIPPED = "skipped"
    """It is not sent: the reader left, the issue is too old, or somebody decided so."""


#: What never changes again.
SETTLED = (State.SENT, State.FAILED, State.SKIPPED)
#: What may still leave, or may have left.
OPEN = (State.PENDING, State.ARMED, State.UNCERTAIN, State.HELD)


class IssueState(Enum):
    """What an issue is, once its readers are frozen."""

    SENDING = "sending"
    """It leaves, whenever something runs."""

    PAUSED = "paused"
    """It waits for a person: the relay does not like it, or its bundle is not what it was."""

    DONE = "done"
    """Every delivery is settled."""

    CANCELLED = "cancelled"
    """A person stopped it; what had not left was skipped."""

    EXPIRED = "expired"
    """Its time passed; what had not left was skipped."""


#: An issue of which something may still leave.
UNFINISHED = (IssueState.SENDING, IssueState.PAUSED)


class Policy(Enum):
    """What becomes of a mail of which nobody knows whether it arrived."""

    HOLD = "hold"
    """It waits for a person."""

    RESEND = "resend"
    """It is sent again, with the same bytes, after a quarter of an hour; at most twice."""

    SKIP = "skip"
    """It is given up."""
