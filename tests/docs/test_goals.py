"""The tables of docs/feeds.md, newsletters.md and delivery-goals.md name a test for each goal, and each test exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: By the page, the goals that it must name: all that concern feeds, issues, and sending.
GOALS = {
    "feeds.md": [str(number) for number in range(1, 37)],
    "newsletters.md": [f"G{number}" for number in (1, 11, 12, 13, 15, 16, *range(19, 28), 31, 32, 33, *range(37, 41))],
    "delivery-goals.md": [
        *(str(number) for number in range(1, 20)),
        *(f"G{number}" for number in (*range(2, 11), 13, 14, 17, 18, *range(27, 31), *range(34, 37), 38)),
        *(f"S{number}" for number in range(1, 16)),
    ],
}
#: Number, goal and tests of each row.
ROW = re.compile(r"^\| ([GS]?\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
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


def told_in(page: str) -> str:
    return (ROOT / "docs" / page).read_text(encoding="utf-8")


def faults(page: str) -> list[str]:
    """Say which rows of the table name no test, a test that does not exist, or something else."""
    found = []
    for number, _, cell in ROW.findall(page):
        named = TEST.findall(cell)
        if not named or TEST.sub("", cell).strip():
            found.append(f"{number}: {cell}")
        found += [f"{number}: {file}::{test}" for file, test in named if test not in known_in(file)]
    return found


@pytest.mark.parametrize("page", GOALS)
def test_each_goal_has_a_row(page: str) -> None:
    assert [number for number, _, _ in ROW.findall(told_in(page))] == GOALS[page]


@pytest.mark.parametrize("page", GOALS)
def test_each_test_that_a_row_names_exists(page: str) -> None:
    assert faults(told_in(page)) == []


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
    assert faults(f"| G1 | A goal | {cell} |\n") != []
    assert faults(f"| S1 | A goal | {cell} |\n") != []
