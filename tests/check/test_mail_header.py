"""Rules for the lines, the header and the parts of mails: our own grammar beside the RFCs' (F1-F14, L1, L2, L7, L9)."""

from base64 import encodebytes
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from publisher.check import check_message
from publisher.check.mail import message
from publisher.check.mail.addresses import Mailbox, Unreadable, mailboxes
from publisher.check.mail.encoded import decoded
from publisher.check.mail.fields import moment, uris
from publisher.check.mail.mime import read

Mail = Callable[..., bytes]


def rules(mail: bytes) -> list[str]:
    return [finding.rule for finding in check_message(mail, "a.eml")]


def test_a_sound_mail_has_no_findings(mail: Mail) -> None:
    assert rules(mail()) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("\r\nTo: ", "\nTo: ", ["mail.line.ending"]),
        ("\r\nTo: ", "\rTo: ", ["mail.line.ending", "mail.header.missing", "mail.header.control", "mail.address"]),
        ("Owls at", "Owls\0at", ["mail.line.ending"]),
        ("To: undisclosed-recipients:;\r\n", "", ["mail.header.missing"]),
        ("To: ", "To: a@notes.example\r\nTo: ", ["mail.header.duplicate"]),
        ("List-Id: ", "List-Id: <a.notes.example>\r\nList-Id: ", ["mail.header.duplicate"]),
        ("List-Id: ", "List-Archive: <https://a.example>\r\nList-Archive: <https://a.example>\r\nList-Id: ",
         ["mail.header.duplicate"]),
        ("Subject: ", "Subject:\r\n \r\n ", ["mail.header.blank"]),
        ("Subject: ", "no field\r\nSubject: ", ["mail.header.syntax"]),
        ("Subject: ", "X-A:  " + "a " * 40 + "\r\nSubject: ", ["mail.header.long"]),
        ("Subject: ", f"X-A: {'x' * 1000}\r\nSubject: ", ["mail.line.length"]),
        ("undisclosed-recipients:;", "Gr\xfc\xdfe:;", ["mail.header.control", "mail.address"]),
        ("undisclosed-recipients:;", "a\x07:;", ["mail.header.control", "mail.address"]),
        ("undisclosed-recipients:;", "a@b@c", ["mail.address"]),
        ("undisclosed-recipients:;", "<", ["mail.address"]),
        ("undisclosed-recipients:;", f"{'a' * 65}@notes.example", ["mail.address.length"]),
        ("Field Notes <letters@notes.example>", "a@notes.example, b@notes.example", ["mail.sender"]),
        ("letters@notes.example", "letters@localhost", ["mail.sender.domain"]),
        ("letters@notes.example", "letters@gmail.com", ["mail.sender.service"]),
        ("Subject: ", "DKIM-Signature: v=1; d=other.example; s=a\r\nSubject: ", ["mail.sender.alignment"]),
        ("Mon, 23 Nov", "Tue, 23 Nov", ["mail.date"]),
        ("+0100", "GMT", ["mail.date"]),
        ("23 Nov", "31 Nov", ["mail.date"]),
        ("08:00:00", "28:00:00", ["mail.date"]),
        ("+0100", "+9900", ["mail.date"]),
        ("<4f.issue@notes.example>", "4f.issue@notes.example", ["mail.message-id"]),
        ("<4f.issue@notes.example>", "<4f..issue@notes.example>", ["mail.message-id"]),
        ("<4f.issue@notes.example>", "<4f.issue@host.local>", ["mail.message-id.host"]),
        ("MIME-Version: 1.0", "MIME-Version: 2", ["mail.mime-version"]),
        ("<weekly.notes.example>", "weekly.notes.example", ["mail.list-id"]),
        ("<weekly.notes.example>", "<https://notes.example>", ["mail.list-id"]),
        ("<weekly.notes.example>", "<weekly@notes.example>", ["mail.list-id"]),
        ("<weekly.notes.example>", "<weekly.localhost>", ["mail.list-id"]),
        ("Field Notes <weekly.notes.example>", f"<{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}>", ["mail.list-id"]),
        ("List-Unsubscribe: <", "List-Unsubscribe: ", ["mail.list-unsubscribe"]),
        ("List-Unsubscribe: <https", "List-Unsubscribe: <http", ["mail.list-unsubscribe"]),
        ("List-Unsubscribe: <", "List-Unsubscribe: <https://a.example>,\r\n <", ["mail.list-unsubscribe"]),
        ("List-Unsubscribe: <", "List-Unsubscribe: (click) <", ["mail.list-unsubscribe"]),
        ("One-Click", "Two-Click", ["mail.list-unsubscribe.post"]),
        ("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", "", ["mail.list.missing"]),
        ("List-Id: ", "List-Help: https://a.example\r\nList-Id: ", ["mail.list-address"]),
        ("List-Id: ", "List-Archive: <ftp://a.example>\r\nList-Id: ", ["mail.list-address"]),
        ("auto-generated", "perhaps", ["mail.auto-submitted"]),
        ("Auto-Submitted: auto-generated\r\n", "", ["mail.auto-submitted.missing"]),
        ("Auto-Submitted: auto-generated\r\n", "Precedence: bulk\r\n", ["mail.auto-submitted.missing", "mail.precedence"]),
        ("Subject: Field Notes #4: Owls", "Subject:", ["subject.empty", "html.title.other"]),
        (';\r\n boundary="=_b"', "", ["mail.boundary", "mail.parts"]),
        ("--=_b--", "", ["mail.boundary.open"]),
        ("multipart/alternative", "multipart/mixed", ["mail.parts"]),
        ("multipart/alternative;", "multipart;", ["mail.part.type", "mail.parts", "text.html"]),
        ("charset=utf-8", "charset=iso-8859-1", ["mail.charset"]),
        ("charset=utf-8", "charset=utf-8; x*", ["mail.part.type"]),
        ("Field Notes\r\n\r\nOwls", "=FFField Notes\r\n\r\nOwls", ["mail.charset"]),
        ("quoted-printable", "8bit", ["mail.encoding"]),
        ("Field Notes\r\n\r\nOwls", "=Field Notes\r\n\r\nOwls", ["mail.encoding"]),
        ("Field Notes\r\n\r\nOwls", "x" * 77 + "\r\n\r\nOwls", ["mail.encoding"]),
    ],
)  # fmt: skip
def test_a_broken_mail_is_found_and_nothing_else(mail: Mail, old: str, new: str, expected: list[str]) -> None:
    sound = mail().decode("latin-1")
    assert old in sound
    found = rules(sound.replace(old, new, 1).encode("latin-1"))
    assert list(dict.fromkeys(found)) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("undisclosed-recipients:;", '"Ada (E.)" <a@b.example>, c@b.example (C), x: d@b.example, e@b.example;'),
        ("Mon, 23 Nov 2026 08:00:00 +0100", "23 Nov 2026 08:00 -0330 (NST)"),
        ("undisclosed-recipients:;", '"a b"@notes.example'),
        ("undisclosed-recipients:;", "a@[192.0.2.1]"),
        ("Subject: ", "List-Post: NO\r\nList-Help: <mailto:a@b.example?subject=help>,\r\n <https://b.example>\r\nSubject: "),
        ("List-Unsubscribe: <", "List-Unsubscribe: <mailto:a@b.example?subject=x,y>,\r\n <"),
        ("Subject: ", "DKIM-Signature: v=1; a=x;\r\n d=notes.example; s=a\r\nSubject: "),
        ("Subject: ", f"X-Long: {'x' * 200}\r\nSubject: "),
        ("Message-ID: ", "Message-ID:\r\n "),
        ("Subject: ", "Cc: =?utf-8?q?J=C3=BCrgen?= <a@b.example>\r\nSubject: "),
        ("Subject: ", "In-Reply-To: <a@b>\r\nSubject: "),
    ],
)  # fmt: skip
def test_what_the_rfcs_allow_has_no_findings(mail: Mail, old: str, new: str) -> None:
    sound = mail().decode()
    assert old in sound
    assert rules(sound.replace(old, new, 1).encode()) == []


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        (f"Subject: =?utf-8?b?{'QUJD' * 17}?=", "mail.word"),
        ("Subject: =?utf-8?q?a?==?utf-8?q?b?=", "mail.word"),
        ("Subject: a=?utf-8?q?b?=", "mail.word"),
        ("Subject: =?utf-8?q??= a", "mail.word"),
        ("Subject: =?utf-8?b?w7?= =?utf-8?b?w7w=?=", "mail.word"),
        ("Subject: =?utf-8?q?=C3?= =?utf-8?q?=BC?=", "mail.word"),
        ("Subject: =?unknown-8bit?q?=ED?=", "mail.word"),
        ("Subject: =?utf-8?x?abc?=", "mail.word"),
        ("Subject: =?utf-8?q?a b?=", "mail.word"),
        ("Subject: a long line with words and words =?utf-8?q?and_an_encoded_word_at_its_end?=", "mail.word"),
        ("Reply-To: =?utf-8?q?=C3=BC?=@=?utf-8?q?ex=C3=A4mple?=.org", "mail.word"),
        ("Reply-To: <=?utf-8?q?a?=@b.example>", "mail.word.place"),
        ('Reply-To: "=?utf-8?q?a?=" <a@b.example>', "mail.word.place"),
        ("List-Help: <=?utf-8?q?https=3A//a?=>", "mail.word.place"),
        ("Message-ID: <=?utf-8?q?a?=@b.example>", "mail.word.place"),
    ],
)
def test_broken_encoded_words_are_found(mail: Mail, field: str, rule: str) -> None:
    name = field.partition(":")[0]
    lines = [line for line in mail().decode().split("\r\n") if not line.startswith(f"{name}:")]
    assert rule in rules("\r\n".join([field, *lines]).encode())


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("=?utf-8?b?R3LDtsOfZQ==?= here", "Größe here"),
        ("=?utf-8?q?Gr=C3=B6?= \t=?utf-8?q?=C3=9Fe?=", "Größe"),
        ("=?iso-8859-1*de?q?Gr=F6=DFe_1?=", "Größe 1"),
        ("=?x-unknown?q?a?= =?utf-8?z?a?=", "=?x-unknown?q?a?==?utf-8?z?a?="),
    ],
)
def test_encoded_words_are_read(written: str, said: str) -> None:
    assert decoded(written) == said


def test_what_pythons_email_package_breaks_is_found(mail: Mail) -> None:
    """It encodes a long address to unsubscribe, which then is none any more (python/cpython#85725)."""
    made = EmailMessage(policy=SMTP)
    made["List-Unsubscribe"] = f"<https://news.example.org/unsubscribe/{'x' * 60}>"
    field = made.as_bytes().split(b"\r\nMIME")[0].strip()
    lines = [line for line in mail().split(b"\r\n") if not line.startswith(b"List-Unsubscribe:")]
    assert "mail.list-unsubscribe" in rules(b"\r\n".join([field, *lines]))


def test_a_mail_that_goes_to_no_list_needs_no_unsubscribe_address(mail: Mail) -> None:
    plain = "\r\n".join(line for line in mail().decode().split("\r\n") if not line.startswith(("List-", "Auto")))
    assert rules(plain.encode()) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@b.example", [Mailbox("", "a", "b.example")]),
        ("Ada E. <a@b.example>", [Mailbox("Ada E.", "a", "b.example")]),
        ("undisclosed-recipients:;", []),
        ("x:a@b.example;, c@d.example", [Mailbox("", "a", "b.example"), Mailbox("", "c", "d.example")]),
    ],
)
def test_addresses_are_read(value: str, expected: list[Mailbox]) -> None:
    assert mailboxes(value) == expected


@pytest.mark.parametrize("value", ["", "a", "a@", "@b", "a@b,,c@d", "a@b; c@d", "x:a@b", "<a@b", "a@b>", "a b@c", "a@-b", "a..b@c", "Ada <a@b> x", "<a@b> <c@d>", '"a'])  # fmt: skip
def test_what_is_no_list_of_addresses_is_refused(value: str) -> None:
    with pytest.raises(Unreadable):
        mailboxes(value)


def test_dates_are_moments() -> None:
    read_date = moment("Mon, 23 Nov 2026 08:00:00 -0130")
    assert read_date is not None
    assert read_date.isoformat() == "2026-11-23T08:00:00-01:30"


def test_addresses_of_lists_may_hold_commas() -> None:
    assert uris("<mailto:a@b.example?subject=x,y>, <https://b.example>") == [
        "mailto:a@b.example?subject=x,y",
        "https://b.example",
    ]
    assert uris("<https://b.example>,") == ["https://b.example"]
    assert uris("<https://b.example> x") == uris("<https://b example>") == uris("<b.example>") == []


PICTURE = '<img src="cid:owl@notes.example" alt="An owl" width="5" height="5">'
ATTACHED = (
    "--=_b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-ID: <owl@notes.example>\r\n\r\niVBORw0KGgo=\r\n"
)


def test_attached_pictures_are_those_that_are_shown(mail: Mail, spoiled: Callable[[str], str]) -> None:
    shown, hidden = mail(html=spoiled(PICTURE)).decode(), mail().decode()

    def related(whole: str, more: str) -> bytes:
        inner = whole.partition("\r\n\r\n")[2].replace("=_b", "=_a")
        header = whole.partition("\r\n\r\n")[0].replace("alternative", "related")
        first = '--=_b\r\nContent-Type: multipart/alternative; boundary="=_a"\r\n\r\n'
        return f"{header}\r\n\r\n{first}{inner}\r\n{more}--=_b--\r\n".encode()

    assert rules(related(shown, ATTACHED)) == []
    assert rules(related(hidden, ATTACHED)) == ["mail.attachment.unused"]
    assert rules(related(shown, "")) == ["html.image.missing"]


def test_parts_are_read_with_their_lines(mail: Mail) -> None:
    parts = read(mail()).walk()
    assert [part.type for part in parts] == ["multipart/alternative", "text/plain", "text/html"]
    lines = mail().split(b"\r\n")
    assert lines[parts[2].fields[0].line - 1] == b"Content-Type: text/html; charset=utf-8"


def test_a_boundary_may_have_70_characters(mail: Mail) -> None:
    long = mail().replace(b"=_b", b"=_" + b"b" * 68)
    assert rules(long) == []
    assert rules(long.replace(b"=_b", b"=_bb")) == ["mail.boundary"]
    assert "mail.boundary" in rules(mail().replace(b"=_b", b"=_*"))


def test_a_large_mail_is_told(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message, "_LARGE", len(mail()) - 1)
    assert rules(mail()) == ["mail.size"]


def test_a_line_of_the_header_is_a_line_of_the_file(mail: Mail) -> None:
    (finding,) = check_message(mail().replace(b"+0100", b"CET"), "a.eml")
    assert str(finding.problem).startswith("a.eml:4: the Date")


def test_a_line_of_a_part_is_no_line_of_the_file(mail: Mail, spoiled: Callable[[str], str]) -> None:
    (finding,) = check_message(mail(html=spoiled('<a href="/a">a</a>')), "a.eml")
    assert (finding.problem.line, finding.article) == (0, "Owls at the lake")


def in_base64(mail: bytes, html: str) -> bytes:
    """Write the HTML part of a mail in base64."""
    before, _, _ = mail.rpartition(b"quoted-printable\r\n\r\n")
    lines = encodebytes(html.encode()).replace(b"\n", b"\r\n")
    return before + b"base64\r\n\r\n" + lines + b"--=_b--\r\n"


def test_base64_is_read_and_its_letters_are_counted(mail: Mail, html: str) -> None:
    sound = in_base64(mail(), html)
    assert rules(sound) == []
    assert rules(in_base64(mail(), html.replace("<h1>", "<h1>TKTK "))) == ["issue.placeholder"]
    assert "mail.encoding" in rules(sound.replace(b"\r\n--=_b--", b"*\r\n--=_b--"))
    assert "html.unreadable" in rules(sound.replace(b"=\r\n--=_b--", b"\r\n--=_b--"))


def test_8bit_needs_a_server_that_offers_it(mail: Mail) -> None:
    raw = mail().replace(b"quoted-printable", b"7bit").replace(b"=\r\n", b"").replace(b"=3D", b"=")
    assert "mail.encoding" in rules(raw.replace(b"Two owls", "Zwei Käuze".encode()))
    assert rules(raw) == []


def test_pictures_do_not_stand_before_the_html(mail: Mail) -> None:
    related = mail().replace(b"multipart/alternative", b"multipart/related").replace(b"text/plain", b"image/png")
    assert "mail.parts" in rules(related)
