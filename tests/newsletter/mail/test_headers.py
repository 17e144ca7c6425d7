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
from publisher.newsletter.mail.addresses import ascii_domain, split_mailbox
from publisher.newsletter.mail.headers import (
    address_field,
    date_field,
    list_field,
    list_id_field,
    mailbox_field,
    parameters_field,
    text_field,
    token_field,
)
from publisher.newsletter.wording import one_line, unseen


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
    assert (_name(field, address.display_name), address.addr_spec) == (
        "" if unseen(name) else name,
        "letters@notes.example",
    )
    assert all(len(line) <= 76 for line in field.split("\r\n"))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Plain", "Subject: Plain"),
        ("a\r\nBcc: b@notes.example", "Subject: a Bcc: b@notes.example"),
        ("a\0b\x0bc\x85d\u2028e\u2029f\ud800g", "Subject: ab c d e fg"),
        ("a\u202eb\u2066c", "Subject: abc"),
        ("\0 \t", "Subject:"),
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
        (f"letters@{'notes.' * 12}example", f"From:\r\n letters@{'notes.' * 12}example"),
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
        f"{'a' * 60}@{'notes.' * 40}example",
    ],
)
def test_addresses_that_cannot_stand_in_a_mail_are_refused(mailbox: str) -> None:
    with pytest.raises(UsageError, match=r"notes\.example"):
        split_mailbox(mailbox)


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "a b",
        "a..b",
        "x" * 64,
        "ü" * 300,
        "a." * 130 + "example",
        "notes.example.",
        "☃.example",
        "a" * 60 + "!",
        "127.0.0.1",
        "1",
    ],
)
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(UsageError, match="no domain name"):
        ascii_domain(domain)


@pytest.mark.parametrize(
    ("domain", "labels"),
    [
        ("straße.example", "xn--strae-oqa.example"),  # with IDNA 2003 it were another domain, strasse.example
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("مثال.example", "xn--mgbh0fb.example"),
        ("Notes.Example", "Notes.Example"),
    ],
)
def test_domains_are_written_as_a_labels(domain: str, labels: str) -> None:
    assert ascii_domain(domain) == labels


@pytest.mark.parametrize("display", ["\u200b", "\u2060\ufeff\u200d", "\u3164", "\ufe0f"])
def test_a_display_name_that_nobody_sees_is_left_out(display: str) -> None:
    assert address_field("From", f"{display} <ada@notes.example>") == "From: ada@notes.example"


def test_tokens_stay_whole() -> None:
    assert token_field("Message-ID", f"<{'a' * 64}@b.example>") == f"Message-ID:\r\n <{'a' * 64}@b.example>"


@given(st.integers(1, 990), st.integers(0, 990))
@example(995 - len("https://notes.example/"), 994 - len("mailto:"))
def test_addresses_in_a_list_field_stay_whole_up_to_the_limit_of_a_line(web: int, mail: int) -> None:
    uris = [f"https://notes.example/{'a' * web}"[:995], f"mailto:{'b' * mail}c"[:994]]
    field = list_field("List-Unsubscribe", uris[::-1])
    assert field.replace("\r\n", "") == f"List-Unsubscribe: <{uris[1]}>, <{uris[0]}>"
    assert all(len(line) <= 998 for line in field.split("\r\n"))
    assert all(len(line) <= 76 or line.count(" ") == 1 for line in field.split("\r\n"))


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("https://notes.example/" + "a" * 974, "longer than the 998"),
        ("https://notes.example/ä", "no address"),
        ("https://notes.example/>, <a", "no address"),
        ("https://notes.example/\r\nBcc: a@b.example", "no address"),
        ("notes", "no address"),
    ],
)
def test_what_cannot_stand_in_a_list_field_is_refused(uri: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        list_field("List-Archive", [uri])


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("", "List-Id: <weekly.notes.example>"),
        ("Field Notes", "List-Id: Field Notes <weekly.notes.example>"),
        ('Notes, "all"', 'List-Id: "Notes, \\"all\\"" <weekly.notes.example>'),
        ("a" * 60, f"List-Id: {'a' * 60}\r\n <weekly.notes.example>"),
        ("a" * 70, "List-Id: <weekly.notes.example>"),
        ("Grüße", "List-Id: <weekly.notes.example>"),
        ("=?utf-8?q?x?=", "List-Id: <weekly.notes.example>"),
    ],
)
def test_a_list_has_its_name_where_that_needs_no_encoding(name: str, field: str) -> None:
    assert list_id_field(name, "weekly.notes.example") == field


# `email` takes a pair of brackets or quotes around a name away, wherever it finds one.
@given(st.text(max_size=200).map(one_line).filter(lambda name: name and name[0] + name[-1] not in ("<>", '""')))
@example("Grüße" * 40 + ".jpg")
@example('a "quoted" \\ name.png')
def test_names_of_files_come_back_as_they_were_written(name: str) -> None:
    field = parameters_field("Content-Disposition", "inline", filename=name)
    assert field.isascii()
    assert all(len(line) <= 76 for line in field.split("\r\n"))
    message = message_from_string(f"{field}\r\n\r\n")
    assert message.get_filename() == name


@given(st.text())
def test_any_name_can_be_a_reader_s(name: str) -> None:
    field = mailbox_field("To", name, "ada@notes.example")
    (address,) = _read(field).addresses
    assert (_name(field, address.display_name), address.addr_spec) == (
        "" if unseen(one_line(name)) else one_line(name),
        "ada@notes.example",
    )


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
