"""Signatures of readers' mails, looked at by two verifiers of other people's and by one written from the RFCs."""

import random
import re
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from subprocess import run
from types import SimpleNamespace

import dkim as dkimpy
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_public_key
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.errors import UsageError
from publisher.newsletter.mail import Envelope, Reader, Skeleton, message
from publisher.newsletter.mail.dkim import SignedSkeleton, Signer, signing
from publisher.newsletter.slots import ADDRESS, NAME, PREFERENCES, UNSUBSCRIBE

ENVELOPE = Envelope(
    sender="Field Notes <letters@notes.example>",
    reply_to="Ada <ada@notes.example>",
    subject="Weekly #1: Rivers",
    date=datetime(2026, 11, 23, 8, tzinfo=UTC),
    list_id="weekly.notes.example",
    list_name="Field Notes Weekly",
    key="2026-W48",
    archive_url="https://notes.example/issues/",
)
TEXT = f"Hello {NAME},\n\n for\t {ADDRESS} \n{UNSUBSCRIBE}\n{PREFERENCES}{NAME}\n"
HTML = f'<p> {NAME}  &amp; 日本語 {ADDRESS}\t</p>  <a href="{UNSUBSCRIBE}">a</a><a href="{PREFERENCES}">b</a>\n\n\n'
EML = message(ENVELOPE, TEXT, HTML)
#: With the fields that our mails may have one day.
FULL = EML.replace(
    b"MIME-Version:",
    b"Content-Transfer-Encoding: 7bit\r\nFeedback-ID: w48:notes\r\nCFBL-Address: a@notes.example\r\nMIME-Version:",
)
#: Of these, each that a mail has is signed.
FIELDS = """
    From To Subject Date Message-ID Reply-To MIME-Version Content-Type Content-Transfer-Encoding List-Id List-Unsubscribe
    List-Unsubscribe-Post Auto-Submitted Feedback-ID CFBL-Address
""".split()
ADA = Reader(
    address="ada@reader.example",
    name="Ada Example",
    unsubscribe="https://notes.example/letters/leave?t=abc&l=weekly",
    preferences="https://notes.example/letters/mine?t=abc",
)
READERS = st.builds(
    Reader,
    address=st.sampled_from(["ada@reader.example", "a.b+c@bücher.example", "o'x=y&z@reader.example", "ä@b.example"]),
    name=st.text(),
    unsubscribe=st.text("abcXYZ019-._~:/?=", max_size=200).map("https://notes.example/{}".format),
    preferences=st.text("abcXYZ019-._~:/?=", max_size=200).map("https://notes.example/{}".format),
)
BLANKS_AND_LINES = st.text(" \t\na=日", max_size=60)

#: Says of a mail whether each of its signatures holds.
Verifier = Callable[[bytes], list[bool]]


class NotNoticed(AssertionError):
    """A mail was altered, and a signature holds all the same."""


@cache
def signers() -> tuple[Signer, Signer]:
    """Return one signer of each kind."""
    rsa, ed25519 = pems()
    return Signer("notes.example", "r1", rsa), Signer("notes.example", "e1", ed25519)


@cache
def pems() -> tuple[bytes, bytes]:
    rsa, ed25519 = generate_private_key(65537, 2048), Ed25519PrivateKey.generate()
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    return rsa.private_bytes(*form), ed25519.private_bytes(*form)


def records() -> dict[str, str]:
    return {signer.name: signer.record for signer in signers()}


def compiled(eml: bytes = EML) -> SignedSkeleton:
    rsa, ed25519 = signers()
    return rsa.compile(Skeleton.read(eml), ed25519)


# ---------------------------------------------------------------- verifiers


def by_the_rfc(data: bytes, given: dict[str, str] | None = None) -> list[bool]:
    """Verify as RFC 6376 §6.1 says, character by character where the signer has regular expressions."""
    header, _, body = data.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", header)
    signatures = [field for field in fields if field.lower().startswith(b"dkim-signature:")]
    return [holds(signature, fields, body, given or records()) for signature in signatures]


def holds(signature: bytes, fields: list[bytes], body: bytes, given: dict[str, str]) -> bool:
    tags = dict(re.findall(r"(\w+)=([^;]*)", signature.partition(b":")[2].decode("ascii")))
    tags = {name: re.sub(r"\s", "", value) for name, value in tags.items()}
    assert (tags["v"], tags["c"], "l" in tags) == ("1", "relaxed/relaxed", False)
    if b64decode(tags["bh"]) != sha256(canonical_body(body)).digest():
        return False
    left, hashed = list(fields), b""
    for name in tags["h"].split(":"):
        last = next((one for one in reversed(left) if one.partition(b":")[0].decode().lower() == name.lower()), None)
        if last is not None:
            left.remove(last)
            hashed += canonical_field(last) + b"\r\n"
    hashed += canonical_field(re.sub(rb"(;\s*b=)[^;]*", rb"\1", signature))
    return genuine(given[f"{tags['s']}._domainkey.{tags['d']}"], tags["a"], b64decode(tags["b"]), hashed)


def genuine(record: str, algorithm: str, signature: bytes, hashed: bytes) -> bool:
    public = b64decode(record.partition("p=")[2])
    try:
        if algorithm == "ed25519-sha256":
            Ed25519PublicKey.from_public_bytes(public).verify(signature, sha256(hashed).digest())
        else:
            assert algorithm == "rsa-sha256"
            key = load_der_public_key(public)
            assert isinstance(key, RSAPublicKey)
            key.verify(signature, hashed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def canonical_body(body: bytes) -> bytes:
    """Return the relaxed form of a body, line by line (RFC 6376 §3.4.4)."""
    if body and not body.endswith(b"\r\n"):
        body += b"\r\n"
    lines = [single_blanks(line).rstrip(b" ") for line in body.split(b"\r\n")[:-1]]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def canonical_field(field: bytes) -> bytes:
    """Return the relaxed form of a field (RFC 6376 §3.4.2)."""
    name, _, value = field.partition(b":")
    return name.strip().lower() + b":" + single_blanks(value.replace(b"\r\n", b"")).strip(b" ")


def single_blanks(line: bytes) -> bytes:
    kept = bytearray()
    for octet in line.replace(b"\t", b" "):
        if octet != 0x20 or not kept.endswith(b" "):
            kept.append(octet)
    return bytes(kept)


class VerifyKey:
    """What dkimpy asks of PyNaCl about Ed25519; here cryptography does the arithmetic."""

    def __init__(self, key: bytes, encoder: Callable[[bytes], bytes]) -> None:
        self.key = Ed25519PublicKey.from_public_bytes(encoder(key))

    def verify(self, digest: bytes, signature: bytes) -> None:
        self.key.verify(signature, digest)


@pytest.fixture
def by_dkimpy(monkeypatch: pytest.MonkeyPatch) -> Verifier:
    """Verify with dkimpy, the keys' records given."""
    nacl = SimpleNamespace(
        signing=SimpleNamespace(VerifyKey=VerifyKey),
        encoding=SimpleNamespace(Base64Encoder=b64decode),
        exceptions=SimpleNamespace(BadSignatureError=InvalidSignature),
    )
    monkeypatch.setattr(dkimpy, "nacl", nacl, raising=False)

    def verify(data: bytes) -> list[bool]:
        def record(name: bytes, timeout: float) -> bytes:
            return records()[name.decode().removesuffix(".")].encode()

        return [bool(sure(data, index, record)) for index in range(data.count(b"DKIM-Signature:"))]

    def sure(data: bytes, index: int, record: Callable[[bytes, float], bytes]) -> object:
        try:
            return dkimpy.DKIM(data).verify(index, dnsfunc=record)
        except dkimpy.DKIMException:
            return False

    return verify


@pytest.fixture
def by_opendkim(needs_program: Callable[[str], str], tmp_path: Path) -> Callable[[list[bytes]], list[list[bool]]]:
    """Verify many mails in one run of OpenDKIM, the keys' records given."""
    program = needs_program("opendkim")
    keys, settings = tmp_path / "keys", tmp_path / "opendkim.conf"
    keys.write_text("".join(f"{name} {record}\n" for name, record in records().items()), encoding="ascii")
    settings.write_text(f"Mode v\nTestPublicKeys {keys}\n", encoding="utf-8")

    def verify(mails: list[bytes]) -> list[list[bool]]:
        paths = [tmp_path / f"{number}.eml" for number in range(len(mails))]
        for path, data in zip(paths, mails, strict=True):
            path.write_bytes(data)
        command = [program, "-x", str(settings), "-vvv", "-t", ",".join(map(str, paths))]
        said = run(command, capture_output=True, check=True, encoding="utf-8", errors="replace").stdout
        results = said.split("hname='Authentication-Results'")[1:]
        assert len(results) == len(mails), said
        return [[word == "pass" for word in re.findall(r"\bdkim=(\w+)", result)] for result in results]

    return verify


def expect_noticed(altered: list[bytes], verify: Verifier = by_the_rfc) -> None:
    """Demand that no signature of any of these mails holds."""
    for data in altered:
        if verify(data) != [False, False]:
            raise NotNoticed(data.decode()[:3000])


def without(data: bytes, name: str) -> bytes:
    field = re.search(rb"^%b: .*\r\n(?: .*\r\n)*" % name.encode(), data, re.MULTILINE)
    assert field, name
    return data[: field.start()] + data[field.end() :]


def alterations() -> Iterator[bytes]:
    """Give the mail with another value in each signed field, without that field, and with a second one."""
    data = compiled(FULL).message(ADA)
    for name in FIELDS:
        before, after = f"\r\n{name}: ".encode(), data.partition(f"\r\n{name}: ".encode())[2]
        yield data.replace(before, before + b"x", 1)
        yield without(data, name)
        for place in (0, data.index(b"\r\n\r\n") + 2):
            yield data[:place] + before[2:] + after.partition(b"\r\n")[0] + b"\r\n" + data[place:]


def additions() -> Iterator[bytes]:
    """Give the mail with a field more, above and below all others, that would take a reader in."""
    data = compiled(message(replace(ENVELOPE, reply_to=""), TEXT, HTML)).message(ADA)
    for field in (
        b"From: Bank <mallory@bank.example>",
        b"Subject: Your account",
        b"Reply-To: mallory@bank.example",
        b"Cc: ben@reader.example",
        b"List-Unsubscribe: <https://bank.example/>",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        b"List-Post: <mailto:mallory@bank.example>",
        b"Content-Type: text/html",
    ):
        yield field + b"\r\n" + data
        yield data.replace(b"\r\n\r\n", b"\r\n" + field + b"\r\n\r\n", 1)


# ---------------------------------------------------------------- what a signature is


def test_a_signed_mail_is_the_mail_below_its_signatures() -> None:
    data = compiled().message(ADA)
    assert data.endswith(Skeleton.read(EML).message(ADA))
    header = data.removesuffix(Skeleton.read(EML).message(ADA)).decode("ascii")
    assert re.findall(r"^\S+", header, re.MULTILINE) == ["DKIM-Signature:"] * 2
    assert all(0 < len(line) <= 76 for line in header.removesuffix("\r\n").split("\r\n"))
    assert re.findall(r" a=(\S+); c=(\S+); d=(\S+);\s+s=(\S+);\s+h=", header) == [
        ("rsa-sha256", "relaxed/relaxed", "notes.example", "r1"),
        ("ed25519-sha256", "relaxed/relaxed", "notes.example", "e1"),
    ]
    assert set(re.findall(r"(?:^|; |;\r\n )(\w+)=", header.replace("DKIM-Signature: ", ""), re.MULTILINE)) == set(
        "v a c d s h bh b".split()
    )


def test_a_retry_has_the_same_bytes_and_another_reader_has_others() -> None:
    ben = replace(ADA, name="Ben")
    one, other = compiled(), compiled()
    assert one.message(ADA) == one.message(ADA) == other.message(ADA) != one.message(ben)
    assert by_the_rfc(one.message(ben)) == [True, True]


def test_each_field_is_named_once_more_than_it_is_there() -> None:
    assert signed_names(FULL) == {**dict.fromkeys([*FIELDS, "List-Archive", "List-Post"], 2), "Cc": 1}
    bare = signed_names(message(replace(ENVELOPE, reply_to="", archive_url=""), TEXT, HTML))
    assert (bare["From"], bare["Reply-To"], bare["Cc"]) == (2, 1, 1)
    assert not {"List-Archive", "Feedback-ID", "CFBL-Address", "Content-Transfer-Encoding"} & bare.keys()


def signed_names(eml: bytes) -> dict[str, int]:
    first, second = re.findall(r"\bh=([^;]*);", compiled(eml).message(ADA).decode("ascii"))
    assert first == second
    return Counter(re.sub(r"\s", "", first).split(":"))


def test_times_are_told_when_they_are_given() -> None:
    moment = datetime(2026, 11, 23, 8, tzinfo=UTC)
    signed = signers()[1].compile(Skeleton.read(EML), signed=moment, expires=moment + timedelta(days=7))
    data = signed.message(ADA)
    assert re.search(rb" t=1795420800;\s+x=1796025600;", data)
    assert by_the_rfc(data) == [True]


def test_names_as_long_as_they_may_be_stand_in_lines_of_their_own() -> None:
    domain = ".".join(["d" * 63] * 2 + ["d" * 36, "notes.example"])
    signer = Signer(domain, "s" * 63, pems()[1])
    assert len(signer.name) == 253
    skeleton = Skeleton.read(message(replace(ENVELOPE, sender=f"letters@{domain}"), TEXT, HTML))
    data = signer.compile(skeleton).message(ADA)
    assert f"\r\n d={domain};\r\n s={'s' * 63};\r\n".encode() in data
    assert by_the_rfc(data, {signer.name: signer.record}) == [True]


def test_what_is_the_same_for_all_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = compiled(message(ENVELOPE, "word " * 9000 + TEXT, HTML))
    asked: list[int] = []

    def relaxed(piece: bytes) -> bytes:
        asked.append(len(piece))
        return piece

    monkeypatch.setattr(signing, "relaxed_lines", relaxed)
    monkeypatch.setattr(signing, "sha256", None)
    assert by_the_rfc(signed.message(ADA)) == [True, True]
    assert sum(asked) < 1000


# ---------------------------------------------------------------- who takes it


def test_dkimpy_verifies_both_kinds(by_dkimpy: Verifier) -> None:
    assert by_dkimpy(compiled(FULL).message(ADA)) == [True, True]
    assert by_dkimpy(compiled(FULL).message(ADA).replace(b"Rivers", b"Lakes!")) == [False, False]


def test_opendkim_verifies_both_kinds(by_opendkim: Callable[[list[bytes]], list[list[bool]]]) -> None:
    chance = random.Random(20261123)
    pieces = [
        "word",
        " ",
        "  ",
        "\t",
        "\n",
        "\n\n",
        "=",
        "日本語",
        NAME,
        ADDRESS,
        UNSUBSCRIBE,
        f" {NAME} ",
        f"{NAME}\n",
    ]
    mails = []
    for number in range(60):
        text, html = ("".join(chance.choices(pieces, k=40)) + part for part in (TEXT, HTML))
        reader = replace(
            ADA, name="Ada  Bo" * chance.randint(0, 20), message_id=str(number), address=chance.choice(["a@b", "ä@b"])
        )
        mails.append(compiled(message(ENVELOPE, text, html)).message(reader, smtputf8=True))
    assert by_opendkim([compiled(FULL).message(ADA), *mails]) == [[True, True]] * 61


@given(READERS, BLANKS_AND_LINES, BLANKS_AND_LINES)
@example(replace(ADA, name="  a\tb  "), " ", " \t")
@example(replace(ADA, name=""), "a ", "\t")
@example(replace(ADA, name="日 " * 100), "日\t", " 日")
def test_splicing_signs_what_the_whole_mail_says(reader: Reader, before: str, after: str) -> None:
    expect_a_signed_mail(reader, before, after)


def expect_a_signed_mail(reader: Reader, before: str, after: str) -> None:
    text, html = (before + re.sub("(@@)(?!.*@@)", rf"\1{after}", part) + after + NAME + before for part in (TEXT, HTML))
    eml = message(ENVELOPE, text, html)
    data = compiled(eml).message(reader, smtputf8=True)
    assert data.endswith(message(ENVELOPE, text, html, reader=reader, smtputf8=True))
    assert by_the_rfc(data) == [True, True]


@given(st.sampled_from(["a@b.example", "ä@b.example"]), BLANKS_AND_LINES)
def test_dkimpy_agrees_about_what_is_between_values(address: str, between: str) -> None:
    eml = message(ENVELOPE, f"{TEXT}{between}{NAME}{between}{ADDRESS}{between}", HTML)
    data = signers()[0].compile(Skeleton.read(eml)).message(replace(ADA, address=address), smtputf8=True)
    record = signers()[0].record.encode()
    assert dkimpy.DKIM(data).verify(dnsfunc=lambda name, timeout: record)


# ---------------------------------------------------------------- what is noticed, and what is forgiven


@pytest.mark.parametrize("altered", [alterations, additions])
def test_altered_fields_are_noticed_by_all_three(
    altered: Callable[[], Iterator[bytes]],
    by_dkimpy: Verifier,
    by_opendkim: Callable[[list[bytes]], list[list[bool]]],
) -> None:
    mails = list(altered())
    assert len(mails) >= 16
    expect_noticed(mails)
    expect_noticed(mails, by_dkimpy)
    results = by_opendkim(mails)
    assert not any(map(any, results))
    # With no field From, or two, it is no mail to OpenDKIM, which then does not look at both signatures.
    assert results.count([False, False]) >= len(mails) - 3


@given(st.data())
def test_any_other_octet_in_the_body_is_noticed(data: st.DataObject) -> None:
    mail = compiled().message(ADA)
    place = data.draw(st.integers(mail.index(b"\r\n\r\n") + 4, len(mail) - 3))
    if mail[place : place + 1] not in b"\r\n\t ":
        expect_noticed([mail[:place] + b"~" + mail[place + 1 :], mail[:place] + b" ~" + mail[place + 1 :]])
    expect_noticed([mail[:place] + b"~" + mail[place:]])


def test_what_is_added_to_the_end_of_the_body_is_noticed() -> None:
    expect_noticed([compiled().message(ADA) + b"<p>Send money to mallory@bank.example</p>\r\n"])


def test_what_servers_do_on_the_way_is_forgiven(
    by_dkimpy: Verifier, by_opendkim: Callable[[list[bytes]], list[list[bool]]]
) -> None:
    data = compiled().message(ADA)
    mails = [
        b"Received: from a.example by b.example\r\nAuthentication-Results: b.example; dkim=pass\r\n" + data,
        data.replace(b"\r\nDate:", b"\r\nX-Spam-Score: 0\r\nFeedback-ID: a:b:relay\r\nDate:"),
        data.replace(b"Subject: Weekly #1:", b"SUBJECT:  Weekly\r\n\t#1: "),
        data.replace(b"\r\nHello =", b"\r\nHello\t  =").replace(b"</p> ", b"</p> \t"),
        data.replace(b"\r\n\r\n\r\n", b"\r\n \r\n\t\r\n"),
        data + b"\r\n \t\r\n\r\n",
    ]
    assert len({*mails, data}) == 7
    assert [by_the_rfc(mail) for mail in mails] == [[True, True]] * 6
    assert [by_dkimpy(mail) for mail in mails] == [[True, True]] * 6
    assert by_opendkim(mails) == [[True, True]] * 6


# ---------------------------------------------------------------- whether the tests would notice


def test_a_field_that_is_not_signed_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    for left_out in ("List-Unsubscribe-Post", "MIME-Version", "List-Id", "CFBL-Address"):
        with monkeypatch.context() as patch:
            patch.setattr(signing, "_WHERE_PRESENT", [name for name in signing._WHERE_PRESENT if name != left_out])
            with pytest.raises(NotNoticed, match=f"{left_out}: x"):
                expect_noticed(list(alterations()))


def test_fields_that_are_named_as_often_as_they_are_there_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    covered = signing._covered

    def once(fields: Sequence[bytes], places: Sequence[int]) -> tuple[str, list[bytes]]:
        names, same = covered(fields, places)
        return re.sub(r"([\w-]+):\1", r"\1", names), same

    monkeypatch.setattr(signing, "_covered", once)
    assert by_the_rfc(compiled().message(ADA)) == [True, True]
    with pytest.raises(NotNoticed):
        expect_noticed(list(additions()))


@pytest.mark.parametrize(
    ("function", "wrong"),
    [
        ("relaxed_lines", bytes),
        ("relaxed_lines", bytes.strip),
        ("relaxed_lines", lambda piece: piece.replace(b"  ", b" ")),
        ("relaxed_body", bytes),
        ("relaxed_body", lambda piece: piece.rstrip()),
        ("relaxed_field", lambda field: field.lower()),
    ],
)
def test_a_wrong_canonical_form_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch, function: str, wrong: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr(signing, function, wrong)
    with pytest.raises(AssertionError):
        expect_a_signed_mail(replace(ADA, name=" a  \t b"), "a  \t\n\n  ", " \t  b ")


def test_a_hash_that_goes_on_from_reader_to_reader_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    signed = compiled()
    assert [by_the_rfc(signed.message(reader)) for reader in (ADA, ADA)] == [[True, True]] * 2
    state = signed._begun
    monkeypatch.setattr(signed, "_begun", SimpleNamespace(copy=lambda: state))
    assert [by_the_rfc(signed.message(reader)) for reader in (ADA, ADA)] == [[True, True], [False, False]]


# ---------------------------------------------------------------- for whom it may be signed


@pytest.mark.parametrize(
    ("domain", "sender"),
    [
        ("notes.example", "letters@notes.example"),
        ("Notes.Example", "letters@NOTES.example"),
        ("notes.example", "Field Notes <a@letters.notes.example>"),
        ("bücher.example", "a@bücher.example"),
    ],
)
def test_a_domain_answers_for_itself_and_those_below(domain: str, sender: str) -> None:
    signer = Signer(domain, "w", pems()[1])
    signed = signer.compile(Skeleton.read(message(replace(ENVELOPE, sender=sender), TEXT, HTML)))
    assert f"d={signer.domain};".encode() in signed.message(ADA)


@pytest.mark.parametrize(
    "sender", ["a@example", "a@footnotes.example", "a@other.example", "notes.example <a@b.example>"]
)
def test_a_domain_answers_for_no_other(sender: str) -> None:
    skeleton = Skeleton.read(message(replace(ENVELOPE, sender=sender), TEXT, HTML))
    with pytest.raises(
        UsageError, match=r"notes\.example cannot sign for .*example, where the sender's address is; take"
    ):
        signers()[0].compile(skeleton)
    with pytest.raises(UsageError, match="cannot sign"):
        signers()[1].compile(Skeleton.read(EML), Signer("other.example", "w", pems()[1]))
