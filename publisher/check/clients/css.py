"""Features in CSS: style sheets that stay in a mail, and style attributes."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import tinycss2
from tinycss2.ast import AtRule, Declaration, QualifiedRule

from publisher.check.clients.features import (
    AT_RULES,
    COMBINATORS,
    FUNCTIONS,
    IMAGES,
    MEDIA,
    PROPERTIES,
    PSEUDO_CLASSES,
    PSEUDO_ELEMENTS,
    UNITS,
    VALUES,
    WORDS,
)
from publisher.check.clients.judgement import POISON, Weight
from publisher.check.clients.numbers import readable

#: Declarations that take something back; where they are ignored, there is nothing to take back.
_NEUTRAL = frozenset({"none", "normal", "auto", "static", "visible", "inherit", "unset", "revert"})
_CAPITALS = re.compile(r"!\s*(?!important)(?i:important)")
_SUFFIX = re.compile(r"\.([A-Za-z0-9]{2,5})(?:[?#]|@[^/]*$|$)")
_HIDING = frozenset({"mso-hide", "max-height", "font-size"})
_CELLS = frozenset({"td", "th", "table"})
_NO_WIDTH = frozenset({"body", "span", "div", "p", "img"})
_BACKGROUNDS = frozenset({"background", "background-image"})
#: Selectors that one mail program's own changes to the HTML make true, and that mean nothing elsewhere.
_HOOKS = frozenset(
    "data-ogsc data-ogsb data-ogac data-ogab data-outlook-cycle owa office365 x-apple-data-detectors".split()
)
_HOOK_NAMES = frozenset({"ExternalClass", "outlook", "MessageViewBody", "moz-text-html", "yshortcuts", "gmail-fix"})


class Found(NamedTuple):
    """A feature that is used."""

    #: Feature, or feature with the name of a trap.
    rule: str
    #: The use in words, such as `the property gap`.
    shown: str
    #: How much it matters here, where that is known better than for the rule as such.
    weight: Weight | None = None
    #: Lines below the beginning of the style sheet.
    below: int = 0


class Place(NamedTuple):
    """What matters of the element that a style attribute stands on."""

    #: Its name; empty in a style sheet.
    tag: str = ""
    #: Whether attributes give it a background colour.
    coloured: bool = False
    #: Whether attributes say on which side it stands.
    aligned: bool = False
    #: Whether attributes give it a width.
    sized: bool = False


def image_found(address: str) -> Found | None:
    """Return the format of a picture, as far as its address tells."""
    address = address.strip()
    if address[:5].lower() == "data:":
        return Found("image-base64", "a picture in a data: address")
    ending = _SUFFIX.search(address[-200:])
    feature = IMAGES.get(ending[1].lower()) if ending else None
    return Found(feature, f"a picture of the format {feature[6:].upper()}") if feature else None


def in_attribute(style: str, place: Place) -> list[Found]:
    """Return the features of a style attribute."""
    nodes = tinycss2.parse_blocks_contents(readable(style), skip_comments=True, skip_whitespace=True)
    declarations = [node for node in nodes if isinstance(node, Declaration)]
    found = list(_declared(declarations, place))
    if any(one.important for one in declarations):
        found += [Found(rule, "!important in a style attribute") for rule in ("css-important", "css-important.inline")]
    return [*found, *_written(style)]


def in_sheet(css: str) -> Iterator[Found]:
    """Yield the features of a style element's text.

    What stands in at-rules, and behind selectors for one mail program, refines what is there without it; only what
    makes Gmail drop everything counts in full there.
    """
    yield from _written(css)
    # A stack, as the depth is the author's choice: nodes, whether they stand in an at-rule, and whether in a rule.
    waiting = [(tinycss2.parse_stylesheet(readable(css), skip_comments=True, skip_whitespace=True), False, False)]
    while waiting:
        nodes, in_at, in_rule = waiting.pop()
        declarations = [node for node in nodes if isinstance(node, Declaration)]
        yield from _kept(_declared(declarations, Place()), refining=in_at)
        for node in nodes:
            if isinstance(node, AtRule):
                nested = in_at or in_rule
                yield from _kept(_at_rule(node, nested=nested), refining=nested, below=node.source_line - 1)
                if node.content is not None and node.lower_at_keyword not in ("font-face", "keyframes", "page"):
                    waiting.append((_inside(node), True, in_rule))
            elif isinstance(node, QualifiedRule):
                hook = _is_hook(node.prelude)
                rules = [*_selected(node.prelude)] if not hook else []
                if in_rule:
                    rules.append(Found("css-nesting", "a rule within a rule"))
                yield from _kept(rules, refining=in_at, below=node.source_line - 1)
                waiting.append((_inside(node), in_at or hook, True))


def _inside(node: AtRule | QualifiedRule) -> list[Any]:
    nodes: list[Any] = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
    return nodes


def _kept(found: Iterator[Found] | Sequence[Found], *, refining: bool, below: int = 0) -> Iterator[Found]:
    for one in found:
        weight = Weight.HARMLESS if refining and one.rule not in POISON else one.weight
        yield one._replace(weight=weight, below=below or one.below)


def _written(css: str) -> Iterator[Found]:
    """Yield what is lost when CSS is parsed."""
    if "/*" in css:
        yield Found("css-comments", "a comment in CSS")
    if _CAPITALS.search(css):
        yield Found("css-important.capitals", "!important in capitals")


# ---------------------------------------------------------------- at-rules and selectors


def _at_rule(rule: AtRule, *, nested: bool) -> Iterator[Found]:
    name = rule.lower_at_keyword
    if name in AT_RULES:
        yield Found(AT_RULES[name], f"@{name}")
    if nested:
        yield Found("css-at-media.nested", f"@{name} within another rule")
    if name == "media":
        for word in sorted({token.lower_value for token in _tokens(rule.prelude) if token.type == "ident"}):
            if word in MEDIA:
                yield Found(MEDIA[word], f"@media ({word})")
            elif word in ("height", "min-height", "max-height"):
                yield Found("css-at-media.height", f"@media ({word})")


def _is_hook(prelude: Sequence[Any]) -> bool:
    tokens = list(_tokens(prelude))
    # Gmail puts a <u> before what was the body.
    if [getattr(token, "value", "") for token in tokens[:2]] in (["u", "+"], ["u", "~"]):
        return True
    names = [token.value for token in tokens if token.type in ("hash", "ident")]
    return any(name in _HOOK_NAMES or name.lower() in _HOOKS for name in names)


def _selected(prelude: Sequence[Any]) -> Iterator[Found]:
    """Yield the features of a rule's selectors."""
    found: set[str] = set()
    previous, classes, gap = "", 0, False
    for token in prelude:
        kind = token.value if token.type == "literal" else token.type
        if kind == "whitespace":
            gap = True
            continue
        joining = kind == "," or kind in COMBINATORS
        if gap and previous and not joining and previous != "," and previous not in COMBINATORS:
            found.add("css-selector-descendant")
        classes = 0 if joining or gap else classes
        classes += kind == "."
        gap = False
        found.update(_selector_part(token, kind, previous))
        if classes > 1:
            found.add("css-selector-chaining")
        previous = "::" if kind == previous == ":" else kind
    yield from (Found(feature, _selector_words(feature)) for feature in sorted(found))


def _selector_part(token: Any, kind: str, previous: str) -> Iterator[str]:
    if kind in COMBINATORS:
        yield COMBINATORS[kind]
    elif kind == ",":
        yield "css-selector-grouping"
    elif kind == "*":
        yield "css-selector-universal"
    elif kind == "hash":
        yield "css-selector-id"
    elif kind == "[] block":
        yield "css-selector-attribute"
    elif kind == "ident" and previous == ".":
        yield "css-selector-class"
    elif kind in ("ident", "function") and previous in (":", "::"):
        name = token.lower_value if kind == "ident" else token.lower_name
        yield from (table[name] for table in (PSEUDO_ELEMENTS, PSEUDO_CLASSES) if name in table)
    elif kind == "ident":
        yield "css-selector-type"


def _selector_words(feature: str) -> str:
    kind, _, name = feature.removeprefix("css-").partition("-")
    if kind == "selector":
        return f"a selector by {name.replace('-', ' ')}"
    colons, name = (":", name.removeprefix("class-")) if name.startswith("class-") else ("::", name[8:])
    return f"the selector {colons}{name}"


# ---------------------------------------------------------------- declarations


def _declared(declarations: Sequence[Declaration], place: Place) -> Iterator[Found]:
    named = {one.lower_name: one for one in declarations}
    hidden = _ident(named.get("display")) == "none"
    secured = hidden and not _HIDING.isdisjoint(named)
    before: set[str] = set()
    for declaration in declarations:
        below, again = declaration.source_line - 1, declaration.lower_name in before
        before.add(declaration.lower_name)
        for one in _values(declaration, named, place):
            weight = one.weight
            if one.rule == "css-display-none":
                weight = Weight.HARMLESS if secured else None
            elif (hidden or again) and one.rule not in POISON:  # it only helps to hide, or the one before holds
                weight = Weight.HARMLESS
            yield one._replace(weight=weight, below=below)


def _ident(declaration: Declaration | None) -> str:
    """Return the value of a declaration that is one word."""
    tokens = [token for token in declaration.value if token.type != "whitespace"] if declaration else []
    return tokens[0].lower_value if len(tokens) == 1 and tokens[0].type == "ident" else ""


def _values(declaration: Declaration, named: dict[str, Declaration], place: Place) -> Iterator[Found]:
    name, tokens = declaration.lower_name, list(_tokens(declaration.value))
    if name.startswith("--"):  # matters where it is used
        return
    words = {token.lower_value for token in tokens if token.type == "ident"}
    weight = _own_weight(name, words, tokens, named, place)
    if name in PROPERTIES and not (words and words <= _NEUTRAL and len(tokens) == len(words)):
        yield Found(PROPERTIES[name], f"the property {name}", weight)
    for word in sorted(words):
        if (name, word) in VALUES:
            yield Found(VALUES[name, word], f"{name}: {word}")
        if word in WORDS:
            yield Found(WORDS[word], f"the value {word}", weight)
    for token in tokens:
        yield from _token(token, weight if name in _BACKGROUNDS else None)
    yield from _traps(name, words, tokens, place, weight)


def _own_weight(
    name: str, words: set[str], tokens: Sequence[Any], named: dict[str, Declaration], place: Place
) -> Weight | None:
    """Return how much a declaration matters, where others beside it, or its value, say so."""
    harmless = False
    if name in _BACKGROUNDS:
        plain = named.get("background-color") or (named.get("background") if name != "background" else None)
        harmless = place.coloured or plain is not None
    elif name == "position":
        harmless = words == {"relative"} and named.keys().isdisjoint(("left", "right", "top", "bottom", "z-index"))
    elif name == "white-space":
        harmless = place.tag == "pre" or words == {"nowrap"}
    elif name in ("margin", "margin-left", "margin-right"):
        harmless = place.aligned and not any(_is_negative(token) for token in tokens)
    return Weight.HARMLESS if harmless else None


def _token(token: Any, weight: Weight | None) -> Iterator[Found]:
    if token.type == "dimension" and token.lower_unit in UNITS:
        yield Found(UNITS[token.lower_unit], f"the unit {token.lower_unit}")
    elif token.type == "percentage":
        yield Found("css-unit-percent", "the unit %")
    elif token.type == "function":
        yield from _function(token, weight)
    elif token.type == "url" and (picture := image_found(token.value)):
        yield picture


def _function(token: Any, weight: Weight | None) -> Iterator[Found]:
    name = token.lower_name
    if name in FUNCTIONS:
        yield Found(FUNCTIONS[name], f"{name}()", weight if "gradient" in name else None)
    if name in ("rgb", "rgba"):
        commas = sum(part == "," for part in token.arguments)
        # With blanks or a slash; var() inside is told by itself.
        if not commas and any(part.type in ("number", "percentage") for part in token.arguments):
            yield Found(f"css-{name}.space", f"{name}() without commas")
        elif name == "rgb" and commas > 2:
            yield Found("css-rgb.alpha", "rgb() with transparency")
    elif name == "url":
        for part in token.arguments:
            if part.type == "string" and (picture := image_found(part.value)):
                yield picture


def _traps(name: str, words: set[str], tokens: Sequence[Any], place: Place, weight: Weight | None) -> Iterator[Found]:
    pictured = any(token.type == "url" or (token.type == "function" and token.lower_name == "url") for token in tokens)
    if name == "margin" or name.startswith("margin-"):
        if any(_is_negative(token) for token in tokens):
            yield Found("css-margin.negative", "a negative margin", weight)
        if "auto" in words:
            yield Found("css-margin.auto", "margin: auto", weight)
    elif (name == "padding" or name.startswith("padding-")) and place.tag and place.tag not in _CELLS:
        if any(getattr(token, "value", 0) for token in tokens if token.type in ("dimension", "percentage")):
            yield Found("css-padding.block", f"padding on <{place.tag}>")
    elif name == "max-width" and place.tag and place.tag != "table" and "none" not in words:
        yield Found("css-max-width.block", f"max-width on <{place.tag}>")
    elif name == "width" and place.tag in _NO_WIDTH and not place.sized and "auto" not in words:
        yield Found("css-width.block", f"width on <{place.tag}>")
    elif name == "background" and (pictured or any("gradient" in getattr(one, "lower_name", "") for one in tokens)):
        yield Found("css-background.image", "a picture in the property background", weight)
    elif name == "list-style" and pictured:
        yield Found("css-list-style.image", "a picture in the property list-style")
    elif name == "text-align" and words & {"start", "end"}:
        yield Found("css-text-align.flow", "text-align: start or end")
    elif name == "white-space" and "pre" in words:
        yield Found("css-white-space.pre", "white-space: pre", weight)


def _is_negative(token: Any) -> bool:
    return token.type in ("dimension", "percentage", "number") and token.value < 0


def _tokens(tokens: Sequence[Any]) -> Iterator[Any]:
    """Yield the tokens of a value and of the functions and brackets in it, without white space."""
    waiting = list(reversed(tokens))
    while waiting:
        token = waiting.pop()
        if token.type in ("whitespace", "comment"):
            continue
        yield token
        inner = getattr(token, "arguments", None) or getattr(token, "content", None)
        if inner:
            waiting.extend(reversed(inner))
