"""HTML files: pages with their metadata, and fragments below front matter."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Author, Image
from publisher.sources import html
from publisher.sources.base import Conventions, Document, Reading

CONVENTIONS = Conventions(url="https://notes.example/", permalink="{path}/", zone=ZoneInfo("UTC"), language="en")
PAGE = """<!DOCTYPE html>
<html lang="de">
<head>
  <meta charset="windows-1252">
  <title>Tide gate | Field Notes</title>
  <meta property="og:site_name" content="Field Notes">
  <meta name="author" content="Ada Example">
  <meta name="description" content="Steel &amp; air.">
  <meta name="keywords" content="sea, steel">
  <meta property="article:tag" content="Ports">
  <meta property="article:section" content="Coast">
  <meta property="article:published_time" content="2026-01-31T08:30:00+01:00">
  <meta property="article:modified_time" content="2026-02-01T08:30:00+01:00">
  <meta property="og:image" content="/gate.jpg"><meta property="og:image:alt" content="The gate">
  <link rel="canonical" href="https://notes.example/2026/gate/">
</head>
<body>
  <header>Field Notes</header><nav>Home</nav>
  <main>
    <article>
      <h1>Tide gate</h1>
      <p>It   works
         é.</p>
      <aside>Advertisement</aside><script>track()</script><style>p {}</style><form>Search</form>
      <ul>
        <li> One </li><li>Two</li>
      </ul><p>More.</p>
      <pre>
  a

  b</pre>
    </article>
  </main>
  <footer>Imprint</footer>
</body>
</html>
"""


def reading(text: str, name: str = "gate.html") -> Reading:
    return html.read(Document(f"articles/{name}", name, text), CONVENTIONS)


def article(text: str, name: str = "2026-03-04-gate.html") -> Article:
    found = reading(text, name)
    assert [str(problem) for problem in found.problems] == []
    return found.articles[0]


def head(tags: str, body: str = "<p>Text.</p>") -> Article:
    return article(f"<html><head>{tags}</head><body>{body}</body></html>")


def test_a_page_tells_all_about_its_article() -> None:
    found = article(PAGE, "gate.html")
    assert (found.title, found.summary, found.language) == ("Tide gate", "Steel & air.", "de")
    assert (found.authors, found.tags, found.section) == (
        (Author("Ada Example"),),
        ("Ports", "sea", "steel"),
        "Coast",
    )
    assert found.published == datetime(2026, 1, 31, 7, 30, tzinfo=UTC)
    assert found.updated == datetime(2026, 2, 1, 7, 30, tzinfo=UTC)
    assert (found.image, found.url) == (Image("/gate.jpg", "The gate"), "https://notes.example/2026/gate/")


def test_the_content_is_the_articles_without_what_stands_around_it() -> None:
    assert article(PAGE, "gate.html").content == (
        "<p>It works é.</p>\n<ul>\n<li>One</li>\n<li>Two</li>\n</ul>\n<p>More.</p>\n<pre>  a\n\n  b</pre>\n"
    )


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ("<p>No</p><article><p>Yes</p></article>", "<p>Yes</p>\n"),
        ("<p>No</p><main><p>Yes</p></main>", "<p>Yes</p>\n"),
        ("<nav>No</nav><p>Yes</p>", "<p>Yes</p>\n"),
        ("just words &amp; <b>more</b>", "just words &amp; <b>more</b>\n"),
        ("<div><h1>Gate</h1><p>Yes</p></div>", "<div>\n<p>Yes</p>\n</div>\n"),
        ("<h1>Another</h1><p>Yes</p>", "<h1>Another</h1>\n<p>Yes</p>\n"),
        ("<p>Yes</p><h1>Gate</h1>", "<p>Yes</p>\n<h1>Gate</h1>\n"),
        ("<section>words<p>Yes <i>and</i> </p></section>", "<section>words<p>Yes <i>and</i></p>\n</section>\n"),
        ("", ""),
    ],
)
def test_the_body_is_the_articles_else_main_else_all(body: str, content: str) -> None:
    assert head("<title>Gate</title>", body).content == content


@pytest.mark.parametrize(
    ("tags", "title"),
    [
        ("<title>Gate &amp; tide | Notes</title>", "Gate & tide | Notes"),
        ('<title>Gate — Notes</title><meta property="og:site_name" content="Notes">', "Gate"),
        ('<title>Notes</title><meta property="og:title" content="Gate">', "Gate"),
        ('<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Gate"}</script>', "Gate"),
    ],
)
def test_the_title_comes_without_the_name_of_the_site(tags: str, title: str) -> None:
    assert head(tags).title == title


def test_a_heading_tells_where_the_title_ends() -> None:
    found = head("<title>Gate - Notes - All the news</title>", "<h1>Gate</h1><p>Text.</p>")
    assert (found.title, found.content) == ("Gate", "<p>Text.</p>\n")


def test_without_any_title_the_heading_is_one_else_the_name_of_the_file() -> None:
    assert head("", "<h1>Gate</h1><p>Text.</p>").title == "Gate"
    assert head("").title == "Gate"


def linked(text: str, body: str = "") -> Article:
    return article(f'<script type="application/ld+json">{text}</script><p>Text.</p>{body}')


def test_linked_data_tell_what_metas_do_not() -> None:
    found = linked(
        '[{"@type": "WebSite"}, {"@graph": [1, {"@type": ["Thing", "BlogPosting"], "headline": "Gate",'
        ' "datePublished": "2026-01-31", "dateModified": "2026-02-01", "description": "Steel", "inLanguage": 7,'
        ' "author": [{"@type": "Person", "name": "Ada Example", "url": "https://notes.example/ada"}, "Bo Example", 3],'
        ' "image": [{"url": "https://notes.example/gate.jpg"}], "articleSection": ["Coast"]}]}]'
    )
    assert (found.title, found.summary, found.section) == ("Gate", "Steel", "Coast")
    assert found.authors == (Author("Ada Example", "https://notes.example/ada"), Author("Bo Example"))
    assert (found.published, found.updated) == (datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC))
    assert found.image == Image("https://notes.example/gate.jpg")


@pytest.mark.parametrize(
    "text",
    ["{", '{"@type": 5}', "[" * 100_000, '{"@type": "Article", "headline": ' + "[" * 50 + "]" * 50 + "}", "[[], null]"],
    ids=range(5),
)
def test_linked_data_that_make_no_sense_say_nothing(text: str) -> None:
    assert linked(text).title == "Gate"


@pytest.mark.parametrize(
    ("body", "day"),
    [
        ('<time datetime="2026-01-30">then</time>', 30),
        ("<time>January 29, 2026</time>", 29),
        ('<time datetime="2026-01-01">event</time><time pubdate datetime="2026-01-28">now</time>', 28),
        ('<time datetime="2h">short</time><meta itemprop="datePublished" content="2026-01-27">', 27),
        ('<meta name="dc.date" content="nothing"><meta name="date" content="2026-01-26">', 26),
    ],
)
def test_the_date_is_the_first_that_can_be_read(body: str, day: int) -> None:
    assert article(f"<p>Text. {body}</p>", "gate.html").published == datetime(2026, 1, day, tzinfo=UTC)


def test_a_date_that_cannot_be_read_is_named() -> None:
    problems = reading('<meta name="date" content="someday"><p>Text.</p>').problems
    assert ['is no date: "someday"' in problem.message for problem in problems] == [True]


def test_a_page_without_a_date_is_named() -> None:
    assert "no publication date" in reading("<p>Text.</p>").problems[0].message


def test_profiles_are_no_names_of_authors() -> None:
    found = head(
        '<meta property="article:author" content="https://social.example/ada"><meta name="author" content="Ada Example">'
    )
    assert found.authors == (Author("Ada Example"),)


def test_an_address_counts_only_if_it_is_whole() -> None:
    assert head('<link rel="canonical" href="/x/">').url == "https://notes.example/gate/"
    assert head('<meta property="og:url" content="https://notes.example/y/">').url == "https://notes.example/y/"


def test_front_matter_comes_first_and_all_of_the_fragment_below_is_content() -> None:
    found = article(
        "---\npubDate: 2026-05-01\ntitle: Gate\ncategory: Steel\n---\n<h1>Gate</h1>\n<p>One</p><article><p>Two</p></article>"
        '<meta name="date" content="2026-01-01"><meta property="article:section" content="Coast"><aside>Three</aside>'
    )
    assert (found.title, found.section, found.tags) == ("Gate", "Steel", ("Steel",))
    assert found.published == datetime(2026, 5, 1, tzinfo=UTC)
    assert found.content == "<p>One</p>\n<article>\n<p>Two</p>\n</article>\n<aside>Three</aside>\n"


def test_front_matter_may_stand_above_a_whole_page() -> None:
    found = article(f"---\ntitle: Gate\n---\n{PAGE}")
    assert (found.title, found.section) == ("Gate", "Coast")
    assert "Imprint" not in found.content


def test_front_matter_alone_is_an_article_without_content() -> None:
    assert article("---\ntitle: Gate\n---\n").content == ""


def test_broken_front_matter_is_a_problem() -> None:
    assert reading("---\ntitle: a: b\n---\n<p>Text.</p>").problems[0].line == 2


def test_what_is_nested_too_deeply_is_not_cut_off() -> None:
    def nested(depth: int) -> Reading:
        return reading("<title>Gate</title>" + "<div>" * depth + "Text.", "2026-01-31-gate.html")

    assert "Text." in nested(150).articles[0].content
    assert "content nests" in nested(400).problems[0].message


def test_entities_and_declarations_of_a_document_are_not_followed() -> None:
    found = article(
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
        '<html><head><meta charset="utf-7"></head><body><article><p>é &x; &amp; ü</p></article></body></html>'
    )
    assert found.content == "<p>é &amp;x; &amp; ü</p>\n"


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from(["<p>", "</p>", "<h1>", "<li>", "a", "<pre>", "<br", "&"])).map("".join)
)
def test_any_page_is_read_without_a_crash(text: str) -> None:
    found = reading(text, "2026-01-31-a.html")
    assert len(found.articles) == 1 or found.problems
