"""The reader of mails that the other tests trust notices each rule that is broken."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from publisher.newsletter.mail import Envelope, Reader, Skeleton, headers, message
from publisher.newsletter.slots import NAME, UNSUBSCRIBE

ENVELOPE = Envelope(
    sender="Grüße aus Köln <letters@notes.example>",
    reply_to="ada@notes.example",
    subject="Wöchentlich #1: " + "Flüsse " * 12,
    date=datetime(2026, 11, 23, 8, tzinfo=UTC),
    list_id="weekly.notes.example",
    list_name="Field Notes Weekly",
    key="2026-W48",
)
ADA = Reader(
    address="ada@reader.example",
    name="Ada Example",
    unsubscribe=f"https://notes.example/{'t' * 60}",
    preferences="https://notes.example/",
)
EML = message(ENVELOPE, f"Grüße {NAME}\n\n{UNSUBSCRIBE}\n", f"<p>{'é' * 40}</p>\n{UNSUBSCRIBE}\n")
GOOD = Skeleton.read(EML).message(ADA)

BROKEN = [
    ("F1", rb"Auto-Submitted: ", b"Auto-Submitted: " + b"a " * 40),
    ("F1", rb"t{60}", b"t" * 1000),
    ("F2", rb"\r\nSubject", b"\nSubject"),
    ("F2", rb"Subject: ", b"Subject: \0"),
    ("F3", rb"Subject: ", b"Subject: a\r\nSubject: "),
    ("F3", rb"Date: [^\r]*\r\n", b""),
    ("F3", rb"Subject: ", b"Bcc: ben@reader.example\r\nSubject: "),
    ("F4", rb"(From: .*>)", rb"\1,\r\n ben@notes.example"),
    ("F4", rb"(From: )\S+", rb"\1Field, Notes"),
    ("F4", rb"letters@notes", b"=?utf-8?b?YQ==?=@notes"),
    ("F5", rb"Date: ", b"Date:\r\n \r\n "),
    ("F6", rb"Message-ID: <", b"Message-ID: "),
    ("F7", rb"\+0000", b"GMT"),
    ("F8", rb"\?=\r\n =\?utf-8\?b\?", b"?==?utf-8?b?"),
    ("F8", rb"Subject: ", b"Subject: =?utf-8?b?" + b"YWFh" * 14 + b"?=\r\n "),
    ("F8", rb"Subject: ", b"Subject: =?utf-8?b?" + b"YWFh" * 17 + b"?=\r\n "),
    ("F8", rb"Subject: ", b"Subject: =?utf-8?b?w7zD?=\r\n "),
    ("F8", rb"Auto-Submitted: ", b"Auto-Submitted: =?utf-8?b?YQ==?= "),
    ("F8", rb"=C3=A9=\r\n=C3", b"=C3=\r\n=A9=C3"),
    ("F9", rb"Subject: ", b"Subject: =?utf-8?b?Cg==?=\r\n "),
    ("F9", rb"Subject: ", b"Subject: =?utf-8?b?4oCu?=\r\n "),
    ("F9", rb"Ada Example", b"=?utf-8?b?AEE=?="),
    ("F10", rb"text/plain", b"text/html"),
    ("F10", rb"multipart/alternative", b"multipart/mixed"),
    ("F11", rb'boundary="=_', b'boundary="=_0'),
    ("F11", rb'boundary="[^"]*"', b'boundary="' + b"a" * 71 + b'"'),
    ("F12", rb"<p>", b"<p>=\r\n" + b"a" * 77),
    ("F12", rb"<p>", b"<p>\xc3\xa9"),
    ("F12", rb"<p>", b"<p> \r\n"),
    ("F12", rb"<p>", b"From <p>"),
    ("F12", rb"<p>", b"<p>=C3=zz"),
    ("F12", rb"charset=utf-8", b"charset=us-ascii"),
    ("F12", rb"quoted-printable", b"8bit"),
    ("F13", rb"ada@reader", "ädä@reader".encode()),
    ("F13", rb"@reader\.example", "@bücher.example".encode()),
    ("F14", rb"To: Ada Example <ada", b"To:\r\n <" + b"a" * 65),
    ("F14", rb"To: Ada Example <ada@reader\.", b"To:\r\n <ada@" + b"reader." * 36),
    ("F15", rb"<p>", b"=\r\n.=\r\n<p>"),
    ("L1", rb"<https://notes.example/t", b"<http://notes.example/t"),
    ("L1", rb"\r\n <https://notes.example/t", b" =?utf-8?q?=3Chttps?=\r\n <https://notes.example/t"),
    ("L2", rb"=One-Click", b"=Two-Click"),
    ("L7", rb"<weekly\.notes\.example>", b"<https://notes.example>"),
    ("L8", rb"List-Post: NO", b"List-Post: YES"),
    ("L9", rb"auto-generated", b"no"),
]


def test_the_mail_that_is_damaged_below_is_a_good_one(expect_alike: Callable[[bytes], Any]) -> None:
    assert expect_alike(GOOD)["to"] == "Ada Example <ada@reader.example>"


@pytest.mark.parametrize(
    ("rule", "before", "after"), BROKEN, ids=[f"{rule} {number}" for number, (rule, *_) in enumerate(BROKEN)]
)
def test_a_broken_rule_is_told(expect_f_rules: Callable[[bytes], Any], rule: str, before: bytes, after: bytes) -> None:
    damaged, count = re.subn(before, after, GOOD, count=1)
    assert count == 1
    # Another rule may be broken at the same place, and be looked at first.
    neighbours = {"L1": "F8|L1", "F13": "F12|F13", "F4": "F4|F8"}
    with pytest.raises(AssertionError, match=f"^({neighbours.get(rule, rule)}): "):
        expect_f_rules(damaged)


def standard_library(subject: str, name: str) -> bytes:
    """Write the same mail with Python's own package, as its documentation shows."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address("Field Notes", "letters", "notes.example")
    mail["To"] = Address(name, "ada", "reader.example")
    mail["Subject"] = subject
    mail["Date"] = ENVELOPE.date
    mail["Message-ID"] = "<1.issue@notes.example>"
    mail["List-Id"] = "<weekly.notes.example>"
    mail["List-Unsubscribe"] = f"<{ADA.unsubscribe}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["List-Post"] = "NO"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("Grüße\n", cte="quoted-printable")
    mail.add_alternative("<p>Grüße</p>\n", subtype="html", cte="quoted-printable")
    return mail.as_bytes()


def test_the_mail_of_the_standard_library_is_refused(expect_f_rules: Callable[[bytes], Any]) -> None:
    data = standard_library("Weekly", "Ada")
    assert b"=?utf-8?q?" in data.partition(b"List-Unsubscribe:")[2].partition(b"\r\nList-")[0]
    with pytest.raises(AssertionError, match="F8"):
        expect_f_rules(data)


def test_a_writer_that_glues_encoded_words_is_noticed(
    expect_f_rules: Callable[[bytes], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headers, "_encoded", lambda text, first_room: "=?utf-8?b?w7w=?==?utf-8?b?w7w=?=")
    with pytest.raises(AssertionError, match="F8"):
        expect_f_rules(message(ENVELOPE, "a", "b"))


def test_a_writer_that_does_not_normalise_is_noticed(
    expect_f_rules: Callable[[bytes], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(headers, "one_line", str)
    with pytest.raises(AssertionError, match="F3"):
        expect_f_rules(message(Envelope(**{**_values(), "subject": "a\r\nBcc: ben@reader.example"}), "a", "b"))
    with pytest.raises(AssertionError, match="F2"):
        expect_f_rules(message(Envelope(**{**_values(), "subject": "a\0"}), "a", "b"))


def _values() -> dict[str, Any]:
    return {name: getattr(ENVELOPE, name) for name in Envelope.__slots__}
