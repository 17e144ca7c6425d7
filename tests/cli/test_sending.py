"""plan and send, as people type them."""

import json
import signal
import subprocess
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

SETTINGS = """
[publication]
title = "Field Notes"
url = "https://notes.example/"

[[newsletters]]
name = "weekly"
from = "Field Notes <letters@notes.example>"
postal_address = "Field Notes, 1 Sample Street, Exampleton"
archive = false

[web]
url = "https://notes.example/letters/"

[delivery]
url = "maildir:out"
return_path = "bounce@notes.example"
unsubscribe = "leave@notes.example"
"""
ISSUE = "weekly/2026-W47"


@pytest.fixture
def ready(site: Path, cli_invoke: Any) -> Path:
    """Give a publication with an issue and three subscribers."""
    (site / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    assert cli_invoke("issue", "weekly").exit_code == 0
    addresses = [f"{name}@reader.example" for name in ("ada", "ben", "eva")]
    assert cli_invoke("subscribers", "add", *addresses).exit_code == 0
    return site


def mails(site: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((site / "out/new").glob("*"))] if (site / "out").exists() else []


def test_a_plan_names_everybody_and_sends_nothing(ready: Path, cli_invoke: Any) -> None:
    result = cli_invoke("plan", "weekly")
    assert result.exit_code == 0
    assert "        3  would get it\n           ada@reader.example\n" in result.stdout
    document = json.loads(cli_invoke("plan", "weekly", "--json").stdout)
    assert document["included"] == document["candidates"] == 3
    assert f"plan {document['hash']}\n" in result.stdout
    assert mails(ready) == []


def test_send_is_silent_when_all_is_well_and_does_it_once(ready: Path, cli_invoke: Any) -> None:
    result = cli_invoke("send", "weekly")
    assert (result.exit_code, result.output) == (0, "")
    assert len(mails(ready)) == 3
    assert cli_invoke("send", ISSUE).exit_code == 0
    assert len(mails(ready)) == 3
    mail = message_from_bytes(mails(ready)[0], policy=policy.default)
    web, mailbox = mail["List-Unsubscribe"].split()
    assert web.startswith("<https://notes.example/letters/u/")
    assert mailbox.startswith("<mailto:leave+")


def test_a_plan_is_kept_or_nothing_leaves(ready: Path, cli_invoke: Any) -> None:
    old = json.loads(cli_invoke("plan", "weekly", "--json").stdout)["hash"]
    cli_invoke("subscribers", "add", "new@reader.example")
    result = cli_invoke("send", "weekly", "--plan", old)
    assert result.exit_code == 1
    assert "does not hold any more; nothing was sent" in result.stderr
    assert mails(ready) == []


def test_an_issue_that_has_begun_keeps_to_its_plan(ready: Path, cli_invoke: Any) -> None:
    plan = json.loads(cli_invoke("plan", "weekly", "--json").stdout)["hash"]
    assert cli_invoke("send", "weekly", "--plan", plan, "--limit", "1").exit_code == 3
    result = cli_invoke("send", ISSUE, "--plan", "0123456789abcdef")
    assert result.exit_code == 1
    assert f"{ISSUE} was begun by the plan {plan}, and not by 0123456789abcdef; nothing was sent" in result.stderr
    assert len(mails(ready)) == 1
    assert cli_invoke("send", ISSUE, "--plan", plan).exit_code == 0
    assert len(mails(ready)) == 3


def test_what_was_sent_has_a_report_in_its_folder(ready: Path, cli_invoke: Any) -> None:
    report = ready / "issues" / ISSUE / "report.html"
    assert cli_invoke("send", "weekly", "--limit", "1").exit_code == 3
    first = report.read_text(encoding="utf-8")
    assert cli_invoke("send", "weekly").exit_code == 0
    last = report.read_text(encoding="utf-8")
    assert last != first
    assert "reader.example" not in last


def test_an_address_to_leave_at_without_https_is_refused_before_anything_is_begun(ready: Path, cli_invoke: Any) -> None:
    settings = ready / "publisher.toml"
    settings.write_text(
        SETTINGS.replace('"https://notes.example/letters/"', '"http://notes.example/letters/"'), encoding="utf-8"
    )
    for command in ("plan", "send"):
        result = cli_invoke(command, "weekly")
        assert result.exit_code == 1
        assert "give the address with https:" in result.stderr
    settings.write_text(SETTINGS, encoding="utf-8")
    assert cli_invoke("send", "weekly").exit_code == 0
    assert len(mails(ready)) == 3


def test_a_missing_password_is_told_before_anything_is_begun(ready: Path, cli_invoke: Any) -> None:
    settings = ready / "publisher.toml"
    secret = 'username = "letters"\npassword = { env = "PUBLISHER_NO_SUCH_PASSWORD" }\n'
    settings.write_text(SETTINGS.replace('"maildir:out"\n', f'"smtp://relay.example:587"\n{secret}'), encoding="utf-8")
    result = cli_invoke("send", "weekly")
    assert result.exit_code == 1
    assert "PUBLISHER_NO_SUCH_PASSWORD" in result.stderr
    assert cli_invoke("plan", "weekly").exit_code == 0


def test_a_dry_run_sends_nothing(ready: Path, cli_invoke: Any) -> None:
    result = cli_invoke("send", "weekly", "--dry-run")
    assert result.stdout.startswith("3 mails would leave now; plan ")
    assert mails(ready) == []


def test_a_test_is_marked_and_may_be_repeated(ready: Path, cli_invoke: Any) -> None:
    for second in (1, 2):
        moment = f"2026-11-22T12:00:0{second}Z"
        assert cli_invoke("send", "weekly", "--to", "me@notes.example", as_of=moment).exit_code == 0
    found = [message_from_bytes(mail, policy=policy.default) for mail in mails(ready)]
    assert [mail["To"] for mail in found] == ["me@notes.example"] * 2
    assert all(mail["Subject"].startswith("[Test] Field Notes") for mail in found)
    assert not (ready / "issues" / ISSUE / "sent.json").exists()
    assert cli_invoke("send", "weekly").exit_code == 0
    assert len(mails(ready)) == 5


def test_a_limited_run_says_what_remains(ready: Path, cli_invoke: Any) -> None:
    result = cli_invoke("send", "weekly", "--limit", "2")
    assert result.exit_code == 3
    assert f"{ISSUE}: sending; 1 pending, 2 sent" in result.stderr
    document = json.loads(cli_invoke("send", "weekly", "--json").stdout)
    assert (document["state"], document["counts"]["sent"], document["sent_now"]) == ("done", 3, 1)


def test_cancel_skips_what_has_not_left(ready: Path, cli_invoke: Any) -> None:
    cli_invoke("send", "weekly", "--limit", "1")
    result = cli_invoke("send", "weekly", "--cancel", "--json")
    assert json.loads(result.stdout)["counts"]["skipped"] == 2
    assert len(mails(ready)) == 1


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("send", "weekly/2026-W01"), 2, "weekly has no issue 2026-W01; there is weekly/2026-W47"),
        (("send", "daily"), 2, "no newsletter is called daily"),
        (("plan", "weekly/2026-W01"), 2, "there is weekly/2026-W47"),
        (("send", "weekly", "--resume", "--cancel"), 2, "choose one of"),
        (("send", "weekly", "--limit", "0"), 2, "--limit"),
    ],
)
def test_mistakes_are_one_sentence(ready: Path, cli_invoke: Any, arguments: Any, status: int, words: str) -> None:
    result = cli_invoke(*arguments)
    assert result.exit_code == status
    assert words in result.stderr
    assert mails(ready) == []


def test_without_subscribers_it_says_how_to_add_some(site: Path, cli_invoke: Any) -> None:
    (site / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    cli_invoke("issue", "weekly")
    result = cli_invoke("send", "weekly")
    assert result.exit_code == 2
    assert "publisher subscribers add" in result.stderr


def test_without_delivery_the_lines_to_add_are_printed(ready: Path, cli_invoke: Any) -> None:
    text = SETTINGS[: SETTINGS.index("[delivery]")]
    (ready / "publisher.toml").write_text(text, encoding="utf-8")
    result = cli_invoke("send", "weekly")
    assert result.exit_code == 1
    assert "[delivery]\nurl = " in result.stderr


def test_a_signal_lets_what_is_on_its_way_arrive(ready: Path, cli_invoke: Any) -> None:
    settings = SETTINGS + 'rate = "20/second"\n'
    (ready / "publisher.toml").write_text(settings, encoding="utf-8")
    cli_invoke("subscribers", "add", *[f"r{n}@reader.example" for n in range(300)])
    command = [sys.executable, "-m", "publisher", "-C", str(ready), "send", "weekly"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8") as process:
        until = time.monotonic() + 60
        while len(mails(ready)) < 25 and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "pending" in said
    assert "uncertain" not in said
    sent = len(mails(ready))
    assert 25 <= sent < 303
    (ready / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    assert cli_invoke("send", "weekly", as_of=None).exit_code == 0
    assert len(mails(ready)) == 303
    recipients = {message_from_bytes(mail, policy=policy.default)["To"] for mail in mails(ready)}
    assert len(recipients) == 303
