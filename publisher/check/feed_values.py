"""What checks of all feed formats have in common: characters nobody meant, and HTML that readers have to trust."""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from publisher.check.feed_rules import Hit
from publisher.check.values import shown
from publisher.markup.links import candidates

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
#: C0 and C1 controls, the non-characters of Unicode, and the sign for what could not be decoded.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffd-\uffff"
    + "".join(chr(plane << 16 | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
#: Two letters that UTF-8 makes of one when it is decoded as Latin-1.
_TWICE = re.compile("[\xc2\xc3][\x80-\xbf]")

_ACTIVE = frozenset("script iframe frame frameset object embed applet form meta base link style".split())
_HTML = frozenset(
    """a abbr acronym address applet area article aside audio b base basefont bdi bdo big blockquote body br button
    canvas caption center cite code col colgroup command data datagrid datalist dd del details dfn dialog dir div dl dt
    em embed eventsource fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header
    hgroup hr html i iframe img input ins isindex kbd label legend li link listing m main map mark menu meta meter nav
    noframes noscript object ol optgroup option output p param picture plaintext pre progress q rp rt ruby s samp script
    search section select slot small source span strike strong style sub summary sup svg table tbody td template
    textarea tfoot th thead time title tr track tt u ul var video wbr xmp""".split()
)
#: What styles may say without moving anything over the rest of the page.
_STYLES = frozenset(
    """azimuth background background-color border border-bottom border-bottom-color border-bottom-style
    border-bottom-width border-collapse border-color border-left border-left-color border-left-style border-left-width
    border-right border-right-color border-right-style border-right-width border-spacing border-style border-top
    border-top-color border-top-style border-top-width border-width clear color cursor direction display elevation float
    font font-family font-size font-style font-variant font-weight height letter-spacing line-height list-style-type
    margin margin-bottom margin-left margin-right margin-top overflow padding padding-bottom padding-left padding-right
    padding-top pause pause-after pause-before pitch pitch-range richness speak speak-header speak-numeral
    speak-punctuation speech-rate stress text-align text-decoration text-indent unicode-bidi vertical-align
    voice-family volume white-space width""".split()
)
_URL_ATTRIBUTES = frozenset({"href", "src", "poster", "cite", "action", "data", "background"})
#: Characters of HTML that are looked at; its tree takes twenty times as much memory.
_LONGEST = 1_000_000


def character_hits(text: str, what: str, line: int = 0, column: int = 0) -> Iterator[Hit]:
    """Yield a hit when a text has characters that nobody can have meant."""
    if _UNWANTED.search(text):
        yield Hit("feed.control", what, line, column)
    elif _TWICE.search(text) and _decoded_wrong(text):
        yield Hit("feed.mojibake", what, line, column)


def _decoded_wrong(text: str) -> bool:
    try:
        text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    return True


def html_hits(html: str, what: str, line: int = 0, column: int = 0) -> Iterator[Hit]:
    """Yield what readers would not, or should not, show in a piece of HTML.

    Args:
        html: the HTML, no longer escaped.
        what: whose content it is, for the message.
        line: where it begins in its file, or its element does.
        column: likewise.
    """
    if not html.strip():
        return
    if len(html) > _LONGEST:
        yield Hit("content.long", what, line, column)
        html = html[:_LONGEST]
    # As bytes: lxml refuses text with an encoding declaration of its own.
    root = etree.fromstring(html.encode("utf-8", "replace"), etree.HTMLParser(encoding="utf-8", no_network=True))
    for element in root.iter("{*}*") if root is not None else ():
        attributes = {str(name): str(value) for name, value in element.attrib.items()}
        yield from tag_hits(etree.QName(element).localname, attributes, what, line, column)


def tag_hits(name: str, attributes: Mapping[str, str], what: str, line: int, column: int) -> Iterator[Hit]:
    """Yield the same for one element of HTML."""
    if name in _ACTIVE:
        yield Hit("content.active", f"{what} has <{name}>", line, column)
    elif name.lower() not in _HTML:
        yield Hit("content.tag", f"{what} has <{name}>", line, column)
    for attribute, value in attributes.items():
        yield from _attribute_hits(attribute, value, what, line, column)


def _attribute_hits(name: str, value: str, what: str, line: int, column: int) -> Iterator[Hit]:
    if name.startswith("on"):
        yield Hit("content.handler", f"{what} has {name}=", line, column)
    elif name == "style":
        if not {part.partition(":")[0].strip().lower() for part in value.split(";")} <= _STYLES | {""}:
            yield Hit("content.style", f"{what} has the style {shown(value)}", line, column)
    elif name == "srcset":
        for url, _ in candidates(value):
            if not _SCHEME.match(url):
                yield _relative(url, what, line, column)
    elif name in _URL_ATTRIBUTES:
        url = re.sub(r"[\x00-\x20]", "", value)  # browsers overlook these
        if url.lower().startswith(("javascript:", "vbscript:")):
            yield Hit("content.javascript", f"the link {shown(url)} in {what}", line, column)
        elif not _SCHEME.match(url):
            yield _relative(url, what, line, column)


def _relative(url: str, what: str, line: int, column: int) -> Hit:
    return Hit("content.relative", f"the address {shown(url)} in {what}", line, column)
