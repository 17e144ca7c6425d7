"""The arrows between the rooms hold, and the contract that watches them would notice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy the package and its contracts to where they may be damaged."""
    shutil.copytree(ROOT / "publisher", tmp_path / "publisher", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def plant(path: Path, line: str) -> None:
    path.parent.mkdir(exist_ok=True)
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")


def test_the_contracts_are_kept(copy: Path) -> None:
    done = check(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("article.py", "import publisher.cli", "Data flows one way"),
        ("config/settings.py", "import publisher.sources", "Data flows one way"),
        ("feeds/__init__.py", "import publisher.newsletter", "Data flows one way"),
        ("attic.py", "import publisher.article", "Data flows one way"),
        ("article.py", "import feedgen.feed", "feedgen lives in feeds"),
        ("check/__init__.py", "import jinja2", "Jinja2 lives in templating"),
        ("sources/__init__.py", "import requests", "reaches for the network"),
    ],
)
def test_a_planted_import_breaks_its_contract(copy: Path, module: str, line: str, contract: str) -> None:
    plant(copy / "publisher" / module, line)
    done = check(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    broken = [said for said in done.stdout.splitlines() if said.endswith("BROKEN") and contract in said]
    assert broken, done.stdout
