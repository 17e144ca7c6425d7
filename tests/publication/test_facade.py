"""From Python: the same words, values back, and times that are aware."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher import Publication

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_publication_is_made_built_and_issued(tmp_path: Path) -> None:
    publication = Publication.init(tmp_path / "notes", NOW, title="Field Notes", url="https://notes.example")
    assert publication.settings.publication.url == "https://notes.example/"
    report = publication.build(NOW)
    assert (report.articles, report.problems) == (2, ())
    made = publication.issue("weekly", NOW)
    assert made.issue is not None
    assert made.folder == "issues/weekly/2026-W47"
    assert publication.check([], NOW) == ()
    assert publication.new("First light", NOW) == "articles/2026-11-22-first-light.md"
    assert len(publication.articles(NOW).drafts) == 1


def test_a_folder_with_a_long_name_gets_a_sample_address_that_can_be(tmp_path: Path) -> None:
    publication = Publication.init(tmp_path / f"{'x' * 62}-{'y' * 10}", NOW)
    assert publication.settings.publication.url == f"https://{'x' * 62}.example/"


def test_an_import_gives_the_article_that_is_read_again(tmp_path: Path) -> None:
    publication = Publication.init(tmp_path / "notes", NOW)
    (tmp_path / "story.txt").write_text("It rained.\n\nMore to come\nIt rained on.\n", encoding="utf-8")
    (imported,) = publication.import_([tmp_path / "story.txt"]).articles or (None,)
    assert imported is None, "no date"
    from publisher.publication.importing import Overrides

    (imported,) = publication.import_([tmp_path / "story.txt"], Overrides(published=NOW)).articles
    again = next(a for a in publication.articles(NOW).articles if a.path == imported.path)
    assert again.id
    assert imported.article.title == again.title
    assert imported.article.content == again.content


def test_a_clock_without_zone_stops_at_the_door(tmp_path: Path) -> None:
    publication = Publication.init(tmp_path / "notes", NOW)
    with pytest.raises(ValueError, match="now needs a time zone"):
        publication.build(datetime(2026, 11, 22))  # noqa: DTZ001


def test_a_lost_lock_mints_the_same_ids_on_another_day(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "publisher.toml").write_text(
        '[publication]\ntitle="T"\nurl="https://notes.example/"\n', encoding="utf-8"
    )
    for day in (20, 21):
        (tmp_path / "articles" / f"2026-11-{day}-x.md").write_text(f"Day {day}.\n", encoding="utf-8")
    publication = Publication.load(tmp_path)
    publication.build(NOW)
    feed = (tmp_path / "feeds" / "all.atom.xml").read_bytes()
    assert b"tag:notes.example,2026-11-20:2026-11-21/x" in feed
    (tmp_path / "publisher.lock").unlink()
    publication.build(NOW.replace(year=2027))
    assert (tmp_path / "feeds" / "all.atom.xml").read_bytes() == feed
