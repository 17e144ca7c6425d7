"""Whatever call a sender dies at, nobody is lost, and copies are few, named beforehand, and alike."""

import re
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.forkserver import ForkServer
from tests.crash.stage import Trial, trial

READERS = 5
#: Calls that write down, and that speak to the relay.
LEDGER = ("pwrite64", "fdatasync", "fsync", "write", "ftruncate", "rename", "unlink")
SOCKETS = ("sendmsg", "sendto", "recvfrom", "connect")
pytestmark = [pytest.mark.usefixtures("strace"), pytest.mark.uncovered]


def killed_at(name: str, when: int) -> tuple[str, ...]:
    """Return options of strace that kill a process, or a thread's process, at its call of a number."""
    return ("-o", "/dev/null", "-e", f"trace={name}", "-e", f"inject={name}:signal=SIGKILL:when={when}")


def counted(trial: Trial, log: Path) -> Counter[str]:
    """Send undisturbed, and return how often each call was made, of the thread that made it most often."""
    assert trial.send(("-o", str(log))) == 0
    trial.expect_nothing_lost()
    seen: Counter[tuple[str, str]] = Counter(
        re.findall(r"^(\d+) +(\w+)\(", log.read_text(encoding="utf-8"), re.MULTILINE)
    )
    most: Counter[str] = Counter()
    for (_, name), number in seen.items():
        most[name] = max(most[name], number)
    return most


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("name", [*LEDGER, *SOCKETS])
def test_a_sender_killed_at_any_call_loses_nobody(
    made: Path, forks: ForkServer, tmp_path: Path, some: Callable[[int, int], range], name: str, connections: int
) -> None:
    with trial(made, tmp_path / "first", forks, readers=READERS, connections=connections) as one:
        calls = counted(one, tmp_path / "log")[name]
    died = 0
    for when in some(calls, 9 if name == "pwrite64" else 6):
        with trial(made, tmp_path / str(when), forks, readers=READERS, connections=connections) as one:
            died += one.send(killed_at(name, when)) == -signal.SIGKILL
            one.finish()
            one.expect_nothing_lost()
    assert died or not calls


@pytest.mark.parametrize("policy", ["hold", "skip"])
def test_what_is_uncertain_after_a_death_waits_or_is_given_up_as_the_settings_say(
    made: Path, forks: ForkServer, tmp_path: Path, policy: str
) -> None:
    with trial(made, tmp_path / "one", forks, readers=READERS, connections=1, uncertain=policy) as one:
        assert one.send(killed_at("sendmsg", 4)) == -signal.SIGKILL
        doubtful = one.doubtful()
        assert len(doubtful) == 1
        assert one.send() == (3 if policy == "hold" else 0)
        assert one.open() == (doubtful if policy == "hold" else [])
        one.expect_nothing_lost(doubles=0, unsure=doubtful)


@pytest.mark.parametrize("name", ["pwrite64", "fdatasync", "fsync"])
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_a_disk_that_fails_loses_nobody(
    made: Path, forks: ForkServer, tmp_path: Path, some: Callable[[int, int], range], name: str, error: str
) -> None:
    with trial(made, tmp_path / "first", forks, readers=READERS, connections=1) as one:
        calls = counted(one, tmp_path / "log")[name]
    for when in some(calls, 5):
        with trial(made, tmp_path / str(when), forks, readers=READERS, connections=1) as one:
            inject = f"inject={name}:error={error}:when={when}"
            status = one.send(("-o", "/dev/null", "-e", f"trace={name}", "-e", inject))
            assert status in (0, 3, 4), f"{name} {when}: {status}"
            one.finish()
            # A disk that is full says so as it is written to; whoever hears it later cannot know what is there.
            one.expect_nothing_lost(doubles=0 if (error, name) == ("ENOSPC", "pwrite64") else 1)


@pytest.mark.parametrize("name", ["sendmsg", "recvfrom"])
def test_a_connection_that_is_reset_loses_nobody(
    made: Path, forks: ForkServer, tmp_path: Path, some: Callable[[int, int], range], name: str
) -> None:
    with trial(made, tmp_path / "first", forks, readers=READERS, connections=1) as one:
        calls = counted(one, tmp_path / "log")[name]
    for when in some(calls, 5):
        with trial(made, tmp_path / str(when), forks, readers=READERS, connections=1) as one:
            inject = f"inject={name}:error=ECONNRESET:when={when}"
            assert one.send(("-o", "/dev/null", "-e", f"trace={name}", "-e", inject)) in (0, 3, 4)
            one.finish()
            one.expect_nothing_lost(doubles=1)
