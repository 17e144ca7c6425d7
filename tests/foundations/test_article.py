"""The record is frozen and its times are aware."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from publisher.article import Article
from publisher.errors import Problem


@pytest.mark.parametrize("name", ["published", "updated"])
def test_a_time_without_zone_stops_at_the_door(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} needs a time zone"):
        Article(title="T", url="https://notes.example/", **{name: datetime(2026, 1, 1)})  # type: ignore[arg-type]  # noqa: DTZ001


def test_an_article_cannot_be_changed() -> None:
    article = Article(title="T", url="https://notes.example/")
    with pytest.raises(FrozenInstanceError):
        article.title = "other"  # type: ignore[misc]


def test_where_an_article_was_read_is_not_what_it_says() -> None:
    one = Article(title="T", url="https://notes.example/", path="a.md", line=3, slug="a")
    two = Article(title="T", url="https://notes.example/", path="b.md")
    assert one == two
    assert one != Article(title="T", url="https://notes.example/", published=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (Problem("a.md", "is empty"), "a.md: is empty"),
        (Problem("a.md", "is empty", "write something", 3), "a.md:3: is empty; write something"),
    ],
)
def test_a_problem_reads_as_one_sentence(problem: Problem, words: str) -> None:
    assert str(problem) == words
