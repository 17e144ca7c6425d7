"""The settings of newsletters, each described beside its definition."""

from typing import Literal

from pydantic import Field

from publisher.config.kinds import (
    Colour,
    Content,
    Fonts,
    Language,
    Line,
    Lines,
    ListId,
    Mailbox,
    Name,
    Schedule,
    Table,
    WebUrl,
)

#: Width of the column of text in pixels, in mails at their full width.
COLUMN = 536


class LogoSettings(Table):
    """A sign above the title, on the light and on the dark ground: best a PNG without background."""

    url: WebUrl = Field(description="Address of the picture, a PNG, JPEG or GIF.")
    alt: Line | None = Field(
        default=None, description="What is read instead where pictures are off; the newsletter's title where absent."
    )
    width: int = Field(ge=1, le=COLUMN, description="Width in pixels as shown; the file may be twice as wide.")
    height: int = Field(ge=1, le=COLUMN, description="Height in pixels as shown.")


class LookSettings(Table):
    """Colours, letters and signs of a newsletter's mails and pages; what is not given is derived, and always readable."""

    accent: Colour = Field(
        default="#1f5f8b",
        description="Colour of stripe, bars and links; links take a darker one where it is too faint.",
    )
    accent_dark: Colour | None = Field(
        default=None, description="The same on dark grounds; a lighter `accent` where absent."
    )
    background: Colour = Field(default="#f1f0ec", description="Colour around the sheet, on light grounds.")
    font: Fonts = Field(
        default="serif",
        description="Letters of the text: `serif`, `sans`, or names of fonts that end with `serif` or `sans-serif`.",
    )
    heading_font: Fonts | None = Field(default=None, description="Letters of titles and headings; `font` where absent.")
    logo: LogoSettings | None = Field(default=None, description="A sign above the title.")
    footer: Lines = Field(default=(), description="Lines at the foot of each mail and page, such as who writes it.")


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
    mode: Literal["send", "draft"] = Field(
        default="send",
        description="Whether `publisher run` sends an issue that is due, or makes it and waits for `publisher send`.",
    )
    max_lateness_hours: int | None = Field(
        default=None,
        ge=1,
        le=8784,
        description="How late an issue may still be made and sent after a time when nothing ran; one period where absent.",
    )
    look: LookSettings = LookSettings()
    postal_address: str = Field(
        default="", description="Postal address in the footer; many countries' law asks for one."
    )
