"""Which files of a folder are read, and what is said of those that cannot be."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from publisher.errors import Problem, Severity, SurroundingsError
from publisher.files import signature_of
from publisher.sources import folder
from publisher.sources.base import Conventions, Document, Reading
from publisher.sources.folder import LIMIT, READERS, RECORDS_LIMIT, load
from publisher.sources.scanning import Found, scan

CONVENTIONS = Conventions("https://notes.example/", "{path}/", ZoneInfo("UTC"), "en")
NAME = "2026-01-31-a.md"


def scanned(root: Path) -> list[str]:
    return [str(each) if isinstance(each, Problem) else each.name for each in scan(root, "articles")]


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("a", encoding="utf-8")


def loaded(tmp_path: Path, data: bytes, name: str = NAME) -> Reading:
    (tmp_path / name).write_bytes(data)
    return load(tmp_path / name, f"articles/{name}", name, CONVENTIONS)


def refused(tmp_path: Path, data: bytes, name: str = NAME) -> str:
    found = loaded(tmp_path, data, name)
    assert found.articles == ()
    assert [one.severity for one in found.problems] == [Severity.ERROR]
    return str(found.problems[0]).removeprefix(f"articles/{name}")


def test_article_files_are_found_in_the_order_of_their_names(tmp_path: Path) -> None:
    touch(tmp_path, "b.md", "B.markdown", "a/z.html", "a/index.md", "a-b.txt", "ä.json", "c/d/e.ndjson")
    assert scanned(tmp_path) == ["B.markdown", "a-b.txt", "a/index.md", "a/z.html", "b.md", "c/d/e.ndjson", "ä.json"]


def test_what_is_no_article_is_passed_over(tmp_path: Path) -> None:
    touch(
        tmp_path,
        ".a.md",
        ".git/a.md",
        "_index.md",
        "a/_index.en.md",
        "node_modules/a/README.md",
        "a/cover.jpg",
        "b.rst",
        "c",
    )
    touch(tmp_path, "a/index.MD")
    assert scanned(tmp_path) == ["a/index.MD"]


def test_a_file_is_called_by_its_path_in_the_publication(tmp_path: Path) -> None:
    touch(tmp_path, "a/b.md")
    path = str(tmp_path / "a/b.md")
    assert list(scan(tmp_path, "posts/")) == [
        Found(f"{tmp_path}/", "a/b.md", "posts/a/b.md", "a/b.md", signature_of(path))
    ]
    assert [one.shown for one in scan(tmp_path, ".") if isinstance(one, Found)] == ["a/b.md"]


def test_symbolic_links_are_named_and_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "articles", tmp_path / "outside"
    touch(outside, "secret.md")
    touch(root, "a.md")
    (root / "file.md").symlink_to(outside / "secret.md")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "broken.md").symlink_to("nowhere")
    (root / "self.md").symlink_to("self.md")
    (root / "self").symlink_to("self")
    (root / "picture.jpg").symlink_to(outside / "secret.md")
    said = "is a symbolic link, and links are not followed; put the file or folder itself there"
    names = ("broken.md", "file.md", "folder", "loop", "self.md")
    assert scanned(root) == ["a.md", *(f"articles/{name}: {said}" for name in names)]


def test_special_files_are_named_and_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "b.md"))
    assert [line.split(";")[0] for line in scanned(tmp_path)] == [
        f"articles/{name}.md: is no ordinary file" for name in "ab"
    ]
    assert "is no ordinary file" in str(load(tmp_path / "a.md", "a.md", "a.md", CONVENTIONS).problems)


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a/b.md", "c.md")

    def scandir(path: Path, real: object = os.scandir) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return real(path)  # type: ignore[operator, no-any-return]

    monkeypatch.setattr(os, "scandir", scandir)
    assert scanned(tmp_path) == [
        "articles/a: cannot be read (Permission denied); allow reading it, or move it elsewhere",
        "c.md",
    ]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert scanned(tmp_path / "none") == [
        "articles: cannot be read (No such file or directory); allow reading it, or move it elsewhere"
    ]


def test_a_link_that_cannot_be_looked_at_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Entry:
        name = "a"

        def is_dir(self, *, follow_symlinks: bool = True) -> bool:
            if follow_symlinks:
                raise PermissionError
            return False

    monkeypatch.setattr(os, "scandir", lambda _: [Entry()])
    assert scanned(tmp_path) == []


def test_a_name_that_is_not_utf_8_is_shown_with_its_bytes(tmp_path: Path) -> None:
    name = b"2026-01-31-caf\xe9.md"
    (tmp_path / os.fsdecode(name)).write_bytes(b"a")
    found = next(scan(tmp_path, "articles"))
    assert isinstance(found, Found)
    assert (found.shown, found.name) == (r"articles/2026-01-31-caf\xe9.md", r"2026-01-31-caf\xe9.md")
    read = load(found.path, found.shown, found.name, CONVENTIONS)
    assert read.articles[0].slug == "caf-xe9"
    direct = load(found.path, os.fsdecode(name), os.fsdecode(name), CONVENTIONS)
    assert direct.articles[0].path == r"2026-01-31-caf\xe9.md"


@pytest.mark.parametrize("suffix", [".md", ".markdown", ".mdown", ".mkd", ".txt", ".text", ".html", ".htm", ".MD"])
def test_each_suffix_has_its_reader(tmp_path: Path, suffix: str) -> None:
    read = loaded(
        tmp_path,
        b"Title: A title\nDate: 2026-01-31\n\nSome text.\n"
        if suffix not in (".html", ".htm")
        else b"<title>A title</title><p>Some text.",
        f"2026-01-31-a{suffix}",
    )
    assert [one.title for one in read.articles] == ["A title"]


@pytest.mark.parametrize("suffix", [".json", ".ndjson", ".jsonl"])
def test_records_have_their_readers(tmp_path: Path, suffix: str) -> None:
    read = loaded(
        tmp_path, b'{"id": "a", "title": "A", "content_html": "b", "date_published": "2026-01-31"}\n', f"a{suffix}"
    )
    assert [one.title for one in read.articles] == ["A"]


def test_another_suffix_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path, b"a", "a.docx").startswith(": is of no kind that can be read; use one of .md, ")


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("the file was opened"))
    for name, limit in ((NAME, LIMIT), ("a.json", RECORDS_LIMIT)):
        with open(tmp_path / name, "wb") as file:  # noqa: PTH123 - Path.open is a trap here
            file.truncate(50_000_000)
        found = load(tmp_path / name, name, name, CONVENTIONS)
        assert found.problems[0].message == f"is too large: 47.7 MiB, at most {limit // 2**20} MiB are read"
        assert found.problems[0].cure


@pytest.mark.parametrize("data", [b"", b" \n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_an_empty_file_is_named(tmp_path: Path, data: bytes) -> None:
    assert refused(tmp_path, data) == ": is empty; write the article, or remove the file"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("utf-32-be", "UTF-32"),
        ("utf-32-le", "UTF-32"),
    ],
)
def test_other_unicode_encodings_are_named(tmp_path: Path, encoding: str, said: str) -> None:
    assert refused(tmp_path, "Some text of a post.\n".encode(encoding)) == f": is {said} text; save it as UTF-8"


def test_byte_order_marks_of_the_other_end_are_known(tmp_path: Path) -> None:
    assert "is UTF-16 text" in refused(tmp_path, b"\xfe\xff" + "a".encode("utf-16-be"))
    assert "is UTF-32 text" in refused(tmp_path, b"\x00\x00\xfe\xff" + "a".encode("utf-32-be"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a\nb\x00c\n", ":2: is binary, not text; remove it, or give it another suffix"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ":3: is binary, not text; remove it, or give it another suffix"),
        (b"a\r\nb\rcaf\xe9\n", ":3: is not UTF-8 text (byte 0xe9); save it as UTF-8"),
        (b"\xef\xbb\xbfa\n\xff", ":2: is not UTF-8 text (byte 0xff); save it as UTF-8"),
        (b"a\xed\xa0\x80", ":1: is not UTF-8 text (byte 0xed); save it as UTF-8"),
    ],
)
def test_bytes_that_are_no_text_are_named_with_their_line(tmp_path: Path, data: bytes, said: str) -> None:
    assert refused(tmp_path, data) == said


READ = "the rest was read all the same"


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        (b"\xef\xbb\xbf---\ntitle: A\n---\nb\n", ["begins with a byte order mark; it was read all the same"]),
        (b"---\r\ntitle: A\r\n---\r\nb\r\n", ["has line ends of Windows (CRLF); it was read all the same"]),
        (b"---\rtitle: A\r---\rb\r", ["has line ends of old Macs (CR); it was read all the same"]),
        (
            b"\xef\xbb\xbf---\r\ntitle: A\r\n---\r\nb",
            [
                "begins with a byte order mark; it was read all the same",
                "has line ends of Windows (CRLF); it was read all the same",
            ],
        ),
        (b"---\ntitle: A\n---\nb\n", []),
        (
            b"---\ntitle: A\x07\n---\nb\n",
            [f"has a character that no feed may hold, U+0007 in line 2, column 9; {READ}"],
        ),
        (
            "---\ntitle: A\n---\nb\x0b\ufffe\n".encode(),
            [f"has 2 characters that no feed may hold, the first U+000B in line 4, column 2; {READ}"],
        ),
    ],
)
def test_marks_and_foreign_line_ends_are_read_and_noted(tmp_path: Path, data: bytes, notes: list[str]) -> None:
    found = loaded(tmp_path, data)
    assert [(one.message, one.severity) for one in found.problems] == [(note, Severity.NOTE) for note in notes]
    assert (found.articles[0].title, found.articles[0].content.strip()) == ("A", "<p>b</p>")


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> object:
        raise PermissionError(13, "Permission denied")

    (tmp_path / NAME).touch()
    monkeypatch.setattr(folder, "open", locked, raising=False)
    found = load(tmp_path / NAME, NAME, NAME, CONVENTIONS)
    assert (
        str(found.problems[0]) == f"{NAME}: cannot be read (Permission denied); allow reading it, or move it elsewhere"
    )


@pytest.mark.parametrize("error", [RecursionError("too deep"), ValueError("a limit")])
def test_what_a_library_raises_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken(_document: Document, _conventions: Conventions) -> Reading:
        raise error

    monkeypatch.setattr(folder, "READERS", {**READERS, ".md": broken})
    assert refused(tmp_path, b"a") == f": cannot be read ({error}); simplify it, or move it elsewhere"


def test_a_name_cannot_break_or_colour_the_line_that_names_it(tmp_path: Path) -> None:
    touch(tmp_path, "a\nb.md", "\x1b[31mc.md", "d\u202ee.md", "é\u3000日本.md", "👩\u200d👧.md")
    assert scanned(tmp_path) == ["\\x1b[31mc.md", "a\\nb.md", "d\\u202ee.md", "é\u3000日本.md", "👩\u200d👧.md"]


def test_several_byte_order_marks_are_none(tmp_path: Path) -> None:
    """Files that were joined keep the mark of each."""
    assert loaded(tmp_path, b"\xef\xbb\xbf" * 2 + b"---\ntitle: A\n---\n").articles[0].title == "A"


@pytest.mark.parametrize("later", [None, b"", b"\xff", b"---\ntitle: x\nText.\n"])
def test_a_file_that_breaks_between_its_two_readings_is_told(tmp_path: Path, later: bytes | None) -> None:
    path = tmp_path / "2026-11-22-post.md"
    path.write_bytes(b"---\ntitle: Post\n---\nText.\n")
    (found,) = scan(tmp_path, "articles")
    assert isinstance(found, Found)
    (article,) = folder.glance(found, folder.contents(found), CONVENTIONS).articles
    assert folder.fill(found.path, article).content == "<p>Text.</p>\n"
    path.unlink()
    if later is not None:
        path.write_bytes(later)
    with pytest.raises(SurroundingsError, match=r"changed while it was read .*; build again"):
        folder.fill(found.path, article)
