"""Writes the pages that repeat what the code says: configuration.md, commands.md, check.md, check-issues.md.

Tests compare them.
"""

import json
import types
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import click
from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo

from publisher.check.feed_rules import RULES
from publisher.check.mail.rules import RULES as MAIL_RULES
from publisher.check.rule import Rule
from publisher.cli import main
from publisher.config.settings import Settings

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

CHECK = """\
# Checks of feeds

`publisher check FILE…` judges feeds, yours or anybody's: Atom, RSS 0.90 to 2.0, JSON Feed, OPML, and the documents of the
Atom Publishing Protocol, with the extensions listed below. It needs no network, reads no other file, and takes time in
proportion to the file. Mails and the bundles of issues have [rules of their own](check-issues.md).

```console
$ publisher check feeds/all.rss.xml
error: feeds/all.rss.xml:12:7: the pubDate "2026-01-31" is no RFC 822 date; write dates as Sat, 31 Jan 2026 12:00:00 +0000 [rss.date.invalid]
```

Each finding names file, line and column, what is wrong, what to do, and the rule. `--json` gives the same for programs.

- An **error** is what the W3C's [Feed Validation Service](https://validator.w3.org/feed/) calls an error, or what RFC 4287,
  RSS 2.0, RSS 1.0, OPML 2.0 or JSON Feed 1.1 forbid. Errors end the command with status 1.
- A **note** is what that service warns of, or what readers are known to stumble over. Notes change no exit status.

The line is that of the element, the column that of its first letter. In JSON both are those of the member.

Whatever the file is called, a feed is known by its first letter. No file can take much time or memory: of each rule the
first thousand findings are told, after 100,000 in all a note says that the rest was not looked for, and a file of more
than 20 MB, or of more than 500,000 elements and attributes, is refused with an error; the W3C's service refuses 5 MB.

## Extensions

Dublin Core, DC Terms, content, syndication, slash, wfw, thread, trackback, Media RSS, Apple Podcasts, GeoRSS, GML,
geo, OpenSearch, feed history (RFC 5005), tombstones (RFC 6721), app (RFC 5023), Creative Commons, FeedBurner, FeedSync,
Google Base, event, wiki, taxonomy, annotate, aggregation, link, admin, blogChannel, and Atom within RSS. Whatever is in
another namespace is named in a note and not looked at; Podcasting 2.0 is among these, as with the W3C.

## How well it agrees

The rules follow the published source of the W3C's service, written anew as tables. No copy of the service was at hand to
run beside it. So 242 files of its own test suite, which has some two thousand, were taken over by hand and judged:

| sample | valid, without an error | invalid, with one |
|---|---|---|
| 51 files, seen while the rules were written | 30 of 32 | 18 of 19 |
| 64 files, seen afterwards and for the first time | 28 of 28 | 35 of 36 |
| 67 files of other folders, seen after that for the first time | 31 of 31 | 36 of 36 |
| 60 files more, seen last, after the borders below | 32 of 32 | 28 of 28 |

What is valid there was decided by reading the service's present source where the file's own expectation is about one
rule only. The two false errors are files of RSS 1.1 that use `dc:author`, an element Dublin Core does not have: the files
say that nothing is wrong, the present source says that the element is unknown. What was missed twice is a `media:group`
with a single file; by now that is an error here, too.

Most files of the suite are far from the borders between right and wrong. So 115 borders were drawn from the source, such
as a minute 60 or a comma between coordinates: 62 agreed at first, and all do by now. As the rules were mended by these
very cases, that is no measure of agreement, only of care. All these figures are samples, judged by hand and not by the
service itself. Feeds in the manner of nine well-known programs have no errors; in one of videos are those that the
service finds there.

Known differences, on purpose:

- Words and categories of Apple's, countries and codes of languages that are newer than the service are no errors. Words
  of Media RSS 1.5, and a `media:group` with a single file, are errors as there, though nobody else minds them.
- An OPML file may have `docs` in its head, as OPML 2.0 says, and an outline may be in the language `unknown`.
- Tombstones (RFC 6721) are judged; the service does not look at them.
- KML, XRD and OpenSearch descriptions, which the service judges too, are no feeds here.
- Dates in the future are no finding, as no clock is read, and addresses are not compared with the place a file came from.
- Of HTML, it tells active parts, unknown elements, risky styles and relative addresses, not every slip in the nesting.

## Rules

This table is written from the code by `make docs`; … stands for what was found.

| rule | | what is wrong | what to do |
|---|---|---|---|
"""

CHECK_ISSUES = """\
# Checks of issues

`publisher check` judges newsletters before a single mail leaves: the bundles of issues, mails (`.eml`) of anybody, and the
HTML of mails. `publisher issue` applies the same rules to what it has made and writes nothing where it finds an error.
No rule needs the network or a browser, and all take time in proportion to the mail. What a mail links to is not read;
of a bundle, all its files are, and the manifests of the issues beside it.

```console
$ publisher check issues/weekly/2026-W48
error: issues/weekly/2026-W48/issue.html:24: the link "/a" is relative; write the whole address; a mail has no page to start from [html.link.relative] in "Owls at the lake"
```

Each finding says in which file and on which line, what is wrong, what to do, the rule, and whose article it is. `--json`
gives the same for programs, with the mail programs that are concerned as `clients`. Lines are those of the file; what is
found in a part of an `.eml` has none, as its lines are encoded. Where an article breaks a rule often, the first three are
told and the others counted.

- An **error** is what leaves a mail broken, unreadable, or embarrassing beyond doubt. Errors end the command with status 1.
- A **note** is worth a look: unencrypted links, a long subject, pale text. Notes change no exit status.

A rule that you do not want is named in the configuration; a name that is none of them is a mistake there:

```toml
[check]
ignore = ["html.link.insecure", "subject.long"]
```

## What is looked at

- **Bundles.** The digest of each file and of the manifest itself is computed anew, so that one changed byte is found.
  Manifest, mail, text and web page have to agree: subject, date, articles and their order, both parts of the mail. The
  subject must not be that of an earlier issue of the same newsletter.
- **Headers** by a grammar of our own, not Python's parser, which repairs in silence: addresses, dates, encoded-words,
  `Message-ID`, all `List-` fields, line lengths, parts and boundaries. A mail with a `List-Id`, and each bundle, needs
  `List-Unsubscribe` and `List-Unsubscribe-Post`, and a link to unsubscribe in both parts.
- **Contrast** in light and in dark mode, from style attributes and kept rules, by an own small cascade: selectors of
  elements, classes, ids and attributes, alone or below each other; `prefers-color-scheme`; `!important`. It is computed
  as WCAG 2.2 has it, and 4.5:1 is asked for, or 3:1 for letters from 24 pixels, in bold from 18.66. Text on pictures and
  colours in custom properties are not judged, and nothing that depends on CSS is in a mail with more than 200,000
  characters of it.
- **Words.** Marks of unfinished text, left-over code of templates and habits of bad mail, in the mail's own words: what
  stands in `<code>` and `<pre>` is an example and left alone. Code of a template is an error around the articles, where
  only a template of yours can have left it. Within an article it is a note, as the article may be about it, and so it is
  where subject, preheader or contents repeat the article. The list of habits is short on purpose.
- **The footer** of a bundle: the link to unsubscribe, and a postal address. What has no number in it is taken for none.
- **The text part** beside the HTML: the same words, no HTML, no wide lines but code and addresses.
- **Mail programs**: what each of them can show is on [a page of its own](clients.md).

## Rules

This table is written from the code by `make docs`; … stands for what was found.

| rule | | what is wrong | what to do |
|---|---|---|---|
"""

#: Better words for some checks than their names.
WORDS = {
    "authority": "domain and date",
    "hello": "domain or address literal",
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
    return {str: "text", int: "whole number", bool: "true or false", date: "day"}[bare]


def _words(check: str) -> str:
    name = check.strip("_").replace("_", " ")
    return WORDS.get(name, name)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "**required**"
    if info.default in (None, "") or isinstance(info.default, BaseModel):
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


def check() -> str:
    """Give the rules for feeds, in the order of the code."""
    return CHECK + _rules(RULES)


def check_issues() -> str:
    """Give the rules for mails and bundles, in the order of the code."""
    return CHECK_ISSUES + _rules(MAIL_RULES)


def _rules(rules: Mapping[str, Rule]) -> str:
    rows = [
        f"| `{name}` | {rule.severity.value} | {_told(rule.message)} | {_told(rule.cure)} |"
        for name, rule in rules.items()
    ]
    return "\n".join([*rows, ""])


def _told(clause: str) -> str:
    """Show a clause of a rule in a cell, where Markdown would read HTML."""
    return _cell(clause).replace("&", "&amp;").replace("<", "&lt;").replace("{}", "…")


PAGES = {
    "configuration.md": configuration,
    "commands.md": commands,
    "check.md": check,
    "check-issues.md": check_issues,
}


if __name__ == "__main__":
    for page, write in PAGES.items():
        (FOLDER / page).write_text(write(), encoding="utf-8")
        print(f"docs/{page}")
