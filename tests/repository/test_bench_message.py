"""The measurement of one more recipient measures what it says, and notices a contender that does nothing."""

import json
from pathlib import Path

import pytest

from bench import message
from bench.programs import Missing


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message, "TURN", 0.001)


def test_a_small_run_measures_all_that_needs_no_fetching(capsys: pytest.CaptureFixture[str]) -> None:
    message.main(["--rounds", "2", "--json", "--only", "jinja2", "css-inline", "email"])
    document = json.loads(capsys.readouterr().out)
    assert list(document["microseconds"]) == ["splice", "jinja2", "css-inline", "email"]
    assert all(len(some) == 2 and min(some) > 0 for some in document["microseconds"].values())
    assert 20_000 < document["bytes"] < 40_000


def test_the_table_shows_ratios_and_the_bound(capsys: pytest.CaptureFixture[str]) -> None:
    message.main(["--rounds", "1", "--only", "jinja2"])
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("splice") and line.endswith(" 1.0") for line in lines)
    assert lines[-1].startswith("one more recipient: at most 60 µs")


def test_pairs_are_compared_within_their_round() -> None:
    _, ours, others = message.table({"splice": [10.0, 20.0, 40.0], "other": [30.0, 40.0, 40.0]})
    assert (ours.split()[1:], others.split()[1:]) == (["20.0", "1.0"], ["40.0", "2.0"])


def test_a_contender_that_does_nothing_is_caught() -> None:
    with pytest.raises(message.Idle):
        message.in_python(lambda _: "nothing")


def test_a_program_that_cannot_be_fetched_is_named_and_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> message.Turn:
        raise Missing("there is no npm on this machine")

    contender = message.Contender("juice", "", missing)
    assert message.start([contender], message.Sample(b"", "", "", ""), tmp_path) == {}
    assert "LEFT OUT: juice. there is no npm" in capsys.readouterr().err
