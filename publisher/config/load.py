"""Reading publisher.toml: TOML mistakes and wrong values become problems with line, dotted path and cure."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from publisher.config.location import CONFIG_NAME
from publisher.config.settings import Settings
from publisher.errors import Problem, ProblemsError, SurroundingsError, UsageError

_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_USER_INFO = re.compile(r"://[^/\s]*:[^/\s]*@")
_PREFIX = re.compile(r"^(?:Value error|Assertion failed), ")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

Place = tuple[str | int, ...]


def load_settings(folder: Path) -> Settings:
    """Read the publication's settings.

    Raises:
        ProblemsError: publisher.toml has mistakes; all of them are in it.
        SurroundingsError: it cannot be read.
        UsageError: there is none.
    """
    path = folder / CONFIG_NAME
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{folder}: no {CONFIG_NAME} here; make a publication with: publisher init DIR") from None
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be read: {error.strerror or error}") from error
    return parse_settings(data)


def parse_settings(data: bytes) -> Settings:
    """Turn the bytes of publisher.toml into settings.

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
        return Settings.model_validate(values)
    except ValidationError as error:
        places = _lines_of_keys(text)
        raise ProblemsError([_value_problem(e, places) for e in error.errors() if not _follows(e)]) from None


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
    return Problem(CONFIG_NAME, f"is not TOML: {_TOML_PLACE.sub('', message)}", "see https://toml.io/", line)


def _follows(error: ErrorDetails) -> bool:
    """Tell whether pydantic counts a sequence as too short only because its members were refused already."""
    return error["type"] == "too_short" and bool(error["input"])


def _value_problem(error: ErrorDetails, lines: Mapping[Place, int]) -> Problem:
    place: Place = tuple(error["loc"])
    message, cure = _clauses(error, place)
    dotted = _dotted(place)
    return Problem(CONFIG_NAME, f"{dotted}: {message}" if dotted else message, cure, _line(place, lines))


def _clauses(error: ErrorDetails, place: Place) -> tuple[str, str]:
    if error["type"] == "extra_forbidden":
        return "is no known key", _did_you_mean(place)
    if error["type"] == "missing":
        return "is missing", "it is required"
    message = _PREFIX.sub("", error["msg"])
    given = _shown(error["input"], place)
    if error["type"] == "value_error":
        return f"{given} {message}".lstrip(), ""
    return f"{message[0].lower()}{message[1:]}" + (f", not {given}" if given else ""), ""


def _shown(value: object, place: Place) -> str:
    """Return the mistaken value, but nothing that may be a secret."""
    secret = "password" in place or _USER_INFO.search(str(value))
    return repr(value) if isinstance(value, str | int | float) and not secret else ""


def _dotted(place: Place) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")


def _did_you_mean(place: Place) -> str:
    known = _known_keys(place[:-1])
    close = difflib.get_close_matches(str(place[-1]), known, n=1)
    return f"did you mean {close[0]}?" if close else f"known here: {', '.join(sorted(known))}"


def _known_keys(table: Iterable[str | int]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in table:
        if isinstance(part, str):
            model = _table_models(model).get(part, model)
    return [info.alias or name for name, info in model.model_fields.items()]


def _table_models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    found = {}
    for name, info in model.model_fields.items():
        candidates = [info.annotation, *getattr(info.annotation, "__args__", ())]
        tables = [c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)]
        if tables:
            found[info.alias or name] = tables[0]
    return found


def _lines_of_keys(text: str) -> dict[Place, int]:
    """Map dotted places to line numbers by looking at table headers and keys alone; enough to point at a mistake."""
    lines: dict[Place, int] = {}
    counts: dict[str, int] = {}
    table: Place = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = tuple(header[2].split("."))
            lines.setdefault(table, number)
            if header[1] == "[[":
                counts[header[2]] = counts.get(header[2], -1) + 1
                table = (*table, counts[header[2]])
                lines[table] = number
        elif key := _KEY.match(line):
            lines.setdefault((*table, key[1]), number)
    return lines


def _line(place: Place, lines: Mapping[Place, int]) -> int:
    for length in range(len(place), 0, -1):
        if place[:length] in lines:
            return lines[place[:length]]
    return 0
