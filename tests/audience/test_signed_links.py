"""Signed links: each good for one purpose, one newsletter and one reader, as long as its key is there."""

import random
import re
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import BadSignature, Signer

from publisher.audience import links as module
from publisher.audience.links import BadLink, Confirmation, ExpiredLink, KeyGone, Links, Person
from publisher.store.keys import Keys

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
OLD, NEW = "k" * 43, "n" * 43
KEYS = Keys(links=(OLD,), addresses=b"a" * 32)
LINKS = Links("https://notes.example/letters/", KEYS)
_LETTERS = string.ascii_letters + string.digits + "-_."

ids = st.integers(min_value=1, max_value=2**63 - 1)
names = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?", fullmatch=True)


def token(url: str) -> str:
    return url.rpartition("/")[2]


def accepted(read: object, text: str) -> bool:
    try:
        read(text)  # type: ignore[operator]
    except BadLink:
        return False
    return True


@given(newsletter=names, subscription=ids)
def test_links_say_whom_they_are_about(newsletter: str, subscription: int) -> None:
    person = Person(newsletter, subscription)
    assert LINKS.read_unsubscribe(token(LINKS.unsubscribe(newsletter, subscription))) == person
    assert LINKS.read_preferences(token(LINKS.preferences(newsletter, subscription))) == person


def test_links_are_below_the_public_pages_and_short() -> None:
    url = LINKS.unsubscribe("weekly", 1234567)
    assert url.startswith("https://notes.example/letters/u/weekly.1234567.")
    assert len(token(url)) == len("weekly.1234567.") + 22
    assert LINKS.preferences("weekly", 7).startswith("https://notes.example/letters/p/")
    assert LINKS.confirm("weekly", 7, "once", NOW).startswith("https://notes.example/letters/c/")


@given(subscription=ids)
def test_no_link_ends_in_a_character_that_programs_leave_out_of_links_in_text(subscription: int) -> None:
    assert LINKS.unsubscribe("weekly", subscription)[-1] in "AQgw"


def test_the_same_link_is_made_each_time() -> None:
    assert LINKS.unsubscribe("weekly", 7) == Links(LINKS.url, KEYS).unsubscribe("weekly", 7)


def mutations(good: str, count: int) -> list[str]:
    draw = random.Random(5)
    found: set[str] = set()
    while len(found) < count:
        letters = list(good)
        for _ in range(draw.randint(1, 3)):
            place = draw.randrange(len(letters))
            match draw.randrange(4):
                case 0:
                    letters[place] = draw.choice(_LETTERS)
                case 1:
                    letters.insert(place, draw.choice(_LETTERS + " =\n\x00é"))
                case 2:
                    del letters[place]
                case _:
                    letters = letters[place:] + letters[:place]
        found.add("".join(letters))
    return sorted(found - {good})


def test_none_of_ten_thousand_mutations_is_accepted() -> None:
    good = token(LINKS.unsubscribe("weekly", 7))
    tried = [*mutations(good, 10_001), *(good[:-1] + letter for letter in _LETTERS if letter != good[-1])]
    assert len(tried) > 10_000
    assert not [text for text in tried if accepted(LINKS.read_unsubscribe, text)]
    asked = token(LINKS.confirm("weekly", 7, "once", NOW))
    assert not [text for text in mutations(asked, 10_001) if accepted(lambda t: LINKS.read_confirm(t, NOW), text)]


def test_reading_signatures_leniently_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TOKEN", re.compile(r"(?s).*"))
    good = token(LINKS.unsubscribe("weekly", 7))
    others = [good[:-1] + letter for letter in string.ascii_letters if letter != good[-1]]
    assert [text for text in others if accepted(LINKS.read_unsubscribe, text)]


@given(text=st.text(max_size=300))
def test_any_text_is_refused_in_one_way(text: str) -> None:
    assert not accepted(LINKS.read_unsubscribe, text)
    assert not accepted(LINKS.read_preferences, text)
    assert not accepted(lambda t: LINKS.read_confirm(t, NOW), text)


def test_a_link_for_one_purpose_is_none_for_another() -> None:
    made = {
        "u": token(LINKS.unsubscribe("weekly", 7)),
        "p": token(LINKS.preferences("weekly", 7)),
        "c": token(LINKS.confirm("weekly", 7, "once", NOW)),
    }
    readers = {"u": LINKS.read_unsubscribe, "p": LINKS.read_preferences, "c": lambda t: LINKS.read_confirm(t, NOW)}
    passed = {
        (maker, reader) for maker, text in made.items() for reader, read in readers.items() if accepted(read, text)
    }
    assert passed == {("u", "u"), ("p", "p"), ("c", "c")}


def test_one_salt_for_all_purposes_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    options = module._options
    monkeypatch.setattr(module, "_options", lambda keys, purpose: options(keys, "any"))
    same = Links(LINKS.url, KEYS)
    assert accepted(same.read_preferences, token(same.unsubscribe("weekly", 7)))


def test_another_publication_s_links_are_refused() -> None:
    other = Links(LINKS.url, Keys(links=("o" * 43,), addresses=b"a" * 32))
    assert not accepted(LINKS.read_unsubscribe, token(other.unsubscribe("weekly", 7)))


def test_a_new_key_signs_and_the_old_one_still_counts() -> None:
    both = Links(LINKS.url, replace(KEYS, links=(NEW, OLD)))
    assert accepted(both.read_unsubscribe, token(LINKS.unsubscribe("weekly", 7)))
    assert not accepted(LINKS.read_unsubscribe, token(both.unsubscribe("weekly", 7)))
    only = Links(LINKS.url, replace(KEYS, links=(NEW,)))
    assert token(only.unsubscribe("weekly", 7)) == token(both.unsubscribe("weekly", 7))
    assert not accepted(only.read_unsubscribe, token(LINKS.unsubscribe("weekly", 7)))


def test_links_of_a_mail_sent_again_are_made_with_the_key_of_its_first_time() -> None:
    both = Links(LINKS.url, replace(KEYS, links=(NEW, OLD)))
    again = both.with_key(LINKS.fingerprint)
    assert again.unsubscribe("weekly", 7) == LINKS.unsubscribe("weekly", 7)
    assert accepted(again.read_unsubscribe, token(both.unsubscribe("weekly", 7)))
    assert both.fingerprint != LINKS.fingerprint
    assert OLD not in both.fingerprint


def test_a_key_that_is_gone_is_named() -> None:
    only = Links(LINKS.url, replace(KEYS, links=(NEW,)))
    with pytest.raises(KeyGone, match=f"the key {LINKS.fingerprint} .* put it back"):
        only.with_key(LINKS.fingerprint)


@pytest.mark.parametrize("hours", [0, 1, 48])
def test_a_confirmation_is_good_for_two_days(hours: int) -> None:
    text = token(LINKS.confirm("weekly", 7, "once_-", NOW))
    assert LINKS.read_confirm(text, NOW + timedelta(hours=hours)) == Confirmation("weekly", 7, "once_-")


@pytest.mark.parametrize("late", [timedelta(hours=48, seconds=1), timedelta(days=400), timedelta(days=-1)])
def test_a_confirmation_out_of_its_time_says_for_whom_it_was(late: timedelta) -> None:
    text = token(LINKS.confirm("weekly", 7, "once", NOW))
    with pytest.raises(ExpiredLink) as caught:
        LINKS.read_confirm(text, NOW + late)
    assert caught.value.confirmation == Confirmation("weekly", 7, "once")


def test_what_itsdangerous_signs_for_others_is_refused() -> None:
    plain = Signer(OLD).sign("weekly.7").decode()
    with pytest.raises(BadSignature):
        Signer("other").unsign(plain)
    assert not accepted(LINKS.read_unsubscribe, plain)


def test_signed_words_of_another_form_are_refused() -> None:
    for value in ("weekly", "weekly.", "weekly.07", "Weekly.7", "weekly.7.more"):
        assert not accepted(LINKS.read_unsubscribe, module._signed(LINKS._unsubscribe, value))
    stamped = module._Stamped(**module._options(KEYS, "confirm"), now=NOW)
    assert not accepted(lambda t: LINKS.read_confirm(t, NOW), module._signed(stamped, "weekly.7"))
