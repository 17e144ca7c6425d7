"""Laying down new files: a new publication, a new article."""

import json
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from publisher.article import Article
from publisher.catalogue import Catalogue
from publisher.catalogue.identity import mint
from publisher.config.load import parse_settings
from publisher.config.location import CONFIG_NAME
from publisher.config.settings import Settings
from publisher.errors import ProblemsError, UsageError
from publisher.files import put, put_all
from publisher.markup.characters import line
from publisher.markup.dates import rfc3339
from publisher.markup.hosts import ascii_host
from publisher.markup.slugs import slug
from publisher.templating import bundled

#: Of a host's name, in octets (RFC 1035 §2.3.4).
_LONGEST_LABEL = 63


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
        UsageError: the folder holds a publication or is none, or title or address cannot be.
        SurroundingsError: the disk refuses.
    """
    if (folder / CONFIG_NAME).exists():
        raise UsageError(f"{folder}: holds a publication already; choose another folder")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is no folder; choose another name")
    name = slug(folder.resolve().name)
    host = f"{name[:_LONGEST_LABEL].rstrip('-')}.example"
    values = _values(line(title or name.replace("-", " ").title()), url or f"https://{host}/", now)
    _prove(_sample(CONFIG_NAME, values))
    return tuple(put_all(folder, [(file, _sample(file, values)) for file in _samples(folder)]))


def _values(title: str, url: str, now: datetime) -> dict[str, str]:
    return {
        "title": quoted(title),
        "url": quoted(url if url.endswith("/") else f"{url}/"),
        "authority": quoted(f"{_ascii_host(url)},{now:%Y}"),
        "moment": rfc3339(now.replace(microsecond=0)),
    }


def _ascii_host(url: str) -> str:
    """Return the host of an address as tag authorities have it: an internationalised name in its ASCII form."""
    try:
        return ascii_host(urlsplit(url).hostname or "")
    except ValueError:  # the settings will say so
        return ""


def _prove(config: bytes) -> None:
    """Refuse settings that would not load, before anything is written."""
    try:
        parse_settings(config)
    except ProblemsError as error:
        words = "; ".join(problem.message for problem in error.problems)
        raise UsageError(f"{words}; choose another --title or --url") from None


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


def write_new(folder: Path, settings: Settings, title: str, catalogue: Catalogue, now: datetime) -> str:
    """Write a draft with its front matter and its id.

    Args:
        catalogue: knows the ids that are taken.

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
    taken = {a.id for a in (*catalogue.articles, *catalogue.scheduled, *catalogue.drafts)}
    identifier = mint(article, catalogue.lock.authority, settings.zone, taken | catalogue.lock.promises.keys())
    values = {"title": quoted(name), "date": local.isoformat(), "id": identifier}
    put(folder / path, bundled().render("init/new.md", values).encode())
    return path
