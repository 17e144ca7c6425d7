"""Web servers that take a snippet as it is printed serve feeds as readers want them."""

import gzip
import http.client  # noqa: TID251 - to ask servers on this machine
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.config.settings import Settings
from publisher.feeds.gzipped import compressed
from publisher.feeds.offers import Offer
from publisher.feeds.opml import opml
from publisher.feeds.snippets import KINDS, Kind, snippet
from publisher.templating import bundled

HUB = "https://hub.example/"
TYPES = {
    ".atom.xml": "application/atom+xml; charset=utf-8",
    ".rss.xml": "application/rss+xml; charset=utf-8",
    ".json": "application/feed+json",
    ".opml": "text/x-opml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
MODULES = "mpm_event authz_core alias env headers mime rewrite".split()
PROGRAMS: dict[Kind, str] = {"nginx": "nginx", "apache": "apache2", "caddy": "caddy"}
SETTINGS = Settings.model_validate(
    {
        "publication": {"title": "Field Notes", "url": "https://notes.example/"},
        "syndication": {"hub": HUB, "gzip": True, "ttl": 15},
    }
)
OFFERS = tuple(
    Offer(name, "Field Notes", "", "en", SETTINGS.feeds_url, ("atom", "rss", "json"), datetime(2026, 1, 31, tzinfo=UTC))
    for name in ("all", "tags/birds")
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server says, names of header fields in lower case."""

    status: int
    fields: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Server:
    """A web server on this machine."""

    port: int

    def get(self, path: str, **fields: str) -> Answer:
        """Ask for a file below the folder of feeds."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)  # noqa: TID251
        try:
            named = {name.replace("_", "-"): value for name, value in fields.items()}
            connection.request("GET", f"/feeds/{path}", headers={"Host": "notes.example", **named})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()


def configuration(kind: Kind, text: str, port: int, folder: Path) -> str:
    """Put a snippet where its comment says: into a server's block of the host."""
    if kind == "nginx":
        temporary = " ".join(
            f"{use}_temp_path {folder}/{use};" for use in "client_body proxy fastcgi uwsgi scgi".split()
        )
        return (
            f"daemon off; pid {folder}/pid; error_log {folder}/log; events {{}}\n"
            f"http {{ access_log off; {temporary}\nserver {{ listen 127.0.0.1:{port};\n{text}\n}} }}\n"
        )
    if kind == "apache":
        user = "User nobody\nGroup nogroup\n" if os.getuid() == 0 else ""
        load = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in MODULES)
        return (
            f"ServerName notes.example\nListen 127.0.0.1:{port}\nPidFile {folder}/pid\nErrorLog {folder}/log\n"
            f"DefaultRuntimeDir {folder}\n{load}{user}"
            f"TypesConfig /dev/null\n<VirtualHost *>\n{text}\n</VirtualHost>\n"
        )
    return f"{{\n\tadmin off\n\tauto_https off\n}}\nhttp://:{port} {{\n\tbind 127.0.0.1\n{text}\n}}\n"


def command(kind: Kind, program: str, file: Path) -> list[str]:
    return {
        "nginx": [program, "-c", str(file), "-e", f"{file.parent}/log"],
        "apache": [program, "-DFOREGROUND", "-f", str(file)],
        "caddy": [program, "run", "--adapter", "caddyfile", "--config", str(file)],
    }[kind]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def readable_folder() -> Iterator[Path]:
    """Give a folder where the user of a server, who is not root, can read."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def running(kind: Kind, program: str, text: str) -> Iterator[Server]:
    """Run a server until the block ends."""
    with readable_folder() as folder, (folder / "talk").open("wb") as talk:
        server, file = Server(free_port()), folder / "settings"
        file.write_text(configuration(kind, text, server.port, folder), encoding="utf-8")
        homes = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(folder))
        process = subprocess.Popen(command(kind, program, file), env={**os.environ, **homes}, stdout=talk, stderr=talk)
        try:
            wait_for(server, process, folder)
            yield server
        finally:
            process.terminate()
            process.wait(timeout=20)


def wait_for(server: Server, process: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(200):
        try:
            server.get("")
        except OSError:
            said = "".join(
                path.read_text(encoding="utf-8", errors="replace")
                for path in (folder / "log", folder / "talk")
                if path.exists()
            )
            assert process.poll() is None, said
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server did not answer")


@pytest.fixture(scope="module")
def folder(files: dict[str, bytes]) -> Iterator[Path]:
    """Lay down feeds in a folder with a space in its path."""
    with readable_folder() as whole:
        feeds = whole / "field notes" / "feeds"
        for path, data in {**files, "feeds.opml": opml(OFFERS, SETTINGS)}.items():
            (feeds / path).parent.mkdir(parents=True, exist_ok=True)
            (feeds / path).write_bytes(data)
            (feeds / f"{path}.gz").write_bytes(compressed(data))
        yield feeds


@pytest.fixture(scope="module", params=[kind for kind in KINDS if kind in PROGRAMS])
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture(scope="module")
def server(kind: Kind, folder: Path, needs_program: Callable[[str], str]) -> Iterator[Server]:
    text = snippet(kind, OFFERS, SETTINGS, bundled(), folder)
    with running(kind, needs_program(PROGRAMS[kind]), text) as started:
        yield started


def names(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.suffix != ".gz"
    )


def expect_served(server: Server, name: str, data: bytes) -> None:
    """Demand type, caching and a short answer to those who have the file."""
    whole = server.get(name)
    assert (whole.status, whole.body) == (200, data)
    expect_labelled(whole, name)
    assert server.get(name, If_None_Match=whole.fields["etag"]).status == 304
    again = server.get(name, If_Modified_Since=whole.fields["last-modified"])
    assert (again.status, again.body) == (304, b"")
    assert server.get(name, If_None_Match='"another"').status == 200


def expect_labelled(answer: Answer, name: str) -> None:
    suffix = next(suffix for suffix in TYPES if name.endswith(suffix))
    assert answer.fields["content-type"].lower() == TYPES[suffix]
    assert answer.fields["cache-control"] == "public, max-age=900"
    link = f'<{HUB}>; rel="hub", <https://notes.example/feeds/{name}>; rel="self"'
    assert answer.fields.get("link") == (link if suffix in (".atom.xml", ".rss.xml", ".json") else None)


def test_every_file_has_its_type_and_is_sent_once(server: Server, folder: Path) -> None:
    assert len(names(folder)) > 8
    for name in names(folder):
        expect_served(server, name, (folder / name).read_bytes())


def test_the_compressed_sibling_is_sent_to_those_who_take_it(server: Server, folder: Path) -> None:
    for name in names(folder):
        packed = server.get(name, Accept_Encoding="gzip, br")
        assert packed.fields["content-encoding"] == "gzip"
        assert packed.fields["vary"].lower() == "accept-encoding"
        assert gzip.decompress(packed.body) == (folder / name).read_bytes()
        expect_labelled(packed, name)
        again = server.get(name, Accept_Encoding="gzip, br", If_None_Match=packed.fields["etag"])
        assert (again.status, again.body) == (304, b"")


def test_a_changed_file_is_sent_again(server: Server, folder: Path) -> None:
    path = folder / "all.json"
    had = server.get("all.json").fields["etag"]
    before, times = path.read_bytes(), path.stat()
    try:
        path.write_bytes(b'{"changed": true}')
        assert server.get("all.json", If_None_Match=had).body == b'{"changed": true}'
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_file_that_is_not_there_is_not_remembered(server: Server) -> None:
    missing = server.get("tags/none.atom.xml")
    assert (missing.status, missing.fields.get("cache-control")) == (404, None)


def test_a_server_without_the_types_would_be_noticed(
    kind: Kind, folder: Path, needs_program: Callable[[str], str]
) -> None:
    """The same snippet, but for the lines that name the type of Atom files."""
    text = snippet(kind, OFFERS, SETTINGS, bundled(), folder)
    spoiled = text.replace("application/atom+xml", "application/octet-stream")
    data = (folder / "all.atom.xml").read_bytes()
    with running(kind, needs_program(PROGRAMS[kind]), spoiled) as server:
        expect_served(server, "all.json", (folder / "all.json").read_bytes())
        with pytest.raises(AssertionError):
            expect_served(server, "all.atom.xml", data)


def test_a_publication_without_hub_and_compression_is_served_as_plainly(
    kind: Kind, folder: Path, needs_program: Callable[[str], str]
) -> None:
    plain = Settings.model_validate({"publication": {"title": "Field Notes", "url": "https://notes.example/"}})
    text = snippet(kind, OFFERS, plain, bundled(), folder)
    with running(kind, needs_program(PROGRAMS[kind]), text) as server:
        answer = server.get("tags/birds.atom.xml", Accept_Encoding="gzip")
    assert answer.body == (folder / "tags" / "birds.atom.xml").read_bytes()
    assert answer.fields["content-type"] == TYPES[".atom.xml"]
    assert answer.fields["cache-control"] == "public, max-age=3600"
    assert {"link", "content-encoding"} & answer.fields.keys() == set()
