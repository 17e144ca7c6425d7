"""The bundle of an issue: the wall between making and sending. It can be looked at, kept, and sent as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.errors import Problem
from publisher.newsletter.issue import Issue, newsletter_title
from publisher.newsletter.limits import within_limits
from publisher.newsletter.mail import Envelope, message
from publisher.newsletter.manifest import MANIFEST, manifest
from publisher.newsletter.pictures import prepare
from publisher.newsletter.places import issue_id, places
from publisher.newsletter.render import render
from publisher.templating import Templates


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of a bundle that nobody has written yet."""

    #: By name; the manifest is last.
    files: Mapping[str, bytes]
    #: What the author may want to know of pictures and of lengths.
    problems: tuple[Problem, ...] = ()


def render_bundle(
    issue: Issue,
    settings: Settings,
    newsletter: NewsletterSettings,
    templates: Templates,
    authority: str,
    folder: Path,
) -> Bundle:
    """Render all files of an issue's bundle. The same arguments give the same bytes.

    Args:
        issue: what is in it.
        settings: the publication's.
        newsletter: whose issue it is.
        templates: those in `email/`.
        authority: of `tag:` URIs (RFC 4151), such as `notes.example,2026`.
        folder: the publication's, where its pictures lie.

    Raises:
        BrokenTemplateError: a template of the publication has a mistake.
        InliningError: the HTML lost an article or its frame.
        TooLarge: the mail stays too large however much its articles are shortened.
        UsageError: the sender's address cannot stand in a mail.
    """
    around = places(settings, newsletter, issue.key)
    articles, beyond = within_limits(issue.articles)
    prepared = prepare(articles, folder, settings, newsletter, around.images_url)
    rendering = render(replace(issue, articles=articles), settings, newsletter, templates, prepared, around)
    pictures = prepared.used_in(rendering.html, rendering.web)
    envelope = _envelope(issue, settings, newsletter, around.archive_url)
    files = {
        "issue.html": rendering.html.encode(),
        "issue.txt": rendering.text.encode(),
        "issue.eml": message(envelope, rendering.text, rendering.html, pictures.attached),
        "web.html": rendering.web.encode(),
        **pictures.files,
    }
    identifier = issue_id(authority, newsletter.name, issue.key)
    made = manifest(issue, files, identifier, around.web_url, ("pillow",) if pictures.files else ())
    return Bundle({**files, MANIFEST: made}, (*beyond, *rendering.problems, *pictures.problems))


def _envelope(issue: Issue, settings: Settings, newsletter: NewsletterSettings, archive_url: str) -> Envelope:
    title = newsletter_title(newsletter, settings.publication).replace("<", "").replace(">", "")
    return Envelope(
        sender=newsletter.sender or f"{title} <newsletter@{settings.host}>",
        reply_to=newsletter.reply_to or "",
        subject=issue.subject,
        date=issue.date,
        list_id=newsletter.list_id or f"{newsletter.name}.{settings.host}",
        list_name=title,
        key=issue.key,
        archive_url=archive_url,
    )
