"""Double opt-in: a form, a mail, a button; and what keeps others from using it against somebody."""

import os
from datetime import timedelta
from email import message_from_bytes, policy
from unittest.mock import patch

import pytest

from publisher.audience import signup
from publisher.audience.addresses import parse_address
from publisher.audience.signup import ask, due_letters, form_age, form_token, may_ask, network_of
from publisher.audience.subscriptions import confirm
from publisher.delivery.transport import Mail
from publisher.delivery.transports.memory import Fault, MemoryTransport, deferred, lost
from tests.web.pages.conftest import NOW, Office, link_in

ANN = "ann@reader.example"
HOURS = timedelta(hours=1)


def test_whoever_asks_and_confirms_is_subscribed(office: Office) -> None:
    reply = office.sign_up(ANN)
    assert reply.status == 200
    assert "Look into your inbox" in reply.text
    assert office.status() == "pending"
    (mail,) = office.deliver()
    link = link_in(mail)
    page = office.get(link)
    assert page.status == 200
    assert "Yes, subscribe me" in page.text
    assert office.status() == "pending"
    assert office.post(link, do="confirm").status == 200
    assert office.status() == "confirmed"
    (row,) = office.everything()["subscription"]
    assert any("text " in str(value) and "confirmed by mail" in str(value) for value in row)


def test_the_mail_is_short_and_carries_nothing_of_the_form_but_the_address(office: Office) -> None:
    office.sign_up(ANN, newsletter="birds", name="BUY NOW http://evil.example")
    office.deliver()
    (sent,) = office.transport.taken
    mail = message_from_bytes(sent.data, policy=policy.default)
    assert (sent.sender, sent.recipient) == ("letters@notes.example", ANN)
    assert mail["List-Unsubscribe"] is None
    assert mail["List-Unsubscribe-Post"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "Bitte bestätigen: Vögel"
    assert mail["To"] == ANN
    assert b"evil" not in sent.data
    assert len(sent.data) < 6000
    assert [part.get_content_type() for part in mail.walk()][1:] == ["text/plain", "text/html"]
    assert all(len(one) <= 998 for one in sent.data.split(b"\r\n"))


def test_a_link_works_once(office: Office) -> None:
    office.sign_up(ANN)
    (mail,) = office.deliver()
    link = link_in(mail)
    office.post(link, do="confirm")
    number = office.everything()["subscription"][0][0]
    assert office.post(link, do="confirm").status == 200  # pressed twice: nothing to be frightened of
    token = office.links.unsubscribe("weekly", number).removeprefix("https://notes.example/letters/")
    office.post(token, **{"List-Unsubscribe": "One-Click"})
    assert office.post(link, do="confirm").status == 410
    assert office.status() == "unsubscribed"


def test_a_link_that_worked_twice_would_be_noticed(office: Office) -> None:
    real = signup.confirm_once

    def forgetful(connection, keys, link, now, source):  # type: ignore[no-untyped-def]
        real(connection, keys, link, now, source)
        confirm(connection, keys, link.id, now, source)
        return True

    with patch("publisher.web.pages.desk.confirm_once", forgetful), pytest.raises(AssertionError):
        test_a_link_works_once(office)


def test_a_link_is_good_for_two_days(office: Office) -> None:
    office.sign_up(ANN)
    (mail,) = office.deliver()
    office.now += 49 * HOURS
    assert office.get(link_in(mail)).status == 410
    assert office.post(link_in(mail), do="confirm").status == 410
    assert office.status() == "pending"


def test_whoever_was_suppressed_comes_back_by_their_own_wish_alone(office: Office) -> None:
    office.person()
    office.suppress(ANN)
    assert office.sign_up(ANN).status == 200
    assert office.status() == "suppressed"
    (mail,) = office.deliver()
    office.post(link_in(mail), do="confirm")
    assert office.status() == "confirmed"
    assert office.everything()["suppression"] == []


def test_nobody_learns_what_is_known_of_an_address(office: Office) -> None:
    office.person("known@reader.example")
    office.person("blocked@reader.example")
    office.suppress("blocked@reader.example")
    office.suppress("erased@reader.example")
    replies = []
    for name in ("new", "known", "blocked", "erased", "known"):
        reply = office.sign_up(f"{name}@reader.example")
        replies.append((reply.status, reply.headers, reply.body))
    assert all(reply == replies[0] for reply in replies)
    asked = {mail.split("\r\nTo: ")[1].split("\r\n")[0] for mail in office.deliver()}
    assert asked == {f"{name}@reader.example" for name in ("new", "known", "blocked", "erased")}


@pytest.mark.whole
def test_ten_thousand_requests_are_one_mail_a_day_and_three_at_all(office: Office) -> None:
    many = 2000 if os.environ.get("PUBLISHER_WHOLE") else 100
    expect_few_mails(office, many if office.store.dialect == "sqlite" else 50)


def expect_few_mails(office: Office, requests: int) -> None:
    """Ask for one address on five days, so many times each."""
    address, sent = parse_address(ANN), []
    for day in range(5):
        start = NOW + day * timedelta(days=1, minutes=1)
        with office.store.writing() as connection:
            for number in range(requests):
                ask(connection, office.keys, "weekly", address, start + timedelta(milliseconds=number))
        office.now = start + timedelta(seconds=10)
        sent.append(len(office.deliver()))
    assert sent == [1, 1, 1, 0, 0]


def test_a_limit_that_forgets_would_be_noticed(office: Office) -> None:
    with patch.object(signup, "may_ask", lambda asked, last, now: True), pytest.raises(AssertionError):
        expect_few_mails(office, 2)


def test_asking_is_allowed_once_a_day_and_three_times() -> None:
    assert may_ask(0, NOW - 24 * HOURS, NOW)
    assert not may_ask(1, NOW - 23 * HOURS, NOW)
    assert not may_ask(3, NOW - 240 * HOURS, NOW)


def test_one_network_does_not_ask_for_a_thousand_strangers(office: Office) -> None:
    statuses = [office.sign_up(f"r{n}@reader.example", client=f"192.0.2.{n}").status for n in range(30)]
    assert statuses.count(200) == 20 + statuses[20:].count(200)
    assert statuses[:20] == [200] * 20
    assert 429 in statuses[20:]
    assert office.sign_up("other@reader.example", client="198.51.100.1").status == 200
    again = Office(office.folder, office.store, now=office.now)  # a restart keeps the counts
    assert again.sign_up("late@reader.example", client="192.0.2.200").status == 429
    scopes = [row[0] for row in office.everything()["rate"]]
    assert all("192" not in scope.removeprefix("signup:net:")[:3] or len(scope) > 60 for scope in scopes)


def test_all_networks_together_have_a_limit(office: Office) -> None:
    office.write_rate("signup:all", 0.0)
    office.now -= timedelta(seconds=5)
    assert office.sign_up(ANN).status == 429
    assert office.everything()["subscription"] == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.250", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.9", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "no address", True),
    ],
)
def test_networks_are_counted_together(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


def test_what_fills_every_field_is_answered_and_ignored(office: Office) -> None:
    person = office.sign_up("real@reader.example")
    robot = office.sign_up(ANN, website="https://spam.example")
    assert robot.body == person.body
    assert office.status() == ""
    assert len(office.deliver()) == 1


@pytest.mark.parametrize("form", ["", "x", "x.y", "é.é", "1.2.3", "-1.00"])
def test_a_form_that_was_not_given_out_is_shown_again(office: Office, form: str) -> None:
    reply = office.sign_up(ANN, form=form)
    assert reply.status == 400
    assert f'value="{ANN}"' in reply.text
    assert office.status() == ""


def test_a_form_is_good_for_a_day(office: Office) -> None:
    token = form_token(office.keys, NOW)
    assert form_age(office.keys, token, NOW + 2 * HOURS) == 2 * HOURS
    assert form_age(office.keys, token, NOW + 25 * HOURS) is None
    assert form_age(office.keys, token, NOW - HOURS) is None


@pytest.mark.parametrize("address", ["", "ann", "ann@", "<script>@x", 'a"b@c.example', "a@b@c.example", "a" * 5000])
def test_what_is_no_address_is_told_and_never_run(office: Office, address: str) -> None:
    reply = office.sign_up(address)
    assert reply.status == 400
    assert "This is no email address" in reply.text
    assert "<script" not in reply.text


def test_letters_wait_for_the_relay_and_are_the_same_bytes_each_time(office: Office) -> None:
    office.sign_up(ANN)
    seen: list[bytes] = []
    faults: list[Fault | None] = [deferred("451 4.3.0 later"), lost(taken=True), None]

    def next_fault(mail: Mail, _attempt: int) -> Fault | None:
        seen.append(mail.data)
        return faults[len(seen) - 1]

    for sent in (0, 0, 1):
        office.transport = MemoryTransport(fault=next_fault)
        assert office.outbox.send(office.clock) == sent
        assert office.outbox.send(office.clock) == 0
        office.now += 9 * HOURS
    assert len(set(seen)) == 1
    assert office.outbox.send(office.clock) == 0
    assert len(seen) == 3


def test_a_crash_before_the_answer_repeats_the_letter_a_few_times_at_most(office: Office) -> None:
    office.sign_up(ANN)
    tries = 0
    with patch("publisher.publication.asking.send_trials", side_effect=KeyboardInterrupt):
        for _ in range(10):
            try:
                office.outbox.send(office.clock)
            except KeyboardInterrupt:
                tries += 1
            office.now += 9 * HOURS
    assert tries == 4
    with office.store.reading() as connection:
        assert due_letters(connection, office.now, 10) == []
