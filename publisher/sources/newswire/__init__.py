"""Plain text as news wires and newsrooms write it.

An opening standfirst; a block "At a Glance" of `- ` lines; section headings, bare lines without closing punctuation;
paragraphs, one a line; posts from social networks with a line `— Name (@handle) March 3, 2026`; at the end a block
"Sources" of `- ` lines. Blank lines may stand anywhere. Metadata may stand above, in any form front matter has.

A line is judged by its shape, and in doubt it is a paragraph; the text is plain, so that `*`, `#` and `<` are the
characters they are. Nothing is lost either way.
"""

import re
from textwrap import dedent

from publisher.errors import Problem
from publisher.sources import keys
from publisher.sources.base import Conventions, Document, Reading
from publisher.sources.frontmatter import FrontMatterError
from publisher.sources.metadata import assemble
from publisher.sources.newswire import parts, preface
from publisher.sources.newswire.blocks import blocks

_INNER_SPACE = re.compile(r"(?<=\S)[^\S\n]{2,}(?=\S)|(?<=\S)\t(?=\S)")


def read(document: Document, conventions: Conventions) -> Reading:
    """Read a news text as one article."""
    try:
        above = preface.read(document.text)
    except FrontMatterError as error:
        return Reading(problems=(Problem(document.path, error.message, error.cure, error.line),))
    given = parts.Given(
        highlights=above.value(keys.HIGHLIGHTS) is not None,
        sources=above.value(keys.SOURCES) is not None,
    )
    text = _INNER_SPACE.sub(" ", dedent("\n".join(above.lines)))
    return assemble(above.fields, parts.body(blocks(text.split("\n")), given), document, conventions, above.places)
