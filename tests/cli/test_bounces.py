"""publisher bounces: what it says, what it changes, and what cron hears of it."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from publisher import Publication
from publisher.audience.subscriptions import subscribe
from publisher.audience.tokens import delivery_token
from publisher.store import open_store
from publisher.store.keys import open_keys

Invoke = Callable[..., Result]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
REPORT = """\
From: MAILER-DAEMON@mx.reader.example
To: bounce+{token}@notes.example
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.reader.example

Final-Recipient: rfc822; ann@reader.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <ann@reader.example>: no such user

--b--
"""


@pytest.fixture
def maildir(site: Path) -> Path:
    """Give a Maildir with a bounce of a reader's, and a mail that is none."""
    folder = site / "Maildir"
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir(parents=True)
    keys = open_keys(site, None)
    with open_store("sqlite:///.publisher/state.db", site) as store, store.writing() as connection:
        reader = subscribe(connection, keys, "weekly", "ann@reader.example", now=NOW).id
    (folder / "new" / "1.host").write_text(REPORT.format(token=delivery_token(keys, 1, reader)), encoding="utf-8")
    (folder / "new" / "2.host").write_text("Subject: Re: issue 1\n\nThanks!\n", encoding="utf-8")
    return folder


def test_cron_hears_only_of_what_somebody_should_read_and_only_once(cli_invoke: Invoke, maildir: Path) -> None:
    first, second = cli_invoke("bounces", maildir), cli_invoke("bounces", maildir)
    assert (first.exit_code, first.stdout) == (0, "")
    assert first.stderr == "not understood: Maildir/new/2.host: it is no report that this program knows\n"
    assert (second.exit_code, second.output) == (0, "")
    listed = cli_invoke("subscribers", "list", "--json")
    assert [(one["status"], one["reason"]) for one in json.loads(listed.stdout)["subscriptions"]] == [
        ("bounced", "550 5.1.1 …: no such user")
    ]


def test_who_watches_is_told_what_came(cli_invoke: Invoke, maildir: Path) -> None:
    assert cli_invoke("-v", "bounces", maildir).stderr.endswith("1 hard, 1 unread; 1 became bounced\n")
    assert cli_invoke("-v", "bounces", maildir).stderr == "1 unread\n"


def test_a_trial_prints_each_mail_and_changes_nothing(cli_invoke: Invoke, maildir: Path) -> None:
    result = cli_invoke("bounces", "--dry-run", maildir)
    assert result.exit_code == 0
    assert result.stdout == (
        "hard         Maildir/new/1.host  subscription 1  550 5.1.1 …: no such user; weekly would become bounced\n"
        "unread       Maildir/new/2.host  it is no report that this program knows\n"
    )
    assert len(list((maildir / "new").iterdir())) == 2


def test_the_document_has_everything(cli_invoke: Invoke, maildir: Path) -> None:
    document = json.loads(cli_invoke("bounces", "--json", maildir).stdout)
    counts = {"hard": 1, "soft": 0, "complaint": 0, "unsubscribe": 0, "ignored": 0, "unread": 1}
    assert document == {
        "counts": counts,
        "repeated": 0,
        "changed": {"bounced": 1},
        "unread": [
            {"path": "Maildir/new/2.host", "reason": "it is no report that this program knows", "repeated": False}
        ],
    }


def test_nothing_printed_names_an_address(cli_invoke: Invoke, maildir: Path) -> None:
    outputs = [cli_invoke("-v", "bounces", *options, maildir).output for options in (("-n",), ("--json",), ())]
    assert not re.search(r"\S@\S", "".join(outputs))


def test_the_settings_name_the_mailbox_and_the_limit(cli_invoke: Invoke, site: Path, maildir: Path) -> None:
    with (site / "publisher.toml").open("a", encoding="utf-8") as file:
        file.write('[bounces]\npath = "Maildir"\nsoft_limit = 3\n')
    assert json.loads(cli_invoke("bounces", "--json").stdout)["changed"] == {"bounced": 1}


def test_from_python_it_is_one_method(site: Path, maildir: Path) -> None:
    report = Publication.load(site).bounces((maildir,), NOW)
    assert report.changed == {"bounced": 1}
    assert report.news


def test_without_a_mailbox_it_says_what_to_do(cli_invoke: Invoke) -> None:
    result = cli_invoke("bounces")
    assert result.exit_code == 2
    assert result.stderr == (
        "publisher: no mailbox is named; give a Maildir or an mbox, or set path in [bounces] of publisher.toml\n"
    )


def test_a_mailbox_that_is_missing_is_named(cli_invoke: Invoke, site: Path) -> None:
    result = cli_invoke("bounces", "gone")
    assert result.exit_code == 2
    assert "gone is missing; name a Maildir" in result.stderr


def test_many_mails_that_nobody_understands_are_not_all_named(cli_invoke: Invoke, maildir: Path) -> None:
    for number in range(20):
        (maildir / "new" / f"{number + 10}.host").write_text(f"Subject: {number}\n\nHello\n", encoding="utf-8")
    lines = cli_invoke("bounces", maildir).stderr.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "and 11 mails more; see them with: publisher bounces --json"
