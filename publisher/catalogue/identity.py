"""Which id an article has: its own, the one it was promised under, or a new one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote
from zoneinfo import ZoneInfo

from publisher.article import Article
from publisher.catalogue.lock import Promise, content_hash

#: Ids from other systems that are no URIs come from the sources with this prefix.
LOCAL = "local:"

_Mark = Callable[[Promise], object]


#: What a file that was renamed and edited at once is recognised by, most certain first.
_MARKS_OF_RENAMED: tuple[_Mark, ...] = (
    lambda p: (p.content, p.title),
    lambda p: (p.content, p.dated),
    lambda p: (p.title, p.dated),
)


def global_id(article: Article, authority: str) -> Article:
    """Turn an id that another system gave, such as `local:42`, into a `tag:` URI (RFC 4151)."""
    if not article.id.startswith(LOCAL):
        return article
    return replace(article, id=f"tag:{authority}:id/{article.id.removeprefix(LOCAL)}")


def promised_ids(articles: Sequence[Article], promises: Mapping[str, Promise]) -> dict[int, str]:
    """Find the promised ids of articles that carry none, also when their files were renamed.

    Args:
        articles: all articles, with and without ids of their own.
        promises: by id.

    Returns:
        The ids of those that were found again, by position in `articles`.
    """
    # A file that says what it said keeps its id, also where another file claims it: that is then a clash, and named.
    search = _unchanged(articles, promises)
    if not search.articles:
        return search.found
    own = {article.id for article in articles if article.id}
    present = {article.path for article in articles}
    search.drop(lambda p: p.id in own)
    search.match(lambda p: (p.content, p.title, p.dated))
    search.match(lambda p: (p.path, p.title))
    search.match(lambda p: (p.path, p.content))
    # What comes in place of a withdrawn article, and has nothing but the file's name from it, is a new one.
    search.match(lambda p: (p.path, p.withdrawn))
    search.drop(lambda p: p.path in present)
    for mark in _MARKS_OF_RENAMED:
        search.match(mark)
    return search.found


def _unchanged(articles: Sequence[Article], promises: Mapping[str, Promise]) -> "_Search":
    """Begin a search with the articles that say in the same file what they said: nearly always all of them."""
    by_path: dict[str, list[Promise]] = {}
    for promise in promises.values():
        by_path.setdefault(promise.path, []).append(promise)
    search = _Search({n: article for n, article in enumerate(articles) if not article.id}, {})
    found: dict[str, list[int]] = {}
    for n, article in search.articles.items():
        for promise in by_path.get(article.path, ()):
            if (promise.content, promise.title, promise.dated) == (
                content_hash(article),
                article.title,
                article.published,
            ):
                found.setdefault(promise.id, []).append(n)
                break
    for identifier, positions in found.items():
        if len(positions) == 1:
            search.found[positions[0]] = identifier
            del search.articles[positions[0]]
    if search.articles:
        taken = set(search.found.values())
        search.promises = {i: p for i, p in promises.items() if i not in taken}
    return search


def changed_ids(articles: Sequence[Article], promises: Mapping[str, Promise]) -> dict[int, Promise]:
    """Find articles that say another id than the one their file was promised under.

    Args:
        articles: all articles, with the ids they have so far.
        promises: by id.

    Returns:
        Those promises, by position in `articles`.
    """
    present = {article.id for article in articles}
    search = _Search(
        articles={n: a for n, a in enumerate(articles) if a.id and a.id not in promises},
        promises={i: p for i, p in promises.items() if i not in present and p.withdrawn is None},
    )
    if search.articles:
        search.match(lambda p: (p.path, p.content, p.title, p.dated))
        search.match(lambda p: (p.path, p.content))
        search.match(lambda p: (p.path, p.title))
        search.match(lambda p: p.path)
    return {position: promises[identifier] for position, identifier in search.found.items()}


@dataclass(slots=True)
class _Search:
    """Articles and promises that have not found each other yet."""

    articles: dict[int, Article]
    promises: dict[str, Promise]
    found: dict[int, str] = field(default_factory=dict)

    def match(self, mark: _Mark) -> None:
        """Pair those whose mark is the same, where exactly one article has it."""
        if not self.articles or not self.promises:
            return
        by_mark: dict[object, list[int]] = {}
        for position, article in self.articles.items():
            if article.published:
                by_mark.setdefault(mark(_as_promise(article)), []).append(position)
        for promise in list(self.promises.values()):
            positions = by_mark.pop(mark(promise), None)
            if positions and len(positions) == 1:
                self.found[positions[0]] = promise.id
                del self.articles[positions[0]]
                del self.promises[promise.id]

    def drop(self, taken: Callable[[Promise], bool]) -> None:
        """Leave promises out of the search."""
        self.promises = {i: p for i, p in self.promises.items() if not taken(p)}


def _as_promise(article: Article) -> Promise:
    assert article.published
    return Promise("", article.published, article.path, article.title, content_hash(article))


def mint(article: Article, authority: str, zone: ZoneInfo, taken: Collection[str]) -> str:
    """Make a new `tag:` URI (RFC 4151) from the day of publication and the slug; it is kept, never derived again.

    Args:
        article: has its time of publication.
        authority: domain and date, such as `notes.example,2026`.
        zone: in which the day is named.
        taken: ids that exist.
    """
    assert article.published
    day = article.published.astimezone(zone).date().isoformat()
    plain = f"tag:{authority}:{day}/{quote(article.slug, safe='-._~')}"
    candidate, number = plain, 1
    while candidate in taken:
        number += 1
        candidate = f"{plain}-{number}"
    return candidate
