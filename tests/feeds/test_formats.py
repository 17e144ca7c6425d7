"""Atom, RSS and JSON Feed say the same, and each says it as its specification and its readers want it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from importlib.metadata import PackageNotFoundError
from types import SimpleNamespace
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.article import Article, Author, Citation, Enclosure, Image
from publisher.check import check_feed
from publisher.config.settings import Settings
from publisher.feeds import syndication
from publisher.feeds.document import FeedDocument, entry_of, feed_document
from publisher.feeds.selection import selections
from publisher.markup.sanitise import clean

NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
}
TAGS = "https://notes.example/feeds/tags/"
#: What parts the < of a literal closing tag from its name.
JOINER = "\u2060"
Files = dict[str, bytes]
Render = Callable[..., Files]


def xpath(data: bytes, path: str) -> Any:
    return etree.fromstring(data).xpath(path, namespaces=NAMES)


def facts(files: Files, name: str = "all") -> tuple[list[Any], list[Any], list[Any]]:
    """Read what each format says of each entry, in the words of the format itself."""
    atom = [
        (
            each.findtext("a:id", namespaces=NAMES),
            plain_text(each.find("a:title", NAMES)),
            each.xpath("string(a:link[@rel='alternate']/@href)", namespaces=NAMES),
            unescape(each.findtext("a:summary", "", NAMES)),
            each.findtext("a:content", "", NAMES),
            each.xpath("a:author/a:name/text()", namespaces=NAMES),
            each.xpath(f"a:category[@scheme='{TAGS}']/@term", namespaces=NAMES),
        )
        for each in xpath(files[f"{name}.atom.xml"], "a:entry")
    ]
    rss = [
        (
            each.findtext("guid"),
            each.xpath("string(title)").replace(JOINER, ""),
            each.findtext("link"),
            unescape(each.findtext("description", "")),
            each.findtext("content:encoded", "", NAMES),
            each.xpath("dc:creator/text()", namespaces=NAMES),
            each.xpath(f"category[@domain='{TAGS}']"),
        )
        for each in xpath(files[f"{name}.rss.xml"], "channel/item")
    ]
    rss = [(*item[:-1], [words(tag) for tag in item[-1]]) for item in rss]
    keys = ("id", "title", "url", "summary", "content_html")
    items = json.loads(files[f"{name}.json"])["items"]
    in_json = [
        (*(item.get(key, "") for key in keys), [a["name"] for a in item["authors"]], item.get("tags", []))
        for item in items
    ]
    return atom, rss, in_json


def words(element: etree._Element) -> str:
    return str(element.xpath("string()")).replace(JOINER, "")


def plain_text(title: etree._Element) -> str:
    return unescape(title.text or "") if title.get("type") == "html" else title.text or ""


# ---------------------------------------------------------------- agreement


def test_three_formats_say_the_same(files: Files) -> None:
    atom, rss, in_json = facts(files)
    assert atom == rss == in_json
    assert len(atom) == 3


def test_times_agree(files: Files) -> None:
    atom, rss = feedparser.parse(files["all.atom.xml"]), feedparser.parse(files["all.rss.xml"])
    for one, other, item in zip(atom.entries, rss.entries, json.loads(files["all.json"])["items"], strict=True):
        assert one.published_parsed == other.published_parsed
        assert one.published == item["date_published"]
        assert re.sub(r"\.\d+Z", "Z", one.updated) == item.get("date_modified", one.published)
        assert dict.get(other, "updated") == item.get("date_modified")  # feedparser's own falls back to published


def test_feedparser_reads_the_same_from_atom_and_rss(files: Files) -> None:
    atom, rss = feedparser.parse(files["all.atom.xml"]), feedparser.parse(files["all.rss.xml"])
    assert not atom.bozo
    assert not rss.bozo
    assert (atom.feed.title, atom.feed.link) == (rss.feed.title, rss.feed.link)
    for one, other in zip(atom.entries, rss.entries, strict=True):
        same = ("id", "link", "summary")
        assert [one[key] for key in same] == [other[key] for key in same]
        assert one.content[0].value == other.content[0].value
        assert [author.name for author in one.authors] == [author.name for author in other.authors]
        assert [(tag.term, tag.scheme) for tag in one.tags] == [(tag.term, tag.scheme) for tag in other.tags]


def test_ordinary_titles_read_the_same_without_any_decoding(render: Render, plain: Article) -> None:
    title = 'AT&T\'s "Q&A": 1 < 2 > 0, R&D'
    files = render((replace(plain, title=title),))
    titles = [feedparser.parse(files[f"all.{kind}.xml"]).entries[0].title for kind in ("atom", "rss")]
    assert [*titles, json.loads(files["all.json"])["items"][0]["title"]] == [title] * 3


texts = st.text(st.characters(codec="utf-16", exclude_characters=""), max_size=12) | st.text(
    "<&;>]'\"/ab \x00\x0b\ud800", max_size=9
)


@given(st.lists(texts, min_size=14, max_size=14))
def test_any_text_in_any_field_gives_feeds_that_agree(render: Render, plain: Article, words: list[str]) -> None:
    words = [word.replace(JOINER, "") for word in words]
    article = replace(
        plain,
        title=words[0],
        summary=words[1],
        content=clean(words[2]),
        highlights=(words[3],),
        authors=(Author(words[4], words[5]),),
        tags=(words[6],),
        section=words[7],
        language=words[8],
        image=Image(words[9]),
        enclosures=(Enclosure(words[10], words[11], 7, words[12]),),
        sources=(Citation(words[13], words[5]),),
    )
    files = render((article,))
    atom, rss, in_json = facts(files)
    assert atom == rss == in_json
    assert {path for path, data in files.items() if path.endswith(".xml") and feedparser.parse(data).bozo} == set()


# ---------------------------------------------------------------- Atom


def test_atom_knows_itself_its_site_and_its_page(files: Files) -> None:
    links = {
        link.get("rel"): (link.get("type"), link.get("href")) for link in xpath(files["tags/birds.atom.xml"], "a:link")
    }
    assert links == {
        "self": ("application/atom+xml", "https://notes.example/feeds/tags/birds.atom.xml"),
        "alternate": ("text/html", "https://notes.example/"),
        "related": ("text/html", "https://notes.example/feeds/tags/birds.html"),
    }


def test_atom_says_who_what_and_when(files: Files) -> None:
    feed = files["all.atom.xml"]
    assert xpath(feed, "string(a:id)") == "tag:notes.example,2026:feeds/all"
    assert xpath(feed, "string(a:title)") == "Field Notes & Co"
    assert xpath(feed, "string(a:subtitle)") == "What Ada sees & hears"
    assert xpath(feed, "string(a:updated)") == "2026-02-02T08:00:00Z"
    assert xpath(feed, "string(a:author/a:name)") == "Ada Example"
    assert xpath(feed, "string(a:generator)") == "publisher"
    assert xpath(feed, "string(@xml:lang)") == "en"


def test_atom_entry_links_keep_all_their_attributes(files: Files) -> None:
    links = [dict(link.attrib) for link in xpath(files["all.atom.xml"], "a:entry[1]/a:link")]
    assert links == [
        {"rel": "alternate", "type": "text/html", "href": "https://notes.example/2026/torture/"},
        {
            "rel": "enclosure",
            "type": "audio/mpeg",
            "href": "https://notes.example/2026/torture/talk.mp3",
            "length": "123456",
            "title": "The talk & more",
        },
        {"rel": "enclosure", "type": "application/pdf", "href": "https://cdn.example/talk.pdf", "length": "99"},
    ]


def test_what_looks_like_markup_in_an_attribute_is_parted(render: Render, plain: Article) -> None:
    file = Enclosure("/a.mp3", "audio/mpeg", 5, "The </b> &copy; sign")
    feed = render((replace(plain, tags=("</b>", "R&D2", "c & d"), enclosures=(file,)),))["all.atom.xml"]
    assert xpath(feed, "//a:category/@term") == ["</b>", "R&D2", "c & d"]
    assert xpath(feed, "//a:category/@label") == [f"<{JOINER}/b>", f"R&{JOINER}D2", "c & d"]
    assert xpath(feed, "//a:entry/a:link/@title") == [f"The <{JOINER}/b> &{JOINER}copy; sign"]


def test_atom_times_have_fractions_only_to_tell_entries_of_one_second_apart(files: Files) -> None:
    assert xpath(files["all.atom.xml"], "//a:published/text()") == [
        "2026-02-01T07:30:15Z",
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:00:00Z",
    ]
    assert xpath(files["all.atom.xml"], "//a:entry/a:updated/text()") == [
        "2026-02-02T08:00:00Z",
        "2026-01-31T12:00:00.001Z",
        "2026-01-31T12:00:00Z",
    ]


@pytest.mark.parametrize("title", ["AT&T", "a < b", "Q&A: 1 <2", "1 && 2"])
def test_an_ordinary_title_is_plain_text(render: Render, plain: Article, title: str) -> None:
    files = render((replace(plain, title=title),))
    found = xpath(files["all.atom.xml"], "a:entry/a:title")[0]
    assert (found.get("type"), found.text) == ("text", title)


@pytest.mark.parametrize("title", ["the &copy; sign", "&#38;", "AT&amp;T", "R&D2", "close </b>", "<b>bold</b>", "<!--"])
def test_a_title_that_looks_like_markup_is_html_that_shows_it(render: Render, plain: Article, title: str) -> None:
    files = render((replace(plain, title=title),))
    found = xpath(files["all.atom.xml"], "a:entry/a:title")[0]
    assert (found.get("type"), unescape(found.text)) == ("html", title)
    assert "<" not in found.text
    assert json.loads(files["all.json"])["items"][0]["title"] == title


def test_entries_in_another_language_say_so(files: Files) -> None:
    assert xpath(files["all.atom.xml"], "a:entry/@xml:lang") == ["he"]
    assert xpath(files["all.rss.xml"], "//dc:language/text()") == ["he"]
    assert [item.get("language") for item in json.loads(files["all.json"])["items"]] == ["he", None, None]


# ---------------------------------------------------------------- RSS


def test_rss_knows_its_site_itself_and_its_page(files: Files) -> None:
    feed = files["all.rss.xml"]
    assert xpath(feed, "string(channel/link)") == "https://notes.example/"
    assert xpath(feed, "channel/a:link[@rel='self']/@href") == ["https://notes.example/feeds/all.rss.xml"]
    assert xpath(feed, "channel/a:link[@rel='related']/@href") == ["https://notes.example/feeds/all.html"]
    assert xpath(feed, "string(channel/lastBuildDate)") == "Mon, 02 Feb 2026 08:00:00 +0000"
    assert xpath(feed, "string(channel/language)") == "en"
    assert xpath(feed, "channel/docs") == []


def test_an_rss_title_is_written_as_text_not_as_html(files: Files) -> None:
    assert b"<title>AT&#x26;T &#x26; &#x3C;b&gt;" in files["all.rss.xml"]
    assert f'"&#x3C;{JOINER}/b&gt; claims'.encode() in files["all.rss.xml"]
    assert b"literal &#x26;copy; " in files["all.rss.xml"]


@pytest.mark.parametrize("title", ["& first", "<", "a & b < c", "&&"])
def test_an_rss_title_keeps_every_character(render: Render, plain: Article, title: str) -> None:
    assert xpath(render((replace(plain, title=title),))["all.rss.xml"], "string(//item/title)") == title


def test_an_rss_category_is_written_as_text_not_as_html(render: Render, plain: Article) -> None:
    feed = render((replace(plain, tags=("<canvas>", "R&D2", "birds")),))["all.rss.xml"]
    assert b">&#x3C;canvas&gt;</category>" in feed
    assert b">R&#x26;D2</category>" in feed
    assert xpath(feed, "//item/category/text()") == ["<canvas>", "R&D2", "birds"]
    assert set(xpath(feed, "//item/category/@domain")) == {TAGS}


def test_an_rss_description_is_html_and_comes_before_the_content(files: Files) -> None:
    item = xpath(files["all.rss.xml"], "//item")[0]
    names = [etree.QName(child).localname for child in item]
    assert names.index("description") < names.index("encoded")
    assert item.findtext("description") == "Tom &amp; Jerry: 1 &lt; 3 &gt; 2, &amp;copy; and &lt;b&gt;bold&lt;/b&gt;"


def test_rss_names_its_items_for_ever_and_its_authors_without_address(files: Files) -> None:
    feed = files["all.rss.xml"]
    assert set(xpath(feed, "//guid/@isPermaLink")) == {"false"}
    assert xpath(feed, "//item[1]/dc:creator/text()") == ["Ada Example", "Bob Example", "Œuvre"]
    assert xpath(feed, "//author") == []
    assert [path for path, data in files.items() if b"bob@" in data or b"ada@" in data] == []


def test_rss_has_the_first_publication_and_the_last_change(files: Files) -> None:
    assert xpath(files["all.rss.xml"], "string(//item[1]/pubDate)") == "Sun, 01 Feb 2026 07:30:15 +0000"
    assert xpath(files["all.rss.xml"], "//item/a:updated/text()") == ["2026-02-02T08:00:00Z"]


def test_rss_carries_the_first_file_of_known_length(render: Render, plain: Article) -> None:
    enclosures = tuple(Enclosure(f"/{length}.mp3", "audio/mpeg", length) for length in (None, 5, 6))
    found = xpath(render((replace(plain, enclosures=enclosures),))["all.rss.xml"], "//enclosure")
    assert [dict(each.attrib) for each in found] == [
        {"url": "https://notes.example/5.mp3", "length": "5", "type": "audio/mpeg"}
    ]


def test_rss_carries_a_file_of_unknown_length_too(render: Render, plain: Article) -> None:
    files = render((replace(plain, enclosures=(Enclosure("/a.mp3", "audio/mpeg"),)),))
    assert xpath(files["all.rss.xml"], "//enclosure/@length") == ["0"]
    assert xpath(files["all.atom.xml"], "//a:link[@rel='enclosure']/@length") == []


def test_rss_carries_further_files_as_media(render: Render, plain: Article) -> None:
    talk = Enclosure("/talk.mp3", "audio/mpeg", 5, duration=61)
    others = (Enclosure("/talk.pdf", "application/pdf", 9, "Slides"), Enclosure("/t.ogg", "audio/ogg"))
    feed = render((replace(plain, enclosures=(talk, *others)),))["all.rss.xml"]
    assert xpath(feed, "//enclosure/@url") == ["https://notes.example/talk.mp3"]
    assert [dict(each.attrib) for each in xpath(feed, "//media:content")] == [
        {
            "url": "https://notes.example/talk.pdf",
            "type": "application/pdf",
            "medium": "document",
            "fileSize": "9",
        },
        {"url": "https://notes.example/t.ogg", "type": "audio/ogg", "medium": "audio"},
    ]


def test_the_lead_image_is_in_all_formats_and_its_prefix_only_where_needed(files: Files) -> None:
    picture = "https://notes.example/2026/torture/lead.png"
    assert xpath(files["all.atom.xml"], "//media:content[@medium='image']/@url") == [picture]
    assert xpath(files["all.rss.xml"], "//media:content[@medium='image']/@url") == [picture]
    for form in ("atom", "rss"):
        assert xpath(files[f"all.{form}.xml"], "//media:thumbnail/@url") == [picture]
    assert json.loads(files["all.json"])["items"][0]["image"] == picture
    assert b"mrss" not in files["tags/birds.atom.xml"]


# ---------------------------------------------------------------- JSON Feed


def test_json_feed_says_what_the_specification_asks_for(files: Files) -> None:
    feed = json.loads(files["all.json"])
    items = feed.pop("items")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Field Notes & Co",
        "description": "What Ada sees & hears",
        "home_page_url": "https://notes.example/",
        "feed_url": "https://notes.example/feeds/all.json",
        "language": "en",
        "authors": [{"name": "Ada Example", "url": "https://ada.example/"}],
    }
    assert items[0]["authors"] == [
        {"name": "Ada Example", "url": "https://ada.example/"},
        {"name": "Bob Example"},
        {"name": "Œuvre"},
    ]
    assert items[0]["attachments"] == [
        {
            "url": "https://notes.example/2026/torture/talk.mp3",
            "mime_type": "audio/mpeg",
            "title": "The talk & more",
            "size_in_bytes": 123456,
        },
        {"url": "https://cdn.example/talk.pdf", "mime_type": "application/pdf", "size_in_bytes": 99},
    ]
    assert "🦩".encode() in files["all.json"]


# ---------------------------------------------------------------- all of them


def test_summary_feeds_carry_no_content(
    render: Render, torture: Article, make_settings: Callable[..., Settings]
) -> None:
    files = render((torture,), make_settings({"name": "short", "content": "summary"}))
    atom, rss, in_json = facts(files, "short")
    assert atom == rss == in_json
    assert b"At a glance" not in files["short.atom.xml"] + files["short.rss.xml"] + files["short.json"]
    (item,) = json.loads(files["short.json"])["items"]
    assert item["content_text"] == item["summary"]
    assert findings(files) == set()


def test_nothing_active_or_relative_is_left(files: Files) -> None:
    content = json.loads(files["all.json"])["items"][0]["content_html"]
    assert not re.search(r"<script|alert|onclick|javascript:", content)
    urls = re.findall(r'(?:href|src)="([^"]*)"', content)
    assert [url for url in urls if not url.startswith("https://")] == []
    assert len(urls) == 6
    picture = "https://notes.example/2026/torture/heron"
    assert f'srcset="{picture}.png 1x, {picture}@2x.png 2x"' in content
    assert "]]&gt;" in content


def test_our_own_feeds_break_no_rule(files: Files) -> None:
    assert findings(files) == set()


def findings(files: Files) -> set[str]:
    return {
        finding.rule
        for path, data in files.items()
        if path.endswith((".xml", ".json"))
        for finding in check_feed(data, path)
    }


# ---------------------------------------------------------------- the last look


def document_of(article: Article, made: Settings) -> FeedDocument:
    selection = next(selections((article,), made))
    return feed_document(selection, [entry_of(article, made)], made, "notes.example,2026")


def test_a_feed_that_lost_an_entry_never_leaves(
    plain: Article, make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(generator: Any, entry: object, document: object) -> Any:
        return SimpleNamespace()

    monkeypatch.setattr(syndication, "_add", lost)
    for write in (syndication.rss, syndication.atom):
        with pytest.raises(AssertionError, match="all: entries were lost"):
            write(document_of(plain, make_settings()))


def test_a_checkout_that_is_not_installed_has_no_version(
    plain: Article, make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    for look_up, expected in ((missing, []), (lambda name: "1.2.3", ["1.2.3"])):
        monkeypatch.setattr(syndication, "version", look_up)
        syndication._version.cache_clear()
        document = document_of(plain, make_settings())
        assert xpath(syndication.atom(document), "a:generator/@version") == expected
        told = " ".join(["publisher", *expected, "(https://publisher.example/)"])
        assert xpath(syndication.rss(document), "string(channel/generator)") == told
    syndication._version.cache_clear()
