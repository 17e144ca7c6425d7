"""Sanitised HTML as Markdown that gives the same HTML back: prose as prose, the rest as the HTML it is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from textwrap import indent

from lxml import etree

from publisher.markup.markdown import to_html
from publisher.markup.sanitise import clean
from publisher.sources.html import tree

_TAG = re.compile(r'<(?P<slash>/?)(?P<name>[a-z][a-z0-9]*)(?:[^<>"]|"[^"]*")*>')
_VOID = frozenset("br hr img source wbr".split())
_INLINE = frozenset(
    "a abbr audio b bdi bdo br cite code del dfn em i img ins kbd mark picture q rp rt ruby s samp small span strong sub"
    " sup time u var video wbr".split()
)
_HEADINGS = {f"h{level}": "#" * level for level in range(2, 7)}
# What may stand for something else wherever it is …
_SIGN = re.compile(r"[\\`*\[\]~<]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
# … and at the start of a line.
_START = re.compile(
    r"^(?P<space>[ \t]*)(?P<digits>\d{0,9}(?=[.)]))(?P<sign>#(?=[# \t]|$)|[>|]|[-+:.)](?=[ \t]|$)|[-=](?=[-= \t]*$))",
    re.MULTILINE,
)


def to_markdown(html: str) -> str:
    """Return Markdown whose HTML, cleaned, is the given HTML if that has each block on a line of its own.

    Args:
        html: sanitised.
    """
    written: list[str] = []
    list_above = ""
    for piece in _pieces(html):
        name = _name(piece)
        prose = [_block(piece, marks=True), _block(piece, marks=False)]
        # Two lists in a row would become one.
        forms = [*(prose if name != list_above else ()), _bridged(piece)]
        written.append(next((form for form in forms if form and _same(form, piece)), raw(piece)))
        list_above = name if name in ("ul", "ol") and written[-1] in prose else ""
    return "\n\n".join(written) + "\n"


def raw(html: str) -> str:
    """Return any HTML as one line of Markdown; the comment keeps the line from being read as anything but HTML."""
    return "<!-- -->" + html.replace("\n", "&#10;")


def _bridged(html: str) -> str:
    """Return HTML without blank lines, which would end its block in Markdown."""
    return re.sub(r"\n(?=[ \t]*\n)", "&#10;", html)


def _same(form: str, piece: str) -> bool:
    return clean(to_html(form)).removesuffix("\n") == piece


def _pieces(html: str) -> Iterator[str]:
    """Part HTML into its outermost blocks, and what stands loose between them."""
    start = depth = 0
    inside = False
    for tag in _TAG.finditer(html):
        if depth == 0 and tag["name"] not in _INLINE:
            if loose := html[start : tag.start()].strip("\n"):
                yield loose
            start, inside = tag.start(), True
        if tag["name"] not in _VOID:
            depth += -1 if tag["slash"] else 1
        if depth == 0 and inside:
            yield html[start : tag.end()]
            start, inside = tag.end(), False
    if loose := html[start:].strip("\n"):
        yield loose


def _name(piece: str) -> str:
    found = _TAG.match(piece)
    return found["name"] if found else ""


def _block(piece: str, *, marks: bool) -> str:
    body = tree.parse(piece).find("body")
    return _Prose(marks).block(body[0]) if body is not None and len(body) else ""


def _bridged_element(element: tree.Element) -> str:
    return _bridged(etree.tostring(element, method="html", encoding="unicode", with_tail=False))


@dataclass(frozen=True, slots=True)
class _Prose:
    #: Whether emphasis and links are written with marks; these do not work beside all characters, tags do.
    marks: bool

    def block(self, element: tree.Element) -> str:
        """Return a block as Markdown, or as HTML where Markdown has no words for it. Not checked."""
        tag = str(element.tag)
        writers = {"p": self.inline, "pre": self.code, "ul": self.listing, "ol": self.listing, "blockquote": self.quote}
        writer = writers.get(tag, self.heading if tag in _HEADINGS else _bridged_element)
        if set(element.attrib) - ({"start"} if tag == "ol" else set()):
            return _bridged_element(element)
        return "***" if tag == "hr" else writer(element)

    def heading(self, element: tree.Element) -> str:
        return f"{_HEADINGS[str(element.tag)]} {self.inline(element)}".replace("{", r"\{")

    def quote(self, element: tree.Element) -> str:
        return indent("\n\n".join(map(self.block, element)), "> ", lambda _: True)

    def code(self, element: tree.Element) -> str:
        text = "".join(map(str, element.itertext()))
        classes = element[0].get("class") or "" if len(element) else ""
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        return f"{fence}{classes.removeprefix('language-')}\n{text}{fence}"

    def listing(self, element: tree.Element) -> str:
        """Return a list, its items apart by blank lines where they hold paragraphs."""
        loose = any(len(item) and item[0].tag == "p" for item in element)
        start = element.get("start") or ""
        first = int(start) if re.fullmatch("[0-9]{1,9}", start) else 1
        items = []
        for number, item in enumerate(element, first):
            marker = f"{number}. " if element.tag == "ol" else "- "
            items.append(marker + indent(self.item(item), " " * len(marker)).lstrip(" "))
        return ("\n\n" if loose else "\n").join(items)

    def item(self, element: tree.Element) -> str:
        blocks = [child for child in element if child.tag not in _INLINE]
        words = self.inline(element).strip()
        return ("\n" if words else "\n\n").join(filter(None, [words, *map(self.block, blocks)]))

    def inline(self, element: tree.Element) -> str:
        """Return the words of an element and of the inline elements in it."""
        written = _text(element.text, opens=True)
        for child in element:
            if child.tag in _INLINE:
                form = self.phrase(child)
                written = f"{written[:-1]}\\!" if written.endswith("!") and form.startswith("[") else written
                written += form + _text(child.tail)
        return written

    def phrase(self, element: tree.Element) -> str:
        """Return an inline element: with marks, or as a tag around its words."""
        tag, words = str(element.tag), self.inline(element)
        attributes = {str(name): str(value) for name, value in element.attrib.items()}
        if tag == "code" and not attributes and not len(element):
            return _code_span(element.text or "")
        if self.marks and (marked := _marked(tag, words, attributes)):
            return marked
        values = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
        return f"<{tag}{values}>" if tag in _VOID else f"<{tag}{values}>{words}</{tag}>"


def _marked(tag: str, words: str, attributes: Mapping[str, str]) -> str:
    """Return an element as Markdown marks; nothing where there are none for it."""
    match tag, attributes:
        case "em" | "strong", {**rest} if not rest:
            mark = "*" if tag == "em" else "**"
            return f"{mark}{words}{mark}"
        case "a", {"href": url, **rest} if not rest:
            return f"<{url}>" if words == _text(url) else f"[{words}]({_target(url)})"
        case "img", {"src": url, "alt": alt, **rest} if not rest:
            return f"![{_text(alt)}]({_target(url)})"
    return ""


def _text(text: str | None, *, opens: bool = False) -> str:
    """Escape what Markdown would read as more than text.

    Args:
        text: the text.
        opens: whether it opens a line.
    """
    escaped = _SIGN.sub(r"\\\g<0>", text or "")
    before = "" if opens else "x"
    return _START.sub(r"\g<space>\g<digits>\\\g<sign>", before + escaped)[len(before) :]


def _code_span(text: str) -> str:
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") else ""
    return f"{fence}{space}{text}{space}{fence}"


def _target(url: str) -> str:
    return f"<{url}>" if re.search(r"[\s()]", url) else url
