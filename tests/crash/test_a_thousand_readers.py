"""With many readers it is as with five: whatever call a sender dies at, nobody is missing, and copies are named.

All of it has a thousand readers and two hundred deaths; a part has fifty and four.
"""

import re
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.conftest import WHOLE
from tests.crash.forkserver import ForkServer
from tests.crash.stage import lay_down, trial
from tests.crash.test_killed import killed_at

READERS = 1000 if WHOLE else 50
#: What is done for each mail: its words, the relay's, and what is written down of both.
CALLS = ("sendmsg", "recvfrom", "pwrite64", "fdatasync")
pytestmark = [pytest.mark.usefixtures("strace"), pytest.mark.uncovered]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a publication with many readers."""
    folder = tmp_path_factory.mktemp("crowd") / "publication"
    lay_down(folder, READERS)
    return folder


@pytest.fixture(scope="module")
def made_calls(crowd: Path, forks: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """Count the calls of an undisturbed run, of the thread that makes most of each."""
    folder = tmp_path_factory.mktemp("counted")
    log = folder / "log"
    with trial(crowd, folder / "one", forks, readers=READERS, connections=4) as one:
        assert one.send(("-e", f"trace={','.join(CALLS)}", "-o", str(log))) == 0
        one.expect_nothing_lost(doubles=0)
    found = Counter(re.findall(r"^(\d+) +(\w+)\(", log.read_text(encoding="utf-8"), re.MULTILINE))
    return Counter({name: max(number for (_, one), number in found.items() if one == name) for name in CALLS})


@pytest.mark.parametrize("name", CALLS)
def test_of_a_thousand_readers_nobody_is_missing_and_copies_are_named(
    crowd: Path,
    forks: ForkServer,
    tmp_path: Path,
    made_calls: Counter[str],
    times: Callable[[int, int], range],
    name: str,
) -> None:
    attempts = times(50, 1)
    for number in attempts:
        when = 1 + made_calls[name] * (2 * number + 1) // (2 * len(attempts))  # evenly spread
        with trial(crowd, tmp_path / str(number), forks, readers=READERS, connections=4) as one:
            assert one.send(killed_at(name, when)) in (-signal.SIGKILL, 0)
            assert len(one.doubtful()) <= 4
            one.finish()
            one.expect_nothing_lost()
