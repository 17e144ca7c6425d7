"""Foreign articles become Markdown files whose reading gives the same articles."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from publisher.article import Article, Author
from publisher.config.settings import Settings
from publisher.errors import Problem, UsageError
from publisher.files import put
from publisher.markup.characters import line
from publisher.markup.slugs import slug
from publisher.publication.reading import conventions, read_library
from publisher.publication.watching import Watch, unwatched
from publisher.sources.base import Conventions, Reading
from publisher.sources.folder import load
from publisher.sources.scanning import Found, scan
from publisher.sources.writer import to_markdown

_PLAIN_TEXT = (".txt", ".text")


@dataclass(frozen=True, slots=True)
class ImportedArticle:
    """One imported article and the file it went to, relative to the publication's folder."""

    article: Article
    path: str
    #: False where the file held the same already.
    changed: bool


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import wrote, or would write."""

    articles: tuple[ImportedArticle, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the caller says of imported articles, whatever their files say; None and () leave them alone."""

    published: datetime | None = None
    authors: tuple[str, ...] = ()
    title: str | None = None
    tags: tuple[str, ...] = ()


def import_files(
    folder: Path,
    settings: Settings,
    paths: Sequence[Path],
    overrides: Overrides,
    *,
    overwrite: bool = False,
    dry_run: bool = False,
    watch: Watch = unwatched,
) -> ImportReport:
    """Write each article of the given files and folders as a Markdown file of the first source.

    Importing the same again changes nothing. A file that says something else is left alone, unless `overwrite`.

    Raises:
        UsageError: one title is given for several articles.
    """
    assumed = replace(conventions(settings), published=overrides.published)
    readings = [
        Reading(problems=(found,)) if isinstance(found, Problem) else _read(found, assumed)
        for found in watch(list(_files(paths)), "Reading articles")
    ]
    articles = [_overridden(article, overrides) for reading in readings for article in reading.articles]
    if overrides.title and len(articles) > 1:
        raise UsageError(f"--title is for a single article, and {len(articles)} were found; import them one by one")
    holders = {a.id: a.path for a in read_library(folder, settings)[0].articles if a.id}
    outcomes = [
        _write(
            folder,
            article,
            holders.get(article.id) or _target(article, settings),
            assumed,
            overwrite=overwrite,
            dry_run=dry_run,
        )
        for article in watch(articles, "Writing articles")
    ]
    return ImportReport(
        articles=tuple(outcome for outcome in outcomes if isinstance(outcome, ImportedArticle)),
        problems=(
            *(problem for reading in readings for problem in reading.problems),
            *(outcome for outcome in outcomes if isinstance(outcome, Problem)),
        ),
    )


def _files(paths: Iterable[Path]) -> Iterator[Found | Problem]:
    for path in paths:
        if path.is_dir():
            yield from scan(path, path.as_posix())
        else:
            yield Found("", str(path), path.as_posix(), path.name)


def _read(found: Found, assumed: Conventions) -> Reading:
    reading = load(found.path, found.shown, found.name, assumed)
    suffix = Path(found.path).suffix
    if suffix.lower() in _PLAIN_TEXT and len(reading.articles) == 1:
        # Wire stories are called 0001.txt; the title makes the better address.
        named = f"{slug(reading.articles[0].title)}{suffix}"
        return load(found.path, found.shown, named, assumed)
    return reading


def _overridden(article: Article, overrides: Overrides) -> Article:
    changes: dict[str, object] = {}
    if overrides.published:
        changes["published"] = overrides.published
    if authors := tuple(Author(name) for name in map(line, overrides.authors) if name):
        changes["authors"] = authors
    if overrides.title:
        changes["title"] = overrides.title
    if overrides.tags:
        changes["tags"] = overrides.tags
    return replace(article, **changes)  # type: ignore[arg-type]


def _target(article: Article, settings: Settings) -> str:
    day = f"{article.published.astimezone(settings.zone):%Y-%m-%d}-" if article.published else ""
    return f"{settings.sources[0].path}/{day}{article.slug}.md"


def _write(
    folder: Path, article: Article, target: str, assumed: Conventions, *, overwrite: bool, dry_run: bool
) -> ImportedArticle | Problem:
    path = folder / target
    try:
        data = to_markdown(article, assumed).encode()
    except ValueError as error:
        return Problem(article.path, f"cannot be written as Markdown ({error})", "copy it to the articles as it is")
    old = path.read_bytes() if path.is_file() else None
    if old not in (None, data) and not overwrite:
        cure = "give --overwrite if it may be replaced, or remove it"
        return Problem(article.path, f"is not imported: {target} exists and says something else", cure, article.line)
    if not dry_run:
        put(path, data)
    return ImportedArticle(replace(article, path=target), target, changed=old != data)
