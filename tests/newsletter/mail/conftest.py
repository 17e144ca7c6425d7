"""A reader of mails that is stricter than any: the rules F1 to F15 and those of list headers, written from the RFCs.

It shares no line with the writer, and tells a broken rule by its name. Beside it stand two parsers of other people's.
"""

import re
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from fast_mail_parser import PyMimePart, parse_email_tree

ONCE = {"from", "to", "subject", "date", "message-id", "mime-version", "content-type"}
AT_MOST_ONCE = {
    "reply-to",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-archive",
    "list-post",
    "auto-submitted",
}
ENCODED_WORD = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/]+={0,2})\?=")
# What a careless parser would decode, wherever it stands.
LOOKS_ENCODED = re.compile(r"=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=")
ENCODED_WORDS = re.compile(rf"(?<!\S){ENCODED_WORD.pattern}(?: {ENCODED_WORD.pattern})*(?!\S)")
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
DOT_ATOM = rf"{ATOM}(?:\.{ATOM})*"
WIDE_DOT_ATOM = DOT_ATOM.replace("A-Z", "\u00a1-\U0010ffffA-Z")
DOMAIN = r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*"
PHRASE = rf'(?:{ATOM}(?: {ATOM})*|"(?:[ !#-\[\]-~]|\\["\\])*"|{ENCODED_WORD.pattern}(?: {ENCODED_WORD.pattern})*)'
MAILBOX = re.compile(rf"(?:(?P<name>{PHRASE}) )?(?P<open><)?(?P<local>{WIDE_DOT_ATOM})@(?P<domain>{DOMAIN})(?(open)>)")
DATE = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
# Cc, Cs, line and paragraph separators, and what turns the direction of text.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")
URI_LIST = re.compile(r"<[A-Za-z][^<>\s]*>(?:, <[A-Za-z][^<>\s]*>)*")
QUOTED_PRINTABLE = re.compile(rb"(?:[\t -<>-~]|=[0-9A-F]{2})*=?")


class BrokenRule(AssertionError):
    """A mail does not hold a rule."""


@dataclass(frozen=True)
class Part:
    fields: tuple[tuple[str, str], ...]
    content: bytes
    parts: tuple["Part", ...]

    def __getitem__(self, name: str) -> str:
        """Return the unfolded value of a field; empty where there is none."""
        return next((value for key, value in self.fields if key.lower() == name), "")

    @property
    def kind(self) -> str:
        return self["content-type"].partition(";")[0]


def demand(rule: str, kept: object, what: object) -> None:
    if not kept:
        raise BrokenRule(f"{rule}: {what!r}"[:400])


def expect_f_rules_of(data: bytes, *, smtputf8: bool = False) -> Part:
    """Return the mail's parts, or tell the rule it breaks."""
    demand("F2", data.count(b"\r") == data.count(b"\n") == data.count(b"\r\n") and b"\0" not in data, "line ends")
    mail = read_part(data.removesuffix(b"\r\n"), smtputf8=smtputf8)
    expect_header(mail, smtputf8=smtputf8)
    expect_list_header(mail)
    expect_structure(mail, data)
    return mail


def read_part(data: bytes, *, smtputf8: bool) -> Part:
    header, gap, content = data.partition(b"\r\n\r\n")
    demand("header", gap, data[:80])
    demand("F12", smtputf8 or header.isascii(), header)
    fields = tuple(read_fields(header.decode()))
    part = Part(fields, content, ())
    if not part.kind.startswith("multipart/"):
        return Part(fields, decoded(part), ())
    found = re.fullmatch(r'multipart/[a-z]+;(?: type="text/html";)? boundary="([!-~]{1,70})"', part["content-type"])
    demand("F11", found, part["content-type"])
    assert found
    preamble, *pieces = f"\r\n{content.decode()}".split(f"\r\n--{found[1]}")
    demand("F11", pieces and preamble == "" and pieces[-1] in ("--", "--\r\n"), pieces[-1:])
    for piece in pieces[:-1]:
        demand("F11", piece.startswith("\r\n"), piece[:80])
    return Part(fields, b"", tuple(read_part(piece[2:].encode(), smtputf8=False) for piece in pieces[:-1]))


def read_fields(header: str) -> Iterator[tuple[str, str]]:
    for field in re.split("\r\n(?![ \t])", header):
        found = re.fullmatch(r"([!-9;-~]+):( [^\r]*)?((?:\r\n[ \t][^\r]*)*)", field)
        demand("header", found, field)
        assert found
        lines = field.split("\r\n")
        for line in lines:
            demand("F1", len(line.encode()) <= 998, line)
            alone = len(line.partition(":")[2].split() if line is lines[0] else line.split()) == 1
            demand("F1", len(line) <= 78 or alone, line)
            demand("F5", line.strip() and line == line.rstrip(), line)
            demand("F8", not LOOKS_ENCODED.search(line) or len(line) <= 76, line)
        yield found[1], field.replace("\r\n", "").partition(":")[2].strip()


def decoded(part: Part) -> bytes:
    """Return a leaf's octets, by its own Content-Transfer-Encoding."""
    lines = part.content.split(b"\r\n")
    for line in lines:
        demand("F12", len(line) <= 76, line)
        demand("F15", not line.startswith(b"."), line)
    if part["content-transfer-encoding"] == "base64":
        return b64decode(part.content.replace(b"\r\n", b""), validate=True)
    demand("F12", part["content-transfer-encoding"] == "quoted-printable", part.fields)
    for line in lines:
        demand("F12", QUOTED_PRINTABLE.fullmatch(line) and line == line.rstrip(), line)
        demand("F12", not line.startswith(b"From "), line)
        as_text("F8", octets(line))
    return octets(part.content.replace(b"=\r\n", b""))


def octets(encoded: bytes) -> bytes:
    return re.sub(rb"=([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), encoded.removesuffix(b"="))


def as_text(rule: str, data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise BrokenRule(f"{rule}: a character is divided: {data!r}") from None


def expect_header(mail: Part, *, smtputf8: bool) -> None:
    counted = Counter(name.lower() for name, _ in mail.fields)
    for name in ONCE:
        demand("F3", counted[name] == 1, f"{name} {counted[name]} times")
    for name, count in counted.items():
        demand("F3", count == 1 and name in ONCE | AT_MOST_ONCE, f"{name} {count} times")
    expect_mailbox(mail["from"])
    if mail["reply-to"]:
        expect_mailbox(mail["reply-to"])
    if mail["to"] != "undisclosed-recipients:;":
        expect_mailbox(mail["to"], smtputf8=smtputf8)
    identifier = re.fullmatch(rf"<({DOT_ATOM})@({DOMAIN})>", mail["message-id"])
    demand("F6", identifier and len(identifier[1]) <= 64, mail["message-id"])
    demand("F7", DATE.fullmatch(mail["date"]) and parsedate_to_datetime(mail["date"]), mail["date"])
    for name, value in mail.fields:
        demand("F9", not CONTROL.search(words(value)), f"{name}: {value}")
        if name.lower() in {"from", "to", "reply-to"}:
            expect_words(value.rpartition(" <")[0])
        elif name.lower() == "subject":
            expect_words(value)
        else:
            demand("F8", not LOOKS_ENCODED.search(value), f"{name}: {value}")


def expect_mailbox(value: str, *, smtputf8: bool = False) -> None:
    found = MAILBOX.fullmatch(value)
    demand("F4", found, value)
    assert found
    demand("F8", found["name"] is None or found["name"][0] != '"' or "=?" not in found["name"], value)
    demand("F8", not LOOKS_ENCODED.search(found["local"]), value)
    demand("F13", smtputf8 or found["local"].isascii(), value)
    demand("F14", len(found["local"].encode()) <= 64 and len(found["domain"]) <= 255, value)
    demand("F14", len(f"<{found['local']}@{found['domain']}>".encode()) <= 256, value)


def expect_words(text: str) -> None:
    """Demand that all that begins like an encoded-word is one, and alone between blanks."""
    for word in re.findall(r"\S*=\?\S*", text):
        demand("F8", ENCODED_WORD.fullmatch(word) and len(word) <= 75, word)


def words(value: str) -> str:
    """Return a value with its encoded-words decoded (RFC 2047 §6.2: the blanks between two of them are none)."""

    def plain(found: re.Match[str]) -> str:
        return "".join(as_text("F8", b64decode(word, validate=True)) for word in ENCODED_WORD.findall(found[0]))

    return ENCODED_WORDS.sub(plain, value)


def expect_list_header(mail: Part) -> None:
    leave = mail["list-unsubscribe"]
    uris = leave.split(", ")
    demand("L1", URI_LIST.fullmatch(leave) and uris[0].startswith("<https://") and len(uris) <= 2, leave)
    demand("L1", all(uri.startswith("<mailto:") for uri in uris[1:]), leave)
    demand("L2", mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click", mail["list-unsubscribe-post"])
    identifier = re.fullmatch(rf'(?:(?:{ATOM}(?: {ATOM})*|"[ -~]*") )?<({DOMAIN})>', mail["list-id"])
    demand("L7", identifier and "." in identifier[1] and len(identifier[1]) <= 255, mail["list-id"])
    demand("L8", mail["list-post"] == "NO", mail["list-post"])
    demand(
        "L8", not mail["list-archive"] or re.fullmatch(r"<https?://[!-~]+>", mail["list-archive"]), mail["list-archive"]
    )
    demand("L9", mail["auto-submitted"] == "auto-generated", mail["auto-submitted"])


def expect_structure(mail: Part, data: bytes) -> None:
    demand("F10", mail.kind == "multipart/alternative" and len(mail.parts) == 2, mail.kind)
    text, last = mail.parts
    html = last.parts[0] if last.kind == "multipart/related" else last
    demand("F10", (text.kind, html.kind) == ("text/plain", "text/html"), (text.kind, html.kind))
    for part in (text, html):
        demand("F12", part["content-type"].endswith("; charset=utf-8"), part["content-type"])
        as_text("F12", part.content)
    for part in last.parts[1:]:
        demand("F10", part.kind.startswith("image/") and part["content-id"].startswith("<"), part.fields)
    demand("F15", b"\r\n." not in data, "a line begins with a dot")


def python_reads(data: bytes) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    """Return header and leaves as Python's parser reads them; its modern one is quadratic and keeps blanks it should not."""
    mail: Any = message_from_bytes(data, policy=policy.compat32)
    values = {name.lower(): value.replace("\r\n", "").strip() for name, value in mail.items()}
    header = {name: str(make_header(decode_header(value))) for name, value in values.items()}
    assert not any(part.defects for part in mail.walk())
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    return header, [(part.get_content_type(), part.get_payload(decode=True)) for part in leaves]


def mailparse_reads(data: bytes) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    """Return the same as a parser in Rust reads it."""
    tree = parse_email_tree(data)
    header = {name.lower(): value.strip() for name, (value,) in tree.headers.items()}
    return header, [(part.content_type, part.content or b"") for part in leaves_of(tree)]


def leaves_of(tree: PyMimePart) -> Iterator[PyMimePart]:
    if not tree.children:
        yield tree
    for child in tree.children:
        yield from leaves_of(child)


def we_read(mail: Part) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    def leaves(part: Part) -> Iterator[Part]:
        if not part.parts:
            yield part
        for child in part.parts:
            yield from leaves(child)

    return {name.lower(): words(value) for name, value in mail.fields}, [
        (leaf.kind, leaf.content) for leaf in leaves(mail)
    ]


@pytest.fixture(scope="session")
def expect_f_rules() -> Callable[..., Part]:
    """Demand that a mail holds F1 to F15 and the rules of list headers, and has no field that nobody asked for."""
    return expect_f_rules_of


@pytest.fixture(scope="session")
def expect_alike() -> Callable[[bytes], Part]:
    """Demand the same, and that two parsers of other people's read the same header and parts as we do."""

    def expect(data: bytes) -> Part:
        mail = expect_f_rules_of(data)
        ours = we_read(mail)
        assert python_reads(data) == ours
        assert mailparse_reads(data) == ours
        return mail

    return expect
