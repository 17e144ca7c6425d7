"""What cron starts: one run at a time, with the database or, where that cannot be used, without."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from publisher.delivery.atwork import AtWork, ClockBack, at_work
from publisher.delivery.lock import AnotherRun, holder, one_run
from publisher.delivery.sending import SendReport
from publisher.delivery.states import IssueState
from publisher.errors import PublisherError
from publisher.publication.clock import Reading
from publisher.publication.running import ClockDoubted, Commands, Failure, Run, RunReport
from publisher.publication.telling import news
from publisher.store import Store


def run_alone(
    commands: Commands,
    open_store: Callable[[], Store] | None,
    clock: Callable[[], datetime],
    reading: Reading,
    send: Callable[[AtWork, str], SendReport],
    *,
    bounces: Callable[[], object] | None = None,
    letters: Callable[[], object] | None = None,
    stopped: Callable[[], bool] = lambda: False,
    force: bool = False,
    restored: bool = False,
) -> RunReport:
    """Do whatever is due, unless another run is at work.

    Where the database cannot be used, feeds are built all the same: their readers shall not wait for it.

    Args:
        commands: the publication.
        open_store: opens the database; None where there is no newsletter.
        clock: gives the time, which passes while mails are sent.
        reading: of the clock at the beginning.
        send: sends an issue, called `weekly/2026-W48`, or goes on with it.
        bounces: takes what came back; None where nothing is to be taken.
        letters: sends those that ask people to confirm; None where nobody can sign up.
        stopped: whether somebody wants it to end.
        force: believes the clock, whatever it says.
        restored: accepts a database from a backup.
    """
    report: RunReport | None = None
    try:
        if open_store is None:
            report = _feeds_alone(commands, clock, reading)
        else:
            with open_store() as store:
                run = Run(commands, store, clock, lambda name: _obstacle(send(work, name)), bounces, letters, stopped)
                check = (lambda: None) if force else (lambda: run.expect_clock(reading))
                with at_work(store, commands.folder, clock, restored=restored, force=force, check=check) as work:
                    report = run.go(reading)
    except AnotherRun as other:
        return RunReport(another=str(other))
    except (ClockBack, ClockDoubted) as error:
        report = _failed(RunReport(), error)
    except PublisherError as error:
        # What was done before the end could not be noted is told, and not done again.
        report = _failed(report or _feeds_alone(commands, clock, reading), error)
    return _remembered(report, commands.folder, reading.now)


def _obstacle(report: SendReport) -> str:
    """Return what kept mails from leaving; why an issue is paused is told with it, as long as it is."""
    return report.reason if report.state is IssueState.SENDING else ""


def _feeds_alone(commands: Commands, clock: Callable[[], datetime], reading: Reading) -> RunReport:
    """Build under the lock; the clock is not compared with anything, as nothing remembers it."""
    try:
        with one_run(commands.folder, None, holder(reading.now)):
            return Run(commands, None, clock, lambda _name: "").go(reading)
    except AnotherRun as other:
        return RunReport(another=str(other))


def _failed(report: RunReport, error: PublisherError) -> RunReport:
    return replace(report, failures=(Failure(str(error), error.exit_status), *report.failures))


def _remembered(report: RunReport, folder: Path, now: datetime) -> RunReport:
    fresh = news(folder, [failure.message for failure in report.failures if failure.message], now)
    return replace(report, news=tuple(failure for failure in report.failures if failure.message in fresh))
