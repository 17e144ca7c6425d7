"""When the power fails, what was not synced is gone, wholly or in parts; nobody is lost all the same."""

import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from publisher import Publication
from publisher.store import StoreError
from tests.crash.forkserver import ForkServer
from tests.crash.powercut import OPTIONS, Call, Choice, Disk, calls, cuts
from tests.crash.stage import Trial, trial
from tests.delivery.faultserver import FaultServer

READERS = 5
_END = b"\r\n.\r\n"
_READER = re.compile(rb"RCPT TO:<([^>]+)>")
pytestmark = [pytest.mark.usefixtures("strace"), pytest.mark.uncovered]


def left(done: Sequence[Call]) -> list[str]:
    """Return whose mails have left wholly, final dot and all."""
    streams: dict[str, bytes] = defaultdict(bytes)
    readers = []
    for call in done:
        if call.name in ("sendmsg", "sendto") and call.texts:
            mails = (streams[call.file] + b"".join(call.texts)[: call.result]).split(_END)
            streams[call.file] = mails.pop()
            readers += [_READER.findall(mail)[-1].decode() for mail in mails]
    return readers


def traced(
    made: Path, folder: Path, forks: ForkServer, log: Path, wrong: str = "", connections: int = 1
) -> list[dict[str, object]]:
    """Send an issue once, write down every call, and return the mails that the relay took."""
    with trial(made, folder, forks, readers=READERS, connections=connections, wrong=wrong) as one:
        before = folder.with_name("before")
        shutil.copytree(folder, before)
        assert one.send((*OPTIONS, "-o", str(log))) == 0
        mails = one.relay.mails()
    before.rename(folder)
    return mails


def expect_nobody_lost_after(
    disk: Disk,
    done: Sequence[Call],
    target: Path,
    choice: Choice,
    forks: ForkServer,
    mails: Sequence[dict[str, object]],
    connections: int,
) -> None:
    """Go on after the power is back, and demand that nobody is lost; what had left, the relay has taken."""
    disk.cut(target, choice)
    gone = Counter(left(done))
    with FaultServer() as relay:
        relay._taken += [mail for mail in mails if gone[str(mail["recipient"])]]
        one = Trial(target, forks, READERS, connections, relay)
        one.crashes = 1
        one.named.update(one.doubtful())
        one.finish()
        one.expect_nothing_lost()
    shutil.rmtree(target)


@pytest.mark.parametrize("connections", [1, 4])
def test_a_power_cut_loses_nobody(
    made: Path, forks: ForkServer, tmp_path: Path, some: Callable[[int, int], range], connections: int
) -> None:
    log, folder = tmp_path / "log", tmp_path / "publication"
    mails = traced(made, folder, forks, log, connections=connections)
    text = log.read_text(encoding="ascii")
    moments = list(some(len(list(calls(text))), 14))
    for number, (disk, done) in enumerate(cuts(text, folder, moments)):
        for share in (0.0, 0.5, 0.9) if len(moments) > 50 else (0.5 * (number % 2),):
            expect_nobody_lost_after(
                disk, done, tmp_path / f"left{number}{share}", Choice(share, number), forks, mails, connections
            )


def unsynced(log: str, folder: Path, target: Path) -> list[str]:
    """Return whose mails left before it was sure to be written down that they would."""
    done = list(calls(log))
    sends = [number for number, call in enumerate(done, 1) if call.name in ("sendmsg", "sendto")]
    dots = [number for number in sends if len(left(done[:number])) > len(left(done[: number - 1]))]
    early = []
    for number, (disk, so_far) in enumerate(cuts(log, folder, dots)):
        place = target / str(number)
        disk.cut(place, Choice(0.0))
        reader = left(so_far)[-1]
        with Publication.load(place)._store() as store, store.reading() as connection:
            found = connection.exec_driver_sql("SELECT address, state FROM delivery")
            states = {row[0]: row[1] for row in found}
        early += [reader] if states.get(reader) not in ("armed", "sent") else []
        shutil.rmtree(place)
    assert len(dots) == READERS
    return early


def test_no_mail_leaves_before_its_intent_is_synced(made: Path, forks: ForkServer, tmp_path: Path) -> None:
    log, folder = tmp_path / "log", tmp_path / "publication"
    traced(made, folder, forks, log)
    assert unsynced(log.read_text(encoding="ascii"), folder, tmp_path) == []


def test_a_ledger_that_does_not_sync_is_noticed(made: Path, forks: ForkServer, tmp_path: Path) -> None:
    log, folder = tmp_path / "log", tmp_path / "publication"
    traced(made, folder, forks, log, wrong="not synced")
    text = log.read_text(encoding="ascii")
    with pytest.raises((AssertionError, StoreError)):
        assert unsynced(text, folder, tmp_path) == []
