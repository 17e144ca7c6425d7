"""Colours, letters and signs of an issue: derived from a few settings so that everything can be read, by day and night."""

from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass

from publisher.config.newsletter import LogoSettings, LookSettings
from publisher.markup import colour as colours
from publisher.markup.colour import colour_of, hexadecimal

#: Least contrast of text with what is behind it (WCAG 2.2, success criterion 1.4.3).
CONTRAST = 4.5
#: What links have on dark grounds, where colours of little contrast look dull.
_DARK_CONTRAST = 6.5
_STACKS = {
    "serif": "Georgia, 'Times New Roman', serif",
    # Segoe UI is on Windows, Helvetica on Apple's machines; sans-serif is Roboto on Android.
    "sans": "'Segoe UI', Helvetica, Arial, sans-serif",
}
_CODE = "Menlo, Consolas, 'Courier New', monospace"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one scheme, as `#rrggbb`. Each text can be read on each ground."""

    #: Grounds: around the sheet, the sheet, contents and footer, highlights, code.
    page: str
    card: str
    soft: str
    panel: str
    code: str
    #: Texts.
    text: str
    heading: str
    muted: str
    link: str
    #: Stripe and bars; thin lines between articles; stronger ones beside quotes and below heads of tables.
    accent: str
    line: str
    bar: str

    @property
    def texts(self) -> tuple[str, ...]:
        return self.text, self.heading, self.muted, self.link

    @property
    def grounds(self) -> tuple[str, ...]:
        """What text stands on."""
        return self.card, self.soft, self.panel, self.code


@dataclass(frozen=True, slots=True)
class Logo:
    """A sign above the title, in pixels as shown."""

    url: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Look:
    """What the templates and style sheets of an issue are drawn with."""

    light: Palette
    dark: Palette
    #: `font-family` of text, of titles and headings, of small print, of code.
    font: str
    heading_font: str
    small_font: str
    code_font: str
    logo: Logo | None
    #: Lines at the foot, plain text.
    footer: tuple[str, ...]


def look(settings: LookSettings, title: str) -> Look:
    """Return how the issues of a newsletter look.

    Args:
        settings: of the newsletter, checked.
        title: the newsletter's, which stands for the logo where pictures are off.
    """
    font = _STACKS.get(settings.font, settings.font)
    heading = settings.heading_font or settings.font
    return Look(
        light=_light(settings.accent, settings.background),
        dark=_dark(settings.accent_dark or settings.accent),
        font=font,
        heading_font=_STACKS.get(heading, heading),
        small_font=_STACKS["sans"],
        code_font=_CODE,
        logo=_logo(settings.logo, title),
        footer=settings.footer,
    )


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours `#rrggbb`, 1 to 21 (WCAG 2.2)."""
    return colours.contrast(colour_of(one), colour_of(other))


def _logo(settings: LogoSettings | None, title: str) -> Logo | None:
    return Logo(settings.url, settings.alt or title, settings.width, settings.height) if settings else None


def _light(accent: str, background: str) -> Palette:
    card, soft, code = "#ffffff", "#f7f7f4", "#f4f4f1"
    panel = _mixed(accent, card, 0.07)
    return Palette(
        page=background,
        card=card,
        soft=soft,
        panel=panel,
        code=code,
        text="#22262b",
        heading="#16191d",
        muted="#565d66",
        link=_readable(accent, (card, soft, panel, code), CONTRAST, towards=0),
        accent=accent,
        line="#dddbd4",
        bar="#c3c1b8",
    )


def _dark(accent: str) -> Palette:
    card, soft, code = "#1b1e22", "#21252a", "#282d33"
    shown = _readable(accent, (card, soft, code), _DARK_CONTRAST, towards=1)
    panel = _mixed(shown, card, 0.1)
    return Palette(
        page="#121417",
        card=card,
        soft=soft,
        panel=panel,
        code=code,
        text="#e3e2de",
        heading="#f4f3ef",
        muted="#a9b0b8",
        link=_readable(shown, (panel,), CONTRAST, towards=1),
        accent=shown,
        line="#363b42",
        bar="#565d66",
    )


def _readable(colour: str, grounds: tuple[str, ...], wanted: float, towards: int) -> str:
    """Return the colour, or the nearest one of its hue that can be read on all grounds.

    Args:
        colour: as `#rrggbb`.
        grounds: what it stands on, all light or all dark.
        wanted: least contrast.
        towards: 0 for darker ones, 1 for lighter ones.
    """
    hue, lightness, saturation = rgb_to_hls(*colour_of(colour))
    lighter = (lightness + (towards - lightness) * step / 50 for step in range(51))
    shades = (colour, *(hexadecimal(hls_to_rgb(hue, each, saturation)) for each in lighter))
    return next(each for each in shades if min(contrast(each, ground) for ground in grounds) >= wanted)


def _mixed(one: str, other: str, share: float) -> str:
    """Return `share` of one colour in the other."""
    # In whole steps: in parts of one, halves would be rounded by chance.
    pairs = zip(_steps(one), _steps(other), strict=True)
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02x}" for a, b in pairs)


def _steps(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
