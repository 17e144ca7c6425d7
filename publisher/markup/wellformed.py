"""HTML that needs no mending, told at a glance: what Markdown engines and editors write, and cleaning leaves behind.

A parser of the HTML standard gives back just the elements such HTML shows, and the sanitiser only takes from it: names,
nesting and attributes are of the plainest kind, a subset of what the standard allows (§13.1.2). Doubt is a no.
"""

import re
from collections.abc import Mapping

from publisher.markup.balance import DEPTH, LONGEST_VALUE

#: A task's box as the Markdown engine writes it, and the character it becomes.
BOXES: Mapping[str, str] = {
    '<input disabled="" type="checkbox"/>': "☐ ",
    '<input disabled="" type="checkbox" checked=""/>': "☑ ",
}

# The sanitiser takes quadratic time for long texts and for many attributes.
_LONGEST = 1 << 16
_VALUE = rf'="[^"<>]{{0,{LONGEST_VALUE}}}"'
# Comments only where they part no reference in two.
_TAG = re.compile(rf"<(?:(/?[a-z][a-z0-9]*)(?: [a-z-]+{_VALUE}){{0,8}} ?/?|(?<![^\n>]<)!--(?:[^<>-]|-(?!-))*--)>")
# White space between a table's cells stays there, text moves. The line end after <pre> vanishes.
_MOVING = re.compile(
    r"<(?:(?:table|thead|tbody|tfoot|tr)\b|/(?:thead|tbody|tfoot|tr|td|th)\b)[^>]*>[ \n]*[^ \n<]"
    r"|<pre\b[^>]*>(?:[\n&]|<!)"
)
# Neither a pixel nor a picture that is not on the web.
_PICTURE = re.compile(
    rf"<img(?: (?!(?:src|width|height)=)[a-z-]+{_VALUE})*"
    r' src="(?:https?:[^"<>]*|[^"<>:&]*)"'
    rf'(?: (?:(?!(?:width|height)=)[a-z-]+{_VALUE}|(?:width|height)="(?:[2-9]|[1-9][0-9]{{1,4}})"))* ?/?>'
)

_VOID = frozenset(("", "br", "hr", "img", "input", "wbr"))
_WORDS = frozenset(
    "a abbr b bdi bdo cite code del dfn em i ins kbd mark q s samp small span strong sub sup time u var".split()
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_FRAMES = frozenset(
    "address article aside blockquote details div figcaption figure footer header section summary".split()
)
_INLINE = _WORDS | (_VOID - {"hr"})
_FLOW = _INLINE | _HEADINGS | _FRAMES | {"dl", "hr", "ol", "p", "pre", "table", "ul"}
_ROOT = "/"
#: What may stand in an element, under the end tag it waits for.
_CHILDREN: Mapping[str, frozenset[str]] = {
    _ROOT: _FLOW,
    **{f"/{name}": _INLINE for name in _WORDS | _HEADINGS | {"p", "pre"}},
    **{f"/{name}": _FLOW for name in _FRAMES | {"dd", "dt", "li", "td", "th"}},
    **dict.fromkeys(("/ol", "/ul"), frozenset(("", "li"))),
    "/dl": frozenset(("", "dd", "dt")),
    # No comments: behind them, _MOVING does not look.
    "/table": frozenset(("thead", "tbody", "tfoot")),
    **dict.fromkeys(("/thead", "/tbody", "/tfoot"), frozenset(("tr",))),
    "/tr": frozenset(("td", "th")),
}


def well_formed(html: str) -> bool:
    """Tell whether legal HTML needs no mending before the sanitiser sees it; its comments and `BOXES` are let through."""
    if len(html) > _LONGEST:
        return False
    names = _TAG.findall(html)
    if len(names) != html.count("<") or not _nested(names) or _MOVING.search(html):
        return False
    return pictures_seen(html) and ("input" not in names or html.count("<input") == sum(map(html.count, BOXES)))


def _nested(names: list[str]) -> bool:
    """Tell whether each element stands where it may, and is closed."""
    awaited = [_ROOT]
    for name in names:
        if name == awaited[-1]:
            awaited.pop()
        elif name not in _CHILDREN[awaited[-1]]:
            return False
        elif name not in _VOID:
            if len(awaited) > DEPTH or (name == "a" and "/a" in awaited):
                return False
            awaited.append(f"/{name}")
    return len(awaited) == 1


def pictures_seen(html: str) -> bool:
    """Tell whether every picture has an address on the web and is more than a pixel; html is legal and well-formed."""
    pictures = html.count("<img")
    return not pictures or len(_PICTURE.findall(html)) == pictures
