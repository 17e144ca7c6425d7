"""What an article says of itself, as YAML."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

import yaml

from publisher.article import Article, Author, Status
from publisher.sources.episode_table import to_table


class _Dumper(yaml.SafeDumper):
    """Writes times as RFC 3339."""


_Dumper.add_representer(
    datetime, lambda dumper, when: dumper.represent_scalar("tag:yaml.org,2002:timestamp", when.isoformat())
)


def to_yaml(article: Article, address: Mapping[str, object]) -> str:
    """Return the metadata of an article, in the order of its fields; what is empty is left out.

    Args:
        article: the article.
        address: its slug or URL, under the names they are to have.
    """
    image = article.image
    fields: dict[str, object] = {
        "title": article.title,
        "date": article.published,
        "updated": article.updated,
        "authors": [_author(author) for author in article.authors],
        "tags": list(article.tags),
        "section": article.section,
        "language": article.language,
        "summary": article.summary,
        "image": image and _filled(asdict(image)),
        "highlights": list(article.highlights),
        "sources": [_filled({"text": source.text, "url": source.url}) for source in article.sources],
        "enclosures": [_filled(asdict(each)) for each in article.enclosures],
        "podcast": article.episode and to_table(article.episode),
        **address,
        "id": article.id,
        "draft": article.status is Status.DRAFT,
    }
    return yaml.dump(_filled(fields), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)


def _author(author: Author) -> object:
    fields = _filled({"name": author.name, "url": author.url, "email": author.email})
    return author.name if len(fields) == 1 and "<" not in author.name else fields


def _filled(fields: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in fields.items() if value or (value == 0 and value is not False)}
