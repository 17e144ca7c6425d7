"""Mails of anybody: none stops the others, none takes longer than its size warrants."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.audience.bounces import Kind, mail, rules
from publisher.audience.bounces.mail import DEEPEST, MOST_PARTS, parse, walk
from publisher.audience.bounces.reading import understand
from publisher.store.keys import Keys
from tests.audience.bounces.samples import SAMPLES, About

pytestmark = pytest.mark.uncovered

KEYS = Keys(links=("k" * 43,), addresses=b"a" * 32)
ABOUT = About("a" * 32, "b" * 32, "weekly.7.x")
RAW = [sample.raw(ABOUT) for sample in SAMPLES]

HOSTILE = {
    "nothing": b"",
    "one line break": b"\r\n",
    "zeros": b"\0" * 5000,
    "a header without end": b"A: b\n" * 20_000,
    "a field without end": b"To: " + b"x" * 300_000,
    "a boundary without end": b"Content-Type: multipart/report; boundary=" + b"b" * 100_000 + b"\n\n--b\n",
    "a boundary of a pattern": b'Content-Type: multipart/mixed; boundary="(.*)+$"\n\n--(.*)+$\n\nx\n--(.*)+$--\n',
    "no boundary": b"Content-Type: multipart/report\n\n--x\n\nhello\n",
    "an empty boundary": b'Content-Type: multipart/report; boundary=""\n\n--\n\nhello\n',
    "parts in parts": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000)),
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 5000,
    "thousands of parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 30_000,
    "thousands of recipients": b"Content-Type: message/delivery-status\n\n"
    + b"Action: failed\nStatus: 5.1.1\n\n" * 9000,
    "bad base64": b"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n=====\xff\xff!",
    "bad quoted-printable": b"Content-Transfer-Encoding: quoted-printable\n\n=ZZ=\xff=",
    "lone surrogates in utf-8": b"Subject: \xed\xa0\x80\nTo: \xed\xa0\x80@x\n\n\xed\xa0\x80",
    "a code point that is none": b"Content-Type: message/delivery-status\n\nFinal-Recipient: utf-8; \\x{110000}@x\n"
    b"Action: failed\nStatus: 5.1.1\n",
    "spaces": b"From: " + b" " * 200_000 + b"\nSubject: " + b" delivery" * 20_000 + b"\n\n" + b" " * 100_000,
    "addresses": b"X-Failed-Recipients: " + b"a@b, " * 2000 + b"\n\n" + b"a@b\n" * 10_000,
    "qmail without end": b"\n\nHi. This is the \n" + b"<a@b>:\n" * 20_000,
    "carriage returns": b"\r" * 100_000,
    "line breaks": b"A: b\n" + b"\n" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_mail_is_read_to_an_end(name: str) -> None:
    found = understand(HOSTILE[name][:262_144], KEYS)
    assert found.named is None
    assert rules.judge(found.reading, "ann@reader.example").kind in Kind


@given(raw=st.binary(max_size=2000))
def test_any_bytes_are_read(raw: bytes) -> None:
    assert understand(raw, KEYS).named is None


@given(data=st.data())
def test_a_damaged_report_is_read(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(RAW)))
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(raw)))
        raw[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    found = understand(bytes(raw), KEYS)
    assert rules.judge(found.reading, "ann@reader.example").kind in Kind


@given(
    fields=st.lists(
        st.tuples(
            st.sampled_from(
                ["Action", "Status", "Final-Recipient", "Original-Recipient", "Diagnostic-Code", "X-Other"]
            ),
            st.text(max_size=40)
            | st.sampled_from(["failed", "5.1.1", "rfc822; ann@reader.example", "smtp; 550 5.1.1 no"]),
        ),
        max_size=8,
    )
)
def test_any_fields_of_a_report_are_judged_and_hard_only_by_what_they_say(fields: list[tuple[str, str]]) -> None:
    text = "Content-Type: message/delivery-status\n\n" + "".join(f"{name}: {value}\n" for name, value in fields)
    verdict = rules.judge(understand(text.encode("utf-8", "replace"), KEYS).reading, "ann@reader.example")
    if verdict.kind is Kind.HARD:
        assert verdict.code.startswith(("5.1.", "5.2.1"))
        assert "fail" in text.lower() or "error" in text.lower()
    assert "ann@reader" not in verdict.detail
    assert verdict.detail.isprintable()  # PostgreSQL takes no zeros


def test_parts_lie_no_deeper_and_are_no_more_than_is_looked_at() -> None:
    assert len(list(walk(parse(HOSTILE["parts in parts"])))) == DEEPEST + 1
    assert len(list(walk(parse(HOSTILE["thousands of parts"])))) <= MOST_PARTS
    assert len(list(walk(parse(HOSTILE["mails in mails"]), into_mails=True))) == DEEPEST + 1


def test_following_parts_without_end_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "DEEPEST", 10**6)
    monkeypatch.setattr(mail, "MOST_PARTS", 10**6)
    assert len(list(walk(parse(HOSTILE["parts in parts"])))) > DEEPEST + 1


def growing(unit: bytes, before: bytes = b"") -> Callable[[int], bytes]:
    return lambda size: before + unit * size


@pytest.mark.parametrize(
    "make",
    [
        growing(b"X: y\n"),
        growing(b"--b\n\nx\n", b"Content-Type: multipart/mixed; boundary=b\n\n"),
        growing(b"Action: failed\nStatus: 5.1.1\n\n", b"Content-Type: message/delivery-status\n\n"),
        growing(b"<a@b>:\n", b"\n\nHi. This is the \n"),
        growing(b"a@b ", b"Content-Type: message/delivery-status\n\nAction: failed\nDiagnostic-Code: smtp; "),
        growing(b" \n", b"X: y\n"),
    ],
    ids=["fields", "parts", "recipients", "qmail", "addresses", "blank lines"],
)
def test_the_time_grows_with_the_size(make: Callable[[int], bytes], expect_linear: Callable[..., None]) -> None:
    def judged(size: int) -> None:
        assert rules.judge(understand(make(size), KEYS).reading, "ann@reader.example").kind in Kind

    expect_linear(judged, 2000)
