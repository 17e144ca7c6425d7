"""Plain text in XML, so that nobody takes it for markup: neither readers that unescape twice nor the feed validators.

The W3C Feed Validator warns of plain text with a known entity or a closing tag in it, as it may be HTML that was meant
to be shown as such. It takes hexadecimal references for a sign that somebody knew what they wrote (RSS Profile,
https://www.rssboard.org/rss-profile#data-types-characterdata), but for closing tags even so.
"""

import re
from html import escape
from html.entities import name2codepoint

from lxml import etree

_TAG = re.compile(r"<[/!?A-Za-z]")
_ENTITY = re.compile(r"&(#?\w+)")
_CLOSING = re.compile(r"<(?=/\w)")
_SIGNS = re.compile("([&<])")
_OPENING = re.compile(r"([&<])(?=[#/!?\w])")
#: WORD JOINER: nothing is seen of it, no line breaks at it, and it is part of no tag and of no entity.
JOINER = "\u2060"


def looks_like_markup(text: str) -> bool:
    """Return whether plain text holds what could be a tag or an entity of HTML, such as `<b>`, `&copy` or `&#38`."""
    if "<" in text and _TAG.search(text):
        return True
    return "&" in text and any(
        name in name2codepoint or name == "apos" or not name.isalpha() for name in _ENTITY.findall(text)
    )


def construct(element: etree._Element, text: str) -> None:
    """Write an Atom text construct (RFC 4287 §3.1): as plain text, or as HTML where it looks like markup."""
    if looks_like_markup(text):
        element.set("type", "html")
        element.text = escape(text, quote=False)
    else:
        element.set("type", "text")
        element.text = text


def plain(element: etree._Element, text: str) -> None:
    """Write plain text where nobody says whether it is HTML: & and < as hexadecimal references."""
    if "&" not in text and "<" not in text:
        element.text = text
        return
    element.text, last = "", None
    for part in _SIGNS.split(_CLOSING.sub("<" + JOINER, text)):
        if part in ("&", "<"):
            last = etree.Entity("#x26" if part == "&" else "#x3C")
            element.append(last)
        elif last is None:
            element.text = part
        else:
            last.tail = part


def unmistakable(text: str) -> str:
    """Return plain text for where no reference helps, as in attributes: with joiners in what looks like markup."""
    return _OPENING.sub(rf"\1{JOINER}", text) if looks_like_markup(text) else text
