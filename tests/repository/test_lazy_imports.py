"""A command line that only answers a question starts at once."""

import re
import subprocess
import sys

import pytest

HEAVY = set(
    "lxml feedgen premailer cssutils requests jinja2 sqlalchemy pydantic yaml nh3 "
    "tinycss2 idna babel PIL cryptography starlette uvicorn watchfiles".split()
)


def imported_for(*arguments: str) -> set[str]:
    """Run the program and name the top-level packages that its process imported."""
    command = [sys.executable, "-X", "importtime", "-m", "publisher", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    return {name.partition(".")[0] for name in re.findall(r"\| +\d+ \| +(\S+)", done.stderr)}


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("build", "--help"), ("preview", "--help")], ids=" ".join
)
def test_help_and_version_import_no_heavy_library(arguments: tuple[str, ...]) -> None:
    imported = imported_for(*arguments)
    assert "click" in imported, "the list of imports was not understood"
    assert imported & HEAVY == set()
