"""articles, build, issue."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from publisher.cli.session import Session, expect_name, from_here

if TYPE_CHECKING:
    from publisher.article import Article
    from publisher.catalogue import Catalogue
    from publisher.catalogue.lock import Promise
    from publisher.check import Finding
    from publisher.publication import Publication
    from publisher.publication.issuing import IssueReport
    from publisher.publication.report import BuildReport


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def articles(session: Session, as_json: bool) -> None:
    """List what is published, scheduled, draft and withdrawn.

    \b
    Example:
      publisher articles
      publisher --as-of 2027-01-01T00:00:00Z articles --json
    """
    catalogue = session.publication().articles(session.now, texts=as_json, watch=session.watch)
    if as_json:
        click.echo(json.dumps(_document(catalogue), ensure_ascii=False, indent=2))
    else:
        for state, article in _states(catalogue):
            _print_line(state, article)
        for promise in catalogue.withdrawn:
            _print_line("withdrawn", promise)
    session.report(catalogue.problems, "the articles above were read all the same")


def _print_line(state: str, listed: "Article | Promise") -> None:
    day = f"{listed.published:%Y-%m-%d}" if listed.published else "-" * 10
    click.echo(f"{state:9}  {day}  {listed.title}  ({listed.path})")


def _states(catalogue: "Catalogue") -> "list[tuple[str, Article]]":
    groups = (("draft", catalogue.drafts), ("scheduled", catalogue.scheduled), ("published", catalogue.articles))
    return [(state, article) for state, group in groups for article in group]


def _document(catalogue: "Catalogue") -> dict[str, Any]:
    from publisher.catalogue.record import to_record
    from publisher.markup.dates import rfc3339

    return {
        "articles": [
            *({"state": state, **to_record(article)} for state, article in _states(catalogue)),
            *(
                {
                    "state": "withdrawn",
                    "id": p.id,
                    "title": p.title,
                    "date_published": rfc3339(p.published),
                    "path": p.path,
                }
                for p in catalogue.withdrawn
            ),
        ],
        "problems": [
            {"path": p.path, "line": p.line, "severity": p.severity.value, "message": p.message, "cure": p.cure}
            for p in catalogue.problems
        ],
    }


@click.command()
@click.option(
    "-n", "--dry-run", is_flag=True, help="Write nothing; print what readers would see and which files would change."
)
@click.option(
    "--withdraw",
    metavar="FILE",
    multiple=True,
    help="Confirm that a published article (its file, folder or id) is gone for good; `all` for all that are gone.",
)
@click.option("--force", is_flag=True, help="Let articles take the new ids their files say: readers see them as new.")
@click.pass_obj
def build(session: Session, dry_run: bool, withdraw: tuple[str, ...], force: bool) -> None:
    """Write the feeds of all that is published.

    Files that do not change keep their bytes and their time. An article that cannot be read is named, the others are
    built, and what readers had of it stays.

    A dry run names articles that are new, updated (with a new time of update), silent (changed without one) and
    vanished, and then the files.

    \b
    Example:
      publisher build
      publisher build --dry-run
    """
    from publisher.publication.standing import standing_report

    known = None if withdraw or force else standing_report(session.place(), session.now)
    report = known or session.publication().build(
        session.now, withdraw=withdraw, force=force, dry_run=dry_run, watch=session.watch
    )
    if dry_run:
        for change in report.changes:
            click.echo(f"{change.kind.value:10}  {change.title}  ({change.path})")
        for verb, names in (("write", report.written), ("remove", report.removed)):
            for name in names:
                click.echo(f"{verb:10}  {name}")
    session.mention(_summary(report, dry_run=dry_run))
    session.report(report.problems, "all other articles were built, and what readers had of these stays")


def _summary(report: "BuildReport", *, dry_run: bool) -> str:
    would = "would be " if dry_run else ""
    return (
        f"{report.articles} published; {len(report.written)} files {would}written, "
        f"{len(report.unchanged)} unchanged, {len(report.removed)} {would}removed"
    )


@click.command()
@click.argument("newsletter", callback=expect_name)
@click.option("--since", metavar="DATE", help="Take articles from this date or time on.")
@click.option("--only", metavar="ID", multiple=True, help="Take just this article; may be given several times.")
@click.option(
    "--subject", metavar="TEXT", help="The subject in your own words; an empty one brings the usual one back."
)
@click.option("--preheader", metavar="TEXT", help="What inboxes show after the subject, in your own words.")
@click.option("--screenshots", is_flag=True, help="Take pictures of the issue with Chromium, into its folder.")
@click.option("-n", "--dry-run", is_flag=True, help="Write nothing; print what the issue would hold.")
@click.pass_obj
def issue(
    session: Session,
    newsletter: str,
    since: str | None,
    only: tuple[str, ...],
    subject: str | None,
    preheader: str | None,
    screenshots: bool,
    dry_run: bool,
) -> None:
    """Make the bundle of a newsletter's next issue and print its folder.

    The issue holds the articles that were in no issue of this newsletter yet; the first issue takes those of its period
    and of the one before. Making the same period again replaces the bundle until it is sent. An issue in which
    `publisher check` finds an error is not written, and the bundle that was there stays.

    \b
    Example:
      publisher issue weekly
      publisher issue weekly --since 2026-11-01 --dry-run
    """
    if screenshots and dry_run:
        raise click.UsageError("choose one of --screenshots and --dry-run: pictures are taken of what was written")
    publication = session.publication()
    start = session.moment(since, publication.settings.zone, "--since")
    report = publication.issue(
        newsletter,
        session.now,
        since=start,
        only=only,
        subject=subject,
        preheader=preheader,
        dry_run=dry_run,
        watch=session.watch,
    )
    _print_issue(session, publication, newsletter, report, dry_run=dry_run)
    if screenshots and report.issue and not report.blocked:
        _take_screenshots(session, publication, report)
    consequence = "all other articles were considered, and so was what readers had of these"
    if report.blocked:
        consequence = f"the issue was not made; what was there stays; see it with: publisher preview {newsletter}"
    session.report(report.problems, consequence, _findings(report, there=not (dry_run or report.blocked)))


def _findings(report: "IssueReport", *, there: bool) -> "list[Finding]":
    """Return what the check found; of an issue that is not there, with the names of its files alone."""
    if there:
        return list(report.findings)
    return [
        replace(finding, problem=replace(finding.problem, path=finding.problem.path.removeprefix(f"{report.folder}/")))
        for finding in report.findings
    ]


def _print_issue(
    session: Session, publication: "Publication", newsletter: str, report: "IssueReport", *, dry_run: bool
) -> None:
    if report.issue is None:
        session.say(f"Nothing new for {newsletter}: no issue was made.")
        return
    if dry_run or not report.blocked:
        click.echo(from_here(publication.folder / report.folder))
    lines = [report.issue.subject, *(f"- {article.title}" for article in report.issue.articles)]
    (click.echo if dry_run else session.mention)("\n".join(lines))


def _take_screenshots(session: Session, publication: "Publication", report: "IssueReport") -> None:
    """Take pictures of a bundle that was made; where that fails, the bundle is none the worse, and so is the status."""
    taken = publication.screenshots(report.folder)
    for name in taken.files:
        session.mention(from_here(publication.folder / report.folder / name))
    if taken.problem:
        session.say(f"note: {taken.problem}")
