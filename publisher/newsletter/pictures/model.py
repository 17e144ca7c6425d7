"""What an issue says of its pictures, and the limits they keep."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from publisher.article import Article
from publisher.config.newsletter import COLUMN
from publisher.errors import Problem
from publisher.markup.links import absolute_url
from publisher.sources.mediatypes import guessed

#: How wide the file of a linked picture may be, in pixels: twice the column, for sharp screens.
WIDEST = 2 * COLUMN
#: How large the file of a linked picture, or of a moving one, may be without a reason to touch it, in bytes.
HEAVY = 1_000_000
#: How large all attachments of an issue may be together, in bytes; base64 makes a third more of them.
BUDGET = 5_000_000
#: The largest file that is read, in bytes.
LARGEST_FILE = 20 * 1024 * 1024

#: What every mail program shows.
COMMON = frozenset(("image/png", "image/jpeg", "image/gif"))
#: What some show, with who does not (caniemail, image formats).
PARTLY = {"image/webp": "WebP, which Outlook for Windows", "image/avif": "AVIF, which Outlook for Windows"}
#: What hardly any shows.
UNSHOWN = {
    "image/svg+xml": "SVG, which Gmail and others",
    "image/heic": "HEIC, which most mail programs",
    "image/jxl": "JPEG XL, which most mail programs",
    "image/tiff": "TIFF, which most mail programs",
}

#: What to do about these.
IN_ITS_PLACE = "make a PNG or JPEG of it; until then its alt text stands in its place"

#: A width and a height in pixels, each None where it is unknown.
Size = tuple[int | None, int | None]


_PIXELS = re.compile(r"\s*([1-9][0-9]{0,4})(?:px)?\s*")


class UnreadablePicture(Exception):
    """A file is no picture that can be shown; the words say why, to follow its name."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as a file."""

    data: bytes
    #: Media type.
    type: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file tells of its picture."""

    #: Media type.
    type: str
    #: In pixels, upright.
    size: Size
    #: Whether it has further frames.
    moving: bool = False
    #: Whether it stands upright and has the colours of a screen.
    plain: bool = True
    #: Whether it says more than the picture, such as where it was taken, or has a profile of colours.
    tells: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a mail or a page shows it."""

    #: An absolute web address, or `cid:` and the Content-ID of an attached file (RFC 2392).
    url: str
    #: As shown in a column of `COLUMN` pixels; None where unknown.
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that travels with the mail (RFC 2387)."""

    #: Content-ID without angle brackets: `NAME@HOST`.
    cid: str
    #: Media type.
    type: str
    #: File name, of `a-z`, `0-9`, `-` and `.`; the bundle has the same bytes as `images/NAME`.
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of an issue. Without any, each is linked as the article has it."""

    #: By the address of the article and that of the picture; None is left out.
    in_mail: Mapping[tuple[str, str], Picture | None] = field(default_factory=dict)
    on_page: Mapping[tuple[str, str], Picture] = field(default_factory=dict)
    #: Copies for the bundle, by name: `images/NAME`.
    files: Mapping[str, bytes] = field(default_factory=dict)
    attached: tuple[Attached, ...] = ()
    problems: tuple[Problem, ...] = ()

    def of(self, url: str, article: Article) -> Picture | None:
        """Return a picture as the mail shows it; None where it is left out and its alt text shown instead.

        Args:
            url: of an `img`, a video's poster or a lead image; absolute, or relative to the article's address.
            article: where it stands.
        """
        found = self.web(url, article)
        if found is None:
            return None
        shown = found if guessed(found.url) not in UNSHOWN else None
        return self.in_mail.get(_key(url, article), shown)

    def web(self, url: str, article: Article) -> Picture | None:
        """Return a picture as the issue's web page shows it, never attached; None where it is on no web.

        Args:
            url: as for `of`.
            article: where it stands.
        """
        key = _key(url, article)
        return self.on_page.get(key, Picture(key[1])) if on_the_web(key[1]) else None

    def used_in(self, *pages: str) -> "Pictures":
        """Return the pictures without the files and attachments that none of some pages shows.

        Args:
            pages: HTML, as it is sent or published.
        """
        attached = tuple(file for file in self.attached if any(f"cid:{file.cid}" in page for page in pages))
        kept = {f"images/{file.name}" for file in attached}
        files = {
            name: data for name, data in self.files.items() if name in kept or any(f"/{name}" in page for page in pages)
        }
        return replace(self, files=files, attached=attached)


def _key(url: str, article: Article) -> tuple[str, str]:
    return article.url, absolute_url(url, article.url)


def on_the_web(url: str) -> bool:
    """Say whether an absolute URL is one of the web."""
    return url.startswith(("https://", "http://"))


def pixels(value: str) -> int | None:
    """Return what an attribute `width` or `height` says in pixels; None where it says nothing, or something else."""
    found = _PIXELS.fullmatch(value)
    return int(found[1]) if found else None


def shown_size(natural: Size, asked: Size) -> Size:
    """Return how large a picture is shown: as large as asked, else as it is, and never wider than the column.

    Args:
        natural: of the file.
        asked: by the article.
    """
    ratio = _ratio(*natural) or _ratio(*asked)
    width = asked[0] or (round(asked[1] / ratio) if asked[1] and ratio else natural[0])
    width = max(1, min(width, COLUMN)) if width else None
    return width, (max(1, round(width * ratio)) if width and ratio else None)


def _ratio(width: int | None, height: int | None) -> float:
    return height / width if width and height else 0
