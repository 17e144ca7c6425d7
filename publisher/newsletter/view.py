"""What the templates of an issue are given: plain values, in the reader's words."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from publisher.article import Article, Citation
from publisher.config.newsletter import COLUMN, NewsletterSettings
from publisher.config.settings import Settings
from publisher.markup.characters import line
from publisher.markup.plaintext import to_line, to_text
from publisher.newsletter.body import mail_body, web_address
from publisher.newsletter.issue import Issue
from publisher.newsletter.look import look
from publisher.newsletter.pictures import Picture
from publisher.newsletter.places import Places
from publisher.newsletter.slots import disarmed
from publisher.newsletter.wording import direction, excerpt, few_words, reading_minutes
from publisher.newsletter.words import Words, words
from publisher.templating import Templates, trusted

#: Words of a summary in a list.
_LINE = 25


@dataclass(frozen=True, slots=True)
class Lead:
    """The lead image of an article."""

    url: str
    #: What it shows; empty where nobody says.
    alt: str
    #: In pixels, as shown; None where unknown.
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class ReaderSlots:
    """What stands in templates for what differs from reader to reader; empty on a page for everybody."""

    unsubscribe: str = ""
    preferences: str = ""
    address: str = ""
    name: str = ""


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
    image: Lead | None
    highlights: tuple[str, ...]
    #: The summary, or an excerpt.
    summary: str
    #: The content as sanitised HTML, all of it or its beginning; empty where the summary is shown.
    body: str
    #: The same as text in columns, with its links at the end.
    text: str
    sources: tuple[Citation, ...]
    language: str
    #: `ltr` or `rtl`.
    direction: str
    #: Where lines start: `left` or `right`.
    start: str
    #: The content, the summary, a title with a few words, or a title alone.
    form: Literal["full", "summary", "line", "title"]
    #: Whether `body` is all of the content.
    complete: bool

    @property
    def brief(self) -> bool:
        """Whether it is so short that a list of contents would say it twice."""
        return self.form in ("line", "title")

    @property
    def shown(self) -> "Section":
        """Return the section without what its form does not show, or shows twice."""
        if self.form == "full":
            twice = self.image and f'src="{escape(self.image.url)}"' in self.body
            return replace(self, image=None, summary="") if twice else replace(self, summary="")
        return replace(self, body="")


#: Gives a picture as it is to be shown; None where it is left out.
Show = Callable[[str, Article], Picture | None]


def values(
    issue: Issue, settings: Settings, newsletter: NewsletterSettings, templates: Templates, places: Places
) -> Mapping[str, Any]:
    """Return what all templates of an issue can use, but for `sections`, `omitted` and `reader`."""
    publication = settings.publication
    language = newsletter.language or publication.language
    way = direction(language)
    say = words(language, templates)
    return {
        "title": issue.title,
        "number": issue.number,
        "date": say.date(issue.date),
        "moment": issue.date,
        "subject": issue.subject,
        "preheader": issue.preheader,
        "language": language,
        "direction": way,
        "start": _start(way),
        "end": "left" if way == "rtl" else "right",
        "column": COLUMN,
        "layout": newsletter.layout,
        "publication": line(publication.title),
        "description": line(publication.description),
        "home": publication.url,
        "host": urlsplit(publication.url).hostname or "",
        "postal_address": tuple(filter(None, map(line, newsletter.postal_address.splitlines()))),
        "say": say,
        "look": look(newsletter.look, issue.title),
        "web_url": places.web_url,
        "archive_url": places.archive_url,
        "feeds": places.feeds,
    }


def sections(
    articles: Iterable[Article], newsletter: NewsletterSettings, say: Words, zone: ZoneInfo, show: Show
) -> tuple[Section, ...]:
    """Return the articles as the newsletter's layout shows them, none of them shortened.

    A digest has their contents or their summaries, as it is set; a letter the content of the first and a line for each
    other; a list has lines. An article without content is shown by its summary.

    Args:
        articles: in their order, within the limits of `limits`.
        newsletter: its layout.
        say: the words of its language.
        zone: of dates.
        show: gives its pictures.
    """
    shown = []
    for number, article in enumerate(articles, start=1):
        section = _section(number, article, say, zone, show)
        if newsletter.layout == "list" or (newsletter.layout == "letter" and number > 1):
            section = as_line(section)
        elif newsletter.layout == "digest" and newsletter.content == "summary":
            section = replace(section, form="summary")
        shown.append(section)
    return tuple(shown)


def as_line(section: Section) -> Section:
    """Return a section that is a title, its link and a few words."""
    summary = few_words(section.summary, _LINE)
    return replace(section, form="line", summary=summary, body="", image=None, highlights=(), sources=())


def as_title(section: Section) -> Section:
    """Return a section that is a title and its link."""
    return replace(as_line(section), form="title", summary="", complete=False)


def with_text(section: Section) -> Section:
    """Return a section with its body as text, too."""
    return replace(section, text=to_text(section.body))


def _section(number: int, article: Article, say: Words, zone: ZoneInfo, show: Show) -> Section:
    body = mail_body(article, lambda picture: show(picture, article), say)
    said = to_line(body)
    url, way = _address(article.url), direction(article.language)
    return Section(
        number=number,
        title=line(article.title),
        url=url,
        host=urlsplit(url).hostname or "",
        authors=say.names(line(author.name) for author in article.authors),
        date=say.date(article.published.astimezone(zone)) if article.published else "",
        minutes=reading_minutes(said or article.summary),
        image=_lead(article, show),
        highlights=tuple(filter(None, map(line, article.highlights))),
        summary=line(article.summary) or excerpt(said),
        body=trusted(body),
        text="",
        sources=tuple(Citation(line(source.text), _address(source.url)) for source in article.sources),
        language=article.language,
        direction=way,
        start=_start(way),
        form="full" if body else "summary",
        complete=True,
    )


def _start(way: str) -> str:
    return "right" if way == "rtl" else "left"


def _address(url: str) -> str:
    return disarmed(web_address(line(url)))


def _lead(article: Article, show: Show) -> Lead | None:
    """Return the lead image, unless it is no picture of the web."""
    image = article.image
    picture = show(line(image.url), article) if image else None
    if not image or not picture:
        return None
    return Lead(disarmed(picture.url), line(image.alt), picture.width, picture.height)
