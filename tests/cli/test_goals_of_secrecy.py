"""A person's address and a password are in no log, no web address, no bundle, no report and no word of a command for cron."""

import base64
import logging
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import Result

from publisher.audience.tokens import delivery_token
from publisher.store import open_store
from publisher.store.keys import open_keys
from tests.cli.test_bounces import REPORT
from tests.delivery.faultserver import Act, FaultServer

Invoke = Callable[..., Result]
LOCAL, NAME, PASSWORD = "zebedee.quux", "Xanthippe Qwertz", "correct-horse-battery-9"
#: When the issue is due, and some hours later.
MONDAY, LATER = "2026-11-23T08:05:00Z", "2026-11-23T14:05:00Z"
PERSON = f"{LOCAL}@reader.example"
READERS = f"email,name\n{PERSON},{NAME}\nrefused.{PERSON},{NAME}\nlater.{PERSON},{NAME}\n"
SETTINGS = """
[publication]
title = "Field Notes"
url = "https://notes.example/"

[[newsletters]]
name = "weekly"
schedule = "0 8 * * MON"
from = "Field Notes <letters@notes.example>"
postal_address = "Field Notes, 1 Sample Street, Exampleton"

[web]
url = "https://notes.example/letters/"

[delivery]
url = "smtp://127.0.0.1:9"
security = "none"
connections = 1
username = "letters"
password = { env = "RELAY_PASSWORD" }
"""


def canaries() -> Iterator[bytes]:
    """Give what must not be found, as text and in the ways in which programs hide text."""
    for word in (LOCAL, PERSON, NAME, PASSWORD):
        yield word.lower().encode()
        yield word.replace("@", "%40").replace(" ", "%20").lower().encode()
        for start in range(3):
            whole = base64.b64encode(b"\0" * start + word.encode())
            yield whole[4:].rstrip(b"=")[:-1].lower()
    yield base64.b64encode(f"\0letters\0{PASSWORD}".encode()).lower()


def hits(data: bytes) -> list[bytes]:
    low = data.lower()
    return [canary for canary in canaries() if canary in low]


def telling(stage: str, _connection: int, number: int) -> Act | None:
    """Be a relay that repeats addresses when it refuses."""
    replies = {1: f"550 5.1.1 <{PERSON}>: nobody here", 2: f"451 4.2.0 {PERSON} is over quota"}
    return Act(replies[number].encode()) if stage == "rcpt" and number in replies else None


@pytest.fixture
def ready(site: Path, cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a publication with three readers, who are all in doubt, and a bounce."""
    monkeypatch.setenv("RELAY_PASSWORD", PASSWORD)
    (site / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    people = site.parent / "people.csv"
    people.write_text(READERS, encoding="utf-8")
    done = cli_invoke("subscribers", "import", people, "--yes")
    assert done.exit_code == 0, done.output
    with open_store("sqlite:///.publisher/state.db", site):
        token = delivery_token(open_keys(site, None), 1, 1)
    for part in ("new", "cur", "tmp"):
        (site.parent / "Maildir" / part).mkdir(parents=True)
    report = REPORT.format(token=token).replace("ann@reader.example", PERSON)
    (site.parent / "Maildir" / "new" / "1.host").write_text(report, encoding="utf-8")
    return site


def said_by_commands(site: Path, cli_invoke: Invoke) -> str:
    """Run what cron and authors run; return all that is said."""
    with FaultServer(telling, features=("AUTH PLAIN",)) as server:
        (site / "publisher.toml").write_text(
            SETTINGS.replace("127.0.0.1:9", f"127.0.0.1:{server.port}"), encoding="utf-8"
        )
        results = [
            cli_invoke(*line.split(), as_of=moment)
            for moment, line in (
                (MONDAY, "issue weekly"),
                (MONDAY, "-v send weekly"),
                (MONDAY, "run"),
                (LATER, f"-v bounces {site.parent / 'Maildir'}"),
                (LATER, "-v run"),
                (LATER, "status"),
                (LATER, "status --json"),
                (LATER, "-v check"),
                (LATER, "-v doctor --offline"),
                (LATER, "schedule"),
                (LATER, "schedule --crontab"),
            )
        ]
        assert any(line.startswith(b"AUTH PLAIN ") and line[11:].strip() for line in server.lines)
        assert len(server.mails()) >= 2
    assert not [one for one in results if one.exit_code == 2]
    return "".join(one.output for one in results)


def expect_no_word(site: Path, said: str, log: str) -> None:
    """Demand that nothing told of a person or a password, and that no file but the database knows a person."""
    assert (hits(said.encode()), hits(log.encode())) == ([], [])
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        data = path.read_bytes()
        assert PASSWORD.encode() not in data
        assert path.name in {"state.db", "state.db-wal", "state.db-shm"} or hits(data) == [], path


def test_nothing_that_commands_say_or_write_tells_of_a_person_or_a_password(
    ready: Path, cli_invoke: Invoke, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = said_by_commands(ready, cli_invoke)
    assert "2 sent, 1 failed" in said
    assert {"report.html", "manifest.json"} <= {path.name for path in (ready / "issues/weekly/2026-W48").iterdir()}
    expect_no_word(ready, said, caplog.text)


@pytest.mark.parametrize(
    "word", [f"to <{PERSON.upper()}>", base64.b64encode(f"x {PERSON}".encode()).decode(), PASSWORD]
)
def test_a_word_too_many_would_be_noticed(tmp_path: Path, word: str) -> None:
    expect_no_word(tmp_path, "", "")
    for said, log in ((word, ""), ("", word)):
        with pytest.raises(AssertionError):
            expect_no_word(tmp_path, said, log)
    (tmp_path / "report.html").write_text(word, encoding="utf-8")
    with pytest.raises(AssertionError):
        expect_no_word(tmp_path, "", "")


def test_no_web_address_in_a_mail_tells_who_reads_it(ready: Path, cli_invoke: Invoke) -> None:
    (ready / "publisher.toml").write_text(re.sub('url = "smtp.*', 'url = "maildir:out"', SETTINGS), encoding="utf-8")
    text = (ready / "publisher.toml").read_text(encoding="utf-8")
    (ready / "publisher.toml").write_text(
        re.sub("(?m)^(security|connections|username|password).*$", "", text), encoding="utf-8"
    )
    cli_invoke("issue", "weekly")
    assert cli_invoke("send", "weekly").exit_code == 0
    mails = [path.read_bytes() for path in (ready / "out" / "new").glob("*")]
    assert len(mails) == 3
    for data in mails:
        mail = message_from_bytes(data, policy=policy.default)
        bodies = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
        known = " ".join([str(mail["List-Unsubscribe"]), str(mail["Message-ID"]), *bodies])
        addresses = re.findall(r"(?:https?:|mailto:)[^\s<>\"]+", known)
        assert len(addresses) >= 4
        assert hits(" ".join([*addresses, str(mail["Message-ID"])]).encode()) == []
