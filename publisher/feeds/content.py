"""The body of an entry: highlights, article and citations as one piece of HTML that every feed reader takes.

What the sanitiser lets through is safe. A few things that browsers know are refused or warned of by feed validators and
left out by readers; here they take the form that works everywhere.
"""

import re
from html import escape, unescape
from urllib.parse import unquote, urlsplit

from publisher.article import Article
from publisher.markup.characters import legal
from publisher.markup.links import absolute, absolute_url
from publisher.markup.sanitise import clean

# Unicode's noncharacters (Core Specification §23.7): HTML forbids them (§13.1.3), XML does not.
_NONCHARACTER = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
# What they have in common in UTF-8, and few others.
_SUSPECTS = (b"\xef\xb7", b"\xbf\xbe", b"\xbf\xbf")
_OVERRIDE = re.compile(r'<bdo((?:\s[^<>"]+="[^"]*")*)>')
_PLAYER = re.compile(r'<(/?)(a|audio|video|source)\b((?:[^<>"]|"[^"]*")*)>')
_SOURCE = re.compile(r'\ssrc="([^"]*)"')
_CONTROLS = re.compile(r'\scontrols(?:="[^"]*")?')
#: RIGHT-TO-LEFT and LEFT-TO-RIGHT OVERRIDE, and the end of both (Unicode Standard Annex 9).
_RIGHT_TO_LEFT, _LEFT_TO_RIGHT, _POP = "\u202e", "\u202d", "\u202c"


def body(article: Article, base: str) -> str:
    """Return the content of an entry: absolute URLs, nothing that a feed validator warns of.

    Args:
        article: its content is sanitised already.
        base: the absolute URL of its page.
    """
    parts = (_highlights(article), article.content, _citations(article, base))
    return settled(absolute("\n".join(part for part in parts if part), base)).strip()


def text_alone(content: str, article: Article, base: str) -> str:
    """Return the content of an entry without the highlights and citations that `body` put around it.

    Args:
        content: as a feed has it, cleaned.
        article: has these highlights and citations.
        base: the absolute URL of its page.
    """
    parts = (_highlights(article), _citations(article, base))
    above, below = (clean(settled(absolute(part, base))).strip() for part in parts)
    return content.removeprefix(above).removesuffix(below).strip()


def settled(html: str) -> str:
    """Return sanitised HTML without what the W3C Feed Validator warns of, or readers leave out.

    Noncharacters vanish, U+FFFD becomes a reference, `bdo` the isolate and the characters it stands for
    (https://html.spec.whatwg.org/#the-bdo-element), and a player is followed by a link to its file in place of its
    `controls`, which are for the reader's program to add.
    """
    if not html.isascii():
        html = _without_noncharacters(html).replace("\ufffd", "&#xFFFD;")
    if "<bdo" in html:
        html = _OVERRIDE.sub(_isolate, html).replace("</bdo>", f"{_POP}</bdi>")
    return _with_links(html) if "<audio" in html or "<video" in html else html


def text(value: str) -> str:
    """Return text without noncharacters, U+FFFD as a question mark: what stands for lost characters says so in ASCII."""
    return value if value.isascii() else _without_noncharacters(value).replace("\ufffd", "?")


def _without_noncharacters(value: str) -> str:
    encoded = value.encode("utf-8", "surrogatepass")  # searching bytes takes an eighth of the time
    return _NONCHARACTER.sub("", value) if any(part in encoded for part in _SUSPECTS) else value


def _isolate(found: re.Match[str]) -> str:
    override = _RIGHT_TO_LEFT if 'dir="rtl"' in found[1] else _LEFT_TO_RIGHT
    return f"<bdi{found[1]}>{override}"


def _with_links(html: str) -> str:
    """Put a link to its file behind each player that has none around it, and drop `controls`."""
    waiting: list[str] = []
    anchors = 0

    def rewrite(tag: re.Match[str]) -> str:
        nonlocal anchors
        closing, name, attributes = tag.groups()
        if name == "a":
            anchors += -1 if closing else 1
        elif name != "source" and closing:
            address = waiting.pop() if waiting else ""
            return tag[0] if anchors or not address else f"{tag[0]} {_file_link(address)}"
        else:
            source = _SOURCE.search(attributes)
            if name != "source":
                waiting.append(source[1] if source else "")
                return f"<{name}{_CONTROLS.sub('', attributes)}>"
            if waiting and source:
                waiting[-1] = waiting[-1] or source[1]
        return tag[0]

    return _PLAYER.sub(rewrite, html)


def _file_link(address: str) -> str:
    parts = urlsplit(unescape(address))
    name = text(legal(unquote(parts.path.rstrip("/").rpartition("/")[2]))).strip() or parts.netloc
    return f'<a href="{address}">{escape(name, quote=False)}</a>'


def _highlights(article: Article) -> str:
    points = "\n".join(f"<li>{escape(legal(point))}</li>" for point in article.highlights)
    return f"<p><strong>At a glance</strong></p>\n<ul>\n{points}\n</ul>" if points else ""


def _citations(article: Article, base: str) -> str:
    items = []
    for source in article.sources:
        address, words = web_url(source.url, base), escape(legal(source.text or source.url))
        items.append(f'<li><a href="{escape(address)}">{words}</a></li>' if address else f"<li>{words}</li>")
    return "<h2>Sources</h2>\n<ul>\n" + "\n".join(items) + "\n</ul>" if items else ""


def web_url(url: str, base: str) -> str:
    """Return an absolute web address; empty for no URL, a malformed one and any scheme but http and https."""
    if not url.strip():
        return ""
    address = absolute_url(legal(url), base)
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        return ""
    # An empty path is the same as / (RFC 3986 §6.2.3); validators ask for it in the addresses of files.
    return address if parts.path else parts._replace(path="/").geturl()
