"""Blocks of metadata: YAML, TOML, JSON and plain `Key: value` lines become fields, each with its line."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence

#: Metadata nested deeper is no metadata; the bound keeps hostile files from exhausting the stack.
DEPTH = 20
#: A line of metadata without braces, brackets or fences.
KEY_LINE = re.compile(r"(?P<key>[^\W\d_][\w .-]{0,60}?)[ \t]*:(?:[ \t]+(?P<value>.*))?")

#: Metadata, and the line in the file of each of its keys, as far as it was found.
Fields = tuple[dict[str, object], dict[str, int]]

#: What YAML says for nothing.
NULL = frozenset(("", "~", "null", "Null", "NULL"))
# Groups are not possessive here or elsewhere: Python 3.11.2, which Debian 12 has, loses its way in such groups.
# One key as most posts have it: its text, plain or in quotes, stands beside it, or `[a, b]`, or a list of one item a
# line below. Whatever may mean something else is left out: escapes, comments, texts that go on in the next line.
_NEVER = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff\\"
_TEXT = rf"""(?:[^\W_][^{_NEVER}:#]*+(?::(?=\S)[^{_NEVER}:#]*+)*|"[^{_NEVER}"]*+"[ ]*+|'[^{_NEVER}']*+'[ ]*+)"""
_ITEM = rf"""(?:[^\W_][^{_NEVER}:#,?"'{{}}\[\]]*+|"[^{_NEVER}",]*+"[ ]*+|'[^{_NEVER}',]*+'[ ]*+)"""
_SIMPLE = re.compile(
    rf"""(?P<key>[A-Za-z][\w-]{{0,60}}):
    (?: [ ]++(?P<text>{_TEXT}) | [ ]++\[[ ]*+(?P<items>{_ITEM}(?:,[ ]*+{_ITEM})*)\][ ]*+
      | [ ]*+(?P<lines>\n(?P<margin>[ ]*+)-[ ]++{_TEXT}(?:\n(?P=margin)-[ ]++{_TEXT})*)? )
    (?:\n|\Z)""",
    re.VERBOSE,
)
_MENTION = re.compile(r"""(?:^|[{,\[])\s*["']?([\w-]+)["']?\s*[:=.\]]""")
TOO_DEEP = "the metadata is nested too deeply"


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
        raise FrontMatterError(first, TOO_DEEP, f"use at most {DEPTH} levels") from None
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
        raise FrontMatterError(first, TOO_DEEP, f"use at most {DEPTH} levels") from None
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

    Raises:
        FrontMatterError: it is no YAML mapping, or uses aliases or tags.
    """
    text = "\n".join(lines)
    if (simple := _simple(text, first)) is not None:
        return simple
    # Most posts have nothing else, and then a build loads no YAML.
    from publisher.sources.yaml_events import read_yaml

    return read_yaml(text, lines, first)


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
    return bare[1:-1] if bare[:1] in ("'", '"') else None if bare in NULL else bare


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]
