"""Takes the pictures of the documentation: the newest issue and the feed of this repository, issues of the samples."""

import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from PIL import Image

from publisher import Publication
from publisher.publication.screenshots import find_chromium, quiet_command, view_options
from publisher.publication.showing import filled, own_pictures, with_pictures

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SAMPLES = ROOT / "tests" / "samples"
#: Publication below SAMPLES; its newsletter; when the issue is made.
ISSUES = (
    ("digest", "weekly", "2026-11-23T08:05:00+00:00"),
    ("letter", "letter", "2026-11-24T09:05:00+00:00"),
    ("japanese", "weekly", "2026-11-23T08:05:00+09:00"),
    ("arabic", "weekly", "2026-11-23T08:05:00+03:00"),
)
#: What the samples show of other sites, by its address.
ELSEWHERE = {"https://i.ytimg.com/vi/abcDEF-1234/hqdefault.jpg": SAMPLES / "letter" / "elsewhere" / "still.png"}
#: Pixels; below it a page is told in words, not in pictures.
HEIGHT = 1500
#: Enough for letters with soft edges beside drawings; what is more only makes files larger.
COLOURS = 128


@dataclass(frozen=True, slots=True)
class Picture:
    """A page, as one reader sees it."""

    name: str
    page: Path
    #: Pixels.
    width: int
    dark: bool
    #: Pixels.
    height: int = HEIGHT


def pictures(folder: Path) -> Iterator[Picture]:
    """Give issues and the feed page on a desk and in a hand, by day and by night, and the bare feed.

    Args:
        folder: an empty one, for what is made to be looked at.
    """
    issues = sorted(ROOT.glob("issues/*/*/issue.html"), key=lambda page: page.stat().st_mtime)
    for page in issues[-1:]:
        yield from views("issue", page)
    for sample, newsletter, moment in ISSUES:
        yield from views(f"issue-{sample}", sample_page(folder / sample, newsletter, datetime.fromisoformat(moment)))
    yield Picture("first-newsletter", tutorial_page(folder / "tutorial"), 640, dark=False, height=636)
    feed = ROOT / "feeds" / "all.html"
    yield Picture("feed", feed, 800, dark=False)
    yield Picture("feed-dark", feed, 800, dark=True)
    yield Picture("feed-phone", feed, 375, dark=False)
    yield Picture("feed-xml", feed.with_name("all.atom.xml"), 800, dark=False)


def views(name: str, page: Path) -> Iterator[Picture]:
    """Give an issue in its four views."""
    for device, width in (("desktop", 640), ("phone", 375)):
        for light in ("light", "dark"):
            yield Picture(f"{name}-{device}-{light}", page, width, light == "dark")


def sample_page(folder: Path, newsletter: str, moment: datetime) -> Path:
    """Make an issue of a sample, and return its page with all pictures in it.

    Args:
        folder: a new one, called like the sample.
        newsletter: its name.
        moment: when the issue is made.
    """
    shutil.copytree(SAMPLES / folder.name, folder)
    publication = Publication.load(folder)
    bundle = folder / publication.issue(newsletter, moment).folder
    own = own_pictures({path.relative_to(bundle).as_posix(): path.read_bytes() for path in bundle.rglob("*.*")})
    addresses = {address: data_address(picture.type, picture.data) for address, picture in own.items()}
    site = {publication.settings.publication.url + path.name: path for path in folder.glob("static/*.*")}
    for address, path in (site | ELSEWHERE).items():
        addresses[address] = data_address(f"image/{path.suffix[1:].replace('jpg', 'jpeg')}", path.read_bytes())
    page = folder / "shown.html"
    html = (bundle / "issue.html").read_text(encoding="utf-8")
    page.write_text(with_pictures(filled(html), addresses), encoding="utf-8")
    return page


def tutorial_page(folder: Path) -> Path:
    """Make the issue that docs/first-newsletter.md makes, with the article as it stands there.

    Args:
        folder: a new one.
    """
    moment = datetime.fromisoformat("2026-11-22T12:00:00+00:00")
    Publication.init(folder, moment, title="Field Notes", url="https://notes.example/")
    for sample in (folder / "articles").iterdir():
        sample.unlink()
    _, _, rest = (ROOT / "docs" / "first-newsletter.md").read_text(encoding="utf-8").partition("\n```markdown\n")
    (folder / "articles" / "2026-11-22-first-light.md").write_text(rest.partition("```\n")[0], encoding="utf-8")
    return folder / Publication.load(folder).issue("weekly", moment).folder / "issue.html"


def data_address(kind: str, data: bytes) -> str:
    """Return an address that holds the file itself (RFC 2397)."""
    return f"data:{kind};base64,{b64encode(data).decode()}"


def take(picture: Picture, chromium: str) -> Path:
    """Write one PNG file."""
    target = IMAGES / f"{picture.name}.png"
    with tempfile.TemporaryDirectory() as folder:
        frame = Path(folder, "frame.html")
        frame.write_text(framed(picture), encoding="utf-8")
        command = [
            *quiet_command(chromium, Path(folder, "profile")),
            *view_options(picture.width, picture.height, dark=picture.dark),
            f"--screenshot={target}",
            frame.as_uri(),
        ]
        subprocess.run(command, check=True, timeout=60, stderr=subprocess.DEVNULL)
    with Image.open(target) as taken:
        # The window may be wider than the frame in it.
        small = taken.convert("RGB").crop((0, 0, picture.width, taken.height))
    small.quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)
    return target


def framed(picture: Picture) -> str:
    """Put a page into a frame of the picture's width."""
    style = f"display:block;border:0;width:{picture.width}px;height:{picture.height}px"
    return (
        '<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f'<body style="margin:0"><iframe src="{escape(picture.page.as_uri())}" style="{style}"></iframe>'
    )


def main() -> int:
    """Take all pictures, or those whose names begin as one is given; without Chromium, say so."""
    chromium = find_chromium()
    if chromium is None:
        print("No pictures: Chromium is missing; on Debian: apt-get install chromium", file=sys.stderr)
        return 0
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for picture in pictures(Path(folder)):
            if picture.name.startswith(tuple(sys.argv[1:] or [""])):
                print(take(picture, chromium).relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
