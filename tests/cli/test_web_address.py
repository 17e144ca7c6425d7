"""The address that `publisher web` prints is that of a page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from publisher.web.pages import serving

Invoke = Callable[..., Result]
SETTINGS = """
[web]
url = "{}"
[delivery]
url = "folder:out"
"""


@pytest.mark.parametrize(
    ("url", "arguments", "path"),
    [
        ("https://notes.example/letters/", (), "/letters/"),
        ("https://notes.example/a/b", (), "/a/b/"),
        ("https://notes.example", (), "/"),
        ("https://notes.example/letters/", ("--root-path", "/pages"), "/pages/"),
        ("https://notes.example/letters/", ("--root-path", ""), "/"),
    ],
)
def test_the_address_leads_to_the_first_page(
    url: str, arguments: tuple[str, ...], path: str, site: Path, cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (site / "publisher.toml").open("a", encoding="utf-8") as out:
        out.write(SETTINGS.format(url))
    monkeypatch.setattr(serving, "serve", lambda *_, ready, **__: ready("http://127.0.0.1:8026/"))
    result = cli_invoke("web", *arguments)
    assert (result.exit_code, result.stdout) == (0, f"http://127.0.0.1:8026{path}\n")
