"""publisher check for bundles, mails and their HTML: what is told, in words and as JSON."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from publisher.config.settings import CheckSettings
from publisher.publication.checking import check_paths, check_publication

Invoke = Callable[..., Result]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Give the HTML of a mail with one weak link in one article."""
    path = tmp_path / "a.html"
    path.write_text(
        '<!DOCTYPE html><html lang="en" dir="ltr"><head><title>a</title></head><body><h1>Notes</h1>\n'
        '<a name="article-1"></a><h2>Owls</h2>\n<p>See <a href="/owls">them</a>.</p></body></html>',
        encoding="utf-8",
    )
    return path


def test_a_finding_names_its_article(page: Path, cli_invoke: Invoke) -> None:
    result = cli_invoke("check", page)
    assert result.exit_code == 1
    assert (
        f'error: {page}:3: the link "/owls" is relative; write the whole address; a mail has no page to start from '
        '[html.link.relative] in "Owls"'
    ) in result.stdout.splitlines()


def test_json_has_article_and_mail_programs(page: Path, cli_invoke: Invoke) -> None:
    page.write_text(page.read_text(encoding="utf-8").replace("<p>", '<p style="display:flex">'), encoding="utf-8")
    records = json.loads(cli_invoke("check", "--json", page).stdout)
    link = next(record for record in records if record["rule"] == "html.link.relative")
    assert (link["article"], link["clients"], link["line"]) == ("Owls", [], 3)
    flex = next(record for record in records if record["rule"] == "client.css-display-flex")
    assert "Outlook (Windows)" in flex["clients"]


def test_settings_choose_rules_and_mail_programs(page: Path) -> None:
    ignored = CheckSettings(ignore=("html.link.relative", "preheader.missing"))
    assert [finding.rule for finding in check_paths([page], check=ignored)] == []
    wrong = CheckSettings(ignore=("html.link.relativ",))
    (told,) = (finding for finding in check_paths([page], check=wrong) if finding.rule == "check.ignore")
    assert told.problem.path == "publisher.toml"
    assert [finding.rule for finding in check_publication(page.parent, (), (), wrong)] == ["check.ignore"]


def test_a_bundle_is_compared_with_those_beside_it(site: Path, cli_invoke: Invoke) -> None:
    """Two issues in a row cannot look the same in an inbox."""
    home = site / "issues" / "weekly"
    made = cli_invoke("issue", "weekly", "--subject", "Owls")
    assert made.exit_code == 0, made.output
    first = site / made.stdout.strip()
    (first / "sent.json").write_text("{}", encoding="utf-8")
    (site / "articles" / "second.md").write_text(
        "---\ntitle: Second\ndate: 2026-11-22\n---\nLater.\n", encoding="utf-8"
    )
    again = cli_invoke("issue", "weekly", "--subject", "Owls #2")
    assert again.exit_code == 0, again.output
    manifest = (first / "manifest.json").read_text(encoding="utf-8")
    (first / "manifest.json").write_text(manifest.replace('"Owls"', '"Owls #2"'), encoding="utf-8")
    told = cli_invoke("check", home).stdout
    assert told.count("[subject.duplicate]") == 1
    assert f"the issue {first.name} has the same subject" in told
