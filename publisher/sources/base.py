"""What every reader of a source format takes and gives."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from publisher.article import Article, Author, Citation
from publisher.errors import Problem


@dataclass(frozen=True, slots=True)
class Conventions:
    """What the publication assumes where an article is silent."""

    #: Address of the site, ending in a slash.
    url: str
    #: Where an article without an address of its own stands below `url`, for example `{path}/`.
    permalink: str
    #: Zone of dates without one.
    zone: ZoneInfo
    language: str
    author: Author | None = None
    #: Time of publication of articles that name none; where this is None too, they have a problem.
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One decoded file."""

    #: For messages and the lock: relative to the publication's folder, with forward slashes.
    path: str
    #: Relative to the source's folder: dates in a path, slug and folders are taken from it.
    name: str
    #: Without byte order mark and illegal characters, lines ending in LF.
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a format found outside the metadata; the metadata's own title, summary and lists come first."""

    #: HTML, not yet sanitised.
    content: str = ""
    title: str = ""
    #: Plain text.
    summary: str = ""
    highlights: tuple[str, ...] = ()
    sources: tuple[Citation, ...] = ()
    #: Line in the file at which the record begins, from 1, for files with many records; otherwise 0.
    line: int = 0
    #: SHA-256 of the body as it stands in the file, hexadecimal; empty takes that of `content`.
    digest: str = ""
    #: Whether the content is left in the file for now.
    unread: bool = False
    #: What its text loses on the way to readers, where that is known before it is rendered.
    removed: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one file: its articles and what is wrong with it, together."""

    articles: tuple[Article, ...] = ()
    problems: tuple[Problem, ...] = ()


class Reader(Protocol):
    """Reads one format. Add a module with such a function and its suffixes to `sources.folder.READERS`."""

    def __call__(self, document: Document, conventions: Conventions) -> Reading:
        """Read a document; mistakes in it are problems in the result, never exceptions."""
