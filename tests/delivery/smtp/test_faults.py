"""Everything a relay can do wrong, against the whole stack: what we say became of the mail, and what the relay took."""

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from publisher.delivery.smtp import conversation
from publisher.delivery.smtp.verdicts import GREYLISTED
from publisher.delivery.transport import Scope, Stage, TransportRefused, Verdict
from tests.delivery.faultserver import FEATURES, Act, FaultServer, Script, at
from tests.delivery.smtp.driving import QUICK, client, drive, mail

SENT, DEFERRED, FAILED, UNCERTAIN = Verdict.SENT, Verdict.DEFERRED, Verdict.FAILED, Verdict.UNCERTAIN
STEPWISE = tuple(feature for feature in FEATURES if feature != "PIPELINING")
Case = tuple[str, Act, Verdict, Stage, Scope, bool, int]
_R, _I, _S = Scope.RECIPIENT, Scope.ISSUE, Scope.RUN

#: Stage and act of the server for the second of three mails; verdict, stage, scope, whether it counts; copies taken.
CASES: dict[str, Case] = {
    "MAIL 250": ("mail", Act(), SENT, Stage.DOT, _R, True, 1),
    "MAIL 421": ("mail", Act(b"421 4.3.2 bye", "drop"), DEFERRED, Stage.MAIL, _R, False, 0),
    "MAIL 451": ("mail", Act(b"451 4.3.0 later"), DEFERRED, Stage.MAIL, _R, True, 0),
    "MAIL 452": ("mail", Act(b"452 4.3.1 full"), DEFERRED, Stage.MAIL, _R, True, 0),
    "MAIL 503": ("mail", Act(b"503 5.5.1 nested"), DEFERRED, Stage.MAIL, _R, True, 0),
    "MAIL 530": ("mail", Act(b"530 5.7.0 log in"), DEFERRED, Stage.MAIL, _S, False, 0),
    "MAIL 550": ("mail", Act(b"550 5.7.1 not you"), DEFERRED, Stage.MAIL, _I, False, 0),
    "MAIL 552": ("mail", Act(b"552 5.3.4 large"), DEFERRED, Stage.MAIL, _I, False, 0),
    "MAIL drop": ("mail", Act(b"", "drop"), DEFERRED, Stage.MAIL, _R, False, 0),
    "MAIL reset": ("mail", Act(b"", "reset"), DEFERRED, Stage.MAIL, _R, False, 0),
    "MAIL silence": ("mail", Act(b"", "hang"), DEFERRED, Stage.MAIL, _R, False, 0),
    "MAIL garbage": ("mail", Act(b"hello there"), DEFERRED, Stage.MAIL, _R, False, 0),
    "MAIL bare LF": ("mail", Act(b"250 ok\n"), DEFERRED, Stage.MAIL, _R, False, 0),
    "MAIL 354": ("mail", Act(b"354 go"), DEFERRED, Stage.MAIL, _R, True, 0),
    "MAIL drip": ("mail", Act(b"250 " + b"x" * 500, drip=0.05), DEFERRED, Stage.MAIL, _R, False, 0),
    "MAIL flood": ("mail", Act(b"250-more", "flood"), DEFERRED, Stage.MAIL, _R, False, 0),
    "RCPT 251": ("rcpt", Act(b"251 forwarded"), SENT, Stage.DOT, _R, True, 1),
    "RCPT 421": ("rcpt", Act(b"421 4.7.0 slow down", "drop"), DEFERRED, Stage.RCPT, _R, False, 0),
    "RCPT 450": ("rcpt", Act(b"450 4.2.0 greylisted"), DEFERRED, Stage.RCPT, _R, True, 0),
    "RCPT 451": ("rcpt", Act(b"451 4.7.1 greylisted"), DEFERRED, Stage.RCPT, _R, True, 0),
    "RCPT 452": ("rcpt", Act(b"452 4.5.3 too many"), DEFERRED, Stage.RCPT, _R, True, 0),
    "RCPT 503": ("rcpt", Act(b"503 5.5.1 MAIL first"), DEFERRED, Stage.RCPT, _R, True, 0),
    "RCPT 538": ("rcpt", Act(b"538 5.7.11 encrypt"), DEFERRED, Stage.RCPT, _S, False, 0),
    "RCPT 550": ("rcpt", Act(b"550 5.1.1 no such user"), FAILED, Stage.RCPT, _R, True, 0),
    "RCPT 550 in two lines": ("rcpt", Act(b"550-5.1.1 no\r\n550 5.1.1 user"), FAILED, Stage.RCPT, _R, True, 0),
    "RCPT 552": ("rcpt", Act(b"552 5.2.2 full"), DEFERRED, Stage.RCPT, _R, True, 0),
    "RCPT 554": ("rcpt", Act(b"554 5.7.1 no"), DEFERRED, Stage.RCPT, _R, True, 0),
    "RCPT drop": ("rcpt", Act(b"", "drop"), DEFERRED, Stage.RCPT, _R, True, 0),
    "RCPT reset": ("rcpt", Act(b"", "reset"), DEFERRED, Stage.RCPT, _R, True, 0),
    "RCPT silence": ("rcpt", Act(b"", "hang"), DEFERRED, Stage.RCPT, _R, True, 0),
    "RCPT two codes": ("rcpt", Act(b"250-ok\r\n550 no"), DEFERRED, Stage.RCPT, _R, True, 0),
    "RCPT long line": ("rcpt", Act(b"250 " + b"x" * 70000), DEFERRED, Stage.RCPT, _R, True, 0),
    "DATA 421": ("data", Act(b"421 4.3.2 bye", "drop"), DEFERRED, Stage.DATA, _R, False, 0),
    "DATA 451": ("data", Act(b"451 4.3.0 later"), DEFERRED, Stage.DATA, _R, True, 0),
    "DATA 503": ("data", Act(b"503 5.5.1 RCPT first"), DEFERRED, Stage.DATA, _R, True, 0),
    "DATA 554": ("data", Act(b"554 5.7.1 policy"), DEFERRED, Stage.DATA, _R, True, 0),
    "DATA 250": ("data", Act(b"250 what"), DEFERRED, Stage.DATA, _R, True, 0),
    "DATA drop": ("data", Act(b"", "drop"), DEFERRED, Stage.DATA, _R, True, 0),
    "DATA silence": ("data", Act(b"", "hang"), DEFERRED, Stage.DATA, _R, True, 0),
    "DATA garbage": ("data", Act(b"\xff\xfe\x00"), DEFERRED, Stage.DATA, _R, True, 0),
    "DATA 354 and 250 at once": ("data", Act(b"354 go\r\n250 taken"), DEFERRED, Stage.DATA, _R, True, 0),
    "DATA 354 and half a reply": ("data", Act(b"354 go\r\n25\n"), DEFERRED, Stage.DATA, _R, True, 0),
    "dot 250": ("dot", Act(b"250 ok"), SENT, Stage.DOT, _R, True, 1),
    "dot 250 in lines": ("dot", Act(b"250-one\r\n250 two"), SENT, Stage.DOT, _R, True, 1),
    "dot 250 alone": ("dot", Act(b"250\r\n"), SENT, Stage.DOT, _R, True, 1),
    "dot 250, then closed": ("dot", Act(b"250 ok", "drop"), SENT, Stage.DOT, _R, True, 1),
    "dot 250 in drops": ("dot", Act(b"250 ok\r\n", drip=0.01), SENT, Stage.DOT, _R, True, 1),
    "dot 251": ("dot", Act(b"251 hm", keep=True), UNCERTAIN, Stage.DOT, _R, True, 1),
    "dot 354": ("dot", Act(b"354 go"), UNCERTAIN, Stage.DOT, _R, True, 0),
    "dot 421": ("dot", Act(b"421 4.3.2 bye", "drop"), DEFERRED, Stage.DOT, _R, True, 0),
    "dot 451": ("dot", Act(b"451 4.3.0 later"), DEFERRED, Stage.DOT, _R, True, 0),
    "dot 452": ("dot", Act(b"452 4.3.1 full"), DEFERRED, Stage.DOT, _R, True, 0),
    "dot 550": ("dot", Act(b"550 5.7.1 spam"), DEFERRED, Stage.DOT, _R, True, 0),
    "dot 552": ("dot", Act(b"552 5.3.4 large"), FAILED, Stage.DOT, _R, True, 0),
    "dot 554": ("dot", Act(b"554 5.6.0 no"), FAILED, Stage.DOT, _R, True, 0),
    "dot silence, taken": ("dot", Act(b"", "hang", keep=True), UNCERTAIN, Stage.DOT, _R, True, 1),
    "dot silence": ("dot", Act(b"", "hang", keep=False), UNCERTAIN, Stage.DOT, _R, True, 0),
    "dot drop, taken": ("dot", Act(b"", "drop", keep=True), UNCERTAIN, Stage.DOT, _R, True, 1),
    "dot drop": ("dot", Act(b"", "drop", keep=False), UNCERTAIN, Stage.DOT, _R, True, 0),
    "dot reset": ("dot", Act(b"", "reset", keep=True), UNCERTAIN, Stage.DOT, _R, True, 1),
    "dot garbage": ("dot", Act(b"OK thanks", keep=True), UNCERTAIN, Stage.DOT, _R, True, 1),
    "dot bare LF": ("dot", Act(b"250 ok\n"), UNCERTAIN, Stage.DOT, _R, True, 1),
    "dot bare CR": ("dot", Act(b"250 ok\r550 no\r\n"), UNCERTAIN, Stage.DOT, _R, True, 1),
    "dot half a reply": ("dot", Act(b"250 o\0k", "drop"), UNCERTAIN, Stage.DOT, _R, True, 1),
    "dot 64 KiB": ("dot", Act(b"250 " + b"x" * 65536), UNCERTAIN, Stage.DOT, _R, True, 1),
    "dot endless": ("dot", Act(b"250-more", "flood"), UNCERTAIN, Stage.DOT, _R, True, 1),
    "dot dripping": ("dot", Act(b"250 " + b"x" * 500, drip=0.05), UNCERTAIN, Stage.DOT, _R, True, 1),
    "dot code out of range": ("dot", Act(b"999 ok", keep=True), UNCERTAIN, Stage.DOT, _R, True, 1),
}


@pytest.mark.parametrize("features", [FEATURES, STEPWISE], ids=["pipelined", "stepwise"])
@pytest.mark.parametrize("case", CASES)
def test_the_second_of_three_mails_has_the_fault_and_the_others_none(case: str, features: tuple[str, ...]) -> None:
    stage, act, verdict, where, scope, counted, copies = CASES[case]
    with FaultServer(at(stage, act, mail=1, connection=0), features=features) as server:
        report = drive(client(server.port), [mail(number) for number in (1, 2, 3)])
        outcome = report.outcomes[2]
        assert (outcome.verdict, outcome.scope) == (verdict, scope), outcome
        # A reset may overtake the replies that were sent before it.
        assert outcome.stage is where or act.then == "reset", outcome
        if act.then in ("go", "drop") and b"\n" not in (act.reply or b""):
            assert outcome.counted == counted or outcome.verdict is UNCERTAIN, outcome
        taken = [line["recipient"] for line in server.mails()]
        assert taken.count("reader2@mail.example") == copies
        # The first was sent, and the third, unless it went down with the connection, uncounted.
        assert report.outcomes[1].verdict is SENT
        third = report.outcomes[3]
        assert third.verdict is SENT or (third.verdict is DEFERRED and not third.counted)
        assert taken.count("reader3@mail.example") == (third.verdict is SENT)
        assert server.violations == []


def test_a_relay_that_takes_the_reader_of_a_refused_sender_gets_no_empty_mail() -> None:
    """A lone dot ends a transaction without readers; here it would be a mail without content."""

    def confused(stage: str, _connection: int, _mail: int) -> Act | None:
        return Act(b"550 no\r\n250 yes\r\n354 go") if stage == "mail" else None

    with FaultServer(confused) as server:
        assert drive(client(server.port), [mail()]).outcomes[1].scope is Scope.ISSUE
        assert server.mails() == []
        assert b"." not in server.lines


def test_greylisting_waits_some_minutes_before_the_next_attempt() -> None:
    with FaultServer(at("rcpt", Act(b"450 4.2.0 come back"))) as server:
        outcome = drive(client(server.port), [mail()]).outcomes[1]
    assert outcome.not_before == GREYLISTED >= timedelta(minutes=5)


LARGE = b"Subject: large\r\n\r\n" + 400_000 * (b"y" * 70 + b"\r\n")


@pytest.mark.parametrize("then", ["drop", "reset"])
@pytest.mark.parametrize("after", [1, 5000, 1_000_000])
def test_a_body_that_was_not_wholly_handed_over_was_certainly_not_sent(after: int, then: str) -> None:
    script = at("body", Act(b"", then, after=after))  # type: ignore[arg-type]
    with FaultServer(script, features=("PIPELINING",), buffer=4096) as server:
        outcome = drive(client(server.port), [mail(1, LARGE)]).outcomes[1]
        assert server.mails() == []
    assert (outcome.verdict, outcome.stage) == (DEFERRED, Stage.BODY)


@pytest.mark.parametrize("reply", [b"250 2.0.0 taken", b"451 later", b"554 no", b"2"])
def test_an_answer_before_the_dot_has_left_is_none(reply: bytes) -> None:
    with FaultServer(at("body", Act(reply, "hang", after=1000)), features=("PIPELINING",), buffer=4096) as server:
        outcome = drive(client(server.port), [mail(1, LARGE)]).outcomes[1]
    assert (outcome.verdict, outcome.stage) == (DEFERRED, Stage.BODY)


def test_a_relay_that_stops_reading_is_given_up_after_the_deadline_of_the_body() -> None:
    with FaultServer(at("body", Act(b"", "hang", after=1000)), features=("PIPELINING",), buffer=4096) as server:
        transport = client(server.port, deadlines=replace(QUICK, block=0.001))
        outcome = drive(transport, [mail(1, LARGE)]).outcomes[1]
    assert (outcome.verdict, outcome.stage, outcome.reply) == (DEFERRED, Stage.BODY, "no answer in time")


def test_the_last_byte_tells_uncertain_from_deferred() -> None:
    """A small body is with the kernel at once, so a drop at its last byte leaves us guessing."""
    with FaultServer(at("body", Act(b"", "drop", after=-1))) as server:
        outcome = drive(client(server.port), [mail()]).outcomes[1]
        assert server.mails() == []
    assert outcome.verdict is UNCERTAIN


def test_believing_an_early_answer_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation.Conversation, "_expects_a_reply", lambda self: bool(self._questions))
    with FaultServer(
        at("body", Act(b"250 taken", "hang", after=1000)), features=("PIPELINING",), buffer=4096
    ) as server:
        outcome = drive(client(server.port), [mail(1, LARGE)]).outcomes[1]
    with pytest.raises(AssertionError):
        assert outcome.verdict is DEFERRED


@pytest.mark.parametrize(
    ("script", "scope", "stage"),
    [
        (at("accept", Act(b"", "drop")), Scope.RECIPIENT, Stage.BANNER),
        (at("banner", Act(b"421 4.3.2 busy", "drop")), Scope.RECIPIENT, Stage.BANNER),
        (at("banner", Act(b"450 later")), Scope.RECIPIENT, Stage.BANNER),
        (at("banner", Act(b"554 5.7.1 go away", "drop")), Scope.RUN, Stage.BANNER),
        (at("banner", Act(b"521 no mail here", "drop")), Scope.RUN, Stage.BANNER),
        (at("banner", Act(b"", "hang")), Scope.RECIPIENT, Stage.BANNER),
        (at("banner", Act(b"220 " + b"x" * 500, drip=0.05)), Scope.RECIPIENT, Stage.BANNER),
        (at("banner", Act(b"220-more", "flood")), Scope.RECIPIENT, Stage.BANNER),
        (at("banner", Act(b"SSH-2.0-OpenSSH")), Scope.RECIPIENT, Stage.BANNER),
        (at("ehlo", Act(b"421 bye", "drop")), Scope.RECIPIENT, Stage.HELLO),
        (at("ehlo", Act(b"", "hang")), Scope.RECIPIENT, Stage.HELLO),
        (at("ehlo", Act(b"250 ok\r\n250 more")), Scope.RECIPIENT, Stage.HELLO),
    ],
    ids="drop 421 450 554 521 silence drip flood ssh ehlo-421 ehlo-silence ehlo-twice".split(),
)
def test_a_relay_that_does_not_begin_well_is_refused_with_its_stage(script: Script, scope: Scope, stage: Stage) -> None:
    with FaultServer(script) as server, pytest.raises(TransportRefused) as refusal:
        client(server.port).open()
    outcome = refusal.value.outcome
    assert (outcome.scope, outcome.stage, outcome.verdict) == (scope, stage, DEFERRED)
    assert "127.0.0.1" in str(refusal.value)


def test_a_port_where_nobody_listens_is_told_as_such() -> None:
    with FaultServer() as server:
        port = server.port
    with pytest.raises(TransportRefused, match="Connection refused") as refusal:
        client(port).open()
    assert refusal.value.outcome.stage is Stage.CONNECT


def test_a_relay_older_than_ehlo_is_greeted_with_helo() -> None:
    with FaultServer(at("ehlo", Act(b"502 5.5.1 what?"))) as server:
        report = drive(client(server.port), [mail(1), mail(2)])
        assert [outcome.verdict for outcome in report.outcomes.values()] == [SENT, SENT]
        assert b"helo notes.example" in server.lines


def test_a_relay_that_closes_after_some_mails_costs_nobody_an_attempt() -> None:
    def closing(stage: str, _connection: int, number: int) -> Act | None:
        return Act(b"421 4.7.0 enough for now", "drop") if stage == "mail" and number == 5 else None

    with FaultServer(closing) as server:
        report = drive(client(server.port), [mail(number) for number in range(30)])
        refused = [outcome for outcome in report.outcomes.values() if outcome.verdict is not SENT]
        assert all(outcome.verdict is DEFERRED and not outcome.counted for outcome in refused)
        assert len(server.mails()) == 30 - len(refused)
        assert server.connections > 4
    assert report.troubles == []


def test_a_dripping_relay_is_given_up_at_the_deadline_of_the_whole_reply() -> None:
    """Bytes that keep coming move no deadline: the reply of 500 would take 25 seconds."""
    with FaultServer(at("rcpt", Act(b"250 " + b"x" * 500, drip=0.05))) as server:
        started = time.monotonic()
        outcome = drive(client(server.port), [mail()]).outcomes[1]
        assert outcome.reply == "no answer in time"
        assert time.monotonic() - started < 20


def test_eight_lanes_send_each_mail_once() -> None:
    with FaultServer() as server:
        report = drive(client(server.port, lanes=8), [mail(number) for number in range(200)])
        assert {outcome.verdict for outcome in report.outcomes.values()} == {SENT}
        assert sorted(line["message_id"] for line in server.mails()) == sorted(
            f"<{number}@notes.example>" for number in range(200)
        )
        assert server.connections == server.quits == 8
    assert threading.active_count() < 30
