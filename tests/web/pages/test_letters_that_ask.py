"""Letters that ask for a confirmation: what keeps one from leaving keeps no other, and whom their links are about."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import update

from publisher.audience.addresses import parse_address
from publisher.audience.erasing import erase, remove
from publisher.audience.links import CONFIRM_WITHIN
from publisher.audience.signup import FORGOTTEN_AFTER, MOST_ASKED, ONCE_IN, Letter, due_letters, unanswered
from publisher.audience.status import Status
from publisher.audience.subscriptions import find, unsubscribe
from publisher.delivery.transport import Features
from publisher.delivery.transports.memory import MemoryTransport
from publisher.newsletter.mail.addresses import reader_address
from publisher.newsletter.mail.dkim import Signer
from publisher.publication import asking
from publisher.publication.asking import LetterFailed, Outbox
from publisher.store import tables
from publisher.templating import BrokenTemplateError
from publisher.web.pages import serving
from tests.newsletter.mail.test_dkim import by_the_rfc
from tests.web.pages.conftest import Office, link_in

ANN, MALLORY = "ann@reader.example", "mallory@reader.example"
HOURS = timedelta(hours=1)


def waiting(office: Office) -> list[Letter]:
    with office.store.reading() as connection:
        return list(due_letters(connection, office.now, 10))


def number(office: Office, address: str) -> int:
    """Return the id of a subscription."""
    with office.store.reading() as connection:
        found = find(connection, "weekly", address)
    assert found is not None
    return found.id


@pytest.mark.parametrize("address", ["ü@bücher.example", "=?utf-8?q?ann?=@reader.example"])
def test_an_address_that_no_mail_can_go_to_keeps_nobody_waiting(office: Office, address: str) -> None:
    office.sign_up(address)
    office.sign_up(ANN, client="198.51.100.1")
    office.transport = MemoryTransport(features=Features(smtputf8=False))
    assert office.outbox.send(office.clock) == 1
    assert [mail.recipient for mail in office.transport.taken] == [ANN]
    assert waiting(office) == []


def test_an_address_beyond_ascii_is_asked_where_the_server_takes_it(office: Office) -> None:
    office.sign_up("ü@bücher.example")
    (mail,) = office.deliver()
    assert "\r\nTo: ü@xn--bcher-kva.example\r\n" in mail
    assert office.post(link_in(mail), do="confirm").status == 200
    assert office.status("ü@bücher.example") == "confirmed"


def test_a_mistake_of_ours_in_one_letter_costs_the_others_no_try(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(address: str, *, smtputf8: bool) -> str:
        if address.startswith("poison"):
            raise ZeroDivisionError("no text of a mail")
        return reader_address(address, smtputf8=smtputf8)

    monkeypatch.setattr(asking, "reader_address", broken)
    office.sign_up("poison@reader.example")
    office.sign_up(ANN, client="198.51.100.1")
    with pytest.raises(LetterFailed, match=r"asks subscription \d+ to confirm .* ZeroDivisionError") as told:
        office.outbox.send(office.clock)
    assert "poison" not in str(told.value)
    assert [mail.recipient for mail in office.transport.taken] == [ANN]
    assert office.outbox.send(office.clock) == 0
    office.now += 9 * HOURS
    assert [(one.address, one.tries) for one in waiting(office)] == [("poison@reader.example", 1)]


def test_a_template_with_a_mistake_keeps_the_letters_of_its_newsletter_alone(office: Office) -> None:
    for name in ("ben", "cleo"):
        office.sign_up(f"{name}@reader.example", newsletter="birds")
    office.sign_up(ANN, client="198.51.100.1")
    words = office.folder / "templates/web/words/de.toml"
    words.parent.mkdir(parents=True)
    words.write_text("not TOML", encoding="utf-8")
    for _ in range(6):
        with pytest.raises(BrokenTemplateError):
            office.outbox.send(office.clock)
        office.now += HOURS
    assert [mail.recipient for mail in office.transport.taken] == [ANN]
    assert [one.tries for one in waiting(office)] == [0, 0]
    words.unlink()
    assert len(office.deliver()) == 2


def test_letters_are_signed_as_issues_are(sqlite_office: Office) -> None:
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (sqlite_office.folder / "dkim.pem").write_bytes(key)
    (sqlite_office.folder / "dkim.pem").chmod(0o600)
    path = sqlite_office.folder / "publisher.toml"
    signing = '\n[[dkim]]\ndomain = "notes.example"\nselector = "e1"\nkey = { file = "dkim.pem" }\n'
    path.write_text(path.read_text(encoding="utf-8") + signing, encoding="utf-8")
    office = Office(sqlite_office.folder, sqlite_office.store)
    office.sign_up(ANN)
    (mail,) = office.deliver()
    records = {"e1._domainkey.notes.example": Signer("notes.example", "e1", key).record}
    assert by_the_rfc(mail.encode(), records) == [True]
    for old, new in (("From: Field", "From: Feld"), (f"To: {ANN}", "To: ben@reader.example"), ("</html>", "</html>!")):
        assert old in mail
        assert by_the_rfc(mail.replace(old, new).encode(), records) == [False]


def test_bytes_that_are_no_text_are_no_address(office: Office) -> None:
    token = re.findall(r'name="form" value="([^"]+)"', office.get("").text)[0]
    office.now += timedelta(seconds=5)
    reply = office.ask("POST", "subscribe", f"newsletter=weekly&form={token}&address=%ff@reader.example".encode())
    assert reply.status == 400
    assert office.everything()["subscription"] == []


def removed(office: Office) -> None:
    with office.store.writing() as connection:
        remove(connection, parse_address(MALLORY), None)


def erased(office: Office) -> None:
    erase(office.store, office.keys, parse_address(MALLORY), office.now)


@pytest.mark.parametrize("gone", [removed, erased])
def test_links_of_somebody_who_is_gone_are_about_nobody_else(office: Office, gone: Callable[[Office], None]) -> None:
    office.sign_up(MALLORY)
    (mail,) = office.deliver()
    mallory = number(office, MALLORY)
    leave, preferences = (
        make("weekly", mallory).removeprefix("https://notes.example/letters/")
        for make in (office.links.unsubscribe, office.links.preferences)
    )
    gone(office)
    assert [row[4] for row in office.everything()["confirmation"]] == [""]
    office.sign_up(ANN, client="198.51.100.1")
    assert office.post(link_in(mail), do="confirm").status == 410
    assert office.status() == "pending"
    office.post(leave, do="leave")
    assert office.status() == "pending"
    assert office.get(preferences).status == 404


def test_a_letter_that_waits_leaves_no_more_once_its_person_is_gone(office: Office) -> None:
    office.sign_up(MALLORY)
    removed(office)
    assert office.deliver() == []


def test_consent_to_a_letter_is_no_consent_of_another_address(office: Office) -> None:
    office.sign_up(MALLORY)
    (mail,) = office.deliver()
    mallory = number(office, MALLORY)
    with office.store.writing() as connection:  # as if the number had come again
        moved = update(tables.subscription).where(tables.subscription.c.id == mallory)
        connection.execute(moved.values(address=ANN, address_key=ANN))
    assert office.post(link_in(mail), do="confirm").status == 410
    assert office.status() == "pending"


def test_what_nobody_confirms_is_deleted_and_the_count_of_letters_is_not(office: Office) -> None:
    for _ in range(MOST_ASKED):
        office.sign_up(ANN)
        asked = office.now
        office.deliver()
        office.now += ONCE_IN
    office.now = asked + CONFIRM_WITHIN + FORGOTTEN_AFTER
    office.deliver()
    assert office.status() == "pending"
    office.now += timedelta(seconds=1)
    office.deliver()
    assert office.status() == ""
    office.sign_up(ANN)
    assert office.deliver() == []
    assert ANN not in str(office.everything())


def test_only_what_a_form_made_and_nobody_confirmed_is_deleted(office: Office) -> None:
    by_hand, left = "ben@reader.example", "cleo@reader.example"
    office.person(by_hand, status=Status.PENDING)
    for network, address in enumerate((by_hand, left, ANN, "later@reader.example")):
        office.sign_up(address, client=f"198.51.{network}.1")
    _, second, third, _ = office.deliver()
    office.post(link_in(third), do="confirm")
    office.post(link_in(second), do="confirm")
    gone = number(office, left)
    with office.store.writing() as connection:
        unsubscribe(connection, gone, office.now, "own wish")
    office.now += timedelta(days=90)
    assert office.deliver() == []
    statuses = [office.status(one) for one in (by_hand, left, ANN, "later@reader.example")]
    assert statuses == ["pending", "unsubscribed", "confirmed", ""]


def test_a_letter_that_still_waits_keeps_its_subscription(office: Office) -> None:
    office.sign_up(ANN)
    office.now += timedelta(days=90)
    with office.store.reading() as connection:
        assert unanswered(connection, office.now) == []
    assert office.status() == "pending"


def test_no_mistake_ends_the_thread_that_sends_letters(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    sent, wanted = Event(), Event()

    class Broken(Outbox):
        def send(self, clock: Callable[[], datetime]) -> int:
            tries.append(clock())
            if len(tries) < 4:
                raise ZeroDivisionError("no number")
            sent.set()
            return 0

    tries: list[datetime] = []
    monkeypatch.setattr(serving, "_EVERY", 0.01)
    outbox = Broken(office.store, office.keys, office.folder, office.settings)
    with serving._postman(outbox, office.clock, wanted, told.append):
        assert sent.wait(20)
    assert told == ["letters that ask for a confirmation cannot leave now: ZeroDivisionError: no number"]
