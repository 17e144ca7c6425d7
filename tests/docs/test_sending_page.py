"""What docs/sending.md says is so."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from publisher.cli import main
from publisher.config.delivery import DeliverySettings
from publisher.delivery.planning import Reason

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sending.md").read_text(encoding="utf-8")


def test_the_first_issue_leaves_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["init", ".", "--title", "Field Notes", "--url", "https://notes.example/"]
    assert CliRunner().invoke(main, ["--as-of", "2026-11-22T12:00:00Z", *arguments]).exit_code == 0
    settings = tmp_path / "publisher.toml"
    (web,) = re.findall(r"^\[web\]\nurl = .*\n", PAGE, re.MULTILINE)
    tables = f'\n[delivery]\nurl = "maildir:out"\n\n{web}'
    settings.write_text(settings.read_text(encoding="utf-8") + tables, encoding="utf-8")
    (block,) = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for command, expected in re.findall(r"^\$ publisher (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
        result = CliRunner().invoke(main, ["--as-of", "2026-11-22T12:00:00Z", *shlex.split(command)])
        assert result.exit_code == 0, result.output
        hidden = re.compile(r"^plan [0-9a-f]{16}$", re.MULTILINE)
        assert hidden.sub("plan", result.stdout) == hidden.sub("plan", expected)
    assert len(list((tmp_path / "out/new").iterdir())) == 3


def test_the_table_of_reasons_has_all_of_them() -> None:
    section = PAGE.partition("## Who gets it")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z]+)`", section, re.MULTILINE) == [reason.value for reason in Reason]


def test_the_policies_are_those_of_the_settings() -> None:
    said = re.findall(r"^- `([a-z]+)`(?:, the usual)?:", PAGE, re.MULTILINE)
    assert said == ["hold", "resend", "skip"]
    assert DeliverySettings.model_validate({"url": "maildir:out"}).uncertain == said[0]
