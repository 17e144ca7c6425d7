"""Work for several processors: the same function over many bundles, in processes that share nothing but the start."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")

#: Fewer bundles are done sooner than processes start.
WORTHWHILE = 8


class Spread(Protocol):
    """As `map`: applies a function to each item and yields the results in order."""

    def __call__(self, task: Callable[[T], R], items: Sequence[T], /) -> Iterator[R]:
        """Yield the results; what a task raises is raised here."""


@contextmanager
def in_processes(tasks: int) -> Iterator[Spread]:
    """Offer a `map` that uses all processors when there are enough tasks, and plain `map` otherwise.

    Functions, items and results must be picklable. A process with several threads does all the work itself: forking
    one may copy a lock that nobody opens again.

    Args:
        tasks: how many items there will be.
    """
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    if tasks < WORTHWHILE or processors < 2 or threading.active_count() > 1 or not (pool := _pool(processors)):
        yield map
        return
    with pool:
        yield pool.map


def _pool(processors: int) -> Any:
    """Return a pool of processes; None where the system has no semaphores to share, as in a bare chroot."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    try:
        return ProcessPoolExecutor(min(processors, 8), mp_context=get_context("fork"))
    except (OSError, ImportError):
        return None
