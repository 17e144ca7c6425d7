"""What holds of every bundle: the day does not matter, all that tells of an issue agrees, success is silent, nobody is tracked."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import click
import feedparser
import pytest
from lxml import etree
from pydantic import BaseModel

from publisher import Publication
from publisher.cli import main
from publisher.config.settings import Settings
from publisher.newsletter import MANIFEST, SENT

SETTINGS = """
[publication]
title = "Field Notes"
url = "https://notes.example/"
authority = "notes.example,2026"
timezone = "Europe/Berlin"

[[newsletters]]
name = "weekly"
title = "Field Notes Weekly"
"""
ARTICLE = "---\ntitle: {title}\ndate: {date}\n---\nThe *river* has risen at the old mill.\n"
#: Monday to Sunday of one week, in the hours of several zones.
MOMENTS = (
    "2026-11-23T09:00:00+01:00",
    "2026-11-25T23:59:59-11:00",
    "2026-11-28T05:00:00+05:45",
    "2026-11-29T12:00:00+00:00",
)
SINCE = datetime.fromisoformat("2026-11-16T00:00:00+01:00")
#: What programs call what they do to watch their readers.
TRACKING = re.compile(r"track|pixel|beacon|open|click|utm|analytic|campaign|rewrit|statistic", re.IGNORECASE)


def lay_down(folder: Path, *titles: str) -> Path:
    (folder / "articles").mkdir(parents=True, exist_ok=True)
    (folder / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    for day, title in enumerate(titles, start=20):
        text = ARTICLE.format(title=title, date=f"2026-11-{day}")
        (folder / "articles" / f"{title.lower()}.md").write_text(text, encoding="utf-8")
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".publisher" not in path.parts
    }


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return lay_down(tmp_path / "site", "Rivers", "Gauges")


# ---------------------------------------------------------------- the day


def issued(folder: Path, moment: str, *, since: datetime | None) -> dict[str, bytes]:
    publication = Publication.load(lay_down(folder, "Rivers"))
    publication.issue("weekly", datetime.fromisoformat(moment), since=since)
    return tree(folder)


def expect_the_same_on_all_days(trees: list[dict[str, bytes]]) -> None:
    """Demand that the issue of the last week of November was made, with the same bytes each time."""
    assert f"issues/weekly/2026-W48/{MANIFEST}" in trees[0]
    assert all(made == trees[0] for made in trees)


@pytest.mark.parametrize("since", [SINCE, None])
def test_the_first_issue_has_the_same_bytes_on_each_day_of_its_period(tmp_path: Path, since: datetime | None) -> None:
    expect_the_same_on_all_days([issued(tmp_path / moment, moment, since=since) for moment in MOMENTS])


def test_a_later_issue_needs_nothing_said_for_that(tmp_path: Path) -> None:
    trees = []
    for moment in MOMENTS:
        folder = tmp_path / moment
        issued(folder, "2026-11-21T08:00:00+01:00", since=SINCE)
        lay_down(folder, "Rivers", "Gauges", "Bridges")
        Publication.load(folder).issue("weekly", datetime.fromisoformat(moment))
        trees.append(tree(folder))
    expect_the_same_on_all_days(trees)


def test_a_bundle_that_knew_the_clock_would_be_noticed(tmp_path: Path) -> None:
    """The manifest says from when on articles were taken: reckoned from the clock, that is another time each day."""
    week = timedelta(days=7)
    trees = [issued(tmp_path / m, m, since=datetime.fromisoformat(m) - week) for m in MOMENTS]
    with pytest.raises(AssertionError):
        expect_the_same_on_all_days(trees)


# ---------------------------------------------------------------- agreement


def test_mail_page_and_feeds_agree_on_the_issue_and_on_each_article(site: Path) -> None:
    report = Publication.load(site).issue("weekly", datetime.fromisoformat(MOMENTS[0]))
    manifest = json.loads(report.files[MANIFEST])
    mail = message_from_bytes(report.files["issue.eml"], policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"] == manifest["subject"] == "Field Notes Weekly #1: Gauges"
    assert mail["Date"].datetime == datetime.fromisoformat(manifest["date"])
    feeds = site / "feeds" / "issues"
    page = etree.HTML((feeds / "weekly" / "2026-W48.html").read_bytes(), etree.HTMLParser(encoding="utf-8"))
    (entry,) = feedparser.parse((feeds / "weekly.atom.xml").read_bytes()).entries
    assert page.findtext(".//title") == entry.title == manifest["subject"]
    assert entry.link == manifest["url"]
    listed = [(article["title"], article["url"]) for article in manifest["articles"]]
    assert [title for title, _ in listed] == ["Gauges", "Rivers"]
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        said = part.get_content()
        assert manifest["url"] in said
        assert [title in said and url in said for title, url in listed] == [True, True]
    told = etree.HTML(entry.content[0].value)
    assert [(link.text, link.get("href")) for link in told.iter("a")] == listed


# ---------------------------------------------------------------- silence


def publisher(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "publisher", "--as-of", "2026-11-23T08:00:00Z", *arguments]
    environment = {**os.environ, "PYTHONWARNINGS": "default"}
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False, env=environment)


def test_an_issue_prints_its_folder_and_not_a_word_more(site: Path) -> None:
    """Whatever cssutils thinks of a style sheet: what a program says under cron becomes a mail."""
    style = Path(__file__).resolve().parents[2] / "templates" / "email" / "style.css"
    odd = ".odd { colour: blew; *zoom: 1; filter: alpha(opacity=50); -x-own: 1px; width: 5furlongs }\n"
    (site / "templates" / "email").mkdir(parents=True)
    (site / "templates" / "email" / "style.css").write_text(style.read_text(encoding="utf-8") + odd, encoding="utf-8")
    made = publisher(site, "issue", "weekly")
    assert (made.returncode, made.stdout, made.stderr) == (0, "issues/weekly/2026-W48\n", "")
    checked = publisher(site, "check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert [line for line in checked.stdout.splitlines() if not line.startswith("note: ")] == []


def test_with_nothing_new_the_status_says_that_all_is_well(site: Path) -> None:
    bundle = site / Publication.load(site).issue("weekly", datetime.fromisoformat(MOMENTS[0])).folder
    (bundle / SENT).write_text("{}", encoding="utf-8")
    nothing = publisher(site, "-q", "issue", "weekly")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "")


def test_what_check_finds_is_one_json_document(site: Path) -> None:
    bundle = site / Publication.load(site).issue("weekly", datetime.fromisoformat(MOMENTS[0])).folder
    (bundle / "issue.txt").write_text("Something else.", encoding="utf-8")
    checked = publisher(site, "check", "--json", str(bundle))
    assert (checked.returncode, checked.stderr) == (1, "")
    assert "bundle.file.changed" in {finding["rule"] for finding in json.loads(checked.stdout)}


# ---------------------------------------------------------------- no tracking


def settings_of(model: type[BaseModel]) -> Iterator[str]:
    """Yield the names of all keys, those of inner tables too."""
    for name, field in model.model_fields.items():
        yield name
        for inner in re.findall(r"publisher\.config\.[\w.]+", repr(field.annotation)):
            module, _, kind = inner.rpartition(".")
            found = getattr(sys.modules[module], kind, None)
            if isinstance(found, type) and issubclass(found, BaseModel):
                yield from settings_of(found)


def options_of(command: click.Command) -> Iterator[str]:
    """Yield the names of all options of a command."""
    yield from (option for parameter in command.params for option in parameter.opts if option.startswith("--"))


def test_no_setting_and_no_option_is_about_watching_readers() -> None:
    keys = {*settings_of(Settings)}
    assert {"accent", "postal_address", "hub"} <= keys
    assert [key for key in keys if TRACKING.search(key)] == []
    options = {f"{name} {option}" for name, command in main.commands.items() for option in options_of(command)}
    assert {option for option in options if TRACKING.search(option)} == {"preview --open"}  # the author's own browser
