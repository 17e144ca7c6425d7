"""The one frozen settings record. Each option is described beside its definition; docs/configuration.md is printed
from here.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from publisher.config.delivery import BouncesSettings, DeliverySettings, DkimSettings, StateSettings, WebSettings
from publisher.config.kinds import (
    Authority,
    Content,
    Folder,
    Format,
    Language,
    Line,
    Lines,
    Mailbox,
    MailClient,
    MailRule,
    Name,
    Per,
    Permalink,
    Table,
    TimeZone,
    WebFolder,
    WebUrl,
)
from publisher.config.newsletter import NewsletterSettings
from publisher.config.podcast import PodcastSettings
from publisher.errors import UsageError


class AuthorSettings(Table):
    """Who wrote what names no author."""

    name: Line = Field(description="The author's name.")
    url: WebUrl | None = Field(default=None, description="A page about the author.")
    email: Mailbox | None = Field(default=None, description="The author's address; never written into a feed.")


class PublicationSettings(Table):
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
    rights: str = Field(default="", description="Who holds which rights, such as `© 2026 Ada Example, CC BY 4.0`.")
    icon: WebUrl | None = Field(default=None, description="A small square picture that stands for the publication.")
    logo: WebUrl | None = Field(default=None, description="A picture twice as wide as it is high.")
    permalink: Permalink = Field(
        default="{path}/",
        description="Where articles that name no address stand below `url`. Placeholders: `{path}` (folders below the "
        "source and slug), `{slug}`, `{section}`, `{year}`, `{month}`, `{day}`.",
    )


class SourceSettings(Table):
    """A folder of article files. Give several tables for several folders."""

    path: Folder = Field(default="articles", description="The folder, relative to `publisher.toml`.")


class FeedSettings(Table):
    """One feed, or one for each tag, author, section or language.

    Without any such table: `all`, and one a tag, full content, all formats.
    """

    name: Name | None = Field(
        default=None, description="Name of the feed and of its files: `feeds/NAME.atom.xml` and so on."
    )
    per: Per | None = Field(
        default=None,
        description="Instead of `name`: one feed for each of them, below `feeds/tags/`, `feeds/authors/`, "
        "`feeds/sections/` or `feeds/languages/`.",
    )
    title: Line | None = Field(default=None, description="Title of the feed; the publication's where absent.")
    formats: tuple[Format, ...] = Field(
        default=("atom", "rss", "json"), description="Which files are written.", min_length=1, strict=False
    )
    content: Content = Field(default="full", description="Whether entries carry the whole article or its summary.")
    limit: int = Field(
        default=50, ge=1, le=1_000_000_000, description="How many of the newest articles the feed holds at most."
    )
    archives: bool | None = Field(
        default=None,
        description="Whether older articles stand in archive pages (RFC 5005), `feeds/archive/NAME/`. "
        "Where absent: yes for a feed with a name, no for those of `per`.",
    )
    tags: Lines = Field(default=(), description="Only articles with one of these tags, whatever their case.")
    authors: Lines = Field(default=(), description="Only articles by one of these authors.")
    sections: Lines = Field(default=(), description="Only articles of one of these sections.")
    languages: tuple[Language, ...] = Field(
        default=(), strict=False, description="Only articles in one of these languages; `de` takes `de-AT` too."
    )

    podcast: PodcastSettings | None = Field(
        default=None, description="Makes the feed a podcast; its RSS file is the one for podcast directories."
    )

    @model_validator(mode="after")
    def _one_selection(self) -> "FeedSettings":
        if (self.name is None) == (self.per is None):
            raise ValueError('needs either name = "…" or per = "tag", "author", "section" or "language"')
        return self

    @model_validator(mode="after")
    def _one_show(self) -> "FeedSettings":
        if self.podcast and self.name is None:
            raise ValueError('a podcast needs a feed with a name = "…"; several of one kind cannot be one show')
        if self.podcast and "rss" not in self.formats:
            raise ValueError('a podcast needs "rss" among its formats; podcast applications read no other')
        return self

    @property
    def archived(self) -> bool:
        """Return whether older articles stand in archive pages."""
        return self.per is None if self.archives is None else self.archives


class SyndicationSettings(Table):
    """How feeds are offered to readers, alike for all of them."""

    ttl: int | None = Field(
        default=60,
        ge=1,
        le=525_600,
        description="How often readers should look, in minutes (`ttl` and `sy:updatePeriod` in RSS).",
    )
    generator: bool = Field(default=True, description="Whether feeds name the program that wrote them.")
    hub: WebUrl | None = Field(
        default=None, description="WebSub hub that is told of each feed that changed, and that feeds name to readers."
    )
    ping: bool = Field(
        default=True, description="Whether the hub is told; where not, no feed names it, as readers would wait in vain."
    )
    gzip: bool = Field(default=False, description="Whether a compressed `.gz` lies beside each file.")
    withdrawals: Literal["ask", "accept"] = Field(
        default="ask",
        description="What becomes of a published article whose file is gone or a draft again: readers keep it until "
        "`publisher build --withdraw` confirms, or it leaves the feeds at once.",
    )
    tombstone_days: int = Field(
        default=90, ge=0, le=36_500, description="For how many days Atom feeds tell readers of a withdrawal (RFC 6721)."
    )


class CheckSettings(Table):
    """What `publisher check` looks for in issues, and `publisher issue` before it makes one."""

    clients: tuple[MailClient, ...] = Field(
        default=(),
        strict=False,
        description="Families of mail programs that must show an issue, such as `gmail` or `outlook`; those that most "
        "readers use where absent.",
    )
    ignore: tuple[MailRule, ...] = Field(
        default=(),
        strict=False,
        description="Rules that are not applied, by their names, such as `issue.placeholder`.",
    )


def _each_once(keys: Sequence[tuple[str, str]]) -> None:
    """Refuse what stands in several tables of a list.

    Args:
        keys: of each table, the key that tells it from the others, and its value.

    Raises:
        PydanticCustomError: of the type `repeated`; its context has the place below the list of each `again`, with the
            value there.
    """
    seen: set[tuple[str, str]] = set()
    again = {}
    for index, (key, value) in enumerate(keys):
        if (key, value) in seen:
            again[index, key] = value
        seen.add((key, value))
    if again:
        raise PydanticCustomError("repeated", "defined twice", {"again": again})


class Settings(Table):
    """Everything in `publisher.toml`."""

    publication: PublicationSettings
    sources: tuple[SourceSettings, ...] = Field(default=(SourceSettings(),), min_length=1, strict=False)
    feeds: tuple[FeedSettings, ...] = Field(default=(FeedSettings(name="all"), FeedSettings(per="tag")), strict=False)
    syndication: SyndicationSettings = SyndicationSettings()
    newsletters: tuple[NewsletterSettings, ...] = Field(default=(), strict=False)
    check: CheckSettings = CheckSettings()
    delivery: DeliverySettings | None = None
    dkim: tuple[DkimSettings, ...] = Field(default=(), strict=False)
    bounces: BouncesSettings = BouncesSettings()
    web: WebSettings | None = None
    state: StateSettings = StateSettings()

    @field_validator("feeds")
    @classmethod
    def _feeds_once(cls, feeds: tuple[FeedSettings, ...]) -> tuple[FeedSettings, ...]:
        _each_once([("name", feed.name) if feed.name else ("per", feed.per or "") for feed in feeds])
        return feeds

    @field_validator("newsletters")
    @classmethod
    def _newsletters_once(cls, newsletters: tuple[NewsletterSettings, ...]) -> tuple[NewsletterSettings, ...]:
        _each_once([("name", newsletter.name) for newsletter in newsletters])
        return newsletters

    def newsletter(self, name: str) -> NewsletterSettings:
        """Return a newsletter by its name.

        Raises:
            UsageError: there is none of that name.
        """
        known = {newsletter.name: newsletter for newsletter in self.newsletters}
        if name in known:
            return known[name]
        if not known:
            raise UsageError(f'no newsletter is defined; add [[newsletters]] with name = "{name}" to publisher.toml')
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there is {', '.join(known)}"
        raise UsageError(f"no newsletter is called {name}; {hint}")

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
