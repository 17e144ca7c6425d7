"""Where an article stands on the site: its slug and its address."""

import re
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from publisher.markup.characters import line
from publisher.markup.links import absolute_url
from publisher.markup.slugs import slug
from publisher.sources.base import Conventions
from publisher.sources.values import quoted

_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:T\d{2}-\d{2}(?:-\d{2})?)?(?:[-_ .]+|$)", re.ASCII)
_FIELD = re.compile(r"\{(\w+)\}")
_SLASHES = re.compile("/{2,}")
_PLACEHOLDER = re.compile(r"(?:^|[/.-]):\w|[{}<>]")
_DATES = {"year": "%Y", "month": "%m", "day": "%d"}
#: Files that make a folder a page bundle, without suffix.
_BUNDLES = frozenset(("index", "readme"))
#: Folders that say something of the article and are no part of its address (Jekyll).
_WORKING = frozenset(("_posts", "_drafts"))
# Names of whole patterns in Jekyll, and Eleventy's false.
_PATTERN_NAMES = frozenset(("date", "pretty", "ordinal", "weekdate", "none", "false", "true"))


def stem(name: str) -> str:
    """Return the last part of an article's name without suffix and date; of a page bundle, that of its folder."""
    _, last = _place(name)
    dated = _DATE.match(last)
    return (last[dated.end() :] if dated else "") or last


def folders(name: str) -> tuple[str, ...]:
    """Return the folders of an article's address: those above it, without a page bundle's own."""
    above, _ = _place(name)
    return tuple([part for part in above if part not in _WORKING])


def _place(name: str) -> tuple[list[str], str]:
    *above, own = name.split("/")
    bare = own.rpartition(".")[0] or own
    return (above[:-1], above[-1]) if above and bare.lower() in _BUNDLES else (above, bare)


def permalink(value: str, site: str) -> str:
    """Return the absolute address an author gave; empty for a pattern with placeholders, which only its own tool fills.

    Args:
        value: absolute, or relative to the site.
        site: address of the site, ending in a slash.

    Raises:
        ValueError: it is no web address; the message is a clause.
    """
    if _PLACEHOLDER.search(value) or value.lower() in _PATTERN_NAMES:
        return ""
    if value.startswith("//"):
        value = f"https:{value}"
    whole = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value)
    found = absolute_url(value, "") if whole else absolute_url(f"./{value.lstrip('/')}", site)
    if not found.startswith(("http://", "https://")):
        raise ValueError("is no http or https address and no path on the site")
    return found


def last_part(url: str) -> str:
    """Return the last part of an address's path, without suffix; empty for a site's root."""
    path = PurePosixPath(unquote(urlsplit(url).path))
    return path.parent.name if path.stem == "index" else path.stem


def build(name: str, own: str, section: str, published: datetime | None, conventions: Conventions) -> str:
    """Return the address of an article that names none, by the publication's permalink pattern.

    Args:
        name: the file, relative to the source's folder.
        own: the article's slug.
        section: its section; empty for none.
        published: its date; without one, the parts of the date are left out.
        conventions: pattern, site and time zone.
    """

    def filler(field: re.Match[str]) -> str:
        match field[1]:
            case "path":
                return "/".join([*(quote(line(folder), safe="") for folder in folders(name)), own])
            case "slug":
                return own
            case "section":
                return slug(section) if section else ""
            case unit:
                return published.astimezone(conventions.zone).strftime(_DATES[unit]) if published else ""

    filled = _FIELD.sub(filler, conventions.permalink)
    return quoted(conventions.url + _SLASHES.sub("/", filled).lstrip("/"))
