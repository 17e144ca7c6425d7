"""Past issues on the web: a page of each, a list of all, and feeds that agree with the bundles."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest

from publisher import Publication
from publisher.newsletter import MANIFEST, SENT
from publisher.publication.standing import standing_report

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SETTINGS = """
[publication]
title = "Field Notes"
url = "https://notes.example/"
authority = "notes.example,2026"

[syndication]
gzip = true

[[newsletters]]
name = "weekly"
title = "Field Notes Weekly"
"""
ARTICLE = "---\ntitle: {title}\ndate: {date}\n---\nThe *river* has risen at the old mill.\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Lay down a publication with an article a week."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    write(tmp_path, "rivers", "Rivers and maps", "2026-11-20")
    return tmp_path


def write(site: Path, name: str, title: str, date: str) -> None:
    text = ARTICLE.format(title=json.dumps(title), date=date)
    (site / "articles" / f"{name}.md").write_text(text, encoding="utf-8")


def make(site: Path, now: datetime = NOW) -> Path:
    """Make an issue and say that it has left; return its bundle."""
    bundle = site / Publication.load(site).issue("weekly", now).folder
    (bundle / SENT).write_text("{}", encoding="utf-8")
    return bundle


def archived(site: Path) -> dict[str, bytes]:
    folder = site / "feeds" / "issues"
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_an_issue_gets_its_page_and_the_list_and_the_feeds_name_it(site: Path) -> None:
    bundle = make(site)
    files = archived(site)
    assert files["weekly/2026-W48.html"] == (bundle / "web.html").read_bytes()
    assert {"weekly.atom.xml", "weekly.rss.xml", "weekly.json", "weekly.html"} <= set(files)
    assert {f"{name}.gz" for name in files if not name.endswith(".gz")} <= set(files)
    assert "https://notes.example/feeds/issues/weekly/2026-W48.html" in files["weekly.html"].decode()


def test_manifest_page_and_feeds_agree_on_title_date_address_and_id(site: Path) -> None:
    bundle = make(site)
    manifest = json.loads((bundle / MANIFEST).read_bytes())
    files = archived(site)
    (atom,) = feedparser.parse(files["weekly.atom.xml"]).entries
    (rss,) = feedparser.parse(files["weekly.rss.xml"]).entries
    (item,) = json.loads(files["weekly.json"])["items"]
    assert manifest["id"] == "tag:notes.example,2026:issues/weekly/2026-W48"
    assert {manifest["id"], atom.id, rss.id, item["id"]} == {manifest["id"]}
    assert {manifest["subject"], atom.title, rss.title, item["title"]} == {manifest["subject"]}
    assert {manifest["url"], atom.link, rss.link, item["url"]} == {manifest["url"]}
    assert atom.published_parsed == rss.published_parsed
    assert atom.published == item["date_published"] == manifest["date"]
    page = files["weekly/2026-W48.html"].decode()
    assert f'<link rel="canonical" href="{manifest["url"]}">' in page


def test_the_newest_issue_comes_first_and_older_ones_stay(site: Path) -> None:
    make(site)
    write(site, "gauges", "Gauges", "2026-11-28")
    make(site, NOW + timedelta(days=7))
    entries = feedparser.parse(archived(site)["weekly.atom.xml"]).entries
    assert [entry.link.rpartition("/")[2] for entry in entries] == ["2026-W49.html", "2026-W48.html"]
    assert {"weekly/2026-W48.html", "weekly/2026-W49.html"} <= set(archived(site))


def test_a_build_brings_back_what_was_lost_and_is_then_done(site: Path) -> None:
    make(site)
    Publication.load(site).build(NOW)
    before = archived(site)
    (site / "feeds" / "issues" / "weekly.atom.xml").unlink()
    (site / "feeds" / "issues" / "weekly" / "2026-W48.html").unlink()
    assert standing_report(site, NOW) is None
    Publication.load(site).build(NOW)
    assert archived(site) == before


def test_a_build_sees_an_issue_that_was_made_elsewhere(site: Path) -> None:
    Publication.load(site).build(NOW)
    bundle = make(site)
    (site / "feeds" / "issues" / "weekly.atom.xml").unlink()
    assert standing_report(site, NOW) is None
    report = Publication.load(site).build(NOW)
    assert "feeds/issues/weekly.atom.xml" in report.written
    assert bundle.name in archived(site)["weekly.atom.xml"].decode()


def test_a_damaged_bundle_is_named_and_everything_else_is_built(site: Path) -> None:
    (make(site) / MANIFEST).write_text("{", encoding="utf-8")
    before = archived(site)
    report = Publication.load(site).build(NOW)
    (problem,) = report.problems
    assert problem.path == "issues/weekly"
    assert "manifest.json: is no JSON" in problem.message
    assert "feeds/all.atom.xml" in report.written
    assert archived(site) == before


def test_without_an_archive_there_is_none(site: Path) -> None:
    (site / "publisher.toml").write_text(f"{SETTINGS}archive = false\n", encoding="utf-8")
    bundle = make(site)
    Publication.load(site).build(NOW)
    assert not (site / "feeds" / "issues").exists()
    assert json.loads((bundle / MANIFEST).read_bytes())["url"] == ""
    assert "canonical" not in (bundle / "web.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["../../../secret", "images/../../../../secret", "/secret", "images/.hidden"])
def test_no_name_in_a_manifest_leads_out_of_its_bundle(site: Path, name: str) -> None:
    bundle = make(site)
    (site / "secret").write_text("A secret.", encoding="utf-8")
    manifest = json.loads((bundle / MANIFEST).read_bytes())
    manifest["files"][name] = ""
    (bundle / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    Publication.load(site).build(NOW)
    assert not any(b"A secret." in data for data in archived(site).values())


def test_ones_own_subject_stays_until_it_is_taken_back(site: Path) -> None:
    publication = Publication.load(site)
    given = publication.issue("weekly", NOW, subject="High water", preheader="What to do now")
    again = publication.issue("weekly", NOW + timedelta(hours=1))
    back = publication.issue("weekly", NOW, subject="")
    assert given.issue and again.issue and back.issue
    assert (again.issue.subject, again.issue.preheader) == ("High water", "What to do now")
    assert again.written == ()
    assert (back.issue.subject, back.issue.preheader) == ("Field Notes Weekly #1: Rivers and maps", "What to do now")
