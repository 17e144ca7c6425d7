"""A build that has nothing to do is known without doing it, and only then."""

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner

from publisher import Publication
from publisher.catalogue.cache import CACHE
from publisher.cli import main
from publisher.publication import standing
from publisher.publication.standing import standing_report

T = TypeVar("T")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONFIG = '[publication]\ntitle = "Field Notes"\nurl = "https://notes.example/"\n[syndication]\nwithdrawals = "accept"\n'
POST = "---\ntitle: First light\ndate: 2026-11-21\nimage: light.png\ntags: [dawn]\n---\nIt was early.\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Give a publication that is built: published, scheduled and withdrawn articles, one with a picture."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "templates" / "feed").mkdir(parents=True)
    (tmp_path / "publisher.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "articles" / "first.md").write_text(POST, encoding="utf-8")
    (tmp_path / "articles" / "light.png").write_bytes(b"\x89PNG")
    (tmp_path / "articles" / "2026-11-20-gone.md").write_text("Gone.\n", encoding="utf-8")
    (tmp_path / "articles" / "2026-12-01-soon.md").write_text("Soon.\n", encoding="utf-8")
    (tmp_path / "articles" / "2026-11-19-later.md").write_text(
        "---\nupdated: 2026-12-24\n---\nLater.\n", encoding="utf-8"
    )
    Publication.load(tmp_path).build(NOW)
    (tmp_path / "articles" / "2026-11-20-gone.md").unlink()
    Publication.load(tmp_path).build(NOW)
    return tmp_path


def test_nothing_to_do_is_known_and_told_as_a_build_would(site: Path) -> None:
    known = standing_report(site, NOW)
    built = Publication.load(site).build(NOW)
    assert known is not None
    assert known.articles == built.articles == 2
    assert known.problems == built.problems
    assert {*known.unchanged, "publisher.lock"} == {*built.unchanged}
    assert (
        (known.written, known.changes, known.removed) == (built.written, built.changes, built.removed) == ((), (), ())
    )


def appended(name: str) -> Callable[[Path], object]:
    return lambda site: (site / name).write_text((site / name).read_text(encoding="utf-8") + "\n", encoding="utf-8")


def written(name: str) -> Callable[[Path], object]:
    return lambda site: (site / name).write_text("x", encoding="utf-8")


def removed(name: str) -> Callable[[Path], object]:
    return lambda site: (site / name).unlink()


def aged(name: str) -> Callable[[Path], object]:
    def change(site: Path) -> None:
        before = (site / name).stat().st_mtime_ns
        appended(name)(site)
        os.utime(site / name, ns=(before, before))

    return change


CHANGES: dict[str, Callable[[Path], object]] = {
    "settings": appended("publisher.toml"),
    "lock": appended("publisher.lock"),
    "article": appended("articles/first.md"),
    "new article": written("articles/2026-11-01-new.md"),
    "article gone": removed("articles/first.md"),
    "article renamed": lambda site: (site / "articles/first.md").rename(site / "articles/other.md"),
    "picture": written("articles/light.png"),
    "picture gone": removed("articles/light.png"),
    "template": written("templates/feed/page.html"),
    "output": appended("feeds/all.json"),
    "output gone": removed("feeds/tags/dawn.rss.xml"),
    "output with the old time": aged("feeds/all.json"),
    "something that looks like a feed": written("feeds/old.atom.xml"),
    "cache gone": removed(CACHE),
    "cache damaged": written(CACHE),
    "pings": written(".publisher/pings.json"),
    "sources gone": lambda site: (site / "articles").rename(site / "elsewhere"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_is_something_to_do(site: Path, change: str) -> None:
    assert standing_report(site, NOW)
    CHANGES[change](site)
    assert standing_report(site, NOW) is None


@pytest.mark.parametrize(
    "now",
    [
        NOW - timedelta(seconds=1),
        datetime(2026, 12, 1, tzinfo=UTC),  # an article is due
        datetime(2026, 12, 24, tzinfo=UTC),
        NOW + timedelta(days=90),  # a tombstone is not shown any longer
    ],
)
def test_time_alone_may_be_something_to_do(site: Path, now: datetime) -> None:
    assert standing_report(site, now) is None


@pytest.mark.parametrize(
    ("at", "turn"),
    [
        (NOW, datetime(2026, 12, 1, tzinfo=UTC)),
        (datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 24, tzinfo=UTC)),
        (datetime(2026, 12, 24, tzinfo=UTC), NOW + timedelta(days=90)),
    ],
)
def test_it_stands_until_the_next_turn_and_no_longer(site: Path, at: datetime, turn: datetime) -> None:
    Publication.load(site).build(at)
    assert standing_report(site, turn - timedelta(seconds=1))
    assert standing_report(site, turn) is None


@pytest.mark.parametrize("name", ["publisher.toml", "templates/feed/page.html", "articles/first.md"])
def test_what_is_edited_during_a_build_is_left_to_the_next_one(site: Path, name: str) -> None:
    (site / "templates" / "feed" / "page.html").write_text("{{ feed.title }}", encoding="utf-8")

    def watch(items: Iterable[T], label: str) -> Iterator[T]:
        yield from items
        if label == "Writing feeds":
            appended(name)(site)

    Publication.load(site).build(NOW + timedelta(seconds=1), watch=watch)
    assert standing_report(site, NOW + timedelta(seconds=1)) is None


def test_what_is_wrong_is_told_at_every_build(site: Path) -> None:
    (site / "articles" / "bad.md").write_bytes(b"")
    Publication.load(site).build(NOW)
    assert standing_report(site, NOW) is None


def test_the_command_line_does_nothing_where_nothing_is_to_do(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.publication.facade.load_settings", lambda _: pytest.fail("read the settings"))
    result = CliRunner().invoke(main, ["-C", str(site), "--as-of", NOW.isoformat(), "-v", "build"])
    assert result.exit_code == 0
    assert "2 published; 0 files written" in result.stderr


def test_a_careless_look_is_found_out(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted look at modification times alone misses an edit that hides its time."""
    path = site / "articles" / "first.md"
    before = path.stat().st_mtime_ns

    def careless(name: Path | str) -> str:
        return str(Path(name).stat().st_mtime_ns) if Path(name).exists() else ""

    monkeypatch.setattr(standing, "signature_of", careless)
    for module in ("facade", "reading"):
        monkeypatch.setattr(f"publisher.publication.{module}.signature_of", careless)
    monkeypatch.setattr("publisher.sources.scanning.signature", lambda state: str(state.st_mtime_ns))
    Publication.load(site).build(NOW + timedelta(seconds=1))
    path.write_text(POST.replace("early", "dusky"), encoding="utf-8")
    os.utime(path, ns=(before, before))
    assert standing_report(site, NOW + timedelta(seconds=1)) is not None
    monkeypatch.undo()
    assert standing_report(site, NOW + timedelta(seconds=1)) is None
