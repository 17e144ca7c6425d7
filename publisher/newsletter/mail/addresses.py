"""Mail addresses as headers may hold them (RFC 5322 §3.4): domains as A-labels, lengths within RFC 5321 §4.5.3.1."""

import re
from functools import lru_cache

from publisher.errors import PublisherError, UsageError
from publisher.markup.hosts import ascii_host
from publisher.newsletter.wording import one_line

_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
# Careless parsers decode an encoded-word wherever it stands; nobody has such an address.
_PLAIN = r"(?!.*=\?.*\?=)"
_LOCAL_PART = re.compile(rf"{_PLAIN}{_ATOM}(?:\.{_ATOM})*")
# RFC 6531 §3.3 adds all beyond ASCII; white space and controls are not in it, as `one_line` would have changed them.
_WIDE_ATOM = _ATOM.replace("A-Z", "\u00a1-\U0010ffffA-Z")
_WIDE_LOCAL_PART = re.compile(rf"{_PLAIN}{_WIDE_ATOM}(?:\.{_WIDE_ATOM})*")
_LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
# A number at the end makes it an address of a machine (RFC 3696 §2), and nobody takes mail from there.
_DOMAIN = re.compile(rf"(?!.{{254}})(?!(?:.*\.)?[0-9]+\Z){_LABEL}(?:\.{_LABEL})*")
_LOCAL_OCTETS = 64
#: A path, which is an address in angle brackets, has at most 256 octets.
_ADDRESS_OCTETS = 254


class ReaderRefused(PublisherError):
    """One reader cannot get the mail; the others can. It does not name the address: logs hold none.

    Attributes:
        address: the reader's, as it was given.
    """

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"the mail cannot go to this reader: {reason}")
        self.address = address


class AddressNeedsSmtputf8(ReaderRefused):
    """The part of the address before @ is not ASCII: only a server that offers SMTPUTF8 (RFC 6531) takes it."""

    def __init__(self, address: str) -> None:
        super().__init__(
            address,
            "the part of the address before @ is not ASCII and the mail server does not offer SMTPUTF8; "
            "ask the reader for another address",
        )


def split_mailbox(mailbox: str) -> tuple[str, str]:
    """Return the display name, empty where there is none, and the address in ASCII.

    Args:
        mailbox: the author's: `Field Notes <letters@notes.example>` or `letters@notes.example`.

    Raises:
        UsageError: the address cannot stand in a mail.
    """
    display, bracket, rest = one_line(mailbox).rpartition("<")
    address = rest.removesuffix(">").strip() if bracket else one_line(mailbox)
    local, _, domain = address.rpartition("@")
    if not _LOCAL_PART.fullmatch(local) or len(local) > _LOCAL_OCTETS:
        raise UsageError(
            f"{address}: the part before @ cannot stand in a mail; use letters, digits and dots, "
            "as in letters@notes.example"
        )
    whole = f"{local}@{ascii_domain(domain)}"
    if len(whole) > _ADDRESS_OCTETS:
        raise UsageError(
            f"{address} has more than {_ADDRESS_OCTETS} characters; use a shorter one, as in letters@notes.example"
        )
    return display.strip().strip('"').strip(), whole


def reader_address(address: str, *, smtputf8: bool) -> str:
    """Return a reader's address, its domain in ASCII.

    Args:
        address: as the reader gave it.
        smtputf8: whether the mail server takes local parts beyond ASCII.

    Raises:
        AddressNeedsSmtputf8: its local part is not ASCII and the server does not take that.
        ReaderRefused: it is no mail address.
    """
    local, _, domain = address.rpartition("@")
    if not (_LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        domain = _wide(address, local, domain, smtputf8)
    whole = f"{local}@{domain}"
    if len(local.encode()) > _LOCAL_OCTETS or len(whole.encode()) > _ADDRESS_OCTETS:
        raise ReaderRefused(address, "the address is longer than mail servers take; ask the reader for another one")
    return whole


def _wide(address: str, local: str, domain: str, smtputf8: bool) -> str:
    """Return the domain in ASCII of an address that is not plain ASCII."""
    ascii_form = _ascii_form(domain)
    if one_line(address) != address or not _WIDE_LOCAL_PART.fullmatch(local) or not ascii_form:
        raise ReaderRefused(address, "the address is none; correct it, or remove the reader")
    if not local.isascii() and not smtputf8:
        raise AddressNeedsSmtputf8(address)
    return ascii_form


def ascii_domain(domain: str) -> str:
    """Return a domain as A-labels (RFC 5890, IDNA 2008 with the mapping of UTS 46): `straße.example` keeps its ß.

    Raises:
        UsageError: it is no domain name.
    """
    ascii_form = _ascii_form(domain)
    if not ascii_form:
        raise UsageError(
            f"{domain or 'an empty name'} is no domain name for a mail; give the newsletter "
            'from = "letters@notes.example" and list_id = "weekly.notes.example" with a domain of yours'
        )
    return ascii_form


@lru_cache(maxsize=1024)  # many readers share a few domains
def _ascii_form(domain: str) -> str:
    """Return a domain as A-labels; empty for what is none."""
    if not domain.isascii():
        try:
            domain = ascii_host(domain, strict=True)
        except UnicodeError:
            return ""
    return domain if _DOMAIN.fullmatch(domain) else ""
