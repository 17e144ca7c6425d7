"""The published articles as the last build knew them, for this machine alone: what a mistake may not take from readers."""

import json
from collections.abc import Iterable
from pathlib import Path

from publisher.article import Article
from publisher.catalogue.record import from_record, to_record
from publisher.files import STATE_FOLDER

#: One record a line, sorted by id. It may be deleted; then the JSON feeds are asked instead.
MEMORY = f"{STATE_FOLDER}/published.ndjson"


def dump(articles: Iterable[Article]) -> bytes:
    """Write articles down."""
    records = (to_record(article) for article in sorted(articles, key=lambda a: a.id))
    return "".join(f"{json.dumps(record, ensure_ascii=False)}\n" for record in records).encode()


def recall(folder: Path) -> dict[str, Article]:
    """Return the articles of the last build by id; a damaged memory is none.

    Args:
        folder: the publication's.
    """
    try:
        lines = (folder / MEMORY).read_text(encoding="utf-8").split("\n")
        articles = [from_record(json.loads(line)) for line in lines if line]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {article.id: article for article in articles}
