"""A page as a tree: parsed without network and entities, its article found, its white space put in order."""

import re
from html import escape

from lxml import etree

from publisher.markup.characters import legal, line

Element = etree._Element  # noqa: SLF001  (lxml has no other name for it)

#: What stands around an article on a page.
_FURNITURE = ("nav", "aside", "footer", "header", "form", "noscript")
#: What nobody sees.
_UNSEEN = ("script", "style", "template", "title", "meta", "link", "base")
#: Elements that hold blocks: white space between those means nothing.
_FRAMES = frozenset(
    "body main article section aside header footer address div ul ol dl blockquote figure details"
    " table thead tbody tfoot tr".split()
)
#: Elements that hold words: white space at their ends means nothing.
_BLOCKS = frozenset("p h1 h2 h3 h4 h5 h6 li dt dd td th figcaption caption summary".split())
_SPACE = re.compile(r"[ \t\n\r\f]+")


class TooDeepError(ValueError):
    """Elements are nested deeper than the parser goes: it would leave the rest out without a word."""


def parse(text: str) -> Element:
    """Return the tree of a page or a fragment.

    Raises:
        TooDeepError: it is nested more than 255 deep.
    """
    # As bytes, so that the encoding a page or its XML declaration names is overruled: the text is decoded already.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(legal(text).encode(), parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise TooDeepError("the content nests more than 255 elements")
    return etree.Element("html") if root is None else root


def words(element: Element) -> str:
    """Return the text of an element on one line."""
    return line("".join(map(str, element.itertext())))


def frame(page: Element) -> Element:
    """Return the element that holds the article: `article`, else `main`, else `body`."""
    found = (page.find(f".//{tag}") for tag in ("article", "main", "body"))
    return next((element for element in found if element is not None), page)


def content(holder: Element, title: str = "") -> str:
    """Return what an element holds as HTML, a block a line; changes the tree.

    Args:
        holder: the element; itself it is no part of the result.
        title: the article's title; a heading that says the same is left out.
    """
    etree.strip_elements(holder, *_UNSEEN, with_tail=False)
    if title:
        _drop_heading(holder, line(title))
    _tidy(holder)
    inner = (etree.tostring(child, method="html", encoding="unicode") for child in holder)
    html = (escape(holder.text or "", quote=False) + "".join(inner)).strip()
    return html and f"{html}\n"


def tidied(html: str) -> str:
    """Return a fragment of HTML with each block on a line of its own.

    Raises:
        TooDeepError: it is nested more than 255 deep.
    """
    body = parse(html).find("body")
    return "" if body is None else content(body)


def strip_furniture(holder: Element) -> None:
    """Remove what stands around an article on a page."""
    etree.strip_elements(holder, *_FURNITURE, with_tail=False)


def _drop_heading(holder: Element, title: str) -> None:
    first = holder
    while first.tag != "h1" and len(first) and not (first.text or "").strip():
        first = first[0]
    parent = first.getparent()
    if first.tag == "h1" and parent is not None and words(first).casefold() == title.casefold():
        parent.text = (parent.text or "") + (first.tail or "")
        parent.remove(first)


def _tidy(holder: Element) -> None:
    """Make white space that means nothing the same everywhere: pages are indented in many ways, articles are compared."""
    kept = {inner for code in holder.iter("pre", "textarea") for inner in code.iter()}
    for element in holder.iter():
        if element not in kept:
            element.text = _SPACE.sub(" ", element.text or "")
            for child in element:
                child.tail = _SPACE.sub(" ", child.tail or "")
            _tidy_ends(element)


def _tidy_ends(element: Element) -> None:
    if element.tag in _FRAMES:
        element.text = _between(element.text, *list(element)[:1])
        for child in element:
            following = child.getnext()
            child.tail = _between(child.tail, child, *([] if following is None else [following]))
    elif element.tag in _BLOCKS:
        element.text = (element.text or "").lstrip(" ")
        if len(element):
            element[-1].tail = (element[-1].tail or "").rstrip(" ")
        else:
            element.text = element.text.rstrip(" ")


def _between(space: str | None, *neighbours: Element) -> str:
    """Return a line end for white space in a frame, also where there is none beside a block."""
    beside = any(neighbour.tag in _FRAMES | _BLOCKS | {"pre", "hr"} for neighbour in neighbours)
    return "\n" if (space or beside) and not (space or "").strip(" ") else space or ""
