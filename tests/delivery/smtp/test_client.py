"""The selector and its lanes: how long it waits, whom it wakes, and how it takes leave."""

import socket
import threading
import time
from dataclasses import replace

import pytest

from publisher.delivery.smtp.client import SmtpTransport
from publisher.delivery.transport import (
    Answered,
    Asked,
    Event,
    Features,
    Free,
    Outcome,
    Stage,
    TransportRefused,
    Trouble,
    Verdict,
)
from tests.delivery.faultserver import Act, FaultServer, at
from tests.delivery.smtp.driving import QUICK, client, mail, relay


def until(transport: SmtpTransport, *kinds: type, number: int = 1) -> list[Event]:
    """Return what happened up to some events of these kinds."""
    events: list[Event] = []
    end = time.monotonic() + 10
    while sum(isinstance(event, kinds) for event in events) < number:
        assert time.monotonic() < end, events
        events += transport.poll(0.2)
    return events


@pytest.mark.parametrize("lanes", [1, 3])
def test_it_connects_each_lane_and_no_further_one(lanes: int) -> None:
    with FaultServer() as server:
        transport = client(server.port, lanes)
        assert transport.lanes == lanes
        assert transport.open() == Features(smtputf8=True, size=10_240_000)
        events = until(transport, Free, number=lanes)
        assert sorted(event.lane for event in events if isinstance(event, Free)) == list(range(lanes))
        assert server.connections == lanes
        transport.finish()


def test_what_the_relay_does_not_offer_is_not_claimed() -> None:
    with FaultServer(features=("PIPELINING",)) as server:
        transport = client(server.port)
        assert transport.open() == Features(smtputf8=False, size=None)
        transport.close()


def test_answers_come_before_questions_of_all_lanes(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = SmtpTransport(relay(25), 2)
    answers = [Answered(lane, mail(lane), Outcome(Verdict.SENT, Stage.DOT, "250 ok")) for lane in (0, 1)]
    questions = [Asked(lane, mail(lane + 2)) for lane in (0, 1)]
    monkeypatch.setattr(transport, "_tend", lambda _now: [questions[0], answers[0], questions[1], answers[1]])
    assert transport.poll(0) == [*answers, *questions]
    transport.close()


def test_nothing_that_happens_is_waited_for_as_long_as_was_wanted_and_no_longer() -> None:
    with FaultServer() as server:
        transport = client(server.port)
        transport.open()
        until(transport, Free)
        for seconds in (0.0, 0.2):
            began = time.monotonic()
            assert transport.poll(seconds) == []
            assert time.monotonic() - began >= seconds
        transport.close()


def test_a_deadline_is_seen_to_though_the_caller_would_wait_longer() -> None:
    with FaultServer(at("mail", Act(b"", "hang"))) as server:
        transport = client(server.port, deadlines=replace(QUICK, command=0.2))
        transport.open()
        until(transport, Free)
        transport.propose(0, mail())
        events = transport.poll(30)
        assert [type(event) for event in events] == [Answered, Trouble]
        transport.close()


def test_a_connection_that_came_late_wakes_whoever_waits() -> None:
    with FaultServer(at("banner", Act(pause=0.4), connection=1)) as server:
        transport = client(server.port, 2, replace(QUICK, command=60, opening=60))
        transport.open()
        assert transport.poll(5) == [Free(0)]
        assert transport.poll(30) == [Free(1)]
        transport.close()


def test_whoever_rings_never_waits_and_is_heard_once() -> None:
    with FaultServer() as server:
        transport = client(server.port)
        transport.open()
        until(transport, Free)
        for _ in range(2000):  # more than the bell holds
            transport._wake()
        assert transport.poll(0.05) == []
        with pytest.raises(BlockingIOError):
            transport._ear.recv(1)
        transport.close()


def test_a_relay_that_cannot_be_reached_leaves_nothing_open() -> None:
    with FaultServer() as server:
        port = server.port
    transport = client(port, 2)
    with pytest.raises(TransportRefused):
        transport.open()
    assert transport._selector.get_map() is None
    assert transport._bell.fileno() == transport._ear.fileno() == -1
    transport._wake()  # a thread that ends later rings a bell that is gone


def test_leave_is_waited_for_and_not_for_ever() -> None:
    with FaultServer(at("quit", Act(pause=0.2), connection=0)) as server:
        transport = client(server.port, 2, replace(QUICK, leave=60))
        transport.open()
        until(transport, Free, number=2)
        transport.finish()
        assert server.quits == 2
        assert transport._selector.get_map() is None
    with FaultServer(at("quit", Act(b"", "hang"))) as server:
        transport = client(server.port, deadlines=replace(QUICK, leave=0.2))
        transport.open()
        until(transport, Free)
        began = time.monotonic()
        transport.finish()
        assert time.monotonic() - began >= 0.2


def test_a_lane_at_rest_has_left_already() -> None:
    with FaultServer() as server:
        transport = client(server.port, deadlines=replace(QUICK, idle=0.05))
        transport.open()
        until(transport, Free)
        while not server.quits:
            assert transport.poll(0.05) == []
        transport.finish()
        assert (server.connections, server.quits) == (1, 1)


def test_the_selector_waits_for_what_is_left_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    transport = SmtpTransport(relay(25))
    waits: list[float] = []

    def select(seconds: float) -> list[object]:
        waits.append(seconds)
        time.sleep(0.01)
        return []

    monkeypatch.setattr(transport._selector, "select", select)
    assert transport.poll(0.05) == []
    assert waits[0] == pytest.approx(0.05)
    assert waits == sorted(waits, reverse=True)
    transport._wait(-1)
    assert waits[-1] == 0
    transport.close()


def test_a_mail_on_its_way_is_not_waited_for_in_leaving() -> None:
    with FaultServer(at("dot", Act(b"", "hang"))) as server:
        transport = client(server.port, 2, replace(QUICK, dot=60, leave=60))
        transport.open()
        until(transport, Free, number=2)
        transport.propose(0, mail())
        until(transport, Asked)
        transport.dispatch(0, None)
        thread = threading.Thread(target=transport.close)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()


def test_usual_deadlines_are_those_of_the_standard() -> None:
    transport = SmtpTransport(relay(25))
    assert (transport.lanes, transport._deadlines.dot) == (1, 600)
    transport.close()


def test_a_large_mail_is_written_as_the_relay_takes_it() -> None:
    data = b"Message-ID: <large@notes.example>\r\n\r\n" + 4_000 * (b"y" * 70 + b"\r\n")
    with FaultServer(at("body", Act(b"", pause=0.2, after=1)), buffer=4096) as server:
        transport = client(server.port, deadlines=replace(QUICK, block=10, dot=10))
        transport.open()
        until(transport, Free)
        wire = transport._lanes[0].wire
        assert wire is not None
        wire._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        transport.propose(0, mail(1, data))
        until(transport, Asked)
        transport.dispatch(0, None)
        assert wire.blocked
        answer, free = transport.poll(30)
        assert isinstance(answer, Answered)
        assert (answer.outcome.reply, free) == ("250 2.0.0 taken", Free(0))
        assert server.mails()[0]["size"] == len(data)
        transport.finish()
