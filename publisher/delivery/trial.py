"""Mails that somebody sends to themselves in order to look at an issue: marked as a test, and unknown to the ledger."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from publisher.delivery.terms import Mailing
from publisher.delivery.transport import Answered, Asked, Free, Mail, Outcome, Transport, Trouble

#: Of no issue and of nobody: links in a test are good and do nothing.
NO_ISSUE = 0
NOBODY = 2**48 - 1
_SUBJECT = re.compile(rb"(?im)^Subject: ")
_BLINK = 0.25


def marked(eml: bytes) -> bytes:
    """Return a mail whose subject begins with `[Test]`; everything else stays."""
    header, end, body = eml.partition(b"\r\n\r\n")
    # The subject keeps its own lines: those with encoded words have no room left (RFC 2047 §2).
    return _SUBJECT.sub(b"Subject: [Test]\r\n ", header, count=1) + end + body


def trial_mails(mailing: Mailing, addresses: Sequence[str], now: datetime, *, smtputf8: bool) -> list[Mail]:
    """Return a test mail for each address; each has a Message-ID of its own, or inboxes would show the first one alone.

    Args:
        mailing: of the issue, with the number `NO_ISSUE`.
        addresses: to whom.
        now: the clock.
        smtputf8: whether the relay takes addresses beyond ASCII.

    Raises:
        ReaderRefused: an address takes no mail.
    """
    moment, mails = f"{now.astimezone(UTC):%Y%m%d%H%M%S%f}", []
    for number, address in enumerate(addresses):
        own = f"test.{moment}.{number}"
        mail = mailing.mail(NOBODY - number, address, "", smtputf8=smtputf8, message_id=own)
        mails.append(replace(mail, token=own))
    return mails


def send_trials(transport: Transport, mails: Sequence[Mail]) -> list[tuple[Mail, Outcome]]:
    """Send mails once, and return what became of each.

    Args:
        transport: open.
        mails: what to send.
    """
    waiting, done = list(mails), list[tuple[Mail, Outcome]]()
    while len(done) < len(mails):
        for event in transport.poll(_BLINK):
            match event:
                case Free(lane) if waiting:
                    transport.propose(lane, waiting.pop(0))
                case Asked(lane, _):
                    transport.dispatch(lane, None)
                case Answered(_, mail, outcome):
                    done.append((mail, outcome))
                case Trouble(outcome):
                    done += [(mail, outcome) for mail in waiting]
                    waiting = []
    return done
