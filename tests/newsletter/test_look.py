"""How issues look: what may be set, and that whatever is set can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from publisher.config.newsletter import LogoSettings, LookSettings
from publisher.newsletter import look as looks
from publisher.newsletter.look import CONTRAST, Look, contrast, look

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def expect_readable(shown: Look) -> None:
    for colours in (shown.light, shown.dark):
        for text in colours.texts:
            assert min(contrast(text, ground) for ground in colours.grounds) >= CONTRAST


@given(accent=COLOURS, dark=st.none() | COLOURS)
def test_every_accent_can_be_read_by_day_and_by_night(accent: str, dark: str | None) -> None:
    shown = look(LookSettings(accent=accent, accent_dark=dark), "Field Notes")
    expect_readable(shown)
    assert shown.light.accent == accent


def test_an_accent_taken_as_it_is_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "_readable", lambda colour, *_, **__: colour)
    with pytest.raises(AssertionError):
        expect_readable(look(LookSettings(accent="#ffcc00"), "Field Notes"))


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#123456", "#123456", 1)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


def test_links_keep_an_accent_that_can_be_read_and_the_hue_of_others() -> None:
    assert look(LookSettings(accent="#1f5f8b"), "").light.link == "#1f5f8b"
    assert look(LookSettings(accent="#ffcc00"), "").light.link == "#856a00"
    assert look(LookSettings(accent_dark="#ffcc00"), "").dark.link == "#ffcc00"


@pytest.mark.parametrize(("given", "written"), [("#1F5F8B", "#1f5f8b"), ("#1af", "#11aaff"), ("#000", "#000000")])
def test_colours_are_written_in_one_way(given: str, written: str) -> None:
    assert LookSettings(accent=given).accent == written


@pytest.mark.parametrize(
    ("given", "stack"),
    [
        ("serif", "Georgia, 'Times New Roman', serif"),
        ("sans", "'Segoe UI', Helvetica, Arial, sans-serif"),
        ("Charter,Georgia , serif", "Charter, Georgia, serif"),
        ("'Noto Serif JP', \"Yu Mincho\", serif", "'Noto Serif JP', 'Yu Mincho', serif"),
        ("游明朝, serif", "'游明朝', serif"),
        ("monospace", "monospace"),
    ],
)
def test_fonts_are_written_as_style_sheets_need_them(given: str, stack: str) -> None:
    shown = look(LookSettings(font=given), "")
    assert shown.font == shown.heading_font == stack


def test_headings_may_have_letters_of_their_own() -> None:
    shown = look(LookSettings(font="sans", heading_font="serif"), "")
    assert shown.font.endswith("sans-serif")
    assert shown.heading_font.startswith("Georgia")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("accent", "red", "is no colour"),
        ("accent", "#12345", "is no colour"),
        ("accent", "#fff;color:red", "is no colour"),
        ("accent", "#fff\n", "is no colour"),
        ("accent_dark", "rgb(1 2 3)", "is no colour"),
        ("background", "", "is no colour"),
        ("font", "Georgia", "is neither serif nor sans"),
        ("font", "Georgia; color: red, serif", "is neither serif nor sans"),
        ("font", "url(https://x.example), serif", "is neither serif nor sans"),
        ("font", "A</style>, serif", "is neither serif nor sans"),
        ("font", "'A\", serif", "is neither serif nor sans"),
        ("font", ", serif", "is neither serif nor sans"),
        ("font", "A{{ x }}, serif", "is neither serif nor sans"),
        ("heading_font", "", "is neither serif nor sans"),
        ("footer", ["a\nb"], "line break"),
        ("logo", {"url": "logo.png", "width": 40, "height": 40}, "is no absolute http or https address"),
        ("logo", {"url": "https://notes.example/logo.png", "width": 900, "height": 40}, "less than or equal to 536"),
        ("logo", {"url": "https://notes.example/logo.png"}, "Field required"),
        ("colour", "#fff", "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_stand_in_a_style_sheet_is_refused(key: str, value: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        LookSettings.model_validate({key: value})


@given(st.text(max_size=40))
def test_no_font_ends_its_declaration(text: str) -> None:
    try:
        font = LookSettings(font=f"{text}, serif").font
    except ValidationError:
        return
    assert not set(font) & set(';:{}<>()\\/*@\n\r"')
    assert font.count("'") % 2 == 0


def test_the_logo_is_read_as_the_title_where_nothing_else_is_said() -> None:
    logo = LogoSettings(url="https://notes.example/logo.png", width=120, height=40)
    shown = look(LookSettings(logo=logo, footer=("Written by hand.",)), "Field Notes Weekly")
    assert shown.logo is not None
    assert (shown.logo.alt, shown.logo.width, shown.logo.height) == ("Field Notes Weekly", 120, 40)
    assert shown.footer == ("Written by hand.",)
    assert look(LookSettings(), "Field Notes Weekly").logo is None
