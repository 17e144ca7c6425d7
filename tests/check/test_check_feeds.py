"""Each rule is broken by its example and by nothing else, and good feeds break none."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Enclosure
from publisher.check.feed_rules import RULES
from publisher.check.feed_values import is_rfc822, is_rfc3339, is_uri, is_web_url, shown
from publisher.check.feeds import check_feed
from publisher.config.settings import Settings
from publisher.errors import Severity
from publisher.feeds import render_feeds
from publisher.templating import bundled

ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<id>tag:notes.example,2026:feed</id>
<title>Field Notes</title>
<updated>2026-01-31T12:00:00Z</updated>
<link rel="self" href="https://notes.example/all.atom.xml"/>
<entry>
<id>tag:notes.example,2026:heron</id>
<title>A grey heron</title>
<updated>2026-01-31T12:00:00+01:00</updated>
<author><name>Ada Example</name></author>
<link href="https://notes.example/heron/"/>
<content type="html">&lt;p&gt;It stands.&lt;/p&gt;</content>
</entry>
</feed>"""

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>Field Notes</title>
<link>https://notes.example/</link>
<description>What Ada sees</description>
<atom:link rel="self" href="https://notes.example/all.rss.xml"/>
<item>
<title>A grey heron</title>
<link>https://notes.example/heron/</link>
<description>It stands.</description>
<guid isPermaLink="false">tag:notes.example,2026:heron</guid>
<dc:creator>Ada Example</dc:creator>
<pubDate>Sat, 31 Jan 2026 12:00:00 +0000</pubDate>
</item>
</channel>
</rss>"""

JSON: dict[str, Any] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Field Notes",
    "feed_url": "https://notes.example/all.json",
    "items": [
        {
            "id": "tag:notes.example,2026:heron",
            "title": "A grey heron",
            "url": "https://notes.example/heron/",
            "content_html": "<p>It stands.</p>",
            "date_published": "2026-01-31T12:00:00Z",
            "authors": [{"name": "Ada Example"}],
        }
    ],
}


def atom(old: str, new: str) -> bytes:
    """Change one place of the good Atom feed."""
    assert ATOM.count(old) == 1, old
    return ATOM.replace(old, new).encode()


def rss(old: str, new: str) -> bytes:
    """Change one place of the good RSS feed."""
    assert RSS.count(old) == 1, old
    return RSS.replace(old, new).encode()


def feed(**changes: Any) -> bytes:
    """Change members of the good JSON Feed; None removes one."""
    return json.dumps({name: value for name, value in (JSON | changes).items() if value is not None}).encode()


def item(**changes: Any) -> bytes:
    """Change members of the only item of the good JSON Feed; None removes one."""
    changed = {name: value for name, value in (JSON["items"][0] | changes).items() if value is not None}
    return feed(items=[changed])


def content(html: str) -> bytes:
    return item(content_html=html)


ENTRY = ATOM[ATOM.index("<entry>") : ATOM.index("</feed>")]
ITEM = RSS[RSS.index("<item>") : RSS.index("</channel>")]
XHTML = '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{}</div></content>'
CONTENT = '<content type="html">&lt;p&gt;It stands.&lt;/p&gt;</content>'
LINK = '<link href="https://notes.example/heron/"/>'
GUID = '<guid isPermaLink="false">tag:notes.example,2026:heron</guid>'
CREATOR = "<dc:creator>Ada Example</dc:creator>"

EXAMPLES: dict[str, list[bytes]] = {
    "feed.unreadable": [
        b"",
        b" \n",
        b"no feed",
        b"{",
        b'{"items": [}',
        b"[" * 100_000,
        b'{"items": ' + b"9" * 5000 + b"}",
        atom("</entry>", ""),
        atom("It stands", "\x0b"),
        atom("It stands", "&nbsp;"),
    ],
    "feed.unknown": [b"<html/>", b"<feed/>", b"[]", b"{}", b'{"a": 1}'],
    "feed.doctype": [atom("<feed ", "<!DOCTYPE feed>\n<feed "), rss("<rss ", '<!DOCTYPE rss SYSTEM "x.dtd"><rss ')],
    "feed.control": [atom("A grey", "A\x7fgrey"), rss("What Ada", "What\x85Ada"), item(title="A\x0bheron")],
    "content.active": [
        atom("It stands", "&lt;script&gt;x()&lt;/script&gt;"),
        atom(CONTENT, XHTML.format("<iframe/>")),
        rss("It stands.", "&lt;form&gt;&lt;/form&gt;"),
        content("<object></object>"),
    ],
    "content.handler": [content('<p onclick="x()">x</p>'), atom(CONTENT, XHTML.format('<p onload="x()"/>'))],
    "content.javascript": [content('<a href=" java\nscript:x()">x</a>'), content('<img src="vbscript:x">')],
    "content.relative": [
        content('<a href="#fn1">1</a>'),
        content('<img src="//cdn.example/x.png">'),
        content('<img srcset="https://notes.example/a.png 1x, b.png 2x">'),
        rss("It stands.", '&lt;a href="/x"&gt;x&lt;/a&gt;'),
    ],
    "atom.id.missing": [atom("<id>tag:notes.example,2026:feed</id>", ""), atom("tag:notes.example,2026:heron", " ")],
    "atom.title.missing": [atom("<title>Field Notes</title>", ""), atom("<title>A grey heron</title>", "")],
    "atom.updated.missing": [
        atom("<updated>2026-01-31T12:00:00Z</updated>", ""),
        atom("<updated>2026-01-31T12:00:00+01:00</updated>", "<updated/>"),
    ],
    "atom.id.relative": [atom("tag:notes.example,2026:heron", "heron"), atom("tag:notes.example,2026:feed", "/feed")],
    "atom.id.duplicate": [atom("</feed>", f"{ENTRY}</feed>")],
    "atom.date.invalid": [
        atom("2026-01-31T12:00:00Z", "2026-01-31"),
        atom("12:00:00+01:00", "12:00:00"),
        atom(LINK, f"{LINK}<published>Sat, 31 Jan 2026 12:00:00 +0000</published>"),
        atom(LINK, f"{LINK}<published/>"),
    ],
    "atom.author.missing": [atom("<author><name>Ada Example</name></author>", "")],
    "atom.author.nameless": [
        atom("<name>Ada Example</name>", "<uri>https://ada.example/</uri>"),
        atom(LINK, f"{LINK}<contributor><name> </name></contributor>"),
    ],
    "atom.content.missing": [atom(CONTENT, "<summary>It stands.</summary>").replace(LINK.encode(), b"")],
    "atom.summary.missing": [atom(CONTENT, "")],
    "atom.element.duplicate": [
        atom("<title>Field Notes</title>", "<title>A</title><title>B</title>"),
        atom(CONTENT, CONTENT * 2),
    ],
    "atom.text.type": [
        atom("<title>A grey", '<title type="text/html">A grey'),
        atom('<content type="html">', '<content type="CDATA">'),
    ],
    "atom.text.html": [
        atom("A grey heron", "A &lt;em&gt;grey&lt;/em&gt; heron"),
        atom("A grey heron", "Heron &amp;amp; egret"),
        atom(' type="html"', ""),
    ],
    "atom.xhtml.div": [
        atom('<content type="html">', '<content type="xhtml">'),
        atom(CONTENT, '<content type="xhtml"><p xmlns="http://www.w3.org/1999/xhtml">x</p></content>'),
    ],
    "atom.link.empty": [atom(LINK, f'{LINK}<link rel="via"/>')],
    "atom.link.relative": [atom("https://notes.example/heron/", "/heron/")],
    "atom.link.duplicate": [atom(LINK, LINK + LINK.replace("heron", "egret"))],
    "atom.self.missing": [atom('rel="self"', 'rel="related"')],
    "atom.enclosure.bare": [
        atom(LINK, f'{LINK}<link rel="enclosure" type="audio/mpeg" href="https://notes.example/a.mp3"/>'),
        atom(LINK, f'{LINK}<link rel="enclosure" length="5" href="https://notes.example/a.mp3"/>'),
    ],
    "atom.category.term": [atom(LINK, f'{LINK}<category label="birds"/>')],
    "rss.version": [rss('rss version="2.0"', 'rss version="0.92"'), rss('rss version="2.0"', "rss")],
    "rss.channel.missing": [b'<rss version="2.0"/>'],
    "rss.title.missing": [rss("<title>Field Notes</title>", "")],
    "rss.link.missing": [rss("<link>https://notes.example/</link>", ""), rss("https://notes.example/<", " <")],
    "rss.description.missing": [rss("<description>What Ada sees</description>", "")],
    "rss.item.empty": [rss("<title>A grey heron</title>", "").replace(b"<description>It stands.</description>", b"")],
    "rss.item.undescribed": [rss("<description>It stands.</description>", "")],
    "rss.date.invalid": [
        rss("Sat, 31 Jan 2026 12:00:00 +0000", "2026-01-31T12:00:00Z"),
        rss("Sat, 31", "Sun, 31"),
        rss("<item>", "<lastBuildDate/><item>"),
    ],
    "rss.guid.missing": [rss(GUID, ""), rss(GUID, "<guid/>")],
    "rss.guid.duplicate": [rss("</channel>", f"{ITEM}</channel>")],
    "rss.guid.permalink": [rss(' isPermaLink="false"', ""), rss("false", "true")],
    "rss.guid.boolean": [rss('"false"', '"no"')],
    "rss.link.relative": [
        rss("https://notes.example/heron/", "/heron/"),
        rss(GUID, f"{GUID}<comments>#c</comments>"),
        rss(GUID, f'{GUID}<enclosure url="a.mp3" length="1" type="audio/mpeg"/>'),
    ],
    "rss.self.missing": [rss('rel="self"', 'rel="hub"')],
    "rss.author.missing": [rss(CREATOR, "")],
    "rss.author.address": [rss(CREATOR, "<author>Ada Example</author>")],
    "rss.author.twice": [rss(CREATOR, f"{CREATOR}<author>ada@notes.example (Ada Example)</author>")],
    "rss.enclosure.incomplete": [
        rss(GUID, f'{GUID}<enclosure url="https://notes.example/a.mp3" type="audio/mpeg"/>'),
        rss(GUID, f'{GUID}<enclosure url="https://notes.example/a.mp3" length="5"/>'),
        rss(GUID, f'{GUID}<enclosure length="5" type="audio/mpeg"/>'),
    ],
    "rss.enclosure.length": [
        rss(GUID, f'{GUID}<enclosure url="https://notes.example/a.mp3" length="5 MB" type="audio/mpeg"/>'),
    ],
    "rss.enclosure.several": [
        rss(GUID, GUID + '<enclosure url="https://notes.example/a.mp3" length="5" type="audio/mpeg"/>' * 2),
    ],
    "rss.element.duplicate": [rss("<link>https://notes.example/</link>", "<link>https://notes.example/</link>" * 2)],
    "rss.title.html": [
        rss("A grey heron", "A &lt;em&gt;grey&lt;/em&gt; heron"),
        rss("A grey heron", "<![CDATA[A <em>grey</em> heron]]>"),
        rss("Field Notes", "&lt;b&gt;Field&lt;/b&gt; Notes"),
    ],
    "rss.content.order": [
        rss("<description>It stands.", "<content:encoded>It stands.</content:encoded><description>It stands."),
    ],
    "json.version": [feed(version="https://jsonfeed.org/version/2"), feed(version=None)],
    "json.title.missing": [feed(title=None), feed(title="")],
    "json.items.missing": [feed(items=None)],
    "json.id.missing": [item(id=None), item(id="")],
    "json.id.duplicate": [feed(items=JSON["items"] * 2)],
    "json.id.relative": [item(id="heron")],
    "json.content.missing": [item(content_html=None), item(content_html="")],
    "json.type": [item(id=5), item(tags="birds"), feed(description=5), feed(items=["heron"]), feed(items={})],
    "json.date.invalid": [item(date_published="2026-01-31"), item(date_modified="31 January 2026")],
    "json.url.relative": [item(url="/heron/"), feed(home_page_url="notes.example")],
    "json.self.missing": [feed(feed_url=None)],
    "json.author.missing": [item(authors=None), item(authors=[])],
    "json.author.empty": [item(authors=[{}]), item(authors=["Ada Example"]), feed(authors=[{"name": ""}])],
    "json.attachment.incomplete": [
        item(attachments=[{"url": "https://notes.example/a.mp3"}]),
        item(attachments=["a.mp3"]),
    ],
    "json.title.html": [item(title="Heron &amp; egret"), feed(title="Ada&#39;s")],
}
CASES = [
    pytest.param(rule, data, id=f"{rule}-{number}")
    for rule, examples in EXAMPLES.items()
    for number, data in enumerate(examples, start=1)
]


def rules(data: bytes) -> list[str]:
    return [finding.rule for finding in check_feed(data, "feeds/all")]


@pytest.mark.parametrize(
    "data",
    [
        ATOM.encode(),
        RSS.encode(),
        feed(),
        b"\xef\xbb\xbf" + ATOM.encode(),
        ATOM.replace("utf-8", "utf-16").encode("utf-16"),
        ENTRY.replace("<entry>", '<entry xmlns="http://www.w3.org/2005/Atom">').encode(),
        atom(CONTENT, XHTML.format('<p class="x">It stands.</p>')),
        atom(CONTENT, '<content type="image/png" src="https://notes.example/heron.png"/><summary>A heron</summary>'),
        atom("<entry>", "<author><name>Ada Example</name></author><entry>"),
        atom("</feed>", ENTRY.replace("12:00:00+01:00", "13:00:00+01:00") + "</feed>"),
        atom(LINK, LINK + LINK.replace("/>", ' hreflang="de"/>')),
        rss("A grey heron", "What &#x3C;/em> means"),
        rss("false", "true").replace(b"tag:notes.example,2026:heron", b"https://notes.example/heron/"),
        rss(CREATOR, "<author>ada@notes.example (Ada Example)</author>"),
        rss("It stands.", ""),
        feed(items=[]),
        feed(authors=[{"url": "https://ada.example/"}], items=[JSON["items"][0] | {"authors": []}]),
        item(content_html=None, content_text="It stands."),
        content(
            '<img srcset="https://notes.example/a.png, https://notes.example/b,c.png 2x"><a href="mailto:a@b.example">'
        ),
        content("<?xml version='1.0' encoding='x'?><p>declared</p>"),
        content("<!-- nothing -->"),
    ],
    ids=lambda data: None,
)
def test_good_feeds_break_no_rule(data: bytes) -> None:
    assert check_feed(data, "feeds/all") == []


def test_every_rule_has_an_example() -> None:
    assert list(EXAMPLES) == list(RULES)


@pytest.mark.parametrize(("rule", "data"), CASES)
def test_an_example_breaks_its_rule_alone(rule: str, data: bytes) -> None:
    assert set(rules(data)) == {rule}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_speaks_in_clauses_and_names_a_cure(rule: str) -> None:
    told = RULES[rule]
    assert told.message.count("{}") == 1
    assert told.cure
    assert not told.cure[0].isupper()
    assert not (told.message + told.cure).endswith(".")


def test_a_finding_names_rule_file_line_and_severity() -> None:
    data = atom("2026-01-31T12:00:00+01:00", "yesterday")
    (found,) = check_feed(data, "feeds/all.atom.xml")
    assert found.rule == "atom.date.invalid"
    assert (found.problem.line, found.problem.severity) == (10, Severity.ERROR)
    assert str(found.problem) == (
        'feeds/all.atom.xml:10: the updated "yesterday" is no RFC 3339 time; write times as 2026-01-31T12:00:00Z'
    )


def test_advice_is_a_note() -> None:
    (found,) = check_feed(atom('rel="self"', 'rel="related"'), "x")
    assert found.problem.severity is Severity.NOTE


def test_findings_come_by_line() -> None:
    data = (
        ATOM.replace('rel="self"', 'rel="related"').replace(":heron", " heron").replace("It stands", "&lt;script/&gt;")
    )
    lines = [found.problem.line for found in check_feed(data.encode(), "x")]
    assert lines == sorted(lines)
    assert len(set(lines)) == 3


def test_the_line_of_a_title_is_told() -> None:
    (found,) = check_feed(rss("A grey heron", "A &lt;em&gt;grey&lt;/em&gt; heron"), "x")
    assert found.problem.line == 10


def test_each_json_item_is_named_by_its_number() -> None:
    (found,) = check_feed(feed(items=[JSON["items"][0], {"content_text": "x", "authors": [{"name": "A"}]}]), "x")
    assert str(found.problem).startswith("x: item 2 has no id")


def test_entities_are_not_expanded_and_no_file_is_read() -> None:
    bomb = '<!DOCTYPE feed [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "bbbb">]>\n<feed '
    data = ATOM.replace("<feed ", bomb).replace("Field Notes", "&a;&b;").encode()
    told = check_feed(data, "x")
    assert [found.rule for found in told] == ["feed.doctype"]
    assert "root:" not in str(told)


@pytest.mark.parametrize(
    "data",
    [
        atom("<id>tag:notes.example,2026:heron", "<id><!-- stays -->tag:notes.example,2026:heron"),
        atom("<name>Ada", "<name><!-- Ada --><?x?>Ada"),
        atom(CONTENT, XHTML.format("<p>It stands.</p>").replace("<div", "<!-- body --><div")),
        rss("<pubDate>", "<pubDate><!-- noon -->"),
    ],
)
def test_comments_hide_nothing(data: bytes) -> None:
    assert check_feed(data, "x") == []


def test_an_empty_term_is_a_term() -> None:
    assert check_feed(atom(LINK, f'{LINK}<category term="" scheme="https://notes.example/"/>'), "x") == []


def test_an_address_with_odd_characters_is_not_called_relative() -> None:
    assert check_feed(content('<a href="https://notes.example/a|b">x</a>'), "x") == []


def test_active_content_is_told_with_its_place() -> None:
    found = check_feed(atom("It stands", "&lt;script&gt;x()&lt;/script&gt;"), "x")[0]
    assert found.problem.message.startswith('the content of entry "A grey heron" has <script>')


def test_a_value_is_shown_on_one_line_and_shortened() -> None:
    assert shown("a\nb") == '"a b"'
    assert len(shown("x" * 1000)) < 100


@pytest.mark.parametrize(
    "value", ["2026-01-31T23:59:60Z", "2026-01-31T12:00:00.123456789+05:30", "0001-01-01T00:00:00Z"]
)
def test_rfc_3339_times_are_known(value: str) -> None:
    assert is_rfc3339(value)


@pytest.mark.parametrize(
    "value", ["2026-02-30T12:00:00Z", "2026-01-31t12:00:00z", "2026-01-31T24:01:00Z", "2026-01-31 12:00Z"]
)
def test_other_times_are_not_rfc_3339(value: str) -> None:
    assert not is_rfc3339(value)


@pytest.mark.parametrize(
    "value",
    [
        "Sat, 31 Jan 2026 12:00:00 GMT",
        "31 Jan 2026 12:00 +0100",
        "Sat, 31 Jan 26 12:00:00 EST",
        "1 Feb 2026 12:00:60 Z",
        "sat, 31 jan 2026 12:00:00 gmt",
        "Sat,31 Jan 2026\n 12:00:00 +0000 (UTC)",
    ],
)
def test_rfc_822_dates_are_known(value: str) -> None:
    assert is_rfc822(value)


@pytest.mark.parametrize(
    "value",
    [
        "Sat, 31 Feb 2026 12:00:00 GMT",
        "sun, 31 Jan 2026 12:00:00 GMT",
        "Saturday, 31 Jan 2026 12:00:00 GMT",
        "31 Jan 2026",
        "31 Jan 2026 25:00:00 GMT",
    ],
)
def test_other_dates_are_not_rfc_822(value: str) -> None:
    assert not is_rfc822(value)


def test_addresses_are_told_from_names() -> None:
    assert [is_uri(value) for value in ("urn:uuid:1", "tag:a,2026:b", "/a", "a b:c", "a:")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [is_web_url(value) for value in ("HTTP://a", "https:///x", "ftp://a", "tag:a")] == [
        True,
        False,
        False,
        False,
    ]


def test_our_own_feeds_break_no_rule() -> None:
    article = Article(
        id="tag:notes.example,2026:heron",
        title="Heron & egret < stork",
        url="https://notes.example/heron/",
        content='<p><a href="#n">n</a> <img src="/h.png" srcset="h.png 1x"> ]]&gt; <code>&lt;script&gt;</code></p>',
        tags=("birds",),
        published=datetime(2026, 1, 31, 12, tzinfo=UTC),
        enclosures=(Enclosure("/a.mp3", "audio/mpeg", 5), Enclosure("/b.mp3", "audio/mpeg", 6)),
    )
    settings = Settings.model_validate({"publication": {"title": "A & B < C", "url": "https://notes.example/"}})
    files = list(render_feeds((article,), settings, "notes.example,2026", bundled()))
    assert told(file.data for file in files if file.path.endswith((".xml", ".json"))) == []


def told(feeds: Iterable[bytes]) -> list[str]:
    return [str(found.problem) for data in feeds for found in check_feed(data, "feed")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*JSON, *JSON["items"][0]]), inner),
    max_leaves=20,
)


@given(json_values)
def test_any_json_is_checked_without_a_crash(value: Any) -> None:
    check_feed(json.dumps(value).encode(), "x")
    check_feed(feed(items=[value], authors=value), "x")


@given(st.binary(max_size=60) | st.text("<>/&;![CDATA]?xml feedrs=\"'", max_size=60).map(str.encode))
def test_any_file_is_checked_without_a_crash(data: bytes) -> None:
    check_feed(data, "x")
    check_feed(ATOM.encode().replace(b"It stands", data), "x")
    check_feed(RSS.encode().replace(b"It stands", data), "x")
