"""A small publication with one issue, as tests handle it: its mails go into memory."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publisher import Publication
from publisher.audience.subscriptions import subscribe
from publisher.delivery.accounts import broken_invariants
from publisher.delivery.atwork import at_work
from publisher.delivery.sending import SendReport
from publisher.delivery.transports.memory import MemoryTransport
from publisher.store import Store

#: Monday, and the issue of its week.
NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
ISSUE = "weekly/2026-W48"
_CONFIG = """
[publication]
title = "Field Notes"
url = "https://notes.example/"
timezone = "Europe/Berlin"

[[newsletters]]
name = "weekly"
from = "Field Notes <letters@notes.example>"
postal_address = "Field Notes, 1 Sample Street, Exampleton"
archive = false

[web]
url = "https://notes.example/letters/"

[state]
url = "STATE"

[delivery]
url = "maildir:out"
EXTRA
"""
ARTICLE = """---
title: Rain over the {name} hills
id: https://notes.example/{name}/
date: 2026-11-20T08:00:00Z
tags: [{name}]
---

The gauge at the gate read nine millimetres, and the gutter ran for an hour after.
"""


class Clock:
    """A clock that tests set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def on(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Mailroom:
    """A publication with one issue that waits to be sent."""

    folder: Path
    store: Store
    clock: Clock = field(default_factory=Clock)

    @property
    def path(self) -> Path:
        """Return the file of SQLite."""
        assert self.store.path is not None
        return self.store.path

    @property
    def publication(self) -> Publication:
        return Publication.load(self.folder)

    def people(
        self, number: int, domain: str = "mail.example", newsletter: str = "weekly", **values: object
    ) -> list[int]:
        """Subscribe some people; return their subscriptions."""
        keys = self.publication._keys()
        with self.store.writing() as connection:
            return [
                subscribe(connection, keys, newsletter, f"r{one}@{domain}", now=NOW, **values).id  # type: ignore[arg-type]
                for one in range(number)
            ]

    def configure(self, lines: str) -> None:
        """Add lines to the settings, of delivery first."""
        path = self.folder / "publisher.toml"
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{lines}\n", encoding="utf-8")

    def send(self, transport: MemoryTransport | None = None, issue: str = "weekly", **wishes: object) -> SendReport:
        """Send, as one process would."""
        carrier = transport or MemoryTransport()
        return self.publication.send(issue, self.clock, transport=lambda: carrier, **wishes)  # type: ignore[arg-type]

    def states(self) -> dict[str, int]:
        """Return how many deliveries are in each state."""
        with self.store.reading() as connection:
            return dict(connection.exec_driver_sql("SELECT state, count(*) FROM delivery GROUP BY state").all())

    def expect_sound(self) -> None:
        """Demand all invariants."""
        with self.store.reading() as connection:
            assert broken_invariants(connection) == []

    def recover(self) -> None:
        """Start a run that does nothing, as the next one would."""
        with at_work(self.store, self.folder, self.clock):
            pass


def config(url: str) -> str:
    """Return the settings of the publication, with a database."""
    # The server of tests has an account without a password, and says so.
    return _CONFIG.replace("STATE", url.replace("postgres:@", "postgres@")).replace("EXTRA", "")
