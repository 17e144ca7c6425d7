"""No value becomes a field, a command or a mail of its own: each place where one enters, with each way to try that."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from publisher.delivery.smtp import envelopes
from publisher.delivery.smtp.conversation import Conversation
from publisher.delivery.smtp.envelopes import Abilities
from publisher.delivery.transport import Mail
from publisher.errors import UsageError
from publisher.newsletter.asking import Question, page_words, question_mail
from publisher.newsletter.mail import Envelope, Reader, ReaderRefused, headers, message
from publisher.newsletter.wording import one_line
from publisher.templating import Templates
from tests.newsletter.mail.conftest import BrokenRule, expect_f_rules_of

BREAKS = (
    *("\r\n", "\n", "\r", "\n\r", "\r\n ", "\n\t", "\r\n\r\n", "\n\n", "\n.\n", "\r\n.\r\n", "\n.\r\n", "\r.\r"),
    *("\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0", "\0\r\n", "\ud800\n", "%0D%0A", "\\r\\n"),
)
WORDS = ("Bcc: eve@reader.example", "X-Planted: 1\r\n\r\n<script>planted</script>")
PAYLOADS = (
    *(f"{pause}{words}" for pause in BREAKS for words in WORDS),
    "=?utf-8?q?=0D=0ABcc:=20eve@reader.example?=",
    "=?utf-8?b?DQpCY2M6IGV2ZUByZWFkZXIuZXhhbXBsZQ==?=",
    "\r\n.\r\nMAIL FROM:<eve@reader.example>\r\nRCPT TO:<ben@reader.example>\r\nDATA\r\n",
    "> SIZE=1\r\nRSET\r\n",
    '", eve@reader.example, "',
    ">, <eve@reader.example",
)
ENVELOPE = Envelope(
    sender="Field Notes <letters@notes.example>",
    reply_to="Ada <ada@notes.example>",
    subject="Rivers",
    date=datetime(2026, 11, 23, 8, tzinfo=UTC),
    list_id="weekly.notes.example",
    list_name="Field Notes Weekly",
    key="2026-W48",
    archive_url="https://notes.example/issues/",
)
READER = Reader(
    address="ada@reader.example",
    name="Ada",
    unsubscribe="https://notes.example/letters/u/x",
    preferences="https://notes.example/letters/p/x",
    mailto="mailto:leave@notes.example?subject=x",
    message_id="abc.w48",
)
MAIL = Mail((1, 1), "bounce@notes.example", "ada@reader.example", b"a: b\r\n\r\nc\r\n", token="token")


@dataclass(frozen=True)
class Place:
    """Where a value of somebody's enters."""

    field: str
    #: The value around what is tried.
    around: str

    def given(self, payload: str) -> dict[str, Any]:
        return {self.field: self.around.format(payload)}


OF_THE_ISSUE = (
    Place("sender", "Field{} Notes <letters@notes.example>"),
    Place("sender", "Field Notes <let{}ters@notes.example>"),
    Place("sender", "letters@notes{}.example"),
    Place("reply_to", "Ada{} <ada@notes.example>"),
    Place("reply_to", "ada{}@notes.example"),
    Place("subject", "Rivers{}"),
    Place("list_id", "weekly{}.notes.example"),
    Place("list_name", "Field{} Notes"),
    Place("archive_url", "https://notes.example/issues/{}"),
)
OF_THE_READER = (
    Place("address", "ada{}@reader.example"),
    Place("address", "ada@reader{}.example"),
    Place("name", "Ada{}"),
    Place("unsubscribe", "https://notes.example/letters/u/{}"),
    Place("preferences", "https://notes.example/letters/p/{}"),
    Place("mailto", "mailto:leave@notes.example?subject={}"),
    Place("message_id", "abc{}"),
)
OF_THE_COMMANDS = (
    Place("sender", "bounce{}@notes.example"),
    Place("recipient", "ada{}@reader.example"),
    Place("recipient", "ada@reader.example{}"),
    Place("token", "token{}"),
)
COMMANDS = re.compile(rb"MAIL FROM:<[^\s<>]+>(?: \S+)*\r\nRCPT TO:<[^\s<>]+>(?: \S+)*\r\nDATA\r\n")
_SLOTTED = "Read {0} @@UNSUBSCRIBE@@ @@PREFERENCES@@ @@ADDRESS@@ @@NAME@@\n"


def written(envelope: Envelope = ENVELOPE, reader: Reader = READER, payload: str = "") -> bytes:
    text = _SLOTTED.replace("{0}", payload)
    return message(envelope, text, f"<p>{text}</p>", reader=reader)


def names_in(data: bytes) -> list[str]:
    """Return the names of the fields, after the mail was held against all rules of form."""
    return [name for name, _ in expect_f_rules_of(data).fields]


HARMLESS = names_in(written())


def expect_no_more_fields(envelope: Envelope = ENVELOPE, reader: Reader = READER, payload: str = "") -> int:
    """Demand the fields of the harmless mail and no other ones, or that there is no mail; return how many there are."""
    try:
        data = written(envelope, reader, payload)
    except (UsageError, ReaderRefused):
        return 0
    assert names_in(data) == HARMLESS
    return 1


def try_all_in_issue() -> int:
    given = [place.given(payload) for place in OF_THE_ISSUE for payload in PAYLOADS]
    return sum(expect_no_more_fields(replace(ENVELOPE, **values)) for values in given)


def test_no_value_of_an_issue_becomes_a_field_or_a_mail() -> None:
    assert len(OF_THE_ISSUE) + len(OF_THE_READER) >= 12
    assert len(PAYLOADS) >= 40
    assert try_all_in_issue() >= 3 * len(PAYLOADS)  # names and subject are cleaned or encoded


def test_no_value_of_a_reader_becomes_a_field_or_a_mail() -> None:
    given = [place.given(payload) for place in OF_THE_READER for payload in PAYLOADS]
    made = [expect_no_more_fields(reader=replace(READER, **values)) for values in given]
    assert sum(made) >= len(PAYLOADS)


def test_nothing_that_an_article_says_becomes_a_field_or_a_mail() -> None:
    assert [expect_no_more_fields(payload=payload) for payload in PAYLOADS] == [1] * len(PAYLOADS)


@pytest.mark.parametrize("forgotten", ["one_line", "_encoded"])
def test_a_field_that_takes_values_as_they_are_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch, forgotten: str
) -> None:
    monkeypatch.setattr(headers, forgotten, lambda text, **_: text)
    with pytest.raises((AssertionError, BrokenRule, UnicodeError)):
        try_all_in_issue()


def said_of(mail: Mail) -> bytes:
    """Return what a relay hears of a mail before it answers."""
    conversation = Conversation(0, Abilities(pipelining=True, eight_bit=True, smtputf8=True, dsn=True, sizes=True))
    conversation.propose(mail)
    said = b""
    while conversation.unsent:
        pieces = conversation.outgoing()
        said += b"".join(pieces)
        conversation.handed(sum(map(len, pieces)))
    return said


def expect_three_commands_or_none() -> None:
    for place in OF_THE_COMMANDS:
        for payload in PAYLOADS:
            said = said_of(replace(MAIL, **place.given(payload)))
            assert not said or COMMANDS.fullmatch(said), (place, payload)


def test_no_address_or_token_becomes_a_command() -> None:
    assert said_of(MAIL)
    expect_three_commands_or_none()


@pytest.mark.parametrize(("forgotten", "instead"), [("_NO_PATH", "(?!)"), ("_NO_XTEXT", "(?!)")])
def test_a_command_that_takes_values_as_they_are_would_be_noticed(
    monkeypatch: pytest.MonkeyPatch, forgotten: str, instead: str
) -> None:
    monkeypatch.setattr(envelopes, forgotten, re.compile(instead))
    with pytest.raises((AssertionError, UnicodeError)):
        expect_three_commands_or_none()


def test_no_title_becomes_a_field_of_the_mail_that_asks() -> None:
    templates = Templates()
    say = page_words("en", templates)
    for payload in PAYLOADS:
        title, sender = one_line(f"Weekly{payload}"), one_line(f"Notes{payload} <letters@notes.example>")
        at = datetime(2026, 11, 23, tzinfo=UTC)
        try:
            data = question_mail(
                Question(title, sender, "", "ada@reader.example", "https://n.example/c/x", at), say, templates
            )
        except UsageError:
            continue
        head = data.partition(b"\r\n\r\n")[0]
        assert re.findall(rb"(?m)^([\w-]+):", head) == [
            b"From",
            b"To",
            b"Subject",
            b"Date",
            b"Message-ID",
            b"Auto-Submitted",
            b"MIME-Version",
            b"Content-Type",
        ]
