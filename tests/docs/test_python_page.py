"""The examples of docs/python.md run as they stand, and give what their comments name."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from publisher import Publication

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
#: A name, and what stands behind the call that gives it.
PROMISE = re.compile(r"^(\w+) = .*# ((?:\.\w+(?:, )?)+)$", re.MULTILINE)


def examples() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def run(code: str, names: dict[str, Any]) -> None:
    exec(compile(code, "docs/python.md", "exec"), names)


def lacking(code: str, values: dict[str, Any]) -> list[str]:
    """Name the attributes that comments promise and values do not have."""
    return [
        f"{name}{attribute}"
        for name, promised in PROMISE.findall(code)
        for attribute in promised.split(", ")
        if not hasattr(values[name], attribute.removeprefix("."))
    ]


@pytest.fixture
def values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the examples, one after the other, beside a new publication, and give their names."""
    monkeypatch.chdir(tmp_path)
    Publication.init("field-notes", datetime.now(UTC))  # noqa: TID251 - as the example does
    Path("story.txt").write_text("Title: A story\nDate: 2026-01-31\n\nWords.\n", encoding="utf-8")
    names: dict[str, Any] = {}
    for code in examples():
        run(code, names)
    return names


def test_the_example_runs_and_gives_what_it_says(values: dict[str, Any]) -> None:
    assert len(PROMISE.findall(examples()[0])) >= 4
    assert lacking(examples()[0], values) == []
    assert values["links"].startswith("<link ")
    assert all(hasattr(finding, "rule") for finding in values["findings"])


def test_what_the_page_says_of_issues_is_so(values: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    shown, made, publication = values["shown"], values["made"], values["publication"]
    assert (shown.files, shown.written) == (made.files, ())
    named = re.findall(r"`\.(\w+)`", PAGE.split("`report.issue` is", 1)[1].split("`report.files`", 1)[0])
    assert [name for name in named if not hasattr(made.issue, name)] == []
    again = publication.issue("weekly", values["now"], subject="Lorem ipsum")
    assert (again.blocked, again.written) == (True, ())
    run(examples()[1], {"made": again})
    assert "issue.placeholder" in capsys.readouterr().out


def test_a_comment_that_promises_too_much_would_be_noticed(values: dict[str, Any]) -> None:
    code = examples()[0].replace(".withdrawn", ".wishes")
    assert lacking(code, values) == ["catalogue.wishes"]
