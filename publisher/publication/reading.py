"""All sources of a publication, read one after the other."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from publisher.article import Article, Author
from publisher.config import Settings
from publisher.errors import Problem
from publisher.sources.base import Conventions, Reading
from publisher.sources.folder import load, scan

T = TypeVar("T")


class Watch(Protocol):
    """Passes items on one by one while somebody may watch."""

    def __call__(self, items: Iterable[T], label: str, /) -> Iterator[T]:
        """Yield the items; `label` says what is being done with them."""


def unwatched(items: Iterable[T], _label: str) -> Iterator[T]:
    """Pass items on with nobody watching."""
    return iter(items)


def conventions(settings: Settings) -> Conventions:
    """Return what the publication assumes where its articles are silent."""
    author = settings.publication.author
    return Conventions(
        url=settings.publication.url,
        permalink=settings.publication.permalink,
        zone=settings.zone,
        language=settings.publication.language,
        author=Author(author.name, author.url or "", author.email or "") if author else None,
    )


def read_articles(folder: Path, settings: Settings, watch: Watch = unwatched) -> Reading:
    """Read every source; what cannot be read is a problem and stops nothing.

    Args:
        folder: the publication's.
        settings: name the sources.
        watch: sees each file before it is read.
    """
    articles: list[Article] = []
    problems: list[Problem] = []
    assumed = conventions(settings)
    for source in settings.sources:
        root = folder / source.path
        if not root.is_dir():
            cure = "make it, or name another folder in [[sources]] of publisher.toml"
            problems.append(Problem(source.path, "is no folder of articles", cure))
            continue
        for found in watch(list(scan(root, source.path)), "Reading articles"):
            if isinstance(found, Problem):
                problems.append(found)
                continue
            reading = load(found.path, found.shown, found.name, assumed)
            articles += reading.articles
            problems += reading.problems
    return Reading(tuple(articles), tuple(problems))
