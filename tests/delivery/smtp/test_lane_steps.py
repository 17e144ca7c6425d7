"""One lane step by step, with a clock that tests set and attempts to connect that end as they are told."""

from collections.abc import Iterator
from typing import Any

import pytest

from publisher.delivery.transport import (
    Answered,
    Asked,
    Free,
    Outcome,
    Scope,
    Stage,
    Trouble,
    Verdict,
)
from tests.delivery.smtp.driving import mail
from tests.delivery.smtp.farends import ENVELOPE, NOW, REFUSED, TAKEN, Relay


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    made = Relay(monkeypatch)
    yield made
    made.lane.close()
    for one in made.sockets:
        one.close()


def test_a_lane_does_nothing_before_it_is_wanted(rig: Relay) -> None:
    assert (rig.tend(), rig.attempts, rig.lane.deadline) == ([], [], None)
    rig.lane.abandon()
    rig.lane.leave()
    assert rig.tend() == []


def test_a_connection_makes_a_lane_free_once(rig: Relay) -> None:
    rig.lane.dial()
    assert rig.lane.deadline == NOW + 300
    assert rig.tend() == []
    rig.connect()
    assert rig.tend() == [Free(3)]
    assert rig.tend() == []
    assert rig.lane.deadline is not None
    rig.lane.adopt(rig.connection())
    assert rig.tend() == []


def test_a_connection_at_rest_takes_leave_and_the_next_mail_makes_another(rig: Relay) -> None:
    rig.lane.dial()
    theirs = rig.connect()
    rig.tend()
    assert rig.tend(NOW + 29) == []
    assert rig.connected()
    assert rig.tend(NOW + 30) == []
    assert theirs.recv(100) == b"QUIT\r\n"
    assert theirs.recv(100) == b""
    assert (rig.connected(), rig.lane.deadline) == (False, None)
    rig.lane.propose(mail(1))
    assert len(rig.attempts) == 2
    theirs = rig.connect()
    assert rig.tend() == []
    assert theirs.recv(4096) == ENVELOPE % 1


def test_a_mail_taken_back_before_its_connection_came_leaves_the_lane_free(rig: Relay) -> None:
    rig.lane.dial()
    rig.connect()
    rig.tend()
    rig.tend(NOW + 30)
    rig.lane.propose(mail(1))
    rig.lane.abandon()
    assert rig.tend() == [Free(3)]
    rig.lane.propose(mail(2))
    assert len(rig.attempts) == 2
    theirs = rig.connect()
    rig.tend()
    assert theirs.recv(4096) == ENVELOPE % 2


def test_a_mail_taken_back_is_not_said_to_the_connection_that_comes(rig: Relay) -> None:
    rig.lane.dial()
    rig.connect()
    rig.tend()
    rig.tend(NOW + 30)
    rig.lane.propose(mail(1))
    rig.lane.abandon()
    theirs = rig.connect()
    assert rig.tend() == [Free(3)]
    rig.lane.close()
    assert theirs.recv(100) == b""


def test_a_mail_behind_one_whose_connection_is_gone_comes_back(rig: Relay) -> None:
    rig.lane.dispatch(None)
    assert rig.tend() == []
    rig.lane.dispatch(mail(2))
    (answer,) = rig.tend()
    assert isinstance(answer, Answered)
    assert answer.outcome == Outcome(Verdict.DEFERRED, Stage.MAIL, "connection lost", counted=False)


def test_an_attempt_that_fails_is_made_again_after_pauses_that_double_up_to_a_minute(rig: Relay) -> None:
    rig.lane.dial()
    now, pauses = NOW, []
    for _ in range(9):
        rig.refuse()
        assert rig.tend(now) == [Trouble(REFUSED)]
        assert rig.lane.deadline is not None
        pauses.append(rig.lane.deadline - now)
        before = len(rig.attempts)
        assert rig.tend(rig.lane.deadline - 0.5) == []
        assert len(rig.attempts) == before
        now = rig.lane.deadline
        assert rig.tend(now) == []
        assert len(rig.attempts) == before + 1
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    # Once it is connected, no pause is remembered.
    number = len(rig.attempts)
    rig.connect()
    assert rig.tend(now + 29) == [Free(3)]
    assert (rig.tend(now + 29), len(rig.attempts)) == ([], number)


def test_pauses_begin_anew_behind_a_connection_that_was_of_use(rig: Relay) -> None:
    rig.lane.dial()
    rig.refuse()
    rig.tend()
    rig.tend(NOW + 1)
    theirs = rig.connect()
    assert rig.tend() == [Free(3)]
    rig.ask(theirs)
    rig.lane.dispatch(mail(2))
    theirs.sendall(b"250 taken\r\n421 bye\r\n")
    rig.lane.ready(readable=True)
    first, second, *more = rig.tend()
    assert isinstance(first, Answered)
    assert isinstance(second, Answered)
    assert (first.outcome.verdict, second.outcome.counted, more) == (Verdict.SENT, False, [])
    # Nobody could propose anything here: it connects at once.
    assert len(rig.attempts) == 3
    rig.refuse()
    rig.tend()
    assert rig.lane.deadline == NOW + 1


def test_a_refusal_that_concerns_the_run_is_told_and_not_tried_again(rig: Relay) -> None:
    rig.lane.dial()
    rig.refuse(Outcome(Verdict.DEFERRED, Stage.AUTH, "535 wrong", Scope.RUN, counted=False))
    (trouble,) = rig.tend()
    assert isinstance(trouble, Trouble)
    assert rig.lane.deadline is None
    assert rig.tend(NOW + 3600) == []
    assert len(rig.attempts) == 1


def test_a_mail_that_waited_for_a_connection_comes_back_uncounted(rig: Relay) -> None:
    rig.lane.dial()
    rig.connect()
    rig.tend()
    rig.tend(NOW + 30)
    rig.lane.propose(mail(1))
    rig.refuse()
    answer, trouble = rig.tend()
    assert isinstance(answer, Answered)
    assert (answer.lane, answer.outcome.counted, answer.outcome.reply) == (3, False, "connection refused")
    assert trouble == Trouble(REFUSED)
    assert rig.lane.deadline == NOW + 1
    rig.tend(NOW + 1)
    rig.connect()
    assert rig.tend() == [Free(3)]


def test_a_lane_that_pauses_connects_when_the_pause_is_over_and_not_for_a_mail(rig: Relay) -> None:
    rig.lane.dial()
    rig.connect()
    rig.tend()
    assert rig.lane.wire is not None
    rig.lane.wire.conversation.lost("gone")
    assert rig.tend() == []
    # It was free, and stays so: the next mail connects.
    assert len(rig.attempts) == 1
    rig.lane.propose(mail(1))
    assert len(rig.attempts) == 2
    rig.refuse()
    rig.tend()
    rig.lane.dial()
    assert rig.lane.deadline == NOW + 300


def test_a_first_mail_that_takes_its_connection_down_is_a_trouble_of_the_relay(rig: Relay) -> None:
    rig.lane.dial()
    theirs = rig.connect()
    rig.tend()
    rig.lane.propose(mail(1))
    theirs.close()
    rig.lane.ready(readable=True)
    answer, trouble = rig.tend()
    assert isinstance(answer, Answered)
    assert isinstance(trouble, Trouble)
    assert (trouble.outcome.scope, trouble.outcome.reply) == (Scope.RECIPIENT, answer.outcome.reply)
    assert rig.lane.deadline == NOW + 1
    assert rig.lane.wire is None


def test_a_mail_taken_back_behind_354_makes_another_connection_at_once(rig: Relay) -> None:
    rig.lane.dial()
    theirs = rig.connect()
    rig.tend()
    rig.ask(theirs)
    rig.lane.abandon()
    assert rig.tend() == []
    assert theirs.recv(100) == b""
    assert len(rig.attempts) == 2
    rig.connect()
    assert rig.tend() == [Free(3)]


def test_while_the_caller_writes_down_nothing_is_late(rig: Relay) -> None:
    rig.lane.dial()
    theirs = rig.connect()
    rig.tend()
    rig.lane.propose(mail(1, b"a\r\n"))
    rig.tend()
    deadlines = [rig.lane.deadline]
    theirs.recv(4096)
    theirs.sendall(TAKEN)
    rig.lane.ready(readable=True)
    rig.tend()
    deadlines.append(rig.lane.deadline)
    assert deadlines == [NOW + 10, None]
    assert rig.tend(NOW + 10**6) == []
    rig.lane.dispatch(None)
    assert theirs.recv(100) == b"a\r\n.\r\n"


@pytest.mark.parametrize("then", [None, 2])
def test_a_relay_that_spoke_before_the_body_left_gets_none(rig: Relay, then: int | None) -> None:
    rig.lane.dial()
    theirs = rig.connect()
    rig.tend()
    rig.ask(theirs)
    theirs.sendall(b"421 bye\r\n")
    rig.lane.dispatch(mail(then) if then else None)
    events = rig.tend()
    answers = [event for event in events if isinstance(event, Answered)]
    assert {answer.mail.key[1]: answer.outcome.verdict for answer in answers} == dict.fromkeys(
        [1, 2] if then else [1], Verdict.DEFERRED
    )
    assert theirs.recv(100) == b""
    if then:
        (behind,) = [answer.outcome for answer in answers if answer.mail.key[1] == 2]
        assert behind == Outcome(Verdict.DEFERRED, Stage.MAIL, "connection lost", counted=False)


def test_a_silent_relay_is_given_up_and_its_mail_answered(rig: Relay) -> None:
    rig.lane.dial()
    rig.connect()
    rig.tend()
    rig.lane.propose(mail(1))
    assert rig.tend() == []
    assert rig.tend(NOW + 9) == []
    answer, trouble = rig.tend(NOW + 10)
    assert isinstance(answer, Answered)
    assert answer.outcome.reply == "no answer in time"
    assert isinstance(trouble, Trouble)


@pytest.mark.parametrize("idle", [True, False])
def test_leave_is_taken_where_nothing_is_on_its_way(rig: Relay, idle: bool) -> None:  # a parameter
    rig.lane.dial()
    theirs = rig.connect()
    rig.tend()
    if not idle:
        rig.lane.propose(mail(1))
        theirs.recv(4096)
    rig.lane.leave()
    theirs.setblocking(False)
    if idle:
        assert theirs.recv(100) == b"QUIT\r\n"
    else:
        with pytest.raises(BlockingIOError):
            theirs.recv(100)


def test_a_connection_that_breaks_while_a_body_leaves_is_not_written_to(rig: Relay) -> None:
    rig.lane.dial()
    theirs = rig.connect()
    rig.tend()
    rig.lane.propose(mail(1, b"x" * 4_000_000))
    theirs.recv(4096)
    theirs.sendall(TAKEN)
    rig.lane.ready(readable=True)
    rig.tend()
    rig.lane.dispatch(None)
    assert rig.lane.wire is not None
    assert rig.lane.wire.blocked
    theirs.close()
    rig.lane.ready(readable=True)
    answer, *_ = rig.tend()
    assert isinstance(answer, Answered)
    assert (answer.outcome.verdict, answer.outcome.stage) == (Verdict.DEFERRED, Stage.BODY)


def test_an_end_ends_everything(rig: Relay) -> None:
    rig.lane.dial()
    rig.lane.close()
    assert rig.attempts[0].given_up
    assert rig.lane.deadline is None
    rig.lane.dial()
    theirs = rig.connect()
    rig.tend()
    rig.lane.close()
    assert theirs.recv(1) == b""
    assert (rig.connected(), rig.tend(NOW + 10**6)) == (False, [])
    assert len(rig.attempts) == 2


def test_a_socket_that_can_be_written_is_written_and_not_read(rig: Relay) -> None:
    rig.lane.dial()
    theirs = rig.connect()
    rig.tend()
    assert rig.lane.wire is not None
    rig.lane.wire.conversation.propose(mail(1))
    theirs.sendall(TAKEN)
    rig.lane.ready(readable=False)
    assert theirs.recv(4096) == ENVELOPE % 1
    assert rig.tend() == []
    rig.lane.ready(readable=True)
    assert [type(event) for event in rig.tend()] == [Asked]


def test_only_a_free_lane_takes_a_mail(rig: Relay) -> None:
    rig.lane.dial()
    with pytest.raises(AssertionError):
        rig.lane.propose(mail(1))
    rig.connect()
    rig.tend()
    rig.lane.propose(mail(1))
    with pytest.raises(AssertionError):
        rig.lane.propose(mail(2))


def _count_of(events: list[Any], kind: type) -> int:
    return sum(isinstance(event, kind) for event in events)


def test_a_lane_is_free_again_behind_each_answer(rig: Relay) -> None:
    rig.lane.dial()
    theirs = rig.connect()
    rig.tend()
    for number in (1, 2):
        rig.ask(theirs, number)
        rig.lane.dispatch(None)
        assert theirs.recv(100) == b"a\r\n.\r\n"
        theirs.sendall(b"250 taken\r\n")
        rig.lane.ready(readable=True)
        events = rig.tend()
        assert (_count_of(events, Answered), _count_of(events, Free)) == (1, 1)
