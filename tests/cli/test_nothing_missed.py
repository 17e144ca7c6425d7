"""A build that may think it has nothing to do sees all that changed, from wherever it is called."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

Invoke = Callable[..., Result]
TALK = "---\ntitle: Talk\ndate: 2026-11-20\nenclosures: [{url: /talk.mp3, type: audio/mpeg}]\n---\nListen.\n"
SHOW = """
[[feeds]]
name = "show"
[feeds.podcast]
image = "https://notes.example/cover.png"
categories = ["Arts"]
explicit = false
"""


def png(side: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + 2 * side.to_bytes(4, "big")


@pytest.fixture
def talk(site: Path, monkeypatch: pytest.MonkeyPatch, cli_invoke: Invoke) -> Path:
    """Give a publication that was built from the folder above it, while the file of an article was missing."""
    (site / "articles" / "talk.md").write_text(TALK, encoding="utf-8")
    monkeypatch.chdir(site.parent)
    assert cli_invoke("build", folder=Path("site")).output == ""
    assert length(site) is None
    return site


def length(site: Path) -> int | None:
    (talk,) = (item for item in json.loads((site / "feeds" / "all.json").read_bytes())["items"] if "Talk" in str(item))
    found: int | None = talk["attachments"][0].get("size_in_bytes")
    return found


def put_there(site: Path, octets: int) -> None:
    (site / "static").mkdir(exist_ok=True)
    (site / "static" / "talk.mp3").write_bytes(b"x" * octets)


@pytest.mark.parametrize("folder", [Path("site"), Path("../site"), None])
def test_a_file_that_was_missing_is_measured_once_it_is_there(
    talk: Path, cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch, folder: Path | None
) -> None:
    for octets in (3, 4):
        put_there(talk, octets)
        monkeypatch.chdir({"site": talk.parent, "../site": talk}.get(str(folder), talk))
        cli_invoke("build", folder=folder)
        assert length(talk) == octets


def test_nothing_is_to_do_from_wherever_it_is_called(talk: Path, cli_invoke: Invoke) -> None:
    put_there(talk, 3)
    cli_invoke("build", folder=Path("site"))
    (talk / "publisher.lock").touch()  # makes the next build look at everything
    for folder in (talk, Path("site")):
        assert "0 files written" in cli_invoke("-v", "build", folder=folder).stderr


def test_a_publication_that_moved_is_measured_where_it_is(talk: Path, cli_invoke: Invoke) -> None:
    moved = talk.rename(talk.parent / "moved")
    put_there(moved, 3)
    cli_invoke("build", folder=Path("moved"))
    assert length(moved) == 3


def test_a_note_on_a_cover_ends_with_a_better_cover(site: Path, cli_invoke: Invoke) -> None:
    with (site / "publisher.toml").open("a", encoding="utf-8") as config:
        config.write(SHOW)
    (site / "cover.png").write_bytes(png(512))
    for _ in range(2):
        assert "has 512 × 512 pixels" in cli_invoke("-v", "build").stderr
    (site / "cover.png").write_bytes(png(1400))
    assert "pixels" not in cli_invoke("-v", "build").stderr


def test_what_is_due_within_the_second_of_a_build_comes_with_the_next(site: Path, cli_invoke: Invoke) -> None:
    (site / "articles" / "soon.md").write_text(
        "---\ntitle: Soon\ndate: 2026-11-22T12:00:00.500Z\n---\nA little later.\n", encoding="utf-8"
    )
    cli_invoke("build", as_of="2026-11-22T12:00:00.900Z")
    cli_invoke("build", as_of="2026-11-22T12:00:01Z")
    assert "Soon" in (site / "feeds" / "all.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "damage",
    [
        *(
            {name: wrong}
            for name in ("span", "sources", "outputs", "others")
            for wrong in (None, 3, "x", [3], {"x": 3})
        ),
        {"articles": None, "files": 3, "notes": [3], "surroundings": []},
    ],
)
def test_a_damaged_note_of_the_last_build_is_none(site: Path, cli_invoke: Invoke, damage: dict[str, object]) -> None:
    cli_invoke("build")
    with closing(sqlite3.connect(site / ".publisher" / "cache.db")) as cache, cache:
        ((noted,),) = cache.execute("SELECT value FROM fact WHERE name = 'standing'").fetchall()
        cache.execute("UPDATE fact SET value = ? WHERE name = 'standing'", (json.dumps(json.loads(noted) | damage),))
    assert cli_invoke("-v", "build").stderr == "1 published; 0 files written, 11 unchanged, 0 removed\n"


@pytest.mark.parametrize("source", ["feeds", "issues/old"])
def test_a_folder_that_is_written_cannot_be_a_source(site: Path, cli_invoke: Invoke, source: str) -> None:
    with (site / "publisher.toml").open("a", encoding="utf-8") as config:
        config.write(f'[[sources]]\npath = "articles"\n[[sources]]\npath = "{source}"\n')
    result = cli_invoke("build")
    assert result.exit_code == 1
    assert f"error: {source}: cannot hold articles; this program writes there" in result.stderr


def test_only_what_a_build_left_half_written_is_taken_away(site: Path, cli_invoke: Invoke) -> None:
    (site / "feeds" / ".theirs.tmp").mkdir(parents=True)
    for name in (".notes.tmp", ".all.atom.xml.tmp", ".all.json.gz.tmp", ".feed.css.tmp"):
        (site / "feeds" / name).write_bytes(b"half")
    assert cli_invoke("build").output == ""
    assert {path.name for path in (site / "feeds").glob(".*.tmp")} == {".theirs.tmp", ".notes.tmp"}


def test_what_readers_keep_is_listed_with_its_file_on_any_machine(site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("build")
    (site / ".publisher" / "cache.db").unlink()
    (site / "articles" / "first.md").write_bytes(b"")
    assert "First light  (articles/first.md)" in cli_invoke("articles").stdout


def test_templates_may_be_linked_in_a_circle(site: Path, cli_invoke: Invoke) -> None:
    (site / "templates" / "feed").mkdir(parents=True)
    for name in ("circle", "other"):
        (site / "templates" / name).symlink_to(site / "templates")
    (site / "templates" / "itself").symlink_to("itself")
    for words in ("One", "Two"):
        (site / "templates" / "feed" / "page.html").write_text(words, encoding="utf-8")
        assert cli_invoke("build").output == ""
        assert (site / "feeds" / "all.html").read_text(encoding="utf-8") == words
