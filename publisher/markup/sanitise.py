"""The one home of the sanitiser: what of an article's HTML may reach a feed reader or a mail program."""

import re
from collections.abc import Mapping
from html import unescape

import nh3

from publisher.markup.balance import DEPTH, LONGEST_VALUE, Balance
from publisher.markup.characters import legal
from publisher.markup.tokens import End, Start, Text, tokens
from publisher.markup.wellformed import BOXES, pictures_seen, well_formed

__all__ = ["DEPTH", "LONGEST_VALUE", "clean"]

_PLAIN = (
    "abbr address article aside b bdi bdo br caption cite code dd dfn div dl dt em figcaption figure footer h1 h2 h3 h4"
    " h5 h6 header hr i kbd mark p picture pre rp rt ruby s samp section small span strong sub summary sup table tbody"
    " tfoot thead tr u ul var wbr"
)
_PICTURE = {"src", "srcset", "sizes", "width", "height"}
_ELEMENTS: Mapping[str, set[str]] = {
    **{name: set() for name in _PLAIN.split()},
    "a": {"href", "title"},
    "abbr": {"title"},
    "audio": {"src", "controls"},
    "blockquote": {"cite"},
    "code": {"class"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "img": {*_PICTURE, "alt", "title"},
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"start", "reversed"},
    "pre": {"class"},
    "q": {"cite"},
    "source": {*_PICTURE, "type", "media"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "video": {"src", "controls", "poster", "width", "height"},
}
_EVERYWHERE = {"dir", "id", "lang"}
_ALLOWED = {name: own | _EVERYWHERE for name, own in _ELEMENTS.items()}
# Dropping these tags alone would glue the words on both sides together.
_RENAMED = dict.fromkeys("center dialog fieldset form hgroup legend main nav search".split(), "div") | {
    "acronym": "abbr",
    "strike": "s",
    "tt": "code",
}
_HIDDEN = frozenset(("datalist", "iframe", "select", "svg", "template", "textarea", "title"))
_EMBEDDED = {"embed": "src", "iframe": "src", "object": "data"}
_WEB_ONLY = frozenset(("cite", "poster", "src", "srcset"))
_SCHEME = re.compile(r"\s*([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_NOTHING = frozenset(("0", "1", "0px", "1px"))
_ALIGNMENTS = frozenset(("left", "center", "right"))


def _filtered(_: str, name: str, value: str) -> str | None:
    if name == "class":
        return " ".join(word for word in value.split() if word.startswith("language-")) or None
    if name == "align":
        return side if (side := value.strip().lower()) in _ALIGNMENTS else None
    if name in _WEB_ONLY:
        # nh3 looks at neither `srcset` nor `cite`; mailto and tel are for links alone.
        addresses = value.split(",") if name == "srcset" else [value]
        return value if all(_on_the_web(address) for address in addresses) else None
    return value


def _on_the_web(url: str) -> bool:
    scheme = _SCHEME.match(url)
    return scheme is None or scheme[1].lower() in ("http", "https")


_cleaner = nh3.Cleaner(
    tags=set(_ELEMENTS),
    attributes={**_ELEMENTS, "*": _EVERYWHERE},
    attribute_filter=_filtered,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)


def clean(html: str) -> str:
    """Return HTML with nothing in it that acts, tracks or breaks: an allow-list of elements and attributes.

    Embedded players become links, check boxes ☐ and ☑, tracking pixels nothing; of elements deeper than `DEPTH` the text
    is kept; a value of more than `LONGEST_VALUE` characters is dropped. Cleaning what is clean changes nothing.
    """
    before = legal(html)
    while True:
        once, stays = _cleaned(before)
        after = legal(once)
        # Dropping an illegal character may join what it parted, `java\x81script:` for one. In millions of random texts
        # the third pass never had anything to do, nor the second where it is sure that all stays.
        if after == before or (stays and after == once):
            return after
        before = after


def _cleaned(html: str) -> tuple[str, bool]:
    """Return cleaned HTML, and whether it is sure that cleaning it again changes nothing."""
    if well_formed(html):
        if "<input" in html:
            for box, character in BOXES.items():
                html = html.replace(box, character)
        cleaned = _cleaner.clean(html)
        return cleaned, pictures_seen(cleaned)
    cleaned = _cleaner.clean(_balanced(html))
    return cleaned, well_formed(cleaned)


def _balanced(html: str) -> str:
    """Rewrite what would vanish or harm, and hand on only elements of the allow-list, in order."""
    balance = Balance()
    hidden: list[str] = []
    for token in tokens(html):
        if hidden:
            _skip(token, hidden)
        elif isinstance(token, Text):
            balance.text(token.html)
        elif isinstance(token, End):
            balance.end(_RENAMED.get(token.name, token.name))
        else:
            _start(token, balance)
            if token.name in _HIDDEN and not token.closed:
                hidden.append(token.name)
    return balance.finish()


def _skip(token: Text | Start | End, hidden: list[str]) -> None:
    if isinstance(token, Start) and token.name == hidden[0] and not token.closed:
        hidden.append(token.name)
    elif isinstance(token, End) and token.name == hidden[0]:
        hidden.pop()


def _start(token: Start, balance: Balance) -> None:
    name = _RENAMED.get(token.name, token.name)
    if name in _EMBEDDED:
        _link(token, _EMBEDDED[name], balance)
    elif name == "input":
        _check_box(token, balance)
    elif name == "img" and _unseen(token):
        balance.text("" if _pixel(token) else _words(token.attributes.get("alt", "")))
    elif name in _ALLOWED:
        balance.start(name, {key: value for key, value in token.attributes.items() if key in _ALLOWED[name]})


def _link(token: Start, attribute: str, balance: Balance) -> None:
    """Put a link where a video or a document was embedded."""
    url = token.attributes.get(attribute, "").strip()
    url = f"https:{url}" if url.startswith("//") else url
    if re.match("https?://", unescape(url), re.IGNORECASE):
        balance.start("p", {})
        balance.start("a", {"href": url})
        balance.text(_words(token.attributes.get("title", "")) or _words(url))
        balance.end("a")
        balance.end("p")


def _check_box(token: Start, balance: Balance) -> None:
    if token.attributes.get("type", "").lower() == "checkbox":
        balance.text("☑ " if "checked" in token.attributes else "☐ ")


def _unseen(token: Start) -> bool:
    return _pixel(token) or not _on_the_web(unescape(token.attributes.get("src", "data:")))


def _pixel(token: Start) -> bool:
    return all(token.attributes.get(side, "").strip().lower() in _NOTHING for side in ("width", "height"))


def _words(value: str) -> str:
    return value.strip().replace("<", "&lt;")
