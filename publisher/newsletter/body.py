"""An article's content as mail programs can show it.

They know little: no ids that links reach, no responsive pictures, no players, hardly a class. What they know is kept,
what can be said otherwise is said otherwise, and each element gets the one class that the style sheet styles.
"""

import re
from urllib.parse import urldefrag

from lxml import etree

from publisher.article import Article
from publisher.markup.characters import legal
from publisher.markup.links import absolute
from publisher.newsletter.wording import one_line

#: Width of the column of text in pixels, in mails at their full width.
COLUMN = 536

_DROPPED = ("head", "script", "style", "template", "iframe", "object", "embed", "svg", "math", "form", "map")
#: HTML 5 elements of which not all mail programs have heard, and what says nearly the same.
_RENAMED = {
    "section": "div", "article": "div", "header": "div", "footer": "div", "main": "div", "nav": "div", "aside": "div",
    "figure": "div", "figcaption": "p", "details": "div", "summary": "p", "address": "p", "center": "div",
}  # fmt: skip
#: Class by the element's name in the article.
_CLASSES = {
    "p": "p", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4", "a": "link", "ul": "list", "ol": "list", "li": "item",
    "blockquote": "quote", "pre": "pre", "code": "code", "kbd": "code", "samp": "code", "table": "table", "th": "th",
    "td": "td", "caption": "caption", "img": "picture", "hr": "rule", "dl": "list", "dt": "term", "dd": "item",
    "sup": "raised", "sub": "raised", "figure": "figure", "figcaption": "caption", "summary": "term",
}  # fmt: skip
#: Blocks whose last paragraph needs no margin below.
_PADDED = ("blockquote", "li", "dd", "td", "th")
_ATTRIBUTES = {
    "a": ("href", "title"), "img": ("src", "alt", "width"), "ol": ("start", "reversed"), "li": ("value",),
    "td": ("colspan", "rowspan"), "th": ("colspan", "rowspan", "scope"), "abbr": ("title",), "time": ("datetime",),
}  # fmt: skip
_EVERYWHERE = ("dir", "lang")
_KEPT = frozenset(_CLASSES) - frozenset(_RENAMED) | {
    "html", "body", "div", "br", "strong", "b", "em", "i", "u", "s", "del", "ins", "small", "abbr", "cite", "q", "dfn",
    "var", "mark", "time", "thead", "tbody", "tfoot", "tr", "caption", "bdo", "bdi", "wbr",
    "ruby", "rt", "rp",
}  # fmt: skip
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_LINK = re.compile(r"(https?://|mailto:|tel:).", re.IGNORECASE)
_WEB = re.compile(r"https?://.", re.IGNORECASE)
_PIXELS = re.compile(r"\s*([0-9]{1,5})(?:px)?\s*")


def web_address(url: str) -> str:
    """Return the URL where it is one of the web, else an empty string."""
    return url if _WEB.match(url) else ""


def mail_body(article: Article) -> str:
    """Return an article's content as HTML for mails, also the source of their text part.

    Its links are absolute, its highest headings are `h3`, its pictures at most `COLUMN` pixels wide; players are links.
    """
    if not article.content.strip():
        return ""
    root = _parse(absolute(article.content, article.url))
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    _players_as_links(root)
    _demote_headings(root)
    _without_footnote_links(root, article.url)
    for element in list(root.iter()):
        _reduce(element)
    etree.strip_tags(root, "unknown")
    for table in list(root.iter("table")):
        _let_scroll(table)
    return _serialise(root)


def _parse(html: str) -> etree._Element:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(f"<!DOCTYPE html><html><body>{legal(html)}</body></html>".encode(), parser)


def _serialise(root: etree._Element) -> str:
    html = etree.tostring(root, method="html", encoding="unicode")
    return html.removeprefix("<html><body>").removesuffix("</body></html>").strip()


def _players_as_links(root: etree._Element) -> None:
    for player in list(root.iter("audio", "video")):
        source = player.find(".//source[@src]")
        url = player.get("src") or (source.get("src") if source is not None else None) or ""
        word = "Watch the video" if player.tag == "video" else "Listen to the recording"
        tail = player.tail
        player.clear()
        player.tag, player.tail = "a", tail
        player.set("href", url)
        player.text = word if web_address(url) else ""


def _demote_headings(root: etree._Element) -> None:
    """Move headings below the article's title, an h2, without leaving a level out at the top."""
    headings = list(root.iter(*_HEADINGS))
    highest = min((int(str(heading.tag)[1]) for heading in headings), default=0)
    for heading in headings:
        heading.tag = f"h{min(6, int(str(heading.tag)[1]) - highest + 3)}"


def _without_footnote_links(root: etree._Element, page: str) -> None:
    """Turn footnotes' numbers into text: their links lead to places within a page, which mails do not have."""
    for link in list(root.iter("a")):
        words = "".join(map(str, link.itertext())).strip()
        address, fragment = urldefrag(link.get("href") or "")
        if fragment and address == urldefrag(page).url and not any(map(str.isalpha, words)):
            link.tag = "unknown"
            if not any(map(str.isdecimal, words)):  # the arrow back to the text
                link.text = ""
    for number in list(root.iter("sup")):
        note = number.getnext()
        if note is not None and note.tag == "p" and not (number.tail or "").strip():
            number.tail, note.text = f" {note.text or ''}", None
            note.insert(0, number)


def _reduce(element: etree._Element) -> None:
    name = str(element.tag)
    tag = element.tag = _RENAMED.get(name, name if name in _KEPT else "unknown")
    allowed = (*_ATTRIBUTES.get(tag, ()), *_EVERYWHERE)
    for attribute in [attribute for attribute in element.attrib if attribute not in allowed]:
        del element.attrib[attribute]
    if style := _class(name, element):
        element.set("class", style)
    if tag == "a":
        _reduce_link(element)
    elif tag == "img":
        _reduce_picture(element)
    elif tag == "th" and "scope" not in element.attrib:
        element.set("scope", "col" if all(cell.tag == "th" for cell in _parent(element)) else "row")


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    return element if parent is None else parent


def _class(name: str, element: etree._Element) -> str:
    around = _parent(element).tag
    if name == "code" and around == "pre":
        return ""
    if name == "p" and around in _PADDED and element.getnext() is None:
        return "p last"
    return _CLASSES.get(name, "")


def _reduce_link(link: etree._Element) -> None:
    seen = "".join(map(str, link.itertext())).strip() or link.find(".//img") is not None
    if not seen or not _LINK.match(link.get("href", "")):
        link.tag = "unknown"


def _reduce_picture(picture: etree._Element) -> None:
    alt = one_line(picture.get("alt", ""))
    if not web_address(picture.get("src", "")):
        picture.tag, picture.text = "unknown", f"[{alt}]" if alt else ""
        return
    pixels = _PIXELS.fullmatch(picture.get("width", ""))
    width = min(int(pixels[1]), COLUMN) if pixels else 0
    picture.set("alt", alt)
    picture.set("width", str(width or COLUMN))
    if width:
        picture.set("class", "sized")


def _let_scroll(table: etree._Element) -> None:
    """Put a table into a block of its own, in which it moves on narrow screens."""
    parent, block = _parent(table), etree.Element("div", {"class": "wide"})
    block.tail, table.tail = table.tail, None
    parent.replace(table, block)
    block.append(table)
