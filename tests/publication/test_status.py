"""What is told of issues: how they went, what became of each mail, the report page."""

import re
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher import Publication
from publisher.check.mail.bundle import unlisted
from publisher.delivery import history
from publisher.delivery.chart import Span, blocks, series, span_of
from publisher.delivery.history import Tally, codes, fates, issues, reasons, shares, tallies
from publisher.delivery.report import REPORT, account_of, report_page
from publisher.errors import UsageError
from publisher.newsletter.manifest import read
from publisher.publication.reporting import write_report
from publisher.publication.status import find_issue, standing_of, status_report
from publisher.store import Store
from publisher.templating import bundled
from tests.ledgers import BEGUN, MINUTE, sample, sent, write_issue

SETTINGS = '[publication]\ntitle = "Field Notes"\nurl = "https://notes.example/"\n[[newsletters]]\nname = "weekly"\n'
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    (tmp_path / "articles").mkdir()
    (tmp_path / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "articles" / "rivers.md").write_text("---\ntitle: Rivers\ndate: 2026-11-20\n---\nHigh.\n", "utf-8")
    return Publication.load(tmp_path)


def test_counts_add_up_and_tell_deferred_from_waiting(store: Store) -> None:
    write_issue(store, sample())
    with store.reading() as connection:
        (found,) = issues(connection)
    assert found.counts == {"sent": 47, "deferred": 1, "pending": 1, "uncertain": 1, "failed": 1, "skipped": 1}
    assert found.candidates == sum(found.excluded.values()) + sum(found.counts.values())
    assert (found.open, found.name, found.subject) == (3, "weekly/2026-W48", "Field Notes #3: High water")
    assert found.frozen_at == BEGUN


def test_issues_come_newest_first_and_can_be_chosen(store: Store) -> None:
    write_issue(store, [], "2026-W47", frozen_at=BEGUN - timedelta(days=7), state="done")
    write_issue(store, [])
    write_issue(store, [], newsletter="daily", frozen_at=BEGUN + MINUTE)
    with store.reading() as connection:
        assert [one.name for one in issues(connection)] == ["daily/2026-W48", "weekly/2026-W48", "weekly/2026-W47"]
        assert [one.key for one in issues(connection, newsletter="weekly", most=1)] == ["2026-W48"]
        assert history.unfinished(connection) == (("weekly", "2026-W48", "sending"), ("daily", "2026-W48", "sending"))
        assert history.keys(connection, "weekly") == {"2026-W47", "2026-W48"}


def test_mails_over_time_are_counted_by_the_minute(store: Store) -> None:
    number = write_issue(store, sample())
    with store.reading() as connection:
        found = tallies(connection, number)
    assert Tally(BEGUN, "sent", 4) in found
    assert Tally(BEGUN + 30 * MINUTE, "deferred", 1) in found
    assert sum(tally.mails for tally in found if tally.state == "sent") == 47
    assert [tally.minute for tally in found] == sorted(tally.minute for tally in found)


def test_fates_come_in_pages_and_none_is_lost(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    number = write_issue(store, sample())
    every = list(fates(store, number))
    for size in (1, 7, len(every), 1000):
        monkeypatch.setattr(history, "_PAGE", size)
        assert list(fates(store, number)) == every
    assert len(every) == 52
    (failed,) = fates(store, number, ["failed"])
    assert (failed.address, failed.stage, failed.reply) == (
        "gone@reader.example",
        "rcpt",
        "550 5.1.1 <gone@reader.example>: no such user",
    )
    (deferred,) = fates(store, number, ["deferred"])
    assert (deferred.attempts, deferred.at) == (2, BEGUN + 30 * MINUTE)


def test_reasons_name_no_reader(store: Store) -> None:
    number = write_issue(store, sample())
    with store.reading() as connection:
        assert reasons(connection, number, "failed") == {"550 5.1.1": 1}
        assert reasons(connection, number, "skipped") == {"unsubscribed": 1}
        assert reasons(connection, number, "uncertain") == {"connection lost after the data": 1}


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("550 5.1.1 no such user", "550 5.1.1"),
        ("452 try later", "452"),
        ("421-4.7.0 slow down", "421 4.7.0"),
        ("refused <ann@reader.example> for ever", "refused … for ever"),
        ("", "no reply"),
    ],
)
def test_replies_are_told_by_their_codes(reply: str, shown: str) -> None:
    assert codes(reply) == shown


def test_domains_of_few_readers_are_not_told(store: Store) -> None:
    erased = {**sent("x", 1), "address": "f" * 64}
    number = write_issue(store, [*sample(), *[erased] * 7])
    with store.reading() as connection:
        found = shares(connection, number, 5, 20)
    assert [(one.domain, one.mails, one.sent, one.failed) for one in found] == [
        ("reader.example", 44, 40, 1),
        ("post.example", 7, 6, 0),
    ]


def test_status_tells_issues_and_what_is_due(store: Store, publication: Publication) -> None:
    write_issue(store, sample())
    report = status_report(store, publication.settings, BEGUN, 5)
    (standing,) = report.issues
    assert [fate.address for fate in standing.uncertain] == ["maybe@reader.example"]
    assert (report.open, standing.skipped) == (3, {"unsubscribed": 1})
    assert [(due.newsletter, due.dates[0]) for due in report.due] == [("weekly", BEGUN + timedelta(hours=1))]


def test_an_issue_is_found_by_each_of_its_names(store: Store) -> None:
    write_issue(store, [], "2026-W47", frozen_at=BEGUN - timedelta(days=7))
    write_issue(store, [])
    for name in ("weekly", "weekly/2026-W48", "issues/weekly/2026-W48/", "/somewhere/issues/weekly/2026-W48"):
        assert find_issue(store, name).key == "2026-W48"
    assert find_issue(store, "weekly/2026-W47").key == "2026-W47"


def test_an_issue_that_nobody_knows_is_told_with_those_there_are(store: Store) -> None:
    with pytest.raises(UsageError, match="none was at all"):
        find_issue(store, "weekly")
    with pytest.raises(UsageError, match="none was at all"):
        find_issue(None, "weekly")
    write_issue(store, [])
    with pytest.raises(UsageError, match="no issue called daily was sent; there is weekly/2026-W48"):
        find_issue(store, "daily")


def test_nothing_is_told_where_nothing_was_sent(publication: Publication) -> None:
    report = publication.status(BEGUN)
    assert (report.issues, len(report.due)) == ((), 1)
    assert not (publication.folder / ".publisher" / "state.db").exists()


# ---------------------------------------------------------------- the picture


def test_a_span_holds_all_minutes_in_at_most_as_many_columns() -> None:
    found = span_of([Tally(BEGUN, "sent", 1), Tally(BEGUN + 59 * MINUTE, "sent", 1)], 20)
    assert found == Span(BEGUN, 3 * MINUTE, 20)
    assert span_of([Tally(BEGUN, "sent", 1)], 20) == Span(BEGUN, MINUTE, 1)
    assert span_of([], 20) is None


@given(st.lists(st.tuples(st.integers(0, 100_000), st.integers(1, 9)), min_size=1), st.integers(1, 80))
def test_each_mail_is_in_one_column(minutes: list[tuple[int, int]], columns: int) -> None:
    counted = [Tally(BEGUN + at * MINUTE, "sent", mails) for at, mails in minutes]
    span = span_of(counted, columns)
    assert span
    values = series(counted, span, "sent")
    assert len(values) <= columns
    assert sum(values) == sum(mails for _, mails in minutes)


def test_blocks_show_all_that_is_not_nothing() -> None:
    assert blocks([0, 1, 500, 1000], 1000) == " ▁▄█"
    assert blocks([0, 1, 500, 1000], 1000, plain=True) == " .=@"
    assert blocks([0, 0], 0) == "  "


# ---------------------------------------------------------------- the page


def page_of(store: Store, number: int) -> str:
    with store.reading() as connection:
        (found,) = [one for one in issues(connection) if one.id == number]
        account = account_of(connection, found)
    return report_page(account, "Field Notes <Weekly>", "en", BERLIN, bundled())


def test_the_page_tells_all_and_names_nobody(store: Store) -> None:
    page = page_of(store, write_issue(store, sample()))
    assert re.findall(r"[\w.]+@[\w.]+", page) == []
    assert "family.example" not in page
    assert "May Be" not in page
    for words in ("<b>47</b>", "550 5.1.1", "reader.example", "unsubscribed", "2026-11-23 08:00", "3 mails are not"):
        assert words in page
    assert "Field Notes &lt;Weekly&gt;" in page
    assert page.count("<rect") >= 10
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_planted_address_in_the_page_would_be_noticed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "codes", lambda reply: reply)
    page = page_of(store, write_issue(store, sample()))
    assert re.findall(r"[\w.]+@[\w.]+", page) == ["gone@reader.example"]


def test_the_page_of_an_issue_for_nobody_can_be_made(store: Store) -> None:
    page = page_of(store, write_issue(store, [], state="done", done_at=BEGUN + MINUTE))
    assert "Every mail of this issue is settled." in page
    assert "<svg" not in page


def test_the_same_ledger_gives_the_same_page(store: Store) -> None:
    number = write_issue(store, sample())
    assert page_of(store, number) == page_of(store, number)


def test_the_report_lies_in_the_bundle_and_the_check_does_not_mind(store: Store, publication: Publication) -> None:
    folder = publication.issue("weekly", BEGUN).folder
    key = folder.rpartition("/")[2]
    number = write_issue(store, sample(), key)
    with store.reading() as connection:
        (found,) = [one for one in issues(connection) if one.id == number]
        account = account_of(connection, found)
    write_report(publication.folder, publication.settings, account)
    bundle = publication.folder / folder
    assert (bundle / REPORT).is_file()
    assert unlisted(bundle, read((bundle / "manifest.json").read_bytes())) == []
    assert [f.rule for f in publication.check([bundle], BEGUN) if f.rule.startswith("bundle")] == []


def test_a_report_of_a_bundle_that_is_gone_is_not_written(store: Store, publication: Publication) -> None:
    number = write_issue(store, sample())
    with store.reading() as connection:
        (found,) = [one for one in issues(connection) if one.id == number]
        account = account_of(connection, found)
    write_report(publication.folder, publication.settings, account)
    assert not (publication.folder / "issues").exists()


def test_standing_of_an_issue_without_doubt_lists_nobody(store: Store) -> None:
    write_issue(store, [sent("ann", 1)])
    with store.reading() as connection:
        (found,) = issues(connection)
    assert standing_of(store, found).uncertain == ()
    assert replace(found, counts={}).open == 0
    assert found.frozen_at.tzinfo is UTC
