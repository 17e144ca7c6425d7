"""Feed readers see each article once, whatever becomes of its title, file and address over ten changes."""

import json
import sqlite3
import subprocess
from calendar import timegm
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5
from itertools import pairwise
from pathlib import Path

import feedparser
import pytest
from lxml import etree

from publisher import Publication

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, SECOND = "tag:notes.example,2026:2026-11-21/first", "tag:notes.example,2026:2026-11-20/second"
WHEN = datetime(2026, 11, 21, tzinfo=UTC)
SUFFIXES = [".atom.xml", ".rss.xml", ".json"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One article as a reader has it."""

    guid: str
    title: str
    link: str
    author: str
    published: datetime
    content: str
    tags: tuple[str, ...] = ()


# ---------------------------------------------------------------- ten changes


@dataclass(slots=True)
class Desk:
    """An author at work: a publication of two articles, one of which changes ten times."""

    folder: Path
    now: datetime = NOW
    site: str = "http://notes.example/"
    file: str = "2026-11-21-first.md"
    title: str = "Tom & Jerry <3"
    date: str = "2026-11-21"
    head: str = ""
    text: str = "Text."

    def save(self) -> None:
        articles = self.folder / "articles"
        (articles / self.file).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / "publisher.toml").write_text(
            f'[publication]\ntitle = "T"\nurl = "{self.site}"\nauthority = "notes.example,2026"\n'
            'author = {name = "Ada Example"}\n',
            encoding="utf-8",
        )
        (articles / "2026-11-20-second.md").write_text("---\nauthor: Bo Example\n---\nMore.\n", encoding="utf-8")
        head = f"title: {self.title}\ndate: {self.date}\n{self.head}"
        (articles / self.file).write_text(f"---\n{head}---\n{self.text}\n", encoding="utf-8")

    def publish(self) -> None:
        self.now += HOUR
        Publication.load(self.folder).build(self.now)

    def mend(self) -> None:
        self.text = "Text, mended."

    def update(self) -> None:
        self.text, self.head = "Text, and news.", f"updated: {self.now.isoformat()}\n"

    def retitle(self) -> None:
        self.title = "Cats and mice"

    def move(self) -> None:
        (self.folder / "articles" / self.file).unlink()
        self.file = "animals/cats.md"

    def readdress(self) -> None:
        self.head += "url: /cats-and-mice/\n"

    def withdraw(self) -> None:
        self.head += "status: withdrawn\n"

    def restore(self) -> None:
        self.head = self.head.replace("status: withdrawn\n", "")

    def redate(self) -> None:
        self.date = "2026-11-01"

    def change_domain(self) -> None:
        self.site = "http://moved.example/blog/"

    def encrypt(self) -> None:
        self.site = "https://moved.example/blog/"

    @property
    def link(self) -> str:
        """Return the address at which readers find the article."""
        below = "cats-and-mice" if "url:" in self.head else "animals/cats" if "animals" in self.file else "first"
        return f"{self.site}{below}/"


STEPS = [
    Desk.save,
    Desk.mend,
    Desk.update,
    Desk.retitle,
    Desk.move,
    Desk.readdress,
    Desk.withdraw,
    Desk.restore,
    Desk.redate,
    Desk.change_domain,
    Desk.encrypt,
]


def history(folder: Path) -> Iterator[Desk]:
    """Yield the desk after each change, when it is built."""
    desk = Desk(folder)
    for step in STEPS:
        step(desk)
        desk.save()
        desk.publish()
        yield desk


# ---------------------------------------------------------------- readers


def with_feedparser(path: Path) -> list[Seen]:
    """Read Atom and RSS as many Python readers do."""
    parsed = feedparser.parse(path.read_bytes())
    assert not parsed.bozo, parsed.get("bozo_exception")
    return [
        Seen(
            entry.id,
            entry.title,
            entry.link,
            ", ".join(author.name for author in entry.authors),
            datetime.fromtimestamp(timegm(entry.published_parsed), UTC),
            entry.content[0].value,
            tuple(tag.term for tag in entry.get("tags", ())),
        )
        for entry in parsed.entries
    ]


def with_json(path: Path) -> list[Seen]:
    """Read a JSON Feed by the letter of its specification."""
    return [
        Seen(
            item["id"],
            item["title"],
            item["url"],
            ", ".join(author["name"] for author in item["authors"]),
            datetime.fromisoformat(item["date_published"]),
            item["content_html"],
            tuple(item.get("tags", ())),
        )
        for item in json.loads(path.read_bytes())["items"]
    ]


def seen(path: Path) -> list[Seen]:
    return with_json(path) if path.suffix == ".json" else with_feedparser(path)


Keys = Callable[[Sequence[Seen]], list[str]]


def miniflux_keys(entries: Sequence[Seen]) -> list[str]:
    """Tell entries apart as Miniflux does: by id, else by link, else by words; a repeated id is joined to its link."""
    ids = [entry.guid for entry in entries]
    return [
        f"{e.guid}{e.link}" if e.guid and ids.count(e.guid) > 1 else e.guid or e.link or f"{e.title}{e.content}"
        for e in entries
    ]


def freshrss_keys(entries: Sequence[Seen]) -> list[str]:
    """Tell entries apart as FreshRSS does: by id, unless more than 5 % have none or one that is not their own."""
    ids = [entry.guid for entry in entries]
    bad = sum(not guid or ids.count(guid) > 1 for guid in ids)
    if bad * 20 > len(entries):
        return [md5(f"{e.link}{e.published}{e.title}".encode()).hexdigest() for e in entries]
    return ids


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_change_is_shown_and_each_article_once(tmp_path: Path, suffix: str) -> None:
    for desk in history(tmp_path):
        *others, second = seen(tmp_path / "feeds" / f"all{suffix}")
        assert (second.guid, second.author) == (SECOND, "Bo Example")
        assert len(others) == ("withdrawn" not in desk.head)
        for first in others:
            assert (first.guid, first.title, first.link) == (FIRST, desk.title, desk.link)
            assert (first.author, first.published) == ("Ada Example", WHEN)
            assert desk.text in first.content


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("keys", [miniflux_keys, freshrss_keys])
def test_the_rules_of_readers_on_servers_keep_two_articles(tmp_path: Path, keys: Keys, suffix: str) -> None:
    stored: dict[str, Seen] = {}
    for _ in history(tmp_path):
        entries = seen(tmp_path / "feeds" / f"all{suffix}")
        stored |= dict(zip(keys(entries), entries, strict=True))
    assert stored.keys() == {FIRST, SECOND}
    assert stored[FIRST].link == "https://moved.example/blog/cats-and-mice/"


@pytest.mark.parametrize("keys", [miniflux_keys, freshrss_keys])
@pytest.mark.parametrize("spoil", ["", "https://notes.example/"], ids=["no-ids", "one-id-for-all"])
def test_a_feed_without_ids_of_its_own_would_be_noticed(tmp_path: Path, keys: Keys, spoil: str) -> None:
    """Most site generators take the address as id, or give none."""
    stored: set[str] = set()
    for _ in history(tmp_path):
        entries = [
            Seen(spoil, e.title, e.link, e.author, e.published, e.content)
            for e in seen(tmp_path / "feeds" / "all.json")
        ]
        stored |= set(keys(entries))
    assert len(stored) > 2


def test_an_article_is_marked_as_changed_only_when_it_is(tmp_path: Path) -> None:
    """FreshRSS takes a digest of link, title, authors, content and tags; other bytes may change as they like."""
    digests: list[Mapping[str, str]] = []
    for _ in history(tmp_path):
        entries = seen(tmp_path / "feeds" / "all.rss.xml")
        digests.append({e.guid: repr((e.link, e.title, e.author, e.content, e.tags)) for e in entries})
    assert len({digest[SECOND] for digest in digests}) == 3  # its address moves with the domain and the scheme
    changes = [a.get(FIRST) != b.get(FIRST) for a, b in pairwise(digests)]
    assert changes == [True, True, True, True, True, True, True, False, True, True]


# ---------------------------------------------------------------- newsboat


@dataclass(frozen=True, slots=True)
class Newsboat:
    """The program, with a cache and settings of its own."""

    program: str
    folder: Path

    def read(self, feed: Path) -> list[Seen]:
        """Load the feed, return all that is kept of it, and mark it as read."""
        (self.folder / "urls").write_text(f"file://{feed}\n", encoding="utf-8")
        (self.folder / "config").write_text("", encoding="utf-8")
        options = ["-u", f"{self.folder}/urls", "-c", f"{self.folder}/cache.db", "-C", f"{self.folder}/config"]
        subprocess.run([self.program, *options, "-x", "reload"], check=True, capture_output=True)
        with closing(sqlite3.connect(self.folder / "cache.db")) as cache:
            rows = cache.execute(
                "SELECT guid, title, url, author, pubDate, content FROM rss_item WHERE deleted = 0 "
                "ORDER BY pubDate DESC, guid"
            )
            return [Seen(g, t, u, a, datetime.fromtimestamp(when, UTC), c) for g, t, u, a, when, c in rows]

    def unread(self) -> list[str]:
        """Return the ids of what is new to the person who reads, who then has read it."""
        with closing(sqlite3.connect(self.folder / "cache.db")) as cache:
            rows = cache.execute("SELECT guid FROM rss_item WHERE unread = 1 AND deleted = 0 ORDER BY guid").fetchall()
            cache.execute("UPDATE rss_item SET unread = 0")
            cache.commit()
        return [guid for (guid,) in rows]


@pytest.fixture
def newsboat(tmp_path: Path, needs_program: Callable[[str], str]) -> Newsboat:
    folder = tmp_path / "newsboat"
    folder.mkdir()
    return Newsboat(needs_program("newsboat"), folder)


@pytest.mark.parametrize("suffix", [".atom.xml", ".rss.xml"])
def test_newsboat_shows_each_article_once_and_as_new_once(tmp_path: Path, newsboat: Newsboat, suffix: str) -> None:
    told: list[list[str]] = []
    for desk in history(tmp_path / "site"):
        first, second = newsboat.read(tmp_path / "site" / "feeds" / f"all{suffix}")
        assert (first.guid, second.guid) == (FIRST, SECOND)
        assert (first.author, first.published) == ("Ada Example", WHEN)
        assert second.author == "Bo Example"
        if "withdrawn" not in desk.head:
            assert (first.title, first.link) == (desk.title, desk.link)
        told.append(newsboat.unread())
    assert told == [[SECOND, FIRST], *([[]] * 10)]


def test_newsboat_would_show_an_article_of_another_id_again(tmp_path: Path, newsboat: Newsboat) -> None:
    desk = next(history(tmp_path / "site"))
    feed = tmp_path / "site" / "feeds" / "all.atom.xml"
    newsboat.read(feed)
    newsboat.unread()
    tree = etree.fromstring(feed.read_bytes())
    tree.find("{*}entry/{*}id").text = desk.link  # type: ignore[union-attr]
    feed.write_bytes(etree.tostring(tree))
    newsboat.read(feed)
    assert newsboat.unread() == [desk.link]
