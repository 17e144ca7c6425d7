"""A publication whose preview is served as its author would, and a real browser to look at it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from publisher.web.preview.app import preview_app
from publisher.web.preview.desk import Contents, Desk
from publisher.web.preview.issues import ShownIssue
from publisher.web.preview.serving import _listening
from publisher.web.preview.watching import Bell

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
#: Milliseconds; only what is broken takes as long.
PATIENCE = 20_000
SETTINGS = """\
[publication]
title = "Field Notes"
url = "https://notes.example/"
authority = "notes.example,2026"
[[feeds]]
name = "all"
[[feeds]]
per = "tag"
[[newsletters]]
name = "weekly"
content = "full"
"""
FIRST = "---\ntitle: First light\ndate: 2026-11-21\ntags: [dawn]\n---\nIt was early, and the pond was still.\n"
SECOND = "---\ntitle: Low water\ndate: 2026-11-20\n---\nThe mud has a language of its own.\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Give a publication with two articles and a newsletter."""
    folder = tmp_path / "site"
    (folder / "articles").mkdir(parents=True)
    (folder / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "articles" / "first.md").write_text(FIRST, encoding="utf-8")
    (folder / "articles" / "second.md").write_text(SECOND, encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Running:
    """A preview in a process of its own."""

    process: subprocess.Popen[str]
    #: Ends in a slash.
    address: str


@contextmanager
def running(site: Path, *arguments: str) -> Iterator[Running]:
    """Run `publisher preview`; it ends with the block, by itself or by Ctrl-C."""
    command = [sys.executable, "-m", "publisher", "-C", str(site), "--as-of", NOW.isoformat(), "preview", "--port", "0"]
    with subprocess.Popen(
        [*command, *arguments],
        env={**os.environ, "PYTHONWARNINGS": "default"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            assert process.stdout is not None
            yield Running(process, process.stdout.readline().strip())
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            finally:
                process.kill()


@pytest.fixture
def program(site: Path) -> Iterator[Running]:
    """Give the preview of the publication as its author starts it."""
    with running(site) as started:
        yield started


class _Stub(Desk):
    """A desk on which one issue lies, whatever is in it."""

    def __init__(self, issue: ShownIssue, folder: Path) -> None:
        super().__init__(folder, lambda: NOW)
        self._issue = issue

    def contents(self) -> Contents:
        return Contents("Field Notes", (("weekly", "Field Notes"),))

    def issue(self, name: str) -> ShownIssue:
        return self._issue


@contextmanager
def _serving(desk: Desk) -> Iterator[str]:
    bell = Bell()
    with _listening(0) as listener:
        port = listener.getsockname()[1]
        app = preview_app(desk, bell, port, print)
        server = uvicorn.Server(uvicorn.Config(app, ws="none", log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            bell.close()
            server.should_exit = True
            thread.join()


@pytest.fixture
def served(tmp_path: Path) -> Callable[[ShownIssue], AbstractContextManager[str]]:
    """Give a way to serve an issue that no article could become; it gives the address."""
    return lambda issue: _serving(_Stub(issue, tmp_path))


@pytest.fixture
def preview(site: Path) -> Iterator[str]:
    """Give the address of the preview of the publication, served by a thread of this process."""
    with _serving(Desk(site, lambda: NOW)) as address:
        yield address


@pytest.fixture(scope="module")  # its event loop would be in the way of other modules' own
def chromium(needs_program: Callable[[str], str]) -> Iterator[Browser]:
    """Give a browser that reaches this machine and nothing else."""
    arguments = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    path = needs_program("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """Give a window of its own for each test."""
    context = chromium.new_context(viewport={"width": 1400, "height": 800})
    shown = context.new_page()
    shown.set_default_timeout(PATIENCE)
    yield shown
    context.close()
