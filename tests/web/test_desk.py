"""What is shown is made once, and anew as soon as a file or the hour says so."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.errors import UsageError
from publisher.publication import Publication
from publisher.web.preview import watching
from publisher.web.preview.desk import Desk
from publisher.web.preview.watching import Bell, events, watch

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    """Tells the time that it is set to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def test_what_is_asked_for_twice_is_made_once(site: Path) -> None:
    desk = Desk(site, Clock())
    assert desk.issue("weekly") is desk.issue("weekly")
    assert desk.feed("all") is desk.feed("all")
    assert desk.contents() is desk.contents()


def test_after_a_change_it_is_made_anew(site: Path) -> None:
    desk = Desk(site, Clock())
    before, version = desk.issue("weekly"), desk.version
    desk.changed()
    assert desk.version != version
    assert desk.issue("weekly") is not before


def test_an_article_appears_when_its_hour_has_come(site: Path) -> None:
    later = "---\ntitle: Later\ndate: 2026-11-22T12:00:30Z\n---\nWords.\n"
    (site / "articles" / "later.md").write_text(later, encoding="utf-8")
    clock = Clock()
    desk = Desk(site, clock)
    assert b"Later" not in desk.issue("weekly").files["issue.txt"]
    clock.now += timedelta(minutes=1)
    assert b"Later" in desk.issue("weekly").files["issue.txt"]


def test_another_process_has_other_versions(site: Path) -> None:
    assert Desk(site, Clock()).version != Desk(site, Clock()).version


def test_feeds_and_newsletters_that_do_not_exist_are_named(site: Path) -> None:
    desk = Desk(site, Clock())
    with pytest.raises(UsageError, match="no feed is called tags/dusk"):
        desk.feed("tags/dusk")
    with pytest.raises(UsageError, match="no newsletter is called weakly"):
        desk.issue("weakly")


def test_with_nothing_to_show_it_says_what_to_do(site: Path) -> None:
    for path in (site / "articles").iterdir():
        path.unlink()
    issue = Desk(site, Clock()).issue("weekly")
    assert issue.failure == "Nothing new for weekly: publish an article to see its next issue."
    assert issue.files == {}


def test_an_issue_that_cannot_be_rendered_says_why_and_what_else_is_wrong(site: Path) -> None:
    (site / "templates" / "email").mkdir(parents=True)
    for name in ("digest.html", "_head.html", "_frame.html"):
        (site / "templates" / "email" / name).write_text("{{ nobody }}", encoding="utf-8")
    (site / "articles" / "odd.md").write_text("---\ntitle: Odd\ndate: some day\n---\nWords.\n", encoding="utf-8")
    issue = Desk(site, Clock()).issue("weekly")
    assert issue.failure.startswith("template email/")
    assert [mark.place for mark in issue.marks] == ["articles/odd.md:3"]


def test_a_feed_that_cannot_be_rendered_says_why(site: Path) -> None:
    (site / "templates" / "feed").mkdir(parents=True)
    (site / "templates" / "feed" / "page.html").write_text("{{ nobody }}", encoding="utf-8")
    feed = Desk(site, Clock()).feed("all")
    assert feed.failure.startswith("template feed/page.html")
    assert feed.files == {}


def test_a_damaged_memory_of_past_issues_is_told(site: Path) -> None:
    (site / "issues" / "weekly" / "2026-W40").mkdir(parents=True)
    (site / "issues" / "weekly" / "2026-W40" / "manifest.json").write_text("{", encoding="utf-8")
    assert "manifest.json" in Desk(site, Clock()).issue("weekly").failure


def test_a_damaged_lock_is_told(site: Path) -> None:
    (site / "publisher.lock").write_text("{", encoding="utf-8")
    desk = Desk(site, Clock())
    assert "publisher.lock" in desk.contents().failure
    assert "publisher.lock" in desk.issue("weekly").failure


def test_with_nothing_new_the_last_issue_is_shown_as_it_was_made(site: Path) -> None:
    report = Publication.load(site).issue("weekly", NOW)
    (site / report.folder / "sent.json").write_text("{}", encoding="utf-8")
    issue = Desk(site, Clock()).issue("weekly")
    assert issue.note == "Nothing new for weekly: this is its last issue, 2026-W47, as it was made."
    assert issue.files["issue.html"] == (site / report.folder / "issue.html").read_bytes()
    assert issue.subject == report.issue.subject if report.issue else False


@pytest.mark.parametrize(
    ("path", "worth"),
    [
        ("/feeds/notes/articles/a.md", True),
        ("/feeds/notes/publisher.toml", True),
        ("/feeds/notes/templates/email/issue.html", True),
        ("/feeds/notes/feeds/all.atom.xml", False),
        ("/feeds/notes/.publisher/cache.db", False),
        ("/feeds/notes/articles/.a.md.tmp", False),
        ("/feeds/notes/articles/a.md~", False),
        ("/feeds/notes/articles/.a.md.swp", False),
        ("/elsewhere/a.md", True),
        ("/feeds/notes", False),
    ],
)
def test_what_programs_leave_behind_is_no_change(path: str, worth: bool) -> None:
    assert watching._worth(Path("/feeds/notes"), path) == worth


async def until(desk: Desk, bell: Bell, version: str) -> None:
    async with asyncio.timeout(20):
        while desk.version == version:
            await bell.heard(1)


def watched(site: Path, change: Callable[[], object], again: Callable[[], object]) -> list[str]:
    """Watch a publication, change something, then something else; return the versions it had."""

    async def run() -> list[str]:
        desk, bell = Desk(site, Clock()), Bell()
        watching_ = asyncio.create_task(watch(desk, bell, print))
        versions = [desk.version]
        await asyncio.sleep(0.3)  # until the system has begun to watch
        for step in (change, again):
            step()
            await until(desk, bell, versions[-1])
            versions.append(desk.version)
            await asyncio.sleep(0.3)
        watching_.cancel()
        return versions

    return asyncio.run(run())


def test_a_folder_that_comes_later_is_watched_too(site: Path) -> None:
    templates = site / "templates"
    versions = watched(site, templates.mkdir, lambda: (templates / "page.html").write_text("x", encoding="utf-8"))
    assert len(set(versions)) == 3


def test_settings_that_name_another_source_lead_there(site: Path) -> None:
    (site / "more").mkdir()
    settings = site / "publisher.toml"
    named = settings.read_text(encoding="utf-8") + '[[sources]]\npath = "more"\n'
    versions = watched(
        site,
        lambda: settings.write_text(named, encoding="utf-8"),
        lambda: (site / "more" / "a.md").write_text("Words.", encoding="utf-8"),
    )
    assert len(set(versions)) == 3


def test_where_changes_cannot_be_noticed_the_author_is_told(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no watches left")

    monkeypatch.setattr(watching, "awatch", full)
    said: list[str] = []
    asyncio.run(watch(Desk(site, Clock()), Bell(), said.append))
    assert said == ["Changes are not noticed (no watches left); reload the page to see them."]


def test_a_page_that_knows_an_old_version_hears_of_the_new_one_at_once(site: Path) -> None:
    async def run() -> list[str]:
        desk, bell = Desk(site, Clock()), Bell()
        told = events(desk, bell, "old")
        heard = [await anext(told), await anext(told)]
        bell.close()
        return [*heard, *[one async for one in told], desk.version]

    retry, data, version = asyncio.run(run())
    assert (retry, data) == ("retry: 1000\n\n", f"data: {version}\n\n")
