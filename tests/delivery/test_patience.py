"""When a mail is tried again, and after how much trouble in a row a run gives up: cell by cell, as values."""

from datetime import UTC, datetime, timedelta

import pytest

from publisher.delivery.retry import (
    MOST_ALIKE,
    MOST_REFUSED,
    MOST_RESENDS,
    MOST_RUN_FAULTS,
    MOST_UNCERTAIN,
    RESEND_AFTER,
    Halt,
    Patience,
    Settlement,
    next_attempt,
    settle,
)
from publisher.delivery.states import State
from publisher.delivery.transport import Outcome, Scope, Stage, Verdict

NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
KEY = (1, 7)

SENT = Outcome(Verdict.SENT, Stage.DOT, "250 2.0.0 taken")
LOST = Outcome(Verdict.UNCERTAIN, Stage.DOT, "connection lost")
JUNK = Outcome(Verdict.FAILED, Stage.DOT, "554 5.6.0 <ada@mail.example>, looks like junk")
FULL = Outcome(Verdict.DEFERRED, Stage.RCPT, "452 4.2.2 full")
UNKNOWN = Outcome(Verdict.FAILED, Stage.RCPT, "550 5.1.1 no such user")
POLICY = Outcome(Verdict.DEFERRED, Stage.RCPT, "554 5.7.1 relay access denied")
BEHIND = Outcome(Verdict.DEFERRED, Stage.MAIL, "connection lost", counted=False)
UNREACHED = Outcome(Verdict.DEFERRED, Stage.CONNECT, "connection refused")


def said(outcomes: list[Outcome], lanes: int = 1) -> Halt | None:
    """Return why it is enough after some outcomes, the last of which is the first to be too much."""
    patience = Patience(lanes)
    *before, last = outcomes
    for outcome in before:
        assert patience.note(outcome) is None
    return patience.note(last)


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 5), (2, 15), (3, 60), (4, 240), (5, 240), (50, 240)])
def test_attempts_are_as_far_apart_as_the_docs_say(attempts: int, minutes: int) -> None:
    assert next_attempt(attempts, NOW) == NOW + timedelta(minutes=minutes)
    assert next_attempt(attempts, NOW, timedelta(hours=9)) == NOW + timedelta(hours=9)


def test_the_numbers_are_those_of_the_docs() -> None:
    assert (MOST_RESENDS, MOST_UNCERTAIN, MOST_REFUSED, MOST_ALIKE, MOST_RUN_FAULTS) == (2, 3, 5, 10, 10)
    assert timedelta(minutes=15) == RESEND_AFTER


@pytest.mark.parametrize(
    ("outcome", "settlement"),
    [
        (SENT, Settlement(KEY, State.SENT, "dot", "250 2.0.0 taken", 1)),
        (LOST, Settlement(KEY, State.UNCERTAIN, "dot", "connection lost", 1)),
        (UNKNOWN, Settlement(KEY, State.FAILED, "rcpt", "550 5.1.1 no such user", 1)),
        (FULL, Settlement(KEY, State.PENDING, "rcpt", "452 4.2.2 full", 1, NOW + timedelta(minutes=15))),
        (BEHIND, Settlement(KEY, State.PENDING, "mail", "connection lost", 0, None)),
    ],
    ids=["sent", "uncertain", "failed", "deferred", "uncounted"],
)
def test_what_the_ledger_is_to_say_of_a_second_attempt(outcome: Outcome, settlement: Settlement) -> None:
    assert settle(KEY, outcome, 1, NOW) == settlement
    assert settlement.reason == ""


def test_three_uncertain_mails_in_a_row_are_enough() -> None:
    words = "3 times in a row nobody knows whether the relay took the mail: connection lost"
    assert said([LOST, LOST, LOST]) == Halt(words, pause=True)
    assert said([LOST, LOST, SENT, LOST, LOST]) is None
    assert said([LOST, LOST, FULL, LOST, LOST]) is None
    # What comes back from behind an uncertain mail was not its own fault, and says nothing.
    assert said([LOST, BEHIND, LOST, BEHIND, LOST]) == Halt(words, pause=True)


def test_five_refusals_of_the_text_in_a_row_are_enough() -> None:
    halt = said([JUNK] * 5)
    assert halt == Halt("the relay refused 5 mails in a row: 554 5.6.0 an address, looks like junk", pause=True)
    assert said([*[JUNK] * 4, SENT, *[JUNK] * 4]) is None
    assert said([*[JUNK] * 4, BEHIND, JUNK]) == halt


@pytest.mark.parametrize("stage", [Stage.DATA, Stage.BODY, Stage.DOT])
def test_a_text_may_be_refused_at_three_stages(stage: Stage) -> None:
    assert said([Outcome(Verdict.FAILED, stage, "552 too large")] * 5) is not None


def test_readers_who_are_unknown_or_full_are_no_trouble_of_the_issue() -> None:
    assert said([UNKNOWN] * 30) is None
    assert said([FULL] * 30) is None
    assert said([Outcome(Verdict.DEFERRED, Stage.DOT, "451 4.3.0 later")] * 30) is None
    assert said([Outcome(Verdict.DEFERRED, Stage.RCPT, "450 4.7.1 grey")] * 30) is None


def test_five_refusals_by_a_policy_in_a_row_are_enough_at_any_stage() -> None:
    assert said([POLICY] * 5) == Halt("the relay refused 5 mails in a row: 554 5.7.1 relay access denied", pause=True)
    assert said([Outcome(Verdict.DEFERRED, Stage.DOT, "550 5.7.1 spam")] * 5) is not None
    assert said([Outcome(Verdict.DEFERRED, Stage.DOT, "550 5x7.1 5.7. spam")] * 30) is None


def test_one_connection_is_what_is_reckoned_with_where_nothing_is_said() -> None:
    assert Patience() == Patience(1)


def no_relay(address: str, words: str = "relaying denied") -> Outcome:
    return Outcome(Verdict.FAILED, Stage.RCPT, f"550 <{address}>: {words}")


def test_ten_readers_refused_in_the_same_words_are_enough_whatever_their_addresses() -> None:
    denied = [no_relay(f"r{number}@mail.example") for number in range(10)]
    words = "the relay refused 10 readers in a row in the same words: 550 an address: relaying denied"
    assert said(denied) == Halt(words, pause=True)
    assert said([*denied[:9], SENT, *denied[:9]]) is None
    assert said([*denied[:9], FULL, *denied[:9]]) is None
    assert said([*denied[:9], no_relay("ada@mail.example", "no such user"), *denied[:9]]) is None
    assert said([*denied[:9], BEHIND, denied[9]]) == Halt(words, pause=True)
    assert said([Outcome(Verdict.FAILED, Stage.RCPT, "550 5.1.2 no such domain")] * 30) is None


@pytest.mark.parametrize("lanes", [1, 4])
def test_ten_faults_in_a_row_and_one_more_for_each_further_connection_end_the_run(lanes: int) -> None:
    number = 9 + lanes
    halt = Halt(f"nothing got through {number} times in a row: connection lost", pause=False)
    assert said([BEHIND] * number, lanes) == halt
    assert said([UNREACHED] * (number - 1), lanes) is None
    assert said([*[BEHIND] * (number - 1), SENT, *[BEHIND] * (number - 1)], lanes) is None
    # A mail that was looked at says that something gets through.
    assert said([*[BEHIND] * (number - 1), FULL, BEHIND], lanes) is None


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.BANNER, Stage.HELLO, Stage.TLS, Stage.AUTH])
def test_what_ends_before_any_mail_is_looked_at_is_a_fault(stage: Stage) -> None:
    assert said([Outcome(Verdict.DEFERRED, stage, "later")] * 10) == Halt(
        "nothing got through 10 times in a row: later"
    )


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.BODY, Stage.DOT])
def test_a_mail_that_was_looked_at_and_deferred_is_no_fault(stage: Stage) -> None:
    assert said([Outcome(Verdict.DEFERRED, stage, "later")] * 30) is None


def test_what_concerns_all_mails_stops_them_at_once_and_names_nobody() -> None:
    words = "450 4.1.8 <letters@notes.example>: not you"
    halt = said([Outcome(Verdict.DEFERRED, Stage.MAIL, words, Scope.ISSUE, counted=False)])
    assert halt == Halt("the relay refuses: 450 4.1.8 an address: not you", pause=True)
    halt = said([Outcome(Verdict.DEFERRED, Stage.AUTH, "535 wrong", Scope.RUN, counted=False)])
    assert halt == Halt("the relay refuses: 535 wrong", pause=False)
