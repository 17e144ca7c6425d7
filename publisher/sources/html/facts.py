"""What a page says of itself: in `title`, `meta`, Open Graph, JSON-LD, `link`, `time`, `lang`."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from publisher.sources import dates, keys
from publisher.sources.html.tree import Element, frame, words
from publisher.sources.values import address

_SEPARATOR = r"\s+[-–—|·•:»]+\s+"
_PUBLISHED = ("article:published_time", "og:published_time", "datepublished", "date", "pubdate", "publish_date")
_PUBLISHED_IN_LIBRARIES = (
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.issued",
    "citation_publication_date",
)
_UPDATED = ("article:modified_time", "og:updated_time", "datemodified", "last-modified", "dcterms.modified")
_SUMMARY = ("description", "og:description", "twitter:description", "dcterms.description")
_TYPES = re.compile(r"(?:[A-Za-z]*Article|BlogPosting|Report|LiveBlogPosting)$")


@dataclass(frozen=True, slots=True)
class Facts:
    """A page's metadata."""

    title: str
    summary: str
    #: Values by the names of `sources.keys`; empty where the page is silent.
    fields: Mapping[tuple[str, ...], object]


class _Page:
    """The metadata of a page by name."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self._metas: dict[str, list[str]] = {}
        for meta in root.iter("meta"):
            content = (meta.get("content") or "").strip()
            for name in {(meta.get(kind) or "").strip().lower() for kind in ("property", "name", "itemprop")}:
                if name and content:
                    self._metas.setdefault(name, []).append(content)
        self.linked = next(_linked_data(root), {})

    def all(self, *names: str) -> list[str]:
        """Return what the page says under these names, in their order."""
        return [content for name in names for content in self._metas.get(name, ())]

    def first(self, *names: str) -> str:
        return next(iter(self.all(*names)), "")


def read(root: Element, zone: ZoneInfo) -> Facts:
    """Collect the metadata of a page.

    Args:
        root: the page.
        zone: for dates without one.
    """
    page = _Page(root)
    fields: dict[tuple[str, ...], object] = {
        keys.PUBLISHED: _date(_published(page), zone),
        keys.UPDATED: _date([*page.all(*_UPDATED), _text(page.linked.get("dateModified"))], zone),
        keys.AUTHORS: _authors(page),
        keys.TAGS: _tags(page),
        keys.SECTION: page.first("article:section") or _text(page.linked.get("articleSection")),
        keys.IMAGE: _image(page),
        keys.ADDRESS: _address(page),
        keys.LANGUAGE: root.get("lang") or "",
    }
    summary = page.first(*_SUMMARY) or _text(page.linked.get("description"))
    return Facts(_title(page), summary, fields)


def _title(page: _Page) -> str:
    """Return the title, without the name of the site that pages often carry behind it."""
    heading = next((words(found) for found in (*frame(page.root).iter("h1"), *page.root.iter("h1"))), "")
    named = next((words(found) for found in page.root.iter("title")), "")
    title = page.first("og:title") or _text(page.linked.get("headline")) or named or heading
    if heading and re.match(re.escape(heading) + _SEPARATOR, title):
        return heading
    site = page.first("og:site_name")
    return re.sub(f"{_SEPARATOR}{re.escape(site)}$", "", title) if site else title


def _published(page: _Page) -> Iterator[str]:
    yield from page.all("article:published_time")
    yield _text(page.linked.get("datePublished"))
    yield from page.all(*_PUBLISHED, *_PUBLISHED_IN_LIBRARIES)
    times = list(page.root.iter("time"))
    marked = [time for time in times if time.get("pubdate") is not None or time.get("itemprop") == "datePublished"]
    for time in [*marked, *list(frame(page.root).iter("time"))[:1]]:
        yield time.get("datetime") or words(time)


def _date(candidates: Iterable[str], zone: ZoneInfo) -> str:
    """Return the first candidate that is a date; else the first, whose mistake is then told."""
    said = [candidate for candidate in candidates if candidate]
    return next((candidate for candidate in said if _is_date(candidate, zone)), said[0] if said else "")


def _is_date(candidate: str, zone: ZoneInfo) -> bool:
    try:
        dates.moment(candidate, zone)
    except ValueError:
        return False
    return True


def _authors(page: _Page) -> list[object]:
    """Return the authors; addresses of profiles, which `article:author` may hold, are no names."""
    linked = page.linked.get("author")
    people = [_person(person) for person in (linked if isinstance(linked, list) else [linked])]
    named: list[object] = [
        name for name in page.all("author", "article:author", "dcterms.creator") if not address(name)
    ]
    return list(dict.fromkeys(named)) or [person for person in people if person["name"]]


def _person(value: object) -> dict[str, str]:
    table = value if isinstance(value, dict) else {}
    return {"name": _text(value), "url": address(_text(table.get("url")))}


def _tags(page: _Page) -> list[str]:
    keywords = [keyword for content in page.all("keywords", "news_keywords") for keyword in content.split(",")]
    return [*page.all("article:tag"), *keywords]


def _image(page: _Page) -> object:
    url = page.first("og:image", "og:image:url", "twitter:image") or _text(page.linked.get("image"))
    return {"url": url, "alt": page.first("og:image:alt", "twitter:image:alt")} if url else ""


def _address(page: _Page) -> str:
    """Return the address the page stands at: its canonical one. Only a whole one tells that."""
    links = (
        link.get("href") or "" for link in page.root.iter("link") if (link.get("rel") or "").lower() == "canonical"
    )
    return next((url.strip() for url in (*links, page.first("og:url")) if address(url.strip())), "")


def _linked_data(root: Element) -> Iterator[dict[str, object]]:
    """Find the articles that a page describes in JSON-LD; what is no JSON says nothing."""
    for script in root.iter("script"):
        if (script.get("type") or "").strip().lower() == "application/ld+json":
            try:
                found = json.loads("".join(map(str, script.itertext())))
            except (ValueError, RecursionError):
                continue
            yield from filter(_is_article, _nodes(found))


def _nodes(value: object) -> Iterator[dict[str, object]]:
    for node in value if isinstance(value, list) else [value]:
        if isinstance(node, dict):
            yield node
            graph = node.get("@graph")
            yield from (inner for inner in (graph if isinstance(graph, list) else ()) if isinstance(inner, dict))


def _is_article(node: Mapping[str, object]) -> bool:
    kinds = node.get("@type")
    return any(isinstance(kind, str) and _TYPES.match(kind) for kind in (kinds if isinstance(kinds, list) else [kinds]))


def _text(value: object, depth: int = 3) -> str:
    """Return the words of a JSON-LD value: text, the first of a list, the name or address of a node."""
    if isinstance(value, list) and value and depth:
        return _text(value[0], depth - 1)
    if isinstance(value, dict) and depth:
        return next((text for key in ("name", "url", "@value") if (text := _text(value.get(key), depth - 1))), "")
    return value.strip() if isinstance(value, str) else ""
