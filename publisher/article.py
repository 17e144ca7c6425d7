"""The record everybody shares: one article, frozen, with aware times."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum


class Status(Enum):
    """What the author says of an article. Whether its time has come is a question of the clock, not of the record."""

    PUBLISHED = "published"
    """Readers see it from its publication time on."""

    DRAFT = "draft"
    """Nobody sees it, whatever its date says."""


@dataclass(frozen=True, slots=True)
class Author:
    """A person or organisation (RFC 4287 §3.2, JSON Feed 1.1 `authors`)."""

    name: str
    #: Absolute URL of a page about the author; empty where unknown.
    url: str = ""
    #: Mail address; kept for the author's own use and never written into a feed.
    email: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """The lead image."""

    #: Absolute URL, or relative to the article's URL.
    url: str
    #: What the picture shows, for those who do not see it.
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that belongs to the article (RFC 4287 §4.2.7.2, RSS 2.0 `enclosure`, JSON Feed `attachments`)."""

    #: Absolute URL, or relative to the article's URL.
    url: str
    #: Media type, such as `audio/mpeg`.
    type: str
    #: Size in octets; None where nobody has said.
    length: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """One of the article's sources."""

    #: The words of the citation, without its address.
    text: str
    #: Absolute URL; empty where the citation has none.
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article, as every source yields it and as feeds and newsletters show it.

    Raises:
        ValueError: `published` or `updated` has no time zone.
    """

    #: Permanent identifier, an absolute URI; empty until the catalogue has minted one (RFC 4287 §4.2.6).
    id: str = ""
    #: Plain text.
    title: str
    #: Absolute URL of the article's page.
    url: str
    #: Plain text of a sentence or a few.
    summary: str = ""
    #: Sanitised HTML; its links may be relative to `url`.
    content: str = ""
    #: "At a glance" points, plain text.
    highlights: tuple[str, ...] = ()
    authors: tuple[Author, ...] = ()
    #: Tags in the author's order and spelling, no two alike when case is ignored.
    tags: tuple[str, ...] = ()
    #: The one part of the publication it belongs to; empty for none.
    section: str = ""
    #: BCP 47 language tag.
    language: str = "en"
    #: First publication. Drafts may have none.
    published: datetime | None = None
    #: Last significant change; None where there was none after publication.
    updated: datetime | None = None
    image: Image | None = None
    enclosures: tuple[Enclosure, ...] = ()
    #: Citations.
    sources: tuple[Citation, ...] = ()
    status: Status = Status.PUBLISHED

    #: Where it was read: the file relative to the publication's folder. Not part of what the article says.
    path: str = field(default="", compare=False)
    #: Line in that file, from 1, for files that hold many articles; otherwise 0.
    line: int = field(default=0, compare=False)
    #: Last part of the article's path on the site; an id is minted from it.
    slug: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for name in ("published", "updated"):
            moment = getattr(self, name)
            if moment is not None and moment.utcoffset() is None:
                raise ValueError(f"{name} needs a time zone: {moment.isoformat()}")
