"""How text looks: its colours, its size, and whether it is seen at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lxml import etree
from tinycss2.ast import Node
from tinycss2.color3 import parse_color

from publisher.check.clients.numbers import readable
from publisher.check.mail.cascade import Cascade, Declared, Scheme
from publisher.markup.colour import Colour

_WHITE, _BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
#: What browsers draw on and with where a mail that knows dark mode says nothing.
_DARK_CANVAS: Colour = (0x12 / 255, 0x12 / 255, 0x12 / 255)
_LINK: Mapping[Scheme, Colour] = {Scheme.LIGHT: (0.0, 0.0, 0xEE / 255), Scheme.DARK: (0x9E / 255, 0x9E / 255, 1.0)}
_PIXELS = {"px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4, "rem": 16.0}
_SIZES = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": 16.0,
    "large": 18.0,
    "x-large": 24.0,
    "xx-large": 32.0,
}
_RELATIVE = {"smaller": 5 / 6, "larger": 1.2}
#: What browsers make of elements by themselves, in sizes of the text around them.
_ELEMENT_SIZES = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h5": 0.83, "h6": 0.67, "small": 5 / 6, "sub": 5 / 6, "sup": 5 / 6}
_BOLD = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "b", "strong", "th"})


@dataclass(frozen=True, slots=True)
class Appearance:
    """How the text of one element looks."""

    colour: Colour
    #: The nearest colour behind it; None where there is a picture.
    background: Colour | None
    #: Height of the letters, in pixels.
    size: float
    bold: bool
    hidden: bool


def appearances(
    elements: Sequence[etree._Element], cascade: Cascade, scheme: Scheme
) -> dict[etree._Element, Appearance]:
    """Return how each element looks in one scheme.

    Args:
        elements: the whole tree, parents before their children.
        cascade: the styles of the mail.
        scheme: light or dark.
    """
    dark = scheme is Scheme.DARK and cascade.dark
    canvas = (
        Appearance(_WHITE, _DARK_CANVAS, 16.0, False, False) if dark else Appearance(_BLACK, _WHITE, 16.0, False, False)
    )
    found: dict[etree._Element, Appearance] = {}
    link = _LINK[Scheme.DARK if dark else Scheme.LIGHT]
    for element in elements:
        above = element.getparent()
        around = canvas if above is None else found.get(above, canvas)
        found[element] = _appearance(element, around, cascade.of(element, scheme), link)
    return found


def _appearance(
    element: etree._Element, around: Appearance, declared: Mapping[str, Declared], link: Colour
) -> Appearance:
    tag = str(element.tag)
    own = replace(
        around,
        size=around.size * _ELEMENT_SIZES.get(tag, 1.0),
        bold=around.bold or tag in _BOLD,
        colour=link if tag == "a" and element.get("href") is not None else around.colour,
    )
    for attribute, name in (("bgcolor", "background-color"), ("color", "color"), ("text", "color")):
        value = element.get(attribute)
        if value and (attribute == "bgcolor" or tag in ("font", "body")):
            own = _coloured(own, around, name, parse_color(readable(value)))
    for name, one in declared.items():
        if name in ("font", "font-size", "font-weight"):
            own = _lettered(own, around, name, one.tokens)
        elif name in ("color", "background", "background-color"):
            own = _painted(own, around, name, one.tokens)
    return replace(own, hidden=around.hidden or own.size <= 1.0 or _hides(declared))


def _painted(own: Appearance, around: Appearance, name: str, tokens: Sequence[Node]) -> Appearance:
    if name == "background" and any(one.type == "url" or (one.type == "function" and _draws(one)) for one in tokens):
        return replace(own, background=None)
    for token in tokens:
        if token.type == "ident" and token.lower_value == "inherit":
            return replace(own, colour=around.colour) if name == "color" else own
        colour = parse_color(token)
        if colour is not None:
            return _coloured(own, around, name, colour)
    return own


def _draws(function: Node) -> bool:
    return bool(function.lower_name == "url" or function.lower_name.endswith("gradient"))


def _coloured(own: Appearance, around: Appearance, name: str, colour: object) -> Appearance:
    """Lay a colour over what is behind it; `currentColor` and what is no colour change nothing."""
    if not isinstance(colour, tuple):
        return own
    *parts, alpha = (min(1.0, max(0.0, float(part))) for part in colour)
    if name == "color":
        return replace(own, colour=_over(parts, alpha, own.background or _WHITE))
    if around.background is None and alpha < 1.0:
        return own
    return replace(own, background=_over(parts, alpha, around.background or _WHITE))


def _over(parts: Sequence[float], alpha: float, behind: Colour) -> Colour:
    red, green, blue = (part * alpha + below * (1 - alpha) for part, below in zip(parts, behind, strict=True))
    return red, green, blue


def _lettered(own: Appearance, around: Appearance, name: str, tokens: Sequence[Node]) -> Appearance:
    if name != "font-size" and (bold := _boldness(tokens)) is not None:
        own = replace(own, bold=bold)
    if name == "font-weight":
        return own
    size = next((size for token in tokens if (size := _size(token, around.size)) is not None), None)
    return own if size is None else replace(own, size=size)


def _boldness(tokens: Sequence[Node]) -> bool | None:
    for token in tokens:
        if token.type == "ident" and token.lower_value in ("bold", "bolder", "normal", "lighter"):
            return str(token.lower_value).startswith("bold")
        if token.type == "number":
            return bool(token.value >= 700)
        if token.type == "dimension":
            return None
    return None


def _size(token: Node, around: float) -> float | None:
    """Return a size in pixels; None for what is none."""
    if token.type == "percentage":
        return float(token.value) / 100 * around
    if token.type == "number":
        return 0.0 if token.value == 0 else None
    if token.type == "dimension":
        unit = token.lower_unit
        factor = around if unit == "em" else around / 2 if unit in ("ex", "ch") else _PIXELS.get(unit)
        return None if factor is None else float(token.value) * factor
    if token.type == "ident":
        relative = _RELATIVE.get(token.lower_value)
        return around * relative if relative else _SIZES.get(token.lower_value)
    return None


def _hides(declared: Mapping[str, Declared]) -> bool:
    said = {
        name: str(getattr(one.tokens[0], "lower_value", getattr(one.tokens[0], "value", "")))
        for name, one in declared.items()
        if len(one.tokens) == 1
    }
    flat = said.get("overflow") == "hidden" and any(_zero(said.get(name, "")) for name in ("height", "max-height"))
    return flat or said.get("display") == "none" or said.get("visibility") == "hidden" or _zero(said.get("opacity", ""))


def _zero(value: str) -> bool:
    return value in ("0", "0.0")
