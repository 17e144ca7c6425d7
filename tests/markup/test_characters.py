"""What no feed may carry is dropped, and nothing else."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.markup import characters
from publisher.markup.characters import legal, line

_ANY = st.text(st.characters(exclude_categories=()))


@given(_ANY)
def test_legal_text_is_accepted_by_xml(text: str) -> None:
    element = ET.Element("a")
    element.text = legal(text)
    assert ET.fromstring(ET.tostring(element, "unicode")).text in (legal(text), None)


@given(_ANY)
def test_legal_text_stays_as_it_is(text: str) -> None:
    assert legal(legal(text)) == legal(text)


def test_controls_surrogates_and_noncharacters_are_dropped() -> None:
    assert legal("a\x00b\x08c\x0bd\x1fe\x7ff\x85g\x9fh\ud800i\ufffej\uffff") == "abcdefghij"


def test_each_character_is_either_legal_or_dropped() -> None:
    every = "".join(map(chr, range(0x110000)))
    kept = legal(every.replace("\r", ""))
    assert characters._LEGAL.fullmatch(kept)
    assert not any(map(characters._LEGAL.fullmatch, set(every) - set(kept)))


def test_tabs_line_ends_and_other_scripts_are_kept() -> None:
    assert legal("a\tb\nc\u200dd😀é漢") == "a\tb\nc\u200dd😀é漢"


def test_line_ends_of_every_system_become_one() -> None:
    assert legal("a\r\nb\rc\n\rd") == "a\nb\nc\n\nd"


def test_a_line_has_single_spaces_only() -> None:
    assert line("a \x00 b") == "a b"
    assert line("  a \t b\r\nc\u2028d\u2029e\x85f\xa0g\x00 ") == "a b c d e f g"


@given(_ANY)
def test_a_line_is_one_line(text: str) -> None:
    assert len(line(text).splitlines()) <= 1
    assert line(line(text)) == line(text)


def expect_to_need_nothing(kept: Callable[[str], bool]) -> None:
    """Expect that a line of only such characters is legal, and has no white space but blanks."""
    every = [character for character in map(chr, range(0x110000)) if kept(character)]
    assert [
        character for character in every if character != " " and (legal(character) != character or character.isspace())
    ] == []


def test_a_line_that_can_be_printed_needs_nothing() -> None:
    expect_to_need_nothing(str.isprintable)


@pytest.mark.parametrize("hasty", [str.isascii, lambda character: character >= " "])
def test_a_hastier_look_at_lines_is_found_out(hasty: Callable[[str], bool]) -> None:
    with pytest.raises(AssertionError):
        expect_to_need_nothing(hasty)
