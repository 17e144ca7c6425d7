"""Laying down new files: a new publication, a new article."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from publisher.article import Article
from publisher.catalogue.identity import mint
from publisher.config import CONFIG_NAME, Settings
from publisher.errors import UsageError
from publisher.files import put
from publisher.markup.characters import line
from publisher.markup.slugs import slug
from publisher.templating import bundled


def lay_down(folder: Path, title: str | None, url: str | None, now: datetime) -> tuple[str, ...]:
    """Make a new publication that builds at once; existing files stay as they are.

    Args:
        folder: made where missing.
        title: of the publication; made from the folder's name where None.
        url: of its site; a sample address where None.
        now: dates the sample articles.

    Returns:
        The files written, relative to the folder.

    Raises:
        UsageError: the folder holds a publication, or is none.
        SurroundingsError: the disk refuses.
    """
    if (folder / CONFIG_NAME).exists():
        raise UsageError(f"{folder}: holds a publication already; choose another folder")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is no folder; choose another name")
    name = slug(folder.resolve().name)
    site = url or f"https://{name}.example/"
    values = {
        "title": quoted(line(title or name.replace("-", " ").title())),
        "url": quoted(site if site.endswith("/") else f"{site}/"),
        "host": urlsplit(site).hostname or f"{name}.example",
        "year": f"{now:%Y}",
        "moment": f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    return tuple(file for file in _samples(folder) if put(folder / file, _sample(file, values)))


def quoted(text: str) -> str:
    """Quote a line of text so that TOML and YAML both read it back."""
    return json.dumps(text, ensure_ascii=False)


_SAMPLES = {
    CONFIG_NAME: "init/publisher.toml",
    ".gitignore": "init/gitignore",
    "articles/hello-readers.md": "init/hello-readers.md",
    "articles/how-a-wire-story-looks.txt": "init/how-a-wire-story-looks.txt",
}


def _samples(folder: Path) -> list[str]:
    """Name the files to write: nothing that exists, and no samples beside somebody's own articles."""
    own_articles = (folder / "articles").exists()
    return [f for f in _SAMPLES if not (folder / f).exists() and not (own_articles and f.startswith("articles/"))]


def _sample(file: str, values: dict[str, str]) -> bytes:
    return bundled().render(_SAMPLES[file], values).encode()


def write_new(folder: Path, settings: Settings, title: str, authority: str, now: datetime) -> str:
    """Write a draft with its front matter and its id.

    Returns:
        The file, relative to the publication's folder.

    Raises:
        UsageError: the title is empty, or the file exists.
    """
    name = line(title)
    if not name:
        raise UsageError('a new article needs a title, for example: publisher new "First light"')
    local = now.astimezone(settings.zone).replace(microsecond=0)
    short = slug(name)
    path = f"{settings.sources[0].path}/{local:%Y-%m-%d}-{short}.md"
    if (folder / path).exists():
        raise UsageError(f"{path}: exists already; choose another title")
    article = Article(title=name, url="", published=local, slug=short)
    identifier = mint(article, authority, settings.zone, ())
    values = {"title": quoted(name), "date": local.isoformat(), "id": identifier}
    put(folder / path, bundled().render("init/new.md", values).encode())
    return path
