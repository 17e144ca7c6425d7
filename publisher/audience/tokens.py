"""Tokens that name one delivery to us and to nobody else.

A token is 32 of a-z and 2-7, whatever the case it comes back in, as local parts of addresses may: `bounce+TOKEN@` is where a
mail's bounces go (VERP), and `<TOKEN@…>` is its Message-ID. It holds the issue's and the subscription's number, sealed: a MAC
of them, and they themselves hidden by a keyed stream that starts from that MAC, the order of RFC 5297 (SIV). Equal deliveries
have equal tokens, so that a mail sent again is the same mail; two tokens tell nobody whether they are one person's.

Their key is drawn from the one of addresses, which is never changed: a mail keeps its Message-ID when links get a new key.
"""

import hmac
import re
from base64 import b32decode
from collections.abc import Iterator
from functools import lru_cache

from publisher.audience.macs import Mac
from publisher.store.keys import Keys

#: Characters of a token.
LENGTH = 32
_TOKEN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z2-7]{32}(?![A-Za-z0-9])", re.ASCII)
_ISSUE_BYTES, _SUBSCRIPTION_BYTES, _MAC_BYTES = 4, 6, 10
# What is looked at of one text, and how many tokens in it: texts come from strangers.
_LONGEST_TEXT, _MOST = 100_000, 100
#: Octets before @ (RFC 5321 §4.5.3.1.1).
_LOCAL_PART = 64
_DIGITS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [one + other for one in _DIGITS for other in _DIGITS]


def delivery_token(keys: Keys, issue_id: int, subscription_id: int) -> str:
    """Return the token that bounces and complaints about a delivery come back with.

    Raises:
        OverflowError: a number is negative, or larger than 32 bits of an issue and 48 of a subscription.
    """
    return _seal(*_keys(keys.addresses, "delivery"), issue_id, subscription_id)


def read_delivery_token(keys: Keys, text: str) -> tuple[int, int] | None:
    """Return issue and subscription of a token in capitals or not; None for anything else."""
    return _open(*_keys(keys.addresses, "delivery"), text)


def leave_token(keys: Keys, issue_id: int, subscription_id: int) -> str:
    """Return the token that takes a reader off when a mail goes to `unsubscribe+TOKEN@`.

    It is another than the delivery's: a Message-ID may be quoted in public, and unsubscribes nobody.

    Raises:
        OverflowError: see `delivery_token`.
    """
    return _seal(*_keys(keys.addresses, "leave"), issue_id, subscription_id)


def read_leave_token(keys: Keys, text: str) -> tuple[int, int] | None:
    """Return issue and subscription of such a token, in capitals or not; None for anything else."""
    return _open(*_keys(keys.addresses, "leave"), text)


def tokens_in(text: str) -> Iterator[str]:
    """Give what may be tokens in a line of a header or an address, in their order; each is still to be read."""
    for number, found in enumerate(_TOKEN.finditer(text[:_LONGEST_TEXT])):
        if number == _MOST:
            return
        yield found[0]


def verp(mailbox: str, token: str) -> str:
    """Return a mailbox with a token behind its local part: `bounce@notes.example` becomes `bounce+TOKEN@notes.example`.

    Args:
        mailbox: an address alone, or one in angle brackets behind a name.
        token: what comes back with each mail to it.

    Raises:
        ValueError: there is no room for a token; the local part may have 31 octets.
    """
    address = mailbox.rpartition("<")[2].rstrip("> ")
    local, _, domain = address.rpartition("@")
    if len(f"{local}+{token}".encode()) > _LOCAL_PART:
        raise ValueError(
            f"{local}@ leaves no room for a token; use a local part of up to {_LOCAL_PART - LENGTH - 1} bytes"
        )
    return f"{local}+{token}@{domain}"


@lru_cache(maxsize=8)
def _keys(secret: bytes, purpose: str) -> tuple[Mac, Mac]:
    """Return MAC and stream; their keys differ from purpose to purpose."""
    of_keys = Mac(secret)
    mac, stream = (Mac(of_keys.digest(f"publisher.token {purpose} {use}".encode())) for use in ("mac", "stream"))
    return mac, stream


def _seal(macs: Mac, streams: Mac, issue_id: int, subscription_id: int) -> str:
    plain = issue_id.to_bytes(_ISSUE_BYTES, "big") + subscription_id.to_bytes(_SUBSCRIPTION_BYTES, "big")
    mac = macs.digest(plain)[:_MAC_BYTES]
    return _spelled(mac + _hidden(streams, mac, plain))


def _spelled(sealed: bytes) -> str:
    """Return 20 bytes in base32, two characters at a time: the library's own takes twice as long."""
    number = int.from_bytes(sealed, "big")
    return "".join([_PAIRS[number >> shift & 0x3FF] for shift in range(150, -1, -10)])


def _open(macs: Mac, streams: Mac, text: str) -> tuple[int, int] | None:
    if not _TOKEN.fullmatch(text):
        return None
    sealed = b32decode(text.upper())
    mac, hidden = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
    plain = _hidden(streams, mac, hidden)
    if not hmac.compare_digest(mac, macs.digest(plain)[:_MAC_BYTES]):
        return None
    return int.from_bytes(plain[:_ISSUE_BYTES], "big"), int.from_bytes(plain[_ISSUE_BYTES:], "big")


def _hidden(streams: Mac, mac: bytes, text: bytes) -> bytes:
    """Hide a text or show it again; the same MAC never comes with two texts."""
    stream = streams.digest(mac)[: len(text)]
    return (int.from_bytes(text, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(text), "big")
