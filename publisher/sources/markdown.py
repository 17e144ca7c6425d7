"""Markdown posts, with the metadata and the habits of the static site generators."""

import re
from dataclasses import replace
from hashlib import sha256

from publisher.article import Article
from publisher.errors import Problem
from publisher.markup.markdown import to_html
from publisher.markup.plaintext import to_line
from publisher.markup.removed import removed, suspicious
from publisher.markup.sanitise import clean
from publisher.sources import keys
from publisher.sources.base import Body, Conventions, Document, Reading
from publisher.sources.frontmatter import FrontMatterError, body_of, split
from publisher.sources.keys import Entries
from publisher.sources.metadata import assemble
from publisher.sources.summaries import opening

_MORE = re.compile(r"<!--\s*more\b[^<>]*-->", re.IGNORECASE)
_HEADING = re.compile(r"\s*<h1[^>]*>(.*?)</h1>\s*", re.DOTALL)


def read(document: Document, conventions: Conventions) -> Reading:
    """Read one post.

    The text above `<!-- more -->` is its summary where the metadata has none. A first heading `# Title` is its title
    where the metadata has none, and is left out of the content then, and also where it only repeats the title.
    """
    reading = glance(document, conventions)
    return Reading(tuple(fill(document.text, article) for article in reading.articles), reading.problems)


def glance(document: Document, conventions: Conventions) -> Reading:
    """Read the metadata of one post and leave its text for `fill`: most posts are in no feed any more."""
    try:
        parts = split(document.text)
    except FrontMatterError as error:
        return Reading((), (Problem(document.path, error.message, error.cure, error.line),))
    named = parts.fields.get("title") or Entries(parts.fields, parts.lines).first(keys.TITLE)
    title = "" if named else _titled(to_html(parts.body), "")[1]
    digest = sha256(parts.body.strip().encode("utf-8", "surrogatepass")).hexdigest()
    lost = removed(to_html(parts.body)) if suspicious(parts.body) else ""
    body = Body(title=title, digest=digest, unread=True, removed=lost)
    return assemble(parts.fields, body, document, conventions, parts.lines)


def fill(text: str, article: Article) -> Article:
    """Return the article with its content, and with a summary where it has none yet.

    Args:
        text: of the file.
        article: as `glance` found it there.
    """
    html, _ = _titled(to_html(body_of(text)), article.title)
    above, marker, _ = _parted(html)
    content = clean(html)
    summary = article.summary or (_plain(above) if marker else "") or opening(content)
    return replace(article, content=content, summary=summary, unread=False)


def _titled(html: str, named: str) -> tuple[str, str]:
    """Take a first heading out of the HTML, unless the metadata has another title."""
    found = _HEADING.match(html)
    heading = _plain(found[1]) if found else ""
    if not found or (heading and named and _alike(heading) != _alike(named)):
        return html, ""
    return html[found.end() :], heading


def _alike(title: str) -> str:
    return " ".join(title.casefold().split())


def _parted(html: str) -> tuple[str, str, str]:
    found = _MORE.search(html)
    return (html[: found.start()], found[0], html[found.end() :]) if found else (html, "", "")


def _plain(html: str) -> str:
    return to_line(clean(html))
