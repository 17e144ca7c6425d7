"""What all tests share: no network, a plain environment, how hard the property tests try."""

import gc
import math
import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import settings

# Fixtures of databases: tests/databases.py.
pytest_plugins = ["databases"]

settings.register_profile("desk", max_examples=20, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
# For bodies that render an issue each time, whose borders have cases of their own: `make whole` tries as many as others.
settings.register_profile(
    "costly", settings(), max_examples=settings().max_examples if os.environ.get("PUBLISHER_WHOLE") else 20
)


# Whoever starts the tests with `nohup` or `&` has them ignore Ctrl-C, and every program that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def needs_program() -> Callable[[str], str]:
    """Give the path of a program; without it the test is skipped, in CI it fails."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None and os.environ.get("CI"):
            pytest.fail(f"{name} is missing; .ci/bootstrap programs installs it")
        if path is None:
            pytest.skip(f"{name} is missing; .ci/bootstrap programs installs it")
        return path

    return find


@contextmanager
def _uncovered() -> Iterator[None]:
    """Take no coverage; pytest-cov's own `no_cover` ends one of the two collectors that each worker of xdist has."""
    collectors: list[Coverage] = []
    while (collector := Coverage.current()) is not None:
        collector.stop()
        collectors.append(collector)
    try:
        yield
    finally:
        for collector in reversed(collectors):
            collector.start()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let nothing but the work itself be measured.

    No garbage is searched for, as in timeit: other tests have left much. No coverage is taken, which would be most of
    what is measured.
    """
    gc.disable()
    try:
        with _uncovered():
            yield
    finally:
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run tests of volumes without coverage, which would take as long as they do; others cover the same lines."""
    with _uncovered() if item.get_closest_marker("uncovered") else nullcontext():
        return (yield)


@pytest.fixture(scope="session")
def expect_linear() -> Callable[[Callable[[int], object], int], None]:
    """Demand that four times the input takes about four times the work, and not sixteen times: a ratio, no wall time.

    What else the machine does only ever adds to a measurement. So the small work is measured before and after the large
    one and the lesser counts; where the ratio is then far from that of a square, it is enough to have looked once. Only
    what was measured in one breath is compared: a machine may be more than twice as fast for a moment.
    """

    def cost(work: Callable[[int], object], size: int) -> float:
        start = time.process_time()
        work(size)
        return time.process_time() - start

    def compare(work: Callable[[int], object], size: int) -> None:
        ratio = math.inf
        with _undisturbed():
            for _ in range(6):
                before, most, after = cost(work, size), cost(work, 4 * size), cost(work, size)
                # Below a hundredth of a second the clock is too coarse to compare.
                ratio = min(ratio, most / max(min(before, after), 0.01))
                if ratio < 6:
                    break
        assert ratio < 10

    return compare


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in ("127.0.0.1", "::1"):
            pytest.fail(f"a test reached for the network: {address}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(autouse=True, scope="session")
def _plain_environment() -> Iterator[None]:
    """Keep what the developer's shell says about time and colour out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SOURCE_DATE_EPOCH", "NO_COLOR", "FORCE_COLOR"):
            patch.delenv(name, raising=False)
        yield
