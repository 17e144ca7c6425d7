"""The same with PostgreSQL: whatever call a sender dies at, to its relay or to its database, nobody is lost."""

import re
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from publisher import Publication
from tests.crash.forkserver import ForkServer
from tests.crash.stage import populate, trial
from tests.crash.test_killed import READERS, killed_at

if TYPE_CHECKING:
    from tests.databases import Server

pytestmark = [pytest.mark.usefixtures("strace"), pytest.mark.uncovered]


@pytest.mark.parametrize("connections", [1, 4])
@pytest.mark.parametrize("name", ["sendto", "recvfrom", "sendmsg", "connect", "fsync"])
def test_a_sender_with_postgresql_killed_at_any_call_loses_nobody(
    made: Path,
    forks: ForkServer,
    postgresql: "Server",
    tmp_path: Path,
    some: Callable[[int, int], range],
    name: str,
    connections: int,
) -> None:
    def attempt(number: int, strace: tuple[str, ...]) -> int:
        with (
            postgresql.schema() as url,
            trial(
                made,
                tmp_path / str(number),
                forks,
                readers=READERS,
                connections=connections,
                state=url.replace("postgres:@", "postgres@"),
            ) as one,
        ):
            populate(Publication.load(one.folder), READERS)
            status = one.send(strace)
            one.finish()
            one.expect_nothing_lost()
            return status

    log = tmp_path / "log"
    assert attempt(0, ("-o", str(log))) == 0
    most = Counter(re.findall(rf"^(\d+) +{name}\(", log.read_text(encoding="utf-8"), re.MULTILINE))
    calls = max(most.values(), default=0)
    died = [attempt(when, killed_at(name, when)) for when in some(calls, 5)]
    assert -signal.SIGKILL in died or not calls
