"""Goals of whole runs: days of cron, many at once, what looking leaves behind, and in what two readers' mails differ."""

import itertools
import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import select

from publisher import Publication
from publisher.delivery.retry import STEPS
from publisher.delivery.sending import Order
from publisher.delivery.transports.memory import MemoryTransport
from publisher.store.tables import metadata
from tests.crash.stage import NOW, SQLITE, configure, populate
from tests.delivery.faultserver import Act, FaultServer, Script
from tests.delivery.mailroom import ARTICLE, Mailroom

pytestmark = pytest.mark.uncovered

WHOLE = bool(os.environ.get("PUBLISHER_WHOLE"))
SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
READERS = 5
EVERYBODY = [f"r{number}@mail.example" for number in range(READERS)]


def lay_down(folder: Path, port: int) -> Publication:
    """Make a publication with an article, readers and a relay, that a run has seen on Sunday."""
    (folder / "articles").mkdir(parents=True)
    (folder / "articles" / "west.md").write_text(ARTICLE.format(name="west"), encoding="utf-8")
    configure(folder, port, 1, "hold", SQLITE)
    publication = Publication.load(folder)
    populate(publication, READERS)
    assert publication.run(lambda: SUNDAY).status == 0
    return publication


def states(publication: Publication) -> dict[str, str]:
    """Return what became of each reader's mail."""
    with publication.fates("weekly") as (_, fates):
        return {fate.address: fate.state for fate in fates}


# ---------------------------------------------------------------- a relay that answers by a script, over runs of cron


@dataclass
class Relay:
    """Answers at RCPT by who is meant and how often they were, and notes when."""

    answers: Callable[[str, int], Act | None]
    now: datetime = NOW
    tried: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    server: FaultServer | None = None

    def __call__(self, stage: str, _connection: int, _mail: int) -> Act | None:
        """Be a script of the server."""
        if stage != "rcpt" or self.server is None:
            return None
        reader = self.server.lines[-1].partition(b"<")[2].partition(b">")[0].decode()
        self.tried[reader].append(self.now)
        return self.answers(reader, len(self.tried[reader]))


def answer(reader: str, times: int) -> Act | None:
    """Refuse one reader, put off another twice and a third for ever, and close the connection at a fourth."""
    match reader[1]:
        case "0":
            return Act(b"550 5.1.1 no such user")
        case "1" if times < 3:
            return Act(b"451 4.7.1 greylisted")
        case "2":
            return Act(b"452 4.2.2 mailbox full")
        case "3" if times == 1:
            return Act(b"421 4.3.2 closing", "drop")
        case _:
            return None


#: When cron starts a run: often at first, and every hour for two days, of which CI tries some.
TICKS = [NOW + n * 5 * MINUTE for n in (range(18) if WHOLE else (0, 1, 2, 4, 5, 16))]
TICKS += [NOW + 90 * MINUTE + n * HOUR for n in (range(49) if WHOLE else range(4, 49, 4))]


@pytest.mark.whole
def test_over_two_days_of_cron_a_mail_is_tried_again_ever_later_and_given_up_in_the_end(tmp_path: Path) -> None:
    relay = Relay(answer)
    with FaultServer(relay) as server:
        relay.server = server
        publication = lay_down(tmp_path / "site", server.port)
        for relay.now in TICKS:
            publication.run(lambda: relay.now)
        assert sorted(mail["recipient"] for mail in server.mails()) == ["r1@mail.example", *EVERYBODY[3:]]
    assert states(publication) == dict(zip(EVERYBODY, ["failed", "sent", "skipped", "sent", "sent"], strict=True))
    tries = {reader: [at - NOW for at in times] for reader, times in relay.tried.items()}
    assert tries["r0@mail.example"] == tries["r4@mail.example"] == [0 * MINUTE]
    assert tries["r1@mail.example"] == [0 * MINUTE, 5 * MINUTE, 20 * MINUTE]
    assert len(tries["r3@mail.example"]) == 2
    full = tries["r2@mail.example"]
    gaps = [later - earlier for earlier, later in itertools.pairwise(full)]
    wanted = [*STEPS, *[STEPS[-1]] * len(gaps)]
    assert all(step <= gap <= step + HOUR for step, gap in zip(wanted, gaps, strict=False))
    assert len(full) >= 10
    assert full[-1] <= 48 * HOUR


#: What a relay says to everybody, where, and whether the issue then waits for a person.
_TO_ALL: dict[str, tuple[str, Act, bool]] = {
    "sender": ("mail", Act(b"550 5.7.1 sender refused"), True),
    "login wanted": ("mail", Act(b"530 5.7.0 log in first"), False),
    "go away": ("banner", Act(b"554 5.7.1 go away", "drop"), False),
    "policy": ("rcpt", Act(b"550 5.7.1 you are on a list"), True),
}


@pytest.mark.parametrize("case", _TO_ALL)
def test_what_a_relay_says_to_all_stops_the_run_and_marks_nobody(case: str, tmp_path: Path) -> None:
    stage, act, paused = _TO_ALL[case]
    bad = True

    def script(now: str, _connection: int, _mail: int) -> Act | None:
        return act if bad and now == stage else None

    with FaultServer(script) as server:
        publication = lay_down(tmp_path / "site", server.port)
        for tick in range(2):
            publication.run(lambda: NOW + tick * 5 * MINUTE)  # noqa: B023 -- called before the next turn
        assert set(states(publication).values()) == {"pending"} or case == "policy"
        assert set(states(publication).values()) <= {"pending", "deferred"}
        asked = sum(line.upper().startswith(b"MAIL") for line in server.lines)
        assert asked <= 6
        bad = False
        if paused:
            publication.send("weekly/2026-W48", lambda: NOW + 2 * HOUR, order=Order(resume=True))
        publication.run(lambda: NOW + 2 * HOUR)
        assert sorted(mail["recipient"] for mail in server.mails()) == EVERYBODY


# ---------------------------------------------------------------- many at once

STARTS = 50 if WHOLE else 3


@contextmanager
def held(server: FaultServer, go: Event) -> Iterator[Script]:
    """Let no mail be answered until something has happened."""

    def script(stage: str, _connection: int, _mail: int) -> Act | None:
        if stage == "dot":
            assert go.wait(120)
        return None

    server.script = script
    try:
        yield script
    finally:
        go.set()


@pytest.mark.whole
def test_of_runs_at_once_one_sends_and_all_others_say_in_one_line_that_it_does(tmp_path: Path) -> None:
    go = Event()
    with FaultServer() as server, held(server, go):
        folder = lay_down(tmp_path / "site", server.port).folder
        command = [sys.executable, "-P", "-m", "publisher", "-C", str(folder), "--as-of", NOW.isoformat(), "run"]
        started = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
            for _ in range(STARTS)
        ]
        until = time.monotonic() + 120
        while sum(one.poll() is None for one in started) > 1 and time.monotonic() < until:
            time.sleep(0.05)
        working = [one.poll() is None for one in started]
        go.set()
        said = [one.communicate() for one in started]
        assert [one.returncode for one in started] == [0] * STARTS
        assert sum(working) == 1
        for (out, err), at_work in zip(said, working, strict=True):
            assert out == ""
            assert (err == "") if at_work else ("another run is at work" in err and err.count("\n") == 1)
        assert sorted(mail["recipient"] for mail in server.mails()) == EVERYBODY


# ---------------------------------------------------------------- looking

LOOKING = [
    ("plan", "weekly"),
    ("plan", "weekly", "--json"),
    ("send", "weekly", "--dry-run"),
    ("send", "weekly", "--to", "me@notes.example"),
    ("status",),
    ("status", "weekly"),
    ("schedule",),
    ("subscribers", "list"),
    ("doctor", "--offline"),
]


def files(folder: Path) -> dict[str, bytes]:
    """Return all files of a publication, but mails, cache and the database's own."""
    found = [
        path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(("state.db", "cache.db"))
    ]
    named = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path.read_bytes() for name, path in named.items() if not name.startswith("out/")}


def everything(mailroom: Mailroom) -> tuple[dict[str, bytes], dict[str, list[Any]]]:
    """Return all files of a publication, and all rows of its database."""
    with mailroom.store.reading() as connection:
        rows = {table.name: list(connection.execute(select(table)).all()) for table in metadata.sorted_tables}
    return files(mailroom.folder), rows


def called(folder: Path, *arguments: str) -> int:
    """Call the program as somebody would, and return its exit status."""
    from publisher.cli import main

    with pytest.raises(SystemExit) as end:
        main(["-C", str(folder), "--as-of", NOW.isoformat(), *arguments])
    return int(end.value.code or 0)


def test_whoever_looks_or_tries_changes_nothing(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.people(4)
    for begun in (False, True):
        before = everything(sqlite_mailroom)
        for arguments in LOOKING:
            assert called(sqlite_mailroom.folder, *arguments) in (0, 2, 3, 4), arguments
            assert everything(sqlite_mailroom) == before, arguments
        if not begun:
            sqlite_mailroom.send(order=Order(limit=2))
    assert called(sqlite_mailroom.folder, "send", "weekly", "--limit", "1") == 3
    assert everything(sqlite_mailroom) != before


# ---------------------------------------------------------------- what differs between two readers

_URL = re.compile(r"https?://[^\s\"'<>)\]]+")
_OWN = {"To", "Message-ID", "List-Unsubscribe"}


def _words(mail: EmailMessage) -> str:
    """Return all text of a mail, decoded."""
    return "".join(part.get_content() for part in mail.walk() if part.get_content_maintype() == "text")


def expect_no_trace(one: bytes, other: bytes) -> None:
    """Demand that two readers' mails of an issue differ in nothing but whom they are for, and how these leave or choose."""
    left, right = _parsed(one), _parsed(other)
    fields = [dict(mail.items()) for mail in (left, right)]
    assert {name for name, _ in fields[0].items() ^ fields[1].items()} == _OWN
    own = re.compile(r"https://notes\.example/letters/([up])/[\w.~-]+")
    first, second = (set(_URL.findall(_words(mail))) for mail in (left, right))
    assert all(own.fullmatch(url) for url in first ^ second), first ^ second
    assert {found[1] for url in first if (found := own.fullmatch(url))} == {"u", "p"}
    assert own.sub("", _words(left)) == own.sub("", _words(right))
    assert "<img" not in _words(left)


def test_two_readers_mails_differ_in_their_links_to_leave_and_to_choose_alone(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.people(2)
    transport = MemoryTransport()
    sqlite_mailroom.send(transport)
    one, other = (mail.data for mail in transport.taken)
    expect_no_trace(one, other)
    for planted in (
        other.replace(b"https://notes.example/west", b"https://notes.example/r/42/west"),
        other.replace(b"Subject: ", b"X-Reader: 42\r\nSubject: "),
    ):
        assert planted != other
        with pytest.raises(AssertionError):
            expect_no_trace(one, planted)


def _parsed(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.default)
