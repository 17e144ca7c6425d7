"""A relay is looked at, and nothing is sent: real servers on loopback."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from publisher.delivery.doctor.finding import Level
from publisher.delivery.doctor.relay import relay_findings
from publisher.delivery.smtp.envelopes import Abilities
from publisher.delivery.smtp.probe import Probed, probe
from publisher.delivery.smtp.relay import Relay
from publisher.delivery.transport import Stage

CERTIFICATE = Path(__file__).resolve().parents[2] / "websub" / "loopback.pem"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Serve = Callable[..., int]


class Refusing:
    """Takes no mail, and remembers whether somebody tried."""

    tried = False

    async def handle_MAIL(self, *_: Any) -> str:  # noqa: N802 # as aiosmtpd calls it
        self.tried = True
        return "550 no"


@pytest.fixture
def handler() -> Refusing:
    return Refusing()


@pytest.fixture
def serve(handler: Refusing) -> Iterator[Serve]:
    """Run a relay; give its port."""
    with ExitStack() as stack:

        def start(**options: Any) -> int:
            with socket.create_server(("127.0.0.1", 0)) as free:
                port: int = free.getsockname()[1]
            controller = Controller(handler, hostname="127.0.0.1", port=port, **options)
            controller.start()
            stack.callback(controller.stop)
            return port

        yield start


def encrypted() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def logged_in(_server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"letters", b"secret"), handled=False)


def test_a_relay_is_looked_at_and_gets_no_mail(serve: Serve, handler: Refusing) -> None:
    port = serve(tls_context=encrypted(), authenticator=logged_in)
    relay = Relay("127.0.0.1", port, "me.example", username="letters", password="secret", ca=CERTIFICATE)
    probed = probe(relay, 10)
    assert (probed.refused, handler.tried) == (None, False)
    assert probed.certified_until is not None
    assert probed.certified_until > NOW
    assert probed.abilities is not None
    assert probed.abilities.eight_bit


def test_a_wrong_password_is_told(serve: Serve) -> None:
    port = serve(tls_context=encrypted(), authenticator=logged_in)
    relay = Relay("127.0.0.1", port, "me.example", username="letters", password="wrong", ca=CERTIFICATE)
    (found,) = relay_findings(probe(relay, 10), NOW)
    assert (found.id, found.level) == ("smtp.auth", Level.ERROR)
    assert "535" in found.message
    assert "wrong" not in str(found)


def test_a_certificate_that_nobody_vouches_for_is_told(serve: Serve) -> None:
    relay = Relay("127.0.0.1", serve(tls_context=encrypted()), "me.example")
    (found,) = relay_findings(probe(relay, 10), NOW)
    assert (found.id, found.level) == ("smtp.tls", Level.ERROR)
    assert "certificate" in found.message
    assert "have the certificate mended" in found.cure


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_relay_without_encryption_has_no_certificate_to_mend(
    security: Literal["starttls", "tls"], serve: Serve
) -> None:
    (found,) = relay_findings(probe(Relay("127.0.0.1", serve(), "me.example", security), 10), NOW)
    assert (found.id, "certificate" in str(found)) == ("smtp.tls", False)
    assert "smtps:// with port 465" in found.cure


def test_a_relay_that_is_not_there_is_told() -> None:
    (found,) = relay_findings(probe(Relay("127.0.0.1", 1, "me.example"), 10), NOW)
    assert (found.id, found.level) == ("smtp.connect", Level.ERROR)


def test_a_relay_that_says_nothing_does_not_keep_the_doctor() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        probed = probe(Relay("127.0.0.1", listening.getsockname()[1], "me.example"), 0.3)
    assert probed.refused is not None
    assert probed.refused.stage is Stage.BANNER


@pytest.mark.parametrize(
    ("left", "level", "words"),
    [
        (timedelta(days=15), Level.OK, "good until"),
        (timedelta(days=13), Level.WARNING, "in 13 days"),
        (timedelta(days=-1), Level.WARNING, "ended on"),
    ],
)
def test_a_certificate_that_soon_ends_is_told(left: timedelta, level: Level, words: str) -> None:
    probed = Probed(Relay("r.example", 587, "me.example"), None, Abilities(), NOW + left)
    (found,) = (one for one in relay_findings(probed, NOW) if one.id == "smtp.tls")
    assert found.level is level
    assert words in found.message


def test_what_a_relay_cannot_do_is_told() -> None:
    probed = Probed(Relay("r.example", 587, "me.example"), None, Abilities(sizes=True, size=100_000))
    found = [one for one in relay_findings(probed, NOW) if one.id == "smtp.features"]
    assert [one.level for one in found] == [Level.WARNING, Level.NOTE, Level.NOTE, Level.NOTE, Level.OK]
