"""The loop turn by turn: what is written down before what leaves, and when it ends; its ledger is a list of notes."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from publisher.delivery.loop import LONGEST_REST, Stop, Tally
from publisher.delivery.retry import Halt
from publisher.delivery.states import State
from publisher.delivery.transport import Features, Outcome, Scope, Stage, Verdict
from publisher.delivery.transports.memory import Fault, deferred, lost, refused
from publisher.newsletter.mail import ReaderRefused
from publisher.store import StoreFull
from tests.delivery.mailroom import NOW
from tests.delivery.turns import Trial, Watched, faults

CLOSING = Fault(Outcome(Verdict.DEFERRED, Stage.MAIL, "421 4.3.2 closing", counted=False))


def test_an_answer_and_the_next_intent_are_one_transaction() -> None:
    trial = Trial()
    assert trial.run() is None
    assert trial.notes.steps == [([], [], [1]), ([1], [], [2]), ([2], [], [3]), ([3], [], [])]
    assert trial.taken == [1, 2, 3]
    assert trial.loop.tally == Tally(sent=3)


def test_all_connections_are_written_down_together() -> None:
    trial = Trial(6, Watched(lanes=3))
    trial.run()
    assert [[sorted(part) for part in step] for step in trial.notes.steps] == [
        [[], [], [1, 2, 3]],
        [[1, 2, 3], [], [4, 5, 6]],
        [[4, 5, 6], [], []],
    ]


def test_where_answers_come_alone_they_are_written_with_the_next_question() -> None:
    trial = Trial(3, Watched(pipelined=False))
    trial.run()
    assert trial.notes.steps == [([], [], [1]), ([1], [], [2]), ([2], [], [3]), ([3], [], [])]
    # What is read and not written down lets nobody wait for long.
    assert max(trial.transport.rests) == 0.25
    assert 0.003 in trial.transport.rests


def test_nobody_to_send_to_needs_no_transaction() -> None:
    trial = Trial(0)
    assert trial.run() is None
    assert (trial.notes.steps, trial.transport.rests) == ([], [])


def test_mails_are_made_while_the_relay_is_at_work_and_no_more_than_connections() -> None:
    trial, made = Trial(9, Watched(lanes=2)), []
    trial.transport.listens = lambda: made.append(len(trial.made))
    trial.run()
    # Two that are proposed; then two on their way, two proposed behind them and two in stock; and so on.
    assert made == [0, 2, 6, 8, 9, 9, 9]
    assert trial.made == list(range(1, 10))
    assert sorted(trial.taken) == trial.made


def test_mails_that_wait_for_a_rate_are_made_when_they_may_leave() -> None:
    trial = Trial(3, rate="1/minute")
    trial.transport._idle = lambda _seconds: trial.clock.on(seconds=10)
    made: list[tuple[int, datetime]] = []
    trial._mail = lambda number: made.append((number, trial.clock.now))
    assert trial.run() is None
    assert [number for number, _ in made] == [1, 2, 3]
    moments = [moment for _, moment in made]
    assert all(later - sooner >= timedelta(seconds=59) for sooner, later in pairwise(moments))


def test_a_reader_whose_mail_cannot_be_made_fails_with_the_reason_and_the_others_leave() -> None:
    def refuse(number: int) -> None:
        if number == 2:
            raise ReaderRefused("", "its address has no place")

    trial = Trial(4, mail=refuse)
    assert trial.run() is None
    assert trial.taken == [1, 3, 4]
    (failed,) = [one for one in trial.notes.settlements if one.state is State.FAILED]
    assert (failed.key, failed.reason, failed.counted) == (
        (1, 2),
        "the mail cannot go to this reader: its address has no place",
        0,
    )
    assert (failed.stage, failed.reply) == ("", "")
    assert trial.loop.tally == Tally(sent=3, failed=1)


def test_where_no_mail_can_be_made_it_is_written_down_all_the_same() -> None:
    def refuse(_number: int) -> None:
        raise ReaderRefused("", "no")

    trial = Trial(2, mail=refuse, rate="1/hour")
    assert trial.run() is None
    assert trial.states() == {1: State.FAILED, 2: State.FAILED}
    assert trial.transport.attempts == {}
    assert trial.notes.steps == [([], [1, 2], [])]
    # Who is not sent to takes nothing from the rate.
    assert trial.notes.rates == {"all": 1.0}


def test_whoever_left_meanwhile_is_skipped_and_takes_nothing_from_the_rate() -> None:
    trial = Trial(3, rate="1/hour")
    trial.notes.gone = {1, 2}
    trial.run()
    assert trial.taken == [3]
    assert trial.loop.tally == Tally(sent=1, skipped=2)
    assert trial.transport.abandoned == 2
    assert trial.notes.rates["all"] == pytest.approx(0, abs=0.001)


def test_what_comes_back_uncounted_is_tried_again_by_the_same_run() -> None:
    trial = Trial(3, Watched(fault=faults(r2=CLOSING)))
    assert trial.run() is None
    # The next one was made already.
    assert trial.taken == [1, 3, 2]
    assert trial.states() == dict.fromkeys((1, 2, 3), State.SENT)
    assert trial.loop.tally == Tally(sent=3)


def test_what_comes_back_uncounted_behind_its_dispatch_is_written_down_and_tried_again() -> None:
    early = Fault(Outcome(Verdict.DEFERRED, Stage.BODY, "connection lost", counted=False))
    trial = Trial(2, Watched(fault=faults(r1=early)))
    assert trial.run() is None
    assert [one.state for one in trial.notes.settlements if one.key == (1, 1)] == [State.PENDING, State.SENT]
    assert trial.loop.tally == Tally(sent=2)


def test_what_is_deferred_or_refused_before_it_is_asked_for_is_settled_as_not_armed() -> None:
    trial = Trial(4, Watched(fault=faults(r1=refused("550 no"), r2=deferred("452 full"), r3=lost(taken=True))))
    trial.run()
    assert {number for step in trial.notes.steps for number in step[1]} == {1, 2}
    assert trial.loop.tally == Tally(sent=1, deferred=1, failed=1, uncertain=1)
    assert trial.loop.tally.handled == 4


def test_a_limit_counts_what_leaves_and_not_what_comes_back() -> None:
    for fault in (None, CLOSING):
        trial = Trial(9, Watched(lanes=2, fault=faults(r1=fault)), limit=4)
        assert trial.run() is None
        assert len(trial.taken) == 4
        assert sorted(trial.made) == sorted(trial.taken * 1 + ([1] if fault else []))


def test_a_trouble_of_the_transport_counts_like_that_of_a_mail() -> None:
    trial = Trial(3)
    trial.transport.troubles = [Outcome(Verdict.DEFERRED, Stage.AUTH, "535 wrong password", Scope.RUN, counted=False)]
    assert trial.run() == Halt("the relay refuses: 535 wrong password")
    assert trial.taken == []
    trial = Trial(3)
    trial.transport.troubles = [Outcome(Verdict.DEFERRED, Stage.CONNECT, "connection refused")] * 9
    assert trial.run() is None


def test_the_first_reason_to_halt_is_the_one_that_is_told() -> None:
    reasons = iter([deferred("450 not you", Stage.MAIL, Scope.ISSUE), deferred("535 wrong", Stage.MAIL, Scope.RUN)])
    trial = Trial(3, Watched(lanes=2, fault=lambda _mail, _attempt: next(reasons)))
    halt = trial.run()
    assert halt is not None
    assert "450 not you" in halt.reason


def test_from_its_end_on_nothing_leaves() -> None:
    trial = Trial(3, until=NOW)
    assert trial.run() == Halt("its time has passed", pause=False)
    assert (trial.made, trial.transport.rests) == ([], [])
    # The fourth look at the clock, behind the first look at the transport, which says that its lane is free.
    trial = Trial(3, until=NOW + timedelta(milliseconds=4))
    assert trial.run() == Halt("its time has passed")
    assert trial.made == []


def test_a_halt_takes_back_what_was_not_armed_and_waits_for_what_was() -> None:
    trial = Trial(9, Watched(lanes=2, fault=faults(r3=deferred("450 not you", Stage.MAIL, Scope.ISSUE))))
    halt = trial.run()
    assert halt is not None
    assert halt.pause
    assert set(trial.taken) <= {1, 2, 4}
    assert {number for number, state in trial.states().items() if state is State.SENT} == set(trial.taken)
    assert all(lane.proposed is lane.dispatched is None for lane in trial.transport._state)


def test_a_wish_to_end_is_heard_between_two_mails() -> None:
    stop = Stop()
    trial = Trial(9, Watched(lanes=2), stop=stop, progress=lambda tally: stop.ask() if tally.sent == 2 else None)
    assert trial.run() is None
    assert len(trial.taken) == 4
    assert trial.loop.tally == Tally(sent=4)
    assert sorted(trial.states()) == sorted(trial.taken)


def test_behind_a_wish_to_end_no_question_is_waited_for() -> None:
    stop, proposed = Stop(), []
    trial = Trial(9, Watched(lanes=2), stop=stop, progress=lambda tally: stop.ask() if not tally.sent else None)
    trial.transport.listens = lambda: proposed.append([lane.proposed for lane in trial.transport._state])
    trial.run()
    first, *others = [[mail is not None for mail in mails] for mails in proposed[1:]]
    assert first == [True, True]
    assert others == [[False, False]]
    assert trial.transport.abandoned == 2


def test_what_was_read_is_written_down_before_the_end_though_it_comes_at_once() -> None:
    stop = Stop()
    trial = Trial(9, Watched(pipelined=False), stop=stop)

    def ask() -> None:
        if trial.taken:
            stop.ask()
            stop.ask()

    trial.transport.listens = ask
    assert trial.run() is None
    assert trial.states() == {1: State.SENT}
    assert trial.notes.steps[-1] == ([1], [], [])


def test_a_rate_that_got_something_back_is_written_down_at_the_end() -> None:
    closing = Fault(Outcome(Verdict.DEFERRED, Stage.MAIL, "535 wrong", Scope.RUN, counted=False))
    trial = Trial(9, Watched(fault=lambda _mail, _attempt: closing), rate="1/hour")
    assert trial.run() == Halt("the relay refuses: 535 wrong")
    assert trial.notes.steps == [([], [], [])]
    assert trial.notes.rates == {"all": 1.0}


def test_a_mail_taken_back_takes_nothing_from_the_rate() -> None:
    stop = Stop()
    trial = Trial(9, stop=stop, rate="2/second", progress=lambda _: stop.ask() if not stop.wanted else None)
    trial.run()
    assert (trial.taken, trial.transport.abandoned) == ([1], 1)
    assert trial.notes.rates["all"] == pytest.approx(1, abs=0.1)


def test_a_mail_is_tried_again_some_minutes_after_its_answer_was_read() -> None:
    trial = Trial(1, Watched(fault=faults(r1=deferred("452 full"))))
    trial.transport.listens = lambda: trial.clock.on(hours=1)
    trial.run()
    (settlement,) = trial.notes.settlements
    assert settlement.due_at is not None
    assert timedelta(0) <= settlement.due_at - (NOW + timedelta(hours=2, minutes=5)) < timedelta(seconds=1)


def test_whoever_asks_twice_is_not_kept_waiting_for_answers() -> None:
    stop = Stop()

    def ask(_tally: Tally) -> None:
        stop.ask()
        stop.ask()

    trial = Trial(9, stop=stop, progress=ask)
    assert trial.run() is None
    assert trial.taken == [1]
    assert trial.states() == {}
    assert len(trial.transport.rests) == 2


def test_asking_once_and_asking_twice() -> None:
    stop = Stop()
    stop.ask(2, None)
    assert (stop.wanted, stop.at_once) == (True, False)
    stop.ask()
    assert (stop.wanted, stop.at_once) == (True, True)


def test_a_full_disk_is_told_once_answers_are_written_and_nothing_more_leaves() -> None:
    trial = Trial(9, Watched(lanes=2))

    def fill(tally: Tally) -> None:
        trial.notes.full = tally.sent == 2

    object.__setattr__(trial.means, "progress", fill)
    with pytest.raises(StoreFull, match="the disk is full"):
        trial.run()
    assert len(trial.taken) == 4
    assert sorted(trial.states()) == sorted(trial.taken)
    assert trial.loop.tally == Tally(sent=4)


def test_a_rate_is_waited_for_by_the_blink_of_an_eye() -> None:
    trial = Trial(2, rate="10/second")
    for _ in range(10):
        trial.means.limits.take("mail.example", NOW)
    trial.transport._idle = lambda seconds: trial.clock.on(seconds=seconds)
    assert trial.run() is None
    assert trial.taken == [1, 2]
    assert min(trial.transport.rests) >= 0.001
    assert any(0.05 < rest < 0.1 for rest in trial.transport.rests)


@pytest.mark.parametrize(("rate", "waits"), [("4/hour", True), ("3/hour", False)])
def test_a_quarter_of_an_hour_is_waited_and_no_longer(rate: str, waits: bool) -> None:  # a parameter
    trial = Trial(2, rate=rate)
    assert LONGEST_REST == 15 * 60
    trial.transport._idle = lambda _seconds: trial.clock.on(minutes=5)
    halt = trial.run()
    assert trial.taken == ([1, 2] if waits else [1])
    assert halt == (None if waits else Halt("the rates in [delivery] let nothing more leave for now"))


def test_exactly_a_quarter_of_an_hour_is_waited() -> None:
    moments = [NOW]
    trial = Trial(2, rate="4/hour", clock=lambda: moments[-1])
    trial.transport._idle = lambda _seconds: moments.append(NOW + timedelta(minutes=15))
    assert trial.run() is None
    assert trial.taken == [1, 2]
    assert len(moments) == 2


def test_what_a_relay_takes_is_told_to_whoever_makes_the_mails() -> None:
    for known in (True, False):
        trial = Trial(1, Watched(features=Features(smtputf8=known)))
        trial.run()
        assert trial.transport.taken[0].data == str(known).encode()


def test_progress_is_told_each_turn() -> None:
    told: list[int] = []
    Trial(3, progress=lambda tally: told.append(tally.sent)).run()
    assert told == [0, 1, 2, 3]


def test_each_verdict_has_its_count() -> None:
    tally = Tally(skipped=1)
    for number, verdict in enumerate(Verdict, 1):
        for _ in range(number):
            tally.count(verdict)
    assert tally == Tally(sent=1, deferred=2, failed=3, uncertain=4, skipped=1)
    assert tally.handled == 11
