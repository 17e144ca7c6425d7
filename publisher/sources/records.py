"""Records in JSON, close to the items of JSON Feed 1.1: one, a list, a feed, or one a line. See docs/records.md."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from html import escape
from itertools import repeat
from types import NoneType

from publisher.article import Article
from publisher.errors import Problem, Severity
from publisher.markup import markdown
from publisher.markup.characters import legal
from publisher.markup.characters import line as one_line
from publisher.markup.sanitise import clean
from publisher.sources.base import Body, Conventions, Document, Reading
from publisher.sources.html.tree import TooDeepError, tidied
from publisher.sources.keys import known, of_episode
from publisher.sources.metadata import assemble
from publisher.sources.summaries import opening, shortened

#: Longest title made for a record without one, in characters.
TITLE_CHARACTERS = 80

#: All keys of a record; other names of metadata and extensions, which begin with `_`, are no mistake either.
NAMES = frozenset(
    "id url external_url title content_html content_markdown content_text summary image banner_image date_published"
    " date_modified authors author tags language attachments section highlights sources status draft slug".split()
)
_ID_CURE = 'give it an "id" of its own that never changes'
#: Longest whole number in a record.
_DIGITS = 100
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class _Record:
    value: object
    #: Line in the file, from 1.
    line: int
    #: Which of several in a file it is, from 1; 0 where its line says that.
    number: int = 0


def read_json(document: Document, conventions: Conventions) -> Reading:
    """Read one record, a list of them, or a JSON Feed."""
    try:
        value = _parsed(document.text)
    except (ValueError, RecursionError) as error:
        return Reading(problems=(_mistake(document, error),))
    listed = value.get("items") if isinstance(value, dict) and "id" not in value else value
    if not isinstance(listed, list):
        line = document.text.count("\n", 0, _after_space(document.text, 0)) + 1
        return _reading([_Record(value, line)], document, conventions)
    places = zip(_lines(document.text), listed, strict=False)
    records = (_Record(each, line, number) for number, (line, each) in enumerate(places, 1))
    return _reading(records, document, conventions)


def read_ndjson(document: Document, conventions: Conventions) -> Reading:
    """Read one record a line; a line that is none is a problem, and the others are read."""
    records: list[_Record] = []
    problems: list[Problem] = []
    for number, line in enumerate(document.text.split("\n"), 1):
        try:
            if line.strip():
                records.append(_Record(_parsed(line), number))
        except (ValueError, RecursionError) as error:
            problems.append(_mistake(document, error, number))
    reading = _reading(records, document, conventions)
    return Reading(reading.articles, tuple(sorted((*problems, *reading.problems), key=lambda one: one.line)))


def _parsed(text: str) -> object:
    return json.loads(text, parse_int=_whole, parse_constant=_no_constant)


def _whole(digits: str) -> int:
    """Refuse numbers that Python takes long for, in words that are not Python's."""
    if len(digits) > _DIGITS:
        raise ValueError("a number has too many digits")
    return int(digits)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _mistake(document: Document, error: ValueError | RecursionError, line: int = 0) -> Problem:
    if isinstance(error, RecursionError):
        return Problem(document.path, "is nested too deeply", "leave lists and objects inside each other out", line)
    if isinstance(error, json.JSONDecodeError):
        message = f"is no JSON: {error.msg[:1].lower()}{error.msg[1:]} in column {error.colno}"
        return Problem(document.path, message, "check quotes, commas and braces", line or error.lineno)
    return Problem(document.path, f"is no JSON: {error}", "write numbers of a usual size", line)


def _lines(text: str) -> Iterator[int]:
    """Yield the lines on which the records of a list begin: of the list itself, or of the items of a feed."""
    line, seen = 1, 0
    for position in _elements(text, _list_start(text)):
        line, seen = line + text.count("\n", seen, position), position
        yield line


def _list_start(text: str) -> int:
    """Return where the list of records begins in a text that is valid JSON."""
    position = _after_space(text, 0)
    while text[position] != "[":
        key, position = _DECODER.raw_decode(text, _after_space(text, position + 1))
        position = _after_space(text, _after_space(text, position) + 1)
        if key != "items":
            position = _after_space(text, _DECODER.raw_decode(text, position)[1])
    return position


def _elements(text: str, position: int) -> Iterator[int]:
    while text[position] != "]" and text[start := _after_space(text, position + 1)] != "]":
        yield start
        position = _after_space(text, _DECODER.raw_decode(text, start)[1])


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _reading(records: Iterable[_Record], document: Document, conventions: Conventions) -> Reading:
    articles: list[Article] = []
    problems: list[Problem] = []
    noted: set[str] = set()
    for record in records:
        for key in _unknown(record.value):
            if key not in noted:
                noted.add(key)
                problems.append(_note(document, record, key))
        reading = _read(record, document, conventions)
        articles += reading.articles
        problems += (_numbered(problem, record) for problem in reading.problems)
    return Reading(tuple(articles), tuple(problems))


def _numbered(problem: Problem, record: _Record) -> Problem:
    message = f"record {record.number}: {problem.message}" if record.number else problem.message
    return replace(problem, message=message, line=problem.line or record.line)


def _unknown(value: object) -> Iterator[str]:
    for key in value if isinstance(value, dict) else ():
        if key not in NAMES and not key.startswith("_") and not known(key) and not of_episode(key):
            yield key


def _note(document: Document, record: _Record, key: str) -> Problem:
    """Tell of an unknown key, once a file."""
    alike = get_close_matches(key, sorted(NAMES), n=1)
    cure = f'did you mean "{alike[0]}"?' if alike else "extensions have names that begin with _"
    return Problem(
        document.path, f'the key "{one_line(key)}" is not known and was left out', cure, record.line, Severity.NOTE
    )


def _read(record: _Record, document: Document, conventions: Conventions) -> Reading:
    value = record.value
    if not isinstance(value, dict):
        cure = 'write each record as { "id": …, "title": …, "content_html": … }'
        return Reading(problems=(Problem(document.path, "is no JSON object", cure, record.line),))
    wrong = [f"{key} is no text" for key in _CONTENT if not isinstance(value.get(key, ""), str | NoneType)]
    if isinstance(value.get("id"), bool) or not isinstance(value.get("id"), str | int | float) or value["id"] == "":
        wrong.append("has no id")
    if wrong:
        cures = (_ID_CURE if message == "has no id" else "write it in quotes" for message in wrong)
        return Reading(problems=tuple(map(Problem, repeat(document.path), wrong, cures, repeat(record.line))))
    return assemble(_fields(value), _body(value, record.line), document, conventions)


def _fields(value: Mapping[str, object]) -> Mapping[str, object]:
    own = {key: value[key] for key in value if key not in (*_CONTENT, "external_url", "banner_image")}
    return {
        **own,
        "url": value.get("url") or value.get("external_url"),
        "image": value.get("image") or value.get("banner_image"),
    }


def _body(value: Mapping[str, object], line: int) -> Body:
    content = next((convert(str(text)) for key, convert in _CONTENT.items() if (text := value.get(key))), "")
    return Body(content=content, title=_title(value, content), line=line)


def _title(value: Mapping[str, object], content: str) -> str:
    """Return what a record without a title begins with (JSON Feed 1.1: short posts have none)."""
    if value.get("title"):
        return ""
    return shortened(opening(clean(content)), TITLE_CHARACTERS)


def _paragraphs(text: str) -> str:
    """Return plain text as HTML: a paragraph wherever blank lines stand between."""
    parts = (part.strip() for part in re.split(r"\n[^\S\n]*\n", legal(text)))
    broken = (escape(part, quote=False).replace("\n", "<br>\n") for part in parts if part)
    return "".join(f"<p>{part}</p>\n" for part in broken)


def _tidied(html: str) -> str:
    try:
        return tidied(html)
    except TooDeepError:
        return html  # cleaning leaves out what is too deep, and keeps its text


#: How each kind of content becomes HTML; the first that a record has counts.
_CONTENT: Mapping[str, Callable[[str], str]] = {
    "content_html": _tidied,
    "content_markdown": markdown.to_html,
    "content_text": _paragraphs,
}
