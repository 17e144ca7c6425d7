"""Reading publisher.toml: TOML mistakes and wrong values become problems with line, dotted path and cure."""

import difflib
import re
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, time
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from publisher.config.location import CONFIG_NAME
from publisher.config.settings import Settings
from publisher.errors import Problem, ProblemsError, SurroundingsError, UsageError
from publisher.files import read_file

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*')"""
_PATH = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*(\[\[?)\s*({_PATH})\s*\]\]?\s*(?:#|$)")
_KEY = re.compile(rf"\s*({_PATH})\s*=")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
#: Texts and comments. The texts of several lines are the second group and hold what looks like keys.
_TEXTS = re.compile(
    r"""(#[^\n]*|"(?!"")(?:\\.|[^"\\\n])*"|'(?!'')[^'\n]*')|(\"""(?:\\.|[^\\])*?"{3,5}|'{3}.*?'{3,5})""", re.DOTALL
)
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
#: The most that is read, in bytes.
_LARGEST = 4 * 2**20
#: How many characters of a mistaken key or value are repeated.
_SHOWN = 60
#: What is wrong and what to do, for each kind of mistake that pydantic tells in words of its own
#: (https://docs.pydantic.dev/latest/errors/validation_errors/).
_CLAUSES: Mapping[str, tuple[str, str]] = {
    "bool_type": ("{given} is neither true nor false", "write one of them, without quotes"),
    "dict_type": ("{given} is no table", 'write names and values, such as {{ "mail.example" = "20/minute" }}'),
    "extra_forbidden": ("is no known key", "{known}"),
    "greater_than_equal": ("{given} is too small", "write at least {ge}"),
    "int_type": ("{given} is no whole number", "write one without quotes, such as 10"),
    "less_than_equal": ("{given} is too big", "write at most {le}"),
    "literal_error": ("{given} is no choice here", "write {expected}"),
    "missing": ("is missing", "it is required"),
    "model_type": ("{given} is no table", "write {table}"),
    "repeated": ("{given} is defined twice", "keep one, or write another"),
    "string_too_long": ("has more than {max_length} characters", "shorten it"),
    "string_type": ("{given} is no text", "write text in quotes"),
    "too_long": ("has {actual_length} entries", "name at most {max_length}"),
    "too_short": ("is empty", "name at least one"),
    "tuple_type": ("{given} is no list", "write {list}"),
}
_OTHERWISE = ("{given} is not what belongs here", "see docs/configuration.md")

Place = tuple[str | int, ...]
Names = Mapping[str, Callable[[], Collection[str]]]


def load_settings(folder: Path, known: Names | None = None) -> Settings:
    """Read the publication's settings.

    Args:
        folder: the publication's.
        known: as for `parse_settings`.

    Raises:
        ProblemsError: publisher.toml has mistakes; all of them are in it.
        SurroundingsError: it cannot be read.
        UsageError: there is none.
    """
    path = folder / CONFIG_NAME
    try:
        data = read_file(path, _LARGEST)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{folder}: no {CONFIG_NAME} here; make a publication with: publisher init DIR") from None
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be read: {error.strerror or error}") from error
    return parse_settings(data, known)


def parse_settings(data: bytes, known: Names | None = None) -> Settings:
    """Turn the bytes of publisher.toml into settings.

    Args:
        data: the bytes.
        known: names that other rooms know, by what they are names of: `mail program`, `rule of mails`. They are asked
            for where the settings use some; where None, any name will do.

    Raises:
        ProblemsError: it has mistakes; all of them are in it.
    """
    text = _decode(data)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProblemsError([_toml_problem(str(error), text)]) from None
    except (RecursionError, ValueError):
        # Valid TOML that Python does not take: no line is told, and it is no text for an author.
        raise ProblemsError([Problem(CONFIG_NAME, "nests too deeply or holds a huge number", "simplify it")]) from None
    try:
        return Settings.model_validate(values, context=known)
    except ValidationError as error:
        lines = _lines_of_keys(text)
        mistakes = [mistake for told in error.errors() for mistake in _mistakes(told)]
        raise ProblemsError([_value_problem(mistake, lines) for mistake in mistakes]) from None


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        problem = Problem(CONFIG_NAME, "is not UTF-8 text", "save it as UTF-8", line)
        raise ProblemsError([problem]) from None


def _toml_problem(message: str, text: str) -> Problem:
    place = _TOML_PLACE.search(message)
    line = int(place[1]) if place and place[1] else text.count("\n") + 1
    # It may hold a whole key, never a line break: tomllib writes what it found as Python does.
    words = _shortened(_TOML_PLACE.sub("", message), 2 * _SHOWN)
    return Problem(CONFIG_NAME, f"is not TOML: {words}", "see https://toml.io/", line)


def _mistakes(told: ErrorDetails) -> Iterator[ErrorDetails]:
    """Give one mistake for each place that is to be mended."""
    if told["type"] == "too_short" and told["input"]:
        return  # pydantic counts so because the members were refused already, each with an error of its own
    if told["type"] == "repeated":
        for place, value in told["ctx"]["again"].items():
            yield {**told, "loc": (*told["loc"], *place), "input": value}
        return
    yield told


def _value_problem(mistake: ErrorDetails, lines: Mapping[Place, int]) -> Problem:
    place: Place = mistake["loc"]
    message, cure = _clauses(mistake, place)
    dotted = _dotted(place)
    return Problem(CONFIG_NAME, f"{dotted}: {message}" if dotted else message, cure, _line(place, lines))


def _clauses(mistake: ErrorDetails, place: Place) -> tuple[str, str]:
    """Return what is wrong and what to do."""
    value, context = mistake["input"], mistake.get("ctx", {})
    given = _shown(value, place)
    if mistake["type"] == "value_error":
        message, _, cure = str(context["error"]).partition("; ")
        return f"{given} {message}".lstrip(), cure
    message, cure = _CLAUSES.get(mistake["type"], _OTHERWISE)
    words = {
        **context,
        "given": given,
        "expected": str(context.get("expected", "")).replace("'", '"'),
        "known": _did_you_mean(place) if "{known}" in cure else "",
        "list": _as_list(value, place) if "{list}" in cure else "",
        "table": _as_table(place) if "{table}" in cure else "",
    }
    return message.format_map(words).lstrip(), cure.format_map(words)


def _shown(value: object, place: Place) -> str:
    """Return the beginning of the mistaken value on one line, but nothing of a table or list, and no secret."""
    if "password" in place:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        # Python writes no huge number in decimals, and TOML knows none (https://toml.io/en/v1.0.0#integer).
        return str(value) if value.bit_length() < 64 else "the huge number"
    if not isinstance(value, str | float | date | time) or _secret(str(value)):
        return ""
    return repr(_shortened(value)) if isinstance(value, str) else str(value)


def _secret(text: str) -> bool:
    """Tell whether a text may hold a password, as smtp://account:password@relay.example does."""
    return "@" in text and ":" in text


def _shortened(text: str, length: int = _SHOWN) -> str:
    return text if len(text) <= length else f"{text[:length]}…"


def _dotted(place: Place) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in place).lstrip(".")


def _key(name: str) -> str:
    """Write a key as TOML does, on one line."""
    return _shortened(name) if _BARE.fullmatch(name) else repr(_shortened(name))


def _as_list(value: object, place: Place) -> str:
    """Say how a list is written: with the value that was given without brackets, where that is short and plain."""
    names = [str(part) for part in place if isinstance(part, str)]
    if names[-1] in _table_models(_model_of(place[:-1])):
        return f"[[{'.'.join(names)}]] and its keys below"
    plain = isinstance(value, str) and len(value) <= _SHOWN and value.isprintable() and not set(value) & {'"', "\\"}
    return f'{names[-1]} = ["{value if plain and not _secret(str(value)) else "…"}"]'


def _as_table(place: Place) -> str:
    """Say how a table is written: alone, or as one of a list."""
    dotted = ".".join(part for part in place if isinstance(part, str))
    return f"[[{dotted}]] and its keys below" if isinstance(place[-1], int) else f"[{dotted}] and its keys below"


def _did_you_mean(place: Place) -> str:
    known = [info.alias or name for name, info in _model_of(place[:-1]).model_fields.items()]
    close = difflib.get_close_matches(str(place[-1]), known, n=1)
    return f"did you mean {close[0]}?" if close else f"known here: {', '.join(sorted(known))}"


def _model_of(table: Iterable[str | int]) -> type[BaseModel]:
    model: type[BaseModel] = Settings
    for part in table:
        if isinstance(part, str):
            model = _table_models(model).get(part, model)
    return model


def _table_models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    found = {}
    for name, info in model.model_fields.items():
        candidates = [info.annotation, *getattr(info.annotation, "__args__", ())]
        tables = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        if tables:
            found[info.alias or name] = tables[0]
    return found


def _lines_of_keys(text: str) -> dict[Place, int]:
    """Map places to line numbers by looking at table headers and keys alone; enough to point at a mistake."""
    lines: dict[Place, int] = {}
    newest: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(_TEXTS.sub(_flat, text).split("\n"), 1):
        if header := _HEADER.match(line):
            table = _below(newest, _parts(header[2]))
            lines.setdefault(table, number)
            lines.setdefault(table[:1], number)
            if header[1] == "[[":
                newest[table] = newest.get(table, -1) + 1
                table = (*table, newest[table])
                lines[table] = number
        elif key := _KEY.match(line):
            place = (*table, *_parts(key[1]))
            lines.setdefault(place, number)
            lines.setdefault(place[: len(table) + 1], number)
    return lines


def _flat(found: re.Match[str]) -> str:
    return found[1] or "\n" * found[2].count("\n")


def _parts(path: str) -> list[str]:
    """Take a dotted key apart as TOML does, with quotes and escapes."""
    inner: object = tomllib.loads(f"{path} = 0")
    parts = []
    while isinstance(inner, dict):
        ((part, inner),) = inner.items()
        parts.append(part)
    return parts


def _below(newest: Mapping[Place, int], parts: Iterable[str]) -> Place:
    """Return a header's place: below a list of tables, the newest of them is meant."""
    place: Place = ()
    for part in parts:
        if place in newest:
            place = (*place, newest[place])
        place = (*place, part)
    return place


def _line(place: Place, lines: Mapping[Place, int]) -> int:
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return 0
