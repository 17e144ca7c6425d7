"""Checks of mails, their HTML, and bundles."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article
from publisher.check.finding import Finding
from publisher.check.message_rules import RULES
from publisher.check.messages import check_bundle, check_html, check_message
from publisher.config.settings import Settings
from publisher.errors import Severity
from publisher.newsletter import MANIFEST, next_issue
from publisher.newsletter.bundle import render_bundle
from publisher.templating import bundled

_NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)


def _bundle() -> dict[str, bytes]:
    settings = Settings.model_validate(
        {"publication": {"title": "Field Notes", "url": "https://notes.example/"}, "newsletters": [{"name": "weekly"}]}
    )
    article = Article(
        id="tag:notes.example,2026:a", title="Größe", url="https://notes.example/a/", summary="One.", published=_NOW
    )
    newsletter = settings.newsletters[0]
    issue = next_issue((article,), (), newsletter, settings.publication, settings.zone, _NOW)
    assert issue is not None
    return dict(render_bundle(issue, settings, newsletter, bundled(), "notes.example,2026", Path()).files)


BUNDLE = _bundle()
MAIL, HTML = BUNDLE["issue.eml"], BUNDLE["issue.html"]


def _rules(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a bundle as it was made."""
    for name, data in BUNDLE.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_what_is_made_here_has_no_findings(folder: Path) -> None:
    assert check_bundle(folder) == []
    assert check_message(MAIL, "issue.eml") == []
    assert check_html(HTML, "issue.html") == []


@pytest.mark.parametrize("name", sorted(set(BUNDLE) - {MANIFEST}))
def test_one_changed_byte_is_found(folder: Path, name: str) -> None:
    data = bytearray(BUNDLE[name])
    data[-5] ^= 1
    (folder / name).write_bytes(bytes(data))
    findings = check_bundle(folder)
    assert "bundle.file.changed" in _rules(findings)
    assert findings[0].problem.path == (folder / name).as_posix()


def test_a_missing_file_is_found(folder: Path) -> None:
    (folder / "issue.txt").unlink()
    assert _rules(check_bundle(folder)) == ["bundle.file.missing"]


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (None, "the manifest is missing"),
        ("{", "the manifest is damaged"),
        ("[]", "the manifest is damaged"),
        ('{"files": []}', "the manifest is damaged"),
        ('{"files": {"issue.txt": 1}}', "the manifest is damaged"),
        ('{"files": {"../x": ""}}', "the manifest names ../x outside the bundle"),
        ('{"files": {"issue.txt": ""}}', "the manifest does not name issue.html, issue.eml, web.html"),
    ],
)
def test_a_damaged_manifest_is_found(folder: Path, manifest: str | None, message: str) -> None:
    (folder / MANIFEST).unlink()
    if manifest is not None:
        (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    (finding,) = check_bundle(folder)
    assert (finding.rule, finding.problem.message) == ("bundle.manifest", message)


def test_a_bundle_is_read_to_its_mail_and_html(folder: Path) -> None:
    changed = {"issue.html": HTML.replace(b'lang="en"', b""), "issue.eml": MAIL.replace(b"To: ", b"X: ")}
    manifest = json.loads(BUNDLE[MANIFEST])
    for name, data in changed.items():
        (folder / name).write_bytes(data)
        manifest["files"][name] = sha256(data).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert _rules(check_bundle(folder)) == ["mail.header.missing", "html.lang"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        (b"To: undisclosed-recipients:;\r\n", b"", "mail.header.missing"),
        (b"To: ", b"To: a@notes.example\r\nTo: ", "mail.header.duplicate"),
        (b"List-Id: ", b"List-Id: <a.notes.example>\r\nList-Id: ", "mail.header.duplicate"),
        (b"\r\nTo: ", b"\nTo: ", "mail.line.ending"),
        (b"\r\nTo: ", b"\rTo: ", "mail.line.ending"),
        (b"\r\n\r\n", b"\r\n\r\n\0", "mail.line.ending"),
        (b"Auto-Submitted: ", b"X-Long: " + b"x" * 1000 + b"\r\nAuto-Submitted: ", "mail.line.length"),
        (b"undisclosed-recipients:;", b"Gr\xc3\xb6\xc3\x9fe:;", "mail.header.control"),
        (b"undisclosed-recipients:;", b"a\x07:;", "mail.header.control"),
        (b"undisclosed-recipients:;", b"a@b@c", "mail.defect"),
        (b"undisclosed-recipients:;", b"<", "mail.defect"),
        (b"Content-Type: ", b"Content-Type: a/b; x*", "mail.defect"),
        (b"From: Field Notes <newsletter@notes.example>", b"From: a@notes.example, b@notes.example", "mail.sender"),
        (b"multipart/alternative", b"multipart/mixed", "mail.parts"),
        (b"text/plain", b"text/html", "mail.parts"),
        (b"charset=utf-8", b"charset=latin-1", "mail.charset"),
        (b"Field Notes: issue", b"=FFField Notes: issue", "mail.charset"),
        (b"quoted-printable", b"8bit", "mail.encoding"),
        (b"Field Notes: issue", b"Field Notes: issue" + b"x" * 70, "mail.encoding"),
        (b' lang=3D"en"', b"", "html.lang"),
    ],
)
def test_a_broken_mail_is_found(old: bytes, new: bytes, rule: str) -> None:
    assert old in MAIL
    assert rule in _rules(check_message(MAIL.replace(old, new, 1), "issue.eml"))


def test_structure_is_checked() -> None:
    boundary = b"b" * 71
    mail = (
        b"Content-Type: multipart/alternative; boundary=" + boundary + b"\r\n\r\n--" + boundary + b"\r\n"
        b"Content-Type: text/plain\r\n\r\n \r\n--" + boundary + b"--\r\n"
    )
    rules = _rules(check_message(mail, "a.eml"))
    assert rules.count("mail.header.missing") == 6
    assert {"mail.boundary", "mail.parts", "mail.text.empty"} <= set(rules)


def test_a_foreign_mail_of_plain_text_has_one_part() -> None:
    assert "mail.parts" in _rules(check_message(b"Subject: a\r\n\r\nHello\r\n", "a.eml"))


@given(st.binary(max_size=300))
def test_any_bytes_can_be_checked(data: bytes) -> None:
    findings = check_message(b"From: " + data, "a.eml") + check_html(data, "a.html")
    assert all(str(finding.problem).startswith("a.") for finding in findings)


_PAGE = b'<!DOCTYPE html><html lang="en"><body>%s</body></html>'


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        (b'<img src="https://notes.example/a.png" width="5">', "html.image.alt"),
        (b'<img src="https://notes.example/a.png" alt="">', "html.image.width"),
        (b'<img src="https://notes.example/a.png" alt="" width="50%">', "html.image.width"),
        (b'<img src="http://notes.example/a.png" alt="" width="5">', "html.image.insecure"),
        (b'<img src="data:image/png;base64,AA" alt="" width="5">', "html.image.source"),
        (b'<img src="a.png" alt="" width="5">', "html.image.source"),
        (b'<a href="">a</a>', "html.link.empty"),
        (b'<a href="#">a</a>', "html.link.empty"),
        (b'<a href="#nowhere">a</a>', "html.link.empty"),
        (b'<a href="/a">a</a>', "html.link.relative"),
        (b'<a href="//notes.example">a</a>', "html.link.relative"),
        (b'<a href="javascript:a()">a</a>', "html.link.scheme"),
        (b'<a href="http://localhost:8000/">a</a>', "html.link.local"),
        (b'<a href="http://127.0.0.1/">a</a>', "html.link.local"),
        (b'<a href="http://[::1]/">a</a>', "html.link.local"),
        (b"<script></script>", "html.active"),
        (b"<form></form>", "html.active"),
        (b"<style>%s</style>" % (b" " * 16_385), "html.style.size"),
        (b" " * 90_001, "html.size.near"),
        (b" " * 100_001, "html.size"),
    ],
)
def test_a_weakness_of_the_html_is_found(html: bytes, rule: str) -> None:
    assert _rules(check_html(_PAGE % html, "issue.html")) == [rule]


@pytest.mark.parametrize(
    "html",
    [
        b'<a name="here"></a><a href="#here">a</a>',
        b'<a href="mailto:ada@notes.example">a</a><a href="http://[">b</a>',
        b'<img src="cid:a" alt="" width="5">',
    ],
)
def test_what_is_well_has_no_findings(html: bytes) -> None:
    assert check_html(_PAGE % html, "issue.html") == []


def test_doctype_and_language_are_needed() -> None:
    assert _rules(check_html(b"<html><body>a</body></html>", "issue.html")) == ["html.doctype", "html.lang"]
    assert _rules(check_html(b"", "issue.html")) == ["html.unreadable"]


def test_findings_say_where_and_what_to_do() -> None:
    (finding,) = check_html(_PAGE % b'\n<a href="/a">a</a>', "issue.html")
    assert str(finding.problem) == (
        'issue.html:2: the link "/a" is relative; write the whole address; a mail has no page to start from'
    )


def test_advice_is_no_error() -> None:
    assert {name for name, rule in RULES.items() if rule.severity is Severity.NOTE} == {
        "html.size.near",
        "html.image.insecure",
        "html.link.local",
    }
