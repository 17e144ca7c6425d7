"""Starting the public pages: what is missing is said in one sentence."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

import pytest

from tests.web.pages.conftest import SETTINGS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a publication."""
    text = SETTINGS.replace("STATE", "sqlite:///.publisher/state.db")
    (tmp_path / "publisher.toml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def taken() -> Iterator[int]:
    """Give a port that somebody listens at."""
    with socket(AF_INET, SOCK_STREAM) as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield one.getsockname()[1]


def failing(folder: Path, *arguments: str, before: str = "") -> tuple[int, str]:
    """Start it where it cannot; return the exit status and what was said."""
    code = f"import sys; {before or 'pass'}; from publisher.cli import main; main()"
    command = [sys.executable, "-c", code, "-C", str(folder), "web", *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_a_port_that_is_taken_is_named(folder: Path, taken: int) -> None:
    status, said = failing(folder, "--port", str(taken))
    assert status == 4
    assert f"port {taken} of 127.0.0.1 is taken; choose another one with --port" in said


def test_a_missing_package_is_named_with_its_cure(folder: Path) -> None:
    status, said = failing(folder, before="sys.modules['uvicorn'] = None")
    assert status == 4
    assert 'pip install "publisher-feeds[web]"' in said


def test_settings_that_are_missing_are_shown(folder: Path) -> None:
    path = folder / "publisher.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("[web]", "#").replace('url = "https://notes.example/letters/"', ""),
        encoding="utf-8",
    )
    status, said = failing(folder)
    assert status == 1
    assert "[web]\nurl = " in said


def test_a_proxy_that_is_no_address_is_refused(folder: Path) -> None:
    status, said = failing(folder, "--proxy", "caddy")
    assert status == 2
    assert "caddy is no IP address or network" in said
