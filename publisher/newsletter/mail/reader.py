"""One reader's own part of a mail: three header fields, and what fills the slots."""

import re
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256
from html import escape

from publisher.newsletter.mail.addresses import ReaderRefused, reader_address
from publisher.newsletter.mail.headers import LOOKS_ENCODED, URI, list_field, mailbox_field
from publisher.newsletter.mail.mime import Fill, quoted_value
from publisher.newsletter.sizes import LONGEST_LINE
from publisher.newsletter.slots import ADDRESS, NAME, PREFERENCES, UNSUBSCRIBE
from publisher.newsletter.wording import one_line

#: What is before @ in a Message-ID (RFC 5322 §3.6.4, RFC 5321 §4.5.3.1.1).
_MESSAGE_ID = re.compile(r"(?!.{65})[A-Za-z0-9_=+-]+(?:\.[A-Za-z0-9_=+-]+)*")
_WEB = re.compile(r"https://[A-Za-z0-9\[]")
#: A line of the header holds, beside a URI, a blank and two angle brackets; where another URI follows, a comma, too.
_LONGEST_URI = LONGEST_LINE - len(" <>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """To whom a mail goes, and what only this mail says."""

    #: As the reader gave it.
    address: str
    #: Of any characters; empty where it is unknown.
    name: str = ""
    #: Web address (https) that takes this reader off this list, by an unforgeable token (RFC 8058 §3.1).
    unsubscribe: str
    #: Web address (https) of the reader's page of preferences.
    preferences: str
    #: `mailto:` address that takes this reader off this list; empty for none.
    mailto: str = ""
    #: What is before @ in the Message-ID: at most 64 of letters, digits and `._=+-`. Where empty it is made of the issue's
    #: and `unsubscribe`: the same on each retry, another for each reader. It tells nobody an address, not even one who
    #: guesses addresses, as the token cannot be guessed.
    message_id: str = ""


def digest(text: str) -> str:
    """Return 24 letters and digits that stand for a text."""
    return b32encode(sha256(text.encode()).digest()[:15]).decode("ascii").lower()


def own_fields(reader: Reader, issue: str, *, smtputf8: bool) -> tuple[bytes, bytes, bytes]:
    """Return `To`, `Message-ID` and `List-Unsubscribe`, without the CRLF at their ends.

    Args:
        reader: whose.
        issue: Message-ID of the mail to nobody, without angle brackets.
        smtputf8: whether the server takes a local part beyond ASCII, which `To` then holds as UTF-8 (RFC 6532).

    Raises:
        ReaderRefused: the mail cannot go to this reader.
    """
    address = reader_address(reader.address, smtputf8=smtputf8)
    _expect_web(reader, reader.unsubscribe, "unsubscribe", _LONGEST_URI - (1 if reader.mailto else 0))
    _expect_web(reader, reader.preferences, "preferences", _LONGEST_URI)
    if reader.mailto and not (reader.mailto.startswith("mailto:") and _fits(reader.mailto, _LONGEST_URI)):
        raise ReaderRefused(reader.address, "the unsubscribe address for mails is no mailto: address that fits a line")
    local = reader.message_id or f"{digest(f'{issue} {reader.unsubscribe}')}.mail"
    if not _MESSAGE_ID.fullmatch(local):
        raise ReaderRefused(reader.address, f"{one_line(local[:80])} cannot stand in a Message-ID")
    uris = (reader.unsubscribe, reader.mailto) if reader.mailto else (reader.unsubscribe,)
    return (
        mailbox_field("To", reader.name, address).encode(),
        f"Message-ID: <{local}@{issue.rpartition('@')[2]}>".encode("ascii"),
        list_field("List-Unsubscribe", uris).encode("ascii"),
    )


def filler(reader: Reader, *, markup: bool) -> Fill:
    """Return what gives the encoded value of each slot.

    Args:
        reader: whose values.
        markup: whether they stand in HTML, where `&`, `<`, `>` and quotation marks are escaped.
    """
    values = {
        UNSUBSCRIBE: reader.unsubscribe,
        PREFERENCES: reader.preferences,
        ADDRESS: reader.address,
        NAME: reader.name,
    }

    def fill(token: str) -> bytes:
        value = one_line(values[token]) if token == NAME else values[token]
        return quoted_value(escape(value) if markup else value)

    return fill


def _expect_web(reader: Reader, address: str, use: str, longest: int) -> None:
    if not (_WEB.match(address) and _fits(address, longest)):
        raise ReaderRefused(
            reader.address,
            f"the {use} address is no https: address in ASCII of up to {longest} characters: {one_line(address[:40])}",
        )


def _fits(uri: str, longest: int) -> bool:
    return len(uri) <= longest and URI.fullmatch(uri) is not None and not LOOKS_ENCODED.search(uri)
