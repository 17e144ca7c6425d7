"""The cache makes builds quick and changes nothing else, whatever becomes of it and of the files it knows."""

import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from publisher import Publication
from publisher.cli import main
from publisher.files import signature
from publisher.publication import reading
from publisher.sources.folder import glance

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = '[publication]\ntitle = "T"\nurl = "https://notes.example/"\nauthority = "notes.example,2026"\n'
HEAD = "---\ntitle: Herons\ndate: 2026-11-20\nsection: Birds\nimage: heron.png\nhighlights: [One leg]\n---\n"
Build = Callable[[Path], None]


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Give a publication of three articles, one of them with a picture, that has been built."""
    folder = tmp_path / "site"
    (folder / "articles").mkdir(parents=True)
    (folder / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "articles" / "heron.png").write_bytes(png(40, 30))
    (folder / "articles" / "herons.md").write_text(f"{HEAD}Gray.\n", encoding="utf-8")
    (folder / "articles" / "2026-11-21-gulls.md").write_text("Loud.\n", encoding="utf-8")
    (folder / "articles" / "terns.json").write_text(
        '{"id": "urn:terns", "title": "Terns", "content_html": "<p>Quick.</p>", "date_published": "2026-11-19T00:00:00Z"}',
        encoding="utf-8",
    )
    Publication.load(folder).build(NOW)
    return folder


def from_python(folder: Path) -> None:
    Publication.load(folder).build(NOW)


def from_the_command_line(folder: Path) -> None:
    """Build as cron does, which first looks whether there is anything to do."""
    result = CliRunner().invoke(main, ["-C", str(folder), "--as-of", NOW.isoformat(), "build"])
    assert (result.exit_code, result.output) == (0, "")


@pytest.fixture(params=[from_python, from_the_command_line])
def build(request: pytest.FixtureRequest) -> Build:
    chosen: Build = request.param
    return chosen


def tree(folder: Path) -> dict[str, bytes]:
    """Return all files but the cache."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.name.startswith("cache.db")]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def feed(folder: Path, name: str = "all.atom.xml") -> str:
    return (folder / "feeds" / name).read_text(encoding="utf-8")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# ---------------------------------------------------------------- what is opened, and what is read

_opened: list[str] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        _opened.append(str(arguments[0]))


@pytest.fixture(scope="module")
def _noted() -> None:
    sys.addaudithook(_note)  # there is no way to remove it


@pytest.fixture
def opened(_noted: None, site: Path) -> Callable[[], list[str]]:
    """Give a function that tells which files of the source were opened since it was last asked."""

    def tell() -> list[str]:
        found = {Path(name).name for name in _opened if name.startswith(f"{site}/articles/")}
        _opened.clear()
        return sorted(found)

    tell()
    return tell


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of the files that are parsed from now on."""
    names: list[str] = []

    def noted(found: Any, *more: Any) -> Any:
        names.append(found.name)
        return glance(found, *more)

    monkeypatch.setattr(reading, "glance", noted)
    return names


def test_files_that_did_not_change_are_not_opened(site: Path, build: Build, opened: Callable[[], list[str]]) -> None:
    build(site)
    assert opened() == []
    edit(site / "articles" / "2026-11-21-gulls.md", "Loud", "Louder")
    build(site)
    assert "2026-11-21-gulls.md" in opened()


def test_a_list_of_articles_opens_no_file(site: Path, opened: Callable[[], list[str]]) -> None:
    assert len(Publication.load(site).articles(NOW, texts=False).articles) == 3
    assert opened() == []


def test_a_file_that_was_touched_is_read_and_not_parsed(
    site: Path, build: Build, opened: Callable[[], list[str]], parsed: list[str]
) -> None:
    os.utime(site / "articles" / "herons.md", (1_800_000_000, 1_800_000_000))
    before = tree(site)
    opened()
    build(site)
    assert opened() == ["herons.md"]
    assert parsed == []
    build(site)
    assert opened() == []
    assert tree(site) == before
    edit(site / "articles" / "herons.md", "Gray", "Grey")
    build(site)
    assert parsed == ["herons.md"]


def sly_edit(site: Path) -> None:
    """Change a file and keep its size and time, as some tools that copy do."""
    path = site / "articles" / "herons.md"
    before = path.stat()
    edit(path, "Gray", "Grey")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def test_an_edit_that_keeps_size_and_time_is_noticed(site: Path, build: Build) -> None:
    sly_edit(site)
    build(site)
    assert "Grey" in feed(site)


def test_a_signature_of_size_and_time_alone_would_miss_it(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def weak(state: os.stat_result) -> str:
        return f"{state.st_size},{state.st_mtime_ns}"

    assert weak((site / "publisher.toml").stat()) != signature((site / "publisher.toml").stat())
    for place in ("publisher.files.signature", "publisher.sources.scanning.signature"):
        monkeypatch.setattr(place, weak)
    from_python(site)
    sly_edit(site)
    from_python(site)
    assert "Gray" in feed(site)


# ---------------------------------------------------------------- what becomes of the cache


def sql(cache: Path, *statements: str) -> None:
    with closing(sqlite3.connect(cache)) as base:
        for statement in statements:
            base.execute(statement)
        base.commit()


def removed(cache: Path) -> Path:
    cache.unlink()
    return cache


DAMAGE: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "empty": lambda cache: cache.write_bytes(b""),
    "garbage": lambda cache: cache.write_bytes(b"no database" * 1000),
    "half": lambda cache: cache.write_bytes(cache.read_bytes()[: cache.stat().st_size // 2]),
    "scribbled": lambda cache: cache.write_bytes(cache.read_bytes()[:4096] + b"\xff" * (cache.stat().st_size - 4096)),
    "foreign": lambda cache: sql(removed(cache), "CREATE TABLE reading (x)", "CREATE TABLE fact (y)"),
    "other-columns": lambda cache: sql(cache, "ALTER TABLE reading DROP COLUMN good"),
    "media-is-bytes": lambda cache: sql(cache, "UPDATE reading SET media = x'00ff'"),
    "media-is-nothing": lambda cache: sql(cache, "UPDATE reading SET media = NULL"),
    "nested-readings": lambda cache: sql(cache, f"UPDATE reading SET said = '{'[' * 100_000}'"),
    "nested-standing": lambda cache: sql(cache, f"UPDATE fact SET value = '{'[' * 100_000}' WHERE name = 'standing'"),
    "no-readings": lambda cache: sql(cache, "DROP TABLE reading"),
    "unreadable-readings": lambda cache: sql(cache, "UPDATE reading SET said = '[[1], {'"),
    "strange-readings": lambda cache: sql(cache, "UPDATE reading SET said = '[[[]], []]', good = '5'"),
    "strange-standing": lambda cache: sql(cache, "UPDATE fact SET value = '[]' WHERE name = 'standing'"),
    "blobs": lambda cache: sql(
        cache, "UPDATE reading SET said = x'ff', signature = x'00'", "UPDATE output SET made_from = x'ff'"
    ),
    "pipe": lambda cache: os.mkfifo(removed(cache)),
    "device": lambda cache: removed(cache).symlink_to("/dev/zero"),
    "loop": lambda cache: removed(cache).symlink_to(cache.name),
    "pipe-beside": lambda cache: os.mkfifo(f"{cache}-journal"),
    "folder": lambda cache: removed(cache).mkdir(),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_cache_is_as_good_as_none(site: Path, build: Build, damage: str, tmp_path: Path) -> None:
    edit(site / "articles" / "herons.md", "Gray", "Grey")
    without = Path(shutil.copytree(site, tmp_path / "without"))
    (without / ".publisher" / "cache.db").unlink()
    from_python(without)
    DAMAGE[damage](site / ".publisher" / "cache.db")
    build(site)
    assert tree(site) == tree(without)


@pytest.mark.parametrize("damage", [name for name in DAMAGE if name != "folder"])
def test_after_a_build_the_cache_is_sound_again(
    site: Path, damage: str, opened: Callable[[], list[str]], parsed: list[str]
) -> None:
    DAMAGE[damage](site / ".publisher" / "cache.db")
    from_python(site)
    opened()
    parsed.clear()
    from_python(site)
    assert (opened(), parsed) == ([], [])


def test_a_cache_of_another_publication_is_not_believed(site: Path, build: Build, tmp_path: Path) -> None:
    other = Path(shutil.copytree(site, tmp_path / "other"))
    edit(other / "articles" / "herons.md", "Gray", "Pink")
    from_python(other)
    shutil.copy(other / ".publisher" / "cache.db", site / ".publisher" / "cache.db")
    before = tree(site)
    build(site)
    assert tree(site) == before


@pytest.mark.parametrize(
    ("setting", "shown"),
    [
        ('language = "fr"', '"language": "fr"'),
        ('permalink = "{year}/{slug}/"', "https://notes.example/2026/gulls/"),
        ('timezone = "Asia/Kathmandu"', "2026-11-20T18:15:00Z"),
        ('author = {name = "Ada Example"}', "Ada Example"),
    ],
)
def test_other_settings_read_everything_again(
    site: Path, build: Build, setting: str, shown: str, parsed: list[str]
) -> None:
    (site / "publisher.lock").unlink()  # it keeps the first times
    (site / "publisher.toml").write_text(f"{SETTINGS}{setting}\n", encoding="utf-8")
    build(site)
    assert len(parsed) == 3
    assert shown in feed(site, "all.json")


def test_a_cache_that_ignored_the_settings_would_be_noticed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.publication.facade.reading_conditions", lambda _: "always the same")
    from_python(site)
    (site / "publisher.toml").write_text(f'{SETTINGS}permalink = "{{year}}/{{slug}}/"\n', encoding="utf-8")
    from_python(site)
    assert "/2026/gulls/" not in feed(site, "all.json")


# ---------------------------------------------------------------- what files said once, and what lies beside them


def test_of_a_broken_file_everything_stays_that_it_said_last(site: Path) -> None:
    """Section, picture and highlights among it; also where it is broken a second time in another way."""
    before, path = tree(site / "feeds"), site / "articles" / "herons.md"
    good = path.read_text(encoding="utf-8")
    for broken in ("---\ntitle: [\n---\nGray.\n", "---\ntitle: a: b: c\n---\nGray, and more.\n"):
        path.write_text(broken, encoding="utf-8")
        report = Publication.load(site).build(NOW + timedelta(hours=1))
        assert [problem.path for problem in report.problems] == ["articles/herons.md"]
        assert tree(site / "feeds") == before
    path.write_text(good, encoding="utf-8")
    assert Publication.load(site).build(NOW).problems == ()
    assert tree(site / "feeds") == before


def test_a_broken_file_stays_in_new_feeds_too(site: Path) -> None:
    """Its head comes from the cache, as no feed tells all of it; its text from the feeds."""
    (site / "articles" / "herons.md").write_text("---\ntitle: [\n---\nGray.\n", encoding="utf-8")
    (site / "publisher.toml").write_text(
        f'{SETTINGS}[[feeds]]\nname = "all"\n[[feeds]]\nper = "section"\n', encoding="utf-8"
    )
    Publication.load(site).build(NOW)
    found = feed(site, "sections/birds.atom.xml")
    for said in ("Herons", "Gray.", "One leg", "heron.png"):
        assert said in found
    assert found.count("One leg") == 1


@pytest.mark.parametrize("gone_first", [False, True])
def test_a_picture_is_measured_again_when_it_changes(
    site: Path, build: Build, gone_first: bool, parsed: list[str]
) -> None:
    assert 'width="40"' in feed(site)
    picture = site / "articles" / "heron.png"
    if gone_first:
        picture.unlink()
        Publication.load(site).build(NOW)
        assert 'width="40"' not in feed(site)
    picture.write_bytes(png(80, 60))
    build(site)
    assert 'width="80"' in feed(site)
    assert set(parsed) == {"herons.md"}


def test_a_picture_that_was_not_watched_would_stay_as_it_was(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_media_stand", lambda _: True)
    (site / "articles" / "heron.png").write_bytes(png(80, 60))
    from_python(site)
    assert 'width="40"' in feed(site)


# ---------------------------------------------------------------- many files

PROGRAM = """
import os, sys
forks = []
sys.addaudithook(lambda event, _: forks.append(event) if event == "os.fork" else None)
if sys.argv[1] == "alone":
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
from publisher.cli import main
try:
    main(sys.argv[2:])
finally:
    sys.stdout.write(str(len(forks)))
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a publication of 1,200 articles, some of which cannot be read, that was not built yet."""
    folder, rng = tmp_path_factory.mktemp("large") / "site", random.Random(5)
    (folder / "articles").mkdir(parents=True)
    (folder / "publisher.toml").write_text(SETTINGS, encoding="utf-8")
    for n in range(1200):
        head = f"title: Post {n}\ndate: 2026-{rng.randint(1, 11):02}-{rng.randint(1, 20):02}\ntags: [t{n % 7}]"
        text = "---\ntitle: [\n---\n" if n % 400 == 7 else f"---\n{head}\n---\nText {n}.\n"
        (folder / "articles" / f"{n:04}.md").write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, how: str) -> tuple[int, str]:
    """Build a publication in a process of its own; return how many others it started, and what it said."""
    command = [sys.executable, "-c", PROGRAM, how, "-C", str(folder), "--as-of", NOW.isoformat(), "build"]
    process = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return int(process.stdout), process.stderr.replace(str(folder), "")


def test_many_files_are_read_by_several_processes_and_give_the_same_bytes(large: Path, tmp_path: Path) -> None:
    alone, together = (Path(shutil.copytree(large, tmp_path / how)) for how in ("alone", "together"))
    started, said = run(alone, "alone")
    more_started, said_too = run(together, "together")
    assert started == 0
    assert (more_started > 0) == (len(os.sched_getaffinity(0)) > 1)
    assert said == said_too
    assert "articles/0007.md" in said
    assert tree(alone) == tree(together)
    assert len(tree(alone)) > 1300


def test_a_build_in_several_processes_may_be_killed(large: Path, tmp_path: Path) -> None:
    """What is left of it neither holds up the next build nor shows in its files."""
    whole = Path(shutil.copytree(large, tmp_path / "whole"))
    run(whole, "together")
    for number in range(4):
        folder = Path(shutil.copytree(large, tmp_path / str(number)))
        command = [sys.executable, "-m", "publisher", "-C", str(folder), "--as-of", NOW.isoformat(), "build"]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.3 + number / 20)
        process.kill()
        process.wait()
        run(folder, "together")
        assert tree(folder) == tree(whole)
