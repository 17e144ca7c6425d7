"""What is said, byte for byte, without a socket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.smtp import envelopes
from publisher.delivery.smtp.conversation import Conversation
from publisher.delivery.smtp.envelopes import Abilities, body, xtext
from publisher.delivery.transport import Answered, Asked, Event, Free, Mail, Scope, Verdict
from tests.delivery.smtp.driving import mail

PIPELINED = Abilities(pipelining=True)
ALL = Abilities(pipelining=True, eight_bit=True, smtputf8=True, dsn=True, sizes=True, size=10_000)
ENVELOPE = b"MAIL FROM:<bounce@notes.example>\r\nRCPT TO:<reader%d@mail.example>\r\nDATA\r\n"


def _said(conversation: Conversation) -> bytes:
    """Take what it says as a kernel would that takes everything."""
    said = b""
    while conversation.unsent:
        pieces = conversation.outgoing()
        said += b"".join(pieces)
        conversation.handed(sum(map(len, pieces)))
    return said


def _asked(abilities: Abilities = PIPELINED) -> Conversation:
    conversation = Conversation(0, abilities)
    conversation.propose(mail(1, b"a\r\n"))
    _said(conversation)
    conversation.receive(b"250 ok\r\n250 ok\r\n354 go\r\n")
    return conversation


def test_body_dot_and_the_next_envelope_are_one_write_and_one_round_trip() -> None:
    conversation = Conversation(0, PIPELINED)
    conversation.propose(mail(1, b"a\r\n.b\r\n"))
    assert _said(conversation) == ENVELOPE % 1
    conversation.receive(b"250 ok\r\n250 ok\r\n354 go\r\n")
    assert [type(event) for event in conversation.events] == [Asked]
    conversation.dispatch(mail(2))
    assert _said(conversation) == b"a\r\n..b\r\n.\r\n" + ENVELOPE % 2
    conversation.receive(b"250 taken\r\n250 ok\r\n250 ok\r\n354 go\r\n")
    assert [type(event) for event in conversation.events] == [Asked, Answered, Asked]


def test_without_pipelining_each_command_waits_for_its_reply() -> None:
    conversation = Conversation(0, Abilities())
    conversation.propose(mail(1, b"a\r\n"))
    said = []
    for reply in (b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"):
        said.append(_said(conversation))
        conversation.receive(reply)
    assert said == [line + b"\r\n" for line in (ENVELOPE % 1).split(b"\r\n")[:3]]
    conversation.dispatch(mail(2))
    assert _said(conversation) == b"a\r\n.\r\n"
    conversation.receive(b"250 taken\r\n")
    assert _said(conversation) == b"MAIL FROM:<bounce@notes.example>\r\n"


def test_a_refused_reader_ends_with_a_lone_dot_and_a_reset() -> None:
    conversation = Conversation(0, PIPELINED)
    conversation.propose(mail(1))
    _said(conversation)
    conversation.receive(b"250 ok\r\n550 no\r\n354 go\r\n")
    assert _said(conversation) == b".\r\n"
    conversation.receive(b"554 nobody\r\n")
    assert [type(event) for event in conversation.events] == [Answered, Free]
    conversation.propose(mail(2))
    assert _said(conversation) == b"RSET\r\n" + ENVELOPE % 2
    conversation.receive(b"500 what\r\n250 ok\r\n250 ok\r\n354 go\r\n")
    assert conversation.asking


def test_all_that_is_offered_is_used_where_it_is_needed() -> None:
    conversation = Conversation(0, ALL)
    conversation.propose(Mail((1, 1), "bounce+t@notes.example", "jörg@mail.example", "ü\r\n".encode(), token="a+b=c"))
    assert _said(conversation).decode() == (
        "MAIL FROM:<bounce+t@notes.example> SIZE=4 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb+3Dc\r\n"
        "RCPT TO:<jörg@mail.example> NOTIFY=FAILURE,DELAY\r\nDATA\r\n"
    )
    conversation = Conversation(0, ALL)
    conversation.propose(mail(1, b"a\r\n", "ada+news@mail.example"))
    assert b" ORCPT=rfc822;ada+2Bnews@mail.example\r\n" in _said(conversation)


@pytest.mark.parametrize(
    ("unfit", "verdict", "words"),
    [
        (
            mail(1, b"a\r\n", "jörg@mail.example"),
            Verdict.FAILED,
            "the relay does not take addresses beyond ASCII (SMTPUTF8)",
        ),
        (mail(1, b"a\r\n", smtputf8=True), Verdict.FAILED, "the relay does not take addresses beyond ASCII (SMTPUTF8)"),
        (mail(1, "ü\r\n".encode()), Verdict.DEFERRED, "8BITMIME"),
        (mail(1, b"a\n"), Verdict.DEFERRED, "CRLF"),
        (mail(1, b"a\rb\r\n"), Verdict.DEFERRED, "CRLF"),
        (mail(1, b"a\n\r"), Verdict.DEFERRED, "CRLF"),
        (mail(1, b"a\r\n\r"), Verdict.DEFERRED, "CRLF"),
        (mail(1, b"a\r\n" * 40), Verdict.DEFERRED, "120 bytes, the relay takes 100"),
        (mail(1, b"a\r\n", "a@b.example>\r\nRSET"), Verdict.FAILED, "cannot carry"),
        (mail(1, b"a\r\n", "a b@b.example"), Verdict.FAILED, "cannot carry"),
    ],
    ids="address header eight-bit lf cr lfcr end size injection space".split(),
)
def test_a_mail_that_cannot_go_is_answered_without_a_word_to_the_relay(
    unfit: Mail, verdict: Verdict, words: str
) -> None:
    conversation = Conversation(0, Abilities(pipelining=True, sizes=True, size=100))
    conversation.propose(unfit)
    answer, free = conversation.events
    assert isinstance(answer, Answered)
    assert (answer.outcome.verdict, isinstance(free, Free)) == (verdict, True)
    assert words in answer.outcome.reply
    assert _said(conversation) == b""
    # Whatever is wrong with all mails of an issue loses none of its readers.
    assert (answer.outcome.scope is Scope.ISSUE) == (verdict is Verdict.DEFERRED)


@given(st.lists(st.sampled_from([b".", b"..", b"a", b"\r\n", b"\r\n."]), max_size=30).map(b"".join))
def test_quoted_dots_are_what_a_relay_undoes(data: bytes) -> None:
    text, end = body(data)
    wire = text + end
    assert wire.endswith(b"\r\n.\r\n") or wire == b".\r\n"
    lines = wire[: -len(b".\r\n")].split(b"\r\n")
    assert b"." not in lines
    undone = b"\r\n".join(line.removeprefix(b".") for line in lines)
    assert undone.removesuffix(b"\r\n") == data.removesuffix(b"\r\n")


@given(st.binary(max_size=60) | st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"a"]), max_size=12).map(b"".join))
def test_no_bare_cr_or_lf_is_overlooked(data: bytes) -> None:
    bare = data.replace(b"\r\n", b"")
    assert envelopes._only_crlf(data) == (b"\r" not in bare and b"\n" not in bare)


@given(st.text(st.characters(max_codepoint=127)))
def test_xtext_can_be_read_back(text: str) -> None:
    parts = xtext(text).split("+")
    assert parts[0] + "".join(chr(int(part[:2], 16)) + part[2:] for part in parts[1:]) == text


_SERVER = st.lists(
    st.sampled_from(
        [
            b"250 ok\r\n",
            b"354 go\r\n",
            b"550 no\r\n",
            b"451 later\r\n",
            b"421 bye\r\n",
            b"250-a\r\n",
            b"junk\r\n",
            b"250 x\n",
        ]
    ),
    max_size=14,
).map(b"".join)


def _play(pieces: list[bytes], abilities: Abilities) -> tuple[list[Event], bytes, str]:
    """Answer as a loop does, whatever the server says, byte by byte or at once."""
    conversation = Conversation(0, abilities)
    conversation.propose(mail(1))
    events: list[Event] = []
    said, number = _said(conversation), 1
    for piece in pieces:
        conversation.receive(piece)
        said += _said(conversation)
        while conversation.events:
            event = conversation.events.pop(0)
            events.append(event)
            if isinstance(event, Asked) and not conversation.over:
                number += 1
                conversation.dispatch(mail(number))
                said += _said(conversation)
    return events, said, conversation.over


@given(
    st.lists(st.sampled_from([b"250 ok\r\n", b"550 no\r\n", b"451 later\r\n"]), min_size=3, max_size=3), st.booleans()
)
def test_how_the_relays_bytes_are_cut_makes_no_difference(replies: list[bytes], pipelining: bool) -> None:
    """Within one turn of the relay; what it says before its turn is judged by when it is read."""
    turn = b"".join(replies[: 3 if pipelining else 1])
    whole = _play([turn], Abilities(pipelining=pipelining))
    assert _play([bytes([byte]) for byte in turn], Abilities(pipelining=pipelining)) == whole


@given(_SERVER, st.booleans())
def test_whatever_a_relay_says_each_mail_is_answered_once_and_sent_only_after_its_dot(
    data: bytes, pipelining: bool
) -> None:
    events, said, _over = _play([bytes([byte]) for byte in data], Abilities(pipelining=pipelining))
    answered = [event.mail.key for event in events if isinstance(event, Answered)]
    assert len(answered) == len(set(answered))
    sent = [event for event in events if isinstance(event, Answered) and event.outcome.verdict is Verdict.SENT]
    assert len(sent) <= said.count(b"\r\n.\r\n")


def test_a_broken_connection_says_of_each_mail_what_is_certain() -> None:
    conversation = _asked()
    conversation.dispatch(mail(2))
    conversation.handed(5)  # all but the last byte of "a\r\n" ".\r\n"
    conversation.lost("connection lost")
    first, second = [event for event in conversation.events if isinstance(event, Answered)]
    assert (first.outcome.verdict, second.outcome.counted) == (Verdict.DEFERRED, False)
    conversation = _asked()
    conversation.dispatch(mail(2))
    conversation.handed(6)
    conversation.lost("connection lost")
    first, second = [event for event in conversation.events if isinstance(event, Answered)]
    assert (first.outcome.verdict, second.outcome.verdict) == (Verdict.UNCERTAIN, Verdict.DEFERRED)


def test_a_mail_taken_back_behind_354_costs_the_connection_and_is_not_answered() -> None:
    conversation = _asked()
    conversation.abandon()
    assert conversation.over
    assert conversation.events == []
