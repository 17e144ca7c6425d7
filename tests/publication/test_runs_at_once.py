"""Runs as cron starts them: real processes, eight in the same second, under the real cron."""

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from publisher import Publication

SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
WEEK = timedelta(days=7)
READERS = 12
ROUNDS = 50 if os.environ.get("PUBLISHER_WHOLE") else 3
SETTINGS = """
[publication]
title = "Field Notes"
url = "https://notes.example/"
authority = "notes.example,2026"

[[newsletters]]
name = "weekly"
from = "Field Notes <letters@notes.example>"
list_id = "weekly.notes.example"
postal_address = "The publishers, 1 Sample Street, Exampleton"

[delivery]
url = "folder:out"

[web]
url = "https://notes.example/letters/"
"""


def write_article(site: Path, number: int, at: datetime) -> None:
    text = f"---\ntitle: Story {number}\ndate: {at:%Y-%m-%d}\n---\nThe river has risen {number} times.\n"
    (site / "articles" / f"story-{number}.md").write_text(text, encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Lay down a publication with readers, whose mails end in a folder."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    write_article(tmp_path, 0, SUNDAY - timedelta(days=2))
    addresses = [f"reader{n}@reader.example" for n in range(READERS)]
    Publication.load(tmp_path).subscribers.add(addresses, SUNDAY)
    return tmp_path


def command(site: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", "publisher", "-C", str(site), *arguments]


def at_once(site: Path, now: datetime, number: int) -> list[tuple[int, str, str]]:
    """Start runs in the same second, and give status and words of each."""
    call = command(site, "--as-of", now.isoformat(), "run")
    started = [
        subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") for _ in range(number)
    ]
    said = [process.communicate() for process in started]
    return [(process.returncode, out, err) for process, (out, err) in zip(started, said, strict=True)]


def mails(site: Path) -> list[tuple[str, str]]:
    """Give reader and subject of each mail that left."""
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in (site / "out").rglob("*.eml")]
    return sorted((str(mail["To"]), str(mail["Subject"])) for mail in found)


@pytest.mark.whole
def test_eight_runs_in_the_same_second_send_once_and_all_end_well(site: Path) -> None:
    assert at_once(site, SUNDAY, 1) == [(0, "", "")]
    for number in range(ROUNDS):
        now = MONDAY + number * WEEK
        write_article(site, number + 1, now)
        results = at_once(site, now, 8)
        assert [status for status, _, _ in results] == [0] * 8, results
        assert {out for _, out, _ in results} == {""}
        refused = [err for _, _, err in results if err]
        assert all("another run is at work" in err and err.count("\n") == 1 for err in refused)
        sent = mails(site)
        assert len(sent) == len(set(sent)) == READERS * (number + 1)


def test_a_run_sends_and_says_nothing_and_status_tells_of_it(site: Path) -> None:
    at_once(site, SUNDAY, 1)
    assert at_once(site, MONDAY, 1) == [(0, "", "")]
    assert at_once(site, MONDAY + timedelta(minutes=5), 1) == [(0, "", "")]
    told = subprocess.run(command(site, "status"), capture_output=True, encoding="utf-8", check=True).stdout
    assert "weekly/2026-W48  done  Field Notes #1: Story 0" in told
    assert f"  {READERS} sent" in told
    assert (site / "issues/weekly/2026-W48/report.html").is_file()
    assert len(mails(site)) == READERS


def test_three_months_of_runs_send_each_article_once(site: Path) -> None:
    publication = Publication.load(site)
    for number in range(0, 13 * 7, 2):
        now = SUNDAY + timedelta(days=number)
        if number % 3 == 0:
            write_article(site, number + 1, now)
        report = publication.run(lambda: now)  # noqa: B023 - called before the next turn
        assert report.failures == ()
    issues = sorted(path.name for path in (site / "issues/weekly").iterdir())
    assert len(issues) >= 11
    texts = [(site / "issues/weekly" / name / "manifest.json").read_text(encoding="utf-8") for name in issues]
    written = [f"Story {n}" for n in range(1, 13 * 7 + 1) if (n - 1) % 6 == 0]
    assert [sum(f'"{title}"' in text for text in texts) for title in written[:-2]] == [1] * (len(written) - 2)
    assert len(mails(site)) == len(set(mails(site))) == READERS * len(issues)


@pytest.fixture
def crontabs() -> Iterator[Path]:
    """Give the place of root's crontab; without Debian's cron, or rights to use it, the test is skipped, in CI it fails."""
    spool = Path("/var/spool/cron/crontabs/root")
    missing = not shutil.which("cron") or os.getuid() != 0 or not spool.parent.is_dir()
    if missing and os.environ.get("CI"):
        pytest.fail("cron is missing, or this is not root; .ci/bootstrap programs installs it")
    if (
        missing
        or spool.exists()
        or subprocess.run(["pidof", "cron"], stdout=subprocess.DEVNULL, check=False).returncode == 0
    ):
        pytest.skip("Debian's cron is missing, at work already, or belongs to somebody else here")
    yield spool
    spool.unlink(missing_ok=True)


@pytest.fixture
def due(site: Path) -> Path:
    """Give a publication in an odd folder whose next issue is due with the next minute: a run has seen it already."""
    odd = site.rename(site.parent / "it's 100% mine")
    settings = SETTINGS.replace('name = "weekly"', 'name = "weekly"\nschedule = "* * * * *"')
    (odd / "publisher.toml").write_text(settings, encoding="utf-8")
    present = datetime.fromtimestamp((odd / "publisher.toml").stat().st_mtime, UTC)
    story = f"---\ntitle: High water\ndate: {present.isoformat()}\n---\nIt came at night.\n"
    (odd / "articles" / "high-water.md").write_text(story, encoding="utf-8")
    subprocess.run(command(odd, "-q", "run"), check=True)
    assert mails(odd) == []
    return odd


def test_the_printed_line_delivers_an_issue_under_debian_s_cron(due: Path, crontabs: Path) -> None:
    printed = subprocess.run(command(due, "schedule", "--crontab"), capture_output=True, encoding="utf-8", check=True)
    assert printed.stdout.count("*/5 * * * * ") == 1
    (due / "feeds" / "all.atom.xml").unlink()
    crontabs.write_text(printed.stdout.replace("*/5 * * * * ", "* * * * * "), encoding="utf-8")
    crontabs.chmod(0o600)
    cron = subprocess.Popen([shutil.which("cron") or "cron", "-f"], env={"PATH": "/usr/bin:/bin"})
    try:
        for _ in range(180):
            if len(mails(due)) == READERS:
                break
            time.sleep(0.5)
    finally:
        cron.terminate()
        cron.wait()
    wanted = sorted((f"reader{n}@reader.example", "Field Notes #1: High water") for n in range(READERS))
    assert mails(due) == wanted, shlex.join(command(due, "run"))
    assert (due / "feeds" / "all.atom.xml").is_file()
