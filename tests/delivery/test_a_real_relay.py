"""A real Postfix takes an issue for two thousand readers, and what it says of some of them is understood."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from publisher import Publication
from publisher.audience.subscriptions import subscribe
from publisher.check import check_message
from publisher.errors import Severity
from tests.delivery.postfix import Postfix, postfix

READERS = 2000
NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
_CONFIG = """
[publication]
title = "Field Notes"
url = "https://notes.example/"

[[newsletters]]
name = "weekly"
from = "Field Notes <letters@notes.example>"
postal_address = "Field Notes, 1 Sample Street, Exampleton"
archive = false

[web]
url = "https://notes.example/letters/"

[delivery]
url = "smtp://127.0.0.1:{port}"
security = "none"
connections = 8
"""
_ARTICLE = """---
title: Rain over the western hills
id: https://notes.example/rain/
date: 2026-11-20T08:00:00Z
---

The gauge at the gate read nine millimetres, and the gutter ran for an hour after. Then the sun came, and the road smoked
until noon, and nobody in the valley spoke of anything else for the rest of the week.
"""
#: What Postfix says of some readers.
UNKNOWN = {f"r{number}@readers.example" for number in range(0, READERS, 100)}
FULL = {f"r{number}@readers.example" for number in range(50, READERS, 100)}


@pytest.fixture(scope="module")
def relay() -> Iterator[Postfix]:
    if not (shutil.which("postfix") and os.geteuid() == 0):
        reason = "Postfix is missing, or this is not root; .ci/bootstrap programs installs it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with postfix() as server:
        yield server


@pytest.fixture(scope="module")
def publication(relay: Postfix, tmp_path_factory: pytest.TempPathFactory) -> Publication:
    folder = tmp_path_factory.mktemp("publication")
    (folder / "articles").mkdir()
    (folder / "articles" / "rain.md").write_text(_ARTICLE, encoding="utf-8")
    (folder / "publisher.toml").write_text(_CONFIG.format(port=relay.port), encoding="utf-8")
    publication = Publication.load(folder)
    assert not publication.issue("weekly", NOW).blocked
    keys = publication._keys()
    with publication._store() as store, store.writing() as connection:
        for number in range(READERS):
            subscribe(connection, keys, "weekly", f"r{number}@readers.example", now=NOW)
    return publication


def recipients(paths: list[Path]) -> Counter[str]:
    mails = (message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths)
    return Counter(str(mail["X-Original-To"] or mail["Delivered-To"]) for mail in mails)


def test_an_issue_reaches_everybody_whom_postfix_takes_and_the_others_are_told(
    relay: Postfix, publication: Publication
) -> None:
    answers = dict.fromkeys(UNKNOWN, "550 5.1.1 no such user")
    relay.answer(answers | dict.fromkeys(FULL, "452 4.2.2 mailbox full"))
    report = publication.send("weekly", lambda: NOW)
    assert report.status == 3
    assert {state.value: number for state, number in report.counts.items() if number} == {
        "sent": READERS - len(UNKNOWN) - len(FULL),
        "failed": len(UNKNOWN),
        "pending": len(FULL),
    }
    with publication.fates("weekly", ["failed"]) as (_, fates):
        told = {fate.address: fate.reply for fate in fates}
    assert told.keys() == UNKNOWN
    assert all(reply.startswith("550 5.1.1") for reply in told.values())

    relay.answer({})
    later = publication.send("weekly", lambda: NOW + timedelta(minutes=6))
    assert later.tally.sent == len(FULL)
    paths = relay.delivered(READERS - len(UNKNOWN))
    everybody = {f"r{number}@readers.example" for number in range(READERS)}
    assert recipients(paths) == Counter(everybody - UNKNOWN)
    for path in paths[::200]:
        _expect_good(path)


def _expect_good(path: Path) -> None:
    """Demand that a delivered mail passes the check, with all that Postfix put before it; files hold its lines with LF."""
    findings = check_message(path.read_bytes().replace(b"\n", b"\r\n"), "delivered.eml")
    assert [found for found in findings if found.problem.severity is Severity.ERROR] == []
