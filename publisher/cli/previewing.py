"""preview: the pages of the web room, on a port of this machine, until Ctrl-C."""

import gc

import click

from publisher.cli.session import Session, from_here, read_clock
from publisher.errors import SurroundingsError

PORT = 8010
_EXTRA = ("starlette", "uvicorn", "watchfiles", "anyio")


@click.command()
@click.argument("newsletter", required=False)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=PORT,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes any that is free.",
)
@click.option("--open/--no-open", "opens", default=False, help="Open the page in the browser.  [default: no-open]")
@click.pass_context
def preview(context: click.Context, newsletter: str | None, port: int, opens: bool) -> None:
    """Show the feeds and the next issue of each newsletter in the browser, anew at each save.

    An issue is shown as desktop, phone, dark, without images, as text and as source, with what check says of it.
    Nothing is written, and only this machine is answered. Prints the address; Ctrl-C ends it.

    It needs more packages: pip install "publisher-feeds[preview]"

    \b
    Example:
      publisher preview
      publisher preview weekly --port 8020 --open
    """
    session: Session = context.obj
    publication = session.publication()
    if newsletter is not None:
        publication.settings.newsletter(newsletter)  # no page is served of one that does not exist
    try:
        from publisher.web.preview.serving import serve
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        message = f'{error.name} is missing, which the preview needs: pip install "publisher-feeds[preview]"'
        raise SurroundingsError(message) from error
    # It runs for hours; what is forgotten must not fill the memory.
    gc.enable()
    as_of: str | None = context.find_root().params["as_of"]

    def ready(address: str) -> None:
        page = f"{address}newsletters/{newsletter}" if newsletter else address
        click.echo(page)
        session.say(f"Showing {from_here(publication.folder)}; the page follows each save. Ctrl-C ends it.")
        if opens:
            _open(page)

    serve(publication.folder, lambda: read_clock(as_of), port=port, ready=ready, say=session.say)


def _open(page: str) -> None:
    """Open a page in the browser; some browsers, those of terminals above all, only return when they are closed."""
    import webbrowser
    from threading import Thread

    Thread(target=webbrowser.open, args=(page,), daemon=True).start()
