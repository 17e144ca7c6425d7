"""Ctrl-C: the same silent end at every moment, and one that shells understand."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from publisher.cli.stopping import interruptible

#: Runs the program, and interrupts it when it begins to load a module.
_INTERRUPTED = """
import os, runpy, signal, sys

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == MOMENT:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
sys.argv = ["publisher", *sys.argv[1:]]
runpy.run_module("publisher", run_name="__main__", alter_sys=True)
"""


def interrupted(site: Path, moment: str, *command: str) -> subprocess.CompletedProcess[str]:
    program = _INTERRUPTED.replace("MOMENT", repr(moment))
    return subprocess.run(
        [sys.executable, "-c", program, "-C", str(site), *command],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def wait_asleep(process: int) -> None:
    """Return when a process waits for something (proc(5), the third field of stat)."""
    deadline = time.monotonic() + 60
    while Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "S":
        assert time.monotonic() < deadline
        time.sleep(0.01)


def expect_silent_end(done: subprocess.CompletedProcess[str]) -> None:
    """Demand death by SIGINT, of which a shell makes 130, and not a word."""
    assert done.returncode == -signal.SIGINT, done.stderr
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(
    ("moment", "command"),
    [
        ("click", "status"),  # the first hundredths of a second
        ("publisher.cli.stopping", "status"),
        ("publisher.publication", "status"),  # the command has begun
        ("publisher.publication.status", "status"),
        ("publisher.feeds", "build"),
    ],
)
def test_ctrl_c_is_silent_at_every_moment(site: Path, moment: str, command: str) -> None:
    expect_silent_end(interrupted(site, moment, command))
    assert not list(site.rglob("*.tmp*"))


def test_a_run_that_has_begun_ends_what_it_is_at(site: Path) -> None:
    done = interrupted(site, "publisher.delivery.atwork", "run")
    assert (done.returncode, done.stderr) == (0, "")


def test_ctrl_c_at_a_question_is_the_same(site: Path) -> None:
    (site / "people.csv").write_text("email\nzoe@reader.example\n", encoding="utf-8")
    person, terminal = os.openpty()
    command = [sys.executable, "-m", "publisher", "-C", str(site), "subscribers", "import", str(site / "people.csv")]
    with subprocess.Popen(command, stdin=terminal, stdout=subprocess.PIPE, stderr=terminal) as process:
        os.close(terminal)
        said = b""
        while b"Import it?" not in said:
            said += os.read(person, 1000)
        wait_asleep(process.pid)  # what comes between the question and the wait for its answer is taken up a key later
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(timeout=60) == -signal.SIGINT
        finally:
            process.kill()
    os.close(person)
    assert b"Aborted" not in said
    assert not (site / ".publisher/state.db").exists()


def test_whoever_ignores_ctrl_c_goes_on_ignoring_it(site: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as nohup and `&` do
    try:
        done = interrupted(site, "publisher.publication", "articles")
    finally:
        signal.signal(signal.SIGINT, before)
    assert (done.returncode, done.stderr) == (0, "")
    assert "First light" in done.stdout


def test_another_program_gets_the_interrupt_itself() -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_way_into_the_program_would_be_noticed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began = 'runpy.run_module("publisher", run_name="__main__", alter_sys=True)'
    assert began in _INTERRUPTED
    monkeypatch.setattr(
        f"{__name__}._INTERRUPTED", _INTERRUPTED.replace(began, "from publisher.cli import main; main()")
    )
    done = interrupted(site, "click", "status")
    assert "Traceback" in done.stderr
    with pytest.raises(AssertionError):
        expect_silent_end(done)
