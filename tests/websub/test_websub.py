"""The hub hears of each changed feed, once it is there; and whatever the hub does, the build goes on."""

import gc
import json
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPResponse  # noqa: TID251 -- nothing but the hub of this machine is called
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import Problem, Severity, SurroundingsError
from publisher.files import put
from publisher.websub import PINGS, Patience, pending, remember, send, wire
from publisher.websub.hub import LATE, Answer, meaning, ping, seconds_of
from publisher.websub.wire import Refused, Reply, is_public, redirected

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FEEDS = "https://notes.example/feeds/"
ATOM, RSS, JSON = (f"{FEEDS}all{suffix}" for suffix in (".atom.xml", ".rss.xml", ".json"))
ALL = (ATOM, RSS, JSON)


# ---------------------------------------------------------------- a hub with all the bad habits a hub can have


CERTIFICATE = Path(__file__).with_name("loopback.pem")

#: Writes an answer, or fails to.
Habit = Callable[["Call"], None]


class Call(BaseHTTPRequestHandler):
    """One connection to the hub."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        hub = self.server.hub
        form = parse_qs(body, strict_parsing=True)
        hub.calls.append((self.path, form, dict(self.headers), self.client_address[1]))
        habit = hub.habits.pop(0) if len(hub.habits) > 1 else hub.habits[0]
        habit(self)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: "Hub"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up are what the tests are about."""


@dataclass
class Hub:
    """What a hub does, and what it was told."""

    server: Server
    scheme: str = "http"
    #: One a request; the last one stays.
    habits: list[Habit] = field(default_factory=list)
    #: Path, form, headers and port of the client.
    calls: list[tuple[str, dict[str, list[str]], dict[str, str], int]] = field(default_factory=list)
    #: Set when the test is over, so that nobody hangs longer.
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server.server_port}/hub"

    @property
    def told(self) -> list[str]:
        """The topics, in the order in which they came."""
        return [topic for _, form, _, _ in self.calls for topic in form["hub.url"]]

    def hang(self, _call: Call) -> None:
        """Take the message and say nothing."""
        self.over.wait(20)

    def drip(self, call: Call) -> None:
        """Answer 204, but so slowly that each byte comes just before patience ends."""
        for byte in b"HTTP/1.1 204 No Content\r\nX-Pad: 1234567890\r\n\r\n":
            call.wfile.write(bytes([byte]))
            if self.over.wait(0.04):
                break

    def flood(self, call: Call) -> None:
        """Take the message and answer with a body that never ends."""
        call.send_response(200)
        call.send_header("Content-Length", str(10**12))
        call.end_headers()
        while not self.over.is_set():
            call.wfile.write(b"x" * 65536)


def answer(status: int, **headers: str) -> Habit:
    """Answer with a status, headers (`_` stands for `-`) and no body."""

    def habit(call: Call) -> None:
        call.send_response(status)
        for name, value in headers.items():
            call.send_header(name.replace("_", "-"), value)
        if status != 204:
            call.send_header("Content-Length", "0")
        call.end_headers()

    return habit


def raw(data: bytes) -> Habit:
    """Answer with bytes as they are, and hang up."""

    def habit(call: Call) -> None:
        call.wfile.write(data)
        call.close_connection = True

    return habit


@contextmanager
def serving(*, tls: bool = False) -> Iterator[Hub]:
    """Run a hub that takes everything."""
    server = Server(("127.0.0.1", 0), Call)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.hub = hub = Hub(server, "https" if tls else "http", [answer(204)])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hub
    finally:
        hub.over.set()
        server.shutdown()
        thread.join()
        with suppress(OSError):
            server.server_close()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving() as hub:
        yield hub


@pytest.fixture
def other_hub() -> Iterator[Hub]:
    with serving() as hub:
        yield hub


@pytest.fixture
def safe_hub() -> Iterator[Hub]:
    """A hub behind TLS whose certificate nobody trusts until a test says so."""
    with serving(tls=True) as hub:
        yield hub


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rests: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def patience(clock: Clock) -> Patience:
    """Patience whose rests take no time; what really has to be waited for is short."""
    return Patience(step=0.5, ping=0.5, clock=clock, sleep=clock.sleep)


def failures(hub: str, patience: Patience, topics: Sequence[str] = (ATOM,)) -> list[str]:
    """Ping, and give what went wrong with each topic."""
    return [outcome.failure for outcome in ping(hub, topics, NOW, patience)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# ---------------------------------------------------------------- what is sent


def test_each_topic_is_posted_as_a_form_that_old_and_new_hubs_understand(hub: Hub, patience: Patience) -> None:
    assert failures(f"{hub.url}?key=a%20b", patience, ALL) == ["", "", ""]
    assert [path for path, *_ in hub.calls] == ["/hub?key=a%20b"] * 3
    assert [form for _, form, *_ in hub.calls] == [
        {"hub.mode": ["publish"], "hub.url": [topic], "hub.topic": [topic]} for topic in ALL
    ]


def test_the_program_says_who_it_is_and_what_it_sends(hub: Hub, patience: Patience) -> None:
    failures(hub.url, patience)
    _, _, headers, _ = hub.calls[0]
    assert headers["User-Agent"] == "publisher-feeds"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Host"] == f"127.0.0.1:{hub.server.server_port}"


def test_one_connection_serves_all_topics(hub: Hub, patience: Patience) -> None:
    assert failures(hub.url, patience, ALL) == ["", "", ""]
    assert len({port for *_, port in hub.calls}) == 1


def test_a_hub_that_hangs_up_after_each_answer_is_called_again(hub: Hub, patience: Patience) -> None:
    hub.habits = [raw(b"HTTP/1.0 202 Accepted\r\n\r\nthanks")]
    assert failures(hub.url, patience, ALL) == ["", "", ""]
    assert len({port for *_, port in hub.calls}) == 3


def test_a_proxy_in_the_environment_changes_nothing(
    hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}/")
    assert failures(hub.url, patience) == [""]


# ---------------------------------------------------------------- hubs that fail


def check_second_try(hub: Hub, patience: Patience) -> None:
    hub.habits = [answer(500), answer(204)]
    assert failures(hub.url, patience) == [""]
    assert hub.told == [ATOM, ATOM]


def test_a_hub_that_stumbles_is_asked_again_after_a_rest(hub: Hub, patience: Patience, clock: Clock) -> None:
    check_second_try(hub, patience)
    assert clock.rests == [1.0]


def test_without_further_rounds_the_stumbling_would_be_noticed(hub: Hub, patience: Patience) -> None:
    with pytest.raises(AssertionError):
        check_second_try(hub, replace(patience, rests=()))


def test_tries_are_bounded_and_rests_grow(hub: Hub, patience: Patience, clock: Clock) -> None:
    hub.habits = [answer(503)]
    assert failures(hub.url, patience) == ["it answered 503 Service Unavailable"]
    assert (len(hub.calls), clock.rests) == (3, [1.0, 4.0])


def test_one_topic_that_fails_holds_up_no_other(hub: Hub, patience: Patience) -> None:
    hub.habits = [answer(500), answer(204), answer(204), answer(500)]
    assert failures(hub.url, patience, ALL) == ["it answered 500 Internal Server Error", "", ""]
    assert hub.told == [ATOM, RSS, JSON, ATOM, ATOM]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_final(hub: Hub, patience: Patience, status: int) -> None:
    hub.habits = [answer(status)]
    assert failures(hub.url, patience)[0].startswith(f"it answered {status} ")
    assert len(hub.calls) == 1


def test_a_wish_for_rest_is_granted_before_anything_else_is_said(hub: Hub, patience: Patience, clock: Clock) -> None:
    hub.habits = [answer(429, Retry_After="7"), answer(204)]
    assert failures(hub.url, patience, ALL) == ["", "", ""]
    assert hub.told == [ATOM, RSS, JSON, ATOM]
    assert clock.rests == [7.0]


def test_a_wish_for_more_rest_than_there_is_ends_the_conversation(hub: Hub, patience: Patience, clock: Clock) -> None:
    hub.habits = [answer(429, Retry_After="3600")]
    assert failures(hub.url, patience, ALL) == ["it answered 429 Too Many Requests", LATE, LATE]
    assert (len(hub.calls), clock.rests) == (1, [])


def test_a_hub_that_is_not_there_is_called_three_times_and_no_more(patience: Patience, clock: Clock) -> None:
    said = failures(f"http://127.0.0.1:{free_port()}/", patience, ALL)
    assert said == ["it cannot be reached (Connection refused)"] * 3
    assert clock.rests == [1.0, 4.0]


def test_a_name_that_nobody_knows_is_a_failure_like_others(patience: Patience, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_arguments: object, **_options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert failures("https://hub.example/", patience) == ["it cannot be reached (Name or service not known)"]


def test_the_total_is_never_exceeded(hub: Hub, patience: Patience, clock: Clock) -> None:
    def slowly(call: Call) -> None:
        clock.now += 4.0
        answer(204)(call)

    hub.habits = [slowly]
    topics = [f"{FEEDS}tags/{number}.json" for number in range(20)]
    said = failures(hub.url, patience, topics)
    assert said == [""] * 8 + [LATE] * 12
    assert len(hub.calls) == 8


def check_impatience(hub: Hub, patience: Patience) -> None:
    assert failures(hub.url, replace(patience, rests=())) == ["it did not answer in time"]
    check_nobody_waits(hub)


def check_nobody_waits(hub: Hub) -> None:
    """Let the hub go on, and demand that every thread that once waited for it ends."""
    hub.over.set()
    waiting = [thread for thread in threading.enumerate() if thread.name == "websub"]
    for thread in waiting:
        thread.join(5)
    assert not any(thread.is_alive() for thread in waiting)


def test_a_hub_that_says_nothing_is_left_after_one_step(hub: Hub, patience: Patience) -> None:
    hub.habits = [hub.hang]
    check_impatience(hub, replace(patience, step=0.1, ping=10.0))


def test_a_hub_that_drips_is_left_although_no_step_takes_long(hub: Hub, patience: Patience) -> None:
    hub.habits = [hub.drip]
    check_impatience(hub, patience)


def test_the_last_ping_has_only_the_time_that_is_left(hub: Hub, patience: Patience) -> None:
    hub.habits = [hub.drip]
    check_impatience(hub, replace(patience, ping=10.0, total=0.1))


def check_drip_without_end(hub: Hub, patience: Patience) -> None:
    def endless(call: Call) -> None:
        call.wfile.write(b"HTTP/1.1 204 No Content\r\nX-Pad: ")
        while not hub.over.wait(0.04):
            call.wfile.write(b"x")

    hub.habits = [endless]
    assert failures(hub.url, replace(patience, ping=0.1, rests=())) == ["it did not answer in time"]
    waiting = [thread for thread in threading.enumerate() if thread.name == "websub"]
    for thread in waiting:
        thread.join(1)
    ended = not any(thread.is_alive() for thread in waiting)
    check_nobody_waits(hub)
    assert ended


def test_a_hub_that_drips_without_end_is_hung_up_on(hub: Hub, patience: Patience) -> None:
    check_drip_without_end(hub, patience)


def test_not_hanging_up_would_be_noticed(hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SHUT_RDWR", -1)
    with pytest.raises(AssertionError):
        check_drip_without_end(hub, patience)


def test_steps_alone_would_wait_for_a_hub_that_drips(
    hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    def waited_for(work: Callable[[], HTTPResponse]) -> Future[HTTPResponse]:
        done: Future[HTTPResponse] = Future()
        done.set_result(work())
        return done

    monkeypatch.setattr(wire, "_started", waited_for)
    hub.habits = [hub.drip]
    with pytest.raises(AssertionError):
        check_impatience(hub, patience)


def check_slow_lookup(hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def slow(*arguments: Any, **options: Any) -> Any:
        hub.over.wait(20)
        return look_up(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    check_impatience(hub, replace(patience, ping=0.1))
    assert hub.calls == []


def test_a_name_that_takes_for_ever_to_look_up_is_not_waited_for_nor_pinged_later(
    hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_slow_lookup(hub, patience, monkeypatch)


def test_a_ping_long_after_its_time_would_be_noticed(
    hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire.Wire, "_cut", lambda _wire: None)
    with pytest.raises(AssertionError):
        check_slow_lookup(hub, patience, monkeypatch)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_hub_that_takes_the_call_and_does_nothing_is_left(patience: Patience, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/"
        said = failures(url, replace(patience, step=0.1, ping=10.0, rests=()))
    assert said == ["it did not answer in time"]


def test_a_body_without_end_is_not_read(hub: Hub, patience: Patience) -> None:
    hub.habits = [hub.flood]
    assert failures(hub.url, patience, ALL) == ["", "", ""]


def test_reading_the_body_would_be_noticed(hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = HTTPResponse.begin

    def greedy(self: HTTPResponse) -> None:
        begin(self)
        while self.read(65536):
            pass

    monkeypatch.setattr(HTTPResponse, "begin", greedy)
    with pytest.raises(AssertionError):
        test_a_body_without_end_is_not_read(hub, patience)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\x01\x02 no HTTP at all\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 99999 Big\r\n\r\n",
        b"HTTP/1.1 " + b"2" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
    ids=["noise", "letters", "number", "long line", "many headers"],
)
def test_an_answer_that_is_no_http_is_a_failure_and_none_of_it_is_repeated(
    hub: Hub, patience: Patience, garbage: bytes
) -> None:
    hub.habits = [raw(garbage)]
    assert failures(hub.url, patience) == ["its answer is no HTTP"]


def test_a_hub_that_hangs_up_is_a_failure(hub: Hub, patience: Patience) -> None:
    hub.habits = [raw(b"")]
    assert failures(hub.url, patience) == ["it hung up without an answer"]


def test_a_hubs_own_words_reach_no_terminal(hub: Hub, patience: Patience) -> None:
    hub.habits = [raw(b"HTTP/1.1 404 \x1b[31mLook here\r\nContent-Length: 0\r\n\r\n"), raw(b"HTTP/1.1 799 Odd\r\n\r\n")]
    assert failures(hub.url, patience) == ["it answered 404 Not Found"]
    assert failures(hub.url, patience) == ["it answered 799"]


def test_nothing_stays_open(hub: Hub, patience: Patience) -> None:
    """Sockets that nobody closed are warnings, and warnings are errors."""
    hub.habits = [answer(500), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), hub.hang]
    failures(hub.url, replace(patience, step=0.1, rests=(1.0,)), ALL)
    check_nobody_waits(hub)
    gc.collect()


# ---------------------------------------------------------------- redirects


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_keeps_the_message_is_followed(
    hub: Hub, other_hub: Hub, patience: Patience, status: int
) -> None:
    hub.habits = [answer(status, Location=other_hub.url)]
    assert failures(hub.url, patience, (ATOM, RSS)) == ["", ""]
    assert other_hub.told == hub.told == [ATOM, RSS]


def check_lost_message(hub: Hub, other_hub: Hub, patience: Patience, status: int) -> None:
    hub.habits = [answer(status, Location=other_hub.url)]
    assert failures(hub.url, patience)[0].startswith(f"it answered {status} ")
    assert (len(hub.calls), other_hub.calls) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_drops_the_message_is_a_refusal(
    hub: Hub, other_hub: Hub, patience: Patience, status: int
) -> None:
    check_lost_message(hub, other_hub, patience, status)


def test_following_a_redirect_that_drops_the_message_would_be_noticed(
    hub: Hub, other_hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "_KEEPING", frozenset({301, 307, 308}))
    with pytest.raises(AssertionError):
        check_lost_message(hub, other_hub, patience, 301)


def test_redirects_are_followed_three_times(hub: Hub, patience: Patience) -> None:
    hub.habits = [*[answer(307, Location="/hub")] * 3, answer(204)]
    assert failures(hub.url, patience) == [""]
    assert len(hub.calls) == 4


def test_redirects_in_a_circle_end(hub: Hub, patience: Patience) -> None:
    hub.habits = [answer(308, Location="/hub")]
    assert failures(hub.url, patience) == ["it redirects more than 3 times"]
    assert len(hub.calls) == 4


def check_inside_is_safe(hub: Hub, other_hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([True, False])  # the hub is out there, what it leads to is in here
    public = wire.is_public
    monkeypatch.setattr(wire, "is_public", lambda address: public(address) or next(answers))
    hub.habits = [answer(307, Location=other_hub.url)]
    assert failures(hub.url, patience) == ["it redirects into a private network"]
    assert other_hub.calls == []


def test_a_public_hub_leads_nobody_into_a_private_network(
    hub: Hub, other_hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_inside_is_safe(hub, other_hub, patience, monkeypatch)


def test_not_looking_who_answers_would_be_noticed(
    hub: Hub, other_hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire.Wire, "_inspect", lambda _wire, _connection, _url: None)
    with pytest.raises(AssertionError):
        check_inside_is_safe(hub, other_hub, patience, monkeypatch)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "::1", "fe80::1%1", "::ffff:10.0.0.1", "fd00::1"],
)
def test_private_addresses_are_told_from_public_ones(address: str) -> None:
    assert not is_public(address)
    assert is_public("1.1.1.1")
    assert is_public("2606:4700::1111")


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://hub.example/",
        "http://[",
        "https://hub.example:99999/",
        "https://hub.example:x/",
        "https://me:secret@hub.example/",
        f"https://{'a' * 70}.example/",
        "javascript:alert(1)",
    ],
)
def test_a_redirect_to_no_web_address_is_a_refusal(location: str) -> None:
    with pytest.raises(Refused, match="no web address"):
        redirected("https://hub.example/", location)


def test_a_redirect_never_gives_up_encryption() -> None:
    with pytest.raises(Refused, match="without encryption"):
        redirected("https://hub.example/", "http://hub.example/")
    assert redirected("http://hub.example/", "https://hub.example/") == "https://hub.example/"


@given(st.text())
def test_a_redirect_leads_to_the_web_or_nowhere(location: str) -> None:
    try:
        target = redirected("https://hub.example/a/b", location)
    except Refused:
        return
    assert target.isascii()
    assert target.startswith("https://")
    assert not set(target) & set(" \r\n\t")


# ---------------------------------------------------------------- TLS


def test_a_hub_whose_certificate_is_trusted_is_told(
    safe_hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    assert failures(safe_hub.url, patience, ALL) == ["", "", ""]
    assert len({port for *_, port in safe_hub.calls}) == 1


def check_distrust(hub: Hub, url: str, patience: Patience) -> None:
    assert failures(url, patience)[0].startswith("its certificate is not to be trusted: ")
    assert hub.calls == []


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(safe_hub: Hub, patience: Patience) -> None:
    check_distrust(safe_hub, safe_hub.url, patience)


def test_a_certificate_of_another_name_is_not_trusted(
    safe_hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = socket.getaddrinfo

    def here(host: str, *more: Any, **options: Any) -> Any:
        return find("127.0.0.1" if host == "other.example" else host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    check_distrust(safe_hub, safe_hub.url.replace("127.0.0.1", "other.example"), patience)


def test_trusting_every_certificate_would_be_noticed(
    safe_hub: Hub, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssl, "create_default_context", ssl._create_unverified_context)
    with pytest.raises(AssertionError):
        check_distrust(safe_hub, safe_hub.url, patience)


def test_a_hub_without_tls_is_no_hub_with_tls(hub: Hub, patience: Patience) -> None:
    assert failures(hub.url.replace("http:", "https:"), patience)[0].startswith("it speaks no proper TLS (")
    assert hub.calls == []


# ---------------------------------------------------------------- what an answer means


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_every_success_is_one(status: int) -> None:
    assert meaning(Reply(status, "", ""), NOW) == Answer()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 22 Nov 2026 08:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 08:00:30 -0000", 30.0),
        ("Sun, 22 Nov 2026 07:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("9" * 5000, None),
        ("Sun, 99 Nov 99999999999999999999 08:00:30 GMT", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(said: str, seconds: float | None) -> None:
    assert seconds_of(said, NOW) == seconds


@given(st.text() | st.text("0123456789 :,+-SunNovGMT"))
def test_no_retry_after_breaks_anything(said: str) -> None:
    rest = seconds_of(said, NOW)
    assert rest is None or rest >= 0


# ---------------------------------------------------------------- what is remembered


def note(problems: Sequence[Problem]) -> Problem:
    """Give the one problem, which is a note."""
    (problem,) = problems
    assert problem.severity is Severity.NOTE
    return problem


def test_only_changed_topics_are_told_and_then_forgotten(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    remember(tmp_path, hub.url, [RSS, ATOM], ALL)
    assert send(tmp_path, hub.url, NOW, patience) == ()
    assert sorted(hub.told) == [ATOM, RSS]
    assert not (tmp_path / PINGS).exists()
    assert send(tmp_path, hub.url, NOW, patience) == ()
    assert len(hub.calls) == 2


def test_nothing_changed_is_nothing_said(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    remember(tmp_path, hub.url, [], ALL)
    assert send(tmp_path, hub.url, NOW, patience) == ()
    assert (hub.calls, list(tmp_path.iterdir())) == ([], [])


def test_without_a_hub_nothing_is_sent_and_no_file_made_or_kept(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    remember(tmp_path, None, ALL, ALL)
    assert list(tmp_path.iterdir()) == []
    remember(tmp_path, hub.url, ALL, ALL)
    assert send(tmp_path, None, NOW, patience) == ()
    remember(tmp_path, None, ALL, ALL)
    assert not (tmp_path / PINGS).exists()
    assert send(tmp_path, hub.url, NOW, patience) == ()
    assert hub.calls == []


def test_what_failed_is_told_by_the_next_build_even_when_nothing_changed(
    hub: Hub, patience: Patience, tmp_path: Path
) -> None:
    hub.habits = [answer(204), answer(503), answer(204), answer(503), answer(503), answer(204)]
    remember(tmp_path, hub.url, ALL, ALL)
    problem = note(send(tmp_path, hub.url, NOW, patience))
    assert str(problem) == (
        f"publisher.toml: syndication.hub: {hub.url} could not be told that {JSON} changed: "
        "it answered 503 Service Unavailable; the next build tries again"
    )
    hub.calls.clear()
    remember(tmp_path, hub.url, [], ALL)
    assert send(tmp_path, hub.url, NOW, patience) == ()
    assert hub.told == [JSON]


def test_new_changes_join_those_that_wait_and_each_is_told_once(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    remember(tmp_path, hub.url, [ATOM, JSON], ALL)
    remember(tmp_path, hub.url, [JSON, RSS], ALL)
    assert send(tmp_path, hub.url, NOW, patience) == ()
    assert sorted(hub.told) == sorted(ALL)


def test_a_topic_that_is_no_feed_any_more_is_dropped(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    remember(tmp_path, hub.url, [ATOM, f"{FEEDS}tags/gone.json"], [*ALL, f"{FEEDS}tags/gone.json"])
    remember(tmp_path, hub.url, [], ALL)
    send(tmp_path, hub.url, NOW, patience)
    assert hub.told == [ATOM]


def check_new_hub(hub: Hub, other_hub: Hub, patience: Patience, folder: Path) -> None:
    remember(folder, hub.url, ALL, ALL)
    assert send(folder, other_hub.url, NOW, patience) == ()
    remember(folder, other_hub.url, [RSS], ALL)
    assert send(folder, other_hub.url, NOW, patience) == ()
    assert (hub.told, other_hub.told) == ([], [RSS])


def test_another_hub_is_not_told_what_was_meant_for_the_last_one(
    hub: Hub, other_hub: Hub, patience: Patience, tmp_path: Path
) -> None:
    check_new_hub(hub, other_hub, patience, tmp_path)


def test_mixing_up_hubs_would_be_noticed(
    hub: Hub, other_hub: Hub, patience: Patience, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall = pending._recall
    monkeypatch.setattr(pending, "_recall", lambda folder, _hub: recall(folder, hub.url))
    with pytest.raises(AssertionError):
        check_new_hub(hub, other_hub, patience, tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"hub": 1}',
        b'{"hub": "H", "topics": [], "reported": null}',
        b"\xff" * 9,
        b"[" * 10**5,
    ]
    + [
        json.dumps({"hub": "H", "topics": {ATOM: since}, "reported": None}).encode() for since in (5, "x", "2026-01-01")
    ],
)
def test_a_damaged_file_is_none(hub: Hub, patience: Patience, tmp_path: Path, damage: bytes) -> None:
    put(tmp_path / PINGS, damage.replace(b'"H"', json.dumps(hub.url).encode()))
    assert send(tmp_path, hub.url, NOW, patience) == ()
    remember(tmp_path, hub.url, [ATOM], ALL)
    assert send(tmp_path, hub.url, NOW, patience) == ()
    assert hub.told == [ATOM]


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def huge(path: Path) -> None:
    """Make a file that claims 5 GiB and holds nothing."""
    path.touch()
    os.truncate(path, 5 * 2**30)


@pytest.mark.parametrize("make", [os.mkfifo, endless, huge])
def test_what_is_no_fair_file_is_none(
    hub: Hub, patience: Patience, tmp_path: Path, make: Callable[[Path], object]
) -> None:
    (tmp_path / PINGS).parent.mkdir()
    make(tmp_path / PINGS)
    assert send(tmp_path, hub.url, NOW, patience) == ()
    remember(tmp_path, hub.url, [ATOM], ALL)
    assert send(tmp_path, hub.url, NOW, patience) == ()
    assert hub.told == [ATOM]
    assert not (tmp_path / PINGS).exists()


@given(st.dictionaries(st.text(), st.datetimes(timezones=st.just(UTC)) | st.none(), min_size=1), st.text())
def test_what_is_written_down_is_read_back(topics: dict[str, datetime | None], hub: str) -> None:
    with TemporaryDirectory() as folder:
        written = pending.Pending(hub, topics, NOW)
        pending._keep(Path(folder), written)
        assert pending._recall(Path(folder), hub) == written
        assert pending._recall(Path(folder), f"{hub}/") == pending.Pending(f"{hub}/")


def test_a_disk_that_refuses_is_told_as_such(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / PINGS).mkdir(parents=True)
    with pytest.raises(SurroundingsError, match="cannot be written"):
        remember(tmp_path, hub.url, [ATOM], ALL)
    with pytest.raises(SurroundingsError, match="cannot be removed"):
        remember(tmp_path, None, [], ALL)


def test_a_time_without_zone_is_a_mistake_of_the_caller(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        send(tmp_path, hub.url, NOW.replace(tzinfo=None))


# ---------------------------------------------------------------- crashes


class _Killed(BaseException):
    pass


Step = Callable[[], object]


def steps(folder: Path, hub: str, patience: Patience, content: bytes) -> list[Step]:
    """Give the steps of a build that publishes one feed."""
    feed = folder / "feeds" / "all.json"
    is_new = not feed.is_file() or feed.read_bytes() != content
    return [
        lambda: remember(folder, hub, [JSON] if is_new else [], [JSON]),
        lambda: put(feed, content),
        lambda: send(folder, hub, NOW, patience),
    ]


def check_crash(
    hub: Hub, patience: Patience, folder: Path, moment: int, order: Callable[[list[Step]], list[Step]]
) -> None:
    """Kill a build after some of its steps, build again, and demand that the hub heard of the news after they were there."""
    for step in order(steps(folder, hub.url, patience, b"news"))[:moment]:
        step()
    for step in order(steps(folder, hub.url, patience, b"news")):
        step()
    assert JSON in hub.told
    assert not (folder / PINGS).exists()


@pytest.mark.parametrize("moment", range(4))
def test_a_crash_at_any_step_loses_no_ping(hub: Hub, patience: Patience, tmp_path: Path, moment: int) -> None:
    check_crash(hub, patience, tmp_path, moment, lambda steps: steps)


def test_writing_down_after_the_files_would_lose_one(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        check_crash(hub, patience, tmp_path, 1, lambda steps: [steps[1], steps[0], steps[2]])


def test_a_build_killed_while_it_pings_tells_everything_again(
    hub: Hub, patience: Patience, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_seconds: float) -> None:
        raise _Killed

    hub.habits = [answer(204), answer(503, Retry_After="1"), answer(204)]
    remember(tmp_path, hub.url, ALL, ALL)
    with pytest.raises(_Killed):
        send(tmp_path, hub.url, NOW, replace(patience, sleep=killed))
    hub.calls.clear()
    assert send(tmp_path, hub.url, NOW, patience) == ()
    assert sorted(hub.told) == sorted(ALL)


# ---------------------------------------------------------------- what cron hears


def nights(hub: Hub, patience: Patience, folder: Path, *hours: float) -> list[Severity | None]:
    """Build some hours after the first change; give what each build says."""
    remember(folder, hub.url, ALL, ALL)
    said = [send(folder, hub.url, NOW + timedelta(hours=hour), patience) for hour in hours]
    return [problems[0].severity if problems else None for problems in said]


def check_quiet_night(hub: Hub, patience: Patience, folder: Path) -> None:
    hub.habits = [answer(503)]
    assert nights(hub, patience, folder, 0, 1, 12, 23.9) == [Severity.NOTE] * 4


def test_a_hub_that_is_away_for_a_night_calls_nobody(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    check_quiet_night(hub, patience, tmp_path)


def test_calling_at_once_would_be_noticed(
    hub: Hub, patience: Patience, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending, "GRACE", timedelta())
    with pytest.raises(AssertionError):
        check_quiet_night(hub, patience, tmp_path)


def test_a_hub_that_stays_away_is_an_error_once_a_day(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    hub.habits = [answer(503)]
    quiet, loud = Severity.NOTE, Severity.ERROR
    assert nights(hub, patience, tmp_path, 0, 24, 24.1, 47, 48, 49, 72) == [
        quiet,
        loud,
        quiet,
        quiet,
        loud,
        quiet,
        loud,
    ]


def test_the_error_says_since_when_and_what_to_do(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    hub.habits = [answer(404)]
    nights(hub, patience, tmp_path, 0)
    (problem,) = send(tmp_path, hub.url, NOW + timedelta(days=1), patience)
    assert str(problem) == (
        f"publisher.toml: syndication.hub: {hub.url} could not be told that {ATOM} and 2 more changed: it answered "
        "404 Not Found (failing since 2026-11-22T08:00:00Z); correct the address, or set syndication.ping = false; "
        "until then each build tries again"
    )


def test_new_changes_do_not_make_an_old_failure_young(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    hub.habits = [answer(503)]
    for hour in range(0, 30, 6):
        remember(tmp_path, hub.url, ALL, ALL)
        said = send(tmp_path, hub.url, NOW + timedelta(hours=hour), patience)
    assert [problem.severity for problem in said] == [Severity.ERROR]


def test_a_hub_that_came_back_gets_a_new_day_of_grace(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    hub.habits = [answer(404)]
    assert nights(hub, patience, tmp_path, 0, 25) == [Severity.NOTE, Severity.ERROR]
    hub.habits = [answer(204)]
    assert nights(hub, patience, tmp_path, 26) == [None]
    hub.habits = [answer(404)]
    assert nights(hub, patience, tmp_path, 27, 28) == [Severity.NOTE, Severity.NOTE]


def test_the_first_try_is_never_an_error_however_late_it_is(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    hub.habits = [answer(503)]
    assert nights(hub, patience, tmp_path, 24 * 7) == [Severity.NOTE]


def test_a_clock_that_is_set_back_silences_nobody(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    hub.habits = [answer(503)]
    assert nights(hub, patience, tmp_path, 0, 25, -100, -70) == [
        Severity.NOTE,
        Severity.ERROR,
        Severity.NOTE,
        Severity.ERROR,
    ]


def test_a_topic_that_was_tried_is_named_before_those_whose_turn_never_came(
    hub: Hub, patience: Patience, tmp_path: Path
) -> None:
    hub.habits = [answer(429, Retry_After="3600")]
    remember(tmp_path, hub.url, ALL, ALL)
    problem = note(send(tmp_path, hub.url, NOW, patience))
    assert f"{ATOM} and 2 more changed: it answered 429 Too Many Requests" in problem.message


def test_the_file_says_what_waits_and_since_when(hub: Hub, patience: Patience, tmp_path: Path) -> None:
    hub.habits = [answer(503)]
    remember(tmp_path, hub.url, [ATOM], ALL)
    assert json.loads((tmp_path / PINGS).read_text(encoding="utf-8"))["topics"] == {ATOM: None}
    send(tmp_path, hub.url, NOW.replace(microsecond=5), patience)
    remember(tmp_path, hub.url, [RSS], ALL)
    assert json.loads((tmp_path / PINGS).read_text(encoding="utf-8")) == {
        "hub": hub.url,
        "reported": None,
        "topics": {ATOM: "2026-11-22T08:00:00Z", RSS: None},
    }


def test_the_default_patience_ends_before_another_command_gives_up_waiting() -> None:
    """`publisher.files.PATIENCE` is how long the next command waits for this one."""
    from publisher.files import PATIENCE

    default = Patience()
    assert default.total + default.ping < PATIENCE
    with serving() as hub:
        assert [outcome.failure for outcome in ping(hub.url, ALL, NOW, default)] == ["", "", ""]
