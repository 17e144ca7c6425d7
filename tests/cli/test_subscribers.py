"""publisher subscribers: add, list, remove, erase, and what goes wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from publisher.store.keys import Keys

Invoke = Callable[..., Result]
ANN, BOB = "ann@reader.example", "bob@reader.example"


def _add(cli_invoke: Invoke, *arguments: str) -> Result:
    return cli_invoke("subscribers", "add", *arguments)


def _listed(cli_invoke: Invoke, *arguments: str) -> list[str]:
    result = cli_invoke("subscribers", "list", *arguments)
    assert result.exit_code == 0
    return [line.split()[2] for line in result.stdout.splitlines()]


def _several(site: Path) -> None:
    with (site / "publisher.toml").open("a", encoding="utf-8") as file:
        file.write('[[newsletters]]\nname = "monthly"\n')


def test_people_are_added_and_listed(cli_invoke: Invoke) -> None:
    added = _add(cli_invoke, ANN, BOB)
    assert (added.exit_code, added.output) == (0, "")
    result = cli_invoke("subscribers", "list")
    assert result.stdout == f"confirmed     weekly  {ANN}\nconfirmed     weekly  {BOB}\n"


def test_everything_about_a_person_is_in_the_json_document(cli_invoke: Invoke) -> None:
    options = (
        "--name",
        "Ann Example",
        "--pending",
        "--language",
        "de",
        "--cadence",
        "monthly",
        "--tag",
        "a",
        "--tag",
        "b",
    )
    assert _add(cli_invoke, ANN, *options).exit_code == 0
    (one,) = json.loads(cli_invoke("subscribers", "list", "--json").stdout)["subscriptions"]
    assert one == {
        "id": 1,
        "newsletter": "weekly",
        "address": ANN,
        "name": "Ann Example",
        "status": "pending",
        "language": "de",
        "cadence": "monthly",
        "tags": ["a", "b"],
        "consent_at": None,
        "consent_source": "added by hand",
        "created_at": "2026-11-22T12:00:00Z",
        "changed_at": "2026-11-22T12:00:00Z",
        "reason": "",
    }


def test_consent_is_written_down(cli_invoke: Invoke) -> None:
    _add(cli_invoke, ANN, BOB)
    document = json.loads(cli_invoke("subscribers", "list", "--json").stdout)
    assert [(one["consent_at"], one["consent_source"]) for one in document["subscriptions"]] == [
        ("2026-11-22T12:00:00Z", "added by hand")
    ] * 2


def test_who_is_there_already_stays_as_they_are(cli_invoke: Invoke) -> None:
    _add(cli_invoke, ANN, "--name", "Ann")
    again = _add(cli_invoke, ANN.upper(), "--name", "Other")
    assert (again.exit_code, again.stderr) == (0, f"{ANN} is subscribed already and stays as they are\n")
    assert "(Ann)" in cli_invoke("subscribers", "list").stdout


def test_filters_choose(cli_invoke: Invoke, site: Path) -> None:
    _several(site)
    _add(cli_invoke, ANN, "--newsletter", "weekly", "--tag", "Sea")
    _add(cli_invoke, "bob@other.example", "--newsletter", "monthly", "--pending")
    assert _listed(cli_invoke) == [ANN, "bob@other.example"]
    assert _listed(cli_invoke, "--newsletter", "monthly") == ["bob@other.example"]
    assert _listed(cli_invoke, "--status", "confirmed") == [ANN]
    assert _listed(cli_invoke, "--domain", "other.example") == ["bob@other.example"]
    assert _listed(cli_invoke, "--tag", "sea") == [ANN]


def test_nobody_is_listed_before_anybody_is_there(cli_invoke: Invoke, site: Path) -> None:
    assert cli_invoke("subscribers", "list").output == ""
    assert json.loads(cli_invoke("subscribers", "list", "--json").stdout) == {"subscriptions": []}
    assert not (site / ".publisher" / "state.db").exists()


def test_who_is_removed_may_be_added_again(cli_invoke: Invoke) -> None:
    _add(cli_invoke, ANN, BOB)
    dry = cli_invoke("subscribers", "remove", ANN, "--dry-run")
    assert (dry.exit_code, dry.stdout) == (0, "would remove 1 subscription\n")
    assert cli_invoke("subscribers", "remove", ANN).exit_code == 0
    assert _listed(cli_invoke) == [BOB]
    assert _add(cli_invoke, ANN).exit_code == 0


def test_who_is_erased_leaves_no_byte_and_stays_away(cli_invoke: Invoke, site: Path) -> None:
    _add(cli_invoke, ANN, BOB)
    dry = cli_invoke("subscribers", "erase", ANN, "--dry-run")
    assert dry.stdout == "would erase 1 subscription and 0 lines of the ledger\n"
    assert cli_invoke("subscribers", "erase", ANN.upper()).exit_code == 0
    assert _listed(cli_invoke) == [BOB]
    for path in (site / ".publisher").iterdir():
        assert ANN.encode() not in path.read_bytes().lower()
    refused = _add(cli_invoke, ANN, "--again")
    assert refused.exit_code == 1
    assert refused.stderr == (
        f"publisher: {ANN} gets nothing more (erased) and comes back by signing up and confirming alone\n"
    )


def test_a_backup_that_had_the_address_is_named(cli_invoke: Invoke, site: Path) -> None:
    _add(cli_invoke, ANN)
    (site / ".publisher" / "state-before-0002.db").write_bytes(b"")
    result = cli_invoke("subscribers", "erase", ANN)
    assert result.stderr == ".publisher/state-before-0002.db: this backup had the address, too, and was deleted\n"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("add",), 2, "Missing argument 'ADDRESS…'"),
        (("add", "nobody"), 2, "nobody is no mail address: an email address must have an @-sign"),
        (("add", ANN, "--newsletter", "wekly"), 2, "no newsletter is called wekly; did you mean weekly?"),
        (("add", ANN, "--language", "Klingon!"), 2, "Klingon! is no language"),
        (("add", ANN, "--cadence", "daily"), 2, "'daily' is not one of"),
        (("add", ANN, BOB, "--name", "Ann"), 2, "a name belongs to one address"),
        (("list", "--newsletter", "wekly"), 2, "did you mean weekly?"),
        (("list", "--domain", "a..b"), 2, "a..b is no domain"),
        (("list", "--status", "gone"), 2, "'gone' is not one of"),
        (("remove", "nobody@reader.example"), 2, "nobody@reader.example is not subscribed"),
        (("remove", BOB, "--newsletter", "weekly"), 2, "is not subscribed to weekly"),
        (("erase", "nobody"), 2, "nobody is no mail address"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value)[:20],
)
def test_a_mistake_gets_one_clear_message(
    cli_invoke: Invoke, arguments: tuple[str, ...], status: int, words: str
) -> None:
    _add(cli_invoke, "eve@reader.example")
    result = cli_invoke("subscribers", *arguments)
    assert result.exit_code == status
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert _listed(cli_invoke) == ["eve@reader.example"]


def test_all_wrong_addresses_are_named_at_once_and_nobody_is_added(cli_invoke: Invoke) -> None:
    result = _add(cli_invoke, "nobody", ANN, "a@b@c")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 2
    assert _listed(cli_invoke) == []


def test_one_who_may_not_come_back_keeps_the_others_out_too(cli_invoke: Invoke) -> None:
    cli_invoke("subscribers", "erase", ANN)
    result = _add(cli_invoke, BOB, ANN)
    assert result.exit_code == 1
    assert _listed(cli_invoke) == []


def test_removing_before_anybody_is_there(cli_invoke: Invoke) -> None:
    result = cli_invoke("subscribers", "remove", ANN)
    assert (result.exit_code, result.stderr) == (2, f"publisher: {ANN} is not subscribed: nobody is yet\n")


def test_several_newsletters_need_a_name(cli_invoke: Invoke, site: Path) -> None:
    _several(site)
    result = _add(cli_invoke, ANN)
    assert result.exit_code == 2
    assert "say which with --newsletter: weekly, monthly" in result.stderr


def test_without_any_newsletter_nobody_can_be_added(cli_invoke: Invoke, site: Path) -> None:
    config = (site / "publisher.toml").read_text(encoding="utf-8").split("[[newsletters]]")[0]
    (site / "publisher.toml").write_text(config, encoding="utf-8")
    result = _add(cli_invoke, ANN)
    assert result.exit_code == 2
    assert "no newsletter is defined; add [[newsletters]]" in result.stderr


def test_a_damaged_database_is_surroundings_that_failed(cli_invoke: Invoke, site: Path) -> None:
    _add(cli_invoke, ANN)
    (site / ".publisher" / "state.db").write_bytes(b"Dear diary, " * 500)
    for command in (("list",), ("add", BOB), ("remove", ANN), ("erase", ANN)):
        result = cli_invoke("subscribers", *command)
        assert result.exit_code == 4
        assert "state.db: is no database of publisher" in result.stderr


def test_lost_keys_are_noticed_before_anything_is_written(cli_invoke: Invoke, site: Path) -> None:
    _add(cli_invoke, ANN)
    keys = site / ".publisher" / "keys.json"
    keys.unlink()
    result = _add(cli_invoke, BOB)
    assert result.exit_code == 4
    assert "keys.json: is missing, though the database was written with it" in result.stderr
    keys.touch(0o600)
    keys.write_text(Keys.new().document, encoding="utf-8")
    result = _add(cli_invoke, BOB)
    assert result.exit_code == 4
    assert "was written with other keys" in result.stderr


def test_a_database_password_comes_from_its_secret(cli_invoke: Invoke, site: Path) -> None:
    with (site / "publisher.toml").open("a", encoding="utf-8") as file:
        file.write('[state]\nurl = "postgresql://l@127.0.0.1:1/l"\npassword = { env = "NO_SUCH_SECRET" }\n')
    result = cli_invoke("subscribers", "list")
    assert result.exit_code == 1
    assert "state.password: the environment has no NO_SUCH_SECRET" in result.stderr
