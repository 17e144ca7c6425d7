"""What lies on the author's desk: everything that can be looked at, made when it is asked for and kept until it changes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any, TypeVar

from publisher.errors import PublisherError
from publisher.publication import Publication
from publisher.web.preview.feeds import FeedTitle, ShownFeed, feed_titles, shown_feed
from publisher.web.preview.issues import ShownIssue, shown_issue

T = TypeVar("T")
#: After this time an article may have become due without any file having changed.
_FRESH = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Contents:
    """What there is to look at."""

    #: Of the publication.
    title: str
    #: Name and title of each newsletter.
    newsletters: tuple[tuple[str, str], ...] = ()
    feeds: tuple[FeedTitle, ...] = ()
    #: Why nothing can be shown; empty where it can.
    failure: str = ""


class Desk:
    """One publication under its author's eyes. Its methods may be called from any thread.

    Args:
        folder: the publication's; nothing is written to it.
        clock: tells the present, aware; or one time for ever.
    """

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self.folder = folder
        self._clock = clock
        self._lock = Lock()
        self._count = 0
        # Another process serves other versions: a page that outlives one shall notice.
        self._name = token_hex(4)
        self._kept: dict[tuple[str, str], tuple[int, datetime, Any]] = {}

    @property
    def version(self) -> str:
        """Return what is another word after each change."""
        return f"{self._name}-{self._count}"

    def changed(self) -> None:
        """Take note that files are not what they were."""
        self._count += 1

    def contents(self) -> Contents:
        """Return what there is to look at."""
        return self._made(("contents", ""), self._contents)

    def issue(self, name: str) -> ShownIssue:
        """Return the next issue of a newsletter.

        Raises:
            PublisherError: there is no such newsletter, or the publication cannot be opened.
        """
        return self._made(("issue", name), lambda now: shown_issue(Publication.load(self.folder), name, now))

    def feed(self, name: str) -> ShownFeed:
        """Return a feed by the path of its files without their endings.

        Raises:
            PublisherError: there is no such feed, or the publication cannot be read.
        """
        return self._made(("feed", name), lambda now: shown_feed(Publication.load(self.folder), name, now))

    def _contents(self, now: datetime) -> Contents:
        try:
            publication = Publication.load(self.folder)
            settings = publication.settings
            titles = tuple((n.name, n.title or settings.publication.title) for n in settings.newsletters)
            return Contents(settings.publication.title, titles, feed_titles(publication, now))
        except (PublisherError, OSError) as error:
            return Contents(self.folder.resolve().name, failure=str(error))

    def _made(self, key: tuple[str, str], make: Callable[[datetime], T]) -> T:
        with self._lock:  # many frames ask at once for what is made once
            count, now = self._count, self._clock()
            kept = self._kept.get(key)
            if kept and kept[0] == count and now - kept[1] < _FRESH:
                value: T = kept[2]
                return value
            value = make(now)
            self._kept[key] = (count, now, value)
            return value
