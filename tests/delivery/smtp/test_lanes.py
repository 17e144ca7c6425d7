"""Lanes come back, rest, take mails back, and never wait for ever."""

import time
from dataclasses import replace

import pytest

from publisher.delivery.transport import Answered, Asked, Event, Free, TransportRefused, Trouble, Verdict
from tests.delivery.faultserver import Act, FaultServer, at
from tests.delivery.smtp.driving import QUICK, client, drive, mail


def _until(transport: object, kind: type, seconds: float = 10) -> list[Event]:
    events: list[Event] = []
    end = time.monotonic() + seconds
    while not any(isinstance(event, kind) for event in events):
        assert time.monotonic() < end, events
        events += transport.poll(0.2)  # type: ignore[attr-defined]
    return events


def test_an_idle_connection_takes_leave_and_another_is_made_when_it_is_needed() -> None:
    with FaultServer() as server:
        transport = client(server.port, deadlines=replace(QUICK, idle=0.05))
        transport.open()
        _until(transport, Free)
        while not server.quits:
            assert transport.poll(0.05) == []
        transport.propose(0, mail())
        _until(transport, Asked)
        transport.dispatch(0, None)
        (answer,) = [event for event in _until(transport, Free) if isinstance(event, Answered)]
        assert answer.outcome.verdict is Verdict.SENT
        assert server.connections == 2
        transport.close()


def test_a_mail_taken_back_is_not_sent_and_the_lane_is_free_again() -> None:
    with FaultServer() as server:
        transport = client(server.port)
        transport.open()
        _until(transport, Free)
        transport.propose(0, mail(1))
        _until(transport, Asked)
        transport.abandon(0)
        assert not [event for event in _until(transport, Free) if isinstance(event, (Answered, Trouble))]
        transport.propose(0, mail(2))
        transport.abandon(0)
        _until(transport, Free)
        transport.propose(0, mail(3))
        _until(transport, Asked)
        transport.dispatch(0, None)
        _until(transport, Answered)
        assert [line["recipient"] for line in server.mails()] == ["reader3@mail.example"]
        transport.close()


def test_a_relay_that_is_gone_is_told_and_tried_again_with_pauses() -> None:
    script = at("banner", Act(b"421 4.3.2 busy", "drop"), connection=1)
    with FaultServer(
        lambda *now: script(*now) or at("dot", Act(b"", "drop", keep=False), connection=0)(*now)
    ) as server:
        transport = client(server.port)
        report = drive(transport, [mail(1), mail(2), mail(3)])
        assert report.outcomes[1].verdict is Verdict.UNCERTAIN
        assert (report.outcomes[2].verdict, report.outcomes[2].counted) == (Verdict.DEFERRED, False)
        assert report.outcomes[3].verdict is Verdict.SENT
        assert len(report.troubles) == 2  # nothing came of the first connection, and the second was refused
        assert server.connections == 3


def test_connecting_has_one_deadline_for_all_steps() -> None:
    with FaultServer(at("ehlo", Act(b"250 " + b"x" * 500, drip=0.01))) as server:
        transport = client(server.port, deadlines=replace(QUICK, command=60, opening=0.3))
        with pytest.raises(TransportRefused, match=r"no connection within 0\.3 seconds"):
            transport.open()


def test_eof_between_354_and_the_body_sends_nothing() -> None:
    with FaultServer(at("data", Act(b"354 go", "drop"))) as server:
        transport = client(server.port)
        transport.open()
        _until(transport, Free)
        transport.propose(0, mail(1))
        events = _until(transport, Asked)
        time.sleep(0.2)  # the end of the connection arrives while the intent is being written down
        transport.dispatch(0, mail(2))
        answers = [event for event in events + transport.poll(1) if isinstance(event, Answered)]
        assert {answer.mail.key[1]: answer.outcome.verdict for answer in answers} == {
            1: Verdict.DEFERRED,
            2: Verdict.DEFERRED,
        }
        assert server.mails() == []
        transport.close()


def test_a_mail_taken_back_while_the_lane_connects_leaves_one_connection_and_one_free_lane() -> None:
    with FaultServer(at("banner", Act(pause=0.2), connection=1)) as server:
        transport = client(server.port, deadlines=replace(QUICK, idle=0.05))
        transport.open()
        _until(transport, Free)
        while not server.quits:
            transport.poll(0.05)
        transport.propose(0, mail(1))
        transport.abandon(0)
        assert _until(transport, Free) == [Free(0)]
        transport.propose(0, mail(2))
        _until(transport, Asked)
        assert server.connections == 2
        transport.close()


def test_waiting_for_the_caller_costs_no_processor_time() -> None:
    with FaultServer() as server:
        transport = client(server.port, deadlines=replace(QUICK, idle=0.01))
        transport.open()
        _until(transport, Free)
        transport.propose(0, mail(1))
        _until(transport, Asked)
        before = time.process_time()
        assert transport.poll(1) == []
        assert time.process_time() - before < 0.5
        transport.close()
