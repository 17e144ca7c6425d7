"""The mails of the sample issues hold every rule for mails, to nobody and to a reader."""

from collections.abc import Callable
from typing import Any

import pytest

from publisher.newsletter.mail import Reader, Skeleton

READER = Reader(
    address="ben@reader.example",
    name="Ben Übung 例",
    unsubscribe="https://letters.example/leave/mfrggzdfmztwq2lknnwg23tp",
    preferences="https://letters.example/choose/mfrggzdfmztwq2lknnwg23tp",
    mailto="mailto:leave@letters.example?subject=mfrggzdfmztwq2lk",
)


@pytest.mark.parametrize("name", ["digest", "letter", "japanese", "arabic"])
def test_the_mail_of_a_sample_holds_all_rules(
    samples: dict[str, Any], expect_alike: Callable[[bytes], Any], name: str
) -> None:
    mail = (samples[name].bundle / "issue.eml").read_bytes()
    own = Skeleton.read(mail).message(READER)
    to_nobody, to_reader = expect_alike(mail), expect_alike(own)
    assert to_nobody["subject"] == to_reader["subject"]
    assert to_reader["list-unsubscribe"] == f"<{READER.unsubscribe}>, <{READER.mailto}>"
    text, last = to_reader.parts
    html = last.parts[0] if last.parts else last
    assert READER.unsubscribe.encode() in text.content
    assert READER.preferences.encode() in html.content
    assert b"@@" not in own
    # Attached where it is set, and each attachment is shown.
    attached = [part["content-id"].strip("<>") for part in last.parts[1:]]
    assert bool(attached) == (name in ("letter", "arabic"))
    assert [cid for cid in attached if f'src="cid:{cid}"'.encode() not in html.content] == []


def test_a_mail_with_a_line_too_many_would_be_noticed(
    samples: dict[str, Any], expect_alike: Callable[[bytes], Any]
) -> None:
    mail = (samples["digest"].bundle / "issue.eml").read_bytes()
    with pytest.raises(AssertionError, match="F3"):
        expect_alike(mail.replace(b"Subject: ", b"Bcc: ben@reader.example\r\nSubject: ", 1))
