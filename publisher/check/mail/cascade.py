"""As much of the CSS cascade (https://www.w3.org/TR/css-cascade-4/) as tells how text in a mail looks.

Of the style sheets, rules outside of media queries count, and those for a colour scheme; of their selectors, elements,
classes, ids and attributes, alone, below each other (a blank) or directly so (>). A mail needs no others.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

import tinycss2
from lxml import etree
from tinycss2.ast import AtRule, Declaration, Node, QualifiedRule
from tinycss2.color3 import parse_color

from publisher.check.clients.html import MOST_CSS, css_size, sheet_of
from publisher.check.clients.numbers import readable

_PROPERTIES = frozenset(
    """color background background-color font font-size font-weight display visibility opacity max-height height
    overflow color-scheme""".split()
)
#: Values of every property.
_WIDE = frozenset({"inherit", "initial", "unset", "revert"})
_PLAIN = frozenset({"screen", "all", "only", "and"})
_ATTRIBUTE = re.compile("[a-z0-9_-]+")
_SCHEME = "prefers-color-scheme"
#: Comparisons of an element with a selector, in all; a hostile sheet would ask for more than anybody waits for.
_MOST_STEPS = 250_000
#: Characters of a class attribute that are looked at.
_LONGEST_CLASSES = 500


class Scheme(Enum):
    """What the reader's system asks for."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Declared:
    """One declaration, as it competes with others."""

    name: str
    tokens: Sequence[Node]
    important: bool


@dataclass(frozen=True, slots=True)
class Compound:
    """A part of a selector that speaks of one element."""

    tag: str = ""
    id: str = ""
    classes: tuple[str, ...] = ()
    #: Names and values of attributes; None for any value.
    attributes: tuple[tuple[str, str | None], ...] = ()
    root: bool = False
    #: Whether what stands before is the parent, not just further up.
    child: bool = False

    @property
    def weight(self) -> tuple[int, int, int]:
        """Specificity."""
        return (bool(self.id), len(self.classes) + len(self.attributes) + self.root, bool(self.tag))

    def fits(self, element: etree._Element) -> bool:
        """Tell whether an element is what this speaks of."""
        return (
            (not self.tag or self.tag == element.tag)
            and (not self.id or self.id == element.get("id"))
            and (not self.classes or set(self.classes) <= set(_classes(element)))
            and all(_has(element, name, value) for name, value in self.attributes)
            and (not self.root or element.getparent() is None)
        )


def _classes(element: etree._Element) -> list[str]:
    return element.get("class", "")[:_LONGEST_CLASSES].split()


def _has(element: etree._Element, name: str, value: str | None) -> bool:
    found = element.get(name)
    return found is not None and value in (None, found)


@dataclass(frozen=True, slots=True)
class KeptRule:
    """A rule of a style sheet with one of its selectors."""

    #: From the outermost element to the one that is styled.
    selector: tuple[Compound, ...]
    declared: tuple[Declared, ...]
    order: int
    #: The only scheme it holds for; None for both.
    scheme: Scheme | None

    @property
    def weight(self) -> tuple[int, int, int]:
        """Specificity of the whole selector."""
        ids, classes, tags = zip(*(one.weight for one in self.selector), strict=True)
        return sum(ids), sum(classes), sum(tags)


#: Importance, whether it stands in the style attribute, specificity, order: the greatest wins.
Priority = tuple[bool, bool, tuple[int, int, int], int]


@dataclass
class Cascade:
    """All styles of a mail."""

    #: By id, class or tag of what is styled, the most telling of them; by * where there is none.
    rules: Mapping[str, Sequence[KeptRule]]
    #: Whether the mail says that it looks well on dark.
    dark: bool
    #: Whether there was so much of them that they were not read.
    unread: bool = False
    _inline: dict[str, tuple[Declared, ...]] = field(default_factory=dict)
    _steps: int = 0

    @property
    def exhausted(self) -> bool:
        """Whether there was more to read or to compare than anybody waits for, so that some elements were not looked at."""
        return self.unread or self._steps > _MOST_STEPS

    def of(self, element: etree._Element, scheme: Scheme) -> dict[str, Declared]:
        """Return the declarations that win for an element."""
        won: dict[str, tuple[Priority, Declared]] = {}
        for inline, weight, order, declared in self._competing(element, scheme):
            for one in declared:
                priority = (one.important, inline, weight, order)
                if one.name not in won or priority >= won[one.name][0]:
                    won[one.name] = priority, one
        # The order tells which of a shorthand and its long form was said last.
        return {name: one for name, (_, one) in sorted(won.items(), key=lambda item: item[1][0])}

    def _competing(
        self, element: etree._Element, scheme: Scheme
    ) -> Iterator[tuple[bool, tuple[int, int, int], int, tuple[Declared, ...]]]:
        if self.exhausted:
            return
        keys = {f"#{element.get('id')}", *(f".{name}" for name in _classes(element))}
        for key in sorted(keys | {str(element.tag), "*"}):
            for rule in self.rules.get(key, ()):
                self._steps += 1
                if rule.scheme in (None, scheme) and self._fits(element, rule.selector):
                    yield False, rule.weight, rule.order, rule.declared
        style = element.get("style")
        if style:
            if style not in self._inline:
                self._inline[style] = declarations(style)
            yield True, (0, 0, 0), 0, self._inline[style]

    def _fits(self, element: etree._Element, selector: tuple[Compound, ...]) -> bool:
        if self.exhausted or not selector[-1].fits(element):
            return False
        child = selector[-1].child
        above = element.getparent()
        for compound in reversed(selector[:-1]):
            while above is not None and not compound.fits(above):
                self._steps += 1
                above = None if child or self.exhausted else above.getparent()
            if above is None:
                return False
            above, child = above.getparent(), compound.child
        return True


def cascade_of(root: etree._Element) -> Cascade:
    """Read all styles of a mail, unless there are more than `MOST_CSS` characters of them."""
    if css_size(root) > MOST_CSS:
        return Cascade({}, dark=False, unread=True)
    rules: dict[str, list[KeptRule]] = {}
    dark = any(
        meta.get("name", "").lower() in ("color-scheme", "supported-color-schemes")
        and "dark" in meta.get("content", "").lower()
        for meta in root.iter("meta")
    )
    order = 0
    for sheet in root.iter("style"):
        for rule, scheme in _rules(sheet_of(sheet)):
            declared = _declared(tinycss2.parse_blocks_contents(rule.content))
            for selector in _selectors(rule.prelude) if declared else ():
                order += 1
                rules.setdefault(_key(selector[-1]), []).append(KeptRule(selector, declared, order, scheme))
            dark = dark or scheme is Scheme.DARK or any(one.name == "color-scheme" for one in declared)
    return Cascade(rules, dark)


def declarations(style: str) -> tuple[Declared, ...]:
    """Read a style attribute."""
    return _declared(tinycss2.parse_blocks_contents(readable(style)))


def _declared(nodes: Iterable[Node]) -> tuple[Declared, ...]:
    found = (node for node in nodes if isinstance(node, Declaration) and node.lower_name in _PROPERTIES)
    declared = (Declared(node.lower_name, _said(node.value), node.important) for node in found)
    return tuple(one for one in declared if _is_valid(one))


def _said(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if node.type not in ("whitespace", "comment")]


def _is_valid(one: Declared) -> bool:
    """Tell whether a declaration counts; a colour that is none leaves the one before it in place."""
    if one.name not in ("color", "background-color"):
        return True
    return len(one.tokens) == 1 and (
        parse_color(one.tokens[0]) is not None or getattr(one.tokens[0], "lower_value", "") in _WIDE
    )


def _rules(sheet: str) -> Iterator[tuple[QualifiedRule, Scheme | None]]:
    for node in tinycss2.parse_stylesheet(readable(sheet), skip_comments=True, skip_whitespace=True):
        if isinstance(node, QualifiedRule):
            yield node, None
        elif isinstance(node, AtRule) and node.lower_at_keyword == "media" and node.content is not None:
            for scheme in _schemes(node.prelude):
                for below in tinycss2.parse_blocks_contents(node.content):
                    if isinstance(below, QualifiedRule):
                        yield below, scheme


def _schemes(prelude: Sequence[Node]) -> Iterator[Scheme | None]:
    """Yield for which schemes a media query holds on any screen; None stands for both."""
    for query in _parted(prelude):
        words = set(_words(query))
        if words <= _PLAIN:
            yield None
        for scheme in Scheme:
            if words - _PLAIN == {_SCHEME, scheme.value}:
                yield scheme


def _words(nodes: Iterable[Node]) -> Iterator[str]:
    """Yield what stands in a query, but for punctuation; other features than words make it unlike any we know."""
    for node in nodes:
        if node.type == "ident":
            yield node.lower_value
        elif node.type == "() block":
            yield from (str(getattr(one, "lower_value", one.type)) for one in node.content if _counts(one))
        elif _counts(node):
            yield node.type


def _counts(node: Node) -> bool:
    return node.type not in ("whitespace", "comment") and not (node.type == "literal" and node.value == ":")


def _parted(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    part: list[Node] = []
    for node in nodes:
        if node.type == "literal" and node.value == ",":
            yield part
            part = []
        elif node.type != "comment":
            part.append(node)
    yield part


def _key(compound: Compound) -> str:
    if compound.id:
        return f"#{compound.id}"
    return f".{compound.classes[0]}" if compound.classes else compound.tag or "*"


def _selectors(prelude: Sequence[Node]) -> Iterator[tuple[Compound, ...]]:
    """Yield those selectors of a rule that are understood here."""
    for nodes in _parted(prelude):
        selector = _selector(nodes)
        if selector:
            yield selector


def _selector(nodes: Sequence[Node]) -> tuple[Compound, ...]:
    compounds: list[Compound] = []
    said: dict[str, list[str | tuple[str, str | None]]] = {}
    child = False
    for index, node in enumerate([*nodes, None]):
        if node is None or node.type == "whitespace" or (node.type == "literal" and node.value == ">"):
            if said:
                compounds.append(_compound(said, child=child))
                said, child = {}, False
            child = child or (node is not None and node.type == "literal")
        elif not _gather(said, node, nodes[index - 1] if index else None):
            return ()
    return tuple(compounds)


def _compound(said: Mapping[str, Sequence[str | tuple[str, str | None]]], *, child: bool) -> Compound:
    return Compound(
        tag=str(next(iter(said.get("tag", ())), "")),
        id=str(next(iter(said.get("id", ())), "")),
        classes=tuple(str(one) for one in said.get("class", ())),
        attributes=tuple(one for one in said.get("attribute", ()) if isinstance(one, tuple)),
        root="root" in said,
        child=child,
    )


def _gather(said: dict[str, list[str | tuple[str, str | None]]], node: Node, before: Node | None) -> bool:
    """Add what a token says of its element; False where it says something that is not known here."""
    dot = before is not None and before.type == "literal" and before.value == "."
    colon = before is not None and before.type == "literal" and before.value == ":"
    if node.type == "literal" and node.value in (".", ":", "*"):
        said.setdefault("any", [])
    elif node.type == "hash":
        said.setdefault("id", []).append(node.value)
    elif node.type == "[] block" and (attribute := _attribute(node.content)):
        said.setdefault("attribute", []).append(attribute)
    elif node.type == "ident" and colon:
        said.setdefault("root", [])
        return bool(node.lower_value == "root")
    elif node.type == "ident":
        said.setdefault("class" if dot else "tag", []).append(node.value if dot else node.lower_value)
    else:
        return False
    return True


def _attribute(nodes: Sequence[Node]) -> tuple[str, str | None] | None:
    """Return name and value of an attribute selector; None where it says something that is not known here."""
    said = _said(nodes)
    if not said or said[0].type != "ident" or not _ATTRIBUTE.fullmatch(said[0].lower_value):
        return None
    if len(said) == 1:
        return str(said[0].lower_value), None
    if len(said) == 3 and said[1].type == "literal" and said[1].value == "=":
        return str(said[0].lower_value), str(getattr(said[2], "value", ""))
    return None
