"""Text to copy into a web site and into the settings of its server, so that feeds are found and served well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import unquote, urlsplit

from publisher.config.formats import MEDIA_TYPES, SUFFIXES
from publisher.config.settings import Settings
from publisher.errors import UsageError
from publisher.feeds.offers import NAMES, OPML_NAME, OPML_TYPE, Offer
from publisher.templating import Templates

Kind = Literal["html", "nginx", "apache", "caddy", "headers"]

KINDS: tuple[Kind, ...] = get_args(Kind)
#: Kinds of feeds that pages link to unasked: those with a name of their own, and those of past issues of newsletters.
_LINKED = ("", "issues")
_TEMPLATES: dict[Kind, str] = {
    "html": "snippets/autodiscovery.html",
    "nginx": "snippets/nginx.conf",
    "apache": "snippets/apache.conf",
    "caddy": "snippets/Caddyfile",
    "headers": "snippets/_headers",
}


@dataclass(frozen=True, slots=True)
class FileType:
    """What a server has to know of the files that end in one way."""

    label: str
    suffix: str
    #: Media type, without parameters.
    name: str
    #: Whether it takes a `charset`; JSON is UTF-8 by definition (RFC 8259 §8.1).
    text: bool
    #: Whether it is a feed, which a WebSub hub may know.
    feed: bool


def snippet(
    kind: Kind,
    offers: Sequence[Offer],
    settings: Settings,
    templates: Templates,
    folder: Path,
    *,
    feed: str | None = None,
) -> str:
    """Return text for a web site, ready to copy.

    Args:
        kind: `html` for the `<link>` elements by which browsers and feed readers find feeds (autodiscovery); `nginx`,
            `apache`, `caddy` or `headers` (the file `_headers` of Netlify and Cloudflare Pages) for servers.
        offers: all feeds of the publication.
        settings: the publication's.
        templates: those below `snippets/`.
        folder: where the feed files lie, on this machine.
        feed: for `html`, the name of the only feed to link to; all but those of tags and the like where None.

    Raises:
        UsageError: there is no such feed, or no feed can be named for this kind.
        BrokenTemplateError: the publication's own template has a mistake.
    """
    if kind == "html":
        offers = [offer for offer in offers if offer.kind in _LINKED] if feed is None else [_named(feed, offers)]
    elif feed is not None:
        raise UsageError(f"{kind}: is about the whole folder of feeds; leave {feed} out")
    return templates.render(_TEMPLATES[kind], _values(offers, settings, folder))


def _named(name: str, offers: Sequence[Offer]) -> Offer:
    found = {offer.name: offer for offer in offers}
    if name not in found:
        near = get_close_matches(name, found, 1)
        cure = f"did you mean {near[0]}?" if near else f"there are {', '.join(found)}"
        raise UsageError(f"no feed is called {name}; {cure}")
    return found[name]


def _values(offers: Sequence[Offer], settings: Settings, folder: Path) -> Mapping[str, Any]:
    url, syndication = urlsplit(settings.feeds_url), settings.syndication
    return {
        "title": settings.publication.title,
        "host": url.netloc,
        "origin": f"{url.scheme}://{url.netloc}",
        "url_path": url.path,
        # Servers compare paths after decoding them.
        "path": unquote(url.path),
        "folder": folder.resolve().as_posix(),
        "offers": offers,
        "rules": 2 + sum(len(offer.formats) for offer in offers),
        "types": _types(offers),
        "media_types": MEDIA_TYPES,
        "names": NAMES,
        "opml_name": OPML_NAME,
        "opml_type": OPML_TYPE,
        "gzip": syndication.gzip,
        "hub": syndication.hub if syndication.ping else None,
        # Seconds: caches look again when readers do.
        "max_age": 60 * syndication.ttl if syndication.ttl else None,
    }


def _types(offers: Sequence[Offer]) -> list[FileType]:
    used = {form for offer in offers for form in offer.formats}
    feeds = [
        FileType(form, suffix, MEDIA_TYPES[form], text=form != "json", feed=True)
        for form, suffix in SUFFIXES.items()
        if form in used
    ]
    return [
        *feeds,
        FileType("opml", ".opml", OPML_TYPE, text=True, feed=False),
        FileType("html", ".html", "text/html", text=True, feed=False),
        FileType("css", ".css", "text/css", text=True, feed=False),
    ]
