"""What the tests of crashes share."""

from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def strace(needs_program: Callable[[str], str]) -> str:
    """Ask for strace(1), and for the right to watch other processes with it."""
    return needs_program("strace")
