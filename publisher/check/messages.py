"""Checks of mails, of their HTML and of bundles; offline and without trust in the files."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from hashlib import sha256
from pathlib import Path

from publisher.check.feed_rules import Hit
from publisher.check.finding import Finding
from publisher.check.message_html import html_hits
from publisher.check.message_rules import RULES
from publisher.errors import Problem
from publisher.files import read_file
from publisher.newsletter import MANIFEST

#: The most that is read of a file of a bundle, in bytes.
_LARGEST = 64 * 1024 * 1024
_ONCE = ("Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type")
_AT_MOST_ONCE = (*_ONCE, "Sender", "Reply-To", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted")
_ODD_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")
# All but tab and printable ASCII; line ends are gone by then.
_NOT_IN_HEADERS = re.compile(rb"[^\t\x20-\x7e]")
_LONGEST_LINE = 998
_LONGEST_ENCODED_LINE = 76
_LONGEST_BOUNDARY = 70
_FILES = ("issue.html", "issue.txt", "issue.eml", "web.html")


def check_message(data: bytes, path: str) -> list[Finding]:
    """Check a mail, ours or foreign: its header, its two parts, and its HTML.

    Args:
        data: the whole file.
        path: its name, for the problems.
    """
    return _told([*_message_hits(data), *_parsed_hits(data, _html_part_hits)], path)


def check_html(data: bytes, path: str) -> list[Finding]:
    """Check the HTML of a mail.

    Args:
        data: the whole file, UTF-8.
        path: its name, for the problems.
    """
    return _told(html_hits(data), path)


def check_bundle(folder: Path) -> list[Finding]:
    """Check that a bundle is the one that was made, and its mail and HTML.

    Args:
        folder: `issues/NEWSLETTER/KEY`; problems name the files below it as it is given.
    """
    place = folder.as_posix()
    manifest, reason = _manifest(folder)
    if reason:
        return _told([Hit("bundle.manifest", reason)], f"{place}/{MANIFEST}")
    findings: list[Finding] = []
    for name, expected in sorted(manifest.items()):
        data = _bytes(folder / name)
        findings += _told(_file_hits(name, data, expected), f"{place}/{name}")
    return findings


def _told(hits: Iterable[Hit], path: str) -> list[Finding]:
    return [
        Finding(hit.rule, Problem(path, RULES[hit.rule].message.format(hit.what), rule.cure, hit.line, rule.severity))
        for hit in hits
        for rule in (RULES[hit.rule],)
    ]


def _message_hits(data: bytes) -> Iterator[Hit]:
    yield from _line_hits(data)
    header = data.partition(b"\r\n\r\n")[0]
    if _NOT_IN_HEADERS.search(header.replace(b"\r\n", b"")):
        yield Hit("mail.header.control", "")
    yield from _parsed_hits(data, _structure_hits)


def _parsed_hits(data: bytes, rules: Callable[[EmailMessage], Iterator[Hit]]) -> Iterator[Hit]:
    try:
        yield from rules(message_from_bytes(data, policy=default))
    except Exception:  # noqa: BLE001 - the standard parser raises whatever it stumbles over
        yield Hit("mail.defect", "a field of it cannot be parsed")


def _line_hits(data: bytes) -> Iterator[Hit]:
    odd = _ODD_LINE_END.search(data)
    if odd:
        names = {b"\r": "a line ends in CR alone", b"\n": "a line ends in LF alone", b"\0": "there is a NUL byte"}
        yield Hit("mail.line.ending", names[odd[0]], data.count(b"\n", 0, odd.start()) + 1)
    for number, line in enumerate(data.splitlines(), start=1):
        if len(line) > _LONGEST_LINE:
            yield Hit("mail.line.length", f"line {number}", number)


def _header_hits(mail: EmailMessage) -> Iterator[Hit]:
    count = Counter(name.lower() for name, _ in mail.raw_items())
    yield from (Hit("mail.header.missing", name) for name in _ONCE if not count[name.lower()])
    yield from (Hit("mail.header.duplicate", name) for name in _AT_MOST_ONCE if count[name.lower()] > 1)
    senders = mail["From"].addresses if count["from"] == 1 else ()
    if count["from"] == 1 and len(senders) != 1:
        yield Hit("mail.sender", f"{len(senders)} addresses")


def _defects(mail: EmailMessage) -> Iterator[str]:
    for part in mail.walk():
        yield from (type(defect).__name__ for defect in part.defects)
        for name, value in part.items():
            yield from (f"{name}: {defect}" for defect in getattr(value, "defects", ()))


def _structure_hits(mail: EmailMessage) -> Iterator[Hit]:
    yield from _header_hits(mail)
    yield from (Hit("mail.defect", what) for what in sorted(set(_defects(mail))))
    yield from _alternative_hits(mail)
    for part in mail.walk():
        if part.get_content_type() in ("text/plain", "text/html"):
            yield from _part_hits(part)


def _alternative_hits(mail: EmailMessage) -> Iterator[Hit]:
    kinds = [part.get_content_type() for part in mail.iter_parts()] if mail.is_multipart() else []
    if mail.get_content_type() != "multipart/alternative" or len(kinds) < 2:
        yield Hit("mail.parts", "it does not offer text and HTML to choose from")
    elif kinds[0] != "text/plain" or kinds[-1] not in ("text/html", "multipart/related"):
        yield Hit("mail.parts", f"its parts are {', '.join(kinds)}")
    boundary = mail.get_boundary() or ""
    if len(boundary) > _LONGEST_BOUNDARY:
        yield Hit("mail.boundary", str(len(boundary)))


def _part_hits(part: EmailMessage) -> Iterator[Hit]:
    kind = part.get_content_type()
    encoding = str(part.get("Content-Transfer-Encoding", "7bit")).lower()
    lines = str(part.get_payload()).splitlines()
    if encoding not in ("quoted-printable", "base64", "7bit"):
        yield Hit("mail.encoding", f"the {kind} part is sent as {encoding}")
    elif encoding != "7bit" and any(len(line) > _LONGEST_ENCODED_LINE for line in lines):
        yield Hit("mail.encoding", f"the {kind} part has encoded lines of more than 76 characters")
    content = _content(part)
    if (part.get_content_charset() or "us-ascii") not in ("utf-8", "us-ascii") or not _is_utf8(content):
        yield Hit("mail.charset", kind)
    if kind == "text/plain" and not content.strip():
        yield Hit("mail.text.empty", "")


def _content(part: EmailMessage) -> bytes:
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _html_part_hits(mail: EmailMessage) -> Iterator[Hit]:
    for part in mail.walk():
        if part.get_content_type() == "text/html":
            # Lines of the part are no lines of the file.
            yield from (Hit(hit.rule, hit.what) for hit in html_hits(_content(part)))


def _manifest(folder: Path) -> tuple[Mapping[str, str], str]:
    """Return the hash of each file by its name, or a reason why they are not known."""
    data = _bytes(folder / MANIFEST)
    if data is None:
        return {}, "is missing"
    try:
        hashes = json.loads(data)["files"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return {}, "is damaged"
    if not isinstance(hashes, dict) or not all(isinstance(value, str) for value in hashes.values()):
        return {}, "is damaged"
    odd = [name for name in hashes if Path(name).name != name]
    unlisted = [name for name in _FILES if name not in hashes]
    if odd or unlisted:
        return {}, f"names {', '.join(odd)} outside the bundle" if odd else f"does not name {', '.join(unlisted)}"
    return hashes, ""


def _file_hits(name: str, data: bytes | None, expected: str) -> Iterator[Hit]:
    if data is None:
        yield Hit("bundle.file.missing", "")
        return
    if sha256(data).hexdigest() != expected:
        yield Hit("bundle.file.changed", "")
    if name == "issue.html":
        yield from html_hits(data)
    elif name == "issue.eml":  # its HTML is issue.html
        yield from _message_hits(data)


def _bytes(path: Path) -> bytes | None:
    try:
        return read_file(path, _LARGEST)
    except OSError:
        return None
