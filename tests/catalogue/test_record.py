"""What an article says survives as a record."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Author, Citation, Enclosure, Image, Status
from publisher.catalogue.record import from_record, to_record

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
maybe = st.just("") | words
times = st.none() | st.datetimes(timezones=st.just(UTC))
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
    image=st.none() | st.builds(Image, words, maybe),
    enclosures=st.lists(st.builds(Enclosure, words, words, st.none() | st.integers(1), maybe)).map(tuple),
    sources=st.lists(st.builds(Citation, words, maybe)).map(tuple),
    status=st.sampled_from(Status),
)


@given(articles)
def test_an_article_comes_back_as_it_was(article: Article) -> None:
    assert from_record(json.loads(json.dumps(to_record(article)))) == article


@pytest.mark.parametrize(
    "damage", [{"title": 3}, {"tags": "x"}, {"date_published": "soon"}, {"id": None}, {"status": "?"}]
)
def test_a_damaged_record_is_refused(damage: dict[str, Any]) -> None:
    record = {"id": "urn:a", "title": "A", "url": "https://notes.example/", "date_published": "2026-01-01T00:00:00Z"}
    assert from_record(record).published == datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_record({**record, **damage})
