"""run, schedule: what cron starts, and what starts cron."""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.session import Session, printable
from publisher.cli.stopping import stopping

if TYPE_CHECKING:
    from publisher.publication.clock import Reading
    from publisher.publication.running import RunReport

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@click.command()
@click.option("--force", is_flag=True, help="Believe the clock, though it jumped since the last run.")
@click.option("--accept-restore", is_flag=True, help="Go on with a database from a backup: what is open waits for you.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def run(session: Session, *, force: bool, accept_restore: bool, as_json: bool) -> None:
    """Do whatever is due: build, tell the hub, make and send issues, go on with those that wait, take bounces.

    For cron, every few minutes. Silent when all is well; the same trouble is told once in 24 hours. One run at a time: a
    second one says so and ends with status 0. Ends with status 3 while deliveries are deferred, failed or uncertain.

    \b
    Example:
      publisher run
      publisher schedule --crontab
    """
    with stopping() as stop:
        report = session.publication().run(
            _clock(session),
            _reading(session),
            force=force,
            restored=accept_restore,
            stop=stop,
            watch=session.watch,
        )
    if as_json:
        failures = [{"message": failure.message, "status": failure.status} for failure in report.failures]
        document = {
            "status": report.status,
            "events": report.events,
            "failures": failures,
            "another": report.another,
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _tell(session, report)
    if report.status:
        raise SystemExit(report.status)


def _tell(session: Session, report: "RunReport") -> None:
    if report.another:
        session.say(report.another)
    for event in report.events:
        click.echo(printable(event))
    told = report.failures if session.verbose or sys.stderr.isatty() else report.news
    for message in dict.fromkeys(failure.message for failure in told if failure.message):
        click.echo("\n".join(map(printable, f"publisher: {message}".split("\n"))), err=True)


def _clock(session: Session) -> Callable[[], datetime]:
    """Return a clock that passes on from the time that the session began with."""
    began = time.monotonic()
    return lambda: session.now + timedelta(seconds=time.monotonic() - began)


def _reading(session: Session) -> "Reading":
    """Read the clock that nobody can set, too, where the session's is the machine's own."""
    from publisher.publication.clock import Reading

    as_of = click.get_current_context().find_root().params.get("as_of")
    if as_of is not None or "SOURCE_DATE_EPOCH" in os.environ or not hasattr(time, "CLOCK_BOOTTIME"):
        return Reading(session.now)
    try:
        boot = _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return Reading(session.now)
    return Reading(session.now, boot, time.clock_gettime(time.CLOCK_BOOTTIME))


@click.command()
@click.option(
    "-n", "--count", default=3, show_default=True, type=click.IntRange(1, 1000), help="How many dates of each."
)
@click.option("--crontab", "as_crontab", is_flag=True, help="Print a line for `crontab -e`.")
@click.option("--systemd", "as_systemd", is_flag=True, help="Print a service and a timer for systemd.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def schedule(session: Session, count: int, *, as_crontab: bool, as_systemd: bool, as_json: bool) -> None:
    """Show when issues are due next, or print what makes cron or systemd run this publication.

    \b
    Example:
      publisher schedule
      publisher schedule --crontab
    """
    if as_crontab + as_systemd + as_json > 1:
        raise click.UsageError("choose one of --crontab, --systemd and --json")
    publication = session.publication()
    if as_crontab or as_systemd:
        from publisher.publication.scheduling import crontab, systemd

        place, settings = publication.folder, publication.settings
        python = os.path.abspath(sys.executable)  # noqa: PTH100 - a link into a virtual environment stays one
        if as_crontab:
            click.echo(crontab(place, settings, python), nl=False)
        else:
            click.echo(systemd(place, settings, python, _account()), nl=False)
        return
    dates = publication.schedule(session.now, count=count)
    if as_json:
        document = [
            {"newsletter": d.newsletter, "schedule": d.schedule, "dates": [t.isoformat() for t in d.dates]}
            for d in dates
        ]
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    if not dates:
        session.say("No newsletter is defined; add [[newsletters]] to publisher.toml.")
    for one in dates:
        for date in one.dates:
            offset = date.strftime("%z")
            click.echo(f"{one.newsletter}  {date:%a %Y-%m-%d %H:%M} {offset[:3]}:{offset[3:]}  {one.schedule}")


def _account() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # containers run accounts that have no name
        return str(os.getuid())
