"""The measurement of imports measures what it says, and notices people who did not arrive."""

import json
from pathlib import Path

import pytest

from bench import audience
from bench.audience import BARE, OURS, Incomplete


def test_a_small_run_measures_both(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "FEW", 50)
    audience.main(["--rows", "100", "--rounds", "1", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert list(document["seconds"]) == list(document["ratios"]) == ["as they came", "by address"]
    assert all(min(some) > 0 for both in document["seconds"].values() for some in both.values())
    assert list(document["seconds"]["by address"]) == [OURS, BARE]
    assert document["memory"] > 0.5


def test_somebody_who_did_not_arrive_is_noticed(tmp_path: Path) -> None:
    audience.lay_down(tmp_path / "people", 10, ordered=True)
    with pytest.raises(Incomplete, match="10 of 11"):
        audience.measured(BARE, tmp_path / "people", 11)


def test_goals_are_judged() -> None:
    assert audience.told("memory", 1.1, 1.2).endswith("measured 1.10  yes")
    assert audience.told("memory", 1.3, 1.2).endswith("measured 1.30  NO")
