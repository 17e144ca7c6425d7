"""Colours and their contrast."""

from itertools import product

import pytest

from publisher.markup import colour
from publisher.markup.colour import colour_of, contrast, hexadecimal


def test_ratios_are_those_of_the_guidelines() -> None:
    assert contrast((0, 0, 0), (1, 1, 1)) == contrast((1, 1, 1), (0, 0, 0)) == pytest.approx(21)
    assert contrast((1, 1, 1), (1, 1, 1)) == pytest.approx(1)
    assert contrast(colour_of("#767676"), colour_of("#ffffff")) == pytest.approx(4.54, abs=0.01)


def test_a_wrong_formula_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgetting the curve of the screen changes which colours pass."""
    monkeypatch.setattr(colour, "_luminance", lambda colour: sum(colour) / 3)
    with pytest.raises(AssertionError):
        test_ratios_are_those_of_the_guidelines()


def test_colours_are_written_as_they_are_read() -> None:
    for parts in product((0, 1, 127, 254, 255), repeat=3):
        written = "#" + "".join(f"{part:02x}" for part in parts)
        assert hexadecimal(colour_of(written)) == written
