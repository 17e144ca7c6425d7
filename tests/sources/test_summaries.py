"""Summaries taken from the content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.sources.summaries import LENGTH, opening, shortened


def test_the_first_paragraph_with_words_is_the_summary() -> None:
    assert opening('<p><img src="a.png"></p>\n<p lang="en">b <em>c</em>\nd</p><p>e</p>') == "b c d"


def test_without_paragraphs_all_content_is_the_summary() -> None:
    assert opening("<h2>a</h2><pre>b</pre>") == "a b"
    assert opening("") == ""


def test_the_mark_of_a_footnote_is_no_word() -> None:
    assert (
        opening('<p>Tides<sup id="r1"><a href="#1">1</a></sup> rise to 10<sup>2</sup> m.</p>') == "Tides rise to 102 m."
    )


def test_a_long_paragraph_is_cut_at_a_word() -> None:
    summary = opening(f"<p>{'word, ' * 100}</p>")
    assert summary.endswith("word…")
    assert LENGTH - 6 <= len(summary) <= LENGTH


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("one two", 7, "one two"),
        ("three two", 8, "three…"),
        ("one two three", 8, "one two…"),
        ("漢字" * 5, 6, "漢字漢字漢…"),
        ("abcde\u0301fgh", 6, "abcd…"),
        ("ab👩\u200d💻cd", 5, "ab…"),
        ("abc👍🏽d", 5, "abc…"),
    ],
)
def test_a_text_is_cut_between_words_or_whole_characters(text: str, length: int, expected: str) -> None:
    assert shortened(text, length) == expected


@given(st.text(min_size=1), st.integers(2, 20))
def test_a_shortened_text_fits(text: str, length: int) -> None:
    assert len(shortened(text, length)) <= max(length, 2)
