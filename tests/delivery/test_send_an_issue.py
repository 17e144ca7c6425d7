"""An issue leaves: to everybody who is to get it, once, whatever the relay says."""

from datetime import timedelta
from typing import Any

import pytest

from publisher.audience.subscriptions import unsubscribe
from publisher.delivery.sending import Order
from publisher.delivery.states import IssueState, Policy, State
from publisher.delivery.transport import Mail, Outcome, Scope, Stage, TransportRefused, Verdict
from publisher.delivery.transports.memory import Fault, MemoryTransport, deferred, lost, refused
from tests.delivery.mailroom import Mailroom


def first(fault: Any) -> Any:
    """Return what has a fault at the first attempt alone."""
    return lambda _mail, attempt: fault if attempt == 1 else None


def test_everybody_gets_it_once(mailroom: Mailroom) -> None:
    mailroom.people(25)
    transport = MemoryTransport(lanes=4)
    report = mailroom.send(transport)
    assert report.state is IssueState.DONE
    assert report.status == 0
    assert report.counts[State.SENT] == 25
    assert sorted(mail.recipient for mail in transport.taken) == sorted(f"r{n}@mail.example" for n in range(25))
    assert mailroom.send(transport, issue="weekly/2026-W48").tally.sent == 0
    assert len(transport.taken) == 25
    mailroom.expect_sound()


def test_a_mail_has_its_reader_and_its_links(mailroom: Mailroom) -> None:
    (one,) = mailroom.people(1)
    transport = MemoryTransport()
    mailroom.send(transport)
    (mail,) = transport.taken
    assert mail.sender == "letters@notes.example"
    assert b"To: r0@mail.example\r\n" in mail.data
    assert b"https://notes.example/letters/u/" in mail.data
    assert f"Message-ID: <{mail.token}@".encode() in mail.data
    assert mail.key[1] == one


def test_whoever_left_after_the_freeze_gets_nothing(mailroom: Mailroom) -> None:
    people = mailroom.people(6)
    report = mailroom.send(order=Order(limit=2))
    assert report.status == 3
    with mailroom.store.writing() as connection:
        assert unsubscribe(connection, people[4], mailroom.clock(), "own wish")
    transport = MemoryTransport(lanes=2)
    report = mailroom.send(transport, issue="weekly/2026-W48")
    assert report.state is IssueState.DONE
    assert mailroom.states() == {"sent": 5, "skipped": 1}
    assert "r4@mail.example" not in {mail.recipient for mail in transport.taken}
    mailroom.expect_sound()


def test_what_is_refused_fails_and_what_is_deferred_is_tried_again(mailroom: Mailroom) -> None:
    mailroom.people(4)

    def fault(mail: Mail, attempt: int) -> Fault | None:
        if mail.recipient.startswith("r1@"):
            return refused("550 5.1.1 no such user")
        return deferred("452 4.2.2 full") if mail.recipient.startswith("r2@") and attempt == 1 else None

    transport = MemoryTransport(lanes=2, fault=fault)
    report = mailroom.send(transport)
    assert report.status == 3
    assert mailroom.states() == {"sent": 2, "failed": 1, "pending": 1}
    assert report.next_at is not None
    assert timedelta(minutes=4) < report.next_at - mailroom.clock.now < timedelta(minutes=6)
    assert mailroom.send(transport).tally.handled == 0
    mailroom.clock.on(minutes=6)
    report = mailroom.send(transport)
    assert report.status == 0
    assert mailroom.states() == {"sent": 3, "failed": 1}
    mailroom.expect_sound()


def test_what_is_not_delivered_in_time_is_skipped(mailroom: Mailroom) -> None:
    mailroom.people(2)
    transport = MemoryTransport(fault=lambda _mail, _attempt: deferred("452 4.2.2 full"))
    mailroom.send(transport)
    mailroom.clock.on(hours=49)
    report = mailroom.send(transport, order=Order(expire=True))
    assert (report.state, report.status) == (IssueState.EXPIRED, 3)
    assert mailroom.states() == {"skipped": 2}
    mailroom.expect_sound()


def test_whoever_sends_by_hand_decides_what_becomes_of_an_issue_whose_time_passed(mailroom: Mailroom) -> None:
    mailroom.people(2)
    transport = MemoryTransport(fault=lambda _mail, attempt: deferred("452 4.2.2 full") if attempt < 2 else None)
    mailroom.send(transport)
    mailroom.clock.on(days=1000)  # or a clock that is wrong
    report = mailroom.send(transport)
    assert (report.state, report.status) == (IssueState.SENDING, 3)
    assert "--resume" in report.reason
    assert mailroom.states() == {"pending": 2}
    assert mailroom.send(transport, order=Order(resume=True)).state is IssueState.DONE
    assert mailroom.states() == {"sent": 2}


@pytest.mark.parametrize("order", [Order(resume=True), Order(uncertain=Policy.RESEND)], ids=["resume", "resend"])
def test_whoever_wants_it_sent_late_gets_as_much_time_again(mailroom: Mailroom, order: Order) -> None:
    mailroom.people(2)
    transport = MemoryTransport(fault=lambda _mail, attempt: deferred("452 4.2.2 full") if attempt < 2 else None)
    mailroom.send(transport)
    mailroom.clock.on(hours=49)
    report = mailroom.send(transport, order=order)
    assert report.state in (IssueState.DONE, IssueState.SENDING)
    mailroom.clock.on(hours=5)
    mailroom.send(transport, "weekly/2026-W48")
    assert mailroom.states() == {"sent": 2}
    mailroom.expect_sound()


def test_nothing_leaves_after_its_time_though_a_run_takes_long(mailroom: Mailroom) -> None:
    mailroom.people(6)

    def slow(_mail: Mail, _attempt: int) -> None:
        mailroom.clock.on(hours=20)

    transport = MemoryTransport(fault=slow)
    assert mailroom.send(transport).tally.sent < 6
    assert mailroom.send(transport, order=Order(expire=True)).state is IssueState.EXPIRED
    assert set(mailroom.states()) == {"sent", "skipped"}


def test_a_policy_that_refuses_everybody_pauses_the_issue_and_marks_nobody(mailroom: Mailroom) -> None:
    mailroom.people(9)
    words = "554 5.7.1 relay access denied"
    transport = MemoryTransport(fault=lambda _mail, _n: deferred(words))
    report = mailroom.send(transport)
    assert (report.state, report.status) == (IssueState.PAUSED, 3)
    assert mailroom.states() == {"pending": 9}
    mailroom.send(order=Order(resume=True))
    assert mailroom.states() == {"sent": 9}


@pytest.mark.parametrize("taken", [True, False])
def test_what_may_have_arrived_waits_for_a_person(mailroom: Mailroom, taken: Any) -> None:
    mailroom.people(3)
    transport = MemoryTransport(fault=lambda mail, n: lost(taken=taken) if mail.recipient[1] == "0" else None)
    report = mailroom.send(transport)
    assert mailroom.states() == {"sent": 2, "held": 1}
    assert report.status == 3
    assert mailroom.send(transport).tally.handled == 0
    report = mailroom.send(transport, order=Order(uncertain=Policy.SKIP))
    assert report.state is IssueState.DONE
    assert mailroom.states() == {"sent": 2, "skipped": 1}
    mailroom.expect_sound()


def test_a_copy_has_the_same_bytes_and_leaves_a_quarter_of_an_hour_later(mailroom: Mailroom) -> None:
    mailroom.configure('uncertain = "resend"')
    mailroom.people(1)
    transport = MemoryTransport(fault=first(lost(taken=True)))
    mailroom.send(transport)
    assert mailroom.states() == {"pending": 1}
    assert mailroom.send(transport).tally.handled == 0
    mailroom.clock.on(minutes=16)
    report = mailroom.send(transport)
    assert report.state is IssueState.DONE
    one, other = transport.taken
    assert one == other
    mailroom.expect_sound()


def test_a_relay_that_takes_mails_and_never_says_so_gets_three_copies(mailroom: Mailroom) -> None:
    mailroom.configure('uncertain = "resend"')
    mailroom.people(1)
    transport = MemoryTransport(fault=lambda _mail, _n: lost(taken=True))
    for _ in range(6):
        mailroom.send(transport)
        mailroom.clock.on(minutes=16)
    assert len(transport.taken) == 3
    assert mailroom.states() == {"held": 1}


def test_three_uncertain_mails_in_a_row_pause_the_issue(mailroom: Mailroom) -> None:
    mailroom.people(20)
    transport = MemoryTransport(fault=lambda _mail, _n: lost(taken=True))
    report = mailroom.send(transport)
    assert report.state is IssueState.PAUSED
    assert mailroom.states() == {"held": 3, "pending": 17}
    assert mailroom.send(transport).tally.handled == 0
    good = MemoryTransport()
    report = mailroom.send(good, order=Order(resume=True, uncertain=Policy.SKIP))
    assert report.state is IssueState.DONE
    assert len(good.taken) == 17
    mailroom.expect_sound()


@pytest.mark.parametrize(("scope", "state"), [(Scope.ISSUE, "paused"), (Scope.RUN, "sending")])
def test_a_refusal_that_concerns_all_mails_stops_them(mailroom: Mailroom, scope: Any, state: Any) -> None:
    mailroom.people(20)
    transport = MemoryTransport(lanes=2, fault=lambda _mail, _n: deferred("450 not you", Stage.MAIL, scope))
    report = mailroom.send(transport)
    assert report.state.value == state
    assert "450 not you" in report.reason
    assert report.tally.handled <= 2
    assert mailroom.states() == {"pending": 20}


def test_nothing_that_gets_through_ends_the_run(mailroom: Mailroom) -> None:
    mailroom.people(5)
    busy = Outcome(Verdict.DEFERRED, Stage.MAIL, "421 busy", counted=False)
    report = mailroom.send(MemoryTransport(fault=lambda _mail, _n: Fault(busy)))
    assert report.state is IssueState.SENDING
    assert "nothing got through" in report.reason
    assert mailroom.states() == {"pending": 5}


def test_a_mail_that_a_connection_took_down_with_it_leaves_on_the_next_one(mailroom: Mailroom) -> None:
    mailroom.people(9)
    transport = MemoryTransport(lanes=2, fault=lambda m, n: lost(taken=False) if m.recipient[1] == "3" else None)
    mailroom.send(transport)
    assert mailroom.states() == {"sent": 8, "held": 1}
    assert len(transport.taken) == 8


def test_an_unreachable_relay_loses_nothing(mailroom: Mailroom) -> None:
    mailroom.people(3)
    refusal = Outcome(Verdict.DEFERRED, Stage.CONNECT, "connection refused")
    with pytest.raises(TransportRefused):
        mailroom.send(MemoryTransport(refusal=refusal))
    assert mailroom.states() == {"pending": 3}
    assert mailroom.send().state is IssueState.DONE


def test_a_cancelled_issue_sends_nothing_more(mailroom: Mailroom) -> None:
    mailroom.people(5)
    mailroom.send(order=Order(limit=2))
    report = mailroom.send(order=Order(cancel=True))
    assert report.state is IssueState.CANCELLED
    assert mailroom.states() == {"sent": 2, "skipped": 3}
    assert mailroom.send(issue="weekly/2026-W48").tally.handled == 0
    mailroom.expect_sound()


def test_a_changed_bundle_pauses_the_issue(mailroom: Mailroom) -> None:
    mailroom.people(3)
    mailroom.send(order=Order(limit=1))
    eml = mailroom.folder / "issues/weekly/2026-W48/issue.eml"
    whole = eml.read_bytes()
    eml.write_bytes(whole + b"\r\n")
    report = mailroom.send()
    assert report.state is IssueState.PAUSED
    assert "issue.eml: was changed" in report.reason
    eml.write_bytes(whole)
    assert mailroom.send(order=Order(resume=True)).state is IssueState.DONE


def test_a_reader_whose_address_the_relay_cannot_take_fails_alone(mailroom: Mailroom) -> None:
    from publisher.delivery.transport import Features

    mailroom.people(2)
    with mailroom.store.writing() as connection:
        connection.exec_driver_sql("UPDATE subscription SET address = 'jörg@mail.example' WHERE address LIKE 'r0%%'")
    report = mailroom.send(MemoryTransport(features=Features(smtputf8=False)))
    assert report.counts[State.SENT] == 1
    assert report.counts[State.FAILED] == 1


def test_a_wish_to_end_lets_what_is_on_its_way_arrive(mailroom: Mailroom) -> None:
    from publisher.delivery.loop import Stop

    mailroom.people(50)
    stop = Stop()
    transport = MemoryTransport(lanes=4)

    def watch(tally: Any, _total: int) -> None:
        if tally.sent > 9:
            stop.ask()

    report = mailroom.send(transport, stop=stop, progress=watch)
    assert report.state is IssueState.SENDING
    states = mailroom.states()
    assert states["sent"] == len(transport.taken) < 50
    assert set(states) == {"sent", "pending"}
    assert mailroom.send(transport).state is IssueState.DONE
    assert len(transport.taken) == 50


def test_a_reader_who_is_erased_while_mails_leave_stops_nothing(mailroom: Mailroom) -> None:
    from publisher.audience.addresses import parse_address
    from publisher.audience.erasing import erase

    mailroom.people(12)
    keys = mailroom.publication._keys()
    gone: list[int] = []

    def meddle(tally: Any, _total: Any) -> None:
        if tally.sent == 3 and not gone:
            for number in range(12):
                gone.append(number)
                erase(mailroom.store, keys, parse_address(f"r{number}@mail.example"), mailroom.clock())

    transport = MemoryTransport(lanes=3)
    report = mailroom.send(transport, progress=meddle)
    assert report.state is IssueState.DONE
    assert len(gone) == 12
    assert 3 <= len(transport.taken) <= 9
    assert set(mailroom.states()) == {"sent", "skipped"}
    mailroom.expect_sound()


def test_why_an_issue_is_paused_names_nobody(mailroom: Mailroom) -> None:
    mailroom.people(9)
    words = "554 5.7.1 <r0@mail.example>: looks like junk"
    report = mailroom.send(MemoryTransport(fault=lambda _mail, _n: refused(words, Stage.DOT)))
    assert report.state is IssueState.PAUSED
    assert "looks like junk" in report.reason
    assert "@" not in report.reason
    assert mailroom.states() == {"failed": 5, "pending": 4}
