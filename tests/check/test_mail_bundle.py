"""Bundles: each file is the one that was made, and all of them say the same (G33, G39, G40)."""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from publisher import Publication
from publisher.check import Finding, check_bundle, check_files, check_html
from publisher.check.mail import bundle
from publisher.check.mail.findings import known_rules
from publisher.check.mail.page import page_of
from publisher.check.mail.rules import RULES
from publisher.config.settings import CheckSettings
from publisher.errors import Severity
from publisher.newsletter.manifest import MANIFEST, Listed, manifest_fault, read
from publisher.newsletter.slots import UNSUBSCRIBE

ROOT = Path(__file__).resolve().parents[2]
PLACE = "issues/weekly/2026-W48"
_SECOND_HTML = """<!-- end of article 1 -->
<a name="article-2"></a><h2><a class="link" style="color: #1a5276" href="https://notes.example/gr%C3%B6%C3%9Fe/">Größe</a></h2>
<p>How we saw it.</p>
<!-- end of article 2 -->"""
_SECOND_TEXT = """before.

Größe
https://notes.example/größe/

How we saw it."""
_ARTICLES: list[dict[str, str | None]] = [
    {
        "title": "Owls at the lake",
        "url": "https://notes.example/owls/",
        "published": "2026-11-20T07:00:00Z",
        "id": "tag:a",
    },
    {"title": "Größe", "url": "https://notes.example/größe/", "published": None, "id": "tag:b"},
]
_SAID = {
    "format": 1,
    "key": "2026-W48",
    "number": 4,
    "subject": "Field Notes #4: Owls",
    "date": "2026-11-23T07:00:00Z",
    "since": "2026-11-16T07:00:00Z",
    "url": "https://notes.example/feeds/issues/weekly/2026-W48.html",
    "articles": _ARTICLES,
}


def written(said: Mapping[str, object]) -> bytes:
    return f"{json.dumps(said, indent=2, ensure_ascii=False)}\n".encode()


def sealed(files: Mapping[str, bytes], /, **said: object) -> dict[str, bytes]:
    """Add the manifest of files, as if they had been made so."""
    hashes = {name: sha256(data).hexdigest() for name, data in files.items() if name != MANIFEST}
    whole = {**_SAID, "files": hashes, **said}
    manifest = written({**whole, "sha256": sha256(written(whole)).hexdigest()})
    assert manifest_fault(manifest) == ""
    return {**files, MANIFEST: manifest}


@pytest.fixture(scope="module")
def files(html: str, text: str, mail: Callable[..., bytes]) -> dict[str, bytes]:
    """Return the files of a sound bundle of two articles."""
    whole = html.replace("<!-- end of article 1 -->", _SECOND_HTML)
    plain = text.replace("before.", _SECOND_TEXT)
    web = whole.replace("<title>", f'<link rel="canonical" href="{_SAID["url"]}"><title>')
    made = {"issue.html": whole, "issue.txt": plain, "web.html": web}
    return sealed({**{name: said.encode() for name, said in made.items()}, "issue.eml": mail(whole, plain)})


def rules(findings: list[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


Changed = Callable[..., list[str]]


@pytest.fixture(scope="module")
def changed(files: dict[str, bytes]) -> Changed:
    """Give the rules that a bundle breaks which was made with other words in one file."""

    def change(name: str, old: str, new: str, **said: object) -> list[str]:
        data = files[name].decode()
        assert old in data
        return rules(check_files(sealed({**files, name: data.replace(old, new).encode()}, **said), PLACE))

    return change


@pytest.fixture
def folder(tmp_path: Path, files: dict[str, bytes]) -> Path:
    """Return the folder of a bundle as it was made."""
    home = tmp_path / "weekly" / "2026-W48"
    home.mkdir(parents=True)
    for name, data in files.items():
        (home / name).write_bytes(data)
    return home


def test_a_sound_bundle_has_no_findings(folder: Path, files: dict[str, bytes]) -> None:
    assert check_bundle(folder) == []
    assert check_files(files, PLACE) == []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """Return the files of an issue of this repository's own news."""
    home = tmp_path_factory.mktemp("news")
    shutil.copytree(ROOT / "articles", home / "articles")
    for name in ("publisher.toml", "publisher.lock"):
        shutil.copy(ROOT / name, home)
    publication = Publication.load(home)
    newsletter = publication.settings.newsletters[0].name
    now = datetime(2026, 11, 22, 8, tzinfo=UTC)
    report = publication.issue(newsletter, now, since=datetime(2020, 1, 1, tzinfo=UTC), dry_run=True)
    assert report.issue is not None
    return report.files


def test_what_is_made_here_has_no_findings(made: Mapping[str, bytes]) -> None:
    assert [str(finding) for finding in check_files(made, PLACE)] == []


@pytest.mark.parametrize(
    ("pattern", "new", "rule"),
    [
        (r"(?<![-\w])color: #[0-9a-f]{6} !important", "color: #333333 !important", "html.contrast"),
        (r"((?<![-\w])color: #[0-9a-f]{6}) !important", r"\1", "html.contrast"),
        (r"(<h2[^>]*>).*?</h2>", r"\1</h2>", "html.heading.empty"),
        (r' role="presentation"', "", "html.table.headless"),
        (r"<!-- end of article", "lorem ipsum <!-- end of article", "issue.placeholder"),
    ],
)
def test_a_mistake_in_the_shipped_templates_would_be_found(
    made: Mapping[str, bytes], pattern: str, new: str, rule: str
) -> None:
    html, count = re.subn(pattern, new, made["issue.html"].decode(), flags=re.DOTALL)
    assert count
    assert rule in rules(check_html(html.encode(), "issue.html"))


@pytest.mark.parametrize("name", ["issue.html", "issue.txt", "issue.eml", "web.html", MANIFEST])
def test_one_changed_byte_is_found(folder: Path, files: dict[str, bytes], name: str) -> None:
    data = bytearray(files[name])
    data[-5] ^= 1
    (folder / name).write_bytes(bytes(data))
    rule = "bundle.manifest" if name == MANIFEST else "bundle.file.changed"
    (finding,) = (finding for finding in check_bundle(folder) if finding.rule == rule)
    assert finding.problem.path == (folder / name).as_posix()


def test_one_changed_letter_in_the_manifest_is_found(folder: Path) -> None:
    manifest = (folder / MANIFEST).read_text(encoding="utf-8")
    (folder / MANIFEST).write_text(manifest.replace("Größe", "größe"), encoding="utf-8")
    assert rules(check_bundle(folder)) == ["bundle.manifest"]


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


def test_pictures_of_a_bundle_are_compared_too(folder: Path, files: dict[str, bytes]) -> None:
    (folder / MANIFEST).write_bytes(sealed({**files, "images/a.png": b"1"})[MANIFEST])
    (folder / "images").mkdir()
    (folder / "images" / "a.png").write_bytes(b"1")
    assert check_bundle(folder) == []
    (folder / "images" / "a.png").write_bytes(b"2")
    assert rules(check_bundle(folder)) == ["bundle.file.changed"]


@pytest.mark.parametrize("manifest", [None, "{", "[]", "[" * 100_000, '{"files": []}', '{"files": {"issue.txt": 1}}'])
def test_a_damaged_manifest_is_found(folder: Path, manifest: str | None) -> None:
    (folder / MANIFEST).unlink()
    if manifest is not None:
        (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    (finding,) = check_bundle(folder)
    assert finding.rule == "bundle.manifest"
    expected = "missing" if manifest is None else "no JSON" if manifest.strip("[") in ("{", "") else "damaged"
    assert finding.problem.message.startswith(f"the manifest is {expected}")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"issue.txt"', '"../x"', "the manifest names ../x outside the bundle"),
        ('"issue.txt"', '"/x"', "the manifest names /x outside the bundle"),
        ('"issue.txt"', '"x.txt"', "the manifest does not name issue.txt"),
        ('"number": 4', '"number": "x"', "the manifest is damaged"),
        ('"number": 4', '"number": Infinity', "the manifest is damaged"),
        ('"number": 4', '"number": true', "the manifest is damaged"),
        ("2026-11-23T07:00:00Z", "0001-01-01T00:00:00+23:59", "the manifest is damaged"),
        ('"subject"', '"object"', "the manifest is damaged"),
        ("2026-11-23T07", "2026-13-23T07", "the manifest is damaged"),
    ],
)
def test_a_manifest_that_says_odd_things_is_found(folder: Path, old: str, new: str, message: str) -> None:
    manifest = (folder / MANIFEST).read_text(encoding="utf-8")
    assert old in manifest
    (folder / MANIFEST).write_text(manifest.replace(old, new), encoding="utf-8")
    (finding,) = check_bundle(folder)
    assert finding.rule == "bundle.manifest"
    assert finding.problem.message.startswith(message)


def test_mail_and_manifest_have_one_subject_and_one_date(changed: Changed) -> None:
    assert changed("issue.txt", "owls", "owls", subject="Something else") == ["bundle.subject"]
    assert changed("issue.txt", "owls", "owls", date="2026-11-23T09:00:00Z") == ["bundle.date"]
    late = [{**article, "published": "2026-11-23T07:00:01Z"} for article in _ARTICLES]
    assert changed("issue.txt", "owls", "owls", articles=late) == ["bundle.date.early"]


def test_the_parts_of_the_mail_are_the_files(changed: Changed) -> None:
    assert changed("issue.html", "How we saw it", "How they saw it") == ["bundle.part"]
    assert changed("issue.txt", "How we saw it", "How they saw it") == ["bundle.part"]


@pytest.mark.parametrize("name", ["issue.html", "issue.txt", "web.html"])
def test_each_article_is_in_each_file(changed: Changed, name: str) -> None:
    assert "bundle.article" in changed(name, "https://notes.example/owls/", "https://notes.example/else/")


def test_articles_stand_in_the_order_of_the_manifest(changed: Changed) -> None:
    turned = list(reversed(_ARTICLES))
    assert "bundle.article" in changed("issue.txt", "owls", "owls", articles=turned)


def test_the_last_articles_of_a_large_mail_may_be_left_to_its_page(files: dict[str, bytes]) -> None:
    manifest, fault = bundle.read_manifest(files[MANIFEST])
    assert manifest
    assert fault == ""
    assert list(bundle.article_hits([2], manifest, whole=False)) == []
    assert [hit.article for hit in bundle.article_hits([2], manifest, whole=True)] == [2]
    assert [hit.article for hit in bundle.article_hits([1], manifest, whole=False)] == [1]
    assert [hit.article for hit in bundle.article_hits([1, 2], manifest, whole=False)] == [1]


def test_an_article_without_an_address_is_found_by_its_title(files: dict[str, bytes]) -> None:
    listed = (Listed("Owls at the  lake", "", None, "a"), Listed("Nowhere", "", None, "b"))
    said = replace(read(files[MANIFEST]), articles=listed)
    page = page_of(files["issue.html"])
    assert page is not None
    assert bundle.lost_in_text(files["issue.txt"].decode(), said) == bundle.lost_in_page(page, said) == [2]


def test_readers_can_leave_from_both_parts(changed: Changed) -> None:
    assert "html.unsubscribe" in changed("issue.html", UNSUBSCRIBE, "https://notes.example/")
    assert "mail.text.unsubscribe" in changed("issue.txt", UNSUBSCRIBE, "https://notes.example/")


def test_the_web_page_says_its_address_and_title(changed: Changed) -> None:
    assert changed("web.html", str(_SAID["url"]), "https://other.example/") == ["web.canonical"]
    assert changed("web.html", "<title>Field Notes #4: Owls</title>", "") == ["web.title"]
    assert changed("web.html", str(_SAID["url"]), "https://other.example/", url="") == []


def test_an_article_that_breaks_a_rule_is_named_by_the_manifest(files: dict[str, bytes]) -> None:
    html = files["issue.html"].replace(b"How we saw it", b"TKTK")
    (found,) = (one for one in check_files(sealed({**files, "issue.html": html}), PLACE) if "placeholder" in one.rule)
    assert (found.article, found.problem.path) == ("Größe", f"{PLACE}/issue.html")
    assert html.splitlines()[found.problem.line - 1] == b"<p>TKTK.</p>"


def test_code_in_a_title_or_a_summary_keeps_no_issue_from_being_made(changed: Changed) -> None:
    preheader = "Two owls were seen by {{ name }} this week"
    meant = {"preheader": preheader}
    assert changed("issue.html", "Two owls were seen at the lake this week", preheader, **meant) == [
        "bundle.part",
        "issue.template.perhaps",
    ]
    own = {**meant, "given": ["preheader"]}
    assert "issue.template" in changed("issue.html", "Two owls were seen at the lake this week", preheader, **own)
    titled = [{**_ARTICLES[0], "title": "Owls by {{ name }}"}, _ARTICLES[1]]
    assert changed("issue.html", "Field Notes</h1>", "Field Notes</h1> Owls by {{ name }}", articles=titled) == [
        "bundle.part"
    ]


@pytest.mark.parametrize(
    "settings", ['content = "summary"', 'content = "full"', 'layout = "list"', 'layout = "letter"']
)
@pytest.mark.parametrize("count", [1, 2])
def test_articles_about_templates_are_issued(tmp_path: Path, settings: str, count: int) -> None:
    """Markdown's backticks are lost where a summary is made of an article, and the check must not take it for a mistake."""
    (tmp_path / "publisher.toml").write_text(
        '[publication]\ntitle = "Field Notes"\nurl = "https://notes.example/"\n[[newsletters]]\nname = "weekly"\n'
        f'from = "letters@notes.example"\nlist_id = "weekly.notes.example"\npostal_address = "1 Sample Street"\n{settings}\n',
        encoding="utf-8",
    )
    (tmp_path / "articles").mkdir()
    for number in range(count):
        (tmp_path / "articles" / f"{number}.md").write_text(
            f"---\ntitle: Merge tags {number} like {{{{ name }}}}\ndate: 2026-11-22\nhighlights: ['@@ROW@@']\n---\n"
            "Write `{{ name }}`, `*|FNAME|*` or `<%= name %>`, and every reader is greeted as you like it best.\n",
            encoding="utf-8",
        )
    report = Publication.load(tmp_path).preview("weekly", datetime(2026, 11, 22, 8, tzinfo=UTC))
    assert report.issue
    assert [str(finding) for finding in report.findings if finding.problem.severity is Severity.ERROR] == []


def test_a_footer_without_a_postal_address_is_told(changed: Changed) -> None:
    """A note, as it is a law of the sender's country that asks for one."""
    address = "Field Notes, 1 Sample Street, Exampleton"
    assert "html.postal-address" in changed("issue.html", address, "© 2024–2026 Field Notes")
    assert "html.postal-address" in changed("issue.html", address, "")
    assert "html.postal-address" not in changed("issue.html", address, "フィールドノート 東京都見本区１－２")
    assert RULES["html.postal-address"].severity is Severity.NOTE


def beside(folder: Path, key: str, number: int) -> None:
    """Put another issue with the same subject beside a bundle."""
    other = folder.parent / key
    other.mkdir()
    hashes = json.loads((folder / MANIFEST).read_bytes())["files"]
    (other / MANIFEST).write_bytes(sealed({}, key=key, number=number, files=hashes)[MANIFEST])


def test_the_subject_of_an_earlier_issue_is_an_error(folder: Path) -> None:
    beside(folder, "2026-W47", 3)
    (finding,) = check_bundle(folder)
    assert finding.rule == "subject.duplicate"
    assert finding.problem.severity is Severity.ERROR
    assert "2026-W47" in finding.problem.message


def test_the_later_issue_is_the_one_to_change(folder: Path) -> None:
    beside(folder, "2026-W49", 5)
    (folder.parent / "2026-W50").mkdir()
    (folder.parent / "2026-W50" / MANIFEST).write_text("{", encoding="utf-8")
    assert check_bundle(folder) == []


def test_ignored_rules_are_not_applied_to_bundles(folder: Path) -> None:
    beside(folder, "2026-W47", 3)
    assert check_bundle(folder, CheckSettings(ignore=("subject.duplicate",))) == []


def test_the_names_that_can_be_ignored_are_those_of_rules() -> None:
    known = known_rules()
    assert {"html.image.alt", "client.css-display-flex", "bundle.file.changed"} <= {*known}
    assert "html.imag.alt" not in known


def test_a_check_that_forgot_the_hashes_would_be_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.check.mail.judging.file_hits", lambda data, expected: ())
    (folder / "web.html").write_bytes((folder / "web.html").read_bytes() + b" ")
    with pytest.raises(AssertionError):
        assert rules(check_bundle(folder)) == ["bundle.file.changed"]


def test_a_web_page_with_nothing_in_it_is_an_error(files: dict[str, bytes]) -> None:
    empty = sealed({**files, "web.html": b" \n"})
    assert "web.empty" in {one.rule for one in check_files(empty, PLACE)}
    assert "web.empty" not in {one.rule for one in check_files(files, PLACE)}


def test_of_very_many_missing_files_only_some_are_told(files: dict[str, bytes]) -> None:
    named = {f"images/{number}.jpg": b"" for number in range(2000)}
    kept = {name: data for name, data in sealed({**files, **named}).items() if name not in named}
    found = [one.rule for one in check_files(kept, PLACE)]
    assert len(found) < 600
    assert found[-1] == "bundle.more"


@pytest.mark.parametrize("url", [f"https://notes.example/{'a' * 2000}", f"https://notes.example/{'木' * 300}"])
def test_an_article_whose_address_is_too_long_for_a_link_is_found_by_its_title(
    files: dict[str, bytes], url: str
) -> None:
    def found(title: str) -> set[str]:
        articles = [_ARTICLES[0], {**_ARTICLES[1], "title": title, "url": url}]
        return {one.rule for one in check_files(sealed(files, articles=articles), PLACE)}

    assert "bundle.article" not in found("Größe")
    assert "bundle.article" in found("Not in it")
