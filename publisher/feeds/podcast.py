"""What podcast directories and applications read, and nobody else: Apple's elements
(https://help.apple.com/itc/podcasts_connect/#/itcb54353390) and those of Podcasting 2.0
(https://podcastindex.org/namespace/1.0). They stand in the RSS files of feeds that are podcasts, and nowhere else.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID, uuid5

from lxml import etree

from publisher.article import Article, Episode, Image, Person
from publisher.config.formats import SUFFIXES
from publisher.config.location import CONFIG_NAME
from publisher.config.podcast import PodcastSettings
from publisher.config.settings import Settings
from publisher.errors import Problem, Severity
from publisher.feeds.content import text
from publisher.feeds.document import Entry, FeedDocument
from publisher.feeds.episode import foremost
from publisher.markup.characters import line
from publisher.sources.media import COVER_CURE, cover_fault, find, measured_image, media_candidates

_NAMESPACES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
}
_GUIDS = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")


def namespaces(document: FeedDocument) -> dict[str, str]:
    """Return the prefixes that the RSS file of a feed declares beside all others."""
    return _NAMESPACES if document.podcast else {}


def show_guid(address: str) -> str:
    """Return the UUID of a show, made of the address of its feed without scheme and without slashes at the end.

    https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/tags/guid.md
    """
    return str(uuid5(_GUIDS, address.partition("://")[2].rstrip("/")))


def extend_channel(channel: etree._Element, document: FeedDocument) -> None:
    """Write what makes a feed a show; nothing into a feed that is no podcast."""
    show = document.podcast
    if show is None:
        return
    _add(channel, "itunes:author", show.author or ", ".join(author.name for author in document.authors))
    if show.owner:
        owner = _add(channel, "itunes:owner")
        _add(owner, "itunes:name", show.owner.name)
        _add(owner, "itunes:email", show.owner.email)
    _add(channel, "itunes:image", href=show.image)
    for category in show.categories:
        above, _, below = category.partition(" > ")
        element = _add(channel, "itunes:category", text=above)
        if below:
            _add(element, "itunes:category", text=below)
    _add(channel, "itunes:explicit", _truth(holds=show.explicit))
    _add(channel, "itunes:type", show.type)
    _add_told(channel, {"itunes:complete": _yes(holds=show.complete), "itunes:block": _yes(holds=show.block)})
    _add_told(channel, {"itunes:new-feed-url": show.new_feed_url or ""})
    _extend_show(channel, show, f"{document.folder_url}{document.current or document.name}{SUFFIXES['rss']}")


def _extend_show(channel: etree._Element, show: PodcastSettings, address: str) -> None:
    _add(channel, "podcast:guid", show.guid or show_guid(address))
    if show.locked is not None:
        _add(channel, "podcast:locked", "yes" if show.locked else "no", owner=show.owner.email if show.owner else "")
    _add(channel, "podcast:medium", show.medium)
    for fund in show.funding:
        _add(channel, "podcast:funding", fund.text, url=fund.url)
    _add_persons(
        channel, (Person(p.name, p.role or "", p.group or "", p.url or "", p.image or "") for p in show.persons)
    )


def extend_item(item: etree._Element, entry: Entry, document: FeedDocument) -> None:
    """Write what makes an entry an episode; nothing into a feed that is no podcast."""
    if document.podcast is None:
        return
    heard = foremost(entry.enclosures) if entry.enclosures else None
    if heard and heard.duration:
        _add(item, "itunes:duration", str(heard.duration))
    if entry.episode:
        _extend_for_apple(item, entry.episode)
        _extend_episode(item, entry.episode)


def _extend_for_apple(item: etree._Element, episode: Episode) -> None:
    _add_told(
        item,
        {
            "itunes:title": episode.title,
            "itunes:season": str(episode.season or ""),
            "itunes:episode": str(episode.number or ""),
            "itunes:episodeType": episode.type,
            "itunes:explicit": "" if episode.explicit is None else _truth(holds=episode.explicit),
            "itunes:block": _yes(holds=episode.block),
        },
    )
    if episode.image:
        _add(item, "itunes:image", href=episode.image.url)


def _extend_episode(item: etree._Element, episode: Episode) -> None:
    if episode.season:
        _add(item, "podcast:season", str(episode.season), name=episode.season_name)
    if episode.number:
        _add(item, "podcast:episode", str(episode.number), display=episode.display)
    for words in episode.transcripts:
        _add(item, "podcast:transcript", url=words.url, type=words.type, language=words.language, rel=words.rel)
    if episode.chapters:
        _add(item, "podcast:chapters", url=episode.chapters.url, type=episode.chapters.type)
    _add_persons(item, episode.persons)


def _add_persons(parent: etree._Element, persons: Iterable[Person]) -> None:
    for person in persons:
        told = {"role": person.role, "group": person.group, "href": person.url, "img": person.image}
        _add(parent, "podcast:person", person.name, **told)


def _add_told(parent: etree._Element, contents: Mapping[str, str]) -> None:
    for name, content in contents.items():
        if content:
            _add(parent, name, content)


def _add(parent: etree._Element, tag: str, content: str = "", /, **attributes: str) -> etree._Element:
    """Add an element, with those of its attributes that say something."""
    prefix, _, name = tag.partition(":")
    told = {key: text(line(value)) for key, value in attributes.items() if value}
    element = etree.SubElement(parent, f"{{{_NAMESPACES[prefix]}}}{name}", told)
    element.text = text(line(content)) or None
    return element


def _truth(*, holds: bool) -> str:
    return "true" if holds else "false"


def _yes(*, holds: bool) -> str:
    return "Yes" if holds else ""


def cover_notes(settings: Settings, folder: Path) -> tuple[Problem, ...]:
    """Return notes on the covers of shows that lie in the publication's folder and that directories would refuse.

    Args:
        settings: the publication's.
        folder: the publication's.
    """
    notes = []
    for feed in settings.feeds:
        if feed.podcast:
            found, _ = find(_cover_places(feed.podcast, settings, folder), folder)
            if fault := cover_fault(measured_image(Image(feed.podcast.image), found)):
                message = f"the cover {feed.podcast.image} of the podcast {feed.name} {fault}"
                notes.append(Problem(CONFIG_NAME, message, COVER_CURE, severity=Severity.NOTE))
    return tuple(notes)


def cover_files(settings: Settings, folder: Path) -> tuple[str, ...]:
    """Return where `cover_notes` may find covers, relative to the publication's folder: a new file there may end a note.

    Args:
        settings: the publication's.
        folder: the publication's.
    """
    return tuple(
        path.relative_to(folder).as_posix()
        for feed in settings.feeds
        if feed.podcast
        for path in _cover_places(feed.podcast, settings, folder)
    )


def _cover_places(show: PodcastSettings, settings: Settings, folder: Path) -> tuple[Path, ...]:
    site = settings.publication.url
    return media_candidates(show.image, Article(title="", url=site, path=CONFIG_NAME), folder, site)
