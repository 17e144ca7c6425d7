"""Articles in, feed files out: Atom, RSS 2.0 and JSON Feed of each feed, and a page about it for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publisher.article import Article
from publisher.config.settings import Settings
from publisher.feeds.document import Entry, entry_of, feed_document
from publisher.feeds.jsonfeed import json_feed
from publisher.feeds.page import page
from publisher.feeds.selection import selections
from publisher.feeds.syndication import atom, rss
from publisher.templating import Templates

_WRITERS = {"atom": atom, "rss": rss, "json": json_feed}


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One file for the folder of feeds."""

    #: Below that folder, with forward slashes: `all.atom.xml`, `tags/python.json`.
    path: str
    data: bytes


def render_feeds(
    articles: Sequence[Article], settings: Settings, authority: str, templates: Templates
) -> Iterator[FeedFile]:
    """Yield all files of a publication's feeds, no two with one path.

    Args:
        articles: the published ones, newest first, each with its id.
        settings: the publication's.
        authority: of `tag:` URIs (RFC 4151), such as `notes.example,2026`.
        templates: those of the pages and style sheets.

    Raises:
        BrokenTemplateError: the page of a feed cannot be rendered.
    """
    made: dict[str, Entry] = {}  # most articles are in several feeds
    for selection in selections(articles, settings):
        within = selection.articles[: selection.settings.limit]
        for article in within:
            if article.id not in made:
                made[article.id] = entry_of(article, settings)
        document = feed_document(selection, [made[article.id] for article in within], settings, authority)
        for form in document.formats:
            yield FeedFile(document.path(form), _WRITERS[form](document))
        yield FeedFile(f"{document.name}.html", page(document, settings.zone, templates))
    yield FeedFile("feed.css", templates.text("feed/feed.css").encode())
