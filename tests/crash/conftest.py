"""What the tests of crashes share. `make crash` runs all of them at every point; `make test` runs a part."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.crash.forkserver import ForkServer
from tests.crash.stage import JOB, lay_down, trial

#: Whether all is tried, and not a part.
WHOLE = bool(os.environ.get("PUBLISHER_WHOLE"))
READERS = 5


@pytest.fixture(scope="session")
def strace(needs_program: Callable[[str], str]) -> str:
    """Ask for strace(1), and for the right to watch other processes with it."""
    return needs_program("strace")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a publication with an issue and five readers; to be copied."""
    folder = tmp_path_factory.mktemp("made") / "publication"
    lay_down(folder, READERS)
    return folder


@pytest.fixture(scope="session")
def forks(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    """Give a process that has sent an issue once, and forks others that send."""
    with ForkServer("tests.crash.letters") as server:
        folder = tmp_path_factory.mktemp("warm") / "publication"
        with trial(made, folder, server, readers=READERS, connections=1) as first:
            assert server.warm_up(JOB, first.job) == 0
        yield server


@pytest.fixture(scope="session")
def some() -> Callable[[int, int], range]:
    """Give numbers from 1 to a count: all of them, or in a part as many as are said, evenly spread."""

    def choose(count: int, part: int) -> range:
        return range(1, count + 1) if WHOLE else range(1 + (count % 7) // 2, count + 1, max(1, count // part))

    return choose


@pytest.fixture(scope="session")
def times() -> Callable[[int, int], range]:
    """Give how often something is tried: `whole` times, or `part`."""

    def choose(whole: int, part: int) -> range:
        return range(whole if WHOLE else part)

    return choose
