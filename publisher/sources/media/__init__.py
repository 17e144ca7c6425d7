"""What readers are told of an article's files, measured where the files are: beside the article, or in the site's folder.

Nothing outside the publication's folder is opened, and nothing is fetched.
"""

import os
import posixpath
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from publisher.article import Article, Enclosure, Image
from publisher.errors import Problem, Severity
from publisher.markup.links import absolute_url
from publisher.sources.media.pictures import GLANCE, LOOK, Picture, picture
from publisher.sources.mediatypes import guessed

__all__ = [
    "COVER_CURE",
    "Measured",
    "cover_fault",
    "find",
    "measure",
    "measured_image",
    "media_candidates",
    "with_measures",
]

#: Folders below the publication's whose content site generators copy to the root of the site; its own comes first.
SITE_FOLDERS = ("", "static", "public", "assets")
#: What Apple asks of a cover, in pixels a side (https://podcasters.apple.com/support/896-artwork-requirements).
COVER = (1400, 3000)

#: What to do about a cover that they would refuse.
COVER_CURE = f"make it a square JPEG or PNG of {COVER[0]} to {COVER[1]} pixels a side"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


@dataclass(frozen=True, slots=True)
class Measured:
    """What a local file tells of itself."""

    #: In octets.
    length: int
    #: Media type of a picture; empty where the file is none that is known.
    type: str = ""
    #: In pixels; None where unknown.
    width: int | None = None
    height: int | None = None


def measure(path: Path) -> Measured | None:
    """Return the size of a file and, of a picture, its type and measures; None where there is no ordinary file."""
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            return None
        found = _picture(path) if guessed(path.name).startswith("image/") else None
    except (OSError, ValueError):
        return None
    width, height = found.size if found and found.size else (None, None)
    return Measured(state.st_size, found.type if found else "", width, height)


def _picture(path: Path) -> Picture | None:
    with path.open("rb") as file:
        head = file.read(GLANCE)
        found = picture(head)
        return picture(head + file.read(LOOK - GLANCE)) if found and not found.size and len(head) == GLANCE else found


def media_candidates(url: str, article: Article, folder: Path, site_url: str) -> tuple[Path, ...]:
    """Return where a file may lie, the likeliest place first; nothing outside the publication's folder, nothing hidden.

    Args:
        url: absolute, or relative to the article's address.
        article: its address, and its file relative to the publication's folder.
        folder: the publication's.
        site_url: address of the site, ending in a slash.
    """
    names = [*_beside(url, article), *_below_site(absolute_url(url, article.url), site_url)]
    return tuple(folder / name for name in dict.fromkeys(names) if _seemly(name))


def _beside(url: str, article: Article) -> Iterator[str]:
    """Yield the name of a file that is given relative to the article, as a file or as a page."""
    home = posixpath.dirname(article.path)
    if not _SCHEME.match(url) and not url.startswith("/"):
        yield posixpath.normpath(posixpath.join(home, _path(url)))
    page = article.url[: article.url.rfind("/") + 1]
    address = absolute_url(url, article.url)
    if address.startswith(page):
        yield posixpath.normpath(posixpath.join(home, _path(address[len(page) :])))


def _below_site(address: str, site_url: str) -> Iterator[str]:
    if address.startswith(site_url):
        for within in SITE_FOLDERS:
            yield posixpath.normpath(posixpath.join(within, _path(address[len(site_url) :])))


def _path(url: str) -> str:
    return unquote(re.split("[?#]", url, maxsplit=1)[0]).lstrip("/")


def _seemly(name: str) -> bool:
    return name.isprintable() and name[:1] != "/" and not any(part[:1] == "." for part in name.split("/"))


def cover_fault(image: Image) -> str:
    """Return what podcast directories would refuse a cover for, as a clause; empty where it is fine or unknown."""
    if (image.type or guessed(image.url) or "image/jpeg") not in ("image/jpeg", "image/png"):
        return "is neither JPEG nor PNG"
    if image.width is None or image.height is None:
        return ""
    if image.width != image.height or not COVER[0] <= image.width <= COVER[1]:
        return f"has {image.width} × {image.height} pixels"
    return ""


def with_measures(
    article: Article, folder: Path, site_url: str
) -> tuple[Article, tuple[Problem, ...], tuple[Path, ...]]:
    """Measure the files of an article that lie here.

    Args:
        article: as its source yields it.
        folder: the publication's.
        site_url: address of the site, ending in a slash.

    Returns:
        The article with true lengths, types and measures; notes on files of which readers learn too little; and the
        paths that were looked at, whether there was a file or not: while none of them changes, the rest stays as it is.
    """
    if article.image is None and not article.enclosures and article.episode is None:
        return article, (), ()
    measuring = _Measuring(article, folder, site_url)
    measured = measuring.article()
    return measured, tuple(measuring.problems), tuple(dict.fromkeys(measuring.consulted))


def measured_image(image: Image, found: Measured | None) -> Image:
    """Return a picture with what was measured of it."""
    if found is None or not found.type:
        return image
    return replace(image, width=found.width, height=found.height, type=found.type)


def find(candidates: tuple[Path, ...], folder: Path) -> tuple[Measured | None, tuple[Path, ...]]:
    """Measure the first candidate that is a file; links that lead out of the folder lead nowhere.

    Args:
        candidates: as `media_candidates` gives them.
        folder: the publication's.

    Returns:
        What was measured, and the candidates that were looked at.
    """
    for number, path in enumerate(candidates, 1):
        if _within(folder, path) and (found := measure(path)):
            return found, candidates[:number]
    return None, candidates


def _within(folder: Path, path: Path) -> bool:
    try:
        return os.path.realpath(path).startswith(f"{os.path.realpath(folder)}/")
    except ValueError:  # no file here can have such a name, for one in a system that speaks ASCII only
        return False


class _Measuring:
    """Measures one file of an article after the other and notes what is missing."""

    def __init__(self, article: Article, folder: Path, site_url: str) -> None:
        self._article = article
        self._folder = folder
        self._site_url = site_url
        self.problems: list[Problem] = []
        self.consulted: list[Path] = []

    def article(self) -> Article:
        episode = self._article.episode
        return replace(
            self._article,
            image=self._article.image and measured_image(self._article.image, self._find(self._article.image.url)),
            enclosures=tuple(map(self._enclosure, self._article.enclosures)),
            episode=episode and replace(episode, image=episode.image and self._cover(episode.image)),
        )

    def _find(self, url: str) -> Measured | None:
        found, consulted = find(media_candidates(url, self._article, self._folder, self._site_url), self._folder)
        self.consulted += consulted
        return found

    def _note(self, message: str, cure: str) -> None:
        self.problems.append(Problem(self._article.path, message, cure, self._article.line, Severity.NOTE))

    def _cover(self, image: Image) -> Image:
        measured = measured_image(image, self._find(image.url))
        if fault := cover_fault(measured):
            self._note(f"the cover {image.url} {fault}", COVER_CURE)
        return measured

    def _enclosure(self, file: Enclosure) -> Enclosure:
        found = self._find(file.url)
        if found is None:
            if file.length is None:
                self._note(*self._missing(file))
            return file
        if file.length not in (None, found.length):
            message = f"the enclosure {file.url} has {found.length} octets, and not {file.length}"
            self._note(message, "its true length is used; leave length out")
        if not found.length:
            self._note(f"the enclosure {file.url} is empty", "put the whole file there")
        return replace(file, length=found.length, type=found.type or file.type)

    def _missing(self, file: Enclosure) -> tuple[str, str]:
        example = f"{{url: {file.url}, type: {file.type}, length: 1234567}}"
        if absolute_url(file.url, self._article.url).startswith(self._site_url):
            message = (
                f"the enclosure {file.url} has no length and lies neither beside the article nor in the site's folder"
            )
            return message, f"put it there, or write its length in octets: {example}"
        return f"the enclosure {file.url} has no length", f"write how many octets it has: {example}"
