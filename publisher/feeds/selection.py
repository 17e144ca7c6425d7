"""Which feeds there are and which articles each holds."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from publisher.article import Article, Author
from publisher.config.kinds import Per
from publisher.config.settings import FeedSettings, Settings
from publisher.feeds.content import text
from publisher.markup.characters import line
from publisher.markup.slugs import slug

#: Folders of the feeds that there is one of for each tag, author, section or language.
FOLDERS: dict[Per, str] = {"tag": "tags", "author": "authors", "section": "sections", "language": "languages"}

# A mail address in a name; nobody asked to publish it.
_ADDRESS = re.compile(r"<[^<>\s]*@[^<>\s]*>")


@dataclass(frozen=True, slots=True)
class Selection:
    """One feed before its entries are made."""

    #: Path of its files below the folder of feeds, without their endings; no two alike.
    name: str
    title: str
    settings: FeedSettings
    #: All that belong to it, newest first, the limit not yet applied.
    articles: tuple[Article, ...]
    #: Of all of them, where that is what they have in common; otherwise empty.
    language: str = ""

    @property
    def total(self) -> bool:
        """Whether it holds every article, so that none can leave it without being withdrawn."""
        feed = self.settings
        return feed.name is not None and not (feed.tags or feed.authors or feed.sections or feed.languages)


@dataclass(frozen=True, slots=True)
class Group:
    """A word, such as a tag, with the articles that carry it, in whatever case they spell it."""

    #: Spelling of the earliest published article.
    label: str
    #: Its name in addresses; no two words of a kind share one.
    slug: str
    #: Newest first.
    articles: tuple[Article, ...]


def selections(articles: Sequence[Article], settings: Settings) -> Iterator[Selection]:
    """Yield the feeds of a publication, in the order of its settings, those of tags and the like by their slugs.

    Args:
        articles: the published ones, newest first.
        settings: the publication's.
    """
    for feed in settings.feeds:
        title = feed.title or settings.publication.title
        wanted = _filtered(articles, feed)
        if feed.per is None:
            assert feed.name is not None
            yield Selection(feed.name, title, feed, tuple(wanted))
        else:
            for group in groups(wanted, _WORDS[feed.per]):
                name, said = f"{FOLDERS[feed.per]}/{group.slug}", f"{title}: {group.label}"
                language = group.label if feed.per == "language" else ""
                yield Selection(name, said, feed, group.articles, language)


def groups(articles: Sequence[Article], words: Callable[[Article], Sequence[str]]) -> tuple[Group, ...]:
    """Return what published articles carry by slug, say their tags; words that differ in case only are one.

    Of different words with one slug ("foo bar" and "foo-bar"), the one that was there first keeps it and the others
    get a hash of themselves behind it, so that no address changes when later articles arrive.

    Args:
        articles: newest first.
        words: of an article, no two alike when case is ignored.
    """
    carrying: dict[str, list[tuple[str, Article]]] = {}
    for article in articles:
        for word in words(article):
            carrying.setdefault(word.casefold(), []).append((word, article))
    taken: dict[str, Group] = {}
    for key, spellings in sorted(carrying.items(), key=lambda item: (_first(item[1]), item[0])):
        label = min(spellings, key=lambda spelling: _age(spelling[1]))[0]
        name = next(name for name in _names(label, key) if name not in taken)
        taken[name] = Group(label, name, tuple(article for _, article in spellings))
    return tuple(taken[name] for name in sorted(taken))


def clean_tags(article: Article) -> tuple[str, ...]:
    """Return the tags of an article in its spelling, each once when case is ignored, none empty."""
    return _distinct(article.tags)


def author_name(author: Author) -> str:
    """Return the name of an author as readers see it: on one line, without a mail address."""
    return text(line(_ADDRESS.sub("", author.name)))


def _authors(article: Article) -> tuple[str, ...]:
    return _distinct(map(author_name, article.authors))


def _section(article: Article) -> tuple[str, ...]:
    return _distinct((article.section,))


def _language(article: Article) -> tuple[str, ...]:
    return (article.language,)


_WORDS: dict[Per, Callable[[Article], tuple[str, ...]]] = {
    "tag": clean_tags,
    "author": _authors,
    "section": _section,
    "language": _language,
}


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for word in words:
        if word := text(line(word)):
            found.setdefault(word.casefold(), word)
    return tuple(found.values())


def _filtered(articles: Sequence[Article], feed: FeedSettings) -> Sequence[Article]:
    """Keep the articles that every filter of the feed accepts."""
    kept = articles
    for wanted, words in ((feed.tags, clean_tags), (feed.authors, _authors), (feed.sections, _section)):
        if wanted:
            keys = {line(word).casefold() for word in wanted}
            kept = [a for a in kept if not keys.isdisjoint(word.casefold() for word in words(a))]
    if feed.languages:
        ranges = tuple(f"{language.lower()}-" for language in feed.languages)
        kept = [a for a in kept if f"{a.language.lower()}-".startswith(ranges)]  # RFC 4647 §3.3.1
    return kept


def _names(label: str, key: str) -> Iterator[str]:
    """Yield names for a word until one is free; the whole hash is as good as its own."""
    plain, digest = slug(label), sha256(key.encode()).hexdigest()
    yield plain
    yield f"{plain}-{digest[:8]}"
    yield f"{plain}-{digest}"


def _first(spellings: Sequence[tuple[str, Article]]) -> tuple[datetime, str]:
    return min(_age(article) for _, article in spellings)


def _age(article: Article) -> tuple[datetime, str]:
    assert article.published is not None, f"{article.id} is not published"
    return article.published, article.id
