"""What feeds say is cleaned and made absolute once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from publisher.article import Article, Author, Citation, Enclosure, Image
from publisher.config.settings import Settings
from publisher.feeds.document import NEVER, entry_of, feed_document
from publisher.feeds.selection import selections

Make = Callable[..., Settings]


def test_the_content_is_highlights_body_and_citations(plain: Article, make_settings: Make) -> None:
    article = replace(
        plain, highlights=("1 < 2",), sources=(Citation("A & B", "https://b.example/?a&b"), Citation("A book"))
    )
    content = entry_of(article, make_settings()).content
    points, body, sources = (
        content.index(part) for part in ("<li>1 &lt; 2</li>", "<em>still</em>", "<h2>Sources</h2>")
    )
    assert points < body < sources
    assert "At a glance" in content[:points]
    assert ' href="https://b.example/?a&amp;b"' in content[sources:]
    assert ">A &amp; B</a>" in content[sources:]
    assert "<li>A book</li>" in content[sources:]


def test_an_article_without_highlights_and_citations_is_its_body(plain: Article, make_settings: Make) -> None:
    assert entry_of(plain, make_settings()).content == plain.content
    padded = replace(plain, content=f"\n{plain.content}\n")  # feed parsers strip what they read from XML
    assert entry_of(padded, make_settings()).content == plain.content


def test_a_citation_without_words_shows_its_address(plain: Article, make_settings: Make) -> None:
    article = replace(plain, sources=(Citation("", "https://b.example/"),))
    assert ">https://b.example/</a>" in entry_of(article, make_settings()).content


def test_relative_addresses_start_from_the_article(plain: Article, make_settings: Make) -> None:
    article = replace(plain, image=Image("a.png"), enclosures=(Enclosure("/b.mp3", "audio/mpeg"),))
    entry = entry_of(article, make_settings())
    assert entry.image == Image("https://notes.example/heron/a.png")
    assert [file.url for file in entry.enclosures] == ["https://notes.example/b.mp3"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "http://[", " "])
def test_only_web_addresses_leave_the_house(url: str, plain: Article, make_settings: Make) -> None:
    article = replace(
        plain,
        url=url,
        authors=(Author("Ada Example", url),),
        image=Image(url),
        enclosures=(Enclosure(url, "audio/mpeg"),),
        sources=(Citation("Somewhere", url),),
    )
    entry = entry_of(article, make_settings())
    assert entry.url == "https://notes.example/"
    assert entry.authors == (Author("Ada Example"),)
    assert entry.image is None
    assert entry.enclosures == ()
    assert "<li>Somewhere</li>" in entry.content


@pytest.mark.parametrize(
    ("summary", "content", "expected"),
    [
        (" It\nstands. ", "<p>Other</p>", "It stands."),
        ("", "<p>The opening.</p><p>The rest.</p>", "The opening."),
        ("\x00", "", "A grey heron"),
    ],
)
def test_there_is_always_a_summary(
    summary: str, content: str, expected: str, plain: Article, make_settings: Make
) -> None:
    assert entry_of(replace(plain, summary=summary, content=content), make_settings()).summary == expected


def test_an_article_without_title_shows_its_address(plain: Article, make_settings: Make) -> None:
    assert entry_of(replace(plain, title="\x07"), make_settings()).title == plain.url


@pytest.mark.parametrize(
    ("publication", "expected"),
    [
        ({}, Author("Field Notes & Co")),
        ({"author": {"name": "Ada Example", "email": "ada@notes.example"}}, Author("Ada Example")),
    ],
)
def test_an_article_without_author_is_the_publications(
    publication: dict[str, Any], expected: Author, plain: Article, make_settings: Make
) -> None:
    article = replace(plain, authors=(Author("\x00", "https://ada.example/"),))
    assert entry_of(article, make_settings(**publication)).authors == (expected,)


@pytest.mark.parametrize(("language", "expected"), [("pt-BR", "pt-BR"), ("no language", "de"), ("", "de")])
def test_a_language_that_is_none_is_the_publications(
    language: str, expected: str, plain: Article, make_settings: Make
) -> None:
    assert entry_of(replace(plain, language=language), make_settings(language="de")).language == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (Enclosure("/a", "audio/mpeg", 5, "A\nB"), Enclosure("https://notes.example/a", "audio/mpeg", 5, "A B")),
        (Enclosure("/a", "no type", 0), Enclosure("https://notes.example/a", "application/octet-stream")),
        (Enclosure("/a", "audio/mpeg", -5), Enclosure("https://notes.example/a", "audio/mpeg")),
    ],
)
def test_files_have_a_type_and_an_honest_length(
    given: Enclosure, expected: Enclosure, plain: Article, make_settings: Make
) -> None:
    assert entry_of(replace(plain, enclosures=(given,)), make_settings()).enclosures == (expected,)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (
            datetime(2026, 1, 1, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=2))),
            datetime(2025, 12, 31, 23, 2, 3, tzinfo=UTC),
        ),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))), datetime(1, 1, 1, tzinfo=UTC)),
        (datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2))), datetime(9999, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_times_are_told_in_utc_to_the_second(
    moment: datetime, expected: datetime, plain: Article, make_settings: Make
) -> None:
    entry = entry_of(replace(plain, published=moment, updated=moment), make_settings())
    assert (entry.published, entry.updated, entry.changed) == (expected, expected, expected)


def test_an_entry_that_never_changed_changed_when_it_was_published(plain: Article, make_settings: Make) -> None:
    entry = entry_of(plain, make_settings())
    assert entry.updated is None
    assert entry.changed == entry.published


def test_an_article_that_is_not_published_is_a_bug(plain: Article, make_settings: Make) -> None:
    with pytest.raises(AssertionError, match="heron is not published"):
        entry_of(replace(plain, published=None), make_settings())


def test_the_newest_change_counts_even_beyond_the_limit(plain: Article, make_settings: Make) -> None:
    edited = datetime(2026, 5, 1, tzinfo=UTC)
    older = replace(plain, id="tag:notes.example,2026:old", published=datetime(2025, 1, 1, tzinfo=UTC), updated=edited)
    made = make_settings({"name": "all", "limit": 1})
    (selection,) = selections((plain, older), made)
    document = feed_document(selection, [entry_of(plain, made)], made, "notes.example,2026")
    assert document.updated == edited


def test_an_empty_feed_has_a_time_before_all_articles(make_settings: Make) -> None:
    made = make_settings({"name": "all"})
    (selection,) = selections((), made)
    assert feed_document(selection, [], made, "notes.example,2026").updated == NEVER
