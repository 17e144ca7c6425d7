"""What an article says survives as a record."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import (
    Article,
    Author,
    Chapters,
    Citation,
    Enclosure,
    Episode,
    Image,
    Person,
    Status,
    Transcript,
)
from publisher.catalogue.record import from_record, to_record

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
maybe = st.just("") | words
times = st.none() | st.datetimes(timezones=st.just(UTC))
numbers = st.none() | st.integers(1)
pictures = st.builds(Image, words, maybe, numbers, numbers, maybe)
episodes = st.builds(
    Episode,
    title=maybe,
    number=numbers,
    display=maybe,
    season=numbers,
    season_name=maybe,
    type=st.sampled_from(["full", "trailer", "bonus"]),
    explicit=st.none() | st.booleans(),
    duration=numbers,
    image=st.none() | pictures,
    transcripts=st.lists(st.builds(Transcript, words, words, maybe, st.sampled_from(["", "captions"]))).map(tuple),
    chapters=st.none() | st.builds(Chapters, words, words),
    persons=st.lists(st.builds(Person, words, maybe, maybe, maybe, maybe)).map(tuple),
    block=st.booleans(),
)
articles = st.builds(
    Article,
    id=words,
    title=words,
    url=words,
    summary=maybe,
    content=maybe,
    highlights=st.lists(words).map(tuple),
    authors=st.lists(st.builds(Author, words, maybe, maybe)).map(tuple),
    tags=st.lists(words).map(tuple),
    section=maybe,
    language=words,
    published=times,
    updated=times,
    image=st.none() | pictures,
    enclosures=st.lists(st.builds(Enclosure, words, words, numbers, maybe, numbers)).map(tuple),
    episode=st.none() | episodes,
    sources=st.lists(st.builds(Citation, words, maybe)).map(tuple),
    status=st.sampled_from(Status),
)


@given(articles)
def test_an_article_comes_back_as_it_was(article: Article) -> None:
    assert from_record(json.loads(json.dumps(to_record(article)))) == article


@pytest.mark.parametrize(
    "damage",
    [
        {"title": 3},
        {"tags": "x"},
        {"date_published": "soon"},
        {"id": None},
        {"status": "?"},
        {"podcast": "x"},
        {"podcast": {"x": 1}},
    ],
)
def test_a_damaged_record_is_refused(damage: dict[str, Any]) -> None:
    record = {"id": "urn:a", "title": "A", "url": "https://notes.example/", "date_published": "2026-01-01T00:00:00Z"}
    assert from_record(record).published == datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError)):
        from_record({**record, **damage})
