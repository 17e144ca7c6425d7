"""Where an issue shows which picture: lead images, and those in the content of articles."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape

from publisher.article import Article
from publisher.config.newsletter import NewsletterSettings
from publisher.markup.links import absolute_url
from publisher.markup.tokens import Start, tokens
from publisher.newsletter.pictures.model import Size, on_the_web, pixels

_NOTHING: Size = (None, None)


@dataclass(frozen=True, slots=True)
class Mention:
    """A picture of the web that an article shows, once or several times."""

    #: Absolute.
    url: str
    #: As the article has it.
    written: str
    #: How large it shall be shown.
    asked: Size = _NOTHING
    #: How large the article says that the file is.
    said: Size = _NOTHING
    #: Whether something is said in its place where it is not seen; an empty `alt` says that nothing is missed.
    described: bool = True
    lead: bool = False


def mentions(article: Article) -> tuple[Mention, ...]:
    """Return an article's pictures, each once, the lead image first; of several sizes the largest is asked."""
    merged: dict[str, Mention] = {}
    for mention in (*_lead(article), *_in_content(article)):
        before = merged.get(mention.url)
        merged[mention.url] = _both(before, mention) if before else mention
    return tuple(merged.values())


def in_mail(mention: Mention, number: int, newsletter: NewsletterSettings) -> bool:
    """Say whether the mail may show a picture: a list shows none, a letter those of its first article.

    Args:
        mention: the picture.
        number: of the article in the issue, from 0.
        newsletter: its layout, and how much of an article a digest has.
    """
    if newsletter.layout == "list":
        return False
    if newsletter.layout == "letter":
        return number == 0
    return mention.lead or newsletter.content == "full"


def _lead(article: Article) -> Iterator[Mention]:
    image = article.image
    if image and on_the_web(url := absolute_url(image.url, article.url)):
        size = (image.width, image.height)
        yield Mention(url, image.url, said=size, described=bool(image.alt.strip()), lead=True)


def _in_content(article: Article) -> Iterator[Mention]:
    for token in tokens(article.content):
        if not isinstance(token, Start) or token.name not in ("img", "video"):
            continue
        poster = token.name == "video"
        written = unescape(token.attributes.get("poster" if poster else "src", "")).strip()
        url = absolute_url(written, article.url) if written else ""
        if on_the_web(url):
            size = pixels(token.attributes.get("width", "")), pixels(token.attributes.get("height", ""))
            yield Mention(url, written, asked=size, said=size, described=poster or "alt" in token.attributes)


def _both(one: Mention, other: Mention) -> Mention:
    """Merge two mentions of a picture; one that asks for no size asks for all there is."""
    wider = max(one, other, key=lambda mention: mention.asked[0] or float("inf"))
    said = one.said if all(one.said) else other.said
    return replace(one, asked=wider.asked, said=said, described=one.described and other.described)
