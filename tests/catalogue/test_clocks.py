"""What readers were told stands, whatever a clock, an author or a merge says later."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from publisher.article import Article
from publisher.catalogue import Catalogue, Confirmed, Lock, Remembered, compile_catalogue
from publisher.catalogue.lock import Promise, dump, parse

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ARTICLE = Article(title="A", url="https://notes.example/a/", published=NOW - timedelta(hours=1), path="a.md", slug="a")
EMPTY = Lock()


def nothing(_ids: frozenset[str]) -> Mapping[str, Remembered]:
    return {}


def catalogue(found: Sequence[Article], lock: Lock = EMPTY, now: datetime = NOW, **confirmed: bool) -> Catalogue:
    return compile_catalogue(
        found,
        (),
        lock,
        authority="notes.example,2026",
        zone=ZoneInfo("UTC"),
        now=now,
        remember=nothing,
        confirmed=Confirmed(**confirmed),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("always", [False, True])
def test_a_clock_set_back_takes_nothing_from_readers(always: bool) -> None:
    first = catalogue([ARTICLE])
    second = catalogue([ARTICLE], first.lock, NOW - 9 * DAY, always=always)
    assert (second.articles, second.scheduled, second.problems) == (first.articles, (), ())
    assert second.lock == first.lock


def test_what_was_withdrawn_waits_for_its_time_as_anything_new() -> None:
    first = catalogue([ARTICLE])
    gone = catalogue([], first.lock, everything=True)
    assert catalogue([ARTICLE], gone.lock, NOW - 9 * DAY).articles == ()


def test_an_update_before_publication_tells_readers_nothing() -> None:
    """Such as a day without an hour: the entry would become older than it was."""
    early = replace(ARTICLE, updated=NOW - DAY)
    first = catalogue([ARTICLE])
    for made in (catalogue([early]), catalogue([early], first.lock)):
        assert [a.updated for a in made.articles] == [None]
        assert made.lock.promises.keys() == first.lock.promises.keys()


def test_an_article_that_came_back_is_later_than_its_tombstone() -> None:
    first = catalogue([ARTICLE])
    gone = catalogue([], first.lock, everything=True)
    (withdrawn,) = gone.withdrawn
    for now in (NOW, NOW + DAY):
        (back,) = catalogue([ARTICLE], gone.lock, now).articles
        assert back.updated
        assert withdrawn.withdrawn
        assert back.updated == max(now, withdrawn.withdrawn + timedelta(seconds=1))


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_lines_after_a_merge_the_later_holds_and_no_page_is_lost(turn: int) -> None:
    promises = [
        Promise("urn:a", NOW, "a.md", "A", "00", updated=NOW + DAY, pages={"all": 1}),
        Promise("urn:a", NOW, "a.md", "A, mended", "01", updated=NOW + 2 * DAY, pages={"tags/x": 2}),
    ]
    data = b"".join(dump(Lock("", {p.id: p})).partition(b"\n")[2] for p in promises[::turn])
    (merged,) = parse(data).promises.values()
    assert (merged.title, merged.updated) == ("A, mended", NOW + 2 * DAY)
    assert merged.pages == {"all": 1, "tags/x": 2}
