"""The one frozen settings record. Each option is described beside its definition; docs/configuration.md is printed
from here.
"""

import re
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Annotated, Literal
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

#: Names become file names and parts of URLs (lower case, so that they are one on every file system).
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
_MAILBOX = re.compile(
    r"(?:(?P<name>[^<>@\r\n]*?)\s*<(?P<inner>[^<>@\s,;]+@[^<>@\s,;]+)>|(?P<bare>[^<>@\s,;]+@[^<>@\s,;]+))"
)
_AUTHORITY = re.compile(r"(?:[A-Za-z0-9._-]+@)?[a-z0-9]+(?:[.-][a-z0-9]+)*,\d{4}(?:-\d{2}(?:-\d{2})?)?")
#: Characters that stand in a URL as they are, and the sign of those that do not.
_LEGAL = "/?:@!$&'()*+,;=~-._%"
_PLACEHOLDERS = {"path", "slug", "section", "year", "month", "day"}


def _web_url(value: str) -> str:
    """Return an address as URLs are written (RFC 3986): host in its ASCII form and lower case, path in ASCII."""
    try:
        parts = urlsplit(value)
        host = (parts.hostname or "").encode("idna").decode()
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
    unknown = set(re.findall(r"\{([^}]*)\}", value)) - _PLACEHOLDERS
    if unknown or not {"{path}", "{slug}"} & set(re.findall(r"\{[^}]*\}", value)):
        raise ValueError("needs {path} or {slug}, and may use {section}, {year}, {month} and {day}")
    return value.lstrip("/")


def _folder(value: str) -> str:
    if not value.strip() or "\0" in value:
        raise ValueError("is no folder; name one, such as articles")
    return PurePosixPath(value).as_posix()


def _without_secret(value: str) -> None:
    if urlsplit(value).password is not None:
        raise ValueError("holds a password; keep it out of this file")


def _relay(value: str) -> str:
    if not re.fullmatch(r"smtps?://[^/\s]+/?", value):
        raise ValueError("is no relay, such as smtp://relay.notes.example:587")
    _without_secret(value)
    return value


def _database(value: str) -> str:
    if not re.match(r"(sqlite|postgresql(\+psycopg)?)://", value):
        raise ValueError("is no database, such as sqlite:///.publisher/state.db")
    _without_secret(value)
    return value


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
Relay = Annotated[str, AfterValidator(_relay)]
Database = Annotated[str, AfterValidator(_database)]
Secret = Annotated[dict[str, str], BeforeValidator(_secret)]
Line = Annotated[str, Field(min_length=1, pattern=r"^[^\x00-\x1f\x7f]*$")]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
Format = Literal["atom", "rss", "json"]
Content = Literal["full", "summary"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class AuthorSettings(_Table):
    """Who wrote what names no author."""

    name: Line = Field(description="The author's name.")
    url: WebUrl | None = Field(default=None, description="A page about the author.")
    email: Mailbox | None = Field(default=None, description="The author's address; never written into a feed.")


class PublicationSettings(_Table):
    """What is published, by whom and where. The only table that is required."""

    title: Line = Field(description="Name of the publication.")
    url: WebFolder = Field(description="Address of its web site; articles' addresses start with it.")
    feeds_url: WebFolder | None = Field(
        default=None, description="Address where the `feeds/` folder is served; `url` + `feeds/` where absent."
    )
    description: str = Field(default="", description="One sentence on what readers get; the feeds' subtitle.")
    author: AuthorSettings | None = Field(default=None, description="Author of articles that name none.")
    language: Language = Field(default="en", description="Language of articles that name none (BCP 47).")
    timezone: TimeZone = Field(default="UTC", description="IANA time zone of dates without one, and of schedules.")
    authority: Authority | None = Field(
        default=None,
        description="Domain and date from which ids are minted (`tag:` URIs, RFC 4151): a domain that was yours on "
        "that date. Where absent: the host of `url` and the day of the oldest article. The first build writes it into "
        "`publisher.lock`, and from then on the lock decides.",
    )
    permalink: Permalink = Field(
        default="{path}/",
        description="Where articles that name no address stand below `url`. Placeholders: `{path}` (folders below the "
        "source and slug), `{slug}`, `{section}`, `{year}`, `{month}`, `{day}`.",
    )


class SourceSettings(_Table):
    """A folder of article files. Give several tables for several folders."""

    path: Folder = Field(default="articles", description="The folder, relative to `publisher.toml`.")


class FeedSettings(_Table):
    """One feed, or one feed for each tag. Without any such table: `all`, and one a tag, full content, all formats."""

    name: Name | None = Field(
        default=None, description="Name of the feed and of its files: `feeds/NAME.atom.xml` and so on."
    )
    per: Literal["tag"] | None = Field(
        default=None, description="Instead of `name`: one feed a tag, below `feeds/tags/`."
    )
    title: Line | None = Field(default=None, description="Title of the feed; the publication's where absent.")
    formats: tuple[Format, ...] = Field(
        default=("atom", "rss", "json"), description="Which files are written.", min_length=1, strict=False
    )
    content: Content = Field(default="full", description="Whether entries carry the whole article or its summary.")
    limit: int | None = Field(default=None, ge=1, description="How many of the newest articles; all where absent.")

    @model_validator(mode="after")
    def _one_selection(self) -> "FeedSettings":
        if (self.name is None) == (self.per is None):
            raise ValueError('needs either name = "…" or per = "tag"')
        return self


class NewsletterSettings(_Table):
    """A recurring mailing."""

    name: Name = Field(description="Name on the command line and of the folder below `issues/`.")
    title: Line | None = Field(default=None, description="Title readers see; the publication's where absent.")
    schedule: Schedule = Field(
        default="0 8 * * MON", description="When issues are due: a cron expression in the publication's time zone."
    )
    sender: Mailbox | None = Field(
        default=None, alias="from", description="`From` of the mails; `newsletter@` the host of `url` where absent."
    )
    reply_to: Mailbox | None = Field(default=None, description="`Reply-To` of the mails.")
    list_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$",
        max_length=255,
        description="`List-Id` (RFC 2919), constant for ever; the name and the host of `url` where absent.",
    )
    content: Content = Field(default="summary", description="Whether issues carry whole articles or their summaries.")
    postal_address: str = Field(
        default="", description="Postal address in the footer; many countries' law asks for one."
    )


class DeliverySettings(_Table):
    """How mail leaves. Read by the sending commands, which do not exist yet; checked all the same."""

    url: Relay = Field(description="Relay: `smtp://` or `smtps://`.")
    security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="Encryption of `smtp://`.")
    username: Line | None = Field(default=None, description="Account at the relay.")
    password: Secret | None = Field(
        default=None, description='Never the secret itself: `{ env = "NAME" }` or `{ file = "path" }`.'
    )
    connections: int = Field(default=4, ge=1, le=64, description="How many connections are open at once.")


class WebSettings(_Table):
    """Public pages. Read by commands that do not exist yet; checked all the same."""

    url: WebFolder = Field(description="Where the public pages are reachable.")


class StateSettings(_Table):
    """Where subscribers and deliveries are kept. Read by commands that do not exist yet; checked all the same."""

    url: Database = Field(default="sqlite:///.publisher/state.db", description="A database URL.")


class Settings(_Table):
    """Everything in `publisher.toml`."""

    publication: PublicationSettings
    sources: tuple[SourceSettings, ...] = Field(default=(SourceSettings(),), min_length=1, strict=False)
    feeds: tuple[FeedSettings, ...] = Field(default=(FeedSettings(name="all"), FeedSettings(per="tag")), strict=False)
    newsletters: tuple[NewsletterSettings, ...] = Field(default=(), strict=False)
    delivery: DeliverySettings | None = None
    web: WebSettings | None = None
    state: StateSettings = StateSettings()

    @model_validator(mode="after")
    def _names_once(self) -> "Settings":
        for kind, names in (
            ("feeds", [feed.name or f"per {feed.per}" for feed in self.feeds]),
            ("newsletters", [newsletter.name for newsletter in self.newsletters]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{kind}: {', '.join(twice)} is defined twice; give each its own name")
        return self

    @property
    def host(self) -> str:
        """Return the host name of the publication's site."""
        return urlsplit(self.publication.url).hostname or ""

    @property
    def feeds_url(self) -> str:
        """Return the address of the folder of feeds, ending in a slash."""
        return self.publication.feeds_url or f"{self.publication.url}feeds/"

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of dates without one."""
        return ZoneInfo(self.publication.timezone)
