"""Rules for bundles: each file is the one that was made, and all of them say the same."""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote, unquote

from lxml import etree

from publisher.check.mail.encoded import decoded
from publisher.check.mail.fields import moment
from publisher.check.mail.findings import MailHit
from publisher.check.mail.message import Contents
from publisher.check.mail.mime import Part
from publisher.check.mail.page import Page, text_of
from publisher.check.mail.structure import title_of
from publisher.check.values import shown
from publisher.files import read_file
from publisher.markup.characters import line as one_line
from publisher.newsletter import manifest as manifests
from publisher.newsletter.limits import LONGEST_ADDRESS
from publisher.newsletter.manifest import MANIFEST, SENT, Manifest, manifest_fault

#: The files that every bundle has.
FILES = ("issue.html", "issue.txt", "issue.eml", "web.html")
#: Pictures of the issue and the report of how it was sent: they are made later and say nothing that readers see.
_UNNAMED = ("screenshots", "report.html")
_MOST_UNLISTED = 50
#: Signs that addresses keep as they are (RFC 3986 §2.2), and the percent sign.
_RESERVED = "!#$%&'()*+,/:;=?@[]~"
_SPACE = re.compile(r"\s+")


def read_manifest(data: bytes | None) -> tuple[Manifest | None, str]:
    """Read a manifest.

    Returns:
        The manifest, None where it cannot be understood; and what is wrong with it, empty where nothing is.
    """
    if data is None:
        return None, "is missing"
    try:
        manifest = manifests.read(data)
    except manifests.Unreadable as error:
        return None, str(error)
    unlisted = [name for name in FILES if name not in manifest.files]
    if unlisted:
        return None, f"does not name {', '.join(unlisted)}"
    return manifest, manifest_fault(data)


def read_bundle(folder: Path) -> dict[str, bytes]:
    """Read the files of a bundle that its manifest names, and the manifest; what cannot be read is left out."""
    files: dict[str, bytes] = {}
    with suppress(OSError):
        files[MANIFEST] = read_file(folder / MANIFEST)
    manifest, _ = read_manifest(files.get(MANIFEST))
    for name in manifest.files if manifest else ():
        with suppress(OSError):
            files[name] = read_file(folder / name)
    return files


def subjects_beside(folder: Path) -> tuple[Manifest, ...]:
    """Read the manifests of all issues of the newsletter that a bundle belongs to; those that are damaged are left out."""
    found = []
    for path in sorted(folder.absolute().parent.glob(f"*/{MANIFEST}")):
        with suppress(OSError):
            manifest, _ = read_manifest(read_file(path))
            found += [manifest] if manifest else []
    return tuple(found)


def unlisted(folder: Path, manifest: Manifest) -> list[str]:
    """Return names of files that lie in a bundle and are not in its manifest."""
    found: list[str] = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        known = name in manifest.files or name in (MANIFEST, SENT) or name.partition("/")[0] in _UNNAMED
        if not known and (path.is_symlink() or not path.is_dir()):
            found.append(name)
        if len(found) >= _MOST_UNLISTED:
            break
    return found


def file_hits(data: bytes | None, expected: str) -> Iterator[MailHit]:
    """Yield whether a file is the one that was made."""
    if data is None:
        yield MailHit("bundle.file.missing")
    elif sha256(data).hexdigest() != expected:
        yield MailHit("bundle.file.changed")


def mail_hits(mail: Part, said: Contents, manifest: Manifest, files: Mapping[str, bytes]) -> Iterator[MailHit]:
    """Yield where the mail says something else than the manifest and the other files."""
    if mail.fields and one_line(decoded(mail.first("subject"))) != one_line(manifest.subject):
        yield MailHit("bundle.subject", shown(decoded(mail.first("subject"))))
    dated = moment(mail.first("date"))
    if dated and dated != manifest.date.replace(microsecond=0):
        yield MailHit("bundle.date", shown(mail.first("date")))
    newest = max((article.published for article in manifest.articles if article.published), default=None)
    if dated and newest and dated < newest.replace(microsecond=0):
        yield MailHit("bundle.date.early", shown(mail.first("date")))
    for kind, name, content in (("text", "issue.txt", said.text), ("HTML", "issue.html", said.html)):
        whole = files.get(name)
        if whole is not None and (content or "").strip() != whole.decode("utf-8", "replace").strip():
            yield MailHit("bundle.part", kind)


def lost_in_page(page: Page, manifest: Manifest) -> list[int]:
    """Return the numbers of the articles that a page does not have in their order, each by its link or its title."""
    places: dict[str, list[int]] = {}
    for place, element in enumerate(page.elements):
        if element.tag == "a":
            places.setdefault(unquote(element.get("href", "")), []).append(place)

    def find(url: str, start: int) -> int:
        known = places.get(url, [])
        index = bisect_left(known, start)
        return known[index] if index < len(known) else -1

    return _lost(manifest, page.read, find)


def lost_in_text(text: str, manifest: Manifest) -> list[int]:
    """Return the numbers of the articles that a text does not have in their order, each by its address or its title."""
    return _lost(manifest, text, unquote(text).find)


def _lost(manifest: Manifest, text: str, find: Callable[[str, int], int]) -> list[int]:
    squeezed = _SPACE.sub("", text)
    lost, start = [], 0
    for number, (title, url, *_) in enumerate(manifest.articles, start=1):
        # Programs write the same address with and without percent signs.
        linked = bool(url) and len(quote(url, safe=_RESERVED, errors="replace")) <= LONGEST_ADDRESS
        place = find(unquote(url), start) if linked else start
        if place < 0 or (not linked and _SPACE.sub("", title) not in squeezed):
            lost.append(number)
        else:
            start = place
    return lost


def article_hits(lost: Sequence[int], manifest: Manifest, *, whole: bool) -> Iterator[MailHit]:
    """Yield the first article that is lost.

    Args:
        lost: numbers of the articles that were not found.
        manifest: names all of them.
        whole: whether none may be left out; the last ones of a large mail are left to its web page.
    """
    count = len(manifest.articles)
    left = manifest.url and list(lost) == list(range(count - len(lost) + 1, count + 1)) and len(lost) < count
    if lost and (whole or not left):
        yield MailHit("bundle.article", shown(manifest.articles[lost[0] - 1].title), 0, lost[0])


def web_hits(page: Page, manifest: Manifest) -> Iterator[MailHit]:
    """Yield what is wrong with the head of the issue's web page."""
    if not title_of(page):
        yield MailHit("web.title")
    canonical = [_address(link) for link in page.root.iter("link") if link.get("rel", "").lower() == "canonical"]
    if manifest.url and canonical != [manifest.url]:
        yield MailHit("web.canonical", manifest.url)


def _address(link: etree._Element) -> str:
    return (link.get("href") or text_of(link)).strip()
