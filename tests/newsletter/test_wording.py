"""Words and figures that readers see."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.markup.dates import calendar_date
from publisher.newsletter.wording import direction, few_words, one_line, reading_minutes, shortened, unseen


def test_dates_have_english_months() -> None:
    assert calendar_date(datetime(2026, 11, 2, tzinfo=UTC)) == "2 November 2026"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("", 1), ("word " * 220, 1), ("word " * 221, 2), ("字" * 500, 1), ("字" * 501, 2), ("word " * 220 + "字" * 10, 2)],
)
def test_reading_time_counts_words_and_east_asian_characters(text: str, minutes: int) -> None:
    assert reading_minutes(text) == minutes


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("short", 5, "short"),
        ("one two three", 12, "one two…"),
        ("one two, three", 9, "one two…"),
        ("abcdefghij", 5, "abcd…"),
        ("a bcdefghijklm", 8, "a bcdef…"),
        ("abce\u0301\u0301fgh", 6, "abce…"),
    ],
)
def test_text_is_shortened_between_words_where_possible(text: str, limit: int, short: str) -> None:
    assert shortened(text, limit) == short


@given(st.text(), st.integers(2, 90))
def test_shortened_text_is_never_longer(text: str, limit: int) -> None:
    assert len(shortened(text, limit)) <= limit


@pytest.mark.parametrize(
    ("text", "words", "short"),
    [
        ("one two three", 3, "one two three"),
        ("one two  three, four", 3, "one two three…"),
        ("これは日本語です", 2, "これは日…"),
        ("川 river 川", 2, "川 river 川"),
        ("", 2, ""),
        (f"see {'x' * 60} now", 4, "see…"),
        ("x" * 99, 2, "x" * 31 + "…"),
        ("one two", 1, "one…"),
    ],
)
def test_a_text_is_shortened_to_its_first_words(text: str, words: int, short: str) -> None:
    assert few_words(text, words) == short


@given(st.text(), st.integers(1, 60))
def test_few_words_are_few(text: str, words: int) -> None:
    short = few_words(text, words)
    assert len(short.split()) <= words * 2
    assert len(short) <= words * 18
    assert few_words(short, words) == short or short.endswith("…")


@pytest.mark.parametrize(
    ("text", "nothing"), [("", True), ("\u200b \u2060", True), ("\u115f\u2800", True), ("\u200ba", False), ("é", False)]
)
def test_a_text_without_a_sign_is_not_seen(text: str, nothing: bool) -> None:
    assert unseen(text) is nothing


def test_nothing_turns_the_direction_of_a_line() -> None:
    assert one_line("a\u202egnp\u2066\n b") == "agnp b"


@pytest.mark.parametrize(
    ("language", "way"),
    [("en", "ltr"), ("ar-EG", "rtl"), ("he", "rtl"), ("az-Arab", "rtl"), ("ar-Latn", "ltr"), ("zh-Hant", "ltr")],
)
def test_the_language_gives_the_direction(language: str, way: str) -> None:
    assert direction(language) == way
