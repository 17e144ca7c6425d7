"""A process that has imported everything and forks a child for each job, stopped, so that it can be watched first.

Starting Python and its libraries takes a second; three hundred deaths would take five minutes. Run as a script, it reads
one JSON object a line, `{"job": "module:function", "with": {…}}`, answers `{"pid": …}` when the child stands still, and
`{"status": …}`, as os.waitpid has it, when it ended. With `"here": true` it does the job itself.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

#: The longest that a job may take, in seconds: one that hangs is a fault, and is told as one.
PATIENCE = 60.0


class ForkServer:
    """The other end: starts the process, hands it jobs, and watches them with strace(1) where that is asked for."""

    def __init__(self, *modules: str) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self._process = subprocess.Popen(
            [sys.executable, __file__, *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(self, job: str, arguments: Mapping[str, Any], *, strace: Sequence[str] = ()) -> int:
        """Run a job to its end.

        Args:
            job: `module:function`.
            arguments: by name; whatever JSON can say.
            strace: options of strace, which then watches all of its threads.

        Returns:
            The status: an exit status of 0 or more, or a signal that killed it as a negative number.
        """
        with self.started(job, arguments, strace=strace):
            pass
        return self.ended()

    def warm_up(self, job: str, arguments: Mapping[str, Any]) -> int:
        """Do a job in the process itself, so that its children have loaded all that it needs; return its exit status."""
        self._say({"job": job, "with": arguments, "here": True})
        return int(self._hear()["status"])

    @contextmanager
    def started(self, job: str, arguments: Mapping[str, Any], *, strace: Sequence[str] = ()) -> Iterator[int]:
        """Start a job and give its process id; `ended` waits for it."""
        self._say({"job": job, "with": arguments})
        pid = int(self._hear()["pid"])
        watcher = _attached(pid, strace) if strace else None
        os.kill(pid, signal.SIGCONT)
        try:
            yield pid
        finally:
            if watcher:
                watcher.wait()

    def ended(self) -> int:
        """Wait for the job that was started last, and return its status as `run` does."""
        return os.waitstatus_to_exitcode(int(self._hear()["status"]))

    def _say(self, said: Mapping[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(said) + "\n")
        self._process.stdin.flush()

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "the fork server died"
        heard: dict[str, Any] = json.loads(line)
        return heard


def _attached(pid: int, options: Sequence[str]) -> "subprocess.Popen[bytes]":
    watcher = subprocess.Popen(["strace", "-f", "-qq", "-p", str(pid), *options], stdin=subprocess.DEVNULL)
    status = Path(f"/proc/{pid}/status")
    deadline = time.monotonic() + PATIENCE
    while "TracerPid:\t0\n" in status.read_text(encoding="utf-8"):
        assert watcher.poll() is None, "strace could not attach"
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return watcher


def _serve(modules: Sequence[str]) -> None:
    for name in modules:
        importlib.import_module(name)
    for line in sys.stdin:
        said = json.loads(line)
        if said.get("here"):
            _answer({"status": _done(said)})
            continue
        if not (pid := os.fork()):
            _be_a_child(said)
        os.waitpid(pid, os.WUNTRACED)
        _answer({"pid": pid})
        _answer({"status": os.waitpid(pid, 0)[1]})


def _answer(said: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _done(said: Mapping[str, Any]) -> int:
    module, _, function = said["job"].partition(":")
    return getattr(importlib.import_module(module), function)(**said["with"]) or 0


def _be_a_child(said: Mapping[str, Any]) -> None:
    """Do the job and end, without what the parent would do at its end."""
    status = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        signal.alarm(int(PATIENCE))
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # as a program that does not know of Python's exception
        os.kill(os.getpid(), signal.SIGSTOP)
        status = _done(said)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 70
    except BaseException:  # noqa: BLE001 # it must not come back into the parent's loop
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    _serve(sys.argv[1:])
