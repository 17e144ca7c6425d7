"""Podcasts as Apple lists them (https://help.apple.com/itc/podcasts_connect/#/itcb54353390)."""

from collections.abc import Iterator

from publisher.check.feed_rules import Hit
from publisher.check.values import shown
from publisher.check.xmlfeed.dates import rfc822
from publisher.check.xmlfeed.grammar import Element, Setting, Table, each, plain, text
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import Fault, choice, duration, email, longest, positive, uri, web_address

_CATEGORIES = """
Arts: Books, Design, Fashion & Beauty, Food, Performing Arts, Visual Arts
Business: Careers, Entrepreneurship, Investing, Management, Marketing, Non-Profit
Comedy: Comedy Interviews, Improv, Stand-Up
Education: Courses, How To, Language Learning, Self-Improvement
Fiction: Comedy Fiction, Drama, Science Fiction
Government:
Health & Fitness: Alternative Health, Fitness, Medicine, Mental Health, Nutrition, Sexuality
History:
Kids & Family: Education for Kids, Parenting, Pets & Animals, Stories for Kids
Leisure: Animation & Manga, Automotive, Aviation, Crafts, Games, Hobbies, Home & Garden, Video Games
Music: Music Commentary, Music History, Music Interviews
News: Business News, Daily News, Entertainment News, News Commentary, Politics, Sports News, Tech News
Religion & Spirituality: Buddhism, Christianity, Hinduism, Islam, Judaism, Religion, Spirituality
Science: Astronomy, Chemistry, Earth Sciences, Life Sciences, Mathematics, Natural Sciences, Nature, Physics, Social Sciences
Society & Culture: Documentary, Personal Journals, Philosophy, Places & Travel, Relationships
Sports: Baseball, Basketball, Cricket, Fantasy Sports, Football, Golf, Hockey, Rugby, Running, Soccer, Swimming, Tennis, Volleyball, Wilderness, Wrestling
Technology:
True Crime:
TV & Film: After Shows, Film History, Film Interviews, Film Reviews, TV Reviews
"""
#: What Apple listed until 2019.
_OLD_CATEGORIES = """
Arts: Literature
Arts & Entertainment: Architecture, Design, Entertainment, Games, Performing Arts, Photography, Poetry, Science Fiction
Audio Blogs:
Business: Business News, Finance, Management & Marketing, News, Shopping
Education: Education, Education Technology, Educational Technology, Higher Education, K-12, Language Courses, Training
Family:
Food:
Games & Hobbies: Automotive, Aviation, Hobbies, Other Games, Video Games
Government & Organizations: Local, National, Non-Profit, Regional
Health: Alternative Health, Diet & Nutrition, Fitness, Fitness & Nutrition, Relationships, Self-Help, Sexuality
International: Australian, Belgian, Brazilian, Canadian, Chinese, Dutch, French, German, Hebrew, Italian, Japanese, Norwegian, Polish, Portuguese, Spanish, Swedish
Movies & Television:
News & Politics: Conservative (Right), Liberal (Left)
Politics:
Public Radio:
Religion & Spirituality: New Age, Other, Philosophy
Science & Medicine: Medicine, Natural Sciences, Social Sciences
Society & Culture: History
Sports & Recreation: Amateur, College & High School, Outdoor, Professional
Talk Radio:
Technology: Computers, Developers, Gadgets, Information Technology, News, Operating Systems, Podcasting, Smart Phones, Software How-To, Tech News, Text/Speech
Transportation: Automotive, Aviation, Bicycles, Commuting
Travel:
"""


def _tree(lines: str) -> dict[str, frozenset[str]]:
    pairs = (line.split(":") for line in lines.strip().splitlines())
    return {name: frozenset(part.strip() for part in below.split(",") if part.strip()) for name, below in pairs}


_NOW, _ONCE = _tree(_CATEGORIES), _tree(_OLD_CATEGORIES)


def _category(node: Node, _setting: Setting) -> Iterator[Hit]:
    name = node.attributes.get("text", "")
    yield from _listed(node, name in _NOW, name in _ONCE)
    for below in node.all("itunes:category") if name in _NOW or name in _ONCE else ():
        part = below.attributes.get("text", "")
        yield from _listed(below, part in _NOW.get(name, ()), part in _ONCE.get(name, ()))


def _listed(node: Node, now: bool, once: bool) -> Iterator[Hit]:
    if "text" in node.attributes and not now:
        rule = "itunes.category.old" if once else "itunes.category"
        yield Hit(rule, shown(node.attributes["text"]), *node.place)


def _keywords(value: str) -> Iterator[Fault]:
    if " " in value and "," not in value:
        yield Fault("itunes.keywords")


def podcast_hits(channel: Node) -> Iterator[Hit]:
    """Yield what Apple asks of a channel or feed that uses its words at all."""
    episodes = [part for part in (*channel.all("item"), *channel.all("entry")) if _speaks(part)]
    if not episodes and not _speaks(channel):
        return
    for file in (found for part in episodes if (found := part.first("enclosure"))):
        url = file.attributes.get("url", "").partition("?")[0]
        if not url.lower().endswith(_FORMATS):
            yield Hit("itunes.format", shown(url), *file.place)
    present = {child.name for child in channel.children}
    spoken = {"language"} if "xml:lang" in channel.attributes else set()
    for name in ("language", "itunes:category", "itunes:explicit", "itunes:owner"):
        if name not in present | spoken:
            yield Hit("itunes.missing", f"the feed has no {name}", *channel.place)


def _speaks(node: Node) -> bool:
    return any(child.name.startswith("itunes:") for child in node.children)


_FORMATS = (".m4a", ".mp3", ".mov", ".mp4", ".m4v", ".pdf", ".epub")
_short = longest(255)
#: Written exactly: Apple takes no white space around it.
_EXPLICIT = Element(kinds=(choice("true", "false", fold=True),), exact=True)
_CATEGORY_BELOW = Element({}, attributes={"text": ()}, needs={"@text": ""}, many=True)

_PODCASTS: Table = {
    "itunes:author": plain(_short),
    "itunes:block": Element(kinds=(choice("yes", "no", "clean", fold=True),), exact=True),
    "itunes:explicit": _EXPLICIT,
    "itunes:image": Element({}, attributes={"href": (web_address,)}, needs={"@href": ""}),
    "itunes:keywords": plain(_short, _keywords),
    "itunes:subtitle": plain(_short),
    "itunes:summary": plain(longest(4000)),
    "itunes:title": text(),
}
#: What may stand in a channel or feed.
PODCAST: Table = {
    **_PODCASTS,
    "itunes:category": Element(
        {"itunes:category": _CATEGORY_BELOW}, attributes={"text": ()}, needs={"@text": ""}, many=True, visit=_category
    ),
    "itunes:new-feed-url": text(uri),
    "itunes:owner": Element({"itunes:email": text(email), "itunes:name": plain(_short)}, needs={"itunes:email": ""}),
    "itunes:pubDate": text(rfc822),
    "itunes:type": text(choice("episodic", "serial")),
    **each("itunes: complete applepodcastsverify", text()),
}
#: What may stand in an item or entry.
EPISODE: Table = {
    **_PODCASTS,
    "itunes:duration": text(duration),
    "itunes:episode": text(positive),
    "itunes:episodeType": text(choice("full", "trailer", "bonus")),
    "itunes:season": text(positive),
    **each("itunes: isClosedCaptioned order", text()),
}
