"""Articles that say the same, or claim the same id or address."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from publisher.article import Article
from publisher.catalogue.lock import Promise, content_hash
from publisher.errors import Problem, Severity


def parted(articles: Sequence[Article], promises: Mapping[str, Promise]) -> tuple[list[Article], list[Problem]]:
    """Part articles that can be told from each other from those that cannot, each of which becomes a problem.

    Args:
        articles: with the ids they have so far.
        promises: by id.
    """
    fresh, reused = _without_reused_ids(articles, promises)
    unique, clashes = _without_clashes(fresh, promises)
    unique, doubles = _without_doubles(unique)
    return unique, [*reused, *clashes, *doubles]


def _without_reused_ids(
    articles: Sequence[Article], promises: Mapping[str, Promise]
) -> tuple[list[Article], list[Problem]]:
    """Leave out articles that say the id of one that was withdrawn and have nothing else in common with it."""
    kept: list[Article] = []
    problems = []
    for article in articles:
        promise = promises.get(article.id)
        if promise and promise.withdrawn and not _alike(article, promise):
            message = f'has the id of "{promise.title}", which was withdrawn: {article.id}'
            problems.append(Problem(article.path, message, "give it another id, or none", article.line))
        else:
            kept.append(article)
    return kept, problems


def _alike(article: Article, promise: Promise) -> bool:
    same = (article.path == promise.path, article.title == promise.title, content_hash(article) == promise.content)
    return any(same)


def namesakes(articles: Iterable[Article]) -> list[Problem]:
    """Note articles that share an address: their feeds are right, but a reader's click leads to one of them only."""
    first: dict[str, Article] = {}
    return [
        Problem(
            article.path,
            f"has the same address as {_place(first[article.url])}: {article.url}",
            "give one of them another slug, or set publication.permalink to a pattern with the date",
            article.line,
            Severity.NOTE,
        )
        for article in articles
        if first.setdefault(article.url, article) is not article
    ]


def _without_clashes(
    articles: Sequence[Article], promises: Mapping[str, Promise]
) -> tuple[list[Article], list[Problem]]:
    """Let an id stay with the file it was promised for; where the lock says nothing, no file gets it."""

    def rightful(same: Sequence[Article]) -> Article | None:
        promised = promises.get(same[0].id)
        holders = [a for a in same if promised and a.path == promised.path]
        return holders[0] if len(holders) == 1 else None

    return _unique(articles, lambda a: a.id, rightful, _clash)


def _without_doubles(articles: Sequence[Article]) -> tuple[list[Article], list[Problem]]:
    """Of files that say the same keep one; those that carry ids of their own may say what they like."""
    anonymous = [a for a in articles if not a.id]
    if not anonymous:
        return list(articles), []
    named = {_likeness(a): a for a in articles if a.id}
    kept, problems = _unique(anonymous, _likeness, lambda same: same[0], _double)
    copies = [a for a in kept if _likeness(a) in named]
    refused = {id(a) for a in anonymous} - {id(a) for a in kept} | {id(a) for a in copies}
    problems += [_double(copy, named[_likeness(copy)]) for copy in copies]
    return [a for a in articles if id(a) not in refused], problems


def _likeness(article: Article) -> object:
    return (article.title, article.published, content_hash(article))


def _unique(
    articles: Sequence[Article],
    key: Callable[[Article], object],
    keeper: Callable[[Sequence[Article]], Article | None],
    problem: Callable[[Article, Article], Problem],
) -> tuple[list[Article], list[Problem]]:
    """Keep one of the articles that share a key, or none; each one left out becomes a problem that names another."""
    groups: dict[object, list[Article]] = {}
    for article in articles:
        groups.setdefault(key(article) or object(), []).append(article)
    refused: set[int] = set()
    problems = []
    for same in (group for group in groups.values() if len(group) > 1):
        kept = keeper(same)
        for article in (a for a in same if a is not kept):
            refused.add(id(article))
            problems.append(problem(article, kept or next(a for a in same if a is not article)))
    return [a for a in articles if id(a) not in refused], problems


def _clash(article: Article, other: Article) -> Problem:
    cure = "give one of them another id, or none"
    return Problem(article.path, f"has the same id as {_place(other)}: {article.id}", cure, article.line)


def _double(article: Article, other: Article) -> Problem:
    return Problem(article.path, f"says the same as {_place(other)}", "remove one of them", article.line)


def _place(article: Article) -> str:
    return f"{article.path}:{article.line}" if article.line else article.path
