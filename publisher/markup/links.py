"""Absolute URLs: feed readers and mail programs know nothing of the page an article once stood on.

Works on HTML as the sanitiser writes it: attributes in double quotes, `<` and `>` of the text as references.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from html import unescape
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from publisher.markup.hosts import ascii_host

# Of the elements that have one.
_TAG = re.compile(r'<(?:a|blockquote|del|img|ins|q|source|audio|video) [^<>"]*(?:"[^"]*"[^<>"]*)*>')
_ATTRIBUTE = re.compile(r'\s([^\s"=<>/]+)="([^"]*)"')
_URL_ATTRIBUTES = frozenset({"href", "src", "poster", "cite"})
# https://html.spec.whatwg.org/#srcset-attributes: a URL may hold commas, but neither starts nor ends with one.
_CANDIDATE = re.compile(r"(?P<url>[^\s,]\S*)(?:(?<=,)|(?P<descriptor>[^,]*))")

_EDGES = "".join(map(chr, range(0x21)))
_BREAKS = str.maketrans("", "", "\t\n\r")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_OTHER_SCHEME = re.compile(r"(?!https?:)[A-Za-z][A-Za-z0-9+.-]*:")
_WEB_SCHEME = re.compile(r"(https?):/*", re.IGNORECASE)
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# RFC 3986 §2.2 and §2.3, and % for what is encoded already.
_KEPT = "%!$&'()*+,;=:@/?~-._"

# Most URLs have nothing to mend, and nothing that resolving could take away: an empty query, `;`, and in relative ones
# dot segments and `//`.
_REST = r"(?:\?[\w.~!$&'()*+,=:@/?-]+)?(?:#[\w.~!$&'()*+,=:@/?-]+)?"
_PLAIN = re.compile(
    rf"https?://[a-z0-9.-]+(?::[0-9]+)?(?:/(?:[\w.~!$&'()*+,=:@/-]|%[0-9A-Fa-f]{{2}})*)?{_REST}", re.ASCII
)
_SEGMENT = r"[\w~!$&'()*+,=@-][\w.~!$&'()*+,=@-]*"
_PLAIN_RELATIVE = re.compile(
    rf"(?:(?P<root>/)?{_SEGMENT}(?:/{_SEGMENT})*/?{_REST})|(?P<part>#)[\w.~!$&'()*+,=:@/?-]+", re.ASCII
)
_PLAIN_BASE = re.compile(
    rf"(?P<page>(?P<site>https?://[a-z0-9.-]+(?::[0-9]+)?)(?:(?P<folder>/(?:{_SEGMENT}/)*)(?:{_SEGMENT})?)?"
    r"(?:\?[\w.~!$&'()*+,=:@/?-]+)?)(?:#[\w.~!$&'()*+,=:@/?-]+)?",
    re.ASCII,
)


def absolute_url(url: str, base: str) -> str:
    """Return a URL that stands on its own, percent-encoded where RFC 3986 asks for it and nowhere else.

    Args:
        url: absolute, or relative in any of the ways browsers accept: `a`, `/a`, `//host/a`, `?q`, `#part`, ``.
        base: the absolute URL it is relative to.

    Returns:
        An absolute URL; empty where no URL can be made of it, as of `http://[`.
    """
    if _PLAIN.fullmatch(url):
        return url
    found = _PLAIN_RELATIVE.fullmatch(url)
    if found and (starts := _starts(base)):
        return starts[found.lastgroup] + url
    return _resolved(url, base)


@lru_cache(maxsize=256)
def _starts(base: str) -> Mapping[str | None, str]:
    """Return what comes before a plain relative URL, by the name of its kind; nothing where the base is not plain."""
    found = _PLAIN_BASE.fullmatch(base)
    return (
        {None: found["site"] + (found["folder"] or "/"), "root": found["site"], "part": found["page"]} if found else {}
    )


def _resolved(url: str, base: str) -> str:
    try:
        joined = urlsplit(urljoin(base, _as_browsers_read(url)))
        if joined.scheme in ("http", "https") and not joined.netloc:
            joined = urlsplit(_WEB_SCHEME.sub(r"\1://", joined.geturl(), count=1))
        host = _ascii_host(joined.netloc)
    except ValueError:
        return ""
    if not joined.scheme or (joined.scheme in ("http", "https") and not host):
        return ""
    return urlunsplit((joined.scheme, host, *(_encoded(part) for part in joined[2:])))


def absolute(html: str, base: str) -> str:
    """Make every URL attribute of sanitised HTML absolute and change nothing else.

    Args:
        html: HTML as `markup.sanitise.clean` returns it.
        base: the absolute URL of the page it belongs to; `#part` becomes a part of that page.

    Returns:
        The HTML; an attribute whose value is blank or no URL at all is left out.
    """
    return _TAG.sub(lambda tag: _ATTRIBUTE.sub(lambda found: _attribute(found, base), tag[0]), html)


def candidates(srcset: str) -> list[tuple[str, str]]:
    """Return the pictures of a `srcset`, each with its descriptor, such as `2x`, or without."""
    return [(found["url"].rstrip(","), (found["descriptor"] or "").strip()) for found in _CANDIDATE.finditer(srcset)]


def _attribute(found: re.Match[str], base: str) -> str:
    written, name, value = found.group(0, 1, 2)
    if name not in _URL_ATTRIBUTES and name != "srcset":
        return written
    old = unescape(value) if "&" in value else value
    new = _pictures(old, base) if name == "srcset" else old.strip() and absolute_url(old, base)
    if not new:
        return ""
    return written if new == old else f' {name}="{_escaped(new)}"'


def _pictures(srcset: str, base: str) -> str:
    """Make each picture of a `srcset` absolute; those that cannot be are left out."""
    return ", ".join(
        f"{_without_last_comma(address)} {descriptor}".rstrip()
        for url, descriptor in candidates(srcset)
        if (address := absolute_url(url, base))
    )


def _without_last_comma(address: str) -> str:
    """Encode commas at the end, which would end the candidate; `urljoin` lays them bare when it drops an empty `;`."""
    bare = address.rstrip(",")
    return bare + "%2C" * (len(address) - len(bare))


def _as_browsers_read(url: str) -> str:
    """Drop what browsers drop, and turn the backslashes of web paths into slashes (WHATWG URL §4.4)."""
    trimmed = _SURROGATE.sub("\ufffd", url).strip(_EDGES).translate(_BREAKS)
    if _OTHER_SCHEME.match(trimmed):
        return trimmed
    path, rest = re.fullmatch(r"([^?#]*)(.*)", trimmed, re.DOTALL).groups()  # type: ignore[union-attr]
    return path.replace("\\", "/") + rest


def _ascii_host(netloc: str) -> str:
    """Return the authority in ASCII: names in other scripts as IDNA, what cannot be as percent-encoded."""
    user, at, host = netloc.rpartition("@")
    if not host.isascii():
        name, port = re.fullmatch(r"(.*?)(:[0-9]*)?", host, re.DOTALL).groups("")  # type: ignore[union-attr]
        with suppress(UnicodeError):
            host = ascii_host(name) + port
    return quote(user + at + host, safe=f"{_KEPT}[]")


def _encoded(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_KEPT)


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&quot;")
