"""Articles from metadata: every name and shape authors use, and every mistake at once."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Author, Citation, Enclosure, Image, Status
from publisher.errors import Problem, Severity
from publisher.sources.base import Body, Conventions, Document, Reading
from publisher.sources.metadata import MOST_TAGS, assemble

ADA = Author("Ada Example")
CONVENTIONS = Conventions("https://notes.example/blog/", "{path}/", ZoneInfo("Europe/Berlin"), "en")
DAY = datetime(2026, 1, 30, 23, tzinfo=UTC)


def reading(fields: dict[str, object], name: str = "2026-01-31-first-post.md", **body: object) -> Reading:
    return assemble(fields, Body(**body), Document(f"articles/{name}", name, ""), CONVENTIONS)  # type: ignore[arg-type]


def article(fields: dict[str, object], name: str = "2026-01-31-first-post.md", **body: object) -> Article:
    found = reading(fields, name, **body)
    assert found.problems == ()
    return found.articles[0]


def problem(fields: dict[str, object], name: str = "2026-01-31-first-post.md") -> Problem:
    found = assemble(fields, Body(), Document(name, name, ""), CONVENTIONS, dict.fromkeys(fields, 7))
    assert len(found.problems) == 1, found.problems
    return found.problems[0]


def test_an_article_may_say_nothing_at_all() -> None:
    assert article({}) == Article(
        title="First post", url="https://notes.example/blog/first-post/", published=DAY, slug="first-post"
    )


def test_an_article_knows_where_it_was_read() -> None:
    read = article({}, line=12)
    assert (read.path, read.line) == ("articles/2026-01-31-first-post.md", 12)


@pytest.mark.parametrize("key", ["title", "Title", "TITLE"])
def test_the_title_is_one_line(key: str) -> None:
    assert article({key: "  A\n title\x07 "}, title="B").title == "A title"


def test_a_title_is_found_without_metadata() -> None:
    assert article({}, title="A\nheading").title == "A heading"
    assert article({"title": ""}, "2026-01-31-über_uns.md").title == "Über uns"
    assert article({"title": 2024}).title == "2024"


@pytest.mark.parametrize(
    "key",
    "date published pubDate pub_date publishDate publish-date pubDatetime date_published datePublished published_at created"
    " Date".split(),
)
def test_the_date_has_many_names(key: str) -> None:
    assert article({key: "2025-12-31"}).published == datetime(2025, 12, 30, 23, tzinfo=UTC)


def test_a_date_comes_before_that_of_the_name_and_the_name_before_the_publications() -> None:
    assert article({"date": "2025-12-31", "permalink": "/2024/01/01/x/"}).published == datetime(
        2025, 12, 30, 23, tzinfo=UTC
    )
    assert article({"permalink": "/2024/01/01/x/"}).published == datetime(2023, 12, 31, 23, tzinfo=UTC)
    assert article({}, "posts/2026/01/31/x.md").published == DAY


def test_an_import_may_give_the_date() -> None:
    conventions = Conventions("https://notes.example/", "{path}/", ZoneInfo("UTC"), "en", published=DAY)
    assert assemble({}, Body(), Document("a.md", "a.md", ""), conventions).articles[0].published == DAY


@pytest.mark.parametrize("words", ["Last Modified", "git Created", "created", "git  last modified"])
def test_a_file_that_asks_for_its_own_time_has_no_date_but_that_of_its_name(words: str) -> None:
    assert article({"date": words, "updated": words}, "posts/2026-01-31-x.md").published == DAY
    assert article({"date": words, "updated": words}, "posts/2026-01-31-x.md").updated is None
    assert problem({"title": "A", "date": words}, "a.md").message == "has no publication date"


def test_a_missing_date_names_the_cure() -> None:
    found = problem({"title": "A"}, "a.md")
    assert found.message == "has no publication date"
    assert "date: 2026-01-31" in found.cure
    assert "file's name" in found.cure


def test_a_draft_needs_no_date() -> None:
    assert article({"draft": "true"}, "a.md").published is None


@pytest.mark.parametrize(
    "key", "updated lastmod modified last_modified_at date_modified updatedDate modDatetime".split()
)
def test_the_update_has_many_names(key: str) -> None:
    assert article({key: "2026-02-01"}).updated == datetime(2026, 1, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize("value", ["2026-01-31", "2020-01-01"])
def test_an_update_before_publication_is_none(value: object) -> None:
    assert article({"updated": value}).updated is None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"draft": "true"}, Status.DRAFT),
        ({"draft": True}, Status.DRAFT),
        ({"draft": "no"}, Status.PUBLISHED),
        ({"status": "Draft"}, Status.DRAFT),
        ({"status": "hidden"}, Status.DRAFT),
        ({"status": "future"}, Status.DRAFT),
        ({"status": "published"}, Status.PUBLISHED),
        ({"published": "false"}, Status.DRAFT),
        ({"published": False}, Status.DRAFT),
        ({"published": "true"}, Status.PUBLISHED),
        ({"draft": "false", "status": "private"}, Status.DRAFT),
    ],
)
def test_the_status_has_many_names(fields: dict[str, object], status: Status) -> None:
    assert article(fields).status is status


def test_a_folder_of_drafts_holds_drafts() -> None:
    assert article({}, "_drafts/a.md").status is Status.DRAFT


def test_published_true_is_no_date() -> None:
    assert article({"published": "true", "created": "2025-12-31"}).published == datetime(2025, 12, 30, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "tags", "section"),
    [
        ({"tags": ["A", "b", "a", " "]}, ("A", "b"), ""),
        ({"tags": "a, b; c"}, ("a", "b", "c"), ""),
        ({"Keywords": "a"}, ("a",), ""),
        ({"tag": "#a"}, ("a",), ""),
        ({"tags": ["a"], "categories": ["b", ["c", "d"]]}, ("a", "b", "c", "d"), ""),
        ({"taxonomies": {"tags": ["a"], "categories": ["b"]}, "extra": {"keywords": "c"}}, ("a", "b", "c"), ""),
        ({"category": "News", "tags": "a"}, ("a", "News"), "News"),
        ({"category": ["News", "b"]}, ("News", "b"), "News"),
        ({"section": "Field work"}, (), "Field work"),
        ({"section": "News", "category": "b"}, ("b",), "News"),
        ({"tags": 2026}, ("2026",), ""),
        ({"tags": ["a", None, "#"]}, ("a",), ""),
        ({"tags": [{"label": "A", "permalink": "/a"}, [{"name": "b"}]]}, ("A", "b"), ""),
    ],
)
def test_tags_and_sections(fields: dict[str, object], tags: tuple[str, ...], section: str) -> None:
    read = article(fields)
    assert (read.tags, read.section) == (tags, section)


@pytest.mark.parametrize(
    ("fields", "authors"),
    [
        ({"author": "Ada Example"}, (ADA,)),
        ({"author": "Example, Ada"}, (Author("Example, Ada"),)),
        ({"Authors": "Ada Example, Bo Example"}, (ADA, Author("Bo Example"))),
        ({"Authors": "Ada Example, "}, (ADA,)),
        ({"Authors": "Example, Ada; Example, Bo"}, (Author("Example, Ada"), Author("Example, Bo"))),
        (
            {"authors": ["Ada Example", {"name": "Bo", "url": "https://bo.example", "email": "b@bo.example"}]},
            (ADA, Author("Bo", "https://bo.example", "b@bo.example")),
        ),
        ({"author": {"name": "Ada Example", "url": "javascript:a"}}, (ADA,)),
        ({"author": "Ada Example <ada@notes.example>"}, (Author("Ada Example", email="ada@notes.example"),)),
        ({"author": "<ada@notes.example>"}, (Author("ada@notes.example", email="ada@notes.example"),)),
        ({"authors": [], "author": "Ada Example"}, (ADA,)),
        ({"author": {"login": "admin", "display_name": "Ada Example"}}, (ADA,)),
        ({"author": {"login": "admin", "display_name": ""}}, (Author("admin"),)),
        ({"authors": [{"key": "ada"}]}, (Author("ada"),)),
        ({"extra": {"author": "Ada Example"}}, (ADA,)),
        ({"params": {"author": "Ada Example"}}, (ADA,)),
        ({}, ()),
    ],
)
def test_authors(fields: dict[str, object], authors: tuple[Author, ...]) -> None:
    assert article(fields).authors == authors


def test_the_publications_author_stands_in() -> None:
    conventions = Conventions("https://notes.example/", "{path}/", ZoneInfo("UTC"), "en", ADA)
    assert assemble({}, Body(), Document("a", "2026-01-31.md", ""), conventions).articles[0].authors == (ADA,)


@pytest.mark.parametrize("key", ["summary", "description", "excerpt", "subtitle"])
def test_the_summary_has_many_names(key: str) -> None:
    assert article({key: "A\nsummary"}, content="<p>b</p>", summary="c").summary == "A summary"


def test_a_summary_is_found_without_metadata() -> None:
    assert article({"excerpt": "false"}, content="<p>b</p>", summary="c\nd").summary == "c d"
    assert article({}, content="<h2>a</h2><p><img src=x></p><p>b <em>c</em></p><p>d</p>").summary == "b c"
    assert article({}, content="<ul><li>a</ul>").summary == "a"


@pytest.mark.parametrize(
    ("fields", "image"),
    [
        ({"image": "a.jpg"}, Image("a.jpg")),
        ({"cover": "/a b.jpg", "image_alt": "B"}, Image("/a%20b.jpg", "B")),
        ({"featured_image": "https://notes.example/a.jpg"}, Image("https://notes.example/a.jpg")),
        ({"images": ["a.jpg", "b.jpg"]}, Image("a.jpg")),
        ({"heroImage": "a.jpg"}, Image("a.jpg")),
        ({"thumbnail": {"src": "a.jpg", "alt": "B"}}, Image("a.jpg", "B")),
        ({"cover": {"image": "a.jpg", "caption": "C"}, "cover-alt": "D"}, Image("a.jpg", "C")),
        ({"image": {"path": "a.jpg"}, "imageAlt": "D"}, Image("a.jpg", "D")),
        ({"header": {"image": "a.jpg"}}, Image("a.jpg")),
        ({"extra": {"cover": {"url": "a.jpg"}}}, Image("a.jpg")),
        ({"image": "false", "og_image": "a.jpg"}, Image("a.jpg")),
        ({"image": "\u3000", "og_image": "a.jpg"}, Image("a.jpg")),
        ({"image": {"credit": "B"}, "cover": [None]}, None),
        ({"image": [[]]}, None),
    ],
)
def test_the_lead_image(fields: dict[str, object], image: Image | None) -> None:
    assert article(fields).image == image


@pytest.mark.parametrize(
    ("fields", "url", "slug"),
    [
        ({}, "https://notes.example/blog/first-post/", "first-post"),
        ({"slug": "Über uns"}, "https://notes.example/blog/uber-uns/", "uber-uns"),
        ({"permalink": "/a/b/"}, "https://notes.example/blog/a/b/", "b"),
        ({"url": "a/b.html"}, "https://notes.example/blog/a/b.html", "b"),
        ({"url": "https://old.example/ä b/index.html?c=d"}, "https://old.example/%C3%A4%20b/index.html?c=d", "a-b"),
        ({"link": "//old.example/c"}, "https://old.example/c", "c"),
        ({"canonical_url": "https://old.example/"}, "https://old.example/", "first-post"),
        ({"permalink": "/a/", "slug": "b"}, "https://notes.example/blog/a/", "b"),
        ({"permalink": "/:year/:title/"}, "https://notes.example/blog/first-post/", "first-post"),
        ({"permalink": "{{ page.fileSlug }}/"}, "https://notes.example/blog/first-post/", "first-post"),
        ({"permalink": "pretty", "url": "/c/"}, "https://notes.example/blog/c/", "c"),
        ({"permalink": {"build": "/c/"}}, "https://notes.example/blog/first-post/", "first-post"),
        ({"permalink": False}, "https://notes.example/blog/first-post/", "first-post"),
        ({"permalink": "../../c/"}, "https://notes.example/c/", "c"),
    ],
)
def test_addresses(fields: dict[str, object], url: str, slug: str) -> None:
    read = article(fields)
    assert (read.url, read.slug) == (url, slug)


def test_of_many_records_in_a_file_each_has_its_own_slug() -> None:
    assert article({"date": "2026-01-31", "title": "One more"}, "all.json", line=3).slug == "one-more"
    assert article({"date": "2026-01-31", "url": "/b/"}, "all.json", line=3).title == "B"


@pytest.mark.parametrize(
    ("value", "identifier"),
    [
        ("tag:notes.example,2026:a", "tag:notes.example,2026:a"),
        ("https://notes.example/?p=1", "https://notes.example/?p=1"),
        ("0F6FF7C2-51CC-4B34-9B65-0D4C2E8C2A11", "urn:uuid:0f6ff7c2-51cc-4b34-9b65-0d4c2e8c2a11"),
        ("urn:uuid:0f6ff7c2-51cc-4b34-9b65-0d4c2e8c2a11", "urn:uuid:0f6ff7c2-51cc-4b34-9b65-0d4c2e8c2a11"),
        (12, "local:12"),
        ("https://notes.example/日本?a%20b", "https://notes.example/%E6%97%A5%E6%9C%AC?a%20b"),
        ("a post/ü", "local:a%20post%2F%C3%BC"),
        ("http://[bad", "local:http%3A%2F%2F%5Bbad"),
        ("http:///x", "local:http%3A%2F%2F%2Fx"),
        ("https://[2001:db8::1]/a", "https://[2001:db8::1]/a"),
        ("urn:uuid:not-one", "local:urn%3Auuid%3Anot-one"),
        ("urn:x:1", "local:urn%3Ax%3A1"),
        ("urn:isbn:0451450523", "urn:isbn:0451450523"),
        ("tag:EX.example,2026:a", "local:tag%3AEX.example%2C2026%3Aa"),
        ("tag:ex.example,26:a", "local:tag%3Aex.example%2C26%3Aa"),
        ("tag:ex.example,2026-01:a", "tag:ex.example,2026-01:a"),
        ("note: this", "local:note%3A%20this"),
    ],
)
def test_identifiers(value: object, identifier: str) -> None:
    assert article({"guid": value}).id == identifier


@pytest.mark.parametrize(
    ("value", "language"),
    [("de", "de"), ("pt_BR", "pt-BR"), ("de_DE.UTF-8", "de-DE"), ("zh-Hant", "zh-Hant"), ("", "en")],
)
def test_languages(value: object, language: str) -> None:
    assert article({"lang": value}).language == language


def test_highlights_are_lines() -> None:
    assert article({"highlights": ["a, b", "c\nd", ""]}, highlights=("e",)).highlights == ("a, b", "c d")
    assert article({"key_points": "a, b\nc"}).highlights == ("a, b", "c")
    assert article({}, highlights=("e",)).highlights == ("e",)


@pytest.mark.parametrize(
    ("value", "citations"),
    [
        (["A report"], (Citation("A report"),)),
        (["A report, https://notes.example/a."], (Citation("A report", "https://notes.example/a"),)),
        (["A report (https://notes.example/a_(b))"], (Citation("A report", "https://notes.example/a_(b)"),)),
        (["[A report](https://notes.example/a), 2026"], (Citation("A report, 2026", "https://notes.example/a"),)),
        (["https://notes.example/a"], (Citation("https://notes.example/a", "https://notes.example/a"),)),
        (["<https://notes.example/a> – A report"], (Citation("A report", "https://notes.example/a"),)),
        ("A\nB", (Citation("A"), Citation("B"))),
        ([{"title": "A", "url": "https://notes.example/a"}], (Citation("A", "https://notes.example/a"),)),
        ({"url": "https://notes.example/a"}, (Citation("https://notes.example/a", "https://notes.example/a"),)),
        ([{"name": "A", "url": "javascript:a"}, {}], (Citation("A"),)),
    ],
)
def test_sources(value: object, citations: tuple[Citation, ...]) -> None:
    assert article({"sources": value}, sources=(Citation("C"),)).sources == citations


def test_sources_of_the_body_stand_in() -> None:
    assert article({}, sources=(Citation("C"),)).sources == (Citation("C"),)


@pytest.mark.parametrize(
    ("value", "enclosures"),
    [
        ({"url": "a.mp3", "length": "12", "title": "A"}, (Enclosure("a.mp3", "audio/mpeg", 12, "A"),)),
        ([{"url": "/a", "type": "Audio/MPEG", "size_in_bytes": 12}], (Enclosure("/a", "audio/mpeg", 12),)),
        ([{"url": "/a", "mime_type": "audio/mpeg"}], (Enclosure("/a", "audio/mpeg"),)),
        ([{"url": "/a", "type": "audio/ogg; codecs=opus"}], (Enclosure("/a", "audio/ogg; codecs=opus"),)),
        ("https://notes.example/a.pdf?b", (Enclosure("https://notes.example/a.pdf?b", "application/pdf"),)),
    ],
)
def test_enclosures(value: object, enclosures: tuple[Enclosure, ...]) -> None:
    assert article({"enclosure": value}).enclosures == enclosures


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": ["a"]}, "title is no text"),
        ({"title": True}, "title is no text"),
        ({"date": "soon"}, 'date is no date: "soon"'),
        ({"lastmod": "1/2/2026"}, "lastmod is ambiguous"),
        ({"draft": "maybe"}, "draft is neither true nor false"),
        ({"status": "drfat"}, 'status is "drfat"'),
        ({"tags": {"a": "b"}}, "tags is no text and no list of texts"),
        ({"categories": [{"a": "b"}]}, "categories is no text"),
        ({"extra": {"tags": True}}, "extra.tags is no text"),
        ({"section": {"a": "b"}}, "section is no text"),
        ({"author": {"url": "https://ada.example"}}, "author needs a name"),
        ({"authors": [1, True]}, "authors is no text"),
        ({"summary": ["a"]}, "summary is no text"),
        ({"url": "ftp://notes.example/"}, "url is no http or https address"),
        ({"url": "http://["}, "url is no http or https address"),
        ({"id": ["a"]}, "id is no text"),
        ({"highlights": {"a": "b"}}, "highlights is no text and no list"),
        ({"sources": [["a"]]}, "sources is no text"),
        ({"enclosure": {"type": "audio/mpeg"}}, "enclosure needs a url"),
        ({"enclosure": "a.unknown"}, "enclosure needs a media type for a.unknown"),
        ({"enclosure": {"url": "a.mp3", "length": "long"}}, "enclosure has a length that is no number"),
        ({"enclosure": "ftp://notes.example/a.mp3"}, "enclosure is no http or https address"),
        ({"slug": ["a"]}, "slug is no text"),
    ],
)
def test_a_wrong_value_is_a_problem_with_its_line(fields: dict[str, object], message: str) -> None:
    found = problem(fields)
    assert found.message.startswith(message)
    assert found.cure or ";" in found.message
    assert (found.line, found.severity) == (7, Severity.ERROR)


@pytest.mark.parametrize(
    "fields", [{"image": "data:image/png;base64,a"}, {"image": "true", "cover": "javascript:a"}, {"lang": "english"}]
)
def test_what_an_article_can_do_without_is_a_note(fields: dict[str, object]) -> None:
    found = reading(fields)
    assert [one.severity for one in found.problems] == [Severity.NOTE]
    assert (found.articles[0].image, found.articles[0].language) == (None, "en")


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    fields: dict[str, object] = {"status": "b", "tags": {"a": "b"}, "date": "soon"}
    lines = {"date": 2, "tags": 3, "status": 4}
    found = assemble(fields, Body(content="a"), Document("a.md", "a.md", ""), CONVENTIONS, lines)
    assert [one.line for one in found.problems] == [2, 3, 4]
    assert found.articles == ()


def test_content_is_sanitised() -> None:
    found = reading({}, content="<p onclick=a>b<script>c</script>")
    assert found.articles[0].content == "<p>b</p>"
    assert [(p.message, p.severity) for p in found.problems] == [
        ("has onclick, <script>, which readers do not get", Severity.NOTE)
    ]


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(("2026-01-31", "true", "https://[", "a.mp3")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("url name title tags alt".split()), inner)
    ),
    max_leaves=5,
)
_KEYS = "title date tags category author authors draft status summary image cover header slug url id lang highlights sources enclosure extra".split()


@given(st.dictionaries(st.sampled_from(_KEYS), _VALUES), st.text(max_size=20))
def test_any_metadata_gives_an_article_or_problems(fields: dict[str, object], name: str) -> None:
    found = reading(fields, name)
    assert len(found.articles) + len([one for one in found.problems if one.severity is Severity.ERROR]) >= 1


def test_a_message_quotes_no_more_than_one_can_read() -> None:
    found = reading({"lang": "aa-" * 50_000})
    assert len(found.problems[0].message) < 300


def test_of_a_flood_of_tags_the_first_are_used_and_it_is_noted() -> None:
    found = reading({"tags": [f"tag {number}" for number in range(3000)]})
    assert found.articles[0].tags == tuple(f"tag {number}" for number in range(MOST_TAGS))
    assert [(p.message, p.severity) for p in found.problems] == [("has 3000 tags", Severity.NOTE)]
