"""The measurement of sending measures what it says, and notices a turn in which not all mails left."""

import json
import socket
from pathlib import Path

import pytest

from bench import letters, relays, send
from bench.process import Failed
from bench.programs import Missing
from bench.send import ASYNC, OURS, SOURCE, THREADS, Rate

pytestmark = pytest.mark.uncovered


@pytest.fixture(autouse=True)
def _needs_postfix() -> None:
    try:
        relays.program("smtp-sink")
        relays.program("smtp-source")
    except Missing as missing:
        pytest.skip(str(missing))


def test_a_small_run_measures_everybody(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send, "TRIAL", 16)
    monkeypatch.setattr(send, "LISTS", (8, 16))
    send.main(["--mails", "32", "--rounds", "2", "--far-mails", "16", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert list(document["rates"]) == [OURS, SOURCE, THREADS, ASYNC]
    assert all(len(some) == 2 and min(one["speed"] for one in some) > 0 for some in document["rates"].values())
    assert 0 < document["far"] <= 1
    assert min(document["memory"].values()) > 20


def test_a_turn_counts_only_if_every_mail_left(tmp_path: Path) -> None:
    letters.lay_down(tmp_path / "made", 8)
    with relays.sink("-r", "DATA") as port, pytest.raises((letters.Unsent, Failed)):
        letters.send(tmp_path / "made", port)
    assert not (tmp_path / "made-sent").exists()


def test_our_mail_is_as_large_as_the_ready_one(tmp_path: Path) -> None:
    letters.lay_down(tmp_path / "made", 1)
    (eml,) = (tmp_path / "made").glob("issues/weekly/*/issue.eml")
    assert len(send.ready_mail()) == pytest.approx(len(eml.read_bytes()), rel=0.15)


def test_a_port_of_somebody_else_is_no_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "_PATIENCE", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(relays, "free_port", lambda: silent.getsockname()[1])
        with pytest.raises(Missing, match="did not start"), relays.sink():
            pass
    assert silent.fileno() == -1


def test_pairs_are_compared_within_their_round() -> None:
    rates = {OURS: [Rate(10, 1), Rate(20, 1), Rate(90, 1)], SOURCE: [Rate(10, 1), Rate(40, 1), Rate(90, 1)]}
    assert send.of_pairs(rates, SOURCE) == 1
    *_, goal = send.table(rates)
    assert goal == "publisher ÷ smtp-source: at least 0.8, measured 1.00  yes"


def test_a_missed_goal_says_so() -> None:
    assert send.told("memory", 1.3, 1.2, most=True).endswith("at most 1.2, measured 1.30  NO")
