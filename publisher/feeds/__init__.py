"""Articles in, feed files out: Atom, RSS 2.0 and JSON Feed of each feed, and a page about it for people."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from publisher.article import Article
from publisher.config.settings import Settings
from publisher.feeds.document import Entry, FeedDocument, entry_of, feed_document
from publisher.feeds.gzipped import compressed
from publisher.feeds.jsonfeed import json_feed
from publisher.feeds.offers import OPML_NAME, Offer
from publisher.feeds.opml import opml
from publisher.feeds.page import page
from publisher.feeds.plan import Plan, plan_feeds
from publisher.feeds.syndication import atom, rss
from publisher.templating import Templates

__all__ = [
    "STYLE",
    "FeedFile",
    "Plan",
    "offers",
    "plan_feeds",
    "render_plans",
    "render_shared",
    "repeated",
    "siblings",
    "with_siblings",
]

_WRITERS = {"atom": atom, "rss": rss, "json": json_feed}
#: The style sheet of all feeds, below their folder.
STYLE = "feed.css"
#: What is worth compressing; pictures are small already.
_TEXTS = (".xml", ".json", ".html", ".css", ".opml")


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One file for the folder of feeds."""

    #: Below that folder, with forward slashes: `all.atom.xml`, `tags/python.json`.
    path: str
    data: bytes


def render_plans(
    plans: Sequence[Plan],
    settings: Settings,
    authority: str,
    templates: Templates,
    whole: Callable[[Article], Article] = lambda article: article,
    entries: Mapping[str, Entry] = MappingProxyType({}),
) -> Iterator[list[FeedFile]]:
    """Yield the files of each document.

    Args:
        plans: the documents.
        settings: the publication's.
        authority: of `tag:` URIs (RFC 4151), such as `notes.example,2026`.
        templates: those of the pages and style sheets.
        whole: brings an article that is `unread` its content.
        entries: those that are made already, by their ids.

    Raises:
        BrokenTemplateError: the page of a feed cannot be rendered.
    """
    wanted = Counter(article.id for plan in plans for article in plan.articles)
    made: dict[str, Entry] = {}  # most articles are in several feeds; those of closed pages in no other

    def entry(article: Article) -> Entry:
        if found := entries.get(article.id):
            return found
        found = made.pop(article.id, None) or entry_of(whole(article), settings)
        wanted[article.id] -= 1
        if wanted[article.id]:
            made[article.id] = found
        return found

    for plan in plans:
        document = _document(plan, [entry(article) for article in plan.articles], settings, authority)
        files = [FeedFile(document.path(form), _WRITERS[form](document)) for form in document.formats]
        if plan.extent != "archive":
            files.append(FeedFile(f"{plan.name}.html", page(document, settings.zone, templates)))
        yield files


def repeated(plans: Sequence[Plan]) -> list[Article]:
    """Return the articles that stand in several documents, each once."""
    times = Counter(article.id for plan in plans for article in plan.articles)
    found = {a.id: a for plan in plans for a in plan.articles if times[a.id] > 1}
    return list(found.values())


def render_shared(plans: Sequence[Plan], settings: Settings, authority: str, templates: Templates) -> list[FeedFile]:
    """Return the files that belong to no single feed: the style sheet and the list of all feeds (OPML)."""
    style = FeedFile(STYLE, templates.text(f"feed/{STYLE}").encode())
    offered = offers(plans, settings, authority)
    return [style, FeedFile(OPML_NAME, opml(offered, settings))] if offered else [style]


def offers(plans: Sequence[Plan], settings: Settings, authority: str) -> list[Offer]:
    """Return each feed as it is offered to others."""
    return [Offer.of(_document(plan, (), settings, authority)) for plan in plans if plan.extent != "archive"]


def siblings(path: str, settings: Settings) -> tuple[str, ...]:
    """Return the path of a file, and of its compressed sibling where the settings ask for one."""
    return (path, f"{path}.gz") if settings.syndication.gzip and path.endswith(_TEXTS) else (path,)


def with_siblings(file: FeedFile, settings: Settings) -> Iterator[FeedFile]:
    """Yield a file, and its compressed sibling where the settings ask for one."""
    yield file
    yield from (FeedFile(path, compressed(file.data)) for path in siblings(file.path, settings)[1:])


def _document(plan: Plan, entries: Sequence[Entry], settings: Settings, authority: str) -> FeedDocument:
    document = feed_document(
        plan.selection,
        entries,
        settings,
        authority,
        updated=plan.updated,
        extent=plan.extent,
        previous=plan.previous,
        next=plan.next,
        current=plan.current,
        tombstones=plan.tombstones,
        name=plan.name,
    )
    return replace(document, language=plan.selection.language) if plan.selection.language else document
