"""What readers have of an article, read back from our own JSON feeds when its file cannot be read any more."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from publisher.article import Article
from publisher.catalogue.record import from_record


def last_published(folder: Path, ids: frozenset[str]) -> dict[str, Article]:
    """Return the articles of the given ids as the feeds on disk show them; whole content wins over a summary.

    Highlights and citations are within the content of such an article, as readers have it.

    Args:
        folder: of the feeds.
        ids: of the articles asked for.
    """
    found: dict[str, Article] = {}
    for language, item in _items(folder):
        identifier = item.get("id")
        if identifier in ids and not (identifier in found and found[identifier].content):
            article = _article(item, language)
            found |= {article.id: article} if article else {}
    return found


def _items(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in sorted([*folder.glob("*.json"), *folder.glob("tags/*.json")]):
        try:
            feed = json.loads(path.read_bytes())
            items = [(str(feed.get("language", "en")), item) for item in feed["items"] if isinstance(item, dict)]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            continue  # a damaged feed remembers nothing; the build is about to write it anew
        yield from items


def _article(item: Mapping[str, Any], language: str) -> Article | None:
    try:
        return from_record(item, language)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
