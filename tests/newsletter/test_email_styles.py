"""The style sheets of mails keep to what the inliner and mail programs can do."""

import inspect
import re
from itertools import product
from pathlib import Path

import pytest

from publisher.config.newsletter import LookSettings
from publisher.newsletter import body
from publisher.newsletter.look import CONTRAST, contrast, look
from publisher.templating import bundled, bundled_templates

LOOK = look(LookSettings(), "Field Notes")


def _rendered(name: str) -> str:
    return re.sub(r"/\*.*?\*/", "", bundled().render(name, {"look": LOOK}), flags=re.DOTALL)


STYLE, KEPT, WEB = map(_rendered, ("email/style.css", "email/kept.css", "email/web.css"))
RULES = dict(re.findall(r"\.([a-z0-9-]+) \{ (.*?) \}", STYLE))
#: Grounds of what has no words: what is around the sheet, and the stripe.
WORDLESS = {LOOK.light.page, LOOK.light.accent, LOOK.dark.page, LOOK.dark.accent}


def _texts(css: str) -> set[str]:
    return set(re.findall(r"(?<![a-z-])color: (#[0-9a-f]{6})", css))


def _grounds(css: str) -> set[str]:
    return set(re.findall(r"background-color: (#[0-9a-f]{6})", css))


@pytest.mark.parametrize(
    ("text", "ground"),
    [pair for colours in (LOOK.light, LOOK.dark) for pair in product(colours.texts, colours.grounds)],
)
def test_text_can_be_read_on_every_ground(text: str, ground: str) -> None:
    assert contrast(text, ground) >= CONTRAST


def test_no_other_colours_are_used_for_text_and_grounds() -> None:
    assert _texts(STYLE) <= {*LOOK.light.texts}
    assert _texts(KEPT) <= {*LOOK.dark.texts}
    assert _grounds(STYLE) <= {*LOOK.light.grounds} | WORDLESS
    assert _grounds(KEPT) <= {*LOOK.dark.grounds} | WORDLESS


def test_what_has_a_ground_says_its_text_colour_too() -> None:
    assert [name for name, rule in RULES.items() if "background-color" in rule and not _texts(rule)] == []


def test_every_class_with_a_colour_has_one_in_the_dark() -> None:
    dark = KEPT.partition("prefers-color-scheme: dark")[2].partition("[data-ogs")[0]
    coloured = {name for name, rule in RULES.items() if "#" in rule}
    assert coloured <= set(re.findall(r"\.([a-z][a-z0-9-]*)", dark))
    for each in re.findall(r"\.([a-z][a-z0-9-]*)[^{}]*\{[^{}]*(?<!-)color: ", dark):
        assert f"[data-ogsc] .{each}" in KEPT or each in ("page", "preheader", "card", "stripe")


def test_selectors_are_single_classes() -> None:
    selectors = [selector.strip() for selector in re.findall(r"([^{}]+)\{", STYLE)]
    assert selectors == [f".{name}" for name in RULES]


def test_colours_are_six_hexadecimal_digits() -> None:
    for css in (STYLE, KEPT, WEB):
        assert not re.search(r"rgb|hsl|oklch|lab\(|var\(|#[0-9a-fA-F]{3}\b(?![0-9a-fA-F])", css)


def test_the_kept_style_is_flat_small_and_important() -> None:
    assert len(bundled().render("email/kept.css", {"look": LOOK}).encode()) < 16_384
    assert not re.search(r"@[^{}]*\{[^{}]*@", KEPT)
    assert re.findall(r"!\w+", KEPT) == ["!important"] * KEPT.count("!")
    rules = KEPT.replace(":root { color-scheme: light dark; }", "")
    assert re.findall(r"[a-z-]+: [^;{}]*(?<!!important);", rules) == []


def test_what_hardly_any_mail_program_knows_is_not_inlined() -> None:
    """Features that Gmail, Yahoo or Outlook on the web do not know (caniemail.com)."""
    unknown = (
        "overflow-wrap word-break opacity gap flex grid position box-shadow text-decoration-thickness font-style "
        "text-underline-offset letter-spacing list-style-image margin-inline padding-inline inset transform"
    ).split()
    used = {name for rule in RULES.values() for name in re.findall(r"([a-z-]+):", rule)}
    assert used & set(unknown) == set()
    assert not re.search(r"margin[a-z-]*:[^;]*(auto|-\d)", STYLE)


def test_kept_rules_are_for_classes_that_exist() -> None:
    assert set(re.findall(r"\.([a-z][a-z0-9-]*)", KEPT)) <= set(RULES)


def _classes(path: Path) -> set[str]:
    """Return the classes a template writes, those that depend on a direction in both forms."""
    values = re.findall(r'class="((?:\{[{%].*?[%}]\}|[^"{])*)"', path.read_text(encoding="utf-8"))
    words = " ".join(re.sub(r"\{%.*?%\}", " ", value) for value in values)
    words = re.sub(r"\{\{ *(?:section\.)?direction *\}\}", "ltr", words)
    return set(re.sub(r"\{\{(.*?)\}\}", lambda found: " ".join(re.findall(r'"([a-z ]+)"', found[1])), words).split())


def test_every_class_of_the_templates_has_a_rule() -> None:
    paths = sorted((bundled_templates() / "email").glob("*.html"))
    used = {word for path in paths for word in _classes(path)}
    assert len(used) > 30
    assert used - {"style", "letter", "line"} <= set(RULES) | set(re.findall(r"\.([a-z]+)", WEB))
    assert {name.replace("-ltr", "-rtl") for name in RULES} <= set(RULES)


def test_every_rule_is_for_something() -> None:
    paths = sorted((bundled_templates() / "email").glob("*.html"))
    written = " ".join(path.read_text(encoding="utf-8") for path in paths) + inspect.getsource(body)
    names = {name.removesuffix("-ltr").removesuffix("-rtl") for name in RULES}
    assert [name for name in sorted(names) if not re.search(rf'[" ]{name}[-" %{{]', written)] == []
