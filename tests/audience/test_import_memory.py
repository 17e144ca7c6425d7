"""A long file takes no more memory than a short one, in and out."""

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from publisher.audience.exporting import csv_lines, ndjson_lines, write_private
from publisher.audience.importing import Judge, Talk, import_files, taking
from publisher.audience.subscriptions import stream
from publisher.store import Store, open_store
from publisher.store.keys import Keys

pytestmark = pytest.mark.uncovered

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = Keys.new()
FEW, MANY = 3000, 15_000


def _peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _watched(items: Iterator[Any], _label: str) -> Iterator[Any]:
    return items


def _import(store: Store, folder: Path, rows: int, refused: Callable[[Any], object]) -> None:
    path = folder / f"{rows}.csv"
    lines = (f"reader{n}@reader.example,Reader {n}\n" if n % 3 else f"nobody{n},\n" for n in range(-1, rows))
    write_private(path, ("email,name\n" if n == 0 else line for n, line in enumerate(lines)))
    judge = Judge(KEYS, ["weekly"], None, "weekly", "confirmed", "")
    import_files(store, judge, [path], NOW, Talk(refused, _watched, 5), carry_out=True)


@pytest.fixture
def peaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], object]], list[int]]:
    """Give the peaks of an import of few and of many rows, once all that is loaded late is there."""
    monkeypatch.setattr(taking, "BATCH", 200)

    def measure(refused: Callable[[Any], object]) -> list[int]:
        found: list[int] = []
        for number, rows in enumerate((FEW, FEW, MANY)):
            folder = tmp_path / str(number)
            folder.mkdir()
            with open_store(f"sqlite:///{folder}/state.db", folder) as store:
                found.append(_peak(lambda: _import(store, folder, rows, refused)))  # noqa: B023
        return found[1:]

    return measure


def test_an_import_is_flat(peaks: Callable[[Callable[[Any], object]], list[int]]) -> None:
    few, many = peaks(lambda _: None)
    assert many < 1.5 * few


def test_an_import_that_keeps_its_problems_is_caught(peaks: Callable[[Callable[[Any], object]], list[int]]) -> None:
    kept: list[Any] = []
    few, many = peaks(kept.append)
    assert many >= 1.5 * few


@pytest.mark.parametrize("form", [csv_lines, ndjson_lines])
def test_an_export_is_flat(tmp_path: Path, form: Callable[..., Iterator[str]]) -> None:
    found: list[int] = []
    for rows in (FEW, FEW, MANY):
        folder = tmp_path / str(len(found))
        folder.mkdir()
        with open_store(f"sqlite:///{folder}/state.db", folder) as store:
            _import(store, folder, rows, lambda _: None)
            found.append(_peak(lambda: write_private(folder / "all", form(stream(store)))))  # noqa: B023
    assert found[2] < 1.5 * found[1]
