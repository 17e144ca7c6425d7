"""The settings of sending: how mail leaves, what comes back, where it is written down."""

import re
from datetime import date, datetime
from pathlib import PurePath
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from publisher.config.kinds import Database, Folder, Line, Mailbox, Secret, Table, WebFolder, without_control
from publisher.markup.hosts import ascii_host

_RELAY = re.compile(r"smtps?://[^/\s]+/?|lmtp://(?:[^/\s]+/?|/[^\s]+)")
_FILES = re.compile(r"(?:maildir|folder|sendmail):[^\x00-\x1f]+")
#: Folders of the publication that hold something else.
_TAKEN = [(name,) for name in (".publisher", "articles", "feeds", "issues", "templates")]
_RATE = re.compile(r"([1-9][0-9]{0,8})/(second|minute|hour|day)")
_DOMAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
#: A machine without a name says its address instead (RFC 5321 §4.1.3).
_LITERAL = re.compile(r"\[(?:[0-9.]{7,15}|IPv6:[0-9A-Fa-f:.]{2,45})\]")
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def _relay(value: str) -> str:
    without_control(value)
    if not _RELAY.fullmatch(value) and not _FILES.fullmatch(value):
        raise ValueError(
            "is no way to deliver, such as smtp://relay.notes.example:587; smtps:, lmtp:, sendmail:/usr/sbin/sendmail, "
            "maildir:FOLDER and folder:FOLDER are known, too"
        )
    kind, _, path = value.partition(":")
    if kind in {"maildir", "folder"} and PurePath(path).parts[:1] in _TAKEN:
        raise ValueError(
            f"would put mails into {path}, which has its own use; choose another folder, such as {kind}:out"
        )
    if urlsplit(value).password is not None or "@" in urlsplit(value).netloc:
        raise ValueError("names an account; write it as username and password")
    try:
        parts = urlsplit(value)
        _ = parts.port, ascii_host(parts.hostname or "localhost")
    except ValueError:
        raise ValueError("names no host and port, such as relay.notes.example:587") from None
    return value


def _rate(value: str) -> str:
    if not _RATE.fullmatch(value):
        raise ValueError("is no rate, such as 600/hour; second, minute, hour and day are known")
    return value


def _domain(value: str) -> str:
    try:
        domain = ascii_host(value).lower()  # as readers' domains are compared
    except ValueError:
        domain = ""
    if not _DOMAIN.fullmatch(domain):
        raise ValueError("is no domain, such as mail.example")
    return domain


def _share(value: str) -> str:
    try:
        return value if value == "*" else _domain(value)
    except ValueError as error:
        raise ValueError(f"{error}, or * for all others") from None


def _hello(value: str) -> str:
    return value if _LITERAL.fullmatch(value) else _domain(value)


def _day(value: object) -> object:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError("is no day, such as 2026-12-01 (without quotation marks)")  # as TOML writes them
    return value


def rate_per_second(rate: str) -> float:
    """Return how many mails a second a rate such as `600/hour` allows."""
    number, _, unit = rate.partition("/")
    return int(number) / _SECONDS[unit]


Relay = Annotated[str, AfterValidator(_relay)]
Rate = Annotated[str, AfterValidator(_rate)]
Domain = Annotated[str, AfterValidator(_domain)]
Share = Annotated[str, AfterValidator(_share)]
Hello = Annotated[str, AfterValidator(_hello)]
Day = Annotated[date, BeforeValidator(_day)]


class WarmUpSettings(Table):
    """How a new sender's mails grow from day to day, so that receivers get to know it."""

    start: Day = Field(description="The first day, such as `2026-12-01`; until then nothing is sent.")
    messages: tuple[Annotated[int, Field(ge=1)], ...] = Field(
        default=(50, 100, 500, 1000, 5000, 10_000),
        strict=False,
        min_length=1,
        description="The most that is sent on the first day, the second and so on; behind them nothing limits.",
    )


class DeliverySettings(Table):
    """How mail leaves."""

    url: Relay = Field(
        description="Where mails go: `smtp://`, `smtps://` or `lmtp://` and a host and port, `sendmail:` and a program, "
        "`maildir:` or `folder:` and a folder for trials."
    )
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="Encryption of `smtp://`; `none` only to this machine itself."
    )
    ca: Folder | None = Field(
        default=None, description="A file of certificates (PEM) to trust instead of the system's."
    )
    username: Line | None = Field(default=None, description="Account at the relay.")
    password: Secret | None = Field(
        default=None, description='Never the secret itself: `{ env = "NAME" }` or `{ file = "path" }`.'
    )
    hello: Hello | None = Field(
        default=None,
        description="How this machine names itself (EHLO); the host of the publication's `url` where absent.",
    )
    connections: int = Field(default=4, ge=1, le=64, description="How many connections are open at once.")
    return_path: Mailbox | None = Field(
        default=None,
        description="Where bounces go: a token is put behind its local part, `bounce+TOKEN@`, so that each names its "
        "reader (VERP). The newsletter's sender, without a token, where absent.",
    )
    unsubscribe: Mailbox | None = Field(
        default=None,
        description="A mailbox that takes readers off when they write to it, likewise with a token; offered beside the "
        "web address.",
    )
    uncertain: Literal["hold", "resend", "skip"] = Field(
        default="hold",
        description="What becomes of a mail of which nobody knows whether it arrived: it waits for you, is sent again "
        "with the same bytes, or is given up.",
    )
    retry_hours: int = Field(
        default=48, ge=1, le=240, description="For how many hours a mail is tried again that a relay cannot take yet."
    )
    rate: Rate | None = Field(default=None, description="The most that leaves, such as `3600/hour`.")
    relay_rate: Rate | None = Field(default=None, description="The most that this relay gets; a new one starts afresh.")
    domain_rates: dict[Share, Rate] = Field(
        default={}, description='The most that a domain gets: `{ "mail.example" = "20/minute", "*" = "60/minute" }`.'
    )
    warm_up: WarmUpSettings | None = Field(default=None, description="A slow start.")

    @model_validator(mode="after")
    def _plain_only_here(self) -> "DeliverySettings":
        host = urlsplit(self.url).hostname or ""
        if self.url.startswith("smtp:") and self.security == "none" and host not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError('security = "none" would show mails and password to everybody on the way; use "starttls"')
        if (self.username is None) != (self.password is None):
            raise ValueError("needs username and password together, or neither")
        return self


class DkimSettings(Table):
    """A key that signs mails (RFC 6376); several tables sign with several."""

    domain: Domain = Field(description="Domain that signs; that of the newsletter's sender, or one above it.")
    selector: Line = Field(description="Name of the key in the DNS: `SELECTOR._domainkey.DOMAIN`.")
    key: Secret = Field(description='The private key (PEM): `{ env = "NAME" }` or `{ file = "path" }`.')


class BouncesSettings(Table):
    """What comes back, and what it means."""

    path: Folder | None = Field(default=None, description="A Maildir or mbox that `publisher run` takes bounces from.")
    soft_limit: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="After how many bounces that may pass, in 60 days, an address is given up.",
    )


class WebSettings(Table):
    """The public pages: confirm, unsubscribe, preferences."""

    url: WebFolder = Field(description="Where the public pages are reachable.")


class StateSettings(Table):
    """Where subscribers and deliveries are kept."""

    url: Database = Field(default="sqlite:///.publisher/state.db", description="A database URL.")
    password: Secret | None = Field(
        default=None, description='Of the database: `{ env = "NAME" }` or `{ file = "path" }`.'
    )
    keys: Secret | None = Field(
        default=None,
        description="Keys of signed links, for several machines or a safe place; `.publisher/keys.json`, made when it "
        "is first needed, where absent.",
    )
