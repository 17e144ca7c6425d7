"""A throw-away publication, and one way to call the program."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from publisher.cli import main

AS_OF = "2026-11-22T12:00:00Z"
Invoke = Callable[..., Result]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Give a publication with one article."""
    folder = tmp_path / "site"
    (folder / "articles").mkdir(parents=True)
    (folder / "publisher.toml").write_text(
        '[publication]\ntitle = "Field Notes"\nurl = "https://notes.example/"\nauthority = "notes.example,2026"\n'
        '[[newsletters]]\nname = "weekly"\n',
        encoding="utf-8",
    )
    (folder / "articles" / "first.md").write_text(
        "---\ntitle: First light\ndate: 2026-11-21\ntags: [dawn]\n---\nIt was early.\n", encoding="utf-8"
    )
    return folder


@pytest.fixture
def cli_invoke(site: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Call the program in the publication; a bug keeps its traceback."""
    monkeypatch.chdir(site)

    def invoke(*arguments: str | Path, folder: Path | None = site, as_of: str | None = AS_OF) -> Result:
        options = [*(["-C", str(folder)] if folder else []), *(["--as-of", as_of] if as_of is not None else [])]
        result = CliRunner().invoke(main, [*options, *map(str, arguments)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return invoke
