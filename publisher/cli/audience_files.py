"""subscribers: import, export."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from publisher.cli.session import Session, from_here, printable

if TYPE_CHECKING:
    from publisher.audience.importing import Example, ImportReport
    from publisher.errors import Problem

_STATUSES = ("pending", "confirmed", "unsubscribed", "bounced", "complained", "suppressed")
_FORMATS = ("auto", "csv", "ndjson", "mailchimp", "substack", "ghost", "listmonk", "buttondown")
#: How many rows of each kind are shown: to anybody, and to somebody who asks for more.
_SHOWN, _SHOWN_VERBOSE = 10, 1000
#: How many rows that cannot be used are in the JSON document; all are counted.
_REFUSED = 1000
_KEPT_OUT = {
    "unsubscribed": "left earlier",
    "bounced": "takes no mail",
    "complained": "complained earlier",
    "suppressed": "is suppressed",
    "erased": "was erased",
}


@click.command("import")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--newsletter", metavar="NAME", help="Where all of them go; else as each row says, or the only one.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="auto", show_default=True, help="Of the files.")
@click.option(
    "--status",
    type=click.Choice(_STATUSES),
    help="What people become whose row does not say; else confirmed.",
)
@click.option("--consent", metavar="TEXT", default="", help="How people agreed whose row does not say.")
@click.option("--labels", is_flag=True, help="Take labels of Mailchimp, Ghost or Buttondown for tags of interest.")
@click.option("-y", "--yes", is_flag=True, help="Import at once; without it you are asked, and nobody there means no.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def import_subscribers(
    session: Session,
    files: tuple[Path, ...],
    newsletter: str | None,
    form: str,
    status: str | None,
    consent: str,
    labels: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Import people from CSV or NDJSON files, or exports of Mailchimp, Substack, Ghost, listmonk or Buttondown.

    First it shows what would change, then it asks. All files are imported, or nothing. Nobody comes back who left, bounced,
    complained, was suppressed or erased. Rows that cannot be used are named and left out, and the status is 1.

    \b
    Example:
      publisher subscribers import people.csv --consent "paper list at the fair"
      publisher subscribers import mailchimp-export.zip --yes
    """
    from publisher.audience.status import Status

    subscribers = session.publication().subscribers
    problems: list[Problem] = []

    def refused(problem: "Problem") -> None:
        if not as_json:
            click.echo(printable(str(problem)), err=True)
        elif len(problems) < _REFUSED:
            problems.append(problem)

    def run(*, apply: bool, expected: "ImportReport | None" = None) -> "ImportReport":
        return subscribers.import_(
            files,
            session.now,
            newsletter=newsletter,
            format=form,
            status=Status(status) if status else None,
            consent=consent,
            labels=labels,
            apply=apply,
            expected=expected,
            refused=refused if expected is None else lambda _: None,
            watch=session.watch,
            named=_SHOWN_VERBOSE if session.verbose else _SHOWN,
        )

    report = run(apply=yes)
    if as_json:
        click.echo(_json(_document(report, problems)))
    else:
        _show(session, report)
        if not yes and not report.empty:
            _ask(session, lambda: run(apply=True, expected=report))
    if report.refused:
        raise SystemExit(1)


def _ask(session: Session, run: Callable[[], object]) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        session.say("nothing was changed; import it with: publisher subscribers import --yes")
    elif click.confirm("Import it?", err=True):
        run()
        session.mention("imported")
    else:
        session.say("nothing was changed")


def _show(session: Session, report: "ImportReport") -> None:
    """Print what changes: results to standard output, remarks about the files to standard error."""
    for file in report.files:
        for note in file.notes:
            session.say(f"note: {printable(str(note))}")
        if not (file.rows or file.refused):
            session.say(f"note: {printable(file.path)}: names nobody; look whether the export has ended")
    lines = {
        "new": (sum(report.new.values()), _counts(report.new)),
        "changed": (report.changed, _counts(report.fields)),
        "unchanged": (report.unchanged, ""),
        "kept out": (sum(report.kept_out.values()), _counts(report.kept_out)),
        "repeated": (report.repeated, ""),
        "refused": (report.refused, ""),
    }
    for kind, (number, details) in lines.items():
        if not number:
            continue
        click.echo(f"{kind:10}{number:>8}" + (f"  ({details})" if details else ""))
        shown = [one for one in report.examples if _kind(one) == kind]
        for one in shown:
            click.echo(printable(f"  {one.path}:{one.line}  {one.address}{_words(one)}"))
        if shown and len(shown) < number:
            click.echo(f"  and {number - len(shown)} more")


def _kind(one: "Example") -> str:
    return one.outcome if one.outcome in ("new", "changed", "repeated") else "kept out"


def _words(one: "Example") -> str:
    if one.outcome == "changed":
        return f"  {', '.join(one.fields)}" + (f" → {one.status}" if "status" in one.fields else "")
    words = {"new": "" if one.status == "confirmed" else one.status, "repeated": "another row counts"}
    if text := words.get(one.outcome, _KEPT_OUT.get(one.outcome, one.outcome)):
        return f"  {text}"
    return ""


def _counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in numbers.items())


def _document(report: "ImportReport", problems: "list[Problem]") -> dict[str, Any]:
    return {
        "applied": report.applied,
        "files": [
            {
                "path": file.path,
                "format": file.format,
                "rows": file.rows,
                "refused": file.refused,
                "notes": [note.message for note in file.notes],
            }
            for file in report.files
        ],
        "new": report.new,
        "changed": report.changed,
        "fields": report.fields,
        "unchanged": report.unchanged,
        "kept_out": report.kept_out,
        "repeated": report.repeated,
        "examples": [
            {
                "outcome": one.outcome,
                "path": one.path,
                "line": one.line,
                "newsletter": one.newsletter,
                "address": one.address,
                "status": one.status,
                "fields": one.fields,
            }
            for one in report.examples
        ],
        "refused": [{"path": one.path, "line": one.line, "message": one.message, "cure": one.cure} for one in problems],
        "refused_count": report.refused,
    }


def _json(document: object) -> str:
    """Return one JSON document that no terminal takes for commands."""
    return "\n".join(map(printable, json.dumps(document, ensure_ascii=False, indent=2).split("\n")))


@click.command("export")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write there, for you alone.")
@click.option("--format", "form", type=click.Choice(("csv", "ndjson")), default="csv", show_default=True)
@click.option("--newsletter", metavar="NAME", help="Only of this newsletter.")
@click.option("--status", type=click.Choice(_STATUSES), help="Only those that are this.")
@click.option("--domain", metavar="DOMAIN", help="Only with an address there, such as reader.example, or below.")
@click.option("--tag", metavar="TAG", help="Only of people with this tag of interest.")
@click.option("--raw", is_flag=True, help="CSV without the ' that keeps spreadsheets from running a cell as a formula.")
@click.option("--address", metavar="ADDRESS", help="All that is known of one person, as JSON, for them.")
@click.pass_obj
def export_subscribers(
    session: Session,
    output: Path | None,
    form: str,
    newsletter: str | None,
    status: str | None,
    domain: str | None,
    tag: str | None,
    raw: bool,
    address: str | None,
) -> None:
    """Write subscriptions as a file that `import` reads again without loss, or all that is known of one person.

    \b
    Example:
      publisher subscribers export -o people.csv
      publisher subscribers export --format ndjson --status confirmed
      publisher subscribers export --address ann@reader.example
    """
    from publisher.audience.exporting import csv_lines, ndjson_lines
    from publisher.audience.status import Status

    subscribers = session.publication().subscribers
    if address is not None:
        if newsletter or status or domain or tag or raw:
            raise click.UsageError("--address takes no filters: it gives all that is known of a person")
        document = _json(subscribers.everything_about(address)) + "\n"
        _write(output, [document])
        return
    found = session.watch(
        subscribers.list(newsletter=newsletter, status=Status(status) if status else None, tag=tag, domain=domain),
        "exporting",
    )
    _write(output, csv_lines(found, raw=raw) if form == "csv" else ndjson_lines(found))
    if output is not None:
        session.mention(f"exported to {from_here(output)}")


def _write(output: Path | None, pieces: Iterable[str]) -> None:
    if output is None:
        for piece in pieces:
            click.echo(piece.encode(), nl=False)
        return
    from publisher.audience.exporting import write_private

    write_private(output, pieces)
