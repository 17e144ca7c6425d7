"""Which feeds there are, and that their addresses stay."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Author
from publisher.config.settings import Settings
from publisher.feeds.selection import Group, clean_tags, groups, selections


def tagged(*lists: tuple[str, ...]) -> tuple[Article, ...]:
    """Make articles with these tags, the oldest first in the call and last in the result."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = [
        Article(
            id=f"tag:x,2026:{day}", title="T", url="https://x.example/", tags=each, published=start + timedelta(day)
        )
        for day, each in enumerate(lists)
    ]
    return tuple(reversed(made))


def tags(articles: tuple[Article, ...]) -> tuple[Group, ...]:
    return groups(articles, clean_tags)


def digest(tag: str) -> str:
    return sha256(tag.encode()).hexdigest()


def test_each_feed_of_the_settings_comes_in_its_order(make_settings: Callable[..., Settings]) -> None:
    articles = tagged(("b", "A"), ("b",))
    made = make_settings({"per": "tag", "title": "Tags"}, {"name": "all"})
    found = [(selection.name, selection.title, len(selection.articles)) for selection in selections(articles, made)]
    assert found == [("tags/a", "Tags: A", 1), ("tags/b", "Tags: b", 2), ("all", "Field Notes & Co", 2)]


def written(*, authors: tuple[str, ...] = (), section: str = "", language: str = "en") -> Article:
    (article,) = tagged(("x",))
    names = "-".join((*authors, section, language))
    return replace(article, id=f"urn:{names}", authors=tuple(map(Author, authors)), section=section, language=language)


ADA, BO, DE, AT = (
    written(authors=("Ada Example",), section="News"),
    written(authors=("Bo Example", "Ada Example"), section="news"),
    written(authors=("Cleo Example",), language="de"),
    written(section="Essays", language="de-AT"),
)


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        ("author", {"authors/ada-example": 2, "authors/bo-example": 1, "authors/cleo-example": 1}),
        ("section", {"sections/news": 2, "sections/essays": 1}),
        ("language", {"languages/en": 2, "languages/de": 1, "languages/de-at": 1}),
    ],
)
def test_there_is_a_feed_for_each_author_section_and_language(
    make_settings: Callable[..., Settings], per: str, expected: dict[str, int]
) -> None:
    found = {s.name: len(s.articles) for s in selections((ADA, BO, DE, AT), make_settings({"per": per}))}
    assert found == expected


def test_no_mail_address_is_in_the_address_or_title_of_a_feed(make_settings: Callable[..., Settings]) -> None:
    (found,) = selections((written(authors=("Di <di@d.example>",)),), make_settings({"per": "author", "title": "By"}))
    assert (found.name, found.title) == ("authors/di", "By: Di")


def test_what_is_blank_once_cleaned_is_no_tag() -> None:
    (article,) = tagged(("\ufdd0\u2028", "a\ufdd0"))
    assert clean_tags(article) == ("a",)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"authors": ["ada example"]}, (ADA, BO)),
        ({"authors": ["Ada Example"], "sections": ["Essays"]}, ()),
        ({"sections": ["NEWS", "essays"]}, (ADA, BO, AT)),
        ({"languages": ["de"]}, (DE, AT)),
        ({"languages": ["de-at"]}, (AT,)),
        ({"tags": ["X"], "languages": ["en"]}, (ADA, BO)),
        ({"tags": ["y"]}, ()),
    ],
)
def test_a_feed_holds_what_all_its_filters_accept(
    make_settings: Callable[..., Settings], wanted: dict[str, list[str]], expected: tuple[Article, ...]
) -> None:
    (found,) = selections((ADA, BO, DE, AT), make_settings({"name": "some", **wanted}))
    assert found.articles == expected
    assert not found.total


def test_a_feed_of_a_language_is_in_that_language(make_settings: Callable[..., Settings]) -> None:
    assert [s.language for s in selections((DE,), make_settings({"per": "language"}))] == ["de"]


def test_tags_that_differ_in_case_are_one_with_the_oldest_spelling() -> None:
    articles = tagged(("Python",), ("python", "PYTHON"), ("PYTHON",))
    (tag,) = tags(articles)
    assert (tag.label, tag.slug, tag.articles) == ("Python", "python", articles)


def test_equally_old_tags_are_spelled_as_in_the_article_of_the_lower_id() -> None:
    younger, older = tagged(("python",), ("Python",))
    (tag,) = tags((replace(younger, published=older.published), older))
    assert tag.label == "python"


def test_the_older_of_two_tags_keeps_their_common_address() -> None:
    found = {tag.label: tag.slug for tag in tags(tagged(("foo-bar",), ("foo bar",), ("foo_bar",)))}
    assert found["foo-bar"] == "foo-bar"
    assert found["foo bar"] == f"foo-bar-{digest('foo bar')[:8]}"
    assert len(set(found.values())) == 3


def test_an_address_that_looks_like_a_hashed_one_is_not_shared() -> None:
    squatter = f"foo-bar-{digest('foo bar')[:8]}"
    found = {tag.label: tag.slug for tag in tags(tagged((squatter,), ("foo-bar",), ("foo bar",)))}
    assert found == {squatter: squatter, "foo-bar": "foo-bar", "foo bar": f"foo-bar-{digest('foo bar')}"}


def test_related_languages_have_addresses_of_their_own() -> None:
    assert len({tag.slug for tag in tags(tagged(("C", "C++", "C#")))}) == 3


def test_tags_are_cleaned_and_told_once() -> None:
    (article,) = tagged((" b\n", "a", "B", "\x00", ""))
    assert clean_tags(article) == ("b", "a")


@given(
    st.lists(st.lists(st.text("ab -_+É", min_size=1, max_size=3), max_size=3).map(tuple), max_size=6), st.integers(0, 6)
)
def test_addresses_are_unique_and_stay_when_articles_arrive(lists: list[tuple[str, ...]], early: int) -> None:
    before = {tag.label: tag.slug for tag in tags(tagged(*lists[:early]))}
    after = {tag.label: tag.slug for tag in tags(tagged(*lists))}
    assert before.items() <= after.items()
    assert len(set(after.values())) == len(after)
