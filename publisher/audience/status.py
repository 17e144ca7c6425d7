"""What a subscription may be, and what may become of it."""

from enum import Enum


class Status(Enum):
    """What a subscription is. Only a confirmed one gets mail."""

    PENDING = "pending"
    """Somebody asked for it, and the person has not confirmed yet."""

    CONFIRMED = "confirmed"
    """The person wants it."""

    UNSUBSCRIBED = "unsubscribed"
    """The person left."""

    BOUNCED = "bounced"
    """The address takes no mail."""

    COMPLAINED = "complained"
    """The person called a mail of ours junk."""

    SUPPRESSED = "suppressed"
    """The address shall get nothing, whoever asks."""


class Cadence(Enum):
    """How often a reader wants mail, at most."""

    EVERY = "every"
    """Each issue."""

    WEEKLY = "weekly"
    """One issue in a week (ISO 8601)."""

    MONTHLY = "monthly"
    """One issue in a calendar month."""


_MAY_BECOME = {
    Status.PENDING: {Status.CONFIRMED, Status.UNSUBSCRIBED, Status.BOUNCED, Status.COMPLAINED, Status.SUPPRESSED},
    Status.CONFIRMED: {Status.UNSUBSCRIBED, Status.BOUNCED, Status.COMPLAINED, Status.SUPPRESSED},
    Status.BOUNCED: {Status.UNSUBSCRIBED, Status.COMPLAINED, Status.SUPPRESSED},
    Status.UNSUBSCRIBED: {Status.COMPLAINED, Status.SUPPRESSED},
    Status.COMPLAINED: {Status.SUPPRESSED},
    Status.SUPPRESSED: set[Status](),
}


def may_become(old: Status, new: Status, *, own_wish: bool = False) -> bool:
    """Say whether a subscription may change; what it is already, it may not become.

    Whoever left, complained or was suppressed comes back by nobody's decision but their own.

    Args:
        old: what it is.
        new: what it would be.
        own_wish: the person confirmed it, by a link that only they have.
    """
    return new in _MAY_BECOME[old] or (own_wish and new is Status.CONFIRMED and old is not new)


def sources_of(new: Status, *, own_wish: bool = False) -> tuple[Status, ...]:
    """Return what a subscription may be in order to become this."""
    return tuple(old for old in Status if may_become(old, new, own_wish=own_wish))
