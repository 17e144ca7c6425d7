"""plan, send."""

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from publisher.cli.session import Session, count, expect_name, printable
from publisher.cli.stopping import stopping
from publisher.errors import UsageError

if TYPE_CHECKING:
    from publisher.delivery.loop import Tally
    from publisher.delivery.planning import Plan, Reason
    from publisher.delivery.sending import Order, SendReport
    from publisher.publication import Publication
    from publisher.publication.sending import Planned

#: How many addresses of each reason are named where not all are wanted.
_NAMED = 100
_EVERYBODY = 10**9
#: Between two drawings of the bar, in seconds.
_PACE = 0.2
_BAR = 30


@click.command()
@click.argument("issue", callback=expect_name)
@click.option("--all", "everybody", is_flag=True, help="Name every address, and not only up to 100 a reason.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def plan(session: Session, issue: str, everybody: bool, as_json: bool) -> None:
    """Show who would get an issue, and who would not and why. Nothing changes.

    ISSUE is `weekly` for the only issue of weekly that is not sent, `weekly/2026-W48`, or the folder of a bundle. The hash in
    the last line stands for everybody's lot, the issue and the settings: `publisher send ISSUE --plan HASH` sends that and
    nothing else.

    \b
    Example:
      publisher plan weekly
      publisher plan weekly/2026-W48 --all
    """
    named = _EVERYBODY if everybody else _NAMED
    planned = session.publication().plan(issue, session.now, named=named, watch=session.watch)
    if as_json:
        _echo_json(_plan_document(planned))
    else:
        _print_plan(planned)


def _print_plan(planned: "Planned") -> None:
    found = planned.plan
    click.echo(printable(f"{planned.name}  {planned.subject}"))
    _print_reason(found, None, "would get it")
    for reason in found.excluded:
        _print_reason(found, reason, reason.value)
    click.echo(f"{found.candidates:>9,}  in all")
    if found.seconds:
        click.echo(f"At the rates in [delivery] this takes at least {length(found.seconds)}.")
    click.echo(f"plan {found.hash}")


def _print_reason(found: "Plan", reason: "Reason | None", words: str) -> None:
    people = found.included if reason is None else found.excluded[reason]
    names = found.named.get(reason, [])
    click.echo(f"{people:>9,}  {words}")
    for address in names:
        click.echo(printable(f"           {address}"))
    if len(names) < people:
        click.echo(f"           and {people - len(names):,} more; see them with --all")


def _plan_document(planned: "Planned") -> dict[str, Any]:
    found = planned.plan
    return {
        "issue": planned.name,
        "subject": planned.subject,
        "hash": found.hash,
        "candidates": found.candidates,
        "included": found.included,
        "excluded": {reason.value: people for reason, people in found.excluded.items()},
        "addresses": {reason.value if reason else "included": names for reason, names in found.named.items()},
        "seconds": found.seconds,
    }


@click.command()
@click.argument("issue", callback=expect_name)
@click.option("--to", metavar="ADDRESS", multiple=True, help="Send a test, marked as one, to this address alone.")
@click.option("--plan", "plan_hash", metavar="HASH", help="Send only if this plan still holds.")
@click.option("-n", "--dry-run", is_flag=True, help="Send nothing; say how many would get it.")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Send at most so many mails now.")
@click.option("--resume", is_flag=True, help="Go on with a paused issue, and try at once what waits to be tried again.")
@click.option("--cancel", is_flag=True, help="Send nothing more of it: what has not left is skipped.")
@click.option(
    "--uncertain",
    type=click.Choice(["hold", "resend", "skip"]),
    help="Decide about mails of which nobody knows whether they arrived.",
)
@click.option("--again", is_flag=True, help="Send it although an article was in another issue.")
@click.option("--accept-restore", is_flag=True, help="A backup of the database was put back: hold what is open.")
@click.option("--force", is_flag=True, help="Believe the clock, though it is behind the last run's.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def send(
    session: Session,
    issue: str,
    to: tuple[str, ...],
    plan_hash: str | None,
    dry_run: bool,
    limit: int | None,
    resume: bool,
    cancel: bool,
    uncertain: str | None,
    again: bool,
    accept_restore: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Send an issue to its readers, or go on with it: the same command again sends what is left, and nothing twice.

    ISSUE is as in `publisher plan`. Ctrl-C, or a signal from the system, lets what is on its way arrive, and ends. The status
    is 3 while anything is deferred, failed or uncertain.

    \b
    Example:
      publisher send weekly --to me@notes.example
      publisher send weekly
      publisher send weekly/2026-W48 --uncertain resend
    """
    if plan_hash == "":
        # A script whose first step failed asks for no plan, and means one.
        raise click.UsageError("--plan is empty; give the hash that publisher plan prints")
    publication = session.publication()
    if to:
        _test(session, publication, issue, to)
        return
    if dry_run:
        found = publication.plan(issue, session.now, named=0, watch=session.watch).plan
        click.echo(f"{count(found.included, 'mail')} would leave now; plan {found.hash}")
        return
    if resume and cancel:
        raise click.UsageError("choose one of --resume and --cancel")
    with stopping() as stop:
        report = publication.send(
            issue,
            moving_clock(session.now),
            plan=plan_hash or "",
            again=again,
            order=_order(uncertain, resume=resume, cancel=cancel, limit=limit),
            force=force,
            restored=accept_restore,
            stop=stop,
            progress=_bar(session),
            watch=session.watch,
        )
    if as_json:
        _echo_json(_report_document(report))
    else:
        _tell(session, report, cancel=cancel)
    publication.report(report.name)
    if report.status:
        raise SystemExit(report.status)


def _order(uncertain: str | None, *, resume: bool, cancel: bool, limit: int | None) -> "Order":
    from publisher.delivery.sending import Order
    from publisher.delivery.states import Policy

    return Order(Policy(uncertain) if uncertain else None, resume=resume, cancel=cancel, limit=limit)


def _test(session: Session, publication: "Publication", issue: str, to: tuple[str, ...]) -> None:
    from publisher.delivery.transport import Verdict
    from publisher.newsletter.mail import ReaderRefused

    lost = 0
    try:
        done = publication.send_test(issue, to, session.now)
    except ReaderRefused as error:
        # Its own words name nobody, as logs hold no addresses; whoever has just typed several wants to know which.
        raise UsageError(f"--to {printable(error.address)}: {error}") from None
    for mail, outcome in done:
        if outcome.verdict is Verdict.SENT:
            session.mention(printable(f"{mail.recipient}: sent ({outcome.reply})"))
        else:
            lost += 1
            click.echo(printable(f"{mail.recipient}: {outcome.verdict.value}: {outcome.reply}"), err=True)
    if lost:
        raise SystemExit(3)


def moving_clock(began: datetime) -> Callable[[], datetime]:
    """Return a clock that starts at a time and goes on as time passes."""
    start = time.monotonic()
    return lambda: began + timedelta(seconds=time.monotonic() - start)


def _bar(session: Session) -> "Callable[[Tally, int], None]":
    """Return what draws a bar with rate and time left; nothing where nobody watches."""
    if session.quiet or not sys.stderr.isatty():
        return lambda _tally, _total: None
    began, drawn = time.monotonic(), [0.0]

    def draw(tally: "Tally", total: int) -> None:
        now = time.monotonic()
        if now - drawn[0] < _PACE and tally.handled < total:
            return
        drawn[0] = now
        rate = tally.handled / max(now - began, 0.001)
        left = length((total - tally.handled) / rate) if rate else "?"
        filled = _BAR * min(tally.handled, total) // max(total, 1)
        words = f"{tally.handled:,}/{total:,}  {rate:,.0f}/s  {left} left" if tally.handled < total else f"{total:,}"
        click.echo(f"\r[{'#' * filled}{'-' * (_BAR - filled)}]  {words}\x1b[K", err=True, nl=tally.handled >= total)

    return draw


def length(seconds: float) -> str:
    """Return a span of time in words."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 2 * 3600:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h" if seconds < 3 * 86400 else f"{round(seconds / 86400)} days"


def _tell(session: Session, report: "SendReport", *, cancel: bool) -> None:
    """Say what happened to somebody who watches, and what remains to everybody."""
    said = ", ".join(f"{number:,} {state.value}" for state, number in report.counts.items() if number)
    words = f"{report.name}: {report.state.value}; {said or 'nobody was to get it'}"
    (session.say if report.status else session.mention)(words)
    if report.reason:
        session.say(printable(f"{report.name}: {report.reason}"))
    for hint in _hints(report, cancel=cancel):
        session.say(hint)


def _hints(report: "SendReport", *, cancel: bool) -> list[str]:
    from publisher.delivery.states import IssueState, State

    hints = []
    if report.state is IssueState.PAUSED:
        hints.append(f"it is paused; go on with: publisher send {report.name} --resume")
    elif report.state is IssueState.CANCELLED and not cancel:
        hints.append(
            f"{report.name} was cancelled: what had not left then never leaves; make another with: publisher issue {report.newsletter}"
        )
    elif report.next_at is not None:
        hints.append(f"the next attempt is due at {report.next_at:%Y-%m-%d %H:%M} UTC; publisher run or send makes it")
    if doubtful := report.counts[State.UNCERTAIN] + report.counts[State.HELD]:
        hints.append(
            f"{count(doubtful, 'mail')} may have arrived or not; see them with: publisher status {report.name} --state held; "
            f"decide with: publisher send {report.name} --uncertain resend (or skip)"
        )
    return hints


def _report_document(report: "SendReport") -> dict[str, Any]:
    return {
        "issue": report.name,
        "state": report.state.value,
        "reason": report.reason,
        "counts": {state.value: number for state, number in report.counts.items()},
        "sent_now": report.tally.sent,
        "next_at": report.next_at.isoformat() if report.next_at else None,
        "seconds": round(report.seconds, 3),
        "status": report.status,
    }


def _echo_json(document: dict[str, Any]) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=2)
    click.echo("\n".join(map(printable, text.split("\n"))))
