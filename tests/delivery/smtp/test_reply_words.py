"""What is said and read word for word: sizes of replies, words for logs, parameters of commands, quoted dots."""

import pytest

from publisher.delivery.smtp.envelopes import Abilities, body, mail_command, needs_smtputf8, rcpt_command, unfit, xtext
from publisher.delivery.smtp.replies import (
    LONGEST_LINE,
    MOST_BYTES,
    MOST_LINES,
    Garbage,
    Reply,
    ReplyReader,
    printable,
)
from publisher.delivery.smtp.verdicts import GREYLISTED, broken
from publisher.delivery.transport import LONGEST_REPLY, Mail, Outcome, Scope, Stage, Verdict
from tests.delivery.smtp.driving import mail


def read(*pieces: bytes) -> list[Reply | Garbage]:
    reader = ReplyReader()
    return [found for piece in pieces for found in reader.feed(piece)]


def test_the_limits_are_those_of_the_docs() -> None:
    assert (LONGEST_LINE, MOST_LINES, MOST_BYTES, LONGEST_REPLY) == (2048, 100, 65536, 500)
    assert GREYLISTED.total_seconds() == 300


def test_a_line_may_be_as_long_as_the_longest_and_no_longer() -> None:
    for end in (b"\r\n", b""):
        for extra, kind in ((0, Reply), (1, Garbage)):
            line = b"250 " + b"x" * (LONGEST_LINE - 6 + extra) + b"\r\n"
            found = read(line) if end else read(line[:-1], line[-1:])
            assert [type(one) for one in found] == [kind], (end, extra)
    assert read(b"2" * (LONGEST_LINE - 1)) == []


def test_a_reply_may_have_a_hundred_lines_and_no_more() -> None:
    (reply,) = read(b"250-a\r\n" * (MOST_LINES - 1) + b"250 a\r\n")
    assert isinstance(reply, Reply)
    assert len(reply.lines) == MOST_LINES
    assert read(b"250-a\r\n" * MOST_LINES) == [Garbage("a reply without end")]


def test_a_reply_may_have_64_kib_and_no_more() -> None:
    line = b"250-" + b"x" * 2042 + b"\r\n"
    assert len(line) * 32 == MOST_BYTES
    (reply,) = read(line * 32 + b"250 end\r\n")
    assert isinstance(reply, Reply)
    assert read(line * 32 + b"250-\r\n") == [Garbage("a reply without end")]
    # Each reply begins anew.
    assert [type(one) for one in read(b"250-a\r\n250 b\r\n" + line * 32 + b"250 end\r\n")] == [Reply] * 2
    assert [type(one) for one in read((line * 20 + b"250 end\r\n") * 3)] == [Reply] * 3


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"250 ok\n", "a line that ends with a bare line feed"),
        (b"\n", "a line that ends with a bare line feed"),
        (b"\r\n", "no reply:"),
        (b"2" * LONGEST_LINE, "a line without end"),
        (b"250-ok\r\n250 ok\n", "a line that ends with a bare line feed"),
        (b"hello <ada@mail.example>\r\n", "no reply: hello <…>"),
        (b"x" * 80 + b"\r\n", f"no reply: {'x' * 60}"),
        (b"\xff\xfehi\r\n", "no reply: \ufffd\ufffdhi"),
        (b"250-ok\r\n550 no\r\n", "a reply with two codes"),
        (b"250-ok\r\n550-no\r\n", "a reply with two codes"),
    ],
    ids="bare bare-0 empty endless bare-2 no-reply long bytes two-codes two-codes-2".split(),
)
def test_what_is_wrong_is_told(data: bytes, words: str) -> None:
    reader = ReplyReader()
    assert list(reader.feed(data)) == [Garbage(words)]
    assert not reader.begun
    assert list(reader.feed(b"250 ok\r\n")) == []


def test_a_part_of_a_reply_has_begun_one() -> None:
    reader = ReplyReader()
    begun = []
    for piece in (b"", b"250", b"-a\r\n", b"250 b", b"\r\n"):
        list(reader.feed(piece))
        begun.append(reader.begun)
    assert begun == [False, True, True, True, False]


def test_the_last_line_may_be_a_code_alone() -> None:
    assert read(b"250-a\r\n250\r\n") == [Reply(250, (b"a", b""))]


def test_lines_may_repeat_the_code_of_the_first() -> None:
    (reply,) = read(b"550-5.1.1 The\r\n550-5.1.1\r\n550 reader  \r\n")
    assert reply == Reply(550, (b"5.1.1 The", b"5.1.1", b"reader  "))
    assert isinstance(reply, Reply)
    assert reply.words == "550 5.1.1 The reader"
    assert Reply(550, (b"5.1.1 no", b"5.1.1 user")).words == "550 5.1.1 no user"
    assert Reply(550, (b"\xffno", b"")).words == "550 \ufffdno"
    (reply,) = read(b"550-5.1.1x The\r\n550 5.1.1x end\r\n")
    assert isinstance(reply, Reply)
    assert reply.words == "550 5.1.1x The 5.1.1x end"


@pytest.mark.parametrize(
    ("code", "line", "policy"),
    [
        (550, b"5.7.1 no", True),
        (500, b" 5.7.26 no", True),
        (499, b"5.7.1 later", False),
        (550, b"5.1.7 no", False),
        (550, b"see 5.7.1", False),
        (550, b"5x7.1", False),
    ],
)
def test_a_policy_begins_with_its_number(code: int, line: bytes, policy: bool) -> None:  # a parameter
    assert Reply(code, (line,)).is_policy == policy
    assert not Reply(code, ()).is_policy
    assert not Reply(code, (b"no", b"5.7.1 no")).is_policy


def test_words_are_one_line_without_addresses_and_not_too_long() -> None:
    assert printable("a\x1b[31m\tb\r\nc") == "a [31m b  c"
    assert printable("no <ada.lovelace+x@mail.example>, nor grace@example;") == "no <…>, nor …;"
    assert printable("x" * 501) == "x" * 500
    assert printable("x" * 499 + "  y") == "x" * 499
    # An address at the border is not cut into something that is none.
    assert "@" not in printable("x " * 247 + "ada@mail.example")
    assert "a" not in printable("x " * 247 + "ada@mail.example")
    assert printable("grüße") == "grüße"


@pytest.mark.parametrize(
    ("abilities", "token", "words"),
    [
        (Abilities(), "t", b""),
        (Abilities(sizes=True), "t", b" SIZE=3"),
        (Abilities(size=9), "t", b""),
        (Abilities(eight_bit=True, smtputf8=True), "t", b""),
        (Abilities(dsn=True), "t=1", b" RET=HDRS ENVID=t+3D1"),
        (Abilities(dsn=True), "t", b" RET=HDRS ENVID=t"),
        (Abilities(dsn=True), "", b" RET=HDRS"),
        (Abilities(dsn=True), "t" * 100, b" RET=HDRS ENVID=" + b"t" * 100),
        (Abilities(dsn=True), "t" * 101, b" RET=HDRS"),
    ],
    ids="none size size-unsaid eight-bit dsn short-token no-token long-token too-long-token".split(),
)
def test_the_sender_is_named_with_what_is_offered_and_needed(abilities: Abilities, token: str, words: bytes) -> None:
    one = Mail((1, 1), "b@notes.example", "ada@mail.example", b"a\r\n", token=token)
    assert mail_command(one, abilities) == b"MAIL FROM:<b@notes.example>" + words + b"\r\n"


def test_eight_bits_are_announced_where_there_are_some() -> None:
    abilities = Abilities(eight_bit=True)
    assert mail_command(mail(1, b"\xc3\xbc\r\n"), abilities).endswith(b"> BODY=8BITMIME\r\n")
    plain = Mail((1, 1), "", "ada@mail.example", b"\xc3\xbc\r\n", plain=True)
    assert mail_command(plain, abilities) == b"MAIL FROM:<>\r\n"
    assert mail_command(mail(1, b"\xc3\xbc\r\n"), Abilities()).endswith(b">\r\n")


def test_the_reader_is_named_with_what_is_offered() -> None:
    one = mail(1, b"", "ada+x@mail.example")
    assert rcpt_command(one, Abilities()) == b"RCPT TO:<ada+x@mail.example>\r\n"
    assert rcpt_command(one, Abilities(dsn=True)) == (
        b"RCPT TO:<ada+x@mail.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;ada+2Bx@mail.example\r\n"
    )
    beyond = mail(1, b"", "jörg@mail.example")
    assert rcpt_command(beyond, Abilities(dsn=True)) == (
        "RCPT TO:<jörg@mail.example> NOTIFY=FAILURE,DELAY\r\n".encode()
    )


def test_parameters_hold_what_is_printable_but_two_signs() -> None:
    assert xtext("!*,-<>-~") == "!*,-<>-~"
    assert xtext("+= \x7f\x00") == "+2B+3D+20+7F+00"


@pytest.mark.parametrize(("sender", "recipient", "header", "needs"), [
    ("a@x.example", "b@x.example", False, False),
    ("ä@x.example", "b@x.example", False, True),
    ("a@x.example", "ä@x.example", False, True),
    ("a@x.example", "b@x.example", True, True),
])  # fmt: skip
def test_any_address_may_need_smtputf8(sender: str, recipient: str, header: bool, needs: bool) -> None:
    one = Mail((1, 1), sender, recipient, b"", smtputf8=header)
    assert needs_smtputf8(one) == needs
    words = "the relay does not take addresses beyond ASCII (SMTPUTF8)"
    assert unfit(one, Abilities(eight_bit=True)) == (Outcome(Verdict.FAILED, Stage.MAIL, words) if needs else None)
    assert unfit(one, Abilities(smtputf8=True)) is None
    assert (b" SMTPUTF8" in mail_command(one, Abilities(smtputf8=True))) == needs


EIGHT_BIT = "the relay does not take bytes beyond ASCII (8BITMIME), and the message has some"
NO_CRLF = "the message has a line that does not end with CRLF; make the issue again"
NO_PATH = "the address holds characters that SMTP cannot carry"


@pytest.mark.parametrize(
    ("one", "outcome"),
    [
        (mail(1, b"x" * 100), None),
        (
            mail(1, b"x" * 101),
            Outcome(
                Verdict.DEFERRED,
                Stage.MAIL,
                "the message has 101 bytes, the relay takes 100",
                Scope.ISSUE,
                counted=False,
            ),
        ),
        (mail(1, b"\xc3\r\n"), Outcome(Verdict.DEFERRED, Stage.MAIL, EIGHT_BIT, Scope.ISSUE, counted=False)),
        (mail(1, b"a\n"), Outcome(Verdict.DEFERRED, Stage.BODY, NO_CRLF, Scope.ISSUE, counted=False)),
        (Mail((1, 1), "a b@x.example", "b@x.example", b""), Outcome(Verdict.FAILED, Stage.MAIL, NO_PATH)),
        (Mail((1, 1), "", "b>@x.example", b""), Outcome(Verdict.FAILED, Stage.RCPT, NO_PATH)),
        (Mail((1, 1), "", "", b""), Outcome(Verdict.FAILED, Stage.RCPT, "there is no address")),
        (Mail((1, 1), "", "b@x.example", b"\xc3\r\n", plain=True), None),
        (Mail((1, 1), "", "b@x.example", b"a\n", plain=True), None),
    ],
    ids="fits size eight-bit line sender recipient nobody plain-bits plain-line".split(),
)
def test_why_a_mail_cannot_go_is_told(one: Mail, outcome: Outcome | None) -> None:
    assert unfit(one, Abilities(sizes=True, size=100)) == outcome


@pytest.mark.parametrize(
    ("data", "plain", "said"),
    [
        (b"", False, (b"", b".\r\n")),
        (b"a", False, (b"a", b"\r\n.\r\n")),
        (b"a\r\n", False, (b"a\r\n", b".\r\n")),
        (b".a\r\n.b\r\n..c\r\n", False, (b"..a\r\n..b\r\n...c\r\n", b".\r\n")),
        (b"a.b\r\n", False, (b"a.b\r\n", b".\r\n")),
        (b"a\r\nb\r\n", True, (b"a\r\nb\r\n", b".\r\n")),
    ],
)
def test_a_body_and_its_end(data: bytes, plain: bool, said: tuple[bytes, bytes]) -> None:  # a parameter
    assert body(data, plain=plain) == said


@pytest.mark.parametrize("stage", Stage)
def test_a_connection_that_ends_says_where_and_in_whose_words(stage: Stage) -> None:
    for counted in (True, False):
        outcome = broken(stage, "gone", counted=counted)
        assert (outcome.stage, outcome.reply, outcome.counted) == (stage, "gone", counted)
    assert broken(stage, "gone").counted
