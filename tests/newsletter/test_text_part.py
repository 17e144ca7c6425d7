"""The text part of an issue: the same articles, order and links as the HTML, for readers who see only text."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from publisher.article import Article, Author, Citation, Image
from publisher.config.load import load_settings
from publisher.config.settings import Settings
from publisher.markup.plaintext import columns, to_text
from publisher.markup.sanitise import clean
from publisher.newsletter import UNSUBSCRIBE, next_issue
from publisher.newsletter.languages import SHIPPED
from publisher.newsletter.places import places
from publisher.newsletter.render import Rendering, render
from publisher.newsletter.slots import PREFERENCES
from publisher.publication import Publication
from publisher.templating import Templates, bundled

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 8, 5, tzinfo=BERLIN)
RULE = "_" * 72
#: What a text says in place of an address that it numbered.
LISTED = re.compile(r"^(?:\[\d+\]|[- ]) +(https?://\S+)$|^(https?://\S+)$", re.MULTILINE)


def make_article(name: str, days: float = 1, **values: Any) -> Article:
    standard: dict[str, Any] = {
        "id": f"tag:notes.example,2026:{name}",
        "title": f"About {name}",
        "url": f"https://notes.example/{name}/",
        "authors": (Author("Ada Example"),),
        "summary": f"All of {name} in a sentence.",
        "content": f"<p>All of <b>{name}</b> in a sentence.</p>",
        "published": NOW - timedelta(days=days),
    }
    return Article(**(standard | values))


def make_rendering(
    articles: tuple[Article, ...], templates: Templates | None = None, *, language: str = "en", **newsletter: Any
) -> Rendering:
    settings = Settings.model_validate(
        {
            "publication": {
                "title": "Field Notes",
                "url": "https://notes.example/",
                "timezone": "Europe/Berlin",
                "language": language,
                "description": "On rivers.",
            },
            "newsletters": [{"name": "weekly", "title": "Field Notes Weekly", "content": "full", **newsletter}],
        }
    )
    weekly = settings.newsletters[0]
    ids = [article.id for article in articles]
    issue = next_issue(articles, (), weekly, settings.publication, settings.zone, NOW, only=ids)
    assert issue is not None
    return render(issue, settings, weekly, templates or bundled(), places=places(settings, weekly, issue.key))


RICH = make_article(
    "rivers",
    title="Rivers & <maps>",
    authors=(Author("Ada Example"), Author("Ben Example"), Author("Cleo Example")),
    content=clean(
        '<p>See <a href="/office?a=1&amp;b=2">the office</a>, <a href="https://maps.example/">maps</a> and again'
        ' <a href="/office?a=1&amp;b=2">the office</a>: 5 &lt; 6.</p><h2>Later</h2><p><img src="gauge.png" alt="A gauge">'
        "</p><pre><code>if level &lt; 3:\n    warn()</code></pre><blockquote><p>Water finds its way.</p></blockquote>"
        "<table><tr><th>River</th><th>km</th></tr><tr><td>Elbe</td><td>1,094</td></tr></table>"
        "<ul><li>One</li><li>Two</li></ul>"
    ),
    highlights=("One & two", "Three"),
    image=Image("https://notes.example/lead.jpg", "Fog"),
    sources=(Citation("Yearbook", "https://office.example/yearbook.pdf"), Citation("Interview")),
)
ARTICLES = (RICH, make_article("gauges", 2), make_article("boats", 3))

DIGEST = f"""\
Field Notes Weekly: issue 1, 23 November 2026

On rivers.

In this issue

1. Rivers & <maps>
2. About gauges

{RULE}

1. Rivers & <maps>

Ada Example, Ben Example and Cleo Example · 22 November 2026 · 1 min
read

[Fog]

At a glance:

- One & two
- Three

See the office [1], maps [2] and again the office [1]: 5 < 6.

Later
-----

[A gauge]

    if level < 3:
        warn()

> Water finds its way.

River     km
-----  -----
Elbe   1,094

- One
- Two

[1] https://notes.example/office?a=1&b=2
[2] https://maps.example/

Sources:

- Yearbook
  https://office.example/yearbook.pdf
- Interview

Read this on notes.example:
https://notes.example/rivers/

{RULE}

2. About gauges

Ada Example · 21 November 2026 · 1 min read

All of gauges in a sentence.

Read this on notes.example:
https://notes.example/gauges/

{RULE}

You get this mail because you subscribed to Field Notes Weekly.

Read in the browser:
https://notes.example/feeds/issues/weekly/2026-W48.html

Past issues:
https://notes.example/feeds/issues/weekly.html

Field Notes on the web:
https://notes.example/

Unsubscribe:
{UNSUBSCRIBE}

Preferences:
{PREFERENCES}

Field Notes
12 Mill Lane
Leipzig
"""


def test_a_digest_reads_well() -> None:
    assert make_rendering(ARTICLES[:2], postal_address="12 Mill Lane\nLeipzig").text == DIGEST


def test_a_letter_has_one_article_and_a_line_for_each_other() -> None:
    text = make_rendering(ARTICLES, layout="letter").text
    assert f"{RULE}\n\nRivers & <maps>\n\nAda Example" in text
    assert "In this issue\n" not in text.replace("Also in this issue\n", "")
    assert (
        f"{RULE}\n\nAlso in this issue\n\n2. About gauges\n   All of gauges in a sentence.\n"
        "   Ada Example · 21 November 2026 · 1 min read\n   https://notes.example/gauges/\n\n3. About boats\n" in text
    )


def test_a_list_has_a_line_for_each_article() -> None:
    text = make_rendering(ARTICLES, layout="list").text
    assert text.startswith(
        "Field Notes Weekly: issue 1, 23 November 2026\n\nOn rivers.\n\n1. Rivers & <maps>\n   All of rivers in a"
    )
    assert text.count(RULE) == 1


def test_summaries_lead_to_the_whole_articles() -> None:
    text = make_rendering(ARTICLES, content="summary").text
    assert "All of rivers in a sentence.\n\nSources:" in text
    assert "Read the whole article on notes.example:\nhttps://notes.example/rivers/\n" in text


def test_articles_that_are_left_to_the_web_are_counted() -> None:
    many = tuple(make_article(f"no-{n}", n / 1000, title=f"{n} " + "long title " * 40) for n in range(400))
    rendering = make_rendering(many, layout="list")
    left = re.search(r"^(\d+) more articles are on the web page of this issue\.\n(\S+)$", rendering.text, re.MULTILINE)
    assert left is not None
    assert f"{400 - int(left[1])}. " in rendering.text
    assert left[2] == "https://notes.example/feeds/issues/weekly/2026-W48.html"


@pytest.mark.parametrize("layout", ["digest", "letter", "list"])
@pytest.mark.parametrize("language", SHIPPED)
def test_each_language_says_everything_in_its_own_words(language: str, layout: str) -> None:
    rendering = make_rendering(ARTICLES, language=language, layout=layout, postal_address="12 Mill Lane")
    check_form(rendering.text)
    english = r"Issue |issue|Unsubscribe|Preferences|Read |Past|You get|At a glance|\d November|min read|Example and|on the web"
    found = re.findall(english, re.sub(r"\S+://\S+", "", rendering.text))
    assert bool(found) == (language == "en"), found


# ------------------------------------------------------------------ the same as the HTML


def form_faults(text: str, code: str = "") -> Iterator[str]:
    """Say what is wrong with a text as text."""
    for line in text.split("\n"):
        if columns(line) > 72 and "://" not in line and line.strip() not in code:
            yield f"too wide: {line}"
        if line != line.rstrip():
            yield f"blanks at the end: {line}"
        if line.lstrip("> -")[:1] and line.lstrip("> -")[0] in "、。）」":
            yield f"starts with what never starts a line: {line}"
    if "\n\n\n" in text or text != text.strip("\n") + "\n":
        yield "too many blank lines"


def check_form(text: str, code: str = "") -> None:
    assert list(form_faults(text, code)) == []


def html_parts(html: str) -> list[str]:
    """Return the HTML of each article, without what is around them."""
    return [part.rpartition("<h2 ")[2] for part in re.split(r"<!-- end of article \d+ -->", html)[:-1]]


def links_of(html: str) -> list[str]:
    tree = etree.fromstring(f"<html><body><h2 {html}</body></html>", etree.HTMLParser(encoding="utf-8"))
    return list(dict.fromkeys(str(link.get("href")) for link in tree.iter("a")))


def link_faults(rendering: Rendering, articles: tuple[Article, ...]) -> Iterator[str]:
    """Say where the text has other articles, another order or other links than the HTML."""
    texts = rendering.text.split(RULE)[1:-1]
    parts = html_parts(rendering.html)
    if not len(texts) == len(parts) == len(articles):
        yield f"{len(articles)} articles, {len(parts)} in the HTML and {len(texts)} in the text"
    for article, part, text in zip(articles, parts, texts, strict=False):
        shown = list(dict.fromkeys(one or other for one, other in LISTED.findall(text)))
        if "".join(article.title.split()) not in "".join(text.split()):
            yield f"no title: {article.title}"
        if shown[-1:] != [article.url]:
            yield f"does not end with its address: {article.url}"
        if shown[:-1] != [url for url in links_of(part) if url != article.url]:
            yield f"{shown} instead of {links_of(part)}"


WORDS = st.sampled_from(
    [
        "word",
        "überlang" * 12,
        "日本語の文章、",
        "「引用」",
        "نهر طويل",
        "5 < 6",
        "R&D",
        "[1]",
        "e\u0301",
        "👩‍👩‍👧",
        "« a » ;",
    ]
)
TEXT = st.lists(WORDS, min_size=1, max_size=30).map(" ".join)
URLS = st.sampled_from(
    ["/a?b=1&amp;c=2", "https://long.example/" + "path/" * 30, "https://x.example/", "https://x.example/#part", "b c"]
)
LINKS = st.builds(lambda url, text: f'<a href="{url}">{escape(text)}</a>', URLS, TEXT)
INLINE = st.lists(st.one_of(TEXT.map(escape), LINKS), min_size=1, max_size=4).map(" ".join)
BLOCKS = st.one_of(
    INLINE.map(lambda html: f"<p>{html}</p>"),
    INLINE.map(lambda html: f"<h3>{html}</h3>"),
    INLINE.map(lambda html: f"<blockquote><p>{html}</p></blockquote>"),
    st.lists(INLINE, max_size=3).map(lambda items: f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"),
    st.lists(st.lists(INLINE, min_size=1, max_size=3), max_size=3).map(
        lambda rows: (
            f"<table>{''.join('<tr>' + ''.join(f'<td>{c}</td>' for c in row) + '</tr>' for row in rows)}</table>"
        )
    ),
    st.just("<pre><code>short(code)</code></pre>"),
    st.just('<p><img src="/a.png" alt="A map"></p>'),
)
CONTENTS = st.lists(BLOCKS, min_size=1, max_size=5).map("".join)


@st.composite
def issues(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[Article, ...]:
    count = draw(st.integers(1, 3))
    return tuple(
        make_article(
            f"no-{number}",
            number + 1,
            title=draw(TEXT),
            content=clean(draw(CONTENTS)),
            highlights=tuple(draw(st.lists(TEXT, max_size=2))),
            sources=tuple(Citation(text, "https://source.example/") for text in draw(st.lists(TEXT, max_size=1))),
            language=draw(st.sampled_from(["en", "ja", "ar"])),
        )
        for number in range(count)
    )


@pytest.mark.whole
@settings(settings.get_profile("costly"))
@given(issues(), st.sampled_from(["en", "fr", "ja", "ar"]))
def test_the_text_has_the_articles_order_and_links_of_the_html(articles: tuple[Article, ...], language: str) -> None:
    rendering = make_rendering(articles, language=language, postal_address="12 Mill Lane")
    check_form(rendering.text)
    assert list(link_faults(rendering, articles)) == []
    assert not re.search(r"&(?:amp|lt|gt|#\d+);", rendering.text)
    assert not re.search(r"</?(?:p|a|li|td|h3|pre|code)[ >]", rendering.text)


@pytest.mark.parametrize(
    "broken",
    [
        lambda text: "\n".join(reversed(text.split("\n"))),
        lambda text: text.replace("https://maps.example/", "https://maps.example"),
        lambda text: re.sub(r"\[2\] \S+\n", "", text),
        lambda text: text.replace("[2] https", "[2]\nhttps").replace("[1] https://", "[1] see https://"),
        lambda text: "",
    ],
    ids=["reversed", "changed", "dropped", "torn", "empty"],
)
def test_a_text_with_other_links_would_be_noticed(
    broken: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(link_faults(make_rendering(ARTICLES), ARTICLES)) == []
    monkeypatch.setattr("publisher.newsletter.view.to_text", lambda html: broken(to_text(html)))
    assert list(link_faults(make_rendering(ARTICLES), ARTICLES)) != []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("word " * 20 + "\n", "too wide"),
        ("日" * 37 + "\n", "too wide"),
        ("a\n\n\nb\n", "too many blank lines"),
        ("a \nb\n", "blanks at the end"),
        ("> 、a\n", "never starts a line"),
    ],
)
def test_a_text_of_bad_form_would_be_noticed(text: str, fault: str) -> None:
    assert any(fault in found for found in form_faults(text))


def test_code_and_addresses_alone_may_be_wider() -> None:
    code = f"print('{'wide ' * 20}')"
    address = f"https://long.example/{'path/' * 30}"
    article = make_article("code", content=f'<pre>{code}</pre><p><a href="{address}">there</a></p>')
    text = make_rendering((article,)).text
    assert f"\n    {code}\n" in text
    assert f"\n[1] {address}\n" in text
    check_form(text, code)


def test_each_word_of_the_html_is_in_the_text() -> None:
    """SpamAssassin's MPART_ALT_DIFF counts the words that only one of the two parts has."""
    rendering = make_rendering(ARTICLES, postal_address="12 Mill Lane", look={"footer": ["Printed on no paper."]})
    body = etree.fromstring(rendering.html.encode(), etree.HTMLParser(encoding="utf-8")).find("body")
    assert body is not None
    for preheader in body.findall("div[@class='preheader']"):
        body.remove(preheader)

    def words(text: str) -> set[str]:
        return set(re.findall(r"[^\W_]+", text.casefold()))

    html = words(" ".join(str(text) for text in body.itertext()))
    assert html - words(rendering.text) == set()
    assert len(words(re.sub(r"\S+://\S+", "", rendering.text)) - html) <= 3  # Fog, A gauge


def test_no_article_is_told_by_its_address_alone() -> None:
    bare = make_article("a", url="tag:a", title="T", summary="", content="", authors=(), published=None)
    text = make_rendering((bare, *ARTICLES)).text
    assert f"{RULE}\n\n1. T\n\n1 min read\n\n{RULE}" in text


def test_a_publication_replaces_one_part(tmp_path: Path) -> None:
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "_opening.txt").write_text('{{ fill("Dear readers,") }}\n', encoding="utf-8")
    text = make_rendering(ARTICLES[1:2], Templates(tmp_path)).text
    assert text.startswith(f"Dear readers,\n\n{RULE}\n\nAbout gauges\n")


def test_publishers_own_words_reach_the_text(tmp_path: Path) -> None:
    (tmp_path / "email" / "words").mkdir(parents=True)
    (tmp_path / "email" / "words" / "de.toml").write_text('unsubscribe = "Abmelden"\n', encoding="utf-8")
    text = make_rendering(ARTICLES, Templates(tmp_path), language="de").text
    assert "\nAbmelden:\n" in text
    assert "\nEinstellungen:\n" in text


def test_a_publication_makes_an_issue_in_its_language(tmp_path: Path) -> None:
    (tmp_path / "publisher.toml").write_text(
        '[publication]\ntitle = "川の便り"\nurl = "https://kawa.example/"\nlanguage = "ja"\ntimezone = "Asia/Tokyo"\n'
        'authority = "kawa.example,2026"\n\n[[sources]]\npath = "articles"\n\n[[newsletters]]\nname = "weekly"\n',
        encoding="utf-8",
    )
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "suii.md").write_text(
        "---\ntitle: 水位計のはなし\ndate: 2026-11-21\nauthor: 例 春香\n---\n\n川の水位を測りました。[記録](https://k.example/)\n",
        encoding="utf-8",
    )
    report = Publication(tmp_path, load_settings(tmp_path)).issue("weekly", NOW)
    text = (next((tmp_path / "issues" / "weekly").glob("*/issue.txt"))).read_text(encoding="utf-8")
    assert report is not None
    assert text.startswith("川の便り 第1号（2026年11月")
    assert "例 春香 · 2026年11月21日 · 約1分で読めます" in text
    assert "配信停止：\n" in text
    check_form(text)
