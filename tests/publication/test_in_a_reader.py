"""newsboat, a feed reader, sees each article once, whatever becomes of its title, file and address."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher import Publication

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def read_feed(tmp_path: Path, needs_program: Callable[[str], str]) -> Callable[[Path], list[tuple[str, str, str]]]:
    """Give a function that lets newsboat load a feed, and returns what it has: guid, title and address of each item."""
    newsboat = needs_program("newsboat")
    (tmp_path / "config").write_text("", encoding="utf-8")

    def read(feed: Path) -> list[tuple[str, str, str]]:
        (tmp_path / "urls").write_text(f"file://{feed}\n", encoding="utf-8")
        options = ["-u", f"{tmp_path}/urls", "-c", f"{tmp_path}/cache.db", "-C", f"{tmp_path}/config"]
        subprocess.run([newsboat, *options, "-x", "reload"], check=True, capture_output=True)
        with closing(sqlite3.connect(tmp_path / "cache.db")) as cache:
            rows = cache.execute("SELECT guid, title, url FROM rss_item WHERE deleted = 0 ORDER BY pubDate DESC, guid")
            return list(rows)

    return read


@pytest.mark.parametrize("suffix", [".atom.xml", ".rss.xml"])
def test_each_article_is_shown_once(
    tmp_path: Path, read_feed: Callable[[Path], list[tuple[str, str, str]]], suffix: str
) -> None:
    folder = tmp_path / "notes"
    (folder / "articles").mkdir(parents=True)
    settings = '[publication]\ntitle = "T"\nurl = "{}"\nauthority = "notes.example,2026"\n'
    (folder / "publisher.toml").write_text(settings.format("http://notes.example/"), encoding="utf-8")
    post = folder / "articles" / "2026-11-21-first.md"
    post.write_text("---\ntitle: Tom & Jerry <3\n---\nText.\n", encoding="utf-8")
    (folder / "articles" / "2026-11-20-second.md").write_text("More.\n", encoding="utf-8")
    Publication.load(folder).build(NOW)
    feed = folder / "feeds" / f"all{suffix}"
    first, second = (f"tag:notes.example,2026:2026-11-2{day}/{slug}" for day, slug in ((1, "first"), (0, "second")))
    assert read_feed(feed) == [
        (first, "Tom & Jerry <3", "http://notes.example/first/"),
        (second, "Second", "http://notes.example/second/"),
    ]
    (folder / "publisher.toml").write_text(settings.format("https://moved.example/blog/"), encoding="utf-8")
    Publication.load(folder).build(NOW)
    post.rename(folder / "articles" / "2026-11-21-renamed.md")
    Publication.load(folder).build(NOW)
    post = folder / "articles" / "2026-11-21-renamed.md"
    post.write_text("---\ntitle: Cats and mice\n---\nText, mended.\n", encoding="utf-8")
    Publication.load(folder).build(NOW)
    assert [guid for guid, _, _ in read_feed(feed)] == [first, second]
