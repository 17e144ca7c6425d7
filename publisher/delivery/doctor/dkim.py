"""Public keys in the DNS (RFC 6376 §3.6.1, RFC 8463) against the private ones that sign."""

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Iterator
from dataclasses import dataclass

from publisher.delivery.doctor.answers import Answer, Standing, tags, txt_line
from publisher.delivery.doctor.finding import Finding, error, note, ok, warning

RULE = "dns.dkim"
#: Bits below which receivers distrust an RSA key (RFC 8301 §3.2).
_LEAST_BITS = 2048
#: What stands around the modulus in an RSA key as records have it, in octets.
_AROUND = 38


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key of the settings."""

    domain: str
    selector: str
    #: What the record is to say; empty where the private key cannot be read.
    record: str = ""

    @property
    def name(self) -> str:
        """Return the name of the record."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def line(self) -> str:
        """Return the record as a line of a zone file; empty where the key cannot be read."""
        return txt_line(self.name, self.record) if self.record else ""


def dkim_findings(key: SigningKey, answer: Answer) -> Iterator[Finding]:
    """Judge the record of a key.

    Args:
        key: as the settings have it.
        answer: TXT records of its name.
    """
    lines = (key.line,) if key.line else ()
    if answer.is_silent:
        yield note(RULE, f"the key {key.name} was not seen: {answer.reason}")
    elif answer.standing is Standing.ABSENT:
        yield error(RULE, f"{key.name} has no record, so no signature can be verified", "add the TXT record", *lines)
    elif len(answer.values) > 1:
        yield error(RULE, f"{key.name} has {len(answer.values)} TXT records", "leave only the key's", *lines)
    else:
        found = list(_faults(key, tags(answer.values[0]), lines))
        yield from found or [ok(RULE, f"{key.name} holds the key that signs")]


def _faults(key: SigningKey, said: dict[str, str], lines: tuple[str, ...]) -> Iterator[Finding]:
    public = "".join(said.get("p", "").split())
    ours = tags(key.record)
    if said.get("v", "DKIM1") != "DKIM1" or "p" not in said:
        yield error(RULE, f"{key.name} is no record of a key (RFC 6376)", "put the right one there", *lines)
        return
    if not public:
        yield error(
            RULE, f"{key.name} says that the key was revoked (p= is empty)", "make a new key, under another selector"
        )
        return
    if ours and (said.get("k", "rsa"), public) != (ours["k"], ours["p"]):
        yield error(RULE, f"{key.name} holds another key than the one that signs", "put the right one there", *lines)
    elif not ours and 0 < (bits := _bits(said)) < _LEAST_BITS:
        yield error(RULE, f"the key at {key.name} has about {bits} bits, which receivers distrust", "make a new key")
    yield from _flags(key, said)


def _flags(key: SigningKey, said: dict[str, str]) -> Iterator[Finding]:
    if "y" in said.get("t", "").replace(" ", "").split(":"):
        yield warning(RULE, f"{key.name} says t=y: receivers take the signatures for a trial", "take t=y out")
    if "h" in said and "sha256" not in said["h"].replace(" ", "").lower().split(":"):
        yield error(RULE, f"{key.name} forbids SHA-256 (h={said['h'][:40]})", "take h= out")
    if not {"*", "email"} & set(said.get("s", "*").replace(" ", "").lower().split(":")):
        yield error(RULE, f"{key.name} is not for mail (s={said['s'][:40]})", "take s= out")


def _bits(said: dict[str, str]) -> int:
    """Return about how many bits an RSA key has; 0 for others, and for what is none."""
    try:
        octets = len(b64decode("".join(said["p"].split()), validate=True))
    except (NoBase64, ValueError):
        return 0
    return max(8 * (octets - _AROUND), 1) if said.get("k", "rsa") == "rsa" else 0
