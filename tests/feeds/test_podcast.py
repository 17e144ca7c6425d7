"""A podcast feed has in RSS what podcast applications and directories ask for, and all other feeds have none of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.article import Article, Chapters, Enclosure, Episode, Image, Person, Transcript
from publisher.check import check_feed
from publisher.config.settings import Settings
from publisher.feeds import podcast
from publisher.feeds.document import entry_of, feed_document
from publisher.feeds.podcast import cover_files, cover_notes, show_guid
from publisher.feeds.selection import selections
from publisher.feeds.syndication import rss

NAMES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "media": "http://search.yahoo.com/mrss/",
    "a": "http://www.w3.org/2005/Atom",
}
SHOW = {
    "image": "https://notes.example/cover.jpg",
    "categories": ["Society & Culture > Documentary", "Technology"],
    "owner": {"name": "Ada Example", "email": "ada@notes.example"},
    "explicit": False,
    "type": "serial",
    "locked": True,
    "medium": "podcast",
    "funding": [{"url": "https://notes.example/give", "text": "Keep the coast & us going"}],
    "persons": [{"name": "Ada Example", "url": "https://ada.example/", "image": "https://ada.example/ada.jpg"}],
}
EPISODE = Episode(
    title="Gate & tide",
    number=12,
    display="Ch.3",
    season=2,
    season_name="The coast",
    type="bonus",
    explicit=True,
    duration=3723,
    image=Image("cover.jpg?v=2"),
    transcripts=(
        Transcript("gate.vtt", "text/vtt"),
        Transcript("/gate.de.srt", "application/x-subrip", "de", "captions"),
    ),
    chapters=Chapters("gate.json"),
    persons=(Person("Ada Example"), Person("Bob Example", "guest", "cast", "https://bob.example/", "bob.png")),
    block=True,
)
Files = dict[str, bytes]
Render = Callable[..., Files]
Make = Callable[..., Settings]


@pytest.fixture
def heard(plain: Article) -> Article:
    """Give an article with a sound file and all that can be told of an episode."""
    files = (
        Enclosure("https://notes.example/notes.pdf", "application/pdf", 99, "Notes"),
        Enclosure("gate.mp3", "audio/mpeg", 123456),
    )
    return replace(plain, enclosures=files, episode=EPISODE, image=Image("gate.jpg", "A gate", 640, 480))


@pytest.fixture
def files(render: Render, make_settings: Make, heard: Article, plain: Article) -> Files:
    other = replace(plain, id="tag:notes.example,2026:other", url="https://notes.example/other/")
    feeds = ({"name": "show", "podcast": SHOW}, {"name": "all"})
    return render((heard, other), make_settings(*feeds, description="A show of tides"))


def said(data: bytes, path: str) -> Any:
    return etree.fromstring(data).xpath(path, namespaces=NAMES)


def inside(element: etree._Element, prefix: str) -> list[tuple[str, dict[str, str], str]]:
    """Give the children of one vocabulary: name, attributes, text."""
    return [
        (etree.QName(child).localname, dict(child.attrib), (child.text or "").strip())
        for child in element
        if etree.QName(child).namespace == NAMES[prefix]
    ]


# ---------------------------------------------------------------- the show


def test_a_show_tells_directories_what_apple_asks_for(files: Files) -> None:
    (channel,) = said(files["show.rss.xml"], "channel")
    assert inside(channel, "itunes") == [
        ("author", {}, "Field Notes & Co"),
        ("owner", {}, ""),
        ("image", {"href": "https://notes.example/cover.jpg"}, ""),
        ("category", {"text": "Society & Culture"}, ""),
        ("category", {"text": "Technology"}, ""),
        ("explicit", {}, "false"),
        ("type", {}, "serial"),
    ]
    assert said(files["show.rss.xml"], "channel/itunes:category/itunes:category/@text") == ["Documentary"]
    assert said(files["show.rss.xml"], "channel/itunes:owner/*/text()") == ["Ada Example", "ada@notes.example"]


def test_a_show_tells_what_podcasting_2_0_defines(files: Files) -> None:
    (channel,) = said(files["show.rss.xml"], "channel")
    assert inside(channel, "podcast") == [
        ("guid", {}, show_guid("https://notes.example/feeds/show.rss.xml")),
        ("locked", {"owner": "ada@notes.example"}, "yes"),
        ("medium", {}, "podcast"),
        ("funding", {"url": "https://notes.example/give"}, "Keep the coast & us going"),
        ("person", {"href": "https://ada.example/", "img": "https://ada.example/ada.jpg"}, "Ada Example"),
    ]


def test_what_a_show_seldom_says_is_written_only_when_it_is_said(
    render: Render, make_settings: Make, heard: Article
) -> None:
    plain_show = {"image": SHOW["image"], "categories": ["News"]}
    seldom = {"complete": True, "block": True, "new_feed_url": "https://new.example/feed", "author": "The crew"}
    few, many = (
        render((heard,), make_settings({"name": "show", "podcast": {**plain_show, **more}}))["show.rss.xml"]
        for more in ({}, seldom)
    )
    names = "complete block new-feed-url owner".split()
    assert [said(few, f"count(channel/itunes:{name})") for name in names] == [0, 0, 0, 0]
    assert [said(many, f"string(channel/itunes:{name})") for name in (*names[:3], "author")] == [
        "Yes",
        "Yes",
        "https://new.example/feed",
        "The crew",
    ]
    assert said(few, "count(channel/podcast:locked)") == 0


@pytest.mark.parametrize(
    ("address", "guid"),
    [
        # The examples of the specification.
        ("https://podnews.net/rss", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("http://podnews.net/rss//", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
        ("https://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
    ],
)
def test_the_guid_is_that_of_the_specification(address: str, guid: str) -> None:
    assert show_guid(address) == guid


def test_a_guid_in_the_settings_wins(render: Render, make_settings: Make, heard: Article) -> None:
    guid = "917393e3-1b1e-5cef-ace4-edaa54e1f810"
    data = render((heard,), make_settings({"name": "show", "podcast": {**SHOW, "guid": guid}}))["show.rss.xml"]
    assert said(data, "string(channel/podcast:guid)") == guid


def test_archive_pages_are_of_the_same_show(make_settings: Make, heard: Article) -> None:
    made = make_settings({"name": "show", "podcast": SHOW, "formats": ["rss"]})
    (selection,) = selections((heard,), made)
    page = feed_document(
        selection,
        [entry_of(heard, made)],
        made,
        "notes.example,2026",
        extent="archive",
        name="archive/show/1",
        current="show",
    )
    assert said(rss(page), "string(channel/podcast:guid)") == show_guid("https://notes.example/feeds/show.rss.xml")


# ---------------------------------------------------------------- the episode


def test_an_episode_tells_all_that_is_known_of_it(files: Files) -> None:
    item = said(files["show.rss.xml"], "channel/item")[0]
    assert inside(item, "itunes") == [
        ("duration", {}, "3723"),
        ("title", {}, "Gate & tide"),
        ("season", {}, "2"),
        ("episode", {}, "12"),
        ("episodeType", {}, "bonus"),
        ("explicit", {}, "true"),
        ("block", {}, "Yes"),
        ("image", {"href": "https://notes.example/heron/cover.jpg?v=2"}, ""),
    ]
    assert inside(item, "podcast") == [
        ("season", {"name": "The coast"}, "2"),
        ("episode", {"display": "Ch.3"}, "12"),
        ("transcript", {"url": "https://notes.example/heron/gate.vtt", "type": "text/vtt"}, ""),
        (
            "transcript",
            {
                "url": "https://notes.example/gate.de.srt",
                "type": "application/x-subrip",
                "language": "de",
                "rel": "captions",
            },
            "",
        ),
        ("chapters", {"url": "https://notes.example/heron/gate.json", "type": "application/json+chapters"}, ""),
        ("person", {}, "Ada Example"),
        (
            "person",
            {
                "role": "guest",
                "group": "cast",
                "href": "https://bob.example/",
                "img": "https://notes.example/heron/bob.png",
            },
            "Bob Example",
        ),
    ]


def test_what_is_heard_is_the_enclosure_whatever_else_lies_beside_it(files: Files) -> None:
    (enclosure,) = said(files["show.rss.xml"], "channel/item[1]/enclosure")
    assert dict(enclosure.attrib) == {
        "url": "https://notes.example/heron/gate.mp3",
        "length": "123456",
        "type": "audio/mpeg",
    }
    assert "https://notes.example/notes.pdf" in said(files["show.rss.xml"], "channel/item[1]/media:content/@url")


def test_an_article_that_is_no_episode_gets_nothing(files: Files) -> None:
    item = said(files["show.rss.xml"], "channel/item")[1]
    assert (inside(item, "itunes"), inside(item, "podcast")) == ([], [])


def test_a_file_that_knows_its_own_duration_needs_no_episode(
    render: Render, make_settings: Make, plain: Article
) -> None:
    article = replace(plain, enclosures=(Enclosure("gate.mp3", "audio/mpeg", 9, duration=61),))
    data = render((article,), make_settings({"name": "show", "podcast": SHOW}))["show.rss.xml"]
    assert inside(said(data, "channel/item")[0], "itunes") == [("duration", {}, "61")]


# ---------------------------------------------------------------- and nowhere else


def test_other_feeds_and_formats_say_nothing_of_it(files: Files) -> None:
    for path, data in files.items():
        if path.endswith(".xml") and path != "show.rss.xml":
            assert b"itunes" not in data, path
            assert b"podcastindex" not in data, path
    assert {"itunes", "podcast"} <= etree.fromstring(files["show.rss.xml"]).nsmap.keys()


def test_all_formats_tell_the_files_with_type_length_and_duration(files: Files) -> None:
    links = [dict(link.attrib) for link in said(files["show.atom.xml"], "a:entry[1]/a:link[@rel='enclosure']")]
    assert [(link["href"], link["type"], link["length"]) for link in links] == [
        ("https://notes.example/notes.pdf", "application/pdf", "99"),
        ("https://notes.example/heron/gate.mp3", "audio/mpeg", "123456"),
    ]
    assert json.loads(files["show.json"])["items"][0]["attachments"][1] == {
        "url": "https://notes.example/heron/gate.mp3",
        "mime_type": "audio/mpeg",
        "size_in_bytes": 123456,
        "duration_in_seconds": 3723,
    }


def test_the_lead_image_has_its_type_and_size(files: Files) -> None:
    wanted = {"medium": "image", "type": "image/jpeg", "width": "640", "height": "480"}
    for name, path in (("show.rss.xml", "channel/item[1]"), ("show.atom.xml", "a:entry[1]")):
        (content,) = said(files[name], f"{path}/media:content[@medium='image']")
        (thumbnail,) = said(files[name], f"{path}/media:thumbnail")
        assert dict(content.attrib) == {"url": "https://notes.example/heron/gate.jpg", **wanted}
        assert thumbnail.get("width") == "640"
    assert json.loads(files["show.json"])["items"][0]["image"] == "https://notes.example/heron/gate.jpg"


# ---------------------------------------------------------------- what others read


def test_feedparser_reads_the_show_and_the_episode(files: Files) -> None:
    parsed = feedparser.parse(files["show.rss.xml"])
    assert not parsed.bozo
    assert parsed.feed.image.href == "https://notes.example/cover.jpg"
    assert parsed.feed.publisher_detail == {"name": "Ada Example", "email": "ada@notes.example"}
    assert [tag.term for tag in parsed.feed.tags] == ["Society & Culture", "Documentary", "Technology"]
    entry = parsed.entries[0]
    assert entry.title == "A grey heron"
    assert (entry.itunes_duration, entry.itunes_episode, entry.itunes_season) == ("3723", "12", "2")
    assert [(file.href, file.length, file.type) for file in entry.enclosures] == [
        ("https://notes.example/heron/gate.mp3", "123456", "audio/mpeg")
    ]
    assert entry.podcast_chapters["url"] == "https://notes.example/heron/gate.json"


def findings(files: Files) -> list[str]:
    """Check all files; that W3C's validator knows nothing of Podcasting 2.0, and says so, is no finding of ours."""
    found = [
        each for path, data in files.items() if path.endswith((".xml", ".json")) for each in check_feed(data, path)
    ]
    return [str(each.problem) for each in found if NAMES["podcast"] not in each.problem.message]


def test_the_checks_find_nothing(files: Files) -> None:
    assert findings(files) == []


def test_the_checks_would_find_a_category_that_apple_does_not_have(files: Files) -> None:
    wrong = {path: data.replace(b"Documentary", b"Documentaries") for path, data in files.items()}
    assert len(findings(wrong)) == 1


words = st.text(st.characters(codec="utf-16"), max_size=12) | st.text("<&;>]'\"/ab \x00\x0b\ud800\ufffe", max_size=9)


@given(st.lists(words, min_size=14, max_size=14))
def test_any_text_in_any_part_of_an_episode_gives_a_feed_that_is_read(
    render: Render, make_settings: Make, plain: Article, said: list[str]
) -> None:
    episode = Episode(
        title=said[0],
        display=said[1],
        number=1,
        season=1,
        season_name=said[2],
        image=Image(said[3]),
        transcripts=(Transcript(said[4], said[5], said[6]),),
        chapters=Chapters(said[7], said[8]),
        persons=(Person(said[9], said[10], said[11], said[12], said[13]),),
    )
    article = replace(plain, enclosures=(Enclosure("gate.mp3", "audio/mpeg", 9),), episode=episode)
    data = render((article,), make_settings({"name": "show", "podcast": SHOW}))["show.rss.xml"]
    assert not feedparser.parse(data).bozo
    assert len(etree.fromstring(data).findall("channel/item/enclosure")) == 1


@pytest.mark.parametrize(
    ("name", "wrong", "caught_by"),
    [
        (
            "_truth",
            lambda *, holds: "yes" if holds else "no",
            test_a_show_tells_directories_what_apple_asks_for,
        ),
        ("show_guid", lambda address: address, test_a_show_tells_what_podcasting_2_0_defines),
        ("_extend_episode", lambda *_: None, test_an_episode_tells_all_that_is_known_of_it),
        ("namespaces", lambda _: podcast._NAMESPACES, test_other_feeds_and_formats_say_nothing_of_it),
    ],
    ids=["explicit-yes", "guid-of-nothing", "episode-forgotten", "always-declared"],
)
def test_a_wrong_version_is_caught(
    name: str,
    wrong: Callable[..., Any],
    caught_by: Callable[[Files], None],
    render: Render,
    make_settings: Make,
    heard: Article,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(podcast, name, wrong)
    made = render((heard,), make_settings({"name": "show", "podcast": SHOW}, {"name": "all"}))
    with pytest.raises(AssertionError):
        caught_by(made)


# ---------------------------------------------------------------- covers


def test_a_cover_here_that_directories_refuse_is_told(make_settings: Make, tmp_path: Path) -> None:
    made = make_settings({"name": "show", "podcast": SHOW}, {"name": "all"})
    assert cover_notes(made, tmp_path) == ()
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "cover.jpg").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\0\0\0\x02\0")
    (problem,) = cover_notes(made, tmp_path)
    assert "static/cover.jpg" in cover_files(made, tmp_path)
    assert str(problem) == (
        "publisher.toml: the cover https://notes.example/cover.jpg of the podcast show has 512 × 512 pixels; "
        "make it a square JPEG or PNG of 1400 to 3000 pixels a side"
    )
