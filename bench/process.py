"""Runs a program and tells what it took: time on the wall, processor time, memory at the peak."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PROC = Path("/proc")
#: Seconds between two looks at the processes a program has started. Each look takes some milliseconds for each process,
#: during which that process stands still: looking more often would slow down what is measured.
BETWEEN_LOOKS = 0.2


class Failed(Exception):
    """A program ended with another status than 0; holds the end of what it said."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a program and all it started took."""

    #: Seconds by the clock on the wall.
    wall: float
    #: Seconds of processor time, user and system, on all cores.
    cpu: float
    #: Megabytes (of 2**20 bytes) at the peak.
    memory: float


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a program to its end.

    The peak of a program that stays alone is the kernel's own figure of its resident set, which misses nothing. For one
    that starts others, the proportional set sizes of the whole tree are added up every fifth of a second, so
    that pages they share count once; the larger of the two figures is told. Neither goes below what this script itself
    holds when it starts the program, about 20 MB.

    Args:
        command: program and arguments.
        folder: where it works.
        environment: its variables.

    Raises:
        Failed: it ended with another status than 0.
    """
    said = folder / "said.txt"
    with said.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        with _Watch(process.pid) as watch:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        end = said.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise Failed(f"{command[0]} ended with status {process.returncode}:\n{end}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, max(usage.ru_maxrss / 1024, watch.peak))


class _Watch:
    """Adds up the memory of a process and its descendants, time and again, while there are descendants."""

    def __init__(self, pid: int) -> None:
        #: Megabytes; 0 for a process that stays alone.
        self.peak = 0.0
        self._root = pid
        self._parents: dict[int, int] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        if PROC.is_dir():
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(BETWEEN_LOOKS):
            tree = self._tree()
            if len(tree) > 1:
                self.peak = max(self.peak, sum(map(_proportional, tree)))

    def _tree(self) -> set[int]:
        """Give the process and its descendants; a parent is asked for once, so that a look costs next to nothing."""
        alive = {int(path.name) for path in PROC.iterdir() if path.name.isdigit()}
        for pid in alive - self._parents.keys():
            self._parents[pid] = _parent(pid)
        tree = {self._root}
        while more := {pid for pid in alive - tree if self._parents[pid] in tree}:
            tree |= more
        return tree


def _parent(pid: int) -> int:
    try:
        # The name, in brackets, may hold spaces and brackets: proc_pid_stat(5).
        return int(
            (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
        )
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> float:
    """Give megabytes, shared pages divided by their sharers; 0 for a process that has just ended."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
