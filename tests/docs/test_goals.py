"""The table of docs/feeds.md names a test for each goal, and each of these tests exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "feeds.md").read_text(encoding="utf-8")
#: Number, goal and tests of each row.
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


@cache
def known_in(file: str) -> frozenset[str]:
    """Return the names of the tests that stand in a file; none where there is no such file."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def faults(page: str) -> list[str]:
    """Say which rows of the table name no test, a test that does not exist, or something else."""
    found = []
    for number, _, cell in ROW.findall(page):
        named = TEST.findall(cell)
        if not named or TEST.sub("", cell).strip():
            found.append(f"{number}: {cell}")
        found += [f"{number}: {file}::{test}" for file, test in named if test not in known_in(file)]
    return found


def test_each_goal_has_a_row() -> None:
    assert [int(number) for number, _, _ in ROW.findall(PAGE)] == list(range(1, 37))


def test_each_test_that_a_row_names_exists() -> None:
    assert faults(PAGE) == []


@pytest.mark.parametrize(
    "cell",
    [
        "`tests/docs/test_goals.py::test_that_nobody_wrote`",
        "`tests/docs/test_of_nothing.py::test_each_goal_has_a_row`",
        "`tests/docs/test_goals.py::faults`",
        "`tests/docs/test_goals.py::test_each_goal_has_a_row`, and much else",
        "by looking",
    ],
)
def test_a_row_without_a_real_test_would_be_noticed(cell: str) -> None:
    assert faults(f"| 1 | A goal | {cell} |\n") != []
