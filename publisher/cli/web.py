"""web: the public pages, until the process is told to stop."""

import gc

import click

from publisher.cli.session import Session, read_clock
from publisher.errors import SurroundingsError

PORT = 8026
_EXTRA = ("starlette", "uvicorn", "python_multipart", "anyio")


def _networks(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    from ipaddress import ip_network

    for value in values:
        try:
            ip_network(value)
        except ValueError:
            raise click.BadParameter(f"{value} is no IP address or network, such as 127.0.0.1 or 10.0.0.0/8") from None
    return values


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of this machine to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=PORT, show_default=True, help="Port there; 0 takes a free one."
)
@click.option(
    "--root-path", metavar="PATH", help="Below which path requests come here; that of [web] url where absent."
)
@click.option(
    "--proxy",
    "proxies",
    metavar="ADDRESS",
    multiple=True,
    callback=_networks,
    help="A reverse proxy whose X-Forwarded-For is believed; repeat it for several.",
)
@click.pass_context
def web(context: click.Context, host: str, port: int, root_path: str | None, proxies: tuple[str, ...]) -> None:
    """Serve the public pages: subscribe, confirm, unsubscribe, preferences.

    It speaks plain HTTP: put a web server with a certificate in front of it, as docs/web.md shows. Mails that ask for a
    confirmation leave by [delivery]; those that cannot leave yet wait, and `publisher run` sends them, too. Prints the
    address; Ctrl-C ends it.

    It needs more packages: pip install "publisher-feeds[web]"

    \b
    Example:
      publisher web
      publisher web --port 8030 --proxy 127.0.0.1
    """
    session: Session = context.obj
    publication = session.publication()
    try:
        from publisher.web.pages.serving import serve
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        message = f'{error.name} is missing, which the public pages need: pip install "publisher-feeds[web]"'
        raise SurroundingsError(message) from error
    from urllib.parse import urlsplit

    from publisher.publication.folders import TEMPLATES_FOLDER
    from publisher.templating import Templates

    # It runs for months; what is forgotten must not fill the memory.
    gc.enable()
    as_of: str | None = context.find_root().params["as_of"]

    def ready(address: str) -> None:
        click.echo(f"{address}{below}")
        session.mention("Serving the public pages. Ctrl-C ends it.")

    with publication.outbox() as outbox:
        pages = outbox.settings.web
        path = urlsplit(pages.url).path if pages and root_path is None else root_path or ""
        below = f"{path.strip('/')}/".lstrip("/")
        serve(
            outbox,
            Templates(publication.folder / TEMPLATES_FOLDER),
            lambda: read_clock(as_of),
            host=host,
            port=port,
            root=root_path,
            proxies=proxies,
            ready=ready,
            say=lambda text: click.echo(f"publisher: {text}", err=True),
        )
