"""The HTML page of a feed is for people: readable, complete, without scripts and requests."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from lxml import html

from publisher.article import Article
from publisher.config.settings import FeedSettings, Settings
from publisher.feeds.document import FeedDocument, entry_of, feed_document
from publisher.feeds.page import page as page_of
from publisher.feeds.selection import Selection
from publisher.templating import bundled

Files = dict[str, bytes]
Render = Callable[..., Files]


BERLIN = ZoneInfo("Europe/Berlin")


def parsed(page: bytes) -> Any:
    return html.fromstring(page)


def test_the_page_offers_each_format_to_readers_and_to_people(files: Files) -> None:
    page = parsed(files["all.html"])
    offers = {link.get("type"): link.get("href") for link in page.xpath("//link[@rel='alternate']")}
    assert offers == {
        "application/atom+xml": "https://notes.example/feeds/all.atom.xml",
        "application/rss+xml": "https://notes.example/feeds/all.rss.xml",
        "application/feed+json": "https://notes.example/feeds/all.json",
    }
    assert [code.text for code in page.xpath("//code")] == list(offers.values())


def test_the_page_lists_the_entries(files: Files) -> None:
    page = parsed(files["all.html"])
    links = [(link.text, link.get("href")) for link in page.xpath("//article//h3/a")]
    assert links[0] == (
        'AT&T & <b>"bold"</b> claims: a literal &copy; – שלום 🦩',
        "https://notes.example/2026/torture/",
    )
    assert len(links) == 3
    first = page.xpath("//article")[0]
    assert first.get("lang") == "he"
    assert first.xpath(".//time/@datetime") == ["2026-02-01T08:30:15+01:00"]
    assert first.xpath("string(.//time)") == "1 February 2026"
    assert [tag.text for tag in first.xpath(".//ul/li")] == ["Python", "C++", "c & d"]
    assert "Ada Example, Bob Example, Œuvre" in first.text_content()
    assert "Essays" in first.text_content()
    assert "Tom & Jerry: 1 < 3" in first.text_content()


def test_dates_are_those_of_the_publications_time_zone(render: Render, plain: Article) -> None:
    late = replace(plain, published=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    assert ">1 January 2026<" in render((late,))["all.html"].decode()


def test_the_page_needs_nothing_but_itself(files: Files) -> None:
    page = files["all.html"].decode()
    assert not re.search(r"<script|<img|<iframe|@import|url\(|rel=\"stylesheet\"", page)
    assert "default-src 'none'" in page


def test_the_page_has_landmarks_a_language_and_one_top_heading(files: Files) -> None:
    page = parsed(files["all.html"])
    assert page.get("lang") == "en"
    assert len(page.xpath("//main")) == len(page.xpath("//h1")) == 1
    named = {section.get("aria-labelledby") for section in page.xpath("//section")}
    assert named == set(page.xpath("//h2/@id"))
    (skip,) = page.xpath("/html/body/a[1]/@href")
    assert skip.removeprefix("#") in named


def test_only_the_formats_that_are_written_are_offered(
    render: Render, plain: Article, make_settings: Callable[..., Settings]
) -> None:
    page = parsed(render((plain,), make_settings({"name": "all", "formats": ["json"]}))["all.html"])
    assert page.xpath("//link[@rel='alternate']/@type") == ["application/feed+json"]
    assert "Copy this address" in " ".join(page.text_content().split())


def test_an_empty_feed_says_so(render: Render) -> None:
    assert "Nothing has been published here yet" in render(())["all.html"].decode()


def test_a_summary_that_repeats_the_title_is_left_out(render: Render, plain: Article) -> None:
    page = parsed(render((replace(plain, summary=plain.title),))["all.html"])
    assert page.xpath("//article/p[not(@class)]") == []


@pytest.fixture
def document(plain: Article, make_settings: Callable[..., Settings]) -> FeedDocument:
    """Give a feed of one article."""
    made = make_settings(rights="© 2026 Ada & Co")
    selection = Selection("tags/birds", "Field Notes: birds", FeedSettings(per="tag"), (plain,))
    return feed_document(selection, [entry_of(plain, made)], made, "notes.example,2026")


def shown(document: FeedDocument) -> Any:
    return parsed(page_of(document, BERLIN, bundled()))


def test_the_page_leads_to_the_site_the_list_of_all_feeds_and_each_file(document: FeedDocument) -> None:
    page = shown(document)
    targets = [link.get("href") for link in page.xpath("//header//a | //section[@class='subscribe']//a")]
    folder = "https://notes.example/feeds/"
    files = [f"{folder}tags/birds{suffix}" for suffix in (".atom.xml", ".rss.xml", ".json")]
    assert targets == ["https://notes.example/", *files, f"{folder}feeds.opml"]
    labels = [link.get("aria-label") for link in page.xpath("//dd/a")]
    assert labels == ["Open as Atom", "Open as RSS", "Open as JSON Feed"]


def test_the_page_leads_to_older_articles_where_there_is_an_archive(document: FeedDocument) -> None:
    assert shown(document).xpath("//p[@class='older']") == []
    page = shown(replace(document, extent="newest", previous="archive/birds/12"))
    assert page.xpath("//p[@class='older']/a/@href") == ["https://notes.example/feeds/archive/birds/12.atom.xml"]
    assert page.xpath("string(//h2[@id='articles'])") == "Newest articles"


def test_the_foot_tells_the_rights_and_the_last_change(document: FeedDocument) -> None:
    foot = shown(document).xpath("//footer")[0]
    assert foot.text_content().split("\n")[1:-1] == ["© 2026 Ada & Co", "Last change: 31 January 2026"]
    assert foot.xpath(".//time/@datetime") == ["2026-01-31T13:00:00+01:00"]


def test_a_feed_that_has_nothing_to_say_there_has_no_foot(render: Render) -> None:
    assert parsed(render(())["all.html"]).xpath("//footer") == []


def test_a_page_takes_work_in_proportion_to_its_entries(
    document: FeedDocument, expect_linear: Callable[[Callable[[int], object], int], None]
) -> None:
    expect_linear(lambda size: shown(replace(document, entries=document.entries * size)), 200)
