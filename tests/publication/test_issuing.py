"""Making an issue: what the check finds decides whether it is written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher import Publication
from publisher.newsletter import SENT

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SETTINGS = """
[publication]
title = "Field Notes"
url = "https://notes.example/"

[[newsletters]]
name = "weekly"
title = "Field Notes Weekly"
content = "full"
postal_address = "The publishers, 1 Sample Street, Exampleton"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Lay down a publication with one article."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    write(tmp_path, "The *river* has risen at the old mill.")
    return tmp_path


def write(site: Path, text: str) -> None:
    article = f"---\ntitle: Rivers\ndate: 2026-11-20\n---\n{text}\n"
    (site / "articles" / "rivers.md").write_text(article, encoding="utf-8")


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_an_issue_with_an_error_is_not_written_and_the_last_one_stays(site: Path) -> None:
    publication = Publication.load(site)
    publication.issue("weekly", NOW)
    before = tree(site / "issues")
    write(site, "Lorem ipsum dolor sit amet, consectetur adipiscing elit.")
    report = publication.issue("weekly", NOW)
    assert report.blocked
    assert report.written == ()
    assert "Rivers" in {finding.article for finding in report.findings if finding.rule == "issue.placeholder"}
    assert tree(site / "issues") == before


def test_a_rule_that_is_ignored_keeps_nothing_back(site: Path) -> None:
    (site / "publisher.toml").write_text(f'{SETTINGS}[check]\nignore = ["issue.placeholder"]\n', encoding="utf-8")
    write(site, "Lorem ipsum dolor sit amet, consectetur adipiscing elit.")
    report = Publication.load(site).issue("weekly", NOW)
    assert not report.blocked
    assert "issues/weekly/2026-W48/issue.html" in report.written


def test_the_same_issue_again_is_no_second_subject(site: Path) -> None:
    publication = Publication.load(site)
    publication.issue("weekly", NOW, subject="High water")
    again = publication.issue("weekly", NOW)
    (site / again.folder / SENT).write_text("{}", encoding="utf-8")
    (site / "articles" / "gauges.md").write_text("---\ntitle: Gauges\ndate: 2026-11-22\n---\nNew.\n", encoding="utf-8")
    following = publication.issue("weekly", NOW, subject="High water")
    assert not again.blocked
    assert [finding.rule for finding in following.findings if "subject" in finding.rule] == ["subject.duplicate"]
    assert following.blocked


def test_pictures_of_an_older_bundle_do_not_stay_beside_a_new_one(site: Path) -> None:
    publication = Publication.load(site)
    bundle = site / publication.issue("weekly", NOW).folder
    shots = bundle / "screenshots"
    shots.mkdir()
    (shots / "phone-dark.png").write_bytes(b"png")
    publication.issue("weekly", NOW)
    assert (shots / "phone-dark.png").exists()
    write(site, "The river has fallen.")
    publication.issue("weekly", NOW)
    assert not (shots / "phone-dark.png").exists()


def test_of_an_issue_that_has_left_only_changes_are_told(site: Path) -> None:
    publication = Publication.load(site)
    bundle = site / publication.issue("weekly", NOW, subject="BUY NOW!!! FREE!!!").folder
    assert [f.rule for f in publication.check([bundle], NOW)] != []
    (bundle / SENT).write_text("{}", encoding="utf-8")
    assert [f.rule for f in publication.check([bundle], NOW)] == []
    (bundle / "issue.txt").write_text("Something else.", encoding="utf-8")
    assert {f.rule for f in publication.check([bundle], NOW)} >= {"bundle.file.changed"}


@pytest.mark.parametrize("name", ["issue.html", "issue.txt", "issue.eml", "web.html", "manifest.json"])
def test_one_changed_byte_in_any_file_is_found(site: Path, name: str) -> None:
    publication = Publication.load(site)
    path = site / publication.issue("weekly", NOW).folder / name
    data = bytearray(path.read_bytes())
    for place in (*range(0, len(data), max(1, len(data) // 8)), len(data) - 1):
        changed = bytearray(data)
        changed[place] ^= 1
        path.write_bytes(changed)
        findings = publication.check([path.parent], NOW)
        assert any(f.rule.startswith("bundle.") and f.problem.severity.value == "error" for f in findings), place
    path.write_bytes(data)
    assert publication.check([path.parent], NOW) == ()
