"""Who gets an issue is decided once, for a reason each, and what was looked at is what leaves."""

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from publisher.audience.status import Cadence, Status
from publisher.audience.subscriptions import change, subscribe
from publisher.delivery import freezing, planning
from publisher.delivery.atwork import ClockBack
from publisher.delivery.epoch import RestoredBackup
from publisher.delivery.freezing import ArticleAgain, BundleRefused, PlanChanged
from publisher.delivery.planning import Candidate, Plan, Reason
from publisher.delivery.sending import Order
from publisher.delivery.states import IssueState, Policy
from publisher.delivery.terms import NotSetUp
from publisher.delivery.transports.memory import MemoryTransport, lost
from publisher.errors import UsageError
from publisher.store import Store
from publisher.store.keys import KEYS, Keys
from tests.delivery.mailroom import NOW, Mailroom


@given(st.lists(st.sampled_from([None, *Reason]), max_size=30), st.randoms())
def test_a_plan_adds_up_and_does_not_depend_on_the_order(reasons: Any, lot: Any) -> None:
    people = [Candidate(n, f"r{n}@mail.example", "", reason, hash((n, reason))) for n, reason in enumerate(reasons)]
    one, other = Plan("x"), Plan("x")
    for person in people:
        one.add(person)
    lot.shuffle(people)
    for person in people:
        other.add(person)
    assert one.candidates == one.included + sum(one.excluded.values())
    assert one.hash == other.hash


def test_everybody_is_sent_to_or_has_a_reason(mailroom: Mailroom) -> None:
    ids = mailroom.people(8)
    keys = mailroom.publication._keys()
    with mailroom.store.writing() as connection:
        states = (Status.UNSUBSCRIBED, Status.BOUNCED, Status.COMPLAINED, Status.SUPPRESSED)
        for number, status in zip(ids, states, strict=False):
            assert change(connection, number, status, "", NOW)
        subscribe(connection, keys, "weekly", "new@mail.example", now=NOW, status=Status.PENDING)
        subscribe(connection, keys, "weekly", "west@mail.example", now=NOW, tags=["West"])
        subscribe(connection, keys, "weekly", "south@mail.example", now=NOW, tags=["south"])
        connection.exec_driver_sql("UPDATE subscription SET address = 'a@b@mail.example' WHERE address LIKE 'r7%%'")
    plan = mailroom.publication.plan("weekly", NOW).plan
    assert plan.candidates == 11
    assert plan.included == 4
    assert {reason.value: people for reason, people in plan.excluded.items()} == {
        "unsubscribed": 1,
        "bounced": 1,
        "complained": 1,
        "suppressed": 1,
        "pending": 1,
        "interests": 1,
        "refused": 1,
    }
    assert plan.named[Reason.INTERESTS] == ["south@mail.example"]
    assert mailroom.states() == {}
    mailroom.send(plan=plan.hash)
    assert mailroom.states() == {"sent": 4}
    mailroom.expect_sound()


def meanwhile(mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody who was looked at come back behind those who were not yet, while the issue is frozen."""
    (first, *_) = mailroom.people(6)
    monkeypatch.setattr(planning, "PAGE", 2)
    right, pages = planning.candidates, []

    def candidates(connection: Connection, conditions: planning.Conditions) -> Iterator[list[Candidate]]:
        for page in right(connection, conditions):
            yield page
            pages.append(page)
            if len(pages) == 1:
                with mailroom.store.writing() as other:
                    other.exec_driver_sql(f"DELETE FROM subscription WHERE id = {first}")
                    subscribe(other, mailroom.publication._keys(), "weekly", "r0@mail.example", now=NOW)

    monkeypatch.setattr(freezing, "candidates", candidates)
    mailroom.send()
    assert mailroom.states() == {"sent": 5, "skipped": 1}
    mailroom.expect_sound()


def test_who_is_frozen_is_of_one_moment(postgresql_mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(postgresql_mailroom, monkeypatch)


def test_pages_of_several_moments_would_be_noticed(
    postgresql_mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "stand_still", lambda *_: None)
    with pytest.raises(AssertionError):
        meanwhile(postgresql_mailroom, monkeypatch)


def test_who_wants_one_a_month_gets_one_a_month(mailroom: Mailroom) -> None:
    mailroom.people(2)
    mailroom.people(1, "sparing.example", cadence=Cadence.MONTHLY)
    mailroom.send()
    assert mailroom.states() == {"sent": 3}
    article = mailroom.folder / "articles/south.md"
    article.write_text("---\ntitle: South\ndate: 2026-11-29T08:00:00Z\n---\n\nDry.\n", encoding="utf-8")
    mailroom.clock.on(days=6)
    mailroom.publication.issue("weekly", mailroom.clock())
    plan = mailroom.publication.plan("weekly", mailroom.clock()).plan
    assert plan.excluded == {Reason.CADENCE: 1}
    mailroom.clock.on(days=2)
    assert mailroom.publication.plan("weekly", mailroom.clock()).plan.included == 3


def test_a_plan_that_does_not_hold_any_more_sends_nothing(mailroom: Mailroom) -> None:
    mailroom.people(3)
    plan = mailroom.publication.plan("weekly", NOW).plan
    mailroom.people(4)
    with pytest.raises(PlanChanged, match="nothing was sent"):
        mailroom.send(plan=plan.hash)
    assert mailroom.states() == {}
    new = mailroom.publication.plan("weekly", NOW).plan
    assert mailroom.send(plan=new.hash).state is IssueState.DONE


def test_a_bundle_in_which_a_byte_changed_does_not_leave(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.people(1)
    page = sqlite_mailroom.folder / "issues/weekly/2026-W48/web.html"
    page.write_bytes(page.read_bytes() + b" ")
    with pytest.raises(BundleRefused, match=r"web\.html: was changed after it was made"):
        sqlite_mailroom.send()
    page.unlink()
    with pytest.raises(BundleRefused, match=r"has no web\.html any more"):
        sqlite_mailroom.send()


def test_a_name_that_means_nothing_lists_what_there_is(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.people(1)
    with pytest.raises(UsageError, match="there is weekly/2026-W48"):
        sqlite_mailroom.send(issue="weekly/2026-W47")
    with pytest.raises(UsageError, match="did you mean weekly"):
        sqlite_mailroom.send(issue="weakly")
    assert sqlite_mailroom.send(issue="issues/weekly/2026-W48/").state is IssueState.DONE
    with pytest.raises(UsageError, match=r"waits to be sent; there is weekly/2026-W48 \(sent\)"):
        sqlite_mailroom.send()
    with pytest.raises(UsageError, match="is done already"):
        sqlite_mailroom.publication.plan("weekly/2026-W48", NOW)


@pytest.mark.parametrize(("table", "words"), [("delivery", "maildir:out"), ("web", "unsubscribe")])
def test_without_settings_the_lines_to_add_are_told(sqlite_mailroom: Mailroom, table: str, words: str) -> None:
    sqlite_mailroom.people(1)
    path = sqlite_mailroom.folder / "publisher.toml"
    text = path.read_text(encoding="utf-8")
    start = text.index(f"[{table}]")
    path.write_text(text[:start] + text[text.index("url", start) :].partition("\n")[2], encoding="utf-8")
    with pytest.raises(NotSetUp, match=words):
        sqlite_mailroom.send()
    with pytest.raises(NotSetUp, match=words):
        sqlite_mailroom.publication.plan("weekly", NOW)


def test_an_article_is_in_one_issue_unless_the_author_says_so(mailroom: Mailroom) -> None:
    mailroom.people(1)
    mailroom.send()
    ids = [article.id for article in mailroom.publication.articles(NOW).articles]
    mailroom.clock.on(days=7)
    mailroom.publication.issue("weekly", mailroom.clock(), only=ids[:1])
    with pytest.raises(ArticleAgain, match=r"was in the issue 2026-W48 already.*--again"):
        mailroom.send()
    transport = MemoryTransport()
    assert mailroom.send(transport, again=True).state is IssueState.DONE
    assert len(transport.taken) == 1


def test_an_issue_whose_bundle_is_gone_is_still_known(mailroom: Mailroom) -> None:
    mailroom.people(1)
    mailroom.send()
    shutil.rmtree(mailroom.folder / "issues/weekly")
    assert mailroom.publication.issue("weekly", mailroom.clock()).issue is None
    article = mailroom.folder / "articles/south.md"
    article.write_text("---\ntitle: South\ndate: 2026-11-23T07:00:00Z\n---\n\nDry.\n", encoding="utf-8")
    made = mailroom.publication.issue("weekly", mailroom.clock()).issue
    assert made is not None
    assert (made.number, [one.title for one in made.articles]) == (2, ["South"])


def test_a_bundle_that_left_and_that_the_database_does_not_know_does_not_leave_again(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.people(1)
    sent = sqlite_mailroom.folder / "issues/weekly/2026-W48/sent.json"
    sent.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="the database knows nothing of it"):
        sqlite_mailroom.send(issue="weekly/2026-W48")


def test_the_bundle_says_that_it_left(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.people(3)
    sent = sqlite_mailroom.folder / "issues/weekly/2026-W48/sent.json"
    seen = []

    def fault(_mail: Any, _attempt: Any) -> Any:
        seen.append(json.loads(sent.read_text(encoding="utf-8"))["state"])

    sqlite_mailroom.send(MemoryTransport(fault=fault))
    assert seen == ["sending"] * 3
    assert json.loads(sent.read_text(encoding="utf-8"))["state"] == "done"
    assert "@" not in sent.read_text(encoding="utf-8")


def test_a_backup_that_was_put_back_sends_nothing_by_itself(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.people(10)
    transport = MemoryTransport()
    sqlite_mailroom.send(transport, order=Order(limit=4))
    path = sqlite_mailroom.path
    sqlite_mailroom.store.close()  # its last connection empties the log into the file
    backup = path.read_bytes()
    sqlite_mailroom.send(transport)
    assert len(transport.taken) == 10
    sqlite_mailroom.store.close()
    path.write_bytes(backup)
    with pytest.raises(RestoredBackup, match="--accept-restore"):
        sqlite_mailroom.send(transport)
    report = sqlite_mailroom.send(transport, restored=True)
    assert report.status == 3
    assert sqlite_mailroom.states() == {"sent": 4, "held": 6}
    assert len(transport.taken) == 10
    assert sqlite_mailroom.send(transport, order=Order(uncertain=Policy.SKIP)).state is IssueState.DONE
    sqlite_mailroom.expect_sound()


def test_a_clock_that_was_set_back_sends_nothing(mailroom: Mailroom) -> None:
    mailroom.people(3)
    mailroom.send(order=Order(limit=1))
    mailroom.clock.on(hours=-1)
    with pytest.raises(ClockBack, match="--force"):
        mailroom.send()
    assert mailroom.states() == {"sent": 1, "pending": 2}
    assert mailroom.send(force=True).state is IssueState.DONE


def test_a_copy_is_signed_by_the_same_key_or_not_sent(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.configure('uncertain = "resend"')
    sqlite_mailroom.people(1)
    sqlite_mailroom.send(MemoryTransport(fault=lambda _mail, _n: lost(taken=True)))
    sqlite_mailroom.clock.on(minutes=16)
    path = sqlite_mailroom.folder / KEYS
    old = Keys.read(path.read_text(encoding="utf-8"))
    new = Keys((Keys.new().links[0],), old.addresses)
    path.write_text(new.document, encoding="utf-8")
    path.chmod(0o600)
    report = sqlite_mailroom.send()
    assert report.state is IssueState.PAUSED
    assert "is not among the keys any more" in report.reason
    path.write_text(Keys((*new.links, *old.links), old.addresses).document, encoding="utf-8")
    assert sqlite_mailroom.send(order=Order(resume=True)).state is IssueState.DONE


def test_rates_that_make_it_last_longer_give_it_more_time(sqlite_mailroom: Mailroom) -> None:
    sqlite_mailroom.configure('rate = "2/hour"')
    sqlite_mailroom.people(10)
    plan = sqlite_mailroom.publication.plan("weekly", NOW).plan
    assert plan.seconds == 5 * 3600
    sqlite_mailroom.send(order=Order(limit=1))
    with sqlite_mailroom.store.reading() as connection:
        frozen, expires = connection.exec_driver_sql("SELECT frozen_at, expires_at FROM issue").one()
    assert datetime.fromisoformat(expires) - datetime.fromisoformat(frozen) == timedelta(hours=53)


def test_a_signed_issue_is_signed_the_same_again_or_not_sent(sqlite_mailroom: Mailroom) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    def write_key() -> bytes:
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path = sqlite_mailroom.folder / "dkim.pem"
        path.write_bytes(pem)
        path.chmod(0o600)
        return pem

    right = write_key()
    sqlite_mailroom.configure(
        'uncertain = "resend"\n\n[[dkim]]\ndomain = "notes.example"\nselector = "2026-11"\nkey = { file = "dkim.pem" }'
    )
    sqlite_mailroom.people(1)
    first = MemoryTransport(fault=lambda _mail, _n: lost(taken=True))
    sqlite_mailroom.send(first)
    assert first.taken[0].data.startswith(b"DKIM-Signature: ")
    sqlite_mailroom.clock.on(minutes=16)
    write_key()
    report = sqlite_mailroom.send()
    assert report.state is IssueState.PAUSED
    assert "2026-11._domainkey.notes.example" in report.reason
    (sqlite_mailroom.folder / "dkim.pem").write_bytes(right)
    again = MemoryTransport()
    assert sqlite_mailroom.send(again, order=Order(resume=True)).state is IssueState.DONE
    assert again.taken == first.taken


def test_another_way_to_deliver_is_another_plan(mailroom: Mailroom) -> None:
    mailroom.people(2)
    before = mailroom.publication.plan("weekly", NOW).plan.hash
    path = mailroom.folder / "publisher.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("maildir:out", "folder:out"), encoding="utf-8")
    assert mailroom.publication.plan("weekly", NOW).plan.hash != before
