"""All sources of a publication: what has not changed since the last build is remembered, the rest is read."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from publisher.article import Article, Author
from publisher.catalogue.cache import Cache, Kept
from publisher.catalogue.packing import packed, unpacked
from publisher.config.settings import Settings
from publisher.errors import Severity
from publisher.files import signature_of
from publisher.processes import spread
from publisher.publication.finding import find_files, listed
from publisher.publication.watching import Watch, unwatched
from publisher.sources.base import Conventions, Reading
from publisher.sources.folder import contents, fill, glance
from publisher.sources.media import with_measures
from publisher.sources.scanning import Found

#: How many files one process reads at a time, and how many are worth several processes.
_BUNDLE, _MANY = 100, 1000


def conventions(settings: Settings) -> Conventions:
    """Return what the publication assumes where its articles are silent."""
    author = settings.publication.author
    return Conventions(
        url=settings.publication.url,
        permalink=settings.publication.permalink,
        zone=settings.zone,
        language=settings.publication.language,
        author=Author(author.name, author.url or "", author.email or "") if author else None,
    )


@dataclass(frozen=True, slots=True)
class Library:
    """Where everything is that the sources hold: most texts are left in their files until somebody wants them."""

    #: The publication's folder.
    folder: Path
    #: Files whose names look otherwise in messages, by their paths there.
    odd: Mapping[str, str]
    #: Digest of all files and their signatures.
    listed: str
    #: Files that were measured, relative to the publication's folder, with their signatures then.
    media: Mapping[str, str]
    #: Paths of what the cache knows and is gone.
    gone: tuple[str, ...]
    #: What files said before they were broken or went away, as far as it is remembered; by path.
    past: Mapping[str, str]

    def whole(self, article: Article) -> Article:
        """Return an article with its content.

        Raises:
            SurroundingsError: its file went away in the meantime.
        """
        if not article.unread:
            return article
        return fill(self.odd.get(article.path) or f"{self.folder}/{article.path}", article)


def read_library(
    folder: Path,
    settings: Settings,
    cache: Cache | None = None,
    watch: Watch = unwatched,
    wanted: AbstractSet[str] = frozenset(),
    meanwhile: Callable[[], object] = lambda: None,
) -> tuple[Reading, Library]:
    """Read every source; what cannot be read is a problem and stops nothing.

    Args:
        folder: the publication's.
        settings: name the sources.
        cache: remembers what files said that have not changed; none is as good as an empty one.
        watch: sees the work while it is done.
        wanted: files that readers have articles of.
        meanwhile: is done while other processes read many files.
    """
    obstacles, files = find_files(folder, [source.path for source in settings.sources])
    # The cache outlives the current folder, which a relative path would begin at.
    shelf = _Shelf(folder.absolute())
    known = shelf.take_known(files, cache.readings() if cache else (), wanted)
    unknown = [found for shown, found in files.items() if shown not in shelf.said]
    for bundle in _read_all(unknown, known, shelf.home, settings, watch, meanwhile):
        for shown, kept in bundle:
            shelf.take(shown, kept)
        if cache:
            cache.keep(bundle)
    reading = Reading(
        tuple([article for shown in files for article in shelf.said[shown].articles]),
        (*obstacles, *(problem for shown in files for problem in shelf.said[shown].problems)),
    )
    odd = {shown: found.path for shown, found in files.items() if not found.path.endswith(shown)}
    return reading, Library(folder, odd, listed(files.values()), shelf.media, tuple(shelf.gone), shelf.past)


class _Shelf:
    """What is known of each file so far.

    Args:
        home: the publication's folder, absolute.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.said: dict[str, Reading] = {}
        self.media: dict[str, str] = {}
        self.gone: list[str] = []
        self.past: dict[str, str] = {}

    def take_known(
        self, files: Mapping[str, Found], readings: Iterable[tuple[str, Kept]], wanted: AbstractSet[str]
    ) -> dict[str, Kept]:
        """Take what is remembered of files that have not changed; return what is of those that may have."""
        changed = {}
        for path, kept in readings:
            found = files.get(path)
            if found is None and path not in wanted:
                self.gone.append(path)
                continue
            reading = _still(kept, found) if found else None
            if reading is None or kept.good:
                # What a file said that is gone is kept until nobody asks for it any more.
                self.past[path] = kept.good or kept.said
            if reading is None and found:
                changed[path] = kept
            elif reading:
                self.said[path] = reading
                self._measured(kept)
        return changed

    def take(self, path: str, kept: Kept) -> None:
        """Take what was just read."""
        self.said[path] = unpacked(kept.said, path)
        self._measured(kept)

    def _measured(self, kept: Kept) -> None:
        self.media |= {path.removeprefix(f"{self.home}/"): before for path, before in _media(kept).items()}


def _still(kept: Kept, found: Found) -> Reading | None:
    """Return what is known of a file that has not changed, nor what was measured for it."""
    if kept.signature != found.signature or not _media_stand(kept):
        return None
    return _legible(kept, found)


def _legible(kept: Kept, found: Found) -> Reading | None:
    """Return what is known of a file; None where the cache is damaged."""
    try:
        return unpacked(kept.said, found.shown)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None


def _media_stand(kept: Kept) -> bool:
    return all(signature_of(path) == before for path, before in _media(kept).items())


def _media(kept: Kept) -> dict[str, str]:
    lines = (line.rpartition("\t") for line in kept.media.splitlines())
    return {path: before for path, _, before in lines}


def _read_all(
    files: Sequence[Found],
    known: Mapping[str, Kept],
    folder: Path,
    settings: Settings,
    watch: Watch,
    meanwhile: Callable[[], object],
) -> Iterator[list[tuple[str, Kept]]]:
    """Read files, some at a time and in several processes where they are many."""
    assumed = conventions(settings)

    def read(bundle: Sequence[Found]) -> list[Kept]:
        return [_read(found, known.get(found.shown), folder, assumed) for found in bundle]

    bundles = [files[start : start + _BUNDLE] for start in range(0, len(files), _BUNDLE)]
    results = spread(read, bundles, meanwhile) if len(files) >= _MANY else map(read, bundles)
    for bundle, kept in zip(watch(bundles, "Reading articles"), results, strict=True):
        yield [(found.shown, one) for found, one in zip(bundle, kept, strict=True)]


def _read(found: Found, known: Kept | None, folder: Path, assumed: Conventions) -> Kept:
    """Read a file, unless it still has the bytes that were read last."""
    data = contents(found)
    digest = sha256(data).hexdigest() if data is not None else ""
    if known and digest and known.bytes == digest and _media_stand(known) and _legible(known, found):
        return replace(known, signature=found.signature)
    reading = glance(found, data, assumed)
    articles: list[Article] = []
    problems = list(reading.problems)
    media: set[Path] = set()
    for article in reading.articles:
        measured, said, consulted = with_measures(article, folder, assumed.url)
        articles.append(measured)
        problems.extend(said)
        media.update(consulted)
    noted = "".join(f"{path}\t{signature_of(path)}\n" for path in sorted(media))
    broken = any(problem.severity is Severity.ERROR for problem in problems)
    good = (known.good or known.said) if known and broken else ""
    return Kept(found.signature, digest, noted, packed(Reading(tuple(articles), tuple(problems))), good)
