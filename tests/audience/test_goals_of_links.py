"""Whatever somebody makes up, alters or puts together, it is none of the six things that are signed here.

`make whole` tries 10,000 forgeries of each, CI and the desk a fifth of them.
"""

import os
import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

import pytest

from publisher.audience.links import BadLink, Links
from publisher.audience.signup import form_age, form_token
from publisher.audience.tokens import delivery_token, leave_token, read_delivery_token, read_leave_token
from publisher.store.keys import Keys

pytestmark = pytest.mark.uncovered

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
KEYS = Keys(links=("k" * 43,), addresses=b"a" * 32)
STRANGER = Keys(links=("s" * 43,), addresses=b"s" * 32)
FORGERIES = 10_000 if os.environ.get("PUBLISHER_WHOLE") else 2000
_LETTERS = string.ascii_letters + string.digits + "-_."


@dataclass(frozen=True)
class Kind:
    """Something that is signed."""

    make: Callable[[Keys, int], str]
    accepts: Callable[[Keys, str], bool]


@cache
def _links(keys: Keys) -> Links:
    return Links("https://notes.example/letters/", keys)


def _of_link(read: Callable[[Keys, str], object]) -> Callable[[Keys, str], bool]:
    def accepts(keys: Keys, text: str) -> bool:
        try:
            read(keys, text)
        except BadLink:
            return False
        return True

    return accepts


def _token(url: str) -> str:
    return url.rpartition("/")[2]


KINDS = {
    "unsubscribe": Kind(
        lambda keys, number: _token(_links(keys).unsubscribe("weekly", number)),
        _of_link(lambda keys, text: _links(keys).read_unsubscribe(text)),
    ),
    "preferences": Kind(
        lambda keys, number: _token(_links(keys).preferences("weekly", number)),
        _of_link(lambda keys, text: _links(keys).read_preferences(text)),
    ),
    "confirm": Kind(
        lambda keys, number: _token(_links(keys).confirm("weekly", number, "once", NOW)),
        _of_link(lambda keys, text: _links(keys).read_confirm(text, NOW)),
    ),
    "form": Kind(
        lambda keys, number: form_token(keys, NOW.replace(microsecond=1000 * (number % 1000))),
        lambda keys, text: form_age(keys, text, NOW.replace(second=1)) is not None,
    ),
    "delivery": Kind(
        lambda keys, number: delivery_token(keys, 3, number),
        lambda keys, text: read_delivery_token(keys, text) is not None,
    ),
    "leave": Kind(
        lambda keys, number: leave_token(keys, 3, number), lambda keys, text: read_leave_token(keys, text) is not None
    ),
}


def forgeries(kind: Kind, count: int) -> list[str]:
    """Return texts that are nearly right: altered, spliced of two good ones, or made with keys of somebody else."""
    draw, good, found = random.Random(20261122), [kind.make(KEYS, number) for number in range(7, 27)], set[str]()
    while len(found) < count:
        one, other = draw.sample(good, 2)
        place = draw.randrange(1, len(one))
        match draw.randrange(4):
            case 0:
                found.add(one[:place] + draw.choice(_LETTERS) + one[place + 1 :])
            case 1:
                found.add(one[:place] + draw.choice((*_LETTERS, "=", " ", "\n", "\0", "é", "")) + one[place:])
            case 2:
                found.add(one[:place] + other[place - draw.randrange(2) :])
            case _:
                found.add(kind.make(STRANGER, draw.randrange(2**40)))
    # Bounces come back in any case of letters.
    return sorted(text for text in found if text not in good and text.lower() not in good)


def accepted(kind: Kind, texts: Sequence[str]) -> list[str]:
    return [text for text in texts if kind.accepts(KEYS, text)]


@pytest.mark.whole
@pytest.mark.parametrize("name", KINDS)
def test_none_of_ten_thousand_forgeries_is_accepted(name: str) -> None:
    kind = KINDS[name]
    tried = forgeries(kind, FORGERIES * 21 // 20)
    assert len(tried) >= FORGERIES
    assert accepted(kind, [kind.make(KEYS, 7)])
    assert accepted(kind, tried) == []


@pytest.mark.parametrize("name", KINDS)
def test_a_signature_that_is_not_compared_would_be_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = KINDS[name]
    tried = forgeries(kind, 200)
    monkeypatch.setattr("hmac.compare_digest", lambda _one, _other: True)
    try:
        through = accepted(kind, tried)
    except ValueError:  # behind a signature, what stands there is believed
        return
    assert through


@pytest.mark.parametrize("name", KINDS)
def test_what_was_signed_for_one_purpose_is_good_for_no_other(name: str) -> None:
    text = KINDS[name].make(KEYS, 7)
    assert [other for other, kind in KINDS.items() if kind.accepts(KEYS, text)] == [name]


@pytest.mark.parametrize("name", KINDS)
def test_a_key_that_was_taken_away_opens_nothing_more(name: str) -> None:
    kind, text = KINDS[name], KINDS[name].make(KEYS, 7)
    if name in ("delivery", "leave"):  # theirs is never changed, so that no mail changes its Message-ID
        assert not kind.accepts(replace(KEYS, addresses=STRANGER.addresses), text)
        return
    assert kind.accepts(replace(KEYS, links=(*STRANGER.links, *KEYS.links)), text)
    assert not kind.accepts(replace(KEYS, links=STRANGER.links), text)
