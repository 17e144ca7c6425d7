"""bounces."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.session import Session, count, from_here, printable

if TYPE_CHECKING:
    from publisher.audience.bounces import BounceReport, Taken

#: How many mails are named that nobody understood.
_NAMED = 10


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("-n", "--dry-run", is_flag=True, help="Change nothing; print what each mail is and what it would change.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def bounces(session: Session, paths: tuple[Path, ...], dry_run: bool, as_json: bool) -> None:
    """Read bounces, complaints and requests to be taken off, from a Maildir or an mbox.

    Without PATH: the `path` of [bounces] in the settings. Addresses that do not exist and readers who complain get nothing
    more, whoever asks to leave is taken off. Mails that are not understood are kept and named; the status is 0 all the same.

    \b
    Example:
      publisher bounces ~/Maildir/.bounces
      publisher bounces --dry-run /var/mail/bounce
    """
    lines = dry_run and not as_json
    report = session.publication().bounces(
        paths, session.now, dry_run=dry_run, each=_print_mail if lines else lambda _: None
    )
    if as_json:
        click.echo(_json(_document(report)))
        return
    if not lines:
        _tell_unread(session, report)
    session.mention(_summary(report))


def _print_mail(mail: "Taken") -> None:
    verdict = mail.verdict
    who = "" if mail.subscription_id is None else f"  subscription {mail.subscription_id}"
    changes = "".join(f"; {change.newsletter} would become {change.status.value}" for change in mail.changes)
    known = "; read before" if mail.repeated else ""
    click.echo(printable(f"{verdict.kind.value:11}  {_place(mail.place)}{who}  {verdict.words}{changes}{known}"))


def _tell_unread(session: Session, report: "BounceReport") -> None:
    """Name mails that nobody understood, each once: whoever runs this from cron is told no second time."""
    told = [mail for mail in report.unread if not mail.repeated]
    for mail in told[:_NAMED]:
        session.say(f"not understood: {printable(_place(mail.place))}: {mail.reason}")
    if len(told) > _NAMED:
        session.say(f"and {count(len(told) - _NAMED, 'mail')} more; see them with: publisher bounces --json")


def _summary(report: "BounceReport") -> str:
    counts = [f"{number} {kind.value}" for kind, number in sorted(report.counts.items(), key=lambda c: c[0].value)]
    changed = [f"{number} became {status}" for status, number in sorted(report.changed.items())]
    known = [f"{report.repeated} read before"] if report.repeated else []
    return "; ".join(filter(None, (", ".join(counts + known) or "no mails", ", ".join(changed))))


def _document(report: "BounceReport") -> dict[str, object]:
    from publisher.audience.bounces import Kind

    return {
        "counts": {kind.value: report.counts[kind] for kind in Kind},
        "repeated": report.repeated,
        "changed": dict(sorted(report.changed.items())),
        "unread": [
            {"path": _place(mail.place), "reason": mail.reason, "repeated": mail.repeated} for mail in report.unread
        ],
    }


def _json(document: object) -> str:
    """Return one JSON document that no terminal takes for commands."""
    return "\n".join(map(printable, json.dumps(document, ensure_ascii=False, indent=2).split("\n")))


def _place(place: str) -> str:
    return from_here(Path(place))
