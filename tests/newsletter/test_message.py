"""An issue as one mail."""

import quopri
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from publisher.markup.characters import legal
from publisher.newsletter.message import Envelope, message, quoted_printable
from publisher.newsletter.slots import UNSUBSCRIBE

ENVELOPE = Envelope(
    sender="Field Notes <letters@notes.example>",
    reply_to="",
    subject="Weekly #1: Rivers",
    date=datetime(2026, 11, 23, 8, tzinfo=UTC),
    list_id="weekly.notes.example",
    key="2026-W48",
)


def _parts(data: bytes) -> list[str]:
    mail = message_from_bytes(data, policy=default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    assert all(not value.defects for value in mail.values())
    parts = list(mail.iter_parts())
    assert all(isinstance(part, EmailMessage) and not part.defects for part in parts)
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    return [_decoded(part) for part in parts]


def _decoded(part: Any) -> str:
    data: bytes = part.get_payload(decode=True)
    return data.decode().replace("\r\n", "\n")


@given(st.text().map(legal), st.text().map(legal), st.text(min_size=1))
def test_any_mail_is_parsed_without_a_defect_and_gives_back_its_parts(text: str, html: str, subject: str) -> None:
    data = message(replace(ENVELOPE, subject=f"x{subject}"), text, html)
    assert _parts(data) == [text, html]
    assert data.isascii()
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(map(len, data.split(b"\r\n"))) <= 76


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_quoted_printable_is_read_by_others(text: str) -> None:
    encoded = quoted_printable(text)
    assert quopri.decodestring(encoded.replace(b"\r\n", b"\n")).decode() == text
    for line in encoded.split(b"\r\n"):
        assert len(line) <= 76
        assert line == line.rstrip()
        assert line != b"."


def test_quoted_printable_divides_neither_characters_nor_the_slot() -> None:
    for length in range(80):
        encoded = quoted_printable("a" * length + UNSUBSCRIBE + "é" * 40)
        assert UNSUBSCRIBE.encode() in encoded
        for line in encoded.replace(b"=\r\n", b"\n").split(b"\n"):
            quopri.decodestring(line).decode()


def test_lines_that_ways_of_transport_alter_are_protected() -> None:
    assert quoted_printable("From here\n.\na \nb\t") == b"=46rom here\r\n=2E\r\na=20\r\nb=09"


def test_a_slot_can_be_found_in_the_encoded_parts_of_any_script() -> None:
    data = message(ENVELOPE, "日本語" * 100 + UNSUBSCRIBE, f"<p>عربي {UNSUBSCRIBE}</p>")
    assert data.count(UNSUBSCRIBE.encode()) == 2


def test_the_header_is_spelled_out() -> None:
    header, _, _ = message(replace(ENVELOPE, reply_to="ada@notes.example"), "a", "b").partition(b"\r\n\r\n")
    lines = header.decode().split("\r\n")
    assert lines[:5] == [
        "From: Field Notes <letters@notes.example>",
        "To: undisclosed-recipients:;",
        "Reply-To: ada@notes.example",
        "Subject: Weekly #1: Rivers",
        "Date: Mon, 23 Nov 2026 08:00:00 +0000",
    ]
    assert lines[5].startswith("Message-ID: <")
    assert lines[5].endswith(".issue@notes.example>")
    assert lines[6:9] == ["List-Id: <weekly.notes.example>", "Auto-Submitted: auto-generated", "MIME-Version: 1.0"]
    assert lines[9] == "Content-Type: multipart/alternative;"
    assert len(lines) == 11


def test_the_message_id_belongs_to_list_and_period() -> None:
    def id_of(envelope: Envelope, text: str) -> str:
        return str(message_from_bytes(message(envelope, text, "b"), policy=default)["Message-ID"])

    assert id_of(ENVELOPE, "a") == id_of(replace(ENVELOPE, subject="other"), "c")
    assert id_of(ENVELOPE, "a") != id_of(replace(ENVELOPE, key="2026-W49"), "a")
