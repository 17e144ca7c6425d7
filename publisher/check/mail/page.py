"""The HTML of a mail as a tree whose elements know their article, and as the pieces of text that readers see."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from publisher.check.mail.appearance import Appearance, appearances
from publisher.check.mail.cascade import Cascade, Scheme, cascade_of
from publisher.check.values import line_of
from publisher.markup.characters import line as one_line

_ANCHOR, _END = "article-", "end of article"
_UNREAD = frozenset({"head", "script", "style", "template", "title"})
#: What they hold is an example, not the mail's own words.
_CODE = frozenset({"pre", "code", "samp", "kbd", "tt", "textarea"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = _HEADINGS | frozenset(
    "p div td th tr table li ul ol dl dt dd blockquote pre br hr figure figcaption section article body".split()
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Text between two tags."""

    text: str
    #: The element that it stands in.
    element: etree._Element
    article: int
    #: Whether it is an example of code.
    code: bool
    #: Whether mail programs that know CSS do not show it.
    hidden: bool


@dataclass(frozen=True)
class Page:
    """The HTML of a mail."""

    #: As it was read, UTF-8.
    data: bytes
    root: etree._Element
    #: All elements in their order; lxml forgets what nobody holds.
    elements: tuple[etree._Element, ...]
    #: Numbers of the articles around elements; 0 for none.
    articles: Mapping[etree._Element, int]

    @cached_property
    def cascade(self) -> Cascade:
        """The style sheets and style attributes."""
        return cascade_of(self.root)

    @cached_property
    def appearances(self) -> Mapping[etree._Element, Appearance]:
        """How each element looks in light mode."""
        return appearances(self.elements, self.cascade, Scheme.LIGHT)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """All text of the body, in its order."""
        return tuple(self._pieces())

    @cached_property
    def titles(self) -> Mapping[int, str]:
        """Titles of the articles by their numbers: each one's first heading or, without one, its first link."""
        found: dict[int, str] = {}
        for names in (_HEADINGS, {"a"}):
            for element in self.elements:
                number = self.articles[element]
                if number and number not in found and element.tag in names and (title := text_of(element)):
                    found[number] = title
        return found

    @cached_property
    def read(self) -> str:
        """What readers see, with blanks between blocks."""
        return "".join(
            f" {piece.text}" if piece.element.tag in _BLOCKS else piece.text
            for piece in self.pieces
            if not piece.hidden
        )

    def place(self, element: etree._Element) -> tuple[int, int]:
        """Return line and article of an element."""
        return line_of(element), self.articles.get(element, 0)

    def _pieces(self) -> Iterator[Piece]:
        code = unread = 0
        for event, element in etree.iterwalk(self.root, events=("start", "end", "comment", "pi")):
            tag = str(element.tag)
            if event == "start":
                code += tag in _CODE
                unread += tag in _UNREAD
                if element.text and not unread:
                    yield self._piece(element.text, element, code)
                continue
            if event == "end":
                code -= tag in _CODE
                unread -= tag in _UNREAD
            around = element.getparent()
            if element.tail and around is not None and not unread:  # the root's is no text of the page
                yield self._piece(element.tail, around, code)

    def _piece(self, text: str, element: etree._Element, code: int) -> Piece:
        return Piece(text, element, self.articles.get(element, 0), bool(code), self.appearances[element].hidden)


def page_of(data: bytes) -> Page | None:
    """Read the HTML of a mail; None where there is none in it."""
    root = _parsed(data)
    if root is None:
        return None
    elements, articles, current = [], {}, 0
    for event, element in etree.iterwalk(root, events=("start", "comment")):
        if event == "comment":
            current = 0 if (element.text or "").strip().startswith(_END) else current
            continue
        current = _number(element.get("name") or element.get("id") or "") or current
        elements.append(element)
        articles[element] = current
    return Page(data, root, tuple(elements), articles)


def _parsed(data: bytes) -> etree._Element | None:
    if not data.strip():  # some versions of lxml raise here
        return None
    return etree.fromstring(data, etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True))


def _number(name: str) -> int:
    digits = name.removeprefix(_ANCHOR)
    return int(digits) if digits != name and digits.isascii() and digits.isdecimal() and len(digits) < 6 else 0


def text_of(element: etree._Element) -> str:
    """Return all text in an element on one line."""
    return one_line("".join(map(str, element.itertext())))
