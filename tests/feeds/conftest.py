"""Articles that try what feeds can bear."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest

from publisher.article import Article, Author, Citation, Enclosure, Image
from publisher.catalogue import Lock
from publisher.config.settings import Settings
from publisher.feeds import FeedFile, plan_feeds, render_plans, render_shared
from publisher.markup.sanitise import clean
from publisher.templating import Templates, bundled

AUTHORITY = "notes.example,2026"
PLAIN = Article(
    id="tag:notes.example,2026:heron",
    title="A grey heron",
    url="https://notes.example/heron/",
    summary="It stands still.",
    content="<p>It stands <em>still</em>.</p>",
    authors=(Author("Ada Example"),),
    tags=("birds",),
    published=datetime(2026, 1, 31, 12, 0, tzinfo=UTC),
)
TORTURE = Article(
    id="tag:notes.example,2026:torture",
    title='AT&T & <b>"bold"</b> claims: a literal &copy; – שלום 🦩',
    url="https://notes.example/2026/torture/",
    summary="Tom & Jerry: 1 < 3 > 2, &copy; and <b>bold</b>",
    content=clean(
        "<p>Code: <code>a[b[0]]&gt;1 &amp;&amp; x ]]&gt; y</code> &lt;b&gt; &amp;copy; 🦩 <bdi>שלום</bdi></p>"
        '<p><a href="#fn1">1</a> <a href="/about us">2</a> <a href="//cdn.example/x">3</a> <a href="?q=a&amp;b">4</a></p>'
        '<p><img src="heron.png" srcset="heron.png 1x, heron@2x.png 2x" alt="A heron"></p>'
        '<script>alert(1)</script><p onclick="alert(2)"><a href="javascript:alert(3)">5</a></p>'
    ),
    highlights=("One & only", "Two < three"),
    authors=(
        Author("Ada Example", "https://ada.example/"),
        Author("Bob Example", "", "bob@notes.example"),
        Author("Œuvre"),
    ),
    tags=("Python", "C++", "c & d"),
    section="Essays",
    language="he",
    published=datetime(2026, 2, 1, 7, 30, 15, 999, tzinfo=UTC),
    updated=datetime(2026, 2, 2, 8, 0, tzinfo=UTC),
    image=Image("lead.png", "A heron"),
    enclosures=(
        Enclosure("talk.mp3", "audio/mpeg", 123456, "The talk & more"),
        Enclosure("https://cdn.example/talk.pdf", "application/pdf", 99),
    ),
    sources=(Citation("The <first> source", "https://source.example/?a=1&b=2"), Citation("A printed book")),
)
TWIN = replace(PLAIN, id="tag:notes.example,2026:twin", title="The same minute", url="https://notes.example/twin/")


def settings(*feeds: dict[str, Any], **publication: Any) -> Settings:
    """Make settings of a publication; without any feed, of the default ones."""
    table = {"title": "Field Notes & Co", "url": "https://notes.example/", "timezone": "Europe/Berlin"} | publication
    return Settings.model_validate({"publication": table} | ({"feeds": list(feeds)} if feeds else {}))


def every_file(
    articles: tuple[Article, ...], made: Settings | None = None, templates: Templates | None = None
) -> list[FeedFile]:
    """Render all files of articles that nobody was promised anything of."""
    made, templates = made or settings(), templates or bundled()
    plans, _ = plan_feeds(articles, made, Lock(), datetime.max.replace(tzinfo=UTC))
    documents = render_plans(plans, made, AUTHORITY, templates)
    return [*chain.from_iterable(documents), *render_shared(plans, made, AUTHORITY, templates)]


def rendered(articles: tuple[Article, ...], made: Settings | None = None) -> dict[str, bytes]:
    """Render feeds into a dictionary of their files."""
    return {file.path: file.data for file in every_file(articles, made)}


@pytest.fixture(scope="session")
def plain() -> Article:
    return PLAIN


@pytest.fixture(scope="session")
def torture() -> Article:
    return TORTURE


@pytest.fixture(scope="session")
def make_settings() -> Callable[..., Settings]:
    return settings


@pytest.fixture(scope="session")
def render_all() -> Callable[..., list[FeedFile]]:
    return every_file


@pytest.fixture(scope="session")
def render() -> Callable[..., dict[str, bytes]]:
    return rendered


@pytest.fixture(scope="session")
def files() -> dict[str, bytes]:
    """Give the default feeds of three articles, two of one minute."""
    author = {"name": "Ada Example", "email": "ada@notes.example", "url": "https://ada.example/"}
    return rendered((TORTURE, PLAIN, TWIN), settings(description="What Ada sees & hears", author=author))
