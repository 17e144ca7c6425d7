"""The bundle of an issue: the wall between making and sending. It can be looked at, kept, and sent as it is."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from publisher.article import Article
from publisher.catalogue.record import to_record
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.errors import PublisherError, SurroundingsError
from publisher.markup.dates import rfc3339
from publisher.newsletter.issue import Issue, PastIssue, newsletter_title
from publisher.newsletter.message import Envelope, message
from publisher.newsletter.render import render
from publisher.templating import Templates

MANIFEST = "manifest.json"
#: Lies beside the manifest once the issue has left.
SENT = "sent.json"
#: Number of the manifest's format.
FORMAT = 1
_RENDERERS = ("publisher", "premailer", "cssutils", "lxml", "jinja2")
#: Where an article was read says nothing of what it says.
_NOT_CONTENT = ("path", "line")


class ManifestError(PublisherError):
    """A manifest cannot be understood, so nobody knows what its issue held."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path}: {reason}; restore it from a backup, or, if that issue was never sent, remove {path.parent}"
        )


def render_bundle(
    issue: Issue, settings: Settings, newsletter: NewsletterSettings, templates: Templates
) -> dict[str, bytes]:
    """Return the bundle's files by name; the manifest is last. The same arguments give the same bytes.

    Raises:
        BrokenTemplateError: a template of the publication has a mistake.
        InliningError: the HTML lost an article or its frame.
        UsageError: the sender's address cannot stand in a mail.
    """
    rendering = render(issue, settings, newsletter, templates)
    files = {
        "issue.html": rendering.html.encode(),
        "issue.txt": rendering.text.encode(),
        "issue.eml": message(_envelope(issue, settings, newsletter), rendering.text, rendering.html),
        "web.html": rendering.web.encode(),
    }
    return {**files, MANIFEST: _dump(_manifest(issue, files))}


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


def _envelope(issue: Issue, settings: Settings, newsletter: NewsletterSettings) -> Envelope:
    title = newsletter_title(newsletter, settings.publication).replace("<", "").replace(">", "")
    return Envelope(
        sender=newsletter.sender or f"{title} <newsletter@{settings.host}>",
        reply_to=newsletter.reply_to or "",
        subject=issue.subject,
        date=issue.date,
        list_id=newsletter.list_id or f"{newsletter.name}.{settings.host}",
        key=issue.key,
    )


def _manifest(issue: Issue, files: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "newsletter": issue.newsletter,
        "key": issue.key,
        "number": issue.number,
        "subject": issue.subject,
        "date": rfc3339(issue.date),
        "since": rfc3339(issue.since),
        "articles": [_entry(article) for article in issue.articles],
        "files": {name: sha256(data).hexdigest() for name, data in files.items()},
        "versions": {name: _version(name) for name in _RENDERERS},
    }


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
    except PackageNotFoundError:  # publisher itself, run from a checkout
        return "unknown"


def _dump(manifest: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(manifest, indent=2, ensure_ascii=False)}\n".encode("utf-8", "surrogatepass")


def _read(path: Path) -> PastIssue:
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as error:
        raise SurroundingsError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ManifestError(path, f"is no JSON ({error})") from error
    try:
        return _past_issue(manifest, sent=(path.parent / SENT).exists())
    except (KeyError, TypeError, ValueError) as error:
        raise ManifestError(path, f"is damaged ({type(error).__name__}: {error})") from error


def _past_issue(manifest: Any, *, sent: bool) -> PastIssue:
    if manifest["format"] != FORMAT:
        raise ValueError(f"format {manifest['format']!r} is unknown to this version of publisher")
    since = datetime.fromisoformat(manifest["since"])
    if since.utcoffset() is None:
        raise ValueError("since has no time zone")
    return PastIssue(
        key=str(manifest["key"]),
        number=int(manifest["number"]),
        article_ids=tuple(str(article["id"]) for article in manifest["articles"]),
        since=since,
        sent=sent,
    )
