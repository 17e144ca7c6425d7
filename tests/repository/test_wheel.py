"""The wheel is whole: it ships each template, and installed alone it makes a publication, feeds and an issue."""

import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Variables that would let the checkout, or its environment, shine through.
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "COV"))}


def run(*command: str | Path, folder: Path) -> str:
    """Run a program that has to succeed; give what it printed."""
    done = subprocess.run(command, cwd=folder, env=PLAIN, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with the pinned build backend, without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, folder=folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, and what it asks for, into an empty environment; give the folder of its programs."""
    folder = tmp_path_factory.mktemp("installed")
    environment = folder / "with space"
    venv.create(environment, with_pip=True, symlinks=True)
    python = environment / "bin" / "python"
    # The wheel's own metadata says what is installed; the pins only say which version.
    pins = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(re.findall(r"^\S.*?(?= \\$)", pins, re.MULTILINE)), encoding="utf-8")
    run(python, "-m", "pip", "install", "--quiet", "--constraint", constraints, wheel, folder=folder)
    return environment / "bin"


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def files(folder: str) -> set[str]:
    paths = (ROOT / folder).rglob("*")
    return {path.relative_to(ROOT).as_posix() for path in paths if path.is_file() and path.suffix != ".pyc"}


def test_wheel_holds_every_template_and_nothing_else(wheel: Path) -> None:
    shipped = {name for name in names(wheel) if name.startswith("publisher/templates/")}
    assert shipped == {f"publisher/{name}" for name in files("templates")}


def test_wheel_holds_the_package_and_nothing_beside_it(wheel: Path) -> None:
    shipped = {name for name in names(wheel) if not name.startswith("publisher/templates/")}
    assert {name for name in shipped if ".dist-info/" not in name} == files("publisher")
    assert any(name.endswith("/licenses/LICENSE") for name in shipped)


def test_wheel_tells_type_checkers_that_it_is_typed(wheel: Path) -> None:
    assert "publisher/py.typed" in names(wheel)


@pytest.mark.network
def test_wheel_installed_alone_makes_a_publication_with_feeds_and_an_issue(installed: Path, tmp_path: Path) -> None:
    """The three commands of the README, in a folder where nothing else is."""
    publisher = installed / "publisher"
    run(publisher, "init", "x", folder=tmp_path)
    run(publisher, "-C", "x", "build", folder=tmp_path)
    run(publisher, "-C", "x", "issue", "weekly", folder=tmp_path)
    written = {path.name for path in (tmp_path / "x").rglob("*") if path.is_file()}
    assert {"all.atom.xml", "all.rss.xml", "all.json"} <= written
    assert {"issue.html", "issue.txt", "issue.eml", "web.html", "manifest.json"} <= written


@pytest.mark.network
def test_wheel_installed_alone_knows_its_version(installed: Path, tmp_path: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] in run(installed / "publisher", "--version", folder=tmp_path)
