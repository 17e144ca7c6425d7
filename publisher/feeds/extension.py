"""The one registered feedgen extension: whatever feedgen cannot say, or says wrongly, in Atom and RSS.

Feed hooks run before entries are appended, entry hooks last on each entry, so that they may rewrite what feedgen wrote.
They get no way back to the feed: what they write about is set on them by the caller.
"""

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from publisher.config.kinds import Format
from publisher.feeds import podcast
from publisher.feeds.atomtree import write_entry, write_feed
from publisher.feeds.document import Entry, FeedDocument
from publisher.feeds.rsstree import write_channel, write_item
from publisher.feeds.vocabulary import DC, HISTORY, SYNDICATION, TOMBSTONES, namespaces


class FeedSide(BaseExtension):  # type: ignore[misc] # feedgen has no types
    """What the extension adds to a feed; `document` and `form` are set by the caller."""

    document: FeedDocument
    form: Format

    def extend_ns(self) -> dict[str, str]:
        """Declare the prefixes that are used, and no others: validators warn of some."""
        found = namespaces(self.document.entries, files=self.form == "rss")
        if self.document.extent != "newest":
            found["fh"] = HISTORY
        if self.form == "rss":
            found["dc"] = DC
            found |= {"sy": SYNDICATION} if self.document.ttl else {}
            found |= podcast.namespaces(self.document)
        elif self.document.tombstones:
            found["at"] = TOMBSTONES
        return found

    def extend_atom(self, feed: etree._Element) -> None:
        """Complete the feed element."""
        write_feed(feed, self.document)
        self._style(feed)

    def extend_rss(self, rss: etree._Element) -> None:
        """Complete the channel."""
        write_channel(rss, self.document)
        podcast.extend_channel(rss[0], self.document)
        self._style(rss)

    def _style(self, root: etree._Element) -> None:
        address = f"{self.document.to_folder}feed.css"
        root.addprevious(etree.ProcessingInstruction("xml-stylesheet", f'type="text/css" href="{address}"'))


class EntrySide(BaseEntryExtension):  # type: ignore[misc] # feedgen has no types
    """What the extension adds to an entry; all its members are set by the caller."""

    entry: Entry
    document: FeedDocument
    #: Time of the last change as Atom tells it.
    updated: str

    def extend_atom(self, element: etree._Element) -> None:
        """Complete an entry."""
        write_entry(element, self.entry, self.document, self.updated)

    def extend_rss(self, item: etree._Element) -> None:
        """Complete an item."""
        write_item(item, self.entry, self.document)
        podcast.extend_item(item, self.entry, self.document)
