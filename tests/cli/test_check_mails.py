"""publisher check for bundles, mails and their HTML: what is told, in words and as JSON."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from publisher.cli.session import printable
from publisher.config.settings import CheckSettings
from publisher.publication.checking import check_paths

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
    assert [finding.rule for finding in check_paths([page], ignored)] == []
    flex = page.read_text(encoding="utf-8").replace("<p>", '<p style="display:flex">')
    page.write_text(flex, encoding="utf-8")
    others = CheckSettings(clients=("thunderbird",), ignore=ignored.ignore)
    assert "client.css-display-flex" in {finding.rule for finding in check_paths([page], ignored)}
    assert [finding.rule for finding in check_paths([page], others)] == []


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


# ---------------------------------------------------------------- settings of the check


def configure(site: Path, more: str) -> None:
    path = site / "publisher.toml"
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")


@pytest.mark.parametrize("command", [("build",), ("issue", "weekly"), ("check",), ("articles",)])
def test_names_that_the_check_does_not_know_are_mistakes_in_the_settings(
    site: Path, cli_invoke: Invoke, command: tuple[str, ...]
) -> None:
    names = 'clients = ["thunderbird", "gmial"]\nignore = ["html.imag.alt", "?"]\n'
    configure(site, f"[check]\n{names}[newslettrs]\n")
    told = cli_invoke(*command)
    assert told.exit_code == 1
    for line in (
        "publisher.toml:8: check.clients[1]: 'gmial' is no mail program that is known here; did you mean gmail?",
        "publisher.toml:9: check.ignore[0]: 'html.imag.alt' is no rule of mails that is known here; did you mean html.",
        "publisher.toml:9: check.ignore[1]: '?' is no rule of mails that is known here; see docs/check-issues.md",
        "publisher.toml:10: newslettrs: is no known key",
    ):
        assert line in told.stderr
    assert not (site / "feeds").exists()


def test_names_that_the_check_knows_are_none(site: Path, cli_invoke: Invoke) -> None:
    configure(site, '[check]\nclients = ["gmail-ios"]\nignore = ["html.image.alt", "client.css-display-flex"]\n')
    assert cli_invoke("build").exit_code == 0


def test_what_the_settings_ignore_the_publication_does_not_hear_of(site: Path, cli_invoke: Invoke) -> None:
    text = "---\ntitle: First light\ndate: 2026-11-21\nsummary: Lorem ipsum dolor sit amet.\n---\nEarly.\n"
    cli_invoke("issue", "weekly")
    (site / "articles" / "first.md").write_text(text, encoding="utf-8")
    configure(site, '[check]\nignore = ["issue.placeholder"]\n')
    made = cli_invoke("issue", "weekly")
    assert made.exit_code == 0, made.output
    assert "[issue.placeholder]" not in cli_invoke("check").stdout
    path = site / "publisher.toml"
    path.write_text(path.read_text(encoding="utf-8").partition("[check]")[0], encoding="utf-8")
    assert "[issue.placeholder]" in cli_invoke("check").stdout


# ---------------------------------------------------------------- an issue that is refused


def test_a_refused_issue_is_told_like_a_check_and_with_everything_else(site: Path, cli_invoke: Invoke) -> None:
    article = "---\ntitle: Owls\ndate: 2026-11-20\nsummary: Lorem ipsum dolor sit amet.\n---\nText.\n"
    (site / "articles" / "owls.md").write_text(article, encoding="utf-8")
    (site / "articles" / "odd.md").write_text("---\ntitle: Odd\ndate: some day\n---\nText.\n", encoding="utf-8")
    told = cli_invoke("issue", "weekly")
    assert (told.exit_code, told.stdout) == (1, "")
    lines = told.stderr.splitlines()
    (found,) = (line for line in lines if line.startswith("error: issue.html:"))
    assert found.endswith('[issue.placeholder] in "Owls"')
    assert any(line.startswith("error: articles/odd.md:3: ") for line in lines)
    assert lines[-1] == (
        "publisher: 2 errors; the issue was not made; what was there stays; see it with: publisher preview weekly"
    )
    assert "issues/" not in told.stderr
    assert not (site / "issues").exists()


def test_nothing_of_a_file_reaches_the_terminal_as_a_command(tmp_path: Path, cli_invoke: Invoke) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(b"From: a@notes.example\r\nBroken \x1b[2J\x9b line\r\n\r\na\r\n")
    said = cli_invoke("check", path).stdout
    assert "\x1b" not in said
    assert "\x9b" not in said
    assert "\\u001b[2J" in said
    records = json.loads(cli_invoke("check", "--json", path).stdout)
    assert any("\x1b[2J" in record["message"] for record in records)


def test_lone_surrogates_are_printed_as_their_numbers() -> None:
    assert printable("a\ud800\u202e\n") == "a\\ud800\\u202e\\u000a"
    assert json.loads('"' + printable("é\udfff") + '"') == "é\udfff"
