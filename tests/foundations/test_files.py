"""Files are old or new, never torn, and untouched when nothing changed."""

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from publisher.errors import SurroundingsError
from publisher.files import STATE_FOLDER, exclusive, put, put_all


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
