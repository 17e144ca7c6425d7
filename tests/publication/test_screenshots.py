"""Pictures of an issue: right sizes, day and night, its own pictures in them, and nothing fetched or run."""

import json
import struct
import subprocess
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from publisher import Publication
from publisher.cli import main
from publisher.errors import SurroundingsError
from publisher.publication import screenshots
from publisher.publication.screenshots import SHOTS, take_screenshots
from publisher.publication.showing import ShownPicture, filled, own_pictures, with_pictures


def png(red: int, green: int, blue: int) -> bytes:
    """Return a picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixel = zlib.compress(bytes([0, red, green, blue]))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")


def size(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def mail(picture: bytes) -> bytes:
    return (
        b"Content-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: image/png\r\nContent-ID: <red@x>\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + b64encode(picture) + b"\r\n--x--\r\n"
    )


PAGE = """<!DOCTYPE html><html><head><meta name="color-scheme" content="light dark"><style>
body { margin: 0; background: #ffffff } div { height: 1000px } @media (max-width: 480px) { div { height: 1500px } }
@media (prefers-color-scheme: dark) { body { background: #000000 } }
</style></head><body><img src="cid:red@x" alt="" width="100" height="100" style="display: block"><div>{content}</div>
</body></html>"""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "2026-W47"
    folder.mkdir()
    (folder / "issue.html").write_text(PAGE.replace("{content}", "Words"), encoding="utf-8")
    (folder / "issue.eml").write_bytes(mail(png(255, 0, 0)))
    (folder / "manifest.json").write_text('{"url": ""}', encoding="utf-8")
    return folder


def corner(data: bytes) -> tuple[int, ...]:
    """Return the colour of the first pixel of a PNG, whose first row needs no neighbour to be read."""
    position, packed, channels = 8, b"", 0
    while position < len(data):
        (length,) = struct.unpack(">I", data[position : position + 4])
        kind, body = data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        channels = {2: 3, 6: 4}[body[9]] if kind == b"IHDR" else channels
        packed += body if kind == b"IDAT" else b""
        position += length + 12
    return tuple(zlib.decompress(packed)[1:4])


def test_each_way_to_look_at_an_issue_gets_its_picture(bundle: Path, needs_program: Callable[[str], str]) -> None:
    needs_program("chromium")
    before = {path.name: path.read_bytes() for path in bundle.iterdir()}
    taken = take_screenshots(bundle)
    assert taken.problem is None
    assert taken.files == tuple(f"screenshots/{shot.name}.png" for shot in SHOTS)
    pictures = {name: (bundle / name).read_bytes() for name in taken.files}
    assert size(pictures["screenshots/desktop-light.png"]) == (600, 1100)
    assert size(pictures["screenshots/phone-dark.png"]) == (500, 1600)
    assert corner(pictures["screenshots/desktop-light.png"]) == (255, 0, 0)
    assert corner(pictures["screenshots/images-off.png"]) != (255, 0, 0)
    assert pictures["screenshots/desktop-light.png"] != pictures["screenshots/desktop-dark.png"]
    assert {path.name: path.read_bytes() for path in bundle.iterdir() if path.is_file()} == before


FRAMED = screenshots._framed


def test_hostile_content_runs_nothing_and_asks_for_nothing(
    bundle: Path, needs_program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_program("chromium")
    hostile = (
        '<script>document.body.style.height = "5000px"</script><img src="file:///etc/hostname" '
        'onerror="document.body.style.height = `5000px`"><iframe src="file:///etc/passwd"></iframe>'
    )
    (bundle / "issue.html").write_text(PAGE.replace("{content}", hostile), encoding="utf-8")
    monkeypatch.setattr(screenshots, "SHOTS", SHOTS[:1])
    taken = take_screenshots(bundle)
    assert size((bundle / taken.files[0]).read_bytes()) == (600, 1100)
    monkeypatch.setattr(
        screenshots, "_framed", lambda *args, **options: FRAMED(*args, **options).replace("sandbox", "x")
    )
    taken = take_screenshots(bundle)
    assert size((bundle / taken.files[0]).read_bytes()) != (600, 1100)  # without its sandbox the script would run


def test_without_chromium_a_note_says_so(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screenshots, "_NAMES", ("no-such-browser",))
    taken = take_screenshots(bundle)
    assert taken.files == ()
    assert "Chromium is missing; install it" in str(taken.problem)
    assert not (bundle / "screenshots").exists()


def script(folder: Path, body: str) -> str:
    path = folder / "browser"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("exit 3", "Chromium ended with status 3"),
        ("echo '<title>[100, 100]</title>'", "Chromium wrote none"),
        ("echo nothing", "Chromium did not show the page"),
    ],
)
def test_a_browser_that_fails_is_named(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, said: str
) -> None:
    monkeypatch.setattr(screenshots, "_NAMES", (script(tmp_path, body),))
    taken = take_screenshots(bundle)
    assert said in str(taken.problem)
    assert not (bundle / "screenshots").exists()


def test_a_browser_that_hangs_is_ended_with_all_it_started(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screenshots, "PATIENCE", 1)
    monkeypatch.setattr(screenshots, "_NAMES", (script(tmp_path, f"sleep 98765 & echo $! > {tmp_path}/child; wait"),))
    assert "more than 1 seconds" in str(take_screenshots(bundle).problem)
    child = (tmp_path / "child").read_text(encoding="utf-8").strip()
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", child], capture_output=True, check=False, encoding="utf-8"
    ).stdout
    assert state.strip()[:1] in ("", "Z")


def test_a_browser_that_ended_by_itself_is_not_killed(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number may be another program's by then."""
    killed: list[int] = []
    monkeypatch.setattr("publisher.publication.screenshots.os.killpg", lambda number, _: killed.append(number))
    monkeypatch.setattr(screenshots, "_NAMES", (script(tmp_path, "echo nothing"),))
    take_screenshots(bundle)
    assert killed == []


def test_a_bundle_that_cannot_be_read_is_told_in_words(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screenshots, "_NAMES", (script(tmp_path, "exit 0"),))
    (bundle / "issue.html").unlink()
    with pytest.raises(SurroundingsError, match=r"issue\.html: cannot be read: No such file"):
        take_screenshots(bundle)


def test_pictures_are_known_by_the_addresses_in_the_html() -> None:
    moment = "2026-11-16T08:00:00Z"
    said = {"format": 1, "key": "2026-W47", "number": 1, "subject": "Notes", "date": moment, "since": moment}
    url = "https://notes.example/feeds/issues/weekly/2026-W47.html"
    manifest = json.dumps({**said, "url": url, "articles": [], "files": {}}).encode()
    picture = png(0, 0, 255)
    found = own_pictures(
        {"manifest.json": manifest, "images/a.png": picture, "images/b.svg": b"<svg/>", "issue.eml": mail(picture)}
    )
    home = "https://notes.example/feeds/issues/weekly/2026-W47/images"
    assert found == {
        f"{home}/a.png": ShownPicture("image/png", picture),
        "cid:red@x": ShownPicture("image/png", picture),
    }


@pytest.mark.parametrize("manifest", [b"", b"{", b"[]", b'{"url": 1}'])
def test_without_an_address_pictures_of_the_web_are_left_where_they_are(manifest: bytes) -> None:
    assert own_pictures({"manifest.json": manifest, "images/a.png": b"x"}) == {}


def test_only_pictures_find_their_way_elsewhere() -> None:
    html = '<a href="cid:a">x</a><img alt="" src="cid:a"><td background="https://x.example/?a=1&amp;b=2"><p>src="cid:a"</p>'
    moved = with_pictures(html, {"cid:a": "/new", "https://x.example/?a=1&b=2": '/"2'})
    assert moved == '<a href="cid:a">x</a><img alt="" src="/new"><td background="/&quot;2"><p>src="cid:a"</p>'


def test_readers_own_values_are_plainly_samples() -> None:
    text = filled(
        "https://unsubscribe.invalid/@@UNSUBSCRIBE@@ https://preferences.invalid/@@PREFERENCES@@ @@NAME@@ @@ADDRESS@@"
    )
    assert "@@" not in text
    assert ".example" in text


SETTINGS = '[publication]\ntitle = "Field Notes"\nurl = "https://notes.example/"\n[[newsletters]]\nname = "weekly"\n'
ARTICLE = "---\ntitle: First light\ndate: 2026-11-21\n---\nIt was early.\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "articles").mkdir(parents=True)
    (folder / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "articles" / "first.md").write_text(ARTICLE, encoding="utf-8")
    return folder


def call(site: Path, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["-C", str(site), "--as-of", "2026-11-22T12:00:00Z", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_an_issue_with_its_pictures_is_still_the_bundle_that_was_made(
    site: Path, needs_program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_program("chromium")
    monkeypatch.setattr(screenshots, "SHOTS", SHOTS[:1])
    status, printed, said = call(site, "-v", "issue", "weekly", "--screenshots")
    assert (status, printed.count("\n")) == (0, 1)
    assert "screenshots/desktop-light.png" in said
    assert (site / "issues/weekly/2026-W47/screenshots/desktop-light.png").is_file()
    status, printed, _ = call(site, "check", str(site / "issues/weekly/2026-W47"))
    assert (status, "bundle." in printed) == (0, False)


def test_the_facade_takes_pictures_of_a_bundle_by_its_place(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screenshots, "_NAMES", ("no-such-browser",))
    taken = Publication.load(site).screenshots("issues/weekly/2026-W47")
    assert taken.files == ()
    assert taken.problem
    assert taken.problem.path == f"{site}/issues/weekly/2026-W47/screenshots"


def test_an_issue_is_made_where_no_picture_can_be_taken(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screenshots, "_NAMES", ("no-such-browser",))
    status, printed, said = call(site, "issue", "weekly", "--screenshots")
    assert (status, Path(printed.strip()).name) == (0, "2026-W47")
    assert said.startswith("note: ")
    assert "Chromium is missing" in said


def test_pictures_of_what_was_not_written_are_refused(site: Path) -> None:
    status, _, said = call(site, "issue", "weekly", "--screenshots", "--dry-run")
    assert status == 2
    assert "choose one of --screenshots and --dry-run" in said
