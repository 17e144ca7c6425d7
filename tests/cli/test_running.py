"""`run`, `status` and `schedule` say what is so, in few words, and end with the right status."""

import configparser
import json
import os
import pwd
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from publisher import Publication
from publisher.cli import standing
from publisher.config.settings import Settings
from publisher.errors import UsageError
from publisher.publication.scheduling import crontab, systemd
from publisher.store import Store
from tests.ledgers import sample, sent, write_issue

Invoke = Callable[..., Result]
PYTHON = "/opt/publisher/bin/python"


@pytest.fixture
def ledger(site: Path) -> Iterator[Store]:
    """Give the site's database."""
    publication = Publication.load(site)
    with publication._store() as store:
        yield store


# ---------------------------------------------------------------- status


def test_status_shows_issues_a_picture_doubts_and_dates(ledger: Store, cli_invoke: Invoke) -> None:
    write_issue(ledger, sample())
    shown = cli_invoke("status")
    assert (shown.exit_code, shown.stderr) == (3, "")
    assert shown.stdout.splitlines() == [
        "weekly/2026-W48  sending  Field Notes #3: High water",
        "  begun 2026-11-23 07:00, tried until 2026-11-25 07:00",
        "  47 sent, 1 deferred, 1 pending, 1 uncertain, 1 failed, 1 skipped",
        "  got nothing: 2 unsubscribed, 1 pending",
        "  skipped: 1 unsubscribed",
        f"  sent      {'▆▆▆▆▆▆▆▆▆▆ █▂':31}  at most 6",
        f"  deferred  {' ' * 30}█  at most 1",
        f"  failed    {'  █':31}  at most 1",
        f"  skipped   {'   █':31}  at most 1",
        "            2026-11-23 07:00 to 2026-11-23 07:31, a column is 1 min",
        f"  {standing._DOUBTFUL.format('weekly/2026-W48')}",
        "    uncertain  2026-11-23 07:09  maybe@reader.example  [dot] connection lost after the data",
        "",
        "weekly: next due 2026-11-23 08:00",
    ]


def test_where_all_is_settled_the_status_is_nought(ledger: Store, cli_invoke: Invoke) -> None:
    write_issue(ledger, [sent("ann", 1)], state="done", done_at=datetime(2026, 11, 23, 7, 2, tzinfo=UTC))
    shown = cli_invoke("status")
    assert shown.exit_code == 0
    assert "begun 2026-11-23 07:00, done 2026-11-23 07:02" in shown.stdout


def test_where_nothing_was_sent_status_says_so_and_makes_nothing(site: Path, cli_invoke: Invoke) -> None:
    shown = cli_invoke("status")
    assert (shown.exit_code, shown.stderr) == (0, "No issue was sent yet.\n")
    assert shown.stdout == "weekly: next due 2026-11-23 08:00\n"
    assert not (site / ".publisher" / "state.db").exists()


def test_the_fate_of_each_mail_is_shown(ledger: Store, cli_invoke: Invoke) -> None:
    write_issue(ledger, sample())
    lines = cli_invoke("status", "weekly").stdout.splitlines()
    assert sum(line.startswith("sent ") for line in lines) == 47
    (failed,) = cli_invoke("status", "weekly/2026-W48", "--state", "failed").stdout.splitlines()[-1:]
    assert failed == (
        "failed     2026-11-23 07:02  gone@reader.example  [rcpt] 550 5.1.1 <gone@reader.example>: no such user"
    )
    deferred = cli_invoke("status", "weekly", "--state", "deferred").stdout.splitlines()[-1]
    assert deferred == "deferred   2026-11-23 07:30  full@post.example  tried again then: [rcpt] 452 4.2.2 mailbox full"


def test_json_says_the_same(ledger: Store, cli_invoke: Invoke) -> None:
    write_issue(ledger, sample())
    document = json.loads(cli_invoke("status", "--json").stdout)
    assert document["issues"][0]["counts"]["sent"] == 47
    assert document["due"] == [{"newsletter": "weekly", "schedule": "0 8 * * MON", "at": "2026-11-23T08:00:00+00:00"}]
    first, *mails = map(json.loads, cli_invoke("status", "weekly", "--json").stdout.splitlines())
    assert (first["key"], len(mails)) == ("2026-W48", 52)
    assert {mail["state"] for mail in mails} == {*first["counts"]}
    assert json.loads(cli_invoke("schedule", "--json").stdout)[0]["dates"][0] == "2026-11-23T08:00:00+00:00"


def test_replies_of_servers_cannot_command_the_terminal(ledger: Store, cli_invoke: Invoke) -> None:
    evil = {**sent("ann", 1), "state": "failed", "reply": "550 \x1b[2J\u202eno", "done_at": None}
    write_issue(ledger, [evil])
    shown = cli_invoke("status", "weekly").stdout
    assert "\x1b" not in shown
    assert "550 \\u001b[2J\\u202eno" in shown


def test_terminals_without_blocks_get_ascii(ledger: Store, cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    write_issue(ledger, sample())
    monkeypatch.setattr(standing, "_draws_blocks", lambda: False)
    assert cli_invoke("status").stdout.isascii()


def test_mistakes_in_asking_are_told(ledger: Store, cli_invoke: Invoke) -> None:
    write_issue(ledger, [])
    for arguments, words in (
        (["status", "daily"], "no issue called daily was sent; there is weekly/2026-W48"),
        (["status", "--state", "failed"], "name it, such as weekly/2026-W48"),
        (["schedule", "--crontab", "--systemd"], "choose one of --crontab, --systemd and --json"),
    ):
        refused = cli_invoke(*arguments)
        assert (refused.exit_code, refused.stdout) == (2, "")
        assert words in refused.stderr


# ---------------------------------------------------------------- schedule


def test_next_dates_are_told_in_the_publication_s_zone(site: Path, cli_invoke: Invoke) -> None:
    settings = site / "publisher.toml"
    zoned = settings.read_text(encoding="utf-8").replace("[[news", 'timezone = "Europe/Berlin"\n[[news', 1)
    settings.write_text(zoned, encoding="utf-8")
    shown = cli_invoke("schedule", "-n", "2", as_of="2026-10-20T12:00:00Z")
    assert (
        shown.stdout
        == "weekly  Mon 2026-10-26 08:00 +01:00  0 8 * * MON\nweekly  Mon 2026-11-02 08:00 +01:00  0 8 * * MON\n"
    )
    assert cli_invoke("schedule", "-n", "1", as_of="2026-10-18T12:00:00Z").stdout.startswith(
        "weekly  Mon 2026-10-19 08:00 +02:00"
    )


def settings_with(**tables: object) -> Settings:
    return Settings.model_validate(
        {
            "publication": {"title": "Field % Notes", "url": "https://notes.example/"},
            "newsletters": [{"name": "w"}],
            **tables,
        }
    )


def test_the_line_for_cron_stands_alone_whatever_the_folder_is_called() -> None:
    text = crontab(Path("/srv/it's 100% mine"), settings_with(), PYTHON)
    (line,) = [line for line in text.splitlines() if not line.startswith("#")]
    fields = line.split(" ", 5)
    assert fields[:5] == ["*/5", "*", "*", "*", "*"]
    assert "%" not in fields[5].replace(r"\%", "")
    command = fields[5].replace(r"\%", "%")
    assert shlex.split(command) == [PYTHON, "-P", "-m", "publisher", "-q", "-C", "/srv/it's 100% mine", "run"]
    assert "MAILTO=you@notes.example" in text


def test_secrets_of_the_environment_are_named_for_cron_and_systemd() -> None:
    relay = {"url": "smtp://relay.example:587", "username": "letters", "password": {"env": "RELAY_PASSWORD"}}
    settings = settings_with(delivery=relay)
    assert "put RELAY_PASSWORD=… above it" in crontab(Path("/srv/notes"), settings, PYTHON)
    assert "EnvironmentFile=/srv/notes/publisher.env\n" in systemd(Path("/srv/notes"), settings, PYTHON, "ada")


@pytest.mark.parametrize("name", ["back\\slash", "line\nbreak", "tab\t"])
def test_paths_that_no_crontab_can_hold_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot stand in a crontab or unit"):
        crontab(Path("/srv") / name, settings_with(), PYTHON)


def units(text: str) -> dict[str, str]:
    """Split what is printed into its files."""
    parts = re.split(r"^# (/etc/systemd/system/\S+)\n", text, flags=re.MULTILINE)[1:]
    return {Path(name).name: body for name, body in zip(parts[::2], parts[1::2], strict=True)}


def test_units_for_systemd_are_whole() -> None:
    found = units(systemd(Path('/srv/it\'s "100%" $mine'), settings_with(), PYTHON, "ada"))
    assert list(found) == ["publisher-notes-example.service", "publisher-notes-example.timer"]
    read = {}
    for name, body in found.items():
        read[name] = configparser.ConfigParser(interpolation=None, strict=True)
        read[name].optionxform = str  # type: ignore[assignment,method-assign]
        read[name].read_string(body)
    service, timer = read.values()
    assert service["Service"]["ExecStart"].endswith('"/srv/it\'s \\"100%%\\" $$mine" "run"')
    assert (service["Service"]["User"], service["Service"]["SuccessExitStatus"]) == ("ada", "3")
    assert (timer["Timer"]["OnCalendar"], timer["Timer"]["Persistent"]) == ("*:0/5", "true")


def test_sendmail_keeps_what_it_needs() -> None:
    pipe = systemd(Path("/srv"), settings_with(delivery={"url": "sendmail:/usr/sbin/sendmail"}), PYTHON, "ada")
    assert "NoNewPrivileges" not in pipe
    assert "NoNewPrivileges" in systemd(Path("/srv"), settings_with(), PYTHON, "ada")


def test_folders_that_a_run_writes_are_writable_in_its_unit(tmp_path: Path) -> None:
    settings = settings_with(delivery={"url": "maildir:/var/mail/out"}, bounces={"path": "mail/bounces"})
    text = systemd(tmp_path, settings, PYTHON, "ada")
    assert f'ReadWritePaths="{tmp_path}" "/var/mail/out"\n' in text


@pytest.mark.parametrize(
    ("tables", "elsewhere"),
    [
        ({"state": {"url": "sqlite:////var/lib/notes/state.db"}}, ' "/var/lib/notes"'),
        ({"state": {"url": "sqlite:///../kept/state.db"}}, ' "/srv/kept"'),
        ({"state": {"url": "sqlite:///kept/state.db"}}, ""),
        ({"state": {"url": "postgresql+psycopg://db.example/notes"}}, ""),
        ({"delivery": {"url": "folder:../out"}, "bounces": {"path": "../out"}}, ' "/srv/out"'),
        ({"bounces": {"path": "../notes-bounces"}}, ' "/srv/notes-bounces"'),
    ],
)
def test_a_unit_may_write_whatever_of_the_settings_lies_elsewhere(tables: dict[str, object], elsewhere: str) -> None:
    text = systemd(Path("/srv/notes"), settings_with(**tables), PYTHON, "ada")
    assert f'ReadWritePaths="/srv/notes"{elsewhere}\n' in text


def test_a_folder_behind_a_link_is_named_as_what_it_is(tmp_path: Path) -> None:
    for name in ("data/notes", "aside"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "notes").symlink_to(tmp_path / "data" / "notes")
    (tmp_path / "data" / "notes" / "bounces").symlink_to(tmp_path / "aside")
    settings = settings_with(delivery={"url": "folder:../out"}, bounces={"path": "bounces"})
    text = systemd(tmp_path / "notes", settings, PYTHON, "ada")
    assert f'ReadWritePaths="{tmp_path}/notes" "{tmp_path}/data/out" "{tmp_path}/aside"\n' in text


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing; install systemd")
def test_systemd_finds_nothing_wrong_with_the_units(site: Path, tmp_path: Path) -> None:
    account = pwd.getpwuid(os.getuid()).pw_name
    text = systemd(site, Publication.load(site).settings, sys.executable, account)
    for name, body in units(text).items():
        (tmp_path / name).write_text(body, encoding="utf-8")
    files = [str(tmp_path / name) for name in units(text)]
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, encoding="utf-8", check=False
    )
    ours = [line for line in verified.stderr.splitlines() if "publisher-" in line]
    assert ours == []


def test_a_planted_mistake_in_a_unit_would_be_noticed() -> None:
    body = units(systemd(Path("/srv"), settings_with(), PYTHON, "ada"))["publisher-notes-example.timer"]
    with pytest.raises(configparser.Error):
        configparser.ConfigParser(interpolation=None, strict=True).read_string(body + "Persistent\n[Timer]\n")


def test_a_publication_without_newsletters_is_told_how_to_have_one(site: Path, cli_invoke: Invoke) -> None:
    settings = site / "publisher.toml"
    settings.write_text(settings.read_text(encoding="utf-8").partition("[[newsletters]]")[0], encoding="utf-8")
    shown = cli_invoke("schedule")
    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "add [[newsletters]] to publisher.toml" in shown.stderr
