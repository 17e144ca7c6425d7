"""An article's content as mail programs can show it.

They know little: no ids that links reach, no responsive pictures, no players, hardly a class. What they know is kept,
what can be said otherwise is said otherwise, and each element gets the classes that the style sheet styles.
"""

import re
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urldefrag

from lxml import etree

from publisher.article import Article
from publisher.config.newsletter import COLUMN
from publisher.markup.characters import legal, ticks
from publisher.markup.links import absolute
from publisher.newsletter.embeds import Player, is_post, only_link, player
from publisher.newsletter.pictures import pixels
from publisher.newsletter.slots import disarmed
from publisher.newsletter.wording import direction, one_line

_DROPPED = ("head", "script", "style", "template", "iframe", "object", "embed", "svg", "math", "form", "map")
#: Elements of which not all mail programs have heard, and what says nearly the same (caniemail.com).
_RENAMED = {
    "section": "div", "article": "div", "header": "div", "footer": "div", "main": "div", "nav": "div", "aside": "div",
    "figure": "div", "figcaption": "p", "details": "div", "summary": "p", "address": "p", "center": "div",
    "abbr": "span", "bdi": "span",
}  # fmt: skip
#: Class by the element's name in the article.
_CLASSES = {
    "p": "p", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4", "a": "link", "ul": "list", "ol": "list", "li": "item",
    "blockquote": "quote", "pre": "pre", "code": "code", "kbd": "code", "samp": "code", "table": "table", "th": "th",
    "td": "td", "caption": "caption", "hr": "rule", "dl": "list", "dt": "term", "dd": "item",
    "sup": "raised", "sub": "raised", "figure": "figure", "figcaption": "caption", "summary": "term",
}  # fmt: skip
#: Classes that have a side: where the text runs from the right, they are the other way round.
_SIDED = ("list", "quote")
#: Classes of aligned cells, and what their attribute says.
_ALIGNMENTS = ("left", "center", "right")
_CODE = ("pre", "code", "kbd", "samp")
#: Blocks whose last paragraph needs no margin below.
_PADDED = ("blockquote", "li", "dd", "td", "th")
_ATTRIBUTES = {
    "a": ("href", "title"), "img": ("src", "alt", "width", "height"), "ol": ("start", "reversed"), "li": ("value",),
    "td": ("align", "colspan", "rowspan"), "th": ("align", "colspan", "rowspan", "scope"), "span": ("title",), "time": ("datetime",),
}  # fmt: skip
_EVERYWHERE = ("class", "dir", "lang")
_KEPT = frozenset(_CLASSES) - frozenset(_RENAMED) | {
    "html", "body", "div", "br", "strong", "b", "em", "i", "u", "s", "del", "ins", "small", "span", "cite", "q", "dfn",
    "var", "mark", "time", "thead", "tbody", "tfoot", "tr", "bdo", "img",
}  # fmt: skip
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset({"p", "div", "li", "dd", "dt", "td", "th", "blockquote", "caption", *_HEADINGS})
_NOTES = ("div", "li", "p", "dd", "section", "aside")
_ZERO_WIDTH_SPACE = "\u200b"
_LINK = re.compile(r"(https?://|mailto:|tel:).", re.IGNORECASE)
_WEB = re.compile(r"https?://.", re.IGNORECASE)


class Shown(Protocol):
    """A picture as an issue shows it; sizes in pixels, None where nobody knows them."""

    @property
    def url(self) -> str: ...
    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...


class Say(Protocol):
    """Words in the newsletter's language, by key."""

    def __call__(self, key: str, /, **values: object) -> str: ...


def web_address(url: str) -> str:
    """Return the URL where it is one of the web, else an empty string."""
    return url if _WEB.match(url) else ""


def mail_body(article: Article, picture: Callable[[str], Shown | None], say: Say) -> str:
    """Return an article's content as HTML for mails, also the source of their text part.

    Its links are absolute, its highest headings are `h3`, its pictures at most `COLUMN` pixels wide; players are links.

    Args:
        article: with sanitised content.
        picture: gives a picture as it is to be shown, by its absolute URL; None where its words are to be read instead.
        say: gives the words that stand for players, and for pictures that are links and have no words.
    """
    if not article.content.strip():
        return ""
    root = _parse(absolute(article.content, article.url))
    root.set("dir", direction(article.language))
    etree.strip_elements(root, *_DROPPED, with_tail=False)
    _players_as_links(root, say)
    _demote_headings(root)
    _scope_headers(root)
    _without_footnote_links(root, article.url)
    for element in list(root.iter()):
        _reduce(element)
    nameless = {link for link in root.iter("a") if not _has_words(link)}
    for shown in list(root.iter("img")):
        _reduce_picture(shown, picture, nameless, say)
    etree.strip_tags(root, "unknown")
    for table in list(root.iter("table")):
        _let_scroll(table)
    return _serialise(root)


def _parse(html: str) -> etree._Element:
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(f"<!DOCTYPE html><html><body>{legal(html)}</body></html>".encode(), parser)
    etree.strip_attributes(root, "class")  # all classes from here on are ours
    return root


def _serialise(root: etree._Element) -> str:
    (body,) = root.iter("body")
    html = etree.tostring(body, method="html", encoding="unicode")
    return html.removeprefix("<body>").removesuffix("</body>").strip()


def _players_as_links(root: etree._Element, say: Say) -> None:
    for element in list(root.iter("audio", "video")):
        source = element.find(".//source[@src]")
        url = element.get("src") or (source.get("src") if source is not None else None) or ""
        size = (pixels(element.get(side, "")) or 0 for side in ("width", "height"))
        words = "watch_video" if element.tag == "video" else "listen"
        played = Player(web_address(url), words, web_address(element.get("poster") or ""), *size)
        tail = element.tail
        element.clear()
        element.tag, element.tail = "a", tail
        _link_to_player(element, played, say(words))
    for paragraph in list(root.iter("p")):
        link = only_link(paragraph)
        if link is not None and (embedded := player(link.get("href") or "")):
            words, title = say(embedded.words), one_line(link.text or "")
            named = title and not _LINK.match(title)
            _link_to_player(link, embedded, f"{say('labelled', label=words)} {title}" if named else words)


def _link_to_player(link: etree._Element, played: Player, words: str) -> None:
    """Let a link show the still of what it leads to, and say so in words that are read without pictures, too."""
    link.set("href", played.url)
    link.text = words if played.url else ""
    if played.url and played.still:
        still = etree.SubElement(link, "img", {"src": played.still, "alt": ""})
        still.set("width", str(played.width))
        still.set("height", str(played.height))
        etree.SubElement(link, "br").tail = words
        link.text = None


def _demote_headings(root: etree._Element) -> None:
    """Move headings below the article's title, an h2, without leaving a level out at the top."""
    headings = list(root.iter(*_HEADINGS))
    highest = min((int(str(heading.tag)[1]) for heading in headings), default=0)
    for heading in headings:
        heading.tag = f"h{min(6, int(str(heading.tag)[1]) - highest + 3)}"


def _scope_headers(root: etree._Element) -> None:
    """Say of what the heads of tables are heads: a row of nothing else has those of columns."""
    for row in list(dict.fromkeys(_parent(head) for head in root.iter("th"))):
        scope = "col" if all(cell.tag == "th" for cell in row) else "row"
        for head in row.iterchildren("th"):
            head.set("scope", head.get("scope", scope))


def _without_footnote_links(root: etree._Element, page: str) -> None:
    """Turn footnotes' numbers into text: their links lead to places within a page, which mails do not have."""
    notes = set()
    for link in list(root.iter("a")):
        said = "".join(map(str, link.itertext())).strip()
        address, fragment = urldefrag(link.get("href") or "")
        if fragment and address == urldefrag(page).url and not any(map(str.isalpha, said)):
            link.tag = "unknown"
            if any(map(str.isdecimal, said)):
                notes.add(fragment)
            else:  # the arrow back to the text
                link.text = ""
    for note in root.iter(*_NOTES):
        if note.get("id") in notes:
            note.set("class", "note")
    for number in list(root.iter("sup")):
        text = number.getnext()
        if text is not None and text.tag == "p" and not (number.tail or "").strip():
            number.tail, text.text = f" {text.text or ''}", None
            text.insert(0, number)


def _reduce(element: etree._Element) -> None:
    name = str(element.tag)
    tag = element.tag = _RENAMED.get(name, name if name in _KEPT else "unknown")
    allowed = (*_ATTRIBUTES.get(tag, ()), *_EVERYWHERE)
    for attribute in [attribute for attribute in element.attrib if attribute not in allowed]:
        del element.attrib[attribute]
    if style := " ".join(filter(None, (_class(name, element), element.get("class")))):
        element.set("class", style)
    match name:
        case "a":
            _reduce_link(element)
        case "pre" | "code" | "kbd" | "samp" if "dir" not in element.attrib and _direction(element) == "rtl":
            element.set("dir", "ltr")
        case _:
            _reduce_phrase(name, element)


def _reduce_phrase(name: str, element: etree._Element) -> None:
    """Say in characters what some mail programs do not know as elements."""
    match name:
        case "bdi" if "dir" not in element.attrib:
            element.set("dir", "auto")
        case "wbr":
            element.text = f"{_ZERO_WIDTH_SPACE}{element.text or ''}"  # the parser takes it for one that has an end
        case "rt" if _parent(element).find(".//rp") is None:
            element.text, element.tail = f"({element.text or ''}", f"){element.tail or ''}"
        case "span" | "abbr" if not element.attrib:
            element.tag = "unknown"


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    return element if parent is None else parent


def _direction(element: etree._Element) -> str:
    """Return which way the text of an element runs, `ltr` or `rtl`: the root says it for the whole article."""
    said = (each.get("dir", "").lower() for each in (element, *element.iterancestors()))
    return next(way for way in said if way in ("ltr", "rtl"))


def _class(name: str, element: etree._Element) -> str:
    around, style = _parent(element).tag, _CLASSES.get(name, "")
    if name == "code" and around == "pre":
        style = ""
    elif name == "p" and around in _PADDED and element.getnext() is None:
        style = "p last"
    elif name == "ul" and len(element) and all(ticks(map(str, item.itertext())) for item in element):
        style = "tasks"
    elif name == "blockquote" and is_post(element):
        style = "post"
    elif name in ("td", "th"):
        # Style sheets of mail programs win over the attribute, and Outlook for Windows knows it best: both are said.
        aligned = element.get("align", "") in _ALIGNMENTS
        side = element.get("align", "") if aligned else _direction(element) if name == "th" else ""
        style = f"{style} {side}".rstrip()
    elif style in _SIDED and name != "dl":
        # A list within an item needs no margin below.
        style = f"{style} {style}-{_direction(element)}{' last' if around == 'li' else ''}"
    return style


def _reduce_link(link: etree._Element) -> None:
    seen = "".join(map(str, link.itertext())).strip() or link.find(".//img") is not None
    if not seen or not _LINK.match(link.get("href", "")):
        link.tag = "unknown"
    elif "@@" in link.get("href", ""):
        link.set("href", disarmed(link.get("href", "")))


def _has_words(link: etree._Element) -> bool:
    return any(map(str.strip, map(str, link.itertext()))) or any(
        each.get("alt", "").strip() for each in link.iter("img")
    )


def _reduce_picture(
    element: etree._Element, picture: Callable[[str], Shown | None], nameless: set[etree._Element], say: Say
) -> None:
    alt = one_line(element.get("alt", ""))
    shown = picture(source) if (source := element.get("src", "")) else None
    if shown is None:
        element.tag, element.text = "unknown", f"[{alt}]" if alt else ""
        if (after := element.getnext()) is not None and after.tag == "br" and not alt:
            after.tag = "unknown"  # below the still of a player
        return
    width, height = _size((pixels(element.get("width", "")) or 0, pixels(element.get("height", "")) or 0), shown)
    around = list(element.iterancestors())
    link = next((each for each in around if each.tag == "a"), None)
    if link in nameless:
        alt = say("picture")
        nameless.remove(link)
    element.attrib.clear()
    element.attrib.update({"src": disarmed(shown.url), "alt": alt, "width": str(width or COLUMN)})
    if height:
        element.set("height", str(height))
    element.set("class", "picture" if width else "picture natural")
    block = next((each for each in around if each.tag in _BLOCKS), None)
    if block is not None and "pictured" not in (styles := block.get("class", "")).split():
        block.set("class", f"{styles} pictured".lstrip())


def _size(asked: tuple[int, int], shown: Shown) -> tuple[int, int]:
    """Return width and height of a picture in pixels, 0 for what nobody knows: as asked for, but never wider than can be."""
    width, height = (shown.width, shown.height) if shown.width and shown.height else asked
    fitting = min(width, COLUMN, asked[0] or COLUMN)
    return fitting, round(height * fitting / width) if width else 0


def _let_scroll(table: etree._Element) -> None:
    """Put a table into a block of its own, in which it moves on narrow screens, by the keyboard, too."""
    parent, block = _parent(table), etree.Element("div", {"class": "wide", "tabindex": "0"})
    block.tail, table.tail = table.tail, None
    parent.replace(table, block)
    block.append(table)
