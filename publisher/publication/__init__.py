"""The façade: one object for a publication, one method for each command."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from publisher.article import Article
from publisher.catalogue import LOCK_NAME, Catalogue, Lock, compile_catalogue
from publisher.catalogue.lock import parse
from publisher.catalogue.vanished import emptied_sources
from publisher.check import Finding
from publisher.config import Settings, load_settings
from publisher.errors import SurroundingsError
from publisher.feeds import render_feeds
from publisher.feeds.restore import last_published
from publisher.files import exclusive
from publisher.publication.authoring import lay_down, write_new
from publisher.publication.building import FEEDS_FOLDER, BuildReport, Past, write_build
from publisher.publication.checking import check_paths, check_publication
from publisher.publication.importing import ImportReport, Overrides, import_files
from publisher.publication.issuing import ISSUES_FOLDER, IssueReport, find_newsletter, make_issue
from publisher.publication.memory import recall
from publisher.publication.reading import Watch, conventions, read_articles, unwatched
from publisher.templating import Templates

__all__ = ["BuildReport", "Catalogue", "Finding", "ImportReport", "IssueReport", "Overrides", "Publication"]


@dataclass(frozen=True, slots=True)
class Publication:
    """A folder with publisher.toml. Times are aware; the clock is always handed in.

    Example:
        >>> from datetime import UTC, datetime
        >>> from publisher import Publication
        >>> publication = Publication.load("field-notes")           # doctest: +SKIP
        >>> report = publication.build(datetime.now(UTC))           # doctest: +SKIP
        >>> print(report.written, report.problems)                  # doctest: +SKIP
    """

    folder: Path
    settings: Settings

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Open the publication in a folder.

        Raises:
            UsageError: there is no publisher.toml in it.
            ProblemsError: publisher.toml has mistakes.
        """
        folder = Path(path)
        return cls(folder, load_settings(folder))

    @classmethod
    def init(cls, path: str | Path, now: datetime, *, title: str | None = None, url: str | None = None) -> Self:
        """Make a new publication with sample content that builds at once.

        Args:
            path: its folder; made where missing, files in it stay as they are.
            now: dates the sample articles.
            title: of the publication; made from the folder's name where None.
            url: of its site; a sample address where None.

        Raises:
            UsageError: the folder holds a publication already.
        """
        lay_down(Path(path), title, url, now)
        return cls.load(path)

    def new(self, title: str, now: datetime) -> str:
        """Write a draft with front matter and id; return its file, relative to the publication's folder.

        Raises:
            UsageError: the title is empty, or such a file exists.
            SurroundingsError: the disk refuses, or another command is writing.
        """
        with self._writing(dry_run=False):
            catalogue = self.articles(now)
            return write_new(self.folder, self.settings, title, catalogue, now)

    def import_(
        self,
        paths: Sequence[str | Path],
        overrides: Overrides | None = None,
        *,
        overwrite: bool = False,
        dry_run: bool = False,
        watch: Watch = unwatched,
    ) -> ImportReport:
        """Write the articles of files and folders as Markdown articles; the same again changes nothing.

        Args:
            overrides: what holds whatever the files say; nothing where None.
            overwrite: replaces files that say something else.
            dry_run: only reports.
        """
        files = [Path(path) for path in paths]
        with self._writing(dry_run=dry_run):
            return import_files(
                self.folder,
                self.settings,
                files,
                overrides or Overrides(),
                overwrite=overwrite,
                dry_run=dry_run,
                watch=watch,
            )

    def articles(self, now: datetime, *, watch: Watch = unwatched) -> Catalogue:
        """Return what is published, scheduled and draft as of `now`, and what is wrong with the rest.

        Raises:
            ProblemsError: publisher.lock is damaged.
            ValueError: `now` has no time zone.
        """
        if now.utcoffset() is None:
            raise ValueError(f"now needs a time zone: {now.isoformat()}")
        lock = self._lock()
        reading = read_articles(self.folder, self.settings, watch)
        emptied = emptied_sources(
            [source.path for source in self.settings.sources],
            [*(article.path for article in reading.articles), *(problem.path for problem in reading.problems)],
            tuple(lock.promises.values()),
            [article.id for article in reading.articles],
        )
        return compile_catalogue(
            reading.articles,
            (*reading.problems, *emptied),
            lock,
            authority=self._authority(reading.articles, now),
            zone=self.settings.zone,
            now=now,
            remember=self._remember,
        )

    def build(self, now: datetime, *, dry_run: bool = False, watch: Watch = unwatched) -> BuildReport:
        """Write the feeds of all that is published as of `now`; files that do not change are not touched.

        Raises:
            ProblemsError: publisher.lock is damaged.
            SurroundingsError: the disk refuses, or another command is writing.
        """
        with self._writing(dry_run=dry_run):
            past = Past(recall(self.folder), self._lock().promises.keys())
            catalogue = self.articles(now, watch=watch)
            feeds = render_feeds(catalogue.articles, self.settings, catalogue.lock.authority, self._templates())
            files = list(watch(feeds, "Rendering feeds"))
            return write_build(self.folder, catalogue, files, past, dry_run=dry_run)

    def issue(
        self,
        newsletter: str,
        now: datetime,
        *,
        since: datetime | None = None,
        only: Sequence[str] = (),
        dry_run: bool = False,
        watch: Watch = unwatched,
    ) -> IssueReport:
        """Make the bundle of a newsletter's next issue.

        Args:
            since: takes articles from this time on.
            only: takes just the articles of these ids.
            dry_run: only reports.

        Raises:
            UsageError: the newsletter or an id is unknown.
            PublisherError: the issue cannot be made.
        """
        chosen = find_newsletter(self.settings, newsletter)
        with self._writing(dry_run=dry_run):
            catalogue = self.articles(now, watch=watch)
            templates = self._templates()
            return make_issue(
                self.folder, self.settings, chosen, catalogue, templates, now, since=since, only=only, dry_run=dry_run
            )

    def check(self, paths: Sequence[str | Path], now: datetime) -> tuple[Finding, ...]:
        """Apply all rules to the publication, or to given articles, feeds, bundles and messages.

        Args:
            paths: what to check; the publication with its feeds and bundles where empty.
        """
        if paths:
            return check_paths([Path(path) for path in paths], conventions(self.settings))
        return check_publication(self.folder, self.articles(now).problems, (FEEDS_FOLDER, ISSUES_FOLDER))

    def _writing(self, *, dry_run: bool) -> AbstractContextManager[None]:
        return nullcontext() if dry_run else exclusive(self.folder)

    def _lock(self) -> Lock:
        path = self.folder / LOCK_NAME
        try:
            return parse(path.read_bytes())
        except FileNotFoundError:
            return Lock()
        except OSError as error:
            raise SurroundingsError(f"{path}: cannot be read: {error.strerror or error}") from error

    def _authority(self, articles: Iterable[Article], now: datetime) -> str:
        """Return the tag authority for new ids; where none is set, a lost lock must not change them from day to day."""
        oldest = min((a.published for a in articles if a.published), default=now)
        return self.settings.publication.authority or f"{self.settings.host},{oldest.astimezone(UTC):%Y-%m-%d}"

    def _remember(self, ids: frozenset[str]) -> Mapping[str, Article]:
        known = {id_: article for id_, article in recall(self.folder).items() if id_ in ids}
        return {**last_published(self.folder / FEEDS_FOLDER, ids - known.keys()), **known}

    def _templates(self) -> Templates:
        return Templates(self.folder / "templates")
