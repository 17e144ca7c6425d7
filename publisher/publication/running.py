"""One run: whatever is due now, in order, each step as far as it can go, whatever became of the others."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.delivery.atwork import HIGH_WATER
from publisher.delivery.history import IssueRecord, keys, unfinished
from publisher.errors import Problem, PublisherError, Severity, SurroundingsError
from publisher.newsletter import PastIssue, period, read_past
from publisher.newsletter.due import Call, Due, Settled, due, read_settled
from publisher.publication.clock import Reading, clock_fault, read_reading
from publisher.publication.folders import ISSUES_FOLDER
from publisher.publication.report import BuildReport
from publisher.publication.reporting import accounts, write_report
from publisher.store import Store

if TYPE_CHECKING:
    from publisher.publication.issuing import IssueReport

#: Exit statuses, the one that matters most first: the surroundings, usage, articles and settings, what is left to do.
_STATUSES = (4, 2, 1, 3)
#: Done as far as possible.
_LEFT = 3
_CLOCK = "clock"


class Commands(Protocol):
    """What a run makes use of: the same commands that people type."""

    @property
    def folder(self) -> Path:
        """Return the publication's folder."""

    @property
    def settings(self) -> Settings:
        """Return the publication's settings."""

    def build(self, now: datetime, /) -> BuildReport:
        """Write the feeds, and tell the hub."""

    def issue(self, newsletter: str, now: datetime, /, *, since: datetime | None = None) -> "IssueReport":
        """Make the bundle of a newsletter's next issue."""


class ClockDoubted(SurroundingsError):
    """The clock says what cannot be; nothing is made or sent by it, and nothing remembers it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that failed, or has left something for later."""

    #: Sentences for people: what is wrong, and what to do. Empty where nobody has to do anything.
    message: str
    #: As the exit status of the command that does just this step.
    status: int


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did."""

    #: What happened that somebody wants to hear once, in sentences.
    events: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    #: The other run that is at work, in words; then this one did nothing.
    another: str = ""
    #: The failures that were not told in the last 24 hours.
    news: tuple[Failure, ...] = ()

    @property
    def status(self) -> int:
        """Return the exit status."""
        found = {failure.status for failure in self.failures}
        return next((status for status in _STATUSES if status in found), 0)


@dataclass(slots=True)
class Run:
    """Goes through the steps, and collects what went wrong.

    Args:
        commands: the publication.
        store: of subscribers and deliveries; None where nothing can be made or sent, and feeds alone are built.
        clock: gives the time, which passes while mails are sent.
        send: sends an issue, called `weekly/2026-W48`, or goes on with it; returns what kept the rest from leaving, in
            words, empty where nothing did.
        bounces: takes what came back; None where nothing is to be taken.
        letters: sends those that ask people to confirm; None where nobody can sign up.
        stopped: whether somebody wants it to end; then nothing new is begun.
    """

    commands: Commands
    store: Store | None
    clock: Callable[[], datetime]
    send: Callable[[str], str]
    bounces: Callable[[], object] | None = None
    letters: Callable[[], object] | None = None
    stopped: Callable[[], bool] = lambda: False
    events: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    #: Issues that this run has had a hand in.
    _touched: set[str] = field(default_factory=set)

    def go(self, reading: Reading) -> RunReport:
        """Do all steps; `expect_clock` comes before.

        Args:
            reading: of the clock at the beginning.
        """
        with self._collecting():
            self._note_clock(reading)
            self._build()
            for newsletter in self.commands.settings.newsletters if self.store else ():
                with self._collecting(newsletter.name):
                    self._make_due(newsletter)
            self._resume()
            for name, step in (("bounces", self.bounces), ("confirmations", self.letters)):
                if step and not self.stopped():
                    with self._collecting(name):
                        step()
            self._account()
        return RunReport(tuple(self.events), tuple(dict.fromkeys(self.failures)))

    @contextmanager
    def _collecting(self, step: str = "") -> Iterator[None]:
        before = f"{step}: " if step else ""
        try:
            yield
        except PublisherError as error:
            self.failures.append(Failure(f"{before}{error}", error.exit_status))
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            self.failures.append(Failure(f"{before}{place}{error.strerror or error}", SurroundingsError.exit_status))

    def expect_clock(self, reading: Reading) -> None:
        """Compare the clock with that of the last run.

        Raises:
            ClockDoubted: it cannot be believed.
        """
        assert self.store is not None
        with self.store.reading() as connection:
            said, mark = self.store.meta(connection, _CLOCK), self.store.meta(connection, HIGH_WATER)
        if fault := clock_fault(reading, _last(said, mark), self._shortest(reading.now)):
            raise ClockDoubted(fault)

    def _note_clock(self, reading: Reading) -> None:
        """Remember the clock for the next run."""
        if self.store is not None:
            with self.store.writing() as connection:
                self.store.set_meta(connection, _CLOCK, reading.dump())

    def _shortest(self, now: datetime) -> timedelta:
        settings = self.commands.settings
        periods = [period(newsletter.schedule, settings.zone, now) for newsletter in settings.newsletters]
        # Times of one zone are subtracted by their wall clocks; an hour more or less does not matter here.
        return min((one.end - one.start for one in periods), default=timedelta(days=7))

    def _build(self) -> None:
        with self._collecting():
            self._tell(self.commands.build(self.clock()).problems)

    def _tell(self, problems: Iterable[Problem]) -> None:
        errors = (problem for problem in problems if problem.severity is Severity.ERROR)
        self.failures += [Failure(str(problem), PublisherError.exit_status) for problem in errors]

    def _make_due(self, newsletter: NewsletterSettings) -> None:
        """Make and send the newsletter's issue if it is due; a firing is settled once that is done for good."""
        assert self.store is not None
        if self.stopped():
            return
        now, settings = self.clock(), self.commands.settings
        late = newsletter.max_lateness_hours
        lateness = timedelta(hours=late) if late is not None else None
        settled = self._settled(newsletter)
        found = due(newsletter.schedule, settings.zone, now, settled, self._gone(newsletter), lateness)
        if found.call is Call.MAKE and not self._made(newsletter, found, now):
            return
        if found.call is Call.EXPIRED:
            self._say(
                newsletter, found, f"comes to nothing: it is more than {late} hours late; its articles come next time"
            )
        if found.settled != settled:
            with self.store.writing() as connection:
                self.store.set_meta(connection, _memory(newsletter), found.settled.dump())

    def _made(self, newsletter: NewsletterSettings, found: Due, now: datetime) -> bool:
        """Make an issue; say whether that is done for good: also where there is nothing to make one of."""
        # Without issues of the past, the first one reaches back to where the newsletter was first seen.
        since = None if self._past(newsletter) else found.settled.since
        report = self.commands.issue(newsletter.name, now, since=since)
        self._tell(report.problems)
        if report.issue is None:
            return True
        if report.blocked:
            errors = [f.problem for f in report.findings if f.problem.severity is Severity.ERROR]
            words = "\n".join(str(problem) for problem in errors)
            cure = f"see it with: publisher preview {newsletter.name}"
            message = f"{newsletter.name}: the issue {report.issue.key} was not made, {cure}\n{words}"
            self.failures.append(Failure(message, PublisherError.exit_status))
            return False
        if found.missed:
            self._say(newsletter, found, f"makes up for {_many(found.missed)} before it when nothing ran")
        name = f"{newsletter.name}/{report.issue.key}"
        if newsletter.mode == "draft":
            self.events.append(f"{name}: is made and waits for you: publisher send {name}")
            return True
        self._send(name)
        return report.issue.key in self._gone(newsletter)

    def _send(self, name: str) -> None:
        self._touched.add(name)
        with self._collecting(name):
            if obstacle := self.send(name):
                self.failures.append(Failure(f"{name}: {obstacle}", _LEFT))

    def _say(self, newsletter: NewsletterSettings, found: Due, what: str) -> None:
        self.events.append(f"{newsletter.name}: the issue of {found.period.start:%Y-%m-%d %H:%M} {what}")

    def _settled(self, newsletter: NewsletterSettings) -> Settled | None:
        assert self.store is not None
        with self.store.reading() as connection:
            said = self.store.meta(connection, _memory(newsletter))
        try:
            return read_settled(said) if said else None
        except ValueError:
            return None

    def _gone(self, newsletter: NewsletterSettings) -> frozenset[str]:
        """Return the periods whose issues have left: the ledger knows, and so do bundles of another machine."""
        assert self.store is not None
        with self.store.reading() as connection:
            known = keys(connection, newsletter.name)
        return known | {issue.key for issue in self._past(newsletter) if issue.sent}

    def _past(self, newsletter: NewsletterSettings) -> tuple[PastIssue, ...]:
        return read_past(self.commands.folder / ISSUES_FOLDER / newsletter.name)

    def _resume(self) -> None:
        """Go on with issues of which mails are left from before; one that is paused waits for a person."""
        for name, state in self._unfinished().items():
            if state == "sending" and name not in self._touched and not self.stopped():
                self._send(name)
            self._touched.add(name)

    def _unfinished(self) -> dict[str, str]:
        if self.store is None:
            return {}
        with self.store.reading() as connection:
            return {f"{newsletter}/{key}": state for newsletter, key, state in unfinished(connection)}

    def _account(self) -> None:
        """Write the reports of the issues that were touched, and tell what is left of them."""
        if self.store is None or not self._touched:
            return
        for name in sorted(self._touched):
            with self._collecting(name):
                for account in accounts(self.store, name):
                    self.failures += left(account.issue, account.reasons.get("skipped", {}))
                    write_report(self.commands.folder, self.commands.settings, account)


def left(issue: IssueRecord, skipped: Mapping[str, int]) -> Iterator[Failure]:
    """Yield what of an issue is not as one would wish, each with status 3.

    Args:
        issue: as the ledger has it.
        skipped: why mails of it were skipped, and how many.
    """
    counts = issue.counts
    if issue.state == "paused":
        yield Failure(
            f"{issue.name}: is paused: {issue.reason}; go on with: publisher send {issue.name} --resume", _LEFT
        )
    doubtful = counts.get("uncertain", 0) + counts.get("held", 0)
    if doubtful:
        what = f"{_mails(doubtful)} may have arrived or not"
        state = "held" if counts.get("held") else "uncertain"
        yield Failure(f"{issue.name}: {what}; see them with: publisher status {issue.name} --state {state}", _LEFT)
    if failed := counts.get("failed", 0):
        what = f"{_mails(failed)} failed for good"
        yield Failure(f"{issue.name}: {what}; see them with: publisher status {issue.name} --state failed", _LEFT)
    if issue.state == "expired":
        # Whoever left, or was erased, meanwhile was skipped, too, and misses nothing.
        late = sum(mails for reason, mails in skipped.items() if reason.startswith(issue.state))
        what = f"{_mails(late)} could not be delivered in time and will not be"
        yield Failure(f"{issue.name}: {what}; see them with: publisher status {issue.name} --state skipped", _LEFT)
    if issue.state == "sending" and issue.open > doubtful:
        # The relay cannot take them yet and will be asked again: nobody has to do anything.
        yield Failure("", _LEFT)


def _mails(number: int) -> str:
    return "1 mail" if number == 1 else f"{number:,} mails"


def _many(dates: int) -> str:
    return "1 date" if dates == 1 else f"{dates:,} dates"


def _memory(newsletter: NewsletterSettings) -> str:
    return f"settled:{newsletter.name}"


def _last(said: str | None, mark: str | None) -> Reading | None:
    """Return the clock of the last run; where there was none, of the last time that somebody sent."""
    try:
        if said:
            return read_reading(said)
    except ValueError:
        pass
    return Reading(datetime.fromisoformat(mark)) if mark else None
