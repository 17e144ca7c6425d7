"""What may leave in a time is what was agreed, across runs, and nobody waits for another's domain."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from publisher.config.delivery import DeliverySettings, WarmUpSettings
from publisher.delivery.ledger import stored_rates
from publisher.delivery.rates import Limits, expected_seconds
from publisher.delivery.retry import STEPS, next_attempt
from publisher.delivery.sending import Order
from publisher.delivery.transport import Outcome, Scope, Stage, Verdict
from publisher.delivery.transports.memory import Fault, MemoryTransport
from tests.delivery.mailroom import Mailroom

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def settings(**values: object) -> DeliverySettings:
    return DeliverySettings.model_validate({"url": "maildir:out", **values})


def limits(delivery: DeliverySettings, stored: Any = None, now: Any = NOW) -> Limits:
    return Limits(delivery, "relay.example", BERLIN, stored or {}, now)


@given(st.lists(st.integers(0, 5000), max_size=200), st.sampled_from(["60/minute", "600/hour", "3/second"]))
def test_no_span_of_time_has_more_mails_than_its_rate_and_one_more(waits: Any, rate: str) -> None:
    bucket, now, left = limits(settings(rate=rate)), NOW, []
    for wait in waits:
        now += timedelta(milliseconds=wait)
        if bucket.wait("mail.example", now) == 0:
            bucket.take("mail.example", now)
            left.append(now)
    number, _, unit = rate.partition("/")
    per_second = int(number) / {"second": 1, "minute": 60, "hour": 3600}[unit]
    for first in range(len(left)):
        span = (left[-1] - left[first]).total_seconds()
        assert len(left) - first <= per_second * span + max(1.0, per_second) + 0.001


def test_what_a_run_took_the_next_one_does_not_have() -> None:
    delivery = settings(rate="6/hour", domain_rates={"*": "6/hour"})
    one = limits(delivery)
    one.take("mail.example", NOW)
    stored = {scope: (tokens, at) for scope, tokens, at in one.changes()}
    assert set(stored) == {"all", "domain:mail.example"}
    other = limits(delivery, stored, NOW + timedelta(minutes=4))
    assert 359 <= other.wait("mail.example", NOW + timedelta(minutes=4)) <= 361
    assert other.wait("mail.example", NOW + timedelta(minutes=10)) == 0


def test_a_clock_that_was_set_back_gives_nothing_away_and_waits_no_longer() -> None:
    bucket = limits(settings(rate="1/minute"))
    bucket.take("x.example", NOW)
    assert bucket.wait("x.example", NOW - timedelta(hours=1)) == 60


def test_a_new_sender_grows_from_day_to_day() -> None:
    delivery = settings(warm_up=WarmUpSettings(start=date(2026, 12, 1), messages=(2, 5)))
    assert limits(delivery).wait("x.example", NOW - timedelta(days=1)) > 3600
    day = limits(delivery)
    for _ in range(2):
        assert day.wait("x.example", NOW) == 0
        day.take("x.example", NOW)
    assert day.wait("x.example", NOW) == 11 * 3600
    assert day.wait("x.example", NOW + timedelta(hours=11)) == 0
    assert day.wait("x.example", NOW + timedelta(days=2)) == 0
    assert expected_seconds(delivery, 2, {}, BERLIN, NOW) == 0
    assert expected_seconds(delivery, 7, {}, BERLIN, NOW) == 11 * 3600
    assert expected_seconds(delivery, 8, {}, BERLIN, NOW) == 35 * 3600


def test_a_slow_domain_keeps_the_others_from_nothing(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.configure('domain_rates = { "slow.example" = "1/minute" }')
    sqlite_mailroom.people(5, "slow.example")
    sqlite_mailroom.people(20, "quick.example")
    transport = MemoryTransport(lanes=2, idle=lambda _s: sqlite_mailroom.clock.on(seconds=5))
    began = sqlite_mailroom.clock.now
    assert sqlite_mailroom.send(transport).status == 0
    domains = [mail.recipient.partition("@")[2] for mail in transport.taken]
    assert domains.count("slow.example") == 5
    assert set(domains[-4:]) == {"slow.example"}
    assert timedelta(minutes=4) <= sqlite_mailroom.clock.now - began < timedelta(minutes=6)


def test_nobody_sits_for_hours_and_the_next_run_goes_on(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.configure('rate = "2/hour"')
    sqlite_mailroom.people(3)
    transport = MemoryTransport(idle=lambda _s: sqlite_mailroom.clock.on(seconds=30))
    report = sqlite_mailroom.send(transport)
    assert "rates" in report.reason
    assert report.status == 3
    assert len(transport.taken) == 1
    assert sqlite_mailroom.send(transport).tally.sent == 0
    sqlite_mailroom.clock.on(minutes=31)
    assert sqlite_mailroom.send(transport).tally.sent == 1


def test_a_limit_is_a_limit(mailroom: Mailroom) -> None:
    mailroom.people(9)
    transport = MemoryTransport(lanes=4)
    for wanted in (5, 9):
        mailroom.send(transport, order=Order(limit=5))
        assert len(transport.taken) == wanted


@given(st.integers(1, 50), st.integers(0, 10**5))
def test_attempts_grow_apart_and_a_grey_list_is_waited_for(attempts: int, seconds: int) -> None:
    wait = timedelta(seconds=seconds)
    due = next_attempt(attempts, NOW, wait)
    assert due - NOW >= max(wait, STEPS[0])
    assert next_attempt(attempts + 1, NOW, wait) >= due
    assert due - NOW <= max(wait, STEPS[-1])


def test_a_mail_that_did_not_leave_costs_nothing() -> None:
    delivery = settings(
        rate="6/hour", domain_rates={"*": "6/hour"}, warm_up=WarmUpSettings(start=NOW.date(), messages=(2, 5))
    )
    one = limits(delivery)
    one.take("mail.example", NOW)
    assert one.wait("mail.example", NOW) > 0
    one.give_back("mail.example", NOW)
    assert one.wait("mail.example", NOW) == 0
    one.give_back("mail.example", NOW)
    stored = {scope: tokens for scope, tokens, _ in one.changes()}
    assert stored == {"all": 1, "domain:mail.example": 1, "day:2026-12-01": 2}


def test_mails_that_are_put_back_leave_the_day_s_allowance_to_others(sqlite_mailroom: Mailroom) -> None:
    today = sqlite_mailroom.clock.now.date()
    sqlite_mailroom.configure(f"warm_up = {{ start = {today}, messages = [4, 4] }}")
    sqlite_mailroom.people(6)
    unlucky = Fault(Outcome(Verdict.DEFERRED, Stage.MAIL, "421 4.3.2 later", counted=False))
    transport = MemoryTransport(lanes=2, fault=lambda _mail, attempt: unlucky if attempt == 1 else None)
    report = sqlite_mailroom.send(transport)
    assert "rates" in report.reason
    assert len(transport.taken) == 4
    assert sqlite_mailroom.send(transport).tally.sent == 0
    sqlite_mailroom.clock.on(days=1)
    assert sqlite_mailroom.send(transport).tally.sent == 2


def test_mails_that_are_abandoned_are_not_counted_by_the_next_run(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.configure('rate = "4/minute"')
    sqlite_mailroom.people(2)
    unlucky = Fault(Outcome(Verdict.DEFERRED, Stage.MAIL, "452 4.3.1 no room", Scope.RUN, counted=False))
    report = sqlite_mailroom.send(MemoryTransport(fault=lambda _mail, _attempt: unlucky))
    assert "no room" in report.reason
    with sqlite_mailroom.store.reading() as connection:
        assert stored_rates(connection)["all"][0] == 1
