"""The files of the folder of feeds: which there shall be, which are out of date, and which belong to nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from html import escape
from pathlib import Path

from publisher.catalogue import LOCK_NAME
from publisher.catalogue.cache import Made
from publisher.config.settings import Settings
from publisher.errors import Problem, Severity, SurroundingsError
from publisher.feeds import STYLE, FeedFile, Plan, siblings, with_siblings
from publisher.feeds.selection import FOLDERS
from publisher.files import Staging, signature_of
from publisher.processes import processors, spread
from publisher.publication.archive import Copy, DamagedCopy
from publisher.publication.folders import FEEDS_FOLDER
from publisher.publication.watching import Watch

_SUFFIXES = (".atom.xml", ".rss.xml", ".json", ".html", ".opml")
#: Folders below that of feeds that are ours alone.
_OURS = (*FOLDERS.values(), "archive")
#: How many entries are worth a process of their own.
_SHARE = 100


@dataclass(frozen=True, slots=True)
class Outputs:
    """The documents of a build as files."""

    #: The publication's.
    folder: Path
    settings: Settings
    #: Those that others link to first.
    plans: tuple[Plan, ...]
    #: Digest of whatever all of them depend on.
    conditions: str
    #: What lies in bundles and is served too.
    copies: tuple[Copy, ...] = ()

    def names(self) -> Iterator[str]:
        """Yield all files of the documents and all copies, relative to the publication's folder."""
        for plan in self.plans:
            yield from self.siblings(plan.paths)
        yield from self.siblings(copy.path for copy in self.copies)

    def siblings(self, paths: Iterable[str]) -> list[str]:
        """Return files below the folder of feeds, each with its compressed sibling where there shall be one."""
        return [f"{FEEDS_FOLDER}/{one}" for path in paths for one in siblings(path, self.settings)]

    def topics(self, names: Iterable[str]) -> list[str]:
        """Return the addresses of those files that readers subscribe to: no pages, no archives, nothing compressed."""
        files = {
            f"{FEEDS_FOLDER}/{path}": f"{self.settings.feeds_url}{path}"
            for plan in self.plans
            if plan.extent != "archive"
            for path in plan.paths
            if not path.endswith(".html")
        }
        return [files[name] for name in names if name in files]

    def outdated(self, known: Mapping[str, Made]) -> list[Plan]:
        """Return the documents that are made from something else now, or whose files are not as they were left.

        Args:
            known: what `made` returned at the last build.
        """
        made = self._made((plan.paths, plan.made_from(self.conditions)) for plan in self.plans)
        current = {name for name, one in made.items() if one.signature and known.get(name) == one}
        return [plan for plan in self.plans if not all(name in current for name in self.siblings(plan.paths))]

    def made(self) -> dict[str, Made]:
        """Return what each file was made from, and how it lies on the disk."""
        documents = ((plan.paths, plan.made_from(self.conditions)) for plan in self.plans)
        return self._made((*documents, *(((copy.path,), self._copied_from(copy)) for copy in self.copies)))

    def _made(self, sources: Iterable[tuple[Iterable[str], str]]) -> dict[str, Made]:
        return {
            name: Made(made_from, signature_of(f"{self.folder}/{name}"))
            for paths, made_from in sources
            for name in self.siblings(paths)
        }

    def _copied_from(self, copy: Copy) -> str:
        return f"{copy.digest} {self.conditions}"

    def stage_copies(self, known: Mapping[str, Made], staging: Staging) -> dict[str, Problem]:
        """Write copies beside their targets where these are not as they were left; one after the other is in memory.

        Args:
            known: what `made` returned at the last build.
            staging: gets them.

        Returns:
            What is wrong with bundles, by the files that are left as they are for it.
        """
        failed: dict[str, Problem] = {}
        for copy in self.copies:
            made = self._made([((copy.path,), self._copied_from(copy))])
            if all(one.signature and known.get(name) == one for name, one in made.items()):
                continue
            try:
                self.stage([FeedFile(copy.path, copy.read())], staging)
            except DamagedCopy as error:
                problem = Problem(f"{FEEDS_FOLDER}/{copy.path}", f"is left as it is: {error}", "")
                failed |= dict.fromkeys(made, problem)
        return failed

    def stage_documents(
        self,
        plans: Sequence[Plan],
        render: Callable[[Sequence[Plan]], Iterator[list[FeedFile]]],
        staging: Staging,
        watch: Watch,
    ) -> None:
        """Write documents beside their targets, in several processes where they are many.

        Args:
            plans: those that are `outdated`.
            render: yields the files of each document.
            staging: gets them.
            watch: sees the work while it is done.
        """
        staging.expect(name for plan in plans for name in self.siblings(plan.paths))

        def work(share: Sequence[Plan]) -> tuple[str, ...]:
            part = staging.part()
            for files in render(share):
                self.stage(files, part)
            return part.waiting

        bundles = shares(plans)
        # Closed whatever happens: who still writes when the staging is cleared away leaves something behind.
        with closing(spread(work, bundles)) as results:
            for _, names in zip(watch(bundles, "Writing feeds"), results, strict=True):
                staging.adopt(names)

    def stage(self, files: Iterable[FeedFile], staging: Staging) -> None:
        """Write files beside their targets, where these have other bytes."""
        for file in files:
            for one in with_siblings(file, self.settings):
                staging.add(f"{FEEDS_FOLDER}/{one.path}", one.data)


def shares(plans: Sequence[Plan]) -> list[Sequence[Plan]]:
    """Part documents into about as much work for each processor; neighbours stay together: they may share articles."""
    weights = [len(plan.articles) for plan in plans]
    count = min(processors(), sum(weights) // _SHARE + 1)
    parts: list[list[Plan]] = [[] for _ in range(count)]
    done = 0
    for plan, weight in zip(plans, weights, strict=True):
        parts[done * count // (sum(weights) + 1)].append(plan)
        done += weight
    return [part for part in parts if part]


def stale_files(folder: Path, current: set[str], feeds_url: str) -> tuple[str, ...]:
    """Name the files of tags and the like, and the archive pages, that belong to no feed any more.

    Only what tells of itself that it is such a feed is named: others may keep files of their own there.

    Args:
        folder: the publication's.
        current: all files there shall be.
        feeds_url: address of the folder of feeds; each document names that of its feed.
    """
    gone = (name for name in _feed_files(folder, _OURS) if name not in current)
    return tuple(name for name in gone if _tells(folder, name, feeds_url))


def _tells(folder: Path, name: str, feeds_url: str) -> bool:
    """Say whether a file, or the one it is a compressed sibling of, names the feed that it would belong to."""
    plain = name.removesuffix(".gz")
    ending = next((ending for ending in _SUFFIXES if plain.endswith(ending)), "")
    feed = plain.removeprefix(f"{FEEDS_FOLDER}/").removesuffix(ending)
    if feed.startswith("archive/"):
        feed = feed.removeprefix("archive/").rpartition("/")[0]
    address = f"{feeds_url}{feed}."
    try:
        data = (folder / plain).read_bytes()
    except OSError:
        return False
    return address.encode() in data or escape(address).encode() in data


def torn_files(folder: Path) -> list[str]:
    """Name what a killed build left beside its targets; what others keep there under such names stays."""
    lock = [name for name in (f".{LOCK_NAME}.tmp",) if (folder / name).exists()]
    beside = sorted((folder / FEEDS_FOLDER).rglob(".*.tmp"))
    return lock + [path.relative_to(folder).as_posix() for path in beside if _is_ours(path, path.name[1:-4])]


def leftovers(folder: Path, current: set[str]) -> list[Problem]:
    """Note files that look like feeds but belong to none: somebody may still read them, so they are not removed."""
    cure = "remove it if nobody reads it any more"
    return [
        Problem(name, "belongs to no feed of the settings and is not brought up to date", cure, severity=Severity.NOTE)
        for name in _feed_files(folder, ())
        if name not in current
    ]


def remove(folder: Path, names: Iterable[str]) -> None:
    """Remove files of the publication.

    Raises:
        SurroundingsError: the disk refuses.
    """
    for name in names:
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise SurroundingsError(f"{folder / name}: cannot be removed: {error.strerror or error}") from error


def _feed_files(folder: Path, below: Sequence[str]) -> Iterator[str]:
    """Name the files that look like feeds: those in the folder of feeds itself, or all in some folders below it."""
    top = folder / FEEDS_FOLDER
    parts = [top / part for part in below if not (top / part).is_symlink()]
    found = (path for part in parts for path in part.rglob("*")) if below else top.glob("*")
    for path in sorted(found):
        if _is_ours(path, path.name):
            yield path.relative_to(folder).as_posix()


def _is_ours(path: Path, name: str) -> bool:
    """Say whether a file may be one of ours by the name it has or was to get."""
    bare = name.removesuffix(".gz")
    return (bare == STYLE or bare.endswith(_SUFFIXES)) and not path.is_dir()
