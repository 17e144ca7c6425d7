"""A build: what readers see of it, and how its files get in place."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from pathlib import Path

from publisher.catalogue import LOCK_NAME, Catalogue, Lock
from publisher.catalogue.cache import Cache
from publisher.catalogue.lock import Promise
from publisher.catalogue.lock import dump as dump_lock
from publisher.config import Settings
from publisher.errors import Problem
from publisher.feeds import Plan, plan_feeds, render_plans, render_shared
from publisher.files import Staging, put
from publisher.publication.compiling import Compiled
from publisher.publication.conditions import output_conditions
from publisher.publication.outputs import Outputs, leftovers, remove, stale_files
from publisher.publication.reading import Watch
from publisher.templating import Templates
from publisher.websub import remember, send


class ChangeKind(Enum):
    """What subscribers see of an article that the last build did not show them like this."""

    NEW = "new"
    """It appears."""

    UPDATED = "updated"
    """It has a new time of update: many readers show it again."""

    SILENT = "silent"
    """Its words change without a new time of update: few readers notice."""

    VANISHED = "vanished"
    """It leaves the feeds."""

    RENAMED = "id changed"
    """Its file says another id: every reader would take it for new, so it keeps the one they know."""


@dataclass(frozen=True, slots=True)
class Change:
    """One article that differs from what the last build showed."""

    kind: ChangeKind
    title: str
    #: Its file.
    path: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did, or would do. File names are relative to the publication's folder."""

    #: How many articles are published.
    articles: int
    changes: tuple[Change, ...]
    #: New and changed files.
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    #: Feeds of tags and the like that no article has any more.
    removed: tuple[str, ...]
    problems: tuple[Problem, ...]


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
        kind = _kind(before.promises.get(article.id), catalogue.lock.promises[article.id])
        if article.id in renamed:
            found.append(Change(ChangeKind.RENAMED, article.title, article.path))
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


def would_write(folder: Path, lock: Lock) -> list[str]:
    """Name the lock, if it would change."""
    try:
        same = (folder / LOCK_NAME).read_bytes() == dump_lock(lock)
    except OSError:
        same = False
    return [] if same else [LOCK_NAME]


def write_build(
    folder: Path,
    settings: Settings,
    compiled: Compiled,
    cache: Cache,
    *,
    templates: Templates,
    now: datetime,
    watch: Watch,
    dry_run: bool,
) -> BuildReport:
    """Render what is not on the disk yet, put it in place all at once, and say what readers see of it.

    Raises:
        SurroundingsError: the disk refuses.
        BrokenTemplateError: a page of a feed cannot be rendered.
    """
    catalogue = compiled.catalogue
    plans, lock = plan_feeds(catalogue.articles, settings, catalogue.lock, now)
    catalogue = replace(catalogue, lock=lock)
    hub = settings.syndication.hub if settings.syndication.ping else None
    outputs = Outputs(folder, settings, plans, output_conditions(folder, settings))
    with Staging(folder, dry_run=dry_run) as staging:
        known = cache.outputs()
        outdated = outputs.outdated(known)
        rendered = render_plans(outdated, settings, lock.authority, templates, compiled.library.whole)
        for _, files in zip(watch(outdated, "Writing feeds"), rendered, strict=True):
            outputs.stage(files, staging)
        shared = render_shared(plans, settings, lock.authority, templates)
        outputs.stage(shared, staging)
        current = {*outputs.names(), *outputs.siblings(file.path for file in shared)}
        stale = stale_files(folder, current, catalogue.problems)
        if dry_run:
            written = [*would_write(folder, lock), *staging.waiting]
        else:
            remember(folder, hub, outputs.topics(staging.waiting), outputs.topics(outputs.names()))
            # The lock first: an id is durable before any reader sees it.
            written = [LOCK_NAME] if put(folder / LOCK_NAME, dump_lock(lock)) else []
            written += staging.commit()
            remove(folder, stale)
            cache.save(compiled.library.read, compiled.library.gone, outputs.made())
    told = () if dry_run else send(folder, hub, now)
    return BuildReport(
        articles=len(catalogue.articles),
        changes=changes(compiled.before, catalogue, plans),
        written=tuple(written),
        unchanged=tuple(name for name in (LOCK_NAME, *sorted(current)) if name not in set(written)),
        removed=stale,
        problems=(*catalogue.problems, *leftovers(folder, current), *told),
    )
