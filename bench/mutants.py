"""Changes modules by one small step after the other, and tells which steps no test notices. See README.md beside this file."""

import argparse
import ast
import importlib
import importlib.util
import json
import os
import random
import shlex
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import pytest
from coverage import CoverageData

from bench.changes import Change, changes

_QUIETLY = "-q --no-header --tb=no -p no:cacheprovider -W ignore::pytest.PytestAssertRewriteWarning".split()
#: Seconds that a test may take beyond four times what it took.
_GRACE = 4


class Times:
    """A plug-in of pytest: notes how long tests take, and once that is known, ends whatever takes much longer."""

    def __init__(self, known: Mapping[str, float] | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._known = known

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if self._known is not None:
            signal.setitimer(signal.ITIMER_REAL, _GRACE + 4 * self._known[nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.seconds[report.nodeid] = report.duration


class Tests(NamedTuple):
    """What the tests did, as they are."""

    seconds: dict[str, float]
    #: What they imported.
    modules: list[str]
    #: Which come by a line of a file.
    by_line: dict[str, dict[int, list[str]]]

    @classmethod
    def look(cls, folder: Path, arguments: list[str]) -> "Tests":
        """Run them once under coverage."""
        data = CoverageData(str(folder / "coverage"))
        options = ["--cov", "--cov-context=test", "--cov-report=", "--cov-fail-under=0", f"--basetemp={folder / 'tmp'}"]

        def run() -> None:
            os.environ["COVERAGE_FILE"] = data.data_filename()
            times = Times()
            pytest.main([*_QUIETLY, *options, *arguments], [times])
            names = [name for name in sys.modules if not name.startswith(("__main__", "tests", "test_", "conftest"))]
            (folder / "seen").write_text(json.dumps([times.seconds, names]), encoding="utf-8")

        in_a_child(run)
        data.read()
        seconds, modules = json.loads((folder / "seen").read_text(encoding="utf-8"))
        return cls(seconds, modules, {path: data.contexts_by_lineno(path) for path in data.measured_files()})

    def of(self, path: Path, change: Change, budget: float) -> list[str]:
        """Return the tests that come by a change, the quickest first; for what an import runs, those of all files that may."""
        by_line = self.by_line.get(str(path.resolve()), {})
        places = {line: {name.partition("|")[0] for name in names} for line, names in by_line.items()}
        found = set().union(*(places.get(line, ()) for line in change.lines)) & self.seconds.keys()
        if not found:
            files = {name.partition("::")[0] for name in set().union(*places.values())}
            found = {name for name in self.seconds if name.partition("::")[0] in files}
        ordered = sorted(found, key=self.seconds.__getitem__)
        spent = accumulate(self.seconds[name] for name in ordered)
        return [name for name, total in zip(ordered, spent, strict=True) if total <= budget]


def in_a_child(work: Callable[[], object], *, quiet: bool = True) -> int:
    """Return the status of a forked process in which a function was called; all that it started is gone then."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.setsid()
        status = 1
        with suppress(Exception):
            if quiet:
                null = os.open(os.devnull, os.O_WRONLY)
                os.dup2(null, 1)
                os.dup2(null, 2)
            status = int(bool(work()))
        sys.stdout.flush()
        os._exit(status)
    _, status = os.waitpid(child, 0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(status)


def judge(path: Path, tests: Tests, options: argparse.Namespace) -> None:
    """Try the changes of one module, and print those that survive."""
    module = ".".join(path.with_suffix("").parts)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    # What needs the module cannot be imported without it, and is imported with the changed one; all else is there already.
    sys.modules[module] = None  # type: ignore[assignment]
    for name in tests.modules:
        with suppress(Exception):
            importlib.import_module(name)
    del sys.modules[module]

    def run(change: Change, names: list[str]) -> int:
        change.apply()
        spec = importlib.util.find_spec(module)
        assert spec is not None
        sys.modules[module] = changed = importlib.util.module_from_spec(spec)
        exec(compile(ast.fix_missing_locations(tree), str(path), "exec"), changed.__dict__)  # noqa: S102 # a changed module
        package, _, leaf = module.rpartition(".")
        setattr(sys.modules[package], leaf, changed)
        return int(pytest.main([*_QUIETLY, "-x", *names], [Times(tests.seconds)]))

    if not tests.by_line.get(str(path.resolve())):
        sys.exit(f"{path}: no test comes by it")
    unchanged = Change((0, 0), "nothing", tuple)
    found = list(changes(tree))
    chosen = random.Random(options.seed).sample(found, round(len(found) * options.share))  # noqa: S311 # the same again
    killed = 0
    for change in [unchanged, *sorted(chosen)]:
        names = tests.of(path, change, options.budget)
        survives = not names or in_a_child(partial(run, change, names)) == 0
        if change is unchanged and not survives:
            sys.exit(f"{path}: tests fail though nothing is changed")
        if survives and change is not unchanged:
            print(f"{path}:{change.lines[1]}: {change.words}")
        killed += not survives
    print(f"{path}: {killed} of {len(chosen)} were noticed")


def main() -> None:
    """Judge the modules that are named."""
    parser = argparse.ArgumentParser(prog="bench.mutants", description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, help="modules, relative to the root of the repository")
    parser.add_argument("--tests", default="tests", help="arguments of pytest that choose the tests")
    parser.add_argument("--share", type=float, default=1.0, help="of the changes, by lot")
    parser.add_argument("--seed", type=int, default=1, help="of that lot")
    parser.add_argument("--budget", type=float, default=30, help="seconds of tests for one change")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests.look(Path(folder), shlex.split(options.tests))
        for path in options.paths:
            in_a_child(partial(judge, path, tests, options), quiet=False)


if __name__ == "__main__":
    main()
