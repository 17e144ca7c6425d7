"""Encryption and passwords: nothing is told in the clear, and nobody is believed without a certificate."""

import datetime as dt
import gc
import ipaddress
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from publisher.delivery.smtp import connecting
from publisher.delivery.transport import Scope, Stage, TransportRefused, Verdict
from tests.delivery.faultserver import Act, FaultServer, Script, at, sane
from tests.delivery.smtp.driving import QUICK, client, drive, mail

START = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _no_leftovers() -> Iterator[None]:
    """Collect what `SSLContext.wrap_socket` forgets to close when the other side resets before the handshake."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def certificate(folder: Path, *, host: str = "127.0.0.1", days: int = 36_500) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate that signs itself, and return a server's context and the file to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "relay.example")])
    address: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START)
        .not_valid_after(START + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    trusted, secret = folder / "relay.pem", folder / "relay.key"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(trusted, secret)
    return context, trusted


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_mails_go_over_an_encrypted_connection(tmp_path: Path, security: str) -> None:
    context, trusted = certificate(tmp_path)
    features = ("PIPELINING", "AUTH PLAIN LOGIN")
    with FaultServer(context=context, implicit=security == "tls", features=features) as server:
        mails = [mail(number) for number in range(20)] + [mail(20, b"a: b\r\n\r\n" + b"large\r\n" * 40_000)]
        deadlines = replace(QUICK, dot=10, block=10)
        transport = client(
            server.port, 2, deadlines, security=security, ca=trusted, username="letters", password="secret"
        )
        report = drive(transport, mails)
        assert {outcome.verdict for outcome in report.outcomes.values()} == {Verdict.SENT}
        assert max(line["size"] for line in server.mails()) == 8 + 7 * 40_000
        greetings = [line for line in server.lines if line.startswith(b"ehlo")]
        assert len(greetings) == (4 if security == "starttls" else 2)


@pytest.mark.parametrize(
    ("made", "trust", "words"),
    [
        ({}, False, "self-signed certificate"),
        ({"host": "other.example"}, True, "IP address mismatch"),
        ({"days": 30}, True, "certificate has expired"),
    ],
    ids="self-signed wrong-name expired".split(),
)
def test_a_certificate_that_is_not_valid_stops_the_run(
    tmp_path: Path, made: dict[str, object], words: str, *, trust: bool
) -> None:
    context, trusted = certificate(tmp_path, **made)  # type: ignore[arg-type]
    with FaultServer(context=context) as server, pytest.raises(TransportRefused) as refusal:
        client(server.port, security="starttls", ca=trusted if trust else None).open()
    outcome = refusal.value.outcome
    assert (outcome.stage, outcome.scope) == (Stage.TLS, Scope.RUN)
    assert words in outcome.reply
    assert server.mails() == []


@pytest.mark.parametrize(
    "script",
    [
        at("starttls", Act(b"454 4.7.0 not now")),
        at("starttls", Act(b"220 go\r\n250 and this is slipped in")),
        at("starttls", Act(b"", "drop")),
        at("handshake", Act(b"", "reset")),
        at("handshake", Act(b"not TLS at all")),
        at("handshake", Act(b"", "hang")),
    ],
    ids="refused injected drop reset plain silence".split(),
)
def test_whatever_disturbs_starttls_stops_the_run_and_nothing_goes_in_the_clear(tmp_path: Path, script: Script) -> None:
    context, trusted = certificate(tmp_path)
    with FaultServer(script, context=context) as server, pytest.raises(TransportRefused) as refusal:
        client(server.port, security="starttls", ca=trusted, username="letters", password="secret").open()
    assert (refusal.value.outcome.stage, refusal.value.outcome.scope) == (Stage.TLS, Scope.RUN)
    assert not any(line.startswith((b"AUTH", b"MAIL")) for line in server.lines)


def test_taking_what_was_slipped_in_before_encryption_would_be_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting._Session, "silent", property(lambda _session: True))
    context, trusted = certificate(tmp_path)
    script = at("starttls", Act(b"220 go\r\n250 and this is slipped in"))
    with FaultServer(script, context=context) as server:
        transport = client(server.port, security="starttls", ca=trusted)
        transport.open()
        transport.close()
        assert server.connections == 1  # it went on, where the test above sees it stop


def test_a_relay_without_starttls_gets_nothing() -> None:
    with FaultServer(sane) as server, pytest.raises(TransportRefused, match="STARTTLS") as refusal:
        client(server.port, security="starttls").open()
    assert refusal.value.outcome.scope is Scope.RUN


def test_a_file_of_certificates_that_holds_none_is_told(tmp_path: Path) -> None:
    context, _ = certificate(tmp_path)
    for ca in (tmp_path / "missing.pem", tmp_path / "relay.key"):
        with (
            FaultServer(context=context) as server,
            pytest.raises(TransportRefused, match="no certificates that can be"),
        ):
            client(server.port, security="starttls", ca=ca).open()


@pytest.mark.parametrize(
    ("reply", "scope"),
    [
        (b"535 5.7.8 wrong password", Scope.RUN),
        (b"538 5.7.11 encrypt", Scope.RUN),
        (b"454 4.7.0 later", Scope.RECIPIENT),
        (b"500 5.5.1 what", Scope.RUN),
    ],
)
def test_a_refused_password_is_the_runs_concern_and_a_busy_relay_is_not(reply: bytes, scope: Scope) -> None:
    with FaultServer(at("auth", Act(reply)), features=("AUTH PLAIN",)) as server:
        with pytest.raises(TransportRefused) as refusal:
            client(server.port, username="letters", password="secret").open()
        assert (refusal.value.outcome.stage, refusal.value.outcome.scope) == (Stage.AUTH, scope)
        assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("echo", [b"AGxldHRlcnMAczNjcjN0", b"czNjcjN0", b"s3cr3t"], ids=["plain", "login", "bare"])
def test_a_relay_that_says_the_password_again_has_it_told_to_nobody(echo: bytes) -> None:
    with FaultServer(at("auth", Act(b"535 5.7.8 bad " + echo)), features=("AUTH PLAIN",)) as server:
        with pytest.raises(TransportRefused) as refusal:
            client(server.port, username="letters", password="s3cr3t").open()
        assert echo.decode() not in str(refusal.value)
        assert "535 5.7.8 bad ***" in str(refusal.value)


@pytest.mark.parametrize("offered", ["AUTH PLAIN LOGIN CRAM-MD5", "AUTH LOGIN", "AUTH cram-md5 login"])
def test_a_refused_password_is_not_offered_again_in_another_way(offered: str) -> None:
    with FaultServer(at("auth", Act(b"535 5.7.8 wrong")), features=(offered,)) as server:
        with pytest.raises(TransportRefused, match="wrong; see whether username"):
            client(server.port, username="letters", password="secret").open()
        assert len([line for line in server.lines if line.startswith(b"AUTH")]) == 1


def test_a_way_to_log_in_that_is_offered_and_not_known_is_passed_over() -> None:
    said = []

    def script(stage: str, _connection: int, _mail: int) -> Act | None:
        if stage != "auth":
            return None
        said.append(stage)
        return Act(b"504 5.5.4 what is that") if len(said) == 1 else None

    with FaultServer(script, features=("AUTH LOGIN PLAIN",)) as server:
        transport = client(server.port, username="letters", password="secret")
        transport.open()
        transport.close()
        ways = [line.split()[1] for line in server.lines if line.startswith(b"AUTH")]
        assert ways == [b"PLAIN", b"LOGIN"]
    with (
        FaultServer(at("auth", Act(b"504 5.5.4 what is that")), features=("AUTH LOGIN PLAIN",)) as server,
        pytest.raises(TransportRefused, match="what is that"),
    ):
        client(server.port, username="letters", password="secret").open()


@pytest.mark.parametrize(
    ("password", "features", "words"),
    [
        ("pässword", ("AUTH PLAIN",), "ASCII"),
        ("secret", (), "offers no login"),
        ("secret", ("AUTH GSSAPI XOAUTH2",), "no login by password, but by GSSAPI, XOAUTH2"),
    ],
    ids="beyond-ascii none others".split(),
)
def test_a_login_that_cannot_work_is_told(password: str, features: tuple[str, ...], words: str) -> None:
    with FaultServer(features=features) as server, pytest.raises(TransportRefused, match=words):
        client(server.port, username="letters", password=password).open()
