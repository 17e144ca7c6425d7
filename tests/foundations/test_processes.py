"""Work for several processors: the same results as of one, and nobody left over, whatever happens.

A process with threads does all the work itself, and the test runner has some: each test is a program of its own.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from publisher import processes

#: What each program begins with: two processors, wherever it runs.
BEGINNING = """
import os, signal, sys, threading, time
from publisher import processes
from publisher.errors import Problem, ProblemsError, SurroundingsError
from publisher.processes import spread

os.sched_getaffinity = lambda _: {0, 1}
mine = os.getpid()
def ended(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False
"""


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str], str]:
    """Run a program to its end and give what it printed; processes that it left over still hold its output."""

    def complete(program: str) -> str:
        path = tmp_path / "program.py"
        path.write_text(BEGINNING + program, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, path], capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return complete


def test_results_come_in_the_order_of_the_items_from_several_processes(run: Callable[[str], str]) -> None:
    assert (
        run("""
def slow_first(number):
    time.sleep(0.05 if number == 0 else 0)
    return number, os.getpid()
found = list(spread(slow_first, range(20)))
workers = {process for _, process in found}
print([number for number, _ in found] == list(range(20)), len(workers) > 1, mine in workers, all(map(ended, workers)))
""")
        == "True True False True"
    )


def test_results_larger_than_a_pipe_arrive(run: Callable[[str], str]) -> None:
    assert run("print([len(text) for text in spread(lambda size: 'x' * size, [3_000_000, 0, 2_000_000])])") == (
        "[3000000, 0, 2000000]"
    )


def test_what_a_worker_changes_in_memory_stays_with_it(run: Callable[[str], str]) -> None:
    assert run("kept = []; list(spread(kept.append, range(9))); print(kept)") == "[]"


def test_something_else_is_done_while_the_others_work(run: Callable[[str], str]) -> None:
    assert run("print(*spread(lambda n: n, range(3), lambda: print('meanwhile')))") == "meanwhile\n0 1 2"


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        ("ValueError('no number')", "ValueError no number"),
        ("ProblemsError([Problem('a.md', 'is wrong')])", "ProblemsError a.md: is wrong"),
        ("SurroundingsError('the disk is full')", "SurroundingsError the disk is full"),
        ("UnicodeDecodeError('utf-8', b'x', 0, 1, 'bad')", "UnicodeDecodeError 'utf-8' codec can't decode"),
    ],
)
def test_an_exception_is_raised_where_the_work_was_asked_for(run: Callable[[str], str], raised: str, told: str) -> None:
    said = run(f"""
def task(number):
    if number == 3:
        raise {raised}
    return number
seen = []
try:
    for number in spread(task, range(9)):
        seen.append(number)
except Exception as error:
    print(seen, type(error).__name__, error, getattr(error, "problems", ""))
""")
    assert said.startswith(f"[0, 1, 2] {told}")
    assert "Problem(path='a.md'" in said if "Problems" in raised else True


def test_a_broken_template_says_in_another_process_what_it_says_here(run: Callable[[str], str]) -> None:
    said = run("""
from publisher.templating import BrokenTemplateError, Templates
def task(name):
    return Templates().render(name, {})
for work in (lambda: list(spread(task, ["email/issue.html", "none.html"])), lambda: task("email/issue.html")):
    try:
        work()
    except BrokenTemplateError as error:
        print(error)
""")
    there, here = said.splitlines()
    assert there == here
    assert "email/issue.html" in here


def test_a_bug_tells_where_it_is_in_the_other_process(run: Callable[[str], str]) -> None:
    said = run("""
import traceback
def task(number):
    return 1 / number
try:
    list(spread(task, [1, 0]))
except ZeroDivisionError:
    print(traceback.format_exc())
""")
    assert "return 1 / number" in said


def test_a_bug_whose_exception_cannot_travel_is_told_all_the_same(run: Callable[[str], str]) -> None:
    said = run("""
class Demanding(Exception):
    def __init__(self, one, two):
        super().__init__(one + two)
def task(number):
    raise Demanding("ab", "cd")
try:
    list(spread(task, [1, 0]))
except Exception as error:
    print(error)
""")
    assert "Demanding: abcd" in said


def test_what_cannot_travel_between_processes_is_a_bug_and_is_told_as_one(run: Callable[[str], str]) -> None:
    said = run("""
try:
    list(spread(lambda number: lambda: number, [1, 2]))
except SurroundingsError:
    print("is there enough memory?")
except Exception as error:
    print(type(error).__name__, error)
""")
    assert "pickle" in said


def test_a_worker_that_dies_is_told_of_the_surroundings(run: Callable[[str], str]) -> None:
    assert (
        run("""
def task(number):
    if number == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()
workers = set()
try:
    workers.update(spread(task, range(9)))
except SurroundingsError as error:
    print(error)
""")
        == "a process ended before its work was done; is there enough memory?"
    )


def test_a_worker_that_dies_in_the_middle_of_a_sentence_is_noticed(run: Callable[[str], str]) -> None:
    assert (
        run("""
def torn(_task, _items, answers):
    answers.write(processes.pickle.dumps((True, "x" * 100))[:-3])
processes._work = torn
try:
    list(spread(str, range(4)))
except SurroundingsError:
    print("noticed")
""")
        == "noticed"
    )


# Blocked in writing what nobody reads, and deaf to requests: only the kernel ends such a process.
EARLY = """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
started = []
start = processes._Worker.start.__func__
processes._Worker.start = classmethod(lambda kind, *args: started.append(start(kind, *args)) or started[-1])
results = spread(lambda number: "x" * 1_000_000, range(30))
next(results)
results.close()
print(len(started) > 1, all(ended(worker.process) for worker in started))
"""


def test_who_wants_no_more_results_ends_the_workers(run: Callable[[str], str]) -> None:
    assert run(EARLY) == "True True"


def test_a_worker_that_was_not_ended_would_be_seen(run: Callable[[str], str]) -> None:
    assert run(EARLY.replace("results.close()", "processes._Worker.end = lambda _: None; results.close()")) == (
        "True False"
    )


def test_a_worker_runs_no_handlers_and_writes_no_buffers_of_its_parent(run: Callable[[str], str]) -> None:
    assert (
        run("""
import atexit
atexit.register(lambda: print("handler"))
print("buffer")
list(spread(lambda number: number, range(4)))
""")
        == "buffer\nhandler"
    )


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[list[int]]:
    """Kill a program that waits for its workers; give their process ids, from the files in which they noted them."""
    program = tmp_path / "program.py"
    program.write_text(
        BEGINNING
        + """
def task(number):
    open(f"{number}.pid", "w", encoding="utf-8").write(str(os.getpid()))
    return "x" * 1_000_000
for _ in spread(task, range(30)):
    print("one", flush=True)
    time.sleep(60)
""",
        encoding="utf-8",
    )
    with subprocess.Popen([sys.executable, program], cwd=tmp_path, stdout=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stdout.readline() == b"one\n"
        running.kill()
    yield (workers := sorted({int(path.read_text(encoding="utf-8")) for path in tmp_path.glob("*.pid")}))
    for worker in workers:
        if is_running(worker):
            os.kill(worker, signal.SIGKILL)


def is_running(process: int) -> bool:
    """Say whether a process is more than an entry that nobody has collected."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc to look at")
def test_no_worker_outlives_a_parent_that_was_killed(killed: list[int]) -> None:
    assert killed
    until = time.monotonic() + 30
    while any(map(is_running, killed)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(is_running, killed))


@pytest.mark.parametrize(
    "alone",
    [
        "os.sched_getaffinity = lambda _: {0}",
        "del os.sched_getaffinity",
        "threading.Thread(target=time.sleep, args=(5,), daemon=True).start()",
        "items = [1]",
    ],
)
def test_one_processor_one_item_or_a_second_thread_leave_the_work_here(run: Callable[[str], str], alone: str) -> None:
    said = run(f"items = [1, 2, 3]\n{alone}\nprint({{*spread(lambda _: os.getpid(), items)}} == {{mine}})")
    assert said == "True"


def test_work_that_stays_here_is_done_when_its_result_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "processors", lambda: 1)
    done: list[int] = []
    results = processes.spread(done.append, [1, 2, 3])
    next(results)
    assert done == [1]
