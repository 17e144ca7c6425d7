"""A key, settings, and the DNS as a function of names."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from publisher.config.load import load_settings
from publisher.config.settings import Settings
from publisher.delivery.doctor.answers import ABSENT, Answer, Kind, Lookup, Standing, unknown
from publisher.delivery.doctor.dkim import SigningKey
from publisher.newsletter.mail.dkim import Signer
from tests.delivery.doctor.doctoring import Dns, Write

SETTINGS = """
[publication]
title = "Field Notes"
url = "https://notes.example/"
[[newsletters]]
name = "weekly"
from = "Field Notes <letters@notes.example>"
postal_address = "Ada Example, 1 Sample Street"
[delivery]
url = "smtp://relay.notes.example:587"
return_path = "bounce@notes.example"
[bounces]
path = "bounces"
[web]
url = "https://notes.example/letters/"
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write publisher.toml, with something exchanged or added, and read it."""

    def settings(*changes: tuple[str, str], more: str = "") -> Settings:
        text = SETTINGS
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "publisher.toml").write_text(text + more, encoding="utf-8")
        return load_settings(tmp_path)

    return settings


@pytest.fixture
def dns() -> Dns:
    """Give a DNS that has just these records; a value `?` stands for names of which nobody knows."""

    def make(records: Mapping[tuple[str, Kind], tuple[str, ...]]) -> Lookup:
        def ask(name: str, kind: Kind) -> Answer:
            values = records.get((name, kind))
            if values == ("?",):
                return unknown("nobody was asked")
            return Answer(Standing.FOUND, values) if values else ABSENT

        return ask

    return make


@pytest.fixture
def pem() -> bytes:
    """Give a private key that is the same in each run."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.fixture
def signing(pem: bytes) -> SigningKey:
    """Give that key as the settings name it."""
    return SigningKey("notes.example", "2026-11", Signer("notes.example", "2026-11", pem).record)
