"""The command line: parse, call, print. Only click is imported here; each command imports what it needs."""

import gc
from pathlib import Path

import click

from publisher.cli.audience import subscribers
from publisher.cli.authoring import import_articles, init, new
from publisher.cli.bounces import bounces
from publisher.cli.doctor import doctor
from publisher.cli.making import articles, build, issue
from publisher.cli.previewing import preview
from publisher.cli.proving import check
from publisher.cli.running import run, schedule
from publisher.cli.sending import plan, send
from publisher.cli.serving import snippets
from publisher.cli.session import Program, Session, read_clock
from publisher.cli.standing import status
from publisher.cli.web import web


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-C",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The publication's folder. Default: the nearest parent that holds publisher.toml.",
)
@click.option(
    "--as-of",
    metavar="TIME",
    help="Sets the clock, as RFC 3339 (2026-11-22T08:00:00Z). SOURCE_DATE_EPOCH is honoured where it is absent.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("-v", "--verbose", is_flag=True, help="Say more.")
@click.version_option(package_name="publisher-feeds", prog_name="publisher")
@click.pass_context
def main(context: click.Context, folder: Path | None, as_of: str | None, quiet: bool, verbose: bool) -> None:
    """Turn articles into Atom, RSS and JSON feeds and into email newsletters.

    \b
    Example:
      publisher init field-notes
      cd field-notes
      publisher build
      publisher issue weekly
    """
    if quiet and verbose:
        raise click.UsageError("choose one of -q and -v")
    # Looking for cycles among tens of thousands of articles costs a fifth of a build and frees nothing.
    gc.disable()
    context.obj = Session(folder, read_clock(as_of), quiet=quiet, verbose=verbose)


for command in (
    init,
    new,
    import_articles,
    articles,
    build,
    issue,
    check,
    preview,
    subscribers,
    plan,
    send,
    run,
    status,
    bounces,
    schedule,
    doctor,
    web,
    snippets,
):
    main.add_command(command)
