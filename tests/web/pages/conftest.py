"""The public pages of a small publication, asked without a network, and what they changed."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import insert, select

from publisher import Publication
from publisher.audience.addresses import parse_address
from publisher.audience.links import Links
from publisher.audience.subscriptions import find, subscribe
from publisher.audience.suppression import suppress
from publisher.delivery.transports.memory import MemoryTransport
from publisher.publication.asking import Outbox
from publisher.store import Store, tables
from publisher.templating import Templates
from publisher.web.pages.app import Guarded, pages_app
from publisher.web.pages.desk import Desk
from tests.databases import Database
from tests.delivery.conftest import made, open_mailroom, sqlite_mailroom  # noqa: F401 -- fixtures

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SETTINGS = """
[publication]
title = "Field Notes"
url = "https://notes.example/"

[[newsletters]]
name = "weekly"
title = "Field Notes Weekly"
from = "Field Notes <letters@notes.example>"
postal_address = "1 Sample Street, Exampleton"

[[newsletters]]
name = "birds"
title = "Vögel"
language = "de"
from = "letters@notes.example"

[web]
url = "https://notes.example/letters/"

[delivery]
url = "folder:out"

[state]
url = "STATE"
"""


@dataclass(frozen=True)
class Reply:
    """What was answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def header(self, name: str) -> str:
        (value,) = [value for key, value in self.headers if key == name]
        return value


@dataclass
class Office:
    """Public pages, and a clock that tests set."""

    folder: Path
    store: Store
    now: datetime = NOW
    told: list[Exception] = field(default_factory=list)
    transport: MemoryTransport = field(default_factory=MemoryTransport)

    def __post_init__(self) -> None:
        publication = Publication.load(self.folder)
        self.settings, self.keys = publication.settings, publication._keys()
        self.links = Links("https://notes.example/letters/", self.keys)
        self.desk = Desk(self.settings, self.store, self.keys, Templates(), self.clock)
        self.outbox = Outbox(self.store, self.keys, self.folder, self.settings, lambda: self.transport)
        self.app: Guarded = pages_app(self.desk, failed=self.told.append)

    def clock(self) -> datetime:
        return self.now

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        kind: str = "application/x-www-form-urlencoded",
        client: str = "192.0.2.7",
        host: str = "notes.example",
    ) -> Reply:
        """Ask as a browser would; a path that does not begin with a slash is below the pages' own."""
        whole = path if path.startswith("/") else f"/letters/{path}"
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": whole,
            "raw_path": whole.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", host.encode()), (b"content-type", kind.encode("latin-1"))],
            "client": (client, 4711),
            "server": ("127.0.0.1", 8026),
        }
        return asyncio.run(self._ask(scope, body))

    async def _ask(self, scope: dict[str, Any], body: bytes) -> Reply:
        sent: list[Any] = []
        given = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return given.pop() if given else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        head = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
        return Reply(sent[0]["status"], head, b"".join(one.get("body", b"") for one in sent[1:]))

    def get(self, path: str) -> Reply:
        return self.ask("GET", path)

    def post(self, path: str, **form: str) -> Reply:
        return self.ask("POST", path, urlencode(form).encode())

    def sign_up(self, address: str, newsletter: str = "weekly", client: str = "192.0.2.7", **form: str) -> Reply:
        """Fill in the form, as slowly as a person."""
        token = re.findall(r'name="form" value="([^"]+)"', self.get("").text)[0]
        self.now += timedelta(seconds=5)
        body = urlencode({"newsletter": newsletter, "address": address, "form": token, "website": "", **form})
        return self.ask("POST", "subscribe", body.encode(), client=client)

    def deliver(self) -> list[str]:
        """Send what waits; return the mails that left just now."""
        self.transport = MemoryTransport()
        self.outbox.send(self.clock)
        return [mail.data.decode() for mail in self.transport.taken]

    def person(self, address: str = "ann@reader.example", newsletter: str = "weekly", **values: Any) -> int:
        with self.store.writing() as connection:
            return subscribe(connection, self.keys, newsletter, address, now=self.now, **values).id

    def status(self, address: str = "ann@reader.example", newsletter: str = "weekly") -> str:
        with self.store.reading() as connection:
            found = find(connection, newsletter, address)
        return "" if found is None else found.status.value

    def suppress(self, address: str) -> None:
        with self.store.writing() as connection:
            suppress(connection, self.keys, parse_address(address).key, "weekly", "own wish", self.now)

    def everything(self) -> dict[str, list[Any]]:
        """Return all rows of all tables."""
        with self.store.reading() as connection:
            found = tables.metadata.sorted_tables
            return {one.name: [tuple(row) for row in connection.execute(select(one)).all()] for one in found}

    def write_rate(self, scope: str, tokens: float) -> None:
        with self.store.writing() as connection:
            connection.execute(insert(tables.rate).values(scope=scope, tokens=tokens, at=self.now))


def link_in(mail: str) -> str:
    """Return the path of the link in a mail, below the pages' own."""
    whole = mail.replace("=\r\n", "").replace("=3D", "=")
    return str(re.findall(r"https://notes\.example/letters/(c/[A-Za-z0-9_.-]+)", whole)[0])


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    """Give the pages of a publication with two newsletters, on each database."""
    folder = database.folder
    text = SETTINGS.replace("STATE", database.url.replace("postgres:@", "postgres@"))
    (folder / "publisher.toml").write_text(text, encoding="utf-8")
    with database.open() as store:
        yield Office(folder, store)


@pytest.fixture
def sqlite_office(sqlite_database: Database) -> Iterator[Office]:
    """Give the same on SQLite alone."""
    folder = sqlite_database.folder
    (folder / "publisher.toml").write_text(SETTINGS.replace("STATE", sqlite_database.url), encoding="utf-8")
    with sqlite_database.open() as store:
        yield Office(folder, store)
