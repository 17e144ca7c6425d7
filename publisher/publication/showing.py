"""A bundle made ready to be looked at: sample values where a reader's own belong, and its own pictures at hand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

from publisher.check.mail.mime import read as read_mail
from publisher.newsletter.manifest import MANIFEST, Unreadable, read
from publisher.newsletter.slots import ADDRESS, NAME, PREFERENCES, UNSUBSCRIBE

#: Plainly nobody's.
_SAMPLES = {
    UNSUBSCRIBE: "https://newsletter.example/unsubscribe",
    PREFERENCES: "https://newsletter.example/preferences",
    ADDRESS: "ada@reader.example",
    NAME: "Ada Example",
}
#: Kinds of pictures that hold nothing but a picture; SVG may hold a program.
_TYPES = {".gif": "image/gif", ".jpeg": "image/jpeg", ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
_SOURCE = re.compile(r'(<(?:img|td|table|body)\b[^>]*?\s(?:src|background)=")([^"]*)"', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture that a bundle brings along."""

    #: Media type.
    type: str
    data: bytes


def filled(text: str) -> str:
    """Put sample values where a reader's own belong."""
    for slot, sample in _SAMPLES.items():
        text = text.replace(slot, sample)
    return text


def own_pictures(files: Mapping[str, bytes]) -> dict[str, ShownPicture]:
    """Return the pictures of a bundle by the addresses under which its HTML names them.

    Args:
        files: the bundle's, by name. Those below `images/` are named by where they will be on the web, attached ones
            by their Content-ID (RFC 2392).
    """
    home = _home(files.get(MANIFEST, b""))
    found = {
        f"{home}/{name}": ShownPicture(_TYPES[ending], data)
        for name, data in files.items()
        for ending in (f".{name.rpartition('.')[2]}",)
        if home and name.startswith("images/") and ending in _TYPES
    }
    return found | _attached(files.get("issue.eml", b""))


def with_pictures(html: str, addresses: Mapping[str, str]) -> str:
    """Let HTML find its pictures elsewhere.

    Args:
        html: as templates and serialisers write it: attributes in double quotes.
        addresses: the new address of each picture by the one in the HTML.
    """

    def moved(found: re.Match[str]) -> str:
        new = addresses.get(unescape(found[2]))
        return f'{found[1]}{escape(new)}"' if new is not None else found[0]

    return _SOURCE.sub(moved, html)


def _home(manifest: bytes) -> str:
    """Return the address below which the issue's pictures will be; empty where it will not be on the web."""
    try:
        return read(manifest).url.removesuffix(".html")
    except Unreadable:
        return ""


def _attached(mail: bytes) -> dict[str, ShownPicture]:
    return {
        f"cid:{name.strip('<>')}": ShownPicture(part.type, part.content)
        for part in read_mail(mail).walk()
        if part.type in _TYPES.values() and (name := part.first("content-id"))
    }
