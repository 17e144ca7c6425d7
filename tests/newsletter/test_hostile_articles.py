"""No article can crash an issue, empty it, reach out of it, or alter another article."""

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from publisher.article import Article, Author, Citation, Image
from publisher.config.settings import Settings
from publisher.errors import Severity
from publisher.markup.sanitise import clean
from publisher.newsletter import next_issue
from publisher.newsletter.limits import DEEPEST, LONGEST_ADDRESS, LONGEST_CONTENT, MOST_ELEMENTS, within_limits
from publisher.newsletter.render import Rendering, render
from publisher.newsletter.sizes import LARGEST_HTML
from publisher.templating import bundled

pytestmark = pytest.mark.uncovered

NOW = datetime(2026, 11, 23, 8, 5, tzinfo=ZoneInfo("Europe/Berlin"))
SETTINGS = Settings.model_validate(
    {
        "publication": {"title": "Field Notes", "url": "https://notes.example/", "timezone": "Europe/Berlin"},
        "newsletters": [{"name": "weekly", "content": "full"}],
    }
)


def make_article(number: int, **values: Any) -> Article:
    standard: dict[str, Any] = {
        "id": f"tag:notes.example,2026:{number}",
        "title": f"About {number}",
        "url": f"https://notes.example/{number}/",
        "summary": f"All of {number} in a sentence.",
        "content": f'<h2>More</h2><p>All of <b>{number}</b> <a href="/x">at length</a>.</p><table><tr><th>1</th></tr></table>',
        "published": NOW - timedelta(minutes=number),
    }
    return Article(**(standard | values))


def draw(*articles: Article) -> Rendering:
    newsletter = SETTINGS.newsletters[0]
    ids = [article.id for article in articles]
    issue = next_issue(articles, (), newsletter, SETTINGS.publication, SETTINGS.zone, NOW, only=ids)
    assert issue is not None
    within, problems = within_limits(issue.articles)
    drawn = render(replace(issue, articles=within), SETTINGS, newsletter, bundled())
    return replace(drawn, problems=(*problems, *drawn.problems))


def _parts(html: str) -> tuple[str, ...]:
    """Divide a mail into what ends with each article, and the rest."""
    return tuple(re.split("\n<!-- end of article [0-9]+ -->\n", html))


_FIRST, _LAST = make_article(1), make_article(3)
_HARMLESS = draw(_FIRST, make_article(2, content="<p>Text</p>"), _LAST)

_DEEP = 300
#: What premailer, cssutils and libxml2 are known to fail on, and what would reach out or act.
HOSTILE = {
    "style without colon": '<p style="p">x</p>',
    "import": "<style>@import url(https://style.example/a.css); p { color: #ff0000 }</style><p>x</p>",
    "imported file": '<style>@import url("file:///etc/hostname");</style><p>x</p>',
    "link": '<link rel="stylesheet" href="https://style.example/a.css"><p>x</p>',
    "base": '<base href="https://stranger.example/"><p><a href="x">x</a></p>',
    "doctype": "<!doctype html><html><body><p>x</p></body></html>",
    "byte order mark": "\ufeff<p>x</p>",
    "empty": "",
    "blank": " \n",
    "declaration": '<?xml version="1.0" encoding="utf-16"?><p>x</p>',
    "deep": "<div>" * _DEEP + "x" + "</div>" * _DEEP,
    "deep and open": "<b>" * 3000 + "x",
    "colours": '<p style="color: rgb(0 0 0 / 50%); background: var(--x)">x</p>',
    "everything in rules": "<style>* { display: none !important } .cell, .p { color: red }</style><p>x</p>",
    "classes of the frame": '<p class="preheader page cell">x</p><div class="headline" id="article-1">x</div>',
    "conditional comment": "<!--[if mso]><p>x</p><![endif]--><![if !mso]>y<![endif]><!--[if !mso]><!--><p>z</p>",
    "open comment": "<p>x</p><!-- x",
    "marks": "<!-- end of article 2 --><p>x</p><!-- end of article 3 -->",
    "handlebars": '<p><a href="{{ x }}">{{ reader.unsubscribe }} {% raw %} {# x</a></p>',
    "broken address": '<p><a href="http://[">x</a><a href="/é ü&amp;b">y</a><img src="http://[" alt="z"></p>',
    "end tags": "</td></tr></table></div></body></html><p>x</p>",
    "stray cells": "<td>a</td><tr><td>b</td></tr><tbody><p>c</p></tbody><caption>d</caption>",
    "open table": "<table><tr><td>a<table><tr><td>b",
    "form": '<form action="https://stranger.example/"><input type="image" src="x"><button>x</button></form>',
    "script": "<script>document.write('x')</script><p onclick=x()>x</p><svg onload=x()></svg>",
    "raw text": "<xmp><p></xmp><plaintext><p>x",
    "textarea": "<textarea><p>x</textarea></td><title>x</title><noscript><p>y</noscript>",
    "CDATA": "<![CDATA[<p>x</p>]]><p>]]></p>",
    "controls": "<p>a\x00b\x0bc\ud800d\u2028e\u202ef\ufffe</p>",
    "references": "<p>&#0;&#x80;&#xD800;&notit;&amp;lt;b&amp;gt;&lt/p&gt</p>",
    "links in links": '<a href="https://a.example/"><a href="https://b.example/">x</a>y</a><h2><h3>z</h2></h3>',
    "headings": "<h1><h2><h1>x</h1></h2></h1>",
    "lists": "<li>a<li>b<dd>c<dt>d</ul></ol>",
    "ruby": "<ruby>川<rt>かわ</ruby><rt>x",
    "frames": '<frameset><frame src="x"></frameset><iframe src="https://a.example/"></iframe>',
    "mathematics": "<math><mi>x</mi><annotation-xml encoding='text/html'><p>y</annotation-xml></math>",
}


def expect_neighbours_unharmed(drawn: Rendering) -> None:
    """Demand the bytes of the other articles and of the frame as they are beside a harmless article."""
    first, _, last, rest = _parts(drawn.html)
    assert (first, last, rest) == (_parts(_HARMLESS.html)[0], *_parts(_HARMLESS.html)[2:])
    assert drawn.html.count("<td") - drawn.html.count("</td") == 0
    for form in (drawn.text, drawn.web):
        for number in (1, 2, 3):
            assert form.count(f"https://notes.example/{number}/") >= 1
        assert form.count("at length") == 2
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", drawn.text + drawn.html + drawn.web)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("sanitised", [True, False], ids=["sanitised", "raw"])
def test_hostile_content_harms_no_neighbour(name: str, sanitised: bool) -> None:
    content = clean(HOSTILE[name]) if sanitised else HOSTILE[name]
    expect_neighbours_unharmed(draw(_FIRST, make_article(2, content=content), _LAST))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_harm_no_neighbour(name: str) -> None:
    words = HOSTILE[name]
    hostile = make_article(
        2,
        content="<p>Text</p>",
        summary=words,
        highlights=(words,),
        authors=(Author(words),),
        sources=(Citation(words, f"https://a.example/{words}"),),
        image=Image(words or "x", words),
    )
    drawn = draw(_FIRST, hostile, _LAST)
    expect_neighbours_unharmed(drawn)


_PIECES = st.sampled_from(
    [*HOSTILE.values(), "<p>", "</p>", "<td>", "</table>", "<a href=x>", "</a>", "&", "x", "<", '"']
)


@pytest.mark.whole
@settings(settings.get_profile("costly"))
@given(st.lists(_PIECES | st.text(max_size=5), max_size=6).map("".join), st.booleans())
@example("<table><td><table></td>x", True)
def test_any_mixture_harms_no_neighbour(content: str, sanitised: bool) -> None:
    content = clean(content) if sanitised else content
    expect_neighbours_unharmed(draw(_FIRST, make_article(2, content=content), _LAST))


@pytest.mark.parametrize(
    "harm",
    [
        lambda html: html.replace("All of <b>3</b>", "All of <b>4</b>"),
        lambda html: html.replace("\n<!-- end of article 3 -->", "</td></tr>\n<!-- end of article 3 -->"),
        lambda html: html.replace("\n<!-- end of article 2 -->", "<td>\n<!-- end of article 2 -->"),
        lambda html: html.replace("</html>", "<img></html>"),
    ],
    ids=["words", "tags", "open", "frame"],
)
def test_harm_is_seen(harm: Callable[[str], str]) -> None:
    with pytest.raises(AssertionError):
        expect_neighbours_unharmed(replace(_HARMLESS, html=harm(_HARMLESS.html)))


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("<p>" + "x" * LONGEST_CONTENT + "</p>", "has 524,295 bytes, more than the 524,288 that fit"),
        ("<p>" + "日" * (LONGEST_CONTENT // 3) + "</p>", "has 524,293 bytes"),
        ("x" * 11_000_000, "has 11,000,000 bytes"),
        ("<div>" * (DEEPEST + 1) + "x" + "</div>" * (DEEPEST + 1), "is nested 101 deep, deeper than 100"),
        ("<div>" * 40_000 + "x", "has 40,000 elements, more than the 20,000 that fit"),
        ("<br>" * (MOST_ELEMENTS + 1), "has 20,001 elements"),
    ],
    ids=["long", "wide", "huge", "deep", "open", "many"],
)
def test_an_article_beyond_a_limit_is_shown_by_its_summary(content: str, why: str) -> None:
    hostile = make_article(2, content=content, path="articles/two.md", line=7)
    drawn = draw(_FIRST, hostile, _LAST)
    expect_neighbours_unharmed(drawn)
    assert "All of 2 in a sentence." in _parts(drawn.html)[1]
    (problem,) = drawn.problems
    assert problem.severity is Severity.NOTE
    assert str(problem).startswith(f"articles/two.md:7: the content of 'About 2' {why}")
    assert str(problem).endswith("so mails show its summary; divide the article, or simplify its HTML")


@pytest.mark.parametrize(
    "content",
    [
        "<p>" + "x" * (LONGEST_CONTENT - 7) + "</p>",
        "<div>" * DEEPEST + "x" + "</div>" * DEEPEST,
        "<br>" * MOST_ELEMENTS,
        '<p>a<br><img src="x">b</p><hr>' * 200,
    ],
    ids=["long", "deep", "many", "void"],
)
def test_what_is_within_the_limits_is_left_alone(content: str) -> None:
    articles = (make_article(1, content=content),)
    assert within_limits(articles) == (articles, ())


def test_without_a_summary_the_beginning_stands_for_the_article() -> None:
    content = f"<p>One &amp; two <b>three</b></p><p>{'words ' * 200_000}</p>"
    (article,), _ = within_limits([make_article(1, content=content, summary="")])
    assert article.summary.startswith("One & two three words words")
    assert article.summary.endswith("words…")
    assert len(article.summary.split()) == 60


def test_an_address_beyond_the_limit_is_no_link() -> None:
    drawn = draw(_FIRST, make_article(2, url=f"https://notes.example/{'x' * LONGEST_ADDRESS}"), _LAST)
    assert "About 2" in drawn.html
    assert "xxxx" not in drawn.html + drawn.text + drawn.web
    assert "has 2,022 characters, so mails do not link to it; give it a url of at most 2,000" in str(drawn.problems[0])


def test_limits_are_seen_in_linear_time(expect_linear: Callable[[Callable[[int], object], int], None]) -> None:
    expect_linear(lambda size: within_limits([make_article(1, content="<b>" * size, summary="")]), 100_000)
    expect_linear(lambda size: within_limits([make_article(1, content="<" * size, summary="")]), 100_000)


@pytest.mark.parametrize(
    "content",
    ["<b>" * 19_000, "<table><tr><td>" * 30 + "x" * 400_000, "<p>&amp;" * 19_000, "<a href=x>" * 19_000, "<" * 500_000],
    ids=["open", "wide", "references", "links", "signs"],
)
def test_heavy_content_stays_within_the_mail(content: str) -> None:
    drawn = draw(make_article(1, content=clean(content)), _LAST)
    assert len(drawn.html.encode()) <= LARGEST_HTML
    assert "at length" in drawn.html


# ---------------------------------------------------------------- no network, no foreign file

_WATCHED = """
import pathlib, sys
from hypothesis import settings
settings.register_profile("costly")
sys.path.insert(0, {tests!r})
from test_hostile_articles import HOSTILE, draw, make_article
from publisher.templating import bundled_templates

here = [pathlib.Path(path).resolve() for path in (*{roots!r}, bundled_templates())]
seen = []

def watch(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path = pathlib.Path(str(arguments[0])).resolve()
        if not any(path.is_relative_to(folder) for folder in here):
            seen.append((event, str(path)))
    elif event.startswith(("socket.", "subprocess.", "urllib.", "http.", "ftplib.")) or event in ("os.system", "os.exec"):
        seen.append((event, str(arguments)))

sys.addaudithook(watch)
{before}
for content in HOSTILE.values():
    draw(make_article(1, content=content), make_article(2, summary=content))
print(seen)
"""


#: What premailer does by itself, were it not held back.
_IMPORTING = """
import cssutils
from publisher.newsletter import inline
inline._sheet = lambda css, _: cssutils.parseString("@import url(file:///etc/hostname);" + css)
inline.styles.cache_clear()
"""


def _watched(before: str = "") -> str:
    roots = [sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[2] / "publisher")]
    code = _WATCHED.format(tests=str(Path(__file__).parent), roots=roots, before=before)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    return done.stdout.strip()


def test_rendering_reaches_for_neither_network_nor_files() -> None:
    assert _watched() == "[]"


@pytest.mark.parametrize(
    ("act", "event"),
    [
        ("import socket; socket.socket().connect_ex(('127.0.0.1', 9))", "socket.connect"),
        ("open('/etc/hostname')", "/etc/hostname"),
        (
            _IMPORTING,
            "/etc/hostname",
        ),
    ],
    ids=["connects", "opens", "imports"],
)
def test_reaching_out_is_seen(act: str, event: str) -> None:
    assert event in _watched(act)
