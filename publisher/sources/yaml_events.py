"""Metadata in YAML, built from events: PyYAML's own composer recurses in C and dies of a deep document, and its
constructors follow aliases and turn `yes` into true, none of which metadata wants.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import Any

import yaml

from publisher.sources.blocks import DEPTH, NULL, TOO_DEEP, Fields, FrontMatterError

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_FRAMING = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)
# JSON writes characters beyond U+FFFF so, and YAML is meant to contain JSON; PyYAML refuses each half.
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_QUOTE = 'put the value in quotes, such as title: "One: two"'


def read_yaml(text: str, lines: Sequence[str], first: int) -> Fields:
    """Read a block of YAML; scalars stay text, but for an empty value, `~` and `null`, which are None.

    Args:
        text: the block.
        lines: of the block.
        first: line in the file at which it begins, from 1.

    Raises:
        FrontMatterError: it is no YAML mapping, or uses aliases or tags.
    """
    # The one legal character that YAML refuses is a byte order mark in the middle, left where files were joined.
    text = _PAIR.sub(lambda found: json.loads(f'"{found[0]}"'), text.replace("\ufeff", ""))
    try:
        return _Composer(yaml.parse(text, Loader=_Loader), first).fields()
    except yaml.MarkedYAMLError as error:
        line, cure = _yaml_mistake(error, lines)
        message = f"the metadata is no YAML: {error.problem or error.context}"
        raise FrontMatterError(first + line, message, cure) from None


def _yaml_mistake(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> tuple[int, str]:
    """Return the index of the line an author has to look at, and what to do there."""
    problem = error.problem or ""
    mark = error.context_mark if "end of stream" in problem else error.problem_mark
    number = min(mark.line if mark else 0, max(len(lines) - 1, 0))
    line = lines[number] if lines else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return number, "indent with spaces, YAML allows no tabs there"
    if "quoted scalar" in (error.context or "") or "'" in line:
        return number, "check the quotes: each is closed, and '' stands for ' between single quotes"
    return number, _QUOTE


class _Composer:
    """Builds the one mapping of a YAML document from its events."""

    def __init__(self, events: Iterable[yaml.Event], first: int) -> None:
        self._events = (event for event in events if not isinstance(event, _FRAMING))
        self._first = first
        self._places: dict[str, int] = {}

    def fields(self) -> Fields:
        """Return the values of the mapping, and the line of each key."""
        top = next(self._events, None)
        value = self._value(top, 0) if top else {}
        if not isinstance(value, dict | None) or next(self._events, None):
            cure = "write lines such as title: My title"
            raise FrontMatterError(self._first, "the metadata is no list of key: value lines", cure)
        return value or {}, self._places

    def _value(self, event: yaml.Event, depth: int) -> Any:
        self._refuse(event, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return [self._value(item, depth + 1) for item in self._until(yaml.SequenceEndEvent)]
        if isinstance(event, yaml.MappingStartEvent):
            return dict(self._pair(key, depth) for key in self._until(yaml.MappingEndEvent))
        assert isinstance(event, yaml.ScalarEvent)
        return None if event.implicit[0] and event.value in NULL else event.value

    def _pair(self, event: yaml.Event, depth: int) -> tuple[str, Any]:
        if not isinstance(event, yaml.ScalarEvent):
            raise FrontMatterError(self._line(event), "the metadata has a bracket where a key belongs", _QUOTE)
        if depth == 0:
            self._places[event.value] = self._line(event)
        return event.value, self._value(next(self._events), depth + 1)

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        return takewhile(lambda event: not isinstance(event, end), self._events)

    def _refuse(self, event: yaml.Event, depth: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise FrontMatterError(self._line(event), f"*{event.anchor} would be a YAML alias", _QUOTE)
        if (tag := str(getattr(event, "tag", None))).startswith("!"):
            raise FrontMatterError(self._line(event), f"{tag} would be a YAML tag", _QUOTE)
        if depth > DEPTH:
            raise FrontMatterError(self._line(event), TOO_DEEP, f"use at most {DEPTH} levels")

    def _line(self, event: yaml.Event) -> int:
        return self._first + (event.start_mark.line if event.start_mark else 0)
