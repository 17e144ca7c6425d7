"""The mail of an issue, put together for each reader."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.newsletter.mail import (
    AddressNeedsSmtputf8,
    BrokenMessage,
    Envelope,
    Reader,
    ReaderRefused,
    Skeleton,
    message,
    mime,
)
from publisher.newsletter.mail import skeleton as module
from publisher.newsletter.slots import ADDRESS, NAME, PREFERENCES, SLOTS, UNSUBSCRIBE
from publisher.newsletter.wording import one_line

ENVELOPE = Envelope(
    sender="Field Notes <letters@notes.example>",
    reply_to="",
    subject="Weekly #1: Rivers",
    date=datetime(2026, 11, 23, 8, tzinfo=UTC),
    list_id="weekly.notes.example",
    list_name="Field Notes Weekly",
    key="2026-W48",
)
TEXT = f"Hello {NAME},\n\nfor {ADDRESS}:\n{UNSUBSCRIBE}\n{PREFERENCES}{NAME}\n"
HTML = f'<p>{NAME} &amp; 日本語 {ADDRESS}</p><a href="{UNSUBSCRIBE}">a</a><a href="{PREFERENCES}">b</a>\n'
EML = message(ENVELOPE, TEXT, HTML)
SKELETON = Skeleton.read(EML)
ADA = Reader(
    address="ada@reader.example",
    name="Ada Example",
    unsubscribe="https://notes.example/letters/leave?t=abc&l=weekly",
    preferences="https://notes.example/letters/mine?t=abc",
)

URI_CHARACTERS = "abcXYZ019-._~:/?#[]@!$&'()*+,;=%"
URIS = st.text(alphabet=URI_CHARACTERS, max_size=995).map(lambda rest: f"https://n{rest}x"[:994])
READERS = st.builds(
    Reader,
    address=st.sampled_from(["ada@reader.example", "a.b+c@bücher.example", "o'x=y&z@reader.example", "a@b"]),
    name=st.text(),
    unsubscribe=URIS,
    preferences=URIS,
    mailto=st.one_of(st.just(""), URIS.map(lambda uri: f"mailto:{uri}"[:994])),
)


def with_values(content: str, reader: Reader, write: Callable[[str], str]) -> bytes:
    """Put the values where the tokens are, in plain text: what the reader is to read."""
    values = dict(
        zip(SLOTS, (reader.unsubscribe, reader.preferences, reader.address, one_line(reader.name)), strict=True)
    )
    filled = re.sub("|".join(map(re.escape, SLOTS)), lambda found: write(values[found[0]]), content)
    return filled.replace("\n", "\r\n").encode()


def tampered(before: bytes, after: bytes) -> bytes:
    assert before in EML
    return EML.replace(before, after)


@given(READERS, st.text(max_size=100), st.text(max_size=100))
@example(replace(ADA, name=". From"), "", "")
@example(replace(ADA, name=f"{UNSUBSCRIBE}{NAME}"), "From ", ".")
@example(replace(ADA, name="日" * 100), "日", "日")
def test_splicing_gives_what_encoding_with_the_values_gives(
    expect_alike: Callable[[bytes], Any], reader: Reader, before: str, after: str
) -> None:
    text, html = (before + part + after for part in (TEXT, HTML))
    spliced = Skeleton.read(message(ENVELOPE, text, html)).message(reader)
    assert spliced == message(ENVELOPE, text, html, reader=reader)
    plain, rich = expect_alike(spliced).parts
    whole = message(ENVELOPE, text, html)
    asis, ashtml = (part.content.decode().replace("\r\n", "\n") for part in expect_alike(whole).parts)
    assert plain.content == with_values(asis, reader, str)
    assert rich.content == with_values(ashtml, reader, escape)


@given(URIS, st.one_of(st.just(""), URIS.map(lambda uri: f"mailto:{uri}"[:994])))
@example(f"https://{'h' * 63}.example/{'t' * 914}", f"mailto:{'m' * 987}")
def test_the_unsubscribe_address_is_intact_byte_for_byte(
    expect_alike: Callable[[bytes], Any], web: str, mailto: str
) -> None:
    mail = expect_alike(SKELETON.message(replace(ADA, unsubscribe=web, mailto=mailto)))
    assert mail["list-unsubscribe"] == f"<{web}>, <{mailto}>" if mailto else f"<{web}>"


@pytest.mark.parametrize(("mailto", "limit"), [("", 995), ("mailto:leave@notes.example", 994)])
def test_addresses_up_to_the_limit_of_a_line_are_taken_and_no_longer_ones(
    expect_f_rules: Callable[..., Any], mailto: str, limit: int
) -> None:
    longest = f"https://notes.example/{'t' * 2000}"[:limit]
    data = SKELETON.message(replace(ADA, unsubscribe=longest, mailto=mailto))
    assert expect_f_rules(data)["list-unsubscribe"].startswith(f"<{longest}>")
    assert max(map(len, data.split(b"\r\n"))) == 998
    with pytest.raises(ReaderRefused, match=f"up to {limit} characters"):
        SKELETON.message(replace(ADA, unsubscribe=f"{longest}t", mailto=mailto))


def test_a_retry_has_the_same_message_id_and_another_reader_another_one() -> None:
    def id_of(reader: Reader, eml: bytes = EML) -> bytes:
        skeleton = Skeleton.read(eml)
        return skeleton.fill(reader).fields[skeleton.own[1]]

    again = replace(ADA, name="Ada E.", preferences="https://notes.example/other")
    assert id_of(ADA) == id_of(again) != id_of(replace(ADA, unsubscribe="https://notes.example/letters/leave?t=b"))
    assert id_of(ADA) != id_of(ADA, message(replace(ENVELOPE, key="2026-W49"), TEXT, HTML))
    assert re.fullmatch(rb"Message-ID: <[a-z2-7]{24}\.mail@notes\.example>", id_of(ADA))
    assert id_of(replace(ADA, message_id="w48.1")) == b"Message-ID: <w48.1@notes.example>"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"unsubscribe": "https:///leave"}, "unsubscribe address is no https"),
        ({"unsubscribe": ""}, "unsubscribe address is no https"),
        ({"unsubscribe": "http://notes.example/"}, "unsubscribe address is no https"),
        ({"unsubscribe": "https://notes.example/>\r\nBcc: b@c.example"}, "unsubscribe address is no https"),
        ({"preferences": "javascript:alert(1)"}, "preferences address is no https"),
        ({"mailto": "https://notes.example/"}, "no mailto"),
        ({"mailto": "mailto:a b"}, "no mailto"),
        ({"message_id": "a>b"}, "Message-ID"),
        ({"message_id": "a" * 65}, "Message-ID"),
        ({"address": "ada"}, "correct it"),
        ({"address": "ada@"}, "correct it"),
        ({"address": "@reader.example"}, "correct it"),
        ({"address": "a@b.example,c@d.example"}, "correct it"),
        ({"address": "a@b.example\r\nBcc: c@d.example"}, "correct it"),
        ({"address": " ada@reader.example"}, "correct it"),
        ({"address": "ada\u202e@reader.example"}, "correct it"),
        ({"address": "a b@reader.example"}, "correct it"),
        ({"address": "=?utf-8?q?a?=@reader.example"}, "correct it"),
        ({"unsubscribe": "https://notes.example/=?utf-8?q?a?="}, "unsubscribe address is no https"),
        ({"address": "ada@reader..example"}, "correct it"),
        ({"address": "a\ud800@reader.example"}, "correct it"),
        ({"address": f"{'a' * 65}@reader.example"}, "longer than"),
        ({"address": f"a@{'reader.' * 36}example"}, "longer than|correct it"),
        ({"address": "ädä@reader.example"}, "SMTPUTF8"),
    ],
    ids=str,
)
def test_a_reader_who_cannot_get_the_mail_is_refused_and_no_address_is_told(wrong: dict[str, str], reason: str) -> None:
    reader = replace(ADA, **wrong)
    with pytest.raises(ReaderRefused, match=reason) as refused:
        SKELETON.message(reader)
    assert refused.value.address == reader.address
    assert reader.address not in str(refused.value) or not reader.address
    with pytest.raises(ReaderRefused, match=reason):
        message(ENVELOPE, TEXT, HTML, reader=reader)


def test_a_local_part_beyond_ascii_goes_to_servers_that_take_it(expect_f_rules: Callable[..., Any]) -> None:
    reader = replace(ADA, address="ädä@bücher.example")
    with pytest.raises(AddressNeedsSmtputf8):
        SKELETON.message(reader)
    data = SKELETON.message(reader, smtputf8=True)
    assert data == message(ENVELOPE, TEXT, HTML, reader=reader, smtputf8=True)
    assert expect_f_rules(data, smtputf8=True)["to"] == "Ada Example <ädä@xn--bcher-kva.example>"
    assert SKELETON.message(ADA, smtputf8=True) == SKELETON.message(ADA)


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (EML.replace(b"\r\n", b"\n"), "CRLF"),
        (tampered(b"Rivers", "Flüsse".encode()), "ASCII"),
        (tampered(b"To: undisclosed-recipients:;", b"To: ada@reader.example"), "mail to nobody"),
        (tampered(b"@@UNSUBSCRIBE@@>\r\n", b"@@UNSUBSCRIBE@@>, <mailto:a@b.example>\r\n"), "mail to nobody"),
        (tampered(b"=One-Click", b"=Two-Click"), "mail to nobody"),
        (tampered(b"List-Unsubscribe-Post", b"X-Post"), "list-unsubscribe-post 0 times"),
        (tampered(b"Subject:", b"List-ID: <a.example>\r\nSubject:"), "list-id 2 times"),
        (tampered(b"Subject:", b"Subject"), "no list of fields"),
        (tampered(b"multipart/alternative", b"multipart/mixed"), "two parts"),
        (tampered(b"@@=\r\n,", b"@@,"), "alone on its line"),
        (tampered(b"for =\r\n", b"for "), "alone on its line"),
        (tampered(b"@@ADDRESS@@=\r\n:", b"@@ADD=\r\nRESS@@=\r\n:"), "alone on its line"),
        (message(ENVELOPE, "a", HTML), "text part has no unsubscribe"),
        (message(ENVELOPE, TEXT, "a"), "HTML part has no unsubscribe"),
        (b"", "no list of fields|0 times"),
    ],
)
def test_what_was_changed_after_it_was_made_is_refused(broken: bytes, reason: str) -> None:
    with pytest.raises(BrokenMessage, match=reason):
        Skeleton.read(broken, "issues/weekly/2026-W48/issue.eml")


def test_a_reader_s_own_mail_is_no_skeleton() -> None:
    with pytest.raises(BrokenMessage, match="mail to nobody"):
        Skeleton.read(SKELETON.message(ADA))


def test_the_pieces_are_all_that_a_signature_needs() -> None:
    filled = SKELETON.fill(ADA)
    assert (
        b"".join(piece for pair in zip(SKELETON.segments, (*filled.values, b""), strict=True) for piece in pair)
        == SKELETON.message(ADA).partition(b"\r\n\r\n")[2]
    )
    assert b"\r\n".join(filled.fields) == SKELETON.message(ADA).partition(b"\r\n\r\n")[0]
    assert all(segment.endswith(b"\r\n") for segment in SKELETON.segments)
    assert all(segment.startswith(b"=\r\n") for segment in SKELETON.segments[1:])
    assert [slot.markup for slot in SKELETON.slots] == sorted(slot.markup for slot in SKELETON.slots)
    signed = SKELETON.joined(filled, b"DKIM-Signature: v=1")
    assert signed.data == b"DKIM-Signature: v=1\r\n" + SKELETON.message(ADA)
    assert signed.own.startswith(b"DKIM-Signature: v=1\r\nTo: ")


def test_a_further_reader_encodes_no_part_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def encode(value: str) -> bytes:
        asked.append(value)
        return mime.quoted_value(value)

    monkeypatch.setattr("publisher.newsletter.mail.reader.quoted_value", encode)
    monkeypatch.setattr(mime, "quoted_printable", None)
    monkeypatch.setattr(mime, "alternatives", None)
    assert SKELETON.message(ADA).startswith(b"From: ")
    assert len(asked) == len(SKELETON.slots)
    assert max(map(len, asked)) < 100


def test_a_value_that_were_not_encoded_would_be_noticed(
    expect_f_rules: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.newsletter.mail.reader.quoted_value", lambda value: value.encode())
    long = replace(ADA, unsubscribe=f"https://notes.example/{'t' * 100}")
    with pytest.raises(AssertionError, match="F12"):
        expect_f_rules(SKELETON.message(long))


def test_slots_that_did_not_stand_alone_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mime, "_SOFT_BREAK", b"")
    with pytest.raises(BrokenMessage, match="alone on its line"):
        module.Skeleton.read(message(ENVELOPE, TEXT, HTML))
