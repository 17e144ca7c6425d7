"""Writes the pages that repeat what the code says: configuration.md and commands.md. A test compares them."""

import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import click
from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo

from publisher.cli import main
from publisher.config import Settings

FOLDER = Path(__file__).resolve().parent

CONFIGURATION = """\
# Configuration

Everything `publisher.toml` may hold. Only `[publication]` with its `title` and `url` is required; all else has a
default that works. An unknown key is refused, and all mistakes are told at once, each with its line.

This page is written from the code by `make docs`.
"""

COMMANDS = """\
# Commands

What each command says to `--help`. This page is written from the code by `make docs`.
"""

#: Better words for some checks than their names.
WORDS = {
    "authority": "domain and date",
    "mailbox": "mail address",
    "permalink": "pattern",
    "schedule": "cron expression",
    "timezone": "time zone",
    "web folder": "web address",
    "web url": "web address",
}


def configuration() -> str:
    """Describe each table of the settings, in the order of the code."""
    return "\n".join([CONFIGURATION, *_tables(Settings, "")])


def _tables(model: type[BaseModel], above: str) -> Iterator[str]:
    for name, (kind, _) in _fields(model).items():
        if (table := _model(kind)) is None:
            continue
        many = get_origin(_bare(kind)) is tuple
        dotted = f"{above}{name}"
        yield f"## `[[{dotted}]]`\n" if many else f"## `[{dotted}]`\n"
        yield " ".join((table.__doc__ or "").split()) + "\n"
        yield _keys(table)
        yield from _tables(table, f"{dotted}.")


def _keys(table: type[BaseModel]) -> str:
    rows = [
        f"| `{name}` | {_kind(kind)} | {_default(info)} | {_cell(info.description or 'See below.')} |"
        for name, (kind, info) in _fields(table).items()
    ]
    return "\n".join(["| key | value | default | meaning |", "|---|---|---|---|", *rows, ""])


def _fields(model: type[BaseModel]) -> dict[str, tuple[Any, FieldInfo]]:
    """Give each key as it is written in TOML, with its type and what is known of it."""
    kinds = get_type_hints(model, include_extras=True)
    return {info.alias or name: (kinds[name], info) for name, info in model.model_fields.items()}


def _bare(kind: Any) -> Any:
    """Take `| None` away: in TOML, what is absent is not written."""
    if get_origin(kind) in (Union, types.UnionType):
        return next(one for one in get_args(kind) if one is not type(None))
    return kind


def _model(kind: Any) -> type[BaseModel] | None:
    bare = _bare(kind)
    inner = get_args(bare)[0] if get_origin(bare) is tuple else bare
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


def _kind(kind: Any) -> str:
    """Say in words what a value is: the name of its check, its choices, or its type."""
    bare = _bare(kind)
    origin, arguments = get_origin(bare), get_args(bare)
    if origin is Annotated:
        checks = [one.func.__name__ for one in arguments[1:] if isinstance(one, AfterValidator)]
        return _words(checks[0]) if checks else _kind(arguments[0])
    if origin is Literal:
        return " or ".join(f'`"{choice}"`' for choice in arguments)
    if origin is tuple:
        return f"list of {_kind(arguments[0])}"
    if origin is dict or _model(bare):
        return "table"
    return {str: "text", int: "whole number", bool: "true or false"}[bare]


def _words(check: str) -> str:
    name = check.strip("_").replace("_", " ")
    return WORDS.get(name, name)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**required**"
    if info.default in (None, ""):
        return "–"
    return f"`{json.dumps(info.default, ensure_ascii=False)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def commands() -> str:
    """Give the help of the program and of each command."""
    return "\n".join([COMMANDS, *_help(main, None, "publisher")])


def _help(command: click.Command, above: click.Context | None, name: str) -> Iterator[str]:
    settings = {**command.context_settings, "terminal_width": 100}
    context = click.Context(command, parent=above, info_name=name, **settings)
    yield f"## `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None
            yield from _help(found, context, below)


PAGES = {"configuration.md": configuration, "commands.md": commands}


if __name__ == "__main__":
    for page, write in PAGES.items():
        (FOLDER / page).write_text(write(), encoding="utf-8")
        print(f"docs/{page}")
