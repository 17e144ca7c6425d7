"""The one home of the Markdown engine: CommonMark with the extensions blogs use."""

import re

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
# The engine says with a style how a column is aligned, and styles are nothing that every feed reader keeps.
_ALIGNED = re.compile(r'(<t[dh]) style="text-align: (left|center|right)">')


def to_html(text: str) -> str:
    """Return the HTML of CommonMark with tables, footnotes, strikethrough, task and definition lists.

    Raw HTML passes through: the result is not sanitised.
    """
    return _ALIGNED.sub(r'\1 align="\2">', pyromark.html(legal(text), options=_DIALECT))
