"""What each mail system's bounces are taken for: the promise is 98 of 100 identified and no false hard bounce."""

import re
import sys
from collections import Counter

import pytest

from publisher.audience.bounces import Kind, odd, rules
from publisher.audience.bounces.identity import Named
from publisher.audience.bounces.reading import Understood, understand
from publisher.audience.links import Links
from publisher.audience.tokens import delivery_token, leave_token
from publisher.store.keys import Keys
from tests.audience.bounces.samples import SAMPLES, About, Sample

KEYS = Keys(links=("k" * 43,), addresses=b"a" * 32)
ABOUT = About(
    delivery_token(KEYS, 3, 7),
    leave_token(KEYS, 3, 7),
    Links("", KEYS).unsubscribe("weekly", 7).removeprefix("u/"),
)


def kind_of(sample: Sample, understood: Understood | None = None) -> Kind:
    found = understood or understand(sample.raw(ABOUT), KEYS)
    return rules.judge(found.reading, ABOUT.address).kind


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_mail_is_what_it_is(sample: Sample) -> None:
    found = understand(sample.raw(ABOUT), KEYS)
    assert kind_of(sample, found) is sample.kind
    assert found.named is not None
    assert found.named.subscription_id == 7


def test_there_are_enough_samples_of_each_kind() -> None:
    assert len(SAMPLES) >= 60
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)
    assert all(number >= 2 for number in Counter(sample.kind for sample in SAMPLES).values())


def test_no_sample_keeps_an_address_in_its_detail() -> None:
    for sample in SAMPLES:
        detail = rules.judge(understand(sample.raw(ABOUT), KEYS).reading, ABOUT.address).detail
        assert "@" not in detail
        assert "ann" not in detail.lower().split()


def false_hard_bounces() -> list[str]:
    return [s.name for s in SAMPLES if kind_of(s) is Kind.HARD and s.kind is not Kind.HARD]


def test_no_hard_bounce_is_false() -> None:
    assert false_hard_bounces() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("_GONE", re.compile(r"5\.\d+\.\d+")),
        ("_NOT_THE_READER", ()),
        ("_names", lambda _recipient, _address: True),
        ("_HARMLESS", {}),
    ],
)
def test_a_laxer_rule_would_be_caught(monkeypatch: pytest.MonkeyPatch, name: str, value: object) -> None:
    monkeypatch.setattr(rules, name, value)
    if name == "_HARMLESS":
        monkeypatch.setattr(rules, "_FAILED", (*rules._FAILED, "delayed", "relayed", "delivered"))
        wrong = [sample.name for sample in SAMPLES if kind_of(sample) is not sample.kind]
    else:
        wrong = false_hard_bounces()
    assert wrong


def test_without_the_extra_only_guesses_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flufl.bounce", None)
    assert odd.guessed(b"anything") == ()
    missed = [sample.name for sample in SAMPLES if kind_of(sample) is not sample.kind]
    assert set(missed) <= {"yahoo own words"}
    assert false_hard_bounces() == []


def test_a_forged_token_names_nobody() -> None:
    other = Keys(links=("o" * 43,), addresses=b"o" * 32)
    for sample in SAMPLES:
        assert understand(sample.raw(ABOUT), other).named is None


def test_a_receipt_that_names_the_mail_alone_finds_its_reader() -> None:
    text = (
        "To: letters@notes.example\nContent-Type: multipart/report; boundary=b\n\n--b\n"
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; ann@reader.example\n"
        f"Original-Message-ID: <{ABOUT.token}@notes.example>\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\n--b--\n"
    )
    found = understand(text.encode(), KEYS)
    assert found.named == Named(3, 7)
    assert rules.judge(found.reading, ABOUT.address).kind is Kind.SOFT


def test_the_envelope_sender_counts_before_the_mail_that_came_back() -> None:
    other = About(delivery_token(KEYS, 4, 8), ABOUT.leave, ABOUT.link)
    raw = SAMPLES[0].raw(ABOUT).replace(f"To: {ABOUT.bounce}".encode(), f"To: {other.bounce}".encode())
    assert understand(raw, KEYS).named == Named(4, 8)


def test_a_token_in_prose_is_none() -> None:
    raw = SAMPLES[0].raw(About("a" * 32, "b" * 32, "none")).replace(b"Your mail", ABOUT.token.encode())
    assert understand(raw, KEYS).named is None
