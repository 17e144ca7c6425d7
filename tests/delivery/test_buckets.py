"""Rates to the second: what a bucket holds, which buckets a mail takes from, and when a day begins."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from publisher.config.delivery import DeliverySettings, WarmUpSettings
from publisher.delivery.rates import Bucket, Limits, expected_seconds

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
#: An hour before midnight in Berlin.
LATE = datetime(2026, 12, 1, 22, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 12, 1)
SECOND = timedelta(seconds=1)


def settings(**values: object) -> DeliverySettings:
    return DeliverySettings.model_validate({"url": "maildir:out", **values})


def limits(stored: Any = None, now: datetime = NOW, **values: object) -> Limits:
    return Limits(settings(**values), "relay.example", BERLIN, stored or {}, now)


def warm(*messages: int, start: date = TODAY) -> dict[str, WarmUpSettings]:
    return {"warm_up": WarmUpSettings(start=start, messages=messages)}


@pytest.mark.parametrize(("rate", "holds"), [("1/hour", 1), ("60/minute", 1), ("2/second", 2), ("5/second", 5)])
def test_what_is_saved_up_leaves_in_a_second(rate: str, holds: int) -> None:
    one = limits(rate=rate)
    for _ in range(holds):
        assert one.wait("mail.example", NOW) == 0
        one.take("mail.example", NOW)
    assert one.wait("mail.example", NOW) == pytest.approx({"1/hour": 3600, "60/minute": 1}.get(rate, 1 / holds))
    # However long nothing leaves, no more is saved up.
    later = NOW + timedelta(days=2)
    for _ in range(holds):
        assert one.wait("mail.example", later) == 0
        one.take("mail.example", later)
    assert one.wait("mail.example", later) > 0


def test_a_domain_has_its_rate_however_the_settings_write_it() -> None:
    rates = {"Slow.EXAMPLE": "1/minute", "Bücher.example": "1/hour", "*": "1/second"}
    one = limits(domain_rates=rates)
    for domain, wait in (("slow.example", 60), ("xn--bcher-kva.example", 3600), ("other.example", 1)):
        one.take(domain, NOW)
        assert one.wait(domain, NOW) == pytest.approx(wait)


@pytest.mark.parametrize("domain", ["", "a b", "x..example", ".example", "ann@mail.example", "*.example"])
def test_what_is_no_domain_has_no_rate(domain: str) -> None:
    with pytest.raises(ValidationError, match=r"is no domain, such as mail\.example, or \* for all others"):
        settings(domain_rates={domain: "1/minute"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [("Mail.Notes.example", "mail.notes.example"), ("[192.0.2.7]", "[192.0.2.7]"), ("[IPv6:2001:db8::7]",) * 2],
)
def test_this_machine_is_called_by_its_name_or_address(given: str, kept: str) -> None:
    assert settings(hello=given).hello == kept
    with pytest.raises(ValidationError, match="is no domain"):
        settings(hello="*")


def test_whoever_waits_for_a_slow_start_is_told_when_it_is() -> None:
    one = Limits(settings(**warm(2)), "relay.example", BERLIN, {}, NOW)
    assert one.reason(LATE - timedelta(days=1)).startswith("nothing leaves before 2026-12-01, where warm_up")
    assert one.reason(NOW) == one.reason(LATE) == limits(rate="1/hour").reason(NOW)
    assert one.reason(NOW) == "the rates in [delivery] let nothing more leave for now"


def test_a_bucket_fills_with_time_and_never_against_it() -> None:
    bucket = Bucket(2.0, 0.0, NOW)
    assert bucket.wait(NOW - SECOND) == 0.5
    assert (bucket.tokens, bucket.at) == (0.0, NOW)
    assert bucket.wait(NOW + SECOND / 4) == 0.25
    assert (bucket.tokens, bucket.at) == (0.5, NOW + SECOND / 4)
    assert bucket.wait(NOW + SECOND / 2) == 0
    assert bucket.wait(NOW + 60 * SECOND) == 0
    assert bucket.tokens == bucket.most == 2.0


def test_sums_of_fractions_that_miss_a_whole_by_a_little_are_enough() -> None:
    assert Bucket(1.0, 1 - 1e-10, NOW).wait(NOW) == 0
    assert Bucket(1.0, 1 - 1e-6, NOW).wait(NOW) > 0


def test_a_mail_takes_from_all_its_buckets_and_the_slowest_decides() -> None:
    one = limits(rate="60/minute", relay_rate="6/minute", domain_rates={"slow.example": "1/minute"})
    one.take("slow.example", NOW)
    one.take("slow.example", NOW)
    assert one.wait("slow.example", NOW) == 120
    assert one.wait("quick.example", NOW) == 20
    assert one.changes() == [
        ("all", -1.0, NOW),
        ("domain:slow.example", -1.0, NOW),
        ("relay:relay.example", -1.0, NOW),
    ]
    assert not one.changed
    assert one.changes() == []


def test_what_is_given_back_is_a_change_and_one_mail() -> None:
    one = limits(rate="5/second")
    for _ in range(3):
        one.take("a.example", NOW)
    assert one.changed
    one.changes()
    one.give_back("a.example", NOW)
    assert one.changes() == [("all", 3.0, NOW)]


def test_a_domain_of_its_own_and_all_others_one_by_one() -> None:
    own = limits(domain_rates={"slow.example": "1/minute"})
    assert [own.group("slow.example"), own.group("quick.example")] == ["slow.example", ""]
    each = limits(domain_rates={"*": "1/minute", "slow.example": "1/hour"})
    assert [each.group("slow.example"), each.group("quick.example")] == ["slow.example", "quick.example"]
    for domain in ("slow.example", "quick.example"):
        each.take(domain, NOW)
    assert [each.wait(domain, NOW) for domain in ("slow.example", "quick.example", "other.example")] == [3600, 60, 0]


def test_what_the_settings_say_no_more_about_limits_nothing() -> None:
    stored = {"all": (0.0, NOW), "relay:other.example": (0.0, NOW), "domain:a.example": (0.0, NOW)}
    one = limits(stored, relay_rate="1/hour", domain_rates={"b.example": "1/hour"})
    assert [one.wait(domain, NOW) for domain in ("a.example", "b.example")] == [0, 0]
    assert not limits().any
    assert limits().wait("a.example", NOW) == 0
    for some in ({"rate": "1/hour"}, {"relay_rate": "1/hour"}, {"domain_rates": {"a.example": "1/hour"}}, warm(1)):
        assert limits(**some).any


def test_a_bucket_from_the_future_fills_from_now() -> None:
    one = limits({"all": (0.0, NOW + timedelta(days=1))}, rate="1/minute")
    assert one.wait("a.example", NOW + timedelta(minutes=1)) == 0
    past = limits({"all": (0.0, NOW - timedelta(seconds=30))}, rate="1/minute")
    assert past.wait("a.example", NOW) == 30


def test_a_day_s_allowance_is_remembered_and_ends_at_midnight_where_the_publication_is() -> None:
    one = limits(**warm(2, 5))  # type: ignore[arg-type]
    one.take("a.example", LATE)
    assert one.changes() == [("day:2026-12-01", 1.0, LATE)]
    other = limits({"day:2026-12-01": (1.0, LATE)}, LATE, **warm(2, 5))
    assert other.wait("a.example", LATE) == 0
    other.take("a.example", LATE)
    assert other.wait("a.example", LATE) == 3600
    # Another day has a bucket of its own, and five of them.
    tomorrow = LATE + timedelta(hours=1)
    for _ in range(5):
        assert other.wait("a.example", tomorrow) == 0
        other.take("a.example", tomorrow)
    assert other.wait("a.example", tomorrow) == 24 * 3600
    # Behind the last day that is named, nothing is limited.
    assert other.wait("a.example", tomorrow + timedelta(days=1)) == 0
    other.changes()
    other.take("a.example", tomorrow + timedelta(days=1))
    assert not other.changed


def test_nothing_leaves_before_a_slow_start_begins() -> None:
    early = limits(**warm(2, start=date(2026, 12, 3)))  # type: ignore[arg-type]
    assert early.wait("a.example", NOW) == 11 * 3600
    early.give_back("a.example", NOW)
    assert early.wait("a.example", NOW) == 11 * 3600
    # Right before midnight at least a second is waited, so that nobody asks without end.
    assert early.wait("a.example", LATE + timedelta(hours=1) - SECOND / 10) == 1


def test_how_long_mails_take_is_told_by_the_slowest_rate() -> None:
    expect = {
        "nothing": (settings(), 0),
        "rate": (settings(rate="10/minute"), 60),
        "relay": (settings(relay_rate="10/hour"), 3600),
        "domain": (settings(domain_rates={"a.example": "2/minute"}), 120),
        "each": (settings(rate="10/second", domain_rates={"*": "3/minute"}), 120),
        "both": (settings(domain_rates={"*": "1/second", "b.example": "1/minute"}), 360),
    }
    domains = {"a.example": 4, "b.example": 6}
    for name, (delivery, seconds) in expect.items():
        assert expected_seconds(delivery, 10, domains, BERLIN, NOW) == pytest.approx(seconds), name


@pytest.mark.parametrize(("mails", "hours"), [(0, 0), (1, 0), (2, 0), (3, 11), (7, 11), (8, 35), (10_000, 35)])
def test_a_slow_start_takes_days(mails: int, hours: int) -> None:
    assert expected_seconds(settings(**warm(2, 5)), mails, {}, BERLIN, NOW) == hours * 3600


def test_a_slow_start_that_lies_ahead_is_waited_for() -> None:
    ahead = settings(**warm(2, 5, start=date(2026, 12, 3)))
    assert expected_seconds(ahead, 0, {}, BERLIN, NOW) == 0
    assert expected_seconds(ahead, 2, {}, BERLIN, NOW) == 35 * 3600
    assert expected_seconds(ahead, 3, {}, BERLIN, NOW) == 59 * 3600
