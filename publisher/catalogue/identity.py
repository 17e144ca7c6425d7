"""Which id an article has: its own, the one it was promised under, or a new one."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote
from zoneinfo import ZoneInfo

from publisher.article import Article
from publisher.catalogue.lock import Promise, content_hash

#: Ids from other systems that are no URIs come from the sources with this prefix.
LOCAL = "local:"

#: What a file that was renamed and edited at once is recognised by, most certain first.
_MARKS_OF_RENAMED: tuple[Callable[[Promise], object], ...] = (
    lambda p: (p.content, p.title),
    lambda p: (p.content, p.published),
    lambda p: (p.title, p.published),
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
    own = {article.id for article in articles if article.id}
    present = {article.path for article in articles}
    search = _Search(
        articles={n: article for n, article in enumerate(articles) if not article.id},
        promises=list(promises.values()),
    )
    # A file that says what it said keeps its id, also where another file claims it: that is then a clash, and named.
    search.match(lambda p: (p.path, p.content, p.title, p.published))
    search.promises = [p for p in search.promises if p.id not in own]
    search.match(lambda p: (p.content, p.title, p.published))
    search.match(lambda p: p.path)
    search.promises = [p for p in search.promises if p.path not in present]
    for mark in _MARKS_OF_RENAMED:
        search.match(mark)
    return search.found


@dataclass(slots=True)
class _Search:
    """Articles and promises that have not found each other yet."""

    articles: dict[int, Article]
    promises: list[Promise]
    found: dict[int, str] = field(default_factory=dict)

    def match(self, mark: Callable[[Promise], object]) -> None:
        """Pair those whose mark is the same, where exactly one article has it."""
        by_mark: dict[object, list[int]] = {}
        for position, article in self.articles.items():
            if article.published:
                by_mark.setdefault(mark(_as_promise(article)), []).append(position)
        for promise in list(self.promises):
            positions = by_mark.pop(mark(promise), [])
            if len(positions) == 1:
                self.found[positions[0]] = promise.id
                del self.articles[positions[0]]
                self.promises.remove(promise)


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
