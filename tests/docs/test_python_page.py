"""The example of docs/python.md runs as it stands, and gives what its comments name."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from publisher import Publication

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
#: A name, and what stands behind the call that gives it.
PROMISE = re.compile(r"^(\w+) = .*# ((?:\.\w+(?:, )?)+)$", re.MULTILINE)


def example() -> str:
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(code)


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
    """Run the example beside a new publication, and give its names."""
    monkeypatch.chdir(tmp_path)
    Publication.init("field-notes", datetime(2026, 11, 22, 12, tzinfo=UTC))
    Path("story.txt").write_text("Title: A story\nDate: 2026-01-31\n\nWords.\n", encoding="utf-8")
    names: dict[str, Any] = {}
    exec(compile(example(), "docs/python.md", "exec"), names)
    return names


def test_the_example_runs_and_gives_what_it_says(values: dict[str, Any]) -> None:
    assert len(PROMISE.findall(example())) >= 4
    assert lacking(example(), values) == []
    assert values["links"].startswith("<link ")
    assert all(hasattr(finding, "rule") for finding in values["findings"])


def test_a_comment_that_promises_too_much_would_be_noticed(values: dict[str, Any]) -> None:
    code = example().replace(".withdrawn", ".wishes")
    assert lacking(code, values) == ["catalogue.wishes"]
