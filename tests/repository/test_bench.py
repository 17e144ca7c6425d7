"""The measurements measure what they say, and notice a contender that does nothing."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import contenders, feeds
from bench.contenders import CONTENDERS, Contender, Idle, lay_out
from bench.corpus import posts
from bench.goals import GOALS, judge
from bench.process import PROC, Cost, Failed, run
from bench.programs import Program

ROOT = Path(__file__).resolve().parents[2]
BY_NAME = {contender.name: contender for contender in CONTENDERS}
COLD = GOALS[0]
PELICAN = GOALS[1]


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    feeds.main(["--posts", "30", "--rounds", "1", "--json", *arguments])
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def costs(*walls: float, memory: float = 100) -> list[Cost]:
    return [Cost(wall, wall, memory) for wall in walls]


def test_a_small_run_measures_publisher_and_the_floors(capsys: pytest.CaptureFixture[str]) -> None:
    document = told(capsys, "--only", "publisher", "read", "stat")
    builds = {name: list(of_one) for name, of_one in document["costs"].items()}
    assert builds == {"publisher": ["cold", "unchanged", "changed"], "read": ["cold"], "stat": ["unchanged"]}
    every = [cost for of_one in document["costs"].values() for rounds in of_one.values() for cost in rounds]
    assert all(cost["wall"] > 0 and cost["cpu"] > 0 and cost["memory"] > 1 for cost in every)
    assert {goal["holds"] for goal in document["goals"]} == {None}


def test_the_table_shows_each_build_and_each_goal(capsys: pytest.CaptureFixture[str]) -> None:
    feeds.main(["--posts", "30", "--rounds", "1", "--only", "read"])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("read       cold") for line in lines)
    assert sum("not measured" in line for line in lines) == len(GOALS)


def test_posts_are_the_same_at_each_call() -> None:
    assert list(posts(40)) == list(posts(40))


def test_a_post_has_about_600_words_and_two_or_three_tags() -> None:
    some = list(posts(100))
    assert 550 < sum(len(post.body.split()) for post in some) / len(some) < 650
    assert {len(post.tags) for post in some} == {2, 3}


def test_every_contender_gets_every_post(tmp_path: Path) -> None:
    sites = lay_out(tmp_path, dict.fromkeys(CONTENDERS, tmp_path), 4)
    for site in sites:
        texts = [path.read_text(encoding="utf-8") for path in site.folder.rglob("*.md")]
        assert all(sum(post.body in text for text in texts) == 1 for post in posts(4))


def test_a_goal_is_missed_when_one_ratio_leaves_the_bound() -> None:
    hugo = {("hugo", "cold"): costs(1.0, 1.0, 1.0)}
    fast = judge(COLD, {**hugo, ("publisher", "cold"): costs(0.3, 0.3, 0.9)})
    slow = judge(COLD, {**hugo, ("publisher", "cold"): costs(0.3, 0.9, 0.9)})
    assert (fast and fast.holds, slow and slow.holds) == (True, False)


def test_pairs_are_compared_within_their_round() -> None:
    both = {("publisher", "cold"): costs(1.0, 2.0, 3.0), ("hugo", "cold"): costs(3.0, 1.0, 2.0)}
    verdict = judge(COLD, both)
    assert verdict is not None
    assert (verdict.of_medians, verdict.of_pairs, verdict.holds) == (1.0, 1.5, False)


@pytest.mark.parametrize(("pelican", "holds"), [(16.0, True), (14.0, False)])
def test_others_must_be_slower_by_at_least_the_bound(pelican: float, holds: bool) -> None:
    verdict = judge(PELICAN, {("pelican", "cold"): costs(pelican), ("publisher", "cold"): costs(1.0)})
    assert verdict is not None
    assert verdict.holds == holds


def test_each_goal_names_builds_that_are_made() -> None:
    made = {(one.name, build) for one in CONTENDERS for build in one.builds}
    made |= {(name, contenders.TWICE) for name in feeds.DOUBLED}
    assert {side for goal in GOALS for side in (goal.over, goal.under)} <= made


def test_a_contender_that_writes_nothing_is_caught(tmp_path: Path) -> None:
    idle = replace(BY_NAME["publisher"], command=BY_NAME["stat"].command)
    (site,) = lay_out(tmp_path, {idle: tmp_path}, 3)
    with pytest.raises(Idle, match="hold 0 entries of 3"):
        feeds.measure(site, "cold", "1")


def test_a_contender_that_does_not_notice_the_change_is_caught(tmp_path: Path) -> None:
    (site,) = lay_out(tmp_path, {BY_NAME["feedgen"]: tmp_path}, 3)
    feeds.measure(site, "cold", "1")
    feeds.measure(site, "changed", "2")
    blind = replace(site, contender=replace(site.contender, command=BY_NAME["stat"].command))
    with pytest.raises(Idle, match="do not tell of the change"):
        feeds.measure(blind, "changed", "3")


def test_a_cold_build_finds_nothing_of_the_build_before(tmp_path: Path) -> None:
    (site,) = lay_out(tmp_path, {BY_NAME["publisher"]: tmp_path}, 3)
    for name in ("feeds/old.xml", ".publisher/cache.db", "publisher.lock"):
        (site.folder / name).parent.mkdir(exist_ok=True)
        (site.folder / name).write_text("old", encoding="utf-8")
    site.forget()
    assert {path.name for path in site.folder.iterdir()} == {"articles", "publisher.toml"}


def test_a_program_that_cannot_be_fetched_is_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    absent = replace(BY_NAME["eleventy"], program=Program("absent", "1", "npm", ()))
    monkeypatch.setattr(feeds, "CONTENDERS", (absent, BY_NAME["read"]))
    document = told(capsys, "--only", "eleventy", "read", "--cache", str(tmp_path))
    assert "no npm" in document["left_out"]["eleventy"]
    assert list(document["costs"]) == ["read"]


def test_when_publisher_itself_fails_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_: Path) -> tuple[str, ...]:
        return (sys.executable, "-c", "import sys; sys.exit('out of paper')")

    broken: Contender = replace(BY_NAME["publisher"], command=fails)
    monkeypatch.setattr(feeds, "CONTENDERS", (broken,))
    with pytest.raises(SystemExit, match="out of paper"):
        feeds.main(["--posts", "3", "--only", "publisher"])
    assert capsys.readouterr().out == ""


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="status 3"):
        run((sys.executable, "-c", "import sys; sys.exit(3)"), tmp_path, {})


def peak(code: str, folder: Path) -> float:
    """Measure a program in Python from a small process, as the script is one: its own memory is the least that is told."""
    command = (sys.executable, "-c", code)
    measure = f"from pathlib import Path; from bench.process import run; print(run({command!r}, Path({str(folder)!r}), {{}}).memory)"
    done = subprocess.run(
        [sys.executable, "-c", measure], cwd=ROOT, capture_output=True, check=True, text=True, encoding="utf-8"
    )
    return float(done.stdout)


@pytest.mark.skipif(not PROC.is_dir(), reason="this system does not tell the memory of each process")
def test_the_peak_counts_a_program_and_all_it_starts(tmp_path: Path) -> None:
    hold = "held = bytearray(b'x') * 60 * 2**20; import time; time.sleep(0.4)"
    start = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {hold!r}]); {hold}"
    assert 60 <= peak(hold, tmp_path) < 110
    assert 120 <= peak(start, tmp_path) < 180
