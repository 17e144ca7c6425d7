"""Who is answered, what is refused, and how the preview begins and ends."""

import errno
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from http.client import HTTPConnection  # noqa: TID251 - it asks the preview, on this machine
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from click.testing import CliRunner

from publisher.cli import main
from publisher.web.preview import serving
from publisher.web.preview.issues import ShownIssue

Served = Callable[[ShownIssue], AbstractContextManager[str]]
ISSUE = ShownIssue("Field Notes", files={"issue.html": b"<p>Unpublished.</p>", "issue.txt": b"Unpublished.\n"})
MAIL = (
    b"Content-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: image/png\r\nContent-ID: <a@b>\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\naGVyb24=\r\n--x--\r\n"
)


def ask(address: str, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Ask for a path as it is written; no client tidies it up on the way."""
    place = urlsplit(address)
    with closing(HTTPConnection("127.0.0.1", place.port or 0, timeout=20)) as connection:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": place.netloc, **headers}.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example", ""]
)
@pytest.mark.parametrize(
    "path", ["/", "/newsletters/weekly", "/frames/newsletters/weekly/text", "/events", "/preview.js"]
)
def test_a_foreign_host_name_gets_nothing(served: Served, host: str, path: str) -> None:
    with served(ISSUE) as address:
        status, _, body = ask(address, path, Host=host)
    assert status == 421
    assert b"Unpublished" not in body


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_this_machine_is_answered_by_each_of_its_names(served: Served, name: str) -> None:
    with served(ISSUE) as address:
        status, _, body = ask(address, "/frames/newsletters/weekly/text", Host=f"{name}:{urlsplit(address).port}")
    assert (status, b"Unpublished" in body) == (200, True)


@pytest.mark.parametrize("path", ["/newsletters/weekly", "/frames/newsletters/weekly/desktop", "/preview.css", "/none"])
def test_answers_are_for_this_page_alone(served: Served, path: str) -> None:
    with served(ISSUE) as address:
        _, headers, _ = ask(address, path, Origin="https://evil.example")
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("view", ["desktop", "dark", "text", "source", "nothing"])
def test_every_frame_is_locked_up(served: Served, view: str) -> None:
    with served(ISSUE) as address:
        _, headers, _ = ask(address, f"/frames/newsletters/weekly/{view}")
    policy = headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy


TRAVERSALS = [
    "/pictures/weekly/../../etc/passwd",
    "/pictures/weekly/..%2f..%2f..%2fetc%2fpasswd",
    "/pictures/weekly//etc/passwd",
    "/pictures/weekly/%2fetc%2fpasswd",
    "/frames/newsletters/weekly/..%2fpublisher.toml",
    "/frames/newsletters/..%2f..%2fetc/passwd",
    "/frames/feeds/page/..%2f..%2fpublisher.toml",
    "/feeds/../publisher.toml",
    "/preview.css/../../../publisher.toml",
    "/../publisher.toml",
    "/templates/preview/page.html",
]


@pytest.mark.parametrize("path", TRAVERSALS)
def test_no_path_leads_to_a_file(preview: str, path: str) -> None:
    status, _, body = ask(preview, path)
    assert status in (200, 404)
    assert b"root:" not in body
    assert b"[[newsletters]]" not in body
    assert b"{%" not in body


def test_feeds_and_views_that_do_not_exist_are_named(preview: str) -> None:
    assert b"no feed is called dusk" in ask(preview, "/feeds/dusk")[2]
    assert b"no newsletter is called monthly" in ask(preview, "/newsletters/monthly")[2]
    assert ask(preview, "/frames/feeds/page/dusk")[0] == 404
    assert b"There is nothing to show here." in ask(preview, "/frames/feeds/dusk/all")[2]


def test_the_first_page_is_that_of_what_there_is(preview: str, site: Path) -> None:
    settings = site / "publisher.toml"
    whole = settings.read_text(encoding="utf-8")
    assert ask(preview, "/")[1]["location"] == "/newsletters/weekly"
    _save(settings, whole.partition("[[newsletters]]")[0], preview)
    assert ask(preview, "/")[1]["location"] == "/feeds/all"
    _save(settings, "[publication]", preview)
    status, _, body = ask(preview, "/")
    assert (status, b"publication.title" in body) == (200, True)


def _save(path: Path, text: str, address: str) -> None:
    """Save a file and wait until the preview has seen it."""
    before = _version(address)
    path.write_text(text, encoding="utf-8")
    for _ in range(400):
        if _version(address) != before:
            return
        time.sleep(0.05)
    pytest.fail("the preview did not notice a save")


def _version(address: str) -> bytes:
    return ask(address, "/newsletters/weekly")[2].partition(b'data-version="')[2][:20]


def test_nothing_can_be_sent(served: Served) -> None:
    with served(ISSUE) as address:
        assert {ask(address, "/newsletters/weekly", method)[0] for method in ("POST", "PUT", "DELETE")} == {405}


def test_pictures_that_the_mail_brings_along_are_shown(served: Served) -> None:
    html = b'<img src="cid:a@b" alt="A heron"><img src="cid:none@b" alt="Nothing">'
    with served(ShownIssue("Field Notes", files={"issue.html": html, "issue.eml": MAIL})) as address:
        _, _, shown = ask(address, "/frames/newsletters/weekly/desktop")
        status, headers, data = ask(address, "/pictures/weekly/cid%3Aa%40b")
        missing, _, _ = ask(address, "/pictures/weekly/cid%3Anone%40b")
    assert b'src="/pictures/weekly/cid%3Aa%40b"' in shown
    assert b'src="cid:none@b"' in shown
    assert (status, headers["content-type"], data, missing) == (200, "image/png", b"heron", 404)


def test_readers_own_values_are_samples(served: Served) -> None:
    html = b'<a href="https://unsubscribe.invalid/@@UNSUBSCRIBE@@">Leave</a> @@NAME@@ @@ADDRESS@@'
    with served(ShownIssue("Field Notes", files={"issue.html": html})) as address:
        _, _, shown = ask(address, "/frames/newsletters/weekly/desktop")
    assert b"@@" not in shown
    assert b"Ada Example ada@reader.example" in shown


def test_ctrl_c_ends_it_quietly_and_at_once(program: Any) -> None:
    port = urlsplit(program.address).port
    with socket.create_connection(("127.0.0.1", port)) as listener:  # a page that listens does not keep it
        listener.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        assert b"200" in listener.recv(100)
        program.process.send_signal(signal.SIGINT)
        printed, said = program.process.communicate(timeout=20)
    assert (program.process.returncode, printed) == (0, "")
    assert said.startswith("Showing ")
    assert said.count("\n") == 1


def test_it_serves_this_machine_alone(program: Any) -> None:
    place = urlsplit(program.address)
    assert place.hostname == "127.0.0.1"
    for row in Path("/proc/net/tcp").read_text(encoding="utf-8").splitlines()[1:]:
        local, state = row.split()[1], row.split()[3]
        if local.endswith(f":{place.port:04X}") and state == "0A":  # listening
            assert local.startswith("0100007F")


def invoke(site: Path, *arguments: str) -> Any:
    return CliRunner().invoke(main, ["-C", str(site), "preview", *arguments])


def test_a_port_that_is_taken_is_named_with_one_that_is_free(site: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = invoke(site, "--port", str(port))
    assert result.exit_code == 4
    assert f"port {port} is taken; choose another one with: publisher preview --port " in result.stderr
    assert str(port) not in result.stderr.rpartition("--port ")[2]


def test_a_newsletter_that_does_not_exist_is_refused(site: Path) -> None:
    result = invoke(site, "weakly")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean weekly?" in result.stderr


def test_a_missing_extra_is_named_with_its_cure(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("publisher.web.preview.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    result = invoke(site)
    assert result.exit_code == 4
    assert 'uvicorn is missing, which the preview needs: pip install "publisher-feeds[preview]"' in result.stderr


def test_help_loads_none_of_it() -> None:
    code = (
        "import sys; from publisher.cli import main; main(['preview', '--help'], standalone_mode=False); "
        "print(sorted({'starlette', 'uvicorn', 'watchfiles', 'lxml', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1] == "[]"


def test_it_is_served_until_it_is_told_to_stop(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(server: uvicorn.Server, **_: object) -> None:
        server.handle_exit(signal.SIGINT, None)
        assert server.should_exit
        raise KeyboardInterrupt

    monkeypatch.setattr(uvicorn.Server, "run", stop)
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    result = invoke(site, "weekly", "--port", "0", "--open")
    assert result.exit_code == 0
    assert result.stdout.endswith("/newsletters/weekly\n")
    for _ in range(400):
        if opened:
            break
        time.sleep(0.05)
    assert [result.stdout.strip()] == opened


def test_a_port_that_is_refused_is_named(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(port: int) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(serving, "_bound", refused)
    result = invoke(site, "--port", "80")
    assert result.exit_code == 4
    assert "port 80 is refused: Permission denied; choose another one with --port" in result.stderr
