"""Readings come out of the cache as they went in."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Author, Citation, Enclosure, Episode, Image, Status
from publisher.catalogue import packing
from publisher.catalogue.packing import packed, unpacked
from publisher.errors import Problem, Severity
from publisher.sources.base import Reading

PATH = "articles/a.md"
WORDS = st.text(max_size=8)
NAMES = st.text(min_size=1, max_size=8)
LISTS = st.lists(NAMES, max_size=3).map(tuple)
ZONES = st.integers(-720, 720).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.none() | st.datetimes(min_value=datetime(1000, 1, 1), timezones=ZONES)  # noqa: DTZ001
ARTICLES = st.builds(
    Article,
    id=WORDS,
    title=NAMES,
    url=NAMES,
    summary=WORDS,
    content=WORDS,
    highlights=LISTS,
    authors=st.lists(st.builds(Author, NAMES, WORDS, WORDS), max_size=2).map(tuple),
    tags=LISTS,
    section=WORDS,
    language=WORDS,
    published=TIMES,
    updated=TIMES,
    image=st.none() | st.just(Image("a.jpg", "A", 640, 480, "image/jpeg")),
    enclosures=st.just(()) | st.just((Enclosure("a.mp3", "audio/mpeg", 1234, "A", 61),)),
    episode=st.none() | st.just(Episode(number=3, explicit=False)),
    sources=st.just(()) | st.just((Citation("A"), Citation("B", "https://notes.example/b"))),
    status=st.sampled_from(Status),
    path=st.just(PATH),
    line=st.integers(0, 99),
    slug=WORDS,
    body_digest=WORDS,
    unread=st.booleans(),
)
PROBLEMS = st.builds(Problem, WORDS, WORDS, WORDS, st.integers(0, 99), st.sampled_from(Severity))
READINGS = st.builds(Reading, st.lists(ARTICLES, max_size=2).map(tuple), st.lists(PROBLEMS, max_size=2).map(tuple))


def expect_whole(reading: Reading) -> None:
    found = unpacked(packed(reading), PATH)
    assert [asdict(replace(article, digest="")) for article in found.articles] == [*map(asdict, reading.articles)]
    assert found.problems == reading.problems


@given(READINGS)
def test_a_reading_comes_back_whole(reading: Reading) -> None:
    expect_whole(reading)


@pytest.mark.parametrize(
    "lost",
    [
        {"slug": ""},
        {"line": 0},
        {"unread": False},
        {"image": None},
        {"episode": None},
        {"published": None},
        {"authors": (Author("Ada"),)},
    ],
)
def test_a_part_that_is_lost_on_the_way_is_missed(lost: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    sent = Article(
        title="A",
        url="https://notes.example/a/",
        authors=(Author("Ada", "https://ada.example/", "ada@notes.example"),),
        published=datetime(2026, 1, 31, 8, 30, tzinfo=timezone(timedelta(hours=1))),
        image=Image("a.jpg"),
        episode=Episode(number=3),
        path=PATH,
        line=7,
        slug="a",
        unread=True,
    )
    expect_whole(Reading((sent,)))
    careful = packing._unpacked
    monkeypatch.setattr(packing, "_unpacked", lambda row, path: replace(careful(row, path), **lost))
    with pytest.raises(AssertionError):
        expect_whole(Reading((sent,)))


@given(ARTICLES)
def test_the_digest_is_of_what_an_article_says_and_not_of_where_it_lies(one: Article) -> None:
    first, moved, renamed = (
        unpacked(packed(Reading((article,))), PATH).articles[0].digest
        for article in (one, replace(one, path="b.md", line=100), replace(one, title=f"{one.title}!"))
    )
    assert first == moved != renamed


@pytest.mark.parametrize("damaged", ["", "[]", "{}", "null", "[[[]], []]", "[[7], []]", '[[], [["a"]]]', "[[], []"])
def test_what_somebody_else_wrote_is_refused(damaged: str) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        unpacked(damaged, PATH)
