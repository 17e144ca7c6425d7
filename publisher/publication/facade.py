"""The façade: one object for a publication, one method for each command."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from publisher.catalogue import Catalogue, Confirmed
from publisher.catalogue.cache import Cache
from publisher.config.load import load_settings
from publisher.config.location import CONFIG_NAME
from publisher.config.settings import Settings
from publisher.files import exclusive, signature_of
from publisher.publication.authoring import lay_down, write_new
from publisher.publication.compiling import Compiled, compile_sources, confirmation
from publisher.publication.conditions import reading_conditions, surroundings
from publisher.publication.delivering import Delivering
from publisher.publication.folders import FEEDS_FOLDER, ISSUES_FOLDER, TEMPLATES_FOLDER
from publisher.publication.reading import conventions
from publisher.publication.report import BuildReport
from publisher.publication.watching import Watch, unwatched

if TYPE_CHECKING:
    from publisher.check import Finding
    from publisher.feeds.snippets import Kind
    from publisher.publication.importing import ImportReport, Overrides
    from publisher.publication.issuing import IssueReport
    from publisher.publication.screenshots import Screenshots
    from publisher.templating import Templates


@dataclass(frozen=True, slots=True)
class Publication(Delivering):
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
    #: Of publisher.toml, before it was read.
    signature: str = field(default="", compare=False)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Open the publication in a folder.

        Raises:
            UsageError: there is no publisher.toml in it.
            ProblemsError: publisher.toml has mistakes.
        """
        folder = Path(path)
        signature = signature_of(folder / CONFIG_NAME)
        return cls(folder, load_settings(folder, _NAMES), signature)

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
            catalogue = self.articles(now, texts=False)
            return write_new(self.folder, self.settings, title, catalogue, now)

    def import_(
        self,
        paths: Sequence[str | Path],
        overrides: "Overrides | None" = None,
        *,
        overwrite: bool = False,
        dry_run: bool = False,
        watch: Watch = unwatched,
    ) -> "ImportReport":
        """Write the articles of files and folders as Markdown articles; the same again changes nothing.

        Args:
            overrides: what holds whatever the files say; nothing where None.
            overwrite: replaces files that say something else.
            dry_run: only reports.
        """
        from publisher.publication.importing import Overrides, import_files

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

    def articles(self, now: datetime, *, texts: bool = True, watch: Watch = unwatched) -> Catalogue:
        """Return what is published, scheduled and draft as of `now`, and what is wrong with the rest.

        Args:
            now: the clock.
            texts: whether articles come with their content; without, most of them are `unread`, and it is quick.

        Raises:
            ProblemsError: publisher.lock is damaged.
            ValueError: `now` has no time zone.
        """
        compiled = self._compiled(now, watch)
        return compiled.catalogue.each(compiled.library.whole) if texts else compiled.catalogue

    def build(
        self,
        now: datetime,
        *,
        withdraw: Sequence[str] = (),
        force: bool = False,
        dry_run: bool = False,
        watch: Watch = unwatched,
    ) -> BuildReport:
        """Write the feeds of all that is published as of `now`; files that do not change are not touched.

        Args:
            now: the clock.
            withdraw: ids, files or folders of published articles that are gone and shall leave the feeds; `all` for
                all that is gone.
            force: lets articles take new ids.
            dry_run: only reports.

        Raises:
            ProblemsError: publisher.lock is damaged.
            SurroundingsError: the disk refuses, or another command is writing.
            UsageError: a withdrawal is confirmed of what was never published, or is still there.
        """
        confirmed = confirmation(self.settings, withdraw, force=force)
        with self._writing(dry_run=dry_run):
            around = surroundings(self.folder)
            with closing(self._cache(writing=not dry_run)) as cache:
                compiled = self._compiled(now, watch, confirmed, cache, _load_writers)
                from publisher.publication.building import Started, prepare

                started = Started(self.signature, around)
                prepared = prepare(compiled, self.folder, self.settings, cache, now, started)
                return prepared.run(now, watch, dry_run=dry_run)

    def snippets(self, kind: "Kind", now: datetime, *, feed: str | None = None) -> str:
        """Return text for the publication's site or web server: autodiscovery links, or settings that serve its feeds.

        Args:
            kind: of the text.
            now: the clock: there is a feed of a tag once an article has it.
            feed: name of the one feed that is meant; all with a name where None.

        Raises:
            UsageError: there is no such feed.
        """
        from publisher.feeds import offers, plan_feeds
        from publisher.feeds.snippets import snippet
        from publisher.publication.archive import read_archives

        catalogue = self.articles(now, texts=False)
        plans, lock = plan_feeds(catalogue.articles, self.settings, catalogue.lock, now)
        archives = read_archives(self.folder, self.settings, catalogue)
        offered = offers((*plans, *archives.plans), self.settings, lock.authority)
        return snippet(kind, offered, self.settings, self._templates(), self.folder / FEEDS_FOLDER, feed=feed)

    def issue(
        self,
        newsletter: str,
        now: datetime,
        *,
        since: datetime | None = None,
        only: Sequence[str] = (),
        subject: str | None = None,
        preheader: str | None = None,
        dry_run: bool = False,
        watch: Watch = unwatched,
    ) -> "IssueReport":
        """Make the bundle of a newsletter's next issue; one in which the check finds an error is not written.

        Args:
            since: takes articles from this time on.
            only: takes just the articles of these ids.
            subject: the author's own; it stays when the issue is made again, until an empty one takes it back.
            preheader: likewise, what inboxes show after the subject.
            dry_run: only reports.

        Raises:
            UsageError: the newsletter or an id is unknown.
            PublisherError: the issue cannot be made.
        """
        from publisher.newsletter import Wording
        from publisher.publication.issuing import Wanted, make_issue

        chosen = self.settings.newsletter(newsletter)
        with self._writing(dry_run=dry_run):
            known, problems = self._past_issues(newsletter)
            made = make_issue(
                self.folder,
                self.settings,
                chosen,
                self._compiled(now, watch),
                self._templates(),
                now,
                wanted=Wanted(since, only, Wording(subject, preheader)),
                known=known,
                dry_run=dry_run,
            )
        return replace(made, problems=(*made.problems, *problems))

    def preview(self, newsletter: str, now: datetime) -> "IssueReport":
        """Return a newsletter's next issue as it would be made now, with its files and findings; nothing is written.

        Raises:
            UsageError: the newsletter is unknown.
            PublisherError: the issue cannot be rendered.
        """
        return self.issue(newsletter, now, dry_run=True)

    def screenshots(self, folder: str) -> "Screenshots":
        """Take pictures of an issue as readers will see it, with Chromium, into its folder `screenshots/`.

        Args:
            folder: the bundle's, relative to the publication's, such as `issues/weekly/2026-W48`.

        Returns:
            The files; none, and a note why, where Chromium is missing or fails.

        Raises:
            SurroundingsError: the bundle cannot be read, or the disk refuses.
        """
        from publisher.publication.screenshots import take_screenshots

        return take_screenshots(self.folder / folder)

    def check(self, paths: Sequence[str | Path], now: datetime) -> "tuple[Finding, ...]":
        """Apply all rules to the publication, or to given articles, feeds, bundles and messages.

        Args:
            paths: what to check; the publication with its feeds and bundles where empty.
        """
        from publisher.publication.checking import Rooms, check_paths, check_publication

        if paths:
            sources = tuple(self.folder / source.path for source in self.settings.sources)
            known = Rooms(conventions(self.settings), sources, self.folder / FEEDS_FOLDER)
            return check_paths([Path(path) for path in paths], self.settings.check, known)
        problems = self.articles(now, texts=False).problems
        return check_publication(self.folder, problems, (FEEDS_FOLDER, ISSUES_FOLDER), self.settings.check)

    def _writing(self, *, dry_run: bool) -> AbstractContextManager[None]:
        return nullcontext() if dry_run else exclusive(self.folder)

    def _cache(self, *, writing: bool = False) -> Cache:
        # Whoever moves a publication moves its pictures, which the cache knows by their whole paths.
        return Cache(
            self.folder, reading_conditions((conventions(self.settings), self.folder.absolute())), writing=writing
        )

    def _compiled(
        self,
        now: datetime,
        watch: Watch,
        confirmed: Confirmed | None = None,
        cache: Cache | None = None,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> Compiled:
        return compile_sources(
            self.folder,
            self.settings,
            now,
            cache=cache or self._cache(),
            watch=watch,
            confirmed=confirmed or confirmation(self.settings, (), force=False),
            meanwhile=meanwhile,
        )

    def _templates(self) -> "Templates":
        from publisher.templating import Templates

        return Templates(self.folder / TEMPLATES_FOLDER)


def _mail_programs() -> Collection[str]:
    from publisher.check import known_clients

    return known_clients()


def _mail_rules() -> Collection[str]:
    from publisher.check import known_rules

    return known_rules()


#: Names that settings may use and that the check knows; who uses none does not wait for it.
_NAMES = {"mail program": _mail_programs, "rule of mails": _mail_rules}


def _load_writers() -> None:
    """Import what writes feeds; it takes as long as reading a thousand posts."""
    import publisher.publication.building  # noqa: F401
