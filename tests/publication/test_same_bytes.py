"""Same inputs, same bytes: on any machine, in any zone, locale, folder and hash seed, whatever the clock says."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AS_OF = "2026-11-23T08:00:00Z"


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files but the cache, which knows times of this disk, and may be deleted."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and p.name != "cache.db"]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def copy_of_own_publication(folder: Path) -> Path:
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "articles", folder / "articles")
    for name in ("publisher.toml", "publisher.lock"):
        shutil.copy(ROOT / name, folder)
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> None:
    command = [sys.executable, "-m", "publisher", "--as-of", AS_OF, *arguments]
    subprocess.run(command, cwd=folder, env={**os.environ, **environment}, check=True, capture_output=True)


def test_the_projects_own_feeds_are_rebuilt_byte_for_byte(tmp_path: Path) -> None:
    """`make goldens` refreshes them after a change that is meant."""
    folder = copy_of_own_publication(tmp_path / "own")
    run(folder, "build")
    assert tree(folder / "feeds") == tree(ROOT / "feeds")
    assert (folder / "publisher.lock").read_bytes() == (ROOT / "publisher.lock").read_bytes()


def test_the_projects_own_feeds_do_not_depend_on_the_day(tmp_path: Path) -> None:
    folder = copy_of_own_publication(tmp_path / "own")
    subprocess.run(
        [sys.executable, "-m", "publisher", "--as-of", "2031-01-01T00:00:00Z", "build"], cwd=folder, check=True
    )
    assert tree(folder / "feeds") == tree(ROOT / "feeds")


SURROUNDINGS = [
    {"PYTHONHASHSEED": "1", "TZ": "Asia/Kathmandu", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "2", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0"},
    {"PYTHONHASHSEED": "3", "TZ": "UTC", "LC_ALL": "POSIX", "PYTHONUTF8": "0", "LANG": "de_DE.ISO-8859-1"},
]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = copy_of_own_publication(tmp_path_factory.mktemp("expected") / "own")
    (folder / "publisher.lock").unlink()
    run(folder, "build")
    run(folder, "issue", "news")
    return tree(folder)


@pytest.mark.parametrize("surroundings", SURROUNDINGS, ids=lambda s: s["TZ"])
def test_everything_made_is_the_same_in_other_surroundings(
    tmp_path: Path, expected: dict[str, bytes], surroundings: dict[str, str]
) -> None:
    folder = copy_of_own_publication(tmp_path / "somewhere else" / "日本")
    (folder / "publisher.lock").unlink()
    run(folder, "build", **surroundings)
    run(folder, "issue", "news", **surroundings)
    assert tree(folder) == expected
    assert any(name.startswith("issues/news/") for name in expected)


def test_building_and_issuing_again_touch_no_file(tmp_path: Path) -> None:
    folder = copy_of_own_publication(tmp_path / "own")
    run(folder, "build")
    run(folder, "issue", "news")
    run(folder, "build")  # looks at the new issue
    before = {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in folder.rglob("*")}
    run(folder, "build")
    run(folder, "issue", "news")
    assert {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in folder.rglob("*")} == before
