"""Pictures of the publication's folder in the form that mail programs show: linked or attached, as they are or as copies."""

from dataclasses import dataclass, replace
from pathlib import Path

from publisher.article import Article
from publisher.config.newsletter import COLUMN
from publisher.newsletter.pictures.local import LocalPicture, decoder, read
from publisher.newsletter.pictures.mentions import Mention
from publisher.newsletter.pictures.model import (
    BUDGET,
    HEAVY,
    IN_ITS_PLACE,
    UNSHOWN,
    WIDEST,
    Attached,
    Encoded,
    Picture,
    UnreadablePicture,
    shown_size,
)
from publisher.newsletter.pictures.notes import Notes


@dataclass(frozen=True, slots=True)
class Use:
    """A file that an article shows."""

    article: Article
    mention: Mention
    path: Path
    #: Media type, by its first octets or its name.
    type: str
    #: At its own address.
    picture: Picture


class Fitting:
    """Makes one picture after the other fit, each file once.

    Args:
        host: of the publication, for Content-IDs.
        images_url: address of the bundle's `images/`; empty where it is on no web.
        attaches: whether pictures are attached where they can be.
        notes: takes what the author is told.
    """

    def __init__(self, host: str, images_url: str, notes: Notes, *, attaches: bool) -> None:
        self._host = host
        self._images_url = images_url
        self._notes = notes
        self._attaches = attaches
        self._decode = decoder()
        #: Copies, by name in the bundle.
        self.files: dict[str, bytes] = {}
        #: By file name.
        self.attached: dict[str, Attached] = {}

    def fit(self, use: Use) -> tuple[Picture | None, Picture]:
        """Return a picture as the mail shows it, or None, and as the web page does."""
        try:
            local = read(use.path, self._decode)
        except UnreadablePicture as error:
            self._note(use, str(error), IN_ITS_PLACE if use.type in UNSHOWN else "replace it by one that can be read")
            return _as_it_is(use)
        width, height = shown_size(local.facts.size, use.mention.asked)
        use = replace(use, picture=Picture(use.picture.url, width, height))
        return (self._attach(use, local) if self._attaches else None) or self._link(use, local)

    def _attach(self, use: Use, local: LocalPicture) -> tuple[Picture, Picture] | None:
        """Attach a picture; None where that cannot be."""
        limit = use.picture.width or COLUMN
        why = local.hindrance(limit, attached=True)
        made = self._copy(use, local, limit, why) if why else local.itself
        if made is None:
            return None
        name = local.name(made)
        if name not in self.attached:
            if sum(len(file.data) for file in self.attached.values()) + len(made.data) > BUDGET:
                what = f"is loaded from the web: with it, more than {BUDGET // 1_000_000} MB would be attached"
                self._note(use, what, "make the pictures of the issue smaller, or fewer")
                return None
            self.attached[name] = Attached(f"{name}@{self._host}", made.type, name, made.data)
            self.files[f"images/{name}"] = made.data
        page = replace(use.picture, url=f"{self._images_url}{name}") if why and self._images_url else use.picture
        return replace(use.picture, url=f"cid:{name}@{self._host}"), page

    def _link(self, use: Use, local: LocalPicture) -> tuple[Picture | None, Picture]:
        why = local.hindrance(WIDEST, attached=False)
        if not why:
            return use.picture, use.picture
        if local.decoded and not self._images_url:
            cure = f"make a PNG or JPEG of at most {WIDEST} pixels and 1 MB of it, or set archive = true for a place"
            self._note(use, f"{why}, and there is no place on the web for a better copy", cure)
            return _as_it_is(use)
        made = self._copy(use, local, 2 * (use.picture.width or COLUMN), why)
        if made is None:
            return _as_it_is(use)
        if made.data is local.data:
            return use.picture, use.picture
        name = local.name(made)
        self.files[f"images/{name}"] = made.data
        linked = replace(use.picture, url=f"{self._images_url}{name}")
        return linked, linked

    def _copy(self, use: Use, local: LocalPicture, widest: int, why: str) -> Encoded | None:
        """Return a copy that mail programs show, or the file itself where none is better; None where none can be made."""
        if local.decoded is None:
            self._notes.unmade(use.article, use.mention, why)
            return None
        try:
            made = local.copy(min(local.facts.size[0] or widest, widest), why)
        except UnreadablePicture as error:
            self._note(use, str(error), "replace it by one that can be read")
            return None
        if made and local.facts.moving:
            cure = f"make it a GIF of at most {HEAVY // 1_000_000} MB, {widest} pixels wide"
            self._note(use, f"moves, but {why}: its first frame is shown", cure)
        return made or local.itself

    def _note(self, use: Use, what: str, cure: str) -> None:
        self._notes.add(use.article, use.mention, what, cure)


def _as_it_is(use: Use) -> tuple[Picture | None, Picture]:
    return (None if use.type in UNSHOWN else use.picture), use.picture
