"""The one home of the Markdown engine: CommonMark with the extensions blogs use."""

import pyromark

from publisher.markup.characters import legal

_DIALECT = (
    pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_DEFINITION_LIST
    | pyromark.Options.ENABLE_HEADING_ATTRIBUTES
)


def to_html(text: str) -> str:
    """Return the HTML of CommonMark with tables, footnotes, strikethrough, task and definition lists.

    Raw HTML passes through: the result is not sanitised.
    """
    return pyromark.html(legal(text), options=_DIALECT)
