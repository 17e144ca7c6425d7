"""A year of builds, one each half hour, read back from the files: no time goes back, nothing is lost or shown twice."""

import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from publisher import Publication
from publisher.article import Article
from publisher.catalogue import Catalogue, Confirmed, Lock, Remembered, compile_catalogue
from publisher.catalogue.lock import Promise
from publisher.config.load import parse_settings
from publisher.config.settings import Settings
from publisher.feeds import Plan, plan_feeds
from publisher.feeds.plan import _closed_pages as closed_pages
from publisher.feeds.selection import Selection

pytestmark = pytest.mark.uncovered

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
            updated = said(feed, "updated")
            assert updated >= feeds.get(name, ""), (name, build.happening)
            feeds[name] = updated
            for entry in feed.findall("a:entry", NAMES):
                changed = said(entry, "updated")[:19]
                assert changed >= entries.get(said(entry, "id"), ""), build.happening
                entries[said(entry, "id")] = changed


def fetched(files: Files, url: str) -> bytes:
    name = url.removeprefix(f"{SITE}feeds/")
    assert name in files, f"{name} is linked and not there"
    return files[name]


def said(element: etree._Element, name: str) -> str:
    return element.findtext(f"a:{name}", "", NAMES)


def atom_walk(files: Files, name: str) -> list[tuple[str, str]]:
    """Return ids and titles on the way from a feed through its archive, as an RFC 5005 client goes it."""
    found: list[tuple[str, str]] = []
    url: str | None = f"{SITE}feeds/{name}.atom.xml"
    while url:
        feed = etree.fromstring(fetched(files, url))
        found += [(said(entry, "id"), said(entry, "title")) for entry in feed.findall("a:entry", NAMES)]
        url = next(iter(feed.xpath("a:link[@rel='prev-archive']/@href", namespaces=NAMES)), None)
    return found


def json_walk(files: Files, name: str) -> list[tuple[str, str]]:
    """Return ids and titles on the way along `next_url`."""
    found: list[tuple[str, str]] = []
    url = f"{SITE}feeds/{name}.json"
    while url:
        feed = json.loads(fetched(files, url))
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
    for before, after in pairwise(builds):
        for name in (name for name in before.files if name.startswith("archive/")):
            old, new = before.files[name], after.files[name]
            if old == new or tells_of(old + new, after.happening.post):
                continue
            assert without_next(old) == without_next(new), (name, after.happening)
            assert name not in extended, (name, after.happening)
            extended.add(name)


def tells_of(data: bytes, post: Post | None) -> bool:
    return post is not None and re.search(rf'[">]{post.title}["<]'.encode(), data) is not None


def without_next(data: bytes) -> list[bytes]:
    return [line for line in data.splitlines() if b'rel="next-archive"' not in line]


def test_no_time_goes_back(year: list[Build]) -> None:
    expect_no_time_to_go_back(year)


def test_every_walk_finds_each_article_once(year: list[Build]) -> None:
    expect_whole_walks(year)
    assert len(atom_walk(year[-1].files, "all")) > 25


def test_closed_pages_change_with_their_own_articles_only(year: list[Build]) -> None:
    expect_pages_to_last(year)
    assert "archive/all/5.atom.xml" in year[-1].files


def test_a_tick_at_which_nothing_happens_writes_no_file(year: list[Build]) -> None:
    quiet = [build for build in year if build.happening.quiet]
    assert len(quiet) == 20
    assert [build.written for build in quiet if build.written] == []
    assert sum(bool(build.written) for build in year) > 60


# ---------------------------------------------------------------- every tick, without a disk


@dataclass(slots=True)
class Mind:
    """What is decided tick by tick."""

    settings: Settings
    posts: dict[str, Post] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    catalogue: Catalogue = field(default_factory=Catalogue)
    plans: tuple[Plan, ...] = ()

    def decide(self, happening: Happening) -> None:
        leaving: frozenset[str] = frozenset()
        if post := happening.post:
            self.posts[post.title] = post
            leaving = frozenset({post.path} if post.gone else ())
        self.catalogue = compile_catalogue(
            [post.article for post in self.posts.values() if not post.gone],
            (),
            self.lock,
            authority="notes.example,2026",
            zone=ZoneInfo("UTC"),
            now=happening.now,
            remember=self.remembered,
            confirmed=Confirmed(leaving),
        )
        articles, lock = self.catalogue.articles, self.catalogue.lock
        self.plans, self.lock = plan_feeds(articles, self.settings, lock, happening.now)

    def remembered(self, ids: frozenset[str]) -> dict[str, Remembered]:
        shown = {(a.id, each.selection.name): a for each in self.plans for a in each.articles if a.id in ids}
        return {i: Remembered(a, tuple(n for other, n in shown if other == i)) for (i, _), a in shown.items()}


def test_only_what_happens_changes_what_is_decided(year: list[Build]) -> None:
    """All 17,520 ticks: at those where something happens the decision is made, at a sample of the others it is proved."""
    happenings = {build.happening.tick: build for build in year if not build.happening.quiet}
    mind = Mind(parse_settings(SETTINGS.encode()))
    times: dict[str, datetime] = {}
    proved = 0
    mind.decide(Happening(0))
    for tick in range(TICKS):
        if build := happenings.get(tick):
            mind.decide(build.happening)
            for each in mind.plans:
                assert each.updated >= times.get(each.name, each.updated)
                times[each.name] = each.updated
            assert {a.title for each in mind.plans for a in each.articles} == build.wanted
        elif tick % 61 == 0:
            before = (mind.plans, mind.lock)
            mind.decide(Happening(tick))
            assert (mind.plans, mind.lock) == before
            proved += 1
    assert proved > 250
    walked = [a.title for each in reversed(mind.plans) if each.selection.name == "all" for a in each.articles]
    assert walked == [title for _, title in atom_walk(year[-1].files, "all")]


# ---------------------------------------------------------------- wrong versions


def renumber(selection: Selection, promises: dict[str, Promise], closed: dict[int, datetime]) -> None:
    """Cut all of a feed into pages anew, as static site generators do."""
    for place, article in enumerate(selection.articles[selection.settings.limit :][::-1]):
        promise = promises[article.id]
        promises[article.id] = replace(promise, pages={**promise.pages, selection.name: place // 4 + 1})
        closed[place // 4 + 1] = promise.changed


def all_pages_but_the_last(lock: Lock) -> dict[str, dict[int, datetime]]:
    closed = closed_pages(lock)
    return {name: {page: closed[name][page] for page in sorted(closed[name])[:-1]} for name in closed}


def short_year() -> list[Happening]:
    """Let posts appear, one of them with an old date, and the oldest and the newest leave, which is told for a month."""
    posts = [Post(f"Post-{n}", START + n * TICK, ()) for n in range(16)]
    posts.append(Post("Post-old", START - DAY * TICK, ()))
    posts += [Post("Post-new", START + 17 * TICK, ()), replace(posts[0], gone=True)]
    course = [Happening(tick, post) for tick, post in enumerate(posts)]
    return [*course, Happening(19, replace(posts[17], gone=True)), Happening(19 + TOMBSTONE_DAYS * DAY)]


@pytest.mark.parametrize(
    ("place", "wrong", "expect"),
    [
        ("publisher.feeds.plan._close_pages", renumber, expect_pages_to_last),
        ("publisher.feeds.plan._closed_pages", all_pages_but_the_last, expect_whole_walks),
        (
            "publisher.catalogue.lock.Promise.changed",
            property(lambda promise: promise.updated or promise.published),
            expect_no_time_to_go_back,
        ),
    ],
    ids=["renumbered", "a-page-forgotten", "withdrawals-untold"],
)
def test_a_wrong_version_would_be_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, wrong: object, expect: Callable[[list[Build]], None]
) -> None:
    monkeypatch.setattr(place, wrong)
    builds = lived(tmp_path, short_year())
    with pytest.raises(AssertionError):
        expect(builds)


def test_the_short_year_as_it_should_be(tmp_path: Path) -> None:
    builds = lived(tmp_path, short_year())
    for expect in (expect_no_time_to_go_back, expect_whole_walks, expect_pages_to_last):
        expect(builds)
    assert "archive/all/2.json" in builds[-1].files
