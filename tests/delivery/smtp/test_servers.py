"""Servers that other people wrote take our mails: aiosmtpd, and Postfix's smtp-sink."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from publisher.delivery.transport import Verdict
from tests.delivery.faultserver import FaultServer
from tests.delivery.smtp.driving import client, drive, mail


class _Mailbox:
    def __init__(self) -> None:
        self.mails: dict[str, bytes] = {}

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802 # aiosmtpd's name
        self.mails[envelope.rcpt_tos[0]] = envelope.content
        return "250 kept"


def test_aiosmtpd_gets_each_mail_as_it_was_made() -> None:
    mailbox = _Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        mails = [mail(number) for number in range(50)]
        report = drive(client(controller.port, 4), mails)
        assert {outcome.verdict for outcome in report.outcomes.values()} == {Verdict.SENT}
        assert mailbox.mails == {sent.recipient: sent.data for sent in mails}
    finally:
        controller.stop()


@pytest.fixture
def sink(needs_program: Callable[[str], str], tmp_path: Path) -> Iterator[int]:
    program = needs_program("smtp-sink")
    port = _free_port()
    with (tmp_path / "log").open("w", encoding="utf-8") as log:
        command = [program, "-c", *_as_somebody(), f"127.0.0.1:{port}", "100"]
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for(port)
            yield port
        finally:
            process.terminate()
            process.wait(10)


def test_postfix_smtp_sink_takes_eight_lanes(sink: int) -> None:
    report = drive(client(sink, 8), [mail(number) for number in range(400)])
    assert {outcome.verdict for outcome in report.outcomes.values()} == {Verdict.SENT}
    assert report.troubles == []


def test_lmtp_over_a_unix_socket_answers_for_each_reader(tmp_path: Path) -> None:
    path = tmp_path / "lmtp"
    with FaultServer(path=path) as server:
        from publisher.delivery.smtp.client import SmtpTransport
        from publisher.delivery.smtp.relay import Relay
        from tests.delivery.smtp.driving import QUICK

        relay = Relay(str(path), 24, "notes.example", "none", lmtp=True)
        report = drive(SmtpTransport(relay, 2, QUICK), [mail(1), mail(2)])
        assert {outcome.verdict for outcome in report.outcomes.values()} == {Verdict.SENT}
        assert b"lhlo notes.example" in server.lines


def _as_somebody() -> list[str]:
    import os

    return ["-u", "nobody"] if os.getuid() == 0 else []


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("smtp-sink does not listen")
