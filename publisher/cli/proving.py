"""check."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.session import Session, count, printable, told
from publisher.errors import UsageError

if TYPE_CHECKING:
    from publisher.check import Finding


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def check(session: Session, paths: tuple[Path, ...], as_json: bool) -> None:
    """Apply all rules to the publication, or to given feeds, bundles, messages and articles.

    Without PATH: the articles, the feeds and the bundles of the publication. Ends with status 1 when there are errors.

    \b
    Example:
      publisher check
      publisher check feeds/all.atom.xml issues/weekly/2026-W47
    """
    findings = _findings(session, paths)
    if as_json:
        document = json.dumps([_record(finding) for finding in findings], ensure_ascii=False, indent=2)
        click.echo("\n".join(map(printable, document.split("\n"))))
    else:
        for finding in findings:
            click.echo(f"{finding.problem.severity.value}: {told(finding)}")
    errors = sum(finding.problem.severity.value == "error" for finding in findings)
    session.mention(f"{count(errors, 'error')}, {count(len(findings) - errors, 'note')}")
    if errors:
        raise SystemExit(1)


def _findings(session: Session, paths: tuple[Path, ...]) -> "tuple[Finding, ...]":
    """Check in the publication; files that are named can be checked outside of one, too."""
    from publisher.publication.checking import check_paths

    try:
        publication = session.publication()
    except UsageError:
        if session.folder or not paths:
            raise
        return check_paths(paths)
    return publication.check(paths, session.now)


def _record(finding: "Finding") -> dict[str, str | int | list[str]]:
    problem = finding.problem
    return {
        "rule": finding.rule,
        "severity": problem.severity.value,
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "cure": problem.cure,
        "article": finding.article,
        "clients": list(finding.clients),
    }
