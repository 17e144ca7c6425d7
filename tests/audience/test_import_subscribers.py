"""What an import makes of subscriptions: all of it or nothing, and nobody comes back who left."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from publisher.audience.addresses import parse_address
from publisher.audience.erasing import erase, remove
from publisher.audience.importing import (
    ChangedMeanwhile,
    FileRefused,
    ImportReport,
    Judge,
    Talk,
    import_files,
    staging,
    taking,
)
from publisher.audience.importing.applying import apply as carry_out
from publisher.audience.status import Cadence, Status
from publisher.audience.subscriptions import Subscription, change, each, find, subscribe, unsubscribe
from publisher.audience.suppression import ALL, suppress
from publisher.errors import Problem
from publisher.store import Store
from publisher.store.keys import Keys
from publisher.store.tables import subscription, suppression

if TYPE_CHECKING:
    from tests.databases import Database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
KEYS = Keys.new()
ANN, BOB = "ann@reader.example", "bob@reader.example"
STOPPED = [Status.UNSUBSCRIBED, Status.BOUNCED, Status.COMPLAINED, Status.SUPPRESSED]


def _unwatched(items: Iterator[Any], _label: str) -> Iterator[Any]:
    return items


@dataclass
class Import:
    """Imports rows of text into a store."""

    store: Store
    folder: Path
    judge: Judge
    problems: list[Problem]

    def __call__(self, *texts: str, apply: bool = True, name: str = "people.csv", **more: Any) -> ImportReport:
        paths = [self.folder / (name if number == 0 else f"{number}-{name}") for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        return self.files(paths, apply=apply, **more)

    def files(self, paths: Sequence[Path], *, apply: bool = True, **more: Any) -> ImportReport:
        talk = Talk(self.problems.append, _unwatched, 10)
        return import_files(self.store, self.judge, paths, LATER, talk, carry_out=apply, **more)

    def list(self) -> list[Subscription]:
        with self.store.reading() as connection:
            return list(each(connection))


@pytest.fixture
def imported(store: Store, tmp_path: Path) -> Import:
    """Give what imports into each kind of database."""
    return Import(store, tmp_path, Judge(KEYS, ["weekly", "daily"], None, "weekly", "confirmed", ""), [])


def _add(store: Store, address: str = ANN, **more: Any) -> Subscription:
    with store.writing() as connection:
        return subscribe(connection, KEYS, "weekly", address, now=NOW, **more)


def test_new_people_have_what_the_row_says(imported: Import) -> None:
    report = imported(
        "newsletter,address,name,status,language,cadence,tags,consent_at,consent_source,created_at,changed_at,reason\n"
        'daily,Ann@BÜCHER.example, Ann  Example ,pending,de,monthly,"sea,dawn",2024-03-01 09:00,form,2024-01-01,'
        "2024-02-01,because\n"
        f"weekly,{BOB},,,,,,,,,,\n"
    )
    assert (dict(report.new), report.changed, report.refused, report.applied) == (
        {"confirmed": 1, "pending": 1},
        0,
        0,
        True,
    )
    ann, bob = imported.list()
    assert ann == Subscription(
        ann.id,
        "daily",
        "Ann@xn--bcher-kva.example",
        "Ann Example",
        Status.PENDING,
        "de",
        Cadence.MONTHLY,
        ("sea", "dawn"),
        datetime(2024, 3, 1, 9, tzinfo=UTC),
        "form",
        datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2024, 2, 1, tzinfo=UTC),
        "because",
    )
    assert bob == Subscription(
        bob.id, "weekly", BOB, "", Status.CONFIRMED, "", Cadence.EVERY, (), None, "", LATER, LATER, ""
    )


def test_without_apply_nothing_changes(imported: Import) -> None:
    report = imported(f"email\n{ANN}\n", apply=False)
    assert (dict(report.new), report.applied) == ({"confirmed": 1}, False)
    assert imported.list() == []
    assert imported(f"email\n{ANN}\n").applied


def test_again_changes_nothing(imported: Import) -> None:
    text = f'email,name,tags,language\n{ANN},Ann,"b,ä",de\n{BOB},,,\n'
    imported(text)
    before = imported.list()
    report = imported(text)
    assert (dict(report.new), report.changed, report.unchanged, report.empty) == ({}, 0, 2, True)
    assert imported.list() == before


def test_changes_are_told_by_field_and_empty_cells_change_nothing(imported: Import) -> None:
    before = _add(imported.store, name="Ann", tags=["sea"], language="de")
    report = imported(f"email,name,tags,language,cadence\n{ANN.upper()},Ann Example,,pt-BR,weekly\n")
    assert (report.changed, dict(report.fields)) == (1, {"name": 1, "language": 1, "cadence": 1})
    assert [(one.outcome, one.line, one.fields) for one in report.examples] == [
        ("changed", 2, ("name", "language", "cadence"))
    ]
    (after,) = imported.list()
    assert after == replace(before, name="Ann Example", language="pt-BR", cadence=Cadence.WEEKLY)


def test_proof_of_consent_is_added_and_never_replaced(imported: Import) -> None:
    _add(imported.store)
    _add(imported.store, BOB, consent_at=NOW, consent_source="form")
    text = f"email,consent_at,consent_source\n{ANN},2024-03-01,paper\n{BOB},2024-03-01,paper\n"
    assert dict(imported(text).fields) == {"consent": 1}
    ann, bob = imported.list()
    assert (ann.consent_at, ann.consent_source) == (datetime(2024, 3, 1, tzinfo=UTC), "paper")
    assert (bob.consent_at, bob.consent_source) == (NOW, "form")


def test_consent_and_status_hold_where_the_row_does_not_say(imported: Import) -> None:
    imported.judge = replace(imported.judge, consent="the fair", status="confirmed")
    imported(f"email,consent_source,status\n{ANN},,\n{BOB},paper,\ncat@reader.example,,pending\n")
    assert [(one.consent_source, one.status.value) for one in imported.list()] == [
        ("the fair", "confirmed"),
        ("paper", "confirmed"),
        ("", "pending"),
    ]


@pytest.mark.parametrize("status", STOPPED)
@pytest.mark.parametrize("address", [ANN, "ANN@Reader.Example", " ann@reader.example "])
def test_nobody_comes_back_who_is_gone(imported: Import, status: Status, address: str) -> None:
    person = _add(imported.store)
    with imported.store.writing() as connection:
        change(connection, person.id, status, "why", NOW)
    before = imported.list()
    report = imported(f"email,status,name,language\n{address},confirmed,New Name,de\n")
    assert (dict(report.kept_out), report.empty) == ({status.value: 1}, True)
    assert imported.list() == before


def test_the_twin_of_an_international_domain_is_known(imported: Import) -> None:
    person = _add(imported.store, "ann@bücher.example")
    with imported.store.writing() as connection:
        unsubscribe(connection, person.id, NOW, "")
    report = imported('{"address": "ANN@xn--bcher-kva.example"}\n', name="people.ndjson")
    assert dict(report.kept_out) == {"unsubscribed": 1}


def test_an_erased_person_stays_erased_also_as_one_who_left(imported: Import) -> None:
    _add(imported.store)
    erase(imported.store, KEYS, parse_address(ANN), NOW)
    for status in ("confirmed", "pending", "unsubscribed", "suppressed"):
        assert dict(imported(f"email,status\n{ANN.upper()},{status}\n").kept_out) == {"erased": 1}
    assert imported.list() == []


@pytest.mark.parametrize("newsletter", [ALL, "weekly"])
def test_a_suppressed_address_without_a_subscription_is_kept_out(imported: Import, newsletter: str) -> None:
    with imported.store.writing() as connection:
        suppress(connection, KEYS, ANN, newsletter, "asked by letter", NOW)
    report = imported(f"newsletter,email\nweekly,{ANN}\ndaily,{ANN}\n")
    assert (dict(report.kept_out), dict(report.new)) == (
        ({"suppressed": 2}, {}) if newsletter == ALL else ({"suppressed": 1}, {"confirmed": 1})
    )


def test_who_is_suppressed_while_files_are_read_is_kept_out(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = staging.lock

    def late(connection: Any) -> None:
        if connection.dialect.name == "sqlite":  # the lock comes first there, and the writer before it
            lock(connection)
            connection.execute(suppression.insert().values(**entry))
            return
        with imported.store.writing() as other:
            other.execute(suppression.insert().values(**entry))
        lock(connection)

    entry = {"address_hash": KEYS.address_hash(ANN), "newsletter": ALL, "reason": "erased", "at": NOW}
    monkeypatch.setattr(staging, "lock", late)
    report = imported(f"email\n{ANN}\n{BOB}\n")
    assert (dict(report.kept_out), dict(report.new)) == ({"erased": 1}, {"confirmed": 1})


@pytest.mark.parametrize("status", STOPPED)
def test_a_row_that_says_stop_is_honoured(imported: Import, status: Status) -> None:
    before = _add(imported.store, name="Ann")
    report = imported(f"email,name,status,reason\n{ANN},Other,{status.value},told elsewhere\n{BOB},,{status.value},\n")
    assert (report.changed, dict(report.fields), dict(report.new)) == (1, {"status": 1}, {status.value: 1})
    ann, bob = imported.list()
    assert ann == replace(before, status=status, reason="told elsewhere", changed_at=LATER)
    assert bob.status is status
    assert dict(imported(f"email\n{ANN}\n{BOB}\n").kept_out) == {status.value: 2}


@pytest.mark.parametrize("status", [Status.COMPLAINED, Status.SUPPRESSED])
def test_who_came_as_suppressed_stays_so_when_removed(imported: Import, status: Status) -> None:
    imported(f"email,status\n{ANN},{status.value}\n{ANN},{status.value}\n")
    with imported.store.writing() as connection:
        remove(connection, parse_address(ANN), None)
    assert dict(imported(f"email\n{ANN}\n").kept_out) == {"suppressed": 1}
    assert imported.list() == []


@pytest.mark.parametrize("stop_first", [True, False])
def test_a_stop_wins_over_a_go_in_the_same_files(imported: Import, stop_first: bool) -> None:
    texts = [f"email,status\n{ANN},unsubscribed\n", f"email,status\n{ANN.upper()},confirmed\n{ANN},bounced\n"]
    report = imported(*(texts if stop_first else reversed(texts)))
    assert (dict(report.new), report.repeated) == ({"unsubscribed": 1}, 2)


def test_the_first_of_equal_rows_counts(imported: Import) -> None:
    report = imported(f"email,name\n{ANN},First\n{ANN},Second\n")
    assert [one.name for one in imported.list()] == ["First"]
    assert [(one.outcome, one.line) for one in report.examples] == [("new", 2), ("repeated", 3)]


def test_who_was_asked_becomes_confirmed(imported: Import) -> None:
    _add(imported.store, status=Status.PENDING, consent_source="form")
    report = imported(f"email,consent_at,consent_source\n{ANN},2024-03-01,told us\n")
    assert dict(report.fields) == {"consent": 1, "status": 1}
    (ann,) = imported.list()
    assert (ann.status, ann.consent_source, ann.changed_at) == (Status.CONFIRMED, "told us", LATER)
    assert imported(f"email,status\n{ANN},pending\n").unchanged == 1


def test_bad_rows_are_named_with_their_cure_and_stop_no_others(imported: Import) -> None:
    report = imported(
        "newsletter,email,status,language,cadence,created_at\n"
        "weekly,nobody,,,,\n"
        "weekly,,,,,\n"
        f"wekly,{ANN},,,,\n"
        f"weekly,{ANN},gone,,,\n"
        f"weekly,{ANN},,Klingon!,,\n"
        f"weekly,{ANN},,,hourly,\n"
        f"weekly,{ANN},,,,yesterday\n"
        f",{BOB},,,,\n"
    )
    assert (report.refused, report.rows, dict(report.new)) == (7, 8, {"confirmed": 1})
    assert [problem.line for problem in imported.problems] == [2, 3, 4, 5, 6, 7, 8]
    assert all(problem.path.endswith("people.csv") and problem.cure for problem in imported.problems)
    assert "no newsletter is called wekly" in imported.problems[2].message


def test_without_a_newsletter_it_has_to_be_said(imported: Import) -> None:
    imported.judge = replace(imported.judge, default_newsletter=None)
    assert imported(f"email\n{ANN}\n").refused == 1
    assert "--newsletter" in imported.problems[0].cure
    imported.judge = replace(imported.judge, newsletter="daily")
    imported(f"newsletter,email\nweekly,{ANN}\n")
    assert [one.newsletter for one in imported.list()] == ["daily"]


def test_a_file_that_is_no_list_keeps_out_all_others(imported: Import) -> None:
    with pytest.raises(FileRefused):
        imported(f"email\n{ANN}\n", "town\nKiel\n")
    assert imported.list() == []


def test_an_error_in_the_midst_leaves_nothing(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_file: Any) -> Iterator[Any]:
        yield 2, next(iter_rows(_file))[1]
        raise RuntimeError("planted")

    from publisher.audience.importing.reading import Opened

    iter_rows = Opened.rows
    monkeypatch.setattr(Opened, "rows", broken)
    with pytest.raises(RuntimeError, match="planted"):
        imported(f"email\n{ANN}\n{BOB}\n")
    monkeypatch.undo()
    assert imported.list() == []
    assert dict(imported(f"email\n{ANN}\n").new) == {"confirmed": 1}


def test_what_changed_since_somebody_looked_is_not_imported(imported: Import) -> None:
    seen = imported(f"email\n{ANN}\n", apply=False)
    person = _add(imported.store)
    with pytest.raises(ChangedMeanwhile, match="nothing was imported"):
        imported(f"email\n{ANN}\n", expected=seen)
    assert imported.list() == [person]
    seen = imported(f"email\n{ANN}\n{BOB}\n", apply=False)
    assert imported(f"email\n{ANN}\n{BOB}\n", expected=seen).applied


def test_others_write_while_files_are_read(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    add, done = staging.add, threading.Event()

    def write() -> None:
        _add(imported.store, BOB)
        done.set()

    def meanwhile(*arguments: Any) -> None:
        add(*arguments)
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(5)
        assert done.is_set()

    monkeypatch.setattr(staging, "add", meanwhile)
    report = imported(f"email\n{ANN}\n{BOB}\n")
    assert (dict(report.new), report.unchanged) == ({"confirmed": 1}, 1)


def test_it_waits_for_somebody_who_writes(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    add, writing, threads = staging.add, threading.Event(), []

    def write() -> None:
        with imported.store.writing() as connection:
            subscribe(connection, KEYS, "weekly", BOB, now=NOW)
            writing.set()
            time.sleep(0.5)

    def meanwhile(*arguments: Any) -> None:
        add(*arguments)
        threads.append(threading.Thread(target=write))
        threads[0].start()
        assert writing.wait(5)

    monkeypatch.setattr(staging, "add", meanwhile)
    report = imported(f"email\n{ANN}\n{BOB}\n")
    threads[0].join()
    assert (dict(report.new), report.unchanged) == ({"confirmed": 1}, 1)


def test_who_leaves_in_the_midst_has_left(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that comes between comparing and changing waits, and has the last word."""
    _add(imported.store, status=Status.PENDING)
    threads: list[threading.Thread] = []

    def leave() -> None:
        with imported.store.writing() as connection:
            person = find(connection, "weekly", ANN)
            assert person is not None
            unsubscribe(connection, person.id, LATER, "link")

    def meanwhile(*arguments: Any) -> None:
        threads.append(threading.Thread(target=leave))
        threads[0].start()
        threads[0].join(0.3)
        assert threads[0].is_alive()
        carry_out(*arguments)

    monkeypatch.setattr(taking, "apply", meanwhile)
    imported(f"email\n{ANN}\n")
    threads[0].join()
    assert [one.status for one in imported.list()] == [Status.UNSUBSCRIBED]


def test_a_planted_import_without_the_rule_of_suppression_is_caught(
    imported: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "_mark_kept_out", lambda _reason: select(subscription.c.id).limit(0))
    with pytest.raises(AssertionError):
        test_an_erased_person_stays_erased_also_as_one_who_left(imported)


def test_many_rows_in_many_batches(imported: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "BATCH", 100)
    text = "email,name\n" + "".join(f"reader{n}@reader.example,Reader {n}\n" for n in range(2500))
    assert dict(imported(text).new) == {"confirmed": 2500}
    assert [one.address for one in imported.list()] == [f"reader{n}@reader.example" for n in range(2500)]
    with imported.store.writing() as connection:
        suppress(connection, KEYS, ANN, ALL, "x", NOW)
    assert imported(text).unchanged == 2500


KILLED = textwrap.dedent("""
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from publisher.audience.importing import Judge, Talk, import_files, taking
    from publisher.store import open_store
    from publisher.store.keys import Keys

    url, folder, path, step = sys.argv[1:]

    def stand(*_):
        print("here", flush=True)
        sys.stdin.read()

    def before(work):
        def halted(*arguments):
            stand()
            work(*arguments)
        return halted

    def after(work):
        def halted(*arguments):
            work(*arguments)
            stand()
        return halted

    if step == "staged":
        taking.stage.decide = before(taking.stage.decide)
    elif step == "decided":
        taking.apply = before(taking.apply)
    else:
        taking.apply = after(taking.apply)
    judge = Judge(Keys.new(), ["weekly"], None, "weekly", "confirmed", "")
    with open_store(url, Path(folder)) as store:
        talk = Talk(print, lambda items, _label: items, 3)
        import_files(store, judge, [Path(path)], datetime(2026, 11, 22, tzinfo=UTC), talk, carry_out=True)
""")


@pytest.mark.parametrize("step", ["staged", "decided", "applied"])
def test_a_killed_import_leaves_nothing(database: "Database", tmp_path: Path, step: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text("email\n" + "".join(f"reader{n}@reader.example\n" for n in range(20_000)), encoding="utf-8")
    database.open().close()
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, database.url, str(database.folder), str(path), step],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with database.open() as store, store.writing() as connection:
        assert connection.scalar(select(func.count()).select_from(subscription)) == 0
