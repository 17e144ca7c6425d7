"""Every mistake a user makes gets one clear message and the right exit status, never a traceback."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Invoke = Callable[..., Result]
Prepare = Callable[[Path], None]


def write(path: str, content: str | bytes) -> Prepare:
    def prepare(site: Path) -> None:
        target = site / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())

    return prepare


def remove_articles(site: Path) -> None:
    for path in (site / "articles").iterdir():
        path.unlink()
    (site / "articles").rmdir()


def link(site: Path) -> None:
    (site / "articles" / "link.md").symlink_to(site / "articles" / "first.md")


def link_to_nothing(site: Path) -> None:
    (site / "articles" / "link.md").symlink_to(site / "nothing.md")


def fifo(site: Path) -> None:
    os.mkfifo(site / "articles" / "pipe.md")


def feeds_is_a_file(site: Path) -> None:
    (site / "feeds").write_text("", encoding="utf-8")


def state_is_a_file(site: Path) -> None:
    (site / ".publisher").write_text("", encoding="utf-8")


def nothing(_site: Path) -> None:
    pass


POST = "---\ntitle: {title}\ndate: {date}\n{more}---\nText.\n"


def post(title: str = "T", date: str = "2026-11-20", more: str = "") -> str:
    return POST.format(title=title, date=date, more=more)


USAGE = [
    ("an unknown command", nothing, ["biuld"], "No such command 'biuld'"),
    ("an unknown option", nothing, ["build", "--froce"], "No such option"),
    ("an unknown newsletter", nothing, ["issue", "weekyl"], "no newsletter is called weekyl; did you mean weekly?"),
    ("a newsletter like no other", nothing, ["issue", "zzz"], "there is weekly"),
    ("no newsletter named", nothing, ["issue"], "Missing argument 'NEWSLETTER'"),
    ("an unknown article", nothing, ["issue", "weekly", "--only", "tag:x"], "tag:x"),
    ("a bad --since", nothing, ["issue", "weekly", "--since", "yesterday"], "--since"),
    ("a bad --published", write("s.txt", "x"), ["import", "s.txt", "--published", "03/04/2026"], "--published"),
    ("nothing to import", nothing, ["import"], "Missing argument 'PATH...'"),
    ("an empty title", nothing, ["new", "  "], "a new article needs a title"),
    ("init where a publication is", nothing, ["init", "{site}"], "holds a publication already; choose another folder"),
    (
        "init at an impossible address",
        nothing,
        ["init", "{site}/new", "--url", "foo"],
        "choose another --title or --url",
    ),
    (
        "init at no host",
        nothing,
        ["init", "{site}/new", "--url", "http://a..b/"],
        "choose another --title or --url",
    ),
    (
        "init at a bare number",
        nothing,
        ["init", "{site}/new", "--url", "http://[::1]/"],
        "choose another --title or --url",
    ),
    (
        "one title for two",
        write("b.md", "x"),
        ["import", "articles", "b.md", "--published", "2026-01-01", "--title", "T"],
        "--title is for a single article",
    ),
    ("init on a file", write("file", "x"), ["init", "{site}/file"], "is no folder"),
]


@pytest.mark.parametrize(("prepare", "arguments", "words"), [u[1:] for u in USAGE], ids=[u[0] for u in USAGE])
def test_wrong_usage_ends_with_2(
    site: Path, cli_invoke: Invoke, prepare: Prepare, arguments: list[str], words: str
) -> None:
    prepare(site)
    result = cli_invoke(*(a.format(site=site) for a in arguments))
    assert result.exit_code == 2, result.stderr
    assert words in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "as_of",
    [
        "yesterday",
        "2026-11-22",
        "2026-11-22T08:00:00",
        "",
        "0001-01-01T00:00:00+14:00",
        "2026-W47-1T00:00:00Z",
        "2026-13-01T00:00:00Z",
    ],
)
def test_a_clock_that_cannot_be_read_ends_with_2(cli_invoke: Invoke, as_of: str) -> None:
    result = cli_invoke("build", as_of=as_of)
    assert result.exit_code == 2
    assert "such as 2026-11-22T08:00:00Z" in result.stderr


def test_a_bad_source_date_epoch_ends_with_2(cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    assert cli_invoke("build", as_of=None).exit_code == 2


def test_quiet_and_verbose_together_end_with_2(cli_invoke: Invoke) -> None:
    assert cli_invoke("-q", "-v", "build").exit_code == 2


def test_no_publication_anywhere_ends_with_2(
    cli_invoke: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = cli_invoke("build", folder=None)
    assert result.exit_code == 2
    assert "publisher init DIR" in result.stderr


@pytest.mark.parametrize(
    "command", [["build"], ["articles"], ["issue", "weekly"], ["check"], ["new", "x"], ["import", "x"]]
)
def test_a_folder_without_publication_ends_with_2(cli_invoke: Invoke, tmp_path: Path, command: list[str]) -> None:
    result = cli_invoke(*command, folder=tmp_path / "nowhere")
    assert result.exit_code == 2
    assert "make a publication with: publisher init DIR" in result.stderr


ARTICLES = [
    ("no date", write("articles/x.md", "---\ntitle: T\n---\nText.\n"), "articles/x.md", "date: 2026-01-31"),
    ("no date in a text", write("articles/x.txt", "Some news happened.\n"), "articles/x.txt", "date"),
    ("an impossible date", write("articles/x.md", post(date="2026-02-30")), "articles/x.md:3", "2026-02-30"),
    ("an ambiguous date", write("articles/x.md", post(date="03/04/2026")), "articles/x.md:3", "03/04/2026"),
    ("a colon in a title", write("articles/x.md", post(title="One: two: three")), "articles/x.md:2", "quotes"),
    ("a tab in YAML", write("articles/x.md", post(more="author:\n\tname: A\n")), "articles/x.md", "tab"),
    ("front matter that never ends", write("articles/x.md", "---\ntitle: T\n\nText.\n"), "articles/x.md", "---"),
    ("broken TOML", write("articles/x.md", "+++\ntitle = T\n+++\nText.\n"), "articles/x.md:2", ""),
    ("an empty file", write("articles/x.md", ""), "articles/x.md", "empty"),
    ("a blank file", write("articles/x.html", " \n\n"), "articles/x.html", "empty"),
    ("a binary file", write("articles/x.md", b"\x89PNG\r\n\x1a\n\x00\x00"), "articles/x.md", ""),
    ("UTF-16", write("articles/x.md", post().encode("utf-16")), "articles/x.md", "UTF-16"),
    ("Latin-1", write("articles/x.md", post(title="Caf\xe9").encode("latin-1")), "articles/x.md:2", "UTF-8"),
    ("a file of 50 MB", write("articles/x.md", b"x" * 50_000_000), "articles/x.md", "MiB"),
    ("a symbolic link", link, "articles/link.md", "link"),
    ("a link to nothing", link_to_nothing, "articles/link.md", "link"),
    ("a pipe", fifo, "articles/pipe.md", ""),
    ("broken JSON", write("articles/x.json", '{"id": 1,'), "articles/x.json", "JSON"),
    ("a JSON record without id", write("articles/x.json", '{"title": "T"}'), "articles/x.json", "id"),
    ("a bad NDJSON line", write("articles/x.ndjson", '\n{"id"\n'), "articles/x.ndjson:2", ""),
    (
        "a copy",
        write("articles/y.md", "---\ntitle: First light\ndate: 2026-11-21\n---\nIt was early.\n"),
        "articles/",
        "same",
    ),
    ("tags of the wrong type", write("articles/x.md", post(more="tags:\n  a: b\n")), "articles/x.md:4", "tags"),
    ("no folder of articles", remove_articles, "articles", "[[sources]]"),
]


@pytest.mark.parametrize("command", [["build"], ["articles"], ["issue", "weekly"], ["check"]], ids=lambda c: c[0])
@pytest.mark.parametrize(("prepare", "place", "words"), [a[1:] for a in ARTICLES], ids=[a[0] for a in ARTICLES])
def test_a_mistake_in_an_article_is_named_and_ends_with_1(
    site: Path, cli_invoke: Invoke, prepare: Prepare, place: str, words: str, command: list[str]
) -> None:
    prepare(site)
    result = cli_invoke(*command)
    assert result.exit_code == 1, result.output
    named = [line for line in result.output.splitlines() if line.startswith(f"error: {place}")]
    assert len(named) == 1, result.output
    assert words in named[0]
    assert "; " in named[0], "no cure"


SETTINGS = [
    (
        "an unknown key",
        '[publication]\ntitle="T"\nurl="https://n.example/"\nlang="en"\n',
        "publication.lang: is no known key",
    ),
    ("no title", '[publication]\nurl="https://n.example/"\n', "publication.title: is missing"),
    ("no TOML", "title: x\n", "is not TOML"),
    ("another encoding", '[publication]\ntitle="\xff"\n'.encode("latin-1"), "is not UTF-8"),
]


@pytest.mark.parametrize(("content", "words"), [s[1:] for s in SETTINGS], ids=[s[0] for s in SETTINGS])
def test_a_mistake_in_the_settings_ends_with_1(
    site: Path, cli_invoke: Invoke, content: str | bytes, words: str
) -> None:
    write("publisher.toml", content)(site)
    result = cli_invoke("build")
    assert result.exit_code == 1
    assert words in result.stderr


def test_a_lock_with_merge_marks_ends_with_1_and_stays_as_it_is(site: Path, cli_invoke: Invoke) -> None:
    write("publisher.lock", "<<<<<<< ours\n")(site)
    result = cli_invoke("build")
    assert result.exit_code == 1
    assert "publisher.lock:1: holds the mark of an unfinished merge" in result.stderr
    assert (site / "publisher.lock").read_text(encoding="utf-8") == "<<<<<<< ours\n"
    assert not (site / "feeds").exists()


@pytest.mark.parametrize("prepare", [feeds_is_a_file, state_is_a_file])
def test_a_file_where_a_folder_should_be_ends_with_4(site: Path, cli_invoke: Invoke, prepare: Prepare) -> None:
    prepare(site)
    assert cli_invoke("build").exit_code == 4


def test_a_lock_that_cannot_be_read_ends_with_4(site: Path, cli_invoke: Invoke) -> None:
    (site / "publisher.lock").mkdir()
    result = cli_invoke("build")
    assert result.exit_code == 4
    assert "publisher.lock: cannot be read" in result.stderr


def test_a_full_disk_ends_with_4(cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    result = cli_invoke("build")
    assert result.exit_code == 4
    assert "No space left on device" in result.stderr


def test_a_second_command_that_waits_too_long_ends_with_4(
    site: Path, cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    from publisher.files import exclusive

    monkeypatch.setattr("publisher.files.PATIENCE", 0.1)
    with exclusive(site):
        result = cli_invoke("build")
    assert result.exit_code == 4
    assert "another publisher command is writing here" in result.stderr


def test_a_broken_template_of_the_publication_ends_with_1(site: Path, cli_invoke: Invoke) -> None:
    write("templates/feed/page.html", "{% if %}")(site)
    result = cli_invoke("build")
    assert result.exit_code == 1
    assert "template feed/page.html:1" in result.stderr


@pytest.mark.parametrize(
    ("name", "words"), [("nothing.md", "cannot be read"), ("photo.png", "kind"), ("nothing.txt", "")]
)
def test_an_import_of_what_cannot_be_imported_ends_with_1(
    site: Path, cli_invoke: Invoke, name: str, words: str
) -> None:
    (site / "photo.png").write_bytes(b"\x89PNG")
    result = cli_invoke("import", site / name)
    assert result.exit_code == 1
    assert words in result.stderr
    assert name in result.stderr


def test_a_damaged_issue_of_the_past_ends_with_1(site: Path, cli_invoke: Invoke) -> None:
    write("issues/weekly/2026-W01/manifest.json", "{")(site)
    result = cli_invoke("issue", "weekly")
    assert result.exit_code == 1
    assert "manifest.json" in result.stderr


def test_a_publication_without_newsletters_says_how_to_define_one(site: Path, cli_invoke: Invoke) -> None:
    write("publisher.toml", '[publication]\ntitle="T"\nurl="https://n.example/"\n')(site)
    result = cli_invoke("issue", "weekly")
    assert result.exit_code == 2
    assert '[[newsletters]] with name = "weekly"' in result.stderr


def test_checking_what_is_not_there_ends_with_1(site: Path, cli_invoke: Invoke) -> None:
    result = cli_invoke("check", site / "nothing.xml")
    assert result.exit_code == 1
    assert "name a file or folder that exists" in result.stdout


def test_a_stale_feed_that_cannot_be_removed_ends_with_4(
    site: Path, cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("feeds/tags/gone.json", '{"feed_url": "https://notes.example/feeds/tags/gone.json"}')(site)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    monkeypatch.setattr("publisher.publication.building.put", lambda *_: False)
    monkeypatch.setattr("publisher.files.Staging.add", lambda *_: False)
    monkeypatch.setattr("publisher.publication.building.remember", lambda *_: None)
    result = cli_invoke("build")
    assert result.exit_code == 4
    assert "gone.json: cannot be removed: Permission denied" in result.stderr


def test_an_unforeseen_refusal_of_the_system_ends_with_4(cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files", "some/file")

    monkeypatch.setattr("publisher.publication.compiling.read_library", refuse)
    result = cli_invoke("build")
    assert (result.exit_code, result.stderr) == (4, "publisher: some/file: Too many open files\n")


def test_what_cannot_be_written_as_markdown_is_named(
    site: Path, cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise ValueError("its content is too strange")

    monkeypatch.setattr("publisher.publication.importing.to_markdown", refuse)
    result = cli_invoke("import", site / "articles" / "first.md")
    assert result.exit_code == 1
    assert "first.md: cannot be written as Markdown (its content is too strange); copy it" in result.stderr


@pytest.mark.parametrize("name", ["pipe.xml", "feeds/pipe.json"])
def test_checking_a_pipe_does_not_wait_for_it(site: Path, cli_invoke: Invoke, name: str) -> None:
    (site / "feeds").mkdir(exist_ok=True)
    os.mkfifo(site / name)
    result = cli_invoke("check", (site / name).parent if "/" in name else site / name)
    assert result.exit_code == 1
    assert "cannot be read (no ordinary file)" in result.output


def test_an_author_without_a_name_is_none(site: Path, cli_invoke: Invoke) -> None:
    (site / "story.txt").write_text("A gate opens.\n\nPeople came.\n", encoding="utf-8")
    result = cli_invoke("import", site / "story.txt", "--published", "2026-01-31", "--author", " ")
    assert result.exit_code == 0


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_no_reason_to_fail(site: Path, closed: str) -> None:
    command = f"{shlex.quote(sys.executable)} -m publisher -C {shlex.quote(str(site))} status {closed}"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == 0
