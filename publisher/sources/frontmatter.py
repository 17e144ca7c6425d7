"""Metadata at the top of a text file, parted from the text below it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from publisher.sources.blocks import (
    KEY_LINE,
    Fields,
    FrontMatterError,
    from_json,
    from_pairs,
    from_toml,
    from_yaml,
    leading_json,
)
from publisher.sources.keys import known

__all__ = ["FrontMatterError", "Split", "split"]

_Read = Callable[[Sequence[str], int], Fields]
# Metadata between plain fences, which most posts have: it is found without parting the body into lines.
_FENCED = re.compile(r"(\n*+)---[^\S\n]*\n((?:(?!(?:---|\.\.\.)[^\S\n]*(?:\n|\Z))[^\n]*+\n)*)(?:---|\.\.\.)[^\S\n]*\n")
_LEADING_JSON = re.compile(r'\{\s*("|\}|$)')
#: Opening lines, the lines that close them, and what reads the block between them.
_FENCES: Mapping[str, tuple[tuple[str, ...], _Read]] = {
    "---": (("---", "..."), from_yaml),
    "+++": (("+++",), from_toml),
    "---yaml": (("---",), from_yaml),
    "---toml": (("---",), from_toml),
    "---json": (("---",), from_json),
}


@dataclass(frozen=True, slots=True)
class Split:
    """A text, taken apart."""

    #: Metadata as it stands. YAML scalars are text whatever they look like, so that `yes`, `1.10` and `2024` keep
    #: their spelling; TOML and JSON keep true and false, TOML its dates and whole numbers.
    fields: Mapping[str, object]
    body: str
    #: Line of the file at which the body begins, from 1.
    body_line: int = 1
    #: Line in the file of each key of `fields`, from 1, as far as it was found.
    lines: Mapping[str, int] = field(default_factory=dict)


def split(text: str) -> Split:
    """Part a text from the metadata above it; without metadata there are no fields and all of the text is body.

    Known are YAML between `---` (closed by `---` or `...`), TOML between `+++`, JSON at the very top (Hugo), fences
    that name their format (`---json`, Eleventy), `key: value` lines closed by `---` (Hexo), and `Key: value` lines
    up to the first empty line (Pelican, MultiMarkdown). The last two count only where the first key is a known one,
    so that a first paragraph `Note: …` stays text.

    Raises:
        FrontMatterError: there is metadata and it cannot be read.
    """
    if found := _FENCED.match(text):
        above, block = found.groups()
        start = len(above) + 2
        fields, places = from_yaml(block.split("\n")[:-1], start)
        return Split(fields, text[found.end() :], start + block.count("\n") + 1, places)
    lines = text.split("\n")
    top = next((number for number, line in enumerate(lines) if line.strip()), 0)
    first = lines[top].rstrip()
    if first in _FENCES:
        return _fenced(lines, top, *_FENCES[first])
    if _LEADING_JSON.match(first):
        return _json(lines, top)
    if (found := KEY_LINE.fullmatch(first)) and known(found["key"]):
        return _unfenced(lines, top)
    return Split({}, "\n".join(lines))


def body_of(text: str) -> str:
    """Return the body that `split` would, at once where a fence closes the metadata."""
    found = _FENCED.match(text)
    return text[found.end() :] if found else split(text).body


def _fenced(lines: list[str], top: int, closing: tuple[str, ...], read: _Read) -> Split:
    end = next((number for number in range(top + 1, len(lines)) if lines[number].rstrip() in closing), None)
    if end is None:
        message = f"the metadata that {lines[top].rstrip()} opens is never closed"
        raise FrontMatterError(top + 1, message, f"write a line {closing[0]} below the metadata")
    return _joined(lines, end + 1, read(lines[top + 1 : end], top + 2))


def _joined(lines: list[str], start: int, found: Fields) -> Split:
    fields, places = found
    return Split(fields, "\n".join(lines[start:]), start + 1, places)


def _json(lines: list[str], top: int) -> Split:
    text = "\n".join(lines[top:])
    fields, places, end = leading_json(text, top + 1)
    end += text[end:].startswith("\n")
    return Split(fields, text[end:], top + text[:end].count("\n") + 1, places)


def _unfenced(lines: list[str], top: int) -> Split:
    """Read `Key: value` lines: YAML where a line `---` closes them (Hexo), else up to the first empty line."""
    fence = _run(lines, top, _is_yaml)
    if fence < len(lines) and lines[fence].rstrip() == "---":
        return _joined(lines, fence + 1, from_yaml(lines[top:fence], top + 1))
    end = _run(lines, top, _is_pair)
    start = end + 1 if end < len(lines) and not lines[end].strip() else end
    return _joined(lines, start, from_pairs(lines[top:end], top + 1))


def _run(lines: list[str], top: int, belongs: Callable[[str], bool]) -> int:
    return next((number for number in range(top, len(lines)) if not belongs(lines[number])), len(lines))


def _is_pair(line: str) -> bool:
    return bool(line.strip()) and (line[0] in " \t" or KEY_LINE.fullmatch(line) is not None)


def _is_yaml(line: str) -> bool:
    return _is_pair(line) or line.startswith(("- ", "#"))
