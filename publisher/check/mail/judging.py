"""Which rules apply to a file, and in which order: to a mail, to its HTML, to the files of a bundle."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from publisher.check.clients import hits as client_hits
from publisher.check.finding import Finding
from publisher.check.mail.bundle import (
    article_hits,
    file_hits,
    lost_in_page,
    lost_in_text,
    mail_hits,
    read_bundle,
    read_manifest,
    subjects_beside,
    unlisted,
    web_hits,
)
from publisher.check.mail.contrast import contrast_hits
from publisher.check.mail.findings import MailHit, told, without
from publisher.check.mail.leftovers import Quoted, leftover_hits, quoted_in, reader_hits
from publisher.check.mail.links import link_hits
from publisher.check.mail.message import Contents, contents, message_hits
from publisher.check.mail.mime import read
from publisher.check.mail.page import Page, page_of
from publisher.check.mail.pictures import picture_hits
from publisher.check.mail.structure import structure_hits, title_of
from publisher.check.mail.text import text_hits
from publisher.check.mail.wording import (
    Named,
    has_postal_address,
    hidden_hits,
    length_hits,
    preheader_hits,
    subject_hits,
)
from publisher.check.rule import Rule
from publisher.config.settings import CheckSettings
from publisher.markup.characters import line as one_line
from publisher.newsletter.manifest import MANIFEST, SENT, Manifest
from publisher.newsletter.slots import UNSUBSCRIBE

_DEFAULT = CheckSettings()
#: Bytes of HTML that are looked at; ten times what a mail may have.
_LARGEST = 1_000_000
#: Of one bundle, no more are told than somebody would read.
_MOST_FINDINGS = 500


def check_message(data: bytes, path: str, check: CheckSettings = _DEFAULT) -> list[Finding]:
    """Check a mail, ours or foreign: its header, its two parts, and what they say.

    Args:
        data: the whole file.
        path: its name, for the problems.
        check: whose mail programs count, and which rules do not.

    Raises:
        UnknownClient: nothing is known of one of the mail programs.
    """
    mail = read(data)
    said = contents(mail)
    findings = told(message_hits(data, mail), path)
    page = _page(said.html.encode()) if said.html is not None else None
    quoted = quoted_in(page)
    hits = [*(subject_hits(said.subject, (), quoted) if mail.fields else ()), *_text_hits(said, page)]
    if said.html is not None:
        hits += _html_hits(said.html.encode(), page, check, quoted, said)
    # Lines of the parts are no lines of the file.
    return without([*findings, *told(hits, path, page.titles if page else {}, lines=False)], check.ignore)


def check_html(data: bytes, path: str, check: CheckSettings = _DEFAULT) -> list[Finding]:
    """Check the HTML of a mail.

    Args:
        data: the whole file, UTF-8.
        path: its name, for the problems.
        check: whose mail programs count, and which rules do not.

    Raises:
        UnknownClient: nothing is known of one of the mail programs.
    """
    page = _page(data)
    return without(
        told(_html_hits(data, page, check, quoted_in(page)), path, page.titles if page else {}), check.ignore
    )


def check_bundle(folder: Path, check: CheckSettings = _DEFAULT, past: Iterable[Named] | None = None) -> list[Finding]:
    """Check that a bundle is the one that was made, that its files agree, and its mail.

    Of an issue that has left, only what touches the bundle as such is told: its mail can be mended no more.

    Args:
        folder: `issues/NEWSLETTER/KEY`; problems name the files below it as it is given.
        check: whose mail programs count, and which rules do not.
        past: the newsletter's issues; those that lie beside the bundle where absent.

    Raises:
        UnknownClient: nothing is known of one of the mail programs.
    """
    files, place = read_bundle(folder), folder.as_posix()
    manifest, _ = read_manifest(files.get(MANIFEST))
    others = unlisted(folder, manifest) if manifest else []
    findings = [finding for name in others for finding in told([MailHit("bundle.file.unlisted")], f"{place}/{name}")]
    beside = subjects_beside(folder) if past is None else past
    findings = [*check_files(files, place, check, beside), *without(findings, check.ignore)]
    left = (folder / SENT).exists()
    return [finding for finding in findings if not left or finding.rule.startswith("bundle.")]


def check_files(
    files: Mapping[str, bytes], place: str, check: CheckSettings = _DEFAULT, past: Iterable[Named] = ()
) -> list[Finding]:
    """Check the files of a bundle, which need not be on disk.

    Args:
        files: by their names in the bundle, the manifest among them.
        place: the bundle's folder, for the problems.
        check: whose mail programs count, and which rules do not.
        past: the newsletter's issues; those of lower numbers must have had other subjects.

    Raises:
        UnknownClient: nothing is known of one of the mail programs.
    """
    manifest, fault = read_manifest(files.get(MANIFEST))
    findings = told([MailHit("bundle.manifest", fault)] if fault else [], f"{place}/{MANIFEST}")
    if manifest:
        titles = {number: one_line(title) for number, (title, *_) in enumerate(manifest.articles, start=1)}
        by_file = {name: list(file_hits(files.get(name), digest)) for name, digest in manifest.files.items()}
        for name, hits in _content_hits(files, manifest, check, past):
            by_file[name] += hits
        for name in sorted(by_file):
            findings += told(by_file[name], f"{place}/{name}", titles)
            if len(findings) > _MOST_FINDINGS:
                findings += told([MailHit("bundle.more", f"{len(by_file):,}")], f"{place}/{MANIFEST}")
                break
    return without(findings, check.ignore)


def _content_hits(
    files: Mapping[str, bytes], manifest: Manifest, check: CheckSettings, past: Iterable[Named]
) -> Iterator[tuple[str, list[MailHit]]]:
    """Yield what is said wrongly in those files that are there, by their names."""
    html = files.get("issue.html")
    page, web = (None if data is None else _page(data) for data in (html, files.get("web.html")))
    text = files.get("issue.txt", b"").decode("utf-8", "replace")
    eml = files.get("issue.eml")
    mail = None if eml is None else read(eml)
    preheader = "" if "preheader" in manifest.given else manifest.preheader
    quoted = quoted_in(page, (article.title for article in manifest.articles), preheader)
    said = Contents(manifest.subject, text, None, frozenset()) if mail is None else contents(mail)
    if eml is not None and mail is not None:
        earlier = [one for one in past if (one.number, one.key) < (manifest.number, manifest.key)]
        hits = [*message_hits(eml, mail, listed=True), *mail_hits(mail, said, manifest, files)]
        yield "issue.eml", [*hits, *subject_hits(said.subject if mail.fields else manifest.subject, earlier, quoted)]
    if html is not None:
        yield "issue.html", [*_html_hits(html, page, check, quoted, said), *_list_hits(page, manifest)]
    if "issue.txt" in files:
        hits = [*text_hits(text, page), *article_hits(lost_in_text(text, manifest), manifest, whole=False)]
        missing = [] if UNSUBSCRIBE in text else [MailHit("mail.text.unsubscribe")]
        yield "issue.txt", [*hits, *missing]
    if web is None and "web.html" in files:
        yield "web.html", [MailHit("web.empty")] if not files["web.html"].strip() else []
    if web is not None:
        yield "web.html", [*web_hits(web, manifest), *article_hits(lost_in_page(web, manifest), manifest, whole=True)]


def _page(data: bytes) -> Page | None:
    return page_of(data) if len(data) <= _LARGEST else None


def _text_hits(said: Contents, page: Page | None) -> Iterator[MailHit]:
    # The part's own emptiness has been told.
    if said.text is not None and said.text.strip():
        yield from text_hits(said.text, page)


def _html_hits(
    data: bytes, page: Page | None, check: CheckSettings, quoted: Quoted, said: Contents | None = None
) -> Iterator[MailHit]:
    """Yield the broken rules of a mail's HTML; what the mail says around it is None where it is not at hand."""
    if page is None:
        yield MailHit("html.size", f"{len(data):,}") if len(data) > _LARGEST else MailHit("html.unreadable")
        return
    yield from structure_hits(page)
    if said and title_of(page) and title_of(page) != one_line(said.subject):
        yield MailHit("html.title.other", f'"{title_of(page)[:80]}"')
    yield from preheader_hits(page, said.subject if said else None)
    yield from leftover_hits(page, quoted)
    yield from reader_hits(page)
    yield from length_hits(page)
    yield from link_hits(page)
    yield from picture_hits(page, said.attached if said else None)
    yield from contrast_hits(page)
    yield from hidden_hits(page)
    for hit in client_hits(page.root, check.clients):
        words = Rule("{}", hit.cure, hit.severity)
        yield MailHit(hit.rule, hit.message, hit.line, page.articles.get(hit.element, 0), hit.clients, words)


def _list_hits(page: Page | None, manifest: Manifest) -> Iterator[MailHit]:
    if page is None:
        return
    if not any(element.get("href") == UNSUBSCRIBE for element in page.elements):
        yield MailHit("html.unsubscribe")
    if not has_postal_address(page):
        yield MailHit("html.postal-address")
    yield from article_hits(lost_in_page(page, manifest), manifest, whole=False)
