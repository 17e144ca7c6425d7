"""Past issues on the web: a page of each, a page that lists them, and feeds to follow them, below `feeds/issues/`."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from publisher.article import Article
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import FeedSettings, Settings
from publisher.errors import Problem, SurroundingsError
from publisher.feeds import FeedFile, Plan, render_plans
from publisher.feeds.document import Extent
from publisher.feeds.selection import Selection
from publisher.files import read_file, signature_of
from publisher.newsletter import MANIFEST, ManifestError, PastIssue, read_past
from publisher.newsletter.places import archive_name, issue_id, places
from publisher.publication.folders import ISSUES_FOLDER
from publisher.templating import Templates

#: The most that is read of a file of a bundle, in bytes.
_LARGEST = 64 * 2**20
#: How many issues the feed tells; the pages of older ones stay where they are.
_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Archive:
    """The past issues of one newsletter, as the web shows them."""

    #: The publication's.
    folder: Path
    settings: Settings
    newsletter: NewsletterSettings
    #: Of `tag:` URIs (RFC 4151), such as `notes.example,2026`.
    authority: str
    past: tuple[PastIssue, ...]

    def files(self, templates: Templates) -> Iterator[FeedFile]:
        """Yield the pages of the issues with their pictures, then the list and the feeds that lead to them.

        Raises:
            BrokenTemplateError: the page of the list cannot be rendered.
            SurroundingsError: a file of a bundle cannot be read.
        """
        name = archive_name(self.newsletter)
        for issue in self.past:
            bundle = self.folder / ISSUES_FOLDER / self.newsletter.name / issue.key
            for part in issue.files:
                if part == "web.html":
                    yield FeedFile(f"{name}/{issue.key}.html", _read(bundle / part))
                elif part.startswith("images/"):
                    yield FeedFile(f"{name}/{issue.key}/{part}", _read(bundle / part))
        if self.past:
            (documents,) = render_plans([self._plan(name)], self.settings, self.authority, templates)
            yield from documents

    def _plan(self, name: str) -> Plan:
        articles = tuple(map(self._article, sorted(self.past, key=_newest_first)))
        title = self.newsletter.title or self.settings.publication.title
        language = self.newsletter.language or self.settings.publication.language
        feed = FeedSettings(name=self.newsletter.name, title=title, limit=_LIMIT, archives=False)
        updated = max(article.published for article in articles if article.published)
        extent: Extent = "newest" if len(articles) > _LIMIT else "complete"
        return Plan(Selection(name, title, feed, articles, language), name, articles[:_LIMIT], updated, extent)

    def _article(self, issue: PastIssue) -> Article:
        return Article(
            id=issue_id(self.authority, self.newsletter.name, issue.key),
            title=issue.subject,
            url=places(self.settings, self.newsletter, issue.key).web_url,
            summary=issue.preheader,
            content=f"<ul>{''.join(_line(title, url) for title, url in issue.articles)}</ul>",
            language=self.newsletter.language or self.settings.publication.language,
            published=issue.date,
        )


def archive_files(
    folder: Path, settings: Settings, authority: str, templates: Templates
) -> tuple[list[FeedFile], list[Problem]]:
    """Return the files of all archives; where a bundle is damaged, that of its newsletter is named and left as it is.

    Args:
        folder: the publication's.
        settings: the publication's.
        authority: of `tag:` URIs (RFC 4151).
        templates: that of the page of the list.
    """
    files: list[FeedFile] = []
    problems: list[Problem] = []
    for newsletter in settings.newsletters:
        home = f"{ISSUES_FOLDER}/{newsletter.name}"
        if newsletter.archive:
            try:
                past = read_past(folder / home)
                files += Archive(folder, settings, newsletter, authority, past).files(templates)
            except (ManifestError, SurroundingsError) as error:
                problems.append(Problem(home, f"its archive is left as it is: {error}", ""))
    return files, problems


def bundle_signatures(folder: Path, settings: Settings) -> dict[str, str]:
    """Return how the bundles lie on the disk, so that it is seen when one comes, goes or changes.

    Args:
        folder: the publication's.
        settings: the publication's.
    """
    homes = [f"{ISSUES_FOLDER}/{newsletter.name}" for newsletter in settings.newsletters if newsletter.archive]
    manifests = [path.relative_to(folder).as_posix() for home in homes for path in folder.glob(f"{home}/*/{MANIFEST}")]
    return {name: signature_of(folder / name) for name in (*homes, *sorted(manifests))}


def _newest_first(issue: PastIssue) -> tuple[float, int]:
    assert issue.date is not None
    return -issue.date.timestamp(), -issue.number


def _line(title: str, url: str) -> str:
    return f'<li><a href="{escape(url)}">{escape(title)}</a></li>' if url else f"<li>{escape(title)}</li>"


def _read(path: Path) -> bytes:
    try:
        return read_file(path, _LARGEST)
    except OSError as error:
        cure = f"make the issue again, or remove {path.parent} if it was never sent"
        raise SurroundingsError(f"{path}: cannot be read: {error.strerror or error}; {cure}") from error
