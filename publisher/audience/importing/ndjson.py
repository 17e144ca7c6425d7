"""Our own NDJSON files: a JSON object a line."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from publisher.audience.importing.fields import Fields, RowRefused, status_word
from publisher.audience.importing.inputs import LONGEST_LINE, pass_over
from publisher.audience.importing.judging import STOPS

_WHO = frozenset({"address", "email", "newsletter"})
_TEXTS = tuple(name for name in Fields._fields if name not in ("tags", "status"))


def rows(lines: Iterator[str]) -> Iterator[tuple[int, Fields | RowRefused]]:
    """Yield the number of each line, from 1, and what it says, or why it cannot be used; empty lines are left out."""
    for number, line in enumerate(lines, 1):
        if len(line) >= LONGEST_LINE:
            pass_over(line, lines)
            yield number, RowRefused(f"is longer than {LONGEST_LINE} characters", "shorten it, or delete it")
        elif not line.isspace():
            try:
                yield number, _fields(line)
            except RowRefused as refused:
                yield number, refused


class _Repeated(dict[str, Any]):
    """An object that says a name more than once: the first counts."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        super().__init__(reversed(pairs))
        self.pairs = pairs

    def settle(self) -> None:
        """Let a stop win over a go; RowRefused where it is not said who is meant."""
        for name, value in self.pairs:
            if name in _WHO and value != self[name]:
                raise RowRefused(f"{name} stands there twice", "keep one of them")
        words = [status_word(value) for name, value in self.pairs if name == "status" and isinstance(value, str)]
        self["status"] = next((stop.value for stop in STOPS if stop.value in words), next(filter(None, words), ""))


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    return document if len(document) == len(pairs) else _Repeated(pairs)


# Made once: `json.loads` would make one for each line.
_decode = json.JSONDecoder(object_pairs_hook=_once).decode


def _fields(line: str) -> Fields:
    try:
        document = _decode(line)
    except (ValueError, RecursionError):
        raise RowRefused("is no JSON", "write one JSON object a line") from None
    if not isinstance(document, dict):
        raise RowRefused("is no JSON object", 'write it as {"address": "ann@reader.example"}')
    if isinstance(document, _Repeated):
        document.settle()
    if "address" not in document and "email" in document:
        document["address"] = document["email"]
    texts = {name: _text(document, name) for name in _TEXTS}
    return Fields(**texts, tags=_tags(document), status=status_word(_text(document, "status")))


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise RowRefused(f"{name} is no text", f'write "{name}" with a value in quotation marks')


def _tags(document: Mapping[str, Any]) -> tuple[str, ...]:
    value = document.get("tags") or []
    if isinstance(value, list) and all(isinstance(tag, str) for tag in value):
        return tuple(value)
    raise RowRefused("tags is no list of texts", 'write it as "tags": ["sea", "dawn"]')
