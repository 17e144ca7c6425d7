"""What is served is old or new, never torn, and stays untouched as long as nothing is new."""

import errno
import http.client  # noqa: TID251 - to ask servers on this machine
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from publisher import Publication
from publisher.errors import PublisherError, SurroundingsError

pytestmark = pytest.mark.uncovered

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SETTINGS = """
[publication]
title = "Field Notes"
url = "https://notes.example/"
authority = "notes.example,2026"
[[feeds]]
name = "all"
limit = 2
[[feeds]]
per = "tag"
"""
Files = Mapping[str, bytes]


def post(folder: Path, name: str, tag: str, body: str = "Text.", head: str = "") -> None:
    day = f"2026-11-{10 + len(name)}"
    text = f"---\ntitle: {name}\ndate: {day}\ntags: [{tag}]\n{head}---\n{body}\n"
    (folder / "articles" / f"{name}.md").write_text(text, encoding="utf-8")


@pytest.fixture(autouse=True, scope="module")
def _no_waiting() -> Iterator[None]:
    """Let no build wait for the disk: power does not fail here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Give a publication that has been built."""
    return new_site(tmp_path)


def new_site(base: Path) -> Path:
    folder = base / "site"
    (folder / "articles").mkdir(parents=True)
    (folder / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    for name, tag in (("a", "sea"), ("bb", "sea"), ("ccc", "sky"), ("dddd", "sky")):
        post(folder, name, tag)
    Publication.load(folder).build(NOW)
    return folder


def edit(folder: Path) -> None:
    """Let an article appear with a new tag, one change, one lose its tag's last feed, and one be withdrawn."""
    post(folder, "eeeee", "dawn")
    post(folder, "dddd", "dawn", "Other text.")
    post(folder, "ccc", "dawn")
    post(folder, "a", "sea", head="status: withdrawn\n")


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files but the cache."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith("cache.db")]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def states(folder: Path) -> dict[Path, tuple[int, int]]:
    return {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in folder.rglob("*") if p.is_file()}


# ---------------------------------------------------------------- nothing is new


def test_a_build_without_anything_new_touches_no_file(site: Path) -> None:
    before = states(site)
    report = Publication.load(site).build(LATER)
    assert report.written == ()
    assert {p: state for p, state in states(site).items() if p.name != "cache.db"} == {
        p: state for p, state in before.items() if p.name != "cache.db"
    }


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def python_server(folder: Path) -> Iterator[int]:
    """Serve a folder as `python -m http.server` does; yield the port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def nginx_server(program: str, folder: Path) -> Iterator[int]:
    """Serve a folder with nginx as it comes; yield the port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    with tempfile.TemporaryDirectory() as name:
        own = Path(name)
        uses = "".join(f"{use}_temp_path {own}/{use}; " for use in "client_body proxy fastcgi uwsgi scgi".split())
        user = "user root; " if os.getuid() == 0 else ""
        text = (
            f"{user}daemon off; pid {own}/pid; error_log {own}/log; events {{}} "
            f"http {{ access_log off; {uses} server {{ listen 127.0.0.1:{port}; root {folder}; }} }}"
        )
        (own / "settings").write_text(text, encoding="utf-8")
        process = subprocess.Popen([program, "-c", f"{own}/settings", "-e", f"{own}/log"], stderr=subprocess.PIPE)
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()
            process.communicate(timeout=20)


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the server did not answer")


@pytest.fixture(params=["python", "nginx"])
def port(request: pytest.FixtureRequest, site: Path, needs_program: Callable[[str], str]) -> Iterator[int]:
    feeds = site / "feeds"
    serve = python_server(feeds) if request.param == "python" else nginx_server(needs_program("nginx"), feeds)
    with serve as port:
        yield port


def get(port: int, name: str, known: Mapping[str, str]) -> tuple[int, dict[str, str]]:
    """Ask for a file as a reader does who has it; return the status, and what to say next time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)  # noqa: TID251
    try:
        connection.request("GET", f"/{name}", headers=dict(known))
        answer = connection.getresponse()
        answer.read()
        said = {"If-None-Match": answer.getheader("etag"), "If-Modified-Since": answer.getheader("last-modified")}
        return answer.status, {name: value for name, value in said.items() if value}
    finally:
        connection.close()


def test_readers_download_only_what_changed(site: Path, port: int) -> None:
    names = [p.relative_to(site / "feeds").as_posix() for p in (site / "feeds").rglob("*") if p.is_file()]
    for path in (site / "feeds").rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))  # long ago: HTTP knows no fractions of a second
    known = {name: get(port, name, {})[1] for name in names}
    Publication.load(site).build(LATER)
    assert {name: get(port, name, known[name])[0] for name in names} == dict.fromkeys(names, 304)
    post(site, "eeeee", "sky")
    report = Publication.load(site).build(LATER)
    fresh = {name for name in names if get(port, name, known[name])[0] == 200}
    assert {f"feeds/{name}" for name in fresh} == set(report.written) & {f"feeds/{name}" for name in names}
    assert "all.atom.xml" in fresh
    assert "tags/sea.atom.xml" not in fresh


def test_a_file_that_is_written_again_would_be_noticed(site: Path, port: int) -> None:
    name = "all.atom.xml"
    _, known = get(port, name, {})
    (site / "feeds" / name).write_bytes((site / "feeds" / name).read_bytes())
    os.utime(site / "feeds" / name, (2_000_000_000, 2_000_000_000))
    assert get(port, name, known)[0] == 200


# ---------------------------------------------------------------- a build is killed


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Files, Files, dict[Path, int]]:
    """Give the files before and after an edit, and copies of the first whose builds were killed."""
    base = tmp_path_factory.mktemp("killed")
    folder = new_site(base)
    edit(folder)
    done = shutil.copytree(folder, base / "done")
    Publication.load(done).build(LATER)
    command = [
        sys.executable,
        str(Path(__file__).with_name("killed.py")),
        str(folder),
        str(base),
        LATER.isoformat(),
        "15",
    ]
    run = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")
    ends = dict(line.split() for line in run.stdout.splitlines())
    return tree(folder), tree(done), {base / name: int(status) for name, status in ends.items()}


def expect_old_or_new(folder: Path, old: Files, new: Files) -> None:
    """Demand that whatever a server may send, and the lock, is whole."""
    files = tree(folder)
    for name in (name for name in files if not name.endswith(".tmp")):
        assert files[name] in (old.get(name), new.get(name)), name
    assert {name for name in old if name in new} <= files.keys()


def test_a_killed_build_leaves_each_file_old_or_new(killed: tuple[Files, Files, dict[Path, int]]) -> None:
    old, new, ends = killed
    died = [folder for folder, status in ends.items() if status == -signal.SIGKILL]
    assert len(died) > 60
    for folder in ends:
        expect_old_or_new(folder, old, new)
    assert tree(max(folder for folder in ends if folder not in died and "point" in folder.name)) == new
    torn = [
        name
        for folder in died
        for name, data in tree(folder).items()
        if name.endswith(".tmp") and data not in new.values()
    ]
    assert torn


def test_no_feed_shows_an_id_that_the_lock_does_not_know(killed: tuple[Files, Files, dict[Path, int]]) -> None:
    for folder in killed[2]:
        files = tree(folder)
        if files["feeds/all.atom.xml"] == killed[1]["feeds/all.atom.xml"]:
            assert files["publisher.lock"] == killed[1]["publisher.lock"]


def test_the_build_after_a_killed_one_completes_it(
    killed: tuple[Files, Files, dict[Path, int]], tmp_path: Path
) -> None:
    _, new, ends = killed
    for folder in ends:
        again = shutil.copytree(folder, tmp_path / folder.name)
        Publication.load(again).build(LATER)
        assert tree(again) == new, folder.name
        assert Publication.load(again).build(LATER).written == ()


def test_what_a_killed_build_began_and_nobody_wants_any_more_is_taken_away(
    killed: tuple[Files, Files, dict[Path, int]], tmp_path: Path
) -> None:
    """The author takes everything back before the next build."""
    for folder in killed[2]:
        again = shutil.copytree(folder, tmp_path / folder.name)
        (again / "articles" / "eeeee.md").unlink()
        Publication.load(again).build(LATER, withdraw=["all"])
        assert [name for name in tree(again) if name.endswith(".tmp")] == [], folder.name


def test_a_torn_file_would_be_noticed(killed: tuple[Files, Files, dict[Path, int]], tmp_path: Path) -> None:
    old, new, ends = killed
    folder = shutil.copytree(next(iter(ends)), tmp_path / "torn")
    expect_old_or_new(folder, old, new)
    feed = folder / "feeds" / "all.json"
    feed.write_bytes(feed.read_bytes()[:-2])
    with pytest.raises(AssertionError):
        expect_old_or_new(folder, old, new)
    feed.unlink()
    with pytest.raises(AssertionError):
        expect_old_or_new(folder, old, new)


# ---------------------------------------------------------------- a build fails


class FullDisk:
    """Lets some files be written, and has no room for the others."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.open: Callable[..., Any] = Path.open

    def __call__(self, path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        file = self.open(path, mode, *more, **named)
        if "r" in mode:
            return file
        self.room -= 1
        return file if self.room >= 0 else Full(file)


class Full(BytesIO):
    """A file on a full disk: half of what is written arrives."""

    def __init__(self, file: Any) -> None:
        super().__init__()
        self._file = file

    def write(self, data: Any) -> int:
        self._file.write(data[: len(data) // 2])
        self._file.close()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_changes_nothing(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(site)
    before = states(site)
    files = tree(site)
    for room in range(60):
        with monkeypatch.context() as patch:
            disk = FullDisk(room)
            patch.setattr(Path, "open", lambda *a, disk=disk, **k: disk(*a, **k))
            try:
                Publication.load(site).build(LATER)
            except SurroundingsError as error:
                assert "No space left on device" in str(error)  # noqa: PT017 - the last one does not fail
            else:
                break
        assert tree(site) == files
        assert states(site) == before
    assert room > 15
    assert "feeds/tags/dawn.atom.xml" in tree(site)


def test_a_broken_template_changes_nothing(site: Path) -> None:
    edit(site)
    (site / "templates" / "feed").mkdir(parents=True)
    (site / "templates" / "feed" / "page.html").write_text("{{ nobody.knows }}", encoding="utf-8")
    before = states(site)
    with pytest.raises(PublisherError, match=r"page\.html"):
        Publication.load(site).build(LATER)
    assert states(site) == before
    (site / "templates" / "feed" / "page.html").unlink()
    assert "feeds/all.html" in Publication.load(site).build(LATER).written
