"""What extensions allow is no error, and what they forbid is."""

import re

import pytest

from publisher.check.feeds import check_feed
from publisher.check.xmlfeed.names import CUSTOMARY
from publisher.errors import Severity

FEED = """<feed xmlns="http://www.w3.org/2005/Atom"{}><id>tag:notes.example,2026:feed</id><title>Field Notes</title>
<updated>2026-01-31T12:00:00Z</updated><author><name>Ada</name></author>{}
<entry><id>tag:notes.example,2026:heron</id><title>A heron</title><updated>2026-01-31T12:00:00Z</updated>
<link href="https://notes.example/heron/"/><summary>It stands.</summary>{}</entry></feed>"""
CHANNEL = """<rss version="2.0"{}><channel><title>Field Notes</title><link>https://notes.example/</link>
<description>What Ada sees</description>{}<item><title>A heron</title>{}</item></channel></rss>"""
RSS_1_1 = """<Channel xmlns="http://purl.org/net/rss1.1#"{} rdf:about="https://notes.example/all.rdf"><title>Field Notes</title>
<link>https://notes.example/</link><description>What Ada sees</description>{}<items rdf:parseType="Collection">
<item rdf:about="https://notes.example/heron/"><title>A heron</title><link>https://notes.example/heron/</link>{}</item>
</items></Channel>"""
DOCUMENTS = {"feed": (FEED, 1), "entry": (FEED, 2), "channel": (CHANNEL, 1), "item": (CHANNEL, 2), "rdf": (RSS_1_1, 2)}


def errors(where: str, xml: str) -> list[str]:
    """Return the rules of severity ERROR that a good document breaks when something is put into it."""
    document, place = DOCUMENTS[where]
    known = set(re.findall(r"xmlns:(\w+)=", xml))
    used = {
        *re.findall(r"[<\s/](\w+):\w", re.sub(r"=(\"[^\"]*\"|'[^']*')", "", xml)),
        *(["rdf"] if where == "rdf" else []),
    }
    declared = "".join(f' xmlns:{name}="{max(CUSTOMARY[name])}"' for name in sorted(used - known) if name in CUSTOMARY)
    parts = ["", "", ""]
    parts[0], parts[place] = declared, xml
    return [
        one.rule for one in check_feed(document.format(*parts).encode(), "x") if one.problem.severity is Severity.ERROR
    ]


URL = "https://notes.example/a"
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
FILE = f'<media:content url="{URL}.mp3" type="audio/mpeg" fileSize="5" isDefault="true" expression="full" height="" lang="en"'
ALLOWED = [
    (
        "entry",
        "<dc:creator>Ada</dc:creator><dc:creator>Bob</dc:creator><dc:date>2026-01</dc:date><dc:date.created>2026</dc:date.created>",
    ),
    (
        "item",
        "<dc:date>2026-01-31</dc:date><dcterms:modified>2026-01-31T12:00Z</dcterms:modified><dcterms:valid><dc:a/></dcterms:valid>",
    ),
    ("item", "<geo:Point><geo:lat>1.5</geo:lat><geo:long>-2</geo:long></geo:Point><georss:line>1 2 3 4</georss:line>"),
    ("entry", "<georss:where><gml:Point><gml:pos>45.2 -71.9</gml:pos></gml:Point></georss:where>"),
    ("entry", '<thr:in-reply-to ref="tag:a.example,2026:1" href="/a" type="text/html"/><thr:total>3</thr:total>'),
    ("entry", f'<link rel="replies" href="{URL}" thr:count="3" thr:updated="2026-01-31T12:00:00Z"/>'),
    ("entry", "<app:edited>2026-01-31T12:00:00Z</app:edited><app:control><app:draft>no</app:draft></app:control>"),
    ("entry", f'<content type="image/png">aGVyb24=</content><category term="a" scheme="{URL}" label="A"/>'),
    ("entry", '<content type="application/x+xml"><a xmlns="https://a.example/"><b/></a></content>'),
    ("entry", '<content type="text/html">&lt;p&gt;x&lt;/p&gt;</content>'),
    ("entry", f'<content src="{URL}" type="audio/mpeg"/>'),
    ("entry", f'<rights src="{URL}" type="text/html"/>'),
    ("entry", f'<content type="xhtml"><div {XHTML}>x</div><div {XHTML}/></content>'),
    (
        "entry",
        f'<content type="xhtml"><div {XHTML}><svg:svg><svg:metadata><rdf:RDF/></svg:metadata></svg:svg></div></content>',
    ),
    ("entry", f'<content type="xhtml"><div {XHTML}>x</div><p {XHTML}>x</p></content>'),
    ("entry", f"<p {XHTML}>x</p>"),
    ("feed", f'<app:collection href="{URL}"><title>x</title></app:collection>'),
    ("item", "<atom:content>x</atom:content><atom:content type='text/plain'>x</atom:content>"),
    ("item", f'<media:hash algo="">{"a" * 32}</media:hash><media:restriction relationship="deny" type=""/>'),
    (
        "item",
        f'<content:items><rdf:Bag><rdf:li><content:item><content:format rdf:resource="{URL}"/><rdf:value>x</rdf:value></content:item></rdf:li></rdf:Bag></content:items>',
    ),
    ("channel", "<skipHours><hour>24</hour><hour>0</hour></skipHours>"),
    ("rdf", "<thr:children/>"),
    (
        "entry",
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><svg xmlns="http://www.w3.org/2000/svg"/></div></content>',
    ),
    ("feed", f'<app:collection href="{URL}"><title>A</title><id>{URL}</id><app:accept/></app:collection>'),
    (
        "feed",
        '<access:restriction relationship="deny"/><fh:complete/><link rel="current" href="https://notes.example/"/>',
    ),
    (
        "feed",
        '<at:deleted-entry ref="tag:a.example,2026:1" when="2026-01-31T12:00:00Z"><at:comment>gone</at:comment></at:deleted-entry>',
    ),
    ("feed", "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"),
    (
        "feed",
        '<opensearch:Query role="request" searchTerms="heron" startPage="1"/><opensearch:startIndex>1</opensearch:startIndex>',
    ),
    ("item", f"<media:group>{FILE}/>{FILE}/></media:group><media:credit role='author'>Ada</media:credit>"),
    (
        "item",
        f'{FILE}><media:hash algo="sha-1">{"a" * 40}</media:hash><media:hash>{"b" * 32}</media:hash></media:content>',
    ),
    (
        "item",
        '<media:rating scheme="urn:mpaa">pg</media:rating><media:rating scheme="urn:icra">r (cz 1 lz 0)</media:rating>',
    ),
    (
        "item",
        f'<media:rating scheme="{URL}">five</media:rating><media:credit scheme="{URL}" role="poet">Ada</media:credit>',
    ),
    ("item", '<media:restriction relationship="allow" type="country">au us DE</media:restriction>'),
    (
        "item",
        f'<media:restriction relationship="deny" type="uri">{URL}</media:restriction><media:restriction relationship="deny">all</media:restriction>',
    ),
    (
        "item",
        '<media:text type="html" start="0:00:03" end="5.5" lang="en">&lt;b&gt;x&lt;/b&gt;</media:text><media:title type="html">x</media:title>',
    ),
    (
        "item",
        "<g:price>5.00 eur</g:price><g:rating>3</g:rating><g:location>A, B, C, D, E</g:location><g:mileage>1,000 km</g:mileage>",
    ),
    (
        "item",
        "<g:shipping><g:country>DE</g:country><g:service>UPS</g:service><g:price>5</g:price></g:shipping><g:year>2026</g:year>",
    ),
    ("item", "<g:travel_date_range><g:start>2026-01-31</g:start></g:travel_date_range><g:currency>EUR</g:currency>"),
    (
        "item",
        f"<g:label>a</g:label><g:label>b</g:label><g:from_location>A, B</g:from_location><g:image_link>{URL}</g:image_link>",
    ),
    (
        "item",
        f'<atom:link href="{URL}"/><atom:author><atom:name>Ada</atom:name></atom:author><atom:updated>2026-01-31T12:00:00Z</atom:updated>',
    ),
    (
        "item",
        "<xhtml:body><xhtml:p>x</xhtml:p></xhtml:body><ev:startdate>1815-06-18T11:00</ev:startdate><slash:section>a</slash:section>",
    ),
    (
        "channel",
        f'<admin:generatorAgent rdf:resource="{URL}"/><cf:listinfo><cf:sort ns="a" element="b"/></cf:listinfo><atom:id>{URL}</atom:id>',
    ),
    (
        "channel",
        f'<feedburner:feedFlare href="{URL}" src="//a.example/b.gif">x</feedburner:feedFlare><feedburner:info uri="a"/>',
    ),
    (
        "channel",
        "<cloud domain='a.example' path='/' port='80' protocol='soap' registerProcedure='x'/><rating>x</rating>",
    ),
    ("rdf", "<rdfs:label>x</rdfs:label><dc:creator><foaf:Person><foaf:name>Ada</foaf:name></foaf:Person></dc:creator>"),
    (
        "rdf",
        f'<trackback:ping rdf:resource="{URL}"/><x:a xmlns:x="https://x.example/" rdf:parseType="Literal">a <b/></x:a>',
    ),
]
FORBIDDEN = [
    ("entry", "entry", "<entry/>", "atom.element.unknown"),
    ("media", "item", "<media:heron/>", "rss.element.unknown"),
    (
        "two authors of Atom",
        "item",
        "<atom:author><atom:name>Ada</atom:name></atom:author>" * 2,
        "rss.element.duplicate",
    ),
    ("media size", "item", f'{FILE} width="-1"/>', "value.number"),
    ("media player", "item", '<media:player width="5"/>', "rss.attribute.missing"),
    ("media scheme", "item", '<media:rating scheme="a b">x</media:rating>', "value.uri.character"),
    (
        "media place",
        "item",
        '<media:restriction relationship="allow" type="uri">a</media:restriction>',
        "value.uri.relative",
    ),
    ("media none", "item", '<media:restriction relationship="allow">some</media:restriction>', "value.choice"),
    ("media restriction", "item", "<media:restriction>all</media:restriction>", "rss.attribute.missing"),
    (
        "xml and text",
        "entry",
        '<content type="application/x+xml">a<b xmlns="https://a.example/"/></content>',
        "atom.element.text",
    ),
    ("src and text", "entry", f'<content src="{URL}" type="audio/mpeg">x</content>', "atom.element.text"),
    ("src and type", "entry", f'<content src="{URL}" type="html"/>', "atom.text.type"),
    ("text and type", "entry", '<content type="text/plain"><b/></content>', "atom.element.unknown"),
    ("labels", "item", "<g:label>a</g:label>" * 11, "rss.element.duplicate"),
    ("label", "item", "<g:label>a, b</g:label>", "value.place"),
    ("year", "item", "<g:year>26</g:year>", "value.number"),
    ("sync", "entry", '<sx:sync id="a b" updates="1"><sx:history sequence="1" by="a"/></sx:sync>', "value.uri.urn"),
    ("sync history", "entry", '<sx:sync id="a" updates="1"/>', "atom.element.missing"),
    (
        "sync count",
        "entry",
        '<sx:sync id="a" updates="2147483648"><sx:history sequence="1" by="a"/></sx:sync>',
        "value.number",
    ),
    ("duration of a channel", "channel", "<itunes:duration>5</itunes:duration>", "rss.element.unknown"),
    ("restriction", "channel", '<access:restriction relationship="allow"/>', "rss.element.unknown"),
    ("when", "entry", f'<link rel="replies" href="{URL}" thr:when="2026-01-31T12:00:00Z"/>', "atom.attribute.unknown"),
    ("robots", "feed", '<xhtml:meta name="robots" content="heron"/>', "value.choice"),
    (
        "words of 1.1",
        "rdf",
        "<dc:creator><foaf:Person><title>x</title></foaf:Person></dc:creator>",
        "rdf.element.unknown",
    ),
    (
        "attributes of 1.1",
        "rdf",
        '<foaf:maker xmlns:rss="http://purl.org/net/rss1.1#" rss:title="x"/>',
        "rdf.attribute.unknown",
    ),
    ("text in a thing", "rdf", '<x:a xmlns:x="https://x.example/">a <x:b/></x:a>', "rdf.mixed"),
    (
        "one thing twice",
        "rdf",
        '<x:a xmlns:x="https://x.example/" rdf:about="https://notes.example/heron/"/>',
        "rdf.about.duplicate",
    ),
    ("permalink", "rdf", "<l:permalink/>", "rdf.attribute.missing"),
    ("element of a text", "rdf", "<dc:rights><x:b xmlns:x='https://x.example/'/></dc:rights>", "rdf.mixed"),
    ("midnight twice", "channel", "<skipHours><hour>0</hour><hour>24</hour></skipHours>", "rss.skip.duplicate"),
    ("picture", "item", "<content:encoded>&lt;img alt='' src='a b.png'></content:encoded>", "value.uri.character"),
    ("link", "item", '<content:encoded>&lt;a href="a|b">x&lt;/a></content:encoded>', "value.uri.character"),
    (
        "element before a div",
        "entry",
        f'<content type="xhtml"><p {XHTML}/><div {XHTML}>x</div></content>',
        "atom.xhtml.div",
    ),
    (
        "element behind a div",
        "entry",
        f'<content type="xhtml"><div {XHTML}><b>x</b></div><p {XHTML}/></content>',
        "atom.xhtml.div",
    ),
    ("collection", "feed", f'<app:collection href="{URL}"/>', "atom.element.missing"),
    ("space around yes", "entry", "<app:control><app:draft> yes</app:draft></app:control>", "value.space"),
    ("namespace", "item", '<x:a xmlns:x="http:x"/>', "value.uri.invalid"),
    ("old words of Atom", "entry", '<modified xmlns="http://purl.org/atom/ns#"/>', "atom.namespace"),
    (
        "a feed's word within what nobody knows",
        "entry",
        f'<content type="xhtml"><div {XHTML}><x xmlns="https://x.example/"><dc:title>x</dc:title></x></div></content>',
        "atom.element.unknown",
    ),
    ("base of what nobody knows", "item", '<x:a xmlns:x="https://x.example/" xml:base="a b"/>', "value.uri.character"),
    ("box", "item", "<georss:box>1 2 3 4</georss:box>", "rss.element.unknown"),
    ("bag", "item", "<content:items><rdf:Seq/></content:items>", "rss.element.unknown"),
    ("id of a reply", "entry", '<thr:in-reply-to ref="https://notes.example/h\xe9ron"/>', "value.uri.ascii"),
    ("text in a player", "item", f'<media:player url="{URL}">x</media:player>', "rss.element.text"),
    ("type of a link", "channel", f'<l:link rdf:resource="{URL}" l:rel="{URL}" l:type="x"/>', "value.mime"),
]


@pytest.mark.parametrize(
    ("where", "xml"), ALLOWED, ids=[f"{number} {xml[:40]}" for number, (_, xml) in enumerate(ALLOWED)]
)
def test_what_an_extension_allows_is_no_error(where: str, xml: str) -> None:
    assert errors(where, xml) == []


@pytest.mark.parametrize(("where", "xml", "rule"), [pytest.param(*case[1:], id=case[0]) for case in FORBIDDEN])
def test_what_an_extension_forbids_is_an_error(where: str, xml: str, rule: str) -> None:
    assert set(errors(where, xml)) == {rule}


def test_rss_0_90_names_nothing() -> None:
    data = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">
    <channel><title>a</title><link>https://a.example/</link><description>b</description></channel>
    <image><title>a</title><url>https://a.example/i.png</url><link>https://a.example/</link></image>
    <item><title>a</title><link>https://a.example/1</link></item></rdf:RDF>"""
    assert check_feed(data, "x") == []


def test_pictures_of_rss_1_1_lie_within() -> None:
    assert errors("rdf", "") == []
    image = '<image rdf:parseType="Resource"><title>a</title><url>https://a.example/i.png</url></image><items'
    data = RSS_1_1.format(' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"', "", "").replace("<items", image)
    assert check_feed(data.encode(), "x") == []
    assert [one.rule for one in check_feed(data.replace("url>", "link>").encode(), "x")] == ["rdf.element.missing"]


def test_rss_1_1_needs_items() -> None:
    data = RSS_1_1.format(' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"', "", "")
    bare = re.sub("<items.*</items>", "", data, flags=re.DOTALL)
    assert {one.rule for one in check_feed(bare.encode(), "x")} == {"rdf.element.missing"}


def test_subscriptions_may_be_in_a_language_that_nobody_knows() -> None:
    data = '<opml version="1.1"><head/><body><outline text="a" type="rss" title="a" xmlUrl="https://a.example/" language="{}"/></body></opml>'
    assert check_feed(data.format("unknown").encode(), "x") == []
    assert [one.rule for one in check_feed(data.format("heronish").encode(), "x")] == ["value.language"]
