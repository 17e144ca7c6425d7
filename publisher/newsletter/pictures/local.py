"""A picture that lies in the publication's folder: what it is, and what keeps mail programs from showing it so."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from publisher.files import read_file
from publisher.markup.slugs import slug
from publisher.newsletter.pictures.model import (
    COMMON,
    HEAVY,
    LARGEST_FILE,
    UNSHOWN,
    Encoded,
    Facts,
    UnreadablePicture,
)
from publisher.sources.media.pictures import LOOK, picture
from publisher.sources.mediatypes import guessed

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif"}
_LONGEST_NAME = 40


class Decoded(Protocol):
    """A picture in memory, as `raster.Raster` is."""

    @property
    def facts(self) -> Facts:
        """Return what its file tells."""
        ...

    def encoded(self, width: int) -> Encoded:
        """Return a copy of a width in pixels."""
        ...


def decoder() -> Callable[[bytes], Decoded] | None:
    """Return what decodes the bytes of a file; None where Pillow is not installed."""
    try:
        from publisher.newsletter.pictures.raster import Raster
    except ImportError:
        return None
    return Raster


@dataclass(frozen=True, slots=True)
class LocalPicture:
    """A picture that was read."""

    path: Path
    data: bytes
    facts: Facts
    #: None where nothing can be made of it, for want of Pillow.
    decoded: Decoded | None

    @property
    def itself(self) -> Encoded:
        """Return the file as it is."""
        return Encoded(self.data, self.facts.type)

    def hindrance(self, limit: int, *, attached: bool) -> str:
        """Return as a clause why the file itself cannot be shown; empty where it can.

        Args:
            limit: how wide it may be, in pixels.
            attached: whether it travels with the mail.
        """
        facts = self.facts
        if facts.type not in COMMON:
            return f"is of type {facts.type}"
        if (facts.size[0] or 0) > limit:
            return f"is {facts.size[0]} pixels wide"
        if not facts.moving and not facts.plain:
            return "lies on its side, or has other colours than screens"
        if not facts.moving and attached and facts.tells:
            return "has notes of the camera or a profile of colours"
        return self.weight if len(self.data) > HEAVY else ""

    @property
    def weight(self) -> str:
        """Return as a clause how large the file is, rounded up."""
        return f"has {-(-len(self.data) // 100_000) / 10} MB"

    def copy(self, width: int, why: str) -> Encoded | None:
        """Return a copy that mail programs show; None where only weight hinders, and the copy has no less.

        Args:
            width: of the copy, in pixels.
            why: what hinders.

        Raises:
            UnreadablePicture: it cannot be converted.
        """
        assert self.decoded
        made = self.decoded.encoded(width)
        return None if why == self.weight and len(made.data) >= len(self.data) else made

    def name(self, made: Encoded) -> str:
        """Return a name that its copy, or the file itself, has for ever: another picture never gets it."""
        stem = slug(self.path.stem)[:_LONGEST_NAME].strip("-")
        return f"{stem}-{sha256(made.data).hexdigest()[:8]}.{_ENDINGS[made.type]}"


def read(path: Path, decode: Callable[[bytes], Decoded] | None) -> LocalPicture:
    """Read a picture.

    Args:
        path: of its file.
        decode: as `decoder` gives it.

    Raises:
        UnreadablePicture: it is none that can be shown.
    """
    try:
        data = read_file(path, LARGEST_FILE)
    except OSError as error:
        raise UnreadablePicture(str(error.strerror or error)) from None
    head = picture(data[:LOOK])
    media_type = head.type if head else guessed(path.name)
    if decode is None:
        if media_type in UNSHOWN:
            raise UnreadablePicture(f"is {UNSHOWN[media_type]} do not show")
        return LocalPicture(path, data, Facts(media_type, (head and head.size) or (None, None)), None)
    try:
        decoded = decode(data)
    except UnreadablePicture:
        if media_type in UNSHOWN:
            raise UnreadablePicture(f"is {UNSHOWN[media_type]} do not show") from None
        raise
    return LocalPicture(path, data, decoded.facts, decoded)
