"""Markdown posts as the static site generators have them."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Author, Image, Status
from publisher.markup.characters import legal
from publisher.markup.plaintext import to_line
from publisher.sources.base import Conventions, Document
from publisher.sources.markdown import read

Grows = Callable[[Callable[[int], object], int], None]

CONVENTIONS = Conventions("https://notes.example/", "{path}/", ZoneInfo("Europe/Berlin"), "en")
NAME = "2015-01-02-post.md"


def post(text: str, name: str = NAME) -> Article:
    found = read(Document(f"articles/{name}", name, text), CONVENTIONS)
    assert found.problems == ()
    return found.articles[0]


JEKYLL = """---
layout: post
title:  "Welcome: a post"
date:   2015-11-17 16:16:01 -0600
categories: [jekyll, update]
permalink: /:categories/:year/:title/
excerpt_separator: <!--more-->
image:
  path: /assets/a.png
  alt: A
---
An opening.
<!--more-->
{% highlight ruby %}
puts "]]>"
{% endhighlight %}
"""
HUGO_TOML = """+++
title = "Welcome"
date = 2015-11-17T16:16:01-06:00
lastmod = 2015-11-18
draft = false
tags = ["a", "b"]
categories = ["c"]
[author]
name = "Ada Example"
[cover]
image = "a.png"
+++

An opening.
{{< figure src="a.png" >}}
"""
HUGO_JSON = """{
  "title": "Welcome",
  "date": "2015-11-17T16:16:01-06:00",
  "tags": ["a"],
  "draft": true
}

An opening.
"""
PELICAN = """Title: Welcome: a post
Date: 2015-11-17 23:16
Modified: 2015-11-18
Category: Python
Tags: a, b
Slug: welcome
Authors: Ada Example, Bo Example
Summary: A short
    summary

An opening.
"""
HEXO = """title: Welcome
date: 2015/11/17 23:16:01
categories:
- [Diary, Work]
tags:
- a
---
An opening.

<!-- more -->

The rest.
"""
ZOLA = """+++
title = "Welcome"
date = 2015-11-17

[taxonomies]
tags = ["a"]
[extra]
author = "Ada Example"
+++
An opening.
"""
ELEVENTY = """---json
{ "title": "Welcome", "date": "2015-11-17", "tags": "a", "permalink": "/{{ page.fileSlug }}/" }
---
An opening. {{ content | safe }}
"""


def test_a_jekyll_post() -> None:
    read_post = post(JEKYLL, "_posts/2015-11-17-welcome.md")
    assert (read_post.title, read_post.url) == ("Welcome: a post", "https://notes.example/welcome/")
    assert read_post.published == datetime(2015, 11, 17, 22, 16, 1, tzinfo=UTC)
    assert (read_post.tags, read_post.image) == (("jekyll", "update"), Image("/assets/a.png", "A"))
    assert read_post.summary == "An opening."
    assert "<!--" not in read_post.content
    assert "{% highlight ruby %}" in read_post.content
    assert "]]&gt;" in read_post.content


def test_a_hugo_post_in_toml() -> None:
    read_post = post(HUGO_TOML, "posts/welcome/index.md")
    assert read_post.url == "https://notes.example/posts/welcome/"
    assert read_post.published == datetime(2015, 11, 17, 22, 16, 1, tzinfo=UTC)
    assert read_post.updated == datetime(2015, 11, 17, 23, tzinfo=UTC)
    assert (read_post.tags, read_post.authors) == (("a", "b", "c"), (Author("Ada Example"),))
    assert read_post.image == Image("a.png")
    assert "{{&lt; figure src=" in read_post.content


def test_a_hugo_post_in_json() -> None:
    read_post = post(HUGO_JSON)
    assert (read_post.title, read_post.tags, read_post.status) == ("Welcome", ("a",), Status.DRAFT)
    assert read_post.content == "<p>An opening.</p>\n"


def test_a_pelican_post() -> None:
    read_post = post(PELICAN, "welcome.md")
    assert (read_post.title, read_post.slug, read_post.section) == ("Welcome: a post", "welcome", "Python")
    assert read_post.tags == ("a", "b", "Python")
    assert read_post.authors == (Author("Ada Example"), Author("Bo Example"))
    assert (read_post.summary, read_post.content) == ("A short summary", "<p>An opening.</p>\n")


def test_a_hexo_post() -> None:
    read_post = post(HEXO, "welcome.md")
    assert read_post.published == datetime(2015, 11, 17, 22, 16, 1, tzinfo=UTC)
    assert read_post.tags == ("a", "Diary", "Work")
    assert read_post.summary == "An opening."
    assert read_post.content == "<p>An opening.</p>\n\n<p>The rest.</p>\n"


def test_a_zola_post() -> None:
    read_post = post(ZOLA, "welcome.md")
    assert (read_post.tags, read_post.authors) == (("a",), (Author("Ada Example"),))


def test_an_eleventy_post() -> None:
    read_post = post(ELEVENTY, "welcome.md")
    assert (read_post.title, read_post.tags, read_post.url) == ("Welcome", ("a",), "https://notes.example/welcome/")


@pytest.mark.parametrize(
    ("text", "title", "content"),
    [
        ("# A *title*\n\nb", "A title", "<p>b</p>\n"),
        ("A title\n=======\n\nb", "A title", "<p>b</p>\n"),
        ("---\ntitle: A  Title\n---\n# A title\n\nb", "A Title", "<p>b</p>\n"),
        ("---\ntitle: Other\n---\n# A title\n\nb", "Other", "<h1>A title</h1>\n<p>b</p>\n"),
        ("---\ntitle: ''\n---\n# A title\n\nb", "A title", "<p>b</p>\n"),
        ("b\n\n# A title", "Post", "<p>b</p>\n<h1>A title</h1>\n"),
        ("## A title\n\nb", "Post", "<h2>A title</h2>\n<p>b</p>\n"),
        ("#", "Post", ""),
    ],
)
def test_a_first_heading_is_the_title_where_there_is_no_other(text: str, title: str, content: str) -> None:
    read_post = post(text)
    assert (read_post.title, read_post.content) == (title, content)


@pytest.mark.parametrize("marker", ["<!-- more -->", "<!--more-->", "<!-- More about it -->"])
def test_the_text_above_the_marker_is_the_summary(marker: str) -> None:
    read_post = post(f"# A\n\nb *c*\n\nd\n{marker}\ne")
    assert read_post.summary == "b c d"
    assert read_post.content == "<p>b <em>c</em></p>\n<p>d</p>\n\n<p>e</p>\n"


def test_metadata_comes_before_the_marker_and_code_has_none() -> None:
    assert post("---\nsummary: a\n---\nb\n<!--more-->\nc").summary == "a"
    assert post("a\n\n```\n<!--more-->\n```\n").summary == "a"


@pytest.mark.parametrize("body", ["", "\n", "# Only a heading\n"])
def test_a_post_may_have_no_content(body: str) -> None:
    assert post(f"---\ntitle: Only a heading\n---\n{body}").content == ""


def test_other_scripts_and_control_characters_are_read() -> None:
    read_post = post(legal("---\ntitle: 你好 \x07مرحبا 🎉\n---\n日本語\x00の\x1f本文 &#3;"))
    assert (read_post.title, read_post.content) == ("你好 مرحبا 🎉", "<p>日本語の本文 </p>\n")


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("Text.\n\n<script>a()</script>\n", "<script>"),
        ('<p onClick="a()">Text <a href="JavaScript:a()">b</a></p>', "onclick, javascript:"),
        ("<style>a {}</style>\n\n<svg></svg>\n", "<style>, <svg>"),
        ("A sample: `<script>a()</script>` and <b>bold</b>.\n", ""),
        ("```html\n<p onclick='a()'>\n```\n", ""),
        ("Is 1 < 2? <!-- <script> --> See javascript: and onclick=x.\n", ""),
    ],
)
def test_what_readers_do_not_get_is_noted(text: str, lost: str) -> None:
    found = read(Document(NAME, NAME, text), CONVENTIONS)
    said = [f"has {lost}, which readers do not get"] if lost else []
    assert [one.message for one in found.problems] == said


def test_a_mistake_in_the_metadata_names_its_line() -> None:
    found = read(Document("articles/a.md", "a.md", "---\ntitle: One: two\n---\n"), CONVENTIONS)
    assert [str(one) for one in found.problems] == [
        'articles/a.md:2: the metadata is no YAML: mapping values are not allowed in this context; put the value in quotes, such as title: "One: two"'
    ]


def test_of_too_deep_content_the_text_is_kept() -> None:
    found = read(Document(NAME, NAME, ">" * 300 + "a\n\n<!--more-->\n"), CONVENTIONS)
    assert found.problems == ()
    assert (found.articles[0].summary, to_line(found.articles[0].content)) == ("a", "a")


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_read(text: str) -> None:
    found = read(Document(NAME, NAME, text), CONVENTIONS)
    assert found.articles or found.problems


def test_markers_that_are_never_closed_cost_no_more_than_others(expect_linear: Grows) -> None:
    """A megabyte of them took minutes before the search stopped at the next one."""
    assert post("<!-- more " * 100).summary == ""
    expect_linear(lambda count: post("<!-- more " * count), 10_000)
