"""One mail, read: what it is, and whom it is about."""

from dataclasses import dataclass

from publisher.audience.bounces.identity import Named, leaver, named
from publisher.audience.bounces.kinds import Kind, Reading, Recipient
from publisher.audience.bounces.mail import Part, parse
from publisher.audience.bounces.odd import guessed, is_answer, noticed, structured
from publisher.audience.bounces.standard import feedback, is_receipt, recipients
from publisher.store.keys import Keys


@dataclass(frozen=True, slots=True)
class Understood:
    """What a mail says, and about whom."""

    reading: Reading
    #: None where it names nobody by a token.
    named: Named | None


def understand(raw: bytes, keys: Keys) -> Understood:
    """Read a mail of anybody. Whatever it holds, this raises nothing.

    Args:
        raw: the mail, or the beginning of a long one.
        keys: the publication's.
    """
    mail = parse(raw)
    reading = read(mail, raw)
    if not reading.recipients and reading.kind in (Kind.UNREAD, Kind.IGNORED) and (who := leaver(mail, keys)):
        return Understood(Reading(Kind.UNSUBSCRIBE, "asked by mail"), who)
    return Understood(reading, named(mail, keys))


def read(mail: Part, raw: bytes) -> Reading:
    """Say what a mail is: a standard's report first, guesses last."""
    return (
        feedback(mail)
        or _failures(recipients(mail))
        or (Reading(Kind.IGNORED, "a receipt") if is_receipt(mail) else None)
        or _failures(structured(mail))
        or (Reading(Kind.IGNORED, "an automatic answer") if is_answer(mail) else None)
        or _failures(guessed(raw))
        or _failures(noticed(mail))
        or Reading(Kind.UNREAD, "it is no report that this program knows")
    )


def _failures(found: tuple[Recipient, ...]) -> Reading | None:
    return Reading(Kind.UNREAD, recipients=found) if found else None
