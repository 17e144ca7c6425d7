"""All sources of a publication, read one after the other."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from publisher.article import Author
from publisher.config import Settings
from publisher.errors import Problem
from publisher.sources.base import Conventions, Reading
from publisher.sources.folder import Found, load, scan

T = TypeVar("T")

#: Folders of a publication that hold no articles, even where the publication's own folder is a source.
_OUTPUTS = frozenset(("feeds", "issues", "templates"))


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
    assumed = conventions(settings)
    readings = [
        Reading(problems=(found,)) if isinstance(found, Problem) else load(found.path, found.shown, found.name, assumed)
        for found in watch(list(_found(folder, settings)), "Reading articles")
    ]
    return Reading(
        tuple(article for reading in readings for article in reading.articles),
        tuple(problem for reading in readings for problem in reading.problems),
    )


def _found(folder: Path, settings: Settings) -> Iterator[Found | Problem]:
    """Yield each file once, also where one source lies within another, and none of our own outputs."""
    seen: set[str] = set()
    for source in settings.sources:
        if not (folder / source.path).is_dir():
            cure = "make it, or name another folder in [[sources]] of publisher.toml"
            yield Problem(source.path, "is no folder of articles", cure)
            continue
        for found in scan(folder / source.path, source.path):
            shown = found.path if isinstance(found, Problem) else found.shown
            if shown not in seen and shown.partition("/")[0] not in _OUTPUTS:
                seen.add(shown)
                yield found
