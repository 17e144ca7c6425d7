"""Files are old or new, never torn, and untouched when nothing changed."""

import errno
import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from publisher.errors import SurroundingsError
from publisher.files import STATE_FOLDER, exclusive, put, put_all, read_file


def test_a_new_file_is_written_with_its_folders(tmp_path: Path) -> None:
    assert put(tmp_path / "a" / "b.txt", b"one")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"one"


def test_an_equal_file_keeps_inode_and_time(tmp_path: Path) -> None:
    target = tmp_path / "feed.xml"
    put(target, b"one")
    os.utime(target, ns=(1, 1))
    before = target.stat()
    assert not put(target, b"one")
    after = target.stat()
    assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)


def test_a_changed_file_is_replaced_and_leaves_nothing_beside(tmp_path: Path) -> None:
    put(tmp_path / "feed.xml", b"one")
    assert put(tmp_path / "feed.xml", b"two")
    assert [p.name for p in tmp_path.iterdir()] == ["feed.xml"]


def test_what_a_killed_run_left_is_taken_away(tmp_path: Path) -> None:
    (tmp_path / ".feed.xml.tmp").write_bytes(b"half")
    put(tmp_path / "feed.xml", b"whole")
    assert [p.name for p in tmp_path.iterdir()] == ["feed.xml"]


def test_a_link_in_the_targets_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_bytes(b"theirs")
    (tmp_path / "feed.xml").symlink_to(outside)
    assert put(tmp_path / "feed.xml", b"theirs")
    assert outside.read_bytes() == b"theirs"
    assert not (tmp_path / "feed.xml").is_symlink()


def test_a_full_disk_leaves_the_old_file_and_nothing_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "feed.xml", b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SurroundingsError, match="No space left"):
        put(tmp_path / "feed.xml", b"new")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("feed.xml", b"old")]


def test_a_folder_that_cannot_be_synced_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = os.fsync

    def refusing(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(22, "Invalid argument")
        sync(handle)

    monkeypatch.setattr(os, "fsync", refusing)
    with pytest.raises(SurroundingsError, match=f"{tmp_path}: cannot be written: Invalid argument"):
        put(tmp_path / "feed.xml", b"new")


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "feeds").write_bytes(b"")
    with pytest.raises(SurroundingsError, match="feeds"):
        put(tmp_path / "feeds" / "all.json", b"{}")


def test_two_commands_cannot_write_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.files.PATIENCE", 0.1)
    with exclusive(tmp_path), pytest.raises(SurroundingsError, match="another publisher command"), exclusive(tmp_path):
        pytest.fail("both got in")


def test_the_place_is_free_again_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), exclusive(tmp_path):
        raise RuntimeError
    with exclusive(tmp_path):
        assert (tmp_path / STATE_FOLDER).stat().st_mode & 0o777 == 0o700


def test_holding_the_place_changes_no_time(tmp_path: Path) -> None:
    with exclusive(tmp_path):
        pass
    before = (tmp_path / STATE_FOLDER).stat().st_mtime_ns
    with exclusive(tmp_path):
        pass
    assert (tmp_path / STATE_FOLDER).stat().st_mtime_ns == before


def test_a_missing_publication_cannot_be_held(tmp_path: Path) -> None:
    with pytest.raises(SurroundingsError, match="cannot be used"), exclusive(tmp_path / "nowhere"):
        pytest.fail("held nothing")


def test_a_command_waits_for_the_one_before(tmp_path: Path) -> None:
    order: list[str] = []

    def second() -> None:
        with exclusive(tmp_path):
            order.append("second")

    with exclusive(tmp_path):
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(0.1)
        order.append("first")
    waiting.join()
    assert order == ["first", "second"]


def test_files_that_belong_together_are_told_when_they_change(tmp_path: Path) -> None:
    put_all(tmp_path, [("a.xml", b"1"), ("tags/b.xml", b"1")])
    assert put_all(tmp_path, [("a.xml", b"1"), ("tags/b.xml", b"2")]) == ["tags/b.xml"]


# ---------------------------------------------------------------- guarded reads


def linked(path: Path, target: str) -> None:
    path.symlink_to(target)


def sparse(path: Path, size: int) -> None:
    """Make a file that claims a size and holds nothing."""
    path.write_bytes(b"")
    os.truncate(path, size)


@pytest.mark.parametrize("size", [0, 1, 2**20])
def test_a_file_up_to_the_limit_is_read_whole(tmp_path: Path, size: int) -> None:
    (tmp_path / "a").write_bytes(b"x" * size)
    linked(tmp_path / "link", "a")
    assert read_file(tmp_path / "a", 2**20) == read_file(tmp_path / "link", 2**20) == b"x" * size


@pytest.mark.parametrize(
    ("size", "limit", "said"),
    [
        (2**20 + 1, 2**20, "is too large: 1.1 MiB, at most 1 MiB are read"),
        (2**30 - 1, 4 * 2**20, "is too large: 1024.0 MiB, at most 4 MiB are read"),
        (5 * 2**30, 64 * 2**20, "is too large: 5.0 GiB, at most 64 MiB are read"),
        (5 * 2**30 + 1, 512 * 2**20, "is too large: 5.1 GiB, at most 512 MiB are read"),
    ],
)
def test_a_larger_file_is_refused_with_both_sizes(tmp_path: Path, size: int, limit: int, said: str) -> None:
    sparse(tmp_path / "a", size)
    with pytest.raises(OSError, match="is too large") as caught:
        read_file(tmp_path / "a", limit)
    assert (caught.value.errno, caught.value.strerror) == (errno.EFBIG, said)
    assert caught.value.filename == str(tmp_path / "a")


STRANGE: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "device": lambda path: linked(path, "/dev/zero"),
    "folder": Path.mkdir,
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_ordinary_file_is_refused_unopened(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    STRANGE[kind](tmp_path / "a")
    monkeypatch.setattr(os, "open", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(OSError, match="is no ordinary file"):
        read_file(tmp_path / "a", 2**20)


@pytest.mark.parametrize("name", ["missing", "loop", "a/b"])
def test_what_the_system_refuses_keeps_its_own_words(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").write_bytes(b"")
    linked(tmp_path / "loop", "loop")
    with pytest.raises(OSError, match=r"No such file|Too many levels|Not a directory"):
        read_file(tmp_path / name, 2**20)


@pytest.mark.parametrize(
    "later",
    [os.mkfifo, lambda path: linked(path, "/dev/zero"), lambda path: sparse(path, 2**31)],
    ids=["pipe", "device", "huge"],
)
def test_what_takes_a_files_place_meanwhile_is_refused_too(
    tmp_path: Path, later: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, opened = tmp_path / "a", os.open
    path.write_bytes(b"one")

    def late(*arguments: Any) -> int:
        path.unlink()
        later(path)
        return opened(*arguments)

    monkeypatch.setattr(os, "open", late)
    with pytest.raises(OSError, match=r"is no ordinary file|is too large: 2\.0 GiB"):
        read_file(path, 2**20)


def test_a_file_that_grows_while_it_is_read_stays_within_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, measure = tmp_path / "a", os.fstat
    path.write_bytes(b"one")

    def grown(handle: int) -> os.stat_result:
        state = measure(handle)
        path.write_bytes(b"one" * 2**20)
        return state

    monkeypatch.setattr(os, "fstat", grown)
    assert read_file(path, 2**20) == b"one"
