"""publisher subscribers import and export, as people type them."""

import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from publisher.cli import main

Invoke = Callable[..., Result]
ANN, BOB = "ann@reader.example", "bob@reader.example"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a publication, and work in it."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "publisher.toml").write_text(
        '[publication]\ntitle = "Field Notes"\nurl = "https://notes.example/"\n[[newsletters]]\nname = "weekly"\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def invoke(site: Path) -> Invoke:
    """Call `publisher subscribers`; a bug keeps its traceback."""

    def run(*arguments: str, options: tuple[str, ...] = ()) -> Result:
        line = ["-C", str(site), "--as-of", "2026-11-22T12:00:00Z", *options, "subscribers", *arguments]
        result = CliRunner().invoke(main, line)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


def _file(site: Path, text: str, name: str = "people.csv") -> str:
    (site / name).write_text(text, encoding="utf-8")
    return name


def test_the_difference_is_shown_and_nothing_changes_where_nobody_can_be_asked(site: Path, invoke: Invoke) -> None:
    invoke("add", ANN)
    result = invoke("import", _file(site, f"email,name,town\n{ANN},Ann,Kiel\n{BOB},,Kiel\n{BOB},,\n"))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "new              1  (1 confirmed)",
        f"  people.csv:3  {BOB}",
        "changed          1  (1 name)",
        f"  people.csv:2  {ANN}  name",
        "repeated         1",
        f"  people.csv:4  {BOB}  another row counts",
    ]
    assert result.stderr.splitlines() == [
        "note: people.csv: columns that are left out: town",
        "nothing was changed; import it with: publisher subscribers import --yes",
    ]
    assert invoke("list").stdout == f"confirmed     weekly  {ANN}\n"


def test_yes_imports_at_once(site: Path, invoke: Invoke) -> None:
    assert invoke("import", _file(site, f"email\n{ANN}\n"), "--yes", "--consent", "the fair").exit_code == 0
    (one,) = json.loads(invoke("list", "--json").stdout)["subscriptions"]
    assert (one["address"], one["consent_source"]) == (ANN, "the fair")


def test_bad_rows_end_with_status_1_and_the_others_are_imported(site: Path, invoke: Invoke) -> None:
    result = invoke("import", _file(site, f"email\nnobody\n{ANN}\n"), "--yes")
    assert result.exit_code == 1
    assert result.stderr == (
        "people.csv:2: nobody is no mail address: an email address must have an @-sign; correct it, or delete the row\n"
    )
    assert "refused          1\n" in result.stdout
    assert ANN in invoke("list").stdout


def test_who_is_kept_out_is_told_with_the_reason(site: Path, invoke: Invoke) -> None:
    invoke("add", ANN)
    invoke("erase", ANN)
    result = invoke("import", _file(site, f"email\n{ANN}\n"), "--yes")
    assert result.stdout == f"kept out         1  (1 erased)\n  people.csv:2  {ANN}  was erased\n"


def test_the_json_document_has_it_all(site: Path, invoke: Invoke) -> None:
    result = invoke("import", _file(site, f"email,town\n{ANN},Kiel\nnobody,\n"), "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["applied"] is False
    assert document["new"] == {"confirmed": 1}
    assert [(one["line"], one["path"]) for one in document["refused"]] == [(3, "people.csv")]
    assert document["files"][0]["notes"] == ["columns that are left out: town"]
    assert result.stderr == ""


def test_only_some_of_many_are_shown_unless_asked(site: Path, invoke: Invoke) -> None:
    name = _file(site, "email\n" + "".join(f"r{number}@reader.example\n" for number in range(12)))
    assert "  and 2 more\n" in invoke("import", name).stdout
    assert "more" not in invoke("import", name, options=("-v",)).stdout


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("none.csv",), 2, "none.csv: cannot be read: No such file or directory"),
        (("publisher.toml",), 1, "this is no list of subscribers"),
        (("people.csv", "--newsletter", "wekly"), 2, "no newsletter is called wekly; did you mean weekly?"),
        (("people.csv", "--format", "ghost"), 1, "this is no Ghost export"),
        (("people.csv", "--format", "xls"), 2, "'xls' is not one of"),
    ],
)
def test_mistakes_are_told(site: Path, invoke: Invoke, arguments: tuple[str, ...], status: int, message: str) -> None:
    _file(site, f"email\n{ANN}\n")
    result = invoke("import", *arguments)
    assert result.exit_code == status
    assert message in result.stderr
    assert invoke("list").stdout == ""


def test_an_export_goes_to_a_file_or_to_standard_output(site: Path, invoke: Invoke) -> None:
    invoke("add", ANN, "--name", "=Ann", "--tag", "sea")
    invoke("add", BOB)
    assert invoke("export", "-o", "all.csv").output == ""
    assert (site / "all.csv").read_bytes() == invoke("export").stdout_bytes
    assert '"\'=Ann"' in invoke("export").stdout
    assert '"=Ann"' in invoke("export", "--raw").stdout
    rows = [json.loads(line) for line in invoke("export", "--format", "ndjson", "--tag", "sea").stdout.splitlines()]
    assert [(row["address"], row["name"]) for row in rows] == [(ANN, "=Ann")]
    assert invoke("import", "all.csv").stdout == "unchanged        2\n"


def test_all_about_one_person_is_one_document(invoke: Invoke) -> None:
    invoke("add", ANN, BOB)
    result = invoke("export", "--address", ANN.upper())
    assert [one["address"] for one in json.loads(result.stdout)["subscriptions"]] == [ANN]
    assert BOB not in result.stdout
    assert invoke("export", "--address", ANN, "--tag", "sea").exit_code == 2
    assert "nobody is no mail address" in invoke("export", "--address", "nobody").stderr


@pytest.mark.parametrize(("answer", "people"), [(b"y\n", [ANN]), (b"n\n", [])])
def test_on_a_terminal_it_asks(site: Path, invoke: Invoke, answer: bytes, people: list[str]) -> None:
    name = _file(site, f"email\n{ANN}\n")
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "publisher", "subscribers", "import", name]
    with subprocess.Popen(command, cwd=site, stdin=follower, stdout=follower, stderr=follower) as process:
        os.close(follower)
        said = b""
        while b"[y/N]" not in said:
            assert select.select([leader], [], [], 60)[0], said
            said += os.read(leader, 1000)
        os.write(leader, answer)
        assert process.wait(60) == 0
    os.close(leader)
    assert [line.split()[2] for line in invoke("list").stdout.splitlines()] == people
