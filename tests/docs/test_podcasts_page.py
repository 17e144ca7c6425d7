"""The examples of docs/podcasts.md and of the tables in it are read as they stand."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from publisher.article import Article, Episode, Person
from publisher.catalogue import Lock
from publisher.config.load import parse_settings
from publisher.config.settings import Settings
from publisher.feeds import plan_feeds, render_plans
from publisher.sources import markdown
from publisher.sources.base import Conventions, Document
from publisher.sources.keys import EPISODE_INNER, EPISODE_OUTER, plain
from publisher.templating import bundled

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "podcasts.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| (`[^|]*) \| ([^|]*) \|", re.MULTILINE)
CONVENTIONS = Conventions("https://notes.example/", "{path}/", ZoneInfo("UTC"), "en")
GUEST = Person("Bob Example", "guest")


def examples(kind: str) -> list[str]:
    return [text for found, text in BLOCK.findall(PAGE) if found == kind]


def show() -> Settings:
    (text,) = examples("toml")
    return parse_settings(text.encode())


def episodes() -> list[Article]:
    readings = [markdown.read(Document("gate.md", "gate.md", text), CONVENTIONS) for text in examples("markdown")]
    assert [reading.problems for reading in readings] == [(), ()]
    return [reading.articles[0] for reading in readings]


def test_both_episodes_are_read_as_the_page_says() -> None:
    nested, flat = (article.episode for article in episodes())
    assert isinstance(nested, Episode)
    assert isinstance(flat, Episode)
    assert (nested.number, nested.season, nested.duration) == (flat.number, flat.season, flat.duration) == (12, 2, 1867)
    assert (nested.persons[1].name, flat.persons) == ("Bob Example", (GUEST,))


def test_the_show_is_written_to_the_address_the_page_names() -> None:
    article = replace(episodes()[0], id="tag:notes.example,2026:gate")
    plans, _ = plan_feeds((article,), show(), Lock(), datetime(2026, 11, 22, tzinfo=UTC))
    rendered = render_plans(plans, show(), "notes.example,2026", bundled())
    files = {file.path: file.data for files in rendered for file in files}
    address = "https://notes.example/feeds/show.rss.xml"
    assert address in PAGE
    channel = etree.fromstring(files["show.rss.xml"])[0]
    assert channel.findtext("item/{*}duration") == "1867"
    assert channel.findtext("{*}guid")


@pytest.mark.parametrize("row", ROW.findall(PAGE), ids=lambda row: row[0])
def test_each_name_of_the_table_is_known(row: tuple[str, str]) -> None:
    inner, outer = ({plain(name) for name in re.findall(r"`([^`]+)`", cell)} for cell in row)
    files = {"file", "enclosure", "podcastfile"}
    assert inner <= {name for names in EPISODE_INNER.values() for name in names} | files
    assert outer <= {name for names in EPISODE_OUTER.values() for name in names} | files


def test_each_part_of_an_episode_is_in_the_table() -> None:
    told = {plain(name) for row in ROW.findall(PAGE) for name in re.findall(r"`([^`]+)`", row[0])}
    assert [part for part, names in EPISODE_INNER.items() if not told & set(names)] == []
