"""The list of all feeds is OPML 2.0 as the specification and the W3C's rules want it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from lxml import etree

from publisher.config.settings import Settings
from publisher.feeds.document import NEVER
from publisher.feeds.offers import Offer
from publisher.feeds.opml import opml

Make = Callable[..., Settings]
ALL = Offer(
    name="all",
    title='Field Notes & "Co" <b>',
    subtitle="What Ada sees & hears",
    language="en-GB",
    folder_url="https://notes.example/feeds/",
    formats=("atom", "rss", "json"),
    updated=datetime(2026, 2, 1, 7, 30, 15, tzinfo=UTC),
)
TAG = replace(ALL, name="tags/c-plus-plus", title="Field Notes: C++", updated=datetime(2026, 2, 3, tzinfo=UTC))
AUTHOR = replace(ALL, name="authors/ada", title="Field Notes: Ada")
OFFERS = (TAG, ALL, AUTHOR, replace(ALL, name="sections/essays"), replace(ALL, name="languages/de", language="de"))
HEAD = ("title", "dateCreated", "dateModified", "ownerName")


def parsed(data: bytes) -> Any:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))


def expect_valid(data: bytes) -> None:
    """Apply the specification (http://opml.org/spec2.opml) and what the W3C Feed Validator asks beyond it."""
    root = parsed(data)
    assert (root.tag, dict(root.attrib)) == ("opml", {"version": "2.0"})
    head, body = root
    assert (head.tag, body.tag) == ("head", "body")
    names = [element.tag for element in head]
    assert len(names) == len(set(names))
    assert set(names) <= set(HEAD)
    for element in head:
        if element.tag.startswith("date"):
            assert parsedate_to_datetime(element.text).utcoffset() is not None
    assert len(body) > 0
    for outline in body.iter():
        assert not (outline.text or "").strip()
        if outline is not body:
            expect_outline(outline)


def expect_outline(outline: Any) -> None:
    assert outline.tag == "outline"
    assert outline.get("text")
    if outline.get("type") == "rss":
        assert outline.get("title")
        for address in ("xmlUrl", "htmlUrl"):
            assert outline.get(address, "").startswith("https://")
        assert outline.get("version", "RSS") == "RSS"
        assert len(outline) == 0
    else:
        assert set(outline.attrib) == {"text"}
        assert len(outline) > 0


def test_the_list_is_valid(make_settings: Make) -> None:
    expect_valid(opml(OFFERS, make_settings()))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b'version="2.0"', b'version="3.0"'),
        (b' text="Tags"', b""),
        (b'type="rss"', b'type=""'),
        (b"xmlUrl", b"url"),
        (b" title=", b" name="),
        (b"Tue, 03 Feb 2026", b"2026-02-03"),
        (b"<outline", b"words <outline"),
        (b"ownerName", b"ownersName"),
    ],
)
def test_a_list_that_is_not_valid_would_be_noticed(make_settings: Make, right: bytes, wrong: bytes) -> None:
    data = opml(OFFERS, make_settings())
    assert right in data
    with pytest.raises((AssertionError, ValueError)):
        expect_valid(data.replace(right, wrong))


def test_feeds_stand_in_groups_with_all_that_is_known_of_them(make_settings: Make) -> None:
    body = parsed(opml(OFFERS, make_settings()))[1]
    assert [(group.get("text"), len(group)) for group in body] == [
        ("Feeds", 1),
        ("Sections", 1),
        ("Tags", 1),
        ("Authors", 1),
        ("Languages", 1),
    ]
    assert dict(body[0][0].attrib) == {
        "type": "rss",
        "text": 'Field Notes &amp; "Co" &lt;b&gt;',
        "title": 'Field Notes &amp; "Co" &lt;b&gt;',
        "description": "What Ada sees & hears",
        "language": "en-GB",
        "xmlUrl": "https://notes.example/feeds/all.atom.xml",
        "htmlUrl": "https://notes.example/feeds/all.html",
    }


@pytest.mark.parametrize(
    ("formats", "path", "version"),
    [
        (("json", "rss", "atom"), "all.atom.xml", None),
        (("json", "rss"), "all.rss.xml", "RSS"),
        (("json",), "all.json", None),
    ],
)
def test_the_address_is_that_of_the_format_most_readers_take(
    make_settings: Make, formats: Any, path: str, version: str | None
) -> None:
    (outline,) = parsed(opml((replace(ALL, formats=formats),), make_settings())).xpath("//outline[@type]")
    assert outline.get("xmlUrl") == f"https://notes.example/feeds/{path}"
    assert outline.get("version") == version


def test_the_list_is_as_old_as_the_newest_feed_and_names_its_owner_without_an_address(make_settings: Make) -> None:
    author = {"name": "Ada Example", "email": "ada@notes.example"}
    data = opml(OFFERS, make_settings(author=author))
    said = {element.tag: element.text for element in parsed(data)[0]}
    newest = "Tue, 03 Feb 2026 00:00:00 +0000"
    assert said == dict(zip(HEAD, ("Field Notes & Co", newest, newest, "Ada Example"), strict=True))
    assert b"ada@" not in data


def test_a_list_before_the_first_article_has_no_date(make_settings: Make) -> None:
    data = opml((replace(ALL, updated=NEVER),), make_settings())
    expect_valid(data)
    assert b"date" not in data
