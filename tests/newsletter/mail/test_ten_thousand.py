"""Whatever articles and readers say, every mail holds the rules, is read alike by three parsers, and has no other field.

With `make whole`, 10,000 mails of generated content go to 10,000 generated readers, from a seed; in CI a fifth of that, at
the desk a twentieth.
"""

import os
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from publisher.markup.characters import legal
from publisher.newsletter.mail import Envelope, Reader, ReaderRefused, Skeleton, message
from publisher.newsletter.slots import ADDRESS, NAME, PREFERENCES, UNSUBSCRIBE
from publisher.newsletter.wording import one_line

pytestmark = pytest.mark.uncovered

WORKERS = 4
ISSUES = (1000 if os.environ.get("PUBLISHER_WHOLE") else 200 if os.environ.get("CI") else 50) // WORKERS
READERS = 10
SENTENCES = (
    "Plain words of a title",
    "Grüße aus Köln, naïve façade",
    "日本語の見出しと長い文章がここに続きます。",
    "简体中文标题",
    "한국어 제목",
    "عنوان باللغة العربية",
    "כותרת בעברית",
    "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪👍🏽",
    "e\u0301\u0327 Z\u0351\u036b\u0343\u036a\u0302\u036b a̐éö̲",
    "\U0001d54c\U0001d55f\U0001d55a\U00020000\U000e0041",
    "averyveryveryveryveryveryveryveryveryveryveryveryveryveryveryverylongword",
)
HOSTILE = (
    "\r\nBcc: ben@reader.example",
    "\nX-Injected: yes\n\nbody",
    "\r\n\r\n<script>alert(1)</script>",
    "\r\n .\r\n",
    "\n.\n..\nQUIT\r\n",
    "\nFrom ben@reader.example Mon Nov 23\n",
    "\0\x01\x08\x0b\x0c\x1b[31m\x7f\x85\x9f",
    "\ud800",
    "\udfff\ud800",
    "\u2028\u2029\ufeff\ufffe\uffff\ufdd0",
    "\u202eevil\u202c\u2066a\u2069\u200f",
    "=?utf-8?b?w7w=?=",
    "=?utf-8?q?=0D=0ABcc:=20b@c.example?=",
    "?==?utf-8?q??=",
    "=\n=3D=\r\n=E3=81",
    '"quoted\\" <ben@reader.example>, "',
    "--=_0123456789abcdef\r\n\r\nContent-Type: text/html\r\n",
    "<b>&amp;&lt;\"'</b><!-- ",
    "@@NAME@",
    "@@ADDRESS@@@NAME@@",
    " \t \n\t\n  ",
    "",
)
DOMAINS = (
    "reader.example",
    "bücher.example",
    "例え.example",
    "مثال.example",
    "straße.example",
    "A-1.Example",
    "x" * 63,
)
WRONG = (
    "ada",
    "@",
    "a b@c.example",
    "a@b@c",
    "ädä@reader.example",
    "a@☃.example",
    "a\r\nBcc: b@c.example",
    "a@" + "x" * 64,
    "",
)
URL = "abcXYZ019-._~:/?#[]@!$&'()*+,;=%"


def any_text(chance: random.Random, longest: int) -> str:
    """Return text of all kinds, now and then without end."""
    pieces = chance.choices(SENTENCES, k=chance.randint(0, 4)) + chance.choices(HOSTILE, k=chance.randint(0, 2))
    chance.shuffle(pieces)
    text = chance.choice(("", " ", "\n")).join(pieces)
    return (text * 400)[: chance.randint(longest // 2, longest)] if chance.random() < 0.02 else text


def any_reader(chance: random.Random) -> Reader:
    local = chance.choice(("ada", "o'neil+x=y", "a.b.c", "a" * 64, "!#$%&'*+/=?^_`{|}~-"))
    wrong = chance.random() < 0.05
    return Reader(
        address=chance.choice(WRONG) if wrong else f"{local}@{chance.choice(DOMAINS)}",
        name=any_text(chance, 300),
        unsubscribe="https://n" + "".join(chance.choices(URL, k=chance.choice((9, 40, 60, 70, 200, 980)))),
        preferences="https://n" + "".join(chance.choices(URL, k=chance.choice((9, 70, 200)))),
        mailto=chance.choice(("", "mailto:leave@notes.example?subject=" + "".join(chance.choices(URL, k=60)))),
        message_id=chance.choice(("", "", f"{chance.getrandbits(60):x}.w48")),
    )


def any_issue(chance: random.Random) -> tuple[bytes, str]:
    """Return the mail of an issue to nobody, and its subject."""
    subject = any_text(chance, 5000)
    envelope = Envelope(
        sender=f"{any_text(chance, 200).replace('<', '')} <letters@{chance.choice(DOMAINS[:-1])}>",
        reply_to=chance.choice(("", "ada@notes.example", "Ädä <ada@notes.example>")),
        subject=subject,
        date=datetime(2026, 11, 23, 8, tzinfo=chance.choice((UTC, timezone(timedelta(hours=5, minutes=45))))),
        list_id=f"{chance.choice(('weekly', 'l-1'))}.{chance.choice(DOMAINS[:-1])}",
        list_name=any_text(chance, 200),
        key=f"2026-W{chance.randint(1, 53)}",
        archive_url=chance.choice(("", "https://notes.example/issues/")),
    )
    slots = (UNSUBSCRIBE, PREFERENCES, ADDRESS, NAME)
    text, html = (
        "".join(any_text(chance, 5000) + slot for slot in (*slots, *chance.choices(slots, k=2))) for _ in range(2)
    )
    return message(envelope, text, html), subject


@pytest.mark.whole
@pytest.mark.parametrize("worker", range(WORKERS))
def test_every_mail_holds_the_rules(expect_alike: Callable[[bytes], Any], worker: int) -> None:
    chance = random.Random(20261123 + worker)
    sent = refused = 0
    for _ in range(ISSUES):
        eml, subject = any_issue(chance)
        expect_alike(eml)
        skeleton = Skeleton.read(eml)
        for reader in (any_reader(chance) for _ in range(READERS)):
            if reader.address in WRONG:
                with pytest.raises(ReaderRefused):
                    skeleton.message(reader)
                refused += 1
                continue
            mail = expect_alike(skeleton.message(reader))
            assert mail["list-unsubscribe"].startswith(f"<{reader.unsubscribe}>")
            assert decoded_words(mail["subject"]) == one_line(subject)
            assert reader.unsubscribe.encode() in mail.parts[0].content
            assert legal(one_line(reader.name)).encode() in mail.parts[0].content
            sent += 1
    assert sent + refused == ISSUES * READERS
    assert refused < sent / 10


def decoded_words(value: str) -> str:
    from email.header import decode_header, make_header

    return str(make_header(decode_header(value)))
