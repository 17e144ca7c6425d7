"""The manifest of a bundle: what the issue is, what is in it, and the digests by which every changed byte is found."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from publisher.article import Article
from publisher.catalogue.record import to_record
from publisher.errors import PublisherError, SurroundingsError
from publisher.files import read_file
from publisher.markup.characters import line as one_line
from publisher.markup.dates import rfc3339
from publisher.newsletter.issue import Issue, PastIssue

MANIFEST = "manifest.json"
#: Lies beside the manifest once the issue has left.
SENT = "sent.json"
#: Number of the manifest's format.
FORMAT = 1
_RENDERERS = ("publisher-feeds", "premailer", "cssutils", "lxml", "jinja2")
#: Where an article was read says nothing of what it says.
_NOT_CONTENT = ("path", "line")
_SEAL = "sha256"
#: Names of files in a bundle: no way leads out of it.
_NAME = re.compile(r"(?:images/)?[A-Za-z0-9_-][A-Za-z0-9._-]*")
_LONGEST_SHOWN_NAME = 60
_LARGEST_NUMBER = 10**9


class Unreadable(Exception):
    """Bytes are no manifest; the words say why, a clause to follow its name."""


class Listed(NamedTuple):
    """An article, as the manifest names it."""

    title: str
    #: Empty for one without a page.
    url: str
    #: None where nobody said.
    published: datetime | None
    id: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says."""

    #: Of the issue's period, and the name of the bundle's folder.
    key: str
    number: int
    subject: str
    preheader: str
    #: Which of `subject` and `preheader` are the author's own words.
    given: tuple[str, ...]
    date: datetime
    #: Articles published before were left out.
    since: datetime
    #: Address of the issue's web page; empty for none.
    url: str
    articles: tuple[Listed, ...]
    #: SHA-256 of the other files, hexadecimal, by their names; none of them leads out of the bundle.
    files: Mapping[str, str]


class ManifestError(PublisherError):
    """A manifest cannot be understood, so nobody knows what its issue held."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path}: {reason}; restore it from a backup, or, if that issue was never sent, remove {path.parent}"
        )


def manifest(issue: Issue, files: Mapping[str, bytes], identifier: str, url: str, used: tuple[str, ...] = ()) -> bytes:
    """Return the manifest of a bundle; the same arguments and the same libraries give the same bytes.

    Args:
        issue: what is in the bundle.
        files: all other files of the bundle, by their names.
        identifier: permanent URI of the issue.
        url: address of its web page; empty for none.
        used: libraries that had a part in it, besides those that always have.
    """
    said = {
        "format": FORMAT,
        "id": identifier,
        "newsletter": issue.newsletter,
        "key": issue.key,
        "number": issue.number,
        "subject": issue.subject,
        "preheader": issue.preheader,
        "given": list(issue.given),
        "date": rfc3339(issue.date),
        "url": url,
        "since": rfc3339(issue.since),
        "articles": [_entry(article) for article in issue.articles],
        "files": {name: sha256(data).hexdigest() for name, data in files.items()},
        "versions": {name: _version(name) for name in (*_RENDERERS, *used)},
    }
    return _dump({**said, _SEAL: _seal(said)})


def manifest_fault(data: bytes) -> str:
    """Return what is wrong with the bytes of a manifest, as a clause; empty where not one was changed."""
    try:
        said = json.loads(data)
        seal = said.pop(_SEAL, None)
    except (ValueError, RecursionError, AttributeError, TypeError) as error:
        return f"is no JSON object ({error})"
    if seal is None:
        return "does not say its own digest"
    if seal != _seal(said) or _dump({**said, _SEAL: seal}) != data:
        return "is not the one that was made: its own digest differs"
    return ""


def read(data: bytes) -> Manifest:
    """Read a manifest; whether a byte of it was changed is for `manifest_fault` to say.

    Raises:
        Unreadable: it is damaged, of another version, or names files outside of its bundle.
    """
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"is no JSON ({error})") from error
    try:
        return _manifest(said)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise Unreadable(f"is damaged ({type(error).__name__}: {error})") from error


def read_past(folder: Path) -> tuple[PastIssue, ...]:
    """Read the issues a newsletter has so far.

    Args:
        folder: `issues/NEWSLETTER` of the publication; it need not exist.

    Returns:
        The issues, by number.

    Raises:
        ManifestError: one of them cannot be understood.
        SurroundingsError: one of them cannot be read.
    """
    issues = (_read(path) for path in sorted(folder.glob(f"*/{MANIFEST}")))
    return tuple(sorted(issues, key=lambda issue: (issue.number, issue.key)))


def past_issue(said: Manifest, *, sent: bool) -> PastIssue:
    """Return what the next issue needs to know of one that a manifest describes.

    Args:
        said: by the manifest.
        sent: whether it has left.
    """
    return PastIssue(
        key=said.key,
        number=said.number,
        article_ids=tuple(article.id for article in said.articles),
        since=said.since,
        sent=sent,
        date=said.date,
        subject=said.subject,
        preheader=said.preheader,
        given=said.given,
        articles=tuple((article.title, article.url) for article in said.articles),
        files=said.files,
    )


def _entry(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "published": rfc3339(article.published) if article.published else None,
        "updated": rfc3339(article.updated) if article.updated else None,
        "sha256": _record_hash(article),
    }


def _record_hash(article: Article) -> str:
    # White space around the content says nothing, and is lost where it is read back from a feed.
    said = to_record(replace(article, content=article.content.strip()))
    record = {key: value for key, value in said.items() if key not in _NOT_CONTENT}
    return sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "unknown"


def _dump(said: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(said, indent=2, ensure_ascii=False)}\n".encode("utf-8", "surrogatepass")


def _seal(said: Mapping[str, Any]) -> str:
    return sha256(_dump(said)).hexdigest()


def _read(path: Path) -> PastIssue:
    try:
        said = read(read_file(path))
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be read: {error.strerror or error}") from error
    except Unreadable as error:
        raise ManifestError(path, str(error)) from error
    if said.key != path.parent.name:
        raise ManifestError(path, f"is damaged: it belongs into a folder called {said.key}")
    return past_issue(said, sent=(path.parent / SENT).exists())


def _manifest(said: Any) -> Manifest:
    if said["format"] != FORMAT:
        raise Unreadable(f"has the format {said['format']!r}, which is unknown to this version of publisher")
    number = said["number"]
    # A JSON number may be true, 1.5 or Infinity.
    if type(number) is not int or not 0 < number <= _LARGEST_NUMBER:
        raise ValueError("number is no number of an issue")
    return Manifest(
        key=_text(said, "key"),
        number=number,
        subject=_text(said, "subject"),
        preheader=_text({"preheader": "", **said}, "preheader"),
        given=tuple(map(str, said.get("given", ()))),
        date=_moment(said, "date"),
        since=_moment(said, "since"),
        url=_text({"url": "", **said}, "url"),
        articles=tuple(map(_listed, said["articles"])),
        files=_files(said["files"]),
    )


def _listed(said: Any) -> Listed:
    published = _moment(said, "published") if said.get("published") is not None else None
    return Listed(_text(said, "title"), _text(said, "url"), published, _text(said, "id"))


def _files(said: Any) -> dict[str, str]:
    if not isinstance(said, dict) or not all(isinstance(digest, str) for digest in said.values()):
        raise TypeError("files is no table of digests")
    odd = next((name for name in said if not _NAME.fullmatch(name)), None)
    if odd is not None:
        raise Unreadable(f"names {one_line(odd)[:_LONGEST_SHOWN_NAME]} outside the bundle")
    return said


def _text(said: Any, name: str) -> str:
    if not isinstance(text := said[name], str):
        raise TypeError(f"{name} is no text")
    return text


def _moment(said: Any, name: str) -> datetime:
    moment = datetime.fromisoformat(_text(said, name))
    if moment.utcoffset() is None:
        raise ValueError(f"{name} has no time zone")
    moment.astimezone(UTC)  # the first and the last day there are do not exist in every zone
    return moment
