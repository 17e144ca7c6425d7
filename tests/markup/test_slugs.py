"""Slugs are safe as file names and parts of addresses, and never empty."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.markup import slugs
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


def expect_the_same_without_shortcut(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slugs, "_SLUG", re.compile("(?!)"))
        careful = slug(text)
    assert slug(text) == careful


@given(st.from_regex("[a-z0-9_]{1,9}(-{1,2}[a-z0-9]{1,9}){0,12}-?", fullmatch=True))
def test_what_is_a_slug_already_stays(text: str) -> None:
    expect_the_same_without_shortcut(text)


@pytest.mark.parametrize(
    ("hasty", "text"),
    [("[a-z0-9-]+", "a--b"), ("[a-z0-9-]+", "a-"), (r"\w+", "a_b"), (r"[^\W_]+", "ü"), (r"[^-]+", "A b")],
)
def test_a_hastier_shortcut_is_found_out(hasty: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expect_the_same_without_shortcut(text)
    monkeypatch.setattr(slugs, "_SLUG", re.compile(hasty))
    with pytest.raises(AssertionError):
        expect_the_same_without_shortcut(text)
