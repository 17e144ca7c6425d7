"""The header of a mail, field by field, against our own reading of its grammars (RFC 5322, 2369, 2919, 8058, 3834)."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone

from publisher.check.mail.addresses import Mailbox, Unreadable, is_domain, mailboxes
from publisher.check.mail.encoded import word_hits
from publisher.check.mail.findings import MailHit
from publisher.check.mail.mime import Field, Part

_NEEDED = ("Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type")
_LIST = (
    "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Archive", "List-Help", "List-Post", "List-Owner",
    "List-Subscribe",
)  # fmt: skip
_AT_MOST_ONCE = (*_NEEDED, *_LIST, "Sender", "Reply-To", "Cc", "In-Reply-To", "References", "Auto-Submitted")
_LONGEST_LINE = 78
_NOT_IN_HEADERS = re.compile(r"[^\t\x20-\x7e]")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()
_DATE = re.compile(
    rf"(?:({'|'.join(_DAYS)}),\s+)?(\d{{1,2}})\s+({'|'.join(_MONTHS)})\s+(\d{{4}})\s+"
    r"(\d\d):(\d\d)(?::(\d\d))?\s+([+-])(\d\d)([0-5]\d)(?:\s+\([^()]*\))?"
)
_MESSAGE_ID = re.compile(r"<([!#$%&'*+./0-9=?A-Z^_`a-z{|}~-]+)@([0-9A-Za-z._-]+)>")
_LIST_ID = re.compile(r'(?:[^<>"]*|\s*"(?:[^"\\]|\\.)*"\s*)<([^<>]*)>')
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]+")
#: One address of a list, with the comma behind it; the last has none.
_ANGLED = re.compile(r"\s*<([^<>\s]+)>\s*(,?)")
_AUTO = re.compile(r"(?:no|auto-generated|auto-replied|auto-notified)(?:\s*;.*)?", re.IGNORECASE)
_SIGNER = re.compile(r"(?:^|;)\s*d\s*=\s*([^;\s]+)")
_INTERNAL = ("localhost", ".local", ".localdomain", ".lan", ".internal", ".home.arpa")
#: Whoever sends in their name through another server fails their DMARC policy.
_MAIL_SERVICES = frozenset(
    "gmail.com googlemail.com yahoo.com ymail.com aol.com outlook.com hotmail.com live.com icloud.com me.com gmx.de "
    "gmx.net web.de t-online.de mail.ru proton.me protonmail.com".split()
)


def field_hits(mail: Part, *, listed: bool) -> Iterator[MailHit]:
    """Yield what is wrong with the header of a mail.

    Args:
        mail: the whole mail.
        listed: whether it is known to go to a list; otherwise a List-Id says so.
    """
    if not mail.fields:  # what keeps them from being read has been told
        return
    yield from _count_hits(mail.fields)
    for field in mail.fields:
        yield from _shape_hits(field)
        yield from word_hits(field)
        grammar = _GRAMMARS.get(field.name.lower())
        yield from grammar(field) if grammar else ()
    for part in mail.walk()[1:]:
        for field in part.fields:
            yield from word_hits(field)
    yield from _sender_hits(mail)
    if listed or mail.first("list-id"):
        yield from _list_hits(mail)


def _count_hits(fields: Sequence[Field]) -> Iterator[MailHit]:
    count = Counter(field.name.lower() for field in fields)
    yield from (MailHit("mail.header.missing", name) for name in _NEEDED if not count[name.lower()])
    yield from (MailHit("mail.header.duplicate", name) for name in _AT_MOST_ONCE if count[name.lower()] > 1)


def _shape_hits(field: Field) -> Iterator[MailHit]:
    if any(_NOT_IN_HEADERS.search(line) for line in field.lines):
        yield MailHit("mail.header.control", field.name, field.line)
    # The field's name and the first word stay on one line.
    if any(len(line) > _LONGEST_LINE and " " in line.partition(": ")[2].strip() for line in field.lines):
        yield MailHit("mail.header.long", field.name, field.line)


def _date_hits(field: Field) -> Iterator[MailHit]:
    if moment(field.value) is None:
        yield MailHit("mail.date", f'"{field.value[:60]}"', field.line)


def moment(value: str) -> datetime | None:
    """Read a Date field with a numeric zone (RFC 5322 §3.3); None where it is none, or names the wrong weekday."""
    found = _DATE.fullmatch(value)
    if not found:
        return None
    weekday, day, month, year, hour, minute, second, sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    try:
        read = datetime(
            int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second or 0),
            tzinfo=timezone(offset),
        )  # fmt: skip
    except ValueError:
        return None
    return read if weekday in (None, _DAYS[read.weekday()]) else None


def _address_hits(field: Field) -> Iterator[MailHit]:
    try:
        found = mailboxes(field.value)
    except Unreadable:
        yield MailHit("mail.address", field.name, field.line)
        return
    for mailbox in found:
        if len(mailbox.local) > 64 or len(mailbox.local) + len(mailbox.domain) + 1 > 254:
            yield MailHit("mail.address.length", field.name, field.line)
            return


def _id_hits(field: Field) -> Iterator[MailHit]:
    found = _MESSAGE_ID.fullmatch(field.value)
    if not found or not is_domain(found[2]) or ".." in f".{found[1]}.":
        yield MailHit("mail.message-id", f'"{field.value[:80]}"', field.line)
    elif "." not in found[2] or found[2].lower().endswith(_INTERNAL):
        yield MailHit("mail.message-id.host", found[2], field.line)


def _version_hits(field: Field) -> Iterator[MailHit]:
    if field.value.partition("(")[0].strip() != "1.0":
        yield MailHit("mail.mime-version", f'"{field.value[:40]}"', field.line)


def _list_id_hits(field: Field) -> Iterator[MailHit]:
    found = _LIST_ID.fullmatch(field.value)
    name = found[1] if found else ""
    if not found or "." not in name or not is_domain(name) or name.lower().endswith("localhost"):
        yield MailHit("mail.list-id", f'"{field.value[:80]}"', field.line)


def _list_uri_hits(field: Field) -> Iterator[MailHit]:
    if field.name.lower() == "list-post" and field.value.upper() == "NO":
        return
    found = uris(field.value)
    if not found or not all(uri.lower().startswith(("https:", "http:", "mailto:")) for uri in found):
        yield MailHit("mail.list-address", field.name, field.line)


def _unsubscribe_hits(field: Field) -> Iterator[MailHit]:
    schemes = sorted(uri.partition(":")[0].lower() for uri in uris(field.value))
    if not schemes:
        yield MailHit("mail.list-unsubscribe", "it is no list of addresses in angle brackets", field.line)
    elif schemes not in (["https"], ["https", "mailto"]):
        yield MailHit("mail.list-unsubscribe", f"it has {', '.join(schemes)}", field.line)


def _post_hits(field: Field) -> Iterator[MailHit]:
    if field.value != "List-Unsubscribe=One-Click":
        yield MailHit("mail.list-unsubscribe.post", f'"{field.value[:60]}"', field.line)


def uris(value: str) -> list[str]:
    """Return the addresses of a List- field (RFC 2369 §2); none where it has anything else."""
    found, place = [], 0
    while one := _ANGLED.match(value, place):
        found.append(one[1])
        place = one.end()
        if not one[2]:
            break
    return found if place == len(value) and all(map(_URI.fullmatch, found)) else []


def _auto_hits(field: Field) -> Iterator[MailHit]:
    if not _AUTO.fullmatch(field.value):
        yield MailHit("mail.auto-submitted", f'"{field.value[:40]}"', field.line)


def _sender_hits(mail: Part) -> Iterator[MailHit]:
    try:
        senders = mailboxes(mail.first("from"))
    except Unreadable:
        return
    if len(senders) != 1:
        yield MailHit("mail.sender", f"{len(senders)} addresses")
        return
    yield from _domain_hits(senders[0], mail)


def _domain_hits(sender: Mailbox, mail: Part) -> Iterator[MailHit]:
    domain = sender.domain.lower()
    if "." not in domain or domain.startswith("["):
        yield MailHit("mail.sender.domain", sender.domain)
    elif domain in _MAIL_SERVICES:
        yield MailHit("mail.sender.service", sender.domain)
    signers = [
        found[1].lower()
        for field in mail.fields
        if field.name.lower() == "dkim-signature" and (found := _SIGNER.search(field.value))
    ]
    if signers and not any(f".{domain}".endswith(f".{one}") or f".{one}".endswith(f".{domain}") for one in signers):
        yield MailHit("mail.sender.alignment", ", ".join(signers))


def _list_hits(mail: Part) -> Iterator[MailHit]:
    for name in ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"):
        if not mail.first(name.lower()):
            yield MailHit("mail.list.missing", name)
    if not mail.first("auto-submitted"):
        yield MailHit("mail.auto-submitted.missing")
    if mail.first("precedence") and not mail.first("auto-submitted"):
        yield MailHit("mail.precedence", mail.first("precedence")[:40])


_GRAMMARS: Mapping[str, Callable[[Field], Iterator[MailHit]]] = {
    "date": _date_hits,
    **dict.fromkeys(("from", "to", "cc", "sender", "reply-to"), _address_hits),
    "message-id": _id_hits,
    "mime-version": _version_hits,
    "list-id": _list_id_hits,
    **dict.fromkeys(("list-archive", "list-help", "list-post", "list-owner", "list-subscribe"), _list_uri_hits),
    "list-unsubscribe": _unsubscribe_hits,
    "list-unsubscribe-post": _post_hits,
    "auto-submitted": _auto_hits,
}
