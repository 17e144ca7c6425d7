"""Tokens that come back with bounces: short, opaque, kept in any case of letters, and not to be made up."""

import random
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.audience import tokens
from publisher.audience.macs import Mac
from publisher.audience.tokens import (
    delivery_token,
    leave_token,
    read_delivery_token,
    read_leave_token,
    tokens_in,
    verp,
)
from publisher.store.keys import Keys

KEYS = Keys(links=("k" * 43,), addresses=b"a" * 32)
issues = st.integers(min_value=0, max_value=2**32 - 1)
subscriptions = st.integers(min_value=0, max_value=2**48 - 1)


@given(issue=issues, subscription=subscriptions)
def test_a_token_names_its_delivery_in_any_case_of_letters(issue: int, subscription: int) -> None:
    token = delivery_token(KEYS, issue, subscription)
    assert re.fullmatch("[a-z2-7]{32}", token)
    assert read_delivery_token(KEYS, token) == (issue, subscription)
    assert read_delivery_token(KEYS, token.upper()) == (issue, subscription)
    assert token == delivery_token(KEYS, issue, subscription)


@given(text=st.text(max_size=64) | st.from_regex(r"[a-z2-7]{32}", fullmatch=True))
def test_nothing_else_is_a_token(text: str) -> None:
    assert read_delivery_token(KEYS, text) is None
    assert read_leave_token(KEYS, text) is None


def test_none_of_ten_thousand_mutations_is_accepted() -> None:
    good, draw, tried = delivery_token(KEYS, 3, 7), random.Random(5), set[str]()
    alphabet = string.ascii_lowercase + string.digits
    while len(tried) < 10_000:
        letters = list(good)
        for _ in range(draw.randint(1, 3)):
            letters[draw.randrange(32)] = draw.choice(alphabet)
        tried.add("".join(letters))
    tried.discard(good)
    assert not [text for text in tried if read_delivery_token(KEYS, text)]


def test_a_mac_that_is_not_compared_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hmac.compare_digest", lambda _a, _b: True)
    good = delivery_token(KEYS, 3, 7)
    assert read_delivery_token(KEYS, good[:-1] + ("a" if good[-1] != "a" else "b"))


def test_tokens_of_one_reader_or_one_issue_have_nothing_in_common() -> None:
    seen = [delivery_token(KEYS, issue, person) for issue in range(1, 30) for person in range(1, 30)]
    assert len({token[:8] for token in seen}) == len({token[-8:] for token in seen}) == len(seen)


def test_a_delivery_s_token_unsubscribes_nobody() -> None:
    assert read_leave_token(KEYS, delivery_token(KEYS, 3, 7)) is None
    assert read_delivery_token(KEYS, leave_token(KEYS, 3, 7)) is None
    assert read_leave_token(KEYS, leave_token(KEYS, 3, 7)) == (3, 7)


def test_one_key_for_both_purposes_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_keys", lambda secret, _purpose: (Mac(secret), Mac(secret)))
    assert read_leave_token(KEYS, delivery_token(KEYS, 3, 7)) == (3, 7)


def test_a_new_key_of_links_changes_no_message_id() -> None:
    assert delivery_token(Keys(("new", *KEYS.links), KEYS.addresses), 3, 7) == delivery_token(KEYS, 3, 7)
    assert read_delivery_token(Keys(KEYS.links, b"b" * 32), delivery_token(KEYS, 3, 7)) is None


@pytest.mark.parametrize(("issue", "person"), [(2**32, 1), (1, 2**48), (-1, 1)])
def test_numbers_without_room_are_refused(issue: int, person: int) -> None:
    with pytest.raises(OverflowError):
        delivery_token(KEYS, issue, person)


def test_a_mailbox_gets_the_token_behind_its_local_part() -> None:
    token = delivery_token(KEYS, 3, 7)
    assert verp("bounce@notes.example", token) == f"bounce+{token}@notes.example"
    assert verp("Field Notes <bounce@notes.example>", token) == f"bounce+{token}@notes.example"
    assert len(verp("b" * 31 + "@notes.example", token).partition("@")[0]) == 64
    with pytest.raises(ValueError, match="up to 31 bytes"):
        verp("b" * 32 + "@notes.example", token)


@pytest.mark.parametrize(
    "line",
    [
        "<bounce+{}@notes.example>",
        "for <bounce+{}@notes.example>; Mon, 23 Nov 2026",
        "<{}@notes.example>",
        "<{}.mail@notes.example>",
        "SRS0=AbCd=QX=notes.example=bounce+{}@forwarder.example",
        "rfc822;bounce+{}@notes.example",
    ],
)
def test_tokens_are_found_where_mail_servers_put_them(line: str) -> None:
    token = delivery_token(KEYS, 3, 7)
    assert list(tokens_in(line.format(token.upper()))) == [token.upper()]


def test_a_token_within_a_longer_word_is_none() -> None:
    assert not list(tokens_in(f"a{delivery_token(KEYS, 3, 7)}"))
    assert not list(tokens_in(f"{delivery_token(KEYS, 3, 7)}9"))


def test_a_line_full_of_tokens_is_not_read_to_its_end() -> None:
    assert len(list(tokens_in(" ".join(["a" * 32] * 1000)))) == 100
