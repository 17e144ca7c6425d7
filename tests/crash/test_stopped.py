"""A sender that is asked to stop, in the midst of any mail, finishes what has begun: nothing is uncertain, nothing comes twice."""

import os
import signal
from collections.abc import Callable
from itertools import product
from pathlib import Path
from threading import Event

import pytest

from tests.crash.forkserver import ForkServer
from tests.crash.stage import JOB, Trial, trial
from tests.delivery.faultserver import Act

pytestmark = pytest.mark.uncovered

READERS = 5
#: Where a mail is, which mail in the order of the relay, how many connections, and how long the relay then waits.
MOMENTS = list(product(("mail", "rcpt", "data", "body", "dot"), range(5), (1, 4), (0.0, 0.05)))


class Asking:
    """Sends a signal to the sender when its nth mail is at a stage: the relay knows when, and no clock is needed."""

    def __init__(self, number: signal.Signals, stage: str, nth: int, pause: float) -> None:
        self._number, self._stage, self._nth, self._pause = number, stage, nth, pause
        self._known = Event()
        self._pid = 0
        self.asked = False

    def knows(self, pid: int) -> None:
        """Hear which process it is."""
        self._pid = pid
        self._known.set()

    def __call__(self, stage: str, _connection: int, _mail: int) -> Act | None:
        """Be a script of the relay."""
        if stage != self._stage or self.asked:
            return None
        self._nth -= 1
        if self._nth >= 0:
            return None
        assert self._known.wait(10)
        self.asked = True
        os.kill(self._pid, self._number)
        return Act(pause=self._pause)


def stopped(one: Trial, asking: Asking, forks: ForkServer) -> int:
    """Send until the relay asks to stop, and return how many mails had left by then; demand that none is uncertain."""
    with forks.started(JOB, one.job) as pid:
        asking.knows(pid)
    status = one.note(forks.ended())
    assert asking.asked
    assert one.doubtful() == []
    assert status in (0, 3)
    left = len(one.relay.mails())
    assert status == (0 if left == READERS else 3)
    one.finish()
    one.expect_nothing_lost(doubles=0)
    return left


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_sender_that_is_asked_to_stop_in_the_midst_finishes_what_has_begun(
    made: Path, forks: ForkServer, tmp_path: Path, times: Callable[[int, int], range], number: signal.Signals
) -> None:
    attempts = times(len(MOMENTS), 4)
    left = []
    for attempt in attempts:
        stage, nth, connections, pause = MOMENTS[(attempt * 23 + number) % len(MOMENTS)]
        asking = Asking(number, stage, nth, pause)
        with trial(made, tmp_path / str(attempt), forks, asking, readers=READERS, connections=connections) as one:
            left.append(stopped(one, asking, forks))
    assert any(0 < mails < READERS for mails in left), left


def test_a_sender_that_ends_at_once_is_noticed(made: Path, forks: ForkServer, tmp_path: Path) -> None:
    asking = Asking(signal.SIGKILL, "dot", 2, 0.05)
    with (
        trial(made, tmp_path / "one", forks, asking, readers=READERS, connections=1) as one,
        pytest.raises(AssertionError),
    ):
        stopped(one, asking, forks)
