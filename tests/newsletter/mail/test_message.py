"""An issue as one mail."""

import quopri
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.errors import UsageError
from publisher.markup.characters import legal
from publisher.newsletter.mail import Envelope, message
from publisher.newsletter.mail.mime import quoted_printable, quoted_value
from publisher.newsletter.slots import SLOTS, UNSUBSCRIBE

ENVELOPE = Envelope(
    sender="Field Notes <letters@notes.example>",
    reply_to="",
    subject="Weekly #1: Rivers",
    date=datetime(2026, 11, 23, 8, tzinfo=UTC),
    list_id="weekly.notes.example",
    list_name="Field Notes Weekly",
    key="2026-W48",
)


@dataclass(frozen=True)
class Picture:
    cid: str = "river@notes.example"
    type: str = "image/jpeg"
    name: str = "river.jpg"
    data: bytes = bytes(range(256))


def _ended(content: str) -> bytes:
    return (content.removesuffix("\n") + "\n").replace("\n", "\r\n").encode()


@given(st.text(), st.text(), st.text())
def test_any_mail_is_read_alike_by_three_parsers(
    expect_alike: Callable[[bytes], Any], text: str, html: str, subject: str
) -> None:
    data = message(replace(ENVELOPE, subject=subject, list_name=subject), text, html)
    mail = expect_alike(data)
    assert [part.content for part in mail.parts] == [_ended(legal(text)), _ended(legal(html))]
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 76


@given(st.text(), st.lists(st.tuples(st.text(), st.binary())))
def test_pictures_travel_with_the_html(
    expect_alike: Callable[[bytes], Any], html: str, files: list[tuple[str, bytes]]
) -> None:
    pictures = [Picture(f"p{number}@notes.example", "image/png", *file) for number, file in enumerate(files)]
    text, rich = expect_alike(message(ENVELOPE, "a", html, pictures)).parts
    html_part, *others = rich.parts or [rich]
    assert rich.kind == ("multipart/related" if pictures else "text/html")
    assert (text.content, html_part.content) == (b"a\r\n", _ended(legal(html)))
    assert [part.content for part in others] == [picture.data for picture in pictures]
    assert [part["content-id"] for part in others] == [f"<{picture.cid}>" for picture in pictures]


def test_a_picture_is_named_and_shown_in_its_place() -> None:
    mail: Any = message_from_bytes(message(ENVELOPE, "a", "b", [Picture(name="Fluß.jpg")]), policy=default)
    related = mail.get_payload()[1]
    picture = related.get_payload()[1]
    assert related["Content-Type"].params["type"] == "text/html"
    assert (picture.get_content_type(), picture.get_content_disposition()) == ("image/jpeg", "inline")
    assert picture.get_filename() == "Fluß.jpg"


def test_boundaries_come_from_the_content_alone() -> None:
    def boundary(*arguments: Any) -> str:
        return str(message_from_bytes(message(*arguments)).get_boundary())

    whole = (ENVELOPE, "a", "b", [Picture()])
    assert boundary(*whole) == boundary(replace(ENVELOPE, subject="other"), *whole[1:])
    others = [(ENVELOPE, "b", "a"), (ENVELOPE, "a", "b"), (ENVELOPE, "a", "b", [Picture(data=b"")])]
    assert len({boundary(*one) for one in [whole, *others]}) == 4


def test_a_part_that_quotes_a_boundary_does_not_end_there(expect_alike: Callable[[bytes], Any]) -> None:
    boundary = message_from_bytes(message(ENVELOPE, "a", "b")).get_boundary()
    assert len(expect_alike(message(ENVELOPE, f"--{boundary}--\n", f"--{boundary}\n")).parts) == 2


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r")))
def test_quoted_printable_is_read_by_others(text: str) -> None:
    encoded = quoted_printable(text)
    assert quopri.decodestring(encoded.replace(b"\r\n", b"\n")).decode() == text
    for line in encoded.split(b"\r\n"):
        assert len(line) <= 76
        assert line == line.rstrip()
        assert not line.startswith((b".", b"From "))


def test_quoted_printable_divides_neither_characters_nor_slots() -> None:
    for length in range(80):
        encoded = quoted_printable("a" * length + "".join(SLOTS) + "é" * 40 + "日" * 40 + "🐟" * 40)
        assert all(f"\r\n{slot}=\r\n".encode() in b"\r\n" + encoded for slot in SLOTS)
        for line in encoded.replace(b"=\r\n", b"\n").split(b"\n"):
            quopri.decodestring(line).decode()


def test_lines_that_ways_of_transport_alter_are_protected() -> None:
    assert quoted_printable("From here\n.\n..a\na \nb\t") == b"=46rom here\r\n=2E\r\n=2E.a\r\na=20\r\nb=09"
    assert quoted_printable("a" * 75 + ".b" + "c" * 73 + "From d") == (
        b"a" * 75 + b"=\r\n=2Eb" + b"c" * 71 + b"=\r\n" + b"ccFrom d"
    )


@given(st.text(alphabet=st.sampled_from("a .=é日🐟From")))
def test_a_value_is_encoded_alone_as_it_is_within_a_line(value: str) -> None:
    alone = quoted_value(value)
    assert quopri.decodestring(alone.replace(b"\r\n", b"\n")).decode() == value
    assert quoted_printable(f"x{UNSUBSCRIBE}y", lambda _: alone) == b"x=\r\n" + alone + b"=\r\ny"


@pytest.mark.parametrize("kind", ["a" * 10, "日本語", f"{UNSUBSCRIBE} ", "a.\n"])
def test_encoding_takes_time_in_proportion(
    expect_linear: Callable[[Callable[[int], object], int], None], kind: str
) -> None:
    assert quoted_printable(kind)
    expect_linear(lambda size: quoted_printable(kind * size), 20_000)


def test_the_header_is_spelled_out() -> None:
    envelope = replace(ENVELOPE, reply_to="ada@notes.example", archive_url="https://notes.example/feeds/issues/weekly/")
    header, _, _ = message(envelope, "a", "b").partition(b"\r\n\r\n")
    assert header.decode() == (
        "From: Field Notes <letters@notes.example>\r\n"
        "To: undisclosed-recipients:;\r\n"
        "Reply-To: ada@notes.example\r\n"
        "Subject: Weekly #1: Rivers\r\n"
        "Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n"
        "Message-ID: <ujy5mg7mxkge2d6abwxwv73l.issue@notes.example>\r\n"
        "List-Id: Field Notes Weekly <weekly.notes.example>\r\n"
        "List-Unsubscribe: <https://unsubscribe.invalid/@@UNSUBSCRIBE@@>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        "List-Archive: <https://notes.example/feeds/issues/weekly/>\r\n"
        "List-Post: NO\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/alternative;\r\n"
        ' boundary="=_e51e501cbcba1622feefaa750856054f"'
    )


def test_the_message_id_belongs_to_list_and_period() -> None:
    def id_of(envelope: Envelope, text: str) -> str:
        return str(message_from_bytes(message(envelope, text, "b"), policy=default)["Message-ID"])

    assert id_of(ENVELOPE, "a") == id_of(replace(ENVELOPE, subject="other"), "c")
    assert id_of(ENVELOPE, "a") != id_of(replace(ENVELOPE, key="2026-W49"), "a")
    assert id_of(ENVELOPE, "a") != id_of(replace(ENVELOPE, list_id="daily.notes.example"), "a")


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": "Field Notes"},
        {"reply_to": "nobody"},
        {"list_id": "weekly"},
        {"list_id": "https://notes.example/weekly"},
        {"archive_url": "https://notes.example/a b"},
    ],
    ids=str,
)
def test_an_envelope_that_makes_no_header_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="example"):
        message(replace(ENVELOPE, **wrong), "a", "b")  # type: ignore[arg-type]
