"""Which feeds there are and which articles each holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from publisher.article import Article
from publisher.config.settings import FeedSettings, Settings
from publisher.markup.characters import line
from publisher.markup.slugs import slug


@dataclass(frozen=True, slots=True)
class Selection:
    """One feed before its entries are made."""

    #: Path of its files below the folder of feeds, without their endings; no two alike.
    name: str
    title: str
    settings: FeedSettings
    #: All that belong to it, newest first, the limit not yet applied.
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag with the articles that carry it, in whatever case they spell it."""

    #: Spelling of the earliest published article.
    label: str
    #: Its name in addresses; no two tags share one.
    slug: str
    #: Newest first.
    articles: tuple[Article, ...]


def selections(articles: Sequence[Article], settings: Settings) -> Iterator[Selection]:
    """Yield the feeds of a publication, in the order of its settings, those of tags by their slugs.

    Args:
        articles: the published ones, newest first.
        settings: the publication's.
    """
    for feed in settings.feeds:
        title = feed.title or settings.publication.title
        if feed.name is not None:
            yield Selection(feed.name, title, feed, tuple(articles))
        else:
            for tag in tags(articles):
                yield Selection(f"tags/{tag.slug}", f"{title}: {tag.label}", feed, tag.articles)


def tags(articles: Sequence[Article]) -> tuple[Tag, ...]:
    """Return the tags of published articles by slug; tags that differ in case only are one.

    Of different tags with one slug ("foo bar" and "foo-bar"), the one that was there first keeps it and the others
    get a hash of themselves behind it, so that no address changes when later articles arrive.
    """
    carrying: dict[str, list[tuple[str, Article]]] = {}
    for article in articles:
        for tag in clean_tags(article):
            carrying.setdefault(tag.casefold(), []).append((tag, article))
    taken: dict[str, Tag] = {}
    for key, spellings in sorted(carrying.items(), key=lambda item: (_first(item[1]), item[0])):
        label = min(spellings, key=lambda spelling: _age(spelling[1]))[0]
        name = next(name for name in _names(label, key) if name not in taken)
        taken[name] = Tag(label, name, tuple(article for _, article in spellings))
    return tuple(taken[name] for name in sorted(taken))


def clean_tags(article: Article) -> tuple[str, ...]:
    """Return the tags of an article in its spelling, each once when case is ignored, none empty."""
    found: dict[str, str] = {}
    for tag in map(line, article.tags):
        if tag:
            found.setdefault(tag.casefold(), tag)
    return tuple(found.values())


def _names(label: str, key: str) -> Iterator[str]:
    """Yield names for a tag until one is free; the whole hash is as good as its own."""
    plain, digest = slug(label), sha256(key.encode()).hexdigest()
    yield plain
    yield f"{plain}-{digest[:8]}"
    yield f"{plain}-{digest}"


def _first(spellings: Sequence[tuple[str, Article]]) -> tuple[datetime, str]:
    return min(_age(article) for _, article in spellings)


def _age(article: Article) -> tuple[datetime, str]:
    assert article.published is not None, f"{article.id} is not published"
    return article.published, article.id
