"""Header fields as bytes."""

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_string
from email.header import decode_header, make_header
from email.policy import default
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.errors import UsageError
from publisher.newsletter.headers import address_field, ascii_domain, date_field, split_mailbox, text_field, token_field
from publisher.newsletter.wording import one_line


def _read(field: str) -> Any:
    name = field.partition(":")[0]
    value = message_from_string(f"{field}\r\n\r\n", policy=default)[name]
    assert value.defects == ()
    return value


def _name(field: str, read: str) -> str:
    """Return a display name; of several encoded-words by another reader, as Python's own keeps the blanks between."""
    phrase = field.partition(": ")[2].replace("\r\n", "").rpartition(" <")[0]
    return str(make_header(decode_header(phrase))) if phrase.count("=?utf-8?b?") > 1 else read


@given(st.text())
def test_a_subject_comes_back_as_it_was_written(text: str) -> None:
    field = text_field("Subject", f"x{text}")
    assert str(_read(field)) == one_line(f"x{text}")
    assert field.isascii()
    for line in field.split("\r\n"):
        assert line.isprintable()
        assert len(line) <= 76
    assert all(line.startswith(" ") for line in field.split("\r\n")[1:])


@given(st.text(alphabet=st.characters(max_codepoint=0x3FF, exclude_characters="<>")))
@example("000000000¡¡¡¡¡¡¡¡¡¡¡¡¡¡¡¡¡")
def test_a_name_comes_back_as_it_was_written(text: str) -> None:
    name = one_line(text).strip('" ')
    field = address_field("From", f"{name} <letters@notes.example>")
    (address,) = _read(field).addresses
    assert (_name(field, address.display_name), address.addr_spec) == (name, "letters@notes.example")
    assert all(len(line) <= 76 for line in field.split("\r\n"))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Plain", "Subject: Plain"),
        ("a\r\nBcc: b@notes.example", "Subject: a Bcc: b@notes.example"),
        ("Grüße", "Subject: =?utf-8?b?R3LDvMOfZQ==?="),
        ("=?utf-8?q?x?=", "Subject: =?utf-8?b?PT91dGYtOD9xP3g/PQ==?="),
        ("x" * 84, f"Subject: =?utf-8?b?{'eHh4' * 13}?=\r\n =?utf-8?b?{'eHh4' * 15}?="),
        ("word " * 20, f"Subject: {' '.join(['word'] * 13)}\r\n {' '.join(['word'] * 7)}"),
    ],
)
def test_subjects_are_plain_where_they_can_be(text: str, field: str) -> None:
    assert text_field("Subject", text) == field


def test_encoded_words_hold_whole_characters() -> None:
    words = text_field("Subject", "日本語" * 30).replace("\r\n", "").split(" ")[1:]
    for word in words:
        assert str(_read(f"Subject: {word}")) in "日本語" * 30
        assert len(word) <= 75


@pytest.mark.parametrize(
    ("mailbox", "field"),
    [
        ("letters@notes.example", "From: letters@notes.example"),
        ("Field Notes <letters@notes.example>", "From: Field Notes <letters@notes.example>"),
        ('"Field, Notes" <letters@notes.example>', 'From: "Field, Notes" <letters@notes.example>'),
        ('A "B\\" C <letters@notes.example>', 'From: "A \\"B\\\\\\" C" <letters@notes.example>'),
        ("Grüße <letters@bücher.example>", "From: =?utf-8?b?R3LDvMOfZQ==?= <letters@xn--bcher-kva.example>"),
        (f"{'x' * 72} <a@b.example>", f"From: =?utf-8?b?{'eHh4' * 14}?=\r\n =?utf-8?b?{'eHh4' * 10}?= <a@b.example>"),
        ("<letters@notes.example>", "From: letters@notes.example"),
    ],
)
def test_addresses_are_never_encoded_but_names_are(mailbox: str, field: str) -> None:
    assert address_field("From", mailbox) == field


@pytest.mark.parametrize(
    "mailbox",
    [
        "Field Notes",
        "lettèrs@notes.example",
        f"{'a' * 65}@notes.example",
        "a..b@notes.example",
        "a@::1",
        "a@",
        "a@-x.example",
    ],
)
def test_addresses_that_cannot_stand_in_a_mail_are_refused(mailbox: str) -> None:
    with pytest.raises(UsageError, match=r"notes\.example"):
        split_mailbox(mailbox)


@pytest.mark.parametrize("domain", ["", "a b", "a..b", "x" * 64, "a." * 130 + "example", "notes.example."])
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(UsageError, match="no domain name"):
        ascii_domain(domain)


def test_tokens_stay_whole() -> None:
    assert token_field("List-Id", f"<{'a' * 90}.example>") == f"List-Id: <{'a' * 90}.example>"


@pytest.mark.parametrize(
    ("moment", "field"),
    [
        (datetime(2026, 11, 2, 8, 5, 6, 789, tzinfo=UTC), "Date: Mon, 02 Nov 2026 08:05:06 +0000"),
        (
            datetime(2026, 11, 2, 8, tzinfo=timezone(timedelta(hours=-3, minutes=-30))),
            "Date: Mon, 02 Nov 2026 08:00:00 -0330",
        ),
        (datetime(1880, 1, 1, tzinfo=timezone(timedelta(seconds=3208))), "Date: Wed, 31 Dec 1879 23:06:32 +0000"),
    ],
)
def test_dates_have_a_numeric_zone(moment: datetime, field: str) -> None:
    assert date_field(moment) == field
    assert _read(field).datetime == moment.replace(microsecond=0)
