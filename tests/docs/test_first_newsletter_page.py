"""Who follows docs/first-newsletter.md from an empty folder sees what it shows: each block of it is carried out."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection  # noqa: TID251 - to press a button on this machine
from pathlib import Path
from socket import create_connection
from time import sleep

import pytest
from click.testing import CliRunner

from publisher.cli import main
from tests.docs.test_tutorial import steps
from tests.web.pages.test_pages_in_a_browser import free_port

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "first-newsletter.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOON = "1795348800"  # 2026-11-22T12:00:00Z
#: What differs with each publication, and what the doctor says of this machine.
CHANGING = re.compile(r"(?<=^plan )[0-9a-f]{16}$|^\w+ machine\..*\n", re.MULTILINE)
#: Where the page's writer has it.
HOME = "/home/ada"


class Newcomer:
    """Does what the page says, with other ports: `here` is the folder that commands are typed in."""

    def __init__(self, folder: Path, move: Callable[[Path], None]) -> None:
        self.folder = self.here = folder
        self.move = move
        self.mail_port, self.web_port = free_port(), free_port()
        self.article = Path()
        self.windows: list[subprocess.Popen[bytes]] = []

    @property
    def caught(self) -> str:
        return (self.folder / "aiosmtpd.txt").read_text(encoding="utf-8")

    def follow(self, kind: str, block: str) -> None:
        """Carry out a block of the page, and demand what it shows."""
        match kind:
            case "console":
                for command, shown in steps(f"```console\n{block}```\n"):
                    python = f"{HOME}/.venv/bin/python"
                    told = (
                        self.typed(command).replace(shlex.quote(sys.executable), python).replace(sys.executable, python)
                    )
                    told = told.replace(str(self.folder), HOME)
                    assert CHANGING.sub("", told) == CHANGING.sub("", shown), command
                    if command.startswith("chmod 600 "):
                        (self.here / command.removeprefix("chmod 600 ")).write_text(
                            "sample-password\n", encoding="utf-8"
                        )
            case "markdown":
                draft = self.article.read_text(encoding="utf-8")
                assert block.startswith(draft.replace("draft: true\n", ""))
                self.article.write_text(block, encoding="utf-8")
            case "toml":
                self.edited(block)
            case "sh":
                self.another_window(block)
            case "text":
                assert block in self.caught

    def typed(self, command: str) -> str:
        """Return what a command prints; a process of its own is only started where it is not publisher's."""
        if command.startswith("cd "):
            self.here /= command.removeprefix("cd ")
            self.move(self.here)
        elif command.startswith("publisher "):
            told = CliRunner().invoke(main, shlex.split(command)[1:])
            assert told.exception is None or isinstance(told.exception, SystemExit), command
            if command.startswith("publisher new "):
                self.article = self.here / told.output.strip()
            return told.output
        else:
            return subprocess.run(
                ["bash", "-c", command], cwd=self.here, check=True, stdout=subprocess.PIPE, encoding="utf-8"
            ).stdout
        return ""

    def edited(self, block: str) -> None:
        """Make publisher.toml end as the block, or put a line below the newsletter's name."""
        settings = self.here / "publisher.toml"
        text = settings.read_text(encoding="utf-8")
        block = block.replace(":8025", f":{self.mail_port}")
        if block.startswith("["):
            text = re.split(r"^# To send issues|^\[delivery\]", text, maxsplit=1, flags=re.MULTILINE)[0] + block
        else:
            text = text.replace('name = "weekly"\n', f'name = "weekly"\n{block}')
        settings.write_text(text, encoding="utf-8")

    def another_window(self, block: str) -> None:
        """Start what serves; that the package can be installed is shown elsewhere."""
        if "aiosmtpd -n" in block:
            assert "\npython -m aiosmtpd -n -l 127.0.0.1:8025\n" in block
            self.start("aiosmtpd", ["-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{self.mail_port}"], self.mail_port)
        elif "publisher web" in block:
            assert block.endswith("\ncd field-notes\npublisher web\n")
            self.start("web", ["-P", "-m", "publisher", "web", "--port", str(self.web_port)], self.web_port)
            self.leave("ann@reader.example")

    def start(self, name: str, arguments: list[str], port: int) -> None:
        with (self.folder / f"{name}.txt").open("wb") as out:
            command = [sys.executable, *arguments]
            self.windows.append(subprocess.Popen(command, cwd=self.here, stdout=out, stderr=subprocess.STDOUT))
        for _ in range(400):
            if is_open(port):
                return
            sleep(0.05)
        raise AssertionError((self.folder / f"{name}.txt").read_text(encoding="utf-8"))

    def leave(self, reader: str) -> None:
        """Press the button behind the link that stands in a reader's mail, as the page tells to find it."""
        mail = self.caught.partition(f"\nTo: {reader}\n")[2]
        link = re.search(r"^List-Unsubscribe:\n <https://notes\.example(/letters/u/\S+)>$", mail, re.MULTILINE)
        assert link is not None
        assert "<button>Unsubscribe</button>" in self.answer("GET", link[1])
        assert "unsubscribed" in self.answer("POST", link[1])

    def answer(self, method: str, path: str) -> str:
        """Return the page behind a link, or behind its button."""
        browser = HTTPConnection("127.0.0.1", self.web_port, timeout=30)
        browser.request(method, path, "List-Unsubscribe=One-Click" if method == "POST" else None)
        answer = browser.getresponse()
        assert answer.status == 200
        text = answer.read().decode()
        browser.close()
        return text


def is_open(port: int) -> bool:
    try:
        create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


@contextmanager
def newcomer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newcomer]:
    """Give somebody with an empty folder, at noon of the day on which the page was written."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOON)
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    monkeypatch.chdir(folder)
    somebody = Newcomer(folder, monkeypatch.chdir)
    try:
        yield somebody
    finally:
        for window in somebody.windows:
            window.terminate()
            window.wait()


def test_from_an_empty_folder_to_a_delivered_issue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with newcomer(tmp_path, monkeypatch) as somebody:
        blocks = BLOCK.findall(PAGE)
        assert {kind for kind, _ in blocks} == {"sh", "console", "markdown", "toml", "text"}
        for kind, block in blocks:
            somebody.follow(kind, block)
        assert somebody.caught.count("MESSAGE FOLLOWS") == 3
