"""status: how the last issues went, in words, in a picture, mail by mail."""

import json
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from publisher.cli.session import Session, printable

if TYPE_CHECKING:
    from publisher.delivery.history import Fate
    from publisher.publication.status import IssueStanding, StatusReport

#: As publisher.delivery.history has them.
_STATES = ("sent", "deferred", "pending", "armed", "uncertain", "held", "failed", "skipped")
_COLOURS = {"sent": "green", "deferred": "yellow", "uncertain": "magenta", "held": "magenta", "failed": "red"}
_DRAWN = ("sent", "deferred", "failed", "skipped")
_WIDEST = 60
_DOUBTFUL = (
    "Nobody knows whether these arrived. Ask their readers or look into the relay's log, then choose with: "
    "publisher send {} --uncertain resend, or --uncertain skip"
)


@click.command()
@click.argument("issue", required=False)
@click.option(
    "--state", "states", multiple=True, type=click.Choice(_STATES), help="With ISSUE: only mails in this state."
)
@click.option("-n", "--issues", "most", default=5, show_default=True, type=click.IntRange(1), help="How many are told.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON; with ISSUE, one object a line: the issue, its mails."
)
@click.pass_obj
def status(session: Session, issue: str | None, states: tuple[str, ...], most: int, *, as_json: bool) -> None:
    """Show how the last issues went and what is due next; with ISSUE, what became of each of its mails.

    Ends with status 3 while mails of the issues shown are deferred, uncertain or held.

    \b
    Example:
      publisher status
      publisher status weekly/2026-W48 --state failed
    """
    if states and not issue:
        raise click.UsageError("--state filters the mails of one issue; name it, such as weekly/2026-W48")
    publication = session.publication()
    zone = publication.settings.zone
    if issue:
        with publication.fates(issue, states) as (standing, fates):
            _print_fates(standing, fates, zone, as_json=as_json)
            remaining = standing.issue.open
    else:
        report = publication.status(session.now, issues=most)
        if as_json:
            click.echo(json.dumps(_document(report), ensure_ascii=False, indent=2))
        else:
            _print_report(session, report, zone)
        remaining = report.open
    if remaining:
        raise SystemExit(3)


def _print_report(session: Session, report: "StatusReport", zone: ZoneInfo) -> None:
    if not report.issues:
        session.say("No issue was sent yet.")
    for standing in report.issues:
        _print_standing(standing, zone)
        click.echo()
    for due in report.due:
        click.echo(f"{due.newsletter}: next due {_minute(due.dates[0], zone)}")


def _print_standing(standing: "IssueStanding", zone: ZoneInfo) -> None:
    issue = standing.issue
    why = f" ({issue.reason})" if issue.reason else ""
    click.echo(printable(f"{issue.name}  {issue.state}{why}  {issue.subject}"))
    done = (
        f", done {_minute(issue.done_at, zone)}"
        if issue.done_at
        else f", tried until {_minute(issue.expires_at, zone)}"
    )
    click.echo(f"  begun {_minute(issue.frozen_at, zone)}{done}")
    click.echo(f"  {_counted(issue.counts, coloured=True) or 'no mails'}")
    for name, found in (("got nothing", issue.excluded), ("skipped", standing.skipped)):
        if found:
            click.echo(printable(f"  {name}: {_counted(found)}"))
    for line in _picture(standing, zone):
        click.echo(f"  {line}")
    if standing.uncertain:
        click.echo(f"  {_DOUBTFUL.format(issue.name)}")
        for fate in standing.uncertain:
            click.echo(f"    {_fate(fate, zone)}")
        more = issue.counts.get("uncertain", 0) + issue.counts.get("held", 0) - len(standing.uncertain)
        if more > 0:
            click.echo(f"    and {more:,} more: publisher status {issue.name} --state uncertain --state held")


def _picture(standing: "IssueStanding", zone: ZoneInfo) -> Iterable[str]:
    """Draw how many mails came into which state when."""
    from publisher.delivery.chart import blocks, series, span_of

    drawn = [tally for tally in standing.tallies if tally.state in _DRAWN]
    width = min(_WIDEST, shutil.get_terminal_size().columns - 24)
    span = span_of(drawn, max(width, 8))
    if span is None:
        return
    for state in _DRAWN:
        values = series(drawn, span, state)
        if any(values):
            bar = _coloured(blocks(values, max(values), plain=not _draws_blocks()), state)
            yield f"{state:9} {bar}  at most {max(values):,}"
    end = span.begin + span.columns * span.step
    minutes = int(span.step.total_seconds() // 60)
    yield f"{'':9} {_minute(span.begin, zone)} to {_minute(end, zone)}, a column is {minutes:,} min"


def _print_fates(standing: "IssueStanding", fates: "Iterable[Fate]", zone: ZoneInfo, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_issue(standing), ensure_ascii=False))
        for fate in fates:
            click.echo(json.dumps(_record(fate), ensure_ascii=False))
        return
    _print_standing(standing, zone)
    click.echo()
    for fate in fates:
        click.echo(_fate(fate, zone))


def _fate(fate: "Fate", zone: ZoneInfo) -> str:
    at = _minute(fate.at, zone) if fate.at else "-" * 16
    again = "tried again then: " if fate.state == "deferred" else ""
    where = f"[{fate.stage}] " if fate.stage else ""
    words = f"{fate.state:9}  {at}  {fate.address}  {again}{where}{fate.reply}"
    return printable(words.rstrip())


def _counted(counts: Mapping[str, int], *, coloured: bool = False) -> str:
    said = {name: f"{number:,} {name}" for name, number in counts.items()}
    return ", ".join(_coloured(text, name) if coloured else text for name, text in said.items())


def _minute(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _coloured(text: str, state: str) -> str:
    """Colour text on a terminal unless the environment asks for none (https://no-color.org/)."""
    plain = os.environ.get("NO_COLOR") or not sys.stdout.isatty()
    return text if plain else click.style(text, fg=_COLOURS.get(state))


def _draws_blocks() -> bool:
    try:
        "█".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _document(report: "StatusReport") -> dict[str, Any]:
    return {
        "issues": [_issue(standing) for standing in report.issues],
        "due": [
            {"newsletter": due.newsletter, "schedule": due.schedule, "at": due.dates[0].isoformat()}
            for due in report.due
        ],
    }


def _issue(standing: "IssueStanding") -> dict[str, Any]:
    issue = standing.issue
    return {
        "newsletter": issue.newsletter,
        "key": issue.key,
        "number": issue.number,
        "subject": issue.subject,
        "state": issue.state,
        "reason": issue.reason,
        "folder": issue.bundle,
        "frozen_at": _json(issue.frozen_at),
        "expires_at": _json(issue.expires_at),
        "done_at": _json(issue.done_at),
        "candidates": issue.candidates,
        "excluded": dict(issue.excluded),
        "counts": dict(issue.counts),
        "skipped": dict(standing.skipped),
        "over_time": [
            {"minute": _json(one.minute), "state": one.state, "mails": one.mails} for one in standing.tallies
        ],
        "uncertain": [_record(fate) for fate in standing.uncertain],
    }


def _record(fate: "Fate") -> dict[str, Any]:
    return {
        "subscription": fate.subscription,
        "address": fate.address,
        "name": fate.name,
        "state": fate.state,
        "attempts": fate.attempts,
        "at": _json(fate.at),
        "stage": fate.stage,
        "reply": fate.reply,
    }


def _json(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
