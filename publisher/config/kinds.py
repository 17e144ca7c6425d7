"""Kinds of values in publisher.toml: each is checked, and written in one way, as it is read."""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from publisher.markup.hosts import ascii_host

#: Names become file names and parts of URLs (lower case, so that they are one on every file system).
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
_MAILBOX = re.compile(r"[^<>@]*<[^<>@\s,;]+@[^<>@\s,;]+>|[^<>@\s,;]+@[^<>@\s,;]+")
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._-]+@)?[a-z0-9]+(?:[.-][a-z0-9]+)*,\d{4}(?:-\d{2}(?:-\d{2})?)?")
#: Characters that stand in a URL as they are, and the sign of those that do not.
_LEGAL = "/?:@!$&'()*+,;=~-._%"
_PLACEHOLDERS = {"path", "slug", "section", "year", "month", "day"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_LIST_ID = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+")
_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
#: The name of a font, in quotes or not: nothing that could end a declaration in a style sheet.
_FONT = re.compile(r"\s*(?P<quote>[\"']?)(?P<name>[^\W_](?:[\w -]*\w)?)(?P=quote)\s*")
_GENERIC_FONTS = ("serif", "sans-serif", "monospace")
#: What every file system takes in a whole path, with room for the publication's folder, and in one part of it, in bytes.
_PATH_BYTES, _PART_BYTES = 1000, 255


def without_control(value: str) -> None:
    """Refuse line breaks and control characters."""
    if "\n" in value or "\r" in value:
        raise ValueError("has a line break; write it on one line")
    if _CONTROL.search(value):
        raise ValueError("has a control character, such as a tab; leave it out")


def _text(value: str) -> str:
    if not value:
        raise ValueError("is empty; write some text")
    without_control(value)
    return value


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError("is no language, such as en or pt-BR")
    return value


def _list_id(value: str) -> str:
    if len(value) > 255 or not _LIST_ID.fullmatch(value):
        raise ValueError("is no list id (RFC 2919) of up to 255 characters, such as weekly.notes.example")
    return value


def _web_url(value: str) -> str:
    """Return an address as URLs are written (RFC 3986): host in its ASCII form and lower case, path in ASCII."""
    # First of all: urlsplit leaves some of them out, and quote would write the others as %00.
    without_control(value)
    try:
        parts = urlsplit(value)
        host = ascii_host(parts.hostname or "")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        host = port = ""
    if not host or parts.scheme not in ("http", "https") or re.search(r"[\s<>\"]", value):
        raise ValueError("is no absolute http or https address, such as https://notes.example/")
    if "@" in parts.netloc:
        raise ValueError("names an account; keep it out of addresses that readers see")
    path, query, fragment = (quote(part, safe=_LEGAL) for part in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, f"[{host}]{port}" if ":" in host else f"{host}{port}", path, query, fragment))


def _web_folder(value: str) -> str:
    url = _web_url(value)
    if urlsplit(url).query or urlsplit(url).fragment:
        raise ValueError("is the address of a folder and has neither ? nor #")
    return url if url.endswith("/") else f"{url}/"


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ValueError("is no name: use up to 80 of a-z, 0-9 and -, for example weekly-letter")
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is no IANA time zone, such as Europe/Berlin") from None
    return value


def _schedule(value: str) -> str:
    try:
        next(CronSim(value, datetime(2000, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        raise ValueError("is no cron expression with five fields, such as 0 8 * * MON") from None
    return value


def _mailbox(value: str) -> str:
    without_control(value.strip())
    if not _MAILBOX.fullmatch(value.strip()):
        raise ValueError("is no mail address, such as Field Notes <letters@notes.example>")
    return value.strip()


def _authority(value: str) -> str:
    if not _AUTHORITY.fullmatch(value):
        raise ValueError(
            "is no tag authority (RFC 4151): a domain of yours, in lower case and ASCII, and a date when it was: notes.example,2026"
        )
    return value


def _permalink(value: str) -> str:
    without_control(value)
    unknown = set(re.findall(r"\{([^}]*)\}", value)) - _PLACEHOLDERS
    if unknown or not {"{path}", "{slug}"} & set(re.findall(r"\{[^}]*\}", value)):
        raise ValueError("needs {path} or {slug}, and may use {section}, {year}, {month} and {day}")
    return value.lstrip("/")


def _colour(value: str) -> str:
    """Return a colour as `#rrggbb` in lower case, the one form that all mail programs read."""
    if not _COLOUR.fullmatch(value):
        raise ValueError("is no colour; write red, green and blue in hexadecimal digits, such as #1f5f8b")
    digits = value[1:].lower()
    return f"#{digits}" if len(digits) == 6 else "#" + "".join(2 * digit for digit in digits)


def _fonts(value: str) -> str:
    """Return names of fonts as style sheets write them; `serif` and `sans` stand as they are."""
    if value in ("serif", "sans"):
        return value
    found = [_FONT.fullmatch(part) for part in value.split(",")]
    names = [font["name"] for font in found if font]
    if len(names) < len(found) or names[-1] not in _GENERIC_FONTS:
        raise ValueError(
            "is neither serif nor sans, nor names of fonts that end with serif, sans-serif or monospace, "
            "such as Charter, Georgia, serif"
        )
    return ", ".join(name if re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name) else f"'{name}'" for name in names)


def _folder(value: str) -> str:
    if not value.strip() or "\0" in value:
        raise ValueError("is no folder; name one, such as articles")
    path = PurePosixPath(value)
    if len(value.encode()) > _PATH_BYTES or any(len(part.encode()) > _PART_BYTES for part in path.parts):
        raise ValueError(
            f"is too long; a path has at most {_PATH_BYTES} bytes, and each name in it at most {_PART_BYTES}"
        )
    return path.as_posix()


def _without_secret(value: str) -> None:
    if urlsplit(value).password is not None:
        raise ValueError("holds a password; keep it out of this file")


def _database(value: str) -> str:
    without_control(value)
    if not re.match(r"(sqlite|postgresql(\+psycopg)?)://", value):
        raise ValueError("is no database, such as sqlite:///.publisher/state.db")
    _without_secret(value)
    return value


def _known(value: str, kind: str, info: ValidationInfo, page: str) -> str:
    """Refuse a name that nobody knows, where it is told which are known.

    Args:
        value: the name.
        kind: what it is a name of.
        info: its context has functions that return all names of a kind.
        page: of the documentation, where they are listed.
    """
    told: Mapping[str, Callable[[], Collection[str]]] | None = info.context
    if told is None or value in (names := sorted(told[kind]())):
        return value
    close = get_close_matches(value.lower(), names, n=1)
    raise ValueError(f"is no {kind} that is known here; {f'did you mean {close[0]}?' if close else f'see {page}'}")


def _mail_client(value: str, info: ValidationInfo) -> str:
    return _known(value, "mail program", info, "docs/clients.md")


def _mail_rule(value: str, info: ValidationInfo) -> str:
    return _known(value, "rule of mails", info, "docs/check-issues.md")


def _secret(value: object) -> dict[str, str]:
    if isinstance(value, dict) and len(value) == 1:
        (kind, place), *_ = value.items()
        if kind in ("env", "file") and isinstance(place, str) and place:
            return {kind: place}
    raise ValueError('is not given here: write { env = "NAME" } or { file = "path" }')


WebUrl = Annotated[str, AfterValidator(_web_url)]
WebFolder = Annotated[str, AfterValidator(_web_folder)]
Name = Annotated[str, AfterValidator(_name)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
Schedule = Annotated[str, AfterValidator(_schedule)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Authority = Annotated[str, AfterValidator(_authority)]
Permalink = Annotated[str, AfterValidator(_permalink)]
Folder = Annotated[str, AfterValidator(_folder)]
Database = Annotated[str, AfterValidator(_database)]
Secret = Annotated[dict[str, str], BeforeValidator(_secret)]
Line = Annotated[str, AfterValidator(_text)]
MailClient = Annotated[Line, AfterValidator(_mail_client)]
MailRule = Annotated[Line, AfterValidator(_mail_rule)]
Words = Annotated[str, Field(max_length=128), AfterValidator(_text)]
Language = Annotated[str, AfterValidator(_language)]
ListId = Annotated[str, AfterValidator(_list_id)]
Colour = Annotated[str, AfterValidator(_colour)]
Fonts = Annotated[str, Field(max_length=255), AfterValidator(_fonts)]
Format = Literal["atom", "rss", "json"]
Content = Literal["full", "summary"]
Per = Literal["tag", "author", "section", "language"]
Lines = Annotated[tuple[Line, ...], Field(strict=False)]


class Table(BaseModel):
    """Base of all tables: frozen, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
