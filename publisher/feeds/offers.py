"""A feed as it is offered to others: in the list of all feeds (OPML), in pages and in the settings of web servers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from publisher.config.formats import SUFFIXES
from publisher.config.kinds import Format
from publisher.feeds.document import FeedDocument

#: What the formats are called.
NAMES: dict[Format, str] = {"atom": "Atom", "rss": "RSS", "json": "JSON Feed"}
#: The list of all feeds, below the folder of feeds, and its media type (http://opml.org/spec2.opml).
OPML_NAME = "feeds.opml"
OPML_TYPE = "text/x-opml"


@dataclass(frozen=True, slots=True)
class Offer:
    """One feed: its name, its words and where it is."""

    #: Path of its files below the folder of feeds, without their endings: `all`, `tags/python`.
    name: str
    title: str
    #: One plain sentence; may be empty.
    subtitle: str
    language: str
    #: Address of the folder of feeds, ending in a slash.
    folder_url: str
    #: Never empty; the preferred one first.
    formats: tuple[Format, ...]
    #: Newest change; `document.NEVER` where there was none.
    updated: datetime

    @classmethod
    def of(cls, document: FeedDocument) -> Self:
        """Offer a feed's current document."""
        return cls(
            name=document.name,
            title=document.title,
            subtitle=document.subtitle,
            language=document.language,
            folder_url=document.folder_url,
            formats=document.formats,
            updated=document.updated,
        )

    @property
    def kind(self) -> str:
        """Return what the feed is one of many for: `tags`, `authors`, …; empty for a feed with a name of its own."""
        return self.name.rpartition("/")[0]

    @property
    def page_url(self) -> str:
        """Return the address of the feed's HTML page."""
        return f"{self.folder_url}{self.name}.html"

    def path(self, form: Format) -> str:
        """Return the path of the feed's file in a format, below the folder of feeds."""
        return self.name + SUFFIXES[form]

    def url(self, form: Format) -> str:
        """Return the address of the feed's file in a format."""
        return self.folder_url + self.path(form)
