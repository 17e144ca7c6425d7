"""doctor."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.session import Session, count, printable

if TYPE_CHECKING:
    from publisher.delivery.doctor.finding import Finding

_COLOURS = {"ok": "green", "note": "cyan", "warning": "yellow", "error": "red"}
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.option("--offline", is_flag=True, help="Open no connection and ask no name server.")
@click.option("--zone", metavar="FILE", type=_FILE, help="Read the DNS from a zone file (RFC 1035).")
@click.option("--message", metavar="FILE.eml", type=_FILE, help="Judge a delivered mail, too, saved with its header.")
@click.option("--records", "only_records", is_flag=True, help="Only print the DNS records that are needed.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def doctor(
    session: Session, offline: bool, zone: Path | None, message: Path | None, only_records: bool, as_json: bool
) -> None:
    """Look at all that could keep mails from arriving: settings, relay, DNS, public pages, this machine.

    One finding a line, each with its cure; `publisher -v doctor` also says what is well. Nothing is sent or changed. Ends
    with status 1 when the settings have errors (config.*, message.*), and with 4 when only the surroundings have.

    \b
    Example:
      publisher doctor
      publisher doctor --zone notes.example.zone --message delivered.eml
      publisher doctor --records
    """
    publication = session.publication()
    if only_records:
        if offline or zone or message or as_json:
            raise click.UsageError("--records stands alone")
        for line in publication.dns_records():
            click.echo(line)
        return
    found = publication.doctor(session.now, offline=offline, zone=zone, message=message)
    if as_json:
        document = {"findings": [_record(one) for one in found.findings], "records": found.records}
        text = json.dumps(document, ensure_ascii=False, indent=2)
        click.echo("\n".join(map(printable, text.split("\n"))))
    else:
        _show(session, found.findings)
    errors = [one for one in found.findings if one.level.value == "error"]
    warnings = sum(one.level.value == "warning" for one in found.findings)
    session.mention(f"{count(len(errors), 'error')}, {count(warnings, 'warning')}")
    if errors:
        raise SystemExit(1 if any(one.is_own for one in errors) else 4)


def _show(session: Session, findings: "tuple[Finding, ...]") -> None:
    """Print findings in the order of their ids' first parts, and below them the records to add."""
    records: list[str] = []
    for finding in findings:
        level = finding.level.value
        if level == "ok" and not session.verbose:
            continue
        if level == "note" and session.quiet:
            continue
        click.echo(_coloured(level) + printable(str(finding).removeprefix(level)))
        records += finding.records
    if records:
        click.echo("\nRecords to add to the DNS:\n")
        for line in dict.fromkeys(records):
            click.echo(printable(line))


def _coloured(level: str) -> str:
    """Colour a level unless the environment asks for none (https://no-color.org/)."""
    return level if os.environ.get("NO_COLOR") else click.style(level, fg=_COLOURS[level], bold=True)


def _record(finding: "Finding") -> dict[str, str | list[str]]:
    return {
        "id": finding.id,
        "level": finding.level.value,
        "message": finding.message,
        "cure": finding.cure,
        "records": list(finding.records),
    }
