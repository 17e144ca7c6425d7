"""The pages that are written from the code say what the code says."""

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def pages() -> dict[str, Callable[[], str]]:
    found: dict[str, Callable[[], str]] = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]
    return found


@pytest.mark.parametrize("page", ["check.md", "check-issues.md", "commands.md", "configuration.md"])
def test_generated_page_is_up_to_date(pages: dict[str, Callable[[], str]], page: str) -> None:
    """Where this fails, run `make docs` and commit what it changed."""
    assert (DOCS / page).read_text(encoding="utf-8") == pages[page]()


def test_each_command_has_an_example(pages: dict[str, Callable[[], str]]) -> None:
    sections = pages["commands.md"]().split("\n## ")[1:]
    assert [section.splitlines()[0] for section in sections if "xample" not in section] == []
