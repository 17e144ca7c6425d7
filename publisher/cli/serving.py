"""snippets."""

from typing import TYPE_CHECKING

import click

from publisher.cli.session import Session

if TYPE_CHECKING:
    from publisher.feeds.snippets import Kind


@click.command()
@click.argument("kind", type=click.Choice(["html", "nginx", "apache", "caddy", "headers"]))
@click.argument("feed", required=False)
@click.pass_obj
def snippets(session: Session, kind: "Kind", feed: str | None) -> None:
    """Print text for a web site or its server, so that feeds are found and served well.

    html: <link> elements for the head of the site's pages, by which browsers and feed readers find the feeds; with
    FEED, those of that feed alone. nginx, apache, caddy: settings for the server of the feeds. headers: the file
    _headers of Netlify and Cloudflare Pages.

    \b
    Example:
      publisher snippets html
      publisher snippets html tags/birds
      publisher snippets nginx > feeds.conf
    """
    click.echo(session.publication().snippets(kind, session.now, feed=feed), nl=False)
