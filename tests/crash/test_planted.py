"""Designs that others use, put into this sender: the same tests notice each of them."""

import time
from pathlib import Path

import pytest

from tests.crash.forkserver import ForkServer
from tests.crash.stage import JOB, trial
from tests.crash.test_killed import READERS, killed_at
from tests.delivery.faultserver import Act, at

pytestmark = [pytest.mark.usefixtures("strace"), pytest.mark.uncovered]


def expect_promises_kept(made: Path, forks: ForkServer, folder: Path, wrong: str) -> None:
    """Kill a sender at each time that it hears from the relay, and demand what is promised."""
    for when in range(1, 25):
        with trial(made, folder / str(when), forks, readers=READERS, connections=1, wrong=wrong) as one:
            one.send(killed_at("recvfrom", when))
            one.wrong = ""
            one.finish()
            one.expect_nothing_lost()


@pytest.mark.parametrize("wrong", ["commit at the end", "sent when fetched"])
def test_a_ledger_that_is_written_too_late_or_too_early_is_noticed(
    made: Path, forks: ForkServer, tmp_path: Path, wrong: str
) -> None:
    with pytest.raises(AssertionError, match=r"lost|copies|named"):
        expect_promises_kept(made, forks, tmp_path, wrong)


def test_another_message_id_for_each_attempt_is_noticed(made: Path, forks: ForkServer, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"mail\.example"):
        expect_promises_kept(made, forks, tmp_path, "random Message-ID")


def test_the_sender_as_it_is_passes_the_same(made: Path, forks: ForkServer, tmp_path: Path) -> None:
    expect_promises_kept(made, forks, tmp_path, "")


def expect_the_second_waits(made: Path, forks: ForkServer, folder: Path, wrong: str) -> None:
    """Let a second sender begin while a slow one is at work, and demand that it leaves that one alone."""
    slow = at("dot", Act(pause=0.4))
    with (
        ForkServer("tests.crash.letters") as others,
        trial(made, folder, forks, slow, readers=READERS, connections=1, wrong=wrong) as one,
    ):
        with forks.started(JOB, one.job):
            while not one.relay.mails():
                time.sleep(0.01)
            second = others.run(JOB, one.job)
        first = forks.ended()
        assert (first, second) == (0, 4)
        one.expect_nothing_lost(doubles=0)


def test_a_second_sender_leaves_the_first_alone(made: Path, forks: ForkServer, tmp_path: Path) -> None:
    expect_the_second_waits(made, forks, tmp_path / "one", "")


def test_two_senders_without_a_lock_are_noticed(made: Path, forks: ForkServer, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        expect_the_second_waits(made, forks, tmp_path / "one", "not locked")
