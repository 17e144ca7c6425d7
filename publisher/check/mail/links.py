"""Rules for the links of a mail: where they lead, and what they say about it."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from lxml import etree

from publisher.check.mail.findings import MailHit
from publisher.check.mail.page import Page, text_of
from publisher.check.values import shown

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):.")
_LINKED = frozenset({"http", "https", "mailto", "tel", "sms"})
_LOCAL = re.compile(r"(?:.*\.)?localhost|127\.[0-9.]+|0\.0\.0\.0|::1")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>]+", re.IGNORECASE)
#: Whole texts of links that say nothing of their aim, in the languages of the bundled words.
_VAGUE = frozenset(
    said
    for line in """
        click here|here|this|this link|link|more|read more|learn more
        hier|hier klicken|mehr|weiterlesen
        ici|cliquez ici|lire la suite|plus
        aquí|haga clic aquí|más|leer más
        aqui|clique aqui|mais|leia mais
        こちら|ここ|続きを読む
        点击这里|这里|更多|阅读更多
        هنا|اضغط هنا|المزيد
    """.splitlines()
    for said in line.strip().split("|")
    if said
)
#: They hide where they lead, and filters know them from bad mail.
_SHORTENERS = frozenset(
    "bit.ly buff.ly cutt.ly dlvr.it goo.gl is.gd lnkd.in ow.ly rb.gy rebrand.ly shorturl.at t.co t.ly tiny.cc "
    "tinyurl.com trib.al v.gd".split()
)

_DISGUISED = "html.link.disguised"


def link_hits(page: Page) -> Iterator[MailHit]:
    """Yield the broken rules of all links."""
    places = {element.get(name) for element in page.elements for name in ("id", "name")}
    titles = set(page.titles.values())
    for link in page.elements:
        if link.tag in ("a", "area") and link.get("href") is not None:
            address, said = link.get("href", "").strip(), text_of(link) if link.tag == "a" else ""
            for rule, what in _faults(link, address, said, places):
                titled = rule == _DISGUISED and said in titles
                yield MailHit(f"{_DISGUISED}.title" if titled else rule, what, *page.place(link))


def _faults(link: etree._Element, address: str, said: str, places: set[str | None]) -> Iterator[tuple[str, str]]:
    broken = _broken(address, places)
    if broken:
        yield broken, shown(address or said)
        return
    host = host_of(address)
    if address.lower().startswith("http:"):
        yield "html.link.insecure", shown(address)
    if host in _SHORTENERS:
        yield "html.link.shortened", shown(address)
    if _is_number(host) and not _LOCAL.fullmatch(host):
        yield "html.link.number", shown(address)
    yield from _text_faults(link, address, said)


def _text_faults(link: etree._Element, address: str, said: str) -> Iterator[tuple[str, str]]:
    alternative = [picture.get("alt", "").strip() for picture in link.iter("img")]
    spoken = said or "".join(alternative) or link.get("aria-label", "") or link.get("alt", "")
    if not spoken.strip():
        yield "html.link.text.empty", shown(address)
    elif spoken.strip(" .…»>→").casefold() in _VAGUE:
        yield "html.link.text.vague", f"{shown(spoken)} to {shown(address)}"
    elif _ADDRESS.fullmatch(said) and _disguised(said, address):
        yield _DISGUISED, f"{shown(said)} leads to {shown(address)}"


def _disguised(said: str, address: str) -> bool:
    """Tell whether a text that is an address names another host than its target."""
    promised = host_of(said if "://" in said else f"https://{said}").removeprefix("www.")
    target = host_of(address).removeprefix("www.")
    kept = promised in address.partition("://")[2]  # an archive's copy of that address
    related = f".{target}".endswith(f".{promised}") or f".{promised}".endswith(f".{target}")
    return bool(promised and target) and not kept and not related


def _broken(address: str, places: set[str | None]) -> str | None:
    scheme = scheme_of(address)
    if address in ("", "#"):
        return "html.link.empty"
    if address.startswith("#"):
        return None if address[1:] in places else "html.link.empty"
    if not scheme:
        return "html.link.relative"
    if scheme not in _LINKED:
        return "html.link.scheme"
    return "html.link.local" if _LOCAL.fullmatch(host_of(address)) else None


def scheme_of(address: str) -> str:
    """Return the scheme of an address in small letters; empty for a relative one."""
    found = _SCHEME.match(address)
    return found[1].lower() if found else ""


def host_of(address: str) -> str:
    """Return the host of an address in small letters; empty where it has none or is broken."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.isascii() and host.isdecimal()
    return True
