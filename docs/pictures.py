"""Takes the pictures of the documentation: the newest issue and the feed of this repository's publication.

Chromium makes no window narrower than about 500 pixels, so each page is shown in a frame of the wanted width.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
#: Pixels; below it a page is told in words, not in pictures.
HEIGHT = 1500
NARROWEST_WINDOW = 500
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # Pages show what lies on this disk; nothing is fetched.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A page, as one reader sees it."""

    name: str
    page: Path
    #: Pixels.
    width: int
    dark: bool


def pictures() -> Iterator[Picture]:
    """Give the newest issue and the feed page on a desk and in a hand, by day and by night, and the bare feed."""
    issues = sorted(ROOT.glob("issues/*/*/issue.html"), key=lambda page: page.stat().st_mtime)
    for device, width in (("desktop", 600), ("phone", 375)):
        for light in ("light", "dark"):
            for page in issues[-1:]:
                yield Picture(f"issue-{device}-{light}", page, width, light == "dark")
    feed = ROOT / "feeds" / "all.html"
    yield Picture("feed", feed, 800, dark=False)
    yield Picture("feed-dark", feed, 800, dark=True)
    yield Picture("feed-phone", feed, 375, dark=False)
    yield Picture("feed-xml", feed.with_name("all.atom.xml"), 800, dark=False)


def take(picture: Picture, chromium: str) -> Path:
    """Write one PNG file."""
    target = IMAGES / f"{picture.name}.png"
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder, "frame.html")
        frame.write_text(framed(picture), encoding="utf-8")
        command = [
            chromium,
            *QUIET,
            f"--user-data-dir={folder}/profile",
            f"--blink-settings=preferredColorScheme={0 if picture.dark else 1}",
            f"--window-size={max(picture.width, NARROWEST_WINDOW)},{HEIGHT}",
            f"--screenshot={target}",
            frame.as_uri(),
        ]
        subprocess.run(command, check=True, timeout=60, stderr=subprocess.DEVNULL)
    return target


def framed(picture: Picture) -> str:
    """Put a page into a frame of the picture's width, in the middle."""
    style = f"display:block;margin:0 auto;border:0;width:{picture.width}px;height:{HEIGHT}px"
    return (
        '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<body style="margin:0"><iframe src="{escape(picture.page.as_uri())}" style="{style}"></iframe>'
    )


def main() -> int:
    """Take all pictures; without Chromium, say so."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("No pictures: Chromium is missing; on Debian: apt-get install chromium", file=sys.stderr)
        return 0
    IMAGES.mkdir(exist_ok=True)
    for picture in pictures():
        print(take(picture, chromium).relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
