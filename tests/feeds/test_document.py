"""What feeds say is cleaned and made absolute once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from publisher.article import Article, Author, Citation, Enclosure, Image
from publisher.config.kinds import Format
from publisher.config.settings import Settings
from publisher.feeds.document import NEVER, FeedDocument, Tombstone, archive_formats, entry_of, feed_document
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
    assert entry.image
    assert entry.image.url == "https://notes.example/heron/a.png"
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


@pytest.mark.parametrize(
    ("url", "expected"), [("https://cdn.example?a", "https://cdn.example/?a"), ("//b.example", "")]
)
def test_a_web_address_has_a_path(url: str, expected: str, plain: Article, make_settings: Make) -> None:
    entry = entry_of(replace(plain, enclosures=(Enclosure(url, "audio/mpeg"),)), make_settings())
    assert entry.enclosures[0].url == (expected or "https://b.example/")


def test_nobodys_mail_address_is_in_a_name(plain: Article, make_settings: Make) -> None:
    article = replace(plain, authors=(Author("Ada Example <ada@notes.example>"), Author("<bob@notes.example>")))
    assert entry_of(article, make_settings()).authors == (Author("Ada Example"),)


def test_lost_characters_show_as_question_marks_and_noncharacters_not_at_all(
    plain: Article, make_settings: Make
) -> None:
    lost = "a\ufffdb\ufdd0\U0010ffff\ufdfa"
    entry = entry_of(replace(plain, title=lost, summary=lost, tags=(lost,), section=lost), make_settings())
    assert {entry.title, entry.summary, *entry.tags, entry.section} == {"a?b\ufdfa"}


# ---------------------------------------------------------------- the document


def document(made: Settings, *articles: Article, **more: Any) -> FeedDocument:
    (selection,) = selections(articles, made)
    return feed_document(selection, [entry_of(each, made) for each in articles], made, "notes.example,2026", **more)


def test_a_document_says_what_the_settings_say(make_settings: Make) -> None:
    made = make_settings({"name": "all"}, rights="© Ada\nExample", icon="https://notes.example/i.png")
    found = document(made)
    assert (found.rights, found.icon, found.logo) == ("© Ada Example", "https://notes.example/i.png", "")
    assert (found.ttl, found.generator, found.hub) == (60, True, "")


@pytest.mark.parametrize(
    ("ping", "extent", "hub"), [(True, "newest", True), (True, "archive", False), (False, None, False)]
)
def test_only_a_hub_that_is_told_of_changes_is_named(ping: bool, extent: Any, hub: bool, make_settings: Make) -> None:
    syndication = {"hub": "https://hub.example/", "ping": ping}
    made = make_settings({"name": "all"}).model_dump(by_alias=True, exclude_defaults=True) | {
        "syndication": syndication
    }
    found = document(Settings.model_validate(made), extent=extent)
    assert found.hub == ("https://hub.example/" if hub else "")


@pytest.mark.parametrize(("given", "extent"), [(2, "complete"), (1, "newest")])
def test_a_document_knows_whether_it_is_the_whole_feed(
    given: int, extent: str, plain: Article, make_settings: Make
) -> None:
    made = make_settings({"name": "all"})
    articles = (plain, replace(plain, id="tag:notes.example,2026:b"))
    (selection,) = selections(articles, made)
    entries = [entry_of(each, made) for each in articles[:given]]
    assert feed_document(selection, entries, made, "notes.example,2026").extent == extent


def test_an_archive_page_is_of_its_feed(plain: Article, make_settings: Make) -> None:
    made = make_settings({"name": "all"})
    page = document(made, plain, extent="archive", name="archive/all/2", previous="archive/all/1", current="all")
    assert page.id == document(made, plain).id
    assert page.formats == ("atom", "json")
    assert page.url("atom") == "https://notes.example/feeds/archive/all/2.atom.xml"
    assert page.page_url == "https://notes.example/feeds/all.html"
    assert page.to_folder == "../../"


def test_a_time_that_is_given_counts(plain: Article, make_settings: Make) -> None:
    given = datetime(2026, 7, 1, 2, 0, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    assert document(make_settings({"name": "all"}), plain, updated=given).updated == datetime(2026, 7, 1, tzinfo=UTC)


def test_tombstones_are_told_in_utc_and_in_legal_characters(make_settings: Make) -> None:
    when = datetime(2026, 7, 1, 2, 0, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    found = document(make_settings({"name": "all"}), tombstones=[Tombstone("urn:a", when, "A\nB\x07")])
    assert found.tombstones == (Tombstone("urn:a", datetime(2026, 7, 1, tzinfo=UTC), "A B"),)


@pytest.mark.parametrize(
    ("formats", "archives"),
    [
        (("atom", "rss", "json"), ("atom", "json")),
        (("json", "rss"), ("rss", "json")),
        (("rss", "atom"), ("atom",)),
        (("json",), ("json",)),
    ],
)
def test_archives_are_written_once_in_xml(formats: tuple[Format, ...], archives: tuple[Format, ...]) -> None:
    assert archive_formats(formats) == archives
