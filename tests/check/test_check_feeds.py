"""Each rule is broken by its example and by nothing else, and good feeds break none."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Enclosure
from publisher.catalogue import Lock
from publisher.check.feed_rules import RULES
from publisher.check.feeds import check_feed
from publisher.check.values import shown
from publisher.check.xmlfeed.names import CUSTOMARY
from publisher.config.settings import Settings
from publisher.errors import Severity
from publisher.feeds import plan_feeds, render_plans
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

RDF = """<?xml version="1.0" encoding="utf-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel rdf:about="https://notes.example/all.rdf">
<title>Field Notes</title>
<link>https://notes.example/</link>
<description>What Ada sees</description>
<items><rdf:Seq><rdf:li rdf:resource="https://notes.example/heron/"/></rdf:Seq></items>
</channel>
<item rdf:about="https://notes.example/heron/">
<title>A grey heron</title>
<link>https://notes.example/heron/</link>
<description>It stands.</description>
</item>
</rdf:RDF>"""

OPML = """<?xml version="1.0" encoding="utf-8"?>
<opml version="2.0">
<head><title>Field Notes</title></head>
<body>
<outline type="rss" text="All" title="All" xmlUrl="https://notes.example/all.rss.xml"/>
</body>
</opml>"""

SERVICE = """<?xml version="1.0" encoding="utf-8"?>
<service xmlns="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom">
<workspace>
<atom:title>Field Notes</atom:title>
<collection href="https://notes.example/all"><atom:title>All</atom:title><accept>image/png, image/gif</accept></collection>
</workspace>
</service>"""


def changed(document: str, old: str, new: str, root: str = "") -> bytes:
    """Change one place of a good document, and declare the customary prefixes of what is put in."""
    assert document.count(old) == 1, old
    known = set(re.findall(r"xmlns:(\w+)=", document + new))
    used = {prefix for prefix in re.findall(r"[<\s/](\w+):\w", re.sub(r'"[^"]*"', "", new)) if prefix in CUSTOMARY}
    declared = "".join(f' xmlns:{prefix}="{max(CUSTOMARY[prefix])}"' for prefix in sorted(used - known - {"xml"}))
    return document.replace(old, new).replace(root, root + declared, 1).encode()


def rdf(old: str, new: str) -> bytes:
    return changed(RDF, old, new, "<rdf:RDF")


def opml(old: str, new: str) -> bytes:
    return changed(OPML, old, new, "<opml")


def service(old: str, new: str) -> bytes:
    return changed(SERVICE, old, new, "<service")


def in_channel(xml: str) -> bytes:
    return changed(RSS, "<item>", f"{xml}<item>", "<rss")


def in_item(xml: str) -> bytes:
    return changed(RSS, "</item>", f"{xml}</item>", "<rss")


def in_feed(xml: str) -> bytes:
    return changed(ATOM, "<entry>", f"{xml}<entry>", "<feed")


def in_entry(xml: str) -> bytes:
    return changed(ATOM, "</entry>", f"{xml}</entry>", "<feed")


PODCAST = (
    "<language>en</language><itunes:explicit>false</itunes:explicit>"
    '<itunes:category text="Arts"/><itunes:owner><itunes:email>ada@notes.example</itunes:email></itunes:owner>'
)


def podcast(old: str, new: str) -> bytes:
    assert PODCAST.count(old) == 1, old
    return in_channel(PODCAST.replace(old, new))


def episode(xml: str) -> bytes:
    return changed(RSS, "<item>", f"{PODCAST}<item>{xml}", "<rss")


HISTORY = (
    '<sx:sync xmlns:sx="http://feedsync.org/2007/feedsync" id="a" updates="1">'
    '<sx:history sequence="1" by="ada" when="2026-01-31T12:00:00Z"/></sx:sync>'
)
MANY = "".join(
    ENTRY.replace("12:00:00+01:00", f"12:00:{second:02}Z").replace("heron</title>", f"heron {second}</title>")
    for second in range(10)
)
FILE = '<enclosure url="https://notes.example/a.mp3" length="5" type="audio/mpeg"/>'
NETSCAPE = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "{}">\n<rss '

EXAMPLES: dict[str, list[bytes]] = {
    "feed.unreadable": [
        b"",
        b" \n",
        b"no feed",
        b"{",
        b'{"items": [}',
        b"[" * 100_000,
        b'{"items": ' + b"9" * 5000 + b"}",
        b"\n<?xml version='1.0'?><feed/>",
        atom("</entry>", ""),
        atom("It stands", "\x0b"),
        atom("It stands", "\ufffe"),
        atom("It stands", "&nbsp;"),
        atom("It stands", "AT&T"),
        atom("It stands", "AT&D2"),
        atom("<title>A", "<dc:title>A</dc:title><title>A"),
        b"<a>" * 100_000,
    ],
    "feed.large": [ATOM.encode() + b" " * 20_000_000],
    "feed.many": [],
    "feed.unknown": [
        b"<html/>",
        b"<feed/>",
        b"[]",
        b"{}",
        b'{"a": 1}',
        b'<html xmlns="http://www.w3.org/1999/xhtml"/>',
    ],
    "feed.encoding": [
        ATOM.replace("grey heron<", "grey h\xe9ron<").encode("latin-1"),
        ATOM.replace("utf-8", "utf-16").encode(),
        ATOM.encode("utf-16"),
        ATOM.replace("utf-8", "no-such").encode(),
        ATOM.replace('encoding="utf-8"', "").encode("utf-16-le"),
        b"\xef\xbb\xbf" + ATOM.replace("utf-8", "iso-8859-1").encode(),
        feed(title="H\xe9ron").replace(b"\\u00e9", b"\xe9"),
    ],
    "feed.encoding.rare": [ATOM.replace("utf-8", "iso-8859-13").encode("iso-8859-13")],
    "feed.version": [atom('version="1.0"', 'version="1.1"')],
    "feed.doctype": [atom("<feed ", "<!DOCTYPE feed>\n<feed "), rss("<rss ", '<!DOCTYPE rss SYSTEM "x.dtd"><rss ')],
    "feed.entity": [],
    "feed.namespace.blank": [atom("<feed ", '<feed xmlns:x="http://a.example/ b" ')],
    "feed.namespace.prefix": [atom("<feed ", '<feed xmlns:dc="http://purl.org/dc/terms/" ')],
    "feed.namespace.unknown": [rss("<rss ", '<rss xmlns:x="https://x.example/ns" ')],
    "feed.element.bare": [in_entry('<note xmlns=""/>')],
    "feed.element.odd": [
        in_item("<atom:icon>https://notes.example/i.png</atom:icon>"),
        in_entry('<p xmlns="http://www.w3.org/1999/xhtml">It stands.</p>'),
    ],
    "feed.control": [
        atom("A grey", "A\x7fgrey"),
        rss("What Ada", "What\x85Ada"),
        atom("A grey", "A\ufdd0grey"),
        atom("A grey", "A\U0001fffegrey"),
        atom("A grey", "A\ufffdgrey"),
        atom('rel="self"', 'rel="self" title="\x9f"'),
        item(title="A\x0bheron"),
    ],
    "feed.mojibake": [atom("A grey heron", "Caf\xc3\xa9"), item(title="Caf\xc3\xa9")],
    "content.active": [
        atom("It stands", "&lt;script&gt;x()&lt;/script&gt;"),
        atom(CONTENT, XHTML.format("<iframe/>")),
        rss("It stands.", "&lt;form&gt;&lt;/form&gt;"),
        in_item('<xhtml:body xmlns:xhtml="http://www.w3.org/1999/xhtml"><xhtml:embed/></xhtml:body>'),
        content("<object></object>"),
        content("<style>p{}</style>"),
    ],
    "content.long": [content("<p>" + "x" * 1_000_000), rss("It stands.", "x" * 1_000_001)],
    "content.tag": [content("<blob>x</blob>"), atom(CONTENT, XHTML.format("<blob/>"))],
    "content.bare": [atom(CONTENT, XHTML.format('<p xmlns="">x</p>'))],
    "content.handler": [content('<p onclick="x()">x</p>'), atom(CONTENT, XHTML.format('<p onload="x()"/>'))],
    "content.style": [content('<p style="position: fixed">x</p>'), content('<p style="COLOR:red;z-index:9">x</p>')],
    "content.javascript": [content('<a href=" java\nscript:x()">x</a>'), content('<img src="vbscript:x">')],
    "content.relative": [
        content('<a href="#fn1">1</a>'),
        content('<img src="//cdn.example/x.png">'),
        content('<img srcset="https://notes.example/a.png 1x, b.png 2x">'),
        rss("It stands.", '&lt;a href="/x"&gt;x&lt;/a&gt;'),
    ],
    "value.empty": [
        rss("A grey heron", ""),
        atom("A grey heron", ""),
        atom("<title>A", '<title type="">A'),
        atom('type="html"', 'type=""'),
        atom(CONTENT, '<content type="xhtml"/>'),
        in_item("<category/>"),
    ],
    "value.space": [atom("2026-01-31T12:00:00Z", " 2026-01-31T12:00:00Z "), podcast("false", " false\n")],
    "value.html": [
        rss("A grey heron", "A &lt;em&gt;grey&lt;/em&gt; heron"),
        rss("A grey heron", "<![CDATA[A <em>grey</em> heron]]>"),
        rss("A grey heron", "Heron &amp;amp; egret"),
        rss("Field Notes", "&lt;b&gt;Field&lt;/b&gt; Notes"),
        in_item("<media:title>&lt;b&gt;x&lt;/b&gt;</media:title>"),
    ],
    "value.long": [episode(f"<itunes:subtitle>{'x' * 256}</itunes:subtitle>")],
    "value.choice": [
        in_channel("<sy:updatePeriod>sometimes</sy:updatePeriod>"),
        in_channel("<skipDays><day>Caturday</day></skipDays>"),
        podcast("false", "no"),
        episode("<itunes:episodeType>Full</itunes:episodeType>"),
        in_entry("<app:control><app:draft>true</app:draft></app:control>"),
        in_item('<media:content url="https://notes.example/a.mp3" medium="sound"/>'),
        in_item("<g:gender>heron</g:gender>"),
        in_feed('<access:restriction relationship="some"/>'),
    ],
    "value.number": [
        in_channel("<ttl>0</ttl>"),
        in_channel("<ttl>an hour</ttl>"),
        in_channel(
            "<image><title>Field Notes</title><link>https://notes.example/</link>"
            "<url>https://notes.example/i.png</url><width>145</width></image>"
        ),
        in_item("<slash:comments>many</slash:comments>").replace(
            b"<item>", b"<lastBuildDate>Sat, 31 Jan 2026 12:00:00 +0000</lastBuildDate><item>"
        ),
        in_item("<geo:lat>91</geo:lat>"),
        in_item("<g:tax_percent>101</g:tax_percent>"),
        in_item('<media:thumbnail url="https://notes.example/i.png" width="wide"/>'),
        episode("<itunes:season>0</itunes:season>"),
        opml("</head>", "<expansionState>1;2</expansionState></head>"),
        in_channel('<cloud domain="notes.example" path="/" port="-1" protocol="soap" registerProcedure="x"/>'),
    ],
    "value.coordinates": [
        in_item("<georss:point>45.26</georss:point>"),
        in_item("<georss:line>45.26 -71.92 43</georss:line>"),
    ],
    "value.place": [in_item("<g:location>Heron Street, Birdtown</g:location>")],
    "value.country": [
        in_item('<media:restriction relationship="allow" type="country">de xq</media:restriction>'),
    ],
    "value.currency": [in_item("<g:currency>shells</g:currency>")],
    "value.language": [
        in_channel("<language>english</language>"),
        atom("<feed ", '<feed xml:lang="xq" '),
        atom('rel="self"', 'rel="self" hreflang="en_GB"'),
        in_item("<dc:language/>"),
    ],
    "value.mime": [
        in_item('<enclosure url="https://notes.example/a.mp3" length="5" type="mp3"/>'),
        atom('rel="self"', 'rel="self" type="atom"'),
        service("image/gif", "gif"),
    ],
    "value.time": [in_item('<media:thumbnail url="https://notes.example/i.png" time="soon"/>')],
    "value.duration": [episode("<itunes:duration>an hour</itunes:duration>")],
    "value.date.invalid": [
        in_channel("<dc:date>31 January 2026</dc:date>"),
        in_channel("<dc:date>2026-01-31T12:00</dc:date>"),
        in_entry("<dcterms:created>2026-13-01</dcterms:created>"),
        in_item("<g:publish_date>2026-01</g:publish_date>"),
    ],
    "value.date.unreal": [
        in_entry("<dcterms:created>2026-13</dcterms:created>"),
        rss("12:00:00", "24:00:00"),
        atom("2026-01-31T12:00:00Z", "2026-01-31T12:60:00Z"),
    ],
    "value.date.early": [
        atom("2026-01-31T12:00:00Z", "1970-01-01T00:00:00Z"),
        rss("Sat, 31 Jan 2026", "Thu, 01 Jan 1970"),
    ],
    "value.email": [
        rss(CREATOR, "<author>Ada Example</author>"),
        in_channel("<managingEditor>ada@ (Ada)</managingEditor>"),
        atom("<name>Ada Example</name>", "<name>Ada Example</name><email>Ada, ada@notes.example</email>"),
        podcast("ada@notes.example", "ada"),
    ],
    "value.email.name": [rss(CREATOR, "<author>ada@notes.example</author>")],
    "value.url": [
        in_item('<enclosure url="a.mp3" length="1" type="audio/mpeg"/>'),
        in_item('<enclosure url="ftp://notes.example/a.mp3" length="1" type="audio/mpeg"/>'),
        episode('<itunes:image href="i.png"/>'),
        opml("</head>", "<ownerId>ada</ownerId></head>"),
    ],
    "value.uri.relative": [
        rss("https://notes.example/heron/", "/heron/"),
        in_item("<comments>http:///x</comments>"),
        in_item("<comments>#c</comments>"),
        in_item("<wfw:commentRss>c.xml</wfw:commentRss>"),
        atom(LINK, f'{LINK}<category term="a" scheme="b"/>'),
    ],
    "value.uri.invalid": [
        atom(LINK, f'{LINK}<link rel="via" href="http:///x"/>'),
        atom("<entry>", '<entry xml:base="http:x">'),
    ],
    "value.uri.character": [
        rss("https://notes.example/heron/", "https://notes.example/a heron/"),
        atom(LINK, LINK.replace("heron", "a[1]")),
        atom("tag:notes.example,2026:heron", "https://notes.example/a|b"),
        atom("<entry>", '<entry xml:base="a b">'),
    ],
    "value.uri.ascii": [
        rss("https://notes.example/heron/", "https://notes.example/h\xe9ron/"),
        atom("tag:notes.example,2026:heron", "https://notes.example/h\xe9ron"),
        atom("tag:notes.example,2026:heron", "https://a\u2100b.example/"),
    ],
    "value.uri.host": [in_item("<comments>https:///x</comments>")],
    "value.uri.scheme": [rss("https://notes.example/heron/", "heron:grey")],
    "value.uri.tag": [
        atom("tag:notes.example,2026:heron", "tag:notes.example:heron"),
        atom("tag:notes.example,2026:heron", "tag:Notes.example,2026:heron"),
    ],
    "value.uri.urn": [
        atom("tag:notes.example,2026:heron", "urn:uuid:1"),
        atom("tag:notes.example,2026:heron", "urn:x"),
    ],
    "atom.element.unknown": [
        in_entry("<subtitle>x</subtitle>"),
        in_feed("<modified>2026-01-31T12:00:00Z</modified>"),
        in_entry("<dc:heron/>"),
        atom("A grey heron", "A <b xmlns='http://www.w3.org/1999/xhtml'>grey</b> heron"),
        atom(CONTENT, XHTML.format('<p xmlns="http://www.w3.org/2005/Atom">x</p>')),
    ],
    "atom.element.missing": [in_entry("<geo:Point><geo:lat>1</geo:lat></geo:Point>")],
    "atom.element.duplicate": [
        atom("<title>Field Notes</title>", "<title>A</title><title>B</title>"),
        atom(CONTENT, CONTENT * 2),
    ],
    "atom.element.text": [atom("<entry>", "<entry>stray"), atom("</author>", "stray</author>")],
    "atom.attribute.unknown": [
        atom("<title>A", '<title lang="en">A'),
        atom(LINK, LINK.replace("<link", '<link xmlns:thr="http://purl.org/syndication/thread/1.0" thr:count="1"')),
        atom("<entry>", '<entry version="1">'),
    ],
    "atom.attribute.missing": [
        in_entry("<media:thumbnail/>"),
        changed(ATOM, "</entry>", f"{HISTORY}</entry>").replace(b' sequence="1"', b""),
        in_feed('<sx:sharing since="2026-01-31T12:00:00Z"/>'),
        changed(ATOM, "</feed>", '<at:deleted-entry ref="tag:notes.example,2026:egret"/></feed>', "<feed"),
    ],
    "atom.namespace": [
        atom("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"),
        atom("http://www.w3.org/2005/Atom", "http://www.w3.org/2005/atom"),
        in_item('<modified xmlns="http://purl.org/atom/ns#"/>'),
    ],
    "atom.prefix": [
        changed(ATOM, "<feed ", '<feed xmlns:xhtml="http://www.w3.org/1999/xhtml" '),
        changed(ATOM, "<feed ", '<feed xmlns:a="http://www.w3.org/2005/Atom" '),
    ],
    "atom.id.missing": [
        atom("<id>tag:notes.example,2026:feed</id>", ""),
        atom("<id>tag:notes.example,2026:heron</id>", ""),
    ],
    "atom.title.missing": [atom("<title>Field Notes</title>", ""), atom("<title>A grey heron</title>", "")],
    "atom.updated.missing": [
        atom("<updated>2026-01-31T12:00:00Z</updated>", ""),
        atom("<updated>2026-01-31T12:00:00+01:00</updated>", ""),
    ],
    "atom.id.relative": [
        atom("tag:notes.example,2026:heron", "heron"),
        atom("tag:notes.example,2026:feed", "/feed"),
        atom("tag:notes.example,2026:heron", ""),
    ],
    "atom.id.canonical": [
        atom("tag:notes.example,2026:heron", identity)
        for identity in (
            "https://notes.example",
            "HTTPS://notes.example/",
            "https://Notes.example/",
            "https://notes.example:443/",
            "https://notes.example/%7eada",
            "https://notes.example/%41",
            "https://notes.example/a/../b",
        )
    ],
    "atom.id.duplicate": [atom("</feed>", ENTRY.replace("+01:00", "+02:00") + "</feed>")],
    "atom.id.same": [],
    "atom.updated.duplicate": [atom("</feed>", ENTRY.replace(":heron", ":egret") + "</feed>")],
    "atom.date.invalid": [
        atom("2026-01-31T12:00:00Z", "2026-01-31"),
        atom("12:00:00+01:00", "12:00:00"),
        atom("2026-01-31T12:00:00+01:00", ""),
        atom(LINK, f"{LINK}<published>Sat, 31 Jan 2026 12:00:00 +0000</published>"),
        atom(LINK, f"{LINK}<published/>"),
    ],
    "atom.author.missing": [atom("<author><name>Ada Example</name></author>", "")],
    "atom.author.nameless": [atom("<name>Ada Example</name>", "<uri>https://ada.example/</uri>")],
    "atom.author.address": [atom("<name>Ada Example", "<name>Ada &lt;ada@notes.example&gt;")],
    "atom.content.missing": [atom(CONTENT, "<summary>It stands.</summary>").replace(LINK.encode(), b"")],
    "atom.content.untyped": [atom(CONTENT, '<content src="https://notes.example/h.png"/><summary>x</summary>')],
    "atom.content.base64": [atom(CONTENT, '<content type="image/png">x</content><summary>x</summary>')],
    "atom.summary.missing": [atom(CONTENT, "")],
    "atom.summary.required": [
        atom(CONTENT, '<content type="image/png" src="https://notes.example/h.png"/>'),
        atom(CONTENT, '<content type="image/png">aGVyb24=</content>'),
    ],
    "atom.source.half": [in_entry("<source><id>tag:other.example,2026:feed</id><title>Other</title></source>")],
    "atom.element.late": [atom("</feed>", "<rights>Ada Example</rights></feed>")],
    "atom.text.type": [
        atom("<title>A grey", '<title type="text/html">A grey'),
        atom('<content type="html">', '<content type="CDATA">'),
        atom(CONTENT, '<content type="multipart/alternative">x</content><summary>x</summary>'),
        atom(CONTENT, '<content type="html" src="https://notes.example/h"/><summary>x</summary>'),
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
    "atom.link.relative": [atom("https://notes.example/heron/", "/heron/"), atom("https://notes.example/heron/", "")],
    "atom.link.duplicate": [atom(LINK, LINK + LINK.replace("heron", "egret"))],
    "atom.link.rel": [atom(LINK, f'{LINK}<link rel="nest" href="https://notes.example/nest/"/>')],
    "atom.link.text": [atom(LINK, LINK.replace("/>", ">here</link>"))],
    "atom.link.history": [atom(LINK, f'{LINK}<link rel="next" href="https://notes.example/egret/"/>')],
    "atom.history.complete": [in_feed('<fh:complete/><link rel="next" href="https://notes.example/2.xml"/>')],
    "atom.history.end": [
        in_feed(f'<link rel="last" href="https://notes.example/all.atom.xml"/><link rel="next" href="{url}"/>')
        for url in ("https://notes.example/2.xml",)
    ],
    "atom.history.alone": [in_feed('<fh:archive/><link rel="current" href="https://notes.example/all.atom.xml"/>')],
    "atom.history.current": [in_feed('<fh:archive/><link rel="prev-archive" href="https://notes.example/1.xml"/>')],
    "atom.self.missing": [atom('rel="self"', 'rel="related"')],
    "atom.self.type": [atom('rel="self"', 'rel="self" type="text/xml"')],
    "atom.enclosure.bare": [
        atom(LINK, f'{LINK}<link rel="enclosure" type="audio/mpeg" href="https://notes.example/a.mp3"/>'),
        atom(LINK, f'{LINK}<link rel="enclosure" length="5" href="https://notes.example/a.mp3"/>'),
    ],
    "atom.category.term": [atom(LINK, f'{LINK}<category label="birds"/>')],
    "rss.element.unknown": [
        in_channel("<heron/>"),
        in_item("<pubdate>Sat, 31 Jan 2026 12:00:00 +0000</pubdate>"),
        in_item("<dc:heron/>"),
        in_channel("<textinput/>"),
        rss("It stands.", "It <b>stands</b>."),
        rss("<item>", "<items/><item>"),
        episode("<itunes:category text='Arts'/>"),
    ],
    "rss.element.missing": [
        in_channel("<image><title>Field Notes</title><url>https://notes.example/i.png</url></image>"),
        in_channel("<skipHours/>"),
        podcast("<itunes:email>ada@notes.example</itunes:email>", ""),
    ],
    "rss.element.duplicate": [
        rss("<link>https://notes.example/</link>", "<link>https://notes.example/</link>" * 2),
        in_item("<pubDate>Sat, 31 Jan 2026 12:00:00 +0000</pubDate>"),
        in_item("<slash:hit_parade>1</slash:hit_parade>" * 2),
        rss(
            "</channel>",
            "</channel><channel><title>x</title><link>https://notes.example/</link>"
            '<description>x</description><atom:link rel="self" href="https://notes.example/"/></channel>',
        ),
    ],
    "rss.element.text": [rss("<item>", "<item>stray"), in_item(FILE.replace("/>", ">x</enclosure>"))],
    "rss.attribute.unknown": [
        rss(GUID, '<guid ispermalink="true">https://notes.example/heron/</guid>'),
        rss("<description>It", '<description type="html">It'),
        rss("<item>", '<item xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about="https://a.example/">'),
    ],
    "rss.attribute.missing": [
        in_item("<source>Other</source>"),
        in_item("<media:player/>"),
        in_channel("<cloud domain='notes.example' path='/' port='80' protocol='soap'/>"),
        podcast(' text="Arts"', ""),
    ],
    "rss.namespace": [rss("<rss ", '<rss xmlns="http://backend.userland.com/rss2" ')],
    "rss.version": [rss('rss version="2.0"', 'rss version="2.0.1"'), rss('rss version="2.0"', "rss")],
    "rss.version.old": [rss('rss version="2.0"', 'rss version="0.92"')],
    "rss.doctype": [],
    "rss.doctype.gone": [],
    "rss.channel.missing": [
        b'<rss version="2.0"/>',
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    ],
    "rss.title.missing": [rss("<title>Field Notes</title>", ""), rdf("<title>Field Notes</title>", "")],
    "rss.link.missing": [rss("<link>https://notes.example/</link>", "")],
    "rss.description.missing": [rss("<description>What Ada sees</description>", "")],
    "rss.element.bare": [],
    "rss.attribute.foreign": [],
    "rss.item.empty": [rss("<title>A grey heron</title>", "").replace(b"<description>It stands.</description>", b"")],
    "rss.item.undescribed": [rss("<description>It stands.</description>", "")],
    "rss.item.early": [rss("</channel>", "<language>en</language></channel>")],
    "rss.date.invalid": [
        rss("Sat, 31 Jan 2026 12:00:00 +0000", "2026-01-31T12:00:00Z"),
        rss("<item>", "<lastBuildDate/><item>"),
        opml("</head>", "<dateCreated>today</dateCreated></head>"),
    ],
    "rss.date.weekday": [rss("Sat, 31", "Sun, 31")],
    "rss.date.odd": [
        rss("Sat, 31 Jan 2026 12:00:00 +0000", date)
        for date in ("Sat, 31 Jan 26 12:00:00 GMT", "31 jan 2026  12:00 A", "Sat, 31 Jan 2026 12:00:00 +0000 (UTC)")
    ],
    "rss.guid.missing": [rss(GUID, "")],
    "rss.guid.duplicate": [rss("</channel>", f"{ITEM}</channel>")],
    "rss.guid.permalink": [
        rss(' isPermaLink="false"', ""),
        rss("false", "true"),
        rss(GUID, "<guid/>"),
        rss(GUID, "<guid>/heron/</guid>"),
    ],
    "rss.guid.boolean": [rss('"false"', '"no"')],
    "rss.guid.short": [rss("tag:notes.example,2026:heron", "17")],
    "rss.self.missing": [rss('rel="self"', 'rel="hub"')],
    "rss.author.missing": [rss(CREATOR, "")],
    "rss.author.twice": [rss(CREATOR, f"{CREATOR}<author>ada@notes.example (Ada Example)</author>")],
    "rss.said.twice": [
        in_item("<dc:date>2026-01-31T12:00:00Z</dc:date>"),
        in_channel("<copyright>Ada</copyright><dc:rights>Ada</dc:rights>"),
    ],
    "rss.enclosure.incomplete": [in_item(FILE.replace(part, "")) for part in ('length="5"', 'type="audio/mpeg"')],
    "rss.enclosure.length": [in_item(FILE.replace('"5"', length)) for length in ('"5 MB"', '""', '"-1"', '"1.5"')],
    "rss.enclosure.several": [in_item(FILE * 2)],
    "rss.content.order": [
        rss("<description>It stands.", "<content:encoded>It stands.</content:encoded><description>It stands."),
    ],
    "rss.comments.undated": [in_item("<slash:comments>5</slash:comments>")],
    "rss.image.other": [
        in_channel(
            "<image><title>Heron</title><link>https://notes.example/</link><url>https://notes.example/i.png</url></image>"
        )
    ],
    "rss.image.type": [
        in_channel(
            "<image><title>Field Notes</title><link>https://notes.example/</link>"
            "<url>https://notes.example/i.bmp</url></image>"
        )
    ],
    "rss.hour": [in_channel("<skipHours><hour>25</hour></skipHours>"), in_channel("<skipHours><hour/></skipHours>")],
    "rss.hour.midnight": [in_channel("<skipHours><hour>24</hour></skipHours>")],
    "rss.skip.duplicate": [
        in_channel("<skipHours><hour>7</hour><hour>07</hour></skipHours>"),
        in_channel("<skipDays><day>Monday</day><day>Monday</day></skipDays>"),
    ],
    "rss.textinput.name": [],
    "rss.textinput": [
        in_channel(
            "<textInput><title>Find</title><description>Find</description><name>q</name>"
            "<link>https://notes.example/find</link></textInput>"
        )
    ],
    "rss.wfw.case": [in_item("<wfw:commentRSS>https://notes.example/c.xml</wfw:commentRSS>")],
    "rdf.element.unknown": [rdf("<items>", "<heron/><items>"), rdf("</rdf:RDF>", "<heron/></rdf:RDF>")],
    "rdf.element.missing": [
        rdf("<title>A grey heron</title>", ""),
        RDF[: RDF.index("<items>")].encode() + RDF[RDF.index("</channel>") :].encode(),
    ],
    "rdf.element.duplicate": [rdf("<title>A grey heron</title>", "<title>A</title><title>B</title>")],
    "rdf.element.text": [rdf("<rdf:Seq>", "<rdf:Seq>stray")],
    "rdf.attribute.unknown": [rdf("<title>A", '<title lang="en">A')],
    "rdf.attribute.missing": [
        rdf(' rdf:about="https://notes.example/heron/"', ""),
        rdf("<items>", "<admin:generatorAgent/><items>"),
    ],
    "rdf.about.duplicate": [
        rdf('rdf:about="https://notes.example/heron/"', 'rdf:about="https://notes.example/all.rdf"')
    ],
    "rdf.mixed": [rdf("It stands.", "It <b>stands</b>.")],
    "opml.element.unknown": [opml("</head>", "<heron/></head>"), opml("<body>", "<outline text='x'/><body>")],
    "opml.element.missing": [
        opml("<head><title>Field Notes</title></head>", ""),
        b'<opml version="2.0"><head/><body/></opml>',
    ],
    "opml.element.duplicate": [opml("</head>", "<title>x</title></head>")],
    "opml.element.text": [opml("<body>", "<body>stray")],
    "opml.attribute.unknown": [opml('type="rss"', 'type="rss" heron="1"')],
    "opml.attribute.missing": [opml(' version="2.0"', ""), opml(' text="All"', "")],
    "opml.version": [opml('"2.0"', '"3.0"')],
    "opml.outline.half": [opml(' title="All"', ""), opml('type="rss" ', ""), opml('rss" ', 'link" ')],
    "opml.outline.type": [opml('version="2.0"', 'version="1.1"').replace(b'type="rss"', b'type="nest"')],
    "opml.outline.version": [opml('type="rss"', 'type="rss" version="Atom"')],
    "app.element.unknown": [service("</workspace>", "<heron/></workspace>")],
    "app.element.missing": [
        service("<atom:title>All</atom:title>", ""),
        b'<service xmlns="http://www.w3.org/2007/app"/>',
    ],
    "app.element.duplicate": [
        service("<atom:title>All</atom:title>", "<atom:title>A</atom:title><atom:title>B</atom:title>")
    ],
    "app.element.text": [service("<workspace>", "<workspace>stray")],
    "app.attribute.unknown": [service("<workspace>", "<workspace name='x'>")],
    "app.attribute.missing": [service(' href="https://notes.example/all"', "")],
    "app.categories": [
        b'<categories xmlns="http://www.w3.org/2007/app" href="https://notes.example/tags" fixed="yes"/>'
    ],
    "media.namespace": [atom("<feed ", '<feed xmlns:media="http://search.yahoo.com/mrss" ')],
    "media.adult": [in_item("<media:adult>false</media:adult>")],
    "media.group.empty": [in_item("<media:group/>")],
    "media.group.one": [in_item('<media:group><media:content url="https://notes.example/a.mp3"/></media:group>')],
    "media.newer": [in_item("<media:community><media:statistics views='5'/></media:community>")],
    "media.hash": [
        in_item("<media:hash>abc</media:hash>"),
        in_item(f'<media:hash algo="sha-1">{"a" * 32}</media:hash>'),
    ],
    "media.rating": [
        in_item("<media:rating>fine</media:rating>"),
        in_item('<media:rating scheme="urn:mpaa">pg-12</media:rating>'),
        in_item('<media:rating scheme="urn:icra">r (cz 2)</media:rating>'),
    ],
    "media.role": [
        in_item('<media:credit role="heron">Ada</media:credit>'),
        in_item('<media:credit scheme="https://a.example/" role="Heron">Ada</media:credit>'),
    ],
    "itunes.category": [
        podcast('"Arts"', '"Herons"'),
        podcast('"Arts"/>', '"Arts"><itunes:category text="Herons"/></itunes:category>'),
    ],
    "itunes.category.old": [podcast('"Arts"', '"Audio Blogs"')],
    "itunes.keywords": [episode("<itunes:keywords>heron egret</itunes:keywords>")],
    "itunes.format": [episode("<itunes:duration>5</itunes:duration>" + FILE.replace(".mp3", ".ogg"))],
    "itunes.missing": [podcast("<language>en</language>", ""), podcast("<itunes:explicit>false</itunes:explicit>", "")],
    "sync.history": [
        changed(ATOM, "</entry>", f"{HISTORY}</entry>").replace(b'by="ada" when="2026-01-31T12:00:00Z"', b"")
    ],
    "sync.history.half": [changed(ATOM, "</entry>", f"{HISTORY}</entry>").replace(b'by="ada"', b"")],
    "sync.id.duplicate": [
        changed(ATOM, "</feed>", ENTRY.replace(":heron", ":egret").replace("+01:00", "+02:00") + "</feed>").replace(
            b"</entry>", HISTORY.encode() + b"</entry>"
        )
    ],
    "sync.order": [in_feed('<sx:sharing since="2026-01-31T12:00:00Z" until="2026-01-30T12:00:00Z"/>')],
    "json.version": [feed(version="https://jsonfeed.org/version/2"), feed(version=None)],
    "json.title.missing": [feed(title=None), feed(title="")],
    "json.items.missing": [feed(items=None)],
    "json.id.missing": [item(id=None), item(id="")],
    "json.id.duplicate": [feed(items=JSON["items"] * 2)],
    "json.id.relative": [item(id="heron")],
    "json.content.missing": [item(content_html=None)],
    "json.content.empty": [item(content_html=""), item(content_html=None, content_text="")],
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
#: Examples that break another rule, too, as they cannot be alone.
TOGETHER: dict[str, list[tuple[bytes, set[str]]]] = {
    "feed.many": [(in_channel("<heron/>" * 100_000), {"rss.element.unknown"})],
    "feed.entity": [
        (rss("<rss ", '<!DOCTYPE rss SYSTEM "x.dtd"><rss ').replace(b"It stands", b"It&nbsp;stands"), {"feed.doctype"})
    ],
    "atom.id.same": [(changed(ATOM, ENTRY, MANY), {"atom.id.duplicate"})],
    "rss.doctype": [(rss("<rss ", NETSCAPE.format("http://www.rssboard.org/rss-0.91.dtd")), {"feed.doctype"})],
    "rss.doctype.gone": [
        (
            rss("<rss ", NETSCAPE.format("http://my.netscape.com/publish/formats/rss-0.91.dtd")).replace(
                b'version="2.0"', b'version="0.91"'
            ),
            {"feed.doctype", "rss.version.old"},
        )
    ],
    "rss.element.bare": [
        (rss("</item>", '<x:a xmlns:x="https://x.example/ns"><b/></x:a></item>'), {"feed.namespace.unknown"})
    ],
    "rss.attribute.foreign": [
        (rss("<item>", '<item xmlns:x="https://x.example/ns" x:a="1">'), {"feed.namespace.unknown"})
    ],
    "rss.textinput.name": [
        (
            in_channel(
                "<textInput><title>Seek</title><description>Seek herons</description><name>1</name>"
                "<link>https://notes.example/seek</link></textInput>"
            ),
            {"rss.textinput"},
        )
    ],
}
CASES = [
    pytest.param(rule, data, id=f"{rule}-{number}")
    for rule, examples in EXAMPLES.items()
    for number, data in enumerate(examples, start=1)
]


@pytest.mark.parametrize(
    ("rule", "data", "others"),
    [pytest.param(rule, *pair, id=rule) for rule, pairs in TOGETHER.items() for pair in pairs],
)
def test_an_example_breaks_its_rule_and_what_goes_with_it(rule: str, data: bytes, others: set[str]) -> None:
    assert set(rules(data)) == {rule, *others}


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
        atom("</feed>", ENTRY.replace("12:00:00+01:00", "13:00:00+01:00").replace(":heron", ":egret") + "</feed>"),
        RDF.encode(),
        OPML.encode(),
        SERVICE.encode(),
        atom(LINK, LINK + LINK.replace("/>", ' hreflang="de"/>')),
        rss("A grey heron", "What &#x3C;/em> means"),
        rss("false", "true").replace(b"tag:notes.example,2026:heron", b"https://notes.example/heron/"),
        rss(CREATOR, "<author>ada@notes.example (Ada Example)</author>"),
        rss("It stands.", ""),
        feed(items=[]),
        json.dumps(JSON | {"icon": None, "language": None}).encode(),
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
    assert [rule for rule, examples in EXAMPLES.items() if not examples] == list(TOGETHER)


@pytest.mark.parametrize(("rule", "data"), CASES)
def test_an_example_breaks_its_rule_alone(rule: str, data: bytes) -> None:
    assert set(rules(data)) == {rule}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_speaks_in_clauses_and_names_a_cure(rule: str) -> None:
    told = RULES[rule]
    assert told.message.count("{}") == 1
    assert told.cure.count("{}") <= 1
    assert told.cure
    assert not told.cure[0].isupper()
    assert not (told.message + told.cure).endswith(".")


def test_a_finding_names_rule_file_line_and_severity() -> None:
    data = atom("2026-01-31T12:00:00+01:00", "yesterday")
    (found,) = check_feed(data, "feeds/all.atom.xml")
    assert found.rule == "atom.date.invalid"
    assert (found.problem.line, found.problem.column, found.problem.severity) == (10, 1, Severity.ERROR)
    assert str(found.problem) == (
        'feeds/all.atom.xml:10:1: the updated "yesterday" is no RFC 3339 time; write times as 2026-01-31T12:00:00Z'
    )


def test_a_picture_of_rss_0_91_is_text_and_not_looked_at() -> None:
    old = rss('version="2.0"', 'version="0.91"').replace(b"It stands.", b"&lt;img src='a b.png'>")
    assert "value.uri.character" not in rules(old)
    assert "value.uri.character" in rules(old.replace(b"0.91", b"0.92"))


def test_the_entities_of_rss_0_91_are_declared_by_its_whole_document_type() -> None:
    declared = rss("<rss ", NETSCAPE.format("http://www.rssboard.org/rss-0.91.dtd")).replace(b"stands", b"st&auml;nds")
    assert "feed.entity" not in rules(declared)
    assert "feed.entity" in rules(declared.replace(b"&auml;", b"&heron;"))
    assert "feed.entity" in rules(declared.replace(b"RSS 0.91//EN", b"RSS 0.92//EN"))


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
    assert str(found.problem).startswith("x:1:350: item 2 has no id")


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
    found = check_feed(atom(LINK, f'{LINK}<category term="" scheme="https://notes.example/"/>'), "x")
    assert [one.problem.severity for one in found] == [Severity.NOTE]


def test_an_address_with_odd_characters_is_not_called_relative() -> None:
    assert check_feed(content('<a href="https://notes.example/a|b">x</a>'), "x") == []


def test_active_content_is_told_with_its_place() -> None:
    found = check_feed(atom("It stands", "&lt;script&gt;x()&lt;/script&gt;"), "x")[0]
    assert found.problem.message.startswith('the content of entry "A grey heron" has <script>')


def test_a_value_is_shown_on_one_line_and_shortened() -> None:
    assert shown("a\nb") == '"a b"'
    assert len(shown("x" * 1000)) < 100


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
    plans, _ = plan_feeds((article,), settings, Lock(), datetime(2026, 11, 22, tzinfo=UTC))
    rendered = render_plans(plans, settings, "notes.example,2026", bundled())
    files = [file for files in rendered for file in files]
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
