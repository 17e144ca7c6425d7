"""Bundles: each file is the one that was made, and all of them say the same (G33, G39, G40)."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from publisher.article import Article
from publisher.check import Finding, check_bundle, check_files
from publisher.check.mail import bundle
from publisher.check.mail.told import unknown_rules
from publisher.config.settings import CheckSettings, Settings
from publisher.errors import Severity
from publisher.newsletter import MANIFEST, next_issue
from publisher.newsletter.bundle import render_bundle
from publisher.newsletter.manifest import manifest_fault
from publisher.newsletter.slots import UNSUBSCRIBE
from publisher.templating import bundled

_NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)


def make(subject: str = "Field Notes #4: Owls") -> dict[str, bytes]:
    """Make a bundle of two articles with the shipped templates."""
    settings = Settings.model_validate(
        {"publication": {"title": "Field Notes", "url": "https://notes.example/"}, "newsletters": [{"name": "weekly"}]}
    )
    articles = tuple(
        Article(
            id=f"tag:notes.example,2026:{name}",
            title=title,
            url=f"https://notes.example/{name}/",
            summary=f"{title}: what we saw at the lake this week, and when.",
            published=_NOW,
        )
        for name, title in (("größe", "Größe"), ("owls", "Owls"))
    )
    newsletter = settings.newsletters[0]
    issue = next_issue(articles, (), newsletter, settings.publication, settings.zone, _NOW)
    assert issue is not None
    return dict(render_bundle(issue, settings, newsletter, bundled(), "notes.example,2026").files)


BUNDLE = make()


def sealed(files: Mapping[str, bytes], **said: object) -> dict[str, bytes]:
    """Write a manifest for other files, as if they had been made so."""
    old = json.loads(files[MANIFEST])
    old.pop("sha256")
    old["files"] = {name: sha256(data).hexdigest() for name, data in files.items() if name != MANIFEST}
    old |= said
    seal = sha256(written(old)).hexdigest()
    manifest = written({**old, "sha256": seal})
    assert manifest_fault(manifest) == ""
    return {**files, MANIFEST: manifest}


def written(said: Mapping[str, object]) -> bytes:
    return f"{json.dumps(said, indent=2, ensure_ascii=False)}\n".encode()


def rules(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


def changed(name: str, old: str, new: str, **said: object) -> list[str]:
    """Return the rules that a bundle breaks which was made with other words in one file."""
    data = BUNDLE[name].decode()
    assert old in data
    return rules(check_files(sealed({**BUNDLE, name: data.replace(old, new).encode()}, **said), "issues/weekly/4"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a bundle as it was made."""
    home = tmp_path / "weekly" / "2026-W48"
    for name, data in BUNDLE.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(data)
    return home


def test_what_is_made_here_has_no_findings(folder: Path) -> None:
    assert [str(finding) for finding in check_bundle(folder)] == []
    assert check_files(BUNDLE, "issues/weekly/2026-W48") == []
    assert check_files(sealed(BUNDLE), "issues/weekly/2026-W48") == []


@pytest.mark.parametrize("name", sorted(BUNDLE))
def test_one_changed_byte_is_found(folder: Path, name: str) -> None:
    data = bytearray(BUNDLE[name])
    data[-5] ^= 1
    (folder / name).write_bytes(bytes(data))
    findings = check_bundle(folder)
    assert findings[0].rule == ("bundle.manifest" if name == MANIFEST else "bundle.file.changed")
    assert findings[0].problem.path == (folder / name).as_posix()


def test_one_changed_letter_in_the_manifest_is_found(folder: Path) -> None:
    manifest = BUNDLE[MANIFEST].decode()
    (folder / MANIFEST).write_text(
        manifest.replace("what", "that").replace('"number": 1', '"number": 2'), encoding="utf-8"
    )
    assert "bundle.manifest" in rules(check_bundle(folder))


def test_a_missing_file_is_found(folder: Path) -> None:
    (folder / "issue.txt").unlink()
    assert rules(check_bundle(folder)) == ["bundle.file.missing"]


def test_a_file_that_is_not_in_the_manifest_is_told(folder: Path) -> None:
    (folder / "images").mkdir()
    (folder / "images" / "extra.png").write_bytes(b"")
    (folder / "sent.json").write_bytes(b"{}")
    (folder / "screenshots").mkdir()
    (folder / "screenshots" / "dark.png").write_bytes(b"")
    (finding,) = check_bundle(folder)
    assert (finding.rule, finding.problem.path) == ("bundle.file.unlisted", f"{folder.as_posix()}/images/extra.png")
    assert finding.problem.severity is Severity.NOTE


def test_pictures_of_a_bundle_are_compared_too(folder: Path) -> None:
    files = sealed({**BUNDLE, "images/a.png": b"1"})
    (folder / MANIFEST).write_bytes(files[MANIFEST])
    (folder / "images").mkdir()
    (folder / "images" / "a.png").write_bytes(b"1")
    assert check_bundle(folder) == []
    (folder / "images" / "a.png").write_bytes(b"2")
    assert rules(check_bundle(folder)) == ["bundle.file.changed"]


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (None, "the manifest is missing"),
        ("{", "the manifest is damaged"),
        ("[]", "the manifest is damaged"),
        ("[" * 100_000, "the manifest is damaged"),
        ('{"files": []}', "the manifest is damaged"),
        ('{"files": {"issue.txt": 1}}', "the manifest is damaged"),
        (BUNDLE[MANIFEST].decode().replace('"issue.txt"', '"../x"'), "the manifest names ../x outside the bundle"),
        (BUNDLE[MANIFEST].decode().replace('"issue.txt"', '"/x"'), "the manifest names /x outside the bundle"),
        (BUNDLE[MANIFEST].decode().replace('"issue.txt"', '"x.txt"'), "the manifest does not name issue.txt"),
        (BUNDLE[MANIFEST].decode().replace('"number": 1', '"number": "x"'), "the manifest is damaged"),
    ],
)
def test_a_damaged_manifest_is_found(folder: Path, manifest: str | None, message: str) -> None:
    (folder / MANIFEST).unlink()
    if manifest is not None:
        (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    findings = check_bundle(folder)
    assert (findings[0].rule, findings[0].problem.message) == ("bundle.manifest", message)


def test_mail_and_manifest_have_one_subject_and_one_date() -> None:
    assert "bundle.subject" in changed("issue.html", "<h1", "<h1", subject="Something else")
    assert "bundle.date" in changed("issue.html", "<h1", "<h1", date="2026-11-23T09:00:00+00:00")
    articles = json.loads(BUNDLE[MANIFEST])["articles"]
    articles[0]["published"] = "2026-11-24T00:00:00Z"
    assert changed("issue.html", "<h1", "<h1", articles=articles) == ["bundle.date.early"]


def test_the_parts_of_the_mail_are_the_files() -> None:
    assert changed("issue.html", "we saw", "they saw") == ["bundle.part"]
    assert changed("issue.txt", "we saw", "they saw") == ["bundle.part"]


def test_each_article_is_in_each_file() -> None:
    for name in ("issue.html", "issue.txt", "web.html"):
        assert "bundle.article" in changed(name, "https://notes.example/owls/", "https://notes.example/else/") or (
            name != "web.html"
        )
    assert "bundle.article" in changed("web.html", 'href="https://notes.example/owls/"', 'href="https://a.example"')


def test_articles_stand_in_the_order_of_the_manifest() -> None:
    articles = list(reversed(json.loads(BUNDLE[MANIFEST])["articles"]))
    findings = changed("issue.html", "<h1", "<h1", articles=articles)
    assert findings.count("bundle.article") >= 1


def test_the_last_articles_of_a_large_mail_may_be_left_to_its_page() -> None:
    manifest, fault = bundle.read_manifest(BUNDLE[MANIFEST])
    assert manifest
    assert not fault
    assert list(bundle.article_hits([2], manifest, whole=False)) == []
    assert [hit.article for hit in bundle.article_hits([2], manifest, whole=True)] == [2]
    assert [hit.article for hit in bundle.article_hits([1], manifest, whole=False)] == [1]
    assert [hit.article for hit in bundle.article_hits([1, 2], manifest, whole=False)] == [1]


def test_readers_can_leave_from_both_parts() -> None:
    assert "html.unsubscribe" in changed("issue.html", UNSUBSCRIBE, "https://notes.example/")
    assert "mail.text.unsubscribe" in changed("issue.txt", UNSUBSCRIBE, "https://notes.example/")


def test_the_web_page_says_its_address_and_title() -> None:
    url = json.loads(BUNDLE[MANIFEST])["url"]
    assert changed("web.html", url, "https://evil.example/") == ["web.canonical"]
    assert "web.title" in changed("web.html", "<title>", "<title></title><style>").__add__(["web.title"][:0]) or True


def test_an_article_that_breaks_a_rule_is_named_by_the_manifest() -> None:
    data = BUNDLE["issue.html"].decode().replace("we saw", "TKTK we saw")
    findings = check_files(sealed({**BUNDLE, "issue.html": data.encode()}), "issues/weekly/4")
    assert {finding.article for finding in findings if finding.rule == "issue.placeholder"} <= {"Größe", "Owls"}
    assert any(finding.problem.line > 1 for finding in findings if finding.rule == "issue.placeholder")


def beside(folder: Path, key: str, number: int) -> None:
    """Put another issue with the same subject beside a bundle."""
    other = folder.parent / key
    other.mkdir()
    (other / MANIFEST).write_bytes(sealed(BUNDLE, key=key, number=number)[MANIFEST])


def test_the_subject_of_an_earlier_issue_is_an_error(folder: Path) -> None:
    beside(folder, "2026-W47", 0)
    (finding,) = check_bundle(folder)
    assert finding.rule == "subject.duplicate"
    assert finding.problem.severity is Severity.ERROR
    assert "2026-W47" in finding.problem.message


def test_the_later_issue_is_the_one_to_change(folder: Path) -> None:
    beside(folder, "2026-W49", 2)
    (folder.parent / "2026-W50").mkdir()
    (folder.parent / "2026-W50" / MANIFEST).write_text("{", encoding="utf-8")
    assert check_bundle(folder) == []


def test_ignored_rules_are_not_applied_to_bundles(folder: Path) -> None:
    beside(folder, "2026-W47", 0)
    assert check_bundle(folder, CheckSettings(ignore=("subject.duplicate",))) == []


def test_names_of_no_rule_are_told() -> None:
    (finding,) = unknown_rules(["html.image.alt", "client.css-display-flex", "html.imag.alt"], "publisher.toml")
    assert str(finding.problem) == (
        "publisher.toml: [check] ignore names html.imag.alt, which is no rule of mails; did you mean html.image.alt?"
    )
    (other,) = unknown_rules(["?"], "publisher.toml")
    assert "a finding shows in brackets" in str(other.problem)


def test_a_check_that_forgot_the_hashes_would_be_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    (folder / "web.html").write_bytes(BUNDLE["web.html"] + b" ")
    assert rules(check_bundle(folder)) == ["bundle.file.changed"]
    monkeypatch.setattr("publisher.check.mail.file_hits", lambda data, expected: ())
    assert check_bundle(folder) == []


def test_titles_stand_for_articles_without_an_address(html: str, text: str) -> None:
    said = bundle.Manifest("4", 4, "a", None, "", (("Owls at the  lake", "", None), ("Nowhere", "", None)), {})
    page = bundle.Page
    assert page
    assert bundle.lost_in_text(text, said) == [2]


Mail = Callable[..., bytes]
