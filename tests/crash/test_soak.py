"""Hundreds of readers, a relay that misbehaves in every way, and deaths at any time, one after the other."""

import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash.conftest import WHOLE
from tests.crash.forkserver import ForkServer
from tests.crash.stage import lay_down, trial
from tests.delivery.faultserver import Act, Script, at_random

pytestmark = pytest.mark.uncovered

READERS = 200
#: Of a thousand runs: they mostly wait, so that many go on beside each other.
PARTS = 10 if WHOLE else 2


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a publication with two hundred readers."""
    folder = tmp_path_factory.mktemp("many") / "publication"
    lay_down(folder, READERS)
    return folder


def badly_behaved(seed: int) -> Script:
    """Misbehave at random at every stage, and now and then say nothing for ever."""
    script, chance = at_random(seed, 0.04), random.Random(seed)

    def say(stage: str, connection: int, mail: int) -> Act | None:
        if stage in ("mail", "body", "dot") and chance.random() < 0.0005:
            return Act(b"", "hang", keep=stage == "dot" and chance.random() < 0.5)
        return script(stage, connection, mail)

    return say


@pytest.mark.parametrize("part", range(PARTS))
def test_runs_that_are_killed_at_any_time_lose_nobody(
    many: Path, forks: ForkServer, tmp_path: Path, times: Callable[[int, int], range], part: int
) -> None:
    for number in times(1000 // PARTS, 2):
        seed = PARTS * number + part
        chance = random.Random(seed)
        options = {"readers": READERS, "connections": chance.choice([1, 4, 8])}
        with trial(many, tmp_path / str(seed), forks, badly_behaved(seed), **options) as one:
            for _ in range(chance.randint(1, 3)):
                one.interrupted(signal.SIGKILL, chance.uniform(0.0, 0.5), uncertain=chance.choice(["hold", "resend"]))
            one.finish()
            # The relay's own breaks behind the data leave copies, too; each was named first.
            one.expect_nothing_lost(doubles=READERS)
