"""Snippets say what is true of this publication, and are refused where they would be wrong."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from publisher.config.settings import Settings
from publisher.errors import UsageError
from publisher.feeds.offers import Offer
from publisher.feeds.snippets import KINDS, Kind, snippet
from publisher.templating import Templates, bundled

FOLDER = Path("/srv/notes/feeds")
ALL = Offer(
    name="all",
    title="Field Notes & <Co>",
    subtitle="",
    language="en",
    folder_url="https://notes.example/feeds/",
    formats=("atom", "rss", "json"),
    updated=datetime(2026, 1, 31, tzinfo=UTC),
)
OFFERS = (ALL, replace(ALL, name="short", formats=("json",)), replace(ALL, name="tags/birds", title="Birds"))
SERVERS: tuple[Kind, ...] = ("nginx", "apache", "caddy", "headers")


def settings(url: str = "https://notes.example/", **syndication: Any) -> Settings:
    return Settings.model_validate(
        {"publication": {"title": "Field Notes", "url": url}, "syndication": {"ttl": 60, **syndication}}
    )


def made(kind: Kind, made_for: Settings | None = None, feed: str | None = None) -> str:
    return snippet(kind, OFFERS, made_for or settings(), bundled(), FOLDER, feed=feed)


def links(text: str) -> list[tuple[str | None, ...]]:
    page = html.fromstring(f"<html><head>{text}</head></html>")
    return [tuple(link.get(name) for name in ("rel", "type", "title", "href")) for link in page.xpath("//link")]


def test_autodiscovery_links_to_each_format_of_the_feeds_with_a_name() -> None:
    atom, _, json, short = links(made("html"))
    assert atom == (
        "alternate",
        "application/atom+xml",
        "Field Notes & <Co> (Atom)",
        "https://notes.example/feeds/all.atom.xml",
    )
    assert json[1:] == ("application/feed+json", "Field Notes & <Co> (JSON Feed)", f"{ALL.folder_url}all.json")
    assert short[3] == "https://notes.example/feeds/short.json"


def test_autodiscovery_links_to_the_feed_that_is_named() -> None:
    found = links(made("html", feed="tags/birds"))
    assert [link[3] for link in found] == [
        f"{ALL.folder_url}tags/birds{end}" for end in (".atom.xml", ".rss.xml", ".json")
    ]


def test_autodiscovery_says_what_the_page_of_the_feed_says(files: dict[str, bytes]) -> None:
    page = html.fromstring(files["all.html"])
    on_page = [tuple(link.get(name) for name in ("type", "href")) for link in page.xpath("//link[@rel='alternate']")]
    offer = replace(ALL, title="Field Notes & Co")
    assert [link[1::2] for link in links(snippet("html", (offer,), settings(), bundled(), FOLDER))] == on_page


@pytest.mark.parametrize(("feed", "cure"), [("tags/bird", "did you mean tags/birds?"), ("zzz", "there are all, short")])
def test_a_feed_that_does_not_exist_is_refused_with_a_cure(feed: str, cure: str) -> None:
    with pytest.raises(UsageError, match=f"no feed is called {feed}; {cure}".replace("?", r"\?")):
        made("html", feed=feed)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_is_told_of_all_feeds_and_no_single_one(kind: Kind) -> None:
    with pytest.raises(UsageError, match="leave all out"):
        made(kind, feed="all")


@pytest.mark.parametrize("kind", SERVERS)
@pytest.mark.parametrize(("minutes", "seconds"), [(60, 3600), (15, 900)])
def test_caches_look_again_when_readers_do(kind: Kind, minutes: int, seconds: int) -> None:
    text = made(kind, settings(ttl=minutes))
    assert text.count("max-age=") == text.count(f"public, max-age={seconds}") > 0
    assert "max-age" not in made(kind, settings(ttl=None))


@pytest.mark.parametrize("kind", SERVERS)
def test_a_hub_is_named_only_where_it_is_told_of_changes(kind: Kind) -> None:
    assert "<https://hub.example/>; rel=" in made(kind, settings(hub="https://hub.example/"))
    for silent in (settings(), settings(hub="https://hub.example/", ping=False)):
        assert "Link" not in made(kind, silent)


@pytest.mark.parametrize(("kind", "word"), [("nginx", "gzip_static on"), ("apache", ".gz"), ("caddy", "precompressed")])
def test_compressed_files_are_handed_out_only_where_they_are_written(kind: Kind, word: str) -> None:
    assert word in made(kind, settings(gzip=True))
    assert word not in made(kind)


@pytest.mark.parametrize("kind", SERVERS)
def test_feeds_may_lie_anywhere_on_the_site(kind: Kind) -> None:
    assert "/deep/er/feeds/" in made(kind, settings("https://notes.example/deep/er/"))
    assert "Straße" not in made("headers", settings("https://notes.example/Straße/"))
    if kind != "headers":
        assert '"/Straße/feeds/' in made(kind, settings("https://notes.example/Straße/"))


@pytest.mark.parametrize("kind", SERVERS)
def test_only_the_types_that_are_written_are_named(kind: Kind) -> None:
    text = snippet(kind, OFFERS[1:2], settings(), bundled(), FOLDER)
    assert "application/feed+json" in text
    assert "application/atom+xml" not in text


def test_the_headers_file_has_one_rule_a_file() -> None:
    text = made("headers", settings(hub="https://hub.example/"))
    assert (
        "/feeds/short.json\n"
        "  Content-Type: application/feed+json\n"
        '  Link: <https://hub.example/>; rel="hub", <https://notes.example/feeds/short.json>; rel="self"\n'
    ) in text
    paths = [line for line in text.splitlines() if line.startswith("/")]
    assert len(paths) == len(set(paths)) == 2 + 3 + 1 + 3


def test_a_headers_file_with_more_rules_than_a_host_takes_says_so() -> None:
    many = tuple(replace(ALL, name=f"tags/{number}") for number in range(40))
    assert "first 100 rules of the 122" in snippet("headers", many, settings(), bundled(), FOLDER)
    assert "first 100" not in made("headers")


@pytest.mark.parametrize("kind", KINDS)
def test_the_publications_own_template_comes_first(kind: Kind, tmp_path: Path) -> None:
    names = {"html": "autodiscovery.html", "caddy": "Caddyfile", "headers": "_headers"}
    (tmp_path / "snippets").mkdir()
    (tmp_path / "snippets" / names.get(kind, f"{kind}.conf")).write_text("mine for {{ host }}", encoding="utf-8")
    assert snippet(kind, OFFERS, settings(), Templates(tmp_path), FOLDER) == "mine for notes.example"
