"""Measures how many mails a second leave: our durable, personalised send beside others that send one ready mail.

All of it goes to this machine's own loopback. Interleaved rounds, ratios within each round, processor time. See README.md
beside this file.
"""

import argparse
import asyncio
import json
import os
import platform
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import aiosmtplib

from bench import letters, relays
from bench.letters import CONNECTIONS
from bench.process import Failed
from bench.programs import Missing

#: About as large as the mail of an issue of eight articles.
LENGTH = 30_000
OURS, SOURCE, THREADS, ASYNC = "publisher", "smtp-source", "smtplib", "aiosmtplib"
#: Goals: ours ÷ theirs, mails a second, at least.
GOALS = {SOURCE: 0.8, THREADS: 2.0}
#: Among so many sessions the quickest for smtp-source is looked for, with so many mails each.
SESSIONS, TRIAL = (1, 2, 4, 8, 16, 32), 2000
#: Seconds that each answer of the far relay takes, and the share of what its latency allows that we want to reach.
LATENCY, FAR_GOAL = 0.05, 0.9
#: With pipelining: the body and the next envelope leave together, and their answers come back together.
ROUND_TRIPS = 1
#: Memory for the larger of two lists ÷ that for the smaller one, at most; and the lists, in a usual and in a full run.
MEMORY_GOAL = 1.2
LISTS, FULL_LISTS = (2_000, 20_000), (10_000, 1_000_000)

#: Sends so many mails to a port and returns; starting the program is counted where it is one.
Send = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rate:
    """What one turn took."""

    #: Mails a second.
    speed: float
    #: Microseconds of processor time a mail: the sender's own, with that of programs it started.
    cpu: float


def ready_mail() -> bytes:
    """Return a mail of the usual size, the same for all recipients."""
    head = b"From: letters@notes.example\r\nTo: reader@reader.example\r\nSubject: Field Notes\r\n\r\n"
    line = b"All that is gold does not glitter in this line of a sample text of seventy.\r\n"
    return head + line * (LENGTH // len(line))


def smtp_source(connections: int) -> Send:
    """Return Postfix's own generator of load, with so many sessions."""
    path = relays.program("smtp-source")

    def send(port: int, count: int) -> None:
        options = ["-s", str(connections), "-l", str(LENGTH), "-m", str(count), "-d", "-f", "letters@notes.example"]
        subprocess.run([path, *options, "-t", "reader@reader.example", f"127.0.0.1:{port}"], check=True)

    return send


def in_threads(port: int, count: int) -> None:
    """Send a ready mail with smtplib in four threads."""
    mail = ready_mail()

    def work(share: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as relay:
            for number in range(share):
                relay.sendmail("letters@notes.example", [f"reader-{number}@reader.example"], mail)

    threads = [threading.Thread(target=work, args=(count // 4,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def asynchronously(port: int, count: int) -> None:
    """Send a ready mail with aiosmtplib over eight connections."""
    mail = ready_mail()

    async def work(share: int) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as relay:
            for number in range(share):
                await relay.sendmail("letters@notes.example", [f"reader-{number}@reader.example"], mail)

    async def all_of_them() -> None:
        await asyncio.gather(*(work(count // CONNECTIONS) for _ in range(CONNECTIONS)))

    asyncio.run(all_of_them())


def measured(send: Send, port: int, count: int) -> Rate:
    """Take the time of one turn."""
    before, start = os.times(), time.perf_counter()
    send(port, count)
    wall, after = time.perf_counter() - start, os.times()
    return Rate(count / wall, 1e6 * (sum(after[:4]) - sum(before[:4])) / count)


def ours(made: Path) -> Callable[[int, int], Rate]:
    """Return turns of publisher itself: everybody's own mail, each written into the ledger before it leaves and after."""

    def turn(port: int, _: int) -> Rate:
        sent = letters.send(made, port)
        return Rate(sent.count / sent.wall, 1e6 * sent.cpu / sent.count)

    return turn


def quickest_sessions(port: int) -> int:
    """Return with how many sessions smtp-source is at its best here: the quickest of two turns each."""
    turns = {number: [measured(smtp_source(number), port, TRIAL).speed for _ in range(2)] for number in SESSIONS}
    return max(SESSIONS, key=lambda number: max(turns[number]))


def contenders(made: Path, port: int, chosen: Sequence[str]) -> dict[str, Callable[[int, int], Rate]]:
    """Return those of the chosen that can be had; one that cannot is named and left out."""
    found = {OURS: ours(made)}
    if SOURCE in chosen:
        try:
            sessions = quickest_sessions(port)
            found[SOURCE] = _turns(smtp_source(sessions))
            print(f"smtp-source is quickest with {sessions} sessions", file=sys.stderr)
        except (Missing, subprocess.CalledProcessError) as problem:
            print(f"LEFT OUT: {SOURCE}. {problem}", file=sys.stderr)
    for name, send in ((THREADS, in_threads), (ASYNC, asynchronously)):
        if name in chosen:
            found[name] = _turns(send)
    return found


def _turns(send: Send) -> Callable[[int, int], Rate]:
    return lambda port, count: measured(send, port, count)


def rounds_of(
    turns: Mapping[str, Callable[[int, int], Rate]], port: int, count: int, rounds: int
) -> dict[str, list[Rate]]:
    """Return the rates of each contender, one a round; every second round goes through them backwards."""
    rates: dict[str, list[Rate]] = {name: [] for name in turns}
    for number in range(rounds):
        for name in list(turns)[:: -1 if number % 2 else 1]:
            rates[name].append(turns[name](port, count))
    return rates


def of_pairs(rates: Mapping[str, Sequence[Rate]], name: str) -> float:
    """Return the median of our speed ÷ a contender's, within each round."""
    return median(one.speed / other.speed for one, other in zip(rates[OURS], rates[name], strict=True))


def table(rates: Mapping[str, Sequence[Rate]]) -> Iterator[str]:
    """Give the medians, one line a contender, and what was wanted."""
    yield f"{'contender':<12} {'mails/s':>9} {'cpu µs/mail':>12} {'ours ÷ it':>10}"
    for name, some in rates.items():
        speed, cpu = median(one.speed for one in some), median(one.cpu for one in some)
        yield f"{name:<12} {speed:>9.0f} {cpu:>12.0f} {of_pairs(rates, name):>10.2f}"
    yield ""
    for name, bound in GOALS.items():
        if name in rates:
            yield told(f"publisher ÷ {name}", of_pairs(rates, name), bound)


def told(what: str, measure: float, bound: float, *, most: bool = False) -> str:
    """Return one goal, what was measured, and whether that holds."""
    holds = measure <= bound if most else measure >= bound
    return f"{what}: at {'most' if most else 'least'} {bound:g}, measured {measure:.2f}  {'yes' if holds else 'NO'}"


def far_share(made: Path) -> float:
    """Return how much of what the latency of a far relay allows we reach; 1 is all."""
    with relays.far(LATENCY) as port:
        sent = letters.send(made, port)
    return sent.count / sent.wall / (CONNECTIONS / (ROUND_TRIPS * LATENCY))


def memory_of(folder: Path, port: int, lists: Sequence[int]) -> list[float]:
    """Return the megabytes at the peak that sending to each of some lists takes."""
    peaks = []
    for readers in lists:
        made = folder / f"list-{readers}"
        letters.lay_down(made, readers)
        peaks.append(letters.send(made, port).memory)
    return peaks


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, tell."""
    options = _options(arguments)
    document: dict[str, object] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as folder, suppress(KeyboardInterrupt):
        try:
            _measure(Path(folder), options, document)
        except (Missing, Failed, letters.Unsent) as problem:
            sys.exit(f"bench.send: {problem}")
    if options.json:
        print(json.dumps(document, indent=2))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.send", description=__doc__)
    names = [SOURCE, THREADS, ASYNC]
    parser.add_argument("--mails", type=int, default=4000, help="mails of each turn, a multiple of 8 (default: 4000)")
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds (default: 5)")
    parser.add_argument("--only", nargs="*", choices=names, default=names, metavar="NAME", help="these, and ours")
    parser.add_argument("--far-mails", type=int, default=3200, help="mails to the far relay; 0: none (default: 3200)")
    parser.add_argument("--no-memory", action="store_true", help="do not compare the memory of two lists")
    parser.add_argument("--full", action="store_true", help="compare memory for 10,000 and 1,000,000 readers (long)")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--folder", type=Path, help="where databases are kept meanwhile: on the disk to be measured")
    options = parser.parse_args(arguments)
    if options.mails < CONNECTIONS or options.mails % CONNECTIONS:
        parser.error("--mails: a multiple of 8, please")
    return options


def _measure(folder: Path, options: argparse.Namespace, document: dict[str, object]) -> None:
    say = (lambda _: None) if options.json else print
    lists = FULL_LISTS if options.full else LISTS
    made = folder / "made"
    letters.lay_down(made, options.mails)
    with relays.sink() as port:
        say(
            f"{options.mails} mails, {options.rounds} rounds, Python {platform.python_version()}, {os.cpu_count()} cores\n"
        )
        rates = rounds_of(contenders(made, port, options.only), port, options.mails, options.rounds)
        say("\n".join(table(rates)))
        document["rates"] = {name: [asdict(rate) for rate in some] for name, some in rates.items()}
        if options.far_mails:
            letters.lay_down(folder / "far", options.far_mails)
            share = document["far"] = far_share(folder / "far")
            say(told(f"of what {1000 * LATENCY:g} ms for each answer allow", share, FAR_GOAL))
        if not options.no_memory:
            peaks = memory_of(folder, port, lists)
            document["memory"] = dict(zip(map(str, lists), peaks, strict=True))
            what = f"memory for {lists[1]:,} readers ({peaks[1]:.0f} MB) ÷ {lists[0]:,} ({peaks[0]:.0f} MB)"
            say(told(what, peaks[1] / peaks[0], MEMORY_GOAL, most=True))


if __name__ == "__main__":
    main()
