"""A build tells the hub of the feeds that changed, once their files are in place, and of no others."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import pytest

from publisher import Publication
from publisher.errors import Severity

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FORMATS = (".atom.xml", ".rss.xml", ".json")


class Hub(HTTPServer):
    """Takes every ping, and notes what the feed's file said at that moment."""

    def __init__(self, site: Path) -> None:
        super().__init__(("127.0.0.1", 0), Call)
        self.site = site
        self.told: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.server_port}/"


class Call(BaseHTTPRequestHandler):
    server: Hub

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        (topic,) = asked["hub.url"]
        name = topic.removeprefix("https://notes.example/")
        self.server.told[name] = (self.server.site / name).read_bytes()
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with Hub(tmp_path) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def site(tmp_path: Path, hub: Hub) -> Path:
    (tmp_path / "articles").mkdir()
    for name, tag in (("one", "a"), ("two", "b")):
        write(tmp_path, name, tag)
    configure(tmp_path, f'hub = "{hub.url}"')
    return tmp_path


def write(site: Path, name: str, tag: str, text: str = "Text.") -> None:
    head = f"---\ntitle: {name}\ndate: 2026-11-20\ntags: [{tag}]\n---\n"
    (site / "articles" / f"{name}.md").write_text(f"{head}{text} {name}\n", encoding="utf-8")


def configure(site: Path, syndication: str) -> None:
    (site / "publisher.toml").write_text(
        f'[publication]\ntitle = "Field Notes"\nurl = "https://notes.example/"\n[syndication]\n{syndication}\n',
        encoding="utf-8",
    )


def build(site: Path, hub: Hub, hours: int = 0) -> set[str]:
    hub.told.clear()
    report = Publication.load(site).build(NOW + timedelta(hours=hours))
    assert [p for p in report.problems if p.severity is Severity.ERROR] == []
    return set(hub.told)


def files(*names: str) -> set[str]:
    return {f"feeds/{name}{form}" for name in names for form in FORMATS}


def test_changed_feeds_are_told_of_and_no_others(site: Path, hub: Hub) -> None:
    assert build(site, hub) == files("all", "tags/a", "tags/b")
    assert build(site, hub) == set()
    write(site, "one", "a", "More text.")
    assert build(site, hub) == files("all", "tags/a")


def test_the_files_are_in_place_when_the_hub_hears_of_them(site: Path, hub: Hub) -> None:
    build(site, hub)
    assert hub.told == {name: (site / name).read_bytes() for name in hub.told}


def test_feeds_name_the_hub_while_it_is_told_and_only_then(site: Path, hub: Hub) -> None:
    build(site, hub)
    for name in files("all"):
        assert hub.url.encode() in (site / name).read_bytes()
    configure(site, f'hub = "{hub.url}"\nping = false')
    assert build(site, hub) == set()
    for name in files("all"):
        assert hub.url.encode() not in (site / name).read_bytes()
    assert json.loads((site / "feeds" / "all.json").read_bytes()).get("hubs") is None


def test_a_dry_run_tells_nobody(site: Path, hub: Hub) -> None:
    Publication.load(site).build(NOW, dry_run=True)
    assert hub.told == {}


def test_a_hub_that_is_away_stops_no_build_and_hears_of_it_later(
    site: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr("publisher.websub.hub.ping", lambda *_: pytest.fail("imported"))
        away.setattr("publisher.publication.building.send", lambda *_: ())
        build(site, hub)
    assert build(site, hub, hours=1) == files("all", "tags/a", "tags/b")
