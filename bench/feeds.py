"""Compares builds of publisher with Hugo, Pelican, Eleventy, a feedgen loop and two floors, interleaved in one run.

Only the ratios mean something. See README.md beside this file.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from bench.contenders import BUILDS, CONTENDERS, TWICE, Contender, Idle, Site, lay_out
from bench.goals import GOALS, Costs, judge
from bench.process import Cost, Failed, run
from bench.programs import CACHE, Missing

#: Posts of the trial that shows whether a contender works at all.
TRIAL = 3
#: Whose memory is looked at with twice the posts.
DOUBLED = ("publisher", "hugo", "archives")


def say(text: str) -> None:
    """Talk, on standard error."""
    print(text, file=sys.stderr, flush=True)


def enlist(chosen: Sequence[Contender], cache: Path) -> tuple[dict[Contender, Path], dict[str, str]]:
    """Fetch the contenders' programs and let each build a few posts.

    Returns:
        those that work, with the folders of their programs, and why the others do not, by name.

    Raises:
        Failed, Idle: publisher itself does not work.
    """
    working: dict[Contender, Path] = {}
    left_out: dict[str, str] = {}
    for contender in chosen:
        try:
            working[contender] = _try(contender, cache)
        except (Missing, Failed, Idle, OSError) as problem:
            if contender.program is None:
                raise
            left_out[contender.name] = str(problem)
            say(f"LEFT OUT: {contender.name}. {problem}")
    return working, left_out


def _try(contender: Contender, cache: Path) -> Path:
    installed = contender.program.fetch(cache) if contender.program else cache
    with tempfile.TemporaryDirectory() as parent:
        (site,) = lay_out(Path(parent), {contender: installed}, TRIAL)
        for build in contender.builds:
            measure(site, build, "0")
    return installed


def measure(site: Site, build: str, edition: str) -> Cost:
    """Make one build and look whether it did its work.

    Args:
        site: whose.
        build: one of `BUILDS`, or `TWICE`.
        edition: tells this change from those before.

    Raises:
        Failed: it did not end well.
        Idle: it did not do its work.
    """
    if build == "changed":
        site.change(edition)
    elif build != "unchanged":
        site.forget()
    cost = run(site.contender.command(site.installed), site.folder, site.environment())
    site.expect_work(edition if build == "changed" else None)
    return cost


def rounds(sites: Sequence[Site], doubled: Sequence[Site], count: int) -> dict[tuple[str, str], list[Cost]]:
    """Make all builds of all contenders, time and again; every second round goes through the contenders backwards."""
    costs: dict[tuple[str, str], list[Cost]] = defaultdict(list)
    for number in range(count):
        for site, build in _order(sites, doubled, backwards=number % 2 == 1):
            name = site.contender.name
            cost = measure(site, build, str(number + 1))
            costs[name, build].append(cost)
            say(f"round {number + 1} of {count}: {name}, {build}: {cost.wall:.2f} s, {cost.memory:.0f} MB")
    return dict(costs)


def _order(sites: Sequence[Site], doubled: Sequence[Site], *, backwards: bool) -> Iterator[tuple[Site, str]]:
    """Give the builds of one round: the same builds of different contenders are neighbours."""
    step = -1 if backwards else 1
    for build in BUILDS:
        yield from ((site, build) for site in sites[::step] if build in site.contender.builds)
    yield from ((site, TWICE) for site in doubled[::step])


def table(costs: Costs) -> Iterator[str]:
    """Give the medians, one line a contender and build."""
    yield f"{'contender':<10} {'build':<10} {'wall s':>8} {'cpu s':>8} {'peak MB':>8}"
    for contender in CONTENDERS:
        for build in (*BUILDS, TWICE):
            if some := costs.get((contender.name, build)):
                wall, cpu, memory = (median(getattr(cost, what) for cost in some) for what in ("wall", "cpu", "memory"))
                yield f"{contender.name:<10} {build:<10} {wall:>8.2f} {cpu:>8.2f} {memory:>8.0f}"


def verdicts(costs: Costs) -> Iterator[str]:
    """Give the goals beside what was measured, one line each."""
    yield f"{'goal':<40} {'':>13} {'medians':>8} {'pairs':>8} {'cpu':>8}  holds"
    for goal in GOALS:
        start = f"{goal.number} {goal.what:<38} {goal.sense:>8} {goal.bound:>4g}"
        verdict = judge(goal, costs)
        if verdict is None:
            yield f"{start} {'not measured':>26}"
        else:
            cpu = f"{verdict.of_cpu:.3g}" if goal.measure == "wall" else ""
            ratios = f"{verdict.of_medians:>8.3g} {verdict.of_pairs:>8.3g} {cpu:>8}"
            yield f"{start} {ratios}  {'yes' if verdict.holds else 'NO'}"


def document(costs: Costs, left_out: Mapping[str, str], options: argparse.Namespace) -> str:
    """Give everything as JSON."""
    measured: dict[str, dict[str, list[dict[str, float]]]] = defaultdict(dict)
    for (name, build), some in costs.items():
        measured[name][build] = [asdict(cost) for cost in some]
    goals = []
    for goal in GOALS:
        verdict = judge(goal, costs)
        ratios = {**asdict(verdict), "holds": verdict.holds} if verdict else {"holds": None}
        goals.append({**asdict(goal), **{key: value for key, value in ratios.items() if key != "goal"}})
    whole = {"posts": options.posts, "rounds": options.rounds, **_machine(), "costs": measured, "goals": goals}
    return json.dumps({**whole, "left_out": dict(left_out)}, indent=2, ensure_ascii=False)


def _machine() -> dict[str, object]:
    return {"python": platform.python_version(), "cores": os.cpu_count()}


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    names = [contender.name for contender in CONTENDERS]
    who = "\n".join(f"  {contender.name:<10} {contender.what}" for contender in CONTENDERS)
    parser = argparse.ArgumentParser(
        prog="python -m bench.feeds",
        description=__doc__,
        epilog=f"contenders:\n{who}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--posts", type=int, default=10_000, help="how many posts (default: 10000)")
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds (default: 5)")
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help="only these contenders")
    parser.add_argument("--twice", action="store_true", help="memory with twice the posts, too")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of tables")
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"where fetched programs are kept (default: {CACHE})")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Fetch, lay out, measure, tell."""
    options = parse(arguments)
    chosen = [contender for contender in CONTENDERS if contender.name in options.only]
    with tempfile.TemporaryDirectory() as name:
        try:
            working, left_out = enlist(chosen, options.cache)
            say(f"Laying out {options.posts} posts for {len(working)} contenders …")
            sites = lay_out(Path(name, "once"), working, options.posts)
            doubled = {one: place for one, place in working.items() if options.twice and one.name in DOUBLED}
            costs = rounds(sites, lay_out(Path(name, "twice"), doubled, 2 * options.posts), options.rounds)
        except (Failed, Idle) as problem:
            sys.exit(str(problem))
    if options.json:
        print(document(costs, left_out, options))
        return
    print(
        f"{options.posts} posts, {options.rounds} rounds, Python {platform.python_version()}, {os.cpu_count()} cores\n"
    )
    print("\n".join([*table(costs), "", *verdicts(costs)]))
    for missing, why in left_out.items():
        print(f"\nLEFT OUT: {missing}. {why}")


if __name__ == "__main__":
    main()
