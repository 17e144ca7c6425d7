"""Readers whose addresses are not ASCII, at relays that offer SMTPUTF8 (RFC 6531) and at others: nobody else is harmed."""

import pytest

from publisher.audience.subscriptions import subscribe
from publisher.delivery.states import IssueState
from tests.delivery.faultserver import FEATURES, FaultServer
from tests.delivery.mailroom import ISSUE, NOW, Mailroom
from tests.delivery.smtp.driving import client

#: Local parts beyond ASCII, at domains of either kind; and domains beyond ASCII, which have a form in ASCII.
WIDE = ("jörg@mail.example", "日本@例え.example", "مثال@mail.example")
DOMAINS = ("ada@bücher.example", "ben@例え.example")


def sent_by(mailroom: Mailroom, features: tuple[str, ...]) -> tuple[set[str], int]:
    """Send twice to all, over connections that offer so much; return who of these got it, and how many cannot."""
    people = [f"r{number}@mail.example" for number in range(20)]
    keys = mailroom.publication._keys()
    with mailroom.store.writing() as connection:
        for address in (*people[:10], *WIDE, *DOMAINS, *people[10:]):
            subscribe(connection, keys, "weekly", address, now=NOW)
    with FaultServer(features=features) as server:
        report = mailroom.publication.send("weekly", mailroom.clock, transport=lambda: client(server.port, 2))
        assert report.state is IssueState.DONE
        mailroom.publication.send(ISSUE, mailroom.clock, transport=lambda: client(server.port, 2))
        taken = [str(mail["recipient"]) for mail in server.mails()]
    assert len(taken) == len(set(taken))
    assert set(people) <= set(taken)
    mailroom.expect_sound()
    return set(taken) - set(people), mailroom.states().get("failed", 0)


def test_a_relay_that_offers_it_gets_them_all(sqlite_mailroom: Mailroom) -> None:
    others, failed = sent_by(sqlite_mailroom, FEATURES)
    assert others == {
        "ada@xn--bcher-kva.example",
        "ben@xn--r8jz45g.example",
        "jörg@mail.example",
        "日本@xn--r8jz45g.example",
        "مثال@mail.example",
    }
    assert failed == 0


@pytest.mark.parametrize("features", [("PIPELINING", "8BITMIME"), ()], ids=["some", "nothing"])
def test_at_another_relay_they_alone_fail(sqlite_mailroom: Mailroom, features: tuple[str, ...]) -> None:
    others, failed = sent_by(sqlite_mailroom, features)
    assert others == {"ada@xn--bcher-kva.example", "ben@xn--r8jz45g.example"}
    assert failed == len(WIDE)
    with sqlite_mailroom.store.reading() as connection:
        reasons = (
            connection.exec_driver_sql("SELECT DISTINCT reason || reply FROM delivery WHERE state = 'failed'")
            .scalars()
            .all()
        )
    assert len(reasons) == 1
    assert "SMTPUTF8" in reasons[0]
