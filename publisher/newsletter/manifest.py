"""The manifest of a bundle: what the issue is, what is in it, and the digests by which every changed byte is found."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from publisher.article import Article
from publisher.catalogue.record import to_record
from publisher.errors import PublisherError, SurroundingsError
from publisher.files import read_file
from publisher.markup.dates import rfc3339
from publisher.newsletter.issue import Issue, PastIssue

MANIFEST = "manifest.json"
#: Lies beside the manifest once the issue has left.
SENT = "sent.json"
#: Number of the manifest's format.
FORMAT = 1
#: The most that is read of a manifest, in bytes.
LARGEST = 64 * 2**20
_RENDERERS = ("publisher-feeds", "premailer", "cssutils", "lxml", "jinja2")
#: Where an article was read says nothing of what it says.
_NOT_CONTENT = ("path", "line")
_SEAL = "sha256"
#: Names of files in a bundle: no way leads out of it.
_NAME = re.compile(r"(?:images/)?[A-Za-z0-9_-][A-Za-z0-9._-]*")


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
        said = json.loads(read_file(path, LARGEST))
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ManifestError(path, f"is no JSON ({error})") from error
    try:
        return _past_issue(said, path.parent)
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(path, f"is damaged ({type(error).__name__}: {error})") from error


def _past_issue(said: Any, bundle: Path) -> PastIssue:
    if said["format"] != FORMAT:
        raise ValueError(f"format {said['format']!r} is unknown to this version of publisher")
    since = _moment(said, "since")
    if said["key"] != bundle.name:
        raise ValueError(f"it belongs into a folder called {said['key']}")
    return PastIssue(
        key=bundle.name,
        number=int(said["number"]),
        article_ids=tuple(str(article["id"]) for article in said["articles"]),
        since=since,
        sent=(bundle / SENT).exists(),
        date=_moment(said, "date"),
        subject=str(said["subject"]),
        preheader=str(said.get("preheader", "")),
        given=tuple(map(str, said.get("given", ()))),
        articles=tuple((str(article["title"]), str(article["url"])) for article in said["articles"]),
        files=tuple(name for name in said["files"] if _NAME.fullmatch(name)),
    )


def _moment(said: Any, name: str) -> datetime:
    moment = datetime.fromisoformat(said[name])
    if moment.utcoffset() is None:
        raise ValueError(f"{name} has no time zone")
    return moment
