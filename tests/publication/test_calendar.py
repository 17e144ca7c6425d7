"""Three years of calendars, simulated: exactly the issues that the rules say, computed by an oracle of its own."""

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import PublicationSettings
from publisher.newsletter import PastIssue, next_issue
from publisher.newsletter import due as module
from publisher.newsletter.due import Call, Due, Settled, due, next_firings, read_settled

pytestmark = pytest.mark.uncovered

PUBLICATION = PublicationSettings(title="Field Notes", url="https://notes.example/")
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Decide = Callable[..., Due]


# ---------------------------------------------------------------- the oracle: calendars by counting days


@dataclass(frozen=True)
class Rule:
    """A schedule, said a second time in another way."""

    cron: str
    hour: int
    minute: int
    on: Callable[[date], bool]
    name: Callable[[date], str]


def iso_week(day: date) -> str:
    return f"{day:%G}-W{day:%V}"


RULES = {
    "weekly": Rule("0 8 * * MON", 8, 0, lambda day: day.weekday() == 0, iso_week),
    "at night": Rule("30 2 * * *", 2, 30, lambda _day: True, date.isoformat),
    "monthly": Rule("15 9 1 * *", 9, 15, lambda day: day.day == 1, lambda day: f"{day:%Y-%m}"),
    "leap days": Rule("0 8 29 2 *", 8, 0, lambda day: (day.month, day.day) == (2, 29), lambda day: f"{day:%Y-%m}"),
    "sundays at the doubled hour": Rule("30 1 * * SUN", 1, 30, lambda day: day.weekday() == 6, iso_week),
}


def first_instant(day: date, hour: int, minute: int, zone: ZoneInfo) -> datetime:
    """Return when a wall clock first shows a time, or the first later one that it shows, in UTC."""
    wall = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - a wall clock has no zone
    while True:
        found = wall.replace(tzinfo=zone).astimezone(UTC)
        if found.astimezone(zone).replace(tzinfo=None) == wall:
            return found
        wall += MINUTE


def firings(rule: Rule, zone: ZoneInfo, first: date, last: date) -> list[tuple[datetime, str]]:
    """List when a rule fires, in UTC, with the name of the period that begins."""
    days = (first + n * DAY for n in range((last - first).days))
    return [
        (first_instant(day, rule.hour, rule.minute, zone), rule.name(day))
        for day in days
        if rule.on(day) and shown(day, zone)
    ]


def shown(day: date, zone: ZoneInfo) -> bool:
    """Whether calendars have the day: Samoa's had no 30 December 2011."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    return noon.astimezone(UTC).astimezone(zone).date() == day


def expected(
    fired: Sequence[tuple[datetime, str]],
    ticks: Sequence[datetime],
    articles: Sequence[Article],
    lateness: timedelta | None,
) -> list[tuple[datetime, str, set[str]]]:
    """Say which issues there are: when they are made, their period, and the articles in them."""
    times = [time for time, _ in fired]
    done, used, issues = bisect_right(times, ticks[0]), set[str](), list[tuple[datetime, str, set[str]]]()
    since = times[done - 1]
    for tick in ticks:
        now_at = bisect_right(times, tick)
        if now_at == done:
            continue
        done = now_at
        time, key = fired[now_at - 1]
        if lateness is not None and tick - time > lateness:
            continue
        new = {a.id for a in articles if a.published and since <= a.published <= tick} - used
        if new:
            used |= new
            issues.append((tick, key, new))
    return issues


# ---------------------------------------------------------------- the program, over the same years


def lived(
    rule: Rule,
    zone: ZoneInfo,
    ticks: Sequence[datetime],
    articles: Sequence[Article],
    lateness: timedelta | None,
    decide: Decide = due,
) -> list[tuple[datetime, str, set[str]]]:
    """Do at each tick what a run does: decide, make, send, settle."""
    settings = NewsletterSettings(name="sample", schedule=rule.cron)
    past: list[PastIssue] = []
    settled: Settled | None = None
    issues = []
    for tick in ticks:
        gone = {issue.key for issue in past}
        found = decide(rule.cron, zone, tick, settled, gone, lateness)
        if found.call is Call.MAKE:
            issue = next_issue(
                articles, past, settings, PUBLICATION, zone, tick, since=None if past else found.settled.since
            )
            if issue:
                assert issue.key == found.period.key or decide is not due
                ids = tuple(article.id for article in issue.articles)
                past.append(
                    PastIssue(
                        issue.key, issue.number, ids, issue.since, True, issue.date, issue.subject, "", (), (), {}
                    )
                )
                issues.append((tick, issue.key, set(ids)))
        settled = read_settled(found.settled.dump())
    return issues


def article(number: int, published: datetime) -> Article:
    return Article(id=f"tag:notes.example,2026:{number}", title=f"Article {number}", url="", published=published)


def years(zone: ZoneInfo, first: date, seed: int, step: timedelta) -> tuple[list[datetime], list[Article]]:
    """Give the times at which cron runs and the articles of three years; at times the machine is off for long."""
    chance = random.Random(seed)
    begin = datetime(first.year, first.month, first.day, 5, tzinfo=zone).astimezone(UTC)
    end = begin + 3 * 365 * DAY
    ticks = [begin]
    articles: list[Article] = []
    changes = list(turns(zone, begin, end))
    while ticks[-1] < end:
        near = any(abs(ticks[-1] - turn) < 4 * HOUR for turn in changes)
        rest = chance.choice([9, 33, 100]) * DAY if chance.random() < 0.002 else timedelta(0)
        gap = 5 * MINUTE if near else step * chance.uniform(0.2, 1.8)
        nearest = min((turn - 3 * HOUR for turn in changes if turn - 3 * HOUR > ticks[-1]), default=end + DAY)
        ticks.append(min(ticks[-1] + gap + rest, nearest))
    published = begin
    while published < end:
        published += chance.expovariate(1 / 6) * DAY
        articles.append(article(len(articles), published.replace(microsecond=0)))
    return ticks, sorted(articles, key=lambda a: a.published or begin, reverse=True)


def turns(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield, to the hour, when the zone's clocks are changed."""
    hours = [begin + n * HOUR for n in range(int((end - begin) / HOUR))]
    for before, after in pairwise(hours[::24]):
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield next(
                hour
                for hour in (before + n * HOUR for n in range(25))
                if hour.astimezone(zone).utcoffset() == after.astimezone(zone).utcoffset()
            )


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("zone", ZONES)
def test_three_years_have_exactly_the_issues_that_the_rules_say(zone: str, name: str) -> None:
    lateness = 6 * HOUR if (ZONES.index(zone) + list(RULES).index(name)) % 2 else None
    rule, place, first = RULES[name], ZoneInfo(zone), date(2026, 6, 1)
    ticks, articles = years(place, first, seed=len(zone) + len(name), step=9 * HOUR)
    fired = firings(rule, place, date(2020, 1, 1), date(2030, 1, 1))
    wanted = expected(fired, ticks, articles, lateness)
    assert lived(rule, place, ticks, articles, lateness) == wanted
    assert len({key for _, key, _ in wanted}) == len(wanted)
    assert wanted or name == "leap days"


def test_samoa_s_missing_day_has_no_issue_and_loses_no_article() -> None:
    rule, place = RULES["at night"], ZoneInfo("Pacific/Apia")
    ticks, articles = years(place, date(2011, 1, 1), seed=1, step=2 * HOUR)
    fired = firings(rule, place, date(2010, 1, 1), date(2015, 1, 1))
    issues = lived(rule, place, ticks, articles, None)
    assert issues == expected(fired, ticks, articles, None)
    assert "2011-12-30" not in {key for _, key, _ in issues}


def planted_without_memory(
    schedule: str, zone: ZoneInfo, now: datetime, settled: Settled | None, gone: set[str], lateness: timedelta | None
) -> Due:
    """Decide by what left alone: a firing with nothing new is not settled."""
    found = due(schedule, zone, now, settled, gone, lateness)
    return replace(found, settled=settled) if settled else found


def planted_from_the_beginning(
    schedule: str, zone: ZoneInfo, now: datetime, settled: Settled | None, gone: set[str], lateness: timedelta | None
) -> Due:
    """Make an issue at once for the period in which the newsletter is first seen."""
    early = settled or Settled(schedule, zone.key, now - 400 * DAY, now - 400 * DAY)
    return due(schedule, zone, now, early, gone, lateness)


def planted_by_wall_clock(
    schedule: str, zone: ZoneInfo, now: datetime, settled: Settled | None, gone: set[str], lateness: timedelta | None
) -> Due:
    """Compare times of one zone as Python does, by their wall clocks."""
    return due(schedule, zone, now.astimezone(zone).replace(tzinfo=UTC), settled, gone, lateness)


@pytest.mark.parametrize("wrong", [planted_without_memory, planted_from_the_beginning, planted_by_wall_clock])
def test_a_wrong_rule_would_be_noticed(wrong: Decide) -> None:
    rule, place = RULES["at night"], ZoneInfo("Europe/Berlin")
    ticks, articles = years(place, date(2026, 6, 1), seed=5, step=7 * HOUR)
    ticks, articles = ticks[:400], [*articles, article(-1, ticks[0] - HOUR)]
    fired = firings(rule, place, date(2020, 1, 1), date(2030, 1, 1))
    assert lived(rule, place, ticks, articles, 12 * HOUR, wrong) != expected(fired, ticks, articles, 12 * HOUR)


# ---------------------------------------------------------------- single rules


BERLIN = ZoneInfo("Europe/Berlin")
MONDAYS = "0 8 * * MON"
WEDNESDAY = datetime(2026, 11, 18, 12, tzinfo=BERLIN)
MONDAY = datetime(2026, 11, 23, 8, tzinfo=BERLIN)


def seen(at: datetime = WEDNESDAY) -> Settled:
    return due(MONDAYS, BERLIN, at, None, ()).settled


def test_a_newsletter_that_is_seen_for_the_first_time_waits_for_its_next_date() -> None:
    first = due(MONDAYS, BERLIN, WEDNESDAY, None, ())
    assert first.call is Call.WAIT
    assert due(MONDAYS, BERLIN, MONDAY - MINUTE, first.settled, ()).call is Call.WAIT
    assert due(MONDAYS, BERLIN, MONDAY, first.settled, ()).call is Call.MAKE


def test_the_first_run_in_the_very_second_of_a_date_makes_its_issue() -> None:
    assert due(MONDAYS, BERLIN, MONDAY, None, ()).call is Call.MAKE


def test_what_is_settled_is_not_due_again() -> None:
    made = due(MONDAYS, BERLIN, MONDAY, seen(), ())
    assert due(MONDAYS, BERLIN, MONDAY, made.settled, ()).call is Call.WAIT
    assert due(MONDAYS, BERLIN, MONDAY + 6 * DAY, made.settled, ()).call is Call.WAIT


def test_what_is_not_settled_stays_due() -> None:
    assert due(MONDAYS, BERLIN, MONDAY + 3 * DAY, seen(), ()).call is Call.MAKE


def test_a_hundred_missed_dates_make_one_issue_of_the_latest_period() -> None:
    found = due(MONDAYS, BERLIN, MONDAY + 100 * 7 * DAY, seen(), ())
    assert (found.call, found.missed, found.period.key) == (Call.MAKE, 100, "2028-W43")
    assert due(MONDAYS, BERLIN, MONDAY + 100 * 7 * DAY, found.settled, ()).call is Call.WAIT


def test_too_late_is_told_once_and_the_next_date_is_as_usual() -> None:
    late = due(MONDAYS, BERLIN, MONDAY + 7 * HOUR, seen(), (), 6 * HOUR)
    assert late.call is Call.EXPIRED
    assert due(MONDAYS, BERLIN, MONDAY + 7 * HOUR, late.settled, (), 6 * HOUR).call is Call.WAIT
    assert due(MONDAYS, BERLIN, MONDAY + 7 * DAY, late.settled, (), 6 * HOUR).call is Call.MAKE


def test_an_issue_that_left_early_by_hand_is_not_made_again() -> None:
    found = due(MONDAYS, BERLIN, MONDAY, seen(), {"2026-W48"})
    assert (found.call, found.settled.until) == (Call.GONE, MONDAY)


def test_another_schedule_or_zone_starts_afresh() -> None:
    assert due("0 8 * * *", BERLIN, WEDNESDAY + 30 * DAY, seen(), ()).call is Call.WAIT
    assert due(MONDAYS, ZoneInfo("UTC"), WEDNESDAY + 30 * DAY, seen(), ()).call is Call.WAIT


def test_missed_minutes_are_counted_up_to_a_limit() -> None:
    settled = due("* * * * *", BERLIN, WEDNESDAY, None, ()).settled
    assert due("* * * * *", BERLIN, WEDNESDAY + 400 * DAY, settled, ()).missed == module.MOST_MISSED


def test_each_hour_is_due_once_on_the_days_when_clocks_change() -> None:
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25)):
        begin = datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)
        settled = due("0 * * * *", BERLIN, begin - MINUTE, None, ()).settled
        keys = []
        for n in range(hours * 12):
            found = due("0 * * * *", BERLIN, begin + n * 5 * MINUTE, settled, ())
            keys += [found.period.key] if found.call is Call.MAKE else []
            settled = found.settled
        assert len(keys) == len(set(keys)) == hours


@given(
    st.integers(1_735_689_600, 2_051_222_400).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.sampled_from(ZONES),
)
def test_the_next_dates_are_those_at_which_an_issue_becomes_due(now: datetime, zone: str) -> None:
    place = ZoneInfo(zone)
    settled = due("30 2 * * *", place, now, None, ()).settled
    for firing in next_firings("30 2 * * *", place, now, 3):
        assert due("30 2 * * *", place, firing.astimezone(UTC) - MINUTE / 60, settled, ()).call is Call.WAIT
        found = due("30 2 * * *", place, firing, settled, ())
        assert found.call is Call.MAKE
        settled = found.settled


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"schedule": "", "zone": "", "until": 5}',
        '{"schedule":"","zone":"","until":"2026-01-01","since":"2026-01-01"}',
    ],
)
def test_a_damaged_memory_is_told(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are the caller's
        read_settled(text)
