"""Keys for signatures: which are taken, what their records say, and the examples of the RFCs."""

import builtins
import re
import sys
from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import SurroundingsError, UsageError
from publisher.newsletter.mail.dkim import Signer, keys
from publisher.newsletter.mail.dkim.relaxed import relaxed_body, relaxed_field, relaxed_lines


def pem(key: PrivateKeyTypes, encryption: KeySerializationEncryption | None = None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


@pytest.fixture(scope="module")
def rsa() -> bytes:
    return pem(generate_private_key(65537, 2048))


#: RFC 8463 §A.1 and §A.2.
EXAMPLE_KEY = pem(Ed25519PrivateKey.from_private_bytes(b64decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")))
EXAMPLE_RECORD = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
#: RFC 8463 §A.3, its first signature.
EXAMPLE_SIGNATURE = b"""DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=""".replace(b"\n", b"\r\n")
EXAMPLE_HEADER = b"""From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>"""
EXAMPLE_BODY = b"Hi.\n\nWe lost the game.  Are you hungry yet?\n\nJoe.\n\n".replace(b"\n", b"\r\n")


# ---------------------------------------------------------------- examples


def test_the_example_of_rfc_8463_is_signed_as_it_stands_there() -> None:
    signer = Signer("football.example.com", "brisbane", EXAMPLE_KEY)
    assert signer.record == EXAMPLE_RECORD
    assert signer.name == "brisbane._domainkey.football.example.com"
    fields = [*EXAMPLE_HEADER.split(b"\n"), EXAMPLE_SIGNATURE]
    assert b64encode(sha256(relaxed_body(EXAMPLE_BODY)).digest()) in EXAMPLE_SIGNATURE
    assert b64encode(signer.key.sign(b"\r\n".join(map(relaxed_field, fields)))) == (
        b"/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
    )


@pytest.mark.parametrize(
    ("field", "canonical"),
    [
        (b"A: X", b"a:X"),
        (b"B : Y\t\r\n\tZ  ", b"b:Y Z"),
        (b"Subject:\t a  b:c \r\n\t d", b"subject:a b:c d"),
        (b"List-Id:\r\n <weekly.notes.example>", b"list-id:<weekly.notes.example>"),
        (b"X-Empty:", b"x-empty:"),
        (b"To: \xc3\xa4\xc2\xa0 <a@b.example>", b"to:\xc3\xa4\xc2\xa0 <a@b.example>"),
    ],
)
def test_a_field_has_one_canonical_form(field: bytes, canonical: bytes) -> None:
    assert relaxed_field(field) == canonical
    assert relaxed_field(canonical) == canonical


@pytest.mark.parametrize(
    ("body", "canonical"),
    [
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),
        (b"", b""),
        (b"\r\n", b""),
        (b" \t\r\n \r\n\t", b""),
        (b"a", b"a\r\n"),
        (b"a \t", b"a\r\n"),
        (b"a\r\n ", b"a\r\n"),
        (b"\r\n\r\na\r\n\r\nb \r\n \r\n", b"\r\n\r\na\r\n\r\nb\r\n"),
        (b"\t\ta\xa0 \r\n", b" a\xa0\r\n"),
    ],
)
def test_a_body_has_one_canonical_form(body: bytes, canonical: bytes) -> None:
    assert relaxed_body(body) == canonical
    assert relaxed_body(canonical) == canonical


def test_an_empty_body_has_the_hash_that_rfc_6376_names() -> None:
    assert b64encode(sha256(relaxed_body(b"\r\n")).digest()) == b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


LINES = st.lists(st.sampled_from([b"a", b" ", b"\t", b"=", b"\r\n"])).map(b"".join)


@given(LINES, LINES, LINES)
def test_pieces_around_a_value_make_the_form_of_the_whole(before: bytes, value: bytes, after: bytes) -> None:
    pieces = before + b"\r\n", value, b"=" + after
    joined = relaxed_lines(pieces[0]) + relaxed_lines(pieces[1]) + relaxed_body(pieces[2])
    assert joined == relaxed_body(b"".join(pieces))


# ---------------------------------------------------------------- records


def test_a_record_holds_the_public_key(rsa: bytes) -> None:
    signer = Signer("Bücher.example", "2026-11.letters", rsa)
    found = re.fullmatch(r"v=DKIM1; k=rsa; p=([A-Za-z0-9+/]+=*)", signer.record)
    assert found
    public = load_der_public_key(b64decode(found[1]))
    assert signer.key.public == public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert signer.name == "2026-11.letters._domainkey.xn--bcher-kva.example"


def test_a_line_of_a_zone_file_has_strings_of_at_most_255_octets(rsa: bytes) -> None:
    for signer, count in ((Signer("notes.example", "w", rsa), 2), (Signer("notes.example", "w", EXAMPLE_KEY), 1)):
        line = signer.zone_line()
        assert line.startswith("w._domainkey.notes.example. IN TXT ( ")
        strings = re.findall('"([^"]*)"', line)
        assert "".join(strings) == signer.record
        assert len(strings) == count
        assert max(map(len, strings)) <= 255


def test_what_is_shown_of_a_key_is_nothing_secret(rsa: bytes) -> None:
    shown = repr(Signer("notes.example", "w", rsa)) + repr(Signer("notes.example", "w", rsa).key)
    assert "rsa-sha256" in shown
    assert "sign=" not in shown


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (
            pem(generate_private_key(65537, 1024)),
            r"an RSA key of 1024 bits is too short, .*; make one: openssl genpkey",
        ),
        (pem(generate_ec_key(SECP256R1())), "RSA or Ed25519, and this private key is neither; make one"),
        (pem(Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret")), "locked by a password; take it out"),
        (Ed25519PrivateKey.generate().private_bytes_raw(), "no private key in PEM; make one"),
        (b64encode(Ed25519PrivateKey.generate().private_bytes_raw()), "no private key in PEM; make one"),
        (
            Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            "no private key in PEM; make one",
        ),
        (b"", "no private key in PEM; make one"),
    ],
    # Named here, since keys differ from process to process.
    ids=["short", "curve", "locked", "raw", "base64", "public", "empty"],
)
def test_a_key_that_cannot_be_used_is_named_with_its_cure(wrong: bytes, reason: str) -> None:
    with pytest.raises(UsageError, match=rf"^w\._domainkey\.notes\.example: .*{reason}"):
        Signer("notes.example", "w", wrong)


def test_a_key_that_is_too_long_for_some_receivers_is_refused(rsa: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_MOST", 2047)
    with pytest.raises(UsageError, match="2048 bits is too long for some receivers; make one"):
        Signer("notes.example", "w", rsa)


def test_a_key_in_its_older_form_is_taken(rsa: bytes) -> None:
    older = generate_private_key(65537, 2048).private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    assert older.startswith(b"-----BEGIN RSA PRIVATE KEY-----")
    assert Signer("notes.example", "w", older).algorithm == Signer("notes.example", "w", rsa).algorithm == "rsa-sha256"


@pytest.mark.parametrize("selector", ["", "W", "a b", "a;b", "-a", "a-", "a..b", ".", "a\r\nb", "ä", "a" * 64, "a_b"])
def test_a_selector_that_cannot_stand_in_a_signature_is_refused(selector: str) -> None:
    with pytest.raises(UsageError, match="is no selector of a DKIM key; use"):
        Signer("notes.example", selector, EXAMPLE_KEY)


@pytest.mark.parametrize("domain", ["", "notes example", "a;b=c", "notes..example", "a\r\n.example"])
def test_a_domain_that_is_none_is_refused(domain: str) -> None:
    with pytest.raises(UsageError, match="is no domain name"):
        Signer(domain, "w", EXAMPLE_KEY)


def test_without_the_extra_the_cure_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def fails(name: str, *rest: object) -> object:
        if name.partition(".")[0] == "cryptography":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, "publisher.newsletter.mail.dkim.keys")
    monkeypatch.setattr(builtins, "__import__", fails)
    with pytest.raises(SurroundingsError, match=r'cryptography is missing.*: pip install "publisher-feeds\[dkim\]"$'):
        Signer("notes.example", "w", EXAMPLE_KEY)
