"""Pages, times and tombstones hold through whatever becomes of articles, settings and clocks (RFC 5005, RFC 6721)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Status
from publisher.catalogue import Catalogue, Confirmed, Lock, Remembered, compile_catalogue
from publisher.catalogue.identity import mint
from publisher.catalogue.lock import Promise, dump, parse
from publisher.config.settings import Settings
from publisher.feeds import plan
from publisher.feeds.plan import Plan
from publisher.feeds.plan import _closed_pages as closed_pages
from publisher.feeds.selection import Selection

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
TOMBSTONE_DAYS = 30
Event = tuple[str, int]


@dataclass
class World:
    """A publication without a disk: its files, its clock, its settings, and what the last build showed."""

    now: datetime = START
    limit: int = 4
    archives: bool = True
    files: dict[str, Article] = field(default_factory=dict)
    #: Whose files are gone though nobody said that this is meant.
    lost: dict[str, Article] = field(default_factory=dict)
    withdrawn: dict[str, Article] = field(default_factory=dict)
    #: Files whose withdrawal the next build is told of.
    leaving: frozenset[str] = frozenset()
    lock: Lock = field(default_factory=Lock)
    shown: Catalogue = field(default_factory=Catalogue)
    plans: tuple[Plan, ...] = ()
    made: int = 0

    def settings(self) -> Settings:
        pages = {"limit": self.limit, "archives": self.archives}
        return Settings.model_validate(
            {
                "publication": {"title": "T", "url": "https://notes.example/"},
                "feeds": [{"name": "all", **pages}, {"name": "sea", "tags": ["sea"], **pages}, {"per": "tag", **pages}],
                "syndication": {"tombstone_days": TOMBSTONE_DAYS},
            }
        )

    def build(self) -> None:
        """Decide anew what is published and where it stands; the lock is written and read each time."""
        self.shown = compile_catalogue(
            list(self.files.values()),
            (),
            self.lock,
            authority="notes.example,2026",
            zone=ZoneInfo("UTC"),
            now=self.now,
            remember=self.remembered,
            confirmed=Confirmed(self.leaving),
        )
        self.leaving = frozenset()
        self.plans, lock = plan.plan_feeds(self.shown.articles, self.settings(), self.shown.lock, self.now)
        self.lock = parse(dump(lock))
        assert self.lock == lock

    def remembered(self, ids: frozenset[str]) -> Mapping[str, Remembered]:
        """Return what the feeds of the last build show."""
        places: dict[str, set[str]] = {}
        for document in self.plans:
            for article in document.articles:
                places.setdefault(article.id, set()).add(document.selection.name)
        return {a.id: Remembered(a, tuple(sorted(places.get(a.id, ())))) for a in self.shown.articles if a.id in ids}

    def shown_ids(self) -> frozenset[str]:
        return frozenset(map(id_of, self.shown.articles))

    def after(self, *events: Event) -> "World":
        """Let things happen, half an hour and a build each, and hold every build against what was promised."""
        promises = Promises()
        for name, number in events:
            HAPPENINGS[name](self, number)
            self.now += timedelta(minutes=30)
            self.build()
            promises.expect_kept(self)
        return self

    def add(self, age: timedelta, tags: Sequence[str], path: str = "") -> None:
        self.made += 1
        path = path or f"{self.made:03}.md"
        self.files[path] = Article(
            title=f"Article {self.made}",
            url=f"https://notes.example/{self.made}/",
            content=f"<p>{self.made}</p>",
            published=self.now - age,
            tags=tuple(tags),
            path=path,
            slug="the-same",
        )

    def change(self, number: int, **values: Any) -> None:
        for path in chosen(self.files, number):
            self.files[path] = replace(self.files[path], **values)


def id_of(article: Article) -> str:
    return article.id


def chosen(paths: Collection[str], number: int) -> list[str]:
    """Choose one, if there is any: 0 is the latest."""
    return sorted(paths)[::-1][number % len(paths) :][:1] if paths else []


# ---------------------------------------------------------------- what happens


def appear(world: World, number: int) -> None:
    world.add(timedelta(), (["sea"], ["sea", "sky"], ["Sky"], [])[number % 4])


def appear_with_an_old_date(world: World, number: int) -> None:
    world.add(timedelta(days=number), ["sea"])


def import_many(world: World, number: int) -> None:
    for n in range(number + 3):
        world.add(timedelta(days=n // 2), ["sea"])


def update(world: World, number: int) -> None:
    world.change(number, updated=world.now)


def update_early(world: World, number: int) -> None:
    world.change(number, updated=world.now + timedelta(days=2))


def set_update_back(world: World, number: int) -> None:
    world.change(number, updated=START - timedelta(days=9) if number % 2 else None)


def redate(world: World, number: int) -> None:
    world.change(number, published=START - timedelta(days=number))


def untag(world: World, number: int) -> None:
    world.change(number, tags=())


def tag(world: World, number: int) -> None:
    world.change(number, tags=("sea",))


def lose(world: World, number: int) -> None:
    for path in chosen(world.files, number):
        world.lost[path] = world.files.pop(path)


def withdraw(world: World, number: int) -> None:
    for path in chosen(world.files, number):
        world.withdrawn[path] = world.files.pop(path)
        world.leaving = frozenset({path})


def withdraw_in_place(world: World, number: int) -> None:
    world.change(number, status=Status.WITHDRAWN)


def put_another_in_its_place(world: World, number: int) -> None:
    for path in chosen(world.withdrawn.keys() - world.files.keys() - world.lost.keys(), number):
        world.add(timedelta(), ["sea"], path)


def restore(world: World, number: int) -> None:
    world.change(number, status=Status.PUBLISHED)
    for hidden in (world.lost, world.withdrawn):
        for path in chosen(hidden.keys() - world.files.keys(), number):
            world.files[path] = hidden.pop(path)


def set_limit(world: World, number: int) -> None:
    world.limit = number + 1


def switch_archives(world: World, _: int) -> None:
    world.archives = not world.archives


def wait(world: World, number: int) -> None:
    world.now += timedelta(days=10 * number)


def turn_the_clock_back(world: World, number: int) -> None:
    world.now -= timedelta(days=number)


HAPPENINGS: dict[str, Callable[[World, int], None]] = {
    happening.__name__: happening
    for happening in (
        appear,
        appear_with_an_old_date,
        import_many,
        update,
        update_early,
        set_update_back,
        redate,
        untag,
        tag,
        lose,
        withdraw,
        withdraw_in_place,
        put_another_in_its_place,
        restore,
        set_limit,
        switch_archives,
        wait,
        turn_the_clock_back,
    )
}


# ---------------------------------------------------------------- what must hold


@dataclass
class Promises:
    """What readers were shown so far."""

    #: Time of each document and of each entry, and the title under each id.
    documents: dict[str, datetime] = field(default_factory=dict)
    entries: dict[str, datetime] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    #: Ids of each archive page when it was new, and feeds that showed each article last.
    pages: dict[str, frozenset[str]] = field(default_factory=dict)
    places: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def expect_kept(self, world: World) -> None:
        """Hold a build against all of them, and remember it."""
        expect_everything_published(world)
        self.expect_ids(world)
        self.expect_times(world)
        self.expect_pages(world)
        for document in world.plans:
            if document.extent != "archive":
                expect_walk(document, world)
                self.expect_tombstones(document, world)
        self.places |= {i: remembered.feeds for i, remembered in world.remembered(world.shown_ids()).items()}

    def expect_ids(self, world: World) -> None:
        for article in world.shown.articles:
            assert self.titles.setdefault(article.id, article.title) == article.title
        assert len(world.shown_ids()) == len(world.shown.articles)

    def expect_times(self, world: World) -> None:
        for document in world.plans:
            assert document.updated >= self.documents.get(document.name, document.updated), document.name
            self.documents[document.name] = document.updated
        for article in world.shown.articles:
            changed = article.updated or article.published
            assert changed
            assert changed >= self.entries.get(article.id, changed), article.title
            self.entries[article.id] = changed

    def expect_pages(self, world: World) -> None:
        """A closed page loses what is withdrawn, and what its feed does not select any more; it gains nothing."""
        for page in (document for document in world.plans if document.extent == "archive"):
            ids = frozenset(map(id_of, page.articles))
            first = self.pages.setdefault(page.name, ids)
            assert ids == first & frozenset(map(id_of, page.selection.articles)), page.name

    def expect_tombstones(self, document: Plan, world: World) -> None:
        """Each article withdrawn lately has one, in the feeds that had it, and is no entry."""
        lately = {
            i: p.withdrawn
            for i, p in world.lock.promises.items()
            if p.withdrawn and world.now - p.withdrawn < timedelta(days=TOMBSTONE_DAYS)
        }
        stones = {stone.id: stone.when for stone in document.tombstones}
        name = document.selection.name
        assert stones == {i: when for i, when in lately.items() if document.selection.total or name in self.places[i]}
        assert not stones.keys() & set(map(id_of, document.selection.articles))


def expect_everything_published(world: World) -> None:
    """What is there, or gone though nobody said so, is shown; what came back under a clock set back may wait."""
    wanted = {a.title for a in (*world.files.values(), *world.lost.values()) if a.status is Status.PUBLISHED}
    waiting = {a.title: world.lock.promises[a.id].withdrawn for a in world.shown.scheduled}
    assert all(waiting.values())
    assert {a.title for a in world.shown.articles} == wanted - waiting.keys()


def expect_walk(current: Plan, world: World) -> None:
    """Walking back from the current document finds each article of the feed once, and walking forth the same way."""
    documents = {each.name: each for each in world.plans if each.selection.name == current.selection.name}
    wanted = sorted(map(id_of, current.selection.articles))
    assert len(current.articles) <= world.limit
    way = [current]
    while way[-1].previous:
        way.append(documents[way[-1].previous])
        assert way[-1].next == (way[-2].name if len(way) > 2 else "")
        assert (way[-1].extent, way[-1].current) == ("archive", current.name)
    assert {each.name for each in way} == documents.keys()
    assert [each.name for each in way[:0:-1]] == [f"archive/{current.name}/{n}" for n in range(1, len(way))]
    found = sorted(article.id for each in way for article in each.articles)
    assert found == wanted if world.archives else set(found) <= set(wanted)
    assert (current.extent == "complete") == (found == wanted and len(way) == 1)
    for each in way:
        assert [a.published for a in each.articles] == sorted((a.published for a in each.articles), reverse=True)  # type: ignore[type-var]


@given(st.lists(st.tuples(st.sampled_from(sorted(HAPPENINGS)), st.integers(0, 7)), max_size=40))
def test_nothing_that_happens_breaks_a_promise(events: list[Event]) -> None:
    world = World().after(("import_many", 5), *events)
    assert world.plans


def lengths(world: World) -> list[int]:
    """Count the articles of the documents of the whole feed, the oldest page first."""
    return [len(document.articles) for document in world.plans if document.selection.name == "all"]


def test_every_page_but_the_first_is_half_a_feed_long() -> None:
    assert lengths(World().after(*[("appear", 0)] * 14)) == [1, 2, 2, 2, 2, 2, 3]


def test_many_at_once_leave_a_full_current_document_and_a_short_first_page() -> None:
    assert lengths(World().after(("import_many", 6))) == [1, 2, 2, 4]


def test_a_feed_of_one_article_has_pages_of_one() -> None:
    assert lengths(World(limit=1).after(*[("appear", 0)] * 3)) == [1, 1, 1]


def test_a_page_all_of_whose_articles_are_withdrawn_stays_as_an_empty_one() -> None:
    assert lengths(World().after(*[("appear", 0)] * 5, ("withdraw", 4), ("appear", 0), ("appear", 0))) == [0, 2, 4]


def test_an_article_that_comes_back_is_later_than_its_tombstone_whatever_the_clock_says() -> None:
    world = World().after(*[("appear", 0)] * 5, ("withdraw", 4))
    (stone,) = world.plans[1].tombstones
    world.now -= timedelta(hours=1)
    HAPPENINGS["restore"](world, 0)
    world.build()
    (back,) = world.plans[0].articles
    assert back.id == stone.id
    assert back.updated
    assert back.updated > stone.when


# ---------------------------------------------------------------- wrong versions

MANY = ("import_many", 6)


def renumber(selection: Selection, promises: dict[str, Promise], closed: dict[int, datetime]) -> None:
    """Cut all of a feed into pages anew, as static site generators do."""
    old = [a.id for a in selection.articles[selection.settings.limit :]][::-1]
    for place, identifier in enumerate(old):
        pages = {**promises[identifier].pages, selection.name: place // 2 + 1}
        promises[identifier] = replace(promises[identifier], pages=pages)
        closed[place // 2 + 1] = promises[identifier].changed


def pages_in_use(lock: Lock) -> dict[str, dict[int, datetime]]:
    return closed_pages(replace(lock, promises={i: p for i, p in lock.promises.items() if not p.withdrawn}))


def forgetful(authority: str, promises: Mapping[str, Promise], _times: object) -> Lock:
    return Lock(authority, promises)


def never_over(lock: Lock, _settings: Settings, _now: datetime) -> list[tuple[Promise, datetime]]:
    return [(p, p.withdrawn) for p in lock.promises.values() if p.withdrawn]


def as_its_file_says(article: Article, before: Promise | None, told: datetime | None = None) -> Article:
    return replace(article, published=before.published if before else article.published, updated=told)


def still_withdrawn(article: Article, before: Promise | None, *_: datetime | None) -> Promise:
    published = article.published
    assert published
    made = Promise(article.id, published, article.path, article.title, "", updated=article.updated)
    return replace(made, withdrawn=before.withdrawn, pages=before.pages) if before else made


def at_once(article: Article, before: Promise | None, *_: datetime | None) -> Promise:
    """Take whatever time of update the file says."""
    published = article.published
    assert published
    pages = before.pages if before else {}
    return Promise(article.id, published, article.path, article.title, "", updated=article.updated, pages=pages)


def parted_by_clock(found: Sequence[Article], now: datetime) -> tuple[list[Article], list[Article]]:
    due = [a for a in found if a.published and a.published <= now]
    return due, [a for a in found if a not in due]


IN_CATALOGUE = "publisher.catalogue.catalogue"


@pytest.mark.parametrize(
    ("wrong", "events"),
    [
        ({"publisher.feeds.plan._close_pages": renumber}, [MANY, ("appear_with_an_old_date", 6), ("appear", 0)]),
        ({"publisher.feeds.plan._close_pages": lambda *_: None}, [MANY]),
        (
            {"publisher.feeds.plan._closed_pages": pages_in_use},
            [*[("appear", 0)] * 5, ("withdraw", 4), ("appear", 0), ("appear", 0), ("restore", 0)],
        ),
        ({"publisher.feeds.plan.Lock": forgetful}, [("appear", 0), ("wait", 1), ("appear", 0), ("untag", 0)]),
        ({"publisher.feeds.plan._buried": never_over}, [MANY, ("withdraw", 0), ("wait", 4)]),
        ({"publisher.feeds.plan._buried": lambda *_: []}, [MANY, ("withdraw", 0)]),
        (
            {"publisher.catalogue.lock.Promise.changed": property(lambda p: p.updated or p.published)},
            [MANY, ("wait", 1), ("appear", 0), ("withdraw", 0), ("wait", 4)],
        ),
        (
            {f"{IN_CATALOGUE}.as_promised": as_its_file_says, f"{IN_CATALOGUE}.promised": at_once},
            [MANY, ("update", 0), ("set_update_back", 0)],
        ),
        ({f"{IN_CATALOGUE}.promised": still_withdrawn}, [MANY, ("withdraw", 0), ("restore", 0)]),
        (
            {f"{IN_CATALOGUE}.mint": lambda article, authority, zone, _: mint(article, authority, zone, ())},
            [("appear", 0), ("withdraw", 0), ("put_another_in_its_place", 0)],
        ),
        (
            {f"{IN_CATALOGUE}._by_time": lambda found, _, now: parted_by_clock(found, now)},
            [MANY, ("turn_the_clock_back", 3), ("withdraw", 0)],
        ),
    ],
    ids="renumbered unlimited reused-numbers forgotten-times endless no-tombstones no-withdrawals set-back "
    "both reused-ids clock".split(),
)
def test_a_wrong_version_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, object], events: list[Event]
) -> None:
    assert World().after(*events).plans
    for place, version in wrong.items():
        monkeypatch.setattr(place, version)
    with pytest.raises(AssertionError):
        World().after(*events)
