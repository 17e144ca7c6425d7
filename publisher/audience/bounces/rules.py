"""What a report means: the rules, as functions of values.

Hard (the address is given up at once): the action is `failed`, every status that is said is one of an address which does not
exist, it is said of the subscriber's own address, or of nobody's, and in a form that is made for programs.
Soft (it counts): every other failure, such as 4.x, 5.2.2 (full), 5.7.x (policy), or one without a status.
Ignored: delayed, relayed, delivered and expanded mails, and failures that blame the sender.
"""

import re

from publisher.audience.addresses import AddressRefused, parse_address
from publisher.audience.bounces.kinds import Kind, Reading, Recipient, Verdict
from publisher.audience.bounces.standard import status_in
from publisher.markup.characters import line

#: RFC 3463 §3.2 and §3.3: a bad address (5.1.x), a mailbox that is disabled (5.2.1).
_GONE = re.compile(r"5\.1\.\d+|5\.2\.1")
#: RFC 3463 §3.2: the sender's address is bad. That says nothing about the reader. 5.1.5 says the address is fine.
_NOT_THE_READER = ("5.1.5", "5.1.7", "5.1.8")
#: Says no more than "failed" (RFC 3463 §3.1); what the other server said is looked at then.
_UNDEFINED = ("", "5.0.0", "4.0.0")
_FAILED = ("failed", "failure", "error")  # the first is standard; OpenSMTPD said error
_HARMLESS = {"delayed": "delayed", "relayed": "passed on", "delivered": "delivered", "expanded": "passed on to several"}
_MILDEST = (Kind.UNREAD, Kind.IGNORED, Kind.SOFT, Kind.HARD)
_LONGEST_DETAIL = 200


def judge(reading: Reading, address: str) -> Verdict:
    """Say what a mail means for a delivery.

    Args:
        reading: of the mail.
        address: that the delivery went to.
    """
    if not reading.recipients:
        return Verdict(reading.kind, "", reading.detail)
    own = [recipient for recipient in reading.recipients if _names(recipient, address)]
    verdicts = [_of_recipient(recipient, address, own=bool(own)) for recipient in own or reading.recipients]
    # Where an address stands for several mailboxes, one of them may have got the mail.
    return min(verdicts, key=lambda verdict: _MILDEST.index(verdict.kind))


def _of_recipient(recipient: Recipient, address: str, *, own: bool) -> Verdict:
    statuses = _statuses(recipient)
    code = next(iter(statuses), recipient.status)
    detail = _detail(recipient, address)
    if recipient.action in _HARMLESS:
        return Verdict(Kind.IGNORED, code, _HARMLESS[recipient.action])
    if recipient.action not in _FAILED:
        return Verdict(Kind.UNREAD, code, "the report does not say what became of the mail")
    if any(status in _NOT_THE_READER or status.startswith("2.") for status in statuses):
        return Verdict(Kind.IGNORED, code, detail)
    gone = bool(statuses) and all(_GONE.fullmatch(status) for status in statuses)
    surely = recipient.formal and (own or not recipient.addresses)
    return Verdict(Kind.HARD if gone and surely else Kind.SOFT, code, detail)


def _statuses(recipient: Recipient) -> tuple[str, ...]:
    """Return what is said of the failure, the formal status first; nothing that says nothing."""
    said = dict.fromkeys((recipient.status, status_in(recipient.diagnostic)))
    return tuple(status for status in said if status not in _UNDEFINED)


def _names(recipient: Recipient, address: str) -> bool:
    wanted = _key(address)
    return any(_key(named) == wanted for named in recipient.addresses)


def _key(address: str) -> str:
    try:
        return parse_address(address).key
    except AddressRefused:
        return address.strip().casefold()


def _detail(recipient: Recipient, address: str) -> str:
    """Return what was said, without any address: what is kept outlives an erasure."""
    text = re.sub(r"[^\s,;:()\[\]{}\"']*@[^\s,;:()\[\]{}\"']*", "…", line(recipient.diagnostic[:2000]))
    for part in filter(None, {address, address.rpartition("@")[0]}):
        text = re.sub(re.escape(part), "…", text, flags=re.IGNORECASE)
    return text[:_LONGEST_DETAIL].strip() or recipient.action
