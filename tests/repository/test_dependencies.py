"""What is declared is what is imported."""

import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
#: zoneinfo reads it where the system has no time zones of its own.
IMPORTED_BY_THE_STANDARD_LIBRARY = {"tzdata"}
#: pydantic requires exactly one version of it, and its documentation names types from there.
PARTS = {"pydantic-core": "pydantic"}


def imported(tree: ast.AST) -> Iterator[str]:
    """Give the top-level name of each import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def named(requirements: Iterable[str]) -> set[str]:
    """Return the names of the packages that are required."""
    return {canonicalize_name(Requirement(one).name) for one in requirements}


def test_each_library_that_is_imported_is_declared_and_the_reverse() -> None:
    sources = (ROOT / "publisher").rglob("*.py")
    names = {name for path in sources for name in imported(ast.parse(path.read_text(encoding="utf-8")))}
    foreign = names - sys.stdlib_module_names - {"publisher"}
    distributions = packages_distributions()
    owners = {canonicalize_name(distributions.get(name, [name])[0]) for name in foreign}
    used = {PARTS.get(owner, owner) for owner in owners}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = named(project["dependencies"])
    extras = named(chain.from_iterable(project["optional-dependencies"].values()))
    assert declared & extras == set()
    assert (used - extras) | IMPORTED_BY_THE_STANDARD_LIBRARY == declared
