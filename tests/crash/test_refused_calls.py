"""Files that cannot be opened, renamed, cut or removed at any moment: nobody is lost."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.forkserver import ForkServer
from tests.crash.stage import trial
from tests.crash.test_killed import READERS, counted

#: What the system says no to, and in which words.
REFUSED = [
    ("openat", "EMFILE"),
    ("openat", "EROFS"),
    ("openat", "EIO"),
    ("rename", "EROFS"),
    ("unlink", "EIO"),
    ("ftruncate", "EIO"),
]
pytestmark = [pytest.mark.usefixtures("strace"), pytest.mark.uncovered]


@pytest.fixture(scope="module")
def made_calls(made: Path, forks: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """Count the calls of an undisturbed run."""
    folder = tmp_path_factory.mktemp("counted")
    with trial(made, folder / "one", forks, readers=READERS, connections=1) as one:
        return counted(one, folder / "log")


@pytest.mark.parametrize(("name", "error"), REFUSED)
def test_a_call_that_the_system_refuses_loses_nobody(
    made: Path,
    forks: ForkServer,
    tmp_path: Path,
    made_calls: Counter[str],
    some: Callable[[int, int], range],
    name: str,
    error: str,
) -> None:
    assert made_calls[name]
    for when in some(made_calls[name], 1):
        with trial(made, tmp_path / str(when), forks, readers=READERS, connections=1) as one:
            inject = f"inject={name}:error={error}:when={when}"
            status = one.send(("-o", "/dev/null", "-e", f"trace={name}", "-e", inject))
            # The job, unlike the program, has no words for a bundle that cannot be read; nothing has begun then.
            assert status in (0, 3, 4) or (status, one.relay.mails()) == (70, [])
            one.finish()
            one.expect_nothing_lost(doubles=1)
