"""Blocks of metadata: YAML, TOML, JSON and plain `Key: value` lines become fields, each with its line."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import yaml

#: Metadata nested deeper is no metadata; the bound keeps hostile files from exhausting the stack.
DEPTH = 20
#: A line of metadata without braces, brackets or fences.
KEY_LINE = re.compile(r"(?P<key>[^\W\d_][\w .-]{0,60}?)[ \t]*:(?:[ \t]+(?P<value>.*))?")

#: Metadata, and the line in the file of each of its keys, as far as it was found.
Fields = tuple[dict[str, object], dict[str, int]]

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_FRAMING = (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentStartEvent, yaml.DocumentEndEvent)
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
# One key as most posts have it: its text, plain or in quotes, stands beside it, or `[a, b]`, or a list of one item a
# line below. Whatever may mean something else is left out: escapes, comments, texts that go on in the next line.
_NEVER = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff\\"
_TEXT = rf"""(?:[^\W_][^{_NEVER}:#]*+(?::(?=\S)[^{_NEVER}:#]*+)*+|"[^{_NEVER}"]*+"[ ]*+|'[^{_NEVER}']*+'[ ]*+)"""
_ITEM = rf"""(?:[^\W_][^{_NEVER}:#,?"'{{}}\[\]]*+|"[^{_NEVER}",]*+"[ ]*+|'[^{_NEVER}',]*+'[ ]*+)"""
_SIMPLE = re.compile(
    rf"""(?P<key>[A-Za-z][\w-]{{0,60}}):
    (?: [ ]++(?P<text>{_TEXT}) | [ ]++\[[ ]*+(?P<items>{_ITEM}(?:,[ ]*+{_ITEM})*+)\][ ]*+
      | [ ]*+(?P<lines>\n(?P<margin>[ ]*+)-[ ]++{_TEXT}(?:\n(?P=margin)-[ ]++{_TEXT})*+)?+ )
    (?:\n|\Z)""",
    re.VERBOSE,
)
_MENTION = re.compile(r"""(?:^|[{,\[])\s*["']?([\w-]+)["']?\s*[:=.\]]""")
# JSON writes characters beyond U+FFFF so, and YAML is meant to contain JSON; PyYAML refuses each half.
_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_QUOTE = 'put the value in quotes, such as title: "One: two"'
_TOO_DEEP = "the metadata is nested too deeply"


class FrontMatterError(ValueError):
    """The metadata at the top of a file cannot be read."""

    def __init__(self, line: int, message: str, cure: str) -> None:
        super().__init__(message)
        #: Line in the file, from 1.
        self.line = line
        self.message = message
        self.cure = cure


def from_pairs(lines: Sequence[str], first: int) -> Fields:
    """Read Pelican's metadata: an indented line continues the value above it, a repeated key adds a line to it.

    Args:
        lines: the block, without its fences.
        first: line in the file at which the block begins, from 1; likewise in the other functions.
    """
    values: dict[str, list[str]] = {}
    places: dict[str, int] = {}
    key = ""
    for number, line in enumerate(lines, first):
        found = None if line[0] in " \t" else KEY_LINE.fullmatch(line)
        key = found["key"] if found else key
        places.setdefault(key, number)
        values.setdefault(key, []).append(((found["value"] or "") if found else line).strip())
    return {key: "\n".join(filter(None, parts)) for key, parts in values.items()}, places


def from_toml(lines: Sequence[str], first: int) -> Fields:
    """Read TOML; fractions are text, so that a version 1.10 keeps its spelling.

    Raises:
        FrontMatterError: it is no TOML.
    """
    try:
        fields = tomllib.loads("\n".join(lines), parse_float=str)
    except RecursionError:
        raise FrontMatterError(first, _TOO_DEEP, f"use at most {DEPTH} levels") from None
    except ValueError as error:
        told = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "a number has too many digits"
        words, _, place = told.partition(" (at ")
        number = re.match(r"line (\d+)", place)
        line = first + (int(number[1]) if number else len(lines) or 1) - 1
        cure = 'write text in quotes, such as title = "My title"'
        raise FrontMatterError(line, f"the metadata is no TOML: {_lowered(words)}", cure) from None
    return fields, _mentions(lines, first, fields)


def from_json(lines: Sequence[str], first: int) -> Fields:
    """Read one JSON object; numbers are text.

    Raises:
        FrontMatterError: it is none.
    """
    fields, places, _ = leading_json("\n".join(lines), first)
    return fields, places


def leading_json(text: str, first: int) -> tuple[dict[str, object], dict[str, int], int]:
    """Read the JSON object at the beginning of a text; the last value is the index at which it ends.

    Raises:
        FrontMatterError: there is none.
    """
    start = len(text) - len(text.lstrip())
    try:
        fields, end = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str).raw_decode(text, start)
    except json.JSONDecodeError as error:
        message = f"the metadata is no JSON: {_lowered(error.msg)}"
        raise FrontMatterError(first + error.lineno - 1, message, "check its quotes, commas and braces") from None
    except RecursionError:
        raise FrontMatterError(first, _TOO_DEEP, f"use at most {DEPTH} levels") from None
    if not isinstance(fields, dict):
        raise FrontMatterError(first, "the metadata is no JSON object", 'write it as { "title": "My title" }')
    return fields, _mentions(text[:end].split("\n"), first, fields), end


def _mentions(lines: Iterable[str], first: int, fields: Mapping[str, object]) -> dict[str, int]:
    """Return the first line that mentions each key, for formats whose parsers tell no lines."""
    places: dict[str, int] = {}
    for number, line in enumerate(lines, first):
        for found in _MENTION.finditer(line):
            if found[1] in fields:
                places.setdefault(found[1], number)
    return places


def from_yaml(lines: Sequence[str], first: int) -> Fields:
    """Read YAML whose scalars all stay text, but for an empty value, `~` and `null`, which are None.

    Values are built from events: PyYAML's own composer recurses in C and dies of a deep document, and its
    constructors follow aliases and turn `yes` into true, none of which metadata wants.

    Raises:
        FrontMatterError: it is no YAML mapping, or uses aliases or tags.
    """
    text = "\n".join(lines)
    if (simple := _simple(text, first)) is not None:
        return simple
    # The one legal character that YAML refuses is a byte order mark in the middle, left where files were joined.
    text = _PAIR.sub(lambda found: json.loads(f'"{found[0]}"'), text.replace("\ufeff", ""))
    try:
        return _Composer(yaml.parse(text, Loader=_Loader), first).fields()
    except yaml.MarkedYAMLError as error:
        line, cure = _yaml_mistake(error, lines)
        message = f"the metadata is no YAML: {error.problem or error.context}"
        raise FrontMatterError(first + line, message, cure) from None


def _simple(text: str, first: int) -> Fields | None:
    """Read YAML of nothing but simple keys, in a quarter of the time; None where there is anything else."""
    fields: dict[str, object] = {}
    places: dict[str, int] = {}
    start, number = 0, first
    while start < len(text):
        if (found := _SIMPLE.match(text, start)) is None:
            return None
        key, beside, items, lines = found.group("key", "text", "items", "lines")
        if items:
            fields[key] = [_said(item) for item in items.split(",")]
        elif lines:
            fields[key] = [_said(line.lstrip(" ")[1:]) for line in lines[1:].split("\n")]
        else:
            fields[key] = _said(beside or "")
        places[key] = number
        start, number = found.end(), number + found[0].count("\n")
    return fields, places


def _said(scalar: str) -> str | None:
    bare = scalar.strip(" ")
    return bare[1:-1] if bare[:1] in ("'", '"') else None if bare in _NULL else bare


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
        return None if event.implicit[0] and event.value in _NULL else event.value

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
            raise FrontMatterError(self._line(event), _TOO_DEEP, f"use at most {DEPTH} levels")

    def _line(self, event: yaml.Event) -> int:
        return self._first + (event.start_mark.line if event.start_mark else 0)


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]
