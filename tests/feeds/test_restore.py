"""Our own JSON feeds remember what readers have of an article."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml.etree import XMLParser

from publisher.article import Article, Author, Citation, Enclosure, Image
from publisher.config.settings import Settings
from publisher.feeds import restore
from publisher.feeds.restore import last_published, with_head

ITEM: dict[str, Any] = {
    "id": "urn:a",
    "url": "https://notes.example/a/",
    "title": "A",
    "summary": "About A.",
    "content_html": "<p>All of A.</p>",
    "image": "https://notes.example/a.jpg",
    "date_published": "2026-01-01T00:00:00Z",
    "date_modified": "2026-01-02T00:00:00Z",
    "authors": [{"name": "Ada Example", "url": "https://ada.example/"}, {"name": "Bo Example"}],
    "tags": ["x"],
    "language": "fr",
    "attachments": [
        {"url": "https://notes.example/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 3, "title": "T"}
    ],
}
SHORT = {key: ITEM[key] for key in ("id", "url", "title", "date_published")}


WHOLE = Article(
    id="urn:a",
    title="A",
    url="https://notes.example/a/",
    summary="About A.",
    content="<p>All of A.</p>",
    authors=(Author("Ada Example", "https://ada.example/"), Author("Bo Example")),
    tags=("x",),
    language="fr",
    published=datetime(2026, 1, 1, tzinfo=UTC),
    updated=datetime(2026, 1, 2, tzinfo=UTC),
    image=Image("https://notes.example/a.jpg"),
    enclosures=(Enclosure("https://notes.example/a.mp3", "audio/mpeg", 3, "T"),),
)
A = Article(id="urn:a", title="A", url="https://notes.example/a/", published=datetime(2026, 1, 1, tzinfo=UTC))


def feed(path: Path, *items: object, **more: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"items": items, **more}), encoding="utf-8")


def remembered(folder: Path, *ids: str) -> dict[str, Article | None]:
    return {id_: found.article for id_, found in last_published(folder, frozenset(ids)).items()}


def test_everything_an_item_says_comes_back(tmp_path: Path) -> None:
    feed(tmp_path / "all.json", ITEM)
    assert remembered(tmp_path, "urn:a") == {"urn:a": WHOLE}


def test_an_item_is_in_the_language_of_its_feed(tmp_path: Path) -> None:
    feed(tmp_path / "all.json", SHORT, language="de")
    assert remembered(tmp_path, "urn:a")["urn:a"] == replace(A, language="de")


def test_only_what_is_asked_for_comes_back(tmp_path: Path) -> None:
    feed(tmp_path / "all.json", ITEM, {**ITEM, "id": "urn:b"})
    assert remembered(tmp_path, "urn:b").keys() == {"urn:b"}


@pytest.mark.parametrize("whole", ["a.json", "tags/x.json"])
def test_whole_content_wins_over_a_summary(tmp_path: Path, whole: str) -> None:
    feed(tmp_path / "b.json", SHORT)
    feed(tmp_path / whole, ITEM)
    feed(tmp_path / "tags" / "z.json", SHORT)
    assert remembered(tmp_path, "urn:a")["urn:a"] == WHOLE


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"items": 3}', b"\xff"])
def test_a_damaged_feed_remembers_nothing_and_hides_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.json").write_bytes(content)
    feed(tmp_path / "b.json", ITEM)
    assert remembered(tmp_path, "urn:a").keys() == {"urn:a"}


@pytest.mark.parametrize("name", ["a.json", "a.atom.xml", "tags/a.rss.xml", "archive/all/1.json"])
@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_a_pipe_or_a_device_remembers_nothing_and_hides_nothing(
    tmp_path: Path, name: str, make: Callable[[Path], object]
) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    make(tmp_path / name)
    feed(tmp_path / "b.json", ITEM)
    assert remembered(tmp_path, "urn:a") == {"urn:a": WHOLE}


def test_a_huge_feed_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(tmp_path / "a.json", ITEM)
    os.truncate(tmp_path / "a.json", 5 * 2**30)
    feed(tmp_path / "b.json", SHORT)
    assert remembered(tmp_path, "urn:a") == {"urn:a": A}
    monkeypatch.setattr(restore, "_LARGEST", 10)
    assert remembered(tmp_path, "urn:a") == {}


@pytest.mark.parametrize(
    "damage",
    [
        {"date_published": "soon"},
        {"authors": [3]},
        {"url": None, "attachments": [{}]},
        {"authors": [{"name": "Ada", "url": 3}]},
        {"image_width": "9"},
        {"image_alt": 3},
        {"attachments": [{"url": "a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": "many"}]},
        {"attachments": [{"url": "a.mp3", "mime_type": "audio/mpeg", "duration_in_seconds": True}]},
        {"sources": [{"text": 3}]},
    ],
)
def test_a_damaged_item_is_not_taken(tmp_path: Path, damage: dict[str, object]) -> None:
    feed(tmp_path / "a.json", {**ITEM, **damage}, "no item")
    assert remembered(tmp_path, "urn:a") == {}


@pytest.mark.parametrize("identifier", [["urn:a"], {"urn:a": 1}, 3, None])
def test_an_id_that_is_no_text_is_nobodys(tmp_path: Path, identifier: object) -> None:
    feed(tmp_path / "a.json", {**ITEM, "id": identifier}, ITEM)
    assert remembered(tmp_path, "urn:a") == {"urn:a": WHOLE}


FOREIGN = """<?xml version="1.0"?>
<!DOCTYPE feed [<!ENTITY stolen SYSTEM "{address}"><!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:a</id><title>A &stolen;</title>
<link href="https://notes.example/a/"/><published>2026-01-01T00:00:00Z</published>
<content type="html">All of A. &stolen; &b;</content></entry></feed>"""


def test_no_feed_brings_in_another_file_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the key", encoding="utf-8")
    (tmp_path / "a.atom.xml").write_text(FOREIGN.format(address=secret.as_uri()), encoding="utf-8")
    article = remembered(tmp_path, "urn:a")["urn:a"]
    assert article
    assert "the key" not in repr(article)
    assert "aaaa" not in article.content
    # A parser that resolves entities is seen.
    monkeypatch.setattr("publisher.feeds.restore.etree.XMLParser", lambda **_: XMLParser(resolve_entities=True))
    assert "the key" in repr(remembered(tmp_path, "urn:a"))


def test_what_a_feed_brings_back_is_cleaned_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    feed(tmp_path / "a.json", {**ITEM, "content_html": '<p onclick="steal()">All of A.</p><script>steal()</script>'})
    assert remembered(tmp_path, "urn:a")["urn:a"] == WHOLE
    monkeypatch.setattr(restore, "clean", lambda html: html)
    assert remembered(tmp_path, "urn:a")["urn:a"] != WHOLE


def test_highlights_and_citations_around_the_text_are_known_again(
    tmp_path: Path, render: Callable[..., dict[str, bytes]], make_settings: Callable[..., Settings]
) -> None:
    sources = (Citation("The 'tag' scheme", "https://source.example/"),)
    article = replace(WHOLE, content="<p>Lost: \ufffd</p>", highlights=('"One" & <two>',), sources=sources)
    for name, data in render((article,), make_settings({"name": "all"})).items():
        (tmp_path / name).write_bytes(data)
    shown = last_published(tmp_path, frozenset({"urn:a"}))["urn:a"]
    assert with_head(shown, replace(article, content="")).article == article


def test_it_is_known_which_feeds_an_article_is_in(tmp_path: Path) -> None:
    for name in ("all.json", "tags/x.json", "archive/all/1.json"):
        feed(tmp_path / name, ITEM)
    assert last_published(tmp_path, frozenset({"urn:a"}))["urn:a"].feeds == ("all", "tags/x")


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_what_is_read_back_from_one_format_gives_the_same_feed_again(
    tmp_path: Path, render: Callable[..., dict[str, bytes]], make_settings: Callable[..., Settings], form: str
) -> None:
    article = replace(
        WHOLE,
        title="AT&T <b> </b> &copy;",
        summary="1 < 2 & 3",
        section="News",
        enclosures=(),
        authors=(Author("Ada"),),
        image=None,
    )
    settings = make_settings({"name": "all", "formats": [form]})
    before = render((article,), settings)
    for name, data in before.items():
        (tmp_path / name).write_bytes(data)
    known = last_published(tmp_path, frozenset({"urn:a"}))["urn:a"].article
    after = render((known,), settings)
    assert known == (replace(article, section="") if form == "json" else article)
    assert form == "json" or after == before


def test_what_json_has_no_word_for_comes_from_another_format(
    tmp_path: Path, render: Callable[..., dict[str, bytes]], make_settings: Callable[..., Settings]
) -> None:
    article = replace(WHOLE, section="News")
    for name, data in render((article,), make_settings({"name": "all"})).items():
        (tmp_path / name).write_bytes(data)
    assert remembered(tmp_path, "urn:a") == {"urn:a": article}
