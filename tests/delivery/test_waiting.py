"""Which mail leaves next: in turn by domain, none twice, none lost, and never more in memory than a page or so."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from publisher.config.delivery import DeliverySettings
from publisher.delivery import waiting
from publisher.delivery.ledger import Row
from publisher.delivery.rates import Limits
from publisher.delivery.waiting import PAGE, Waiting

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


class Pages:
    """A ledger that gives pages of rows, and notes what it was asked for."""

    def __init__(self, domains: Sequence[str]) -> None:
        self.rows = [Row(one, f"r{one}@{domain}", "", 0) for one, domain in enumerate(domains, 1)]
        self.asked: list[tuple[int, int]] = []

    def due(self, after: int, now: datetime, limit: int) -> list[Row]:
        assert now == NOW
        self.asked.append((after, limit))
        return [row for row in self.rows if row.id > after][:limit]


def limits(**values: object) -> Limits:
    settings = DeliverySettings.model_validate({"url": "maildir:out", **values})
    return Limits(settings, "relay.example", ZoneInfo("UTC"), {}, NOW)


def waits(pages: Any, rates: Limits, page: int = 2) -> Waiting:
    return Waiting(pages, rates, NOW, page)


def taken(mails: Waiting, most: int = 99) -> list[int]:
    """Take what may leave now; return whose."""
    rows: list[int] = []
    while len(rows) < most and (row := mails.take(NOW)) is not None:
        rows.append(row.id)
    return rows


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4, 5])
def test_all_pages_are_read_once_and_no_further(number: int) -> None:
    pages = Pages(["a.example"] * number)
    mails = waits(pages, limits())
    assert taken(mails) == list(range(1, number + 1))
    assert pages.asked == [(after, 2) for after in range(0, number + 1, 2)]
    assert mails.take(NOW) is None
    assert mails.wait(NOW) is None
    assert len(pages.asked) == number // 2 + 1


def test_without_rates_the_next_page_is_read_when_one_is_used_up() -> None:
    pages = Pages(["a.example"] * 4)
    mails = waits(pages, limits())
    assert mails.wait(NOW) == 0
    taken(mails, 2)
    assert pages.asked == [(0, 2)]
    assert mails.wait(NOW) == 0
    assert pages.asked == [(0, 2), (2, 2)]
    assert PAGE == 500


def test_domains_with_rates_take_turns() -> None:
    pages = Pages(["big.example"] * 4 + ["small.example"] * 2)
    mails = waits(pages, limits(domain_rates={"*": "100/second"}), 10)
    assert taken(mails) == [1, 5, 2, 6, 3, 4]


def test_a_domain_without_room_is_passed_over_however_many_it_has() -> None:
    pages = Pages(["slow.example"] * 5 + ["quick.example"] * 2)
    rates = limits(domain_rates={"slow.example": "1/minute"})
    mails = waits(pages, rates)
    assert taken(mails) == [1, 6, 7]
    assert mails.wait(NOW) == 60
    assert rates.wait("slow.example", NOW) == 60
    later = NOW + timedelta(minutes=1)
    row = mails.take(later)
    assert row is not None
    assert (row.id, mails.take(later)) == (2, None)


def test_no_more_is_looked_at_than_fits_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_MOST", 5)
    pages = Pages(["slow.example"] * 9 + ["quick.example"])
    mails = waits(pages, limits(domain_rates={"slow.example": "1/minute"}))
    assert taken(mails) == [1]
    assert pages.asked == [(0, 2), (2, 2), (4, 2)]


def test_what_is_put_back_comes_first_and_was_not_counted() -> None:
    pages = Pages(["slow.example"] * 3)
    rates = limits(domain_rates={"slow.example": "1/minute"})
    mails = waits(pages, rates)
    row = mails.take(NOW)
    assert row is not None
    assert taken(mails) == []
    mails.back(row, NOW)
    assert mails.wait(NOW) == 0
    assert taken(mails) == [1]
    assert [rates.wait("slow.example", NOW), rates.wait("quick.example", NOW)] == [60, 0]


def test_what_is_put_back_when_all_is_taken_is_found_again() -> None:
    mails = waits(Pages(["a.example"] * 2), limits())
    rows = [mails.take(NOW), mails.take(NOW)]
    assert mails.take(NOW) is None
    for row in rows:
        assert row is not None
        mails.back(row, NOW)
    assert mails.wait(NOW) == 0
    assert sorted(taken(mails)) == [1, 2]


def test_a_mail_that_will_not_be_sent_is_not_counted() -> None:
    rates = limits(rate="1/minute")
    mails = waits(Pages(["a.example"] * 2), rates)
    row = mails.take(NOW)
    assert row is not None
    assert mails.wait(NOW) == 60
    mails.spare(row, NOW)
    assert mails.wait(NOW) == 0
    assert taken(mails) == [2]


def test_the_soonest_of_all_domains_is_waited_for() -> None:
    pages = Pages(["slow.example"] * 2 + ["slower.example"] * 2)
    mails = waits(pages, limits(domain_rates={"slow.example": "1/minute", "slower.example": "1/hour"}), 10)
    assert taken(mails) == [1, 3]
    assert mails.wait(NOW) == 60


def test_a_rate_for_all_is_waited_for_by_everybody() -> None:
    mails = waits(Pages(["a.example", "b.example"]), limits(rate="2/minute"))
    assert taken(mails) == [1]
    assert mails.wait(NOW) == 30
