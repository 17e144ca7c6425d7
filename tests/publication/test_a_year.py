"""A year of builds, one each half hour, read back from the files: no time goes back, nothing is lost or shown twice."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from publisher import Publication
from publisher.article import Article
from publisher.catalogue import Catalogue, Confirmed, Lock, Remembered, compile_catalogue
from publisher.catalogue.lock import Promise
from publisher.config.settings import Settings
from publisher.feeds import Plan, plan_feeds
from publisher.feeds.selection import Selection

START = datetime(2026, 1, 1, tzinfo=UTC)
TICK = timedelta(minutes=30)
DAY = 48
TICKS = 365 * DAY
TOMBSTONE_DAYS = 30
SITE = "https://notes.example/"
SETTINGS = f"""
[publication]
title = "Field Notes"
url = "{SITE}"
authority = "notes.example,2026"
[syndication]
tombstone_days = {TOMBSTONE_DAYS}
[[feeds]]
name = "all"
limit = 8
[[feeds]]
per = "tag"
limit = 4
archives = true
"""
NAMES = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}
KINDS = [*["appear"] * 9, "later", "old", "mend", "update", "update", "retag", "withdraw", "withdraw", "restore"]
Files = Mapping[str, bytes]


# ---------------------------------------------------------------- a year is made up


@dataclass(frozen=True, slots=True)
class Post:
    """One article of the year."""

    title: str
    published: datetime
    tags: tuple[str, ...]
    body: str = "Text."
    updated: datetime | None = None
    gone: bool = False

    @property
    def path(self) -> str:
        return f"articles/{self.title.lower()}.md"

    @property
    def text(self) -> str:
        updated = f"updated: {self.updated.isoformat()}\n" if self.updated else ""
        head = f"title: {self.title}\ndate: {self.published.isoformat()}\n{updated}tags: [{', '.join(self.tags)}]"
        return f"---\n{head}\n---\n{self.body}\n"

    @property
    def article(self) -> Article:
        slug = self.title.lower()
        return Article(
            title=self.title,
            url=f"{SITE}{slug}/",
            content=f"<p>{self.body}</p>",
            published=self.published,
            updated=self.updated,
            tags=self.tags,
            path=self.path,
            slug=slug,
        )


@dataclass(frozen=True, slots=True)
class Happening:
    """What happens to the publication at one tick."""

    tick: int
    #: A post as it is from now on; None where only the time of something has come, or nothing happens at all.
    post: Post | None = None
    quiet: bool = False

    @property
    def now(self) -> datetime:
        return START + self.tick * TICK


def course_of_events(seed: int, count: int) -> list[Happening]:
    """Make up what appears, at once or later or with an old date, is mended, updated, withdrawn and restored."""
    rng = random.Random(seed)
    posts: dict[str, Post] = {}
    course: dict[int, Happening] = {}
    for number, tick in enumerate(sorted(rng.sample(range(1, TICKS), count)), 10):
        now = START + tick * TICK
        post = next_post(rng, number, now, posts)
        if post.published > now:
            course.setdefault(tick + 3 * DAY, Happening(tick + 3 * DAY))
        if post.gone:
            course.setdefault(tick + TOMBSTONE_DAYS * DAY, Happening(tick + TOMBSTONE_DAYS * DAY))
        posts[post.title] = post
        course[tick] = Happening(tick, post)
    return [course[tick] for tick in sorted(course) if tick < TICKS]


def next_post(rng: random.Random, number: int, now: datetime, posts: Mapping[str, Post]) -> Post:
    """Choose what happens next, and to which post."""
    kind = rng.choice(KINDS)
    gone = [post for post in posts.values() if post.gone]
    there = [post for post in posts.values() if not post.gone and post.published <= now]
    if kind in ("mend", "update", "retag", "withdraw") and there:
        post = rng.choice(there)
        changes: dict[str, Post] = {
            "mend": replace(post, body=f"{post.body} More, {number}."),
            "update": replace(post, body=f"News, {number}.", updated=now),
            "retag": replace(post, tags=("sky",)),
            "withdraw": replace(post, gone=True),
        }
        return changes[kind]
    if kind == "restore" and gone:
        return replace(rng.choice(gone), gone=False)
    age = {"later": timedelta(days=-3), "old": timedelta(days=40)}.get(kind, timedelta())
    return Post(f"Post-{number}", now - age, tuple(rng.sample(("sea", "sky", "dawn"), rng.randrange(3))))


# ---------------------------------------------------------------- it is lived, on a disk


@dataclass(frozen=True, slots=True)
class Build:
    """What lay there after one build."""

    happening: Happening
    #: Titles of all that readers shall find.
    wanted: frozenset[str]
    files: Files
    written: tuple[str, ...]


def lived(folder: Path, course: Sequence[Happening]) -> list[Build]:
    """Build at every happening."""
    (folder / "articles").mkdir()
    (folder / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    publication = Publication.load(folder)
    posts: dict[str, Post] = {}
    builds: list[Build] = []
    for happening in course:
        leaving = []
        if post := happening.post:
            posts[post.title] = post
            leaving = settle(folder, post)
        report = publication.build(happening.now, withdraw=leaving)
        assert not any(problem.severity.value == "error" for problem in report.problems)
        wanted = frozenset(p.title for p in posts.values() if not p.gone and p.published <= happening.now)
        files = feed_files(folder / "feeds", builds[-1].files if builds else {})
        builds.append(Build(happening, wanted, files, report.written))
    return builds


def settle(folder: Path, post: Post) -> list[str]:
    """Write or remove a file; return what a build has to be told of."""
    if post.gone:
        (folder / post.path).unlink()
        return [post.path]
    (folder / post.path).write_text(post.text, encoding="utf-8")
    return []


def feed_files(folder: Path, before: Files) -> Files:
    """Read all feeds; what did not change is kept once in memory."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.name.endswith((".atom.xml", ".json")):
            name, data = path.relative_to(folder).as_posix(), path.read_bytes()
            found[name] = before[name] if before.get(name) == data else data
    return found


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> list[Build]:
    course = course_of_events(2026, 64)
    rng = random.Random(1)
    quiet = {tick: Happening(tick, quiet=True) for tick in rng.sample(range(course[0].tick, TICKS), 20)}
    merged = quiet | {happening.tick: happening for happening in course}
    return lived(tmp_path_factory.mktemp("year"), [merged[tick] for tick in sorted(merged)])


# ---------------------------------------------------------------- what must hold


def expect_no_time_to_go_back(builds: Sequence[Build]) -> None:
    """Hold for each feed, tag feed and archive page, and for each entry wherever it stands."""
    feeds: dict[str, str] = {}
    entries: dict[str, str] = {}
    for build in builds:
        for name, data in build.files.items():
            if not name.endswith(".atom.xml"):
                continue
            feed = etree.fromstring(data)
            updated = feed.findtext("a:updated", "", NAMES)
            assert updated >= feeds.get(name, ""), (name, build.happening)
            feeds[name] = updated
            for entry in feed.findall("a:entry", NAMES):
                identifier, changed = (entry.findtext(f"a:{tag}", "", NAMES) for tag in ("id", "updated"))
                assert changed[:19] >= entries.get(identifier, ""), (identifier, build.happening)
                entries[identifier] = changed[:19]


def atom_walk(files: Files, name: str) -> list[tuple[str, str]]:
    """Return ids and titles on the way from a feed through its archive, as an RFC 5005 client goes it."""
    found: list[tuple[str, str]] = []
    url: str | None = f"{SITE}feeds/{name}.atom.xml"
    while url:
        feed = etree.fromstring(files[url.removeprefix(f"{SITE}feeds/")])
        found += [(e.findtext("a:id", "", NAMES), e.findtext("a:title", "", NAMES)) for e in feed.findall("a:entry", NAMES)]
        url = next(iter(feed.xpath("a:link[@rel='prev-archive']/@href", namespaces=NAMES)), None)
    return found


def json_walk(files: Files, name: str) -> list[tuple[str, str]]:
    """Return ids and titles on the way along `next_url`."""
    found: list[tuple[str, str]] = []
    url = f"{SITE}feeds/{name}.json"
    while url:
        feed = json.loads(files[url.removeprefix(f"{SITE}feeds/")])
        found += [(item["id"], item["title"]) for item in feed["items"]]
        url = feed.get("next_url", "")
    return found


def current_feeds(files: Files) -> list[str]:
    return [n.removesuffix(".json") for n in files if n.endswith(".json") and not n.startswith("archive/")]


def expect_whole_walks(builds: Sequence[Build]) -> None:
    """Every walk finds each article once, in Atom and JSON alike; tombstones stand for none of them."""
    for build in builds:
        for name in current_feeds(build.files):
            walked = atom_walk(build.files, name)
            assert walked == json_walk(build.files, name), (name, build.happening)
            assert len(dict(walked)) == len(walked), (name, build.happening)
            stones = etree.fromstring(build.files[f"{name}.atom.xml"]).xpath("at:deleted-entry/@ref", namespaces=NAMES)
            assert not dict(walked).keys() & set(stones)
        found = [title for _, title in atom_walk(build.files, "all")]
        assert sorted(found) == sorted(build.wanted), build.happening


def expect_pages_to_last(builds: Sequence[Build]) -> None:
    """Closed pages stay, and their bytes change with their own articles only, but for one new link to the next page."""
    extended: set[str] = set()
    for before, after in zip(builds, builds[1:], strict=False):
        changed = after.happening.post
        for name in (name for name in before.files if name.startswith("archive/")):
            assert name in after.files, (name, after.happening)
            old, new = before.files[name], after.files[name]
            title = changed.title.encode() if changed else None
            if old == new or (title and any(f">{title.decode()}<".encode() in data or b'"' + title + b'"' in data for data in (old, new))):
                continue
            assert without_next(old) == without_next(new), (name, after.happening)
            assert name not in extended, (name, after.happening)
            extended.add(name)


def without_next(data: bytes) -> list[bytes]:
    return [line for line in data.splitlines() if b'rel="next-archive"' not in line]
