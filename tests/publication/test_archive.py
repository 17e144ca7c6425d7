"""Past issues on the web: a page of each, a list of all, and feeds that agree with the bundles."""

import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from shutil import rmtree

import feedparser
import pytest
from PIL import Image

from publisher import Publication
from publisher.errors import Severity
from publisher.files import LARGEST, read_file
from publisher.newsletter import MANIFEST, SENT, ManifestError
from publisher.publication.report import BuildReport
from publisher.publication.standing import standing_report
from publisher.websub.pending import PINGS

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=8)
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
content = "full"
"""
ARTICLE = "---\ntitle: {title}\ndate: {date}\n---\nThe *river* has risen at the old mill.\n\n{more}\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Lay down a publication with an article a week."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    write(tmp_path, "rivers", "Rivers and maps", "2026-11-20")
    return tmp_path


def write(site: Path, name: str, title: str, date: str, more: str = "") -> None:
    text = ARTICLE.format(title=json.dumps(title), date=date, more=more)
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
    assert given.issue
    assert again.issue
    assert back.issue
    assert (again.issue.subject, again.issue.preheader) == ("High water", "What to do now")
    assert again.written == ()
    assert (back.issue.subject, back.issue.preheader) == ("Field Notes Weekly #1: Rivers and maps", "What to do now")


# ---------------------------------------------------------------- what is taken back

SECRET = b"A secret river"


@pytest.fixture
def told(site: Path) -> Path:
    """Lay down a publication with two issues that were sent and are archived; the second has something to hide."""
    make(site)
    picture(site, "Gauges")
    write(site, "gauges", "Gauges", "2026-11-28", "![A secret river](gauge.png)")
    make(site, NOW + timedelta(days=7))
    Publication.load(site).build(LATER)
    assert "weekly/2026-W49.html" in archived(site)
    return site


def picture(site: Path, name: str) -> None:
    """Lay down a picture that mail programs do not show as it is, so that the bundle gets a copy."""
    image = Image.effect_noise((1400, 40), 50 + len(name)).convert("RGB")
    image.save(site / "articles" / "gauge.png")


def withdraw(site: Path, name: str = "gauges") -> BuildReport:
    (site / "articles" / f"{name}.md").unlink()
    return Publication.load(site).build(LATER, withdraw=["all"])


def expect_gone(site: Path) -> None:
    """Demand that nobody can read the second issue any more, and that the first is as it was."""
    files = archived(site)
    assert "weekly/2026-W48.html" in files
    assert [name for name in files if "W49" in name] == []
    assert [name for name, data in files.items() if b"Gauges" in data or SECRET in data] == []


def test_an_issue_with_a_withdrawn_article_leaves_the_archive(told: Path) -> None:
    report = withdraw(told)
    expect_gone(told)
    pages = ["feeds/issues/weekly/2026-W49.html.gz", "feeds/issues/weekly/2026-W49.html"]
    assert [name for name in report.removed if name.startswith("feeds/issues")][-2:] == pages
    (note,) = (problem for problem in report.problems if problem.path.startswith("issues/"))
    assert note.severity is Severity.NOTE
    assert (note.path, "Gauges" in note.message) == ("issues/weekly/2026-W49", True)
    (entry,) = feedparser.parse(archived(told)["weekly.atom.xml"]).entries
    assert entry.link.endswith("2026-W48.html")


def test_a_build_that_kept_what_was_withdrawn_would_be_noticed(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.publication.archive.taken_back", lambda past, catalogue: {})
    withdraw(told)
    with pytest.raises(AssertionError):
        expect_gone(told)


def test_a_dry_run_names_what_would_be_removed_and_removes_nothing(told: Path) -> None:
    before = archived(told)
    (told / "articles" / "gauges.md").unlink()
    report = Publication.load(told).build(LATER, withdraw=["all"], dry_run=True)
    assert "feeds/issues/weekly/2026-W49.html" in report.removed
    assert archived(told) == before


def test_after_a_withdrawal_there_is_nothing_left_to_do(told: Path) -> None:
    withdraw(told)
    report = Publication.load(told).build(LATER)
    assert (report.written, report.removed) == ((), ())
    standing = standing_report(told, LATER)
    assert standing is not None
    assert standing.problems == report.problems
    expect_gone(told)


def test_the_next_issue_takes_it_back_too(told: Path) -> None:
    path = told / "articles" / "gauges.md"
    path.write_text(path.read_text(encoding="utf-8").replace("title:", "status: withdrawn\ntitle:"), encoding="utf-8")
    write(told, "bridges", "Bridges", "2026-12-05")
    report = Publication.load(told).issue("weekly", NOW + timedelta(days=14))
    assert "feeds/issues/weekly/2026-W49.html" in report.removed
    assert any("Gauges" in problem.message for problem in report.problems)
    expect_gone(told)


def test_what_is_published_again_is_back(told: Path) -> None:
    before = archived(told)["weekly/2026-W49.html"]
    text = (told / "articles" / "gauges.md").read_text(encoding="utf-8")
    withdraw(told)
    (told / "articles" / "gauges.md").write_text(text, encoding="utf-8")
    Publication.load(told).build(LATER)
    assert archived(told)["weekly/2026-W49.html"] == before


@pytest.mark.parametrize("damage", ["---\ntitle: [\n---\n", "---\ndate: some day\n---\nText.\n"])
def test_an_article_that_cannot_be_read_takes_no_issue_away(told: Path, damage: str) -> None:
    before = archived(told)
    (told / "articles" / "gauges.md").write_text(damage, encoding="utf-8")
    assert Publication.load(told).build(LATER).removed == ()
    assert archived(told) == before


def test_an_article_that_waits_for_a_word_of_its_author_takes_no_issue_away(told: Path) -> None:
    before = archived(told)
    (told / "articles" / "gauges.md").unlink()
    assert Publication.load(told).build(LATER).removed == ()
    assert archived(told) == before


def test_another_id_is_no_withdrawal(told: Path) -> None:
    path = told / "articles" / "gauges.md"
    path.write_text(path.read_text(encoding="utf-8").replace("title:", "id: urn:x:1\ntitle:"), encoding="utf-8")
    report = Publication.load(told).build(LATER, force=True)
    assert report.removed == ()
    assert "weekly/2026-W49.html" in archived(told)


def test_with_all_issues_taken_back_the_list_is_empty(site: Path) -> None:
    make(site)
    Publication.load(site).build(LATER)
    withdraw(site, "rivers")
    files = archived(site)
    assert feedparser.parse(files["weekly.atom.xml"]).entries == []
    assert b"Rivers" not in b"".join(files.values())


def test_a_page_of_somebody_else_is_not_removed(told: Path) -> None:
    page = told / "feeds" / "issues" / "weekly" / "2026-W49.html"
    page.write_text("<p>My own words.</p>", encoding="utf-8")
    (page.parent / "2026-W49" / "images" / "mine.png").write_bytes(b"mine")
    (page.parent / "2026-W49" / "images" / "mine-0123abcd.png").write_bytes(b"mine, too")
    withdraw(told)
    left = [name for name in archived(told) if "W49" in name]
    assert left == [
        "weekly/2026-W49/images/mine-0123abcd.png",
        "weekly/2026-W49/images/mine.png",
        "weekly/2026-W49.html",
        "weekly/2026-W49.html.gz",
    ]


def test_pictures_that_an_issue_has_no_more_are_removed(site: Path) -> None:
    publication = Publication.load(site)
    picture(site, "One")
    write(site, "rivers", "Rivers and maps", "2026-11-20", "![One](gauge.png)")
    publication.issue("weekly", NOW)
    (before,) = (name for name in archived(site) if "/images/" in name)
    picture(site, "Another")
    report = publication.issue("weekly", NOW)
    (after,) = (name for name in archived(site) if "/images/" in name)
    assert before != after
    assert report.removed == (f"feeds/issues/{before}",)


# ---------------------------------------------------------------- what stays, and is noted


def noted(site: Path) -> list[str]:
    report = Publication.load(site).build(LATER)
    return [p.path for p in report.problems if p.severity is Severity.NOTE and "belongs to no bundle" in p.message]


def test_the_page_of_a_bundle_that_is_gone_stays_and_is_noted(told: Path) -> None:
    assert noted(told) == []
    rmtree(told / "issues" / "weekly" / "2026-W49")
    assert noted(told) == ["feeds/issues/weekly/2026-W49.html"]
    assert "weekly/2026-W49.html" in archived(told)
    assert [e.link[-13:] for e in feedparser.parse(archived(told)["weekly.atom.xml"]).entries] == ["2026-W48.html"]
    assert standing_report(told, LATER) is not None
    (told / "feeds" / "issues" / "weekly" / "2026-W49.html").unlink()
    assert standing_report(told, LATER) is None
    assert noted(told) == []


@pytest.mark.parametrize("end", ["archive = false\n", "[check]\n"])
def test_what_is_left_of_an_archive_stays_and_is_noted(told: Path, end: str) -> None:
    before = archived(told)
    settings = f"{SETTINGS}{end}" if "archive" in end else SETTINGS.partition("[[newsletters]]")[0]
    (told / "publisher.toml").write_text(settings, encoding="utf-8")
    names = ["weekly.atom.xml", "weekly.html", "weekly.json", "weekly.rss.xml"]
    assert noted(told) == [f"feeds/issues/{name}" for name in [*names, "weekly/2026-W48.html", "weekly/2026-W49.html"]]
    assert archived(told) == before


def test_of_a_newsletter_with_a_damaged_bundle_nothing_is_removed_and_nothing_noted(told: Path) -> None:
    before = archived(told)
    (told / "issues" / "weekly" / "2026-W48" / MANIFEST).write_text("{", encoding="utf-8")
    assert noted(told) == []
    withdraw(told)
    assert archived(told) == before


# ---------------------------------------------------------------- how much is read


def read_in(build: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the files of bundles that a build reads, without the manifests."""
    seen: list[str] = []

    def watched(path: Path, limit: int = LARGEST) -> bytes:
        seen.append(path.name)
        return read_file(path, limit)

    with monkeypatch.context() as patch:
        patch.setattr("publisher.publication.archive.read_file", watched)
        build()
    return seen


def test_a_build_reads_no_page_that_is_as_it_was_left(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(told, "bridges", "Bridges", "2026-11-29")
    assert read_in(lambda: Publication.load(told).build(LATER), monkeypatch) == []
    (told / "feeds" / "issues" / "weekly" / "2026-W48.html").unlink()
    assert read_in(lambda: Publication.load(told).build(LATER), monkeypatch) == ["web.html"]


def test_the_memory_of_a_build_does_not_grow_with_the_number_of_issues(site: Path) -> None:
    bundle = make(site)
    few, many = (peak(site, bundle, count) for count in (4, 24))
    assert few > 0
    assert many < 1.5 * few


def peak(site: Path, bundle: Path, count: int) -> int:
    """Return the most memory that a build takes with so many issues of two megabytes, in bytes."""
    said = json.loads((bundle / MANIFEST).read_bytes())
    page = b"<title>Old</title>" + b"x" * 2_000_000
    for number in range(2, count + 1):
        old = bundle.with_name(f"2026-W{number:02}")
        old.mkdir(exist_ok=True)
        (old / "web.html").write_bytes(page)
        files = {"web.html": sha256(page).hexdigest()}
        manifest = {**said, "key": old.name, "number": number, "files": files, "subject": f"Number {number}"}
        (old / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    tracemalloc.start()
    try:
        assert any(name.endswith(f"{count:02}.html") for name in Publication.load(site).build(LATER).written)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda page: page.write_bytes(b"<p>Other words.</p>")], ids=["missing", "changed"]
)
def test_a_page_that_is_not_the_one_that_was_made_is_named_at_every_build(
    site: Path, harm: Callable[[Path], object]
) -> None:
    bundle = make(site)
    harm(bundle / "web.html")
    for target in (site / "feeds" / "issues" / "weekly").glob("*.html*"):
        target.unlink()
    for _ in range(2):
        (problem,) = Publication.load(site).build(LATER).problems
        assert problem.path == "feeds/issues/weekly/2026-W48.html"
        assert "web.html: " in problem.message
        assert standing_report(site, LATER) is None
    assert "weekly/2026-W48.html" not in archived(site)


# ---------------------------------------------------------------- how it is found


def test_the_feed_of_issues_is_in_the_list_of_feeds_and_among_the_links_of_pages(told: Path) -> None:
    listed = (told / "feeds" / "feeds.opml").read_text(encoding="utf-8")
    assert 'xmlUrl="https://notes.example/feeds/issues/weekly.atom.xml"' in listed
    links = Publication.load(told).snippets("html", LATER)
    assert 'href="https://notes.example/feeds/issues/weekly.rss.xml"' in links
    own = Publication.load(told).snippets("html", LATER, feed="issues/weekly")
    assert "feeds/all.atom.xml" not in own


def test_an_issue_alone_brings_the_style_of_its_feed(site: Path) -> None:
    make(site)
    assert b"feed.css" in archived(site)["weekly.atom.xml"]
    assert (site / "feeds" / "feed.css").is_file()


def test_the_hub_is_told_of_an_issue_by_the_next_build(site: Path) -> None:
    hub = '[syndication]\nhub = "https://hub.example/"'
    settings = SETTINGS.replace("[syndication]", hub)
    (site / "publisher.toml").write_text(settings, encoding="utf-8")
    make(site)
    assert "https://notes.example/feeds/issues/weekly.atom.xml" in (site / PINGS).read_text(encoding="utf-8")


@pytest.mark.parametrize("number", ["Infinity", "1e999", "true", '"1"', "-1"])
def test_an_odd_number_in_a_manifest_is_told_in_words(site: Path, number: str) -> None:
    manifest = make(site) / MANIFEST
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace('"number": 1', f'"number": {number}'), encoding="utf-8"
    )
    publication = Publication.load(site)
    (problem,) = publication.build(NOW).problems
    assert "number is no number of an issue" in problem.message
    assert "bundle.manifest" in {finding.rule for finding in publication.check((), NOW)}
    with pytest.raises(ManifestError, match="number is no number of an issue"):
        publication.issue("weekly", NOW + timedelta(days=7))
