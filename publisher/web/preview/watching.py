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
    try:
        while True:
            await _watch_until_places_change(desk, bell)
    except (OSError, RuntimeError) as error:
        say(f"Changes are not noticed ({error}); reload the page to see them.")


async def _watch_until_places_change(desk: Desk, bell: Bell) -> None:
    """Watch the publication until the folders that hold something are others than before."""
    below = _places(desk.folder)
    stop = asyncio.Event()

    def changed() -> None:
        desk.changed()
        bell.ring()
        if _places(desk.folder) != below:
            stop.set()

    top = _changes(desk, changed, stop, desk.folder.resolve(), recursive=False)
    deep = [_changes(desk, changed, stop, *below, recursive=True)] if below else []
    await asyncio.gather(top, *deep)


async def _changes(
    desk: Desk, changed: Callable[[], None], stop: asyncio.Event, *places: Path, recursive: bool
) -> None:
    folder = desk.folder.resolve()

    def worth(_: Change, path: str) -> bool:
        return _worth(folder, path)

    async for _ in awatch(*places, watch_filter=worth, recursive=recursive, stop_event=stop, step=50, debounce=400):
        changed()


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
    return [folder.resolve() / name for name in names if (folder / name).is_dir()]
