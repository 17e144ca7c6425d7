"""How values and places of a checked file are told in a message."""

from typing import Any

from lxml import etree

from publisher.markup.characters import line as one_line

_SHOWN = 80


def shown(value: str) -> str:
    """Return a value as a message may show it: quoted, on one line, not too long."""
    text = one_line(value)
    return f'"{text if len(text) <= _SHOWN else text[:_SHOWN] + "…"}"'


def line_of(element: etree._Element) -> int:
    """Return the line on which an element begins; 0 where it is unknown."""
    line: Any = element.sourceline  # the stubs know no type for it
    return line or 0
