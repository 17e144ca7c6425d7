"""Each feature is recognised where it is used: features.txt has one use of each, and traps stand here."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.check.clients import features
from publisher.check.clients.features import UNSEEN, seen
from publisher.check.clients.html import uses
from publisher.check.clients.judgement import (
    _ADVICE_BY_NAME,
    TRAPS,
    Weight,
    _names_for,
    advice_on,
    feature_of,
    listed,
    weight_of,
)
from publisher.check.clients.support import table

LINES = Path(__file__).with_name("features.txt").read_text(encoding="utf-8").splitlines()
USES = [tuple(line.split(" | ", 1)) for line in LINES]


def page(snippet: str) -> etree._Element:
    """Make a mail of a use: HTML, `style:` with declarations, or `kept:` with rules."""
    kind, _, css = snippet.partition(": ")
    if kind == "style":
        snippet = f"<p style='{css}'>Text.</p>"
    elif kind == "kept":
        snippet = f"<style>{css}</style>"
    document = f"<!DOCTYPE html><html lang=en><head><title>A</title></head><body>{snippet}</body></html>"
    return etree.fromstring(document.encode(), etree.HTMLParser(encoding="utf-8", huge_tree=True))


def found(snippet: str) -> set[str]:
    """Give the rules that a use falls under."""
    return {use.found.rule for use in uses(page(snippet))}


def weights(snippet: str, rule: str) -> set[Weight]:
    return {use.found.weight or weight_of(rule) for use in uses(page(snippet)) if use.found.rule == rule}


@pytest.mark.parametrize(("feature", "snippet"), USES, ids=[feature for feature, _ in USES])
def test_a_feature_is_recognised(feature: str, snippet: str) -> None:
    assert feature in found(snippet)


def test_every_feature_of_the_table_is_recognised_or_has_a_reason_why_not() -> None:
    assert {feature for feature, _ in USES} == set(table().features) - set(UNSEEN) == seen()


def test_a_use_that_is_not_recognised_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(features.PROPERTIES, "gap")
    assert "css-gap" not in found("style: gap: 2px")


def test_a_plain_mail_uses_next_to_nothing() -> None:
    assert found("<p>Text.</p>") == {"html-doctype", "html-body", "html-p", "html-lang"}


@pytest.mark.parametrize(
    ("rule", "snippet"),
    [
        ("css-at-media.height", "kept: @media (min-height: 400px) { .a { color: #000000 } }"),
        ("css-at-media.nested", "kept: @media screen { @media (max-width: 480px) { .a { color: #000000 } } }"),
        ("css-at-media.nested", "kept: @supports (gap: 1px) { @font-face { font-family: Sample } }"),
        ("css-background.image", "style: background: url(https://notes.example/a.png)"),
        ("css-background.image", "style: background: linear-gradient(#ffffff, #000000)"),
        ("css-display-none.nested", "<div style='display: none'><table></table></div>"),
        ("css-display-none.nested", "<img style='display: none' src='https://notes.example/a.png'>"),
        ("css-important.capitals", "kept: .a { color: #000000 ! IMPORTANT }"),
        ("css-important.inline", "style: color: #000000 !important"),
        ("css-list-style.image", "style: list-style: url(https://notes.example/a.png)"),
        ("css-margin.auto", "style: margin: 0 auto"),
        ("css-margin.negative", "style: margin-top: -4px"),
        ("css-max-width.block", "style: max-width: 600px"),
        ("css-padding.block", "style: padding: 0 4px"),
        ("css-rgb.alpha", "style: color: rgb(0, 0, 0, 0.5)"),
        ("css-rgb.space", "style: color: rgb(0 0 0)"),
        ("css-rgb.space", "style: color: RGB(0 0 0 / 50%)"),
        ("css-rgba.space", "style: border: 1px solid rgba(0 0 0 / 0.5)"),
        ("css-text-align.flow", "style: text-align: start"),
        ("css-white-space.pre", "style: white-space: pre"),
        ("css-width.block", "style: width: 50%"),
        ("html-lang.cell", "<table><tr><td lang=de>Text.</td></tr></table>"),
        ("html-lists.reversed", "<ol reversed><li>Text.</li></ol>"),
        ("html-style.body", "<style>.a { color: #000000 }</style>"),
    ],
)
def test_a_use_that_fails_where_others_work_is_recognised(rule: str, snippet: str) -> None:
    assert rule in found(snippet)
    assert rule in TRAPS


def test_every_trap_is_about_a_feature_of_the_table() -> None:
    assert {feature_of(rule) for rule in TRAPS} <= set(table().features)
    assert {trap.feature for trap in TRAPS.values()} == {feature_of(rule) for rule in TRAPS}


@pytest.mark.parametrize(
    "snippet",
    [
        "style: color: rgb(0, 0, 0); text-align: left; padding: 0; max-width: none; white-space: normal",
        "<table><tr><td style='padding: 4px'>Text.</td></tr></table>",
        "<img width=600 style='width: 100%' src='https://notes.example/a.png'>",
        "<ol><li>Text.</li></ol>",
        "kept: @media (max-width: 480px) { .a { color: #000000 !important } }",
    ],
)
def test_the_ordinary_use_is_no_trap(snippet: str) -> None:
    assert found(snippet) & set(TRAPS) <= {"html-style.body"}


@pytest.mark.parametrize(
    ("weight", "rule", "snippet"),
    [
        # Refining …
        (Weight.HARMLESS, "css-display-flex", "kept: @media (min-width: 600px) { .a { display: flex } }"),
        (Weight.BREAKS, "css-display-flex", "kept: .a { display: flex }"),
        (Weight.HARMLESS, "css-selector-attribute", "kept: @media screen { td[class] { color: #000000 } }"),
        # … but for what makes Gmail drop all the rest.
        (Weight.BREAKS, "css-modern-color", "kept: @media (min-width: 600px) { .a { color: oklch(0.4 0.1 250) } }"),
        (Weight.BREAKS, "css-rgb.space", "kept: [data-ogsc] .a { color: rgb(0 0 0) }"),
        (Weight.BREAKS, "css-rgb.space", "style: display: none; color: rgb(0 0 0)"),
        # Something else stands in.
        (Weight.HARMLESS, "css-display-none", "style: display: none; max-height: 0; overflow: hidden; opacity: 0"),
        (Weight.HARMLESS, "css-opacity", "style: display: none; max-height: 0; overflow: hidden; opacity: 0"),
        (Weight.BREAKS, "css-display-none", "style: display: none"),
        (Weight.HARMLESS, "css-unit-rem", "style: font-size: 16px; font-size: 1rem"),
        (Weight.BREAKS, "css-unit-rem", "style: font-size: 1rem"),
        (Weight.BREAKS, "css-background-image", "style: background-image: url(https://notes.example/a.png)"),
        (
            Weight.HARMLESS,
            "css-background-image",
            "style: background-color: #ffffff; background-image: url(https://notes.example/a.png)",
        ),
        (Weight.HARMLESS, "css-linear-gradient", "style: background: #ffffff; background: linear-gradient(#fff, #000)"),
        (Weight.HARMLESS, "css-margin.auto", "<table align=center style='margin: 0 auto'></table>"),
        (Weight.CHANGES, "css-margin.auto", "<table style='margin: 0 auto'></table>"),
        (Weight.HARMLESS, "css-white-space", "<pre style='white-space: pre-wrap'>a</pre>"),
        (Weight.CHANGES, "css-white-space", "<div style='white-space: pre-wrap'>a</div>"),
        (Weight.HARMLESS, "css-position", "style: position: relative"),
        (Weight.BREAKS, "css-position", "style: position: relative; left: 2px"),
        (Weight.HARMLESS, "html-picture", "<picture><source srcset=b><img src=a></picture>"),
        (Weight.BREAKS, "html-picture", "<picture><source srcset=b></picture>"),
        (Weight.CHANGES, "html-video", "<video><a href='https://notes.example/'>Watch</a></video>"),
        (Weight.BREAKS, "html-video", "<video><source src=b></video>"),
        (Weight.HARMLESS, "html-style", "<p style='color: #000000'>Text.</p><style>p { color: #000000 }</style>"),
        (Weight.BREAKS, "html-style", "<p>Text.</p><style>p { color: #000000 }</style>"),
    ],
)
def test_what_stands_around_a_use_decides_how_much_it_matters(weight: Weight, rule: str, snippet: str) -> None:
    assert weights(snippet, rule) == {weight}


@pytest.mark.parametrize(
    "selector", ["[data-ogsc] .a", "u + .a", "u ~ div > .a", "#MessageViewBody .a", ".ExternalClass p", "a[x-apple-data-detectors]"]
)  # fmt: skip
def test_selectors_for_one_mail_program_are_no_features_of_the_mail(selector: str) -> None:
    assert not {rule for rule in found(f"kept: {selector} {{ color: #000000 }}") if rule.startswith("css-selector")}


@pytest.mark.parametrize("style", ["float: none", "opacity: inherit", "word-break: normal", "visibility: visible"])
def test_taking_something_back_uses_nothing(style: str) -> None:
    assert not {rule for rule in found(f"style: {style}") if rule.startswith("css-")}


@pytest.mark.parametrize(
    ("address", "feature"),
    [
        ("https://notes.example/a.WEBP?width=600", "image-webp"),
        ("https://notes.example/a.svg#icon", "image-svg"),
        ("cid:lead.jpg@notes.example", "image-jpg"),
        ("https://notes.example/picture", None),
        ("https://notes.example/a.php", None),
    ],
)
def test_the_format_of_a_picture_is_told_by_its_address(address: str, feature: str | None) -> None:
    images = {rule for rule in found(f'<img src="{address}">') if rule.startswith("image-")}
    assert images == ({feature} if feature else set())


@pytest.mark.parametrize("address", ["url(https://notes.example/a.svg)", 'url("https://notes.example/a.svg")'])
def test_pictures_of_style_sheets_are_looked_at_too(address: str) -> None:
    assert "image-svg" in found(f"kept: .a {{ background-image: {address} }}")


def test_a_variable_matters_where_it_is_used() -> None:
    assert not {rule for rule in found("style: --ink: rgb(0 0 0)") if rule.startswith("css-")}
    assert "css-variables" in found("style: --ink: #000000; color: var(--ink, #000000)")


def test_what_is_only_for_outlook_or_only_for_the_others_is_known() -> None:
    for_others = "<!--[if !mso]><!--><video></video><!--<![endif]--><audio></audio><!--[if mso]><svg></svg><![endif]-->"
    unseen = {use.found.rule: use.unseen_by_word for use in uses(page(for_others))}
    assert (unseen["html-video"], unseen["html-audio"]) == (True, False)
    assert "html-svg" not in unseen


def test_lines_are_those_of_the_file() -> None:
    document = page("<style>\n.a { color: #000000 }\n.b {\n gap: 2px }</style>\n<p style='float: left'>Text.</p>")
    lines = {use.found.rule: use.line for use in uses(document)}
    assert (lines["css-gap"], lines["css-float"]) == (4, 5)


def test_what_is_listed_exists_and_each_rule_has_words() -> None:
    known = {*seen(), *TRAPS}
    assert listed() <= known
    for rule in known:
        for weight in Weight:
            consequence, cure = advice_on(rule, weight)
            assert consequence
            assert bool(cure) is (weight is not Weight.HARMLESS)


def test_advice_is_for_the_feature_or_its_family_and_for_no_other() -> None:
    def consequence(rule: str) -> str:
        return advice_on(rule, Weight.BREAKS)[0]

    ruby = {rule for rule in (*seen(), *TRAPS) if consequence(rule) == "the reading stands behind the word"}
    assert ruby == {"html-ruby", "html-rt", "html-rp"}
    assert "list-style-type" not in advice_on("css-list-style-type", Weight.CHANGES)[1]
    assert consequence("css-at-media") != consequence("css-at-media-hover")
    assert consequence("css-rgba.space") == consequence("css-rgb.space") != consequence("css-rgb.alpha")
    assert consequence("css-unit-vw") == consequence("css-unit-ch") != consequence("css-unicode-range")


def test_each_row_of_advice_is_for_something() -> None:
    used = {next(name for name in _names_for(rule) if name in _ADVICE_BY_NAME) for rule in (*seen(), *TRAPS)}
    assert set(_ADVICE_BY_NAME) == used


def test_a_mail_without_ruby_is_never_told_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking beginnings of names for families gave <p role> the advice on <ruby>."""
    monkeypatch.setitem(_ADVICE_BY_NAME, "html-role", _ADVICE_BY_NAME["html-ruby"])
    with pytest.raises(AssertionError):
        test_advice_is_for_the_feature_or_its_family_and_for_no_other()


# ---------------------------------------------------------------- hostile input

_CSS = st.lists(
    st.sampled_from(
        """{ } ( ) [ ] ; : , . # @ ! * > + ~ / \\ " ' url( rgb( rgb(0_0_0) @media @import !important --x var(--x) & -1px 50%
        display none margin auto :not( ::before data-ogsc <!-- --> /* */ \0 \ud83d é 1e999px""".split()
    )
    | st.text(max_size=6),
    max_size=40,
).map(" ".join)


@given(_CSS)
def test_no_css_is_too_odd(css: str) -> None:
    root = page("<p>Text.</p><style></style>")
    legal = "".join(
        char for char in css if char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff"
    )
    for element in root.iter("p", "style"):
        element.set("style", legal)
        element.text = legal
    assert {use.found.rule for use in uses(root)} <= {*table().features, *TRAPS}


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode(errors="replace")))
def test_no_html_is_too_odd(data: bytes) -> None:
    root = etree.fromstring(b"<html>" + data, etree.HTMLParser(encoding="utf-8", huge_tree=True))
    assert {use.found.rule for use in uses(root)} <= {*table().features, *TRAPS}


@pytest.mark.parametrize(
    "hole", ["((((", "{{{{", "[[[[", "a{b{", "@media{", "/*", '"', "url(", "rgb(rgb(", ":not(:not("]
)
def test_deep_nesting_in_css_is_survived(hole: str) -> None:
    assert "html-p" in found(f"<p style='color: {hole * 5000}'>Text.</p><style>.a {hole * 5000}</style>")


def test_css_beyond_all_measure_is_not_looked_at() -> None:
    filler = "color: #000000;" * 14_000
    assert "css-gap" not in found(f"style: {filler} gap: 2px")
    assert "css-gap" in found(f"style: {filler[: len(filler) // 2]} gap: 2px")
