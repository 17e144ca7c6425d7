"""What a mail that came back is, and what it says about one delivery."""

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a mail in the mailbox of bounces is."""

    HARD = "hard"
    """The address does not exist: it is given up."""

    SOFT = "soft"
    """The mail did not arrive, but another may; a number of them give the address up."""

    COMPLAINT = "complaint"
    """The reader called the mail junk: the address gets nothing more."""

    UNSUBSCRIBE = "unsubscribe"
    """The reader leaves."""

    IGNORED = "ignored"
    """Understood, and changes nothing: delays, deliveries, automatic answers."""

    UNREAD = "unread"
    """Not understood, or about nothing that was sent from here; somebody should look at it."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """What a report says about one recipient (RFC 3464 §2.3)."""

    #: The first word of `Action`, in lower case; empty where there is none.
    action: str
    #: As RFC 3463 has it, such as `5.1.1`; empty where there is none.
    status: str
    #: What the other server said, `smtp; 550 5.1.1 no such user` without its type.
    diagnostic: str
    #: Whose mailbox it is: the original recipient first, then where the mail was passed on to.
    addresses: tuple[str, ...]
    #: Whether it was said in a form that is made for programs; otherwise it was found in prose.
    formal: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail says, before anybody looked whom it is about."""

    #: UNREAD where only `recipients` tell.
    kind: Kind
    #: In words, without addresses.
    detail: str = ""
    recipients: tuple[Recipient, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a mail means for one delivery."""

    kind: Kind
    #: As RFC 3463 has it; empty where there is none.
    code: str = ""
    #: In words, without addresses.
    detail: str = ""

    @property
    def words(self) -> str:
        """Return the code, where `detail` does not have it, and the detail."""
        return self.detail if self.code in self.detail else f"{self.code} {self.detail}".strip()
