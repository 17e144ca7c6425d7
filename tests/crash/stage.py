"""A small publication whose issue is sent, killed and sent again, and what must be true of it in the end."""

import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from publisher import Publication
from publisher.audience.subscriptions import subscribe
from publisher.delivery.accounts import broken_invariants
from tests.crash.forkserver import ForkServer
from tests.delivery.faultserver import FaultServer, Script, sane

#: Monday, and the issue of its week.
NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
JOB = "tests.crash.letters:send"
_CONFIG = """
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

[state]
url = "{state}"

[delivery]
url = "smtp://127.0.0.1:{port}"
security = "none"
connections = {connections}
uncertain = "{uncertain}"
"""
_ARTICLE = """---
title: Rain over the western hills
id: https://notes.example/rain/
date: 2026-11-20T08:00:00Z
---

The gauge at the gate read nine millimetres, and the gutter ran for an hour after.
"""
SQLITE = "sqlite:///.publisher/state.db"


def lay_down(folder: Path, readers: int) -> None:
    """Make a publication with an issue, and readers in a database of SQLite."""
    (folder / "articles").mkdir(parents=True)
    (folder / "articles" / "rain.md").write_text(_ARTICLE, encoding="utf-8")
    configure(folder, 9, 1, "hold", SQLITE)
    publication = Publication.load(folder)
    assert not publication.issue("weekly", NOW).blocked
    populate(publication, readers)


def populate(publication: Publication, readers: int) -> None:
    """Subscribe readers."""
    keys = publication._keys()
    with publication._store() as store, store.writing() as connection:
        for number in range(readers):
            subscribe(connection, keys, "weekly", f"r{number}@mail.example", now=NOW)


def configure(folder: Path, port: int, connections: int, uncertain: str, state: str) -> None:
    """Write the settings."""
    text = _CONFIG.format(port=port, connections=connections, uncertain=uncertain, state=state)
    (folder / "publisher.toml").write_text(text, encoding="utf-8")


@dataclass
class Trial:
    """One publication, its relay, and what became of its mails."""

    folder: Path
    forks: ForkServer
    readers: int
    connections: int
    relay: FaultServer
    uncertain: str = "hold"
    state: str = SQLITE
    #: A planted mistake.
    wrong: str = ""
    now: datetime = NOW
    crashes: int = 0
    #: Readers that were named as uncertain after a crash.
    named: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        configure(self.folder, self.relay.port, self.connections, self.uncertain, self.state)

    @property
    def job(self) -> dict[str, str]:
        """Return what the job is told."""
        return {"folder": str(self.folder), "at": self.now.isoformat(), "wrong": self.wrong}

    def send(self, strace: Sequence[str] = (), *, uncertain: str | None = None) -> int:
        """Send in a process of its own, and return how it ended."""
        return self.note(self.forks.run(JOB, {**self.job, "uncertain": uncertain}, strace=strace))

    def interrupted(self, number: signal.Signals, after: float, *, uncertain: str | None = None) -> int:
        """Send, and get a signal after so many seconds; return how it ended."""
        with self.forks.started(JOB, {**self.job, "uncertain": uncertain}) as pid:
            time.sleep(after)
            with suppress(ProcessLookupError):  # it has ended by itself
                os.kill(pid, number)
        return self.note(self.forks.ended())

    def note(self, status: int) -> int:
        """Remember who is uncertain once a run has ended."""
        self.crashes += status < 0
        self.named.update(self.doubtful())
        return status

    def doubtful(self) -> list[str]:
        """Return the addresses that may have got the mail, or not."""
        return self._asked("SELECT address FROM delivery WHERE state IN ('armed', 'uncertain', 'held')")

    def open(self) -> list[str]:
        """Return the addresses that are not settled."""
        return self._asked("SELECT address FROM delivery WHERE state IN ('pending', 'armed', 'uncertain', 'held')")

    def _asked(self, statement: str) -> list[str]:
        with Publication.load(self.folder)._store() as store, store.reading() as connection:
            return [one for (one,) in connection.exec_driver_sql(statement)]

    def finish(self, uncertain: str = "resend") -> None:
        """Send again, each time some hours later, until nothing is left to do."""
        for _ in range(12):
            status = self.send(uncertain=uncertain)
            assert status in (0, 3), status
            if not self.open():
                return
            self.now += timedelta(hours=4)
        raise AssertionError("the issue does not come to an end")

    def expect_nothing_lost(self, *, doubles: int | None = None, unsure: Sequence[str] = ()) -> None:
        """Demand what is promised.

        Args:
            doubles: at most so many copies; one a connection and a crash where None.
            unsure: those who may have got nothing.
        """
        mails = self.relay.mails()
        got = Counter(mail["recipient"] for mail in mails)
        given_up = set(self._asked("SELECT address FROM delivery WHERE state IN ('failed', 'skipped')"))
        missing = {f"r{number}@mail.example" for number in range(self.readers)} - set(got) - given_up - set(unsure)
        assert not missing, f"lost: {missing}"
        copies = {one: number - 1 for one, number in got.items() if number > 1}
        most = self.connections * self.crashes if doubles is None else doubles
        assert sum(copies.values()) <= most, f"{copies} after {self.crashes} crashes"
        for one, number in copies.items():
            assert self.named[one] >= number, f"{one} got {number} copies and was not named as uncertain"
            assert len({(m["message_id"], m["sha256"]) for m in mails if m["recipient"] == one}) == 1, one
        with Publication.load(self.folder)._store() as store, store.reading() as connection:
            assert broken_invariants(connection, lanes=self.connections) == []


@contextmanager
def trial(made: Path, folder: Path, forks: ForkServer, script: Script = sane, **values: Any) -> Iterator[Trial]:
    """Begin a trial in a copy of a publication, with a relay of its own."""
    shutil.copytree(made, folder)
    with FaultServer(script) as relay:
        yield Trial(folder, forks, relay=relay, **values)
    shutil.rmtree(folder)
