"""How conversations end, and what is said then of each mail: at every step, for every reason, byte by byte."""

import pytest

from publisher.delivery.smtp.conversation import Conversation
from publisher.delivery.smtp.envelopes import Abilities
from publisher.delivery.transport import Answered, Asked, Free, Mail, Outcome, Scope, Stage, Verdict
from tests.delivery.smtp.driving import mail

PIPELINED, STEPWISE = Abilities(pipelining=True), Abilities()
LINES = (b"MAIL FROM:<bounce@notes.example>\r\n", b"RCPT TO:<reader%d@mail.example>\r\n", b"DATA\r\n")
TAKEN = b"250 ok\r\n250 ok\r\n354 go\r\n"
SENT, DEFERRED, FAILED, UNCERTAIN = Verdict.SENT, Verdict.DEFERRED, Verdict.FAILED, Verdict.UNCERTAIN


def said(conversation: Conversation) -> bytes:
    """Take what it says as a kernel would that takes everything."""
    pieces = b""
    while conversation.unsent:
        some = conversation.outgoing()
        pieces += b"".join(some)
        conversation.handed(sum(map(len, some)))
    return pieces


def begun(abilities: Abilities = PIPELINED, replies: bytes = b"", *, number: int = 1) -> Conversation:
    """Return one whose envelope went out and was answered so far."""
    conversation = Conversation(4, abilities)
    conversation.propose(mail(number, b"a\r\n"))
    said(conversation)
    for reply in replies.splitlines(keepends=True):
        conversation.receive(reply)
        said(conversation)
    return conversation


def dispatched(then: Mail | None = None) -> Conversation:
    conversation = begun(PIPELINED, TAKEN)
    conversation.dispatch(then)
    said(conversation)
    conversation.events = []
    return conversation


def answers(conversation: Conversation) -> dict[int, Outcome]:
    """Return what was said of each mail, once."""
    found = [event for event in conversation.events if isinstance(event, Answered)]
    assert all(event.lane == 4 for event in found)
    assert len({event.mail.key for event in found}) == len(found)
    return {event.mail.key[1]: event.outcome for event in found}


def test_what_it_waits_for_is_told_at_each_step() -> None:
    conversation = Conversation(4, STEPWISE)
    assert (conversation.waiting, conversation.idle, conversation.asking) == (None, True, False)
    conversation.propose(mail(1, b"a\r\n"))
    stages, free = [], []
    for reply in TAKEN.splitlines(keepends=True):
        stages.append(conversation.waiting)
        said(conversation)
        conversation.receive(reply)
        free.append(conversation.idle)
    assert stages == [Stage.MAIL, Stage.RCPT, Stage.DATA]
    assert (free, conversation.waiting, conversation.asking) == ([False] * 3, None, True)
    conversation.dispatch(None)
    assert (conversation.waiting, conversation.asking, conversation.idle) == (Stage.BODY, False, False)
    conversation.handed(5)
    assert (conversation.waiting, conversation.unsent) == (Stage.BODY, 1)
    conversation.handed(1)
    assert (conversation.waiting, conversation.unsent) == (Stage.DOT, 0)
    assert (conversation.settled, conversation.replies) == (0, 3)
    conversation.receive(b"250 taken\r\n")
    assert (conversation.waiting, conversation.idle) == (None, True)
    assert (conversation.settled, conversation.replies) == (1, 4)
    conversation.quit()
    assert (said(conversation), conversation.waiting) == (b"QUIT\r\n", Stage.MAIL)
    conversation.receive(b"221 bye\r\n")
    assert conversation.over == "221 bye"


def test_a_reset_and_a_lone_dot_are_waited_for_as_mail_and_data() -> None:
    conversation = begun(PIPELINED, b"250 ok\r\n550 no\r\n354 go\r\n")
    assert (conversation.waiting, conversation.idle) == (Stage.DATA, False)
    conversation.receive(b"554 nobody\r\n")
    conversation.propose(mail(2))
    assert conversation.waiting is Stage.MAIL
    assert said(conversation).startswith(b"RSET\r\nMAIL")
    conversation.receive(b"250 reset\r\n")
    assert conversation.waiting is Stage.MAIL
    assert not conversation.over


def test_a_mail_behind_a_reset_and_a_mail_behind_a_dot_need_no_further_reset() -> None:
    conversation = begun(STEPWISE, b"250 ok\r\n550 no\r\n")
    for number in (2, 3):
        conversation.propose(mail(number, b"a\r\n"))
        assert said(conversation) == (b"RSET\r\n" if number == 2 else LINES[0])
        conversation.receive(b"250 ok\r\n")
        if number == 2:
            assert said(conversation) == LINES[0]
            conversation.receive(b"451 later\r\n")
    assert answers(conversation)[2].reply == "451 later"


def test_no_more_pieces_are_handed_over_at_once_than_sixteen() -> None:
    conversation = Conversation(4, STEPWISE)
    for _ in range(20):
        conversation.quit()
    assert len(conversation.outgoing()) == 16
    conversation.handed(16 * 6 + 2)
    assert b"".join(conversation.outgoing()) == b"IT\r\n" + 3 * b"QUIT\r\n"


@pytest.mark.parametrize(
    ("before", "reply", "words"),
    [
        (b"", b"421 bye\r\n", "421 bye"),
        (b"", b"250 ok\r\n", "the relay answered before it was asked: 250 ok"),
        (b"", b"25", "the relay spoke before it was asked"),
        (b"", b"250-more\r\n", "the relay spoke before it was asked"),
        (b"", b"junk\r\n", "the relay sent no reply: junk"),
        (TAKEN, b"250 ok\r\n", "the relay answered before it was asked: 250 ok"),
        (TAKEN, b"2", "the relay spoke before it was asked"),
    ],
    ids="421 early half line junk data data-half".split(),
)
def test_a_relay_that_speaks_before_its_turn_is_not_trusted(before: bytes, reply: bytes, words: str) -> None:
    conversation = begun(PIPELINED, before) if before else Conversation(4, PIPELINED)
    conversation.receive(reply)
    assert conversation.over == words
    conversation.receive(b"250 more\r\n")
    assert conversation.over == words
    if before:
        assert answers(conversation)[1] == Outcome(DEFERRED, Stage.DATA, words)
        assert not any(isinstance(event, Asked) for event in conversation.events)


def test_what_is_read_in_its_turn_may_come_in_halves() -> None:
    conversation = begun()
    conversation.receive(b"250 o")
    conversation.receive(b"k\r\n250 ok\r\n354 go\r\n")
    assert (conversation.over, conversation.asking) == ("", True)


@pytest.mark.parametrize("abilities", [PIPELINED, STEPWISE], ids=["pipelined", "stepwise"])
@pytest.mark.parametrize(("replies", "stage"), [(0, Stage.MAIL), (1, Stage.RCPT), (2, Stage.DATA), (3, Stage.DATA)])
def test_a_first_mail_that_goes_down_has_used_up_an_attempt_at_its_stage(
    abilities: Abilities, replies: int, stage: Stage
) -> None:
    conversation = begun(abilities, b"".join(TAKEN.splitlines(keepends=True)[:replies]))
    conversation.lost("gone")
    assert answers(conversation) == {1: Outcome(DEFERRED, stage, "gone")}
    assert conversation.idle
    assert not conversation.asking
    assert said(conversation) == b""
    conversation.lost("twice")
    assert (conversation.over, len(conversation.events)) == ("gone", 1)


def test_behind_the_end_nothing_is_left_to_say_or_to_wait_for() -> None:
    conversation = Conversation(4, STEPWISE)
    conversation.propose(mail(1))
    assert conversation.outgoing() != []
    conversation.lost("gone")
    assert (conversation.outgoing(), conversation.waiting) == ([], None)


def test_an_end_without_words_has_some() -> None:
    conversation = begun()
    conversation.lost("")
    assert conversation.over == answers(conversation)[1].reply == "connection lost"


def test_the_next_mail_is_not_to_blame_before_its_sender_was_taken() -> None:
    for replies, counted in ((b"250 taken\r\n", False), (b"250 taken\r\n250 ok\r\n", True)):
        conversation = dispatched(mail(2))
        conversation.receive(replies)
        conversation.lost("gone")
        outcome = answers(conversation)[2]
        assert (outcome.verdict, outcome.counted) == (DEFERRED, counted)
        assert outcome.stage is (Stage.RCPT if counted else Stage.MAIL)


def test_a_mail_that_was_never_said_broke_off_at_its_beginning() -> None:
    conversation = begun(STEPWISE, TAKEN)
    conversation.dispatch(mail(2))
    conversation.handed(6)
    conversation.receive(b"251 hm\r\n")
    found = answers(conversation)
    assert found[1] == Outcome(UNCERTAIN, Stage.DOT, "251 hm")
    assert found[2] == Outcome(DEFERRED, Stage.MAIL, "251 hm", counted=False)
    assert conversation.over == "251 hm"


@pytest.mark.parametrize(
    ("reply", "verdict", "over"),
    [
        (b"250 ok\r\n", SENT, ""),
        (b"451 later\r\n", DEFERRED, ""),
        (b"554 no\r\n", FAILED, ""),
        (b"421 bye\r\n", DEFERRED, "421 bye"),
        (b"354 go\r\n", UNCERTAIN, "354 go"),
        (b"junk\r\n", UNCERTAIN, "the relay sent no reply: junk"),
    ],
    ids="250 451 554 421 354 junk".split(),
)
def test_the_answer_to_the_dot_ends_the_mail_and_perhaps_the_conversation(
    reply: bytes, verdict: Verdict, over: str
) -> None:
    conversation = dispatched()
    conversation.receive(reply)
    assert answers(conversation)[1].verdict is verdict
    assert conversation.over == over
    assert any(isinstance(event, Free) for event in conversation.events) == (not over)
    assert conversation.settled == (not reply.startswith(b"junk"))


def test_the_dot_is_believed_when_its_last_byte_left_and_not_one_before() -> None:
    for handed, verdict in ((5, DEFERRED), (6, SENT)):
        conversation = begun(PIPELINED, TAKEN)
        conversation.dispatch(None)
        conversation.handed(handed)
        conversation.receive(b"250 taken\r\n")
        assert answers(conversation)[1].verdict is verdict
        assert answers(conversation)[1].stage is (Stage.BODY if handed == 5 else Stage.DOT)


@pytest.mark.parametrize(
    ("replies", "over"),
    [
        (b"250 ok\r\n421 bye\r\n", "421 bye"),
        (b"421 bye\r\n", "421 bye"),
        (b"354 what\r\n", "354 what"),
        (b"250 ok\r\n354 what\r\n", "354 what"),
        (b"250 ok\r\n250 ok\r\n250 what\r\n", "250 what"),
        (b"451 no\r\n421 bye\r\n", "421 bye"),
        (b"451 no\r\n250 yes\r\n", "250 yes"),
        (b"250 ok\r\n550 no\r\n421 bye\r\n", "421 bye"),
        (b"250 ok\r\n550 no\r\n354 go\r\n421 bye\r\n", "421 bye"),
        (b"451 no\r\n503 MAIL first\r\n503 MAIL first\r\n", ""),
        (b"250 ok\r\n550 no\r\n503 no reader\r\n", ""),
        (b"250 ok\r\n550 no\r\n354 go\r\n554 nobody\r\n", ""),
        (b"250 ok\r\n550 no\r\n354 go\r\n250 nobody\r\n", ""),
        (b"250 ok\r\n450 no\r\n250 what\r\n", ""),
        (b"250 ok\r\n400 no\r\n503 no reader\r\n", ""),
        (b"451 no\r\n400 no\r\n503 no reader\r\n", ""),
        (b"451 no\r\n399 what\r\n", "399 what"),
    ],
    ids=lambda value: value.decode().replace("\r\n", " ") if isinstance(value, bytes) else "",
)
def test_a_refused_envelope_ends_the_conversation_where_it_cannot_be_undone(replies: bytes, over: str) -> None:
    conversation = begun(PIPELINED, replies)
    assert conversation.over == over
    assert list(answers(conversation)) == [1]
    assert answers(conversation)[1].verdict is not SENT
    assert conversation.idle
    assert (Free(4) in conversation.events) == (not over)


def test_a_reset_that_is_answered_by_closing_costs_the_next_mail_nothing() -> None:
    conversation = begun(STEPWISE, b"250 ok\r\n550 no\r\n")
    conversation.propose(mail(2))
    said(conversation)
    conversation.receive(b"421 bye\r\n")
    assert conversation.over == "421 bye"
    assert answers(conversation)[2].verdict is DEFERRED


@pytest.mark.parametrize("replies", [b"", b"250 ok\r\n", b"250 ok\r\n250 ok\r\n"], ids=["MAIL", "RCPT", "DATA"])
def test_a_mail_taken_back_while_its_envelope_is_on_its_way_is_never_answered(replies: bytes) -> None:
    conversation = begun(PIPELINED, replies)
    conversation.abandon()
    assert not conversation.idle
    conversation.receive(TAKEN[len(replies) :])
    assert conversation.over == "a mail was taken back"
    assert conversation.events == []


def test_a_mail_taken_back_and_refused_leaves_the_lane_free() -> None:
    conversation = begun(PIPELINED)
    conversation.abandon()
    conversation.receive(b"250 ok\r\n550 no\r\n503 no\r\n")
    assert conversation.events == [Free(4)]
    conversation.propose(mail(2))
    said(conversation)
    conversation.receive(b"250 reset\r\n" + TAKEN)
    assert [type(event) for event in conversation.events] == [Free, Asked]


def test_a_mail_taken_back_that_goes_down_is_never_answered() -> None:
    conversation = begun(PIPELINED)
    conversation.abandon()
    conversation.lost("gone")
    assert conversation.events == []


def test_a_mail_taken_back_before_anything_was_said_of_it_leaves_no_trace() -> None:
    conversation = begun(STEPWISE, TAKEN)
    conversation.dispatch(mail(2))
    said(conversation)
    conversation.abandon()
    conversation.receive(b"250 taken\r\n")
    assert list(answers(conversation)) == [1]
    assert conversation.events[-1] == Free(4)
    assert (conversation.idle, conversation.unsent) == (True, 0)
    conversation.propose(mail(3))
    assert said(conversation) == LINES[0]


def test_a_question_that_was_not_heard_yet_is_taken_back_with_its_mail() -> None:
    conversation = dispatched(mail(2))
    conversation.receive(b"250 taken\r\n" + TAKEN)
    assert [type(event) for event in conversation.events] == [Answered, Asked]
    conversation.abandon()
    assert [type(event) for event in conversation.events] == [Answered]
    assert conversation.over == "a mail was taken back"


def test_an_unfit_mail_behind_another_is_answered_at_once_and_frees_the_lane_later() -> None:
    conversation = begun(PIPELINED, TAKEN)
    conversation.events = []
    conversation.dispatch(mail(2, b"a\r\n", "a b@mail.example"))
    (answer,) = conversation.events
    assert isinstance(answer, Answered)
    assert (answer.mail.key[1], answer.outcome.verdict, answer.outcome.scope) == (2, FAILED, Scope.RECIPIENT)
    assert said(conversation) == b"a\r\n.\r\n"
    conversation.receive(b"250 taken\r\n")
    assert [type(event) for event in conversation.events] == [Answered, Answered, Free]
    assert conversation.settled == 1


def test_it_is_used_in_its_order() -> None:
    conversation = begun()
    with pytest.raises(AssertionError, match="at most one"):
        conversation.propose(mail(2))
    with pytest.raises(AssertionError, match="after it was asked for"):
        conversation.dispatch(None)
    with pytest.raises(AssertionError, match="only a proposed mail can be abandoned"):
        Conversation(4, PIPELINED).abandon()
    with pytest.raises(AssertionError, match="only a proposed mail can be dispatched"):
        Conversation(4, PIPELINED).dispatch(None)


def test_nothing_waits_for_the_kernel_when_it_is_over() -> None:
    conversation = begun(PIPELINED, TAKEN)
    conversation.dispatch(None)
    assert conversation.unsent > 0
    conversation.lost("connection lost")
    assert conversation.unsent == 0
    assert said(conversation) == b""
