"""A run does what is due, as far as it can; whatever fails, the rest is done."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from publisher import Publication
from publisher.delivery.report import REPORT
from publisher.delivery.sending import _EXPIRED
from publisher.errors import PublisherError, SurroundingsError, UsageError
from publisher.newsletter import SENT
from publisher.publication.clock import Reading, clock_fault, read_reading
from publisher.publication.running import ClockDoubted, Failure, Run, RunReport
from publisher.publication.telling import news
from publisher.store import Store, StoreError, open_store
from publisher.store.tables import issue, issue_article
from tests.ledgers import sample, sent, write_issue

SUNDAY = datetime(2026, 11, 22, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SETTINGS = """
[publication]
title = "Field Notes"
url = "https://notes.example/"
authority = "notes.example,2026"

[[newsletters]]
name = "weekly"
postal_address = "The publishers, 1 Sample Street, Exampleton"
"""


@dataclass
class Site:
    """A publication, its ledger, and what a run sent."""

    folder: Path
    store: Store
    sent: list[str] = field(default_factory=list)
    #: Becomes of each sending.
    outcome: Callable[[str], None] = lambda _name: None
    #: What sending says that kept the rest from leaving.
    obstacle: str = ""

    def settings(self, text: str) -> None:
        (self.folder / "publisher.toml").write_text(text, encoding="utf-8")

    def article(self, name: str, day: str = "2026-11-20", text: str = "The river has risen.") -> None:
        article = f"---\ntitle: {name}\ndate: {day}\n---\n{text}\n"
        (self.folder / "articles" / f"{name.lower()}.md").write_text(article, encoding="utf-8")

    def send(self, name: str) -> str:
        """Freeze an issue as sending does, and send it to one reader; going on with it changes nothing."""
        self.sent.append(name)
        self.outcome(name)
        newsletter, _, key = name.partition("/")
        with self.store.reading() as connection:
            from publisher.delivery.history import keys

            known = key in keys(connection, newsletter)
        if not known:
            manifest = (self.folder / "issues" / name / "manifest.json").read_text(encoding="utf-8")
            done = {"state": "done", "newsletter": newsletter, "bundle": f"issues/{name}", "manifest": manifest}
            write_issue(self.store, [sent("ann", 1)], key, **done)
            (self.folder / "issues" / name / SENT).write_text("{}", encoding="utf-8")
        return self.obstacle

    def run(self, now: datetime, *, force: bool = False, reading: Reading | None = None) -> RunReport:
        publication = Publication.load(self.folder)
        run, said = Run(publication, self.store, lambda: now, self.send), reading or Reading(now)
        try:
            if not force:
                run.expect_clock(said)
        except ClockDoubted as error:
            return RunReport(failures=(Failure(str(error), error.exit_status),))
        return run.go(said)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    (tmp_path / "articles").mkdir()
    with open_store("sqlite:///.publisher/state.db", tmp_path) as store:
        made = Site(tmp_path, store)
        made.settings(SETTINGS)
        made.article("Rivers")
        yield made


def messages(report: RunReport) -> list[str]:
    return [failure.message for failure in report.failures]


def test_the_first_run_builds_and_waits_for_the_next_date(site: Site) -> None:
    assert site.run(SUNDAY) == RunReport()
    assert (site.folder / "feeds" / "all.atom.xml").is_file()
    assert site.sent == []
    assert not (site.folder / "issues").exists()


def test_what_is_due_is_made_sent_once_and_reported(site: Site) -> None:
    site.run(SUNDAY)
    for n in range(5):
        assert site.run(MONDAY + n * 5 * MINUTE) == RunReport()
    assert site.sent == ["weekly/2026-W48"]
    assert (site.folder / "issues/weekly/2026-W48" / REPORT).is_file()


def test_nothing_new_makes_no_issue_and_what_comes_later_waits_for_the_next_date(site: Site) -> None:
    site.article("Rivers", "2026-10-01")
    site.run(SUNDAY)
    site.run(MONDAY)
    site.article("Gauges", "2026-11-24")
    site.run(MONDAY + 2 * DAY)
    assert site.sent == []
    site.run(MONDAY + 7 * DAY)
    assert site.sent == ["weekly/2026-W49"]


def test_an_article_is_in_one_issue_however_it_is_edited(site: Site) -> None:
    site.run(SUNDAY)
    site.run(MONDAY)
    site.article("Rivers", "2026-11-25", "Other words.")
    site.run(MONDAY + 7 * DAY)
    assert site.sent == ["weekly/2026-W48"]
    site.article("Gauges", "2026-12-01")
    site.run(MONDAY + 14 * DAY)
    manifest = (site.folder / "issues/weekly/2026-W50/manifest.json").read_text(encoding="utf-8")
    assert "Gauges" in manifest
    assert "Rivers" not in manifest


def test_missed_dates_make_one_issue_and_are_told(site: Site) -> None:
    site.run(SUNDAY)
    site.article("Gauges", "2026-12-01")
    report = site.run(MONDAY + 21 * DAY)
    assert site.sent == ["weekly/2026-W51"]
    assert report.events == ("weekly: the issue of 2026-12-14 08:00 makes up for 3 dates before it when nothing ran",)


def test_an_issue_that_is_too_late_is_left_out_and_told_once(site: Site) -> None:
    site.settings(f"{SETTINGS}max_lateness_hours = 6\n")
    site.run(SUNDAY)
    (told,) = site.run(MONDAY + 7 * HOUR).events
    assert "comes to nothing: it is more than 6 hours late; its articles come next time" in told
    assert site.run(MONDAY + 8 * HOUR) == RunReport()
    site.run(MONDAY + 7 * DAY)
    assert site.sent == ["weekly/2026-W49"]


def test_a_draft_is_made_and_left_to_the_author_and_said_once(site: Site) -> None:
    site.settings(f'{SETTINGS}mode = "draft"\n')
    site.run(SUNDAY)
    assert site.run(MONDAY).events == ("weekly/2026-W48: is made and waits for you: publisher send weekly/2026-W48",)
    bundle = site.folder / "issues/weekly/2026-W48"
    before = (bundle / "manifest.json").read_bytes()
    site.article("Gauges", "2026-11-23")
    assert site.run(MONDAY + DAY) == RunReport()
    assert (bundle / "manifest.json").read_bytes() == before
    assert site.sent == []


def test_an_issue_with_an_error_waits_for_the_author_and_goes_when_it_is_mended(site: Site) -> None:
    site.run(SUNDAY)
    site.article("Rivers", text="Lorem ipsum dolor sit amet, consectetur adipiscing elit.")
    report = site.run(MONDAY)
    assert report.status == 1
    assert "the issue 2026-W48 was not made" in messages(report)[0]
    assert site.sent == []
    site.article("Rivers")
    assert site.run(MONDAY + HOUR).status == 0
    assert site.sent == ["weekly/2026-W48"]


def test_a_broken_article_does_not_stop_an_issue_of_the_others(site: Site) -> None:
    site.run(SUNDAY)
    (site.folder / "articles" / "broken.md").write_text("---\ntitle: [\n---\nWords.\n", encoding="utf-8")
    report = site.run(MONDAY)
    assert (report.status, site.sent) == (1, ["weekly/2026-W48"])
    assert "articles/broken.md" in messages(report)[0]


def test_one_newsletter_s_failure_stops_no_other(site: Site) -> None:
    second = '\n[[newsletters]]\nname = "mondays"\npostal_address = "1 Sample Street"\n'
    site.settings(SETTINGS + second)

    def refuse(name: str) -> None:
        if name.startswith("weekly"):
            raise SurroundingsError("the relay cannot be reached")

    site.outcome = refuse
    site.run(SUNDAY)
    report = site.run(MONDAY)
    assert (report.status, site.sent) == (4, ["weekly/2026-W48", "mondays/2026-W48"])
    assert messages(report) == ["weekly/2026-W48: the relay cannot be reached"]
    site.outcome = lambda _name: None
    assert site.run(MONDAY + HOUR).status == 0
    assert site.sent[2:] == ["weekly/2026-W48"]


def test_what_waits_is_sent_on_and_its_status_is_three(site: Site) -> None:
    site.run(SUNDAY)
    write_issue(site.store, [row for row in sample() if row["state"] in {"sent", "pending"}], "2026-W47")
    report = site.run(SUNDAY + HOUR)
    assert site.sent == ["weekly/2026-W47"]
    assert report == RunReport(failures=(Failure("", 3),))


def test_what_keeps_mails_from_leaving_is_told(site: Site) -> None:
    site.run(SUNDAY)
    site.obstacle = "the relay answers nothing any more; they are tried again"
    report = site.run(MONDAY)
    assert report == RunReport(failures=(Failure(f"weekly/2026-W48: {site.obstacle}", 3),))


def test_doubt_and_failure_are_told_with_the_command_that_shows_them(site: Site) -> None:
    site.run(SUNDAY)
    write_issue(site.store, sample(), "2026-W47")
    report = site.run(SUNDAY + HOUR)
    assert report.status == 3
    assert messages(report)[:2] == [
        "weekly/2026-W47: 1 mail may have arrived or not; see them with: publisher status weekly/2026-W47 --state uncertain",
        "weekly/2026-W47: 1 mail failed for good; see them with: publisher status weekly/2026-W47 --state failed",
    ]


def test_a_paused_issue_waits_for_a_person(site: Site) -> None:
    site.run(SUNDAY)
    write_issue(site.store, sample(), "2026-W47", state="paused", reason="554 spam")
    report = site.run(SUNDAY + HOUR)
    assert site.sent == []
    assert "weekly/2026-W47: is paused: 554 spam; go on with: publisher send weekly/2026-W47 --resume" in messages(
        report
    )


def test_of_an_issue_that_expired_only_the_mails_that_did_are_told(site: Site) -> None:
    site.run(SUNDAY)
    reasons = [_EXPIRED, f"{_EXPIRED}; nobody knows whether it arrived", "unsubscribed", "erased", "removed"]
    rows = [{"address": f"r{n}@reader.example", "state": "skipped", "reason": said} for n, said in enumerate(reasons)]
    number = write_issue(site.store, rows, "2026-W47")

    def expires(_name: str) -> None:
        with site.store.writing() as connection:
            connection.execute(update(issue).where(issue.c.id == number).values(state="expired"))

    site.outcome = expires
    (told,) = messages(site.run(SUNDAY + HOUR))
    assert told.startswith("weekly/2026-W47: 2 mails could not be delivered in time and will not be; see them with: ")


def test_a_run_that_was_killed_after_freezing_goes_on_and_makes_nothing_twice(site: Site) -> None:
    site.run(SUNDAY)

    def killed(_name: str) -> None:
        raise KeyboardInterrupt

    site.outcome = killed
    with pytest.raises(KeyboardInterrupt):
        site.run(MONDAY)
    site.outcome = lambda _name: None
    write_issue(site.store, sample(), "2026-W48")
    site.run(MONDAY + 5 * MINUTE)
    assert site.sent == ["weekly/2026-W48", "weekly/2026-W48"]
    with site.store.writing() as connection:
        connection.execute(update(issue).values(state="done"))
    site.run(MONDAY + 10 * MINUTE)
    assert len(site.sent) == 2


def test_a_deleted_bundle_is_not_made_again(site: Site) -> None:
    site.run(SUNDAY)
    site.run(MONDAY)
    with site.store.writing() as connection:
        site.store.set_meta(connection, "settled:weekly", "damaged")
    for path in (site.folder / "issues/weekly/2026-W48").iterdir():
        path.unlink()
    site.run(MONDAY + HOUR)
    site.run(MONDAY + DAY)
    assert site.sent == ["weekly/2026-W48"]


@pytest.mark.parametrize("manifest", ["", "{", '{"format": 1}'])
def test_a_damaged_manifest_in_the_ledger_is_told_and_stops_nothing(site: Site, manifest: str) -> None:
    site.run(SUNDAY)
    site.run(MONDAY)
    with site.store.writing() as connection:
        known = connection.execute(select(issue.c.id)).scalar_one()
        ids = [article.id for article in Publication.load(site.folder).articles(MONDAY).articles]
        rows = [{"newsletter": "weekly", "article_id": one, "issue_id": known} for one in ids]
        connection.execute(insert(issue_article), rows)  # as freezing does
        connection.execute(update(issue).values(manifest=manifest))
    for path in (site.folder / "issues/weekly/2026-W48").iterdir():
        path.unlink()
    site.article("New", "2026-11-25")
    report = site.run(MONDAY + 7 * DAY)
    assert site.sent == ["weekly/2026-W48", "weekly/2026-W49"]
    (told,) = messages(report)
    assert told.startswith("weekly/2026-W48: its manifest in the database is ")
    assert report.status == 1
    text = (site.folder / "issues/weekly/2026-W49/issue.txt").read_text(encoding="utf-8")
    assert "New" in text
    assert "River" not in text


def test_bounces_are_taken_and_confirmations_sent_also_when_something_failed(site: Site) -> None:
    (site.folder / "articles" / "broken.md").write_text("---\ntitle: [\n---\nWords.\n", encoding="utf-8")
    taken: list[str] = []

    def take(what: str) -> Callable[[], None]:
        return lambda: taken.append(what)

    site_now = Publication.load(site.folder)
    run = Run(site_now, site.store, lambda: SUNDAY, site.send, bounces=take("bounces"), letters=take("letters"))
    assert run.go(Reading(SUNDAY)).status == 1
    assert taken == ["bounces", "letters"]


def test_who_wants_it_to_end_has_nothing_new_begun(site: Site) -> None:
    site.run(SUNDAY)
    write_issue(site.store, sample(), "2026-W47")
    run = Run(Publication.load(site.folder), site.store, lambda: MONDAY, site.send, stopped=lambda: True)
    run.go(Reading(MONDAY))
    assert site.sent == []
    assert site.run(MONDAY + HOUR).status == 3
    assert site.sent == ["weekly/2026-W48", "weekly/2026-W47"]


def test_the_status_is_that_of_the_gravest_failure() -> None:
    def status(*found: int) -> int:
        return RunReport(failures=tuple(Failure("", one) for one in found)).status

    assert [status(), status(3), status(3, 1), status(1, 2, 3), status(3, 4, 1)] == [0, 3, 1, 2, 4]
    assert {PublisherError.exit_status, UsageError.exit_status, SurroundingsError.exit_status} == {1, 2, 4}


# ---------------------------------------------------------------- the clock


def test_a_clock_that_went_back_stops_everything_until_it_is_right_or_forced(site: Site) -> None:
    site.run(MONDAY + HOUR)
    for wrong in (MONDAY, MONDAY - 365 * DAY, datetime(1970, 1, 1, tzinfo=UTC), MONDAY + 3650 * DAY):
        report = site.run(wrong)
        assert (report.status, len(report.failures)) == (4, 1)
        assert "nothing was made or sent" in messages(report)[0]
        assert "publisher run --force" in messages(report)[0]
    assert site.run(MONDAY + 2 * HOUR).status == 0
    assert site.run(SUNDAY, force=True).status == 0
    assert site.run(SUNDAY + HOUR).status == 0
    assert site.sent == []


def test_a_clock_set_forward_while_the_machine_ran_is_noticed_and_a_pause_is_not(site: Site) -> None:
    site.run(SUNDAY, reading=Reading(SUNDAY, "boot", 100))
    ahead = SUNDAY + 30 * DAY
    assert site.run(ahead, reading=Reading(ahead, "boot", 400)).status == 4
    assert site.run(ahead, reading=Reading(ahead, "boot", 100 + 30 * 86400)).status == 0
    assert site.sent == ["weekly/2026-W52"]


@pytest.mark.parametrize(
    ("now", "last", "fault"),
    [
        (Reading(MONDAY), None, ""),
        (Reading(MONDAY), Reading(MONDAY + 5 * MINUTE), ""),
        (Reading(MONDAY), Reading(MONDAY + 6 * MINUTE), "but the last run was at"),
        (Reading(datetime(2023, 12, 31, tzinfo=UTC)), None, "which cannot be"),
        (Reading(MONDAY, "b", 60), Reading(MONDAY - 7 * DAY, "b", 0), ""),
        (Reading(MONDAY, "b", 60), Reading(MONDAY - 8 * DAY, "b", 0), "set forward by 8 days"),
        (Reading(MONDAY, "b", 60), Reading(MONDAY - 8 * DAY, "a", 900), ""),
        (Reading(MONDAY, "b", 60), Reading(MONDAY - 366 * DAY, "a", 900), ""),
        (Reading(MONDAY, "b", 60), Reading(MONDAY - 367 * DAY, "a", 900), "367 days after the last run"),
        (Reading(MONDAY), Reading(MONDAY - 700 * DAY), "700 days after the last run"),
        (Reading(MONDAY, "b", 700 * 86400), Reading(MONDAY - 700 * DAY, "b", 0), ""),
    ],
)
def test_the_clock_is_compared_with_the_last_run(now: Reading, last: Reading | None, fault: str) -> None:
    found = clock_fault(now, last, 7 * DAY)
    assert fault in found
    assert bool(found) == bool(fault)


def test_a_reading_survives_being_written_down() -> None:
    reading = Reading(MONDAY, "boot", 12.5)
    assert read_reading(reading.dump()) == reading
    for damaged in ("", "{}", '{"now": "2026-01-01", "boot": "", "uptime": 1}', "[]"):
        with pytest.raises(ValueError):  # noqa: PT011 - the words are the caller's
            read_reading(damaged)


# ---------------------------------------------------------------- what is told


def test_the_same_words_are_told_once_a_day(tmp_path: Path) -> None:
    (tmp_path / ".publisher").mkdir()
    assert news(tmp_path, ["a", "b"], MONDAY) == ("a", "b")
    assert news(tmp_path, ["a", "b", "c"], MONDAY + HOUR) == ("c",)
    assert news(tmp_path, ["b"], MONDAY + 23 * HOUR) == ()
    assert news(tmp_path, ["a", "b"], MONDAY + 24 * HOUR) == ("a", "b")
    assert news(tmp_path, [], MONDAY + 25 * HOUR) == ()
    assert news(tmp_path, ["b"], MONDAY + 26 * HOUR) == ("b",)


def test_what_was_told_is_told_again_where_the_memory_is_damaged_or_out_of_reach(tmp_path: Path) -> None:
    assert news(tmp_path / "nowhere" / "\0", [], MONDAY) == ()
    (tmp_path / ".publisher").mkdir()
    for damage in ("{", "[]", '{"a": 5}', '{"a": "2026-01-01"}'):
        (tmp_path / ".publisher" / "told.json").write_text(damage, encoding="utf-8")
        assert news(tmp_path, ["a"], MONDAY) == ("a",)


def test_a_clock_that_is_doubted_is_not_remembered(site: Site) -> None:
    publication = Publication.load(site.folder)
    site.store.close()
    assert publication.run(lambda: SUNDAY).status == 0
    later = SUNDAY + timedelta(days=20_000)
    assert publication.run(lambda: later).status == 4
    assert publication.run(lambda: SUNDAY + HOUR).status == 0


def test_a_run_whose_end_cannot_be_noted_tells_what_it_did_and_does_it_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = Publication.load(site.folder)
    site.store.close()
    built: list[datetime] = []
    build = Run.go

    def count(run: Run, reading: Reading) -> RunReport:
        built.append(reading.now)
        return build(run, reading)

    def fail(*_: object) -> None:
        raise StoreError("state.db: the disk is full")

    monkeypatch.setattr(Run, "go", count)
    monkeypatch.setattr("publisher.delivery.atwork._end", fail)
    report = publication.run(lambda: SUNDAY)
    assert messages(report) == ["state.db: the disk is full"]
    assert report.status == 4
    assert len(built) == 1
