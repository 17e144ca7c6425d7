"""The harness that tests crashes sees what it must: deaths at the call that was named, and bytes that were never synced."""

import shutil
import signal
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.forkserver import ForkServer
from tests.crash.powercut import OPTIONS, Choice, calls, cuts

pytestmark = [pytest.mark.usefixtures("strace"), pytest.mark.uncovered]


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    with ForkServer("tests.crash.sqlitejob") as server:
        yield server


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    with sqlite3.connect(folder / "rows.db") as connection:
        connection.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, filling TEXT)")
    connection.close()
    return folder


def rows(folder: Path) -> int:
    connection = sqlite3.connect(folder / "rows.db")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(connection.execute("SELECT count(*) FROM rows").fetchone()[0])
    finally:
        connection.close()


def arguments(folder: Path, listener: socket.socket, synchronous: str, journal: str = "TRUNCATE") -> dict[str, object]:
    return {
        "folder": str(folder),
        "port": listener.getsockname()[1],
        "journal": journal,
        "synchronous": synchronous,
    }


@pytest.mark.parametrize("when", [1, 7, 12])
def test_a_job_dies_at_the_call_that_is_named(
    server: ForkServer, folder: Path, listener: socket.socket, when: int
) -> None:
    inject = ("-o", "/dev/null", "-e", "trace=fdatasync", "-e", f"inject=fdatasync:signal=SIGKILL:when={when}")
    assert (
        server.run("tests.crash.sqlitejob:insert", arguments(folder, listener, "FULL"), strace=inject)
        == -signal.SIGKILL
    )
    assert rows(folder) < 6


def test_a_job_that_nothing_kills_ends(server: ForkServer, folder: Path, listener: socket.socket) -> None:
    assert server.run("tests.crash.sqlitejob:insert", arguments(folder, listener, "FULL")) == 0
    assert rows(folder) == 6


def lost(server: ForkServer, folder: Path, listener: socket.socket, tmp_path: Path, synchronous: str) -> int:
    """Cut the power at every moment of a run, in three ways; return how many announced rows were gone, in all."""
    before, log = tmp_path / "before", tmp_path / "log"
    shutil.copytree(folder, before)
    assert (
        server.run(
            "tests.crash.sqlitejob:insert", arguments(folder, listener, synchronous), strace=(*OPTIONS, "-o", str(log))
        )
        == 0
    )
    shutil.rmtree(folder)
    before.rename(folder)
    text = log.read_text(encoding="ascii")
    missing = 0
    for number, (disk, done) in enumerate(cuts(text, folder, range(1, len(list(calls(text))) + 1))):
        announced = sum(call.name == "sendto" and b"row" in call.texts[0] for call in done)
        for share in (0.0, 0.5, 1.0):
            left = tmp_path / f"left{number}-{share}"
            disk.cut(left, Choice(share, number))
            missing += max(0, announced - rows(left))
    return missing


def test_a_power_cut_takes_nothing_that_was_synced(
    server: ForkServer, folder: Path, listener: socket.socket, tmp_path: Path
) -> None:
    assert lost(server, folder, listener, tmp_path, "FULL") == 0


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_a_power_cut_takes_what_was_not_synced(
    server: ForkServer, folder: Path, listener: socket.socket, tmp_path: Path, synchronous: str
) -> None:
    with pytest.raises((AssertionError, sqlite3.DatabaseError)):
        assert lost(server, folder, listener, tmp_path, synchronous) == 0
