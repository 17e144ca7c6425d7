"""What is exported comes back as it was, and no spreadsheet runs it."""

import csv
import io
import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from publisher.audience import exporting
from publisher.audience.addresses import parse_address
from publisher.audience.exporting import COLUMNS, csv_lines, everything_about, ndjson_lines, write_private
from publisher.audience.formulas import bare, guarded, unguarded
from publisher.audience.importing import Judge, Talk, import_files
from publisher.audience.status import Cadence, Status
from publisher.audience.subscriptions import Subscription, change, each, find, subscribe
from publisher.audience.suppression import ALL, suppress
from publisher.errors import SurroundingsError, UsageError
from publisher.store import Store, open_store
from publisher.store.keys import Keys
from publisher.store.tables import delivery, issue, report

pytestmark = pytest.mark.uncovered

if TYPE_CHECKING:
    from tests.databases import Database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = Keys.new()
RISKY = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''@x", "'", "it's", ""]


def _unwatched(items: Iterator[Any], _label: str) -> Iterator[Any]:
    return items


def _import(store: Store, path: Path) -> None:
    judge = Judge(KEYS, ["weekly", "daily"], None, None, "confirmed", "")
    found = import_files(store, judge, [path], NOW, Talk(print, _unwatched, 0), carry_out=True)
    assert found.refused == 0


def _all(store: Store) -> list[Subscription]:
    with store.reading() as connection:
        return [replace(one, id=0) for one in each(connection)]


# Quotation marks, separators, formulas and letters beyond ASCII; what names and tags may be, `subscribe` decides.
_words = st.text(alphabet="aé漢😀 ,;'\"=+-@\\|{}", max_size=12)
_moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_people = st.fixed_dictionaries(
    {
        "newsletter": st.sampled_from(["weekly", "daily"]),
        "address": st.tuples(
            st.text(alphabet="abc=+-'é", min_size=1, max_size=8), st.sampled_from(["reader.example", "bücher.example"])
        ).map("@".join),
        "name": _words,
        "language": st.sampled_from(["", "de", "pt-BR"]),
        "cadence": st.sampled_from(Cadence),
        "tags": st.lists(_words, max_size=3),
        "consent_at": st.none() | _moments,
        "consent_source": _words,
        "now": _moments,
        "becomes": st.sampled_from([Status.PENDING, *Status]),
        "reason": _words,
    }
)


def _subscribe(store: Store, people: list[dict[str, Any]]) -> None:
    with store.writing() as connection:
        for person in people:
            values = dict(person)
            becomes, reason = values.pop("becomes"), values.pop("reason")
            address, newsletter = values.pop("address"), values.pop("newsletter")
            if find(connection, newsletter, address) is None:
                made = subscribe(connection, KEYS, newsletter, address, status=Status.PENDING, **values)
                change(connection, made.id, becomes, reason, person["now"])


@settings(settings.get_profile("costly"))
@given(st.lists(_people, max_size=5), st.sampled_from(["csv", "raw.csv", "ndjson"]))
def test_an_export_comes_back_without_loss(
    tmp_path_factory: pytest.TempPathFactory, people: list[dict[str, Any]], form: str
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    path = folder / f"people.{form}"
    with (
        open_store(f"sqlite:///{folder}/one.db", folder) as one,
        open_store(f"sqlite:///{folder}/two.db", folder) as two,
    ):
        _subscribe(one, people)
        subscriptions = _all(one)
        csv_file = csv_lines(subscriptions, raw=form == "raw.csv")
        write_private(path, ndjson_lines(subscriptions) if form == "ndjson" else csv_file)
        if form != "ndjson" or subscriptions:
            _import(two, path)
        assert _all(two) == subscriptions


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_both_databases_give_and_take_the_same_files(database: "Database", tmp_path: Path, form: str) -> None:
    people = [
        {"newsletter": "weekly", "address": "ann@reader.example", "name": name, "tags": [name, "a,b"], "now": NOW}
        | {
            "consent_source": name,
            "consent_at": NOW,
            "becomes": Status.BOUNCED,
            "reason": name,
            "address": f"r{n}@a.example",
        }
        for n, name in enumerate(RISKY)
    ]
    path = tmp_path / f"people.{form}"
    other = tmp_path / "other"
    other.mkdir()
    with database.open() as store, open_store(f"sqlite:///{other}/two.db", other) as fresh:
        _subscribe(fresh, people)
        write_private(path, csv_lines(_all(fresh)) if form == "csv" else ndjson_lines(_all(fresh)))
        _import(store, path)
        assert _all(store) == _all(fresh)
        written = "".join(csv_lines(_all(store)) if form == "csv" else ndjson_lines(_all(store)))
        assert written.encode() == path.read_bytes()


@given(st.text() | st.sampled_from(RISKY))
def test_a_guard_comes_off_as_it_went_on(text: str) -> None:
    cell = guarded(text)
    assert bare(cell) == bare(unguarded(text)) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def _risky() -> list[Subscription]:
    return [
        Subscription(
            1, "weekly", "=a@b.example", text, Status.CONFIRMED, "", Cadence.EVERY, (), None, text, NOW, NOW, text
        )
        for text in RISKY
    ]


def test_no_cell_is_a_formula_unless_raw() -> None:
    cells = [cell for row in csv.reader(io.StringIO("".join(csv_lines(_risky())))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    raw = list(csv.reader(io.StringIO("".join(csv_lines(_risky(), raw=True)), newline="")))
    # But for what an import would take apart: '=1 and ''@x.
    assert [row[COLUMNS.index("name")] for row in raw[1:]] == [
        f"'{text}" if text.startswith("'") and text != "'" else text for text in RISKY
    ]


def test_a_planted_export_without_guards_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "guarded", lambda text: text)
    with pytest.raises(AssertionError):
        test_no_cell_is_a_formula_unless_raw()


def test_a_file_is_for_its_owner_alone_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("old", encoding="utf-8")

    def broken() -> Iterator[str]:
        yield "half"
        raise RuntimeError("planted")

    with pytest.raises(RuntimeError, match="planted"):
        write_private(path, broken())
    assert [(one.name, one.read_text(encoding="utf-8")) for one in tmp_path.iterdir()] == [("people.csv", "old")]
    write_private(path, ["a", "b"])
    assert path.read_text(encoding="utf-8") == "ab"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(SurroundingsError, match="cannot be written"):
        write_private(tmp_path / "none" / "people.csv", ["a"])
    with pytest.raises(UsageError, match="no ordinary file"):
        write_private(tmp_path, ["a"])


def test_everything_about_a_person_is_told_and_nothing_about_others(store: Store) -> None:
    with store.writing() as connection:
        ann = subscribe(connection, KEYS, "weekly", "Ann@reader.example", now=NOW, name="Ann")
        bob = subscribe(connection, KEYS, "weekly", "bob@reader.example", now=NOW, name="Bob")
        suppress(connection, KEYS, "ann@reader.example", ALL, "asked", NOW)
        values = {
            "newsletter": "weekly",
            "key": "2026-W47",
            "number": 1,
            "manifest": "{}",
            "digest": "0" * 64,
            "bundle": "b",
        }
        more = {"state": "done", "terms": {}, "candidates": 2, "excluded": {}, "frozen_at": NOW, "expires_at": NOW}
        connection.execute(insert(issue).values(id=1, **values, **more))
        for number, address in (
            (ann.id, "Ann@reader.example"),
            (bob.id, "bob@reader.example"),
            (99, "ANN@reader.example"),
        ):
            connection.execute(
                insert(delivery).values(issue_id=1, subscription_id=number, address=address, state="pending")
            )
        for number in (ann.id, bob.id):
            connection.execute(insert(report).values(digest=str(number), at=NOW, kind="hard", subscription_id=number))
    with store.reading() as connection:
        document = everything_about(connection, KEYS, parse_address("ANN@READER.example"))
    text = json.dumps(document)
    assert "ob@reader" not in text
    assert [one["name"] for one in document["subscriptions"]] == ["Ann"]
    assert [(one["issue"], one["subscription_id"]) for one in document["deliveries"]] == [
        ("2026-W47", ann.id),
        ("2026-W47", 99),
    ]
    assert [one["kind"] for one in document["reports"]] == ["hard"]
    assert [(one["newsletter"], one["reason"]) for one in document["suppressed"]] == [(ALL, "asked")]
