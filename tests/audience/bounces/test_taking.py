"""What bounces, complaints and requests to leave change, on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from publisher.audience.bounces import Kind, applying
from publisher.audience.status import Status
from publisher.audience.suppression import suppressed
from publisher.store import Store
from publisher.store.tables import report, subscription
from tests.audience.bounces.world import KEYS, NOW, World

HARD, SOFT = "postfix unknown user", "postfix mailbox full"


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return World(store, tmp_path)


@pytest.fixture
def ann(world: World) -> int:
    """Give a reader who got an issue."""
    reader = world.reader()
    world.sent(reader)
    return reader


def test_an_address_that_does_not_exist_is_given_up_for_every_newsletter(world: World, ann: int) -> None:
    monthly = world.reader("Ann@reader.example", "monthly")
    bob = world.reader("bob@reader.example")
    world.put(HARD, world.about(ann))
    told = world.take()
    assert [world.status(who) for who in (ann, monthly, bob)] == [Status.BOUNCED, Status.BOUNCED, Status.CONFIRMED]
    assert told.counts == {Kind.HARD: 1}
    assert told.changed == {"bounced": 2}
    assert world.reason(ann) == "550 5.1.1 …: User unknown"
    assert world.reports() == [("hard", 1, ann)]


def test_the_same_mail_counts_once(world: World, ann: int) -> None:
    world.put(SOFT, world.about(ann), "one")
    world.put(SOFT, world.about(ann), "two")
    told = world.take(soft_limit=1)
    assert (told.counts[Kind.SOFT], told.repeated) == (1, 1)
    world.put(SOFT, world.about(ann), "three")
    assert world.take().repeated == 1
    assert world.reports() == [("soft", 1, ann)]


def test_bounces_that_may_pass_give_an_address_up_at_the_limit(world: World, ann: int) -> None:
    for number in range(1, 6):
        if number > 1:
            world.sent(ann, number)
        assert world.status(ann) is Status.CONFIRMED
        world.put(SOFT, world.about(ann, number))
        world.take()
    assert world.status(ann) is Status.BOUNCED
    assert world.reason(ann).startswith("5 issues bounced within 60 days, the last one: 552 5.2.2 Mailbox full")


def soft_bounces_of_one_issue(world: World, reader: int) -> None:
    for sample in (SOFT, "postfix policy", "gmail rate", "365 quota", "gmail over quota", "ses address suppressed"):
        world.put(sample, world.about(reader))
    world.take()


def test_one_issue_that_bounces_in_many_ways_counts_once(world: World, ann: int) -> None:
    soft_bounces_of_one_issue(world, ann)
    assert world.status(ann) is Status.CONFIRMED


def test_counting_mails_instead_of_issues_would_be_caught(
    world: World, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mails(effects: applying._Effects) -> int:
        statement = select(func.count(report.c.id)).where(report.c.kind == "soft")
        return effects.connection.scalar(statement) or 0

    monkeypatch.setattr(applying._Effects, "_soft_bounces", mails)
    soft_bounces_of_one_issue(world, ann)
    assert world.status(ann) is Status.BOUNCED


def test_bounces_of_more_than_sixty_days_ago_no_longer_count(world: World, ann: int) -> None:
    world.put(SOFT, world.about(ann))
    world.take(soft_limit=2)
    world.sent(ann, 2)
    world.put(SOFT, world.about(ann, 2))
    world.take(soft_limit=2, now=NOW + timedelta(days=61))
    assert world.status(ann) is Status.CONFIRMED
    world.sent(ann, 3)
    world.put(SOFT, world.about(ann, 3))
    world.take(soft_limit=2, now=NOW + timedelta(days=100))
    assert world.status(ann) is Status.BOUNCED


@pytest.mark.parametrize("sample", ["junk button", "junk button, redacted", "junk button, envelope sender alone"])
def test_who_complains_gets_nothing_more_of_any_newsletter(world: World, ann: int, sample: str) -> None:
    monthly = world.reader(newsletter="monthly")
    world.put(sample, world.about(ann))
    assert world.take().changed == {"complained": 2}
    assert world.status(ann) is world.status(monthly) is Status.COMPLAINED
    with world.store.reading() as connection:
        assert suppressed(connection, KEYS, "ann@reader.example", "yearly") == "called junk"


@pytest.mark.parametrize("sample", ["leave by address", "leave by subject", "opt-out"])
def test_who_asks_to_leave_is_taken_off_this_newsletter(world: World, ann: int, sample: str) -> None:
    monthly = world.reader(newsletter="monthly")
    world.put(sample, world.about(ann))
    assert world.take().counts == {Kind.UNSUBSCRIBE: 1}
    assert world.status(ann) is Status.UNSUBSCRIBED
    assert world.status(monthly) is Status.CONFIRMED


def test_a_complaint_that_names_the_link_alone_finds_its_reader(world: World, ann: int) -> None:
    about = world.about(ann)
    mail = world.put("junk button", about)
    text = mail.read_text(encoding="utf-8").replace(about.token, "gone").replace(about.leave, "gone")
    mail.write_text(text, encoding="utf-8")
    assert about.link in text
    world.take()
    assert world.status(ann) is Status.COMPLAINED
    assert world.reports() == [("complaint", None, ann)]


@pytest.mark.parametrize("sample", ["postfix delayed", "vacation", "sendmail delivered", "not spam", "read receipt"])
def test_what_is_no_failure_changes_nothing(world: World, ann: int, sample: str) -> None:
    world.put(sample, world.about(ann))
    assert world.take(soft_limit=1).counts == {Kind.IGNORED: 1}
    assert world.status(ann) is Status.CONFIRMED


def test_a_report_without_a_token_of_ours_changes_nothing_and_is_kept(world: World, ann: int) -> None:
    mail = world.put(HARD, world.about(ann))
    ours = world.about(ann)
    text = mail.read_text(encoding="utf-8")
    for token in (ours.token, ours.leave, ours.link):
        text = text.replace(token, "a" * len(token))
    mail.write_text(text, encoding="utf-8")
    told = world.take()
    assert [(one.reason, one.repeated) for one in told.unread] == [("it names no mail that was sent from here", False)]
    assert world.status(ann) is Status.CONFIRMED
    assert [path.name for path in (world.maildir() / "cur").iterdir()] == ["1.0.host:2,F"]


def test_what_was_understood_is_seen_and_what_was_not_is_flagged_and_told_once(world: World, ann: int) -> None:
    world.put(HARD, world.about(ann), "good")
    world.put("a person answers", world.about(ann), "odd")
    first, second = world.take(), world.take()
    assert {path.name for path in (world.maildir() / "cur").iterdir()} == {"good:2,S", "odd:2,F"}
    assert not list((world.maildir() / "new").iterdir())
    assert (first.news, [mail.repeated for mail in first.unread]) == (True, [False])
    assert (second.news, [mail.repeated for mail in second.unread]) == (False, [True])


def test_what_was_not_understood_may_be_understood_later(
    world: World, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put(HARD, world.about(ann))
    with monkeypatch.context() as patch:
        patch.setattr("publisher.audience.bounces.reading.recipients", lambda _mail: ())
        patch.setattr("publisher.audience.bounces.reading.guessed", lambda _raw: ())
        patch.setattr("publisher.audience.bounces.reading.noticed", lambda _mail: ())
        assert world.take().counts == {Kind.UNREAD: 1}
    assert world.take().counts == {Kind.HARD: 1}
    assert world.status(ann) is Status.BOUNCED
    assert [path.name for path in (world.maildir() / "cur").iterdir()] == ["1.0.host:2,FS"]


def test_a_trial_changes_nothing_and_says_what_would_change(world: World, ann: int) -> None:
    mail = world.put(HARD, world.about(ann))
    assert world.take(dry_run=True).changed == {"bounced": 1}
    assert world.status(ann) is Status.CONFIRMED
    assert mail.exists()
    assert world.reports() == []
    assert world.take().changed == {"bounced": 1}


def test_a_reader_who_is_gone_stays_gone(world: World, ann: int) -> None:
    world.put(HARD, world.about(ann), "one")
    world.put("leave by address", world.about(ann), "two")
    world.put("junk button", world.about(ann), "three")
    with world.store.writing() as connection:
        connection.execute(delete(subscription).where(subscription.c.id == ann))
    told = world.take()
    assert told.counts == {Kind.IGNORED: 3}
    assert not told.changed


def test_who_left_does_not_become_bounced(world: World, ann: int) -> None:
    world.become(ann, Status.UNSUBSCRIBED)
    world.put(HARD, world.about(ann))
    assert not world.take().changed
    assert world.status(ann) is Status.UNSUBSCRIBED


def test_an_old_bounce_does_not_undo_a_return(world: World, ann: int) -> None:
    monthly = world.reader(newsletter="monthly")
    world.become(ann, Status.UNSUBSCRIBED, NOW - timedelta(days=1))
    world.become(ann, Status.CONFIRMED, NOW - timedelta(hours=1))
    world.put(HARD, world.about(ann))
    assert world.take().counts == {Kind.IGNORED: 1}
    assert world.status(ann) is world.status(monthly) is Status.CONFIRMED


def test_a_bounce_that_changes_nothing_says_why(world: World, ann: int) -> None:
    def told(number: int) -> str:
        world.sent(ann, number)
        world.put(HARD, world.about(ann, number))
        world.take()
        with world.store.reading() as connection:
            return str(connection.scalar(select(report.c.detail).order_by(report.c.id.desc()).limit(1)))

    world.put(HARD, world.about(ann))
    assert world.take().changed == {"bounced": 1}
    assert told(2) == "the reader is bounced already"
    world.become(ann, Status.CONFIRMED)
    assert told(3) == "about a mail from before the reader came back"
    world.become(ann, Status.UNSUBSCRIBED)
    assert told(4) == "the reader is unsubscribed already"


def test_a_bounce_of_an_earlier_address_says_nothing_about_the_present_one(world: World) -> None:
    reader = world.reader("new@reader.example")
    world.sent(reader, address="ann@reader.example")
    world.put(HARD, world.about(reader))
    assert world.take().counts == {Kind.IGNORED: 1}
    assert world.status(reader) is Status.CONFIRMED


def test_a_bounce_of_a_mail_that_the_ledger_lost_counts_for_the_reader_s_address(world: World) -> None:
    reader = world.reader()
    world.put(HARD, world.about(reader, 9))
    assert world.take().changed == {"bounced": 1}


def test_killed_between_database_and_mailbox_it_counts_once(
    world: World, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    world.put(SOFT, world.about(ann))
    with monkeypatch.context() as patch:
        patch.setattr("publisher.audience.bounces.mailboxes.Maildir.settle", killed)
        with pytest.raises(KeyboardInterrupt):
            world.take()
    assert len(list((world.maildir() / "new").iterdir())) == 1
    assert world.take().repeated == 1
    assert world.reports() == [("soft", 1, ann)]
    assert not list((world.maildir() / "new").iterdir())


def test_a_failed_transaction_leaves_every_mail_where_it_is(
    world: World, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    world.put(SOFT, world.about(ann))
    with monkeypatch.context() as patch:
        patch.setattr("publisher.audience.bounces.taking.apply", full)
        with pytest.raises(OSError, match="No space left"):
            world.take()
    assert len(list((world.maildir() / "new").iterdir())) == 1
    assert world.take().counts == {Kind.SOFT: 1}


def test_two_at_once_count_each_mail_once(world: World) -> None:
    for number in range(60):
        address = f"ann{number}@reader.example"
        reader = world.reader(address)
        world.sent(reader, address=address)
        world.put(SOFT, world.about(reader, address=address), f"{number:03}")
    with ThreadPoolExecutor(3) as pool:
        told = [future.result() for future in [pool.submit(world.take) for _ in range(3)]]
    assert sum(one.counts[Kind.SOFT] for one in told) == 60
    assert len(world.reports()) == 60
    assert len(list((world.maildir() / "cur").iterdir())) == 60


def test_forgetting_digests_would_be_caught(world: World, ann: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "_written", lambda *_: True)
    world.put(SOFT, world.about(ann), "one")
    world.put(SOFT, world.about(ann), "two")
    assert world.take().counts[Kind.SOFT] == 2


def test_more_mails_than_one_transaction_holds_are_all_read(world: World) -> None:
    for number in range(120):
        address = f"ann{number}@reader.example"
        reader = world.reader(address)
        world.sent(reader, address=address)
        world.put(HARD, world.about(reader, address=address), f"{number:03}")
    assert world.take().changed == {"bounced": 120}


def test_nothing_of_an_address_is_kept_in_reports(world: World, ann: int) -> None:
    for number, sample in enumerate((HARD, SOFT, "icloud", "gmail not found", "exim own form, precise", "junk button")):
        world.put(sample, world.about(ann), str(number))
    world.take()
    with world.store.reading() as connection:
        kept = [tuple(row) for row in connection.execute(select(report))]
    assert len(kept) == 6
    assert "@" not in str(kept)
    assert "reader.example" not in str(kept)
