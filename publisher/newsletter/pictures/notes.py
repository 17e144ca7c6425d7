"""What an author is told of the pictures of an issue."""

from collections.abc import Iterator
from pathlib import Path

from publisher.article import Article
from publisher.errors import Problem, Severity
from publisher.files import read_file
from publisher.newsletter.pictures.mentions import Mention

# The most that is read of an article's file to find the line of a picture, in bytes.
_LARGEST = 4 * 1024 * 1024


class Notes:
    """Notes on pictures, each told once an issue, at the first article that shows the picture."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._notes: dict[str, Problem] = {}
        self._unmade: dict[str, tuple[Article, str]] = {}

    def add(self, article: Article, mention: Mention, what: str, cure: str) -> None:
        """Note something about a picture.

        Args:
            article: shows it.
            mention: where it does.
            what: a clause that follows the picture's address.
            cure: what to do about it.
        """
        message = f"the picture {mention.url} {what}"
        if message not in self._notes:
            line = article.line or self._line(article, mention.written)
            self._notes[message] = Problem(article.path, message, cure, line, Severity.NOTE)

    def unmade(self, article: Article, mention: Mention, why: str) -> None:
        """Note that a picture needs a copy which cannot be made without Pillow."""
        self._unmade.setdefault(mention.url, (article, f"{mention.url} {why}"))

    def __iter__(self) -> Iterator[Problem]:
        """Yield the notes; on copies that are missing there is one for all."""
        yield from self._notes.values()
        if self._unmade:
            article, example = next(iter(self._unmade.values()))
            others = len(self._unmade) - 1
            more = f", and {others} more" if others else ""
            message = f"pictures need a copy that mail programs show well, and Pillow is not installed: {example}{more}"
            yield Problem(article.path, message, "pip install 'publisher-feeds[images]'", severity=Severity.NOTE)

    def _line(self, article: Article, written: str) -> int:
        """Return the line of an article's file that names a picture; 0 where none does in these words."""
        try:
            text = read_file(self._folder / article.path, _LARGEST)
        except (OSError, ValueError):
            return 0
        before, found, _ = text.partition(written.encode("utf-8", "surrogatepass"))
        return before.count(b"\n") + 1 if found else 0
