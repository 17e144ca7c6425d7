"""Noticing that files were saved, and telling the pages."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from watchfiles import Change, awatch

from publisher.config.load import load_settings
from publisher.errors import PublisherError
from publisher.publication.folders import FEEDS_FOLDER, ISSUES_FOLDER, TEMPLATES_FOLDER
from publisher.web.preview.desk import Desk

#: So often a page that hears nothing hears at least that, in seconds.
_PULSE = 15
#: After this time new folders are watched, in seconds.
_SETTLED = 0.3
_LEFT_BEHIND = ("~", ".swp", ".tmp", "__pycache__", "node_modules")


class Bell:
    """Wakes all who wait for a change."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self.closed = False

    def ring(self) -> None:
        """Wake them."""
        rung, self._rung = self._rung, asyncio.Event()
        rung.set()

    def close(self) -> None:
        """Wake them for the last time."""
        self.closed = True
        self.ring()

    async def heard(self, timeout: float) -> bool:  # noqa: ASYNC109 - silence is an answer here, not a failure
        """Wait for it; say whether it rang within some seconds."""
        try:
            await asyncio.wait_for(self._rung.wait(), timeout)
        except TimeoutError:
            return False
        return True


async def events(desk: Desk, bell: Bell, known: str) -> AsyncIterator[str]:
    """Yield server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): a version at each change.

    Args:
        desk: knows the version.
        bell: rings when it changes, and when it is time to go.
        known: version of the page that listens.
    """
    yield "retry: 1000\n\n"
    while not bell.closed:
        if desk.version != known:
            known = desk.version
            yield f"data: {known}\n\n"
        elif not await bell.heard(_PULSE):
            yield ": nothing new\n\n"


async def watch(desk: Desk, bell: Bell, say: Callable[[str], None]) -> None:
    """Ring the bell whenever the publication's files change, for ever.

    Args:
        desk: whose publication it is.
        bell: is rung.
        say: is told, in a sentence, when changes cannot be noticed.
    """
    watcher = _Watcher(desk, bell)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(watcher.top())
            group.create_task(watcher.below())
    except* (OSError, RuntimeError) as errors:
        say(f"Changes are not noticed ({errors.exceptions[0]}); reload the page to see them.")


class _Watcher:
    """Watches a publication's folder, and what is below it as long as the same folders hold something."""

    def __init__(self, desk: Desk, bell: Bell) -> None:
        self._desk = desk
        self._bell = bell
        self._folder = desk.folder.resolve()
        self._places: list[Path] = []
        self._others = asyncio.Event()

    async def top(self) -> None:
        """Watch the settings, the lock, and which folders there are."""
        async for _ in self._changes(self._folder, recursive=False):
            self._changed()

    async def below(self) -> None:
        """Watch the folders that hold articles, templates and issues; others, as soon as others do."""
        while True:
            self._others, self._places = asyncio.Event(), _places(self._folder)
            if self._places:
                async for _ in self._changes(*self._places, recursive=True):
                    self._changed()
            else:
                await self._others.wait()
            # What was saved before the new folders are watched has been noticed by nobody.
            asyncio.get_running_loop().call_later(_SETTLED, self._ring)

    def _changes(self, *places: Path, recursive: bool) -> AsyncIterator[object]:
        stop = self._others if recursive else None
        return awatch(*places, watch_filter=self._worth, recursive=recursive, stop_event=stop, step=50, debounce=400)

    def _worth(self, _: Change, path: str) -> bool:
        return _worth(self._folder, path)

    def _changed(self) -> None:
        self._ring()
        if _places(self._folder) != self._places:
            self._others.set()

    def _ring(self) -> None:
        self._desk.changed()
        self._bell.ring()


def _worth(folder: Path, path: str) -> bool:
    """Say whether a file may change an issue or a feed; what editors, tools and builds leave behind may not."""
    place = Path(path)
    parts = place.relative_to(folder).parts if place.is_relative_to(folder) else place.parts[-1:]
    left_behind = any(part.startswith(".") or part.endswith(_LEFT_BEHIND) for part in parts)
    return bool(parts) and not left_behind and parts[0] != FEEDS_FOLDER


def _places(folder: Path) -> list[Path]:
    """Return the folders below the publication's that hold articles, templates or issues, as far as they exist.

    The publication's own folder is not among them: it may hold a whole web site and its tools.
    """
    try:
        sources = [source.path for source in load_settings(folder).sources]
    except (PublisherError, OSError):
        return []  # until publisher.toml can be read again
    names = dict.fromkeys([*sources, TEMPLATES_FOLDER, ISSUES_FOLDER])
    return [folder / name for name in names if (folder / name).is_dir()]
