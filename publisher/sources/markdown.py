"""Markdown posts, with the metadata and the habits of the static site generators."""

import re

from publisher.errors import Problem
from publisher.markup.markdown import to_html
from publisher.markup.plaintext import to_line
from publisher.markup.sanitise import TooDeep, clean
from publisher.sources import keys
from publisher.sources.base import Body, Conventions, Document, Reading
from publisher.sources.frontmatter import FrontMatterError, split
from publisher.sources.keys import Entries
from publisher.sources.metadata import assemble

_MORE = re.compile(r"<!--\s*more\b[^<>]*-->", re.IGNORECASE)
_HEADING = re.compile(r"\s*<h1[^>]*>(.*?)</h1>\s*", re.DOTALL)


def read(document: Document, conventions: Conventions) -> Reading:
    """Read one post.

    The text above `<!-- more -->` is its summary where the metadata has none. A first heading `# Title` is its title
    where the metadata has none, and is left out of the content then, and also where it only repeats the title.
    """
    try:
        parts = split(document.text)
    except FrontMatterError as error:
        return Reading((), (Problem(document.path, error.message, error.cure, error.line),))
    named = Entries(parts.fields, parts.lines).first(keys.TITLE)
    html, title = _titled(to_html(parts.body), str(named.value) if named else "")
    above, marker, _ = _parted(html)
    body = Body(content=html, title=title, summary=_plain(above) if marker else "")
    return assemble(parts.fields, body, document, conventions, parts.lines)


def _titled(html: str, named: str) -> tuple[str, str]:
    """Take a first heading out of the HTML, unless the metadata has another title."""
    found = _HEADING.match(html)
    heading = _plain(found[1]) if found else ""
    if not found or (named and _alike(heading) != _alike(named)):
        return html, ""
    return html[found.end() :], heading


def _alike(title: str) -> str:
    return " ".join(title.casefold().split())


def _parted(html: str) -> tuple[str, str, str]:
    found = _MORE.search(html)
    return (html[: found.start()], found[0], html[found.end() :]) if found else (html, "", "")


def _plain(html: str) -> str:
    try:
        return to_line(clean(html))
    except TooDeep:
        return ""  # the same content is refused, and named, when the article is put together
