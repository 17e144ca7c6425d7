"""Every mistake with relays, passwords, disks, databases, keys and clocks: told once, nothing lost, mended, all get it."""

import fcntl
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.delivery.mistakes import (
    SEND,
    Mistake,
    Row,
    Said,
    Stage,
    Theatre,
    expect_delivered,
    moded,
    opened,
    play,
    replaced,
)
from tests.delivery.userprocess import MONDAY
from tests.delivery.wrongfiles import IMPORT, listed
from tests.delivery.wrongrelays import (
    certified,
    elsewhere,
    no_password,
    open_password,
    silent,
    unencrypted,
    wrong_password,
)

DATABASE, KEYS = ".publisher/state.db", ".publisher/keys.json"
RUN = ("run",)


@pytest.fixture(scope="module")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with opened(tmp_path_factory.mktemp("made") / "site") as theatre:
        yield theatre


@pytest.fixture
def stage(theatre: Theatre, tmp_path: Path) -> Iterator[Stage]:
    with theatre.stage(tmp_path / "site") as stage:
        yield stage


# ------------------------------------------------------------ disks


def with_list(mistake: Mistake) -> Mistake:
    """Return a mistake beside which there is a good file of people to import."""

    @contextmanager
    def both(stage: Stage) -> Iterator[None]:
        with listed("")(stage):
            pass
        with mistake(stage):
            yield

    return both


@contextmanager
def full_disk(stage: Stage) -> Iterator[None]:
    """Put the publication on a disk without room; where nobody may mount one, let no file grow instead."""
    aside = stage.folder.parent / "aside"
    stage.folder.rename(aside)
    stage.folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m,mode=700", "tmpfs", str(stage.folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    if mounted:
        stage.stack.callback(subprocess.run, ["umount", str(stage.folder)], check=True)
    shutil.copytree(aside, stage.folder, dirs_exist_ok=True)
    filler = stage.path("filler")
    if mounted:
        with filler.open("wb", buffering=0) as out, suppress(OSError):
            while True:
                out.write(b"x" * 4096)
    else:
        filler.touch()
        stage.largest = 8192
    yield
    filler.unlink()
    stage.largest = 0


@contextmanager
def read_only(stage: Stage) -> Iterator[None]:
    paths = [stage.folder, *stage.folder.rglob("*")]
    modes = [path.stat().st_mode for path in paths]
    for path in reversed(paths):
        path.chmod(0o500 if path.is_dir() else 0o400)
    yield
    for path, mode in zip(paths, modes, strict=True):
        path.chmod(mode)


@contextmanager
def read_only_maildir(stage: Stage) -> Iterator[None]:
    stage.path("out").mkdir(mode=0o500)
    yield
    stage.path("out").chmod(0o700)


# ------------------------------------------------------------ databases and keys


@contextmanager
def locked(stage: Stage) -> Iterator[None]:
    stage.patience = 0.3
    with closing(sqlite3.connect(stage.database, isolation_level=None)) as base:
        base.execute("BEGIN IMMEDIATE")
        yield
    stage.patience = 5


@contextmanager
def another_run(stage: Stage) -> Iterator[None]:
    with stage.path(".publisher/run.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("since 2026-11-23 08:05:00 UTC, process 4711\n")
        lock.flush()
        yield


@contextmanager
def newer(stage: Stage) -> Iterator[None]:
    with closing(sqlite3.connect(stage.database, isolation_level=None)) as base:
        (known,) = base.execute("SELECT version_num FROM alembic_version").fetchone()
        base.execute("UPDATE alembic_version SET version_num = '9999'")
    yield
    with closing(sqlite3.connect(stage.database, isolation_level=None)) as base:
        base.execute("UPDATE alembic_version SET version_num = ?", (known,))


def _torn(data: bytes) -> bytes:
    """Overwrite the beginning of each page but the first."""
    pages = [data[start : start + 4096] for start in range(0, len(data), 4096)]
    return pages[0] + b"".join(b"\xa5" * 2048 + page[2048:] for page in pages[1:])


def _foreign(_keys: bytes) -> bytes:
    return json.dumps({"links": ["x" * 64], "addresses": "ab" * 32}).encode()


@contextmanager
def linked(stage: Stage) -> Iterator[None]:
    own, other = stage.path(".publisher"), stage.folder.parent / "elsewhere"
    own.rename(other)
    own.symlink_to(other)
    yield
    own.unlink()
    other.rename(own)


# ------------------------------------------------------------ clocks


def clock(says: str) -> Mistake:
    """Return the mistake of a clock that says something else than at the run before."""

    @contextmanager
    def mistake(stage: Stage) -> Iterator[None]:
        assert stage.run(*RUN).status == 0
        stage.at = says
        yield
        stage.at = MONDAY

    return mistake


EARLIER, MUCH_LATER = "2026-11-22T08:05:00Z", "2029-11-23T08:05:00Z"
NOT_SENT = "nothing was sent; set the clock right, or, if it is right, go on with --force"
NOT_MADE = "nothing was made or sent; set the clock right; if it is right, go on once with: publisher run --force"
WRITING = "state.db: another program is writing there and does not end; wait for it, or end it, and run this again"
UNWRITTEN = "state.db: cannot be written; give yourself the right to write the file and its folder"
OTHER_KEYS = "keys.json has, or [state] keys; put back the keys that belong to it"
DAMAGED = "state.db: is damaged; keep the file aside and put back a backup"
LOST = "there is no database, or an empty one, though .publisher/epoch knows of a run with it; nothing was changed. Put back"
LOGIN = "; see whether username and password in [delivery] are those of the relay"
TLS = "; see whether url, security and ca in [delivery] are the relay's"
RELAYS = [
    Row("a wrong password", wrong_password, 4, ("127.0.0.1:", "535 5.7.8", LOGIN)),
    Row(
        "a wrong password in a run",
        wrong_password,
        4,
        ("weekly/2026-W48: 127.0.0.1:", "535 5.7.8", LOGIN),
        RUN,
        begun=True,
    ),
    Row("no password", no_password, 1, ("delivery.password: the environment has no RELAY_PASSWORD; set it where",)),
    Row(
        "a password for all",
        open_password,
        1,
        ("delivery.password: others may read ", "password; make it yours alone with: chmod 600"),
    ),
    Row(
        "an old certificate",
        certified(days=30),
        4,
        ("the relay's certificate is not valid: certificate has expired", TLS),
    ),
    Row(
        "another's certificate",
        certified(host="other.example"),
        4,
        ("the relay's certificate is not valid: IP address mismatch", TLS),
    ),
    Row(
        "one's own certificate", certified(trusted=False), 4, ("the relay's certificate is not valid: self-signed", TLS)
    ),
    Row("no encryption", unencrypted, 4, ("the relay offers no encryption (STARTTLS)", TLS)),
    Row(
        "a closed port",
        elsewhere('"smtp://127.0.0.1:{free}"'),
        4,
        ("127.0.0.1:", "Connection refused; see whether url in [delivery] names the relay"),
    ),
    Row(
        "a closed port in a run",
        elsewhere('"smtp://127.0.0.1:{free}"'),
        4,
        ("weekly/2026-W48: 127.0.0.1:", "Connection refused; see whether url in [delivery] names the relay"),
        RUN,
        begun=True,
    ),
    Row(
        "a name that is none",
        elsewhere('"smtp://relay.invalid:587"'),
        4,
        ("relay.invalid:587: its name cannot be looked up", "; see whether url in [delivery]"),
    ),
    Row("a relay that says nothing", silent, 4, ("127.0.0.1:", "no ", "; ")),
]
PLACES = [
    Row("a full disk at an import", with_list(full_disk), 4, ("state.db: the disk ", "make room"), IMPORT),
    Row("a full disk at a plan", full_disk, 4, ("state.db: the disk ", "make room"), ("plan", "weekly")),
    Row("a full disk", full_disk, 4, ("state.db: the disk ", "make room")),
    Row("a full disk in a run", full_disk, 4, ("state.db: the disk ", "make room"), RUN, begun=True),
    Row("a read-only folder at an import", with_list(read_only), 4, (UNWRITTEN,), IMPORT),
    Row("a read-only folder", read_only, 4, (UNWRITTEN,)),
    Row(
        "a read-only folder of mails",
        read_only_maildir,
        4,
        ("Mails cannot be written to ", "out/tmp: Permission denied; give yourself the right to"),
    ),
    Row("a database in use at an import", with_list(locked), 4, (WRITING,), IMPORT),
    Row("a database in use", locked, 4, (WRITING,)),
    Row("a database in use in a run", locked, 4, (WRITING,), RUN, begun=True),
    Row("two at once", another_run, 4, ("another run is at work (since 2026-11-23 08:05:00 UTC, process 4711)",)),
    Row(
        "two runs at once",
        another_run,
        0,
        ("another run is at work (since 2026-11-23 08:05:00 UTC, process 4711)",),
        RUN,
        begun=True,
    ),
    Row(
        "a later version's database",
        newer,
        4,
        ("was written by a later version of publisher (its tables are 9999", "install that version again"),
    ),
    Row("a torn database", replaced(DATABASE, _torn), 4, (DAMAGED,)),
    Row(
        "a diary for a database",
        replaced(DATABASE, lambda _: b"Dear diary\n" * 400),
        4,
        ("state.db: is no database of publisher; move it away",),
    ),
    Row("an emptied database", replaced(DATABASE, lambda _: b""), 4, (LOST,), begun=True),
    Row("a lost database", replaced(DATABASE, lambda _: None), 4, (LOST,), begun=True),
    Row("a lost database in a run", replaced(DATABASE, lambda _: None), 4, (LOST,), RUN, begun=True),
    Row("lost keys", replaced(KEYS, lambda _: None), 4, ("put back",)),
    Row("torn keys", replaced(KEYS, lambda _: b"{"), 4, ("keys.json: is damaged; put back a backup",)),
    Row("another's keys", replaced(KEYS, _foreign), 4, (OTHER_KEYS,)),
    Row("another's keys at an import", with_list(replaced(KEYS, _foreign)), 4, (OTHER_KEYS,), IMPORT),
    Row("keys for all", moded(KEYS, 0o644), 4, ("keys.json", "make it yours alone with: chmod 600")),
    Row(
        "a folder for all",
        moded(".publisher", 0o777),
        4,
        (".publisher: others may write there; make it yours alone with: chmod 700",),
    ),
    Row("a link for a folder", linked, 4, (".publisher: is a link; move the folder itself here",)),
    Row(
        "a clock that is late",
        clock(EARLIER),
        4,
        ("the clock says 2026-11-22 08:05 UTC, but a run was at work at 2026-11-23", NOT_SENT),
    ),
    Row(
        "a clock that is late in a run",
        clock(EARLIER),
        4,
        ("the clock says 2026-11-22 08:05 UTC, but the last run was", NOT_MADE),
        RUN,
    ),
    Row(
        "a clock far ahead in a run",
        clock(MUCH_LATER),
        4,
        ("the clock says 2029-11-23 08:05 UTC, 1,096 days after", NOT_MADE),
        RUN,
    ),
]


@pytest.mark.parametrize("row", [*RELAYS, *PLACES], ids=str)
def test_what_is_wrong_around_is_told_loses_nothing_and_is_mended(stage: Stage, row: Row) -> None:
    play(stage, row)


def test_a_folder_that_others_may_read_is_taken_back(stage: Stage) -> None:
    stage.path(".publisher").chmod(0o755)
    assert stage.run(*SEND) == Said(0, "", "")
    assert stage.path(".publisher").stat().st_mode & 0o777 == 0o700
    expect_delivered(stage)
