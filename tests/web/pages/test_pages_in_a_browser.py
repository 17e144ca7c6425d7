"""The whole way of a reader in a real browser: subscribe, read the mail, confirm, leave."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket
from time import sleep

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from publisher import Publication
from publisher.audience.links import Links
from publisher.audience.subscriptions import find
from tests.web.pages.conftest import SETTINGS


def free_port() -> int:
    with socket(AF_INET, SOCK_STREAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Run `publisher web` for a publication; give the address of its pages."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/letters/"
    text = SETTINGS.replace("https://notes.example/letters/", address).replace("STATE", "sqlite:///.publisher/state.db")
    (tmp_path / "publisher.toml").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "publisher", "-C", str(tmp_path), "web", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == address
            yield address
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=30)
            assert "reader" not in errors
            assert "Traceback" not in errors
            assert process.returncode == 0
        finally:
            process.kill()


def the_mail(folder: Path) -> str:
    """Wait for the only mail, and return the link in it."""
    for _ in range(400):
        found = list((folder / "out").glob("*.eml"))
        if found:
            mail = message_from_bytes(found[0].read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",))
            assert body is not None
            return str(re.findall(r"http://\S+/c/\S+", body.get_content())[0])
        sleep(0.05)
    raise AssertionError("no mail came")


def expect_accessible(page: Page, name: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response
        assert [one["id"] for one in found["violations"] if one["impact"] in ("serious", "critical")] == []
        if shots := os.environ.get("PUBLISHER_SHOTS"):
            page.screenshot(path=f"{shots}/{name}-{scheme}.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def status(folder: Path) -> str:
    publication = Publication.load(folder)
    with publication._store() as store, store.reading() as connection:
        found = find(connection, "weekly", "ann@reader.example")
    assert found is not None
    return found.status.value


def test_a_reader_subscribes_confirms_and_leaves(page: Page, site: str, tmp_path: Path) -> None:
    page.goto(site)
    expect_accessible(page, "subscribe")
    form = page.locator("form").first
    form.get_by_label("Your email address").fill("ann@reader.example")
    page.wait_for_timeout(2100)
    form.get_by_role("button", name="Subscribe").click()
    page.get_by_role("heading", name="Look into your inbox").wait_for()
    expect_accessible(page, "asked")
    page.goto(the_mail(tmp_path))
    expect_accessible(page, "confirm")
    assert status(tmp_path) == "pending"
    page.get_by_role("button", name="Yes, subscribe me").click()
    page.get_by_role("heading", name="You are subscribed").wait_for()
    assert status(tmp_path) == "confirmed"
    links = Links(site, Publication.load(tmp_path)._keys())
    page.goto(links.preferences("weekly", 1))
    expect_accessible(page, "preferences")
    page.get_by_label("How often").select_option("monthly")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Your preferences are saved.").wait_for()
    page.goto(links.unsubscribe("weekly", 1))
    expect_accessible(page, "unsubscribe")
    page.get_by_role("button", name="Unsubscribe").click()
    page.get_by_role("heading", name="You are unsubscribed").wait_for()
    expect_accessible(page, "unsubscribed")
    assert status(tmp_path) == "unsubscribed"
    page.get_by_role("button", name="That was a mistake").click()
    page.get_by_role("heading", name="You are subscribed again").wait_for()
    assert status(tmp_path) == "confirmed"
