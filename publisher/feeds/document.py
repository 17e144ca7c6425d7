"""What a feed says, before any syntax: cleaned, made absolute and ordered once, so that no two formats can disagree."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from publisher.article import Article, Author, Enclosure, Episode, Image
from publisher.config.formats import SUFFIXES
from publisher.config.kinds import Format
from publisher.config.podcast import PodcastSettings
from publisher.config.settings import Settings
from publisher.feeds.content import body, text, web_url
from publisher.feeds.episode import entry_episode, entry_image, timed
from publisher.feeds.selection import Selection, author_name, clean_tags
from publisher.markup import characters
from publisher.sources.summaries import opening

#: When a feed without entries was updated: before all it will ever hold, so that its time never goes back, but no
#: earlier than the W3C Feed Validator finds plausible.
NEVER = datetime(1990, 1, 1, tzinfo=UTC)

#: How much of what a feed has ever held one document tells (RFC 5005): everything; the newest of it; a closed page.
Extent = Literal["complete", "newest", "archive"]

# ISO 639 has codes of two and three letters; BCP 47 keeps longer ones for later.
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
# Type, subtype and parameters (RFC 9110 §8.3.1).
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(;\s*[\w.+-]+=[\w.+\"-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as every format shows it: legal characters, clean HTML, absolute URLs, times in UTC to the second."""

    #: Permanent URI; the same in every feed and format.
    id: str
    url: str
    #: Plain text on one line, never empty.
    title: str
    #: Plain text on one line, never empty.
    summary: str
    #: HTML: highlights, body and citations; empty where the feed carries summaries only.
    content: str
    published: datetime
    #: Last significant change; None where there was none.
    updated: datetime | None
    #: Never empty: the feed's authors where the article names none. Without mail addresses.
    authors: tuple[Author, ...]
    tags: tuple[str, ...]
    section: str
    image: Image | None
    enclosures: tuple[Enclosure, ...]
    language: str
    #: What podcast applications are told of it; None for what is no episode.
    episode: Episode | None = None

    @property
    def changed(self) -> datetime:
        """Return the time of the last significant change, or else of publication (RFC 4287 §4.2.15)."""
        return self.updated or self.published


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a withdrawn article (RFC 6721)."""

    #: Of the entry that is gone.
    id: str
    #: When it was withdrawn.
    when: datetime
    #: Plain text on one line; may be empty.
    title: str


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """One feed, or one archive page of it, as every format shows it."""

    #: Permanent URI; the same for all pages of a feed.
    id: str
    #: Path of its files below the folder of feeds, without their endings: `all`, `tags/python`, `archive/all/12`.
    name: str
    title: str
    #: One plain sentence; may be empty.
    subtitle: str
    #: The publication's web site.
    site_url: str
    #: Address of the folder of feeds, ending in a slash.
    folder_url: str
    formats: tuple[Format, ...]
    language: str
    #: Who answers for the feed; never empty.
    authors: tuple[Author, ...]
    #: Newest change of all it has selected, beyond its limit too; `NEVER` where that is nothing.
    updated: datetime
    #: Newest first.
    entries: tuple[Entry, ...]
    #: Who holds which rights, plain text on one line; may be empty.
    rights: str
    #: Address of a small square picture; may be empty.
    icon: str
    #: Address of a picture twice as wide as it is high; may be empty.
    logo: str
    #: How often readers should look, in minutes; None where nobody has said.
    ttl: int | None
    #: Whether it names the program that wrote it.
    generator: bool
    #: Address of the WebSub hub that is told of changes; may be empty.
    hub: str
    #: Of articles that were withdrawn lately; told in Atom alone, as the other formats know no such thing.
    tombstones: tuple[Tombstone, ...]
    extent: Extent
    #: Names of the archive pages before and after it and, for an archive page, of the feed's current document; empty
    #: where there is none.
    previous: str
    next: str
    current: str
    #: What makes it a show; None for all feeds that are none.
    podcast: PodcastSettings | None = None

    @property
    def page_url(self) -> str:
        """Return the address of the feed's HTML page; an archive page has none of its own."""
        return f"{self.folder_url}{self.current or self.name}.html"

    @property
    def to_folder(self) -> str:
        """Return the relative way from the feed's files to the folder of feeds."""
        return "../" * self.name.count("/")

    def path(self, form: Format) -> str:
        """Return the path of the feed's file in a format, below the folder of feeds."""
        return self.name + SUFFIXES[form]

    def url(self, form: Format) -> str:
        """Return the address of the feed's file in a format."""
        return self.folder_url + self.path(form)

    def archive_form(self, form: Format) -> Format:
        """Return the format in which archive pages continue a format: RSS goes on in Atom where the feed has both."""
        return form if form in archive_formats(self.formats) else "atom"

    def archive_url(self, name: str, form: Format) -> str:
        """Return the address of one of the feed's documents, by its name, in the format that continues a format."""
        return f"{self.folder_url}{name}{SUFFIXES[self.archive_form(form)]}"


def archive_formats(formats: Sequence[Format]) -> tuple[Format, ...]:
    """Return the formats in which archive pages of a feed are written: one of the two in XML, and JSON."""
    xml: tuple[Format, ...] = ("atom", "rss")
    return (*[form for form in xml if form in formats][:1], *[form for form in formats if form == "json"][:1])


def feed_document(
    selection: Selection,
    entries: Sequence[Entry],
    settings: Settings,
    authority: str,
    *,
    updated: datetime | None = None,
    extent: Extent | None = None,
    previous: str = "",
    next: str = "",  # noqa: A002 # the name of the link relation
    current: str = "",
    tombstones: Sequence[Tombstone] = (),
    name: str | None = None,
) -> FeedDocument:
    """Make a feed, or an archive page of it, of its entries.

    Args:
        selection: which feed it is.
        entries: those within its limit, newest first.
        settings: the publication's.
        authority: of `tag:` URIs (RFC 4151), such as `notes.example,2026`.
        updated: when it last changed; None takes the newest change of what is selected.
        extent: how much of the feed it tells; None looks whether all that is selected is within the limit.
        previous: name of the archive page with the next older articles.
        next: name of the archive page with the next newer ones.
        current: for an archive page the name of the feed's current document.
        tombstones: of the articles withdrawn lately.
        name: of an archive page; None takes the feed's.
    """
    publication, syndication = settings.publication, settings.syndication
    formats: tuple[Format, ...] = tuple(dict.fromkeys(selection.settings.formats))
    return FeedDocument(
        id=f"tag:{authority}:feeds/{selection.name}",
        name=name or selection.name,
        title=_line(selection.title),
        subtitle=_line(publication.description),
        site_url=publication.url,
        folder_url=settings.feeds_url,
        formats=archive_formats(formats) if extent == "archive" else formats,
        language=publication.language,
        authors=feed_authors(settings),
        updated=_utc(updated) if updated else max(map(_changed, selection.articles), default=NEVER),
        entries=tuple(
            entry if selection.settings.content == "full" else replace(entry, content="") for entry in entries
        ),
        rights=_line(publication.rights),
        icon=publication.icon or "",
        logo=publication.logo or "",
        ttl=syndication.ttl,
        generator=syndication.generator,
        # Readers subscribe to the feed, never to a page of it that is closed.
        hub=(syndication.hub or "") if syndication.ping and extent != "archive" else "",
        tombstones=tuple(replace(stone, when=_utc(stone.when), title=_line(stone.title)) for stone in tombstones),
        extent=extent or ("complete" if len(entries) == len(selection.articles) else "newest"),
        previous=previous,
        next=next,
        current=current,
        podcast=selection.settings.podcast,
    )


def feed_authors(settings: Settings) -> tuple[Author, ...]:
    """Return who answers for what names no author: the publication's author, or the publication itself."""
    author = settings.publication.author
    return (Author(_line(author.name), author.url or "") if author else Author(_line(settings.publication.title)),)


def entry_of(article: Article, settings: Settings) -> Entry:
    """Make the entry of a published article, with its full content."""
    url = web_url(article.url, settings.publication.url) or settings.publication.url
    title = _line(article.title) or url
    return Entry(
        id=_line(article.id),
        url=url,
        title=title,
        summary=_line(article.summary) or _line(opening(article.content)) or title,
        content=body(article, url),
        published=_published(article),
        updated=_utc(article.updated) if article.updated else None,
        authors=_authors(article, url) or feed_authors(settings),
        tags=clean_tags(article),
        section=_line(article.section),
        image=entry_image(article.image, url),
        enclosures=timed(_enclosures(article, url), article.episode),
        language=article.language if _LANGUAGE.fullmatch(article.language) else settings.publication.language,
        episode=entry_episode(article.episode, url) if article.episode else None,
    )


def _authors(article: Article, url: str) -> tuple[Author, ...]:
    names = ((author_name(author), author.url) for author in article.authors)
    return tuple(Author(name, web_url(address, url)) for name, address in names if name)


def _enclosures(article: Article, base: str) -> tuple[Enclosure, ...]:
    return tuple(
        replace(
            found,
            url=url,
            type=found.type if _MEDIA_TYPE.fullmatch(found.type) else "application/octet-stream",
            length=found.length if found.length and found.length > 0 else None,
            title=_line(found.title),
        )
        for found in article.enclosures
        if (url := web_url(found.url, base))
    )


def _line(value: str) -> str:
    """Return plain text on one line, as every format and every reader takes it."""
    return characters.line(text(value))


def _changed(article: Article) -> datetime:
    return _utc(article.updated) if article.updated else _published(article)


def _published(article: Article) -> datetime:
    assert article.published is not None, f"{article.id} is not published"
    return _utc(article.published)


def _utc(moment: datetime) -> datetime:
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:  # within a day of the first or last moment Python knows
        moment = moment.replace(tzinfo=UTC)
    return moment.replace(microsecond=0)
