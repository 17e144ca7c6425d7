"""Four real-looking issues pass every check: ours, a spam filter's, and that of what mail programs show."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from PIL import Image

from publisher.check.clients import degradations, hits
from publisher.markup.plaintext import columns
from publisher.newsletter.mail import Reader, Skeleton

ROOT = Path(__file__).resolve().parents[2]
PACKAGED = Path("/usr/share/spamassassin")
NAMES = ("digest", "letter", "japanese", "arabic")
#: What SpamAssassin may see in a mail, with the reason.
MARKS = {
    "HTML_MESSAGE": "it has an HTML part",
    "MAILING_LIST_MULTI": "it has the header of a list, which is to its credit",
    "HTML_IMAGE_RATIO_04": "news with a picture each: little text for the pictures, counted as nothing",
    "HTML_IMAGE_RATIO_06": "the same of five articles",
    "LOTS_OF_MONEY": "a bridge was repaired for £2.1 million, counted as nothing",
}
READER = Reader(
    address="ben@reader.example",
    name="Ben Example",
    unsubscribe="https://letters.example/leave/mfrggzdfmztwq2lknnwg23tp",
    preferences="https://letters.example/choose/mfrggzdfmztwq2lknnwg23tp",
)
SPAM = b"""\
Return-Path: <win@prizes.example>
Received: from unknown (HELO localhost) [IPv6:2001:db8::66] by mx.reader.example; Mon, 23 Nov 2026 08:06:00 +0000
From: "CASINO" <win@prizes.example>
Subject: YOU WON ONE MILLION DOLLARS!!! ACT NOW
Date: Wed, 25 Nov 2026 08:00:00 +0000
Message-ID: <spam@prizes.example>
MIME-Version: 1.0
Content-Type: text/html

<html><body bgcolor="#ffffff"><font color="#fffffe">hidden words</font>
<font size="7">Dear friend, you have won $1,000,000.00 in the lottery. Viagra, cialis. Click here now!</font>
<img src="http://prizes.example/x.gif" width="600" height="900"></body></html>
"""
VERDICT = re.compile(r"X-Spam-Status: \w+, score=(-?[\d.]+) required=[\d.]+\s+tests=([A-Z0-9_,\s]*?)\s+autolearn")
POINTS = re.compile(r"^\s*(-?\d+\.\d) ([A-Z0-9_]+) ", re.MULTILINE)


def mail_of(sample: Any) -> bytes:
    return Skeleton.read((sample.bundle / "issue.eml").read_bytes()).message(READER)


def delivered(mail: bytes, host: str) -> bytes:
    """Return a mail as it lies in the reader's mailbox: from its own domain, a few minutes after it was made."""
    arrived = parsedate_to_datetime(message_from_bytes(mail)["Date"]).astimezone(UTC) + timedelta(minutes=3)
    before = (
        f"Return-Path: <bounce+mfrggzdfmztwq2lk@{host}>\r\n"
        f"Received: from mail.{host} (mail.{host} [IPv6:2001:db8::7])\r\n"
        "\tby mx.reader.example (Postfix) with ESMTPS id 4XyZab1cd2z9\r\n"
        f"\tfor <ben@reader.example>; {format_datetime(arrived)}\r\n"
    )
    return before.encode() + mail


@pytest.fixture(scope="module")
def verdicts(
    samples: dict[str, Any], needs_program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[float, dict[str, float]]]:
    """Let SpamAssassin judge all mails in one run, by its local rules: its score and the points for each rule it saw."""
    mails = {name: delivered(mail_of(sample), sample.host) for name, sample in samples.items()} | {"spam": SPAM}
    mailbox = b"".join(
        b"From bounce@reader.example Mon Nov 23 08:06:00 2026\n" + mail.replace(b"\r\n", b"\n") + b"\n"
        for mail in mails.values()
    )
    # No network (-L); a home without habits; on Debian the rules of the package, not those that somebody has updated.
    rules = ["-C", str(PACKAGED)] if PACKAGED.is_dir() else []
    command = [needs_program("spamassassin"), "-L", "-t", "--mbox", *rules]
    home = tmp_path_factory.mktemp("home")
    run = subprocess.run(
        command, input=mailbox, capture_output=True, check=True, env={**os.environ, "HOME": str(home)}, timeout=300
    )
    judged = {}
    for piece in re.split(r"(?m)^From [^\n]* 2026$", run.stdout.decode(errors="replace")):
        if found := VERDICT.search(piece):
            sender = message_from_bytes(piece.strip().encode(), policy=policy.compat32)["From"]
            name = next((name for name, sample in samples.items() if f"@{sample.host}>" in sender), "spam")
            judged[name] = float(found[1]), {rule: float(points) for points, rule in POINTS.findall(piece)}
            assert {*found[2].replace(",", " ").split()} == judged[name][1].keys()
    return judged


@cache
def listed_refinements() -> dict[str, str]:
    rows = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8").splitlines()
    return {row.split("`")[1]: row for row in rows if row.startswith("| `client.")}


def root_of(sample: Any) -> etree._Element:
    return etree.fromstring(sample.text("issue.html").encode(), etree.HTMLParser(encoding="utf-8"))


def looks(path: Path) -> tuple[tuple[int, int], str | None, int]:
    with Image.open(path) as picture:
        return picture.size, picture.format, getattr(picture, "n_frames", 1)


@pytest.mark.parametrize("name", NAMES)
def test_no_check_has_anything_to_tell(samples: dict[str, Any], name: str) -> None:
    sample = samples[name]
    assert [problem.message for problem in sample.report.problems] == []
    found = [*sample.report.findings, *sample.publication.check([sample.bundle], sample.moment)]
    assert [(finding.rule, finding.problem.message) for finding in found] == []


def test_an_unfinished_article_would_be_told(make_sample: Callable[..., Any]) -> None:
    def change(folder: Path) -> None:
        with (folder / "articles" / "toro.md").open("a", encoding="utf-8") as file:
            file.write("\nLorem ipsum dolor sit amet: [続き](http://localhost/)\n")

    report = make_sample("japanese", change).report
    assert report.blocked
    assert {finding.rule for finding in report.findings} >= {"issue.placeholder", "html.link.local"}
    assert report.written == ()


def test_the_samples_hold_what_they_are_for(samples: dict[str, Any]) -> None:
    counts = {name: len(sample.report.issue.articles) for name, sample in samples.items()}
    assert counts == {"digest": 20, "letter": 5, "japanese": 5, "arabic": 6}
    letter = samples["letter"].text("issue.html")
    for piece in (
        "<pre",
        "<table class=",
        'class="note"',
        "Watch the video",
        'class="caption"',
        "&#9745;",
        'src="cid:',
    ):
        assert piece in letter.replace("☑", "&#9745;")
    assert samples["digest"].text("issue.html").count("<img") == 17
    # A WebP and a picture of 1600 pixels got copies; the moving GIF and what is fit for mails are linked as they are.
    assert sorted(re.sub("-[0-9a-f]+", "", file) for file in samples["digest"].report.files if "/" in file) == [
        "images/heron.png",
        "images/library.png",
    ]
    assert "https://weirford.example/lamp.gif" in samples["digest"].text("issue.html")
    assert '<blockquote lang="en"' in samples["japanese"].text("issue.html")
    assert '<html lang="ar" dir="rtl"' in samples["arabic"].text("issue.html")
    assert 'lang="en" dir="ltr"' in samples["arabic"].text("issue.html")


@pytest.mark.parametrize("name", NAMES)
def test_every_mail_program_shows_all_but_listed_refinements(samples: dict[str, Any], name: str) -> None:
    root, listed = root_of(samples[name]), listed_refinements()
    assert [hit.message for hit in hits(root)] == []
    refined = list(degradations(root))
    assert len(refined) > 5
    assert [
        (hit.rule, client) for hit in refined for client in hit.clients if client not in listed.get(hit.rule, "")
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_sizes_stay_below_what_mail_programs_cut_off(samples: dict[str, Any], name: str) -> None:
    html = samples[name].text("issue.html")
    assert len(html.encode()) < 100_000
    assert sum(len(style.encode()) for style in re.findall(r"<style.*?</style>", html, re.DOTALL)) < 16_384
    assert len(mail_of(samples[name])) < 1_000_000


@pytest.mark.parametrize("name", NAMES)
def test_the_text_part_fits_72_columns_and_says_what_the_html_says(samples: dict[str, Any], name: str) -> None:
    text, issue = samples[name].text("issue.txt"), samples[name].report.issue
    wide = [line for line in text.splitlines() if columns(line) > 72 and " " in line.strip()]
    assert wide == []
    places = [text.index(article.url) for article in issue.articles]
    assert places == sorted(places)
    squeezed = re.sub(r"\s", "", text)
    assert [article.title for article in issue.articles if re.sub(r"\s", "", article.title) not in squeezed] == []
    assert not re.search(r"\n\n\n|&[a-z]+;|</?[a-z]+>", text)


@pytest.mark.parametrize("name", NAMES)
def test_spamassassin_has_nothing_against_it(
    verdicts: dict[str, tuple[float, dict[str, float]]], samples: dict[str, Any], name: str
) -> None:
    score, points = verdicts[name]
    assert score < 1.0
    assert sum(point for point in points.values() if point > 0) < 1.0
    assert points.keys() <= MARKS.keys()
    assert "MAILING_LIST_MULTI" in points


def test_every_mark_is_one_that_is_seen(verdicts: dict[str, tuple[float, dict[str, float]]]) -> None:
    assert {rule for name in NAMES for rule in verdicts[name][1]} == MARKS.keys()


def test_spamassassin_would_see_spam(verdicts: dict[str, tuple[float, dict[str, float]]]) -> None:
    score, points = verdicts["spam"]
    assert score >= 1.0
    assert {"DATE_IN_FUTURE_24_48", "HTML_FONT_LOW_CONTRAST", "MIME_HTML_ONLY"} <= points.keys()


def test_the_pictures_are_those_that_the_script_draws(tmp_path: Path) -> None:
    """Compared as pictures: how well they are packed depends on the library."""
    script = ROOT / "tests" / "samples" / "draw.py"
    subprocess.run([sys.executable, script, tmp_path], check=True, timeout=120)
    drawn = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*.*"))
    assert len(drawn) == 28
    for name in drawn:
        assert looks(tmp_path / name) == looks(script.parent / name)
        assert (script.parent / name).stat().st_size < 16_000
