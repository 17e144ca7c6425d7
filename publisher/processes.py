"""Work for several processors: one function over many items, in processes that inherit everything and share nothing.

The pools of the standard library are not used: their workers outlive a killed parent, they need shared semaphores that
a bare chroot has not, and importing them takes as long as the work of a small build.
"""

import os
import pickle
import signal
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from publisher.errors import PublisherError, SurroundingsError

T = TypeVar("T")
R = TypeVar("R")

#: More would rather wait for the disk.
MOST = 8
# <linux/prctl.h>
_PR_SET_PDEATHSIG = 1


def processors() -> int:
    """Return how many processes may work at once.

    A process with several threads does all the work itself: forking it may copy a lock that nobody opens again.
    """
    if threading.active_count() > 1 or not hasattr(os, "sched_getaffinity"):
        return 1
    return min(len(os.sched_getaffinity(0)), MOST)


def spread(
    task: Callable[[T], R], items: Sequence[T], meanwhile: Callable[[], object] = lambda: None
) -> Generator[R, None, None]:
    """Apply a function to items and yield the results in their order, working on several at once.

    Who wants no more of them closes it, which ends the processes.

    There is one process more than processors, as each now and then waits for the disk.

    Args:
        task: what it changes in memory is lost; what it returns must be picklable.
        items: each worth some hundredths of a second.
        meanwhile: is done here once the others work; not at all where there are none.

    Raises:
        SurroundingsError: a process ended before its work was done.
        Whatever `task` raises.
    """
    count = min(processors(), len(items))
    if count < 2:
        yield from map(task, items)
        return
    workers: list[_Worker] = []
    try:
        workers += (_Worker.start(task, items[number::count]) for number in range(count))
        meanwhile()
        for number in range(len(items)):
            yield workers[number % count].result()  # type: ignore[misc]
    finally:
        for worker in workers:
            worker.end()


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process and what it says."""

    process: int
    answers: BinaryIO

    @classmethod
    def start(cls, task: Callable[[T], R], items: Sequence[T]) -> "_Worker":
        reading, writing = os.pipe()
        parent = os.getpid()
        process = os.fork()
        if process:
            os.close(writing)
            return cls(process, os.fdopen(reading, "rb"))
        # Whatever happens here, nothing of the parent's is run again: no handlers, no buffers, no tests.
        status = 1
        with suppress(BaseException):
            os.close(reading)
            _end_with(parent)
            with os.fdopen(writing, "wb") as answers:
                _work(task, items, answers)
            status = 0
        os._exit(status)

    def result(self) -> object:
        """Return the next result, or raise what was raised."""
        try:
            done, value = pickle.load(self.answers)  # noqa: S301 # our own process wrote it
        except (EOFError, pickle.UnpicklingError):
            message = "a process ended before its work was done; is there enough memory?"
            raise SurroundingsError(message) from None
        if not done:
            raise value
        return value

    def end(self) -> None:
        """Stop the process, whatever it does; it holds nothing that is not the caller's to clear away."""
        self.answers.close()
        with suppress(ProcessLookupError, ChildProcessError):
            # It inherited how the caller takes SIGTERM, which may be not at all.
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)


def _end_with(parent: int) -> None:
    """Let this process end when its parent does, however that ends: it holds files and locks that somebody waits for."""
    import ctypes

    with suppress(AttributeError, OSError):  # Linux only; elsewhere it ends when nobody takes its answers
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _work(task: Callable[[T], R], items: Sequence[T], answers: BinaryIO) -> None:
    for item in items:
        try:
            answer = pickle.dumps((True, task(item)))
        except Exception as error:  # noqa: BLE001 # raised again where the work was asked for
            answer = _packed(error)
        answers.write(answer)
        answers.flush()


def _packed(error: Exception) -> bytes:
    """Return an exception as it travels; a bug takes along where it happened, which exceptions forget on the way."""
    if isinstance(error, PublisherError):
        return pickle.dumps((False, error))
    from traceback import format_exception

    place = "".join(format_exception(error))
    error.add_note(place)
    try:
        packed = pickle.dumps((False, error))
        pickle.loads(packed)  # noqa: S301 # where a constructor wants more than the message, it does not come back
    except Exception:  # noqa: BLE001 # anybody's constructor may run
        return pickle.dumps((False, RuntimeError(place)))
    return packed
