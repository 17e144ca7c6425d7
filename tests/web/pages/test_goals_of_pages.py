"""What strangers may try on the public pages, in numbers: floods of signups, guesses at who is known, and any request at all.

`make whole` tries 10,000 signups, 1,000 pairs of addresses and 5,000 requests; CI and the desk a part that is stated below.
"""

import asyncio
import os
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from time import thread_time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import event

from publisher.audience import signup
from publisher.audience.signup import form_token
from publisher.audience.status import Status
from publisher.audience.subscriptions import change, find
from tests.web.pages.conftest import NOW, Office, Reply

pytestmark = pytest.mark.uncovered

if TYPE_CHECKING:
    from tests.databases import Database

WHOLE = bool(os.environ.get("PUBLISHER_WHOLE"))
SIGNUPS = 10_000 if WHOLE else 100
MOST_AT_ONCE = signup.ALL_REQUESTS if WHOLE else 30
REQUESTS = 5000 if WHOLE else 1000
#: How many pairs are timed, and how far apart the medians may be: few pairs say little.
PAIRS, APART = (1000, 1.05) if WHOLE else (40, 1.4)
SPELLINGS = ("ann@bücher.example", "ANN@BÜCHER.example", "Ann@xn--bcher-kva.example", " ann@Bücher.Example ")


def asked_for(office: Office, address: str, newsletter: str = "weekly") -> dict[str, str]:
    """Return a form that a person filled in."""
    token = form_token(office.keys, office.now - timedelta(seconds=5))
    return {"newsletter": newsletter, "address": address, "form": token, "website": ""}


def expect_one_mail_a_day(office: Office, signups: int) -> None:
    """Ask for one address from everywhere, all day long, in all ways in which it can be written."""
    sent = []
    for number in range(signups):
        office.now = NOW + timedelta(days=1) * number / signups
        form = asked_for(office, SPELLINGS[number % len(SPELLINGS)])
        client = f"198.{number >> 8 & 255}.{number & 255}.9"
        assert office.ask("POST", "subscribe", urlencode(form).encode(), client=client).status == 200
        if number % (signups // 4) == 1:
            sent += office.deliver()
    sent += office.deliver()
    assert len(sent) == 1


@pytest.mark.whole
def test_ten_thousand_signups_for_one_address_are_one_mail_a_day(sqlite_office: Office) -> None:
    expect_one_mail_a_day(sqlite_office, SIGNUPS)


def test_a_limit_that_spellings_get_around_would_be_noticed(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_text = type(sqlite_office.keys).address_hash
    monkeypatch.setattr(
        type(sqlite_office.keys), "address_hash", lambda keys, text: by_text(keys, f"{text}{random.random()}")
    )
    with pytest.raises(AssertionError):
        expect_one_mail_a_day(sqlite_office, 8)


@pytest.mark.whole
def test_the_limit_of_all_networks_together_survives_a_restart(
    sqlite_office: Office, sqlite_database: "Database", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signup, "ALL_REQUESTS", MOST_AT_ONCE)
    statuses = [ask_from_anywhere(sqlite_office, number) for number in range(MOST_AT_ONCE + 3)]
    assert statuses == [200] * MOST_AT_ONCE + [429] * 3
    sqlite_office.store.close()
    with sqlite_database.open() as store:
        again = Office(sqlite_office.folder, store)
        assert ask_from_anywhere(again, 60_000) == 429
        again.now += timedelta(hours=1)
        assert ask_from_anywhere(again, 60_001) == 200


def ask_from_anywhere(office: Office, number: int) -> int:
    form = asked_for(office, f"r{number}@reader.example")
    body = urlencode(form).encode()
    return office.ask("POST", "subscribe", body, client=f"2001:db8:{number:x}::1").status


@contextmanager
def statements(office: Office) -> Iterator[list[str]]:
    """Give what is asked of the database meanwhile, without the values."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(office.store._writing, "before_cursor_execute", note)
    yield found
    event.remove(office.store._writing, "before_cursor_execute", note)


def known_people(office: Office) -> list[str]:
    """Return addresses: one is new, each of the others is known in another way."""
    for status in Status:
        number = office.person(f"{status.value}@reader.example", status=Status.PENDING)
        with office.store.writing() as connection:
            if status is not Status.PENDING:
                change(connection, number, status, "", office.now)
    office.suppress("blocked@reader.example")
    office.sign_up("asked@reader.example")
    office.now += timedelta(hours=1)
    return [f"{name}@reader.example" for name in ("new", "blocked", "asked", *(one.value for one in Status))]


def expect_the_same_for_all(office: Office) -> None:
    """Demand one answer and one kind of work, whatever is known of an address."""
    seen = []
    for number, address in enumerate(known_people(office)):
        body = urlencode(asked_for(office, address)).encode()
        with statements(office) as asked:
            reply = office.ask("POST", "subscribe", body, client=f"198.51.{number}.7")
        seen.append((reply.status, tuple(reply.headers), reply.body, tuple(asked)))
    assert seen[0][0] == 200
    assert len(seen) >= 9
    assert len(set(seen)) == 1


def test_whatever_is_known_of_an_address_answer_and_work_are_the_same(office: Office) -> None:
    expect_the_same_for_all(office)


def test_work_that_is_spared_for_the_known_would_be_noticed(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = signup.ask

    def sparing(connection: Any, keys: Any, newsletter: str, address: Any, now: Any) -> None:
        if find(connection, newsletter, address.text) is None:
            real(connection, keys, newsletter, address, now)

    monkeypatch.setattr("publisher.web.pages.desk.ask", sparing)
    with pytest.raises(AssertionError):
        expect_the_same_for_all(sqlite_office)


def medians(office: Office, pairs: int) -> tuple[float, float]:
    """Return the processor time that an answer takes for addresses that are new, and for confirmed ones."""
    spent: dict[str, list[float]] = {"new": [], "old": []}
    for number in range(pairs):
        office.person(f"old{number}@reader.example")
    for number in range(pairs):
        for kind in sorted(spent, reverse=bool(number % 2)):
            office.now += timedelta(seconds=10)
            form = asked_for(office, f"{kind}{number}@reader.example")
            start = thread_time()
            office.desk.subscribe(form, f"6:{number:x}{kind}")
            spent[kind].append(thread_time() - start)
    return median(spent["new"]), median(spent["old"])


@pytest.mark.whole
def test_the_time_of_an_answer_does_not_tell_who_is_known(sqlite_office: Office) -> None:
    new, old = medians(sqlite_office, PAIRS)
    assert 1 / APART < new / old < APART


def test_a_time_that_tells_who_is_known_would_be_noticed(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = signup.ask

    def slow(connection: Any, keys: Any, newsletter: str, address: Any, now: Any) -> None:
        real(connection, keys, newsletter, address, now)
        if "old" in address.text:
            sum(range(400_000))

    monkeypatch.setattr("publisher.web.pages.desk.ask", slow)
    new, old = medians(sqlite_office, 10)
    assert new / old < 1 / APART


METHODS = (*["POST"] * 12, *["GET"] * 4, "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "PROPFIND", "")
HOSTILE = (
    "",
    "\0",
    "a\r\nSet-Cookie: x=y",
    "\u2028\u202e",
    "\udcff",
    "<script>alert(1)</script>",
    "\"'><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "' OR 1=1 --",
    "\\'; DROP TABLE subscription; --",
    "../../../../etc/passwd",
    "%00%0d%0a%2e%2e%2f",
    "9" * 400,
    "-1",
    "x" * 3000,
    "%s%n%x{0.__class__}",
    "ann@reader.example, ben@reader.example",
    "ann@reader.example\r\nBcc: ben@reader.example",
    "=cmd|' /C calc'!A0",
    "日本語" * 50,
)
KINDS = (
    b"application/x-www-form-urlencoded",
    b"multipart/form-data; boundary=b",
    b"application/x-www-form-urlencoded; charset=utf-16",
    b"application/json",
    b"text/xml",
    b"multipart/form-data",
    b'multipart/form-data; boundary="b"; boundary=c',
    b"multipart/form-data; boundary=" + b"b" * 300,
    b"multipart/form-data; boundary=b; charset=no-such",
    b"\xff\xfe",
    b"",
)
HEADERS = (
    (b"content-length", b"-1"),
    (b"content-length", b"99999999999999999999"),
    (b"transfer-encoding", b"chunked, gzip"),
    (b"content-encoding", b"gzip"),
    (b"cookie", b"session=" + b"x" * 5000),
    (b"x-forwarded-for", b"' OR 1=1, 127.0.0.1"),
    (b"x-forwarded-host", b"evil.example"),
    (b"x-http-method-override", b"DELETE"),
    (b"host", b"evil.example\xff"),
    (b"range", b"bytes=0-,0-,0-"),
    (b"accept-language", b"de;q=x," * 300),
    (b"expect", b"100-continue"),
    (b"upgrade", b"websocket"),
    (b"origin", b"null"),
)
GOOD = {
    "newsletter": ("weekly", "birds"),
    "address": ("mallory@reader.example", "eve@reader.example"),
    "do": ("save", "save", "leave", "leave-all", "back", "confirm"),
    "List-Unsubscribe": ("One-Click",),
    "language": ("de", "ja"),
    "cadence": ("weekly", "monthly"),
}
FIELDS = ("newsletter", "address", "form", "website", "do", "List-Unsubscribe", "name", "language", "cadence", "tags")


@dataclass
class Strangers:
    """Make requests of all kinds, good ones among them; all from a seed."""

    office: Office
    chance: random.Random = field(default_factory=lambda: random.Random(20261123))

    def __post_init__(self) -> None:
        links, number = self.office.links, self.office.person("mallory@reader.example")
        made = (
            links.unsubscribe("weekly", number),
            links.preferences("weekly", number),
            links.confirm("weekly", number, "nonce", self.office.now),
        )
        self.good = [link.removeprefix("https://notes.example/letters/") for link in made]

    def path(self) -> str:
        chance = self.chance
        rest = chance.choice(
            (*self.good * 3, *["subscribe"] * 8, "", "c/", "u/x", "p", "admin", chance.choice(HOSTILE))
        )
        if chance.random() < 0.1:
            rest += chance.choice(HOSTILE)
        return chance.choice((*["/letters/"] * 20, "/", "//evil.example/", "/letters/../")) + rest

    def value(self, name: str) -> str:
        good = {**GOOD, "form": (asked_for(self.office, "")["form"],)}.get(name, ("",))
        return self.chance.choice(good if self.chance.random() < 0.7 else HOSTILE)

    def fields(self) -> list[tuple[str, str]]:
        chance = self.chance
        names = chance.choices((*FIELDS * 3, *HOSTILE), k=chance.choice((0, 1, 2, 5, 10, 30)))
        given = [(name, self.value(name)) for name in names]
        asked = asked_for(self.office, self.value("address"))
        return [*chance.choice(((), asked.items(), *[[("do", self.value("do"))]] * 2)), *given]

    def body(self) -> tuple[bytes, bytes]:
        """Return a type of content, and content that may be of it."""
        chance, fields = self.chance, self.fields()
        parts = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
        )
        many = f"{parts}--b--\r\n".encode("utf-8", "surrogateescape")
        kind, body = chance.choice(
            (
                *[(KINDS[0], urlencode(fields, errors="surrogateescape").encode())] * 6,
                (KINDS[1], many),
                (KINDS[1], many),
                (KINDS[1], many[: chance.randrange(len(many))]),
                (KINDS[0], chance.randbytes(chance.choice((0, 1, 300, 20_000)))),
                (KINDS[3], b'{"do": "leave"}'),
                (KINDS[4], b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///'>]>"),
            )
        )
        return chance.choice(KINDS) if chance.random() < 0.1 else kind, body

    async def request(self) -> Reply | None:
        """Make one; None where whoever asked was gone before the answer."""
        chance, path = self.chance, self.path()
        kind, body = self.body()
        cut = chance.randrange(len(body) + 1)
        given: list[dict[str, Any]] = [
            {"type": "http.request", "body": body[:cut], "more_body": True},
            {"type": "http.request", "body": body[cut:], "more_body": False},
        ]
        gone = chance.random() < 0.03
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": chance.choice(METHODS),
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("utf-8", "surrogateescape"),
            "query_string": chance.choice(HOSTILE).encode("utf-8", "surrogateescape"),
            "root_path": "",
            "headers": [
                (b"host", b"notes.example"),
                (b"content-type", kind),
                *chance.sample(HEADERS, k=chance.choice((0, 0, 1, 3))),
            ],
            "client": chance.choice((None, ("192.0.2.7", 1), ("2001:db8::1%eth0", 1), ("no address", 0))),
            "server": ("127.0.0.1", 8026),
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return given.pop(0) if given and not gone else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.office.app(scope, receive, send)
        if not sent:
            return None
        head = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in sent[0]["headers"]]
        return Reply(sent[0]["status"], head, b"".join(one.get("body", b"") for one in sent[1:]))


def expect_nothing_breaks(office: Office, requests: int) -> set[int]:
    """Answer so many strangers; return the statuses that they saw."""
    strangers, seen = Strangers(office), set[int]()
    number = office.person("bystander@reader.example", name="Bystander")
    before = rows_of(office, number)
    with asyncio.Runner() as runner:
        for _ in range(requests):
            office.now += timedelta(minutes=1)
            reply = runner.run(strangers.request())
            if reply is not None:
                expect_a_good_answer(reply)
                seen.add(reply.status)
    assert office.told == []
    assert rows_of(office, number) == before
    return seen


def rows_of(office: Office, number: int) -> Sequence[Any]:
    return [row for row in office.everything()["subscription"] if row[0] == number]


def expect_a_good_answer(reply: Reply) -> None:
    """Demand no fault of ours, no word of another reader, and nothing of the request that acts."""
    assert reply.status in {200, 400, 404, 405, 409, 410, 413, 429}
    assert reply.header("cache-control") == "no-store"
    names = {name for name, _ in reply.headers}
    assert not names & {"location", "set-cookie", "server", "access-control-allow-origin"}
    assert not any("\r" in value or "\n" in value for _, value in reply.headers)
    low = reply.body.lower()
    assert not any(word in low for word in (b"<script", b"<svg", b"bystander", b"traceback", b"evil.example"))


@pytest.mark.whole
def test_five_thousand_requests_of_all_kinds_break_nothing(office: Office) -> None:
    requests = REQUESTS if office.store.dialect == "sqlite" else REQUESTS // 5
    assert expect_nothing_breaks(office, requests) >= {200, 400, 404, 405}


@pytest.mark.parametrize("broken", ["admit", "prefer", "parse_address"])
def test_a_fault_of_ours_would_be_noticed(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    def fails(*_: object, **__: object) -> None:
        raise KeyError(broken)

    monkeypatch.setattr(f"publisher.web.pages.desk.{broken}", fails)
    with pytest.raises((AssertionError, KeyError)):
        expect_nothing_breaks(sqlite_office, REQUESTS)
