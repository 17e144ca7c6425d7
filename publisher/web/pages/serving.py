"""Serving the public pages, and sending the letters that they ask for."""

import errno
from asyncio import TimerHandle, Transport
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from threading import Event, Thread
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from publisher.errors import PublisherError, SurroundingsError
from publisher.publication.asking import Outbox
from publisher.templating import Templates
from publisher.web.pages.app import Guarded, pages_app
from publisher.web.pages.desk import Desk

#: So often the outbox is looked into where nobody asked for a letter, in seconds: some are to be tried again.
_EVERY = 60
#: Connections, beyond which those that say nothing make room for others; and, of those that do, beyond which all get 503.
_MOST_WAITING, _MOST_AT_ONCE = 200, 400
#: For how long the head of a request may take to come, in seconds. Bodies: publisher.web.pages.forms.
_PATIENCE = 10


def serve(
    outbox: Outbox,
    templates: Templates,
    clock: Callable[[], datetime],
    *,
    host: str,
    port: int,
    root: str | None,
    proxies: Iterable[str],
    ready: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    """Serve the public pages of a publication until the process is told to stop.

    Args:
        outbox: of the publication, whose database and settings the pages use, too.
        templates: the publication's own before the shipped ones.
        clock: tells the present, aware.
        host: an address of this machine.
        port: there; 0 takes any that is free.
        root: below which path requests come; that of [web] url where None.
        proxies: addresses of proxies whose word about who asks is taken.
        ready: is called with the address once browsers can ask for it.
        say: is told what the operator should know.

    Raises:
        SurroundingsError: the port is taken or refused.
    """
    wanted = Event()
    desk = Desk(outbox.settings, outbox.store, outbox.keys, templates, clock, wanted.set)
    app = pages_app(desk, root, lambda error: say(str(error)))
    with _listening(host, port) as listener, _postman(outbox, clock, wanted, say):
        shown = f"[{host}]" if ":" in host else host
        ready(f"http://{shown}:{listener.getsockname()[1]}/")
        server_of(app, proxies).run(sockets=[listener])


def server_of(app: Guarded, proxies: Iterable[str]) -> uvicorn.Server:
    """Return what serves an application.

    Args:
        app: answers requests.
        proxies: addresses of proxies whose word about who asks is taken.
    """
    trusted = list(proxies)
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=_Patient,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # addresses of pages are keys to subscriptions
        server_header=False,
        proxy_headers=bool(trusted),
        forwarded_allow_ips=trusted,
        limit_concurrency=_MOST_AT_ONCE,
        backlog=100,  # so many are taken at once, before any of them makes room
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
    )
    return _Server(config)


class _Patient(H11Protocol):
    """A connection that ends where no request comes in time: uvicorn itself waits for ever for the first one."""

    #: Closes it where nothing comes.
    end: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Wait for a request; with too many connections, the one that has waited longest ends."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > _MOST_WAITING:
            waiting = [
                (one.end.when(), id(one), one) for one in self.connections if isinstance(one, _Patient) and one.end
            ]
            min(waiting)[2].give_up()

    def data_received(self, data: bytes) -> None:
        """Take a piece of a request; more pieces of its head give it no more time."""
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._rest()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._rest()
        elif self.end is None:
            self.end = self.loop.call_later(_PATIENCE, self.give_up)

    def _rest(self) -> None:
        if self.end is not None:
            self.end.cancel()
            self.end = None

    def give_up(self) -> None:
        """Close it."""
        self._rest()
        self.transport.close()


class _Server(uvicorn.Server):
    """Ends in good order at SIGTERM and SIGINT: a letter on its way is not cut off."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 # as uvicorn calls it
        """Take no more requests, then end."""
        self.should_exit = True


@contextmanager
def _postman(
    outbox: Outbox, clock: Callable[[], datetime], wanted: Event, say: Callable[[str], None]
) -> Iterator[None]:
    """Send letters in a thread as they are asked for; what is left at the end waits in the database."""
    ended = Event()

    def work() -> None:
        told = ""
        while not ended.is_set():
            wanted.clear()
            try:
                outbox.send(clock)
                told = ""
            except PublisherError as error:
                if str(error) != told:
                    say(told := str(error))
                ended.wait(_EVERY)
            except Exception as error:  # noqa: BLE001 # whatever it is, letters leave again once it is over
                what = f"letters that ask for a confirmation cannot leave now: {type(error).__name__}: {error}"
                if what != told:
                    say(told := what)
                ended.wait(_EVERY)
            wanted.wait(_EVERY)

    thread = Thread(target=work, name="letters", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        wanted.set()
        thread.join(timeout=30)


def _listening(host: str, port: int) -> socket:
    listener = socket(AF_INET6 if ":" in host else AF_INET, SOCK_STREAM)
    try:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        taken = error.errno == errno.EADDRINUSE
        why = "is taken" if taken else f"is refused: {error.strerror or error}"
        raise SurroundingsError(f"port {port} of {host} {why}; choose another one with --port") from error
    return listener
