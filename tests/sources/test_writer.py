"""Articles as Markdown files."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from publisher.article import Article, Author, Citation, Enclosure, Image, Status
from publisher.markup.markdown import to_html
from publisher.markup.plaintext import to_line
from publisher.markup.sanitise import clean
from publisher.sources import html, markdown, newswire
from publisher.sources.base import Conventions, Document
from publisher.sources.html.tree import tidied
from publisher.sources.writer import prose, to_markdown

SAMPLE = (Path(__file__).parent / "samples" / "harbour.txt").read_text(encoding="utf-8")
CONVENTIONS = Conventions(
    url="https://notes.example/",
    permalink="{year}/{path}/",
    zone=ZoneInfo("Europe/Berlin"),
    language="en",
    author=Author("The Desk"),
)
PLAIN = Article(
    title="A gate",
    url="https://notes.example/2026/a-gate/",
    slug="a-gate",
    summary="Text.",
    content="<p>Text.</p>\n",
    authors=(Author("Ada Example"),),
    published=datetime(2026, 1, 31, 7, 30, tzinfo=UTC),
)


def expect_survival(article: Article) -> str:
    """Write an article, and read it again under another name."""
    text = to_markdown(article, CONVENTIONS)
    name = "1999-12-31-some-other-name.md"
    assert markdown.read(Document(f"articles/{name}", name, text), CONVENTIONS).articles == (article,)
    return text


def expected_body(content: str) -> str:
    """Write a content and return what stands below the front matter."""
    return expect_survival(replace(PLAIN, content=content)).split("---\n\n", 1)[1]


def test_a_plain_article_is_a_plain_file() -> None:
    assert expect_survival(PLAIN) == (
        "---\ntitle: A gate\ndate: 2026-01-31T07:30:00+00:00\nauthors:\n- Ada Example\nlanguage: en\nsummary: Text.\n"
        "slug: a-gate\n---\n\nText.\n"
    )


def test_everything_an_article_has_is_written_in_order() -> None:
    article = replace(
        PLAIN,
        id="tag:notes.example,2026:a-gate",
        updated=datetime(2026, 2, 1, 7, 30, 15, 250000, tzinfo=UTC),
        authors=(Author("Ada <A> Example", "https://notes.example/ada", "ada@notes.example"), Author("Bo, Example")),
        tags=("sea", "C++", "1.10", "no", "a, b"),
        section="Coast",
        language="pt-BR",
        image=Image("gate.jpg", "The gate: open"),
        highlights=("- One", "Two: #2"),
        sources=(Citation("A report", "https://notes.example/r"), Citation("https://notes.example/x, by hand")),
        enclosures=(Enclosure("/a.mp3", "audio/mpeg", 0, "Sound"), Enclosure("b.pdf", "application/pdf")),
        status=Status.DRAFT,
    )
    keys = re.findall("^([a-z]+):", expect_survival(article), re.MULTILINE)
    assert (
        keys
        == (
            "title date updated authors tags section language summary image highlights sources enclosures slug id draft"
        ).split()
    )


def test_a_sample_of_news_is_prose_with_its_post_as_html() -> None:
    article = newswire.read(Document("a.txt", "2026-03-04-story.txt", SAMPLE), CONVENTIONS).articles[0]
    text = expect_survival(article)
    assert "\n\n## How the Gate Works\n\nTwo leaves of steel lie" in text
    assert text.count("<p>") == 2
    assert '<blockquote cite="https://t.co/9fK2example">' in text


def test_an_address_of_another_form_is_written_whole() -> None:
    assert "slug: a-gate\nurl: https://other.example/x/\n" in expect_survival(
        replace(PLAIN, url="https://other.example/x/")
    )
    assert "\nurl: https://notes.example/2026/a-gate/\n" in expect_survival(replace(PLAIN, slug=""))


TITLES = [
    "yes", "null", "~", "1.0", "2026-01-31", "a: b", "'a'", '"', "# a", "- a", "{a}", "[a]", "&a", "*a", "!a", "%a", "@a",
    "`", "|", "> a", "? a", "a #b", "日本語", "عنوان", "😀 \u200d", "\ufeffa", "\\n", "---", "a" * 300, "=", "<<", "a,b;c",
]  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_odd_titles_survive(title: str) -> None:
    expect_survival(
        replace(PLAIN, title=title, summary=title, highlights=(title,), section=title, sources=(Citation(title),))
    )


def test_a_draft_needs_no_date() -> None:
    assert "\ndate:" not in to_markdown(
        replace(PLAIN, published=None, status=Status.DRAFT, url="https://notes.example/a-gate/"), CONVENTIONS
    )


MARKDOWN = [
    "# Title\n\nText",
    "## Heading {#id}",
    "A *b* **c** `d` [e](https://notes.example/) ![f](f.png) <https://notes.example/>",
    "Really! [a](b), really![^x]",
    "One\\\ntwo\nthree",
    "- a\n- b *c*\n  - d\n    1. e\n\n- f",
    "- a\n\n  b\n\n- c",
    "- a\n\n* b",
    "3. a\n4. b\n\n1) c",
    "> a\n>\n> - b\n>\n> > c",
    "***",
    "```python\na\n\n  b\n```\n\n    c\n    d",
    "````\n```\n````",
    "`` ` `` and ` a `",
    "a | b\n--|--\nc | d",
    "a[^1] b\n\n[^1]: c",
    "- [ ] a\n- [x] b",
    "a\n:   b",
    "~~a~~",
    "<details><summary>a</summary>\n\n*b*\n\n</details>",
    '<p id="x">a</p>\n\n<div>\n\n\nb</div>',
    "<pre>a\n\n\nb</pre>",
    "**「重要」**です",
    "a <!-- more --> b",
    "*a <b>b</b>*<kbd>c</kbd><br>d",
    '<p><a href="a b">c</a><a href="b" title="c">d</a><img src="a"></p>',
    "text",
    "",
]


@pytest.mark.parametrize("text", MARKDOWN)
def test_what_markdown_gives_is_written_and_read_alike(text: str) -> None:
    assert expected_body(clean(to_html(text))) is not None


TEXTS = [
    "1. a", "12) a", "# a", "#a", "> a", "| a |", "- a", "-a", "+ a", "* a", "*a*", "_a_", "a_b_c", "__a__", "`a`", "``",
    "[a](b)", "[^1]", "[a]: b", "![a](b)", "!", "{#id}", "~~a~~", "~~~", "```", ": a", "&amp;", "&lt;", "&", "<", "<b>a</b>",
    "<!-- more -->", "\\", "\\*", "a\\", "===", "---", "***", "___", "- - -", "http://notes.example/", "<a@b.example>", "$a$",
    "a^b^", "%%%", "Title: a", "---\na: b\n---", "{{ a }}", "{% a %}", "a\u00a0b", "\u2028", "日本 **語**", "a  b", "“a”...--",
    "1986\\. A great year", "+++", "a\n# b", "a\n- b", "a\n1. b", "a\n> b", "a\n===", "a | b\n- | -", "a\n: b", "a\n\tb",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_text_that_looks_like_markdown_stays_text(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for tag in ("p", "h2"):
        expected_body(clean(f"<{tag}>{escaped}</{tag}>\n"))
    for tag in ("em", "strong", "code", "li", "blockquote"):
        outer = {"li": "ul", "blockquote": "div"}.get(tag, "p")
        expected_body(clean(f"<{outer}>a <{tag}>{escaped}</{tag}> b</{outer}>\n"))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>1. a</p>\n", "1\\. a\n"),
        ("<p>a! b - c: d (e) # f_g</p>\n", "a! b - c: d (e) # f_g\n"),
        ("<h2>a</h2>\n<hr>\n", "## a\n\n***\n"),
        ('<p>a <em>b</em> <a href="https://notes.example/">c</a></p>\n', "a *b* [c](https://notes.example/)\n"),
        ('<p><a href="https://notes.example/">https://notes.example/</a></p>\n', "<https://notes.example/>\n"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n", "- a\n- b\n"),
        ('<ol start="3">\n<li>a</li>\n</ol>\n', "3. a\n"),
        ("<blockquote>\n<p>a</p>\n<p>b</p>\n</blockquote>\n", "> a\n> \n> b\n"),
        ('<pre><code class="language-c">a\n</code></pre>\n', "```c\na\n```\n"),
        ("<p>a<sup>2</sup></p>\n", "a<sup>2</sup>\n"),
        ('<p><img src="a.png" alt="b [c]"></p>\n', "![b \\[c\\]](a.png)\n"),
        ("<table>\n<tbody>\n<tr>\n<td>a</td>\n</tr>\n</tbody>\n</table>\n", None),
        ("<p>a<strong> b </strong>c</p>\n", "a<strong> b </strong>c\n"),
        ("<ul>\n<li>a</li>\n</ul>\n<ul>\n<li>b</li>\n</ul>\n", "- a\n\n<ul>\n<li>b</li>\n</ul>\n"),
        ("<p>a</p>", "<!-- --><p>a</p>"),
        ("a <b>b</b>", "<!-- -->a <b>b</b>"),
        ("<p>a</p><p>b</p>\n", "<!-- --><p>a</p><p>b</p>&#10;"),
        ("<pre>a\n\nb</pre>\n", "<pre>a&#10;\nb</pre>\n"),
    ],
)
def test_prose_is_written_as_prose(content: str, text: str | None) -> None:
    assert expected_body(content) == (content if text is None else text)


def test_a_heading_that_opens_the_content_is_not_taken_for_the_title() -> None:
    expected_body("<h1>A gate</h1>\n<p>a</p>\n")
    expected_body("<h1>Another</h1>\n<p>a</p>\n")
    expected_body("<h2>A gate</h2>\n<p>a</p>\n")


@pytest.mark.parametrize(
    "article",
    [
        replace(PLAIN, content="<script>a</script>"),
        replace(PLAIN, title="two\nlines"),
        replace(PLAIN, url="relative/"),
        replace(PLAIN, authors=()),
    ],
)
def test_an_article_that_no_file_gives_is_refused(article: Article) -> None:
    with pytest.raises(ValueError, match="no Markdown file gives this article"):
        to_markdown(article, CONVENTIONS)


LINE = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(TEXTS)


@given(st.lists(LINE | st.sampled_from(SAMPLE.split("\n")), max_size=12))
def test_any_news_text_is_written_and_read_alike(lines: list[str]) -> None:
    text = "\n".join(["---", "date: 2026-01-31", "---", "Lead.", *lines])
    for article in newswire.read(Document("a.txt", "a.txt", text), CONVENTIONS).articles:
        expect_survival(article)


MARKS = st.sampled_from(
    "<p> </p> <h1> <h2> </h2> <ul> <li> </li> </ul> <ol> </ol> <blockquote> </blockquote> <pre> <code> </code> </pre> <em> </em>"
    " <strong> </strong> <a+href=x> </a> <br> <hr> <img+src=x> <table> <td> </table> <div> </div> <dl> <dt> <dd> <cite> \n \n\n".replace(
        "\n", "~"
    ).split()
).map(lambda mark: mark.replace("~", "\n").replace("+", " "))


@settings(suppress_health_check=[HealthCheck.too_slow])
@example(["<pre>", "\n", "\n"])
@given(st.lists(MARKS | LINE, max_size=15))
def test_any_page_is_written_and_read_alike(pieces: list[str]) -> None:
    for article in html.read(Document("a.html", "2026-01-31-a.html", "".join(pieces)), CONVENTIONS).articles:
        expect_survival(article)


@given(st.lists(MARKS | LINE, max_size=15))
def test_any_sanitised_content_has_a_form(pieces: list[str]) -> None:
    content = clean("".join(pieces))
    assert clean(to_html(prose.raw(content))) == content


@given(st.lists(MARKS | LINE, max_size=15))
def test_what_is_tidied_says_the_same(pieces: list[str]) -> None:
    content = clean("".join(pieces))
    assert to_line(clean(tidied(content))).split() == to_line(content).split()
