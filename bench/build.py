"""Compares a cold `publisher build` with its floor and with a bare feedgen loop, interleaved in one run.

Only the ratios mean something: every contender does its work on the same posts, one after the other, in processes of
their own, and the median of the ratios within each round is told. See README.md beside this file.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

CONFIGURATION = """\
[publication]
title = "Field Notes"
url = "https://notes.example/"
author = { name = "Ada Example" }
"""
WORDS = "tide harbour ledger signal orchard copper window river letter market station winter engine garden".split()
FIRST_DAY = datetime(2020, 1, 1, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took."""

    #: Seconds by the clock on the wall.
    wall: float
    #: Seconds of processor time.
    cpu: float
    #: Megabytes at the peak.
    memory: float


def posts(count: int) -> Iterator[tuple[str, str]]:
    """Give file names and Markdown posts of about 600 words; the same ones at each call."""
    chance = random.Random(20261122)  # noqa: S311 - nothing here is secret
    for number in range(count):
        day = FIRST_DAY + timedelta(hours=9 * number)
        title = " ".join(chance.choices(WORDS, k=4)).capitalize()
        tags = ", ".join(sorted(set(chance.choices(WORDS, k=3))))
        head = f"---\ntitle: {title}\ndate: {day.isoformat()}\ntags: [{tags}]\n---\n\n"
        yield f"{day:%Y-%m-%d}-post-{number}.md", head + "\n\n".join(_sections(chance))


def _sections(chance: random.Random) -> Iterator[str]:
    for section in range(4):
        yield f"## {' '.join(chance.choices(WORDS, k=3)).capitalize()}"
        yield " ".join(chance.choices(WORDS, k=70)) + f" [link](https://notes.example/{section}/)."
        yield "\n".join(f"- {' '.join(chance.choices(WORDS, k=12))}" for _ in range(4))
        yield f"> {' '.join(chance.choices(WORDS, k=25))}\n\n```\n{' '.join(chance.choices(WORDS, k=8))}\n```"


def lay_down(folder: Path, count: int) -> None:
    """Make a publication with generated posts."""
    (folder / "articles").mkdir()
    (folder / "publisher.toml").write_text(CONFIGURATION, encoding="utf-8")
    for name, text in posts(count):
        (folder / "articles" / name).write_text(text, encoding="utf-8")


def forget(folder: Path) -> None:
    """Take away all that an earlier build left, so that the next one is cold."""
    for name in ("feeds", ".publisher"):
        shutil.rmtree(folder / name, ignore_errors=True)
    (folder / "publisher.lock").unlink(missing_ok=True)


def read(folder: Path) -> None:
    """Contender: the floor, reading every file once."""
    for path in sorted((folder / "articles").iterdir()):
        path.read_bytes()


def feedgen(folder: Path) -> None:
    """Contender: what one would write in ten minutes, raw text into feedgen, one Atom and one RSS file."""
    from feedgen.feed import FeedGenerator  # noqa: PLC0415 - only this contender pays for it

    feed = FeedGenerator()
    feed.id("https://notes.example/")
    feed.title("Field Notes")
    feed.description("Field Notes")
    feed.link(href="https://notes.example/")
    for path in sorted((folder / "articles").iterdir()):
        entry = feed.add_entry()
        entry.id(f"https://notes.example/{path.stem}/")
        entry.link(href=f"https://notes.example/{path.stem}/")
        entry.title(path.stem)
        entry.content(path.read_text(encoding="utf-8"), type="html")
        entry.updated(FIRST_DAY)
    (folder / "feeds").mkdir()
    feed.atom_file(str(folder / "feeds" / "all.atom.xml"))
    feed.rss_file(str(folder / "feeds" / "all.rss.xml"))


CONTENDERS = {
    "build": ["-m", "publisher", "--quiet", "-C", "{folder}", "build"],
    "feedgen": [__file__, "--contender", "feedgen", "{folder}"],
    "read": [__file__, "--contender", "read", "{folder}"],
}


def measure(contender: str, folder: Path) -> Cost:
    """Run one contender cold, in a process of its own.

    Raises:
        SystemExit: it failed.
    """
    forget(folder)
    command = [sys.executable, *(part.format(folder=folder) for part in CONTENDERS[contender])]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{contender} failed with status {process.returncode}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def tell(rounds: list[dict[str, Cost]]) -> None:
    """Print medians, and the median of the ratios of each round."""
    print(f"{'contender':<10} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}")
    for name in CONTENDERS:
        costs = [one[name] for one in rounds]
        wall, cpu = (
            statistics.median(values) for values in zip(*((cost.wall, cost.cpu) for cost in costs), strict=True)
        )
        print(f"{name:<10} {wall:>8.2f} {cpu:>8.2f} {max(cost.memory for cost in costs):>8.0f}")
    for other in ("feedgen", "read"):
        ratio = statistics.median(one["build"].wall / one[other].wall for one in rounds)
        print(f"build ÷ {other}: {ratio:.1f}")


def main() -> None:
    """Run the rounds, or, in a child process, one contender."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=500, help="how many posts (default: 500)")
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds (default: 5)")
    parser.add_argument("--contender", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        name, folder = options.contender
        {"read": read, "feedgen": feedgen}[name](Path(folder))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lay_down(folder, options.posts)
        tell([{one: measure(one, folder) for one in CONTENDERS} for _ in range(options.rounds)])


if __name__ == "__main__":
    main()
