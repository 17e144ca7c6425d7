"""HTML files: whole pages with their metadata, and fragments below front matter."""

import re
from collections.abc import Mapping

from publisher.errors import Problem
from publisher.sources import frontmatter
from publisher.sources.base import Body, Conventions, Document, Reading
from publisher.sources.frontmatter import FrontMatterError, Split
from publisher.sources.html import facts, tree
from publisher.sources.keys import TITLE, Entries
from publisher.sources.metadata import assemble


def read(document: Document, conventions: Conventions) -> Reading:
    """Read a page as one article; front matter above it comes before what the page says of itself."""
    try:
        split = frontmatter.split(document.text)
        page = tree.parse(split.body)
    except FrontMatterError as error:
        return Reading(problems=(Problem(document.path, error.message, error.cure, error.line),))
    except tree.TooDeepError as error:
        return Reading(problems=(Problem(document.path, str(error), "simplify its quotes, lists and tags"),))
    entries = Entries(split.fields, split.lines)
    said = facts.read(page, conventions.zone)
    title = entries.first(TITLE)
    content = tree.content(_holder(page, split), str(title.value) if title else said.title)
    fields: Mapping[str, object] = {
        **{names[0]: value for names, value in said.fields.items() if value and not entries.first(names)},
        **split.fields,
    }
    body = Body(content=content, title=said.title, summary=said.summary)
    return assemble(fields, body, document, conventions, split.lines)


def _holder(page: tree.Element, split: Split) -> tree.Element:
    """Return the element that holds the article; all of a fragment below front matter belongs to it."""
    if split.fields and not re.search(r"<(?:html|body)\b", split.body, re.IGNORECASE):
        return page if (body := page.find("body")) is None else body
    holder = tree.frame(page)
    tree.strip_furniture(holder)
    return holder
