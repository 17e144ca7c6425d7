"""Run as a program: build copies of a publication, and kill each build at another point.

Arguments: the publication, the folder for its copies, the time, and how many builds to kill by the clock. Prints the
name of each copy and how its build ended, as `subprocess` says it.
"""

import itertools
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from publisher import Publication

#: What changes files, as the interpreter names it to audit hooks (https://docs.python.org/3/library/audit_events.html).
CHANGES = frozenset(("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "sqlite3.connect"))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(point: int, folder: Path) -> None:
    """Let this process die just before the given change of a file below the folder; one that is being written is torn."""
    points = itertools.count(1)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event not in CHANGES or str(folder) not in str(arguments[0]):
            return
        if event == "open" and not set("wxa+") & set(str(arguments[1])):
            return
        if next(points) == point:
            die()

    def torn(handle: int) -> None:
        """Stand in for fsync, which costs time and matters only where the power fails."""
        if next(points) == point:
            if Path(f"/proc/self/fd/{handle}").is_file():
                os.ftruncate(handle, os.fstat(handle).st_size // 2)
            die()

    os.fsync = torn  # type: ignore[assignment] # takes descriptors alone
    sys.addaudithook(hook)


def build(folder: Path, now: datetime, prepare: Callable[[], None]) -> int:
    """Build in a child process and return how to wait for it."""
    child = os.fork()
    if child:
        return child
    try:
        prepare()
        Publication.load(folder).build(now)
    finally:
        os._exit(1 if sys.exc_info()[0] else 0)


def main(source: Path, copies: Path, now: datetime, by_clock: int) -> None:
    started = time.monotonic()
    for point in itertools.count(1):
        folder = shutil.copytree(source, copies / f"point-{point:03}")
        status = wait(build(folder, now, lambda point=point, folder=folder: kill_at(point, folder)))  # type: ignore[misc]
        sys.stdout.write(f"{folder.name} {status}\n")
        if status != -signal.SIGKILL:
            break
    each = (time.monotonic() - started) / point
    for number in range(by_clock):
        folder = shutil.copytree(source, copies / f"clock-{number:03}")
        child = build(folder, now, lambda: None)
        time.sleep(each * number / by_clock)
        os.kill(child, signal.SIGKILL)
        sys.stdout.write(f"{folder.name} {wait(child)}\n")


def wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), datetime.fromisoformat(sys.argv[3]), int(sys.argv[4]))
