"""Links of one reader's own: signed, so that nobody can make up another's.

A link's token says, in the open, which newsletter and which subscription it is about, and ends in a signature. There is no
address in it. Each purpose has its salt: a link that unsubscribes opens no preferences. Keys are rotated by putting a new
one in front: it signs from then on, and links under the others stay good until their keys are taken away.
"""

import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from itsdangerous import BadData, Signer, TimestampSigner
from itsdangerous.signer import HMACAlgorithm

from publisher.audience.macs import Mac
from publisher.errors import PublisherError, UsageError
from publisher.store.keys import Keys

#: How long a confirmation is good.
CONFIRM_WITHIN = timedelta(hours=48)
#: How far ahead of this machine's clock that of another one may be which made the link.
_AHEAD = timedelta(minutes=5)
# RFC 2104 §5 wants at least half of the hash. The last of 22 characters then holds two bits: it is never "-" or "_", which
# some programs leave out of a link that they find in text.
_SIGNATURE_BYTES = 16
# Whatever signatures are compared as, base64 is read leniently: only one spelling of each may pass.
_TOKEN = re.compile(r"[A-Za-z0-9_.-]{1,200}\.[A-Za-z0-9_-]{21}[AQgw]", re.ASCII)
_PERSON = re.compile(r"([a-z0-9-]{1,80})\.([1-9][0-9]{0,18})", re.ASCII)
_CONFIRMATION = re.compile(_PERSON.pattern + r"\.([A-Za-z0-9_-]{1,64})", re.ASCII)


class BadLink(PublisherError):
    """A link was cut off, altered, made up, or signed with a key that is gone."""

    def __init__(self, message: str = "this link is incomplete or was not made here") -> None:
        super().__init__(message)


class ExpiredLink(BadLink):
    """A link was good once."""

    def __init__(self, confirmation: "Confirmation") -> None:
        super().__init__("this link is older than two days")
        #: What it said.
        self.confirmation = confirmation


class KeyGone(UsageError):
    """Links that were sent cannot be made again."""

    def __init__(self, fingerprint: str) -> None:
        super().__init__(
            f"the key {fingerprint} that signed links is not among the keys any more; put it back behind the newest one"
        )
        self.fingerprint = fingerprint


@dataclass(frozen=True, slots=True)
class Person:
    """What links to unsubscribe and to preferences say."""

    newsletter: str
    #: Of the subscription.
    id: int


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What links to confirm say."""

    newsletter: str
    #: Of the subscription.
    id: int
    #: Kept with the request, so that a link works once.
    nonce: str


class _Short(HMACAlgorithm):
    """HMAC-SHA256, cut to 128 bits."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        return super().get_signature(key, value)[:_SIGNATURE_BYTES]


class _Stamped(TimestampSigner):
    """Signs as of a time that is handed in."""

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = int(now.timestamp())

    def get_timestamp(self) -> int:
        return self._now


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads links.

    Args:
        url: `url` of [web], which ends in a slash.
        keys: the publication's.
    """

    url: str
    keys: Keys
    _unsubscribe: Signer = field(init=False, repr=False, compare=False)
    _preferences: Signer = field(init=False, repr=False, compare=False)
    #: The same keys, ready to sign one link after the other.
    _leaving: Mac = field(init=False, repr=False, compare=False)
    _preferring: Mac = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_unsubscribe", Signer(**_options(self.keys, "unsubscribe")))
        object.__setattr__(self, "_preferences", Signer(**_options(self.keys, "preferences")))
        object.__setattr__(self, "_leaving", Mac(self._unsubscribe.derive_key()))
        object.__setattr__(self, "_preferring", Mac(self._preferences.derive_key()))

    @property
    def fingerprint(self) -> str:
        """Tells the key that signs from others, and nothing about it."""
        return _fingerprint(self.keys.links[0])

    def with_key(self, fingerprint: str) -> "Links":
        """Return what makes the same links as at the time when a key was the newest.

        Raises:
            KeyGone: it is not among the keys.
        """
        ahead = tuple(key for key in self.keys.links if _fingerprint(key) == fingerprint)
        if not ahead:
            raise KeyGone(fingerprint)
        others = tuple(key for key in self.keys.links if key not in ahead)
        return Links(self.url, replace(self.keys, links=ahead + others))

    def unsubscribe(self, newsletter: str, subscription: int) -> str:
        """Return the address that takes a reader off (RFC 8058); always the same for one key."""
        return f"{self.url}u/{_sealed(self._leaving, f'{newsletter}.{subscription}')}"

    def preferences(self, newsletter: str, subscription: int) -> str:
        """Return the address of a reader's preferences; always the same for one key."""
        return f"{self.url}p/{_sealed(self._preferring, f'{newsletter}.{subscription}')}"

    def confirm(self, newsletter: str, subscription: int, nonce: str, now: datetime) -> str:
        """Return the address at which somebody confirms a subscription, good for 48 hours.

        Args:
            newsletter: its name.
            subscription: its id.
            nonce: up to 64 letters, digits, `-` and `_`, by which the caller knows whether it was used.
            now: when it is made.
        """
        signer = _Stamped(**_options(self.keys, "confirm"), now=now)
        return f"{self.url}c/{_signed(signer, f'{newsletter}.{subscription}.{nonce}')}"

    def read_unsubscribe(self, token: str) -> Person:
        """Read what follows `u/`.

        Raises:
            BadLink: it was not made here for that.
        """
        return _person(_value(self._unsubscribe, token))

    def read_preferences(self, token: str) -> Person:
        """Read what follows `p/`.

        Raises:
            BadLink: it was not made here for that.
        """
        return _person(_value(self._preferences, token))

    def read_confirm(self, token: str, now: datetime) -> Confirmation:
        """Read what follows `c/`.

        Raises:
            BadLink: it was not made here for that.
            ExpiredLink: it is too old, and says for whom it was.
        """
        value, made = _stamped_value(_Stamped(**_options(self.keys, "confirm"), now=now), token)
        found = _CONFIRMATION.fullmatch(value)
        if not found:
            raise BadLink
        confirmation = Confirmation(found[1], int(found[2]), found[3])
        if not -_AHEAD <= now - made <= CONFIRM_WITHIN:
            raise ExpiredLink(confirmation)
        return confirmation


def _options(keys: Keys, purpose: str) -> dict[str, Any]:
    """Say how to sign: with the last of the keys, as itsdangerous has it, which compares in constant time."""
    return {
        "secret_key": keys.links[::-1],
        "salt": f"publisher.{purpose}",
        "key_derivation": "hmac",
        "digest_method": sha256,
        "algorithm": _Short(sha256),
    }


def _sealed(macs: Mac, value: str) -> str:
    """Return what `_signed` does, in a quarter of the time."""
    signature = macs.digest(value.encode("ascii"))[:_SIGNATURE_BYTES]
    return f"{value}.{urlsafe_b64encode(signature)[:22].decode('ascii')}"


def _signed(signer: Signer, value: str) -> str:
    return signer.sign(value).decode("ascii")


def _value(signer: Signer, token: str) -> str:
    if not _TOKEN.fullmatch(token):
        raise BadLink
    try:
        return signer.unsign(token).decode("ascii")
    except BadData:
        raise BadLink from None


def _stamped_value(signer: TimestampSigner, token: str) -> tuple[str, datetime]:
    if not _TOKEN.fullmatch(token):
        raise BadLink
    try:
        value, made = signer.unsign(token, return_timestamp=True)
    except BadData:
        raise BadLink from None
    return value.decode("ascii"), made


def _person(value: str) -> Person:
    found = _PERSON.fullmatch(value)
    if not found:
        raise BadLink
    return Person(found[1], int(found[2]))


def _fingerprint(key: str) -> str:
    return sha256(f"publisher.fingerprint {key}".encode()).hexdigest()[:16]
