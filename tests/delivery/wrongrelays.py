"""Mistakes with relays: passwords, certificates, names, silence."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.delivery.faultserver import Act, FaultServer, at, sane
from tests.delivery.mistakes import Mistake, Stage, settings
from tests.delivery.smtp.test_connecting import certificate
from tests.delivery.userprocess import PASSWORD


class _Mailbox:
    def __init__(self) -> None:
        self.recipients: list[str] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 # aiosmtpd's name
        self.recipients += envelope.rcpt_tos
        return "250 kept"


def _knows(_server: object, _session: object, _envelope: object, _mechanism: str, told: object) -> AuthResult:
    known = isinstance(told, LoginPassword) and told.password == PASSWORD.encode()
    return AuthResult(success=known, handled=False)


def _free_port() -> int:
    with FaultServer() as server:
        return server.port


def by_login(stage: Stage, password: str) -> None:
    """Let mails go to aiosmtpd, which asks for a password."""
    context, trusted = certificate(stage.folder)
    mailbox = _Mailbox()
    relay = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=_free_port(),
        authenticator=_knows,
        auth_required=True,
        require_starttls=True,
        tls_context=context,
    )
    relay.start()
    stage.stack.callback(relay.stop)
    stage.taken = lambda: list(mailbox.recipients)
    stage.deliver_by(relay.port, f'ca = "{trusted.name}"', 'username = "letters"', f"password = {password}")


@contextmanager
def wrong_password(stage: Stage) -> Iterator[None]:
    by_login(stage, '{ env = "RELAY_PASSWORD" }')
    stage.environment["RELAY_PASSWORD"] = "wrong"
    yield
    stage.environment["RELAY_PASSWORD"] = PASSWORD


@contextmanager
def no_password(stage: Stage) -> Iterator[None]:
    by_login(stage, '{ env = "RELAY_PASSWORD" }')
    yield
    stage.environment["RELAY_PASSWORD"] = PASSWORD


@contextmanager
def open_password(stage: Stage) -> Iterator[None]:
    by_login(stage, '{ file = "password" }')
    path = stage.path("password")
    path.write_text(PASSWORD, encoding="utf-8")
    path.chmod(0o644)
    yield
    path.chmod(0o600)


def certified(*, trusted: bool = True, **wrong: Any) -> Mistake:
    """Return the mistake of a relay with a certificate that is not valid, or not trusted."""

    @contextmanager
    def mistake(stage: Stage) -> Iterator[None]:
        folders = [stage.folder.parent / name for name in ("wrong", "right")]
        for folder in folders:
            folder.mkdir()
        (bad, bad_file), (good, good_file) = certificate(folders[0], **wrong), certificate(folders[1])
        trust = stage.path("relay.pem")
        shutil.copy(bad_file if trusted else good_file, trust)
        server = stage.relay(FaultServer(context=bad), 'ca = "relay.pem"')
        yield
        server.context = good
        shutil.copy(good_file, trust)

    return mistake


@contextmanager
def unencrypted(stage: Stage) -> Iterator[None]:
    context, trusted = certificate(stage.folder)
    server = stage.relay(FaultServer(), f'ca = "{trusted.name}"')
    yield
    server.context = context


@contextmanager
def silent(stage: Stage) -> Iterator[None]:
    stage.patience = 0.3
    server = stage.relay(FaultServer(at("banner", Act(b"", "hang"))), 'security = "none"')
    yield
    stage.patience = 5
    server.script = sane


def elsewhere(address: str) -> Mistake:
    """Return the mistake of an address at which there is no relay."""

    @contextmanager
    def mistake(stage: Stage) -> Iterator[None]:
        server = stage.relay(FaultServer(), 'security = "none"')
        right = f'"smtp://127.0.0.1:{server.port}"\nsecurity = "none"'
        with socket.socket() as nobody:  # which has the port, and does not listen
            nobody.bind(("127.0.0.1", 0))
            with settings(right, address.format(free=nobody.getsockname()[1]))(stage):
                yield

    return mistake
