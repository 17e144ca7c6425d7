"""Work for several processors: one function over many items, in processes that inherit everything and share nothing."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

#: More would rather wait for the disk.
MOST = 8

_inherited: tuple[Callable[[Any], Any], Sequence[Any]] | None = None


def processors() -> int:
    """Return how many processes may work at once.

    A process with several threads does all the work itself: forking it may copy a lock that nobody opens again.
    """
    if threading.active_count() > 1 or not hasattr(os, "sched_getaffinity"):
        return 1
    return min(len(os.sched_getaffinity(0)), MOST)


def spread(task: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """Apply a function to items and yield the results in their order, working on as many at once as there are processors.

    Args:
        task: need not be picklable, unlike what it returns; what it changes in memory is lost.
        items: likewise; a few for each processor, and each worth some hundredths of a second.

    Raises:
        Whatever `task` raises, if that is picklable.
    """
    global _inherited  # noqa: PLW0603 # forked processes find their work there
    pool = _pool(min(processors(), len(items)))
    if pool is None:
        yield from map(task, items)
        return
    _inherited = (task, items)
    try:
        with pool:
            yield from pool.map(_one, range(len(items)))
    finally:
        _inherited = None


def _one(number: int) -> Any:
    assert _inherited is not None
    task, items = _inherited
    return task(items[number])


def _pool(workers: int) -> Any:
    """Return a pool; None where there is nothing to gain, or the system has no semaphores, as in a bare chroot."""
    if workers < 2:
        return None
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    try:
        return ProcessPoolExecutor(workers, mp_context=get_context("fork"))
    except (OSError, ImportError):
        return None
