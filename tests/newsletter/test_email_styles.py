"""The style sheets of mails keep to what the inliner and mail programs can do."""

import re
from itertools import product

import pytest

from publisher.templating import bundled

STYLE = re.sub(r"/\*.*?\*/", "", bundled().render("email/style.css", {"start": "left"}), flags=re.DOTALL)
KEPT = re.sub(r"/\*.*?\*/", "", bundled().text("email/kept.css"), flags=re.DOTALL)
WEB = re.sub(r"/\*.*?\*/", "", bundled().text("email/web.css"), flags=re.DOTALL)
RULES = dict(re.findall(r"\.([a-z0-9-]+) \{ (.*?) \}", STYLE))

LIGHT_TEXTS = ("#22262b", "#565d66", "#1a5276", "#454b53", "#16191d")
LIGHT_GROUNDS = ("#ffffff", "#f7f7f4", "#eef3f7", "#f4f4f1")
DARK_TEXTS = ("#e3e2de", "#a9b0b8", "#8cc4ee", "#c6c9cc", "#f4f3ef")
DARK_GROUNDS = ("#1b1e22", "#21252a", "#232d36", "#282d33")


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _texts(css: str) -> set[str]:
    return set(re.findall(r"(?<![a-z-])color: (#[0-9a-f]{6})", css))


@pytest.mark.parametrize(("text", "ground"), [*product(LIGHT_TEXTS, LIGHT_GROUNDS), *product(DARK_TEXTS, DARK_GROUNDS)])
def test_text_can_be_read_on_every_ground(text: str, ground: str) -> None:
    """WCAG 2.2, success criterion 1.4.3."""
    dark, light = sorted((_luminance(text), _luminance(ground)))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_no_other_colours_are_used_for_text() -> None:
    unseen = {"#f1f0ec", "#dddbd4"}  # the preheader, and a rule, which has no text
    assert _texts(STYLE) <= set(LIGHT_TEXTS) | unseen
    assert _texts(KEPT) <= set(DARK_TEXTS) | {"#121417"}


def test_selectors_are_single_classes() -> None:
    selectors = [selector.strip() for selector in re.findall(r"([^{}]+)\{", STYLE)]
    assert selectors == [f".{name}" for name in RULES]


def test_colours_are_six_hexadecimal_digits() -> None:
    for css in (STYLE, KEPT, WEB):
        assert not re.search(r"rgb|hsl|oklch|lab\(|var\(|#[0-9a-fA-F]{3}\b(?![0-9a-fA-F])", css)


def test_the_kept_style_is_flat_and_small() -> None:
    assert len(bundled().text("email/kept.css").encode()) <= 16_384
    assert not re.search(r"@[^{}]*\{[^{}]*@", KEPT)
    assert re.findall(r"!\w+", KEPT) == ["!important"] * KEPT.count("!")


def test_kept_rules_are_for_classes_that_exist() -> None:
    assert set(re.findall(r"\.([a-z][a-z0-9-]*)", KEPT)) <= set(RULES)


def test_every_class_of_the_templates_has_a_rule() -> None:
    names = ("email/issue.html", "email/_macros.html", "email/web.html")
    used = {
        word
        for name in names
        for value in re.findall(r'class="([^"]*)"', bundled().text(name))
        for word in value.split()
    }
    assert used - {"dot"} <= set(RULES) | set(re.findall(r"\.([a-z]+)", WEB))
