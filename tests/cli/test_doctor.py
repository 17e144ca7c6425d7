"""publisher doctor: one finding a line, each with its cure, and an exit status that says whose turn it is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Invoke = Callable[..., Result]
SETTINGS = """
from = "Field Notes <letters@notes.example>"
postal_address = "Ada Example, 1 Sample Street"
[delivery]
url = "folder:out"
return_path = "bounce@notes.example"
[web]
url = "https://notes.example/letters/"
"""
ZONE = """
$ORIGIN notes.example.
@ IN MX 10 mail
@ IN TXT "v=spf1 mx ~all"
mail IN A 198.51.100.7
"""
RECORD = '_dmarc.notes.example. IN TXT "v=DMARC1; p=none; rua=mailto:postmaster@notes.example"'


@pytest.fixture
def sender(site: Path) -> Path:
    """Let the publication send, into a folder."""
    with (site / "publisher.toml").open("a", encoding="utf-8") as out:
        out.write(SETTINGS)
    (site / "publisher.toml").chmod(0o644)
    return site


def test_nothing_wrong_ends_with_0_and_names_no_error(sender: Path, cli_invoke: Invoke) -> None:
    result = cli_invoke("doctor", "--offline")
    assert result.exit_code == 0
    assert {line.partition(" ")[0] for line in result.stdout.splitlines()} == {"note"}
    assert not (sender / ".publisher").exists()


def test_what_is_well_is_said_to_who_asks(sender: Path, cli_invoke: Invoke) -> None:
    assert "\nok config.web: " not in cli_invoke("doctor", "--offline").stdout
    assert "\nok config.web: " in cli_invoke("-v", "doctor", "--offline").stdout


def test_the_surroundings_errors_end_with_4_and_give_the_record(sender: Path, cli_invoke: Invoke) -> None:
    (sender / "some.zone").write_text(ZONE, encoding="utf-8")
    result = cli_invoke("doctor", "--offline", "--zone", "some.zone")
    assert result.exit_code == 4
    (line,) = (line for line in result.stdout.splitlines() if line.startswith("error"))
    assert line.startswith("error dns.dmarc: _dmarc.notes.example has no DMARC record; add a TXT record: ")
    assert result.stdout.endswith(f"Records to add to the DNS:\n\n{RECORD}\n")


def test_the_authors_errors_end_with_1(sender: Path, cli_invoke: Invoke) -> None:
    settings = sender / "publisher.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("https://notes.example/letters/", "http://n.example/"), "utf-8"
    )
    result = cli_invoke("doctor", "--offline")
    assert result.exit_code == 1
    assert "error config.web: http://n.example/ is not encrypted" in result.stdout


def test_a_delivered_mail_is_judged(sender: Path, cli_invoke: Invoke) -> None:
    (sender / "mail.eml").write_text("From: letters@notes.example\n\nHello\n", encoding="utf-8")
    result = cli_invoke("doctor", "--offline", "--message", "mail.eml")
    assert result.exit_code == 1
    assert "error message.signature: the mail has no DKIM-Signature" in result.stdout


def test_programs_get_one_document(sender: Path, cli_invoke: Invoke) -> None:
    document = json.loads(cli_invoke("doctor", "--offline", "--json").stdout)
    assert {"id", "level", "message", "cure", "records"} == set(document["findings"][0])
    assert RECORD in document["records"]


def test_the_records_alone_can_be_printed(sender: Path, cli_invoke: Invoke) -> None:
    result = cli_invoke("doctor", "--records")
    assert result.stdout.splitlines() == ['notes.example. IN TXT "v=spf1 mx ~all"', RECORD]
    assert cli_invoke("doctor", "--records", "--json").exit_code == 2


@pytest.mark.parametrize("option", ["--zone", "--message"])
def test_a_file_that_is_not_there_is_told(option: str, sender: Path, cli_invoke: Invoke) -> None:
    result = cli_invoke("doctor", "--offline", option, "none")
    assert result.exit_code == 2
    assert "none" in result.stderr


def test_a_file_that_is_no_zone_is_told(sender: Path, cli_invoke: Invoke) -> None:
    (sender / "some.zone").write_text("@ IN NONSENSE\n", encoding="utf-8")
    result = cli_invoke("doctor", "--offline", "--zone", "some.zone")
    assert result.exit_code == 2
    assert "is no zone file" in result.stderr


def test_a_publication_without_newsletters_is_no_mistake(site: Path, cli_invoke: Invoke) -> None:
    settings = site / "publisher.toml"
    settings.write_text(settings.read_text(encoding="utf-8").partition("[[newsletters]]")[0], encoding="utf-8")
    settings.chmod(0o644)
    result = cli_invoke("doctor", "--offline")
    assert result.exit_code == 0
    assert "note config.newsletter: no newsletter is defined" in result.stdout
