"""What the templates of an issue are given: plain values, in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from publisher.article import Article, Author, Citation, Image
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.markup.characters import line
from publisher.markup.dates import calendar_date
from publisher.markup.links import absolute_url
from publisher.markup.plaintext import to_line, to_text
from publisher.newsletter.body import COLUMN, mail_body, web_address
from publisher.newsletter.issue import Issue
from publisher.newsletter.wording import direction, reading_minutes, shortened
from publisher.templating import trusted

# About three sentences, where an article has no summary.
_EXCERPT_LENGTH = 400


@dataclass(frozen=True, slots=True)
class Section:
    """One article as an issue shows it; texts are plain and on one line unless said otherwise."""

    #: Position in the issue, from 1.
    number: int
    title: str
    #: Address of the article's page; empty where it is none of the web.
    url: str
    #: Host name in `url`.
    host: str
    #: Names, as `Ada Example, Ben Example and Cleo Example`; empty for none.
    authors: str
    #: Day of publication, as `22 November 2026`; empty for none.
    date: str
    minutes: int
    image: Image | None
    highlights: tuple[str, ...]
    #: The summary, or an excerpt; empty where `body` is shown.
    summary: str
    #: The whole content as sanitised HTML; empty where the summary is shown.
    body: str
    #: The same as text in columns, with its links at the end.
    text: str
    sources: tuple[Citation, ...]
    language: str
    #: `ltr` or `rtl`.
    direction: str


def values(issue: Issue, settings: Settings, newsletter: NewsletterSettings) -> Mapping[str, Any]:
    """Return what all templates of an issue can use, but for `unsubscribe`, the reader's own address."""
    publication = settings.publication
    sections = tuple(
        _section(number, article, newsletter.content == "full", settings.zone)
        for number, article in enumerate(issue.articles, start=1)
    )
    way = direction(publication.language)
    return {
        "title": issue.title,
        "number": issue.number,
        "date": calendar_date(issue.date),
        "subject": issue.subject,
        "preheader": issue.preheader,
        "language": publication.language,
        "direction": way,
        "start": "right" if way == "rtl" else "left",
        "column": COLUMN,
        "sections": sections,
        "publication": line(publication.title),
        "description": line(publication.description),
        "home": publication.url,
        "host": urlsplit(publication.url).hostname,
        "postal_address": tuple(filter(None, map(line, newsletter.postal_address.splitlines()))),
    }


def _section(number: int, article: Article, full: bool, zone: ZoneInfo) -> Section:
    body = mail_body(article)
    shown = body if full else ""
    url = web_address(article.url)
    return Section(
        number=number,
        title=line(article.title),
        url=url,
        host=urlsplit(url).hostname or "",
        authors=_names(article.authors),
        date=calendar_date(article.published.astimezone(zone)) if article.published else "",
        minutes=reading_minutes(to_line(body) or article.summary),
        image=_image(article, shown),
        highlights=tuple(filter(None, map(line, article.highlights))),
        summary="" if shown else line(article.summary) or shortened(to_line(body), _EXCERPT_LENGTH),
        body=trusted(shown),
        text=to_text(shown),
        sources=tuple(Citation(line(source.text), web_address(source.url)) for source in article.sources),
        language=article.language,
        direction=direction(article.language),
    )


def _names(authors: tuple[Author, ...]) -> str:
    *others, last = [line(author.name) for author in authors] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def _image(article: Article, body: str) -> Image | None:
    """Return the lead image, unless it is no picture of the web or the content shows it anyway."""
    if article.image is None:
        return None
    url = web_address(absolute_url(article.image.url, article.url))
    shown = f'src="{url.replace("&", "&amp;")}"' in body
    return Image(url, line(article.image.alt)) if url and not shown else None
