"""One delivered mail is judged."""

from pathlib import Path

import pytest

from publisher.delivery.doctor.finding import Level
from publisher.delivery.doctor.message import message_findings
from publisher.errors import UsageError
from tests.delivery.doctor.doctoring import Dns

GOOD = """\
Return-Path: <bounce+abc@notes.example>
Authentication-Results: mx.reader.example; dkim=pass header.d=notes.example;
 spf=pass (sender is fine; spf=fail is not said) smtp.mailfrom=notes.example; dmarc=pass
DKIM-Signature: v=1; a=rsa-sha256; d=notes.example; s=2026-11;
 h=From:From:To:Subject: List-Unsubscribe:List-Unsubscribe-Post; bh=x; b=y
From: Field Notes <letters@notes.example>
To: ben@reader.example
Subject: Hello
List-Unsubscribe: <https://notes.example/letters/u/x>
List-Unsubscribe-Post: List-Unsubscribe=One-Click

Hello
"""


def errors(text: str, folder: Path, dns: Dns) -> set[str]:
    path = folder / "mail.eml"
    path.write_text(text, encoding="utf-8")
    lookup = dns({("_dmarc.notes.example", "TXT"): ("v=DMARC1; p=reject",)})
    return {one.id for one in message_findings(path, lookup) if one.level is Level.ERROR}


def test_a_good_mail_has_no_fault(tmp_path: Path, dns: Dns) -> None:
    assert errors(GOOD, tmp_path, dns) == set()


@pytest.mark.parametrize(
    ("good", "bad", "rule"),
    [
        (":List-Unsubscribe-Post; bh", "; bh", "message.signature"),
        (" List-Unsubscribe:List-Unsubscribe-Post", " Date:List-Unsubscribe-Post", "message.signature"),
        ("DKIM-Signature: v", "X-Signature: v", "message.signature"),
        ("List-Unsubscribe-Post: L", "X-Post: L", "message.unsubscribe"),
        ("d=notes.example; s", "d=relay.example; s", ""),
        ("dmarc=pass", "dmarc=fail", "message.results"),
        ("spf=pass (", "spf=softfail (", "message.results"),
        ("dkim=pass", "dkim=fail", "message.results"),
        ("dkim=pass", "dkim=fail; dkim=pass", ""),
        ("From: Field Notes <letters@notes.example>", "From: a@notes.example, b@notes.example", "message.alignment"),
    ],
)
def test_one_fault_in_a_good_mail_is_found(good: str, bad: str, rule: str, tmp_path: Path, dns: Dns) -> None:
    assert good in GOOD
    assert errors(GOOD.replace(good, bad), tmp_path, dns) == ({rule} if rule else set())


def test_a_mail_for_which_somebody_else_answers_is_told(tmp_path: Path, dns: Dns) -> None:
    text = GOOD.replace("d=notes.example; s", "d=relay.example; s").replace("bounce+abc@notes", "bounce@relay")
    assert errors(text, tmp_path, dns) == {"message.alignment"}


def test_two_signatures_that_each_cover_one_field_do_not_do(tmp_path: Path, dns: Dns) -> None:
    one = "DKIM-Signature: v=1; d=notes.example; s=a; h=From:List-Unsubscribe; b=y\n"
    two = "DKIM-Signature: v=1; d=notes.example; s=a; h=From:List-Unsubscribe-Post; b=y\n"
    start, end = GOOD.index("DKIM-Signature"), GOOD.index("From: Field")
    assert errors(GOOD[:start] + one + two + GOOD[end:], tmp_path, dns) == {"message.signature"}


@pytest.mark.parametrize("content", [b"", b"no mail at all", bytes(range(256))])
def test_what_is_no_mail_is_told(content: bytes, tmp_path: Path, dns: Dns) -> None:
    (tmp_path / "mail.eml").write_bytes(content)
    with pytest.raises(UsageError, match="is no mail"):
        list(message_findings(tmp_path / "mail.eml", dns({})))


def test_a_mail_that_is_not_there_is_told(tmp_path: Path, dns: Dns) -> None:
    with pytest.raises(UsageError, match="No such file"):
        list(message_findings(tmp_path / "none.eml", dns({})))
