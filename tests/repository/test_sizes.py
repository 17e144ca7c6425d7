"""Modules and functions stay small enough to be read at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "publisher").rglob("*.py"))


def body_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def functions(module: Path) -> Iterator[tuple[str, int]]:
    """Give the place and the length of each function."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{module.relative_to(ROOT)}:{node.lineno} {node.name}", body_length(node)


@pytest.mark.parametrize("module", MODULES, ids=[str(module.relative_to(ROOT)) for module in MODULES])
def test_no_module_is_longer_than_400_lines(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


def test_nine_functions_in_ten_have_fewer_than_20_lines() -> None:
    lengths = [length for module in MODULES for _, length in functions(module)]
    assert sum(length < 20 for length in lengths) >= 0.9 * len(lengths)


def test_no_function_has_more_than_45_lines() -> None:
    assert [place for module in MODULES for place, length in functions(module) if length > 45] == []
