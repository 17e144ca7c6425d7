"""Pages, tombstones, hubs and what else a feed says of itself, as readers and crawlers look for it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import etree

from publisher.article import Article
from publisher.check import check_feed
from publisher.config.settings import Settings
from publisher.feeds.document import FeedDocument, Tombstone, entry_of, feed_document
from publisher.feeds.jsonfeed import json_feed
from publisher.feeds.moments import distinct, rfc822, rfc3339
from publisher.feeds.selection import selections
from publisher.feeds.syndication import atom, rss

NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "fh": "http://purl.org/syndication/history/1.0",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
}
PUBLICATION = {
    "title": "Field </b> Notes",
    "url": "https://notes.example/",
    "rights": "© 2026 Ada &amp; Co",
    "icon": "https://notes.example/icon.svg",
    "logo": "https://notes.example/logo.png",
}
Make = Callable[..., FeedDocument]


@pytest.fixture
def make(plain: Article) -> Make:
    """Make a document of two articles, with whatever `feed_document` takes and these tables of the settings."""

    def document(
        syndication: dict[str, Any] | None = None, formats: list[str] | None = None, **more: Any
    ) -> FeedDocument:
        feed = {"name": "all", "formats": formats or ["atom", "rss", "json"]}
        tables = {"publication": PUBLICATION, "syndication": syndication or {}, "feeds": [feed]}
        made = Settings.model_validate(tables)
        articles = (plain, replace(plain, id="tag:notes.example,2026:b", url="https://notes.example/b/"))
        (selection,) = selections(articles, made)
        return feed_document(selection, [entry_of(each, made) for each in articles], made, "notes.example,2026", **more)

    return document


def xpath(data: bytes, path: str) -> Any:
    return etree.fromstring(data).xpath(path, namespaces=NAMES)


def relations(data: bytes) -> dict[str, tuple[str | None, str]]:
    """Read the links of a feed, not those of its entries."""
    links = xpath(data, "/a:feed/a:link | channel/a:link")
    return {link.get("rel"): (link.get("type"), link.get("href")) for link in links}


def expect_no_finding(document: FeedDocument) -> None:
    for form, write in (("atom", atom), ("rss", rss), ("json", json_feed)):
        assert check_feed(write(document), document.path(form)) == []  # type: ignore[arg-type]


# ---------------------------------------------------------------- pages (RFC 5005)

PAGE = {
    "extent": "archive",
    "name": "archive/all/2",
    "current": "all",
    "previous": "archive/all/1",
    "next": "archive/all/3",
}


def test_a_complete_feed_says_so_and_names_no_other_page(make: Make) -> None:
    for data in (atom(make()), rss(make())):
        assert len(xpath(data, "fh:complete | channel/fh:complete")) == 1
        assert not {"prev-archive", "next-archive", "current"} & relations(data).keys()
    assert "next_url" not in json.loads(json_feed(make()))
    expect_no_finding(make())


def test_the_newest_document_names_the_archive(make: Make) -> None:
    document = make(extent="newest", previous="archive/all/3")
    older = ("application/atom+xml", "https://notes.example/feeds/archive/all/3.atom.xml")
    for data in (atom(document), rss(document)):
        assert relations(data)["prev-archive"] == older
        assert b"history/1.0" not in data
    assert json.loads(json_feed(document))["next_url"] == "https://notes.example/feeds/archive/all/3.json"
    expect_no_finding(document)


def test_an_archive_page_names_its_neighbours_and_the_current_document(make: Make) -> None:
    document = make(**PAGE)
    data = atom(document)
    assert len(xpath(data, "fh:archive")) == 1
    links = {relation: href for relation, (_, href) in relations(data).items()}
    folder = "https://notes.example/feeds/"
    assert links == {
        "self": f"{folder}archive/all/2.atom.xml",
        "alternate": "https://notes.example/",
        "related": f"{folder}all.html",
        "prev-archive": f"{folder}archive/all/1.atom.xml",
        "next-archive": f"{folder}archive/all/3.atom.xml",
        "current": f"{folder}all.atom.xml",
    }
    feed = json.loads(json_feed(document))
    assert (feed["feed_url"], feed["next_url"]) == (f"{folder}all.json", f"{folder}archive/all/1.json")
    assert b'href="../../feed.css"' in data
    assert check_feed(data, "2.atom.xml") == check_feed(json_feed(document), "2.json") == []


def test_a_feed_without_atom_keeps_its_archive_in_rss(make: Make) -> None:
    document = make(formats=["rss"], **PAGE)
    assert document.formats == ("rss",)
    data = rss(document)
    assert len(xpath(data, "channel/fh:archive")) == 1
    assert relations(data)["prev-archive"] == (
        "application/rss+xml",
        "https://notes.example/feeds/archive/all/1.rss.xml",
    )
    assert check_feed(data, "2.rss.xml") == []


def test_the_only_archive_page_is_followed_by_the_current_document(make: Make) -> None:
    data = atom(make(extent="archive", name="archive/all/1", current="all"))
    assert relations(data)["next-archive"] == relations(data)["current"]
    assert "prev-archive" not in relations(data)
    assert check_feed(data, "1.atom.xml") == []


# ---------------------------------------------------------------- tombstones (RFC 6721)


def test_atom_tells_what_was_withdrawn_and_the_others_say_nothing(make: Make) -> None:
    when = datetime(2026, 3, 1, tzinfo=UTC)
    document = make(
        tombstones=[Tombstone("tag:notes.example,2026:gone", when, "Gone & <b>"), Tombstone("urn:x", when, "")]
    )
    data = atom(document)
    stones = [dict(each.attrib) for each in xpath(data, "at:deleted-entry")]
    assert stones == [
        {"ref": "tag:notes.example,2026:gone", "when": "2026-03-01T00:00:00Z"},
        {"ref": "urn:x", "when": "2026-03-01T00:00:00Z"},
    ]
    assert xpath(data, "at:deleted-entry/at:comment/@type") == ["html"]
    assert b"gone" not in rss(document) + json_feed(document)
    assert b"tombstones" not in atom(make()) + rss(document)


# ---------------------------------------------------------------- hub, pace, rights, pictures, program


def test_the_hub_is_named_in_all_formats(make: Make) -> None:
    document = make({"hub": "https://hub.example/"})
    for data in (atom(document), rss(document)):
        assert relations(data)["hub"] == (None, "https://hub.example/")
    assert json.loads(json_feed(document))["hubs"] == [{"type": "WebSub", "url": "https://hub.example/"}]
    expect_no_finding(document)
    assert b"hub" not in atom(make()) + rss(make()) + json_feed(make())


@pytest.mark.parametrize(
    ("ttl", "period", "frequency"),
    [(60, "hourly", 1), (20, "hourly", 3), (1440, "daily", 1), (90, "daily", 16), (10080, "weekly", 1)],
)
def test_both_words_for_the_pace_agree(make: Make, ttl: int, period: str, frequency: int) -> None:
    data = rss(make({"ttl": ttl}))
    assert xpath(data, "string(channel/ttl)") == str(ttl)
    assert xpath(data, "string(channel/sy:updatePeriod)") == period
    assert xpath(data, "string(channel/sy:updateFrequency)") == str(frequency)
    expect_no_finding(make({"ttl": ttl}))


@pytest.mark.parametrize(("ttl", "said"), [(11, ["11"]), (None, [])])
def test_a_pace_that_has_no_period_is_said_once_or_not_at_all(make: Make, ttl: int | None, said: list[str]) -> None:
    document = replace(make(), ttl=ttl)
    assert xpath(rss(document), "channel/ttl/text()") == said
    assert xpath(rss(document), "channel/sy:*") == []
    expect_no_finding(document)


def test_rights_and_pictures_are_in_every_format_that_knows_them(make: Make) -> None:
    assert xpath(atom(make()), "string(a:rights)") == "© 2026 Ada &amp;amp; Co"
    assert xpath(atom(make()), "a:icon/text() | a:logo/text()") == [PUBLICATION["icon"], PUBLICATION["logo"]]
    channel = etree.fromstring(rss(make()))[0]
    assert channel.xpath("string(copyright)") == PUBLICATION["rights"]
    assert channel.xpath("string(image/title)") == channel.xpath("string(title)")
    assert channel.xpath("string(image/link)") == channel.xpath("string(link)")
    assert channel.xpath("string(image/url)") == PUBLICATION["logo"]
    feed = json.loads(json_feed(make()))
    assert (feed["icon"], feed["favicon"]) == (PUBLICATION["logo"], PUBLICATION["icon"])


@pytest.mark.parametrize(
    ("logo", "shown"),
    [
        ("https://a.example/l.svg", False),
        ("https://a.example/l.WEBP?x=1", False),
        ("https://a.example", False),
        ("https://a.example/l.JPEG", True),
        ("https://a.example/l.png?v=2", True),
        ("https://a.example/picture", True),
    ],
)
def test_rss_shows_only_pictures_of_the_kinds_it_knows(make: Make, logo: str, shown: bool) -> None:
    document = replace(make(), logo=logo, icon="")
    assert len(xpath(rss(document), "channel/image")) == shown
    assert check_feed(rss(document), "all.rss.xml") == []


def test_a_feed_may_keep_quiet_about_its_program(make: Make) -> None:
    document = make({"generator": False})
    assert b"generator" not in atom(document) + rss(document)
    assert xpath(atom(make()), "a:generator/@uri") == ["https://publisher.example/"]
    expect_no_finding(document)


# ---------------------------------------------------------------- times

START = datetime(2026, 11, 22, 8, 0, 5, tzinfo=UTC)


def test_times_are_written_as_the_formats_want_them() -> None:
    assert rfc3339(START) == "2026-11-22T08:00:05Z"
    assert rfc822(START) == "Sun, 22 Nov 2026 08:00:05 +0000"
    early = datetime(7, 1, 1, tzinfo=UTC)
    assert (rfc3339(early), rfc822(early)) == ("0007-01-01T00:00:00Z", "Mon, 01 Jan 0007 00:00:00 +0000")


def test_times_that_differ_stay_as_they_are() -> None:
    assert distinct([START, START - timedelta(seconds=1)]) == ["2026-11-22T08:00:05Z", "2026-11-22T08:00:04Z"]


def test_equal_times_are_told_apart_in_the_order_of_the_feed() -> None:
    later = START + timedelta(days=1)
    told = distinct([START, later, START, START])
    assert told == ["2026-11-22T08:00:05.002Z", rfc3339(later), "2026-11-22T08:00:05.001Z", rfc3339(START)]
    assert [datetime.fromisoformat(time).replace(microsecond=0) for time in told] == [START, later, START, START]


def test_an_import_of_thousands_with_one_time_keeps_its_order() -> None:
    told = distinct([START] * 2500)
    fractions = [float(f"0{time[19:-1]}") for time in told]
    assert fractions == sorted(fractions, reverse=True)
    assert len({*fractions}) == 2500
    assert told[-999:] == distinct([START] * 999)


def test_an_older_article_of_the_same_second_keeps_its_time_when_another_arrives() -> None:
    assert distinct([START] * 3)[1:] == distinct([START] * 2)
