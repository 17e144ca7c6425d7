"""What readers have of an article, read back from our own feeds when its file cannot be read any more."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from typing import Any

from lxml import etree

from publisher.article import Article
from publisher.catalogue.record import from_record
from publisher.catalogue.withdrawal import Remembered
from publisher.feeds.content import text_alone
from publisher.files import read_file
from publisher.markup.dates import rfc3339
from publisher.markup.sanitise import clean

_NAMES = {
    "a": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xml": "http://www.w3.org/XML/1998/namespace",
}

#: The most that is read of a feed, in bytes; ours may hold all articles there are.
_LARGEST = 512 * 2**20
#: A record in the words of JSON Feed, with the language of its feed.
_Item = tuple[str, Mapping[str, Any]]


def last_published(folder: Path, ids: frozenset[str]) -> dict[str, Remembered]:
    """Return the articles of the given ids as the feeds on disk show them; whole content wins over a summary.

    Highlights and citations are within the content of such an article, as readers have it.

    Args:
        folder: of the feeds.
        ids: of the articles asked for.
    """
    found: dict[str, Article] = {}
    places: dict[str, set[str]] = {}
    for name, language, item in _items(folder):
        identifier = item.get("id")
        if isinstance(identifier, str) and identifier in ids:
            places.setdefault(identifier, set()).add(name)
            if not (identifier in found and found[identifier].content):
                article = _article(item, language)
                found |= {article.id: article} if article else {}
            elif item.get("section"):  # JSON Feed has no word for it
                found[identifier] = replace(found[identifier], section=item["section"])
    return {id_: Remembered(article, tuple(sorted(places[id_]))) for id_, article in found.items()}


def with_head(shown: Remembered, head: Article) -> Remembered:
    """Return what is remembered of an article, with everything its file said of it but its text.

    Args:
        shown: as the feeds have it.
        head: the article without its text.
    """
    if shown.article is None:
        return shown
    content = text_alone(shown.article.content, head, shown.article.url)
    article = replace(head, content=content, summary=head.summary or shown.article.summary, unread=False)
    return replace(shown, article=article)


def _items(folder: Path) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the items of all feeds, each with the name of its feed; JSON first, as it tells most."""
    for suffix, read in ((".json", _json), (".atom.xml", _atom), (".rss.xml", _rss)):
        for path in sorted(folder.glob(f"**/*{suffix}")):
            name = path.relative_to(folder).as_posix().removesuffix(suffix)
            if name.startswith("archive/"):
                name = name.removeprefix("archive/").rpartition("/")[0]
            try:
                items = list(read(read_file(path, _LARGEST)))
            except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, etree.LxmlError):
                continue  # a damaged feed remembers nothing; the build is about to write it anew
            yield from ((name, language, item) for language, item in items)


def _json(data: bytes) -> Iterator[_Item]:
    feed = json.loads(data)
    language = str(feed.get("language", "en"))
    return ((language, item) for item in feed["items"] if isinstance(item, dict))


def _atom(data: bytes) -> Iterator[_Item]:
    feed = _parsed(data)
    for entry in feed.findall("a:entry", _NAMES):
        links = {link.get("rel", "alternate"): link.get("href") for link in entry.findall("a:link", _NAMES)}
        record = {
            "id": entry.findtext("a:id", None, _NAMES),
            "url": links.get("alternate"),
            "title": _plain(entry.find("a:title", _NAMES)),
            "summary": _plain(entry.find("a:summary", _NAMES)),
            "content_html": entry.findtext("a:content", None, _NAMES),
            "authors": [{"name": name.text} for name in entry.findall("a:author/a:name", _NAMES)],
            "tags": [c.get("term") for c in entry.findall("a:category", _NAMES) if not _is_section(c.get("scheme"))],
            "section": next(
                (c.get("term") for c in entry.findall("a:category", _NAMES) if _is_section(c.get("scheme"))), None
            ),
            "language": entry.get(f"{{{_NAMES['xml']}}}lang"),
            "date_published": entry.findtext("a:published", None, _NAMES),
            "date_modified": entry.findtext("a:updated", None, _NAMES),
        }
        if record["date_modified"] == record["date_published"]:
            del record["date_modified"]
        yield feed.get(f"{{{_NAMES['xml']}}}lang", "en"), _said(record)


def _rss(data: bytes) -> Iterator[_Item]:
    feed = _parsed(data)
    for item in feed.findall("channel/item"):
        record = {
            "id": item.findtext("guid"),
            "url": item.findtext("link"),
            "title": item.findtext("title", "").replace("\u2060", ""),
            "summary": unescape(item.findtext("description", "")),
            "content_html": item.findtext("content:encoded", None, _NAMES),
            "authors": [{"name": creator.text} for creator in item.findall("dc:creator", _NAMES)],
            "tags": [c.text for c in item.findall("category") if not _is_section(c.get("domain"))],
            "section": next((c.text for c in item.findall("category") if _is_section(c.get("domain"))), None),
            "language": item.findtext("dc:language", None, _NAMES),
            "date_published": rfc3339(parsedate_to_datetime(item.findtext("pubDate", ""))),
            "date_modified": item.findtext("a:updated", None, _NAMES),
        }
        yield feed.findtext("channel/language", "en"), _said(record)


def _plain(element: etree._Element | None) -> str | None:
    """Return a text construct (RFC 4287 §3.1) as plain text."""
    if element is None or element.text is None:
        return None
    return unescape(element.text) if element.get("type") == "html" else element.text


def _is_section(scheme: str | None) -> bool:
    return (scheme or "").endswith("/sections/")


def _parsed(data: bytes) -> etree._Element:
    # Our feeds have references to characters and no entities. The folder may come from a stranger's pull request: an
    # entity could name any file of this machine.
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def _said(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if value}


def _article(item: Mapping[str, Any], language: str) -> Article | None:
    """Return the article of an item; its content is cleaned again, as the file may not be what we wrote."""
    try:
        article = from_record(item, language)
        return replace(article, content=clean(article.content))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
