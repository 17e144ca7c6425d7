"""The settings of newsletters, each described beside its definition."""

from typing import Literal

from pydantic import Field

from publisher.config.kinds import Content, Language, Line, ListId, Mailbox, Name, Schedule, Table


class LookSettings(Table):
    """Colours, letters and signs of a newsletter's mails and pages."""


class NewsletterSettings(Table):
    """A recurring mailing."""

    name: Name = Field(description="Name on the command line and of the folder below `issues/`.")
    title: Line | None = Field(default=None, description="Title readers see; the publication's where absent.")
    language: Language | None = Field(
        default=None, description="Language of the words around the articles; the publication's where absent."
    )
    schedule: Schedule = Field(
        default="0 8 * * MON", description="When issues are due: a cron expression in the publication's time zone."
    )
    sender: Mailbox | None = Field(
        default=None, alias="from", description="`From` of the mails; `newsletter@` the host of `url` where absent."
    )
    reply_to: Mailbox | None = Field(default=None, description="`Reply-To` of the mails.")
    list_id: ListId | None = Field(
        default=None,
        description="`List-Id` (RFC 2919), constant for ever; the name and the host of `url` where absent.",
    )
    layout: Literal["digest", "letter", "list"] = Field(
        default="digest",
        description="A digest of all articles, a letter of the newest one in full with a list of the others, or a short "
        "list of titles.",
    )
    content: Content = Field(
        default="summary", description="Whether a digest carries whole articles or their summaries."
    )
    images: Literal["link", "attach"] = Field(
        default="link", description="Whether pictures are loaded from the web, or attached to the mail (Content-ID)."
    )
    archive: bool = Field(
        default=True,
        description="Whether past issues have web pages, a page that lists them and feeds, below `feeds/issues/`.",
    )
    look: LookSettings = LookSettings()
    postal_address: str = Field(
        default="", description="Postal address in the footer; many countries' law asks for one."
    )
