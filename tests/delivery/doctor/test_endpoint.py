"""The one-click address, tried on loopback."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from publisher.delivery.doctor.endpoint import TOKEN, Visit, endpoint_findings, visit
from publisher.delivery.doctor.finding import Level

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://notes.example/letters/"
Serve = Callable[[int], tuple[str, list[tuple[str, str, bytes]]]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Run a web server that answers everything with one status; give its address and what it was asked."""
    with ExitStack() as stack:

        def start(status: int) -> tuple[str, list[tuple[str, str, bytes]]]:
            asked: list[tuple[str, str, bytes]] = []

            class Handler(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    asked.append((self.command, self.path, self.rfile.read(int(self.headers["Content-Length"] or 0))))
                    self.send_response(status)
                    self.send_header("Location", "/elsewhere")
                    self.send_header("Content-Length", "0")
                    self.end_headers()

                do_POST = do_GET  # noqa: N815 # as http.server calls it

                def log_message(self, *_: object) -> None:
                    pass

            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            thread = Thread(target=server.serve_forever, daemon=True)
            thread.start()
            stack.callback(thread.join, 5)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/letters/", asked

        yield start


def test_a_made_up_token_is_asked_for_once_each_way(serve: Serve) -> None:
    url, asked = serve(404)
    assert [visit(url, method, 5).status for method in ("GET", "POST")] == [404, 404]
    path = f"/letters/u/{TOKEN}"
    assert asked == [("GET", path, b""), ("POST", path, b"List-Unsubscribe=One-Click")]


def test_redirects_are_not_followed(serve: Serve) -> None:
    url, asked = serve(308)
    assert visit(url, "POST", 5).status == 308
    assert len(asked) == 1


def test_a_private_network_is_not_entered(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.delivery.doctor.endpoint.LOOPBACK", ())
    url, asked = serve(404)
    assert "private network" in visit(url, "GET", 5).reason
    assert asked == []


def test_nobody_there_is_a_reason_and_no_traceback() -> None:
    assert "cannot be reached" in visit("http://127.0.0.1:1/", "GET", 5).reason


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, ""),
        (200, "as if it were good"),
        (301, "redirects"),
        (403, "answered with 403"),
        (500, "answered with 500"),
    ],
)
def test_only_404_is_well(status: int, words: str) -> None:
    found = list(endpoint_findings(URL, (Visit("GET", 404), Visit("POST", status)), NOW))
    errors = [one.message for one in found if one.level is Level.ERROR]
    assert len(errors) == (1 if words else 0)
    assert all(words in message for message in errors)


def test_silence_is_told_once() -> None:
    found = list(endpoint_findings(URL, (Visit("GET", reason="it is gone"), Visit("POST", reason="it is gone")), NOW))
    assert [(one.id, one.level) for one in found] == [("web.one-click", Level.ERROR)]


@pytest.mark.parametrize(("off", "told"), [(timedelta(minutes=4), 0), (timedelta(hours=-2), 1)])
def test_the_servers_clock_is_compared(off: timedelta, told: int) -> None:
    found = list(endpoint_findings(URL, (Visit("GET", 404, NOW + off),), NOW))
    assert sum(one.id == "machine.clock" for one in found) == told
