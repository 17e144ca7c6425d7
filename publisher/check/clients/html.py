"""Features in the HTML of a mail: elements, attributes, addresses, and the CSS in both places where it can stand."""

from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from publisher.check.clients.css import Found, Place, image_found, in_attribute, in_sheet
from publisher.check.clients.features import ATTRIBUTES, ELEMENTS, INPUTS
from publisher.check.clients.judgement import Weight
from publisher.check.values import line_of

#: Characters of CSS that are judged, each style attribute counted once. Gmail drops a style element with less than a tenth.
MOST_CSS = 200_000
_IMAGE_ONLY = frozenset({"sizes", "srcset"})
_NOT_FALLBACK = frozenset({"source", "track"})


class Use(NamedTuple):
    """A feature that is used, and where."""

    found: Found
    element: etree._Element
    line: int
    #: Whether it stands in a style element, and means nothing where these are dropped.
    kept: bool = False
    #: Whether conditional comments keep it from Outlook for Windows.
    unseen_by_word: bool = False


class _Reader:
    """One walk through a mail's HTML."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._styles: dict[tuple[str, Place], list[Found]] = {}
        self._judged = css_size(root) <= MOST_CSS
        self._in_body = False
        self._sheets: list[etree._Element] = []
        self._styled = False

    def uses(self) -> Iterator[Use]:
        doctype = self._root.getroottree().docinfo.doctype
        if doctype:
            yield Use(Found("html-doctype", "<!DOCTYPE html>"), self._root, 0)
        unseen = 0
        for element in self._root.iter():
            if not isinstance(element.tag, str):
                unseen += _condition(element)
                yield Use(Found("html-comments", "a comment in HTML"), element, line_of(element))
                continue
            for one in self._of(element):
                yield one._replace(unseen_by_word=unseen > 0)
        # Without style attributes the kept rules are all the looks it has.
        weight = Weight.HARMLESS if self._styled else None
        for sheet in self._sheets:
            yield Use(Found("html-style", "<style>", weight), sheet, line_of(sheet))

    def _of(self, element: etree._Element) -> Iterator[Use]:
        line, tag = line_of(element), str(element.tag).lower()
        self._in_body = self._in_body or tag == "body"
        if tag == "style":
            yield from self._sheet(element, line)
            return
        for found in (*_element(element, tag), *_attributes(element, tag), *self._inline(element, tag)):
            yield Use(found, element, line)

    def _sheet(self, element: etree._Element, line: int) -> Iterator[Use]:
        self._sheets.append(element)
        if self._in_body:
            yield Use(Found("html-style.body", "<style> in the body"), element, line)
        for found in in_sheet(sheet_of(element)) if self._judged else ():
            yield Use(found, element, line + found.below if line else 0, kept=True)

    def _inline(self, element: etree._Element, tag: str) -> list[Found]:
        style = element.get("style")
        if style is None or not style.strip():
            return []
        self._styled = True
        if not self._judged:
            return []
        parent = element.getparent()
        aligned = element.get("align") is not None or (parent is not None and parent.get("align") is not None)
        place = Place(tag, element.get("bgcolor") is not None, aligned, element.get("width") is not None)
        if (style, place) not in self._styles:
            self._styles[style, place] = in_attribute(style, place)
        found = self._styles[style, place]
        return [*found, *_hidden_inside(element, tag)] if _hides(found) else found


def uses(root: etree._Element) -> Iterator[Use]:
    """Yield each feature that a mail's HTML uses, wherever it is used, in no certain order.

    Args:
        root: the `html` element. CSS of more than `MOST_CSS` is not looked at.
    """
    return _Reader(root).uses()


def css_size(root: etree._Element) -> int:
    """Return how many characters of CSS a mail has in its style elements and, each counted once, its style attributes."""
    attributes = {str(style) for style in root.xpath("//@style")}
    return sum(map(len, attributes)) + sum(len(sheet_of(sheet)) for sheet in root.iter("style"))


def sheet_of(element: etree._Element) -> str:
    """Return the text of a style element."""
    return "".join(map(str, element.itertext()))


def _condition(comment: etree._Element) -> int:
    """Return how a comment changes the number of conditions that keep Outlook for Windows out."""
    text = " ".join((comment.text or "").split()).lower()
    if text.startswith("[if !mso") and text.endswith("<!"):
        return 1
    return -1 if text.startswith("<![endif]") else 0


def _hides(found: list[Found]) -> bool:
    return any(one.rule == "css-display-none" for one in found)


def _hidden_inside(element: etree._Element, tag: str) -> Iterator[Found]:
    if tag == "img" or any(child.tag == "table" for child in element):
        yield Found("css-display-none.nested", "display: none on a picture or around a table")


def _element(element: etree._Element, tag: str) -> Iterator[Found]:
    kind = (element.get("type") or "").strip().lower()
    if (tag, kind) in INPUTS:
        yield Found(INPUTS[tag, kind], f'<{tag} type="{kind}">' if kind else f"<{tag}>")
    if tag in ELEMENTS:
        yield Found(ELEMENTS[tag], f"<{tag}>", _fallback(element, tag))
    elif tag == "link" and "stylesheet" in (element.get("rel") or "").lower().split():
        yield Found("html-link", '<link rel="stylesheet">')
    elif tag == "meta" and (element.get("name") or "").lower() == "color-scheme":
        yield Found("html-meta-color-scheme", '<meta name="color-scheme">')
    if tag == "ol" and element.get("reversed") is not None:
        yield Found("html-lists.reversed", "<ol reversed>")


def _fallback(element: etree._Element, tag: str) -> Weight | None:
    """Return how much an element matters whose inside is shown where it is unknown."""
    if tag not in ("audio", "picture", "video"):
        return None
    inside = set(_shown_inside(element))
    if tag == "picture":
        return Weight.HARMLESS if "img" in inside else None
    return Weight.CHANGES if inside else None


def _shown_inside(element: etree._Element) -> Iterator[str]:
    """Yield the names of the elements in a picture or video, also in its sources, which libxml2 does not close."""
    waiting = [element]
    while waiting:
        for child in waiting.pop():
            if child.tag in _NOT_FALLBACK:
                waiting.append(child)
            elif isinstance(child.tag, str):
                yield child.tag


def _attributes(element: etree._Element, tag: str) -> Iterator[Found]:
    for name, value in ((str(key).lower(), str(value)) for key, value in element.items()):
        if name in ATTRIBUTES and (name not in _IMAGE_ONLY or tag in ("img", "source")):
            yield Found(ATTRIBUTES[name], f"the attribute {name}", _stand_in(element, name, value))
        if name == "lang" and tag in ("td", "th"):
            yield Found("html-lang.cell", f"lang on <{tag}>")
        elif name == "href" and tag in ("a", "area"):
            yield from _address(value.strip())
        elif _is_picture(tag, name) and (picture := image_found(value)):
            yield picture


def _stand_in(element: etree._Element, name: str, value: str) -> Weight | None:
    """Return how much an attribute matters that something else may stand in for."""
    plain = (name == "background" and element.get("bgcolor") is not None) or (name == "dir" and value.lower() != "rtl")
    return Weight.HARMLESS if plain else None


def _address(address: str) -> Iterator[Found]:
    if address[:1] == "#" and len(address) > 1:
        yield Found("html-anchor-links", "a link within the mail")
    elif address[:7].lower() == "mailto:":
        yield Found("html-mailto-links", "a mailto: link")


def _is_picture(tag: str, name: str) -> bool:
    return (tag in ("img", "input") and name == "src") or name == "background" or (tag == "video" and name == "poster")
