"""The publication's own keys: what signs its links, and what addresses are hashed with."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from publisher.config.secrets import SecretMissing, read_secret
from publisher.errors import SurroundingsError
from publisher.files import STATE_FOLDER
from publisher.store.engine import Store
from publisher.store.sqlite import prepare_folder, sync_folder

#: Where they lie, below the publication's folder.
KEYS = f"{STATE_FOLDER}/keys.json"
_BYTES = 32
_BOUND = "keys"
_LOST = (
    "is missing, though the database was written with it; put back the copy that you keep: with other keys no link that "
    "was sent works, and addresses that were erased could be imported again. Nothing was changed; if there is no copy, "
    "docs/subscribers.md says how to go on with new keys"
)


class KeysRefused(SurroundingsError):
    """The keys are missing, damaged, or open to others."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Secrets that no message and no representation shows."""

    #: What links are signed with, the newest first; the others only prove links that were sent earlier.
    links: tuple[str, ...] = field(repr=False)
    #: What addresses are hashed with. It never changes: hashes made with another one would be found no more.
    addresses: bytes = field(repr=False)

    @classmethod
    def new(cls) -> Self:
        """Make keys that nobody can guess."""
        return cls((secrets.token_hex(_BYTES),), secrets.token_bytes(_BYTES))

    @classmethod
    def read(cls, text: str) -> Self:
        """Read keys as `str(keys.document)` wrote them.

        Raises:
            ValueError: they are damaged.
        """
        document = json.loads(text)
        links, addresses = document["links"], bytes.fromhex(document["addresses"])
        if not isinstance(links, list) or not links or not all(isinstance(k, str) and len(k) >= _BYTES for k in links):
            raise ValueError("no keys of links")
        if len(addresses) < _BYTES:
            raise ValueError("the key of addresses is short")
        return cls(tuple(links), addresses)

    @property
    def document(self) -> str:
        """Return them as a JSON document."""
        return json.dumps({"links": self.links, "addresses": self.addresses.hex()}, indent=2) + "\n"

    def address_hash(self, address_key: str) -> str:
        """Return what stands for an address where the address itself may not: HMAC-SHA256 in 64 hexadecimal digits."""
        return hmac.new(self.addresses, address_key.encode(), hashlib.sha256).hexdigest()

    @property
    def fingerprint(self) -> str:
        """Return what tells the key of addresses from another one, and nothing about it."""
        return self.address_hash("")[:16]


def open_keys(folder: Path, secret: Mapping[str, str] | None, *, create: bool = True) -> Keys:
    """Return the publication's keys.

    Args:
        folder: the publication's.
        secret: `[state] keys`: `{"env": NAME}` or `{"file": PATH}` with the document that keys.json would have.
        create: makes them in `.publisher/keys.json` where there are none.

    Raises:
        KeysRefused: they are damaged, or others may read them, or there are none and `create` is False.
        SecretMissing: the settings name a secret that is not there.
    """
    if secret is not None:
        return _read(read_secret(secret, folder, "state.keys"), "[state] keys")
    path = folder / KEYS
    try:
        if not create and not os.path.lexists(path):
            raise KeysRefused(f"{path}: {_LOST}")
        prepare_folder(path.parent, create=create)
        if not os.path.lexists(path):
            _make(path)
        return _read(read_secret({"file": KEYS}, folder, KEYS), str(path))
    except SecretMissing as error:
        raise KeysRefused(str(error).removeprefix(f"{KEYS}: ")) from None
    except OSError as error:
        raise KeysRefused(f"{path}: cannot be written: {error.strerror or error}") from error


def _make(path: Path) -> None:
    beside = path.with_name(f".keys-{secrets.token_hex(8)}.tmp")
    handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(Keys.new().document)
            out.flush()
            os.fsync(out.fileno())
        # Another command may have made them in the same moment: whoever is second takes the first one's.
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
    sync_folder(path.parent)


def _read(text: str, place: str) -> Keys:
    try:
        return Keys.read(text)
    except (ValueError, KeyError, TypeError):
        raise KeysRefused(
            f"{place}: is damaged; put back a backup: with other keys no link that was sent works, and addresses that "
            "were erased could be imported again"
        ) from None


def expect_keys(store: Store, folder: Path, secret: Mapping[str, str] | None, *, create: bool) -> None:
    """See that a database's own keys are there; they are made together with it, and never again.

    Args:
        store: the database.
        folder: the publication's.
        secret: as `open_keys` takes it.
        create: binds a new database to its keys, and makes those where there are none.

    Raises:
        KeysRefused: they are missing, damaged, open to others, or not those that it was written with.
        SecretMissing: the settings name a secret that is not there.
        StoreError: the database cannot be used.
    """
    with store.reading() as connection:
        known = store.meta(connection, _BOUND)
    if known is not None or create:
        expect_own(store, open_keys(folder, secret, create=known is None))


def expect_own(store: Store, keys: Keys) -> None:
    """See that a database was written with these keys; a new one is bound to them.

    Raises:
        KeysRefused: it was written with others: addresses that were erased from it would not be known.
        StoreError: the database cannot be used.
    """
    with store.reading() as connection:
        known = store.meta(connection, _BOUND)
    if known is None:
        with store.writing() as connection:
            if (known := store.meta(connection, _BOUND)) is None:
                store.set_meta(connection, _BOUND, known := keys.fingerprint)
    if known != keys.fingerprint:
        raise KeysRefused(
            f"{store.place}: was written with other keys than {KEYS} has, or [state] keys; put back the keys that belong "
            "to it: with others, addresses that were erased could be imported again"
        )
