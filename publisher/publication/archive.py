"""Past issues on the web: a page of each, a page that lists them, and feeds to follow them, below `feeds/issues/`.

Whoever withdraws an article wants it gone: an issue that holds it leaves the archive, until it is made anew without it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path

from publisher.article import Article
from publisher.catalogue import Catalogue
from publisher.catalogue.lock import Promise
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import FeedSettings, Settings
from publisher.errors import Problem, Severity, SurroundingsError
from publisher.feeds import Plan
from publisher.feeds.document import NEVER, Extent
from publisher.feeds.selection import Selection
from publisher.files import read_file, signature_of
from publisher.newsletter import MANIFEST, ManifestError, PastIssue, read_past
from publisher.newsletter.places import ARCHIVE, archive_name, issue_id, places
from publisher.publication.folders import FEEDS_FOLDER, ISSUES_FOLDER

#: How many issues the feed tells; the pages of older ones stay where they are.
_LIMIT = 50
#: How many characters of a picture's SHA-256 its name has: `owl-1f5f8b1a.png`.
_DIGITS = 8
_LINK = re.compile(rb"<link\b[^>]*>")


class DamagedCopy(SurroundingsError):
    """A file of a bundle cannot be served."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A file of a bundle that lies on the web too."""

    #: Of the issue.
    key: str
    #: Below the folder of feeds.
    path: str
    #: In the bundle.
    source: Path
    #: What the manifest says of its bytes: SHA-256, hexadecimal.
    digest: str

    def read(self) -> bytes:
        """Return its bytes.

        Raises:
            DamagedCopy: the bundle's file cannot be read, or is not the one that was made.
        """
        cure = f"make the issue again or restore it from a backup, or remove {self.source.parent} if it was never sent"
        try:
            data = read_file(self.source)
        except OSError as error:
            raise DamagedCopy(f"{self.source}: cannot be read: {error.strerror or error}; {cure}") from error
        if sha256(data).hexdigest() != self.digest:
            raise DamagedCopy(f"{self.source}: is not the one that was made: its digest differs; {cure}")
        return data


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
    #: Of issues that hold an article which is not published any more: its title, by the issue's key.
    taken_back: Mapping[str, str]

    @property
    def shown(self) -> list[PastIssue]:
        """Return the issues that the web shows."""
        return [issue for issue in self.past if issue.key not in self.taken_back]

    def plan(self) -> Plan | None:
        """Return the page that lists the issues, with the feeds that lead to them; None without a single bundle."""
        if not self.past:
            return None
        name = archive_name(self.newsletter)
        articles = tuple(map(self._article, sorted(self.shown, key=_newest_first)))
        title = self.newsletter.title or self.settings.publication.title
        language = self.newsletter.language or self.settings.publication.language
        feed = FeedSettings(name=self.newsletter.name, title=title, limit=_LIMIT, archives=False)
        # Of all issues: where one leaves, the feed's time does not go back.
        updated = max(NEVER, *(issue.date for issue in self.past))
        extent: Extent = "newest" if len(articles) > _LIMIT else "complete"
        return Plan(Selection(name, title, feed, articles, language), name, articles[:_LIMIT], updated, extent)

    def copies(self) -> Iterator[Copy]:
        """Yield the pages of the issues, and their pictures."""
        for issue in self.shown:
            bundle = self.folder / ISSUES_FOLDER / self.newsletter.name / issue.key
            home = f"{archive_name(self.newsletter)}/{issue.key}"
            for name, digest in issue.files.items():
                if name == "web.html":
                    yield Copy(issue.key, f"{home}.html", bundle / name, digest)
                elif name.startswith("images/"):
                    yield Copy(issue.key, f"{home}/{name}", bundle / name, digest)

    def obsolete(self) -> list[str]:
        """Name files below the publication's folder that lie on the web and shall not: the pages of issues that are not
        shown, and pictures that their issue does not have any more. Only files that tell that they are ours are named.
        """
        found: list[str] = []
        for issue in self.past:
            home = f"{FEEDS_FOLDER}/{archive_name(self.newsletter)}/{issue.key}"
            hidden = issue.key in self.taken_back
            found += _obsolete_pictures(self.folder, f"{home}/images", issue.files, hidden=hidden)
            if hidden and self._is_page(self.folder / f"{home}.html", issue):
                found += [name for name in (f"{home}.html.gz", f"{home}.html") if (self.folder / name).is_file()]
        return found

    def notes(self) -> list[Problem]:
        """Tell which issues the web does not show, and why."""
        home = f"{ISSUES_FOLDER}/{self.newsletter.name}"
        cure = "publish the article again, if readers shall find the issue there"
        return [
            Problem(
                f"{home}/{key}",
                f'has no page in the archive: it holds "{title}", which is not published any more',
                cure,
                severity=Severity.NOTE,
            )
            for key, title in self.taken_back.items()
        ]

    def _is_page(self, path: Path, issue: PastIssue) -> bool:
        """Say whether a file is the page of an issue: the very one that was made, or one that tells so (RFC 6596)."""
        try:
            data = b"" if path.is_symlink() else read_file(path)
        except OSError:
            return False
        url = escape(places(self.settings, self.newsletter, issue.key).web_url).encode()
        told = any(b"canonical" in link and url in link for link in _LINK.findall(data))
        return told or sha256(data).hexdigest() == issue.files.get("web.html")

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


@dataclass(frozen=True, slots=True)
class Archives:
    """Those of all newsletters."""

    each: tuple[Archive, ...]
    #: Names of newsletters of which a bundle is damaged: what the web shows of them is left as it is.
    damaged: tuple[str, ...]
    problems: tuple[Problem, ...]
    #: How the bundles lay on the disk before they were read, by path.
    signatures: Mapping[str, str]

    @property
    def plans(self) -> tuple[Plan, ...]:
        """Return their lists and feeds."""
        return tuple(plan for archive in self.each if (plan := archive.plan()))

    @property
    def obsolete(self) -> tuple[str, ...]:
        """Name the files that shall not be on the web any more."""
        return tuple(name for archive in self.each for name in archive.obsolete())

    def leftovers(self, folder: Path, current: set[str]) -> list[Problem]:
        """Note what lies in the archive and belongs to nothing any more: links in mails shall work, so it stays.

        Args:
            folder: the publication's.
            current: all files there shall be, or that are removed.
        """
        cure = "remove it if nobody shall read it any more"
        message = "belongs to no bundle any more, or to a newsletter without an archive, and is not brought up to date"
        return [
            Problem(name, message, cure, severity=Severity.NOTE)
            for name in sorted(_archived(folder))
            if name not in current and _newsletter_of(name) not in self.damaged
        ]


def read_archives(folder: Path, settings: Settings, catalogue: Catalogue) -> Archives:
    """Read what there is of past issues; where a bundle is damaged, that of its newsletter is named.

    Args:
        folder: the publication's.
        settings: the publication's.
        catalogue: what is published.
    """
    signatures = _signatures(folder, settings)
    each: list[Archive] = []
    damaged: dict[str, Problem] = {}
    for newsletter in settings.newsletters:
        home = f"{ISSUES_FOLDER}/{newsletter.name}"
        if newsletter.archive:
            try:
                each.append(archive_of(folder, settings, newsletter, catalogue))
            except (ManifestError, SurroundingsError) as error:
                damaged[newsletter.name] = Problem(home, f"its archive is left as it is: {error}", "")
    notes = [note for archive in each for note in archive.notes()]
    return Archives(tuple(each), tuple(damaged), (*damaged.values(), *notes), signatures)


def archive_of(folder: Path, settings: Settings, newsletter: NewsletterSettings, catalogue: Catalogue) -> Archive:
    """Read the past issues of a newsletter.

    Args:
        folder: the publication's.
        settings: the publication's.
        newsletter: whose issues they are.
        catalogue: what is published.

    Raises:
        ManifestError: one of them cannot be understood.
        SurroundingsError: one of them cannot be read.
    """
    past = read_past(folder / ISSUES_FOLDER / newsletter.name)
    return Archive(folder, settings, newsletter, catalogue.lock.authority, past, taken_back(past, catalogue))


def taken_back(past: Iterable[PastIssue], catalogue: Catalogue) -> dict[str, str]:
    """Return which issues hold an article that is not published any more: its title, by the issue's key.

    An article that cannot be read is still published, and so is one that got another id.

    Args:
        past: the issues.
        catalogue: what is published.
    """
    promises, published = catalogue.lock.promises, {article.id for article in catalogue.articles}
    known = {(article.title, article.url) for article in catalogue.articles}

    def gone(identifier: str, said: tuple[str, str]) -> bool:
        promise: Promise | None = promises.get(identifier)
        left = promise.withdrawn is not None if promise else identifier not in published
        return left and said not in known

    found = {}
    for issue in past:
        titles = [said[0] for id_, said in zip(issue.article_ids, issue.articles, strict=True) if gone(id_, said)]
        if titles:
            found[issue.key] = titles[0]
    return found


def folder_signatures(folder: Path) -> dict[str, str]:
    """Return how the folders of the archive lie on the disk, so that it is seen when a file of it comes or goes."""
    home = folder / FEEDS_FOLDER / ARCHIVE
    folders = [home, *sorted(path for path in home.glob("*") if path.is_dir())]
    return {path.relative_to(folder).as_posix(): signature_of(path) for path in folders}


def _signatures(folder: Path, settings: Settings) -> dict[str, str]:
    homes = [f"{ISSUES_FOLDER}/{newsletter.name}" for newsletter in settings.newsletters if newsletter.archive]
    manifests = [path.relative_to(folder).as_posix() for home in homes for path in folder.glob(f"{home}/*/{MANIFEST}")]
    return {name: signature_of(folder / name) for name in (*homes, *sorted(manifests))}


def _archived(folder: Path) -> Iterator[str]:
    """Name the pages and feeds below the folder of the archive, without their compressed siblings."""
    home = folder / FEEDS_FOLDER / ARCHIVE
    for pattern in ("*.html", "*.xml", "*.json", "*/*.html"):
        yield from (path.relative_to(folder).as_posix() for path in home.glob(pattern) if path.is_file())


def _newsletter_of(name: str) -> str:
    return name.split("/")[2].partition(".")[0]


def _obsolete_pictures(folder: Path, home: str, files: Iterable[str], *, hidden: bool) -> list[str]:
    """Name the pictures that shall not lie in a folder: of a hidden issue its own, of any issue those it had before.

    Those that its manifest does not name any more have a part of their own digest in their name, as only ours do.
    """
    named = {name.rpartition("/")[2] for name in files if name.startswith("images/")}
    paths = [] if (folder / home).is_symlink() else sorted((folder / home).glob(f"*-{'[0-9a-f]' * _DIGITS}.*"))
    gone = (path for path in paths if (hidden if path.name in named else _named_by_digest(path)))
    return [f"{home}/{path.name}" for path in gone]


def _named_by_digest(path: Path) -> bool:
    try:
        return not path.is_symlink() and path.stem.endswith(f"-{sha256(read_file(path)).hexdigest()[:_DIGITS]}")
    except OSError:
        return False


def _newest_first(issue: PastIssue) -> tuple[float, int]:
    return -issue.date.timestamp(), -issue.number


def _line(title: str, url: str) -> str:
    return f'<li><a href="{escape(url)}">{escape(title)}</a></li>' if url else f"<li>{escape(title)}</li>"
