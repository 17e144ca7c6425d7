"""Our own NDJSON files: a JSON object a line."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from publisher.audience.importing.fields import Fields, RowRefused, status_word

_TEXTS = tuple(name for name in Fields._fields if name not in ("tags", "status"))


def rows(lines: Iterator[str]) -> Iterator[tuple[int, Fields | RowRefused]]:
    """Yield the number of each line, from 1, and what it says, or why it cannot be used; empty lines are left out."""
    for number, line in enumerate(lines, 1):
        if not line.isspace():
            try:
                yield number, _fields(line)
            except RowRefused as refused:
                yield number, refused


def _fields(line: str) -> Fields:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        raise RowRefused("is no JSON", "write one JSON object a line") from None
    if not isinstance(document, dict):
        raise RowRefused("is no JSON object", 'write it as {"address": "ann@reader.example"}')
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
