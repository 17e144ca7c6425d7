"""init, new, import."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher.cli.session import Session, from_here

if TYPE_CHECKING:
    from publisher.publication import Publication
    from publisher.publication.importing import ImportReport


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--title", help="Title of the publication. Default: the folder's name.")
@click.option("--url", help="Address of its web site. Default: a sample address.")
@click.pass_obj
def init(session: Session, folder: Path, title: str | None, url: str | None) -> None:
    """Make a new publication that builds at once.

    \b
    Example:
      publisher init field-notes --title "Field Notes" --url https://notes.example/
      cd field-notes
      publisher build
    """
    from publisher.publication import Publication

    Publication.init(folder, session.now, title=title, url=url)
    click.echo(folder)
    session.mention(f"Next: cd {shlex.quote(str(folder))}; publisher build; publisher issue weekly")


@click.command()
@click.argument("title")
@click.pass_obj
def new(session: Session, title: str) -> None:
    """Write a new draft with its metadata and print its file.

    Take the line `draft: true` out when it is ready.

    \b
    Example:
      publisher new "First light"
    """
    publication = session.publication()
    click.echo(from_here(publication.folder / publication.new(title, session.now)))


@click.command("import")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--published", metavar="DATE", help="Date or time of publication, whatever the files say.")
@click.option("--author", "authors", metavar="NAME", multiple=True, help="Author; may be given several times.")
@click.option("--title", help="Title, for a single article.")
@click.option("--tag", "tags", metavar="TAG", multiple=True, help="Tag; may be given several times.")
@click.option("--overwrite", is_flag=True, help="Replace files in the articles that say something else.")
@click.option("-n", "--dry-run", is_flag=True, help="Write nothing; print which files would be written.")
@click.pass_obj
def import_articles(
    session: Session,
    paths: tuple[Path, ...],
    published: str | None,
    authors: tuple[str, ...],
    title: str | None,
    tags: tuple[str, ...],
    overwrite: bool,
    dry_run: bool,
) -> None:
    """Turn articles of any known format into Markdown articles and print their files.

    Formats: Markdown, HTML, plain text, JSON and NDJSON; folders are searched for them. Importing the same again
    changes nothing. Images that lie beside a file are not copied.

    \b
    Example:
      publisher import story.txt --published 2026-01-31 --author "Ada Example"
      publisher import ../old-blog/posts --dry-run
    """
    from publisher.publication.importing import Overrides

    publication = session.publication()
    moment = session.moment(published, publication.settings.zone, "--published")
    report = publication.import_(
        paths,
        Overrides(moment, authors, title, tags),
        overwrite=overwrite,
        dry_run=dry_run,
        watch=session.watch,
    )
    _print_imported(session, publication, report, dry_run=dry_run)


def _print_imported(session: Session, publication: "Publication", report: "ImportReport", *, dry_run: bool) -> None:
    for imported in report.articles:
        click.echo(from_here(publication.folder / imported.path))
    changed = sum(imported.changed for imported in report.articles)
    would = "would be " if dry_run else ""
    session.mention(f"{changed} {would}written, {len(report.articles) - changed} unchanged")
    session.report(report.problems, f"{len(report.articles)} {would}imported")
