"""Measures an import of many subscribers beside a bare loop from csv to sqlite3, and the memory that both ways take.

Both are programs of their own, in turn; told are ratios. See README.md beside this file.
"""

import argparse
import csv
import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from bench.process import Cost, run

#: Rows that are measured by default, all of them, and the few that memory is compared with.
ROWS, ALL, FEW = 100_000, 1_000_000, 10_000
OURS, BARE = "publisher", "loop"
#: Time of ours ÷ time of the loop, and memory with many rows ÷ with few.
SPEED, MEMORY = 5.0, 1.2
COLUMNS = ("email", "name", "status", "consent_at", "consent_source")
_SETTINGS = '[publication]\ntitle = "Field Notes"\nurl = "https://notes.example/"\n[[newsletters]]\nname = "weekly"\n'
# What somebody would write who trusts the file; one transaction, one index.
_LOOP = """
import csv, sqlite3
connection = sqlite3.connect("loop.db")
connection.execute(
    "CREATE TABLE subscriber (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT, status TEXT, "
    "consent_at TEXT, consent_source TEXT)"
)
with open("people.csv", encoding="utf-8", newline="") as file:
    rows = csv.reader(file)
    next(rows)
    connection.executemany(
        "INSERT INTO subscriber (email, name, status, consent_at, consent_source) VALUES (?, ?, ?, ?, ?)", rows
    )
connection.commit()
"""


class Incomplete(Exception):
    """Not everybody arrived."""


def lay_down(folder: Path, rows: int, *, ordered: bool) -> None:
    """Make a publication with a file of people.

    Args:
        folder: where; it is made.
        rows: how many people.
        ordered: by address, as no list of people is who came one after the other; an index likes it.
    """
    folder.mkdir()
    (folder / "publisher.toml").write_text(_SETTINGS, encoding="utf-8")
    numbers = list(range(rows))
    if not ordered:
        random.Random(rows).shuffle(numbers)  # noqa: S311 # the same at each run
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in numbers:
            address = f"reader{number:07}@host{number % 5000}.example"
            moment = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}T08:00:00Z"
            writer.writerow((address, f"Reader {number}", "confirmed", moment, "sign-up form"))


def measured(contender: str, folder: Path, rows: int) -> Cost:
    """Import the file of a folder as a program of its own, into an empty database.

    Raises:
        Incomplete: it did not do its work.
        Failed: it ended with an error.
    """
    shutil.rmtree(folder / ".publisher", ignore_errors=True)
    (folder / "loop.db").unlink(missing_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = [sys.executable, "-c", _LOOP]
    if contender == OURS:
        command = [sys.executable, "-m", "publisher", "subscribers", "import", "people.csv", "--yes"]
    cost = run(command, folder, environment)
    path, table = (
        (folder / ".publisher/state.db", "subscription") if contender == OURS else (folder / "loop.db", "subscriber")
    )
    with closing(sqlite3.connect(path)) as connection:
        (there,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 # one of two names
    if there != rows:
        raise Incomplete(f"{contender}: {there} of {rows} people arrived")
    return cost


def turns(folder: Path, rows: int, rounds: int) -> Mapping[str, Sequence[Cost]]:
    """Let both import the same file in turn, every second time the other one first."""
    costs: dict[str, list[Cost]] = {OURS: [], BARE: []}
    for number in range(rounds):
        for contender in (OURS, BARE) if number % 2 else (BARE, OURS):
            costs[contender].append(measured(contender, folder, rows))
    return costs


def ratio(costs: Mapping[str, Sequence[Cost]]) -> float:
    """Return the median of the ratios of time within each round."""
    return median(ours.wall / bare.wall for ours, bare in zip(costs[OURS], costs[BARE], strict=True))


def told(what: str, measure: float, bound: float) -> str:
    """Return one goal, what was measured, and whether that holds."""
    return f"{what}: at most {bound:g}, measured {measure:.2f}  {'yes' if measure <= bound else 'NO'}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.audience", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="people in the file (default: %(default)s)")
    parser.add_argument("--full", action="store_true", help=f"{ALL} people")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    rows = ALL if options.full else options.rows
    with tempfile.TemporaryDirectory(prefix="publisher-bench-") as made:
        place = Path(made)
        costs: dict[str, Mapping[str, Sequence[Cost]]] = {}
        for name, ordered in (("as they came", False), ("by address", True)):
            folder = place / name.replace(" ", "-")
            lay_down(folder, rows, ordered=ordered)
            costs[name] = turns(folder, rows, options.rounds)
        lay_down(place / "few", FEW, ordered=False)
        few = measured(OURS, place / "few", FEW).memory
    growth = max(cost.memory for both in costs.values() for cost in both[OURS]) / few
    ratios = {name: ratio(both) for name, both in costs.items()}
    if options.json:
        seconds = {n: {who: [c.wall for c in some] for who, some in both.items()} for n, both in costs.items()}
        print(json.dumps({"rows": rows, "seconds": seconds, "ratios": ratios, "memory": growth}))
        return
    for name, both in costs.items():
        for who, some in both.items():
            wall, cpu, memory = (median(getattr(cost, of) for cost in some) for of in ("wall", "cpu", "memory"))
            print(f"{rows} rows {name:13}  {who:10} {wall:7.2f} s  {cpu:7.2f} s of processor  {memory:6.1f} MB")
    for name, measure in ratios.items():
        print(told(f"{rows} rows {name}, publisher ÷ loop", measure, SPEED))
    print(told(f"memory with {rows} rows ÷ with {FEW}", growth, MEMORY))


if __name__ == "__main__":
    main()
