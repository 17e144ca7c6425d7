"""Mail addresses: which are any, and which two are the same.

Two addresses are the same when their keys are: the whole address in NFC with its case folded (Unicode's `casefold`),
the domain as A-labels (RFC 5890). A mail server may tell `Ann@notes.example` from `ann@notes.example` (RFC 5321 §2.4);
none that people use does, and one person shall not get an issue twice.
"""

import re
from typing import NamedTuple
from unicodedata import normalize

from publisher.errors import PublisherError
from publisher.markup.hosts import ascii_host

#: Octets of a whole address and of its local part: RFC 5321 §4.5.3.1.
_LONGEST, _LONGEST_LOCAL = 254, 64
# What is surely an address, so that a million of them need no library: no two hyphens in a row as in A-labels, no special
# domain, nothing that is refused for its looks, and as a whole no longer than one of its parts may be. Nothing is tried
# twice (`++`). Whatever does not match is asked of email-validator, and a test compares both.
_SURELY_SHORT = 63
_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"
_LABEL = "[A-Za-z0-9]++(?:-[A-Za-z0-9]++)*+"
_SPECIAL = "(?i:arpa|invalid|local|localhost|onion|test)"
_PLAIN = re.compile(rf"({_ATOM}(?:\.{_ATOM})*+)@((?:{_LABEL}\.)++(?!{_SPECIAL}\Z)[A-Za-z]{{2,}})", re.ASCII)
# Laxer than what is accepted today: a list may hold what an earlier version took.
_DOMAIN = re.compile(r"[a-z0-9_.-]+")


class AddressRefused(PublisherError):
    """What was given is no mail address."""


class Address(NamedTuple):
    """A mail address."""

    #: As mail is sent to it: the local part as given, in NFC; the domain in ASCII and lower case.
    text: str
    #: By what two addresses are the same.
    key: str
    #: In ASCII and lower case.
    domain: str


def parse_address(text: str) -> Address:
    """Read a mail address; white space around it is dropped.

    Args:
        text: `ann@notes.example`; also internationalised ones (RFC 6531). No display name, no quoted local part.

    Raises:
        AddressRefused: it is none; the message names it and says why.
    """
    text = text.strip()
    found = _PLAIN.fullmatch(text)
    if found is None or len(text) > _SURELY_SHORT:
        return _examined(text)
    key = text.lower()
    if key == text:  # as most are
        return Address(text, key, found[2])
    local, domain = found[1], found[2].lower()
    return Address(f"{local}@{domain}", key, domain)


def _examined(text: str) -> Address:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 # few addresses need it

    if len(text) > 4 * _LONGEST:
        raise AddressRefused(f"{text[:40]}… is no mail address: it has {len(text)} characters")
    try:
        valid = validate_email(text, check_deliverability=False)
    except EmailNotValidError as error:
        reason = str(error).rstrip(".")
        raise AddressRefused(
            f"{text or 'an empty text'} is no mail address: {reason[:1].lower()}{reason[1:]}"
        ) from None
    domain, local = (valid.ascii_domain or valid.domain).lower(), normalize("NFC", valid.local_part)
    whole = f"{local}@{domain}"
    if len(local.encode()) > _LONGEST_LOCAL or len(whole.encode()) > _LONGEST:
        raise AddressRefused(f"{text} is no mail address: it is too long (RFC 5321 §4.5.3.1)")
    return Address(whole, key_of(whole), domain)


def key_of(text: str) -> str:
    """Return by what two addresses are the same, of one that `parse_address` returned."""
    return text.lower() if text.isascii() else normalize("NFC", normalize("NFC", text).casefold())


def parse_domain(text: str) -> str:
    """Return the domain of addresses in ASCII and lower case; an `@` before it is dropped.

    Raises:
        AddressRefused: it is none.
    """
    try:
        domain = ascii_host(text.strip().removeprefix("@")).lower()
        if _DOMAIN.fullmatch(domain):
            return domain
    except UnicodeError:
        pass
    raise AddressRefused(f"{text or 'an empty text'} is no domain, such as notes.example")
