"""subscribers: add, list, remove, erase; import and export are in audience_files."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from publisher.cli.audience_files import export_subscribers, import_subscribers
from publisher.cli.session import Program, Session, count, from_here, on_one_line, printable

if TYPE_CHECKING:
    from publisher.audience.subscriptions import Subscription

_STATUSES = ("pending", "confirmed", "unsubscribed", "bounced", "complained", "suppressed")
_CADENCES = ("every", "weekly", "monthly")


@click.group(cls=Program)
def subscribers() -> None:
    """Add, list, import, export, remove and erase the people who read the newsletters.

    \b
    Example:
      publisher subscribers add ann@reader.example
      publisher subscribers list
    """


@subscribers.command()
@click.argument("addresses", metavar="ADDRESS…", nargs=-1, required=True, callback=on_one_line)
@click.option("--newsletter", metavar="NAME", help="Which one; needed where there are several.")
@click.option("--name", metavar="TEXT", default="", help="The person's name.")
@click.option("--pending", is_flag=True, help="They have not agreed yet: nothing is sent until they confirm.")
@click.option("--language", metavar="LANGUAGE", default="", help="Such as de or pt-BR; else the newsletter's own.")
@click.option("--cadence", type=click.Choice(_CADENCES), default="every", help="How often, at most.", show_default=True)
@click.option("--tag", metavar="TAG", multiple=True, help="Only articles with this tag; may be given several times.")
@click.option("--again", is_flag=True, help="They left or bounced, and asked you to come back.")
@click.pass_obj
def add(
    session: Session,
    addresses: tuple[str, ...],
    newsletter: str | None,
    name: str,
    pending: bool,
    language: str,
    cadence: str,
    tag: tuple[str, ...],
    again: bool,
) -> None:
    """Subscribe people who told you that they want it.

    All of them are added, or none where one cannot be. Who is subscribed already stays as they are.

    \b
    Example:
      publisher subscribers add ann@reader.example --name "Ann Example"
      publisher subscribers add bob@reader.example eve@reader.example --newsletter weekly
    """
    from publisher.audience.status import Cadence, Status

    done = session.publication().subscribers.add(
        addresses,
        session.now,
        newsletter=newsletter,
        name=name,
        status=Status.PENDING if pending else Status.CONFIRMED,
        language=language,
        cadence=Cadence(cadence),
        tags=tag,
        again=again,
    )
    for one in done:
        if not one.changed:
            session.say(f"{printable(one.subscription.address)} is subscribed already and stays as they are")
    session.mention(f"{count(sum(one.changed for one in done), 'subscription')} added")


subscribers.add_command(import_subscribers)
subscribers.add_command(export_subscribers)


@subscribers.command("list")
@click.option("--newsletter", metavar="NAME", help="Only of this newsletter.")
@click.option("--status", type=click.Choice(_STATUSES), help="Only those that are this.")
@click.option("--domain", metavar="DOMAIN", help="Only with an address there, such as reader.example, or below.")
@click.option("--tag", metavar="TAG", help="Only of people with this tag of interest.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_obj
def list_subscribers(
    session: Session, newsletter: str | None, status: str | None, domain: str | None, tag: str | None, as_json: bool
) -> None:
    """List subscriptions: status, newsletter, address and name, in the order in which they came.

    \b
    Example:
      publisher subscribers list --status confirmed
      publisher subscribers list --domain reader.example --json
    """
    from publisher.audience.status import Status

    found = session.publication().subscribers.list(
        newsletter=newsletter, status=Status(status) if status else None, domain=domain, tag=tag
    )
    if as_json:
        # Piece by piece: there may be a million of them.
        lead = '{"subscriptions": [\n'
        for one in found:
            click.echo(lead + json.dumps(_document(one), ensure_ascii=False), nl=False)
            lead = ",\n"
        click.echo("\n]}" if lead.startswith(",") else '{"subscriptions": []}')
        return
    for one in found:
        name = f"  ({one.name})" if one.name else ""
        click.echo(printable(f"{one.status.value:12}  {one.newsletter}  {one.address}{name}"))


def _document(one: "Subscription") -> dict[str, Any]:
    from publisher.markup.dates import rfc3339

    def moment(value: datetime | None) -> str | None:
        return None if value is None else rfc3339(value)

    return {
        "id": one.id,
        "newsletter": one.newsletter,
        "address": one.address,
        "name": one.name,
        "status": one.status.value,
        "language": one.language,
        "cadence": one.cadence.value,
        "tags": one.tags,
        "consent_at": moment(one.consent_at),
        "consent_source": one.consent_source,
        "created_at": moment(one.created_at),
        "changed_at": moment(one.changed_at),
        "reason": one.reason,
    }


@subscribers.command()
@click.argument("addresses", metavar="ADDRESS…", nargs=-1, required=True, callback=on_one_line)
@click.option("--newsletter", metavar="NAME", help="Only from this newsletter; from all where absent.")
@click.option("-n", "--dry-run", is_flag=True, help="Remove nothing; print how many subscriptions would go.")
@click.pass_obj
def remove(session: Session, addresses: tuple[str, ...], newsletter: str | None, dry_run: bool) -> None:
    """Remove people; they may be added or imported again.

    For somebody who asks you to forget them, use `erase`.

    \b
    Example:
      publisher subscribers remove ann@reader.example
    """
    gone = session.publication().subscribers.remove(addresses, newsletter=newsletter, dry_run=dry_run)
    if dry_run:
        click.echo(f"would remove {count(gone, 'subscription')}")
    else:
        session.mention(f"{count(gone, 'subscription')} removed")


@subscribers.command()
@click.argument("addresses", metavar="ADDRESS…", nargs=-1, required=True, callback=on_one_line)
@click.option("-n", "--dry-run", is_flag=True, help="Erase nothing; print what there is of each address.")
@click.pass_obj
def erase(session: Session, addresses: tuple[str, ...], dry_run: bool) -> None:
    """Erase people for good: no byte of their address is left, and no import brings them back.

    What stays is a keyed hash of the address, by which it is known if somebody gives it again.

    \b
    Example:
      publisher subscribers erase ann@reader.example
    """
    for one in session.publication().subscribers.erase(addresses, session.now, dry_run=dry_run):
        words = f"{count(one.subscriptions, 'subscription')} and {count(one.deliveries, 'line')} of the ledger"
        if dry_run:
            click.echo(f"would erase {words}")
        else:
            session.mention(f"erased {words}")
        for backup in one.backups:
            session.say(f"{from_here(backup)}: this backup had the address, too, and was deleted")
