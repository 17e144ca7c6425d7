"""Goals of what lasts: files that are read while they are replaced, a thousand builds, every time zone there is."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from zoneinfo import ZoneInfo, available_timezones

import pytest

from publisher import Publication
from publisher.files import put
from publisher.newsletter.due import Call, due, next_firings
from tests.publication.test_calendar import RULES, Rule, firings
from tests.publication.test_durability import LATER, new_site, states

pytestmark = pytest.mark.uncovered

WHOLE = bool(os.environ.get("PUBLISHER_WHOLE"))

# ---------------------------------------------------------------- reads beside replaces

READS, REPLACES = (200_000, 2000) if WHOLE else (5000, 50)
_SIZE = 30_000


def torn_reads(target: Path, replace: Callable[[Path, bytes], object], reads: int, replaces: int) -> int:
    """Read a file over and over while it is replaced, at least so often each; return how many reads were torn."""
    replace(target, b"0" * _SIZE)
    done, torn, whole = Event(), list[int](), list[int]()

    def read() -> None:
        number = bad = 0
        while number < reads // 2 or not done.is_set():
            data = target.read_bytes()
            number += 1
            bad += len(data) != _SIZE or data.count(data[:1]) != _SIZE
        torn.append(bad)
        whole.append(number)

    threads = [Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    number = 0
    while number < replaces or any(thread.is_alive() for thread in threads):
        number += 1
        replace(target, b"%d" % (number % 10) * _SIZE)
        if number >= replaces:
            done.set()
    for thread in threads:
        thread.join()
    assert sum(whole) >= reads
    return sum(torn)


@pytest.mark.whole
def test_no_read_of_a_file_that_is_being_replaced_is_torn(tmp_path: Path) -> None:
    assert torn_reads(tmp_path / "all.atom.xml", put, READS, REPLACES) == 0


def test_writing_in_place_would_be_noticed(tmp_path: Path) -> None:
    def in_place(target: Path, data: bytes) -> None:
        with target.open("wb", buffering=0) as out:
            out.write(data[: _SIZE // 2])
            Event().wait(0.002)
            out.write(data[_SIZE // 2 :])

    assert torn_reads(tmp_path / "all.atom.xml", in_place, 200, 20) > 0


# ---------------------------------------------------------------- builds without anything new

REBUILDS = 1000 if WHOLE else 20


def rebuilt(site: Path, times: int, change: Callable[[int], object] = lambda _: None) -> int:
    """Build many times, as a new process would and every tenth time without a cache; count files that were touched."""
    before = {path: state for path, state in states(site).items() if "cache.db" not in path.name}
    touched = 0
    for number in range(times):
        if number % 10 == 9:
            for cache in site.rglob("cache.db*"):
                cache.unlink()
        change(number)
        report = Publication.load(site).build(LATER + number * timedelta(minutes=5))
        after = {path: state for path, state in states(site).items() if "cache.db" not in path.name}
        touched += len(report.written) + len(after.items() ^ before.items())
        before = after
    return touched


@pytest.mark.whole
def test_builds_without_anything_new_write_no_byte_and_touch_no_file(tmp_path: Path) -> None:
    assert rebuilt(new_site(tmp_path), REBUILDS) == 0


def test_a_touched_file_would_be_noticed(tmp_path: Path) -> None:
    site = new_site(tmp_path)
    assert rebuilt(site, 3, lambda number: (site / "feeds/all.json").touch() if number == 1 else None) > 0


# ---------------------------------------------------------------- every time zone

#: In CI those of the half hour, of the far ends and of the missing day, and every fortieth.
ZONES = sorted(available_timezones()) if WHOLE else [
    "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Apia", "Africa/Casablanca", *sorted(available_timezones())[::40]
]  # fmt: skip
FIRST = date(2026, 6, 1)


def expect_each_date_once(zone: ZoneInfo, rule: Rule, days: int) -> None:
    """Demand that a schedule is due at each of its dates, once, whatever the clocks of a zone do."""
    wanted = [moment for moment, _ in firings(rule, zone, FIRST, FIRST + timedelta(days=days))]
    begin = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=zone) - timedelta(seconds=1)
    found = [moment.astimezone(UTC) for moment in next_firings(rule.cron, zone, begin, len(wanted))]
    assert found == wanted, zone.key
    settled = due(rule.cron, zone, begin, None, ()).settled
    for this, following in pairwise(found[:60]):
        calls = []
        for moment in (this - timedelta(seconds=1), this, this + timedelta(hours=1), following - timedelta(seconds=1)):
            answer = due(rule.cron, zone, moment, settled, ())
            settled = answer.settled
            calls.append(answer.call)
        assert calls == [Call.WAIT, Call.MAKE, Call.WAIT, Call.WAIT], (zone.key, this)


@pytest.mark.whole
@pytest.mark.parametrize("name", ["weekly", "at night"])
def test_in_every_time_zone_each_date_is_due_once(name: str) -> None:
    for zone in ZONES:
        expect_each_date_once(ZoneInfo(zone), RULES[name], 400)
