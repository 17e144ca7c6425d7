"""What all tests share: no network, a plain environment, how hard the property tests try."""

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("desk", max_examples=20, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


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


@pytest.fixture(scope="session")
def expect_linear() -> Callable[[Callable[[int], object], int], None]:
    """Demand that four times the input takes about four times the work, and not sixteen times: a ratio, no wall time."""

    def cost(work: Callable[[int], object], size: int) -> float:
        start = time.process_time()
        work(size)
        return time.process_time() - start

    def compare(work: Callable[[int], object], size: int) -> None:
        # In turn, so that a neighbour's work on the same processor slows both down.
        pairs = [(cost(work, size), cost(work, 4 * size)) for _ in range(3)]
        small, large = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
        # Below a hundredth of a second the clock is too coarse to compare.
        assert large < 10 * max(small, 0.01)

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
