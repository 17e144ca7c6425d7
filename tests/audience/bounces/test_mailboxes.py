"""Maildirs and mbox files: read whole, changed by a stated rule or not at all."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from publisher.audience.bounces import Kind, mailboxes
from publisher.audience.bounces.mailboxes import LARGEST, open_mailbox
from publisher.audience.status import Status
from publisher.errors import SurroundingsError, UsageError
from tests.audience.bounces.world import World, raw
from tests.databases import Database


@pytest.fixture
def world(sqlite_database: Database, tmp_path: Path):  # type: ignore[no-untyped-def]
    with sqlite_database.open() as store:
        yield World(store, tmp_path)


def mbox(path: Path, *mails: bytes) -> Path:
    path.write_bytes(b"".join(b"From MAILER-DAEMON Sun Nov 22 08:00:00 2026\n" + mail + b"\n\n" for mail in mails))
    return path


def test_an_mbox_is_read_mail_by_mail_and_never_changed(world: World) -> None:
    people = [world.reader(f"ann{number}@reader.example") for number in range(3)]
    mails = [
        raw("postfix unknown user", world.about(who, address=f"ann{number}@reader.example"))
        for number, who in enumerate(people)
    ]
    path = mbox(world.folder / "bounces.mbox", *mails)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    assert world.take(path).counts == {Kind.HARD: 3}
    assert world.take(path).repeated == 3
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert {world.status(who) for who in people} == {Status.BOUNCED}


def test_mails_of_an_mbox_are_told_by_their_number(world: World) -> None:
    path = mbox(world.folder / "bounces.mbox", b"Subject: one\n\nhello", b"Subject: two\n\nFrom here on\n\n>From there")
    assert [mail.place for mail in world.take(path).unread] == [f"{path}, mail 1", f"{path}, mail 2"]


def test_an_empty_mbox_holds_nothing(world: World) -> None:
    path = world.folder / "empty"
    path.touch()
    assert not world.take(path).counts


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_mails_are_cut_at_from_lines_behind_empty_ones(tmp_path: Path, ending: bytes) -> None:
    path = tmp_path / "mbox"
    start = b"From ann@reader.example Sun Nov 22 08:00:00 2026"
    lines = [start, b"A: 1", b"", b"From within", b"", b"From then on", start, b"", start, b"B: 2", b"", b"x"]
    path.write_bytes(ending.join(lines) + ending)
    assert [mail.raw.splitlines()[0] for mail in open_mailbox(path).mails()] == [b"A: 1", b"B: 2"]


def test_a_long_mail_is_known_by_all_of_it_and_kept_in_part(tmp_path: Path) -> None:
    whole = b"A: 1\n\n" + b"x" * (3 * LARGEST) + b"\n"
    path = tmp_path / "mbox"
    path.write_bytes(b"From a Sun Nov 22 08:00:00 2026\n" + whole)
    (found,) = open_mailbox(path).mails()
    assert found.raw == whole[:LARGEST]
    assert found.digest == hashlib.sha256(whole).hexdigest()


def test_what_is_no_mbox_is_said(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ann,\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"letter\.txt is no mbox: it does not begin with a line such as"):
        list(open_mailbox(path).mails())


def test_what_is_no_mailbox_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name, words in (("pipe", "is no mailbox"), ("folder", "no folders new and cur"), ("gone", "is missing")):
        with pytest.raises(UsageError, match=words):
            open_mailbox(tmp_path / name)


def test_a_wrong_path_among_others_leaves_the_others_unread(world: World) -> None:
    reader = world.reader()
    world.put("postfix unknown user", world.about(reader))
    with pytest.raises(UsageError, match="is missing"):
        world.take(world.maildir(), world.folder / "gone")
    assert world.status(reader) is Status.CONFIRMED


def test_an_mbox_that_somebody_writes_is_waited_for_and_then_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailboxes, "PATIENCE", 0.1)
    path = mbox(world.folder / "bounces.mbox", b"A: 1\n\nx")
    program = (
        "import fcntl, sys\nfile = open(sys.argv[1], 'r+b')\nfcntl.lockf(file, fcntl.LOCK_EX)\n"
        "print('locked', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        with pytest.raises(SurroundingsError, match="another program keeps it locked; try again later"):
            world.take(path)
        other.communicate()
    assert world.take(path).counts == {Kind.UNREAD: 1}


def test_an_mbox_is_locked_while_it_is_read(world: World) -> None:
    path = mbox(world.folder / "bounces.mbox", b"A: 1\n\nx", b"B: 1\n\nx")
    program = (
        "import fcntl, sys\nfile = open(sys.argv[1], 'r+b')\n"
        "try:\n    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)\nexcept OSError:\n    print('kept out')"
    )
    mails = open_mailbox(path).mails()
    next(mails)
    run = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=True)
    assert run.stdout == b"kept out\n"
    list(mails)
    run = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=True)
    assert run.stdout == b""


def test_in_a_maildir_what_nobody_has_seen_is_read(world: World) -> None:
    reader = world.reader()
    about, path = world.about(reader), world.maildir()
    for number, name in enumerate(("seen:2,S", "flagged:2,F", "unseen:2,", "bare", "replied:2,RS")):
        (path / "cur" / name).write_bytes(raw("postfix mailbox full", about) + b"x" * number)
    (path / "new" / ".hidden").write_bytes(b"")
    assert world.take().counts == {Kind.SOFT: 3}
    names = {entry.name for entry in (path / "cur").iterdir()}
    assert names == {"seen:2,S", "flagged:2,FS", "unseen:2,S", "bare:2,S", "replied:2,RS"}


def test_what_cannot_be_read_is_named_and_stops_no_other(world: World) -> None:
    reader = world.reader()
    world.put("postfix unknown user", world.about(reader), "good")
    os.mkfifo(world.maildir() / "new" / "a-pipe")
    (world.maildir() / "new" / "a-link").symlink_to("/etc/hostname")
    (world.maildir() / "new" / "a-folder").mkdir()
    told = world.take()
    assert told.counts == {Kind.HARD: 1, Kind.UNREAD: 3}
    assert sorted(Path(mail.place).name for mail in told.unread) == ["a-folder", "a-link", "a-pipe"]
    assert all("ordinary file" in mail.reason or "cannot be read" in mail.reason for mail in told.unread)
    assert not world.take().news


def test_what_another_program_moves_meanwhile_is_left_to_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = world.reader()
    mail = world.put("postfix unknown user", world.about(reader))
    monkeypatch.setattr(world, "told", lambda _mail: mail.unlink())
    assert world.take().counts == {Kind.HARD: 1}
    assert not list((world.maildir() / "cur").iterdir())


def test_a_mail_never_takes_another_one_s_place(world: World) -> None:
    reader = world.reader()
    world.put("postfix unknown user", world.about(reader), "same")
    (world.maildir() / "cur" / "same:2,S").write_bytes(b"other")
    world.take()
    assert (world.maildir() / "cur" / "same:2,S").read_bytes() == b"other"
    assert (world.maildir() / "new" / "same").exists()
