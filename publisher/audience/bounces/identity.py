"""Whom a mail is about: told by tokens alone, which nobody but us can make, and never by prose.

The token of the envelope sender (VERP) comes first, in the fields where mail servers write down to whom they deliver; then the
returned mail's Message-ID and what else of it is made for programs.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from publisher.audience.bounces.mail import Part
from publisher.audience.bounces.odd import prose
from publisher.audience.bounces.standard import returned, status_fields
from publisher.audience.links import BadLink, Links
from publisher.audience.tokens import read_delivery_token, read_leave_token, tokens_in
from publisher.store.keys import Keys

_DELIVERED_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "to", "cc", "resent-to")
_RECEIVED_FOR = re.compile(r"\bfor\s+<?([^\s<>;]+@[^\s<>;]+)", re.IGNORECASE)
_ANSWERS = ("in-reply-to", "references")
_OF_RETURNED = ("message-id", "return-path", "x-original-message-id", "errors-to", "list-unsubscribe")
_OF_STATUS = ("original-envelope-id", "x-original-message-id", "original-mail-from", "original-message-id", "x-msgid")
_LINK = re.compile(r"/u/([A-Za-z0-9_.-]{1,300})", re.ASCII)
#: A line of a returned header that stands in prose.
_RETURNED_LINE = re.compile(r"^[ \t>|]*(?:message-id|return-path)[ \t]*:[^\n]{0,500}", re.IGNORECASE | re.MULTILINE)

_Reader = Callable[[Keys, str], "tuple[int, int] | None"]


@dataclass(frozen=True, slots=True)
class Named:
    """One delivery, or a subscription alone."""

    #: None where only the subscription is known.
    issue_id: int | None
    subscription_id: int


def leaver(mail: Part, keys: Keys) -> Named | None:
    """Return who asks to be taken off, by the address that the mail went to or by its subject; None for nobody."""
    return _first((*_recipients(mail), mail.value("subject")), keys, read_leave_token)


def named(mail: Part, keys: Keys) -> Named | None:
    """Return the delivery that a mail is about; None where it names none that was made here."""
    back = returned(mail)
    texts = (
        *_recipients(mail),
        *(value for part in back for value in part.values(*_OF_RETURNED)),
        *(value for name, value in status_fields(mail) if name in _OF_STATUS),
        *mail.values(*_ANSWERS),
        *(found[0] for found in _RETURNED_LINE.finditer(prose(mail))),
    )
    leave = (value for part in back for value in part.values("list-unsubscribe"))
    return (
        _first(texts, keys, read_delivery_token)
        or _first(tuple(leave), keys, read_leave_token)
        or next(_by_link((value for part in back for value in part.values("list-unsubscribe")), keys), None)
    )


def _recipients(mail: Part) -> tuple[str, ...]:
    received = (found[1] for value in mail.values("received") for found in _RECEIVED_FOR.finditer(value))
    return (*mail.values(*_DELIVERED_TO), *received)


def _first(texts: Iterable[str], keys: Keys, read: _Reader) -> Named | None:
    for text in texts:
        for token in tokens_in(text):
            if (found := read(keys, token)) is not None:
                return Named(*found)
    return None


def _by_link(values: Iterable[str], keys: Keys) -> Iterator[Named]:
    """Read links that unsubscribe, at whatever address they were."""
    links = Links("", keys)
    for value in values:
        for found in _LINK.finditer(value):
            try:
                yield Named(None, links.read_unsubscribe(found[1]).id)
            except BadLink:
                continue
