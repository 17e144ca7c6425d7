"""What authors write at their worst goes through all formats: no finding anywhere, and every format says the same."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import feedparser
import pytest
from lxml import etree

from publisher.article import Article, Author, Citation, Enclosure, Image
from publisher.check import check_feed
from publisher.config.settings import Settings
from publisher.feeds import atomtree, content, document, rsstree, syndication
from publisher.feeds.plain import JOINER
from publisher.markup.sanitise import clean

Files = dict[str, bytes]
Render = Callable[..., Files]
BERLIN = ZoneInfo("Europe/Berlin")
SECOND = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
FOLDER = "https://notes.example/feeds/"

TITLES = (
    "AT&T, AT&amp;T and R&D2",
    "a literal &copy; and &#169; and &#xA9; and &nosuch;",
    "<b>bold</b>, </b>, </p> and <script>alert(1)</script>",
    "]]> <![CDATA[ <!-- --> <?xml version='1.0'?>",
    "emoji 🦩 👩‍👩‍👧 🇩🇪, שלום עולם, مرحبا ﷺ, 中文, ẞ and \u202eoverride\u202c",
    "controls \x00\x07\x0b\x1f\x7f\x85\x9f, lost \ufffd, none \ufffe\uffff\ufdd0\U0001fffe\U0010ffff",
    "quotes ' \" « » and spaces \u00a0\u2003\u2028\u2029\u3000 and \u00ad soft",
    "1 < 2 > 0 && Q&A <3 </3",
    "%s %d {0} \\n \\u0041 $1",
    "x" * 5000,
)
BODIES = (
    "<p>]]&gt; &amp;amp; &lt;b&gt; &copy; &nbsp; &#x1f9a9; & &nosuch; &notit; <code>a && b < c</code></p>",
    (
        '<script>alert(1)</script><p onclick="a()" style="position:fixed">x<iframe src="https://v.example/1"></iframe></p>'
        '<svg><script>1</script></svg><math><mi>x</mi></math><form><input type="checkbox" checked> done</form><object/>'
    ),
    (
        '<p><a href="#fn1">1</a><a href="/a b?c=ü&d=é#ß">2</a><a href="//cdn.example/x">3</a><a href="../up">4</a>'
        '<a href="javascript:alert(1)">5</a><a href="mailto:a@notes.example">6</a><a href="https://müller.example/ä ö">7</a>'
        '<a href="?q">8</a><a href="">9</a><a href="http://[">10</a></p>'
    ),
    (
        '<p><img src="a b.png" srcset="a.png 1x, //cdn.example/b.png 2x, /ü.png 3x" alt="&quot;<b>"><picture><source '
        'srcset="c.webp" type="image/webp"><img src="c.png"></picture><img src="data:image/png;base64,AAAA"></p>'
    ),
    (
        '<video controls poster="p.png"><source src="v.mp4" type="video/mp4"></video><p><audio controls src="/a.mp3"></audio>'
        "</p><details open><summary>More</summary><p>x</p></details>"
    ),
    (
        '<p><bdo dir="rtl">abc</bdo> <bdi>שלום</bdi> <ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby> <q cite="/q">q</q> H<sub>2'
        '</sub>O <time datetime="2026-01-01">x</time> <abbr title="a &lt;b&gt;">y</abbr> a<wbr>b</p>'
    ),
    "<table><caption>T</caption><tr><th scope=col>1<td colspan=2>2</table><ul><li>a<li>b</ul><dl><dt>t<dd>d</dl><p>a<p>b<b>c",
    "<p>\x00\x0b\x85\x9f \ufffd \ufdd0 \ufffe \U0001ffff &#0; &#x80; &#xfffe; &#xfdd0;</p>",
    '<div><div><p>deep</p></div></div><h2 id="a">A</h2><h2 id="a">A</h2><pre><code class="language-x">1\n\n\t2</code></pre>',
    "<p>" + "A very long post, &amp; it is all in the feed. " * 20_000 + "</p>",
)
TIMES = (
    SECOND,
    SECOND,
    SECOND,
    datetime(2026, 3, 29, 2, 30, tzinfo=BERLIN),  # this hour was left out
    datetime(2025, 10, 26, 2, 30, tzinfo=BERLIN),  # and this one was there twice
    datetime(2025, 10, 26, 2, 30, fold=1, tzinfo=BERLIN),
    datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2025, 6, 1, 0, 0, tzinfo=ZoneInfo("Pacific/Kiritimati")),
    datetime(2000, 2, 29, 12, 0, tzinfo=UTC),
    datetime(1990, 1, 2, tzinfo=UTC),
)
AUTHORS = (
    Author("Ada Example", "https://ada.example/ä b"),
    Author("Bob <bob@notes.example>", "", "bob@notes.example"),
    Author("Eve & <b>Co</b> &copy; Œuvre", "javascript:alert(1)"),
)
TAGS = ("C++", "c & d", "<canvas>", "</b>", "R&D2", "&copy;", "日本", "lost \ufffd")


def tortured(number: int) -> Article:
    """Make the article of a number: its own title, body and time, and everything else there is."""
    published = TIMES[number]
    return Article(
        id=f"tag:notes.example,2026:torture/{number}",
        title=TITLES[number],
        url=f"https://notes.example/torture/{number}/ä b",
        summary=TITLES[-1 - number],
        content=clean(BODIES[number]),
        highlights=(TITLES[number][:200],) * (number % 2),
        authors=AUTHORS[: number % 4],
        tags=TAGS[: number % 9],
        section=TITLES[(number + 3) % 9] if number % 2 else "",
        language=("en", "he", "de-AT", "zh-Hant-TW")[number % 4],
        published=published,
        updated=SECOND + timedelta(days=1) if number in (0, 1, 8) else None,
        image=Image("bild ü.png", TITLES[number][:300], width=number or None) if number % 3 == 0 else None,
        enclosures=(
            Enclosure("talk one.mp3", "audio/mpeg", 123456, TITLES[number][:300], duration=61),
            Enclosure("//cdn.example?file=ü", "application/pdf", 99, "R&D2"),
        )[: number % 3],
        sources=(Citation(TITLES[number][:300], "https://q.example/a b?c&d=ü"), Citation("A </b>ook"))[: number % 3],
    )


CORPUS = tuple(
    sorted(map(tortured, range(len(TITLES))), key=lambda article: (article.published, article.id), reverse=True)
)


def publication(**feed: Any) -> Settings:
    table = {
        "title": "Field </b> Notes & Co &copy;",
        "url": "https://notes.example/",
        "description": "What <b>Ada</b> sees &amp; hears",
        "rights": "© 2026 Ada </b> & Co",
        "icon": "https://notes.example/icon.png",
        "logo": "https://notes.example/logo.svg",
        "author": {"name": "Ada & <b>Example</b>", "email": "ada@notes.example", "url": "https://ada.example/"},
    }
    feeds = [{"name": "all"} | feed, {"per": "tag"} | feed]
    return Settings.model_validate(
        {"publication": table, "syndication": {"hub": "https://hub.example/"}, "feeds": feeds}
    )


@pytest.fixture(scope="module")
def whole(render: Render) -> Files:
    return render(CORPUS, publication())


@pytest.fixture(scope="module")
def short(render: Render) -> Files:
    return render(CORPUS, publication(content="summary", limit=4))


def feeds_of(files: Files) -> list[str]:
    return [path for path in files if path.endswith((".atom.xml", ".rss.xml", ".json"))]


def findings(files: Files) -> list[str]:
    """Give all findings but one: titles are plain text in JSON Feed, and these speak of entities."""
    return [
        f"{path}: {found}"
        for path in feeds_of(files)
        for found in check_feed(files[path], path)
        if found.rule != "json.title.html"
    ]


# ---------------------------------------------------------------- no finding


def test_no_feed_gives_cause_for_a_finding(whole: Files, short: Files) -> None:
    assert len(feeds_of(whole)) > 3 * len(TAGS)
    assert findings(whole) == []
    assert findings(short) == []


def test_parsers_take_every_feed_without_complaint(whole: Files, short: Files) -> None:
    for files in (whole, short):
        for path in feeds_of(files):
            if path.endswith(".json"):
                json.loads(files[path])
            else:
                etree.fromstring(files[path], etree.XMLParser(resolve_entities=False, huge_tree=True))
                assert not feedparser.parse(files[path]).bozo, path


def test_no_address_of_a_person_leaves_the_house(whole: Files) -> None:
    named = [path for path, data in whole.items() if b"ada@" in data or b"bob@" in data]
    assert named == []


def as_it_is(element: etree._Element, text: str) -> None:
    element.text = text


def typed_text(element: etree._Element, text: str) -> None:
    element.set("type", "text")
    element.text = text


#: Rooms and what they do, done wrongly.
CARELESS: dict[str, tuple[Any, str, Any]] = {
    "markup in a text construct": (atomtree, "construct", typed_text),
    "markup in a name": (atomtree, "plain", as_it_is),
    "markup in an RSS title": (rsstree, "plain", as_it_is),
    "entries of one time": (syndication, "distinct", lambda times: [f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in times]),
    "content as the sanitiser left it": (content, "settled", str),
    "relative addresses": (content, "absolute", lambda html, base: html),
    "lost characters": (document, "text", str),
    "an enclosure's address as it was written": (document, "web_url", lambda url, base: url),
}


@pytest.mark.parametrize("care", CARELESS)
def test_each_care_that_is_not_taken_is_found_out(care: str, render: Render, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*CARELESS[care])
    assert findings(render(CORPUS, publication())) != []


# ---------------------------------------------------------------- agreement


def from_atom(data: bytes) -> list[dict[str, Any]]:
    return [
        {
            "id": entry.id,
            "link": entry.link,
            "title": shown(entry.title_detail),
            "content": entry.content[0].value if "content" in entry else "",
            "published": entry.published_parsed[:6],
            "updated": entry.updated_parsed[:6],
            "authors": [(author.name.replace(JOINER, ""), author.get("href", "")) for author in entry.authors],
            "tags": [tag.term for tag in entry.get("tags", ()) if tag.scheme == f"{FOLDER}tags/"],
            "image": image(entry),
            "files": {link.href: link.type for link in entry.links if link.rel == "enclosure"},
        }
        for entry in feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False).entries
    ]


def from_rss(data: bytes) -> list[dict[str, Any]]:
    return [
        {
            "id": entry.id,
            "link": entry.link,
            "title": entry.title.replace(JOINER, ""),
            "content": entry.content[0].value if "content" in entry else "",
            "published": entry.published_parsed[:6],
            "updated": (dict.get(entry, "updated_parsed") or entry.published_parsed)[:6],
            "authors": [author.name for author in entry.authors],
            "tags": [tag.term.replace(JOINER, "") for tag in entry.get("tags", ()) if tag.scheme == f"{FOLDER}tags/"],
            "image": image(entry),
            "files": {link.href: link.type for link in entry.links if link.rel == "enclosure"}
            | {file["url"]: file["type"] for file in entry.get("media_content", ()) if file.get("medium") != "image"},
        }
        for entry in feedparser.parse(data, sanitize_html=False, resolve_relative_uris=False).entries
    ]


def from_json(data: bytes) -> list[dict[str, Any]]:
    return [
        {
            "id": item["id"],
            "link": item["url"],
            "title": item["title"],
            "content": item.get("content_html", ""),
            "published": parsed(item["date_published"]),
            "updated": parsed(item.get("date_modified", item["date_published"])),
            "authors": [(author["name"], author.get("url", "")) for author in item["authors"]],
            "tags": item.get("tags", []),
            "image": item.get("image", ""),
            "files": {file["url"]: file["mime_type"] for file in item.get("attachments", ())},
        }
        for item in json.loads(data)["items"]
    ]


def shown(title: Any) -> str:
    return unescape(title.value) if title.type == "text/html" else str(title.value)


def image(entry: Any) -> str:
    return next((each["url"] for each in entry.get("media_content", ()) if each.get("medium") == "image"), "")


def parsed(moment: str) -> Any:
    return datetime.fromisoformat(moment).timetuple()[:6]


def test_three_formats_say_the_same_of_everything(whole: Files, short: Files) -> None:
    for files in (whole, short):
        for name in (path.removesuffix(".json") for path in files if path.endswith(".json")):
            expected = from_json(files[f"{name}.json"])
            assert from_atom(files[f"{name}.atom.xml"]) == expected
            # RSS has no place for the addresses of authors' pages.
            names = [entry | {"authors": [author for author, _ in entry["authors"]]} for entry in expected]
            assert from_rss(files[f"{name}.rss.xml"]) == names
            assert [entry["published"] for entry in expected] == sorted(
                (entry["published"] for entry in expected), reverse=True
            )


def test_every_summary_is_the_same_text(whole: Files) -> None:
    path = "{http://www.w3.org/2005/Atom}entry/{http://www.w3.org/2005/Atom}summary"
    in_atom = [unescape(each.text or "") for each in etree.fromstring(whole["all.atom.xml"]).findall(path)]
    in_rss = [
        unescape(each.text or "") for each in etree.fromstring(whole["all.rss.xml"]).findall("channel/item/description")
    ]
    assert in_atom == in_rss == [item["summary"] for item in json.loads(whole["all.json"])["items"]]


def test_entries_of_one_second_keep_their_order_for_readers_that_sort(whole: Files) -> None:
    times = re.findall(rb"<updated>([^<]*)</updated>", whole["all.atom.xml"])[1:]
    assert len(set(times)) == len(CORPUS)
    assert [time for time in times if time.startswith(b"2026-03-02T12:00:00")] == [
        b"2026-03-02T12:00:00.002Z",
        b"2026-03-02T12:00:00.001Z",
        b"2026-03-02T12:00:00Z",
    ]


def test_a_long_post_is_all_in_the_feed(whole: Files) -> None:
    (item,) = (item for item in json.loads(whole["all.json"])["items"] if len(item["content_html"]) > 800_000)
    assert item["content_html"].count("it is all in the feed") == 20_000


def test_rendering_twice_gives_the_same_bytes(whole: Files, render: Render) -> None:
    assert render(tuple(replace(article) for article in CORPUS), publication()) == whole
