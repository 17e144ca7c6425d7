"""A build: what readers see of it, and how its files get in place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from publisher.article import Article
from publisher.catalogue import LOCK_NAME, Catalogue, Lock
from publisher.catalogue.cache import Cache
from publisher.catalogue.lock import Promise
from publisher.catalogue.lock import dump as dump_lock
from publisher.config.settings import Settings
from publisher.errors import Problem
from publisher.feeds import FeedFile, Plan, plan_feeds, render_plans, render_shared, repeated
from publisher.feeds.document import Entry, entry_of
from publisher.feeds.podcast import cover_files, cover_notes
from publisher.files import Staging, put, signature_of
from publisher.processes import processors, spread
from publisher.publication.archive import Archives, folder_signatures, read_archives
from publisher.publication.compiling import Compiled
from publisher.publication.conditions import output_conditions
from publisher.publication.folders import TEMPLATES_FOLDER
from publisher.publication.outputs import Outputs, leftovers, remove, stale_files, torn_files
from publisher.publication.report import BuildReport, Change, ChangeKind
from publisher.publication.standing import Standing
from publisher.publication.watching import Watch
from publisher.templating import Templates
from publisher.websub import remember, send

#: How many entries are made at a time, and how many are worth several processes.
_BUNDLE, _MANY = 25, 200


def changes(before: Lock, catalogue: Catalogue, plans: Iterable[Plan]) -> tuple[Change, ...]:
    """Compare what readers were promised so far with what they are shown now.

    Args:
        before: the lock of the last build.
        catalogue: what is published now.
        plans: what of it readers find.
    """
    shown = {article.id for plan in plans for article in plan.articles}
    renamed = {article.id for article in catalogue.renamed}
    found = []
    for article in catalogue.articles:
        if article.id in renamed:
            found.append(Change(ChangeKind.RENAMED, article.title, article.path))
            continue
        kind = _kind(before.promises.get(article.id), catalogue.lock.promises[article.id])
        if kind and article.id in shown:
            found.append(Change(kind, article.title, article.path))
    gone = [
        Change(ChangeKind.VANISHED, promise.title, promise.path)
        for promise in catalogue.withdrawn
        if (known := before.promises.get(promise.id)) and known.withdrawn is None
    ]
    return (*found, *gone)


def _kind(before: Promise | None, now: Promise) -> ChangeKind | None:
    if before is now:
        return None
    if before is None or before.withdrawn:
        return ChangeKind.NEW
    if now.changed > before.changed:
        return ChangeKind.UPDATED
    told = (before.title, before.content, before.digest) != (now.title, now.content, now.digest)
    return ChangeKind.SILENT if told else None


@dataclass(frozen=True, slots=True)
class Started:
    """How things stood before anything was read."""

    #: Signature of publisher.toml.
    settings: str
    #: Digest of this program and of the publication's templates.
    surroundings: str


@dataclass(frozen=True, slots=True)
class Build:
    """One build, decided and ready to be written."""

    compiled: Compiled
    #: What is published, with the lock as it will be.
    catalogue: Catalogue
    outputs: Outputs
    cache: Cache
    templates: Templates
    started: Started
    archives: Archives

    def run(self, now: datetime, watch: Watch, *, dry_run: bool) -> BuildReport:
        """Render what is not on the disk yet, put it in place all at once, and say what readers see of it.

        Raises:
            SurroundingsError: the disk refuses.
            BrokenTemplateError: a page of a feed cannot be rendered.
        """
        folder, lock = self.outputs.folder, self.catalogue.lock
        if not dry_run:
            remove(folder, torn_files(folder))
        with Staging(folder, dry_run=dry_run) as staging:
            current, failed = self._stage(staging, watch)
            stale = self._stale(current)
            written = [*([] if lock == self.compiled.before else [LOCK_NAME]), *staging.waiting]
            if not dry_run:
                self._place(staging, written, stale)
        problems = self._problems({*current, *stale}, failed)
        if not dry_run:
            self._remember(current, failed, problems, now)
            problems += send(folder, self._hub, now)
        return BuildReport(
            articles=len(self.catalogue.articles),
            changes=changes(self.compiled.before, self.catalogue, self.outputs.plans),
            written=tuple(written),
            unchanged=tuple(name for name in (LOCK_NAME, *sorted(current)) if name not in set(written)),
            removed=stale,
            problems=problems,
        )

    @property
    def _hub(self) -> str | None:
        syndication = self.outputs.settings.syndication
        return syndication.hub if syndication.ping else None

    def _stage(self, staging: Staging, watch: Watch) -> tuple[set[str], dict[str, Problem]]:
        """Render what is out of date.

        Args:
            staging: gets the files.
            watch: sees the work while it is done.

        Returns:
            The names of all files there shall be, and what is wrong with those that are left as they are.
        """
        authority, settings, plans = self.catalogue.lock.authority, self.outputs.settings, self.outputs.plans
        known = self.cache.outputs()
        outdated = self.outputs.outdated(known)
        entries = self._entries(outdated, watch)

        def render(some: Sequence[Plan]) -> Iterator[list[FeedFile]]:
            return render_plans(some, settings, authority, self.templates, self.compiled.library.whole, entries)

        # The pages of issues come before the feeds that lead to them.
        failed = self.outputs.stage_copies(known, staging)
        self.outputs.stage_documents(outdated, render, staging, watch)
        shared = render_shared(plans, settings, authority, self.templates)
        self.outputs.stage(shared, staging)
        return {*self.outputs.names(), *self.outputs.siblings(file.path for file in shared)}, failed

    def _stale(self, current: set[str]) -> tuple[str, ...]:
        """Name the files that are there and shall not be."""
        folder, lost = self.outputs.folder, self.catalogue.lost
        # An article that cannot be shown may be the last of its tag.
        feeds = () if lost else stale_files(folder, current, self.outputs.settings.feeds_url)
        return (*feeds, *self.archives.obsolete)

    def _problems(self, accounted: set[str], failed: Mapping[str, Problem]) -> tuple[Problem, ...]:
        """Return everything there is to tell.

        Args:
            accounted: files that belong to something, or that are removed.
            failed: what is wrong with files that are left as they are.
        """
        folder = self.outputs.folder
        return (
            *self.catalogue.problems,
            *self.archives.problems,
            *dict.fromkeys(failed.values()),
            *cover_notes(self.outputs.settings, folder),
            *leftovers(folder, accounted),
            *self.archives.leftovers(folder, accounted),
        )

    def _entries(self, plans: Sequence[Plan], watch: Watch) -> dict[str, Entry]:
        """Make the entries of several documents, by their ids: processes that write documents share nothing later."""
        articles = repeated(plans)
        if processors() < 2 or len(articles) < _MANY:
            return {}
        settings, whole = self.outputs.settings, self.compiled.library.whole

        def make(bundle: Sequence[Article]) -> list[Entry]:
            return [entry_of(whole(article), settings) for article in bundle]

        bundles = [articles[start : start + _BUNDLE] for start in range(0, len(articles), _BUNDLE)]
        with closing(spread(make, bundles)) as results:
            made = [
                entry
                for _, entries in zip(watch(bundles, "Rendering articles"), results, strict=True)
                for entry in entries
            ]
        return {entry.id: entry for entry in made}

    def _place(self, staging: Staging, written: Sequence[str], stale: Sequence[str]) -> None:
        """Put files in place: first what the hub is to be told of, then the lock, as ids must be durable before feeds."""
        folder, topics = self.outputs.folder, self.outputs.topics
        remember(folder, self._hub, topics(staging.waiting), topics(self.outputs.names()))
        if LOCK_NAME in written:
            put(folder / LOCK_NAME, dump_lock(self.catalogue.lock))
        staging.commit()
        remove(folder, stale)

    def _remember(
        self, current: set[str], failed: Mapping[str, Problem], problems: Sequence[Problem], now: datetime
    ) -> None:
        library, settings = self.compiled.library, self.outputs.settings
        folder, sources = self.outputs.folder, tuple(source.path for source in settings.sources)
        covers = {name: signature_of(folder / name) for name in cover_files(settings, folder)}
        standing = Standing(
            folder,
            self.started.settings,
            self.started.surroundings,
            sources,
            library.listed,
            {**library.media, **covers, **self.archives.signatures, **folder_signatures(folder)},
            sorted(current),
        )
        noted = standing.noted(self.catalogue, problems, now, settings.syndication.tombstone_days)
        made = {name: one for name, one in self.outputs.made().items() if name not in failed}
        self.cache.save(library.gone, made, noted)


def prepare(
    compiled: Compiled, folder: Path, settings: Settings, cache: Cache, now: datetime, started: Started
) -> Build:
    """Decide what a build will write.

    Args:
        compiled: what is published.
        folder: the publication's.
        settings: the publication's.
        cache: of the last build.
        now: the clock.
        started: how things stood before anything was read.
    """
    catalogue = compiled.catalogue
    plans, lock = plan_feeds(catalogue.articles, settings, catalogue.lock, now)
    archives = read_archives(folder, settings, catalogue)
    copies = tuple(copy for archive in archives.each for copy in archive.copies())
    conditions = output_conditions(started.surroundings, settings)
    outputs = Outputs(folder, settings, (*plans, *archives.plans), conditions, copies)
    templates = Templates(folder / TEMPLATES_FOLDER)
    return Build(compiled, replace(catalogue, lock=lock), outputs, cache, templates, started, archives)
