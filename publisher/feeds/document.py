"""What a feed says, before any syntax: cleaned, made absolute and ordered once, so that no two formats can disagree."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from typing import Literal
from urllib.parse import urlsplit

from publisher.article import Article, Author, Enclosure, Image
from publisher.config.settings import Settings
from publisher.feeds.selection import Selection, clean_tags
from publisher.markup.characters import legal, line
from publisher.markup.links import absolute, absolute_url
from publisher.markup.sanitise import clean
from publisher.sources.summaries import opening

Format = Literal["atom", "rss", "json"]

#: How the file of a format ends.
SUFFIXES: dict[Format, str] = {"atom": ".atom.xml", "rss": ".rss.xml", "json": ".json"}
#: Media type of a format.
MEDIA_TYPES: dict[Format, str] = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}
#: When a feed without entries was updated: before all it will ever hold, so that its time never goes back, but no
#: earlier than the W3C Feed Validator finds plausible.
NEVER = datetime(1990, 1, 1, tzinfo=UTC)

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
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

    @property
    def changed(self) -> datetime:
        """Return the time of the last significant change, or else of publication (RFC 4287 §4.2.15)."""
        return self.updated or self.published


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """One feed as every format shows it."""

    #: Permanent URI.
    id: str
    #: Path of its files below the folder of feeds, without their endings: `all`, `tags/python`.
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

    @property
    def page_url(self) -> str:
        """Return the address of the feed's HTML page."""
        return f"{self.folder_url}{self.name}.html"

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


def feed_document(selection: Selection, entries: Sequence[Entry], settings: Settings, authority: str) -> FeedDocument:
    """Make a feed of its entries.

    Args:
        selection: which feed it is.
        entries: those within its limit, newest first.
        settings: the publication's.
        authority: of `tag:` URIs (RFC 4151), such as `notes.example,2026`.
    """
    publication = settings.publication
    return FeedDocument(
        id=f"tag:{authority}:feeds/{selection.name}",
        name=selection.name,
        title=line(selection.title),
        subtitle=line(publication.description),
        site_url=publication.url,
        folder_url=settings.feeds_url,
        formats=tuple(dict.fromkeys(selection.settings.formats)),
        language=publication.language,
        authors=feed_authors(settings),
        updated=max(map(_changed, selection.articles), default=NEVER),
        entries=tuple(
            entry if selection.settings.content == "full" else replace(entry, content="") for entry in entries
        ),
    )


def feed_authors(settings: Settings) -> tuple[Author, ...]:
    """Return who answers for what names no author: the publication's author, or the publication itself."""
    author = settings.publication.author
    return (Author(line(author.name), author.url or "") if author else Author(line(settings.publication.title)),)


def entry_of(article: Article, settings: Settings) -> Entry:
    """Make the entry of a published article, with its full content."""
    url = _web_url(article.url, settings.publication.url) or settings.publication.url
    title = line(article.title) or url
    return Entry(
        id=line(article.id),
        url=url,
        title=title,
        summary=line(article.summary) or line(opening(article.content)) or title,
        content=absolute(clean(legal(_body(article, url))), url).strip(),
        published=_published(article),
        updated=_utc(article.updated) if article.updated else None,
        authors=_authors(article, url) or feed_authors(settings),
        tags=clean_tags(article),
        section=line(article.section),
        image=_image(article.image, url),
        enclosures=_enclosures(article, url),
        language=article.language if _LANGUAGE.fullmatch(article.language) else settings.publication.language,
    )


def _body(article: Article, url: str) -> str:
    """Return highlights, content and citations as one piece of HTML, not yet cleaned."""
    return "\n".join(part for part in (_highlights(article), article.content, _citations(article, url)) if part)


def _highlights(article: Article) -> str:
    points = "\n".join(f"<li>{escape(point)}</li>" for point in article.highlights)
    return f"<p><strong>At a glance</strong></p>\n<ul>\n{points}\n</ul>" if points else ""


def _citations(article: Article, url: str) -> str:
    items = []
    for source in article.sources:
        address, text = _web_url(source.url, url), escape(source.text or source.url)
        items.append(f'<li><a href="{escape(address)}">{text}</a></li>' if address else f"<li>{text}</li>")
    return "<h2>Sources</h2>\n<ul>\n" + "\n".join(items) + "\n</ul>" if items else ""


def _authors(article: Article, url: str) -> tuple[Author, ...]:
    return tuple(Author(name, _web_url(author.url, url)) for author in article.authors if (name := line(author.name)))


def _image(image: Image | None, base: str) -> Image | None:
    address = _web_url(image.url, base) if image else ""
    return Image(address, line(image.alt)) if image and address else None


def _enclosures(article: Article, base: str) -> tuple[Enclosure, ...]:
    return tuple(
        Enclosure(
            url,
            found.type if _MEDIA_TYPE.fullmatch(found.type) else "application/octet-stream",
            found.length if found.length and found.length > 0 else None,
            line(found.title),
        )
        for found in article.enclosures
        if (url := _web_url(found.url, base))
    )


def _web_url(url: str, base: str) -> str:
    """Return an absolute web address; empty for no URL, a malformed one and any scheme but http and https."""
    if not url.strip():
        return ""
    address = absolute_url(legal(url), base)
    return address if urlsplit(address).scheme in ("http", "https") else ""


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
