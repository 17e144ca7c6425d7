"""Pictures of an issue as readers will see it, taken by Chromium without any network."""

import json
import os
import re
import shutil
import signal
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.errors import Problem, Severity, SurroundingsError
from publisher.files import put_all, read_file
from publisher.newsletter import MANIFEST
from publisher.publication.showing import filled, own_pictures, with_pictures

#: Folder of the pictures below the bundle's; no part of the bundle, so the manifest does not name it.
SCREENSHOTS = "screenshots"
#: How long Chromium may take for one picture, in seconds.
PATIENCE = 60
#: The most that is shown of an issue, in pixels from its beginning.
TALLEST = 12_000
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Chromium makes no window narrower than this, so each page is shown in a frame of the wanted width.
_NARROWEST_WINDOW = 500
#: Without a window, without asking anybody for updates, and without a way to any host.
_QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
# Frames take it over: what they show loads nothing that is not in the page itself, and runs nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src {images}"
_MEASURE = """<script>onload = () => document.title = JSON.stringify([...document.querySelectorAll("iframe")]
.map(frame => Math.max(frame.contentDocument.documentElement.scrollHeight, frame.contentDocument.body.scrollHeight)))
</script>"""
_TITLE = re.compile("<title>(.*?)</title>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shot:
    """One way to look at an issue."""

    #: Of the file, without its ending.
    name: str
    #: In pixels.
    width: int
    dark: bool = False
    images: bool = True


SHOTS = (
    Shot("desktop-light", 600),
    Shot("desktop-dark", 600, dark=True),
    Shot("phone-light", 375),
    Shot("phone-dark", 375, dark=True),
    Shot("images-off", 600, images=False),
)


@dataclass(frozen=True, slots=True)
class Screenshots:
    """What became of the pictures."""

    #: Files below the bundle's folder, new or not.
    files: tuple[str, ...]
    #: Why there are none.
    problem: Problem | None = None


class _Failed(Exception):
    """Chromium took no picture."""


def find_chromium() -> str | None:
    """Return the path of Chromium or a browser of its family; None where there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def quiet_command(chromium: str, profile: Path) -> list[str]:
    """Return the beginning of a command that shows a page without a window and without a network.

    Args:
        chromium: its path.
        profile: a folder for it alone, which need not exist.
    """
    # As root, Chromium refuses to start with its sandbox; anybody else keeps it.
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [chromium, *_QUIET, *alone, f"--user-data-dir={profile}"]


def view_options(width: int, height: int, *, dark: bool) -> tuple[str, str]:
    """Return Chromium's options for a frame of so many pixels, by day or by night."""
    size = f"{max(width, _NARROWEST_WINDOW)},{height}"
    return f"--blink-settings=preferredColorScheme={0 if dark else 1}", f"--window-size={size}"


def take_screenshots(bundle: Path) -> Screenshots:
    """Write pictures of a bundle's mail into its folder `screenshots/`; the bundle itself stays as it is.

    Args:
        bundle: its folder.

    Returns:
        The files; none, and a note why, where Chromium is missing or fails.

    Raises:
        SurroundingsError: the bundle cannot be read, or the disk refuses.
    """
    place = f"{bundle.as_posix()}/{SCREENSHOTS}"
    chromium = find_chromium()
    if chromium is None:
        cure = "install it (on Debian: apt-get install chromium) and make the issue again"
        return Screenshots((), Problem(place, "no pictures were taken: Chromium is missing", cure, 0, Severity.NOTE))
    page = _whole_page(bundle)
    try:
        taken = list(_taken(page, chromium))
    except _Failed as failure:
        cure = f"see whether {chromium} works by itself"
        return Screenshots((), Problem(place, f"no pictures were taken: {failure}", cure, 0, Severity.NOTE))
    put_all(bundle / SCREENSHOTS, taken)
    return Screenshots(tuple(f"{SCREENSHOTS}/{name}" for name, _ in taken))


def _whole_page(bundle: Path) -> str:
    """Return the mail's HTML with sample values, and with its own pictures in it."""
    try:
        html, files = _read(bundle)
    except OSError as error:
        place = error.filename or bundle
        raise SurroundingsError(f"{place}: cannot be read: {error.strerror or error}") from error
    pictures = {
        address: f"data:{picture.type};base64,{b64encode(picture.data).decode()}"
        for address, picture in own_pictures(files).items()
    }
    return with_pictures(filled(html), pictures)


def _read(bundle: Path) -> tuple[str, dict[str, bytes]]:
    """Return the mail's HTML, and the files that its pictures are found in."""
    names = [MANIFEST, "issue.eml", *(f"images/{path.name}" for path in sorted((bundle / "images").glob("*")))]
    files = {name: read_file(bundle / name) for name in names if (bundle / name).is_file()}
    return read_file(bundle / "issue.html").decode(errors="replace"), files


def _taken(page: str, chromium: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the bytes of each picture."""
    with TemporaryDirectory(prefix="publisher-") as folder:
        heights = _heights(page, chromium, Path(folder))
        for shot in SHOTS:
            target = Path(folder, "shot.png")
            target.unlink(missing_ok=True)
            view = view_options(shot.width, heights[shot.width], dark=shot.dark)
            frame = _framed(page, shot.width, heights[shot.width], images=shot.images)
            _run(chromium, Path(folder), frame, *view, f"--screenshot={target}")
            if not target.is_file():
                raise _Failed("Chromium wrote none")
            yield f"{shot.name}.png", target.read_bytes()


def _heights(page: str, chromium: str, folder: Path) -> dict[int, int]:
    """Return how many pixels the page takes at each width."""
    widths = sorted({shot.width for shot in SHOTS})
    frames = "".join(_framed(page, width, 100, images=True) for width in widths)
    title = _TITLE.search(_run(chromium, folder, f"<title></title>{frames}{_MEASURE}", "--dump-dom"))
    try:
        heights = json.loads(unescape(title[1])) if title else []
        return {width: min(max(int(height), 100), TALLEST) for width, height in zip(widths, heights, strict=True)}
    except (ValueError, TypeError):
        raise _Failed("Chromium did not show the page") from None


def _framed(page: str, width: int, height: int, *, images: bool) -> str:
    """Return a frame that shows a page; without the right to run scripts, or to go anywhere."""
    style = f"display:block;margin:0 auto;border:0;width:{width}px;height:{height}px"
    policy = _POLICY.format(images="data:" if images else "'none'")
    return (
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="color-scheme" content="light dark"><style>body { margin: 0 }</style>'
        f'<iframe sandbox="allow-same-origin" style="{style}" srcdoc="{escape(page)}"></iframe>'
    )


def _run(chromium: str, folder: Path, body: str, *options: str) -> str:
    """Show a page in Chromium, with a profile of its own, and return what it prints.

    Raises:
        _Failed: it fails, or takes too long; nothing of it is left running.
    """
    page = folder / "page.html"
    page.write_text(f'<!doctype html><meta charset="utf-8">{body}', encoding="utf-8", errors="replace")
    command = quiet_command(chromium, folder / "profile")
    with subprocess.Popen(  # noqa: S603 - a program from the PATH, with our own options
        [*command, *options, page.as_uri()],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            printed, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise _Failed(f"Chromium took more than {PATIENCE} seconds") from None
        finally:
            # Once it was waited for, its number may be another's.
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode:
        raise _Failed(f"Chromium ended with status {process.returncode}")
    return printed
