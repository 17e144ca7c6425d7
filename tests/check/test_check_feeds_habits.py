"""Feeds as well-known programs write them are valid, whatever else may be said of them."""

import pytest

from publisher.check.feeds import check_feed
from publisher.errors import Severity

WORDPRESS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
	xmlns:content="http://purl.org/rss/1.0/modules/content/"
	xmlns:wfw="http://wellformedweb.org/CommentAPI/"
	xmlns:dc="http://purl.org/dc/elements/1.1/"
	xmlns:atom="http://www.w3.org/2005/Atom"
	xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
	xmlns:slash="http://purl.org/rss/1.0/modules/slash/"
	xmlns:georss="http://www.georss.org/georss" xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#">
<channel>
	<title>Field Notes</title>
	<atom:link href="https://notes.example/feed/" rel="self" type="application/rss+xml" />
	<link>https://notes.example</link>
	<description>What Ada sees &#8211; daily</description>
	<lastBuildDate>Sat, 31 Jan 2026 12:00:00 +0000</lastBuildDate>
	<language>en-US</language>
	<sy:updatePeriod>
	hourly	</sy:updatePeriod>
	<sy:updateFrequency>
	1	</sy:updateFrequency>
	<generator>https://wordpress.example/?v=6.9</generator>
<image>
	<url>https://notes.example/wp-content/uploads/cropped-icon-32x32.png</url>
	<title>Field Notes</title>
	<link>https://notes.example</link>
	<width>32</width>
	<height>32</height>
</image>
<site xmlns="com-wordpress:feed-additions:1">12345</site>
	<item>
		<title>A heron &#038; an egret</title>
		<link>https://notes.example/2026/01/heron/</link>
					<comments>https://notes.example/2026/01/heron/#comments</comments>
		<dc:creator><![CDATA[Ada Example]]></dc:creator>
		<pubDate>Sat, 31 Jan 2026 11:00:00 +0000</pubDate>
				<category><![CDATA[Birds & Beasts]]></category>
		<category><![CDATA[Uncategorized]]></category>
		<guid isPermaLink="false">https://notes.example/?p=17</guid>
					<description><![CDATA[<p>It stands. <a href="https://notes.example/2026/01/heron/">[&#8230;]</a></p>]]></description>
										<content:encoded><![CDATA[
<figure class="wp-block-image size-large"><img loading="lazy" decoding="async" width="1024" height="683"
src="https://notes.example/h.jpg" alt="" srcset="https://notes.example/h.jpg 1024w" sizes="auto, 100vw" /></figure>
<p>It stands.</p>
]]></content:encoded>
					<wfw:commentRss>https://notes.example/2026/01/heron/feed/</wfw:commentRss>
			<slash:comments>3</slash:comments>
		<georss:point>52.5 13.4</georss:point><geo:lat>52.5</geo:lat><geo:long>13.4</geo:long>
		<post-id xmlns="com-wordpress:feed-additions:1">17</post-id>
			</item>
	</channel>
</rss>
"""

BLOGGER = """<?xml version='1.0' encoding='UTF-8'?><?xml-stylesheet href="https://blog.example/atom.css" type="text/css"?>
<feed xmlns='http://www.w3.org/2005/Atom' xmlns:openSearch='http://a9.com/-/spec/opensearchrss/1.0/'
 xmlns:blogger='http://schemas.google.com/blogger/2008' xmlns:georss='http://www.georss.org/georss'
 xmlns:gd="http://schemas.google.com/g/2005" xmlns:thr='http://purl.org/syndication/thread/1.0'>
<id>tag:blogger.example,1999:blog-1234567890123456789</id><updated>2026-01-31T12:00:00.001+01:00</updated>
<category term="birds"/><title type='text'>Field Notes</title><subtitle type='html'>What &lt;b&gt;Ada&lt;/b&gt; sees</subtitle>
<link rel='http://schemas.google.com/g/2005#feed' type='application/atom+xml' href='https://blog.example/feeds/posts/default'/>
<link rel='self' type='application/atom+xml' href='https://blog.example/feeds/posts/default'/>
<link rel='alternate' type='text/html' href='https://blog.example/'/>
<link rel='hub' href='http://pubsubhubbub.example/'/>
<link rel='next' type='application/atom+xml' href='https://blog.example/feeds/posts/default?start-index=26&amp;max-results=25'/>
<author><name>Ada</name><uri>http://www.blogger.example/profile/1</uri><email>noreply@blogger.example</email>
<gd:image rel='http://schemas.google.com/g/2005#thumbnail' width='16' height='16' src='https://img1.example/b16.gif'/></author>
<generator version='7.00' uri='http://www.blogger.example'>Blogger</generator>
<openSearch:totalResults>1</openSearch:totalResults><openSearch:startIndex>1</openSearch:startIndex>
<openSearch:itemsPerPage>25</openSearch:itemsPerPage>
<entry><id>tag:blogger.example,1999:blog-1234567890123456789.post-1</id>
<published>2026-01-31T11:00:00.000+01:00</published><updated>2026-01-31T11:00:07.123+01:00</updated>
<category scheme="http://www.blogger.example/atom/ns#" term="heron"/>
<title type='text'>A heron</title><content type='html'>&lt;p style="text-align: left;"&gt;It stands.&lt;/p&gt;</content>
<link rel='replies' type='application/atom+xml' href='https://blog.example/feeds/1/comments/default' title='Post Comments'/>
<link rel='replies' type='text/html' href='https://blog.example/2026/01/heron.html#comment-form' title='2 Comments'/>
<link rel='edit' type='application/atom+xml' href='https://www.blogger.example/feeds/1/posts/default/1'/>
<link rel='self' type='application/atom+xml' href='https://www.blogger.example/feeds/1/posts/default/1'/>
<link rel='alternate' type='text/html' href='https://blog.example/2026/01/heron.html' title='A heron'/>
<author><name>Ada</name><uri>http://www.blogger.example/profile/1</uri><email>noreply@blogger.example</email></author>
<media:thumbnail xmlns:media="http://search.yahoo.com/mrss/" url="https://img1.example/s72-c/h.jpg" height="72" width="72"/>
<thr:total>2</thr:total><georss:featureName>Berlin</georss:featureName><georss:point>52.5200066 13.404954</georss:point>
</entry></feed>
"""

YOUTUBE = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns="http://www.w3.org/2005/Atom">
 <link rel="self" href="http://video.example/feeds/videos.xml?channel_id=UC1"/>
 <id>yt:channel:1</id>
 <yt:channelId>1</yt:channelId>
 <title>Field Notes</title>
 <link rel="alternate" href="https://video.example/channel/UC1"/>
 <author><name>Field Notes</name><uri>https://video.example/channel/UC1</uri></author>
 <published>2020-01-31T12:00:00+00:00</published>
 <updated>2026-01-31T12:00:00+00:00</updated>
 <entry>
  <id>yt:video:abc</id>
  <yt:videoId>abc</yt:videoId>
  <yt:channelId>UC1</yt:channelId>
  <title>A heron stands &amp; waits</title>
  <link rel="alternate" href="https://video.example/watch?v=abc"/>
  <author><name>Field Notes</name><uri>https://video.example/channel/UC1</uri></author>
  <published>2026-01-30T12:00:00+00:00</published>
  <updated>2026-01-31T12:00:00+00:00</updated>
  <media:group>
   <media:title>A heron stands &amp; waits</media:title>
   <media:content url="https://video.example/v/abc?version=3" type="application/x-shockwave-flash" width="640" height="390"/>
   <media:thumbnail url="https://i1.example/vi/abc/hqdefault.jpg" width="480" height="360"/>
   <media:description>It stands.
More at https://notes.example/</media:description>
   <media:community>
    <media:starRating count="17" average="5.00" min="1" max="5"/>
    <media:statistics views="300"/>
   </media:community>
  </media:group>
 </entry>
</feed>
""".replace(" <published>2020-01-31T12:00:00+00:00</published>\n", "")

GITHUB = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xml:lang="en-US">
  <id>tag:code.example,2008:/ada/heron/commits/main</id>
  <link type="text/html" rel="alternate" href="https://code.example/ada/heron/commits/main"/>
  <link type="application/atom+xml" rel="self" href="https://code.example/ada/heron/commits/main.atom"/>
  <title>Recent Commits to heron:main</title>
  <updated>2026-01-31T12:00:00Z</updated>
  <entry>
    <id>tag:code.example,2008:Grit::Commit/0123456789abcdef0123456789abcdef01234567</id>
    <link type="text/html" rel="alternate" href="https://code.example/ada/heron/commit/0123456"/>
    <title>
        Count herons &amp; egrets
    </title>
    <updated>2026-01-31T12:00:00Z</updated>
    <media:thumbnail height="30" width="30" url="https://avatars.example/u/1?s=30&amp;v=4"/>
    <author>
      <name>ada</name>
      <uri>https://code.example/ada</uri>
    </author>
    <content type="html">
      &lt;pre style=&#39;white-space:pre-wrap;width:81ex&#39;&gt;Count herons&lt;/pre&gt;
    </content>
  </entry>
</feed>
"""

PODCAST = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:googleplay="http://www.google.com/schemas/play-podcasts/1.0"
 xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:psc="http://podlove.org/simple-chapters"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<atom:link href="https://notes.example/pod.xml" rel="self" type="application/rss+xml"/>
<title>Heron Hour</title><link>https://notes.example/pod/</link><language>en-gb</language>
<copyright>&#169; 2026 Ada Example</copyright>
<description>An hour with herons.</description>
<itunes:author>Ada Example</itunes:author><itunes:type>episodic</itunes:type>
<itunes:owner><itunes:name>Ada Example</itunes:name><itunes:email>ada@notes.example</itunes:email></itunes:owner>
<itunes:image href="https://notes.example/cover.jpg"/>
<itunes:category text="Science"><itunes:category text="Nature"/></itunes:category>
<itunes:category text="Kids &amp; Family"/>
<itunes:explicit>false</itunes:explicit>
<podcast:guid>917393e3-1b1e-5cef-ace4-edaa54e1f810</podcast:guid>
<podcast:locked owner="ada@notes.example">yes</podcast:locked>
<podcast:funding url="https://notes.example/give">Give</podcast:funding>
<podcast:value type="lightning" method="keysend"><podcast:valueRecipient name="Ada" type="node" address="02" split="100"/></podcast:value>
<item>
<title>The first heron</title><itunes:title>The first heron</itunes:title>
<itunes:episodeType>full</itunes:episodeType><itunes:season>1</itunes:season><itunes:episode>3</itunes:episode>
<description><![CDATA[<p>It stands.</p>]]></description>
<content:encoded><![CDATA[<p>It stands.</p>]]></content:encoded>
<enclosure url="https://media.example/e1.mp3?x=1" length="498537" type="audio/mpeg"/>
<guid isPermaLink="false">dzpodtop10</guid>
<pubDate>Sat, 31 Jan 2026 12:00:00 GMT</pubDate>
<itunes:duration>1:02:03</itunes:duration><itunes:explicit>false</itunes:explicit><itunes:block>no</itunes:block>
<itunes:summary>It stands.</itunes:summary>
<podcast:transcript url="https://notes.example/1.vtt" type="text/vtt" language="en" rel="captions"/>
<podcast:chapters url="https://notes.example/1.json" type="application/json+chapters"/>
<podcast:person role="guest" href="https://bob.example/">Bob Example</podcast:person>
<psc:chapters version="1.2"><psc:chapter start="00:00:00.000" title="Hello"/></psc:chapters>
</item>
</channel></rss>
"""

MEDIUM = """<?xml version="1.0" encoding="UTF-8"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom" version="2.0"
 xmlns:cc="http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html">
<channel>
<title><![CDATA[Stories by Ada Example on Pages]]></title>
<description><![CDATA[Stories by Ada Example on Pages]]></description>
<link>https://pages.example/@ada?source=rss-1------2</link>
<image><url>https://cdn.example/fit/c/150/150/1*abc.jpeg</url><title>Stories by Ada Example on Pages</title>
<link>https://pages.example/@ada?source=rss-1------2</link></image>
<generator>Pages</generator><lastBuildDate>Sat, 31 Jan 2026 12:00:00 GMT</lastBuildDate>
<atom:link href="https://pages.example/@ada/feed" rel="self" type="application/rss+xml"/>
<webMaster><![CDATA[yourfriends@pages.example]]></webMaster>
<atom:link href="http://hub.example" rel="hub"/>
<item><title><![CDATA[A heron]]></title><link>https://pages.example/a-heron-1?source=rss-1------2</link>
<guid isPermaLink="false">https://pages.example/p/1</guid><category><![CDATA[birds]]></category>
<dc:creator><![CDATA[Ada Example]]></dc:creator><pubDate>Sat, 31 Jan 2026 12:00:00 GMT</pubDate>
<atom:updated>2026-01-31T12:00:00.123Z</atom:updated>
<content:encoded><![CDATA[<p>It stands.</p><img src="https://pages.example/_/stat?event=post" width="1" height="1" alt="">]]></content:encoded>
</item></channel></rss>
"""

SUBSTACK = """<?xml version="1.0" encoding="UTF-8"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom" version="2.0"
 xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:googleplay="http://www.google.com/schemas/play-podcasts/1.0">
<channel><title><![CDATA[Field Notes]]></title><description><![CDATA[What Ada sees]]></description>
<link>https://ada.letters.example</link>
<image><url>https://cdn.example/image/fetch/w_256,c_limit,f_auto,q_auto:good,fl_progressive:steep/https%3A%2F%2Fbucket.example%2Fi.png</url>
<title>Field Notes</title><link>https://ada.letters.example</link></image>
<generator>Letters</generator><lastBuildDate>Sat, 31 Jan 2026 12:00:00 GMT</lastBuildDate>
<atom:link href="https://ada.letters.example/feed" rel="self" type="application/rss+xml"/>
<copyright><![CDATA[Ada Example]]></copyright><language><![CDATA[en]]></language>
<webMaster><![CDATA[ada@letters.example]]></webMaster>
<itunes:owner><itunes:email><![CDATA[ada@letters.example]]></itunes:email><itunes:name><![CDATA[Ada]]></itunes:name></itunes:owner>
<itunes:author><![CDATA[Ada]]></itunes:author>
<googleplay:owner><![CDATA[ada@letters.example]]></googleplay:owner><itunes:block><![CDATA[Yes]]></itunes:block>
<item><title><![CDATA[A heron]]></title><description><![CDATA[It stands.]]></description>
<link>https://ada.letters.example/p/a-heron</link>
<guid isPermaLink="false">https://ada.letters.example/p/a-heron</guid>
<dc:creator><![CDATA[Ada Example]]></dc:creator><pubDate>Sat, 31 Jan 2026 12:00:00 GMT</pubDate>
<enclosure url="https://cdn.example/h.jpeg" length="0" type="image/jpeg"/>
<content:encoded><![CDATA[<p>It stands.</p>]]></content:encoded></item></channel></rss>
"""

MASTODON = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:webfeeds="http://webfeeds.org/rss/1.0" xmlns:media="http://search.yahoo.com/mrss/">
  <channel>
    <title>Ada</title>
    <description>Public posts from @ada@social.example</description>
    <link>https://social.example/@ada</link>
    <image><url>https://files.example/avatars/1.png</url><title>Ada</title><link>https://social.example/@ada</link></image>
    <lastBuildDate>Sat, 31 Jan 2026 12:00:00 +0000</lastBuildDate>
    <webfeeds:icon>https://files.example/avatars/1.png</webfeeds:icon>
    <generator>Mastodon v4.5.0</generator>
    <item>
      <guid isPermaLink="true">https://social.example/@ada/1</guid>
      <link>https://social.example/@ada/1</link>
      <pubDate>Sat, 31 Jan 2026 12:00:00 +0000</pubDate>
      <description>&lt;p&gt;It stands. &lt;a href="https://social.example/tags/heron" class="mention hashtag" rel="tag"&gt;#&lt;span&gt;heron&lt;/span&gt;&lt;/a&gt;&lt;/p&gt;</description>
      <media:content url="https://files.example/1.jpeg" type="image/jpeg" fileSize="290000" medium="image">
        <media:rating scheme="urn:simple">nonadult</media:rating>
        <media:description type="plain">A heron in a ditch</media:description>
      </media:content>
      <category>heron</category>
    </item>
  </channel>
</rss>
"""

FEEDBURNER = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" media="screen" href="/~files/feed-premium.xsl"?>
<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"
 xmlns:atom10="http://www.w3.org/2005/Atom" xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule" version="2.0">
<channel><title>Field Notes</title><link>http://notes.example/</link><description>What Ada sees</description>
<language>en-us</language><ttl>60</ttl>
<managingEditor>ada@notes.example (Ada Example)</managingEditor>
<creativeCommons:license>http://creativecommons.example/licenses/by/4.0/</creativeCommons:license>
<atom10:link rel="self" type="application/rss+xml" href="http://feeds.burner.example/FieldNotes"/>
<feedburner:info uri="fieldnotes"/><atom10:link rel="hub" href="http://hub.example/"/>
<feedburner:feedFlare href="https://add.example/?u=http%3A%2F%2Ffeeds" src="http://img.example/add.gif">Subscribe</feedburner:feedFlare>
<feedburner:browserFriendly>This is a feed.</feedburner:browserFriendly>
<item><title>A heron</title><link>http://feeds.burner.example/~r/FieldNotes/~3/abc/</link>
<description>It stands.</description><pubDate>Sat, 31 Jan 2026 04:00:00 PST</pubDate>
<guid isPermaLink="false">http://notes.example/heron</guid>
<feedburner:origLink>http://notes.example/heron</feedburner:origLink></item>
</channel></rss>
"""

ARXIV = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://papers.example/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0">
  <channel>
    <title>q-bio updates on papers.example</title>
    <link>http://rss.papers.example/rss/q-bio</link>
    <description>q-bio updates on the papers.example e-print archive.</description>
    <atom:link href="http://rss.papers.example/rss/q-bio" rel="self" type="application/rss+xml"/>
    <docs>http://www.rssboard.org/rss-specification</docs>
    <language>en-us</language>
    <lastBuildDate>Sat, 31 Jan 2026 05:00:00 +0000</lastBuildDate>
    <managingEditor>rss-help@papers.example</managingEditor>
    <pubDate>Sat, 31 Jan 2026 00:00:00 -0500</pubDate>
    <skipDays>
      <day>Saturday</day>
      <day>Sunday</day>
    </skipDays>
    <item>
      <title>Herons wait</title>
      <link>https://papers.example/abs/2601.00001</link>
      <description>papers:2601.00001v1 Announce Type: new
Abstract: We wait $n &lt; 5$ hours.</description>
      <guid isPermaLink="false">oai:papers.example:2601.00001v1</guid>
      <category>q-bio.PE</category>
      <pubDate>Sat, 31 Jan 2026 00:00:00 -0500</pubDate>
      <arxiv:announce_type>new</arxiv:announce_type>
      <dc:rights>http://papers.example/licenses/nonexclusive-distrib/1.0/</dc:rights>
      <dc:creator>Ada Example, Bob Example</dc:creator>
    </item>
  </channel>
</rss>
"""

SLASHDOT = """<?xml version="1.0" encoding="ISO-8859-1"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:taxo="http://purl.org/rss/1.0/modules/taxonomy/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:syn="http://purl.org/rss/1.0/modules/syndication/"
 xmlns:admin="http://webns.net/mvcb/">
<channel rdf:about="https://news.example/">
<title>News</title><link>https://news.example/</link><description>News for herons</description>
<dc:language>en-us</dc:language><dc:rights>Copyright 2026</dc:rights><dc:date>2026-01-31T12:00:00+00:00</dc:date>
<dc:publisher>Ada</dc:publisher><dc:creator>ada@news.example</dc:creator><dc:subject>Technology</dc:subject>
<syn:updateBase>1970-01-01T00:00+00:00</syn:updateBase><syn:updateFrequency>1</syn:updateFrequency>
<syn:updatePeriod>hourly</syn:updatePeriod>
<admin:generatorAgent rdf:resource="https://tool.example/?v=1"/>
<items><rdf:Seq><rdf:li rdf:resource="https://news.example/story/1"/></rdf:Seq></items>
<image rdf:resource="https://news.example/i.png"/><textinput rdf:resource="https://news.example/search"/>
</channel>
<image rdf:about="https://news.example/i.png"><title>News</title><url>https://news.example/i.png</url><link>https://news.example/</link></image>
<item rdf:about="https://news.example/story/1">
<title>Heron caf\xe9</title><link>https://news.example/story/1</link>
<description>It stands. &lt;p&gt;&lt;a href="https://news.example/1"&gt;More&lt;/a&gt;&lt;/p&gt;</description>
<dc:creator>ada</dc:creator><dc:date>2026-01-31T12:00:00+00:00</dc:date><dc:subject>birds</dc:subject>
<slash:department>long-legs</slash:department><slash:section>science</slash:section><slash:comments>17</slash:comments>
<slash:hit_parade>17,17,15,9,2,0,0</slash:hit_parade>
</item>
<textinput rdf:about="https://news.example/search"><title>Search</title><description>Search</description>
<name>query</name><link>https://news.example/search.pl</link></textinput>
</rdf:RDF>
"""

FEEDS_OF = {
    "wordpress": WORDPRESS,
    "blogger": BLOGGER,
    "youtube": YOUTUBE,
    "github": GITHUB,
    "podcast": PODCAST,
    "medium": MEDIUM,
    "substack": SUBSTACK,
    "mastodon": MASTODON,
    "feedburner": FEEDBURNER,
    "arxiv": ARXIV,
}


def errors(data: bytes) -> list[str]:
    return [str(one.problem) for one in check_feed(data, "feed") if one.problem.severity is Severity.ERROR]


@pytest.mark.parametrize("program", [program for program in FEEDS_OF if program != "youtube"])
def test_a_feed_of_a_well_known_program_has_no_error(program: str) -> None:
    assert errors(FEEDS_OF[program].encode()) == []


def test_a_feed_of_videos_has_the_errors_that_the_w3c_finds_in_it() -> None:
    told = [one for one in check_feed(YOUTUBE.encode(), "feed") if one.problem.severity is Severity.ERROR]
    assert [one.rule for one in told] == ["media.group.one", "media.newer"]


def test_a_feed_of_rss_1_0_in_latin_1_has_no_error() -> None:
    assert errors(SLASHDOT.encode("latin-1")) == []


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "windows-1252", "iso-8859-15", "koi8-r", "shift_jis"])
def test_encodings_that_are_declared_right_are_no_error(codec: str) -> None:
    declared = codec.removesuffix("-sig")
    assert errors(WORDPRESS.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(codec)) == []


@pytest.mark.parametrize("program", FEEDS_OF)
def test_a_feed_that_was_cut_off_has_an_error(program: str) -> None:
    feed = FEEDS_OF[program].encode()
    assert errors(feed[: len(feed) // 2]) != []
