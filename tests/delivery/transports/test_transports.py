"""Files, programs and memory: the same steps as SMTP, and nothing half-done."""

import stat
import sys
from pathlib import Path

import pytest

from publisher.config.delivery import DeliverySettings
from publisher.delivery.smtp.client import SmtpTransport
from publisher.delivery.transport import Outcome, Scope, Stage, TransportRefused, Verdict
from publisher.delivery.transports import open_transport, relay_of
from publisher.delivery.transports.files import FolderTransport, MaildirTransport
from publisher.delivery.transports.memory import MemoryTransport, deferred, lost, refused
from publisher.delivery.transports.sendmail import SendmailTransport, meaning
from tests.delivery.smtp.driving import drive, mail

MAILS = [mail(number) for number in range(1, 6)]


def test_a_folder_gets_a_file_for_each_mail_with_its_very_bytes(tmp_path: Path) -> None:
    for _ in range(2):  # the second time changes nothing
        report = drive(FolderTransport(tmp_path / "out"), MAILS)
        assert {outcome.verdict for outcome in report.outcomes.values()} == {Verdict.SENT}
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == {
        f"{sent.token}.eml": sent.data for sent in MAILS
    }


def test_a_maildir_gets_whole_files_in_new_and_keeps_no_torn_ones(tmp_path: Path) -> None:
    drive(MaildirTransport(tmp_path), MAILS[:1])
    (written,) = (tmp_path / "new").iterdir()
    # What a run that was killed left in tmp is written anew.
    written.rename(tmp_path / "tmp" / written.name).write_bytes(b"torn")
    drive(MaildirTransport(tmp_path), MAILS)
    assert list((tmp_path / "tmp").iterdir()) == []
    files = sorted((tmp_path / "new").iterdir())
    assert len(files) == 5
    head = b"Return-Path: <bounce@notes.example>\nDelivered-To: reader1@mail.example\n"
    assert files[0].read_bytes() == head + MAILS[0].data.replace(b"\r\n", b"\n")
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", [FolderTransport, MaildirTransport])
def test_a_folder_that_cannot_be_made_stops_the_run(
    kind: type[FolderTransport] | type[MaildirTransport], tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(TransportRefused, match="Not a directory") as refusal:
        kind(tmp_path / "file" / "out").open()
    assert refusal.value.outcome.scope is Scope.RUN


def test_a_folder_that_vanishes_defers_what_was_certainly_not_written(tmp_path: Path) -> None:
    transport = MaildirTransport(tmp_path)
    transport.open()
    (tmp_path / "tmp").rmdir()
    outcome = transport.deliver(mail())
    assert (outcome.verdict, outcome.stage) == (Verdict.DEFERRED, Stage.BODY)


def _program(folder: Path, code: str) -> Path:
    program = folder / "sendmail"
    program.write_text(
        f"#!/bin/sh\n'exec' '{sys.executable}' \"$0\" \"$@\"\nimport sys, os, time\nfrom pathlib import Path\n{code}\n",
        encoding="utf-8",
    )
    program.chmod(0o700)
    return program


def test_a_program_gets_the_addresses_as_arguments_and_the_mail_on_its_input(tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    code = f"Path({str(keep)!r}).write_text(repr(sys.argv[1:]) + sys.stdin.read(), encoding='utf-8')"
    report = drive(SendmailTransport(_program(tmp_path, code)), [mail(1, recipient="-oQ$(id)@mail.example")])
    assert report.outcomes[1].verdict is Verdict.SENT
    arguments = repr(["-i", "-f", "bounce@notes.example", "--", "-oQ$(id)@mail.example"])
    text = mail(1).data.replace(b"\r\n", b"\n").decode()
    assert keep.read_text(encoding="utf-8") == arguments + text


@pytest.mark.parametrize(
    ("code", "verdict", "scope"),
    [
        ("sys.stdin.read(); sys.exit(75)", Verdict.DEFERRED, Scope.RECIPIENT),
        ("sys.stdin.read(); sys.exit(67)", Verdict.FAILED, Scope.RECIPIENT),
        ("sys.stdin.read(); sys.exit(78)", Verdict.DEFERRED, Scope.RUN),
        ("sys.exit(68)", Verdict.FAILED, Scope.RECIPIENT),
        ("sys.stdin.read(); os.kill(os.getpid(), 9)", Verdict.UNCERTAIN, Scope.RECIPIENT),
        ("time.sleep(60)", Verdict.UNCERTAIN, Scope.RECIPIENT),
    ],
    ids="later no-user configuration without-reading killed hangs".split(),
)
def test_exit_statuses_say_what_became_of_a_mail(tmp_path: Path, code: str, verdict: Verdict, scope: Scope) -> None:
    outcome = drive(SendmailTransport(_program(tmp_path, code), patience=1.5), [mail()]).outcomes[1]
    assert (outcome.verdict, outcome.scope) == (verdict, scope)


def test_no_exit_status_but_zero_means_sent() -> None:
    assert [status for status in range(-30, 256) if meaning(status, "").verdict is Verdict.SENT] == [0]


def test_a_program_that_is_missing_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(TransportRefused, match="no program that can be run"):
        SendmailTransport(tmp_path / "missing").open()


@pytest.mark.parametrize("pipelined", [True, False])
def test_memory_keeps_what_is_sent_and_has_the_faults_asked_for(*, pipelined: bool) -> None:
    faults = {1: refused("550 5.1.1 no"), 2: deferred("451 later"), 3: lost(taken=True)}
    transport = MemoryTransport(lanes=1, pipelined=pipelined, fault=lambda sent, _attempt: faults.get(sent.key[1]))
    report = drive(transport, MAILS)
    verdicts = [report.outcomes[number].verdict for number in range(1, 6)]
    assert verdicts == [Verdict.FAILED, Verdict.DEFERRED, Verdict.UNCERTAIN, Verdict.DEFERRED, Verdict.SENT]
    assert not report.outcomes[4].counted  # it was proposed behind the one whose connection broke
    assert [sent.key[1] for sent in transport.taken] == [3, 5]
    assert transport.closed


def test_memory_refuses_to_open_and_takes_mails_back() -> None:
    outcome = Outcome(Verdict.DEFERRED, Stage.AUTH, "535 no", Scope.RUN)
    with pytest.raises(TransportRefused, match="535 no"):
        MemoryTransport(refusal=outcome).open()
    transport = MemoryTransport()
    transport.open()
    transport.poll(0)
    transport.propose(0, mail(1))
    transport.poll(0)
    transport.abandon(0)
    assert [type(event).__name__ for event in transport.poll(0)] == ["Free"]
    assert transport.taken == []


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("smtp://relay.notes.example", SmtpTransport),
        ("lmtp:///run/lmtp", SmtpTransport),
        ("maildir:out", MaildirTransport),
        ("folder:out", FolderTransport),
        ("sendmail:/usr/sbin/sendmail", SendmailTransport),
    ],
)
def test_the_settings_name_the_transport(url: str, kind: type, tmp_path: Path) -> None:
    transport = open_transport(DeliverySettings(url=url), "", tmp_path, "notes.example")
    assert isinstance(transport, kind)
    transport.close()


def test_the_settings_say_how_to_speak_to_a_relay(tmp_path: Path) -> None:
    relay = relay_of(DeliverySettings(url="smtps://relay.notes.example"), "", tmp_path, "notes.example")
    assert (relay.host, relay.port, relay.security, relay.hello) == ("relay.notes.example", 465, "tls", "notes.example")
    relay = relay_of(DeliverySettings(url="lmtp:///run/lmtp"), "", tmp_path, "notes.example")
    assert (relay.host, relay.security, relay.lmtp) == ("/run/lmtp", "none", True)
    relay = relay_of(DeliverySettings(url="smtp://[::1]:2525", ca="ca.pem"), "", tmp_path, "notes.example")
    assert (relay.host, relay.port, relay.security, relay.ca) == ("::1", 2525, "starttls", tmp_path / "ca.pem")
