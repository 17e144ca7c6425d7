"""The record everybody shares: one article, frozen, with aware times."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal


class Status(Enum):
    """What the author says of an article. Whether its time has come is a question of the clock, not of the record."""

    PUBLISHED = "published"
    """Readers see it from its publication time on."""

    DRAFT = "draft"
    """Nobody sees it, whatever its date says."""

    WITHDRAWN = "withdrawn"
    """Nobody sees it any more; readers who had it are told so (RFC 6721)."""


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
    #: Size in pixels; None where nobody has said or measured it.
    width: int | None = None
    height: int | None = None
    #: Media type, such as `image/jpeg`; empty where unknown.
    type: str = ""


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
    #: How long it plays, in seconds; None where nobody has said or it does not play.
    duration: int | None = None


#: What an episode is to its show: a whole one, a piece of advertising for what is to come, or an extra.
EpisodeType = Literal["full", "trailer", "bonus"]


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of an episode as a file (Podcasting 2.0 `podcast:transcript`)."""

    #: Absolute URL, or relative to the article's URL.
    url: str
    #: Media type, such as `text/vtt`.
    type: str
    #: BCP 47 language tag; empty where it is the article's.
    language: str = ""
    #: `captions` where the words carry their times, whatever the type says; otherwise empty.
    rel: Literal["captions", ""] = ""


@dataclass(frozen=True, slots=True)
class Chapters:
    """The chapters of an episode as a file (Podcasting 2.0 `podcast:chapters`)."""

    #: Absolute URL, or relative to the article's URL.
    url: str
    #: Media type.
    type: str = "application/json+chapters"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to be heard in a podcast, or who made it (Podcasting 2.0 `podcast:person`)."""

    name: str
    #: What they do in it, in the words of the Podcast Taxonomy, such as `guest`; empty for a host.
    role: str = ""
    #: Where in the work they stand, in the words of the Podcast Taxonomy; empty for the cast.
    group: str = ""
    #: URL of a page about them; empty where unknown.
    url: str = ""
    #: URL of a picture of them; empty where unknown.
    image: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """What makes an article with a sound or film file an episode of a podcast (Apple's and Podcasting 2.0's terms)."""

    #: The episode's own title, without show, season and number; empty where the article's is fine.
    title: str = ""
    #: From 1, within the season where there are seasons.
    number: int | None = None
    #: What is shown in place of the number, such as `Ch.3`; at most 32 characters.
    display: str = ""
    #: From 1.
    season: int | None = None
    #: At most 128 characters.
    season_name: str = ""
    type: EpisodeType = "full"
    #: Whether it is for adults only; None where that of the show holds.
    explicit: bool | None = None
    #: How long it plays, in seconds; None where the file says it, or nobody does.
    duration: int | None = None
    #: The episode's own cover, square.
    image: Image | None = None
    transcripts: tuple[Transcript, ...] = ()
    chapters: Chapters | None = None
    persons: tuple[Person, ...] = ()
    #: Whether podcast directories shall leave it out.
    block: bool = False


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
    #: What podcast applications are told of it; None for what is no episode.
    episode: Episode | None = None
    #: Citations.
    sources: tuple[Citation, ...] = ()
    status: Status = Status.PUBLISHED

    #: Where it was read: the file relative to the publication's folder. Not part of what the article says.
    path: str = field(default="", compare=False)
    #: Line in that file, from 1, for files that hold many articles; otherwise 0.
    line: int = field(default=0, compare=False)
    #: Last part of the article's path on the site; an id is minted from it.
    slug: str = field(default="", compare=False)
    #: SHA-256 of the body as it stands in the source, and of all the article says; hexadecimal, empty where unknown.
    body_digest: str = field(default="", compare=False)
    digest: str = field(default="", compare=False)
    #: Whether content, and a summary taken from it, still lie in the file: `sources.folder.fill` brings them.
    unread: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        for name, moment in (("published", self.published), ("updated", self.updated)):
            if moment is not None and moment.utcoffset() is None:
                raise ValueError(f"{name} needs a time zone: {moment.isoformat()}")

    def under(self, identifier: str) -> "Article":
        """Return the article with its id: what `dataclasses.replace` does, for thousands at a time."""
        named = object.__new__(Article)
        for name in self.__slots__:
            object.__setattr__(named, name, getattr(self, name))
        object.__setattr__(named, "id", identifier)
        return named
