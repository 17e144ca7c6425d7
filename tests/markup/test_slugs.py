"""Slugs are safe as file names and parts of addresses, and never empty."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.markup.slugs import slug


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, World", "hello-world"),
        ("c++", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("Research & Development", "research-and-development"),
        ("Don't – don’t", "dont-dont"),
        ("Größe", "grosse"),
        ("Привет", "privet"),
        ("你好", "ni-hao"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON", "con"),
    ],
)
def test_text_becomes_a_slug(text: str, expected: object) -> None:
    assert slug(text) == expected


def test_two_texts_without_a_letter_have_different_slugs() -> None:
    assert slug("😀") != slug("😁")
    assert slug("") == slug("")


def test_a_long_slug_ends_at_a_word() -> None:
    assert slug("word " * 40) == "-".join(["word"] * 16)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_has_a_slug(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]{1,80}", slug(text))
