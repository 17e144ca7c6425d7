"""What all commands share: the clock, the publication, talk on standard error, and the way to an exit status."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from publisher.cli.stopping import interruptible
from publisher.errors import Problem, PublisherError, Severity, SurroundingsError, UsageError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from publisher.check import Finding
    from publisher.publication import Publication

T = TypeVar("T")

#: How many notes are told to somebody who did not ask for all of them.
_NOTES = 10
# Later, there is no room for what is reckoned from it.
_LAST_YEAR = 9990
_UNPRINTABLE = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff]")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


class Program(click.Group):
    """The one place where expected failures become one message and an exit status; a bug keeps its traceback."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the program."""
        _open_streams()
        return super().main(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        with interruptible():
            try:
                return super().invoke(ctx)
            except PublisherError as error:
                _fail(error)
            except BrokenPipeError:
                raise
            except OSError as error:
                place = f"{error.filename}: " if error.filename else ""
                _fail(SurroundingsError(f"{place}{error.strerror or error}"))

    def list_commands(self, _context: click.Context) -> list[str]:
        """Keep the order in which one meets the commands."""
        return list(self.commands)


def _open_streams() -> None:
    """Open what whoever started the program has closed: the next file, a database perhaps, would get its number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "r" if number == 0 else "w", encoding="utf-8", closefd=False))  # noqa: SIM115 # as long as the program


def _fail(error: PublisherError) -> None:
    click.echo(_coloured("publisher: ", "red") + "\n".join(map(printable, str(error).split("\n"))), err=True)
    raise SystemExit(error.exit_status)


def read_clock(as_of: str | None) -> datetime:
    """Read the clock, once: `--as-of`, else SOURCE_DATE_EPOCH, else the present."""
    if as_of is not None:
        return _rfc3339(as_of)
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch is None:
        return datetime.now(UTC)
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(f"SOURCE_DATE_EPOCH is no number of seconds since 1970: {epoch}") from None


def _rfc3339(text: str) -> datetime:
    try:
        if _RFC3339.fullmatch(text) and (moment := datetime.fromisoformat(text).astimezone(UTC)).year <= _LAST_YEAR:
            return moment
    except (ValueError, OverflowError):
        pass  # a day or an hour that does not exist
    message = f"{text} is no RFC 3339 time with a zone, such as 2026-11-22T08:00:00Z"
    raise click.BadParameter(message, param_hint="--as-of")


@dataclass(frozen=True, slots=True)
class Session:
    """One invocation."""

    folder: Path | None
    now: datetime
    quiet: bool
    verbose: bool

    def publication(self) -> "Publication":
        """Open the publication that is meant."""
        from publisher.publication import Publication

        return Publication.load(self.place())

    def place(self) -> Path:
        """Return the folder of the publication that is meant."""
        from publisher.config.location import find_publication

        return self.folder if self.folder is not None else find_publication(Path.cwd())

    def moment(self, text: str | None, zone: "ZoneInfo", option: str) -> datetime | None:
        """Read a date or time that an option gives; without a zone it is in the publication's."""
        if text is None:
            return None
        from publisher.sources.dates import moment

        try:
            return moment(text, zone)
        except ValueError as error:
            raise click.BadParameter(f"{text} {error}", param_hint=option) from None

    def say(self, text: str) -> None:
        """Talk on standard error, unless asked to be quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def mention(self, text: str) -> None:
        """Talk to somebody who watches: on a terminal, or when asked to say more. Cron hears nothing."""
        if self.verbose or _watched():
            self.say(text)

    def watch(self, items: Iterable[T], label: str) -> Iterator[T]:
        """Show a progress bar on a terminal, for work that takes long enough to see it."""
        if self.quiet or not _watched():
            yield from items
            return
        with click.progressbar(items, label=label, file=sys.stderr) as bar:
            yield from bar

    def report(self, problems: Sequence[Problem], consequence: str, findings: "Sequence[Finding]" = ()) -> None:
        """Name every error, and some notes to somebody who watches; end with status 1 if there is an error.

        Args:
            problems: of the publication's files.
            consequence: what happened in spite of them, a clause without a full stop.
            findings: of a check.
        """
        said = [(problem.severity, printable(str(problem))) for problem in problems]
        said += [(finding.problem.severity, told(finding)) for finding in findings]
        errors = [words for severity, words in said if severity is Severity.ERROR]
        notes = [words for severity, words in said if severity is Severity.NOTE]
        if errors or self.verbose or (_watched() and not self.quiet):
            shown = notes if self.verbose else notes[:_NOTES]
            for note in shown:
                click.echo(f"{_coloured('note: ', 'yellow')}{note}", err=True)
            if len(shown) < len(notes):
                click.echo(f"and {count(len(notes) - len(shown), 'note')} more; see them with: publisher -v", err=True)
        for error in errors:
            click.echo(f"{_coloured('error: ', 'red')}{error}", err=True)
        if errors:
            click.echo(f"publisher: {count(len(errors), 'error')}; {consequence}", err=True)
            raise SystemExit(1)


def told(finding: "Finding") -> str:
    """Return a finding in words, with its rule and its article; the messages themselves name the mail programs."""
    where = f' in "{finding.article}"' if finding.article else ""
    return printable(f"{finding.problem} [{finding.rule}]{where}")


def printable(text: str) -> str:
    """Return text that no terminal takes for a command and that any stream can encode.

    Control characters, lone surrogates and marks that turn the direction of writing become `\\u001b` and the like, which
    JSON reads as what they were.
    """
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def expect_name(_context: click.Context, parameter: click.Parameter, value: str) -> str:
    """Refuse an empty name: a script's variable that nobody set."""
    if not value.strip(" /"):
        what = parameter.human_readable_name
        kind = "a newsletter, such as weekly" if what == "NEWSLETTER" else "an issue, such as weekly or weekly/2026-W48"
        raise UsageError(f"{what} is empty; name {kind}")
    return value


def on_one_line(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Write control characters within addresses as `\\u000a`: no address has one, and messages stay on one line."""
    return tuple(printable(value.strip()) for value in values)


def from_here(path: Path) -> str:
    """Return a path as somebody in the current folder would type it."""
    whole, here = path.resolve(), Path.cwd().resolve()
    return str(whole.relative_to(here) if whole.is_relative_to(here) else whole)


def _watched() -> bool:
    return sys.stderr.isatty()


def _coloured(text: str, colour: str) -> str:
    """Colour text unless the environment asks for none (https://no-color.org/)."""
    return text if os.environ.get("NO_COLOR") else click.style(text, fg=colour, bold=True)


def count(number: int, noun: str) -> str:
    """Return `1 note` or `2 notes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
